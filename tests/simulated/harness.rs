//! One run: a simulated world, the real daemon beneath the real SDK, virtual time, and what came of it.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use replicanary::app::{Daemon, World};
use replicanary::aws::Environment;
use replicanary::config::shape::{CanaryShape, FileShape, PollShape};
use replicanary::config::{self, Config};
use replicanary::domain::canary::Nonce;
use replicanary::domain::snapshot::{DestinationSnapshot, Snapshot};
use replicanary::domain::time::UnixMillis;
use replicanary::domain::verdict::{State, Verdict};
use replicanary::runtime::clock::Clock;
use replicanary::runtime::drain::Drained;
use replicanary::sim::{self, Fault, Options, Simulator};

/// When the virtual worlds begin, in seconds since the epoch.
const BEGINNING: u64 = 1_800_000_000;

/// Runs `scenario` on a runtime of its own whose time is virtual.
pub(crate) fn on_paused_time<T>(scenario: impl Future<Output = T>) -> T {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
    runtime.block_on(scenario)
}

/// A world with a daemon on it.
pub(crate) struct Run {
    pub(crate) simulator: Simulator,
    pub(crate) daemon: Daemon,
    pub(crate) config: Config,
}

impl Run {
    /// Starts a daemon on `count` routes of the default world, other ones for other seeds, with `fault` on the first.
    pub(crate) async fn start(seed: u64, count: usize, fault: Option<Fault>, canary: &CanaryShape) -> Self {
        let run = Self::start_in(Options { seed, ..Options::default() }, count, fault, canary, |_| {});
        run.await
    }

    /// The same in a world with options of its own, after `adjust` changed the configuration.
    pub(crate) async fn start_in(
        options: Options,
        count: usize,
        fault: Option<Fault>,
        canary: &CanaryShape,
        adjust: impl Fn(&mut FileShape),
    ) -> Self {
        let seed = options.seed;
        let simulator = simulator(&options);
        let config = config_of(&simulator, seed, count, canary, adjust);
        if let Some(fault) = fault {
            set_fault(&simulator, &config, fault, true);
        }
        Self::start_on(simulator, seed, config).await
    }

    /// The same with the configuration that `sim --write-config` writes, as it is; the daemon knows of its routes.
    pub(crate) async fn start_as_written(seed: u64, count: usize) -> Self {
        let simulator = simulator(&Options { seed, ..Options::default() });
        let mut shape = written(&simulator);
        choose(&mut shape, seed, count);
        let run = Self::start_on(simulator, seed, parsed(&shape)).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        run
    }

    async fn start_on(simulator: Simulator, seed: u64, config: Config) -> Self {
        let daemon = Daemon::start(&config, world(&simulator, seed)).await;
        Self { simulator, daemon, config }
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.daemon.snapshots().borrow())
    }

    /// The first destination of the route at `place`.
    pub(crate) fn leg(&self, place: usize) -> DestinationSnapshot {
        let name = self.config.routes[place].route.name.clone();
        let snapshot = self.snapshot();
        let route = snapshot.route(name.as_str()).expect("every configured route is in the snapshot");
        route.destinations[0].clone()
    }

    /// Lets time pass in small steps, and collects every state that the route at `place` shows.
    pub(crate) async fn watch(&self, place: usize, time: Duration) -> BTreeSet<State> {
        let mut states = BTreeSet::new();
        let step = Duration::from_millis(500);
        let mut passed = Duration::ZERO;
        while passed < time {
            tokio::time::sleep(step).await;
            passed += step;
            states.insert(self.leg(place).state);
        }
        states
    }

    /// Waits until the route at `place` shows one of `states`; answers the state that it shows at the end.
    pub(crate) async fn until(&self, place: usize, states: &[State], limit: Duration) -> State {
        let step = Duration::from_millis(500);
        let mut passed = Duration::ZERO;
        while passed < limit && !states.contains(&self.leg(place).state) {
            tokio::time::sleep(step).await;
            passed += step;
        }
        self.leg(place).state
    }

    /// How many calls the daemon has made.
    pub(crate) fn calls(&self) -> u64 {
        let page = self.daemon.metrics().render();
        let counters = page.lines().filter(|line| line.starts_with("replicanary_aws_requests_total{"));
        counters.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
    }

    /// Breaks the first route.
    pub(crate) fn set(&self, fault: Fault) {
        set_fault(&self.simulator, &self.config, fault, true);
    }

    /// Mends the first route.
    pub(crate) fn clear(&self, fault: Fault) {
        set_fault(&self.simulator, &self.config, fault, false);
    }

    /// Stops the daemon; answers how that went and every version that is still in a bucket of its routes.
    pub(crate) async fn stop(self) -> (Drained, Vec<String>) {
        let drained = self.daemon.drain().await;
        let mut left = Vec::new();
        for entry in &self.config.routes {
            let destinations = entry.route.destinations.iter().map(|destination| &destination.bucket);
            for bucket in std::iter::once(&entry.route.source.bucket).chain(destinations) {
                let versions = self.simulator.versions(bucket.as_str());
                left.extend(versions.iter().map(|version| format!("{bucket}: {version:?}")));
            }
        }
        (drained, left)
    }

    /// Every lag interval that was reported must contain the simulator's truth.
    pub(crate) fn assert_lags_sound(&self, context: &str) {
        for route in &self.snapshot().routes {
            for (place, destination) in route.destinations.iter().enumerate() {
                for report in &destination.reports {
                    let (Some(lag), Some(version)) = (report.lag, &report.version_id) else { continue };
                    let source = route.route.source.bucket.as_str();
                    let truth = self.simulator.truth(source, report.key.as_str(), version.as_str());
                    let truth = truth.unwrap_or_else(|| panic!("{context}: no truth for {}", report.key));
                    let bucket = route.route.destinations[place].bucket.as_str();
                    let fate = truth.destinations.iter().find(|fate| fate.bucket == bucket);
                    let Some(arrived) = fate.and_then(|fate| fate.arrives_at.as_deref()) else { continue };
                    let lag_true =
                        time(arrived).duration_since(time(&truth.written_at)).expect("an arrival after the write");
                    assert!(
                        lag.low <= lag_true && lag_true <= lag.high,
                        "{context}: {lag_true:?} is not in {lag:?} of {}",
                        report.key
                    );
                }
            }
        }
    }
}

fn time(text: &str) -> SystemTime {
    humantime::parse_rfc3339(text).expect("a time of the simulator's")
}

/// A world whose time is the virtual one.
pub(crate) fn simulator(options: &Options) -> Simulator {
    let clock = sim::Clock::starting_at(Duration::from_secs(BEGINNING));
    Simulator::new(options, clock).expect("the default world")
}

fn set_fault(simulator: &Simulator, config: &Config, fault: Fault, on: bool) {
    let route = config.routes[0].route.name.as_str();
    simulator.set_fault(route, None, fault, on, None).expect("a fault of the world's own");
}

/// The configuration that `sim --write-config` writes.
fn written(simulator: &Simulator) -> FileShape {
    let pace = replicanary::cli::written::Pace::QUICK;
    replicanary::cli::written::configuration(&simulator.routes(), "http://simulated", pace)
}

/// Leaves so many routes, other ones for other seeds.
fn choose(shape: &mut FileShape, seed: u64, count: usize) {
    if let Some(routes) = &mut shape.routes {
        let first = usize::try_from(seed).expect("a small seed") % routes.len();
        routes.rotate_left(first);
        routes.truncate(count);
    }
}

pub(crate) fn parsed(shape: &FileShape) -> Config {
    let text = config::render(shape).expect("a configuration that can be written");
    config::parse(&text, "written", &|_| None).unwrap_or_else(|faults| panic!("{faults}\n{text}"))
}

/// The configuration that `sim --write-config` would write for some of the routes, at another pace.
pub(crate) fn config_of(
    simulator: &Simulator,
    seed: u64,
    count: usize,
    canary: &CanaryShape,
    adjust: impl Fn(&mut FileShape),
) -> Config {
    parsed(&shape_of(simulator, seed, count, canary, adjust))
}

/// The same as it stands in a file.
pub(crate) fn shape_of(
    simulator: &Simulator,
    seed: u64,
    count: usize,
    canary: &CanaryShape,
    adjust: impl Fn(&mut FileShape),
) -> FileShape {
    let mut shape = written(simulator);
    if let Some(defaults) = &mut shape.defaults {
        defaults.canary = Some(canary.clone());
        // A run is to be cheap: a hundred polls of each canary would prove no more than ten.
        defaults.poll = Some(PollShape { floor: Some("1s".into()), resolution: Some("30%".into()) });
    }
    choose(&mut shape, seed, count);
    adjust(&mut shape);
    shape
}

/// What a daemon on that world stands on.
pub(crate) fn world(simulator: &Simulator, seed: u64) -> World {
    let clock = *simulator.clock();
    let wall = clock;
    let mut count = u128::from(seed) << 64;
    World {
        clock: Clock::with_wall(move || UnixMillis(wall.now().micros() / 1_000)),
        environment: Environment::in_process(simulator.http_client(), clock.time_source(), clock.sleep_impl()),
        nonces: Box::new(move || {
            count += 1;
            Nonce(count.to_be_bytes())
        }),
    }
}

/// The pace of these runs: slow enough that a run has few requests.
pub(crate) fn pace() -> CanaryShape {
    CanaryShape {
        interval: Some("5s".into()),
        objective: Some("10s".into()),
        deadline: Some("25s".into()),
        ..CanaryShape::default()
    }
}

/// How many legs of the route at `place` ended with `verdict`.
pub(crate) fn count(run: &Run, place: usize, verdict: Verdict) -> u64 {
    run.leg(place).count(verdict)
}
