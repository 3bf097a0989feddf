//! The single writer: one task turns every observation into health, metrics and log lines, so that the three can
//! never disagree.

mod daemon;
mod family;
mod fleet;
mod histogram;
mod label;
pub mod log;
mod metrics;
mod narrator;
mod queues;
mod recorder;
mod route_metrics;
#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;
mod value;

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

pub use self::daemon::BuildInfo;
pub use self::metrics::{CONTENT_TYPE, Metrics};

use self::narrator::Narrator;
use self::recorder::Recorder;
use crate::domain::health::Health;
use crate::domain::observation::Observation;
use crate::domain::pulse::Pulse;
use crate::domain::route::RouteId;
use crate::domain::snapshot::Snapshot;
use crate::domain::time::Moment;

/// How many observations may wait; senders wait beyond it.
const QUEUE_MAX: usize = 8192;

/// How many observations are taken at once.
const BATCH_MAX: usize = 1024;

/// The time between two looks at the clock, for states that change by time alone.
const TICK: Duration = Duration::from_secs(1);

/// The shortest time between two snapshots.
const SNAPSHOT_GAP: Duration = Duration::from_millis(100);

/// Reads both clocks.
type Clock = Arc<dyn Fn() -> Moment + Send + Sync>;

/// The owner of health, metrics and log.
pub struct Telemetry {
    clock: Clock,
    observations: mpsc::Receiver<Observation>,
    health: Health,
    recorder: Recorder,
    narrator: Narrator,
    snapshots: watch::Sender<Arc<Snapshot>>,
    pulse: Arc<Pulse>,
}

/// What everybody else holds of it.
#[derive(Debug, Clone)]
pub struct Handles {
    /// Takes everything that happens.
    pub observations: mpsc::Sender<Observation>,
    /// The health of all routes, at most about 100 ms old.
    pub snapshots: watch::Receiver<Arc<Snapshot>>,
    /// What `/metrics` shows.
    pub metrics: Arc<Metrics>,
    /// Beats at least once a second while the task runs.
    pub pulse: Arc<Pulse>,
}

impl Telemetry {
    /// The task, not yet running, and the handles to it.
    pub fn new(clock: impl Fn() -> Moment + Send + Sync + 'static, build: BuildInfo) -> (Self, Handles) {
        let now = clock();
        let (sender, receiver) = mpsc::channel(QUEUE_MAX);
        let (snapshots, snapshot) = watch::channel(Arc::new(Snapshot { at: now.wall, routes: Vec::new() }));
        let metrics = Arc::new(Metrics::new(build, now.wall));
        let pulse = Arc::new(Pulse::new(now.mono));
        let telemetry = Self {
            clock: Arc::new(clock),
            observations: receiver,
            health: Health::new(),
            recorder: Recorder::new(Arc::clone(&metrics)),
            narrator: Narrator::default(),
            snapshots,
            pulse: Arc::clone(&pulse),
        };
        (telemetry, Handles { observations: sender, snapshots: snapshot, metrics, pulse })
    }

    /// Runs until `shutdown` ends or every sender is gone; what is queued then is still counted.
    pub async fn run(mut self, shutdown: impl Future<Output = ()>) {
        let mut shutdown = pin!(shutdown);
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut batch = Vec::with_capacity(BATCH_MAX);
        let mut news = false;
        let mut publish_at = Instant::now();
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                taken = self.observations.recv_many(&mut batch, BATCH_MAX) => {
                    if taken == 0 {
                        break;
                    }
                    news |= self.take(&mut batch);
                }
                () = sleep_until(publish_at), if news => {
                    self.publish();
                    news = false;
                    publish_at = Instant::now() + SNAPSHOT_GAP;
                }
                _ = ticks.tick() => {
                    self.tick();
                    news = true;
                }
            }
            self.pulse.beat((self.clock)().mono);
        }
        self.drain(batch).await;
    }

    /// Counts what is still queued, and shows it.
    async fn drain(mut self, mut batch: Vec<Observation>) {
        self.observations.close();
        while self.observations.recv_many(&mut batch, BATCH_MAX).await > 0 {
            self.take(&mut batch);
        }
        self.publish();
    }

    /// Counts a batch, and says whether it can change the snapshot.
    fn take(&mut self, batch: &mut Vec<Observation>) -> bool {
        let now = (self.clock)();
        self.recorder.queued(self.observations.len());
        let mut news = false;
        for observation in batch.drain(..) {
            news |= !matches!(observation, Observation::Call(_) | Observation::Queue(_));
            self.observe(&observation, now);
        }
        news
    }

    fn observe(&mut self, observation: &Observation, now: Moment) {
        let refined = self.health.refined(observation);
        let observation = refined.as_ref().unwrap_or(observation);
        let subject = subject(observation).and_then(|id| self.recorder.route(id));
        self.narrator.observe(observation, subject.map(AsRef::as_ref));
        self.recorder.left_pending(self.narrator.left_pending());
        self.recorder.observe(observation);
        for change in self.health.observe(observation, now) {
            self.narrator.change(&change);
        }
    }

    fn tick(&mut self) {
        for change in self.health.tick((self.clock)()) {
            self.narrator.change(&change);
        }
    }

    fn publish(&mut self) {
        let snapshot = self.health.snapshot((self.clock)());
        for route in self.recorder.show(&snapshot) {
            self.narrator.route(route);
        }
        self.snapshots.send_replace(snapshot);
    }
}

/// The route that an observation is about.
fn subject(observation: &Observation) -> Option<RouteId> {
    match observation {
        Observation::RouteAdded(route, _)
        | Observation::RouteRemoved(route)
        | Observation::Cycle { route, .. }
        | Observation::Contact { route, .. }
        | Observation::SelfTest { route, .. }
        | Observation::Key { route, .. }
        | Observation::Audited { route, .. }
        | Observation::Drift { route, .. }
        | Observation::Rule { route, .. }
        | Observation::Readings { route, .. }
        | Observation::ProbeBroke { route, .. } => Some(*route),
        Observation::Canary(canary) => Some(canary.route),
        Observation::Event(event) => Some(event.route),
        Observation::Call(_) | Observation::Queue(_) => None,
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry").finish_non_exhaustive()
    }
}
