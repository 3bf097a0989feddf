//! The composition root: builds every part of the daemon, spawns its loops, waits, and drains.

mod bridge;
mod build;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

use crate::aws::{ClientPool, Environment, TrustError};
use crate::config::Config;
use crate::domain::canary::Nonce;
use crate::domain::observation::Observation;
use crate::domain::snapshot::Snapshot;
use crate::http::{self, HttpState};
use crate::runtime::clock::Clock;
use crate::runtime::drain::Drained;
use crate::runtime::janitor;
use crate::runtime::prober::{Prober, Tools};
use crate::runtime::reporter::Reporter;
use crate::runtime::{auditor, events, keys, reader, rules, self_test};
use crate::telemetry::{BuildInfo, Metrics, Telemetry};

pub use build::{Channels, build_channels, build_subjects};

/// How long readiness waits for the first self-tests; also how long the first canaries do.
const FIRST_TESTS: Duration = Duration::from_secs(10);

/// What the daemon takes from the outside world.
pub struct World {
    /// Time.
    pub clock: Clock,
    /// How AWS is reached.
    pub environment: Environment,
    /// A source of unpredictable numbers.
    pub nonces: Box<dyn FnMut() -> Nonce + Send>,
}

impl World {
    /// The real one: the machine's clock, TLS to AWS, the operating system's randomness.
    ///
    /// # Errors
    /// When `AWS_CA_BUNDLE` names certificates that cannot be read.
    pub fn real(config: &Config) -> Result<Self, TrustError> {
        let environment = Environment::real()?.named(&config.instance);
        Ok(Self { clock: Clock::system(), environment, nonces: Box::new(build::random_nonce) })
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("clock", &self.clock).finish_non_exhaustive()
    }
}

/// A running daemon.
#[derive(Debug)]
pub struct Daemon {
    state: HttpState,
    drain: oneshot::Sender<()>,
    end_telemetry: oneshot::Sender<()>,
    drained: oneshot::Receiver<Drained>,
    loops: JoinSet<()>,
    telemetry: JoinSet<()>,
}

impl Daemon {
    /// Builds and starts everything but the HTTP listener.
    pub async fn start(config: &Config, world: World) -> Self {
        let World { clock, environment, nonces } = world;
        let reading = clock.clone();
        let (telemetry, handles) = Telemetry::new(move || reading.now(), build_info());
        let meter = bridge::meter(handles.observations.clone());
        let pool = ClientPool::new(environment, meter);
        let channels = build_channels(config, &pool).await;
        let queues = build::build_queues(config, &pool, &channels).await;
        let subjects = build_subjects(config, &pool, &channels).await;
        for channel in &channels {
            let added = Observation::RouteAdded(channel.id, Arc::clone(&channel.route));
            let _closed = handles.observations.send(added).await;
        }

        let (ready, readiness) = watch::channel(false);
        let (requests, asked) = mpsc::channel(bridge::REQUESTS_MAX);
        let (probes, forwarded) = mpsc::channel(bridge::REQUESTS_MAX);
        let (strays, found) = mpsc::channel(bridge::STRAYS_MAX);
        let tools = Tools {
            clock: clock.clone(),
            observations: handles.observations.clone(),
            snapshots: handles.snapshots.clone(),
            nonces,
            requests: forwarded,
            strays: found,
        };
        let prober = Prober::new(channels.clone(), tools);
        let pulse = prober.pulse();
        let (drain, draining) = oneshot::channel::<()>();
        let (report, drained) = oneshot::channel();
        let grace = config.shutdown_grace;

        let mut loops = JoinSet::new();
        let reporter = Reporter::new(handles.observations.clone());
        loops.spawn(self_test::keep_testing(channels.clone(), clock.clone(), reporter.clone(), ready));
        loops.spawn(keys::keep_looking(channels.clone(), clock.clone(), reporter.clone()));
        loops.spawn(rules::keep_learning(channels.clone(), clock.clone(), reporter.clone()));
        loops.spawn(reader::keep_reading(subjects, clock.clone(), reporter.clone()));
        loops.spawn(events::keep_receiving(queues, clock.clone(), reporter.clone()));
        loops.spawn(auditor::keep_auditing(channels.clone(), clock.clone(), reporter));
        loops.spawn(bridge::forward(asked, probes));
        loops.spawn(janitor::keep_sweeping(channels.clone(), clock.clone(), strays));
        let mut tested = readiness.clone();
        loops.spawn(async move {
            let first = tokio::time::timeout(FIRST_TESTS, tested.wait_for(|ready| *ready)).await.is_ok();
            if !first {
                tracing::warn!("the first self-tests have not ended yet; canaries are written all the same");
            }
            let _gone = report.send(prober.run(bridge::asked_to(draining), grace).await);
        });

        let (end_telemetry, ending) = oneshot::channel::<()>();
        let mut telemetry_task = JoinSet::new();
        let liveness = bridge::liveness(clock.clone(), pulse, handles.pulse.clone());
        telemetry_task.spawn(telemetry.run(bridge::asked_to(ending)));
        let state = HttpState {
            snapshots: handles.snapshots,
            metrics: handles.metrics,
            readiness,
            liveness,
            probes: requests,
            build: build_info(),
            clock: bridge::reading(clock),
        };
        Self { state, drain, end_telemetry, drained, loops, telemetry: telemetry_task }
    }

    /// The daemon's HTTP interface.
    pub fn router(&self) -> axum::Router {
        http::router(self.state.clone())
    }

    /// The health of all routes, as it changes.
    #[must_use]
    pub fn snapshots(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.state.snapshots.clone()
    }

    /// The metrics.
    #[must_use]
    pub fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.state.metrics)
    }

    /// Stops writing, lets probes finish for the configured grace, cleans up, and answers what had to be left.
    pub async fn drain(mut self) -> Drained {
        let _ended = self.drain.send(());
        let drained = self.drained.await.unwrap_or_default();
        self.loops.shutdown().await;
        let _ended = self.end_telemetry.send(());
        while self.telemetry.join_next().await.is_some() {}
        drained
    }
}

/// What runs: the version, and the revision where the build was told of one.
fn build_info() -> BuildInfo {
    let revision = option_env!("REPLICANARY_REVISION").unwrap_or("unknown");
    BuildInfo { version: env!("CARGO_PKG_VERSION").to_owned(), revision: revision.to_owned() }
}
