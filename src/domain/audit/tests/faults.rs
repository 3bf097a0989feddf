//! One fault each: exactly the checks that shall tell it do, and no cause gives more than three errors.

mod documents;
mod rules;
mod sides;

use std::collections::BTreeSet;

use super::super::finding::{Outcome, Severity};
use super::super::setup::Setup;

/// A fault: what is broken, how, and all that is told above info: `id` for an error, `warning id`, and `open id` for
/// what then depends on things unknown.
pub(super) type Case = (&'static str, &'static [&'static str], fn(&mut Setup));

fn hold(cases: &[Case]) {
    let mut wrong = Vec::new();
    for (what, expected, change) in cases {
        let audit = Setup::right().with(change).audit();
        let told: BTreeSet<String> = audit
            .findings
            .iter()
            .filter(|finding| finding.outcome != Outcome::Ok && finding.severity > Severity::Info)
            .map(|finding| match (finding.outcome, finding.severity) {
                (Outcome::Unknown, _) => format!("open {}", finding.check.id),
                (_, Severity::Error) => finding.check.id.to_owned(),
                (_, severity) => format!("{severity} {}", finding.check.id),
            })
            .collect();
        let expected: BTreeSet<String> = expected.iter().map(|id| (*id).to_owned()).collect();
        if told != expected {
            wrong.push(format!("{what}: expected {expected:?}, told {told:?}"));
        }
        assert!(audit.errors().count() <= 3, "{what}: more than three errors");
        for finding in audit.faults() {
            assert!(!finding.evidence.is_empty(), "{what}: {} has no evidence", finding.check.id);
            assert!(!finding.remedy.is_empty(), "{what}: {} has no remedy", finding.check.id);
            let root = finding
                .because
                .map(|id| audit.findings.iter().any(|f| f.check.id == id && f.outcome == Outcome::Fault));
            assert_ne!(root, Some(false), "{what}: {} follows from what is no fault", finding.check.id);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn there_are_enough_of_them() {
    let names: BTreeSet<_> =
        [sides::CASES, rules::CASES, documents::CASES].concat().iter().map(|case| case.0).collect();
    assert!(names.len() >= 60, "{}", names.len());
}
