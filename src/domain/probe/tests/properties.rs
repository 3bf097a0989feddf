//! Any fate of a canary, any faults, any time of the stop: what holds for all of them.

use std::time::Duration;

use proptest::prelude::*;

use super::driver::{Journal, Run};
use super::world::{Fault, Replica, World, route, secs};
use crate::domain::name::VersionId;
use crate::domain::object::{ContentSeen, ListedVersion, ObjectSeen, ReplicationStatus, Trouble};
use crate::domain::observation::{Note, Side};
use crate::domain::probe::{Absence, Action, DestinationExpectations, Reply};
use crate::domain::reason::Reason;
use crate::domain::report::{Report, Stage};
use crate::domain::route::{Cleanup, Observe, StatusSupport, Verify};
use crate::domain::verdict::Verdict;

/// A canary's fate, as drawn.
#[derive(Debug, Clone)]
struct Fate {
    arrivals: Vec<Option<u32>>,
    /// When the source turns FAILED if a replica never comes; none: it stays PENDING.
    fails_at: Option<u32>,
    shows_status: bool,
    support: StatusSupport,
    /// For each destination: content verified, nobody may look, lifecycle.
    manner: Vec<(bool, bool, bool)>,
    latency: u64,
    allow_retained: bool,
    stop: u32,
    seed: u64,
    /// Faults in a hundred calls, until this second.
    faults: (u32, u32),
}

fn seconds() -> impl Strategy<Value = u32> {
    prop_oneof![0_u32..40, 0_u32..2000, 0_u32..8000, 0_u32..190_000]
}

fn fates() -> impl Strategy<Value = Fate> {
    let manner = (any::<bool>(), prop::bool::weighted(0.2), prop::bool::weighted(0.2));
    let destinations = prop::collection::vec((prop::option::weighted(0.7, seconds()), manner), 1..=3);
    let support = prop_oneof![4 => Just(StatusSupport::Aws), 1 => Just(StatusSupport::None)];
    let end = (any::<bool>(), prop_oneof![seconds(), Just(400_000)], any::<u64>());
    let faults = (prop_oneof![Just(0), Just(10), Just(50), Just(100)], seconds());
    let source = (prop::option::of(seconds()), prop::bool::weighted(0.8), support);
    (destinations, source, 1_u64..3000, end, faults).prop_map(
        |(destinations, (fails_at, shows_status, support), latency, (allow_retained, stop, seed), faults)| {
            let (arrivals, manner) = destinations.into_iter().unzip();
            Fate { arrivals, fails_at, shows_status, support, manner, latency, allow_retained, stop, seed, faults }
        },
    )
}

fn world(fate: &Fate) -> World {
    let mut route = route(fate.arrivals.len());
    route.replication_status = fate.support;
    route.canary.allow_retained = fate.allow_retained;
    for (destination, (content, source_only, lifecycle)) in route.destinations.iter_mut().zip(&fate.manner) {
        destination.verify = if *content { Verify::Content } else { Verify::Metadata };
        destination.observe = if *source_only { Observe::SourceOnly } else { Observe::Replica };
        destination.cleanup = if *lifecycle { Cleanup::Lifecycle } else { Cleanup::Delete };
    }
    let mut world = World::pending(route);
    world.latency = Duration::from_millis(fate.latency);
    let mut next = numbers(fate.seed ^ 1);
    world.reach = (0..17).map(|_| f64::from(next() % 11) / 10.0).collect();
    let last = fate.arrivals.iter().flatten().max().copied().unwrap_or(0);
    let all_arrive = fate.arrivals.iter().all(Option::is_some);
    for (replica, arrives) in world.replicas.iter_mut().zip(&fate.arrivals) {
        replica.arrives = arrives.map(|seconds| secs(f64::from(seconds)));
    }
    if !fate.shows_status || fate.support == StatusSupport::None {
        world.statuses.clear();
        world.replicas.iter_mut().for_each(|Replica { seen, .. }| seen.replication_status = None);
    } else if all_arrive {
        world.statuses.push((secs(f64::from(last) + 0.5), Some(ReplicationStatus::Completed)));
    } else if let Some(at) = fate.fails_at {
        world.statuses.push((secs(f64::from(at.max(last))), Some(ReplicationStatus::Failed)));
    }
    world
}

/// A stream of numbers that depends on the seed alone.
fn numbers(mut state: u64) -> impl FnMut() -> u32 {
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        u32::try_from((mixed ^ (mixed >> 31)) >> 32).unwrap()
    }
}

/// What a network and an overloaded server do.
fn fair(fate: &Fate) -> impl FnMut(Duration, Side, &Action) -> Option<Fault> + use<> {
    const TROUBLES: [Trouble; 7] = [
        Trouble::TimedOut,
        Trouble::ConnectionLost,
        Trouble::ServerError,
        Trouble::Throttled,
        Trouble::ExpiredCredentials,
        Trouble::AccessDenied,
        Trouble::BadAnswer,
    ];
    let (mut next, (share, until)) = (numbers(fate.seed), fate.faults);
    move |now, _, action| {
        let (dice, kind) = (next() % 100, next() as usize);
        let trouble = TROUBLES[kind % TROUBLES.len()];
        let carried_out = kind % 3 == 0 && trouble.leaves_write_open() && *action != Action::List;
        let fault = if carried_out { Fault::Lost(trouble) } else { Fault::Refused(trouble) };
        (dice < share && now < secs(f64::from(until))).then_some(fault)
    }
}

/// What a server does that is broken in any way, or wants to do harm.
fn hostile(fate: &Fate) -> impl FnMut(Duration, Side, &Action) -> Option<Fault> + use<> {
    let (mut next, (share, _)) = (numbers(fate.seed), fate.faults);
    move |_, _, _| {
        let (dice, kind) = (next() % 100, next() as usize);
        let versions = [None, Some(""), Some("v1"), Some("null"), Some("another")];
        let version = versions[next() as usize % versions.len()].map(VersionId::new);
        let statuses = [None, Some(ReplicationStatus::Completed), Some(ReplicationStatus::Failed)];
        let replication_status = statuses[next() as usize % statuses.len()];
        let listed = |version_id: VersionId| ListedVersion { version_id, delete_marker: kind % 5 == 0, owner: None };
        let reply = match kind % 6 {
            0 => Reply::Written(version),
            1 => Reply::Deleted,
            2 => Reply::Versions(version.into_iter().map(listed).cycle().take(kind % 9).collect()),
            3 => Reply::Content(ContentSeen { sha256: String::new(), size: u64::MAX }),
            _ => {
                let size = Some(u64::MAX);
                Reply::Object(Box::new(ObjectSeen {
                    version_id: version,
                    size,
                    replication_status,
                    ..Default::default()
                }))
            }
        };
        let trouble = Trouble::ALL[kind / 7 % Trouble::ALL.len()];
        let fault = [Fault::Lie(reply), Fault::Refused(trouble), Fault::Lost(trouble)][kind / 3 % 3].clone();
        (dice < share).then_some(fault)
    }
}

fn run(world: World, fate: &Fate) -> Journal {
    Run::new(world).until(secs(f64::from(fate.stop))).stop().finish()
}

/// What holds whatever the servers do.
fn check_telling(fate: &Fate, journal: &Journal) {
    let count = |is: &dyn Fn(&Note) -> bool| journal.count(is);
    assert_eq!(count(&|note| *note == Note::Ended), 1);
    assert_eq!(journal.notes.last().unwrap().1, Note::Ended);
    let sent = count(&|note| *note == Note::WriteSent);
    assert!(sent <= 1 && journal.times(|_, action| *action == Action::Put).len() <= sent);
    let written = count(&|note| matches!(note, Note::Written { .. }));
    assert!(written + count(&|note| matches!(note, Note::WriteFailed { .. })) <= 1);
    for place in 0..fate.arrivals.len() {
        let judged = count(&|note| matches!(note, Note::Judged(it) if it.destination == place));
        let last = count(&|note| matches!(note, Note::Final(it) if it.destination == place));
        assert!(judged <= 1 && last == judged, "leg {place}");
        assert!(count(&|note| matches!(note, Note::ArrivedLate(it) if it.destination == place)) <= judged);
        assert!(count(&|note| *note == Note::BeyondObjective { destination: place }) <= 1);
        assert_eq!(count(&|note| *note == Note::LegClosed { destination: place }), sent, "leg {place}");
        let side = Side::Destination(place);
        let arrived = count(&|note| matches!(note, Note::Final(it) if it.destination == place && was_seen(it)));
        if arrived > 0 && fate.manner[place].2 {
            assert!(!ends_well(journal, side));
        } else if arrived > 0 {
            assert!(ends_well(journal, side) || journal.count(|note| *note == Note::LeftPending) == 1);
        }
    }
    if written > 0 {
        let known = ends_well(journal, Side::Source) || count(&|note| *note == Note::LeftPending) == 1;
        assert!(known || is_gone(journal), "the source version was forgotten");
    }
}

fn was_seen(report: &Report) -> bool {
    report.stages.iter().any(|each| each.stage == Stage::ReplicaSeen)
}

/// Whether the removal of a side was told to have ended.
fn ends_well(journal: &Journal, side: Side) -> bool {
    let ends = journal.count(|note| *note == Note::Deleted { side } || *note == Note::Leaked { side });
    assert!(ends <= 1);
    ends == 1
}

/// Whether the source was seen to be gone: nothing is left to delete there.
fn is_gone(journal: &Journal) -> bool {
    journal.times(|side, action| side == Side::Source && matches!(action, Action::Delete(_))).is_empty()
}

/// What holds where servers tell the truth, or nothing.
fn check_truth(fate: &Fate, journal: &Journal) {
    assert!(!journal.deleted_too_early);
    if journal.count(|note| matches!(note, Note::Written { .. })) > 0 {
        assert!(ends_well(journal, Side::Source) || journal.count(|note| *note == Note::LeftPending) == 1);
    }
    for side in journal.deleted() {
        assert!(!journal.left.contains(&side), "{side:?} was told to be deleted");
    }
    for report in journal.judged() {
        check_verdict(fate, report);
    }
    let late =
        journal.notes.iter().filter_map(|(_, note)| if let Note::ArrivedLate(it) = note { Some(it) } else { None });
    late.for_each(|report| check_lag(fate, report));
    for (at, note) in &journal.notes {
        if let Note::BeyondObjective { destination } = note {
            let truth = fate.arrivals[*destination];
            let stands_in = fate.manner[*destination].1;
            assert!(*at >= secs(900.0) && (stands_in || truth.is_none_or(|lag| lag >= 900)));
        }
    }
}

fn check_verdict(fate: &Fate, report: &Report) {
    check_lag(fate, report);
    let (truth, stands_in) = (fate.arrivals[report.destination], fate.manner[report.destination].1);
    let all_arrive = fate.arrivals.iter().all(Option::is_some);
    let right = match report.verdict {
        Verdict::Replicated => truth.is_some(),
        Verdict::Late => truth.is_some_and(|lag| lag >= 900 || stands_in),
        Verdict::Lost => report.reason == Reason::DeadlinePassed && (stands_in || truth.is_none_or(|lag| lag >= 900)),
        Verdict::Failed => !all_arrive && (stands_in || truth.is_none_or(|lag| lag >= 900)),
        Verdict::Uncovered => !fate.shows_status && fate.support == StatusSupport::Aws,
        Verdict::Mismatched => false,
        Verdict::Unknown => fate.faults.0 > 0 || (stands_in && fate.support == StatusSupport::None),
    };
    assert!(right, "{report:?}");
}

/// A lag is an interval that contains the truth; where the source stands in, the truth is its own COMPLETED.
fn check_lag(fate: &Fate, report: &Report) {
    let Some(lag) = report.lag else { return };
    let stands_in = fate.manner[report.destination].1;
    let last = fate.arrivals.iter().flatten().max().copied().unwrap_or(0);
    let truth = if stands_in {
        secs(f64::from(last) + 0.5)
    } else {
        secs(f64::from(fate.arrivals[report.destination].unwrap()))
    };
    assert!(lag.low <= truth && truth <= lag.high, "{truth:?} is not in {lag:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn fair_servers_are_judged_by_the_truth(fate in fates()) {
        let faults = fair(&fate);
        let journal = run(world(&fate).with_faults(faults), &fate);
        check_telling(&fate, &journal);
        check_truth(&fate, &journal);
    }

    #[test]
    fn hostile_servers_break_nothing(fate in fates(), absence in 0..3) {
        let faults = hostile(&fate);
        let mut world = world(&fate).with_faults(faults);
        let absence = [Absence::Untested, Absence::SeesAbsence, Absence::RefusedWithoutListing][absence as usize];
        let each = DestinationExpectations { absence, ..Default::default() };
        world.expected.destinations = vec![each; fate.arrivals.len()].into();
        let journal = run(world, &fate);
        check_telling(&fate, &journal);
    }

    #[test]
    fn undecided_legs_are_polled_at_the_objective_and_at_the_deadline(latency in 1_u64..1900, lag in seconds()) {
        let mut world = World::healthy(route(1), f64::from(lag));
        world.latency = Duration::from_millis(latency);
        let journal = run_to_end(world);
        let acked = Duration::from_millis(latency);
        let polls = journal.times(|side, action| side == Side::Destination(0) && matches!(action, Action::Head(_)));
        let judged = journal.when(|note| matches!(note, Note::Judged(_))).unwrap();
        for stop in [900.0, 3600.0].map(|stop| acked + secs(stop)) {
            prop_assert!(judged <= stop || polls.contains(&stop), "{:?} in {:?}", stop, polls);
        }
    }
}

fn run_to_end(world: World) -> Journal {
    Run::new(world).finish()
}
