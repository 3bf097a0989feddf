//! When the monitor cannot tell, what a pause hides, and how several conditions are shown at once.

use super::*;

#[test]
fn two_unknown_verdicts_in_a_row_are_unknown_and_one_is_not() {
    let mut bench = Bench::healthy();
    bench.send(1);
    bench.judge(1, Verdict::Unknown);
    assert_eq!(bench.state(), State::Healthy);
    bench.sleep(60);
    bench.arrive(2);
    bench.send(3);
    bench.judge(3, Verdict::Unknown);
    assert_eq!(bench.state(), State::Healthy);
    bench.send(4);
    bench.contact(Side::Destination(0), Err(Trouble::BadCredentials));
    bench.judge(4, Verdict::Unknown);
    let shown = bench.shown();
    assert_eq!((shown.state, shown.reason), (State::Unknown, Reason::Call(Trouble::BadCredentials)));
    assert!(shown.message.contains("the destination destination-0"), "{}", shown.message);
    bench.sleep(60);
    bench.arrive(5);
    assert_eq!(bench.state(), State::Unknown);
    bench.arrive(6);
    assert_eq!(bench.state(), State::Healthy);
}

#[test]
fn a_needed_side_that_answers_nothing_for_three_intervals_is_unknown() {
    for (side, concerned) in [(Side::Source, [true, true]), (Side::Destination(0), [true, false])] {
        let mut bench = Bench::new(2);
        bench.send(0);
        bench.judge_at(0, 0, Verdict::Replicated);
        bench.judge_at(0, 1, Verdict::Replicated);
        bench.contact(side, Err(Trouble::Throttled));
        bench.sleep(120);
        bench.contact(side, Err(Trouble::Throttled));
        bench.sleep(59);
        assert_eq!(bench.state(), State::Healthy);
        bench.sleep(1);
        for (place, concerned) in concerned.into_iter().enumerate() {
            let state = if concerned { State::Unknown } else { State::Healthy };
            assert_eq!(bench.destination(place).state, state, "{side:?} {place}");
        }
        assert_eq!(bench.shown().reason, Reason::Call(Trouble::Throttled));
        // An answer alone does not end it.
        bench.contact(side, Ok(()));
        assert_eq!(bench.state(), State::Unknown);
        for canary in 1..=2 {
            bench.sleep(1);
            bench.send(canary);
            bench.judge_at(canary, 0, Verdict::Replicated);
            bench.judge_at(canary, 1, Verdict::Replicated);
        }
        assert_eq!(bench.state(), State::Healthy);
    }
}

#[test]
fn silence_lasts_at_least_a_minute_and_an_answer_breaks_it() {
    let mut route = route("orders", 1);
    route.canary.interval = Duration::from_secs(2);
    let mut bench = Bench::of(route);
    bench.arrive(0);
    for answer in [Ok(()), Err(Trouble::NotFound), Err(Trouble::NoSuchBucket)] {
        for _ in 0..50 {
            bench.contact(Side::Destination(0), Err(Trouble::TimedOut));
            bench.sleep(1);
        }
        assert_eq!(bench.state(), State::Healthy);
        bench.contact(Side::Destination(0), answer);
        bench.sleep(30);
    }
    for _ in 0..60 {
        bench.contact(Side::Destination(0), Err(Trouble::TimedOut));
        bench.sleep(1);
    }
    assert_eq!(bench.state(), State::Unknown);
}

#[test]
fn calls_that_were_never_tried_and_sides_that_are_not_looked_at_say_nothing() {
    let mut route = route("orders", 1);
    route.destinations[0].observe = Observe::SourceOnly;
    let mut bench = Bench::of(route);
    bench.arrive(0);
    bench.contact(Side::Destination(0), Err(Trouble::AccessDenied));
    bench.contact(Side::Destination(0), Err(Trouble::AccessDenied));
    bench.contact(Side::Source, Ok(()));
    bench.sleep(24 * 3600);
    assert_eq!(bench.state(), State::Healthy);
    assert!(bench.shown().message.contains("by the word of the source alone"));
}

#[test]
fn a_self_test_is_a_call_and_its_refusal_is_neither() {
    use crate::domain::observation::SelfTest;
    let mut bench = Bench::healthy();
    let side = Side::Destination(0);
    let test = |bench: &mut Bench, outcome| {
        bench.observe(&Observation::SelfTest { route: ROUTE, side, outcome, at: bench.now });
    };
    test(&mut bench, SelfTest::NoAnswer(Trouble::TimedOut));
    test(&mut bench, SelfTest::RefusedWithoutListing);
    bench.sleep(180);
    test(&mut bench, SelfTest::NoAnswer(Trouble::TimedOut));
    assert_eq!(bench.state(), State::Unknown);
    let mut bench = Bench::healthy();
    test(&mut bench, SelfTest::NoAnswer(Trouble::TimedOut));
    test(&mut bench, SelfTest::SeesAbsence);
    bench.sleep(180);
    test(&mut bench, SelfTest::NoAnswer(Trouble::TimedOut));
    assert_eq!(bench.state(), State::Healthy);
}

#[test]
fn the_worst_of_several_conditions_is_shown_and_each_keeps_its_own_beginning() {
    let mut bench = Bench::healthy();
    let mut begun = Vec::new();
    bench.send(1);
    bench.judge(1, Verdict::Late);
    begun.push((State::Late, bench.wall()));
    for _ in 0..2 {
        bench.sleep(60);
        bench.send(2);
        bench.judge(2, Verdict::Unknown);
    }
    begun.push((State::Unknown, bench.wall()));
    bench.send(3);
    bench.sleep(300);
    bench.note(3, Note::BeyondObjective { destination: 0 });
    begun.push((State::Stalled, bench.wall()));
    bench.sleep(60);
    bench.send(4);
    bench.judge(4, Verdict::Uncovered);
    begun.push((State::Misconfigured, bench.wall()));
    bench.sleep(60);
    bench.send(5);
    bench.judge(5, Verdict::Failed);
    begun.push((State::Failing, bench.wall()));
    let shown: Vec<(State, UnixMillis)> =
        bench.changes.iter().skip(1).map(|change| (change.to, change.since)).collect();
    assert_eq!(shown, begun);
    // Two late arrivals end everything that is latched; being late began first, and goes on since then.
    let late_since = begun[0].1;
    for canary in 6..=7 {
        bench.sleep(60);
        bench.send(canary);
        bench.judge(canary, Verdict::Late);
    }
    bench.judge(3, Verdict::Late);
    assert_eq!((bench.state(), bench.shown().since), (State::Late, late_since));
}

#[test]
fn a_route_shows_its_worst_destination_and_since_when() {
    let mut bench = Bench::new(3);
    bench.send(0);
    bench.judge_at(0, 0, Verdict::Replicated);
    bench.judge_at(0, 1, Verdict::Failed);
    let since = bench.wall();
    bench.sleep(10);
    bench.judge_at(0, 2, Verdict::Failed);
    let shown = bench.shown();
    assert_eq!((shown.state, shown.since), (State::Failing, since));
    assert!(shown.message.contains("destination-1"));
    assert_eq!(shown.destinations[0].state, State::Healthy);
}

#[test]
fn paused_hides_everything_and_ends_by_the_wall_clock() {
    let mut route = route("orders", 1);
    route.pause = Some(Pause::Until(UnixMillis(EPOCH_MS + 600_000)));
    let mut bench = Bench::of(route);
    assert_eq!((bench.state(), bench.shown().reason), (State::Paused, Reason::Paused));
    bench.send(0);
    bench.judge(0, Verdict::Unknown);
    bench.sleep(599);
    assert_eq!(bench.state(), State::Paused);
    bench.sleep(1);
    let shown = bench.shown();
    assert_eq!((shown.state, shown.reason, shown.since), (State::Unknown, Reason::Starting, bench.wall()));
    assert_eq!(bench.changes.len(), 1);
    assert_eq!((bench.changes[0].from, bench.changes[0].to), (State::Paused, State::Unknown));
}

#[test]
fn paused_for_ever_stays_paused() {
    let mut route = route("orders", 1);
    route.pause = Some(Pause::Always);
    let mut bench = Bench::of(route);
    bench.sleep(10 * 365 * 24 * 3600);
    assert_eq!(bench.state(), State::Paused);
}
