//! Time as the domain knows it: a monotonic instant for lag, a wall-clock instant for keys and timestamps.

use std::time::Duration;

use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
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

    /// The date in UTC, such as `2027-01-31`.
    #[must_use]
    pub fn date(self) -> String {
        // Years begin in March here, so that a leap day is the last of one ("civil_from_days" of
        // howardhinnant.github.io/date_algorithms.html).
        let days = self.0 / 86_400_000 + 719_468;
        let (era, day) = (days / 146_097, days % 146_097);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let (month, turned) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        format!("{:04}-{month:02}-{day:02}", era * 400 + year + turned)
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

#[cfg(test)]
mod tests {
    use super::UnixMillis;

    #[test]
    fn dates() {
        for (seconds, date) in [
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_801_353_599, "2027-01-30"),
            (1_801_353_600, "2027-01-31"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(UnixMillis(seconds * 1000).date(), date);
        }
    }
}
