//! `replicanary demo`: the whole product on a simulated AWS, in one command.

use std::fmt::Display;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use clap::Args;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::app::{Daemon, World};
use crate::config::{self, Config};
use crate::sim::{Clock, Fault, Options, RouteInfo, Simulator};

use super::run::until_stopped;
use super::signals::Signals;
use super::written::{self, Pace};
use super::{configured, exit};

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// The address that the daemon listens on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9977")]
    listen: SocketAddr,
    /// The same seed gives the same simulated outcomes
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
}

impl Demo {
    pub(super) fn execute(self) -> ExitCode {
        configured::block_on(self.show())
    }

    async fn show(self) -> ExitCode {
        let listener = match TcpListener::bind(self.listen).await {
            Ok(listener) => listener,
            Err(error) => {
                let text = format!("cannot listen on {}: {error}; name another with --listen", self.listen);
                return exit::fault(exit::UNAVAILABLE, &text);
            }
        };
        let inside = match TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await {
            Ok(inside) => inside,
            Err(error) => return exit::fault(exit::UNAVAILABLE, &format!("cannot listen on loopback: {error}")),
        };
        let (address, endpoint) = match (listener.local_addr(), inside.local_addr()) {
            (Ok(address), Ok(inside)) => (address, format!("http://{inside}")),
            (Err(error), _) | (_, Err(error)) => return exit::fault(exit::SOFTWARE, &error),
        };
        let options = Options { world: "demo".to_owned(), seed: self.seed, ..Options::default() };
        let simulator = match Simulator::new(&options, Clock::real()) {
            Ok(simulator) => simulator,
            Err(error) => return exit::fault(exit::SOFTWARE, &error),
        };
        let routes = simulator.routes();
        let config = match configuration(&routes, &endpoint) {
            Ok(config) => config,
            Err(fault) => return exit::fault(exit::SOFTWARE, &fault),
        };
        let signals = match Signals::listen() {
            Ok(signals) => signals,
            Err(error) => return exit::fault(exit::SOFTWARE, &format!("cannot listen for signals: {error}")),
        };

        let world = match World::real(&config) {
            Ok(world) => world,
            Err(error) => return exit::fault(exit::USAGE, &error),
        };
        let mut cloud = JoinSet::new();
        let (_open, closing) = oneshot::channel::<()>();
        cloud.spawn(simulator.serve(inside, async move {
            let _gone = closing.await;
        }));
        exit::say(&introduction(address, &endpoint, &routes));
        let daemon = Daemon::start(&config, world).await;
        until_stopped(daemon, listener, signals).await
    }
}

/// Goes through YAML, as a user's configuration does.
fn configuration(routes: &[RouteInfo], endpoint: &str) -> Result<Config, Box<dyn Display>> {
    let text = config::render(&written::configuration(routes, endpoint, Pace::DEMO)).map_err(boxed)?;
    config::parse(&text, "the demo's configuration", &|_| None).map_err(boxed)
}

fn boxed(fault: impl Display + 'static) -> Box<dyn Display> {
    Box::new(fault)
}

fn introduction(address: SocketAddr, endpoint: &str, routes: &[RouteInfo]) -> String {
    let mut text = format!(
        "Replicanary on a simulated AWS. Nothing leaves this machine; latencies are the simulator's.\n\n  \
         status page   http://{address}/\n  metrics       http://{address}/metrics\n  \
         health        http://{address}/health\n  API           http://{address}/api/v1/routes\n  \
         simulated AWS {endpoint}/_sim/world\n\nWithin 45 seconds the routes show:\n"
    );
    for route in routes {
        let destinations: Vec<&str> = route.destinations.iter().map(|side| side.bucket.as_str()).collect();
        let (state, why) = route.faults.first().map_or(("healthy", "nothing is wrong"), |(fault, _)| expected(*fault));
        text.push_str(&format!(
            "  {:<14} {state:<14} {} -> {}: {why}\n",
            route.name,
            route.source.bucket,
            destinations.join(", ")
        ));
    }
    text.push_str(&format!(
        "\nBreak or mend a route yourself:\n  curl -s {endpoint}/_sim/faults -d \
         '{{\"route\":\"{}\",\"fault\":\"role_denied\",\"on\":true}}'\nCtrl-C ends it.\n",
        routes.first().map_or("", |route| route.name.as_str())
    ));
    text
}

/// The state that a fault deserves, and what it is.
fn expected(fault: Fault) -> (&'static str, &'static str) {
    match fault {
        Fault::Outage => ("stalled", "nothing is replicated at all"),
        Fault::Slow => ("late", "replication takes 12 s longer than it should"),
        Fault::Throttled => ("unknown", "the monitor is told to slow down"),
        Fault::TimeOuts => ("unknown", "the monitor's calls are never answered"),
        Fault::DroppedConnections => ("unknown", "the monitor's connections are closed"),
        Fault::AccessDenied => ("unknown", "the monitor itself is refused"),
        Fault::ExpiredToken => ("unknown", "the monitor's credentials have expired"),
        Fault::SkewedClock => ("healthy", "the servers' clock is off, and the monitor copes"),
        Fault::DestinationKeyDisabled => ("failing", "the destination's KMS key is disabled"),
        Fault::DestinationKeyPendingDeletion => ("failing", "the destination's KMS key is about to be deleted"),
        Fault::VersioningSuspended => ("failing", "versioning is suspended at the destination"),
        Fault::DestinationBucketDeleted => ("failing", "the destination bucket is gone"),
        Fault::RoleDenied => ("failing", "the replication role lost its permission"),
        Fault::WrongReplicaKey => ("failing", "replicas are encrypted with another key"),
        Fault::MissingMetadata => ("failing", "replicas lose their metadata"),
        Fault::CorruptedReplica => ("failing", "replicas have other bytes than the source"),
        Fault::RuleDisabled => ("misconfigured", "the replication rule is disabled"),
        Fault::RuleFilterMoved => ("misconfigured", "the rule no longer covers the canaries"),
    }
}
