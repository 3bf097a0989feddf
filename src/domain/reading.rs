//! What CloudWatch tells of replication: the four metrics, what is asked for them, and what each answer is worth.
//!
//! A look at a metric asks for the minutes of a whole [`WINDOW`] and replaces what was known, so that minutes that
//! come late, in batches, or revised, come out right. What is not complete replaces nothing.
//!
//! `evidence` is all that is known at one destination, `knowledge` of one metric, `ours` which failures may be our own
//! canaries', `pages` puts an answer together, `shown` is what everybody sees of it, `words` are for a person,
//! `cross_check` compares with the canaries, `plan` and `forecast` say which calls that takes.

pub mod cross_check;
pub mod evidence;
pub mod forecast;
mod knowledge;
mod ours;
pub mod pages;
pub mod plan;
mod shown;
#[cfg(test)]
mod tests;
pub mod words;

use std::sync::Arc;
use std::time::Duration;

pub use shown::{Reading, Readings, Status};

use super::name::Bucket;
use super::object::Trouble;
use super::time::UnixMillis;

/// The namespace of the metrics.
pub const NAMESPACE: &str = "AWS/S3";

/// The length of a datapoint's period: S3 publishes by the minute.
pub const PERIOD: Duration = Duration::from_secs(60);

/// How far back a look goes. S3 publishes late and in batches ("Monitoring metrics with Amazon CloudWatch", S3 User
/// Guide: best effort).
pub const WINDOW: Duration = Duration::from_secs(30 * 60);

/// Datapoints younger than this may still be revised.
pub const PROVISIONAL: Duration = Duration::from_secs(5 * 60);

/// What is older than this says nothing of the present.
pub const STALE: Duration = Duration::from_secs(20 * 60);

/// A replication metric of the namespace [`NAMESPACE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// How far the destination is behind: the age of the oldest pending operation, in seconds.
    ReplicationLatency,
    /// Bytes pending.
    BytesPending,
    /// Operations pending.
    OperationsPending,
    /// Operations that failed; silent in minutes without operations.
    OperationsFailed,
}

/// A statistic of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Statistic {
    /// The largest value.
    Maximum,
    /// Of [`Metric::OperationsFailed`]: how many operations failed.
    Sum,
    /// Of [`Metric::OperationsFailed`]: how many operations there were.
    SampleCount,
}

/// Where a metric stands: in which Region, and with whose credentials it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// In the source's Region, always read as the source.
    Source,
    /// In the destination's Region.
    Destination,
}

impl Metric {
    /// Every metric, in the order of the documentation.
    pub const ALL: [Self; 4] =
        [Self::ReplicationLatency, Self::BytesPending, Self::OperationsPending, Self::OperationsFailed];

    /// `MetricName`.
    #[must_use]
    pub fn aws_name(self) -> &'static str {
        match self {
            Self::ReplicationLatency => "ReplicationLatency",
            Self::BytesPending => "BytesPendingReplication",
            Self::OperationsPending => "OperationsPendingReplication",
            Self::OperationsFailed => "OperationsFailedReplication",
        }
    }

    /// The metric as label value and API key.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReplicationLatency => "replication_latency",
            Self::BytesPending => "bytes_pending",
            Self::OperationsPending => "operations_pending",
            Self::OperationsFailed => "operations_failed",
        }
    }

    /// The statistics that are valid for it ("Amazon S3 metrics and dimensions", S3 User Guide) and asked for.
    #[must_use]
    pub fn statistics(self) -> &'static [Statistic] {
        match self {
            Self::ReplicationLatency | Self::BytesPending | Self::OperationsPending => &[Statistic::Maximum],
            Self::OperationsFailed => &[Statistic::Sum, Statistic::SampleCount],
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn place(self) -> Place {
        match self {
            Self::ReplicationLatency | Self::BytesPending | Self::OperationsPending => Place::Destination,
            Self::OperationsFailed => Place::Source,
        }
    }

    /// Its place in [`Self::ALL`].
    pub(crate) fn index(self) -> usize {
        match self {
            Self::ReplicationLatency => 0,
            Self::BytesPending => 1,
            Self::OperationsPending => 2,
            Self::OperationsFailed => 3,
        }
    }
}

impl Statistic {
    /// `Stat`.
    #[must_use]
    pub fn aws_name(self) -> &'static str {
        match self {
            Self::Maximum => "Maximum",
            Self::Sum => "Sum",
            Self::SampleCount => "SampleCount",
        }
    }
}

impl Place {
    /// The metrics that stand there.
    #[must_use]
    pub fn metrics(self) -> &'static [Metric] {
        match self {
            Self::Source => &[Metric::OperationsFailed],
            Self::Destination => &[Metric::ReplicationLatency, Metric::BytesPending, Metric::OperationsPending],
        }
    }
}

/// The dimensions of a metric, all of which must be given.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Dimensions {
    /// `SourceBucket`.
    pub source: Bucket,
    /// `DestinationBucket`.
    pub destination: Bucket,
    /// `RuleId`.
    pub rule: Arc<str>,
}

/// One query: a statistic of a metric under one rule.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Query {
    /// The rule.
    pub dimensions: Arc<Dimensions>,
    /// The metric.
    pub metric: Metric,
    /// The statistic.
    pub statistic: Statistic,
}

/// The minutes that a look asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first minute.
    pub start: UnixMillis,
    /// The first minute no longer asked for.
    pub end: UnixMillis,
}

impl Window {
    /// The window of a look at `now`: whole minutes, the present one included.
    #[must_use]
    pub fn ending(now: UnixMillis) -> Self {
        let end = minute_of(now).plus(PERIOD);
        Self { start: end.minus(WINDOW), end }
    }

    /// Whether a datapoint's minute was asked for.
    #[must_use]
    pub fn contains(self, at: UnixMillis) -> bool {
        self.start <= at && at < self.end
    }
}

/// What one call asks: a statistic each of up to [`plan::QUERIES_MAX`] queries, over one window.
#[derive(Debug, Clone)]
pub struct Request {
    /// The queries; answers name them by place.
    pub queries: Vec<Query>,
    /// The minutes.
    pub window: Window,
}

/// One datapoint.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The start of its minute.
    pub at: UnixMillis,
    /// Its value: finite, never negative.
    pub value: f64,
    /// `SampleCount`, where it was asked for; else 1.
    pub samples: f64,
}

/// What a look at a metric came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Look {
    /// CloudWatch answered completely: these minutes, oldest first, and no others.
    Complete {
        /// What was asked for.
        window: Window,
        /// The minutes.
        points: Vec<Point>,
    },
    /// There is no complete answer.
    Failed(Obstacle),
}

/// What keeps a metric from being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// The monitor may not read it.
    Forbidden,
    /// CloudWatch said of its own answer that it is not whole.
    Incomplete,
    /// The call gave nothing.
    NoAnswer(Trouble),
}

impl Obstacle {
    /// What a failed call says of every metric that it asked for.
    #[must_use]
    pub fn of(trouble: Trouble) -> Self {
        if trouble == Trouble::AccessDenied { Self::Forbidden } else { Self::NoAnswer(trouble) }
    }
}

/// The rule whose metrics are read, by the live replication configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum RuleSeen {
    /// Nobody has looked yet.
    #[default]
    Unread,
    /// The configuration cannot be read, and never could.
    Unreadable(Trouble),
    /// No enabled rule takes the canaries there.
    Absent,
    /// This one does.
    Found {
        /// Its id.
        id: Arc<str>,
        /// Whether it publishes metrics.
        publishes_metrics: bool,
    },
}

/// The start of the minute that an instant is in.
pub(crate) fn minute_of(at: UnixMillis) -> UnixMillis {
    UnixMillis(at.0 - at.0 % 60_000)
}
