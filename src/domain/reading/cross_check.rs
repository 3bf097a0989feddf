//! Canaries and CloudWatch side by side: two witnesses who saw different things of the same replication.

use std::time::Duration;

use super::{Reading, Status};
use crate::domain::reason::Reason;
use crate::domain::time::UnixMillis;
use crate::domain::verdict::{State, Verdict};

/// What CloudWatch says beside the canaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CrossCheck {
    /// Both see replication work.
    AgreeHealthy,
    /// Both see it fail.
    AgreeFailing,
    /// Canaries arrive, but the oldest pending operation is older than the objective.
    BacklogGrows,
    /// Canaries fail, and CloudWatch shows nothing wrong, or nothing.
    CloudwatchSilent,
    /// Canaries arrive, but operations failed that are not canaries.
    OthersFail,
    /// One of the two says nothing.
    Unknown,
}

/// What the canaries say.
#[derive(Debug, Clone, Copy)]
pub struct Canaries {
    /// The destination's state.
    pub state: State,
    /// Why.
    pub reason: Reason,
    /// Since when.
    pub since: UnixMillis,
    /// The route's objective.
    pub objective: Duration,
}

impl CrossCheck {
    /// Every outcome, in the order of the documentation.
    pub const ALL: [Self; 6] = [
        Self::AgreeHealthy,
        Self::AgreeFailing,
        Self::BacklogGrows,
        Self::CloudwatchSilent,
        Self::OthersFail,
        Self::Unknown,
    ];

    /// The outcome as API text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AgreeHealthy => "agree_healthy",
            Self::AgreeFailing => "agree_failing",
            Self::BacklogGrows => "backlog_grows",
            Self::CloudwatchSilent => "cloudwatch_silent",
            Self::OthersFail => "others_fail",
            Self::Unknown => "unknown",
        }
    }

    /// One sentence for a person.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::AgreeHealthy => "Canaries and CloudWatch agree: replication works.",
            Self::AgreeFailing => "Canaries and CloudWatch agree: replication fails.",
            Self::BacklogGrows => {
                "Canaries arrive, but by CloudWatch the oldest pending operation is older than the objective: look for \
                 large or many objects under other prefixes."
            }
            Self::CloudwatchSilent => {
                "Canaries fail, but CloudWatch shows nothing wrong: look at what is particular to the canaries, such \
                 as their prefix, or at a rule that takes nothing."
            }
            Self::OthersFail => {
                "Canaries arrive, but by CloudWatch operations failed that are not canaries: find the objects by \
                 replication events or S3 Inventory, and repair them with S3 Batch Replication."
            }
            Self::Unknown => "Canaries and CloudWatch cannot be compared: one of the two says nothing yet.",
        }
    }
}

/// What canaries say, as far as it can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Saying {
    Arrive,
    Fail,
    Nothing,
}

impl Canaries {
    fn saying(self) -> Saying {
        match self.state {
            State::Healthy | State::Late => Saying::Arrive,
            State::Failing | State::Stalled => Saying::Fail,
            State::Misconfigured if self.is_uncovered() => Saying::Fail,
            State::Misconfigured | State::Unknown | State::Paused => Saying::Nothing,
        }
    }

    fn is_uncovered(self) -> bool {
        self.reason == Reason::of(Verdict::Uncovered) || self.reason == Reason::SiblingArrived
    }
}

/// Compares. CloudWatch publishes late: it is silent only once it has published minutes since the canaries fail, or
/// has ceased to publish.
pub(super) fn cross_check(canaries: Canaries, latency: &Reading, failed: &Reading) -> CrossCheck {
    let is_behind = latency.value.is_some_and(|seconds| seconds > canaries.objective.as_secs_f64());
    let some = |count: Option<f64>| count.is_some_and(|count| count > 0.0);
    let is_known = |reading: &Reading| matches!(reading.status, Status::Ok | Status::Idle);
    match canaries.saying() {
        Saying::Nothing => CrossCheck::Unknown,
        Saying::Arrive if some(failed.less_canaries) => CrossCheck::OthersFail,
        Saying::Arrive if is_behind => CrossCheck::BacklogGrows,
        Saying::Arrive if is_known(latency) && is_known(failed) => CrossCheck::AgreeHealthy,
        Saying::Arrive => CrossCheck::Unknown,
        Saying::Fail if some(failed.value) || is_behind => CrossCheck::AgreeFailing,
        Saying::Fail => {
            let has_seen_it = is_known(latency) && latency.at.is_some_and(|at| at > canaries.since);
            let is_mute = latency.status == Status::Stale;
            let is_silent = (has_seen_it || is_mute) && is_known(failed);
            if is_silent { CrossCheck::CloudwatchSilent } else { CrossCheck::Unknown }
        }
    }
}
