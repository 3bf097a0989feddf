//! `replicanary sim`: the simulated AWS alone.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};
use tokio::net::TcpSocket;

use crate::config;
use crate::sim::{Clock, LatencyProfile, Options, Simulator, world_names};

use super::signals::Signals;
use super::written::{self, Pace};
use super::{configured, exit, healthcheck};

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1_024;

/// What the last lines of `sim --help` say.
const COVERAGE: &str = "\
Simulated: S3 with replication, versioning, Object Lock, encryption and bucket policies; KMS keys, aliases, policies
and grants; IAM roles and policies; STS AssumeRole; CloudWatch's replication metrics; SQS. Policies are enforced on
callers and on replication, which fails with S3's own reasons. POST /_sim/faults breaks a route on demand.
Not simulated: lifecycle expiry, delivery to SNS, Lambda and EventBridge,
organizations, IAM users, object ACLs, multipart uploads, copies. What is not covered is answered 501.";

#[derive(Debug, Args)]
#[command(after_help = COVERAGE)]
pub(super) struct Sim {
    /// The address to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9900")]
    listen: SocketAddr,
    /// The world to begin with
    #[arg(long, value_name = "NAME", default_value = "default")]
    world: String,
    /// List the worlds, and end
    #[arg(long)]
    list_worlds: bool,
    /// The same seed gives the same version ids, latencies and outcomes
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// How long replication takes: quick is a second or so, realistic has a median of 12 s and a heavy tail
    #[arg(long, value_enum, default_value_t)]
    latency: Latency,
    /// How long a change of configuration takes to act
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = humantime::parse_duration)]
    propagation: Duration,
    /// How long S3 goes on with a cached bucket key without asking KMS
    #[arg(long, value_name = "DURATION", default_value = "3s", value_parser = humantime::parse_duration)]
    bucket_key_ttl: Duration,
    /// Write a configuration that monitors this world's routes; it is complete before the port answers
    #[arg(long, value_name = "FILE")]
    write_config: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Latency {
    #[default]
    Quick,
    Realistic,
}

impl Sim {
    pub(super) fn execute(self) -> ExitCode {
        if self.list_worlds {
            for (name, description) in world_names() {
                exit::say(&format!("{name:<12} {description}"));
            }
            return ExitCode::SUCCESS;
        }
        configured::block_on(self.serve())
    }

    async fn serve(self) -> ExitCode {
        let options = Options {
            world: self.world.clone(),
            seed: self.seed,
            latency: match self.latency {
                Latency::Quick => LatencyProfile::Quick,
                Latency::Realistic => LatencyProfile::Realistic,
            },
            propagation: self.propagation,
            bucket_key_ttl: self.bucket_key_ttl,
        };
        let simulator = match Simulator::new(&options, Clock::real()) {
            Ok(simulator) => simulator,
            Err(error) => return exit::fault(exit::USAGE, &format!("{error}; --list-worlds names them")),
        };
        // Bound, so that its number is known, but not listening: the file is complete before the port answers.
        let socket = match bind(self.listen) {
            Ok(socket) => socket,
            Err(error) => return exit::fault(exit::UNAVAILABLE, &format!("cannot listen on {}: {error}", self.listen)),
        };
        let address = socket.local_addr().unwrap_or(self.listen);
        let endpoint = format!("http://{}", healthcheck::reachable(address));
        if let Some(file) = &self.write_config
            && let Err(error) = write_config(file, &simulator, &endpoint, self.latency)
        {
            return exit::fault(exit::UNAVAILABLE, &format!("cannot write {}: {error}", file.display()));
        }
        let listener = match socket.listen(BACKLOG) {
            Ok(listener) => listener,
            Err(error) => return exit::fault(exit::UNAVAILABLE, &format!("cannot listen on {address}: {error}")),
        };
        let mut signals = match Signals::listen() {
            Ok(signals) => signals,
            Err(error) => return exit::fault(exit::SOFTWARE, &format!("cannot listen for signals: {error}")),
        };
        exit::say(&format!("a simulated AWS, world {:?}, seed {}, at {endpoint}", self.world, self.seed));
        exit::say(&format!("  its accounts, keys and buckets: {endpoint}/_sim/world"));
        exit::say("  its latencies are its own, no promise of AWS");
        let served = simulator.serve(listener, async move {
            signals.next().await;
        });
        match served.await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => exit::fault(exit::SOFTWARE, &error),
        }
    }
}

fn bind(address: SocketAddr) -> std::io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Writes beside the file and renames: a reader sees all of it or nothing.
fn write_config(file: &Path, simulator: &Simulator, endpoint: &str, latency: Latency) -> std::io::Result<()> {
    let pace = if latency == Latency::Realistic { Pace::REALISTIC } else { Pace::QUICK };
    let shape = written::configuration(&simulator.routes(), endpoint, pace);
    let yaml = config::render(&shape).map_err(std::io::Error::other)?;
    let text = format!("# Monitors the routes of a simulated AWS at {endpoint}; written by `replicanary sim`.\n{yaml}");
    let beside = file.with_extension("yaml.part");
    std::fs::write(&beside, text)?;
    std::fs::rename(&beside, file)
}
