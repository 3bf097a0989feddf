//! Tests of the bound that the module proves.

use proptest::prelude::*;

use super::*;
use crate::domain::fixture;

const SECOND: Duration = Duration::from_secs(1);

fn schedule(floor: Duration, resolution: f64, objective: Duration, deadline: Duration) -> PollSchedule {
    let canary = CanarySpec { objective, deadline, ..fixture::canary() };
    PollSchedule::new(&PollSpec { floor, resolution }, &canary)
}

/// The ages of all polls until `end`, each answered before the next is due.
fn polls(schedule: &PollSchedule, end: Duration) -> Vec<Duration> {
    let next = |age: &Duration| Some(schedule.next(*age)).filter(|next| *next <= end);
    std::iter::successors(Some(Duration::ZERO), next).skip(1).collect()
}

fn arbitrary() -> impl Strategy<Value = (PollSchedule, f64, Duration)> {
    (1_u64..60_000, 0.01_f64..=1.0, 1_u64..3000, 1_u64..3000).prop_map(|(floor, resolution, objective, more)| {
        let floor = Duration::from_millis(floor);
        let objective = floor + SECOND * u32::try_from(objective).unwrap();
        let deadline = objective + SECOND * u32::try_from(more).unwrap();
        (schedule(floor, resolution, objective, deadline), resolution, floor)
    })
}

#[test]
fn the_default_schedule_is_as_documented() {
    let schedule = schedule(SECOND * 2, 0.1, SECOND * 900, SECOND * 3600);
    let first: Vec<_> = polls(&schedule, SECOND * 22).iter().map(Duration::as_secs).collect();
    assert_eq!(first, [2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22]);
    assert!(polls(&schedule, SECOND * 172_800).len() <= 109);
    assert_eq!(schedule.third(Duration::ZERO), SECOND * 6);
    assert_eq!(schedule.gap(SECOND * 100), SECOND * 10);
}

#[test]
fn a_floor_of_nothing_is_no_busy_loop() {
    let schedule = schedule(Duration::ZERO, 0.1, SECOND, SECOND * 2);
    assert!(schedule.next(Duration::ZERO) > Duration::ZERO);
}

#[test]
fn absurd_resolutions_do_not_panic() {
    for resolution in [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e300] {
        let schedule = schedule(SECOND, resolution, SECOND * 10, SECOND * 20);
        for age in [Duration::ZERO, SECOND, Duration::MAX] {
            assert!(schedule.gap(age) >= SECOND);
            assert!(schedule.next(age) > age || age == Duration::MAX);
        }
    }
}

proptest! {
    #[test]
    fn an_arrival_is_known_as_exactly_as_proven(
        (schedule, resolution, floor) in arbitrary(),
        arrival in 0.0_f64..10_000.0,
    ) {
        let arrival = Duration::from_secs_f64(arrival);
        let all = polls(&schedule, SECOND * 100_000);
        let low = all.iter().copied().filter(|age| *age <= arrival).max().unwrap_or_default();
        let high = all.iter().copied().find(|age| *age >= arrival).unwrap();
        let bound = floor.max(arrival.mul_f64(resolution)) + Duration::from_micros(1);
        prop_assert!(high - low <= bound, "{:?} - {:?} > {:?}", high, low, bound);
    }

    #[test]
    fn there_are_no_more_polls_than_proven((schedule, resolution, floor) in arbitrary(), end in 1.0_f64..172_800.0) {
        let count = polls(&schedule, Duration::from_secs_f64(end)).len() as f64;
        let growth = (end * resolution / floor.as_secs_f64()).ln().max(0.0) / resolution.ln_1p();
        prop_assert!(count <= 1.0 / resolution + growth + 4.0, "{} polls", count);
    }

    #[test]
    fn objective_and_deadline_are_always_polled((schedule, _, _) in arbitrary()) {
        let all = polls(&schedule, SECOND * 100_000);
        for stop in schedule.stops {
            prop_assert!(all.contains(&stop));
        }
    }

    #[test]
    fn gaps_never_shrink_but_for_stops(
        (schedule, _, _) in arbitrary(),
        age in 0.0_f64..10_000.0,
        more in 0.0_f64..10_000.0,
    ) {
        let (age, later) = (Duration::from_secs_f64(age), Duration::from_secs_f64(age + more));
        prop_assert!(schedule.gap(age) <= schedule.gap(later));
        prop_assert!(schedule.next(age) > age && schedule.next(age) <= age + schedule.gap(age));
    }
}
