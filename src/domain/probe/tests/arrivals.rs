//! Replicas that arrive: in time, late, and wrong.

use super::driver::{Journal, run};
use super::world::{REPLICA_KEY, SOURCE_KEY, World, route, secs};
use crate::domain::name::{AccountId, KmsKey};
use crate::domain::object::{ReplicationStatus, Trouble};
use crate::domain::observation::{Note, Side};
use crate::domain::probe::{Action, DestinationExpectations};
use crate::domain::reason::Reason;
use crate::domain::report::{Aspect, Stage};
use crate::domain::route::{Observe, Route, StatusSupport, Verify};
use crate::domain::verdict::Verdict;

fn aspects(journal: &Journal) -> Vec<Aspect> {
    journal.verdict().mismatches.iter().map(|each| each.what).collect()
}

fn content() -> Route {
    let mut route = route(1);
    route.destinations[0].verify = Verify::Content;
    route
}

#[test]
fn a_healthy_canary_is_replicated_and_removed_on_both_sides() {
    let journal = run(World::healthy(route(1), 12.0));
    let report = journal.verdict();
    assert_eq!((report.verdict, report.reason), (Verdict::Replicated, Reason::Ok));
    let lag = report.lag.unwrap();
    assert!(lag.low <= secs(12.0) && secs(12.0) <= lag.high, "{lag:?}");
    assert!(lag.resolution() <= secs(2.1), "{lag:?}");
    assert_eq!(journal.deleted(), [Side::Source, Side::Destination(0)]);
    assert_eq!(journal.left, []);
    let Some((_, Note::Final(last))) = journal.notes.iter().rev().nth(1) else { panic!("{:?}", journal.notes) };
    let stages: Vec<_> = last.stages.iter().map(|each| each.stage).collect();
    let all = [
        Stage::PutSent,
        Stage::PutAcked,
        Stage::PendingSeen,
        Stage::ReplicaSeen,
        Stage::Verified,
        Stage::CompletedSeen,
        Stage::Cleaned,
    ];
    assert_eq!(stages, all);
    assert!(last.stages.is_sorted_by_key(|each| each.at));
}

#[test]
fn the_notes_of_a_healthy_canary_come_in_order() {
    let journal = run(World::healthy(route(1), 1.0));
    let kinds: Vec<_> = journal.notes.iter().map(|(_, note)| format!("{note:?}")).collect();
    let kinds: Vec<_> = kinds.iter().map(|text| text.split(|c: char| !c.is_alphanumeric()).next().unwrap()).collect();
    let expected =
        ["WriteSent", "Written", "SourceStatus", "Judged", "LegClosed", "Deleted", "Deleted", "Final", "Ended"];
    assert_eq!(kinds, expected);
}

#[test]
fn a_healthy_canary_costs_about_ten_heads() {
    let journal = run(World::healthy(route(1), 12.0));
    let heads = journal.times(|_, action| matches!(action, Action::Head(_))).len();
    assert!(heads <= 10, "{heads}: {:?}", journal.calls);
}

#[test]
fn lateness_needs_a_proof() {
    for (lag, verdict) in [(899.0, Verdict::Replicated), (901.0, Verdict::Late), (3000.0, Verdict::Late)] {
        let journal = run(World::healthy(route(1), lag));
        assert_eq!(journal.verdict().verdict, verdict, "{lag}");
        let beyond = journal.count(|note| matches!(note, Note::BeyondObjective { destination: 0 }));
        assert_eq!(beyond, usize::from(verdict == Verdict::Late));
    }
}

#[test]
fn completed_may_be_seen_before_the_replica() {
    let mut world = World::healthy(route(1), 12.0);
    world = world.with_statuses(&[(0.0, Some(ReplicationStatus::Completed))]);
    let journal = run(world);
    assert_eq!(journal.verdict().verdict, Verdict::Replicated);
    assert_eq!(journal.left, []);
}

#[test]
fn a_replica_may_itself_say_pending_or_failed_but_not_completed() {
    for (status, right) in [
        (Some(ReplicationStatus::Replica), true),
        (Some(ReplicationStatus::Pending), true),
        (Some(ReplicationStatus::Failed), true),
        (Some(ReplicationStatus::Completed), false),
        (None, false),
    ] {
        let mut world = World::healthy(route(1), 1.0);
        world.replicas[0].seen.replication_status = status;
        let journal = run(world);
        let expected = if right { vec![] } else { vec![Aspect::ReplicationStatus] };
        assert_eq!(aspects(&journal), expected, "{status:?}");
        assert_eq!(journal.left, []);
    }
}

#[test]
fn each_mismatch_is_named() {
    type Break = fn(&mut World);
    let cases: [(Break, &[Aspect], Reason); 8] = [
        (|w| w.replicas[0].seen.kms_key = Some(SOURCE_KEY.into()), &[Aspect::KmsKey], Reason::WrongKey),
        (
            |w| {
                w.replicas[0].seen.algorithm = Some("AES256".into());
                w.replicas[0].seen.kms_key = None;
            },
            &[Aspect::KmsKey, Aspect::Algorithm],
            Reason::WrongKey,
        ),
        (|w| w.replicas[0].seen.metadata.clear(), &[Aspect::Metadata], Reason::WrongMetadata),
        (|w| w.replicas[0].seen.size = Some(u64::MAX), &[Aspect::Size], Reason::WrongSize),
        (|w| w.replicas[0].seen.bucket_key = false, &[Aspect::BucketKey], Reason::WrongBucketKey),
        (|w| w.source.kms_key = Some(REPLICA_KEY.into()), &[Aspect::KmsKey], Reason::WrongKey),
        (|w| w.source.algorithm = Some("AES256".into()), &[Aspect::Algorithm], Reason::WrongAlgorithm),
        (
            |w| w.route.destinations[0].storage_class = Some("GLACIER_IR".into()),
            &[Aspect::StorageClass],
            Reason::WrongStorageClass,
        ),
    ];
    for (place, (break_it, expected, reason)) in cases.into_iter().enumerate() {
        let mut world = World::healthy(route(1), 1.0);
        break_it(&mut world);
        let journal = run(world);
        let report = journal.verdict();
        assert_eq!((report.verdict, report.reason), (Verdict::Mismatched, reason), "case {place}");
        assert_eq!(aspects(&journal), expected, "case {place}");
        assert!(report.lag.is_some());
        assert_eq!(journal.left, [], "case {place}");
    }
}

#[test]
fn the_rule_names_the_key_where_the_configuration_does_not() {
    for (rule, right) in [(REPLICA_KEY, true), (SOURCE_KEY, false)] {
        let mut world = World::healthy(route(1), 1.0);
        world.route.destinations[0].kms_key = None;
        let rule_key = Some(KmsKey::new(rule));
        world.expected.destinations = vec![DestinationExpectations { rule_key, ..Default::default() }].into();
        let expected = if right { vec![] } else { vec![Aspect::KmsKey] };
        assert_eq!(aspects(&run(world)), expected);
    }
}

#[test]
fn corrupted_bytes_are_found_by_reading_them() {
    let mut world = World::healthy(content(), 1.0);
    world.replicas[0].sha256 = Some("00".into());
    let journal = run(world);
    assert_eq!(aspects(&journal), [Aspect::Content]);
    assert_eq!(journal.verdict().reason, Reason::WrongContent);
    let healthy = run(World::healthy(content(), 1.0));
    assert_eq!(healthy.verdict().verdict, Verdict::Replicated);
    assert_eq!(healthy.times(|_, action| matches!(action, Action::Get(_))).len(), 1);
}

#[test]
fn archived_bytes_are_not_verifiable_and_not_mismatched() {
    let mut by_class = World::healthy(content(), 1.0);
    by_class.replicas[0].seen.storage_class = Some("DEEP_ARCHIVE".into());
    let by_answer = World::healthy(content(), 1.0).with_faults(|_, _, action| {
        matches!(action, Action::Get(_)).then_some(super::world::Fault::Refused(Trouble::Archived))
    });
    for world in [by_class, by_answer] {
        let journal = run(world);
        assert_eq!(journal.verdict().verdict, Verdict::Replicated);
        assert!(journal.verdict().message.contains("not verifiable"));
    }
}

#[test]
fn bytes_that_may_not_be_read_make_the_leg_unknown() {
    let world = World::healthy(content(), 1.0).with_faults(|_, _, action| {
        matches!(action, Action::Get(_)).then_some(super::world::Fault::Refused(Trouble::AccessDenied))
    });
    let journal = run(world);
    let report = journal.verdict();
    assert_eq!((report.verdict, report.reason), (Verdict::Unknown, Reason::Call(Trouble::AccessDenied)));
    assert!(report.message.contains("kms:Decrypt"), "{}", report.message);
    assert_eq!(journal.left, []);
}

#[test]
fn another_version_id_is_found_by_listing_and_removed() {
    let mut world = World::healthy(route(1), 0.0);
    world.statuses.truncate(1);
    world = world.with_statuses(&[(0.0, Some(ReplicationStatus::Completed))]);
    world.replicas[0].version = "other";
    world.replicas[0].seen.kms_key = Some(SOURCE_KEY.into());
    let journal = run(world);
    assert_eq!(aspects(&journal), [Aspect::Version, Aspect::KmsKey]);
    let report = journal.verdict();
    assert_eq!((report.verdict, report.reason), (Verdict::Mismatched, Reason::WrongVersion));
    assert_eq!(journal.left, []);
    assert_eq!(journal.times(|_, action| *action == Action::List).len(), 1);
}

#[test]
fn a_configured_owner_is_listed() {
    for (expected, owner, right) in [
        ("222222222222", "canonical-b", true),
        ("222222222222", "canonical-a", false),
        ("111111111111", "canonical-a", true),
        ("222222222222", "222222222222", true),
        ("222222222222", "333333333333", false),
    ] {
        let mut world = World::healthy(route(1), 1.0);
        world.route.destinations[0].owner = Some(AccountId::new(expected));
        world.replicas[0].owner = owner;
        let journal = run(world);
        assert_eq!(aspects(&journal), if right { vec![] } else { vec![Aspect::Owner] }, "{expected} {owner}");
        assert_eq!(journal.left, []);
    }
}

#[test]
fn a_server_without_status_is_judged_by_arrival() {
    for support in [StatusSupport::None, StatusSupport::Aws] {
        let mut route = route(1);
        route.replication_status = support;
        let mut world = World::healthy(route, 1.0).with_statuses(&[]);
        world.replicas[0].seen.replication_status = None;
        let journal = run(world);
        let report = journal.verdict();
        assert_eq!(report.verdict, Verdict::Replicated);
        assert_eq!(report.message.contains("replication_status: none"), support == StatusSupport::Aws);
        assert_eq!(journal.left, []);
    }
}

#[test]
fn completed_stands_for_arrival_where_nobody_may_look() {
    let mut route = route(1);
    route.destinations[0].observe = Observe::SourceOnly;
    for (lag, verdict) in [(12.0, Verdict::Replicated), (1000.0, Verdict::Late)] {
        let journal = run(World::healthy(route.clone(), lag));
        let report = journal.verdict();
        assert_eq!(report.verdict, verdict);
        let (completed, seen) = (secs(lag + 0.5), report.lag.unwrap());
        assert!(seen.low <= completed && completed <= seen.high, "{seen:?}");
        let looked = |side, action: &Action| side == Side::Destination(0) && !matches!(action, Action::Delete(_));
        assert!(journal.times(looked).is_empty());
        assert_eq!(journal.left, []);
    }
}
