//! The routes' own metrics: written through handles by one task, walked by every scrape. A route goes, its series go.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::family::Visit;
use super::label::{self, CheckId, StatusShown};
use super::route_metrics::{DestinationMetrics, RouteInfo, RouteMetrics, SideMetrics};
use crate::domain::audit::drift::Change;
use crate::domain::audit::finding::{Finding, Outcome, Severity};
use crate::domain::event::EventObservation;
use crate::domain::key::KeyStatus;
use crate::domain::name::RouteName;
use crate::domain::observation::{CanaryObservation, Note, Side};
use crate::domain::reading::{Metric, Readings};
use crate::domain::report::{Aspect, Report, Stage};
use crate::domain::route::{Destination, Route, RouteId, Verify};
use crate::domain::snapshot::{AuditSummary, DestinationSnapshot, RouteSnapshot};

/// The metrics of all routes, by name.
#[derive(Debug, Default)]
pub(super) struct Fleet(RwLock<BTreeMap<RouteName, Arc<Entry>>>);

/// The handle to one route's metrics.
#[derive(Debug)]
pub(super) struct Entry {
    id: RouteId,
    pub(super) route: Arc<Route>,
    pub(super) metrics: RouteMetrics,
    source: SideMetrics,
    destinations: Vec<DestinationEntry>,
}

#[derive(Debug, Default)]
struct DestinationEntry {
    metrics: DestinationMetrics,
    side: SideMetrics,
}

impl Fleet {
    /// Adds a route and answers its handle. A route of the same name gives way: series are never doubled.
    pub(super) fn add(&self, id: RouteId, route: Arc<Route>) -> Arc<Entry> {
        let entry = Arc::new(Entry::new(id, route));
        let mut entries = self.0.write().unwrap_or_else(PoisonError::into_inner);
        entries.insert(entry.route.name.clone(), Arc::clone(&entry));
        entry
    }

    /// Removes a route, unless another one took its name meanwhile.
    pub(super) fn remove(&self, entry: &Entry) {
        let mut entries = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if entries.get(&entry.route.name).is_some_and(|present| present.id == entry.id) {
            entries.remove(&entry.route.name);
        }
    }

    /// Every route, sorted by name.
    pub(super) fn entries(&self) -> Vec<Arc<Entry>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}

/// Visits the metrics of each route.
pub(super) fn each_route(entries: &[Arc<Entry>], visit: Visit<'_, RouteMetrics>) {
    for entry in entries {
        visit(&[("route", entry.route.name.as_str())], &entry.metrics);
    }
}

/// Visits the metrics of each side of each route, the source first.
pub(super) fn each_side(entries: &[Arc<Entry>], visit: Visit<'_, SideMetrics>) {
    for entry in entries {
        let route = ("route", entry.route.name.as_str());
        visit(&[route, ("side", label::side(Side::Source))], &entry.source);
        for (place, (bucket, destination)) in entry.named_destinations().enumerate() {
            let side = ("side", label::side(Side::Destination(place)));
            visit(&[route, ("destination", bucket), side], &destination.side);
        }
    }
}

/// Visits the metrics of each destination of each route.
pub(super) fn each_destination(entries: &[Arc<Entry>], visit: Visit<'_, DestinationMetrics>) {
    for entry in entries {
        for (bucket, destination) in entry.named_destinations() {
            visit(&[("route", entry.route.name.as_str()), ("destination", bucket)], &destination.metrics);
        }
    }
}

impl Entry {
    fn new(id: RouteId, route: Arc<Route>) -> Self {
        let metrics = RouteMetrics::default();
        metrics.canary_interval_seconds.set(Some(route.canary.interval.as_secs_f64()));
        let destinations = (0..route.destinations.len()).map(|place| DestinationEntry::new(&route, place)).collect();
        Self { id, route, metrics, source: SideMetrics::default(), destinations }
    }

    /// Counts what was observed of one canary.
    pub(super) fn observe(&self, canary: &CanaryObservation) {
        match &canary.note {
            Note::WriteSent => self.metrics.canary_writes_total.increment(),
            Note::WriteFailed { reason } => self.metrics.canary_write_failures_total.increment(*reason),
            Note::Judged(report) => self.judged(report),
            Note::ArrivedLate(report) => self.arrived_late(report),
            Note::Deleted { side } => self.count(*side, |side| side.canary_objects_deleted_total.increment()),
            Note::DeleteFailed { side, .. } => {
                self.count(*side, |side| side.canary_cleanup_failures_total.increment());
            }
            Note::Leaked { side } => self.count(*side, |side| side.canary_objects_leaked.increment()),
            Note::Written { .. }
            | Note::SourceStatus(_)
            | Note::BeyondObjective { .. }
            | Note::LegClosed { .. }
            | Note::LeftPending
            | Note::Final(_)
            | Note::Ended => {}
        }
    }

    /// Counts a replication event.
    pub(super) fn told(&self, told: &EventObservation) {
        let Some((DestinationEntry { metrics, .. }, _)) = self.destination(told.destination) else { return };
        let kind = &told.event.kind;
        match kind.failure() {
            Some(failure) if told.is_canary => metrics.canary_failure_events_total.increment(failure.reason),
            Some(failure) => metrics.replication_failures_total.increment(failure.reason),
            None => metrics.replication_threshold_events_total.increment(kind.name()),
        }
    }

    /// Counts a change of the set-up; what is the source's is everybody's.
    pub(super) fn drifted(&self, change: &Change) {
        let about = |place: usize| change.destination.is_none_or(|destination| destination == place);
        for (_, entry) in self.destinations.iter().enumerate().filter(|(place, _)| about(*place)) {
            entry.metrics.config_changes_total.increment(CheckId(change.check));
        }
    }

    /// Takes over what the snapshot says, so that metrics, API and page tell the same.
    pub(super) fn refresh(&self, snapshot: &RouteSnapshot) {
        self.metrics.canary_last_write_timestamp_seconds.set_time(snapshot.last_write);
        self.metrics.last_cycle_timestamp_seconds.set_time(snapshot.last_cycle);
        if let Some(destination) = snapshot.destinations.first() {
            self.source.refresh(destination.keys.source.as_ref());
        }
        for (entry, destination) in self.destinations.iter().zip(&snapshot.destinations) {
            entry.metrics.refresh(destination);
            if let Some(audit) = &destination.audit {
                entry.metrics.audited(audit);
            }
            if !snapshot.changes.is_empty() {
                entry.metrics.config_settling.set_flag(snapshot.is_settling);
            }
            entry.side.refresh(destination.keys.destination.as_ref());
            if let Some(status) = snapshot.source_status {
                entry.metrics.source_replication_status.set(StatusShown(status));
            }
        }
    }

    fn judged(&self, report: &Report) {
        let Some((entry, destination)) = self.destination(report.destination) else { return };
        if report.verdict.is_fault() {
            entry.metrics.canary_failures_total.increment(report.reason);
        }
        if report.verdict.is_arrival() {
            entry.metrics.arrived(report);
        }
        entry.metrics.verified(report, destination);
    }

    fn arrived_late(&self, report: &Report) {
        let Some((entry, destination)) = self.destination(report.destination) else { return };
        if report.mismatches.is_empty() {
            entry.metrics.arrived(report);
        }
        entry.metrics.verified(report, destination);
    }

    fn count(&self, side: Side, count: impl Fn(&SideMetrics)) {
        match side {
            Side::Source => count(&self.source),
            Side::Destination(place) => {
                if let Some(destination) = self.destinations.get(place) {
                    count(&destination.side);
                }
            }
        }
    }

    fn destination(&self, place: usize) -> Option<(&DestinationEntry, &Destination)> {
        Some((self.destinations.get(place)?, self.route.destinations.get(place)?))
    }

    fn named_destinations(&self) -> impl Iterator<Item = (&str, &DestinationEntry)> {
        self.route.destinations.iter().map(|destination| destination.bucket.as_str()).zip(&self.destinations)
    }
}

impl DestinationEntry {
    fn new(route: &Arc<Route>, place: usize) -> Self {
        let info = RouteInfo::of(route, place);
        let metrics = DestinationMetrics { route_info: info, ..DestinationMetrics::default() };
        metrics.lag_objective_seconds.set(Some(route.canary.objective.as_secs_f64()));
        Self { metrics, side: SideMetrics::default() }
    }
}

impl SideMetrics {
    fn refresh(&self, key: Option<&KeyStatus>) {
        let usable = key.and_then(KeyStatus::usable);
        self.kms_key_usable.set(usable.map(|usable| if usable { 1.0 } else { 0.0 }));
        self.kms_key_deletion_timestamp_seconds
            .set_time(key.and_then(KeyStatus::facts).and_then(|facts| facts.deletion));
    }
}

impl DestinationMetrics {
    /// Takes over what the last audit said.
    fn audited(&self, audit: &AuditSummary) {
        let of = |outcome: Outcome| {
            let counts = |finding: &&Arc<Finding>| finding.outcome == outcome && finding.severity > Severity::Info;
            let findings = audit.findings.iter().filter(counts);
            findings.map(|finding| CheckId(finding.check.id)).collect::<Vec<_>>()
        };
        self.config_check_ok.set(&of(Outcome::Fault), &of(Outcome::Unknown));
        self.config_check_timestamp_seconds.set_time(Some(audit.at));
    }

    fn arrived(&self, report: &Report) {
        if let Some(lag) = report.lag {
            self.canary_lag_seconds.observe(lag.high);
        }
    }

    /// Shows what CloudWatch says of the present; how new that is, it shows of the past as well.
    fn read(&self, readings: &Readings) {
        let value = |metric| readings.of(metric).value;
        self.cloudwatch_replication_latency_seconds.set(value(Metric::ReplicationLatency));
        self.cloudwatch_bytes_pending.set(value(Metric::BytesPending));
        self.cloudwatch_operations_pending.set(value(Metric::OperationsPending));
        self.cloudwatch_operations_failed.set(value(Metric::OperationsFailed));
        let failed = readings.of(Metric::OperationsFailed);
        let others = failed.less_canaries.filter(|_| failed.value.is_some_and(|failures| failures > 0.0));
        self.cloudwatch_operations_failed_less_canaries.set(others);
        for metric in Metric::ALL {
            self.cloudwatch_datapoint_timestamp_seconds.set_time(metric, readings.of(metric).at);
        }
    }

    /// Says whether key and content were right, as far as this report looked at them.
    fn verified(&self, report: &Report, destination: &Destination) {
        let differs = |aspect| report.mismatches.iter().any(|mismatch| mismatch.what == aspect);
        if let Some(matches) = report.key_match {
            self.kms_key_match.set_flag(matches);
        }
        if destination.verify == Verify::Content {
            let read = report.stages.iter().any(|stage| stage.stage == Stage::Verified);
            if differs(Aspect::Content) {
                self.content_match.set_flag(false);
            } else if report.verdict.is_arrival() && read {
                self.content_match.set_flag(true);
            }
        }
    }

    fn refresh(&self, snapshot: &DestinationSnapshot) {
        self.route_state.set(snapshot.state);
        self.canary_verdicts_total.set(&snapshot.verdicts);
        self.cause_info.set(snapshot.cause.as_ref().map(|cause| cause.id));
        self.canaries_pending.set(snapshot.pending);
        self.canary_gaps.set(u64::try_from(snapshot.gaps.len()).unwrap_or(u64::MAX));
        self.canary_oldest_pending_timestamp_seconds.set_time(snapshot.oldest_pending);
        self.canary_last_success_timestamp_seconds.set_time(snapshot.last_success);
        self.canary_last_replicated_write_timestamp_seconds.set_time(snapshot.recovery_point);
        let resolution = snapshot.lag.map(|lag| lag.resolution.as_secs_f64());
        self.canary_lag_resolution_seconds.set(resolution);
        self.route_info.set_rule(snapshot.cloudwatch.rule_id());
        self.read(&snapshot.cloudwatch);
    }
}
