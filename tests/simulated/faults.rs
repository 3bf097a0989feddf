//! A thousand runs, every scripted fault in turn: the verdict and the state are the fault's, and nothing is left.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use replicanary::config::shape::FileShape;
use replicanary::domain::verdict::{State, Verdict};
use replicanary::sim::{Fault, Options};

use super::expectation::{Expectation, TABLE};
use super::harness::{Run, count, on_paused_time, pace};

/// How many runs there are; each has a seed of its own.
const RUNS: u64 = 1_000;

/// The most calls that a run may take: a thousand of them are to stay a matter of a minute.
const CALLS_MAX: u64 = 300;

/// How long a fault is on before it is mended.
const BROKEN: Duration = Duration::from_secs(40);

/// How long healing may take: the slowed pace, two arrivals, and what is still in flight.
const HEALING: Duration = Duration::from_secs(180);

#[test]
fn every_fault_gets_its_verdict_and_state_and_leaves_nothing_behind() {
    let next = AtomicU64::new(0);
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= RUNS {
                        return;
                    }
                    let row = &TABLE[usize::try_from(seed).unwrap() % TABLE.len()];
                    on_paused_time(one_run(seed, row));
                }
            });
        }
    });
}

/// Audits and CloudWatch have tests of their own; here they would be most of the calls.
fn canaries_alone(shape: &mut FileShape) {
    for route in shape.routes.iter_mut().flatten() {
        route.audit = Some("off".into());
        route.cloudwatch = Some("off".into());
    }
}

async fn one_run(seed: u64, row: &Expectation) {
    let context = format!("seed {seed}, fault {}", row.fault.name());
    let options = Options { seed, ..Options::default() };
    let run = Run::start_in(options, 2, Some(row.fault), &pace(), canaries_alone).await;
    let mut states = run.watch(0, BROKEN).await;
    if row.fault == Fault::Outage {
        assert!(states.contains(&State::Stalled), "{context}: never stalled, but {states:?}");
    }
    let reached = run.until(0, &[row.state], Duration::from_secs(60)).await;
    states.insert(reached);
    let leg = run.leg(0);
    assert_eq!(reached, row.state, "{context}: {} ({}), states {states:?}", leg.message, leg.reason);
    for state in &states {
        let allowed = *state == row.state || row.on_the_way.contains(state);
        assert!(allowed, "{context}: showed {state} on the way: {states:?}");
    }
    for verdict in Verdict::ALL {
        let counted = leg.count(verdict);
        assert!(counted == 0 || row.verdicts.contains(&verdict), "{context}: {counted} verdicts {verdict}");
    }
    assert!(leg.count(row.verdicts[0]) > 0, "{context}: no verdict {}", row.verdicts[0]);
    if row.fault == Fault::SkewedClock {
        assert!(leg.count(Verdict::Unknown) <= 1, "{context}: more than one unknown verdict");
    } else {
        assert_bystander_healthy(&run, &context);
    }
    run.assert_lags_sound(&context);

    run.clear(row.fault);
    let healed = run.until(0, &[State::Healthy], HEALING).await;
    let leg = run.leg(0);
    assert_eq!(healed, State::Healthy, "{context}: not healed: {} ({})", leg.message, leg.reason);
    run.assert_lags_sound(&context);
    assert!(run.calls() <= CALLS_MAX, "{context}: {} calls", run.calls());
    let (drained, left) = run.stop().await;
    assert!(drained.left.is_empty() && drained.aborted == 0, "{context}: {drained:?}");
    assert!(left.is_empty(), "{context}: left behind: {left:#?}");
}

fn assert_bystander_healthy(run: &Run, context: &str) {
    let leg = run.leg(1);
    assert_eq!(leg.state, State::Healthy, "{context}: the bystander: {}", leg.message);
    for verdict in Verdict::ALL {
        let counted = count(run, 1, verdict);
        assert!(counted == 0 || verdict == Verdict::Replicated, "{context}: the bystander has {counted} {verdict}");
    }
}
