//! Tests of what comes late: configuration that propagates, and the realistic profile.

use super::*;

/// Something done between PUT and attempt.
type Change = fn(&mut Lab);

fn propagating(seconds: u64) -> Lab {
    let mut lab = Lab::with(Physics { propagation: Duration::from_secs(seconds), ..physics(1) });
    lab.role("replication", TRUST_S3);
    for (account, region, bucket) in [(A, HERE, SOURCE), (B, THERE, TARGET)] {
        lab.side(account, region, bucket, &BucketEncryption::default());
    }
    lab.permit(TARGET);
    lab
}

#[test]
fn configuration_acts_and_shows_only_after_it_has_propagated() {
    let mut lab = propagating(30);
    let access = lab.owner_of(SOURCE);
    let rule = lab.rule("all", 1, TARGET);
    lab.put_rules(vec![rule]);
    assert_eq!(lab.world.versioning(lab.now, &access, SOURCE), Ok(Versioning::Unversioned));
    assert_eq!(code(lab.world.replication(lab.now, &access, SOURCE)), (404, "ReplicationConfigurationNotFoundError"));
    assert_eq!(lab.put_with(canary()).unwrap().version_id, None);
    lab.pass(31.0);
    assert_eq!(lab.world.versioning(lab.now, &access, SOURCE), Ok(Versioning::Enabled));
    assert!(lab.world.replication(lab.now, &access, SOURCE).is_ok());
    let version = lab.put(KEY);
    lab.world.delete_replication(lab.now, &access, SOURCE).unwrap();
    assert!(lab.world.replication(lab.now, &access, SOURCE).is_ok(), "a stale answer");
    lab.pass(7.0);
    assert_eq!(lab.status(KEY, &version), Some(ReplicationStatus::Completed));
    lab.pass(30.0);
    assert!(lab.world.replication(lab.now, &access, SOURCE).is_err());
}

#[test]
fn changes_between_put_and_attempt_count() {
    let reason = |change: Change| {
        let mut lab = Lab::replicating(1);
        let version = lab.put(KEY);
        change(&mut lab);
        lab.pass(7.0);
        lab.reason(KEY, &version)
    };
    let cases: [(Change, Option<&str>); 6] = [
        (|lab| delete_configuration(lab), Some("SrcBucketReplicationConfigMissing")),
        (|lab| delete_role(lab, false), Some("AssumeRoleNotPermitted")),
        (|lab| delete_role(lab, true), Some("SrcGetObjectNotPermitted")),
        (|lab| empty_and_delete_source(lab), Some("SrcBucketNotFound")),
        (|lab| suspend_target(lab), Some("DstBucketUnversioned")),
        (|lab| delete_target(lab), Some("DstBucketNotFound")),
    ];
    for (index, (change, expected)) in cases.into_iter().enumerate() {
        assert_eq!(reason(change), expected, "case {index}");
    }
}

fn delete_configuration(lab: &mut Lab) {
    let access = lab.owner_of(SOURCE);
    lab.world.delete_replication(lab.now, &access, SOURCE).unwrap();
}

fn delete_role(lab: &mut Lab, and_make_it_again: bool) {
    lab.delete_role();
    if and_make_it_again {
        lab.role("replication", TRUST_S3);
    }
}

fn empty_and_delete_source(lab: &mut Lab) {
    let access = lab.owner_of(SOURCE);
    for row in lab.world.contents(lab.now, SOURCE) {
        lab.delete(SOURCE, &row.key, Some(&row.version_id));
    }
    lab.world.delete_bucket(lab.now, &access, SOURCE).unwrap();
    // Another bucket of the same name is not the source.
    lab.world.create_bucket(lab.now, &access, SOURCE, Some(HERE), None).unwrap();
}

fn suspend_target(lab: &mut Lab) {
    let access = lab.owner_of(TARGET);
    lab.world.put_versioning(lab.now, &access, TARGET, false).unwrap();
}

fn delete_target(lab: &mut Lab) {
    let access = lab.owner_of(TARGET);
    lab.world.delete_bucket(lab.now, &access, TARGET).unwrap();
}

#[test]
fn a_role_that_does_not_trust_s3_cannot_be_assumed() {
    let mut lab = Lab::replicating(1);
    lab.delete_role();
    lab.role("replication", &TRUST_S3.replace("s3.amazonaws.com", "lambda.amazonaws.com"));
    let version = lab.put(KEY);
    lab.pass(7.0);
    assert_eq!(lab.reason(KEY, &version), Some("AssumeRoleNotPermitted"));
}

#[test]
fn slow_is_slower_in_the_realistic_profile() {
    let mut lab = Lab::with(Physics { latency: LatencyProfile::Realistic, ..physics(1) });
    lab.build(BucketEncryption::default());
    lab.fault(Fault::Slow, true);
    let version = lab.put(KEY);
    lab.pass(1199.0);
    assert_eq!(lab.status(KEY, &version), Some(ReplicationStatus::Pending));
    lab.pass(3600.0);
    assert_eq!(lab.status(KEY, &version), Some(ReplicationStatus::Completed));
}

#[test]
fn failures_come_as_quickly_as_replicas() {
    for seed in 0..50 {
        let mut lab = Lab::replicating(seed);
        lab.fault(Fault::RoleDenied, true);
        let version = lab.put(KEY);
        assert_eq!(lab.status(KEY, &version), Some(ReplicationStatus::Pending));
        lab.pass(6.1);
        assert_eq!(lab.status(KEY, &version), Some(ReplicationStatus::Failed));
    }
}
