//! The metrics of queues of replication events. A queue goes with the last route that names it, and so do its series.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use super::family::{Visit, metrics};
use super::value::{CounterOfEach, Known};
use crate::domain::event::queue::{EventQueue, MessageOutcome, QueueNote, QueueObservation};
use crate::domain::route::{Route, RouteId};
use crate::domain::time::UnixMillis;

metrics! {
    /// What is told of a queue: label `queue`, its name.
    struct QueueMetrics {
        /// Messages received from a queue of replication events, by what became of them; unreadable ones stay there.
        event_messages_total: CounterOfEach<MessageOutcome>,
        /// When a queue of replication events was last read without trouble, in seconds since the Unix epoch; absent
        /// before the first time.
        event_queue_last_success_timestamp_seconds: Known,
    }
}

/// The metrics of all queues, by name.
#[derive(Debug, Default)]
pub(super) struct Queues(RwLock<BTreeMap<String, Arc<QueueMetrics>>>);

impl Queues {
    /// Visits the metrics of each queue.
    pub(super) fn each(&self, visit: Visit<'_, QueueMetrics>) {
        for (name, metrics) in self.0.read().unwrap_or_else(PoisonError::into_inner).iter() {
            visit(&[("queue", name)], metrics);
        }
    }

    fn add(&self, name: &str) -> Arc<QueueMetrics> {
        let mut queues = self.0.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(queues.entry(name.to_owned()).or_default())
    }

    fn remove(&self, name: &str) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

/// The one writer of [`Queues`]: it knows who names which queue.
#[derive(Debug, Default)]
pub(super) struct QueueCounter(BTreeMap<EventQueue, Named>);

#[derive(Debug)]
struct Named {
    metrics: Arc<QueueMetrics>,
    routes: BTreeSet<RouteId>,
    last_success: Option<UnixMillis>,
}

impl QueueCounter {
    /// A route is monitored from now on.
    pub(super) fn add(&mut self, queues: &Queues, id: RouteId, route: &Route) {
        let Some(queue) = &route.source.event_queue else { return };
        let named = self.0.entry(queue.clone()).or_insert_with(|| {
            let metrics = queues.add(queue.name());
            Named { metrics, routes: BTreeSet::new(), last_success: None }
        });
        named.routes.insert(id);
    }

    /// A route is no longer monitored.
    pub(super) fn remove(&mut self, queues: &Queues, id: RouteId) {
        self.0.values_mut().for_each(|named| _ = named.routes.remove(&id));
        let gone: Vec<EventQueue> =
            self.0.iter().filter(|(_, named)| named.routes.is_empty()).map(|(queue, _)| queue.clone()).collect();
        for queue in gone {
            self.0.remove(&queue);
            if self.0.keys().all(|other| other.name() != queue.name()) {
                queues.remove(queue.name());
            }
        }
    }

    /// Counts what happened to a queue.
    pub(super) fn observe(&mut self, observation: &QueueObservation) {
        let Some(named) = self.0.get_mut(&observation.queue) else { return };
        match &observation.note {
            QueueNote::Message { outcome, .. } => named.metrics.event_messages_total.increment(*outcome),
            QueueNote::Unread { .. } => {}
            QueueNote::Read => {
                named.last_success = Some(observation.at.wall);
                let metrics = Arc::clone(&named.metrics);
                metrics.event_queue_last_success_timestamp_seconds.set_time(self.last_success(&observation.queue));
            }
        }
    }

    /// Queues of the same name have one series between them: it shows the one that was read the longest time ago.
    fn last_success(&self, queue: &EventQueue) -> Option<UnixMillis> {
        let namesakes = self.0.iter().filter(|(other, _)| other.name() == queue.name());
        namesakes.map(|(_, named)| named.last_success).min().flatten()
    }
}
