//! What every command with a configuration begins with: load it or say every fault, then enter the async world.

use std::future::Future;
use std::path::Path;
use std::process::ExitCode;

use crate::config::{self, Config, RouteConfig};

use super::exit;

/// Loads a configuration, logs its warnings, or says its faults and gives the exit code.
pub(super) fn load(path: &Path) -> Result<Config, ExitCode> {
    let lookup = |name: &str| std::env::var(name).ok();
    let config = config::load(path, &lookup).map_err(|faults| exit::fault(exit::USAGE, &faults))?;
    for warning in &config.warnings {
        tracing::warn!(file = %path.display(), "{warning}");
    }
    Ok(config)
}

/// The routes that a command is about: the named one, or all. A name of no route is a fault of usage.
pub(super) fn only(routes: Vec<RouteConfig>, name: Option<&str>) -> Result<Vec<RouteConfig>, ExitCode> {
    let Some(name) = name else { return Ok(routes) };
    let known: Vec<String> = routes.iter().map(|entry| entry.route.name.to_string()).collect();
    let chosen: Vec<RouteConfig> = routes.into_iter().filter(|entry| entry.route.name.as_str() == name).collect();
    if chosen.is_empty() {
        let text = format!("there is no route {name:?}; the configuration has {}", known.join(", "));
        return Err(exit::fault(exit::USAGE, &text));
    }
    Ok(chosen)
}

/// The async world, or the exit code where there is none.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, ExitCode> {
    let built = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    built.map_err(|error| exit::fault(exit::SOFTWARE, &format!("cannot start the runtime: {error}")))
}

/// Runs a command's future on a runtime of its own.
pub(super) fn block_on(command: impl Future<Output = ExitCode>) -> ExitCode {
    match runtime() {
        Ok(runtime) => runtime.block_on(command),
        Err(code) => code,
    }
}
