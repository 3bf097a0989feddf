//! Where lag is bounded and lateness decided: the write, pinned between two instants, and what follows from polls.

use std::time::Duration;

use super::report::Lag;
use super::time::{Moment, Monotonic, UnixMillis};

/// A write that happened between two instants. Ages are counted from the later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Write {
    sent: Moment,
    known: Moment,
    age_when_known: Duration,
}

impl Write {
    /// A write of this run: its PUT went out at `sent`, and by `known` the object was there.
    pub(crate) fn new(sent: Moment, known: Moment) -> Self {
        Self { sent, known, age_when_known: Duration::ZERO }
    }

    /// A write of an earlier run, found again: only the wall clock reaches back to it.
    pub(crate) fn earlier(written: UnixMillis, known: Moment) -> Self {
        let sent = Moment { mono: known.mono, wall: written.min(known.wall) };
        Self { sent, known, age_when_known: known.wall.since(written) }
    }

    /// When the PUT went out.
    pub(crate) fn sent(&self) -> Moment {
        self.sent
    }

    /// When the write was known to have happened: its acknowledgement.
    pub(crate) fn known(&self) -> Moment {
        self.known
    }

    /// The age of the canary at an instant.
    pub(crate) fn age(&self, at: Monotonic) -> Duration {
        self.age_when_known.saturating_add(at.since(self.known.mono))
    }

    /// The instant of an age; the acknowledgement for ages before it.
    pub(crate) fn when(&self, age: Duration) -> Monotonic {
        self.known.mono.plus(age.saturating_sub(self.age_when_known))
    }

    /// What a miss proves: the replica was not there when the request went out, so the lag is at least this.
    ///
    /// By the monotonic clock alone: a machine that slept makes it too small, which keeps it sound.
    pub(crate) fn at_least(&self, miss_sent: Moment) -> Duration {
        miss_sent.mono.since(self.known.mono)
    }

    /// The lag of a replica that the response at `seen` showed first, after a last miss.
    pub(crate) fn lag(&self, last_miss_sent: Option<Moment>, seen: Moment) -> Lag {
        let high = seen.since_at_most(self.sent);
        let low = last_miss_sent.map_or(Duration::ZERO, |sent| self.at_least(sent));
        Lag { low: low.min(high), high }
    }
}

/// Whether a replica came after the objective: only a proof counts.
pub(crate) fn is_late(lag: Lag, objective: Duration) -> bool {
    lag.low >= objective
}

#[cfg(test)]
mod tests;
