//! What events have told of a destination: how many of the user's objects failed and why, and the newest of them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::reason::FailureReason;
use super::{EventObservation, ReplicationEvent};
use crate::domain::time::UnixMillis;

/// The most events that are kept a destination.
pub const RECENT_MAX: usize = 20;

/// What events have told of the user's objects on their way to a destination, since the start.
#[derive(Debug, Clone, Default)]
pub struct EventTally {
    failures: BTreeMap<FailureReason, u64>,
    recent: VecDeque<Recent>,
}

/// One event, and when it happened, or else was received.
#[derive(Debug, Clone)]
pub struct Recent {
    /// When.
    pub at: UnixMillis,
    /// The event.
    pub event: Arc<ReplicationEvent>,
}

impl EventTally {
    /// Counts an event about an object of the user's.
    pub fn count(&mut self, observation: &EventObservation) {
        let event = &observation.event;
        if let Some(failure) = event.kind.failure() {
            let count = self.failures.entry(failure.reason).or_default();
            *count = count.saturating_add(1);
        }
        let at = event.at.unwrap_or(observation.at.wall);
        let place = self.recent.partition_point(|each| each.at > at);
        if place < RECENT_MAX {
            self.recent.insert(place, Recent { at, event: Arc::clone(event) });
            self.recent.truncate(RECENT_MAX);
        }
    }

    /// How many objects failed, by reason.
    pub fn failures(&self) -> impl ExactSizeIterator<Item = (FailureReason, u64)> {
        self.failures.iter().map(|(reason, count)| (*reason, *count))
    }

    /// How many objects failed.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.failures.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// The newest events, newest first; at most [`RECENT_MAX`].
    pub fn recent(&self) -> impl Iterator<Item = &Recent> {
        self.recent.iter()
    }
}
