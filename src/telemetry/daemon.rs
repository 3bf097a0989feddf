//! The metrics of the daemon itself: its build, its configuration, its schedule and its calls to AWS.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use prometheus::proto::MetricType;

use super::family::{Samples, Visit, metrics};
use super::histogram::{Bounds, Histogram};
use super::value::{Counter, CounterOfSeen, Gauge, Known, Sampled};
use crate::domain::object::Trouble;
use crate::domain::observation::CallRecord;

metrics! {
    /// What is told of the daemon as a whole: no labels.
    struct DaemonMetrics {
        /// What runs: version and revision. Always 1.
        build_info: BuildLabels,
        /// Whether the configuration was last read without a fault: 1 yes, 0 no.
        config_last_reload_successful: Gauge,
        /// When the configuration was last read without a fault, in seconds since the Unix epoch.
        config_last_reload_success_timestamp_seconds: Known,
        /// How much later than planned canaries were started, in seconds.
        schedule_delay_seconds: Histogram<DelayBounds>,
        /// Probes that broke inside the monitor; their canaries were removed.
        probes_broken_total: Counter,
        /// Canaries left where they are at the stop, on purpose, because S3 was still replicating them.
        canary_objects_left_pending: Gauge,
        /// Observations that wait to be counted.
        observations_queued: Gauge,
    }
}

metrics! {
    /// What is told of one operation in one Region: labels `service`, `operation` and `aws_region`.
    struct CallMetrics {
        /// Requests to AWS, whatever their outcome.
        aws_requests_total: Counter,
        /// Requests to AWS that met trouble, by its kind; that an object is not there is an answer, not trouble.
        aws_request_failures_total: CounterOfSeen<Trouble>,
    }
}

metrics! {
    /// What is told of one operation in all Regions: labels `service` and `operation`.
    struct OperationMetrics {
        /// Time that requests to AWS took, in seconds.
        aws_request_duration_seconds: Histogram<CallBounds>,
    }
}

/// What was built.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BuildInfo {
    /// The version, as in `Cargo.toml`.
    pub version: String,
    /// The revision of the source, where known.
    pub revision: String,
}

/// The labels of `build_info`.
#[derive(Debug, Default)]
pub(super) struct BuildLabels(pub(super) BuildInfo);

impl Sampled for BuildLabels {
    const KIND: MetricType = MetricType::GAUGE;

    fn sample(&self, samples: &mut Samples<'_>) {
        samples.push_labelled(&[("version", &self.0.version), ("revision", &self.0.revision)], 1.0);
    }
}

/// The bounds of `schedule_delay_seconds`.
#[derive(Debug)]
pub(super) struct DelayBounds;

impl Bounds for DelayBounds {
    const SECONDS: &'static [f64] = &[0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];
}

/// The bounds of `aws_request_duration_seconds`.
#[derive(Debug)]
pub(super) struct CallBounds;

impl Bounds for CallBounds {
    const SECONDS: &'static [f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
}

/// The calls to AWS, by what was called.
#[derive(Debug, Default)]
pub(super) struct Calls {
    regional: RwLock<Vec<Arc<RegionalCalls>>>,
    operations: RwLock<Vec<Arc<OperationCalls>>>,
}

#[derive(Debug)]
struct RegionalCalls {
    service: &'static str,
    operation: &'static str,
    region: Arc<str>,
    metrics: CallMetrics,
}

#[derive(Debug)]
struct OperationCalls {
    service: &'static str,
    operation: &'static str,
    metrics: OperationMetrics,
}

/// The one writer of [`Calls`]: it keeps the handles.
#[derive(Debug, Default)]
pub(super) struct CallCounter {
    regional: HashMap<(&'static str, &'static str, Arc<str>), Arc<RegionalCalls>>,
    operations: HashMap<(&'static str, &'static str), Arc<OperationCalls>>,
}

impl CallCounter {
    /// Counts one call.
    pub(super) fn observe(&mut self, call: &CallRecord, calls: &Calls) {
        let (service, operation) = (call.service, call.operation);
        let regional = self.regional.entry((service, operation, Arc::clone(&call.region))).or_insert_with(|| {
            let metrics = CallMetrics::default();
            register(&calls.regional, RegionalCalls { service, operation, region: Arc::clone(&call.region), metrics })
        });
        regional.metrics.aws_requests_total.increment();
        if let Err(trouble) = call.outcome
            && trouble != Trouble::NotFound
        {
            regional.metrics.aws_request_failures_total.increment(trouble);
        }
        let whole = self.operations.entry((service, operation)).or_insert_with(|| {
            register(&calls.operations, OperationCalls { service, operation, metrics: OperationMetrics::default() })
        });
        whole.metrics.aws_request_duration_seconds.observe(call.duration);
    }
}

fn register<T>(members: &RwLock<Vec<Arc<T>>>, member: T) -> Arc<T> {
    let member = Arc::new(member);
    members.write().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&member));
    member
}

impl Calls {
    /// Visits the calls of each operation in each Region.
    pub(super) fn each_regional(&self, visit: Visit<'_, CallMetrics>) {
        for each in self.regional.read().unwrap_or_else(PoisonError::into_inner).iter() {
            let labels = [("service", each.service), ("operation", each.operation), ("aws_region", &*each.region)];
            visit(&labels, &each.metrics);
        }
    }

    /// Visits the calls of each operation.
    pub(super) fn each_operation(&self, visit: Visit<'_, OperationMetrics>) {
        for each in self.operations.read().unwrap_or_else(PoisonError::into_inner).iter() {
            visit(&[("service", each.service), ("operation", each.operation)], &each.metrics);
        }
    }
}
