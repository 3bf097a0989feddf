//! `replicanary probe`: one canary now, its journey shown live.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::app::{World, build_channels};
use crate::aws::{CallMeter, ClientPool, S3Bucket};
use crate::config::Config;
use crate::domain::canary::Canary;
use crate::domain::observation::Observation;
use crate::domain::probe;
use crate::runtime::clock::Clock;
use crate::runtime::drive::drive;
use crate::runtime::reporter::Reporter;
use crate::runtime::side::Channel;
use crate::runtime::{keys, self_test};

use super::journey::{Journey, Style};
use super::signals::Signals;
use super::{configured, exit};

/// How long the clean-up may take once every leg is judged.
const CLEAN_UP: Duration = Duration::from_secs(6);

/// How long it may take after a signal.
const WIND_UP: Duration = Duration::from_secs(10);

/// How many observations may wait to be shown.
const QUEUE: usize = 1_024;

#[derive(Debug, Args)]
pub(super) struct Probe {
    /// The configuration file
    #[arg(long, alias = "config.file", value_name = "FILE", env = "REPLICANARY_CONFIG")]
    config: PathBuf,
    /// The route to probe; without it every route gets one canary
    #[arg(long, value_name = "ROUTE")]
    route: Option<String>,
    /// Print reports as JSON, one a line, the worst last; the journey goes to standard error
    #[arg(long)]
    json: bool,
}

impl Probe {
    pub(super) fn execute(self) -> ExitCode {
        let mut config = match configured::load(&self.config) {
            Ok(config) => config,
            Err(code) => return code,
        };
        config.routes = match configured::only(config.routes, self.route.as_deref()) {
            Ok(routes) => routes,
            Err(code) => return code,
        };
        let world = match World::real(&config) {
            Ok(world) => world,
            Err(error) => return exit::fault(exit::USAGE, &error),
        };
        configured::block_on(probe_once(&config, Style::choose(self.json), world))
    }
}

async fn probe_once(config: &Config, style: Style, world: World) -> ExitCode {
    let mut signals = match Signals::listen() {
        Ok(signals) => signals,
        Err(error) => return exit::fault(exit::SOFTWARE, &format!("cannot listen for signals: {error}")),
    };
    let World { clock, environment, mut nonces } = world;
    let pool = ClientPool::new(environment, CallMeter::silent());
    let channels = build_channels(config, &pool).await;
    let (observations, mut observed) = mpsc::channel(QUEUE);
    let (stop, stopping) = watch::channel(false);
    let mut probes = JoinSet::new();
    for channel in &channels {
        let reporter = Reporter::new(observations.clone());
        let canary = (Arc::clone(channel), nonces());
        probes.spawn(follow(canary, clock.clone(), reporter, stopping.clone()));
    }
    drop(observations);

    let mut journey = Journey::new(&channels, style, clock.now());
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    let mut give_up = None;
    loop {
        tokio::select! {
            next = observed.recv() => match next {
                Some(observation) => journey.observe(&observation),
                None => break,
            },
            signal = signals.next() => {
                exit::say_aside(&format!("{signal}: cleaning up"));
                stop.send_replace(true);
                give_up = Some(tokio::time::Instant::now() + WIND_UP);
            }
            _ = tick.tick() => {
                journey.tick(clock.now());
                if give_up.is_some_and(|at| tokio::time::Instant::now() >= at) {
                    if *stop.borrow() { break }
                    stop.send_replace(true);
                    give_up = Some(tokio::time::Instant::now() + WIND_UP);
                }
            }
        }
        if journey.is_judged() && give_up.is_none() {
            give_up = Some(tokio::time::Instant::now() + CLEAN_UP);
        }
    }
    probes.shutdown().await;
    journey.conclude()
}

/// Tests the sides of a route and looks at its keys, then carries one canary through it.
async fn follow(
    (channel, nonce): (Arc<Channel<S3Bucket>>, crate::domain::canary::Nonce),
    clock: Clock,
    reporter: Reporter,
    stop: watch::Receiver<bool>,
) {
    let _late = timeout(self_test::FIRST, self_test::test_route(&channel, &clock, &reporter)).await;
    let _late = timeout(self_test::FIRST, keys::look_once(&channel, &clock, &reporter)).await;
    let now = clock.now();
    let canary = Canary::new(&channel.route, now.wall, 1, nonce);
    let route = Arc::clone(&channel.route);
    let probe = probe::Probe::new(channel.id, route, canary, channel.expectations(), now);
    reporter.observe(Observation::Cycle { route: channel.id, delay: Duration::ZERO, at: now }).await;
    drive(probe, &channel, &clock, &reporter, stop).await;
}
