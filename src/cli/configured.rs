//! What every command with a configuration begins with: load it or say every fault, then enter the async world.

use std::future::Future;
use std::path::Path;
use std::process::ExitCode;

use crate::config::{self, Config};

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

/// Runs a command's future on a runtime of its own.
pub(super) fn block_on(command: impl Future<Output = ExitCode>) -> ExitCode {
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(command),
        Err(error) => exit::fault(exit::SOFTWARE, &format!("cannot start the runtime: {error}")),
    }
}
