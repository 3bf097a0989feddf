//! The shapes of the API: what a snapshot looks like as JSON. Fields may be added, never changed.

use std::borrow::Cow;
use std::time::Duration;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::cause::CauseView;
use super::cloudwatch::CloudWatchView;
use super::events::EventsView;
use super::findings::{ChangeView, FindingView};
use super::keys::KeysView;
use super::notes;
use super::timestamp::Timestamp;
use crate::domain::name::ObjectKey;
use crate::domain::reason::Reason;
use crate::domain::report::{Lag, Mismatch, Report, StageAt};
use crate::domain::route::{Destination, Route, StatusSupport};
use crate::domain::snapshot::{DestinationSnapshot, Gap, LagSummary, RouteSnapshot, Snapshot};
use crate::domain::time::UnixMillis;
use crate::domain::verdict::Verdict;

/// `GET /api/v1/routes`.
#[derive(Debug, Serialize)]
pub(super) struct RoutesView<'a> {
    at: Timestamp,
    routes: Vec<RouteView<'a>>,
}

impl<'a> RoutesView<'a> {
    pub(super) fn new(snapshot: &'a Snapshot) -> Self {
        Self { at: Timestamp(snapshot.at), routes: snapshot.routes.iter().map(|route| RouteView::new(route)).collect() }
    }
}

/// One route; `GET /api/v1/routes/{name}` shows its newest reports too.
#[derive(Debug, Serialize)]
pub(super) struct RouteView<'a> {
    name: &'a str,
    state: &'static str,
    since: Timestamp,
    reason: &'static str,
    message: &'a str,
    recovery_point: Option<Timestamp>,
    last_write: Option<Timestamp>,
    warnings: &'a [String],
    settling: bool,
    destinations: Vec<DestinationView<'a>>,
    changes: Vec<ChangeView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reports: Option<Vec<ReportView<'a>>>,
}

impl<'a> RouteView<'a> {
    /// The route without its reports.
    pub(super) fn new(snapshot: &'a RouteSnapshot) -> Self {
        let named = snapshot.route.destinations.iter().zip(&snapshot.destinations);
        Self {
            name: snapshot.name.as_str(),
            state: snapshot.state.as_str(),
            since: Timestamp(snapshot.since),
            reason: snapshot.reason.as_str(),
            message: &snapshot.message,
            recovery_point: snapshot.recovery_point.map(Timestamp),
            last_write: snapshot.last_write.map(Timestamp),
            warnings: &snapshot.warnings,
            settling: snapshot.is_settling,
            destinations: named
                .map(|(destination, health)| DestinationView::new(&snapshot.route, destination, health))
                .collect(),
            changes: snapshot.changes.iter().map(|change| ChangeView::new(change, &snapshot.route)).collect(),
            reports: None,
        }
    }

    /// The route with the newest reports of all its destinations, newest first.
    pub(super) fn with_reports(snapshot: &'a RouteSnapshot) -> Self {
        let named = snapshot.route.destinations.iter().zip(&snapshot.destinations);
        let mut reports: Vec<(&str, &Report)> = named
            .flat_map(|(destination, health)| {
                health.reports.iter().map(|report| (destination.bucket.as_str(), report.as_ref()))
            })
            .collect();
        reports.sort_by_key(|(_, report)| std::cmp::Reverse(report.written_at));
        let reports = reports.into_iter().map(|(destination, report)| ReportView::new(destination, report)).collect();
        Self { reports: Some(reports), ..Self::new(snapshot) }
    }
}

#[derive(Debug, Serialize)]
struct DestinationView<'a> {
    bucket: &'a str,
    region: &'a str,
    account: Option<&'a str>,
    state: &'static str,
    since: Timestamp,
    reason: &'static str,
    message: &'a str,
    verdicts: Verdicts,
    pending: u64,
    oldest_pending: Option<Timestamp>,
    recovery_point: Option<Timestamp>,
    last_success: Option<Timestamp>,
    gaps: Vec<GapView>,
    lag_seconds: LagSummaryView,
    lag_resolution_seconds: Option<f64>,
    objective_seconds: f64,
    keys: KeysView<'a>,
    cause: Option<CauseView<'a>>,
    events: EventsView<'a>,
    findings: Vec<FindingView<'a>>,
    checks_ok: usize,
    audited_at: Option<Timestamp>,
    cloudwatch: CloudWatchView<'a>,
    notes: Vec<&'static str>,
}

impl<'a> DestinationView<'a> {
    fn new(route: &Route, destination: &'a Destination, health: &'a DestinationSnapshot) -> Self {
        Self {
            bucket: destination.bucket.as_str(),
            region: destination.region.as_str(),
            account: destination.account.as_ref().map(|account| account.as_str()),
            state: health.state.as_str(),
            since: Timestamp(health.since),
            reason: health.reason.as_str(),
            message: &health.message,
            verdicts: Verdicts(health.verdicts),
            pending: health.pending,
            oldest_pending: health.oldest_pending.map(Timestamp),
            recovery_point: health.recovery_point.map(Timestamp),
            last_success: health.last_success.map(Timestamp),
            gaps: health.gaps.iter().map(|gap| GapView::new(gap, route.replication_status)).collect(),
            lag_seconds: LagSummaryView::new(health.lag),
            lag_resolution_seconds: health.lag.map(|lag| lag.resolution.as_secs_f64()),
            objective_seconds: route.canary.objective.as_secs_f64(),
            keys: KeysView::new(&health.keys, route, destination),
            cause: health.cause.as_deref().map(CauseView::new),
            events: EventsView::new(&health.events),
            findings: FindingView::of(health.audit.as_deref()),
            checks_ok: health.audit.as_ref().map_or(0, |audit| audit.ok),
            audited_at: health.audit.as_ref().map(|audit| Timestamp(audit.at)),
            cloudwatch: CloudWatchView::new(&health.cloudwatch, route, destination),
            notes: notes::limits(route, destination),
        }
    }
}

/// All verdicts with their counts, in the order of the documentation.
#[derive(Debug)]
struct Verdicts([u64; Verdict::ALL.len()]);

impl Serialize for Verdicts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (verdict, count) in Verdict::ALL.iter().zip(self.0) {
            map.serialize_entry(verdict.as_str(), &count)?;
        }
        map.end()
    }
}

#[derive(Debug, Serialize)]
struct LagSummaryView {
    p50: Option<f64>,
    p95: Option<f64>,
    p99: Option<f64>,
    max: Option<f64>,
}

impl LagSummaryView {
    fn new(lag: Option<LagSummary>) -> Self {
        let seconds = |pick: fn(&LagSummary) -> Duration| lag.as_ref().map(|lag| pick(lag).as_secs_f64());
        Self {
            p50: seconds(|lag| lag.p50),
            p95: seconds(|lag| lag.p95),
            p99: seconds(|lag| lag.p99),
            max: seconds(|lag| lag.max),
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct GapView {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    verdict: &'static str,
    batch_replication_filter: Option<BatchFilter>,
}

impl GapView {
    pub(super) fn new(gap: &Gap, status: StatusSupport) -> Self {
        Self {
            from: gap.from.map(Timestamp),
            to: gap.to.map(Timestamp),
            verdict: gap.verdict.as_str(),
            batch_replication_filter: (status == StatusSupport::Aws).then(|| BatchFilter::new(gap)),
        }
    }
}

/// The filter of an S3 Batch Replication job that would repair a gap, in the words of the S3 Control API
/// (`JobManifestGeneratorFilter`).
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct BatchFilter {
    eligible_for_replication: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_after: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_before: Option<Timestamp>,
    object_replication_statuses: &'static [&'static str],
}

impl BatchFilter {
    fn new(gap: &Gap) -> Self {
        Self {
            eligible_for_replication: true,
            created_after: gap.from.map(Timestamp),
            created_before: gap.to.map(Timestamp),
            object_replication_statuses: notes::repaired_statuses(gap.verdict),
        }
    }
}

/// The report of one leg, as the API and `probe --json` show it.
#[derive(Debug, Serialize)]
pub struct ReportView<'a> {
    destination: Option<&'a str>,
    key: &'a str,
    version_id: Option<&'a str>,
    written_at: Timestamp,
    verdict: Option<&'static str>,
    reason: &'static str,
    message: Cow<'a, str>,
    mismatches: Vec<MismatchView<'a>>,
    lag_seconds: LagView,
    stages: Vec<StageView>,
}

impl<'a> ReportView<'a> {
    /// The report of a leg to the bucket `destination`.
    #[must_use]
    pub fn new(destination: &'a str, report: &'a Report) -> Self {
        Self {
            destination: Some(destination),
            key: report.key.as_str(),
            version_id: report.version_id.as_ref().map(|version| version.as_str()),
            written_at: Timestamp(report.written_at),
            verdict: Some(report.verdict.as_str()),
            reason: report.reason.as_str(),
            message: Cow::Borrowed(&report.message),
            mismatches: report.mismatches.iter().map(MismatchView::new).collect(),
            lag_seconds: LagView::new(report.lag),
            stages: report.stages.iter().map(StageView::new).collect(),
        }
    }

    /// The same shape for a canary that was not written: no destination saw it, and it has no verdict.
    #[must_use]
    pub fn unwritten(key: &'a ObjectKey, written_at: UnixMillis, reason: Reason) -> Self {
        Self {
            destination: None,
            key: key.as_str(),
            version_id: None,
            written_at: Timestamp(written_at),
            verdict: None,
            reason: reason.as_str(),
            message: Cow::Owned(format!("the canary could not be written: {reason}")),
            mismatches: Vec::new(),
            lag_seconds: LagView::new(None),
            stages: Vec::new(),
        }
    }
}

#[derive(Debug, Serialize)]
struct MismatchView<'a> {
    what: &'static str,
    expected: &'a str,
    seen: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    meaning: Option<&'a str>,
}

impl<'a> MismatchView<'a> {
    fn new(mismatch: &'a Mismatch) -> Self {
        Self {
            what: mismatch.what.as_str(),
            expected: &mismatch.expected,
            seen: &mismatch.seen,
            meaning: mismatch.meaning.as_deref(),
        }
    }
}

#[derive(Debug, Serialize)]
struct LagView {
    low: Option<f64>,
    high: Option<f64>,
}

impl LagView {
    fn new(lag: Option<Lag>) -> Self {
        Self { low: lag.map(|lag| lag.low.as_secs_f64()), high: lag.map(|lag| lag.high.as_secs_f64()) }
    }
}

#[derive(Debug, Serialize)]
struct StageView {
    stage: &'static str,
    at: Timestamp,
}

impl StageView {
    fn new(stage: &StageAt) -> Self {
        Self { stage: stage.stage.as_str(), at: Timestamp(stage.at) }
    }
}
