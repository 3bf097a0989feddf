//! The lags of the last hour, in bounded memory, and their summary.

use std::collections::VecDeque;
use std::time::Duration;

use crate::domain::report::Lag;
use crate::domain::snapshot::LagSummary;
use crate::domain::time::Monotonic;

/// How long a lag is remembered.
pub(super) const WINDOW: Duration = Duration::from_secs(60 * 60);

/// The most lags that are remembered: one a second.
pub(super) const SAMPLES_MAX: usize = 3600;

/// The lags of the last hour. A sample takes 16 bytes: ten thousand routes hold sixty each.
#[derive(Debug, Default)]
pub(super) struct LagWindow {
    samples: VecDeque<Sample>,
    summary: Option<LagSummary>,
}

/// One lag, rounded up to the millisecond: an upper bound stays one.
#[derive(Debug, Clone, Copy)]
struct Sample {
    seen_ms: u64,
    high_ms: u32,
    resolution_ms: u32,
}

impl LagWindow {
    /// Adds the lag of an arrival that was seen at `at`.
    pub(super) fn push(&mut self, lag: Lag, at: Monotonic) {
        if self.samples.len() >= SAMPLES_MAX {
            self.samples.pop_front();
        }
        self.samples.push_back(Sample {
            seen_ms: u64::try_from(at.0.as_millis()).unwrap_or(u64::MAX),
            high_ms: millis_up(lag.high),
            resolution_ms: millis_up(lag.resolution()),
        });
        self.drop_older(at);
        self.summary = self.summarise();
    }

    /// Forgets what is older than the window; answers whether something was.
    pub(super) fn age(&mut self, now: Monotonic) -> bool {
        let aged = self.drop_older(now);
        if aged {
            self.summary = self.summarise();
        }
        aged
    }

    /// When the oldest lag leaves the window.
    pub(super) fn expires(&self) -> Option<Monotonic> {
        self.samples.front().map(|oldest| Monotonic(Duration::from_millis(oldest.seen_ms)).plus(WINDOW))
    }

    /// The summary, if something arrived within the window.
    pub(super) fn summary(&self) -> Option<LagSummary> {
        self.summary
    }

    fn drop_older(&mut self, now: Monotonic) -> bool {
        let before = self.samples.len();
        while self.expires().is_some_and(|end| end <= now) {
            self.samples.pop_front();
        }
        self.samples.len() != before
    }

    fn summarise(&self) -> Option<LagSummary> {
        let mut highs: Vec<u32> = self.samples.iter().map(|sample| sample.high_ms).collect();
        highs.sort_unstable();
        let max = millis(*highs.last()?);
        let resolution = millis(self.samples.iter().map(|sample| sample.resolution_ms).max()?);
        Some(LagSummary {
            p50: nearest_rank(&highs, 50)?,
            p95: nearest_rank(&highs, 95)?,
            p99: nearest_rank(&highs, 99)?,
            max,
            resolution,
            count: highs.len(),
        })
    }
}

/// The smallest value that at least `percent` of the values do not exceed: always one that was observed.
fn nearest_rank(sorted: &[u32], percent: usize) -> Option<Duration> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().map(millis)
}

fn millis(value: u32) -> Duration {
    Duration::from_millis(value.into())
}

fn millis_up(duration: Duration) -> u32 {
    u32::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Monotonic {
        Monotonic(Duration::from_secs(seconds))
    }

    fn lag(low_ms: u64, high_ms: u64) -> Lag {
        Lag { low: Duration::from_millis(low_ms), high: Duration::from_millis(high_ms) }
    }

    #[test]
    fn nothing_arrived_has_no_summary() {
        assert_eq!(LagWindow::default().summary(), None);
        assert_eq!(LagWindow::default().expires(), None);
    }

    #[test]
    fn percentiles_are_nearest_ranks_of_upper_bounds() {
        let mut window = LagWindow::default();
        for second in 1..=100 {
            window.push(lag(second * 900, second * 1000), at(second));
        }
        let summary = window.summary().unwrap();
        assert_eq!(summary.p50, Duration::from_secs(50));
        assert_eq!(summary.p95, Duration::from_secs(95));
        assert_eq!(summary.p99, Duration::from_secs(99));
        assert_eq!(summary.max, Duration::from_secs(100));
        assert_eq!(summary.resolution, Duration::from_secs(10));
        assert_eq!(summary.count, 100);
    }

    #[test]
    fn bounds_are_rounded_up_never_down() {
        let mut window = LagWindow::default();
        window.push(Lag { low: Duration::from_micros(1100), high: Duration::from_micros(2200) }, at(1));
        let summary = window.summary().unwrap();
        assert_eq!(summary.p50, Duration::from_millis(3));
        assert_eq!(summary.resolution, Duration::from_millis(2));
    }

    #[test]
    fn lags_leave_after_an_hour_and_the_resolution_with_them() {
        let mut window = LagWindow::default();
        window.push(lag(0, 9000), at(10));
        window.push(lag(900, 1000), at(20));
        assert_eq!(window.expires(), Some(at(3610)));
        assert!(!window.age(Monotonic(Duration::from_millis(3_609_999))));
        assert!(window.age(at(3610)));
        let summary = window.summary().unwrap();
        assert_eq!((summary.max, summary.resolution), (Duration::from_secs(1), Duration::from_millis(100)));
        assert!(window.age(at(3620)));
        assert_eq!(window.summary(), None);
    }

    #[test]
    fn memory_is_bounded_and_the_newest_stay() {
        let mut window = LagWindow::default();
        for millisecond in 0..2 * SAMPLES_MAX as u64 {
            window.push(lag(0, millisecond), Monotonic(Duration::from_millis(millisecond)));
        }
        let summary = window.summary().unwrap();
        assert_eq!(summary.count, SAMPLES_MAX);
        assert_eq!(summary.max, Duration::from_millis(2 * SAMPLES_MAX as u64 - 1));
        assert_eq!(window.samples.front().unwrap().high_ms as usize, SAMPLES_MAX);
    }
}
