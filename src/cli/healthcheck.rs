//! `replicanary healthcheck`: asks the local daemon's `/livez`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use http_body_util::Empty;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use super::configured;
use super::exit;

#[derive(Debug, Args)]
pub(super) struct Healthcheck {
    /// The address that the daemon listens on; the unspecified address stands for this machine
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9977", env = "REPLICANARY_LISTEN")]
    listen: SocketAddr,
    /// How long to wait for the answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3)]
    timeout: u64,
}

impl Healthcheck {
    pub(super) fn execute(&self) -> ExitCode {
        configured::block_on(ask(reachable(self.listen), Duration::from_secs(self.timeout)))
    }
}

async fn ask(address: SocketAddr, timeout: Duration) -> ExitCode {
    let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let uri = match format!("http://{address}/livez").parse() {
        Ok(uri) => uri,
        Err(error) => return exit::fault(exit::USAGE, &format!("{address} makes no address: {error}")),
    };
    match tokio::time::timeout(timeout, client.get(uri)).await {
        Ok(Ok(answer)) if answer.status().is_success() => ExitCode::SUCCESS,
        Ok(Ok(answer)) => exit::fault(1, &format!("{address} answers {}", answer.status())),
        Ok(Err(error)) => exit::fault(1, &format!("{address} cannot be asked: {error}")),
        Err(_) => exit::fault(1, &format!("{address} gave no answer within {timeout:?}")),
    }
}

/// An address to connect to: a daemon that listens everywhere is asked on loopback.
pub(super) fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    SocketAddr::new(ip, address.port())
}
