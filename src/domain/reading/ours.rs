//! Which of the failures that CloudWatch counts may be our own canaries'.

use std::collections::VecDeque;
use std::time::Duration;

use super::{PERIOD, Point, STALE, WINDOW, minute_of};
use crate::domain::time::UnixMillis;

/// The most canaries that are remembered a destination: one a second for longer than a window.
const CANARIES_MAX: usize = 2_048;

/// How far the clocks of AWS and of the monitor may differ.
const CLOCK_ERROR: Duration = Duration::from_secs(10);

/// When a canary may have failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::domain) struct Span {
    /// It was not written before.
    pub(in crate::domain) from: UnixMillis,
    /// Its fate was known by then; absent while it is open.
    pub(in crate::domain) to: Option<UnixMillis>,
}

/// Our own canaries that did not arrive: S3 may have counted each as one failure.
#[derive(Debug)]
pub(super) struct Ours {
    /// Before this, canaries may have failed of which nothing is known.
    blind_until: UnixMillis,
    /// In the order in which they ended.
    ended: VecDeque<Span>,
}

impl Ours {
    /// A monitor that begins now: of earlier canaries it knows nothing.
    pub(super) fn new(now: UnixMillis) -> Self {
        Self { blind_until: now, ended: VecDeque::new() }
    }

    /// A canary ended without having arrived: S3 gave it up, or nobody can tell what became of it.
    pub(super) fn ended(&mut self, written: UnixMillis, at: UnixMillis) {
        self.ended.push_back(Span { from: written, to: Some(at) });
        let memory = WINDOW + STALE + PERIOD;
        while self.ended.front().and_then(|span| span.to).is_some_and(|to| to.plus(memory) < at) {
            self.ended.pop_front();
        }
        if self.ended.len() > CANARIES_MAX
            && let Some(to) = self.ended.pop_front().and_then(|span| span.to)
        {
            self.blind_until = self.blind_until.max(to);
        }
    }

    /// How many of the failures in these minutes cannot be our own, whichever of our canaries failed when: a lower
    /// bound. `open` are the canaries whose fate is not known yet.
    ///
    /// Each canary is taken for a failure if it can be one, in a minute in which it can have failed, and in no more
    /// than one. The assignment that explains most failures takes canaries by their end, each into the earliest minute
    /// that has a failure left.
    pub(super) fn others(&self, minutes: &[Point], open: impl Iterator<Item = UnixMillis>) -> f64 {
        let seen = minutes.iter().filter(|minute| minute.value > 0.0 && minute.at >= self.first_whole_minute());
        let mut left: Vec<(UnixMillis, f64)> = seen.map(|minute| (minute.at, minute.value)).collect();
        if left.is_empty() {
            return 0.0;
        }
        let mut spans: Vec<Span> = self.ended.iter().copied().collect();
        spans.extend(open.map(|from| Span { from, to: None }));
        spans.sort_by_key(|span| (span.to.unwrap_or(UnixMillis(u64::MAX)), span.from));
        for span in spans {
            if let Some((_, failures)) = left.iter_mut().find(|(at, failures)| *failures > 0.0 && span.may_be_in(*at)) {
                *failures = (*failures - 1.0).max(0.0);
            }
        }
        left.iter().map(|(_, failures)| failures).sum()
    }

    fn first_whole_minute(&self) -> UnixMillis {
        minute_of(self.blind_until.plus(CLOCK_ERROR)).plus(PERIOD)
    }
}

impl Span {
    /// Whether a canary of this span can have failed in the minute that begins at `minute`.
    fn may_be_in(self, minute: UnixMillis) -> bool {
        let begins_in_time = self.from.minus(CLOCK_ERROR) < minute.plus(PERIOD);
        begins_in_time && self.to.is_none_or(|to| minute <= to.plus(CLOCK_ERROR))
    }
}
