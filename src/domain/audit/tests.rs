//! Right set-ups and broken ones: which checks tell, how gravely, and with which words.

mod faults;
mod tutorial;
mod unknown;

use super::checks::CHECKS;
use super::finding::{Outcome, Severity};
use super::setup::Setup;

#[test]
fn a_right_set_up_has_nothing_above_info() {
    let audit = Setup::right().audit();
    for finding in &audit.findings {
        let is_fine = finding.outcome == Outcome::Ok || finding.severity == Severity::Info;
        assert!(is_fine, "{}: {} {}", finding.check.id, finding.title, finding.evidence);
    }
    assert!(audit.worst() <= Some(Severity::Info));
    assert!(!audit.is_uncertain());
}

#[test]
fn every_check_is_made_and_findings_come_by_step() {
    let audit = Setup::right().audit();
    assert!(audit.findings.is_sorted_by_key(|finding| finding.check.step));
    let silent: Vec<_> =
        CHECKS.iter().map(|check| check.id).filter(|id| !audit.findings.iter().any(|f| f.check.id == *id)).collect();
    let only_if_needed = ["role_reads_locks", "source_policy_well_formed"];
    assert_eq!(silent, only_if_needed);
}

#[test]
fn ids_are_labels_and_unique() {
    let mut ids: Vec<_> = CHECKS.iter().map(|check| check.id).collect();
    assert!(
        ids.iter().all(|id| id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'))
    );
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), CHECKS.len());
}
