//! Recovery point, gaps, what is pending, and what a lost canary still does.

use super::*;
use crate::domain::snapshot::Gap;

/// Writes canaries a minute apart, and answers when.
fn write(bench: &mut Bench, canaries: std::ops::RangeInclusive<u32>) -> Vec<UnixMillis> {
    canaries
        .map(|canary| {
            bench.sleep(60);
            bench.send(canary);
            bench.wall()
        })
        .collect()
}

#[test]
fn the_recovery_point_waits_for_older_undecided_canaries() {
    let mut bench = Bench::new(1);
    let at = write(&mut bench, 1..=4);
    assert_eq!(bench.destination(0).recovery_point, None);
    bench.judge(2, Verdict::Replicated);
    assert_eq!(bench.destination(0).recovery_point, None);
    bench.judge(1, Verdict::Late);
    assert_eq!(bench.destination(0).recovery_point, Some(at[1]));
    bench.judge(4, Verdict::Replicated);
    assert_eq!(bench.destination(0).recovery_point, Some(at[1]));
    bench.judge(3, Verdict::Unknown);
    assert_eq!(bench.destination(0).recovery_point, Some(at[3]));
    assert_eq!(bench.destination(0).gaps, []);
}

#[test]
fn a_canary_that_was_not_written_holds_nothing_up() {
    let mut bench = Bench::new(1);
    let at = write(&mut bench, 1..=2);
    bench.judge(2, Verdict::Replicated);
    bench.note(1, Note::WriteFailed { reason: Reason::Call(Trouble::AccessDenied) });
    let shown = bench.destination(0);
    assert_eq!((shown.recovery_point, shown.pending, shown.oldest_pending), (Some(at[1]), 0, None));
}

#[test]
fn a_routes_recovery_point_is_the_oldest_once_each_destination_has_one() {
    let mut bench = Bench::new(2);
    let at = write(&mut bench, 1..=2);
    bench.judge_at(1, 0, Verdict::Replicated);
    bench.judge_at(2, 0, Verdict::Replicated);
    assert_eq!(bench.shown().recovery_point, None);
    bench.judge_at(1, 1, Verdict::Replicated);
    assert_eq!(bench.shown().recovery_point, Some(at[0]));
}

#[test]
fn every_fault_is_a_gap_from_the_last_good_write_to_the_next() {
    for verdict in [Verdict::Failed, Verdict::Lost, Verdict::Mismatched, Verdict::Uncovered] {
        let mut bench = Bench::new(1);
        let at = write(&mut bench, 1..=4);
        bench.judge(1, Verdict::Replicated);
        bench.judge(3, Verdict::Failed);
        bench.judge(2, verdict);
        let gap = Gap { from: Some(at[0]), to: None, verdict };
        assert_eq!(bench.destination(0).gaps, [gap]);
        assert_eq!(bench.destination(0).recovery_point, Some(at[0]));
        bench.judge(4, Verdict::Late);
        assert_eq!(bench.destination(0).gaps, [Gap { to: Some(at[3]), ..gap }]);
        assert_eq!(bench.destination(0).recovery_point, Some(at[3]));
    }
}

#[test]
fn a_fault_before_anything_arrived_is_a_gap_without_a_beginning() {
    let mut bench = Bench::new(1);
    let at = write(&mut bench, 1..=2);
    bench.judge(1, Verdict::Failed);
    bench.judge(2, Verdict::Replicated);
    assert_eq!(bench.destination(0).gaps, [Gap { from: None, to: Some(at[1]), verdict: Verdict::Failed }]);
}

#[test]
fn a_canary_decided_late_lands_between_its_neighbours() {
    let mut bench = Bench::new(1);
    let at = write(&mut bench, 1..=9);
    for canary in [1, 2, 3, 4, 6, 7, 8, 9] {
        bench.judge(canary, Verdict::Replicated);
    }
    bench.judge(5, Verdict::Lost);
    assert_eq!(bench.destination(0).gaps, [Gap { from: Some(at[3]), to: Some(at[5]), verdict: Verdict::Lost }]);
    assert_eq!(bench.destination(0).recovery_point, Some(at[8]));
}

#[test]
fn pending_is_what_is_written_and_still_waited_for() {
    let mut bench = Bench::new(2);
    let at = write(&mut bench, 1..=2);
    bench.judge_at(1, 0, Verdict::Replicated);
    for (place, pending, oldest) in [(0, 1, at[1]), (1, 2, at[0])] {
        let shown = bench.destination(place);
        assert_eq!((shown.pending, shown.oldest_pending), (pending, Some(oldest)));
    }
}

#[test]
fn a_lost_canary_stays_pending_and_its_arrival_counts_no_verdict() {
    let mut bench = Bench::new(1);
    let at = write(&mut bench, 1..=2);
    bench.sleep(3600);
    bench.judge(1, Verdict::Lost);
    bench.judge(2, Verdict::Lost);
    let shown = bench.destination(0);
    assert_eq!((shown.pending, shown.oldest_pending, shown.recovery_point), (2, Some(at[0]), None));
    let lag = Some(Lag { low: Duration::from_secs(3600), high: Duration::from_secs(3660) });
    bench.note(2, Note::ArrivedLate(Report { lag, ..bench.report(2, 0, Verdict::Lost) }));
    bench.note(2, Note::LegClosed { destination: 0 });
    let shown = bench.destination(0);
    assert_eq!((shown.pending, shown.recovery_point), (1, Some(at[1])));
    assert_eq!((shown.count(Verdict::Lost), shown.verdicts.iter().sum::<u64>()), (2, 2));
    assert_eq!(shown.lag.unwrap().max, Duration::from_secs(3660));
    assert_eq!(shown.report(&key(2)).unwrap().lag, lag);
    assert_eq!(shown.last_success, Some(bench.wall()));
    // They were not there in time: the gap stays, and ends with the next good write.
    let at = write(&mut bench, 3..=3);
    bench.judge(3, Verdict::Replicated);
    assert_eq!(bench.destination(0).gaps, [Gap { from: None, to: Some(at[0]), verdict: Verdict::Lost }]);
}

#[test]
fn a_lost_canary_that_arrives_wrong_proves_nothing() {
    use crate::domain::report::{Aspect, Mismatch};
    let mut bench = Bench::new(1);
    write(&mut bench, 1..=1);
    bench.judge(1, Verdict::Lost);
    let wrong = Mismatch { what: Aspect::KmsKey, expected: "a".to_owned(), seen: "b".to_owned(), meaning: None };
    bench.note(1, Note::ArrivedLate(Report { mismatches: vec![wrong], ..bench.report(1, 0, Verdict::Lost) }));
    let shown = bench.destination(0);
    assert_eq!((shown.pending, shown.recovery_point, shown.last_success, shown.lag), (0, None, None, None));
    assert_eq!(shown.report(&key(1)).unwrap().mismatches.len(), 1);
}

#[test]
fn a_lost_canary_that_is_given_up_is_pending_no_more() {
    let mut bench = Bench::new(1);
    write(&mut bench, 1..=1);
    bench.judge(1, Verdict::Lost);
    bench.note(1, Note::LegClosed { destination: 0 });
    assert_eq!(bench.destination(0).pending, 0);
}

#[test]
fn a_canary_that_ends_without_a_word_leaves_nothing_behind() {
    let mut bench = Bench::new(1);
    let at = write(&mut bench, 1..=2);
    bench.judge(2, Verdict::Replicated);
    bench.note(1, Note::DeleteFailed { side: Side::Source, trouble: Trouble::AccessDenied, refused: true });
    bench.note(1, Note::Ended);
    let shown = bench.destination(0);
    assert_eq!((shown.pending, shown.recovery_point), (0, Some(at[1])));
    write(&mut bench, 3..=4);
    bench.judge(3, Verdict::Replicated);
    bench.judge(4, Verdict::Replicated);
    assert_eq!(bench.state(), State::Healthy);
}
