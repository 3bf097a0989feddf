//! Whatever happens in whatever order: no burst, no excess, nothing against a refusal.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    Sleep(u64),
    Jump(i64),
    Ask,
    State(State),
    Finish(usize),
    Refuse(usize),
    Delete(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (1..90_u64).prop_map(Step::Sleep),
        1 => (90..100_000_u64).prop_map(Step::Sleep),
        1 => (-5_000_000..5_000_000_i64).prop_map(Step::Jump),
        1 => Just(Step::Ask),
        2 => prop::sample::select(State::ALL.to_vec()).prop_map(Step::State),
        5 => (0..5_usize).prop_map(Step::Finish),
        1 => (0..5_usize).prop_map(Step::Refuse),
        1 => (0..5_usize).prop_map(Step::Delete),
    ];
    prop::collection::vec(step, 1..300)
}

proptest! {
    #[test]
    fn never_too_many_never_a_burst_never_against_a_refusal(steps in steps()) {
        let mut bench = Bench::of(&route());
        let mut alive: VecDeque<ObjectKey> = VecDeque::new();
        let mut refused: Vec<ObjectKey> = Vec::new();
        let mut state = State::Unknown;
        let mut planned_before: Option<Monotonic> = None;
        let mut proven = false;
        for step in steps {
            let mut asked = false;
            match step {
                Step::Sleep(count) => bench.sleep(seconds(count)),
                Step::Jump(millis) => bench.now.wall = UnixMillis(bench.now.wall.0.saturating_add_signed(millis)),
                Step::Ask => asked = bench.schedule.ask_now(bench.now).is_ok(),
                Step::State(other) => state = other,
                Step::Finish(place) => {
                    let key = alive.get(place).filter(|key| !refused.contains(key)).cloned();
                    if let Some(key) = key {
                        bench.live_and_die(&key);
                        alive.retain(|other| *other != key);
                        proven = true;
                    }
                }
                Step::Refuse(place) => {
                    if let Some(key) = alive.get(place).cloned() {
                        bench.refused(&key, Side::Source);
                        refused.push(key);
                    }
                }
                Step::Delete(place) => {
                    if let Some(key) = refused.get(place).cloned() {
                        bench.deleted(&key, &[Side::Source]);
                        refused.retain(|other| *other != key);
                    }
                }
            }
            let mut written = 0;
            while let Turn::Write { planned } = bench.next(state) {
                prop_assert!(planned <= bench.now.mono);
                prop_assert!(bench.now.mono.since(planned) < seconds(60));
                if !asked {
                    // A turn is at least an interval after the one before, wherever the clocks went.
                    prop_assert!(planned_before.is_none_or(|before| planned.since(before) >= seconds(60)));
                    planned_before = Some(planned);
                }
                prop_assert!(proven || alive.is_empty());
                prop_assert!(refused.is_empty());
                alive.push_back(bench.start());
                bench.written(alive.back().unwrap());
                written += 1;
                prop_assert!(written <= 1, "a burst");
            }
            prop_assert_eq!(bench.schedule.outstanding(), alive.len());
            prop_assert!(alive.len() <= 5);
            if let Turn::WaitUntil(until) = bench.next(state) {
                prop_assert!(until > bench.now.mono && until.since(bench.now.mono) <= seconds(600));
            }
        }
    }
}
