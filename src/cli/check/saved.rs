//! What was read of a route, as a file: to judge it elsewhere, without credentials and network.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Judged;
use crate::cli::{configured, exit};
use crate::domain::audit::audit;
use crate::domain::audit::facts::RouteFacts;
use crate::domain::route::Route;
use crate::domain::time::UnixMillis;

/// The format of the files that this version writes, and the newest that it reads.
const FORMAT: u32 = 1;

/// One file.
#[derive(Debug, Serialize, Deserialize)]
struct Saved {
    format: u32,
    /// When it was read, in milliseconds since the Unix epoch.
    read_at_ms: UnixMillis,
    /// The checked configuration of the route; how it is reached is no part of it.
    route: Route,
    facts: RouteFacts,
}

/// Writes one file a route, by its name.
pub(super) fn save(dir: &Path, judged: &[Judged]) -> Result<(), String> {
    let failed = |path: &Path, error: &dyn std::fmt::Display| format!("cannot save to {}: {error}", path.display());
    fs::create_dir_all(dir).map_err(|error| failed(dir, &error))?;
    for one in judged {
        let path = dir.join(format!("{}.json", one.route.name));
        let saved = Saved {
            format: FORMAT,
            read_at_ms: one.read_at,
            route: Route::clone(&one.route),
            facts: one.facts.clone(),
        };
        let mut text = serde_json::to_string_pretty(&saved).map_err(|error| failed(&path, &error))?;
        text.push('\n');
        fs::write(&path, text).map_err(|error| failed(&path, &error))?;
    }
    Ok(())
}

/// Judges saved files: as their own configuration has it, or that of `config` where one is given.
pub(super) fn judge(dir: &Path, config: Option<&Path>, route: Option<&str>) -> Result<Vec<Judged>, ExitCode> {
    let fault = |text: String| exit::fault(exit::USAGE, &text);
    let mut saved = load(dir).map_err(fault)?;
    let missing = |name: &str| format!("{} has no file of the route {name:?}", dir.display());
    if let Some(path) = config {
        let routes = configured::only(configured::load(path)?.routes, route)?;
        let judge_as = |entry: crate::config::RouteConfig| {
            let name = entry.route.name.as_str();
            let one = saved.remove(name).ok_or_else(|| fault(missing(name)))?;
            Ok(judged(Arc::clone(&entry.route), one))
        };
        return routes.into_iter().map(judge_as).collect();
    }
    if let Some(name) = route {
        let one = saved.remove(name).ok_or_else(|| fault(missing(name)))?;
        saved = BTreeMap::from([(name.to_owned(), one)]);
    }
    Ok(saved.into_values().map(|one| judged(Arc::new(one.route.clone()), one)).collect())
}

/// The same checks, at the time of the reading.
fn judged(route: Arc<Route>, saved: Saved) -> Judged {
    let read_at = saved.read_at_ms;
    let audit = audit(&route, &saved.facts, read_at);
    Judged { route, facts: saved.facts, read_at, audit }
}

/// Every file of a directory, by route.
fn load(dir: &Path) -> Result<BTreeMap<String, Saved>, String> {
    let unreadable = |error: io::Error| format!("cannot read {}: {error}", dir.display());
    let mut saved = BTreeMap::new();
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let one = load_one(&path)?;
            saved.insert(one.route.name.to_string(), one);
        }
    }
    if saved.is_empty() {
        return Err(format!("{} has no saved route: write some with check --save", dir.display()));
    }
    Ok(saved)
}

fn load_one(path: &PathBuf) -> Result<Saved, String> {
    let wrong = |error: &dyn std::fmt::Display| format!("cannot use {}: {error}", path.display());
    let text = fs::read_to_string(path).map_err(|error| wrong(&error))?;
    let saved: Saved = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
    if saved.format > FORMAT {
        return Err(wrong(&format!("it has format {}, and this version reads up to {FORMAT}", saved.format)));
    }
    Ok(saved)
}
