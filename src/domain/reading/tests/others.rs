//! Failures that cannot be our own canaries': never more than there are.

use proptest::prelude::*;

use super::super::ours::Ours;
use super::*;

fn others(ended: &[(u64, u64)], minutes: &[Point], open: &[u64]) -> f64 {
    let mut ours = Ours::new(UnixMillis(0));
    for (written, at) in ended {
        ours.ended(second(*written), second(*at));
    }
    ours.others(minutes, open.iter().map(|written| second(*written)))
}

fn second(number: u64) -> UnixMillis {
    BEGINNING.plus(Duration::from_secs(number))
}

#[test]
fn canaries_are_taken_off_where_they_can_have_failed_and_nowhere_else() {
    let minutes = [point(10, 3.0)];
    for (ended, open, expected) in [
        (vec![], vec![], 3.0),
        (vec![(605, 610)], vec![], 2.0),
        (vec![(100, 580)], vec![], 3.0),
        (vec![(680, 690)], vec![], 3.0),
        (vec![(100, 700)], vec![], 2.0),
        (vec![], vec![590], 2.0),
        (vec![], vec![680], 3.0),
        (vec![(601, 602), (603, 604), (605, 606), (607, 608)], vec![], 0.0),
    ] {
        assert_eq!(others(&ended, &minutes, &open), expected, "{ended:?} {open:?}");
    }
}

#[test]
fn a_canary_explains_one_failure_in_one_minute() {
    let minutes = [point(10, 1.0), point(11, 1.0), point(12, 4.0)];
    assert_eq!(others(&[(600, 780)], &minutes, &[]), 5.0);
    // The one that can only be in the first minute leaves the later ones to the other.
    assert_eq!(others(&[(600, 780), (600, 630)], &minutes, &[]), 4.0);
    assert_eq!(others(&[(600, 640), (600, 640), (600, 640)], &minutes, &[]), 5.0);
}

#[test]
fn minutes_before_the_monitor_began_prove_nothing() {
    let ours = Ours::new(second(615));
    let minutes = [point(9, 5.0), point(10, 5.0), point(11, 2.0)];
    assert_eq!(ours.others(&minutes, std::iter::empty()), 2.0);
}

#[test]
fn memory_is_bounded_and_forgetting_claims_less() {
    let mut ours = Ours::new(UnixMillis(0));
    for _ in 0..10_000 {
        ours.ended(second(600), second(630));
    }
    assert_eq!(ours.others(&[point(10, 9_000.0)], std::iter::empty()), 0.0);
    assert_eq!(ours.others(&[point(12, 9.0)], std::iter::empty()), 9.0);
}

proptest! {
    /// Whatever failed when: what is claimed to be others' is at most what others really failed.
    #[test]
    fn the_bound_is_sound(
        canaries in prop::collection::vec((0_u64..1_700, 0_u64..300, 0_u64..120, any::<bool>(), any::<bool>()), 0..40),
        users in prop::collection::vec(0_u64..1_800, 0..40),
        skew in 0_u64..9,
    ) {
        let mut ours = Ours::new(UnixMillis(0));
        let (mut open, mut counts) = (Vec::new(), [0_u32; 40]);
        for (written, took, seen, has_failed, is_open) in canaries {
            let failed = written + took;
            if has_failed {
                counts[usize::try_from((failed + skew) / 60).unwrap()] += 1;
            }
            if is_open {
                open.push(second(written));
            } else if has_failed {
                ours.ended(second(written), second(failed + seen));
            }
        }
        for user in &users {
            counts[usize::try_from(user / 60).unwrap()] += 1;
        }
        let minutes: Vec<Point> =
            (0..).zip(counts).filter(|(_, count)| *count > 0).map(|(at, count)| point(at, f64::from(count))).collect();
        let claimed = ours.others(&minutes, open.into_iter());
        prop_assert!(claimed >= 0.0 && claimed <= users.len() as f64, "{claimed} of {}", users.len());
    }
}
