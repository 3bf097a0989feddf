//! When turns are, whom they skip, and what is written on request.

use super::*;

#[test]
fn turns_are_one_interval_apart_and_keep_their_place_on_the_wall_clock_after_a_restart() {
    let route = route();
    let mut bench = Bench::passed(&route);
    let mut places = Vec::new();
    for _ in 0..5 {
        let key = bench.write(State::Healthy);
        bench.live_and_die(&key);
        places.push(bench.now.wall.0 % 60_000);
    }
    let mut restarted = Bench::of(&route);
    restarted.now = Moment { mono: Monotonic(seconds(3)), wall: UnixMillis(1_811_111_111_111) };
    restarted.schedule = Schedule::new(&route, restarted.now);
    restarted.write(State::Unknown);
    places.push(restarted.now.wall.0 % 60_000);
    // The places lie within a millisecond, which is as fine as the wall clock is.
    assert!(places.iter().all(|place| place.abs_diff(places[0]) <= 1), "{places:?}");
}

#[test]
fn phases_spread_evenly_over_names() {
    const ROUTES: usize = 10_000;
    let mut slots = [0_usize; 60];
    let mut route = route();
    let now = Moment::default();
    for number in 0..ROUTES {
        route.name = RouteName::new(&format!("route-{number:05}")).unwrap();
        let Turn::WaitUntil(Monotonic(at)) = Schedule::new(&route, now).next(now, State::Unknown) else { continue };
        slots[usize::try_from(at.as_secs()).unwrap() % 60] += 1;
    }
    let expected = ROUTES as f64 / 60.0;
    let chi_squared: f64 = slots.iter().map(|count| (*count as f64 - expected).powi(2) / expected).sum();
    // 59 degrees of freedom: an even spread exceeds 98 once in a thousand.
    assert!(chi_squared < 98.0, "{chi_squared} {slots:?}");
}

#[test]
fn asked_again_a_schedule_answers_the_same() {
    let mut bench = Bench::of(&route());
    let first = bench.next(State::Unknown);
    bench.sleep(seconds(1));
    assert_eq!(bench.next(State::Unknown), first);
}

#[test]
fn a_little_delay_keeps_the_turn_and_a_missed_one_is_skipped() {
    let mut bench = Bench::passed(&route());
    let Turn::WaitUntil(turn) = bench.next(State::Healthy) else { panic!() };
    bench.sleep(turn.since(bench.now.mono) + seconds(59));
    assert_eq!(bench.next(State::Healthy), Turn::Write { planned: turn });
    bench.sleep(seconds(3600));
    let Turn::WaitUntil(next) = bench.next(State::Healthy) else { panic!() };
    assert!(next > bench.now.mono && next.since(bench.now.mono) < seconds(60));
    assert_eq!(next.since(turn).as_secs() % 60, 0);
}

#[test]
fn a_late_start_does_not_shift_the_turns_after_it() {
    let mut bench = Bench::passed(&route());
    let Turn::WaitUntil(turn) = bench.next(State::Healthy) else { panic!() };
    bench.sleep(turn.since(bench.now.mono) + seconds(20));
    let key = bench.start();
    bench.live_and_die(&key);
    assert_eq!(bench.next(State::Healthy), Turn::WaitUntil(turn.plus(seconds(60))));
}

#[test]
fn corrections_of_the_wall_clock_move_nothing() {
    for wall in [0, 1_600_000_000_000, 1_900_000_000_000] {
        let mut bench = Bench::passed(&route());
        let turn = bench.next(State::Healthy);
        bench.now.wall = UnixMillis(wall);
        assert_eq!(bench.next(State::Healthy), turn);
    }
}

#[test]
fn bad_states_slow_down_to_ten_intervals_or_the_objective() {
    for (interval, objective, slow) in [(60, 900, 600), (60, 120, 120), (2, 10, 10), (60, 30, 60), (300, 900, 900)] {
        let mut route = route();
        route.canary.interval = seconds(interval);
        route.canary.objective = seconds(objective);
        for (state, distance) in [
            (State::Failing, slow),
            (State::Misconfigured, slow),
            (State::Stalled, slow),
            (State::Unknown, interval),
            (State::Late, interval),
            (State::Healthy, interval),
        ] {
            let mut bench = Bench::passed(&route);
            let before = bench.now.mono;
            for turn in 1..=3 {
                let key = bench.write(state);
                bench.live_and_die(&key);
                assert_eq!(bench.now.mono.since(before).as_secs(), turn * distance, "{state:?} {interval} {objective}");
            }
        }
    }
}

#[test]
fn a_route_that_recovers_returns_to_its_places_at_once_and_without_delay() {
    let mut bench = Bench::passed(&route());
    let place = bench.now.mono;
    let key = bench.write(State::Failing);
    bench.live_and_die(&key);
    assert_eq!(bench.now.mono.since(place), seconds(600));
    bench.sleep(seconds(95));
    assert!(matches!(bench.next(State::Failing), Turn::WaitUntil(_)));
    assert_eq!(bench.next(State::Healthy), Turn::WaitUntil(place.plus(seconds(720))));
}

#[test]
fn paused_routes_wait_for_the_end_if_there_is_one() {
    let mut route = route();
    route.pause = Some(Pause::Always);
    let mut bench = Bench::of(&route);
    assert_eq!(bench.next(State::Paused), Turn::Blocked);
    assert_eq!(bench.schedule.ask_now(bench.now), Err(Refusal::Paused));
    let end = bench.now.wall.plus(seconds(90));
    route.pause = Some(Pause::Until(end));
    let mut bench = Bench::of(&route);
    assert_eq!(bench.next(State::Paused), Turn::WaitUntil(bench.now.mono.plus(seconds(60))));
    assert_eq!(bench.schedule.ask_now(bench.now), Err(Refusal::Paused));
    bench.sleep(seconds(60));
    assert_eq!(bench.next(State::Paused), Turn::WaitUntil(bench.now.mono.plus(seconds(30))));
    bench.sleep(seconds(30));
    bench.write(State::Unknown);
}

#[test]
fn a_canary_can_be_asked_for_at_any_time_but_not_all_the_time() {
    for (interval, gap) in [(2, seconds(1)), (10, seconds(5)), (60, seconds(10)), (3600, seconds(10))] {
        let mut route = route();
        route.canary.interval = seconds(interval);
        let mut bench = Bench::passed(&route);
        let Turn::WaitUntil(turn) = bench.next(State::Failing) else { panic!() };
        bench.sleep(Duration::from_millis(100));
        assert_eq!(bench.schedule.ask_now(bench.now), Ok(()));
        assert_eq!(bench.next(State::Failing), Turn::Write { planned: bench.now.mono });
        assert_eq!(bench.schedule.ask_now(bench.now), Err(Refusal::TooSoon { gap, wait: gap }));
        let asked = bench.start();
        bench.live_and_die(&asked);
        // The turn that was planned stays.
        assert_eq!(bench.next(State::Failing), Turn::WaitUntil(turn));
        bench.sleep(gap);
        assert_eq!(bench.schedule.ask_now(bench.now), Ok(()));
    }
}

#[test]
fn whoever_asks_on_probation_gets_the_first_canary_and_no_second() {
    let mut bench = Bench::of(&route());
    assert_eq!(bench.schedule.ask_now(bench.now), Ok(()));
    assert_eq!(bench.next(State::Unknown), Turn::Write { planned: bench.now.mono });
    bench.start();
    bench.sleep(seconds(60));
    assert_eq!(bench.schedule.ask_now(bench.now), Err(Refusal::Probation));
}

#[test]
fn one_canary_serves_the_turn_and_whoever_asked() {
    let mut bench = Bench::passed(&route());
    let Turn::WaitUntil(turn) = bench.next(State::Healthy) else { panic!() };
    bench.sleep(turn.since(bench.now.mono));
    assert_eq!(bench.schedule.ask_now(bench.now), Ok(()));
    bench.start();
    assert_eq!(bench.next(State::Healthy), Turn::WaitUntil(turn.plus(seconds(60))));
}

#[test]
fn refusals_say_what_to_wait_for() {
    let text = Refusal::TooSoon { gap: seconds(10), wait: Duration::from_millis(6200) }.to_string();
    assert_eq!(text, "one was asked for less than 10s ago; try again in 7 s");
}
