//! What everybody sees of the metrics of a destination: values, ages and standings.

use std::sync::Arc;

use super::{Metric, Obstacle, RuleSeen, cross_check};
use crate::domain::time::UnixMillis;

/// How it stands with a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It is not read, by configuration.
    Off,
    /// No rule takes the canaries there, so there is no metric.
    NoRule,
    /// The rule does not publish metrics.
    NotEnabled,
    /// Nothing was published yet, or nothing was read.
    NoDataYet,
    /// It is known.
    Ok,
    /// Its newest minute is too old to say anything of the present.
    Stale,
    /// CloudWatch says that there was no operation in the whole window.
    Idle,
    /// It could not be read.
    Unreadable,
}

impl Status {
    /// Every status, in the order of the documentation.
    pub const ALL: [Self; 8] = [
        Self::Off,
        Self::NoRule,
        Self::NotEnabled,
        Self::NoDataYet,
        Self::Ok,
        Self::Stale,
        Self::Idle,
        Self::Unreadable,
    ];

    /// The status as API text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::NoRule => "no_rule",
            Self::NotEnabled => "not_enabled",
            Self::NoDataYet => "no_data_yet",
            Self::Ok => "ok",
            Self::Stale => "stale",
            Self::Idle => "idle",
            Self::Unreadable => "unreadable",
        }
    }
}

/// What is known of a metric now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// How it stands.
    pub status: Status,
    /// The newest minute's value; of [`Metric::OperationsFailed`] the Sum over the window. Absent when nothing is known
    /// of the present.
    pub value: Option<f64>,
    /// Of [`Metric::OperationsFailed`]: how many operations the window had.
    pub samples: Option<f64>,
    /// Of [`Metric::OperationsFailed`]: how many of the failures cannot be our own canaries'. A lower bound.
    pub less_canaries: Option<f64>,
    /// The newest minute that was published, by the last complete answer that had any.
    pub at: Option<UnixMillis>,
    /// Whether that minute may still be revised.
    pub provisional: bool,
    /// What kept the newest look from an answer.
    pub obstacle: Option<Obstacle>,
}

impl Reading {
    /// A metric of which nothing is known but why.
    #[must_use]
    pub const fn nothing(status: Status) -> Self {
        Self { status, value: None, samples: None, less_canaries: None, at: None, provisional: false, obstacle: None }
    }
}

/// What is known of all four metrics at one destination now.
#[derive(Debug, Clone, PartialEq)]
pub struct Readings {
    /// The rule, as far as it is known.
    pub rule: RuleSeen,
    /// The metrics, in the order of [`Metric::ALL`].
    pub metrics: [Reading; 4],
    /// What they say beside the canaries.
    pub cross_check: cross_check::CrossCheck,
}

impl Readings {
    /// Nothing is read.
    #[must_use]
    pub fn off() -> Self {
        Self {
            rule: RuleSeen::Unread,
            metrics: [Reading::nothing(Status::Off); 4],
            cross_check: cross_check::CrossCheck::Unknown,
        }
    }

    /// What is known of one metric.
    #[must_use]
    pub fn of(&self, metric: Metric) -> &Reading {
        let [latency, bytes, pending, failed] = &self.metrics;
        match metric {
            Metric::ReplicationLatency => latency,
            Metric::BytesPending => bytes,
            Metric::OperationsPending => pending,
            Metric::OperationsFailed => failed,
        }
    }

    /// The id of the rule, once it is known.
    #[must_use]
    pub fn rule_id(&self) -> Option<&Arc<str>> {
        match &self.rule {
            RuleSeen::Found { id, .. } => Some(id),
            RuleSeen::Unread | RuleSeen::Unreadable(_) | RuleSeen::Absent => None,
        }
    }
}
