//! What forbids a canary: probation, leftovers, too many outstanding.

use super::*;

#[test]
fn on_probation_there_is_no_second_canary_until_the_first_is_gone_from_every_side() {
    let mut bench = Bench::of(&route());
    let first = bench.write(State::Unknown);
    assert_eq!((bench.next(State::Unknown), bench.schedule.outstanding()), (Turn::Blocked, 1));
    bench.written(&first);
    bench.closed(&first);
    bench.deleted(&first, &[Side::Source, Side::Destination(1)]);
    bench.sleep(seconds(7200));
    assert_eq!(bench.next(State::Healthy), Turn::Blocked);
    bench.deleted(&first, &[Side::Destination(0)]);
    assert_eq!(bench.schedule.outstanding(), 0);
    for _ in 0..3 {
        let _kept = bench.write(State::Healthy);
    }
    assert_eq!(bench.schedule.outstanding(), 3);
}

#[test]
fn sides_that_the_monitor_does_not_clean_up_are_not_waited_for() {
    let mut route = route();
    route.destinations[1].cleanup = Cleanup::Lifecycle;
    let mut bench = Bench::of(&route);
    let first = bench.write(State::Unknown);
    bench.written(&first);
    bench.closed(&first);
    bench.deleted(&first, &[Side::Source, Side::Destination(0)]);
    bench.write(State::Healthy);
}

#[test]
fn a_canary_that_ended_has_nothing_left_to_delete() {
    let mut bench = Bench::of(&route());
    let first = bench.write(State::Unknown);
    bench.written(&first);
    bench.deleted(&first, &[Side::Source]);
    bench.note(&first, &Note::Ended);
    bench.write(State::Failing);
    bench.write(State::Failing);
}

#[test]
fn a_canary_that_was_never_written_blocks_nothing_and_proves_nothing() {
    let mut bench = Bench::of(&route());
    for _ in 0..3 {
        let refused = bench.write(State::Unknown);
        bench.note(&refused, &Note::WriteFailed { reason: Reason::Call(Trouble::AccessDenied) });
        assert_eq!(bench.schedule.outstanding(), 0);
    }
    let unresolved = bench.write(State::Unknown);
    bench.note(&unresolved, &Note::Ended);
    bench.write(State::Unknown);
    assert_eq!(bench.next(State::Unknown), Turn::Blocked);
}

#[test]
fn a_first_canary_that_leaked_leaves_the_route_on_probation() {
    let mut bench = Bench::of(&route());
    let first = bench.write(State::Unknown);
    bench.written(&first);
    bench.note(&first, &Note::Leaked { side: Side::Source });
    bench.note(&first, &Note::Ended);
    bench.write(State::Stalled);
    assert_eq!(bench.next(State::Stalled), Turn::Blocked);
}

#[test]
fn an_undeletable_canary_stops_the_route_until_the_deletion_succeeds() {
    let mut bench = Bench::passed(&route());
    let key = bench.write(State::Healthy);
    bench.written(&key);
    bench.note(&key, &Note::DeleteFailed { side: Side::Source, trouble: Trouble::TimedOut, refused: false });
    assert_ne!(bench.next(State::Healthy), Turn::Blocked);
    bench.refused(&key, Side::Source);
    assert_eq!(bench.next(State::Misconfigured), Turn::Blocked);
    assert_eq!(bench.schedule.ask_now(bench.now), Err(Refusal::Undeletable));
    // Closing and other sides do not help; success does, at the route's next place.
    bench.closed(&key);
    bench.deleted(&key, &[Side::Destination(0), Side::Destination(1)]);
    bench.sleep(seconds(10_000));
    assert_eq!(bench.next(State::Misconfigured), Turn::Blocked);
    bench.deleted(&key, &[Side::Source]);
    assert!(matches!(bench.next(State::Misconfigured), Turn::WaitUntil(_)));
    bench.write(State::Misconfigured);
    bench.write(State::Misconfigured);
}

#[test]
fn an_undeletable_canary_that_was_given_up_is_followed_by_one_on_probation() {
    let mut bench = Bench::passed(&route());
    let key = bench.write(State::Healthy);
    bench.written(&key);
    bench.refused(&key, Side::Source);
    bench.note(&key, &Note::Leaked { side: Side::Source });
    bench.note(&key, &Note::Ended);
    bench.write(State::Misconfigured);
    assert_eq!(bench.next(State::Misconfigured), Turn::Blocked);
}

#[test]
fn a_replica_rewritten_after_its_canary_was_gone_can_still_be_undeletable() {
    let mut bench = Bench::passed(&route());
    let key = bench.write(State::Healthy);
    bench.live_and_die(&key);
    bench.refused(&key, Side::Destination(0));
    assert_eq!(bench.next(State::Misconfigured), Turn::Blocked);
    bench.note(&key, &Note::Ended);
    assert_ne!(bench.next(State::Misconfigured), Turn::Blocked);
}

#[test]
fn retained_canaries_are_neither_waited_for_nor_outstanding_where_they_are_allowed() {
    let mut route = route();
    route.canary.allow_retained = true;
    let mut bench = Bench::of(&route);
    for _ in 0..20 {
        let key = bench.write(State::Healthy);
        bench.written(&key);
        bench.closed(&key);
        bench.deleted(&key, &[Side::Destination(0), Side::Destination(1)]);
        bench.refused(&key, Side::Source);
    }
    assert_eq!(bench.schedule.outstanding(), 0);
}

#[test]
fn a_first_canary_that_may_be_retained_ends_the_probation() {
    let mut route = route();
    route.canary.allow_retained = true;
    let mut bench = Bench::of(&route);
    let first = bench.write(State::Unknown);
    bench.written(&first);
    bench.closed(&first);
    bench.refused(&first, Side::Source);
    bench.note(&first, &Note::Leaked { side: Side::Source });
    bench.note(&first, &Note::Ended);
    bench.write(State::Failing);
    bench.write(State::Failing);
}

#[test]
fn a_canary_without_version_id_must_be_deleted_like_any_other() {
    let mut bench = Bench::of(&route());
    let first = bench.write(State::Unknown);
    bench.note(&first, &Note::WriteFailed { reason: Reason::NoVersionId });
    assert_eq!(bench.next(State::Misconfigured), Turn::Blocked);
    bench.note(&first, &Note::Deleted { side: Side::Source });
    bench.note(&first, &Note::Ended);
    bench.write(State::Misconfigured);
}

#[test]
fn outstanding_canaries_are_bounded() {
    let mut bench = Bench::passed(&route());
    let keys: Vec<ObjectKey> = (0..5).map(|_| bench.write(State::Stalled)).collect();
    bench.sleep(seconds(10_000));
    assert_eq!((bench.next(State::Stalled), bench.schedule.outstanding()), (Turn::Blocked, 5));
    assert_eq!(bench.schedule.ask_now(bench.now), Err(Refusal::TooMany));
    bench.live_and_die(&keys[2]);
    assert!(matches!(bench.next(State::Stalled), Turn::WaitUntil(_)));
    bench.write(State::Stalled);
    assert_eq!(bench.next(State::Stalled), Turn::Blocked);
}

#[test]
fn a_canary_removed_before_its_legs_are_closed_is_outstanding_still() {
    let mut bench = Bench::passed(&route());
    let key = bench.write(State::Healthy);
    bench.written(&key);
    bench.deleted(&key, &ALL_SIDES);
    assert_eq!(bench.schedule.outstanding(), 1);
    bench.closed(&key);
    assert_eq!(bench.schedule.outstanding(), 0);
}

#[test]
fn a_turn_that_passed_while_the_route_was_blocked_is_not_made_up_for() {
    let mut bench = Bench::passed(&route());
    let keys: Vec<ObjectKey> = (0..4).map(|_| bench.write(State::Healthy)).collect();
    let Turn::WaitUntil(turn) = bench.next(State::Healthy) else { panic!() };
    // One that was asked for fills the bound, and nobody looks at the schedule until the turn is over.
    assert_eq!(bench.schedule.ask_now(bench.now), Ok(()));
    bench.start();
    bench.sleep(turn.since(bench.now.mono) + seconds(30));
    bench.live_and_die(&keys[0]);
    assert_eq!(bench.next(State::Healthy), Turn::WaitUntil(turn.plus(seconds(60))));
}
