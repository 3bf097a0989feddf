//! What is due when: attempts of replication and ends of timed faults, in the order of time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::fault::Fault;
use super::ledger::LegId;
use super::moment::Moment;

/// Something that happens by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    /// A timed fault may have reached its end. First, so that what is due at the same instant happens without it.
    FaultEnds(Fault, String, Option<String>),
    /// S3 tries to replicate.
    Attempt(LegId),
    /// The threshold of Replication Time Control comes for a version.
    Threshold(LegId),
    /// The configuration of a bucket has changed, and rules may have lost their metrics.
    Untracked(String),
    /// A message of S3's reaches a queue.
    Delivery(String, String),
}

/// All events to come.
#[derive(Clone, Debug, Default)]
pub(super) struct Agenda {
    heap: BinaryHeap<Reverse<(Moment, Event)>>,
}

impl Agenda {
    pub(super) fn add(&mut self, at: Moment, event: Event) {
        self.heap.push(Reverse((at, event)));
    }

    /// The next event before `limit`.
    pub(super) fn take_before(&mut self, limit: Moment) -> Option<(Moment, Event)> {
        if self.heap.peek()?.0.0 >= limit {
            return None;
        }
        self.heap.pop().map(|Reverse(next)| next)
    }
}
