//! `replicanary run`: the daemon.

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::app::{Daemon, World};
use crate::config::Config;
use crate::http;
use crate::runtime::drain::Drained;

use super::configured;
use super::exit;
use super::signals::Signals;

/// How many left canaries the last log line names.
const NAMED_MAX: usize = 1_000;

#[derive(Debug, Args)]
pub(super) struct Run {
    /// The configuration file
    #[arg(long, alias = "config.file", value_name = "FILE", env = "REPLICANARY_CONFIG")]
    config: PathBuf,
    /// The address to listen on, instead of the configured one
    #[arg(long, alias = "web.listen-address", value_name = "ADDR", env = "REPLICANARY_LISTEN")]
    listen: Option<SocketAddr>,
    /// Only check the configuration, and say every fault in it
    #[arg(long)]
    check_config: bool,
}

impl Run {
    pub(super) fn execute(self) -> ExitCode {
        let config = match configured::load(&self.config) {
            Ok(config) => config,
            Err(code) => return code,
        };
        if self.check_config {
            exit::say(&format!("{}: {} routes, no fault", self.config.display(), config.routes.len()));
            return ExitCode::SUCCESS;
        }
        let address = self.listen.unwrap_or(config.listen);
        let world = match World::real(&config) {
            Ok(world) => world,
            Err(error) => return exit::fault(exit::USAGE, &error),
        };
        configured::block_on(serve(&config, address, world))
    }
}

async fn serve(config: &Config, address: SocketAddr, world: World) -> ExitCode {
    let listener = match TcpListener::bind(address).await {
        Ok(listener) => listener,
        Err(error) => return exit::fault(exit::UNAVAILABLE, &format!("cannot listen on {address}: {error}")),
    };
    let signals = match Signals::listen() {
        Ok(signals) => signals,
        Err(error) => return exit::fault(exit::SOFTWARE, &format!("cannot listen for signals: {error}")),
    };
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"), %address, routes = config.routes.len(), instance = %config.instance,
        "replicanary started"
    );
    let daemon = Daemon::start(config, world).await;
    until_stopped(daemon, listener, signals).await
}

/// Serves a daemon until a signal, drains it, and says how that went; a second signal ends the drain.
pub(super) async fn until_stopped(daemon: Daemon, listener: TcpListener, mut signals: Signals) -> ExitCode {
    let (close, closing) = oneshot::channel::<()>();
    let server = http::serve(listener, daemon.router(), async move {
        let _asked_or_gone = closing.await;
    });
    let mut server = std::pin::pin!(server);
    tokio::select! {
        signal = signals.next() => tracing::info!(signal, "draining: no new canaries; a second signal ends at once"),
        () = &mut server => return exit::fault(exit::SOFTWARE, &"the HTTP server ended by itself"),
    }
    let drained = tokio::select! {
        drained = serving(daemon.drain(), &mut server) => drained,
        signal = signals.next() => {
            tracing::warn!(signal, "ended at once; canaries may be left behind for the next start to find");
            return ExitCode::from(exit::INTERRUPTED);
        }
    };
    let _gone = close.send(());
    conclude(&drained)
}

/// Completes with the work, and keeps the server going meanwhile: a drain can be watched.
async fn serving<T>(work: impl Future<Output = T>, server: impl Future<Output = ()>) -> T {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        done = &mut work => done,
        () = server => work.await,
    }
}

fn conclude(drained: &Drained) -> ExitCode {
    if drained.left.is_empty() && drained.aborted == 0 {
        tracing::info!("stopped; no canary is left behind");
        return ExitCode::SUCCESS;
    }
    let names: Vec<String> = drained.left.iter().take(NAMED_MAX).map(ToString::to_string).collect();
    tracing::warn!(
        left = drained.left.len(),
        aborted = drained.aborted,
        canaries = names.join(" "),
        "stopped; canaries that S3 has not decided, or whose fate is not known, were left: deleting a PENDING \
         version raises a replication failure. The next start finds and removes them"
    );
    ExitCode::SUCCESS
}
