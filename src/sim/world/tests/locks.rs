//! Tests of Object Lock and MFA Delete: what holds a version, and for whom.

use super::*;

const VAULT: &str = "vault";
const DAY: f64 = 86_400.0;

/// A bucket of the source's account in which Object Lock is on, with this default.
fn vault(lab: &mut Lab, mode: RetentionMode, period: RetentionPeriod) -> Access {
    let owner = lab.root(A, HERE);
    lab.world.create_locked_bucket(lab.now, &owner, VAULT, Some(HERE), None).unwrap();
    let default_retention = Some(DefaultRetention { mode, period });
    lab.world.put_object_lock(lab.now, &owner, VAULT, ObjectLockConfiguration { default_retention }).unwrap();
    owner
}

fn write(lab: &mut Lab, access: &Access, lock: ObjectLock) -> Result<String, WorldError> {
    let written = lab.world.put_object(lab.now, access, VAULT, PutObject { lock, ..canary() });
    written.map(|outcome| outcome.version_id.unwrap())
}

fn delete(lab: &mut Lab, access: &Access, version: &str) -> Result<DeleteOutcome, WorldError> {
    lab.world.delete_object(lab.now, access, VAULT, KEY, Some(version))
}

#[test]
fn a_default_retention_holds_new_versions_until_it_ends() {
    let mut lab = Lab::bare(1);
    let owner = vault(&mut lab, RetentionMode::Governance, RetentionPeriod::Days(2));
    assert_eq!(lab.world.versioning(lab.now, &owner, VAULT), Ok(Versioning::Enabled));
    let version = write(&mut lab, &owner, ObjectLock::default()).unwrap();
    let held = lab.world.head_object(lab.now, &owner, VAULT, KEY, Some(&version)).unwrap().lock.retention.unwrap();
    assert_eq!(held.mode, RetentionMode::Governance);
    assert_eq!(held.until.since(lab.now), Duration::from_secs(2 * 86_400));
    assert_eq!(lab.world.retention(lab.now, &owner, VAULT, KEY, None), Ok(held));
    let refused = delete(&mut lab, &owner, &version).unwrap_err();
    assert_eq!((refused.status, refused.code), (403, "AccessDenied"));
    assert_eq!(refused.message, "Access Denied because object protected by object lock.");
    assert!(lab.world.delete_object(lab.now, &owner, VAULT, KEY, None).unwrap().delete_marker, "a marker hides it");
    lab.pass(2.0 * DAY - 1.0);
    assert_eq!(code(delete(&mut lab, &owner, &version)), (403, "AccessDenied"));
    lab.pass(1.0);
    assert!(delete(&mut lab, &owner, &version).is_ok());
}

#[test]
fn governance_can_be_bypassed_and_compliance_cannot() {
    for (mode, expected) in [(RetentionMode::Governance, true), (RetentionMode::Compliance, false)] {
        let mut lab = Lab::bare(1);
        let owner = vault(&mut lab, mode, RetentionPeriod::Years(1));
        let version = write(&mut lab, &owner, ObjectLock::default()).unwrap();
        let bypassing = Access { bypasses_governance: true, ..owner.clone() };
        let shorter = Retention { mode, until: lab.now.plus(Duration::from_secs(60)) };
        let mut shorten = |access| lab.world.put_retention(lab.now, access, VAULT, KEY, Some(&version), Some(shorter));
        assert_eq!(code(shorten(&owner)), (403, "AccessDenied"));
        assert_eq!(shorten(&bypassing).is_ok(), expected, "{mode:?}");
        assert_eq!(delete(&mut lab, &bypassing, &version).is_ok(), expected, "{mode:?}");
    }
}

#[test]
fn a_legal_hold_holds_until_somebody_lets_go() {
    let mut lab = Lab::bare(1);
    let owner = lab.root(A, HERE);
    lab.world.create_locked_bucket(lab.now, &owner, VAULT, Some(HERE), None).unwrap();
    let lock = ObjectLock { retention: None, legal_hold: Some(true) };
    let version = write(&mut lab, &owner, lock).unwrap();
    let bypassing = Access { bypasses_governance: true, ..owner.clone() };
    assert_eq!(code(delete(&mut lab, &bypassing, &version)), (403, "AccessDenied"));
    assert_eq!(lab.world.legal_hold(lab.now, &owner, VAULT, KEY, Some(&version)), Ok(true));
    lab.world.put_legal_hold(lab.now, &owner, VAULT, KEY, Some(&version), false).unwrap();
    assert_eq!(lab.world.legal_hold(lab.now, &owner, VAULT, KEY, Some(&version)), Ok(false));
    assert_eq!(
        code(lab.world.retention(lab.now, &owner, VAULT, KEY, Some(&version))),
        (404, "NoSuchObjectLockConfiguration")
    );
    assert!(delete(&mut lab, &owner, &version).is_ok());
}

#[test]
fn replicas_get_the_default_retention_of_their_bucket() {
    let mut lab = Lab::replicating(1);
    let there = lab.owner_of(TARGET);
    let period = RetentionPeriod::Days(1);
    let default_retention = Some(DefaultRetention { mode: RetentionMode::Compliance, period });
    lab.world.put_object_lock(lab.now, &there, TARGET, ObjectLockConfiguration { default_retention }).unwrap();
    let version = lab.put(KEY);
    lab.pass(7.0);
    assert_eq!(lab.head(SOURCE, KEY, &version).unwrap().lock, ObjectLock::default());
    let held = lab.head(TARGET, KEY, &version).unwrap().lock.retention.unwrap();
    assert_eq!(held.mode, RetentionMode::Compliance);
    let refused = lab.world.delete_object(lab.now, &there, TARGET, KEY, Some(&version));
    assert_eq!(code(refused), (403, "AccessDenied"));
    lab.pass(DAY);
    assert!(lab.world.delete_object(lab.now, &there, TARGET, KEY, Some(&version)).is_ok());
}

#[test]
fn locks_are_checked_for_sense() {
    let mut lab = Lab::replicating(1);
    let owner = lab.owner_of(SOURCE);
    assert_eq!(code(lab.world.object_lock(lab.now, &owner, SOURCE)), (404, "ObjectLockConfigurationNotFoundError"));
    let until = lab.now.plus(Duration::from_secs(60));
    let lock = ObjectLock { retention: Some(Retention { mode: RetentionMode::Governance, until }), legal_hold: None };
    let unlocked = lab.put_with(PutObject { lock, ..canary() }).unwrap_err();
    assert_eq!(unlocked.message, "Bucket is missing Object Lock Configuration");
    let vault_owner = vault(&mut lab, RetentionMode::Governance, RetentionPeriod::Days(1));
    assert!(write(&mut lab, &vault_owner, lock).is_ok());
    lab.pass(60.0);
    assert_eq!(code(write(&mut lab, &vault_owner, lock)), (400, "InvalidArgument"), "the past");
    assert_eq!(code(lab.world.put_versioning(lab.now, &vault_owner, VAULT, false)), (409, "InvalidBucketState"));
    for period in [RetentionPeriod::Days(0), RetentionPeriod::Days(36_501), RetentionPeriod::Years(101)] {
        let default_retention = Some(DefaultRetention { mode: RetentionMode::Governance, period });
        let put =
            lab.world.put_object_lock(lab.now, &vault_owner, VAULT, ObjectLockConfiguration { default_retention });
        assert_eq!(code(put), (400, "InvalidArgument"), "{period:?}");
    }
    lab.world.create_bucket(lab.now, &vault_owner, "plain", Some(HERE), None).unwrap();
    let put = lab.world.put_object_lock(lab.now, &vault_owner, "plain", ObjectLockConfiguration::default());
    assert_eq!(code(put), (409, "InvalidBucketState"));
}

#[test]
fn with_mfa_delete_only_the_root_with_its_device_deletes_versions() {
    let mut lab = Lab::replicating(1);
    let owner = lab.owner_of(SOURCE);
    let device = Access { mfa: true, ..owner.clone() };
    assert_eq!(lab.world.mfa_delete(lab.now, &owner, SOURCE), Ok(false));
    let mut put =
        |access, enabled, mfa| lab.world.put_versioning_and_mfa_delete(lab.now, access, SOURCE, enabled, Some(mfa));
    assert_eq!(code(put(&owner, true, true)), (403, "AccessDenied"));
    assert_eq!(code(put(&device, false, true)), (409, "InvalidBucketState"), "replication keeps versioning on");
    assert_eq!(lab.world.mfa_delete(lab.now, &owner, SOURCE), Ok(false), "refused in one part, refused as a whole");
    lab.world.put_versioning_and_mfa_delete(lab.now, &device, SOURCE, true, Some(true)).unwrap();
    assert_eq!(lab.world.mfa_delete(lab.now, &owner, SOURCE), Ok(true));
    let version = lab.put(KEY);
    let mut delete = |access, version| lab.world.delete_object(lab.now, access, SOURCE, KEY, version);
    assert!(delete(&owner, None).is_ok(), "markers need no device");
    let refused = delete(&owner, Some(&version)).unwrap_err();
    assert_eq!((refused.code, &*refused.message), ("AccessDenied", "Mfa Authentication must be used for this request"));
    assert!(delete(&device, Some(&version)).is_ok());
}

/// A replicating pair with Object Lock on both sides, and the role with these actions on the source's objects.
fn locked_pair(lock_target: bool) -> Lab {
    let mut lab = Lab::replicating(1);
    for bucket in [SOURCE, TARGET].into_iter().filter(|bucket| lock_target || *bucket == SOURCE) {
        let owner = lab.owner_of(bucket);
        lab.world.put_object_lock(lab.now, &owner, bucket, ObjectLockConfiguration::default()).unwrap();
    }
    lab
}

/// What becomes of an object that is retained and held.
fn fate_of_locked(lab: &mut Lab) -> (String, Option<&'static str>) {
    let until = lab.now.plus(Duration::from_secs(3600));
    let retention = Some(Retention { mode: RetentionMode::Governance, until });
    let lock = ObjectLock { retention, legal_hold: Some(true) };
    let version = lab.put_with(PutObject { lock, ..canary() }).unwrap().version_id.unwrap();
    lab.pass(7.0);
    let reason = lab.reason(KEY, &version);
    (version, reason)
}

#[test]
fn a_locked_source_needs_a_locked_destination() {
    let mut lab = locked_pair(false);
    assert_eq!(fate_of_locked(&mut lab).1, Some("DstBucketObjectLockConfigMissing"));
    let unlocked = lab.put(KEY);
    lab.pass(7.0);
    assert_eq!(lab.reason(KEY, &unlocked), Some("DstBucketObjectLockConfigMissing"), "the bucket counts");
}

#[test]
fn a_replica_has_the_lock_of_its_source() {
    let mut lab = locked_pair(true);
    let (version, reason) = fate_of_locked(&mut lab);
    assert_eq!(reason, None);
    let (source, replica) = (lab.head(SOURCE, KEY, &version).unwrap(), lab.head(TARGET, KEY, &version).unwrap());
    assert_eq!(replica.lock, source.lock);
    assert_eq!(replica.lock.legal_hold, Some(true));
}

#[test]
fn the_role_reads_locks_at_the_source_and_may_be_denied_to_write_them() {
    let all = r#"{"Effect":"Allow","Action":["s3:*","kms:*"],"Resource":"*"}"#;
    for (action, bucket, reason) in [
        ("s3:GetObjectRetention", SOURCE, "SrcGetRetentionNotPermitted"),
        ("s3:GetObjectLegalHold", SOURCE, "SrcGetLegalHoldNotPermitted"),
        ("s3:PutObjectRetention", TARGET, "DstPutRetentionNotPermitted"),
        ("s3:PutObjectLegalHold", TARGET, "DstPutLegalHoldNotPermitted"),
    ] {
        let mut lab = locked_pair(true);
        let deny = format!(r#"{{"Effect":"Deny","Action":"{action}","Resource":"arn:aws:s3:::{bucket}/*"}}"#);
        lab.role_policy(&format!(r#"{{"Version":"2012-10-17","Statement":[{all},{deny}]}}"#));
        assert_eq!(fate_of_locked(&mut lab).1, Some(reason), "{action}");
        let mut plain = Lab::replicating(1);
        plain.role_policy(&format!(r#"{{"Version":"2012-10-17","Statement":[{all},{deny}]}}"#));
        let version = plain.put(KEY);
        plain.pass(7.0);
        assert_eq!(plain.reason(KEY, &version), None, "{action} is not needed without a lock");
    }
}
