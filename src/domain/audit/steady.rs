//! What of an audit may be told: only what two reads in a row say, since a setting read right after a change can be
//! stale.

use std::collections::BTreeSet;

use super::Audit;
use super::drift::{Change, Drift};
use super::facts::RouteFacts;
use super::finding::{Finding, Outcome};

#[cfg(test)]
mod tests;

/// What the reads of one route agreed on so far.
#[derive(Debug, Default)]
pub struct Steady {
    drift: Drift,
    /// The faults of the last read.
    faults: BTreeSet<Fault>,
}

/// A fault by its check and its destination.
type Fault = (&'static str, Option<usize>);

/// What may be told after a read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// The findings, without faults that only this read shows.
    pub audit: Audit,
    /// What changed for certain.
    pub changes: Vec<Change>,
    /// Whether this read said something that the last one did not: it should be read once more soon.
    pub again: bool,
}

impl Steady {
    /// Takes in a read and its audit.
    pub fn take(&mut self, facts: &RouteFacts, mut audit: Audit) -> Told {
        let (changes, drifts) = self.drift.take(facts);
        let before = std::mem::take(&mut self.faults);
        self.faults = audit.findings.iter().filter_map(fault).collect();
        let is_told = |finding: &Finding| fault(finding).is_none_or(|fault| before.contains(&fault));
        let found = audit.findings.len();
        audit.findings.retain(is_told);
        let again = drifts || audit.findings.len() < found;
        Told { audit, changes, again }
    }
}

fn fault(finding: &Finding) -> Option<Fault> {
    (finding.outcome == Outcome::Fault).then_some((finding.check.id, finding.destination))
}
