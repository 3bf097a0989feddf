//! When a canary is looked for: often while it is young, ever more rarely as it ages, and always when it matters.
//!
//! Times are counted from the acknowledgement of the PUT. After a poll sent at `t` the next one follows at
//! `t + gap(t)`, where `gap(t) = max(floor, resolution * t)`. The objective and the deadline are *stops*: a gap that
//! would step over one ends on it.
//!
//! # How exactly an arrival is known
//!
//! Let the replica arrive at `a`. The last poll that missed it was sent at some `t <= a`, and the first that found it
//! no later than `t + gap(t)`, for stops only shorten gaps. `gap` never falls, so the two are at most
//! `gap(t) <= gap(a) = max(floor, resolution * a)` apart. With the time `d` that the PUT and the finding request
//! took, and provided that no request outlasts the gap that follows it,
//!
//! ```text
//! lag.high - lag.low <= max(floor, resolution * a) + d
//! ```
//!
//! A request that does outlast its gap delays the next one, for a lane has one call under way; that adds to `d`.
//!
//! # How many polls there are
//!
//! Up to the age `floor / resolution` gaps are one floor each: at most `1 / resolution + 1` polls. From there on each
//! gap multiplies the age by `1 + resolution`. So until the age `T` there are at most `1 / resolution + ln(T *
//! resolution / floor) / ln(1 + resolution) + 4` polls, stops included: 10 in the first 20 s and 109 in 48 h for a
//! floor of 2 s and a resolution of 10 %.

use std::time::Duration;

use super::route::{CanarySpec, PollSpec};

/// Below this, a floor would make a busy loop.
const SMALLEST_FLOOR: Duration = Duration::from_millis(1);

/// The polls of one canary, by its age.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PollSchedule {
    floor: Duration,
    resolution: f64,
    stops: [Duration; 2],
}

impl PollSchedule {
    /// The schedule of a route's canaries.
    #[must_use]
    pub fn new(poll: &PollSpec, canary: &CanarySpec) -> Self {
        Self {
            floor: poll.floor.max(SMALLEST_FLOOR),
            resolution: poll.resolution,
            stops: [canary.objective, canary.deadline],
        }
    }

    /// The time until the poll that follows one sent at `age`, stops aside.
    #[must_use]
    pub fn gap(&self, age: Duration) -> Duration {
        let share = Duration::try_from_secs_f64(age.as_secs_f64() * self.resolution);
        share.unwrap_or(self.floor).max(self.floor)
    }

    /// The age at which to poll again after a poll sent at `age`.
    #[must_use]
    pub fn next(&self, age: Duration) -> Duration {
        let plain = age.saturating_add(self.gap(age));
        self.stops.into_iter().filter(|stop| *stop > age).fold(plain, Duration::min)
    }

    /// The age at which to poll the source again: three gaps on, with no stops.
    #[must_use]
    pub fn third(&self, age: Duration) -> Duration {
        (0..3).fold(age, |age, _| age.saturating_add(self.gap(age)))
    }
}

#[cfg(test)]
mod tests;
