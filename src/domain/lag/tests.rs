//! Tests of the bounds.

use super::*;

fn at(mono: u64, wall: u64) -> Moment {
    Moment { mono: Monotonic(Duration::from_secs(1000 + mono)), wall: UnixMillis(1_700_000_000_000 + wall * 1000) }
}

fn seconds(lag: Lag) -> (u64, u64) {
    (lag.low.as_secs(), lag.high.as_secs())
}

#[test]
fn a_lag_lies_between_the_last_miss_and_the_first_sight() {
    let write = Write::new(at(0, 0), at(1, 1));
    assert_eq!(seconds(write.lag(Some(at(10, 10)), at(13, 13))), (9, 13));
    assert_eq!(seconds(write.lag(None, at(13, 13))), (0, 13));
}

#[test]
fn a_miss_sent_before_the_acknowledgement_proves_nothing() {
    let write = Write::new(at(0, 0), at(5, 5));
    assert_eq!(write.at_least(at(3, 3)), Duration::ZERO);
}

#[test]
fn the_upper_bound_takes_the_clock_that_saw_more() {
    let write = Write::new(at(0, 0), at(1, 1));
    assert_eq!(seconds(write.lag(Some(at(10, 110)), at(13, 113))), (9, 113));
    assert_eq!(seconds(write.lag(Some(at(10, 10)), at(13, 2))), (9, 13));
}

#[test]
fn lateness_is_reached_at_the_objective() {
    let lag = |low| Lag { low: Duration::from_secs(low), high: Duration::from_secs(20) };
    let objective = Duration::from_secs(10);
    assert!(!is_late(lag(9), objective));
    assert!(is_late(lag(10), objective));
}

#[test]
fn an_earlier_write_ages_by_the_wall_clock() {
    let now = at(0, 300);
    let write = Write::earlier(at(0, 0).wall, now);
    assert_eq!(write.age(now.mono), Duration::from_secs(300));
    assert_eq!(write.when(Duration::from_secs(310)), at(10, 0).mono);
    assert_eq!(write.when(Duration::from_secs(10)), now.mono);
    assert_eq!(seconds(write.lag(Some(at(5, 305)), at(7, 307))), (5, 307));
}
