//! Time as the domain knows it: a monotonic instant for lag, a wall-clock instant for keys and timestamps.

use std::time::Duration;

/// An instant on the monotonic clock, counted from an origin that only the runtime's clock knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Monotonic(pub Duration);

impl Monotonic {
    /// The time that passed since `earlier`; zero when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// This instant moved forward, at most to the end of time.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }
}

/// Milliseconds since the Unix epoch, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct UnixMillis(pub u64);

impl UnixMillis {
    /// The time that passed since `earlier`; zero when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// This instant moved forward, at most to the end of time.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)))
    }

    /// This instant moved back, at most to the epoch.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)))
    }

    /// Seconds since the epoch, with the milliseconds as a fraction: what Prometheus calls a timestamp.
    #[must_use]
    pub fn as_seconds(self) -> f64 {
        Duration::from_millis(self.0).as_secs_f64()
    }
}

/// Now, on both clocks at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moment {
    /// The monotonic clock.
    pub mono: Monotonic,
    /// The wall clock.
    pub wall: UnixMillis,
}

impl Moment {
    /// The time that passed since `earlier`, by the clock that saw more of it.
    ///
    /// A machine that slept stops its monotonic clock, a corrected wall clock jumps: an upper bound of a lag is
    /// sound only when it takes the larger of the two.
    #[must_use]
    pub fn since_at_most(self, earlier: Self) -> Duration {
        self.mono.since(earlier.mono).max(self.wall.since(earlier.wall))
    }
}
