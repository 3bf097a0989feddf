//! What audits, rules and CloudWatch tell of a route and its destinations.

use std::sync::Arc;

use super::super::audited;
use super::RouteHealth;
use crate::domain::audit::finding::Outcome;
use crate::domain::audit::{Audit, drift};
use crate::domain::reading::{Look, Metric, RuleSeen};
use crate::domain::time::Moment;

impl RouteHealth {
    /// An audit ended.
    pub(in crate::domain::health) fn audited(&mut self, audit: &Audit, at: Moment) -> bool {
        for (place, destination) in self.destinations.iter_mut().enumerate() {
            let (summary, errors) = audited::concerning(audit, place, at.wall);
            destination.audited(summary, &errors, at);
        }
        // What is in order explains nothing; it would be most of what ten thousand routes keep.
        let telling = audit.findings.iter().filter(|finding| finding.outcome != Outcome::Ok);
        self.witnesses.findings = telling.cloned().collect();
        true
    }

    /// The set-up became another.
    pub(in crate::domain::health) fn drifted(&mut self, change: &Arc<drift::Change>, at: Moment) -> bool {
        audited::remember(&mut self.changes, change, at.wall);
        if change.settles() && !self.route.settle.is_zero() {
            self.settling.begin(at.mono.plus(self.route.settle));
        }
        true
    }

    /// Somebody looked which rule takes canaries to a destination.
    pub(in crate::domain::health) fn saw_rule(&mut self, place: usize, rule: &RuleSeen) -> bool {
        self.one(place, |destination| destination.saw_rule(rule));
        true
    }

    /// Somebody looked at replication metrics of a destination.
    pub(in crate::domain::health) fn read_metrics(
        &mut self,
        place: usize,
        looks: &[(Metric, Look)],
        at: Moment,
    ) -> bool {
        self.one(place, |destination| destination.read_metrics(looks, at));
        true
    }
}
