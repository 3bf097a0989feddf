//! When each state begins, and when it ends.

use super::*;

#[test]
fn starting_is_unknown_until_the_first_verdict_other_than_unknown() {
    let mut bench = Bench::new(1);
    let since = bench.wall();
    bench.send(0);
    bench.sleep(5);
    bench.judge(0, Verdict::Unknown);
    let shown = bench.shown();
    assert_eq!((shown.state, shown.reason, shown.since), (State::Unknown, Reason::Starting, since));
    bench.arrive(1);
    assert_eq!((bench.state(), bench.shown().reason, bench.shown().since), (State::Healthy, Reason::Ok, bench.wall()));
    assert_eq!(bench.changes.len(), 1);
}

#[test]
fn failed_lost_and_mismatched_are_failing_at_once_and_end_the_start() {
    for verdict in [Verdict::Failed, Verdict::Lost, Verdict::Mismatched] {
        let mut bench = Bench::new(1);
        bench.send(0);
        bench.sleep(3);
        bench.judge(0, verdict);
        let shown = bench.shown();
        assert_eq!((shown.state, shown.since, shown.reason), (State::Failing, bench.wall(), Reason::of(verdict)));
    }
}

#[test]
fn an_old_canary_makes_failing_whatever_arrived_meanwhile() {
    let mut bench = Bench::new(1);
    bench.send(0);
    for canary in 1..4 {
        bench.arrive(canary);
    }
    bench.sleep(3600);
    bench.judge(0, Verdict::Lost);
    assert_eq!(bench.state(), State::Failing);
}

#[test]
fn failing_ends_after_two_arrivals_in_a_row_of_canaries_written_after_it_began() {
    let mut bench = Bench::healthy();
    bench.send(1);
    bench.send(2);
    bench.send(3);
    bench.sleep(5);
    bench.judge(1, Verdict::Failed);
    let since = bench.wall();
    // Written before it began: neither counts.
    bench.judge(2, Verdict::Replicated);
    bench.judge(3, Verdict::Replicated);
    bench.sleep(60);
    bench.arrive(4);
    assert_eq!((bench.state(), bench.shown().since), (State::Failing, since));
    // The row is broken by anything else, and begins again.
    bench.send(5);
    bench.judge(5, Verdict::Unknown);
    bench.arrive(6);
    assert_eq!(bench.state(), State::Failing);
    bench.arrive(7);
    assert_eq!((bench.state(), bench.shown().since), (State::Healthy, bench.wall()));
}

#[test]
fn late_arrivals_end_failing_and_leave_late() {
    let mut bench = Bench::healthy();
    bench.send(1);
    bench.judge(1, Verdict::Failed);
    for canary in [2, 3] {
        bench.sleep(60);
        bench.send(canary);
        bench.judge(canary, Verdict::Late);
    }
    assert_eq!((bench.state(), bench.shown().reason), (State::Late, Reason::ArrivedLate));
}

#[test]
fn failing_goes_on_since_it_began() {
    let mut bench = Bench::healthy();
    bench.send(1);
    bench.judge(1, Verdict::Failed);
    let since = bench.wall();
    bench.sleep(600);
    bench.send(2);
    bench.judge(2, Verdict::Lost);
    assert_eq!((bench.shown().since, bench.shown().reason), (since, Reason::DeadlinePassed));
    assert_eq!(bench.changes.len(), 2);
}

#[test]
fn an_old_canary_arriving_late_heals_nothing() {
    let mut bench = Bench::healthy();
    for canary in 1..=3 {
        bench.send(canary);
        bench.sleep(1);
    }
    for canary in 1..=3 {
        bench.judge(canary, Verdict::Lost);
    }
    bench.sleep(100);
    for canary in 1..=3 {
        let report = Report {
            lag: Some(Lag { low: Duration::from_secs(3600), high: Duration::from_secs(3700) }),
            ..bench.report(canary, 0, Verdict::Lost)
        };
        bench.note(canary, Note::ArrivedLate(report));
    }
    assert_eq!(bench.state(), State::Failing);
    bench.arrive(4);
    assert_eq!(bench.state(), State::Failing);
    bench.arrive(5);
    assert_eq!(bench.state(), State::Healthy);
}

#[test]
fn uncovered_is_misconfigured_at_once_and_ends_after_two_arrivals() {
    let mut bench = Bench::healthy();
    bench.send(1);
    bench.judge(1, Verdict::Uncovered);
    assert_eq!((bench.state(), bench.shown().reason), (State::Misconfigured, Reason::NoStatus));
    bench.sleep(60);
    bench.arrive(2);
    assert_eq!(bench.state(), State::Misconfigured);
    bench.arrive(3);
    assert_eq!(bench.state(), State::Healthy);
}

#[test]
fn a_write_refused_for_everybody_is_misconfigured_at_every_destination() {
    let broken = [Trouble::NoSuchBucket, Trouble::KmsDisabled, Trouble::KmsNotFound, Trouble::KmsInvalidState];
    let broken = broken.map(Reason::Call).into_iter().chain([Reason::NoVersionId]);
    for reason in broken {
        let mut bench = Bench::new(2);
        bench.sent.insert(1, bench.wall());
        bench.note(1, Note::WriteSent);
        bench.note(1, Note::WriteFailed { reason });
        for place in 0..2 {
            let shown = bench.destination(place);
            assert_eq!((shown.state, shown.reason, shown.pending), (State::Misconfigured, reason, 0));
            assert_eq!(shown.verdicts, [0; 7]);
        }
    }
}

#[test]
fn a_write_refused_for_the_monitor_alone_is_no_misconfiguration() {
    let mut bench = Bench::healthy();
    for canary in 1..=2 {
        bench.sent.insert(canary, bench.wall());
        bench.note(canary, Note::WriteSent);
        bench.note(canary, Note::WriteFailed { reason: Reason::Call(Trouble::ExpiredCredentials) });
        assert_eq!(bench.state(), State::Healthy);
        let report = Report {
            version_id: None,
            reason: Reason::Call(Trouble::ExpiredCredentials),
            ..bench.report(canary, 0, Verdict::Unknown)
        };
        bench.note(canary, Note::Judged(report));
        bench.sleep(60);
    }
    let shown = bench.shown();
    assert_eq!((shown.state, shown.reason), (State::Unknown, Reason::Call(Trouble::ExpiredCredentials)));
    assert!(shown.message.contains("credentials for the source source have expired"), "{}", shown.message);
}

#[test]
fn a_connection_never_made_says_nothing_by_itself() {
    let mut bench = Bench::healthy();
    for canary in 1..=5 {
        bench.send(canary);
        bench.note(canary, Note::WriteFailed { reason: Reason::Call(Trouble::ConnectionFailed) });
    }
    assert_eq!(bench.state(), State::Healthy);
    assert_eq!(bench.destination(0).pending, 0);
}

#[test]
fn an_undeletable_canary_is_misconfigured_until_it_is_gone_and_two_arrived() {
    for (side, concerned) in [(Side::Source, [true, true]), (Side::Destination(1), [false, true])] {
        let mut bench = Bench::new(2);
        for place in 0..2 {
            bench.send(0);
            bench.judge_at(0, place, Verdict::Replicated);
        }
        let trouble = Trouble::AccessDenied;
        bench.note(0, Note::DeleteFailed { side, trouble, refused: false });
        assert_eq!(bench.state(), State::Healthy);
        bench.note(0, Note::DeleteFailed { side, trouble, refused: true });
        for (place, concerned) in concerned.into_iter().enumerate() {
            let state = if concerned { State::Misconfigured } else { State::Healthy };
            assert_eq!(bench.destination(place).state, state);
        }
        assert_eq!(bench.shown().reason, Reason::Undeletable);
        for canary in 1..=3 {
            bench.sleep(60);
            bench.send(canary);
            bench.judge_at(canary, 0, Verdict::Replicated);
            bench.judge_at(canary, 1, Verdict::Replicated);
        }
        assert_eq!(bench.state(), State::Misconfigured);
        bench.note(0, Note::Deleted { side });
        assert_eq!(bench.state(), State::Healthy);
    }
}

#[test]
fn retained_canaries_are_accepted_where_the_configuration_says_so() {
    let mut route = route("orders", 1);
    route.canary.allow_retained = true;
    let mut bench = Bench::of(route);
    bench.arrive(0);
    bench.note(0, Note::DeleteFailed { side: Side::Source, trouble: Trouble::AccessDenied, refused: true });
    assert_eq!(bench.state(), State::Healthy);
}

#[test]
fn stalled_while_nothing_arrived_since_an_undecided_canary_beyond_the_objective_was_written() {
    let mut bench = Bench::healthy();
    bench.send(1);
    bench.send(2);
    bench.sleep(301);
    bench.note(1, Note::BeyondObjective { destination: 0 });
    let since = bench.wall();
    let shown = bench.shown();
    assert_eq!((shown.state, shown.since, shown.reason), (State::Stalled, since, Reason::BeyondObjective));
    bench.sleep(10);
    bench.note(2, Note::BeyondObjective { destination: 0 });
    assert_eq!(bench.shown().since, since);
    // Canary 2 arrives late: something arrived since canary 1 was written, so it is merely late.
    bench.judge(2, Verdict::Late);
    assert_eq!(bench.state(), State::Late);
    bench.judge(1, Verdict::Late);
    assert_eq!(bench.state(), State::Late);
}

#[test]
fn stalled_is_not_latched() {
    let mut bench = Bench::healthy();
    bench.send(1);
    bench.sleep(301);
    bench.note(1, Note::BeyondObjective { destination: 0 });
    bench.note(1, Note::LegClosed { destination: 0 });
    assert_eq!(bench.state(), State::Healthy);
}

#[test]
fn a_straggler_among_arrivals_is_late_until_it_is_decided_and_two_replicated() {
    let mut bench = Bench::healthy();
    bench.send(1);
    bench.sleep(60);
    bench.arrive(2);
    bench.sleep(240);
    bench.note(1, Note::BeyondObjective { destination: 0 });
    assert_eq!((bench.state(), bench.shown().reason), (State::Late, Reason::BeyondObjective));
    for canary in 3..6 {
        bench.arrive(canary);
        assert_eq!(bench.state(), State::Late);
    }
    bench.judge(1, Verdict::Late);
    assert_eq!(bench.state(), State::Healthy);
}

#[test]
fn late_begins_with_the_newest_written_arrival_and_ends_after_two_replicated() {
    let mut bench = Bench::healthy();
    bench.send(1);
    bench.judge(1, Verdict::Late);
    assert_eq!((bench.state(), bench.shown().reason), (State::Late, Reason::ArrivedLate));
    bench.sleep(60);
    bench.arrive(2);
    assert_eq!(bench.state(), State::Late);
    bench.send(3);
    bench.judge(3, Verdict::Late);
    bench.sleep(60);
    bench.arrive(4);
    assert_eq!(bench.state(), State::Late);
    bench.arrive(5);
    assert_eq!(bench.state(), State::Healthy);
}

#[test]
fn a_late_arrival_older_than_another_is_not_late() {
    let mut bench = Bench::healthy();
    bench.send(1);
    bench.sleep(60);
    bench.arrive(2);
    bench.judge(1, Verdict::Late);
    assert_eq!(bench.state(), State::Healthy);
}

#[test]
fn a_lost_canary_that_is_still_followed_neither_stalls_nor_delays() {
    let mut bench = Bench::healthy();
    bench.send(1);
    bench.sleep(3600);
    bench.note(1, Note::BeyondObjective { destination: 0 });
    bench.judge(1, Verdict::Lost);
    bench.sleep(60);
    bench.arrive(2);
    bench.arrive(3);
    assert_eq!((bench.state(), bench.destination(0).pending), (State::Healthy, 1));
}

#[test]
fn what_arrived_as_a_canary_was_written_did_not_arrive_since() {
    let mut bench = Bench::healthy();
    bench.send(1);
    bench.judge(1, Verdict::Replicated);
    bench.send(2);
    bench.sleep(300);
    bench.note(2, Note::BeyondObjective { destination: 0 });
    assert_eq!(bench.state(), State::Stalled);
}

#[test]
fn a_canary_left_at_the_stop_changes_nothing() {
    let mut bench = Bench::healthy();
    let proven = bench.destination(0).recovery_point;
    bench.send(1);
    bench.sleep(301);
    bench.note(1, Note::BeyondObjective { destination: 0 });
    assert_eq!(bench.state(), State::Stalled);
    let changes = bench.changes.len();
    bench.note(1, Note::LeftPending);
    bench.note(1, Note::LegClosed { destination: 0 });
    bench.note(1, Note::Ended);
    let shown = bench.destination(0);
    assert_eq!((shown.state, shown.pending, shown.recovery_point), (State::Stalled, 1, proven));
    assert_eq!(bench.changes.len(), changes);
}

#[test]
fn what_could_not_be_told_of_an_old_canary_breaks_no_recovery() {
    let mut bench = Bench::healthy();
    for canary in 1..=4 {
        bench.send(canary);
        bench.sleep(1);
    }
    bench.judge(1, Verdict::Unknown);
    bench.judge(2, Verdict::Unknown);
    assert_eq!(bench.state(), State::Unknown);
    for canary in 5..=6 {
        bench.send(canary);
        bench.sleep(1);
        bench.arrive(canary);
    }
    assert_eq!(bench.state(), State::Healthy);
    bench.judge(3, Verdict::Unknown);
    bench.judge(4, Verdict::Unknown);
    assert_eq!(bench.state(), State::Healthy);
    assert_eq!(bench.destination(0).count(Verdict::Unknown), 4, "they are counted all the same");
}
