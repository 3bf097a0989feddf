//! Lines about the set-up: each fault when it is found and when it is gone, each change with before and after. What is
//! only worth knowing stands in the API.

use std::collections::{BTreeMap, HashMap};

use crate::domain::audit::Audit;
use crate::domain::audit::drift::Change;
use crate::domain::audit::finding::{Finding, Outcome, Severity};
use crate::domain::route::{Route, RouteId};

/// The faults that were told, by check and destination, each with its title.
type Faults = BTreeMap<(&'static str, Option<usize>), String>;

/// Remembers the faults that were told.
#[derive(Debug, Default)]
pub(super) struct SetUp(HashMap<RouteId, Faults>);

impl SetUp {
    /// Tells what an audit found for the first time, and what it does not find any more.
    pub(super) fn audited(&mut self, id: RouteId, audit: &Audit, route: &Route) {
        let name = route.name.as_str();
        let told = self.0.entry(id).or_default();
        let mut gone = std::mem::take(told);
        for finding in audit.findings.iter().filter(|finding| finding.severity > Severity::Info) {
            let place = (finding.check.id, finding.destination);
            match (finding.outcome, gone.remove(&place)) {
                (Outcome::Ok, None) | (Outcome::Unknown, None) => {}
                (Outcome::Ok, Some(title)) => tell_end(name, finding.check.id, &title),
                (Outcome::Unknown, Some(title)) => _ = told.insert(place, title),
                (Outcome::Fault, before) => {
                    if before.as_deref() != Some(&finding.title) {
                        tell(route, finding);
                    }
                    told.insert(place, finding.title.clone());
                }
            }
        }
        for ((check, _), title) in gone {
            tell_end(name, check, &title);
        }
    }

    /// Forgets a route.
    pub(super) fn forget(&mut self, id: RouteId) {
        self.0.remove(&id);
    }
}

/// Tells of a change.
pub(super) fn changed(change: &Change, route: &Route) {
    let (name, check) = (route.name.as_str(), change.check);
    let (field, before, after) = (change.field.as_str(), change.before.as_str(), change.after.as_str());
    let destination = bucket(route, change.destination);
    tracing::info!(
        route = name,
        destination,
        check,
        field,
        before,
        after,
        "the set-up of {name} changed: {check} {field}"
    );
}

fn tell(route: &Route, finding: &Finding) {
    let (name, check, severity) = (route.name.as_str(), finding.check.id, finding.severity.as_str());
    let destination = bucket(route, finding.destination);
    let title = finding.title.trim_end_matches('.');
    let remedy = finding.remedy.lines().next().unwrap_or_default();
    tracing::warn!(route = name, destination, check, severity, remedy, "{name}: {title}");
}

fn tell_end(name: &str, check: &str, title: &str) {
    tracing::info!(route = name, check, "{name}: no longer found: {title}");
}

/// The destination that something is about; empty for the source and the whole route.
fn bucket(route: &Route, destination: Option<usize>) -> &str {
    destination.and_then(|place| route.destinations.get(place)).map_or("", |destination| destination.bucket.as_str())
}
