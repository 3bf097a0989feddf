//! PUTs that are refused, lost, or answered strangely.

use super::driver::{Journal, Run, run};
use super::world::{Fault, World, route, secs};
use crate::domain::name::VersionId;
use crate::domain::object::{ObjectSeen, Trouble};
use crate::domain::observation::{Note, Side};
use crate::domain::probe::{Action, Reply};
use crate::domain::reason::Reason;
use crate::domain::verdict::Verdict;

fn put(fault: Fault) -> Journal {
    run(World::healthy(route(2), 5.0).with_faults(move |_, _, action| (*action == Action::Put).then(|| fault.clone())))
}

fn failures(journal: &Journal) -> Vec<Reason> {
    let reason = |note: &Note| if let Note::WriteFailed { reason } = note { Some(*reason) } else { None };
    journal.notes.iter().filter_map(|(_, note)| reason(note)).collect()
}

fn closed(journal: &Journal) -> usize {
    journal.count(|note| matches!(note, Note::LegClosed { .. }))
}

#[test]
fn a_put_refused_for_the_monitors_own_reasons_is_unknown_on_every_leg() {
    for trouble in [Trouble::AccessDenied, Trouble::ExpiredCredentials, Trouble::Throttled, Trouble::ClockSkew] {
        let journal = put(Fault::Refused(trouble));
        assert_eq!(failures(&journal), [Reason::Call(trouble)]);
        let judged: Vec<_> = journal.judged().iter().map(|report| (report.verdict, report.reason)).collect();
        assert_eq!(judged, [(Verdict::Unknown, Reason::Call(trouble)); 2]);
        assert_eq!(closed(&journal), 2);
        assert_eq!(journal.calls.len(), 1);
    }
}

#[test]
fn a_put_that_a_broken_source_refuses_or_that_never_went_out_gives_no_verdict() {
    for trouble in [
        Trouble::NoSuchBucket,
        Trouble::KmsDisabled,
        Trouble::KmsNotFound,
        Trouble::KmsInvalidState,
        Trouble::ConnectionFailed,
    ] {
        let journal = put(Fault::Refused(trouble));
        assert_eq!(failures(&journal), [Reason::Call(trouble)]);
        assert!(journal.judged().is_empty());
        assert_eq!(closed(&journal), 2);
        assert_eq!(journal.calls.len(), 1);
    }
}

#[test]
fn a_put_whose_answer_was_lost_is_adopted() {
    for trouble in [Trouble::TimedOut, Trouble::ConnectionLost, Trouble::ServerError, Trouble::Exists] {
        let journal = put(Fault::Lost(trouble));
        assert!(failures(&journal).is_empty());
        assert_eq!(journal.count(|note| *note == Note::Written { version_id: VersionId::new("v1") }), 1);
        for report in journal.judged() {
            assert_eq!(report.verdict, Verdict::Replicated);
            let lag = report.lag.unwrap();
            assert!(lag.low <= secs(5.0) && secs(5.0) <= lag.high);
        }
        assert_eq!(journal.left, []);
    }
}

#[test]
fn two_misses_half_a_minute_apart_prove_that_nothing_was_written() {
    let journal = put(Fault::Refused(Trouble::TimedOut));
    assert_eq!(failures(&journal), [Reason::Call(Trouble::TimedOut)]);
    let looks = journal.times(|_, action| *action == Action::Head(None));
    assert_eq!(looks.len(), 2);
    assert!(looks[1] - looks[0] >= secs(30.0) && looks[1] - looks[0] < secs(31.0));
    assert!(journal.judged().iter().all(|report| report.verdict == Verdict::Unknown));
    assert_eq!(closed(&journal), 2);
    assert_eq!(journal.times(|_, action| *action == Action::Put).len(), 1);
}

#[test]
fn a_put_that_stays_open_is_unknown_at_the_deadline_and_removed_when_it_is_found() {
    let world = World::healthy(route(1), 5.0).with_faults(|now, side, action| {
        if *action == Action::Put {
            return Some(Fault::Lost(Trouble::TimedOut));
        }
        (side == Side::Source && now < secs(5000.0)).then_some(Fault::Refused(Trouble::ServerError))
    });
    let journal = run(world);
    let report = journal.verdict();
    assert_eq!((report.verdict, report.reason), (Verdict::Unknown, Reason::WriteUnresolved));
    let at = journal.when(|note| matches!(note, Note::Judged(_))).unwrap();
    assert!(at >= secs(3600.0) && at < secs(3601.0));
    assert_eq!(closed(&journal), 1);
    assert_eq!(journal.left, []);
}

#[test]
fn an_object_of_somebody_else_is_not_adopted() {
    let stranger = ObjectSeen { version_id: Some(VersionId::new("theirs")), ..ObjectSeen::default() };
    let world = World::healthy(route(1), 5.0).with_faults(move |_, _, action| {
        if *action == Action::Put {
            return Some(Fault::Refused(Trouble::Exists));
        }
        (*action == Action::Head(None)).then(|| Fault::Lie(Reply::Object(Box::new(stranger.clone()))))
    });
    let journal = run(world);
    assert_eq!(journal.verdict().reason, Reason::WriteUnresolved);
    assert!(journal.times(|_, action| matches!(action, Action::Delete(_))).is_empty());
}

#[test]
fn a_put_without_version_id_is_a_write_failure_and_its_null_version_goes() {
    for version in [None, Some("null"), Some("")] {
        let mut world = World::healthy(route(1), 5.0);
        world.put_version = version;
        world.replicas[0].arrives = None;
        let journal = run(world);
        assert_eq!(failures(&journal), [Reason::NoVersionId]);
        assert!(journal.judged().is_empty());
        assert_eq!(closed(&journal), 1);
        assert_eq!(journal.deleted(), [Side::Source]);
        let deletes = journal.times(|_, action| *action == Action::Delete(VersionId::new("null")));
        assert_eq!(deletes.len(), 1);
    }
}

#[test]
fn a_stop_before_the_put_leaves_nothing_to_tell() {
    let journal = Run::new(World::healthy(route(1), 5.0)).stop().finish();
    assert_eq!(journal.notes.len(), 1);
    assert_eq!(journal.notes[0].1, Note::Ended);
    assert!(journal.calls.is_empty());
}

#[test]
fn a_stop_during_an_open_put_leaves_it_pending() {
    let journal = Run::new(World::healthy(route(1), 5.0)).until(secs(0.01)).stop().finish();
    assert_eq!(journal.count(|note| *note == Note::LeftPending), 1);
    assert_eq!(closed(&journal), 1);
    assert!(journal.end < secs(0.1));
}
