//! `replicanary check`: the whole set-up of every route, judged once, for a person or a pipeline.

mod causes;
mod json;
mod layout;
mod paint;
mod read;
mod report;
mod sarif;
mod saved;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use crate::domain::audit::Audit;
use crate::domain::audit::facts::RouteFacts;
use crate::domain::audit::finding::{Finding, Outcome, Severity};
use crate::domain::cause::{self, Cause};
use crate::domain::route::Route;
use crate::domain::time::UnixMillis;

use super::exit;

/// The configuration has a fault that is grave enough.
const FAULT: u8 = 1;

/// Nothing grave was found, but not everything could be told.
const UNCERTAIN: u8 = 2;

/// From how many checks on that could not be told their common reason is told instead.
const TOLD_ONE_BY_ONE: usize = 6;

#[derive(Debug, Args)]
pub(super) struct Check {
    /// The configuration file; not needed with --offline
    #[arg(
        long,
        alias = "config.file",
        value_name = "FILE",
        env = "REPLICANARY_CONFIG",
        required_unless_present = "offline"
    )]
    config: Option<PathBuf>,
    /// The route to check; without it every route
    #[arg(long, value_name = "ROUTE")]
    route: Option<String>,
    /// How the findings are printed: for a person (as wide as COLUMNS or the terminal), a program, or code scanning
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// From which severity on a fault makes the exit code 1
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t)]
    fail_on: FailOn,
    /// Save what was read, one JSON file a route and no secret in it, for --offline
    #[arg(long, value_name = "DIR", conflicts_with = "offline")]
    save: Option<PathBuf>,
    /// Judge what --save has saved, without credentials and network
    #[arg(long, value_name = "DIR")]
    offline: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
    Sarif,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Warning,
    #[default]
    Error,
}

/// A route with what was read of it and what the checks say.
#[derive(Debug)]
struct Judged {
    route: Arc<Route>,
    facts: RouteFacts,
    read_at: UnixMillis,
    audit: Audit,
}

impl Check {
    pub(super) fn execute(self) -> ExitCode {
        let judged = match &self.offline {
            Some(dir) => saved::judge(dir, self.config.as_deref(), self.route.as_deref()),
            None => read::judge(self.config.as_deref(), self.route.as_deref()),
        };
        let judged = match judged {
            Ok(judged) => judged,
            Err(code) => return code,
        };
        if let Some(dir) = &self.save
            && let Err(fault) = saved::save(dir, &judged)
        {
            return exit::fault(exit::UNAVAILABLE, &fault);
        }
        let text = match self.format {
            Format::Text => Ok(report::render(&judged, report::Look::choose())),
            Format::Json => json::render(&judged),
            Format::Sarif => sarif::render(&judged, &self.subject()),
        };
        match text {
            Ok(text) => exit::say(text.trim_end()),
            Err(error) => return exit::fault(exit::SOFTWARE, &error),
        }
        ExitCode::from(code(&judged, self.fail_on))
    }

    /// The file that findings are about.
    fn subject(&self) -> String {
        let path = self.config.as_ref().or(self.offline.as_ref());
        path.map(|path| path.display().to_string()).unwrap_or_default()
    }
}

/// 1 when a fault is grave enough, else 2 when something grave could not be told, else 0.
fn code(judged: &[Judged], fail_on: FailOn) -> u8 {
    let least = match fail_on {
        FailOn::Warning => Severity::Warning,
        FailOn::Error => Severity::Error,
    };
    let findings = || judged.iter().flat_map(|judged| &judged.audit.findings);
    let is = |finding: &Finding, outcome, least| finding.outcome == outcome && finding.severity >= least;
    if findings().any(|finding| is(finding, Outcome::Fault, least)) {
        FAULT
    } else if findings().any(|finding| is(finding, Outcome::Unknown, Severity::Error)) {
        UNCERTAIN
    } else {
        0
    }
}

impl Judged {
    /// The cause that the faults come to: of several destinations' that which S3 would meet first. Without a fault,
    /// what kept the monitor from reading what it takes to tell.
    fn cause(&self) -> Option<Cause> {
        let places = 0..self.route.destinations.len();
        let found =
            places.filter_map(|place| cause::of_audit(&self.audit.findings, place)).min_by_key(|cause| cause.id);
        found.or_else(|| cause::of_facts(&self.facts).filter(|_| self.audit.is_uncertain()))
    }

    /// Whether the monitor itself could not look, so that what is not known has one reason.
    fn is_blind(&self) -> bool {
        let unknown = self.audit.findings.iter().filter(|finding| finding.outcome == Outcome::Unknown).count();
        unknown > TOLD_ONE_BY_ONE && self.cause().is_some_and(|cause| cause.id.is_monitors_own())
    }

    /// The bucket of the destination that a finding is about.
    fn destination(&self, finding: &Finding) -> Option<&str> {
        Some(self.route.destinations.get(finding.destination?)?.bucket.as_str())
    }
}
