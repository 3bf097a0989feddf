//! Tests of the scripted faults: each does what its name says, on its own way only.

use super::*;

/// A second, healthy way beside the first.
fn lab_with_bystander(seed: u64) -> Lab {
    let mut lab = Lab::replicating(seed);
    let kms = BucketEncryption { algorithm: Algorithm::Kms, ..BucketEncryption::default() };
    lab.side(A, HERE, "bystander-source", &kms);
    lab.side(B, THERE, "bystander-target", &kms);
    lab.permit("bystander-target");
    let rules = vec![lab.rule("all", 1, "bystander-target")];
    let role = format!("arn:aws:iam::{A}:role/replication");
    let access = lab.owner_of("bystander-source");
    let configuration = ReplicationConfiguration { role, rules };
    lab.world.put_replication(lab.now, &access, "bystander-source", configuration).unwrap();
    lab
}

fn assert_bystander_is_healthy(lab: &mut Lab, fault: Fault) {
    let access = lab.owner_of("bystander-source");
    let outcome = lab.world.put_object(lab.now, &access, "bystander-source", canary()).unwrap();
    let version = outcome.version_id.unwrap();
    lab.pass(7.0);
    let status = lab.head("bystander-source", KEY, &version).unwrap().replication_status;
    assert_eq!(status, Some(ReplicationStatus::Completed), "{fault:?}");
    assert_eq!(lab.head("bystander-target", KEY, &version).unwrap().data.metadata, canary().metadata);
    assert!(
        lab.world
            .edge_faults(lab.now, EdgeSubject::Bucket("bystander-source"))
            .iter()
            .all(|on| on == Fault::SkewedClock)
    );
}

#[test]
fn names_are_fixed_and_found() {
    for fault in Fault::ALL {
        assert_eq!(Fault::parse(fault.name()), Ok(*fault));
    }
    assert_eq!(Fault::ALL.len(), 18);
    assert_eq!(Fault::parse("flood"), Err(FaultError::UnknownFault("flood".to_owned())));
}

#[test]
fn refusing_faults_give_their_reason_and_end_with_the_fault() {
    let cases = [
        (Fault::DestinationKeyDisabled, "DstKmsKeyInvalidState"),
        (Fault::DestinationKeyPendingDeletion, "DstKmsKeyInvalidState"),
        (Fault::VersioningSuspended, "DstBucketUnversioned"),
        (Fault::DestinationBucketDeleted, "DstBucketNotFound"),
        (Fault::RoleDenied, "DstPutObjectNotPermitted"),
    ];
    for (fault, reason) in cases {
        let mut lab = lab_with_bystander(5);
        let before = lab.put(KEY);
        lab.pass(7.0);
        lab.fault(fault, true);
        let during = lab.put(KEY);
        assert_bystander_is_healthy(&mut lab, fault);
        assert_eq!(lab.status(KEY, &during), Some(ReplicationStatus::Failed), "{fault:?}");
        assert_eq!(lab.reason(KEY, &during), Some(reason));
        assert_eq!(lab.status(KEY, &before), Some(ReplicationStatus::Completed), "the past stays");
        lab.fault(fault, false);
        let after = lab.put(KEY);
        lab.pass(7.0);
        assert_eq!(lab.status(KEY, &after), Some(ReplicationStatus::Completed), "{fault:?}");
        assert_eq!(lab.status(KEY, &during), Some(ReplicationStatus::Failed), "FAILED is for good");
        assert!(lab.head(TARGET, KEY, &before).is_ok());
    }
}

#[test]
fn faults_show_in_what_a_client_reads() {
    let mut lab = Lab::replicating(5);
    let (source, target) = (lab.owner_of(SOURCE), lab.owner_of(TARGET));
    let key = lab.default_key(TARGET).unwrap();
    let version = lab.put(KEY);
    lab.pass(7.0);
    lab.fault(Fault::VersioningSuspended, true);
    assert_eq!(lab.world.versioning(lab.now, &target, TARGET), Ok(Versioning::Suspended));
    lab.fault(Fault::DestinationBucketDeleted, true);
    assert_eq!(code(lab.world.bucket(lab.now, &target, TARGET)), (404, "NoSuchBucket"));
    assert!(lab.world.buckets(lab.now, &target.caller).unwrap().is_empty());
    lab.fault(Fault::DestinationBucketDeleted, false);
    assert!(lab.world.bucket(lab.now, &target, TARGET).is_ok());
    lab.fault(Fault::DestinationKeyDisabled, true);
    let described = lab.world.describe_key(lab.now, &target.caller, THERE, &key).unwrap();
    assert_eq!(described.state, KeyState::Disabled);
    let refused = lab.world.get_object(lab.now, &target, TARGET, KEY, Some(&version));
    assert_eq!(code(refused), (400, "KMS.DisabledException"));
    lab.fault(Fault::DestinationKeyPendingDeletion, true);
    let described = lab.world.describe_key(lab.now, &target.caller, THERE, &key).unwrap();
    assert_eq!(described.state.as_str(), "PendingDeletion");
    lab.fault(Fault::RuleDisabled, true);
    assert!(!lab.world.replication(lab.now, &source, SOURCE).unwrap().rules[0].enabled);
    lab.fault(Fault::RuleDisabled, false);
    lab.fault(Fault::RuleFilterMoved, true);
    assert!(!lab.world.replication(lab.now, &source, SOURCE).unwrap().rules[0].covers(KEY, &[]));
}

#[test]
fn rule_faults_leave_objects_without_status_and_what_is_under_way_alone() {
    for fault in [Fault::RuleDisabled, Fault::RuleFilterMoved] {
        let mut lab = lab_with_bystander(5);
        let before = lab.put(KEY);
        lab.fault(fault, true);
        let during = lab.put(KEY);
        assert_eq!(lab.status(KEY, &during), None);
        assert_bystander_is_healthy(&mut lab, fault);
        assert_eq!(lab.status(KEY, &before), Some(ReplicationStatus::Completed));
        lab.fault(fault, false);
        let after = lab.put(KEY);
        lab.pass(7.0);
        assert_eq!((lab.status(KEY, &during), lab.status(KEY, &after)), (None, Some(ReplicationStatus::Completed)));
    }
}

#[test]
fn spoiling_faults_spoil_one_thing_each() {
    for fault in [Fault::WrongReplicaKey, Fault::MissingMetadata, Fault::CorruptedReplica] {
        let mut lab = lab_with_bystander(5);
        lab.fault(fault, true);
        let version = lab.put(KEY);
        assert_bystander_is_healthy(&mut lab, fault);
        let (source, replica) = (lab.head(SOURCE, KEY, &version).unwrap(), lab.head(TARGET, KEY, &version).unwrap());
        assert_eq!(source.replication_status, Some(ReplicationStatus::Completed));
        let key_is_right = replica.data.encryption.key_arn == lab.default_key(TARGET);
        assert_eq!(key_is_right, fault != Fault::WrongReplicaKey);
        assert_eq!(replica.data.metadata == source.data.metadata, fault != Fault::MissingMetadata);
        assert_eq!(replica.data.body == source.data.body, fault != Fault::CorruptedReplica);
        assert_eq!(replica.data.body.len(), source.data.body.len());
        let parts = replica.data.encryption.key_arn.clone().unwrap();
        assert!(parts.starts_with(&format!("arn:aws:kms:{THERE}:{B}:key/")), "{parts}");
        let access = lab.owner_of(TARGET);
        assert!(lab.world.get_object(lab.now, &access, TARGET, KEY, Some(&version)).is_ok(), "{fault:?}");
        assert!(lab.world.describe_key(lab.now, &access.caller, THERE, &parts).is_ok());
    }
}

#[test]
fn an_outage_defers_to_its_end_and_a_fresh_latency() {
    let mut lab = lab_with_bystander(5);
    lab.world.set_fault(lab.now, SOURCE, None, Fault::Outage, true, Some(60.0)).unwrap();
    let began = lab.now;
    let versions: Vec<String> = (0..20).map(|n| lab.put(&format!("k{n}"))).collect();
    assert_bystander_is_healthy(&mut lab, Fault::Outage);
    lab.pass(52.9);
    assert!(lab.now.since(began) < Duration::from_secs(60));
    for (n, version) in versions.iter().enumerate() {
        assert_eq!(lab.status(&format!("k{n}"), version), Some(ReplicationStatus::Pending));
    }
    lab.pass(7.0);
    let end = began.plus(Duration::from_secs(60)).to_string();
    let mut arrivals = std::collections::BTreeSet::new();
    for (n, version) in versions.iter().enumerate() {
        let arrived = lab.truth(&format!("k{n}"), version).destinations[0].arrives_at.clone().unwrap();
        assert!(arrived > end, "{arrived}");
        arrivals.insert(arrived);
    }
    assert_eq!(arrivals.len(), versions.len(), "not all at once");
}

#[test]
fn an_outage_lifted_by_hand_and_set_again_holds_again() {
    let mut lab = Lab::replicating(5);
    lab.fault(Fault::Outage, true);
    let version = lab.put(KEY);
    lab.pass(100.0);
    lab.fault(Fault::Outage, false);
    lab.fault(Fault::Outage, true);
    lab.pass(100.0);
    assert_eq!(lab.status(KEY, &version), Some(ReplicationStatus::Pending));
    lab.fault(Fault::Outage, false);
    lab.pass(7.0);
    assert_eq!(lab.status(KEY, &version), Some(ReplicationStatus::Completed));
}

#[test]
fn slow_adds_twelve_seconds_to_what_is_written_meanwhile() {
    let mut lab = lab_with_bystander(5);
    let before = lab.put("before");
    lab.fault(Fault::Slow, true);
    let during = lab.put("during");
    lab.fault(Fault::Slow, false);
    assert_bystander_is_healthy(&mut lab, Fault::Slow);
    assert_eq!(lab.status("before", &before), Some(ReplicationStatus::Completed));
    lab.pass(4.9);
    assert_eq!(lab.status("during", &during), Some(ReplicationStatus::Pending));
    lab.pass(7.0);
    assert_eq!(lab.status("during", &during), Some(ReplicationStatus::Completed));
}

#[test]
fn faults_of_one_destination_leave_the_other_alone() {
    let mut lab = Lab::replicating(5);
    let kms = BucketEncryption { algorithm: Algorithm::Kms, ..BucketEncryption::default() };
    lab.side(A, "eu-west-1", "second-target", &kms);
    let rules = vec![lab.rule("first", 1, TARGET), lab.rule("second", 2, "second-target")];
    lab.put_rules(rules);
    let refused = lab.world.set_fault(lab.now, SOURCE, Some("nowhere"), Fault::Slow, true, None);
    assert!(matches!(refused, Err(FaultError::UnknownDestination { .. })));
    // On for the whole route, then off at one destination: on at the other.
    lab.fault(Fault::RuleDisabled, true);
    lab.world.set_fault(lab.now, SOURCE, Some(TARGET), Fault::RuleDisabled, false, None).unwrap();
    let version = lab.put(KEY);
    let rows = lab.truth(KEY, &version).destinations;
    assert_eq!(rows.iter().map(|row| &*row.bucket).collect::<Vec<_>>(), [TARGET]);
    assert_eq!(lab.world.faults(lab.now).iter().filter(|row| !row.routes.is_empty()).count(), 1);
    lab.fault(Fault::RuleDisabled, false);
    assert!(lab.world.faults(lab.now).iter().all(|row| row.routes.is_empty()));
}

#[test]
fn timed_faults_end_by_themselves() {
    let mut lab = Lab::replicating(5);
    for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let refused = lab.world.set_fault(lab.now, SOURCE, None, Fault::RoleDenied, true, Some(wrong));
        assert_eq!(refused, Err(FaultError::InvalidSeconds), "{wrong}");
    }
    lab.world.set_fault(lab.now, SOURCE, None, Fault::Throttled, true, Some(2.5)).unwrap();
    lab.pass(2.4);
    assert!(lab.world.edge_faults(lab.now, EdgeSubject::Bucket(TARGET)).has(Fault::Throttled));
    lab.pass(0.2);
    assert!(lab.world.edge_faults(lab.now, EdgeSubject::Bucket(TARGET)).is_empty());
    // Set anew without an end it stays.
    lab.world.set_fault(lab.now, SOURCE, None, Fault::Throttled, true, Some(1.0)).unwrap();
    lab.fault(Fault::Throttled, true);
    lab.pass(5.0);
    assert!(lab.world.edge_faults(lab.now, EdgeSubject::Bucket(TARGET)).has(Fault::Throttled));
}

#[test]
fn edge_faults_meet_the_calls_that_name_the_route() {
    let mut lab = lab_with_bystander(5);
    let keys = [lab.default_key(SOURCE).unwrap(), lab.default_key(TARGET).unwrap()];
    lab.fault(Fault::AccessDenied, true);
    let role = format!("arn:aws:iam::{A}:role/replication");
    let id = keys[1].rsplit('/').next().unwrap().to_owned();
    let met = [
        EdgeSubject::Bucket(SOURCE),
        EdgeSubject::Bucket(TARGET),
        EdgeSubject::Key(&keys[0]),
        EdgeSubject::Key(&id),
        EdgeSubject::Role(&role),
    ];
    for subject in met {
        assert!(lab.world.edge_faults(lab.now, subject).has(Fault::AccessDenied), "{subject:?}");
    }
    for subject in [EdgeSubject::Bucket("bystander-target"), EdgeSubject::Key("nothing"), EdgeSubject::None] {
        assert!(lab.world.edge_faults(lab.now, subject).is_empty(), "{subject:?}");
    }
    lab.fault(Fault::SkewedClock, true);
    assert!(lab.world.edge_faults(lab.now, EdgeSubject::None).has(Fault::SkewedClock));
    assert_eq!(lab.world.server_time(lab.now), lab.now.plus(CLOCK_SKEW));
    let rows = lab.world.faults(lab.now);
    let skewed = rows.iter().find(|row| row.name == "skewed_clock").unwrap();
    assert_eq!(skewed.routes.len(), 2, "world-wide");
}
