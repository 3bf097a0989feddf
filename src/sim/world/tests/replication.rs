//! Tests of replication without faults: what is taken, what arrives, what the source shows.

use super::*;

#[test]
fn a_healthy_way_brings_the_same_version_under_the_destinations_key() {
    for seed in 0..50 {
        let mut lab = Lab::replicating(seed);
        let written = lab.now;
        let version = lab.put(KEY);
        assert_eq!(lab.status(KEY, &version), Some(ReplicationStatus::Pending));
        assert_eq!(code(lab.head(TARGET, KEY, &version)), (404, "NoSuchVersion"));
        lab.pass(6.6);
        let source = lab.head(SOURCE, KEY, &version).unwrap();
        let replica = lab.head(TARGET, KEY, &version).unwrap();
        assert_eq!(source.replication_status, Some(ReplicationStatus::Completed));
        assert_eq!(replica.replication_status, Some(ReplicationStatus::Replica));
        assert_eq!(replica.version_id.as_ref(), Some(&version));
        assert_eq!(replica.last_modified, source.last_modified);
        assert_eq!((&replica.data.body, &replica.data.metadata), (&source.data.body, &source.data.metadata));
        assert_eq!(replica.data.encryption.key_arn, lab.default_key(TARGET));
        assert_eq!(source.data.encryption.key_arn, lab.default_key(SOURCE));
        assert_eq!((source.owner.as_str(), replica.owner.as_str()), (A, B));
        let truth = lab.truth(KEY, &version);
        assert!(truth.written_at >= written.to_string());
        let row = &truth.destinations[0];
        assert!(row.arrives_at.as_ref().unwrap() > &truth.written_at && row.fails_at.is_none());
    }
}

#[test]
fn the_replica_comes_first_and_completed_within_half_a_second() {
    let mut lab = Lab::replicating(3);
    let version = lab.put(KEY);
    let mut arrived = None;
    loop {
        lab.pass(0.01);
        let replica = lab.head(TARGET, KEY, &version).is_ok();
        let completed = lab.status(KEY, &version) == Some(ReplicationStatus::Completed);
        assert!(replica || !completed, "COMPLETED before the replica");
        if replica && arrived.is_none() {
            assert!(!completed);
            arrived = Some(lab.now);
        }
        if completed {
            break;
        }
    }
    assert!(lab.now.since(arrived.unwrap()) <= Duration::from_millis(520));
}

#[test]
fn nothing_is_taken_without_versioning_or_configuration_or_by_other_rules() {
    let mut lab = Lab::replicating(1);
    let access = lab.owner_of(SOURCE);
    let mut rule = lab.rule("narrow", 1, TARGET);
    rule.filter = Some(RuleFilter::Prefix("other/".to_owned()));
    lab.put_rules(vec![rule.clone()]);
    let version = lab.put(KEY);
    assert_eq!(lab.status(KEY, &version), None);
    rule.filter = Some(RuleFilter::Prefix("replicanary/".to_owned()));
    rule.enabled = false;
    lab.put_rules(vec![rule]);
    let version = lab.put(KEY);
    assert_eq!(lab.status(KEY, &version), None);
    lab.world.delete_replication(lab.now, &access, SOURCE).unwrap();
    let version = lab.put(KEY);
    assert_eq!(lab.status(KEY, &version), None);
    lab.pass(10.0);
    assert!(lab.truth(KEY, &version).destinations.is_empty());
    assert!(lab.world.contents(lab.now, TARGET).is_empty());
}

#[test]
fn filters_look_at_prefix_and_tags_at_creation() {
    let and =
        |prefix: &str| RuleFilter::And { prefix: Some(prefix.to_owned()), tags: vec![tag("a", "1"), tag("b", "2")] };
    let cases: &[(RuleFilter, &[Tag], bool)] = &[
        (RuleFilter::Prefix(String::new()), &[], true),
        (RuleFilter::Prefix("replicanary/".to_owned()), &[], true),
        (RuleFilter::Prefix("replicanary/two".to_owned()), &[], false),
        (RuleFilter::Tag(tag("a", "1")), &[tag("a", "1"), tag("c", "3")], true),
        (RuleFilter::Tag(tag("a", "1")), &[tag("a", "2")], false),
        (and("replicanary/"), &[tag("b", "2"), tag("a", "1")], true),
        (and("replicanary/"), &[tag("a", "1")], false),
        (and("elsewhere/"), &[tag("b", "2"), tag("a", "1")], false),
    ];
    for (filter, tags, taken) in cases {
        let mut lab = Lab::replicating(1);
        let mut rule = lab.rule("filtered", 1, TARGET);
        rule.filter = Some(filter.clone());
        lab.put_rules(vec![rule]);
        let version = lab.put_with(PutObject { tags: tags.to_vec(), ..canary() }).unwrap().version_id.unwrap();
        assert_eq!(lab.status(KEY, &version).is_some(), *taken, "{filter:?} {tags:?}");
        lab.pass(7.0);
        if *taken {
            assert_eq!(&lab.head(TARGET, KEY, &version).unwrap().tags, tags);
        }
    }
}

#[test]
fn the_rule_of_highest_priority_wins_per_destination() {
    let mut lab = Lab::replicating(1);
    let mut low = lab.rule("low", 1, TARGET);
    let mut high = lab.rule("high", 2, TARGET);
    low.destination.storage_class = Some("STANDARD_IA".to_owned());
    high.destination.storage_class = Some("ONEZONE_IA".to_owned());
    lab.put_rules(vec![low.clone(), high.clone()]);
    let version = lab.put(KEY);
    lab.pass(7.0);
    assert_eq!(lab.head(TARGET, KEY, &version).unwrap().data.storage_class, "ONEZONE_IA");
    assert_eq!(lab.truth(KEY, &version).destinations.len(), 1);
    // Disabled it stands aside; without opt-in for KMS it still wins, and takes nothing.
    high.enabled = false;
    lab.put_rules(vec![low.clone(), high.clone()]);
    let version = lab.put(KEY);
    lab.pass(7.0);
    assert_eq!(lab.head(TARGET, KEY, &version).unwrap().data.storage_class, "STANDARD_IA");
    high.enabled = true;
    high.source_selection = None;
    high.destination.encryption = None;
    lab.put_rules(vec![low, high]);
    let version = lab.put(KEY);
    assert_eq!(lab.status(KEY, &version), None);
}

#[test]
fn kms_objects_need_the_opt_in_and_others_do_not() {
    let mut lab = Lab::replicating(1);
    let mut rule = lab.rule("plain", 1, TARGET);
    rule.source_selection = None;
    rule.destination.encryption = None;
    lab.put_rules(vec![rule]);
    let kms = lab.put(KEY);
    assert_eq!(lab.status(KEY, &kms), None);
    let plain = PutObject { algorithm: Some("AES256".to_owned()), ..canary() };
    let plain = lab.put_with(plain).unwrap().version_id.unwrap();
    lab.pass(7.0);
    assert_eq!(lab.status(KEY, &plain), Some(ReplicationStatus::Completed));
    // The type stays that of the source; the destination's default is not looked at.
    let replica = lab.head(TARGET, KEY, &plain).unwrap();
    assert_eq!((replica.data.encryption.algorithm, &replica.data.encryption.key_arn), (Algorithm::S3, &None));
}

/// Adds a second destination in the source's account.
fn with_second_destination(lab: &mut Lab) {
    let kms = BucketEncryption { algorithm: Algorithm::Kms, ..BucketEncryption::default() };
    lab.side(A, "eu-west-1", "second-target", &kms);
    let rules = vec![lab.rule("first", 1, TARGET), lab.rule("second", 2, "second-target")];
    lab.put_rules(rules);
}

#[test]
fn with_two_destinations_the_source_waits_for_both() {
    for seed in 0..30 {
        let mut lab = Lab::replicating(seed);
        with_second_destination(&mut lab);
        let version = lab.put(KEY);
        loop {
            lab.pass(0.02);
            let here = lab.head(TARGET, KEY, &version).is_ok();
            let there = lab.head("second-target", KEY, &version).is_ok();
            match lab.status(KEY, &version) {
                Some(ReplicationStatus::Completed) => break assert!(here && there),
                status => assert_eq!(status, Some(ReplicationStatus::Pending)),
            }
        }
    }
}

#[test]
fn with_two_destinations_one_refusal_fails_the_source_once_both_are_decided() {
    for seed in 0..30 {
        let mut lab = Lab::replicating(seed);
        with_second_destination(&mut lab);
        lab.world.set_fault(lab.now, SOURCE, Some(TARGET), Fault::RoleDenied, true, None).unwrap();
        let version = lab.put(KEY);
        while lab.status(KEY, &version) == Some(ReplicationStatus::Pending) {
            lab.pass(0.02);
        }
        assert_eq!(lab.status(KEY, &version), Some(ReplicationStatus::Failed));
        let rows = lab.truth(KEY, &version).destinations;
        assert!(rows.iter().all(|row| row.arrives_at.is_some() != row.fails_at.is_some()), "{rows:?}");
        assert!(lab.head("second-target", KEY, &version).is_ok() && lab.head(TARGET, KEY, &version).is_err());
    }
}

#[test]
fn a_source_deleted_first_is_not_found_and_a_deleted_replica_stays_deleted() {
    let mut lab = Lab::replicating(1);
    let early = lab.put(KEY);
    lab.delete(SOURCE, KEY, Some(&early));
    let late = lab.put(KEY);
    lab.pass(7.0);
    assert_eq!(lab.reason(KEY, &early), Some("SrcVersionNotFound"));
    assert!(lab.head(TARGET, KEY, &early).is_err() && lab.head(TARGET, KEY, &late).is_ok());
    lab.delete(TARGET, KEY, Some(&late));
    lab.delete(SOURCE, KEY, Some(&late));
    lab.pass(60.0);
    assert!(lab.head(TARGET, KEY, &late).is_err());
    assert!(lab.truth(KEY, &late).destinations[0].arrives_at.is_some(), "truth knows deleted versions");
}

#[test]
fn deletes_by_version_do_not_replicate() {
    let mut lab = Lab::replicating(1);
    let version = lab.put(KEY);
    lab.pass(7.0);
    lab.delete(SOURCE, KEY, Some(&version));
    lab.pass(7.0);
    assert!(lab.head(TARGET, KEY, &version).is_ok());
}

#[test]
fn delete_markers_replicate_only_when_told_to() {
    for told in [false, true] {
        let mut lab = Lab::replicating(1);
        let mut rule = lab.rule("all", 1, TARGET);
        rule.delete_markers = Some(told);
        lab.put_rules(vec![rule]);
        lab.put(KEY);
        lab.pass(7.0);
        let marker = lab.delete(SOURCE, KEY, None);
        assert!(marker.delete_marker);
        lab.pass(7.0);
        let rows = lab.world.contents(lab.now, TARGET);
        let replicated = rows.iter().any(|row| Some(&row.version_id) == marker.version_id.as_ref());
        assert_eq!(replicated, told);
        assert!(!told || (rows[0].object.is_none() && rows[0].is_latest));
    }
}

#[test]
fn replicas_and_archived_objects_go_no_further() {
    let mut lab = Lab::replicating(1);
    let archived = PutObject { storage_class: Some("DEEP_ARCHIVE".to_owned()), ..canary() };
    let archived = lab.put_with(archived).unwrap().version_id.unwrap();
    assert_eq!(lab.status(KEY, &archived), None);
    // A chain: from the target on to a third bucket.
    let kms = BucketEncryption { algorithm: Algorithm::Kms, ..BucketEncryption::default() };
    lab.side(A, "eu-west-1", "third-bucket", &kms);
    let onward = lab.rule("onward", 1, "third-bucket");
    let access = lab.owner_of(TARGET);
    let role = format!("arn:aws:iam::{B}:role/replication");
    let configuration = ReplicationConfiguration { role, rules: vec![onward] };
    lab.world.put_replication(lab.now, &access, TARGET, configuration).unwrap();
    let version = lab.put(KEY);
    lab.pass(14.0);
    assert_eq!(lab.head(TARGET, KEY, &version).unwrap().replication_status, Some(ReplicationStatus::Replica));
    assert!(lab.world.contents(lab.now, "third-bucket").is_empty());
}

#[test]
fn the_owner_of_a_replica_depends_on_ownership_and_override() {
    for (enforced, overridden, readable) in [(true, false, true), (false, false, false), (false, true, true)] {
        let mut lab = Lab::replicating(1);
        let access = lab.owner_of(TARGET);
        if !enforced {
            lab.world.put_ownership(lab.now, &access, TARGET, ObjectOwnership::ObjectWriter).unwrap();
        }
        let mut rule = lab.rule("all", 1, TARGET);
        rule.destination.owner = overridden.then(|| "Destination".to_owned());
        lab.put_rules(vec![rule]);
        let version = lab.put(KEY);
        lab.pass(7.0);
        assert_eq!(lab.status(KEY, &version), Some(ReplicationStatus::Completed));
        assert_eq!(lab.head(TARGET, KEY, &version).is_ok(), readable, "{enforced} {overridden}");
        let listed = lab.world.contents(lab.now, TARGET);
        assert_eq!(listed[0].owner, if readable { B } else { A });
    }
}

#[test]
fn overwritten_versions_replicate_on_their_own() {
    let mut lab = Lab::replicating(1);
    let versions: Vec<String> = (0..5).map(|_| lab.put(KEY)).collect();
    lab.pass(7.0);
    let listed: Vec<String> = lab.world.contents(lab.now, TARGET).into_iter().map(|row| row.version_id).collect();
    assert_eq!(listed, versions.iter().rev().cloned().collect::<Vec<_>>(), "newest first, in the source's order");
}
