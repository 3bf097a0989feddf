//! The four replication metrics of CloudWatch, worked out from what really happened.

use std::time::Duration;

use super::World;
use super::moment::Moment;
use super::series::{Series, SeriesName, Span};

const MINUTE: Duration = Duration::from_secs(60);
/// One-minute data is kept this long.
const RETENTION: Duration = Duration::from_secs(15 * 86_400);

/// A replication metric of the namespace `AWS/S3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// Age of the oldest pending operation, in seconds.
    Latency,
    /// Bytes that are pending.
    BytesPending,
    /// Operations that are pending.
    OperationsPending,
    /// Operations that failed, out of all that were decided; silent while there are none.
    OperationsFailed,
}

impl Metric {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Latency, Self::BytesPending, Self::OperationsPending, Self::OperationsFailed];

    /// `MetricName`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Latency => "ReplicationLatency",
            Self::BytesPending => "BytesPendingReplication",
            Self::OperationsPending => "OperationsPendingReplication",
            Self::OperationsFailed => "OperationsFailedReplication",
        }
    }

    /// `Unit`.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Latency => "Seconds",
            Self::BytesPending => "Bytes",
            Self::OperationsPending | Self::OperationsFailed => "Count",
        }
    }

    /// The metric of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }

    /// The Region it is published in: failures in the source's, the other three in the destination's.
    fn region(self, series: &Series) -> &str {
        match self {
            Self::OperationsFailed => &series.source_region,
            Self::Latency | Self::BytesPending | Self::OperationsPending => &series.destination_region,
        }
    }
}

/// What one period of a metric adds up to; never empty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Datapoint {
    /// Start of the period.
    pub at: Moment,
    /// `Sum`.
    pub sum: f64,
    /// `SampleCount`.
    pub samples: f64,
    /// `Minimum`.
    pub minimum: f64,
    /// `Maximum`.
    pub maximum: f64,
}

impl Datapoint {
    const fn single(at: Moment, value: f64, samples: f64) -> Self {
        let sum = value;
        Self { at, sum, samples, minimum: value, maximum: value }
    }

    fn absorb(&mut self, other: &Self) {
        self.sum += other.sum;
        self.samples += other.samples;
        self.minimum = self.minimum.min(other.minimum);
        self.maximum = self.maximum.max(other.maximum);
    }
}

/// Which part of a metric is asked for, and as of when.
#[derive(Clone, Copy, Debug)]
pub struct MetricWindow {
    /// First instant; cut to a whole period.
    pub start: Moment,
    /// First instant no longer asked for.
    pub end: Moment,
    /// Length of a period: whole minutes.
    pub period: Duration,
    /// What was published then is told, and nothing of later.
    pub as_of: Moment,
}

impl World {
    /// What an account sees of a metric in a Region, oldest first: empty where nothing is published.
    pub fn datapoints(
        &mut self,
        now: Moment,
        (account, region): (&str, &str),
        metric: Metric,
        name: &SeriesName,
        window: &MetricWindow,
    ) -> Vec<Datapoint> {
        self.enter(now);
        let series = self.state.catalog.get(name);
        let Some(series) = series.filter(|series| series.account == account && metric.region(series) == region) else {
            return Vec::new();
        };
        let horizon = self.state.horizon(series, window.as_of.min(now));
        let start = window.start.floor(window.period).max(horizon.minus(RETENTION).floor(MINUTE));
        let minutes = Minutes { start, end: window.end.min(horizon), horizon };
        let mut periods: Vec<Datapoint> = Vec::new();
        for point in minutes.of(metric, series) {
            let at = point.at.floor(window.period);
            match periods.last_mut() {
                Some(last) if last.at == at => last.absorb(&point),
                Some(_) | None => periods.push(Datapoint { at, ..point }),
            }
        }
        periods
    }

    /// Every metric that an account has in a Region, published at least once.
    pub fn metrics(&mut self, now: Moment, account: &str, region: &str) -> Vec<(Metric, SeriesName)> {
        let now = self.enter(now);
        let mut found = Vec::new();
        for series in self.state.catalog.iter().filter(|series| series.account == account) {
            let horizon = self.state.horizon(series, now);
            let begun = |at: Option<Moment>| at.is_some_and(|at| at < horizon);
            for metric in Metric::ALL.into_iter().filter(|metric| metric.region(series) == region) {
                if begun(series.since) && (metric != Metric::OperationsFailed || begun(series.first_decided)) {
                    found.push((metric, series.name.clone()));
                }
            }
        }
        found
    }
}

/// The minutes from `start` to `end`, the last perhaps not whole, seen as far as `horizon`.
struct Minutes {
    start: Moment,
    end: Moment,
    horizon: Moment,
}

impl Minutes {
    fn of(&self, metric: Metric, series: &Series) -> Vec<Datapoint> {
        let enabled = |minute: Moment| *series.enabled.at(self.end_of(minute).minus(Duration::from_micros(1)));
        let muted = |minute: Moment| *series.muted.at(self.end_of(minute).minus(Duration::from_micros(1)));
        if metric == Metric::OperationsFailed {
            let mut points = self.failures(series);
            points.retain(|point| enabled(point.at));
            return points;
        }
        let values = match metric {
            Metric::Latency => self.ages(series),
            Metric::BytesPending => self.most_pending(series, |span| span.bytes),
            Metric::OperationsPending | Metric::OperationsFailed => self.most_pending(series, |_| 1),
        };
        let points = self.starts().zip(values).filter(|(at, _)| enabled(*at) && !muted(*at));
        points.map(|(at, value)| Datapoint::single(at, value, 1.0)).collect()
    }

    fn starts(&self) -> impl Iterator<Item = Moment> {
        let (start, end) = (self.start, self.end);
        (0..).map(move |n: u32| start.plus(MINUTE * n)).take_while(move |minute| *minute < end)
    }

    /// The end of a minute, as far as it was seen.
    fn end_of(&self, minute: Moment) -> Moment {
        minute.plus(MINUTE).min(self.horizon)
    }

    /// Writes that can matter, each with the instant of its decision if that was seen.
    fn spans<'a>(&self, series: &'a Series) -> impl Iterator<Item = (&'a Span, Option<(Moment, bool)>)> {
        let horizon = self.horizon;
        let written = series.spans_from(self.start).filter(move |span| span.written < horizon);
        written.map(move |span| (span, span.decided.filter(|(at, _)| *at < horizon)))
    }

    /// For each minute with a decision: how many, and how many of them failures. Minimum and Maximum equal the Sum, as
    /// S3 puts in one set of statistics a minute.
    fn failures(&self, series: &Series) -> Vec<Datapoint> {
        let mut tallies: Vec<(f64, f64)> = self.starts().map(|_| (0.0, 0.0)).collect();
        for (_, decided) in self.spans(series) {
            let Some((at, failed)) = decided.filter(|(at, _)| *at >= self.start) else { continue };
            if let Some((decisions, failures)) = tallies.get_mut(self.index_of(at)) {
                *decisions += 1.0;
                *failures += f64::from(u8::from(failed));
            }
        }
        let busy = self.starts().zip(tallies).filter(|(_, (decisions, _))| *decisions > 0.0);
        busy.map(|(at, (decisions, failures))| Datapoint::single(at, failures, decisions)).collect()
    }

    /// For each minute the greatest age that anything pending reached in it.
    fn ages(&self, series: &Series) -> Vec<f64> {
        let mut ages: Vec<f64> = self.starts().map(|_| 0.0).collect();
        for (span, decided) in self.spans(series) {
            let end = decided.map_or(self.horizon, |(at, _)| at);
            let first = self.index_of(span.written.max(self.start));
            for (index, age) in ages.iter_mut().enumerate().skip(first) {
                let minute = self.start.plus(MINUTE * u32::try_from(index).unwrap_or(u32::MAX));
                if end <= minute {
                    break;
                }
                *age = age.max(end.min(self.end_of(minute)).since(span.written).as_secs_f64());
            }
        }
        ages
    }

    /// For each minute the most that was pending at once.
    fn most_pending(&self, series: &Series, weight: impl Fn(&Span) -> u64) -> Vec<f64> {
        let mut changes: Vec<(Moment, i64)> = Vec::new();
        for (span, decided) in self.spans(series) {
            let weight = i64::try_from(weight(span)).unwrap_or(i64::MAX);
            changes.push((span.written, weight));
            changes.extend(decided.map(|(at, _)| (at, -weight)));
        }
        changes.sort_unstable();
        let mut changes = changes.into_iter().peekable();
        let mut pending = 0_i64;
        let mut most = Vec::new();
        for minute in self.starts() {
            while let Some((_, change)) = changes.next_if(|(at, _)| *at <= minute) {
                pending += change;
            }
            let mut peak = pending;
            while let Some((_, change)) = changes.next_if(|(at, _)| *at < self.end_of(minute)) {
                pending += change;
                peak = peak.max(pending);
            }
            most.push(peak as f64);
        }
        most
    }

    fn index_of(&self, at: Moment) -> usize {
        usize::try_from(at.since(self.start).as_secs() / 60).unwrap_or(usize::MAX)
    }
}
