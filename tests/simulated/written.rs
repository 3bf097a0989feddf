//! The configuration that `sim --write-config` writes, as it is: every fault shows and heals soon, on its route alone.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use replicanary::domain::verdict::State;
use replicanary::sim::Fault;

use super::expectation::{Expectation, TABLE};
use super::harness::{Run, on_paused_time};

/// How long a route may take to be healthy at first, to show its fault, and to be healthy again.
const SOON: Duration = Duration::from_secs(45);

/// How long a fault stays on once it shows, and how long it is looked for relapses afterwards.
const A_WHILE: Duration = Duration::from_secs(20);

/// How long the first canary may take to be removed.
const PROBATION: Duration = Duration::from_secs(5);

/// How often it is looked.
const STEP: Duration = Duration::from_millis(500);

/// The broken route, and two more.
const ROUTES: usize = 3;

#[test]
fn every_fault_shows_and_heals_soon_and_touches_no_other_route() {
    let next = AtomicUsize::new(0);
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(row) = TABLE.get(place) else { return };
                    on_paused_time(one_fault(place as u64, row));
                }
            });
        }
    });
}

async fn one_fault(seed: u64, row: &Expectation) {
    let name = row.fault.name();
    let run = Run::start_as_written(seed, ROUTES).await;
    for place in 0..ROUTES {
        assert_eq!(run.until(place, &[State::Healthy], SOON).await, State::Healthy, "before {name}");
    }
    // The first canary is on probation until it was removed; until then a monitor that gets no answers writes nothing.
    tokio::time::sleep(PROBATION).await;
    run.set(row.fault);
    let (reached, shown) = seen(&run, row, Some(row.state), SOON).await;
    assert!(reached, "{name}: only {shown:?} within {SOON:?}");
    let is_its_own = |state: &State| *state == row.state || *state == State::Healthy || row.on_the_way.contains(state);
    assert!(shown.iter().all(is_its_own), "{name}: {shown:?} on the way");
    let (_, kept) = seen(&run, row, None, A_WHILE).await;
    assert_eq!(kept, BTreeSet::from([row.state]), "{name}: while it is on");
    let cause = run.leg(0).cause.as_ref().map(|cause| cause.id.as_str());
    assert_eq!(cause, cause_of(row.fault), "{name}: {}", run.leg(0).message);

    run.clear(row.fault);
    let (healed, shown) = seen(&run, row, Some(State::Healthy), SOON).await;
    assert!(healed, "{name}: still {shown:?} after {SOON:?}: {}", run.leg(0).message);
    // What was late meanwhile is told, and an audit may be older than the mending.
    let is_of_before = |state: &State| is_its_own(state) || [State::Late, State::Misconfigured].contains(state);
    assert!(shown.iter().all(is_of_before), "{name}: {shown:?} on the way back");
    let (_, kept) = seen(&run, row, None, A_WHILE).await;
    assert_eq!(kept, BTreeSet::from([State::Healthy]), "{name}: after it was mended");
    assert!(run.leg(0).cause.is_none(), "{name}: {:?}", run.leg(0).cause);
}

/// Every state of the first route until it shows `wanted`, or until the time is over; and whether it showed that.
async fn seen(run: &Run, row: &Expectation, wanted: Option<State>, limit: Duration) -> (bool, BTreeSet<State>) {
    let mut states = BTreeSet::new();
    let mut passed = Duration::ZERO;
    while passed < limit {
        let state = run.leg(0).state;
        states.insert(state);
        if wanted == Some(state) {
            return (true, states);
        }
        assert_bystanders_healthy(run, row);
        tokio::time::sleep(STEP).await;
        passed += STEP;
    }
    (false, states)
}

/// A clock that is off is off for every route.
fn assert_bystanders_healthy(run: &Run, row: &Expectation) {
    for place in (1..ROUTES).filter(|_| row.fault != Fault::SkewedClock) {
        let leg = run.leg(place);
        assert_eq!(leg.state, State::Healthy, "{}: bystander {place}: {}", row.fault.name(), leg.message);
    }
}

/// The cause that must be named while a fault is on.
const fn cause_of(fault: Fault) -> Option<&'static str> {
    Some(match fault {
        Fault::Outage | Fault::Slow => "s3_delay",
        Fault::Throttled => "monitor_throttled",
        Fault::TimeOuts | Fault::DroppedConnections => "monitor_network",
        Fault::AccessDenied => "monitor_access_denied",
        Fault::ExpiredToken => "monitor_credentials",
        Fault::SkewedClock => return None,
        Fault::DestinationKeyDisabled => "destination_key_disabled",
        Fault::DestinationKeyPendingDeletion => "destination_key_pending_deletion",
        Fault::VersioningSuspended => "destination_versioning_off",
        Fault::DestinationBucketDeleted => "destination_bucket_missing",
        Fault::RoleDenied => "role_explicit_deny",
        Fault::WrongReplicaKey => "wrong_replica_key",
        Fault::MissingMetadata | Fault::CorruptedReplica => "replica_altered",
        Fault::RuleDisabled => "rule_disabled",
        Fault::RuleFilterMoved => "rule_filter_mismatch",
    })
}
