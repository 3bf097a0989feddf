//! Replication events: they make the reason of a failed canary exact, whichever comes first.

use super::*;
use crate::domain::event::reason::FailureReason;
use crate::domain::event::{EventKind, EventObservation, Failure, Identity, ReplicationEvent};
use crate::domain::name::Bucket;

const EXACT: Reason = Reason::Replication(FailureReason::DstBucketUnversioned);

impl Bench {
    fn tell(&mut self, key: &ObjectKey, destination: usize, is_canary: bool, reason: &str) {
        let event = ReplicationEvent {
            kind: EventKind::Failed(Failure::new(reason)),
            source: Bucket::new("source"),
            key: key.clone(),
            version_id: None,
            destination: Bucket::new(&format!("destination-{destination}")),
            rule: None,
            operation: None,
            at: None,
            requested_at: None,
            identity: Identity([0; 16]),
        };
        let (event, at) = (Arc::new(event), self.now);
        self.observe(&Observation::Event(EventObservation { route: ROUTE, destination, is_canary, event, at }));
    }

    fn told(&mut self, canary: u32, reason: &str) {
        self.tell(&key(canary), 0, true, reason);
    }

    /// As the single writer does it: the report is made exact before anybody sees it.
    fn fail(&mut self, canary: u32, destination: usize) {
        let report = self.report(canary, destination, Verdict::Failed);
        let written_at = report.written_at;
        let key = key(canary);
        for note in [Note::Judged(report.clone()), Note::Final(report)] {
            let plain = Observation::Canary(CanaryObservation {
                route: ROUTE,
                key: key.clone(),
                written_at,
                at: self.now,
                note,
            });
            let exact = self.health.refined(&plain).unwrap_or(plain);
            self.observe(&exact);
        }
    }
}

#[test]
fn the_reason_is_exact_whichever_comes_first() {
    for event_first in [true, false] {
        let mut bench = Bench::healthy();
        bench.send(1);
        bench.sleep(2);
        if event_first {
            bench.told(1, "DstBucketUnversioned");
            assert_eq!(bench.state(), State::Healthy, "an event is no verdict");
            bench.fail(1, 0);
        } else {
            bench.fail(1, 0);
            assert_eq!(bench.shown().reason, Reason::SourceFailed);
            bench.told(1, "DstBucketUnversioned");
        }
        let shown = bench.destination(0);
        assert_eq!((shown.state, shown.reason), (State::Failing, EXACT), "event first: {event_first}");
        assert_eq!((shown.count(Verdict::Failed), shown.reports[0].reason), (1, EXACT));
        for part in ["DstBucketUnversioned", "versioning is off", "enable versioning", "destination-0"] {
            assert!(shown.message.contains(part), "{part}: {}", shown.message);
        }
        assert_eq!(shown.reports[0].message, shown.message);
        bench.told(1, "DstBucketUnversioned");
        assert_eq!(bench.destination(0).count(Verdict::Failed), 1, "a copy changes nothing");
    }
}

#[test]
fn an_event_names_the_destination() {
    let mut bench = Bench::new(2);
    bench.send(1);
    bench.tell(&key(1), 1, true, "DstKmsKeyNotFound");
    bench.fail(1, 0);
    bench.fail(1, 1);
    assert_eq!(bench.destination(0).reason, Reason::SourceFailed);
    assert_eq!(bench.destination(1).reason, Reason::Replication(FailureReason::DstKmsKeyNotFound));
}

#[test]
fn an_unlisted_reason_is_told_in_its_own_words() {
    let mut bench = Bench::healthy();
    bench.send(1);
    bench.fail(1, 0);
    bench.told(1, "DstMoonPhaseWrong");
    let shown = bench.destination(0);
    assert_eq!(shown.reason.as_str(), "other");
    assert!(shown.message.contains("DstMoonPhaseWrong"), "{}", shown.message);
}

#[test]
fn a_failure_whose_event_is_still_to_come_does_not_hide_the_one_before() {
    let mut bench = Bench::healthy();
    bench.send(1);
    bench.fail(1, 0);
    bench.told(1, "DstBucketUnversioned");
    bench.sleep(60);
    bench.send(2);
    bench.fail(2, 0);
    assert_eq!(bench.destination(0).reason, EXACT);
    bench.told(2, "AssumeRoleNotPermitted");
    let newer = Reason::Replication(FailureReason::AssumeRoleNotPermitted);
    assert_eq!(bench.destination(0).reason, newer);
    for canary in 3..5 {
        bench.sleep(60);
        bench.send(canary);
        bench.fail(canary, 0);
    }
    assert_eq!(bench.destination(0).reason, Reason::SourceFailed, "no event came for two: it is not kept for ever");
    assert_eq!(bench.destination(0).count(Verdict::Failed), 4);
}

#[test]
fn only_failed_canaries_are_made_exact() {
    for verdict in [Verdict::Lost, Verdict::Mismatched, Verdict::Uncovered] {
        let mut bench = Bench::healthy();
        bench.send(1);
        bench.told(1, "DstBucketUnversioned");
        bench.judge(1, verdict);
        bench.told(1, "DstBucketUnversioned");
        assert_eq!(bench.destination(0).reason, Reason::of(verdict));
    }
}

#[test]
fn objects_of_the_users_are_counted_and_change_no_state() {
    let mut bench = Bench::healthy();
    let before = bench.shown();
    for number in 0..30 {
        bench.tell(&ObjectKey::new(&format!("invoice-{number}")), 0, false, "DstBucketUnversioned");
    }
    bench.told(1, "DstBucketUnversioned");
    let shown = bench.destination(0);
    assert_eq!((shown.state, shown.reason), (State::Healthy, before.destinations[0].reason));
    assert_eq!(shown.events.failures().collect::<Vec<_>>(), [(FailureReason::DstBucketUnversioned, 30)]);
    assert_eq!(shown.events.recent().count(), 20);
    assert_eq!(shown.events.recent().next().unwrap().event.key.as_str(), "invoice-29");
    assert!(!Arc::ptr_eq(&before, &bench.shown()), "the API shows it");
}
