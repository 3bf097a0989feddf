//! The whole metrics page, in parts: one family of some routes at a time is turned into text, so that a scrape of
//! many routes never holds all of their series in memory.

use std::fmt;
use std::sync::Arc;

use prometheus::process_collector::ProcessCollector;
use prometheus::proto::MetricFamily;
use prometheus::{Registry, TextEncoder};

use super::daemon::{BuildInfo, BuildLabels, CallMetrics, Calls, DaemonMetrics, OperationMetrics};
use super::family::{MetricSet, Visit};
use super::fleet::{self, Fleet};
use super::queues::{QueueMetrics, Queues};
use super::route_metrics::{DestinationMetrics, RouteMetrics, SideMetrics};
use crate::domain::time::UnixMillis;

/// The media type of the page.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// How many routes are turned into text at once.
const ROUTES_AT_ONCE: usize = 500;

/// Every metric of the daemon: written by [`Telemetry`](super::Telemetry) alone, read by any scrape.
pub struct Metrics {
    /// What the process collector tells; a registry of our own, not the global one.
    registry: Registry,
    pub(super) daemon: DaemonMetrics,
    pub(super) calls: Calls,
    pub(super) queues: Queues,
    pub(super) fleet: Fleet,
}

impl Metrics {
    /// Metrics of a daemon whose configuration was read without a fault at `started`.
    pub(super) fn new(build: BuildInfo, started: UnixMillis) -> Self {
        let registry = Registry::new();
        if let Err(error) = registry.register(Box::new(ProcessCollector::for_self())) {
            tracing::warn!(%error, "metrics of the process are not available");
        }
        let daemon = DaemonMetrics { build_info: BuildLabels(build), ..DaemonMetrics::default() };
        daemon.config_last_reload_successful.set(1);
        daemon.config_last_reload_success_timestamp_seconds.set_time(Some(started));
        Self { registry, daemon, calls: Calls::default(), queues: Queues::default(), fleet: Fleet::default() }
    }

    /// The whole page as text.
    #[must_use]
    pub fn render(self: &Arc<Self>) -> String {
        self.parts().collect()
    }

    /// The page as a sequence of texts, each a metric family or a piece of one; each is made when it is asked for.
    pub fn parts(self: &Arc<Self>) -> impl Iterator<Item = String> + Send + use<> {
        let routes = Arc::new(self.fleet.entries());
        let process = self.registry.gather().into_iter().map(|family| text(&family));
        let daemon = self.set::<DaemonMetrics>(|metrics, visit| visit(&[], &metrics.daemon));
        let calls = self.set::<CallMetrics>(|metrics, visit| metrics.calls.each_regional(visit));
        let operations = self.set::<OperationMetrics>(|metrics, visit| metrics.calls.each_operation(visit));
        let queues = self.set::<QueueMetrics>(|metrics, visit| metrics.queues.each(visit));
        process
            .chain(daemon)
            .chain(calls)
            .chain(operations)
            .chain(queues)
            .chain(route_set::<RouteMetrics>(&routes, fleet::each_route))
            .chain(route_set::<SideMetrics>(&routes, fleet::each_side))
            .chain(route_set::<DestinationMetrics>(&routes, fleet::each_destination))
    }

    fn set<M: MetricSet>(
        self: &Arc<Self>,
        each: fn(&Self, Visit<'_, M>),
    ) -> impl Iterator<Item = String> + Send + use<M> {
        let metrics = Arc::clone(self);
        M::FAMILIES
            .iter()
            .filter_map(move |family| family.collect(|visit| each(&metrics, visit)))
            .map(|family| text(&family))
    }
}

/// The families of many routes, in pieces of so many routes that none holds up the thread for long.
fn route_set<M: MetricSet>(
    routes: &Arc<Vec<Arc<fleet::Entry>>>,
    each: fn(&[Arc<fleet::Entry>], Visit<'_, M>),
) -> impl Iterator<Item = String> + Send + use<M> {
    let routes = Arc::clone(routes);
    M::FAMILIES.iter().flat_map(move |family| {
        let routes = Arc::clone(&routes);
        let mut begun = false;
        (0..routes.len()).step_by(ROUTES_AT_ONCE).filter_map(move |from| {
            let piece = routes.get(from..routes.len().min(from + ROUTES_AT_ONCE))?;
            let whole = text(&family.collect(|visit| each(piece, visit))?);
            Some(if std::mem::replace(&mut begun, true) { without_head(whole) } else { whole })
        })
    })
}

/// The samples of a family alone: HELP and TYPE may occur but once.
fn without_head(text: String) -> String {
    let mut rest = text.as_str();
    while rest.starts_with('#') {
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
    }
    rest.to_owned()
}

fn text(family: &MetricFamily) -> String {
    TextEncoder::new().encode_to_string(std::slice::from_ref(family)).unwrap_or_else(|error| {
        tracing::warn!(%error, family = family.name(), "a metric family could not be written");
        String::new()
    })
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}
