//! Faults are told once two reads in a row show them.

use super::*;
use crate::domain::fixture::{facts, finding};

fn audit(findings: &[Finding]) -> Audit {
    Audit { findings: findings.to_vec() }
}

/// A route that was read twice.
fn steady() -> Steady {
    let mut steady = Steady::default();
    assert!(steady.take(&facts(1), audit(&[])).again);
    assert!(!steady.take(&facts(1), audit(&[])).again);
    steady
}

#[test]
fn a_fault_waits_for_the_read_that_confirms_it() {
    let mut steady = steady();
    let fault = audit(&[finding(Outcome::Fault, Some(0))]);
    assert_eq!(steady.take(&facts(1), fault.clone()), Told { again: true, ..Told::default() });
    assert_eq!(steady.take(&facts(1), fault.clone()), Told { audit: fault.clone(), ..Told::default() });
    assert_eq!(steady.take(&facts(1), audit(&[])), Told::default(), "its end is told at once");
    assert!(steady.take(&facts(1), fault).again, "and it begins anew");
}

#[test]
fn a_fault_elsewhere_confirms_nothing() {
    let mut steady = steady();
    steady.take(&facts(1), audit(&[finding(Outcome::Fault, Some(0))]));
    let told = steady.take(&facts(1), audit(&[finding(Outcome::Fault, None)]));
    assert_eq!(told, Told { again: true, ..Told::default() });
}

#[test]
fn what_holds_or_is_unknown_is_told_at_once() {
    let told = audit(&[finding(Outcome::Ok, None), finding(Outcome::Unknown, Some(0))]);
    assert_eq!(steady().take(&facts(1), told.clone()), Told { audit: told, ..Told::default() });
}
