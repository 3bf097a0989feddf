//! The metrics of a route, of its sides and of its destinations: one field each, the doc comment is the HELP text.

use std::sync::{Arc, Mutex, PoisonError};

use prometheus::proto::MetricType;

use super::family::{Samples, metrics};
use super::histogram::{Bounds, Histogram};
use super::label::{CheckId, StatusShown};
use super::value::{
    Counter, CounterOfEach, CounterOfSeen, FlagOfSeen, Gauge, InfoOf, Known, KnownOfEach, OneOf, Rare, Sampled, Shown,
};
use crate::domain::cause::CauseId;
use crate::domain::event::EventName;
use crate::domain::event::reason::FailureReason;
use crate::domain::name::AccountId;
use crate::domain::reading::Metric;
use crate::domain::reason::Reason;
use crate::domain::route::Route;
use crate::domain::verdict::{State, Verdict};

metrics! {
    /// What is told of a route: label `route`.
    struct RouteMetrics {
        /// Time between two canaries of the route by its configuration, in seconds.
        canary_interval_seconds: Known,
        /// PUTs of canaries, whatever came of them.
        canary_writes_total: Counter,
        /// PUTs of canaries that wrote no canary, by reason.
        canary_write_failures_total: CounterOfSeen<Reason>,
        /// When the newest canary was written, in seconds since the Unix epoch; absent before the first.
        canary_last_write_timestamp_seconds: Known,
        /// When the scheduler last started a canary, in seconds since the Unix epoch; absent before the first.
        last_cycle_timestamp_seconds: Known,
    }
}

metrics! {
    /// What is told of a side: labels `route` and `side`, and `destination` where it is one.
    struct SideMetrics {
        /// Versions of canaries that were deleted, on the source side and at each destination.
        canary_objects_deleted_total: Counter,
        /// Deletions of canaries that met an error; each is tried again.
        canary_cleanup_failures_total: Counter,
        /// Versions of canaries that were given up after abandon_after and remain in the bucket; absent while there are
        /// none.
        canary_objects_leaked: Rare,
        /// Whether S3 can use the KMS key that is expected of the side: 1 yes, 0 no; absent until known.
        kms_key_usable: Known,
        /// When the side's KMS key will be gone for good, in seconds since the Unix epoch; absent where no deletion is
        /// scheduled.
        kms_key_deletion_timestamp_seconds: Known,
    }
}

metrics! {
    /// What is told of a destination: labels `route` and `destination`.
    struct DestinationMetrics {
        /// What stands behind the labels: buckets, Regions, accounts and prefix. Always 1.
        route_info: RouteInfo,
        /// State of the destination: 1 for the one that holds, 0 for all others.
        route_state: OneOf<State>,
        /// Canaries that arrive within this time are replicated, after it late, in seconds.
        lag_objective_seconds: Known,
        /// Time from the write of a canary to the arrival of its replica, as an upper bound, in seconds.
        canary_lag_seconds: Histogram<LagBounds>,
        /// How exactly the lag of the last hour is known: its true value may be lower by up to this, in seconds.
        canary_lag_resolution_seconds: Known,
        /// Canaries by verdict, each counted once a destination; unknown is the monitor's own failure to tell.
        canary_verdicts_total: CounterOfEach<Verdict>,
        /// Canaries that were lost, failed, mismatched or uncovered, by reason.
        canary_failures_total: CounterOfSeen<Reason>,
        /// What explains that the destination is not as it should be, by cause. Always 1; no series while nothing is
        /// wrong.
        cause_info: InfoOf<CauseId>,
        /// Canaries that have not arrived and are still waited for.
        canaries_pending: Gauge,
        /// When the oldest of the pending canaries was written, in seconds since the Unix epoch; absent without one.
        canary_oldest_pending_timestamp_seconds: Known,
        /// When a canary was last seen to have arrived right, in seconds since the Unix epoch; absent before the first.
        canary_last_success_timestamp_seconds: Known,
        /// Recovery point: when the newest canary was written that arrived right with no older one undecided, in
        /// seconds since the Unix epoch; absent before the first. A sample, not a promise for every object.
        canary_last_replicated_write_timestamp_seconds: Known,
        /// Spans of time that canaries do not prove replicated, as the API lists them; absent while there are none.
        canary_gaps: Rare,
        /// Replication status that the source last showed of a canary: always 1, and only for the one shown.
        source_replication_status: Shown<StatusShown>,
        /// Whether the newest replica was encrypted with the expected key: 1 yes, 0 no; absent until one was looked at.
        kms_key_match: Known,
        /// Whether a check of the set-up holds, of severity warning or error: 1 yes, 0 no; a series appears with the
        /// check's first fault, and is absent while the check cannot be told.
        config_check_ok: FlagOfSeen<CheckId>,
        /// When the set-up was last audited, in seconds since the Unix epoch; absent before the first audit.
        config_check_timestamp_seconds: Known,
        /// Changes of the set-up that were seen, by what changed.
        config_changes_total: CounterOfSeen<CheckId>,
        /// Whether rule, versioning or policies changed so recently that alert rules should wait: 1 yes, 0 no; absent
        /// before the first change.
        config_settling: Known,
        /// Whether the newest replica that was read had the canary's bytes: 1 yes, 0 no; absent until one was read.
        content_match: Known,
        /// Objects of the user's that S3 gave up replicating, by the reason of its event; canaries are not among them.
        replication_failures_total: CounterOfSeen<FailureReason>,
        /// Canaries that S3 gave up replicating, by the reason of its event.
        canary_failure_events_total: CounterOfSeen<FailureReason>,
        /// Events of S3 Replication Time Control and of replication metrics, about the user's objects and canaries.
        replication_threshold_events_total: CounterOfSeen<EventName>,
        /// CloudWatch ReplicationLatency, Maximum of the newest one-minute period: how far the destination is behind,
        /// in seconds; absent while nothing newer than 20 minutes is known.
        cloudwatch_replication_latency_seconds: Known,
        /// CloudWatch BytesPendingReplication, Maximum of the newest one-minute period; absent while nothing newer than
        /// 20 minutes is known.
        cloudwatch_bytes_pending: Known,
        /// CloudWatch OperationsPendingReplication, Maximum of the newest one-minute period; absent while nothing newer
        /// than 20 minutes is known.
        cloudwatch_operations_pending: Known,
        /// CloudWatch OperationsFailedReplication, Sum of the one-minute periods of the last 30 minutes; absent while
        /// there were no operations, and while nothing newer than 20 minutes is known.
        cloudwatch_operations_failed: Known,
        /// How many of cloudwatch_operations_failed cannot be our own canaries, at least; absent where nothing failed.
        cloudwatch_operations_failed_less_canaries: Known,
        /// Start of the newest one-minute period that CloudWatch has published of the metric, in seconds since the Unix
        /// epoch; stays when the value has become too old.
        cloudwatch_datapoint_timestamp_seconds: KnownOfEach<Metric>,
    }
}

/// The bounds of `canary_lag_seconds`; 900 is what S3 Replication Time Control promises.
#[derive(Debug)]
pub(super) struct LagBounds;

impl Bounds for LagBounds {
    const SECONDS: &'static [f64] =
        &[1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0];
}

/// What stands behind the labels `route` and `destination`.
#[derive(Debug, Default)]
pub(super) struct RouteInfo {
    /// The route, and which of its destinations.
    pub(super) subject: Option<(Arc<Route>, usize)>,
    /// The rule that takes the canaries there, once it is known.
    rule_id: Mutex<Option<Arc<str>>>,
}

impl RouteInfo {
    pub(super) fn of(route: &Arc<Route>, place: usize) -> Self {
        Self { subject: Some((Arc::clone(route), place)), rule_id: Mutex::default() }
    }

    pub(super) fn set_rule(&self, id: Option<&Arc<str>>) {
        *self.rule_id.lock().unwrap_or_else(PoisonError::into_inner) = id.cloned();
    }
}

impl Sampled for RouteInfo {
    const KIND: MetricType = MetricType::GAUGE;

    fn sample(&self, samples: &mut Samples<'_>) {
        let Some((route, place)) = &self.subject else { return };
        let Some(destination) = route.destinations.get(*place) else { return };
        let rule_id = self.rule_id.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let labels = [
            ("source_bucket", route.source.bucket.as_str()),
            ("destination_bucket", destination.bucket.as_str()),
            ("rule_id", rule_id.as_deref().unwrap_or_default()),
            ("source_region", route.source.region.as_str()),
            ("destination_region", destination.region.as_str()),
            ("source_account", account(route.source.account.as_ref())),
            ("destination_account", account(destination.account.as_ref())),
            ("canary_prefix", route.canary.prefix.as_str()),
        ];
        samples.push_labelled(&labels, 1.0);
    }
}

fn account(account: Option<&AccountId>) -> &str {
    account.map_or("", AccountId::as_str)
}
