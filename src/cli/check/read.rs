//! One reading of the live set-up, with a line that tells how far it is.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use futures_util::{StreamExt, stream};

use super::Judged;
use crate::app::{World, build_channels};
use crate::aws::{CallMeter, ClientPool};
use crate::cli::{configured, exit};
use crate::config::Config;
use crate::runtime::auditor;

/// How many routes are read at once.
const AT_ONCE: usize = 8;

/// Reads and judges the routes of a configuration.
pub(super) fn judge(config: Option<&Path>, route: Option<&str>) -> Result<Vec<Judged>, ExitCode> {
    let Some(path) = config else { return Err(exit::fault(exit::USAGE, &"--config or --offline is needed")) };
    let mut config = configured::load(path)?;
    config.routes = configured::only(config.routes, route)?;
    let world = World::real(&config).map_err(|error| exit::fault(exit::USAGE, &error))?;
    let runtime = configured::runtime()?;
    Ok(runtime.block_on(read(&config, world)))
}

async fn read(config: &Config, world: World) -> Vec<Judged> {
    let World { clock, environment, .. } = world;
    let pool = ClientPool::new(environment, CallMeter::silent());
    let channels = build_channels(config, &pool).await;
    let progress = Progress::new(channels.len());
    let readings = channels.iter().enumerate().map(|(place, channel)| {
        let clock = &clock;
        async move {
            let (facts, audit) = auditor::audit_once(channel, clock).await;
            (place, Judged { route: channel.route.clone(), facts, read_at: clock.now().wall, audit })
        }
    });
    let mut readings = stream::iter(readings).buffer_unordered(AT_ONCE);
    let mut judged = Vec::with_capacity(channels.len());
    while let Some(one) = readings.next().await {
        judged.push(one);
        progress.show(judged.len());
    }
    progress.end();
    judged.sort_by_key(|(place, _)| *place);
    judged.into_iter().map(|(_, judged)| judged).collect()
}

/// A running line for whoever watches; nothing where nobody does.
struct Progress {
    watched: bool,
    routes: usize,
}

impl Progress {
    fn new(routes: usize) -> Self {
        let progress = Self { watched: std::io::stderr().is_terminal(), routes };
        progress.show(0);
        progress
    }

    fn show(&self, done: usize) {
        self.write(&format!("\r\x1b[2Kreading the set-up: {done} of {} routes", self.routes));
    }

    fn end(&self) {
        self.write("\r\x1b[2K");
    }

    fn write(&self, text: &str) {
        if self.watched {
            let mut err = std::io::stderr().lock();
            let _closed = err.write_all(text.as_bytes()).and_then(|()| err.flush());
        }
    }
}
