//! The configuration: a YAML file becomes a checked [`Config`], or every fault in it at once, each with path and fix.
//!
//! Three steps, one a file: [`shape`] is the file as written (unknown keys refused where the parser meets them, with
//! line and column), `check` turns it into domain types and collects every value fault, [`schema()`] describes the
//! shape for editors. [`render`] goes the other way: a shape built in code becomes YAML that [`parse`] accepts.
//!
//! Limits of a file: 16 MiB, one document, bounded nesting, aliases and merge keys. `${NAME}` stands for an environment
//! variable inside any string; it is expanded after parsing, so a value can never become structure.

mod check;
mod fault;
mod identifier;
mod schema;
pub mod shape;
mod suggest;
pub mod text;
pub mod unit;
mod yaml;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::connection::Connection;
use crate::domain::name::InstanceName;
use crate::domain::route::Route;

pub use fault::{Fault, Faults, Place, Warning, Wrong};
pub use schema::schema;
pub use shape::FileShape;
pub use yaml::render;

/// The largest file that is read, in bytes.
pub const FILE_MAX: usize = 16 * 1024 * 1024;

/// A configuration without faults.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The monitor whose canaries these are.
    pub instance: InstanceName,
    /// Where HTTP is served.
    pub listen: SocketAddr,
    /// How long running probes may take to finish after a signal to stop.
    pub shutdown_grace: Duration,
    /// How many calls may be in flight.
    pub limits: Limits,
    /// The routes in the order of the file; never empty, names unique.
    pub routes: Vec<RouteConfig>,
    /// What is legal but probably not meant.
    pub warnings: Vec<Warning>,
}

/// How many AWS calls may be in flight at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of the whole monitor.
    pub calls: u32,
    /// Of one account; sides without an account share one count an endpoint.
    pub calls_per_account: u32,
}

/// A route, and how its sides are reached.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteConfig {
    /// What is written and expected.
    pub route: Arc<Route>,
    /// How the source is reached.
    pub source: Connection,
    /// How each destination is reached, in the order of the route's destinations.
    pub destinations: Vec<Connection>,
}

/// Reads and checks the file at `path`; `env` gives environment variables by name.
///
/// # Errors
///
/// All faults of the file: that it cannot be read, the first fault of its shape, or every fault of its values.
pub fn load(path: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Config, Faults> {
    let name = path.display().to_string();
    match read(path) {
        Ok(text) => parse(&text, &name, env),
        Err(fault) => Err(Faults::new(&name, vec![fault])),
    }
}

/// Checks `text`, which messages call `name`; `env` gives environment variables by name.
///
/// # Errors
///
/// The first fault of the text's shape, or every fault of its values.
pub fn parse(text: &str, name: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Config, Faults> {
    let shape = yaml::read(text).map_err(|fault| Faults::new(name, vec![fault]))?;
    check::file(&shape, env).map_err(|faults| Faults::new(name, faults))
}

fn read(path: &Path) -> Result<String, Fault> {
    let unreadable = |error: std::io::Error| {
        let fixes =
            [(ErrorKind::NotFound, "check the path"), (ErrorKind::PermissionDenied, "let the monitor's user read it")];
        let fix = fixes.iter().find(|(kind, _)| *kind == error.kind()).map_or("name a readable file", |(_, fix)| fix);
        Fault::of_file(format!("the file cannot be read: {error}"), fix)
    };
    let mut bytes = Vec::new();
    let limit = u64::try_from(FILE_MAX).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)).map_err(unreadable)?;
    String::from_utf8(bytes).map_err(|_| Fault::of_file("the file is not UTF-8", "save it as UTF-8"))
}
