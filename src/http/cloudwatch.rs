//! What CloudWatch tells of a destination's replication, as API and page show it.

use serde::Serialize;

use super::timestamp::Timestamp;
use crate::domain::reading::cross_check::CrossCheck;
use crate::domain::reading::{Metric, Reading, Readings, Status, words};
use crate::domain::route::{Destination, Route};

/// The replication metrics of a destination, and what they say beside the canaries.
#[derive(Debug, Serialize)]
pub(super) struct CloudWatchView<'a> {
    rule_id: Option<&'a str>,
    replication_latency: MetricView,
    bytes_pending: MetricView,
    operations_pending: MetricView,
    operations_failed: FailedView,
    cross_check: CrossCheckView,
}

#[derive(Debug, Serialize)]
struct MetricView {
    status: &'static str,
    value: Option<f64>,
    at: Option<Timestamp>,
    provisional: bool,
    message: Option<String>,
}

/// Failures over the window; `value` is the Sum, so that all four metrics have one.
#[derive(Debug, Serialize)]
struct FailedView {
    status: &'static str,
    value: Option<f64>,
    sum: Option<f64>,
    samples: Option<f64>,
    less_canaries: Option<f64>,
    at: Option<Timestamp>,
    provisional: bool,
    message: Option<String>,
}

#[derive(Debug, Serialize)]
struct CrossCheckView {
    result: &'static str,
    message: &'static str,
}

impl<'a> CloudWatchView<'a> {
    pub(super) fn new(readings: &'a Readings, route: &Route, destination: &Destination) -> Self {
        let message = |metric| words::message(metric, readings.of(metric), &readings.rule, route, destination);
        let view = |metric| MetricView::new(readings.of(metric), message(metric));
        Self {
            rule_id: readings.rule_id().map(AsRef::as_ref),
            replication_latency: view(Metric::ReplicationLatency),
            bytes_pending: view(Metric::BytesPending),
            operations_pending: view(Metric::OperationsPending),
            operations_failed: FailedView::new(
                readings.of(Metric::OperationsFailed),
                message(Metric::OperationsFailed),
            ),
            cross_check: CrossCheckView {
                result: readings.cross_check.as_str(),
                message: readings.cross_check.sentence(),
            },
        }
    }
}

impl MetricView {
    fn new(reading: &Reading, message: Option<String>) -> Self {
        Self {
            status: reading.status.as_str(),
            value: reading.value,
            at: reading.at.map(Timestamp),
            provisional: reading.provisional,
            message,
        }
    }
}

impl FailedView {
    fn new(reading: &Reading, message: Option<String>) -> Self {
        Self {
            status: reading.status.as_str(),
            value: reading.value,
            sum: reading.value,
            samples: reading.samples,
            less_canaries: reading.less_canaries,
            at: reading.at.map(Timestamp),
            provisional: reading.provisional,
            message,
        }
    }
}

/// The metrics in a few words; nothing while none is read.
pub(super) fn summary(readings: &Readings) -> Option<String> {
    if readings.metrics.iter().all(|reading| reading.status == Status::Off) {
        return None;
    }
    let word = |status: Status| status.as_str().replace('_', " ");
    let [latency, _, pending, failed] = &readings.metrics;
    let shown =
        |reading: &Reading, words: &dyn Fn(f64) -> String| reading.value.map_or_else(|| word(reading.status), words);
    Some(format!(
        "CloudWatch: latency {}, pending {}, failed in 30 min {}",
        shown(latency, &|seconds| format!("{seconds:.0} s")),
        shown(pending, &|operations| format!("{operations:.0}")),
        shown(failed, &|failures| match failed.less_canaries {
            Some(others) if failures > 0.0 => format!("{failures:.0}, of which not canaries {others:.0}"),
            Some(_) | None => format!("{failures:.0}"),
        }),
    ))
}

/// What somebody should know of them: metrics that cannot be read, and where they contradict the canaries.
pub(super) fn notices(readings: &Readings, route: &Route, destination: &Destination) -> Vec<String> {
    let unreadable = Metric::ALL.into_iter().filter(|metric| readings.of(*metric).status == Status::Unreadable);
    let message = |metric| words::message(metric, readings.of(metric), &readings.rule, route, destination);
    let mut notices: Vec<String> = unreadable.filter_map(message).collect();
    notices.dedup();
    match readings.cross_check {
        CrossCheck::BacklogGrows | CrossCheck::CloudwatchSilent | CrossCheck::OthersFail => {
            notices.push(readings.cross_check.sentence().to_owned());
        }
        CrossCheck::AgreeHealthy | CrossCheck::AgreeFailing | CrossCheck::Unknown => {}
    }
    notices
}
