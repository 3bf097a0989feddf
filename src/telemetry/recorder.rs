//! Turns observations and snapshots into metrics, through handles that it keeps by slot.

use std::collections::HashMap;
use std::sync::Arc;

use super::daemon::CallCounter;
use super::fleet::Entry;
use super::metrics::Metrics;
use super::queues::QueueCounter;
use crate::domain::observation::Observation;
use crate::domain::route::{Route, RouteId};
use crate::domain::snapshot::{RouteSnapshot, Snapshot};

/// The one writer of [`Metrics`].
#[derive(Debug)]
pub(super) struct Recorder {
    metrics: Arc<Metrics>,
    routes: HashMap<RouteId, Arc<Entry>>,
    calls: CallCounter,
    queues: QueueCounter,
    /// The snapshot that the metrics show.
    shown: Arc<Snapshot>,
}

impl Recorder {
    pub(super) fn new(metrics: Arc<Metrics>) -> Self {
        let (calls, queues) = (CallCounter::default(), QueueCounter::default());
        Self { metrics, routes: HashMap::new(), calls, queues, shown: Arc::default() }
    }

    /// The configuration of a route that is monitored now.
    pub(super) fn route(&self, id: RouteId) -> Option<&Arc<Route>> {
        self.routes.get(&id).map(|entry| &entry.route)
    }

    /// Counts what happened.
    pub(super) fn observe(&mut self, observation: &Observation) {
        match observation {
            Observation::RouteAdded(id, route) => {
                let entry = self.metrics.fleet.add(*id, Arc::clone(route));
                self.queues.add(&self.metrics.queues, *id, route);
                self.routes.insert(*id, entry);
            }
            Observation::RouteRemoved(id) => {
                if let Some(entry) = self.routes.remove(id) {
                    self.metrics.fleet.remove(&entry);
                    self.queues.remove(&self.metrics.queues, *id);
                }
            }
            Observation::Cycle { delay, .. } => self.metrics.daemon.schedule_delay_seconds.observe(*delay),
            Observation::Canary(canary) => {
                if let Some(entry) = self.routes.get(&canary.route) {
                    entry.observe(canary);
                }
            }
            Observation::Event(event) => {
                if let Some(entry) = self.routes.get(&event.route) {
                    entry.told(event);
                }
            }
            Observation::Queue(queue) => self.queues.observe(queue),
            Observation::Call(call) => self.calls.observe(call, &self.metrics.calls),
            Observation::ProbeBroke { .. } => self.metrics.daemon.probes_broken_total.increment(),
            Observation::Drift { route, change, .. } => {
                if let Some(entry) = self.routes.get(route) {
                    entry.drifted(change);
                }
            }
            Observation::Contact { .. }
            | Observation::SelfTest { .. }
            | Observation::Key { .. }
            | Observation::Rule { .. }
            | Observation::Readings { .. }
            | Observation::Audited { .. } => {}
        }
    }

    /// Takes over what a snapshot says of the routes that changed since the last one, and answers which those are.
    pub(super) fn show<'a>(&mut self, snapshot: &'a Arc<Snapshot>) -> Vec<&'a RouteSnapshot> {
        let before = std::mem::replace(&mut self.shown, Arc::clone(snapshot));
        let is_new = |(place, route): &(usize, &Arc<RouteSnapshot>)| {
            before.routes.get(*place).is_none_or(|earlier| !Arc::ptr_eq(earlier, route))
        };
        let changed: Vec<&RouteSnapshot> =
            snapshot.routes.iter().enumerate().filter(is_new).map(|(_, route)| route.as_ref()).collect();
        for route in &changed {
            if let Some(entry) = self.routes.get(&route.id) {
                entry.refresh(route);
            }
        }
        changed
    }

    /// Says how many observations wait.
    pub(super) fn queued(&self, count: usize) {
        self.metrics.daemon.observations_queued.set(u64::try_from(count).unwrap_or(u64::MAX));
    }

    /// Says how many canaries are left behind, still PENDING.
    pub(super) fn left_pending(&self, count: usize) {
        self.metrics.daemon.canary_objects_left_pending.set(u64::try_from(count).unwrap_or(u64::MAX));
    }
}
