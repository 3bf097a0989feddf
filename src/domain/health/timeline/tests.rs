//! Gaps and recovery points of every order of events, the wall clock's jumps included, and their bound.

use proptest::prelude::*;

use super::*;

fn key(number: usize) -> ObjectKey {
    ObjectKey::new(&number.to_string())
}

/// Alternates good and faulty canaries, so that each fault is a gap of its own.
fn striped(faults: u64) -> Timeline {
    let mut timeline = Timeline::default();
    for second in 0..2 * faults {
        let verdict = if second % 2 == 0 { Verdict::Replicated } else { Verdict::Failed };
        timeline.begin(&key(0), UnixMillis(second));
        timeline.decide(&key(0), UnixMillis(second), verdict);
    }
    timeline
}

#[test]
fn a_healthy_destination_holds_few_marks_however_long_it_runs() {
    let mut timeline = Timeline::default();
    for second in 0..100_000 {
        timeline.begin(&key(0), UnixMillis(second));
        timeline.decide(&key(0), UnixMillis(second), Verdict::Replicated);
        assert!(timeline.marks.len() <= 2);
    }
    assert_eq!(timeline.recovery_point(), Some(UnixMillis(99_999)));
}

#[test]
fn beyond_the_bound_the_two_oldest_gaps_are_merged() {
    let full = striped(GAPS_MAX as u64).gaps();
    assert_eq!(full.len(), GAPS_MAX);
    let merged = striped(GAPS_MAX as u64 + 1);
    let gaps = merged.gaps();
    assert_eq!(gaps.len(), GAPS_MAX);
    assert_eq!((gaps[0].from, gaps[0].to), (full[0].from, full[1].to));
    assert_eq!(gaps[1..GAPS_MAX - 2], full[2..GAPS_MAX - 1]);
    assert_eq!(merged.recovery_point(), Some(UnixMillis(2 * GAPS_MAX as u64)));
    assert!(striped(100_000).marks.len() <= 2 * GAPS_MAX + 1);
}

#[test]
fn merging_does_not_move_the_recovery_point() {
    let mut timeline = striped(1);
    for second in 2..4 * GAPS_MAX as u64 {
        // The newest good write before an undecided canary, behind which gaps pile up.
        if second == 2 {
            timeline.begin(&key(9), UnixMillis(2));
        } else {
            let verdict = if second % 2 == 0 { Verdict::Replicated } else { Verdict::Lost };
            timeline.begin(&key(0), UnixMillis(second));
            timeline.decide(&key(0), UnixMillis(second), verdict);
        }
        assert_eq!(timeline.recovery_point(), Some(UnixMillis(0)));
    }
    assert!(timeline.gaps().len() <= GAPS_MAX);
}

#[test]
fn merging_forgets_a_good_write_but_not_that_it_is_the_recovery_point() {
    let mut timeline = striped(2);
    timeline.begin(&key(9), UnixMillis(4));
    for second in 5..3 * GAPS_MAX as u64 {
        let verdict = if second % 2 == 0 { Verdict::Replicated } else { Verdict::Lost };
        timeline.decide(&key(0), UnixMillis(second), verdict);
    }
    assert_eq!(timeline.recovery_point(), Some(UnixMillis(2)));
}

#[test]
fn faults_between_the_ends_of_a_parted_run_stay_in_a_gap() {
    let mut timeline = Timeline::default();
    for second in [10, 20, 30] {
        timeline.decide(&key(0), UnixMillis(second), Verdict::Failed);
    }
    for second in [15, 25] {
        timeline.begin(&key(1), UnixMillis(second));
        timeline.decide(&key(1), UnixMillis(second), Verdict::Replicated);
    }
    let ends: Vec<(Option<u64>, Option<u64>)> =
        timeline.gaps().iter().map(|gap| (gap.from.map(|at| at.0), gap.to.map(|at| at.0))).collect();
    assert_eq!(ends, [(None, Some(15)), (Some(15), Some(25)), (Some(25), None)]);
}

#[test]
fn a_clock_that_goes_back_lets_less_be_claimed_never_more() {
    let mut timeline = Timeline::default();
    for second in [100, 200, 300] {
        timeline.decide(&key(0), UnixMillis(second), Verdict::Replicated);
    }
    timeline.begin(&key(1), UnixMillis(250));
    assert_eq!(timeline.recovery_point(), Some(UnixMillis(100)));
    timeline.decide(&key(1), UnixMillis(250), Verdict::Replicated);
    assert_eq!(timeline.recovery_point(), Some(UnixMillis(300)));
    assert_eq!(timeline.marks.len(), 1);
}

#[derive(Debug, Clone)]
enum Step {
    Begin(u64),
    Decide(usize, Verdict),
    Forget(usize),
    ArriveAfterAll(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let verdict = prop::sample::select(Verdict::ALL.to_vec());
    let step = prop_oneof![
        4 => (0..1000_u64).prop_map(Step::Begin),
        4 => (0..100_usize, verdict).prop_map(|(canary, verdict)| Step::Decide(canary, verdict)),
        1 => (0..100_usize).prop_map(Step::Forget),
        1 => (0..100_usize).prop_map(Step::ArriveAfterAll),
    ];
    prop::collection::vec(step, 0..300)
}

proptest! {
    #[test]
    fn any_order_and_any_clock_claims_nothing_false(steps in steps()) {
        let mut timeline = Timeline::default();
        let mut written: Vec<UnixMillis> = Vec::new();
        let mut undecided: Vec<bool> = Vec::new();
        let mut verdicts: Vec<Option<Verdict>> = Vec::new();
        for step in steps {
            match step {
                Step::Begin(at) => {
                    timeline.begin(&key(written.len()), UnixMillis(at));
                    written.push(UnixMillis(at));
                    undecided.push(true);
                    verdicts.push(None);
                }
                Step::Decide(canary, verdict) if undecided.get(canary) == Some(&true) => {
                    timeline.decide(&key(canary), written[canary], verdict);
                    undecided[canary] = false;
                    verdicts[canary] = Some(verdict);
                }
                Step::Forget(canary) if undecided.get(canary) == Some(&true) => {
                    timeline.forget(&key(canary), written[canary]);
                    undecided[canary] = false;
                }
                Step::ArriveAfterAll(canary) if verdicts.get(canary) == Some(&Some(Verdict::Lost)) => {
                    timeline.arrived_after_all(written[canary]);
                }
                Step::Decide(..) | Step::Forget(_) | Step::ArriveAfterAll(_) => {}
            }
            let open = || written.iter().zip(&undecided).filter(|(_, open)| **open).map(|(at, _)| *at);
            if let Some(point) = timeline.recovery_point() {
                prop_assert!(open().all(|at| at >= point));
                prop_assert!(written.contains(&point));
            }
            let gaps = timeline.gaps();
            prop_assert!(gaps.len() <= GAPS_MAX);
            for pair in gaps.windows(2) {
                prop_assert!(pair[0].to.is_some() && pair[0].to <= pair[1].from);
            }
            for (at, verdict) in written.iter().zip(&verdicts) {
                if verdict.is_some_and(Verdict::is_fault) {
                    let begins = |gap: &Gap| gap.from.is_none_or(|from| from <= *at);
                    let covers = |gap: &Gap| begins(gap) && gap.to.is_none_or(|to| *at <= to);
                    prop_assert!(gaps.iter().any(covers), "no gap covers {:?}: {:?}", at, gaps);
                }
            }
            prop_assert!(timeline.marks.is_sorted_by_key(|mark| mark.first));
            prop_assert!(timeline.marks.windows(2).all(|pair| pair[0].last <= pair[1].first));
        }
    }
}
