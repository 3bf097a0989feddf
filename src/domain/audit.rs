//! The audit: facts of the whole set-up in, findings out. Checks are pure functions over facts.

mod access;
mod book;
pub mod checks;
pub mod drift;
pub mod facts;
pub mod finding;
mod follows;
pub mod questions;
mod remedy;
mod scene;
#[cfg(test)]
pub(crate) mod setup;
pub mod steady;
#[cfg(test)]
mod tests;
mod unread;

use self::book::Book;
use self::facts::RouteFacts;
use self::finding::{Finding, Outcome, Severity};
use self::scene::Scene;
use super::route::Route;
use super::time::UnixMillis;

/// What the checks say of one route.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audit {
    /// The findings, by step; within a step in the order of the checks, then of the destinations.
    pub findings: Vec<Finding>,
}

/// Makes every check of a route on what was read of it. `now` is the time of the reading.
#[must_use]
pub fn audit(route: &Route, facts: &RouteFacts, now: UnixMillis) -> Audit {
    let mut book = Book::default();
    checks::run(&Scene { route, facts, now }, &mut book);
    let mut findings = book.close();
    follows::settle(&mut findings);
    let place = |finding: &Finding| checks::CHECKS.iter().position(|check| check.id == finding.check.id);
    findings.sort_by_cached_key(|finding| (finding.check.step, place(finding), finding.destination));
    Audit { findings }
}

impl Audit {
    /// The findings that say that something does not hold.
    pub fn faults(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.outcome == Outcome::Fault)
    }

    /// The faults that keep replication or the monitor from working.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.faults().filter(|finding| finding.severity == Severity::Error)
    }

    /// How grave the gravest fault is; `None`: there is no fault.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.faults().map(|finding| finding.severity).max()
    }

    /// Whether a check that would be an error could not be told.
    #[must_use]
    pub fn is_uncertain(&self) -> bool {
        let open = |finding: &Finding| finding.outcome == Outcome::Unknown && finding.severity == Severity::Error;
        self.findings.iter().any(open)
    }

    /// The finding of a check at a destination, or at the source with `None`.
    #[must_use]
    pub fn find(&self, id: &str, destination: Option<usize>) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.check.id == id && finding.destination == destination)
    }
}
