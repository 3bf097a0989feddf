//! Replicas that do not arrive: which verdict, when, and what follows.

use super::driver::{Journal, Run, run};
use super::world::{Fault, World, route, secs};
use crate::domain::name::VersionId;
use crate::domain::object::{ObjectSeen, ReplicationStatus, Trouble};
use crate::domain::observation::{Note, Side};
use crate::domain::probe::{Absence, Action, DestinationExpectations, Reply};
use crate::domain::reason::Reason;
use crate::domain::report::Aspect;
use crate::domain::route::{Observe, Route, StatusSupport};
use crate::domain::verdict::Verdict;

const PENDING: Option<ReplicationStatus> = Some(ReplicationStatus::Pending);
const COMPLETED: Option<ReplicationStatus> = Some(ReplicationStatus::Completed);
const FAILED: Option<ReplicationStatus> = Some(ReplicationStatus::Failed);

fn verdicts(journal: &Journal) -> Vec<(usize, Verdict, Reason)> {
    let mut all: Vec<_> = journal.judged().iter().map(|each| (each.destination, each.verdict, each.reason)).collect();
    all.sort();
    all
}

fn judged_at(journal: &Journal) -> f64 {
    journal.when(|note| matches!(note, Note::Judged(_))).unwrap().as_secs_f64()
}

fn source_only() -> Route {
    let mut route = route(1);
    route.destinations[0].observe = Observe::SourceOnly;
    route
}

#[test]
fn a_failed_source_fails_its_only_leg_after_one_more_look() {
    let journal = run(World::pending(route(1)).with_statuses(&[(0.0, PENDING), (3.0, FAILED)]));
    assert_eq!(verdicts(&journal), [(0, Verdict::Failed, Reason::SourceFailed)]);
    assert!(judged_at(&journal) < 8.0, "{}", judged_at(&journal));
    assert_eq!(journal.deleted(), [Side::Source]);
    assert_eq!(journal.left, []);
}

#[test]
fn a_replica_that_is_there_outweighs_failed() {
    let mut world = World::healthy(route(1), 2.5);
    world = world.with_statuses(&[(0.0, FAILED)]);
    let journal = run(world);
    assert_eq!(journal.judged().len(), 1);
    assert_eq!(journal.left, []);
}

#[test]
fn the_last_look_is_sent_after_failed_was_seen() {
    let mut world = World::pending(route(1)).with_statuses(&[(0.0, PENDING), (5.0, FAILED)]);
    world.replicas[0].arrives = Some(secs(6.05));
    let journal = run(world);
    let source_and_destination = [Side::Source, Side::Destination(0)];
    assert!(source_and_destination.iter().all(|side| journal.times(|at, _| at == *side).contains(&secs(6.04))));
    assert_eq!(journal.verdict().verdict, Verdict::Replicated);
}

#[test]
fn what_is_shown_of_another_version_is_no_answer() {
    for version in [None, Some("another")] {
        let other = move |_, _, action: &Action| {
            let version_id = version.map(VersionId::new);
            let object = ObjectSeen { replication_status: COMPLETED, version_id, ..ObjectSeen::default() };
            matches!(action, Action::Head(_)).then(|| Fault::Lie(Reply::Object(Box::new(object))))
        };
        let journal = run(World::healthy(route(1), 5.0).with_faults(other));
        assert_eq!(verdicts(&journal), [(0, Verdict::Unknown, Reason::Call(Trouble::BadAnswer))]);
        assert!(journal.times(|_, action| matches!(action, Action::Delete(_))).is_empty());
        assert_eq!(journal.count(|note| matches!(note, Note::SourceStatus(_))), 0);
    }
}

#[test]
fn of_several_legs_those_that_did_not_arrive_by_the_objective_failed() {
    let mut world = World::pending(route(2)).with_statuses(&[(0.0, PENDING), (30.0, FAILED)]);
    world.replicas[0].arrives = Some(secs(5.0));
    let journal = run(world);
    let expected = [(0, Verdict::Replicated, Reason::Ok), (1, Verdict::Failed, Reason::SourceFailed)];
    assert_eq!(verdicts(&journal), expected);
    let failed = journal.when(|note| matches!(note, Note::Judged(report) if report.destination == 1)).unwrap();
    assert!(failed >= secs(900.0) && failed < secs(901.0), "{failed:?}");
    assert_eq!(journal.deleted(), [Side::Source, Side::Destination(0)]);
}

#[test]
fn a_sibling_may_still_arrive_after_failed() {
    let mut world = World::pending(route(2)).with_statuses(&[(0.0, PENDING), (30.0, FAILED)]);
    world.replicas[0].arrives = Some(secs(5.0));
    world.replicas[1].arrives = Some(secs(300.0));
    let journal = run(world);
    assert!(journal.judged().iter().all(|report| report.verdict == Verdict::Replicated));
    assert_eq!(journal.left, []);
}

#[test]
fn a_source_without_status_is_uncovered() {
    let journal = run(World::pending(route(1)).with_statuses(&[]));
    assert_eq!(verdicts(&journal), [(0, Verdict::Uncovered, Reason::NoStatus)]);
    let at = judged_at(&journal);
    assert!((10.0..25.0).contains(&at), "{at}");
    assert!(journal.verdict().message.contains("replication_status: none"));
    assert_eq!(journal.left, []);
}

#[test]
fn a_status_that_comes_second_is_believed() {
    let mut world = World::healthy(route(1), 60.0);
    world = world.with_statuses(&[(0.0, None), (7.0, PENDING), (61.0, COMPLETED)]);
    assert_eq!(run(world).verdict().verdict, Verdict::Replicated);
}

#[test]
fn completed_but_absent_is_lost_without_a_sibling_and_uncovered_with_one() {
    let journal = run(World::pending(route(1)).with_statuses(&[(0.0, PENDING), (5.0, COMPLETED)]));
    assert_eq!(verdicts(&journal), [(0, Verdict::Lost, Reason::CompletedButAbsent)]);
    assert!((35.0..45.0).contains(&judged_at(&journal)), "{}", judged_at(&journal));
    assert_eq!(journal.times(|_, action| *action == Action::List).len(), 1);
    assert_eq!(journal.count(|note| matches!(note, Note::LegClosed { .. })), 1);
    assert_eq!(journal.left, []);

    let mut world = World::pending(route(2)).with_statuses(&[(0.0, PENDING), (5.0, COMPLETED)]);
    world.replicas[0].arrives = Some(secs(4.0));
    let expected = [(0, Verdict::Replicated, Reason::Ok), (1, Verdict::Uncovered, Reason::SiblingArrived)];
    assert_eq!(verdicts(&run(world)), expected);
}

#[test]
fn a_replica_that_comes_after_completed_but_in_time_is_no_loss() {
    let mut world = World::pending(route(1)).with_statuses(&[(0.0, PENDING), (5.0, COMPLETED)]);
    world.replicas[0].arrives = Some(secs(25.0));
    assert_eq!(run(world).verdict().verdict, Verdict::Replicated);
}

#[test]
fn a_pending_canary_is_lost_at_the_deadline_and_followed_until_it_is_abandoned() {
    let journal = run(World::pending(route(1)));
    assert_eq!(verdicts(&journal), [(0, Verdict::Lost, Reason::DeadlinePassed)]);
    assert!((3600.0..3601.0).contains(&judged_at(&journal)));
    assert_eq!(journal.count(|note| matches!(note, Note::BeyondObjective { .. })), 1);
    let beyond = journal.when(|note| matches!(note, Note::BeyondObjective { .. })).unwrap();
    assert!(beyond >= secs(900.0) && beyond < secs(901.0));
    assert_eq!(journal.count(|note| *note == Note::Leaked { side: Side::Source }), 1);
    assert_eq!(journal.count(|note| matches!(note, Note::Leaked { .. })), 1);
    assert!(journal.end >= secs(172_800.0));
    assert!(journal.times(|_, action| matches!(action, Action::Delete(_))).is_empty());
}

#[test]
fn polls_are_sent_at_the_objective_and_at_the_deadline() {
    let world = World::pending(route(1));
    let acked = world.latency;
    let times = run(world).times(|side, _| side == Side::Destination(0));
    for stop in [acked + secs(900.0), acked + secs(3600.0)] {
        assert!(times.contains(&stop), "{stop:?} in {times:?}");
    }
}

#[test]
fn an_arrival_after_lost_is_told_and_not_counted() {
    let journal = run(World::healthy(route(1), 10_000.0));
    assert_eq!(verdicts(&journal), [(0, Verdict::Lost, Reason::DeadlinePassed)]);
    let late: Vec<_> = journal
        .notes
        .iter()
        .filter_map(|(_, note)| if let Note::ArrivedLate(report) = note { Some(report) } else { None })
        .collect();
    assert_eq!(late.len(), 1);
    assert_eq!(late[0].verdict, Verdict::Lost);
    let lag = late[0].lag.unwrap();
    assert!(lag.low <= secs(10_000.0) && secs(10_000.0) <= lag.high);
    let closed = journal.when(|note| matches!(note, Note::LegClosed { .. })).unwrap();
    assert!(closed >= secs(10_000.0));
    assert_eq!(journal.left, []);
}

#[test]
fn pending_after_completed_reopens_nothing() {
    let mut world = World::pending(route(2)).with_statuses(&[(0.0, PENDING), (5.0, COMPLETED), (9.0, PENDING)]);
    world.replicas[0].arrives = Some(secs(4.0));
    let journal = run(world);
    assert_eq!(journal.judged().len(), 2);
    assert!(journal.end < secs(120.0), "{:?}", journal.end);
}

#[test]
fn a_destination_that_never_answers_is_unknown() {
    for trouble in [Trouble::AccessDenied, Trouble::TimedOut, Trouble::Throttled, Trouble::MethodNotAllowed] {
        let world = World::pending(route(1))
            .with_faults(move |_, side, _| matches!(side, Side::Destination(_)).then_some(Fault::Refused(trouble)));
        let journal = run(world);
        assert_eq!(verdicts(&journal), [(0, Verdict::Unknown, Reason::Call(trouble))]);
        assert!((3600.0..3601.0).contains(&judged_at(&journal)));
        assert_eq!(journal.count(|note| matches!(note, Note::BeyondObjective { .. })), 0);
    }
}

#[test]
fn one_answer_after_the_objective_is_enough_for_lost() {
    let world = World::pending(route(1)).with_faults(|now, side, _| {
        let silent = now < secs(900.0) || now > secs(1000.0);
        (matches!(side, Side::Destination(_)) && silent).then_some(Fault::Refused(Trouble::TimedOut))
    });
    assert_eq!(run(world).verdict().verdict, Verdict::Lost);
}

#[test]
fn an_unknown_leg_is_followed_and_cleaned_when_answers_come_again() {
    let world = World::healthy(route(1), 12.0).with_faults(|now, side, _| {
        (matches!(side, Side::Destination(_)) && now < secs(7200.0)).then_some(Fault::Refused(Trouble::TimedOut))
    });
    let journal = run(world);
    assert_eq!(journal.verdict().verdict, Verdict::Unknown);
    assert_eq!(journal.count(|note| matches!(note, Note::ArrivedLate(_))), 0);
    assert_eq!(journal.left, []);
}

#[test]
fn a_403_is_a_miss_where_absence_cannot_be_told() {
    let mut world = World::healthy(route(1), 2000.0);
    let absence = Absence::RefusedWithoutListing;
    world.expected.destinations = vec![DestinationExpectations { absence, ..Default::default() }].into();
    let world = world.with_faults(|now, side, action| {
        let absent = side == Side::Destination(0) && matches!(action, Action::Head(_)) && now < secs(2000.0);
        absent.then_some(Fault::Refused(Trouble::AccessDenied))
    });
    let journal = run(world);
    assert_eq!(journal.verdict().verdict, Verdict::Late);
    assert_eq!(journal.left, []);
}

#[test]
fn a_403_after_completed_is_explained_by_a_listing() {
    for (owner, verdict, reason) in [
        ("canonical-a", Verdict::Mismatched, Reason::WrongOwner),
        ("111111111111", Verdict::Unknown, Reason::Call(Trouble::AccessDenied)),
        ("canonical-b", Verdict::Unknown, Reason::Call(Trouble::AccessDenied)),
    ] {
        for absence in [Absence::SeesAbsence, Absence::RefusedWithoutListing] {
            let mut world = World::healthy(route(1), 5.0);
            world.expected.destinations = vec![DestinationExpectations { absence, ..Default::default() }].into();
            world.replicas[0].unreadable = true;
            world.replicas[0].owner = owner;
            let journal = run(world);
            assert_eq!(verdicts(&journal), [(0, verdict, reason)], "{owner}");
            if verdict == Verdict::Mismatched {
                assert_eq!(journal.verdict().mismatches[0].what, Aspect::Owner);
            } else {
                assert!(journal.verdict().message.contains("s3:GetObjectVersion"));
            }
            assert_eq!(journal.left, []);
        }
    }
}

#[test]
fn a_single_403_after_completed_means_nothing() {
    let world = World::healthy(route(1), 5.0).with_faults(|now, side, action| {
        let refuse = side == Side::Destination(0) && matches!(action, Action::Head(_)) && now < secs(6.1);
        (refuse && now > secs(6.0)).then_some(Fault::Refused(Trouble::AccessDenied))
    });
    let journal = run(world);
    assert_eq!(journal.times(|_, action| *action == Action::List).len(), 1);
    assert_eq!(journal.verdict().verdict, Verdict::Replicated);
}

#[test]
fn a_403_without_a_listing_is_unknown_and_says_what_to_grant() {
    let mut world = World::healthy(route(1), 5.0).with_faults(|_, side, action| {
        (side == Side::Destination(0) && *action == Action::List).then_some(Fault::Refused(Trouble::AccessDenied))
    });
    world.replicas[0].unreadable = true;
    let journal = run(world);
    assert_eq!(verdicts(&journal), [(0, Verdict::Unknown, Reason::Call(Trouble::AccessDenied))]);
    assert!(journal.verdict().message.contains("s3:ListBucketVersions"));
    assert_eq!(journal.left, []);
}

#[test]
fn a_403_after_completed_with_nothing_listed_is_a_miss() {
    let mut world = World::pending(route(1)).with_statuses(&[(0.0, PENDING), (5.0, COMPLETED)]);
    world.replicas[0].unreadable = true;
    assert_eq!(verdicts(&run(world)), [(0, Verdict::Lost, Reason::CompletedButAbsent)]);
}

#[test]
fn without_statuses_nothing_is_failed_or_uncovered() {
    let mut route = route(1);
    route.replication_status = StatusSupport::None;
    for statuses in [&[][..], &[(0.0, FAILED)], &[(0.0, COMPLETED)]] {
        let journal = run(World::pending(route.clone()).with_statuses(statuses));
        assert_eq!(verdicts(&journal), [(0, Verdict::Lost, Reason::DeadlinePassed)]);
        assert_eq!(journal.count(|note| matches!(note, Note::Leaked { .. })), 1);
    }
}

#[test]
fn the_source_alone_tells_where_nobody_may_look() {
    for (statuses, verdict, at) in [
        (&[(0.0, PENDING), (3.0, FAILED)][..], Verdict::Failed, 3.0..8.0),
        (&[], Verdict::Uncovered, 10.0..15.0),
        (&[(0.0, PENDING)], Verdict::Lost, 3600.0..3601.0),
    ] {
        let journal = run(World::pending(source_only()).with_statuses(statuses));
        assert_eq!(journal.verdict().verdict, verdict);
        assert!(at.contains(&judged_at(&journal)), "{verdict} at {}", judged_at(&journal));
    }
    let silent = World::pending(source_only()).with_faults(|_, side, action| {
        (side == Side::Source && *action != Action::Put).then_some(Fault::Refused(Trouble::TimedOut))
    });
    assert_eq!(verdicts(&run(silent)), [(0, Verdict::Unknown, Reason::Call(Trouble::TimedOut))]);
}

#[test]
fn a_source_version_that_somebody_removed_proves_nothing() {
    let mut running = Run::new(World::pending(route(1))).until(secs(100.0));
    running.world.remove_source(secs(100.0));
    let journal = running.finish();
    assert_eq!(verdicts(&journal), [(0, Verdict::Unknown, Reason::Call(Trouble::NotFound))]);
    assert!(journal.end < secs(3700.0), "{:?}", journal.end);
}
