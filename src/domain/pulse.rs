//! The pulse of a loop: when it last came round, for liveness.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::time::Monotonic;

/// When a loop last came round.
#[derive(Debug, Default)]
pub struct Pulse(AtomicU64);

impl Pulse {
    /// A pulse that beats at `now` for the first time.
    #[must_use]
    pub fn new(now: Monotonic) -> Self {
        let pulse = Self::default();
        pulse.beat(now);
        pulse
    }

    /// The loop came round.
    pub fn beat(&self, now: Monotonic) {
        self.0.store(u64::try_from(now.0.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// How long the loop has been silent.
    #[must_use]
    pub fn silence(&self, now: Monotonic) -> Duration {
        now.0.saturating_sub(Duration::from_millis(self.0.load(Ordering::Relaxed)))
    }
}
