//! What an audit finds, whatever the canaries say; and changes of the set-up.

use super::*;
use crate::domain::audit::Audit;
use crate::domain::audit::drift;
use crate::domain::audit::facts::RouteFacts;
use crate::domain::audit::finding::{Finding, Outcome, Severity};
use crate::domain::fixture::finding;

impl Bench {
    fn audit(&mut self, findings: &[Finding]) {
        let audit = Arc::new(Audit { findings: findings.to_vec() });
        let facts: Arc<RouteFacts> = Arc::new(fixture::facts(1));
        self.observe(&Observation::Audited { route: ROUTE, audit, facts, at: self.now });
    }

    fn drift(&mut self, check: &'static str) {
        let (field, before, after) = ("status".to_owned(), "Enabled".to_owned(), "Suspended".to_owned());
        let change = Arc::new(drift::Change { check, destination: Some(0), field, before, after });
        self.observe(&Observation::Drift { route: ROUTE, change, at: self.now });
    }
}

#[test]
fn an_error_is_misconfigured_until_none_remains_however_green_the_canaries_are() {
    let mut bench = Bench::healthy();
    bench.audit(&[finding(Outcome::Fault, Some(0)), finding(Outcome::Ok, None)]);
    assert_eq!((bench.state(), bench.shown().reason), (State::Misconfigured, Reason::Finding));
    let message = bench.shown().message.clone();
    for part in ["rule_covers_canary", "No rule takes the canary", "Give the rule the prefix", "destination-0"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    for canary in 1..4 {
        bench.arrive(canary);
        bench.audit(&[finding(Outcome::Fault, Some(0))]);
        assert_eq!(bench.state(), State::Misconfigured);
    }
    bench.audit(&[]);
    assert_eq!(bench.state(), State::Healthy, "arrivals were not wanting");
}

#[test]
fn it_ends_only_after_two_arrivals() {
    let mut bench = Bench::healthy();
    bench.audit(&[finding(Outcome::Fault, None)]);
    bench.sleep(60);
    bench.audit(&[finding(Outcome::Unknown, None)]);
    assert_eq!(bench.state(), State::Misconfigured);
    assert!(bench.shown().message.contains("no error any more"), "{}", bench.shown().message);
    bench.arrive(1);
    assert_eq!(bench.state(), State::Misconfigured);
    bench.arrive(2);
    assert_eq!(bench.state(), State::Healthy);
}

#[test]
fn only_errors_count_and_the_rest_is_shown() {
    let mut bench = Bench::healthy();
    let warning = Finding { severity: Severity::Warning, ..finding(Outcome::Fault, None) };
    bench.audit(&[warning, finding(Outcome::Unknown, Some(0)), finding(Outcome::Ok, None)]);
    assert_eq!(bench.state(), State::Healthy);
    let audit = bench.destination(0).audit.unwrap();
    assert_eq!((audit.findings.len(), audit.ok, audit.at), (2, 1, bench.wall()));
}

#[test]
fn an_error_of_a_destination_is_its_own_and_one_of_the_source_everybodys() {
    let mut bench = Bench::new(2);
    bench.audit(&[finding(Outcome::Fault, Some(1))]);
    assert_eq!((bench.destination(0).state, bench.destination(1).state), (State::Unknown, State::Misconfigured));
    bench.audit(&[finding(Outcome::Fault, None)]);
    assert_eq!(bench.destination(0).state, State::Misconfigured);
}

#[test]
fn what_canaries_say_is_more_exact_and_stays() {
    let mut bench = Bench::healthy();
    bench.send(1);
    bench.judge(1, Verdict::Uncovered);
    bench.audit(&[finding(Outcome::Fault, None)]);
    assert_eq!(bench.shown().reason, Reason::NoStatus);
    bench.sleep(60);
    bench.arrive(2);
    bench.arrive(3);
    assert_eq!(bench.state(), State::Misconfigured, "the error holds it");
    bench.audit(&[]);
    assert_eq!(bench.state(), State::Healthy);
}

#[test]
fn changes_are_remembered_and_those_that_spread_settle() {
    let mut bench = Bench::of(Route { settle: Duration::from_secs(90), ..route("orders", 1) });
    bench.drift("destination_encryption");
    assert!(!bench.shown().is_settling);
    bench.drift("destination_versioning");
    assert!(bench.shown().is_settling);
    bench.sleep(60);
    bench.drift("replication_rule");
    bench.sleep(60);
    assert!(bench.shown().is_settling, "counted from the last change");
    bench.sleep(31);
    assert!(!bench.shown().is_settling);
    let shown = bench.shown();
    let checks: Vec<_> = shown.changes.iter().map(|seen| seen.change.check).collect();
    assert_eq!(checks, ["replication_rule", "destination_versioning", "destination_encryption"]);
    for _ in 0..100 {
        bench.drift("destination_versioning");
    }
    assert_eq!(bench.shown().changes.len(), crate::domain::snapshot::CHANGES_MAX);
}

#[test]
fn nothing_settles_where_nothing_is_to_be_waited_for() {
    let mut bench = Bench::new(1);
    bench.drift("destination_versioning");
    assert!(!bench.shown().is_settling);
}
