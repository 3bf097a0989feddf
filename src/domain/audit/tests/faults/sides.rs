//! Buckets, keys, default encryption, canaries and the monitor.

use super::super::super::facts::{LifecycleRule, NotificationTarget, ObjectLock};
use super::super::super::setup::{REPLICA_KEY, SOURCE_KEY};
use super::Case;
use crate::domain::route::Cleanup;

#[test]
fn told_as_such() {
    super::hold(CASES);
}

pub(super) const CASES: &[Case] = &[
    ("no source bucket", &["source_bucket_exists"], |s| s.source().region = Ok(None)),
    ("no destination bucket", &["destination_bucket_exists"], |s| {
        s.there().region = Ok(None);
        s.there().versioning =
            super::super::super::setup::unread("GetBucketVersioning", "s3:GetBucketVersioning", "NoSuchBucket");
        s.there().policy = super::super::super::setup::unread("GetBucketPolicy", "s3:GetBucketPolicy", "NoSuchBucket");
        s.there().lifecycle =
            super::super::super::setup::unread("GetBucketLifecycle", "s3:GetLifecycleConfiguration", "NoSuchBucket");
    }),
    ("source elsewhere", &["source_region_as_configured", "source_key_region"], |s| {
        s.source().region = Ok(Some("eu-west-1".to_owned()));
    }),
    ("destination of another account", &["destination_account_as_configured"], |s| {
        s.there().is_owned_as_configured = Ok(false);
    }),
    ("source of another account", &["source_account_as_configured"], |s| s.source().is_owned_as_configured = Ok(false)),
    ("source never versioned", &["source_versioning_enabled"], |s| {
        s.source().versioning.as_mut().unwrap().status = None
    }),
    ("destination versioning suspended", &["destination_versioning_enabled"], |s| {
        s.there().versioning.as_mut().unwrap().status = Some("Suspended".to_owned());
    }),
    ("source not blocked", &["warning source_public_access_blocked"], |s| s.source().public_access = Ok(None)),
    ("destination not blocked", &["warning destination_public_access_blocked"], |s| {
        s.there().public_access.as_mut().unwrap().as_mut().unwrap().ignore_public_acls = false;
    }),
    ("lock at the source only", &["object_lock_compatible", "role_reads_locks"], |s| {
        s.source().object_lock = Ok(Some(ObjectLock::default()));
    }),
    ("destination requester pays", &["destination_requester_pays_off"], |s| s.there().requester_pays = Ok(true)),
    ("source requester pays", &[], |s| s.source().requester_pays = Ok(true)),
    ("source key gone", &["source_key_exists"], |s| s.source_key().description = Ok(None)),
    ("replica key gone", &["destination_key_exists"], |s| s.replica_key().description = Ok(None)),
    ("source key disabled", &["source_key_enabled"], |s| s.source_key().described().state = "Disabled".to_owned()),
    ("replica key disabled", &["destination_key_enabled"], |s| {
        s.replica_key().described().state = "Disabled".to_owned()
    }),
    ("replica key to be deleted", &["destination_key_not_pending_deletion"], |s| {
        s.replica_key().described().state = "PendingDeletion".to_owned();
        s.replica_key().described().deletion_ms = Some(1_801_353_600_000);
    }),
    ("source key to be deleted", &["source_key_not_pending_deletion"], |s| {
        s.source_key().described().state = "PendingDeletion".to_owned();
    }),
    ("replica key without material", &["destination_key_enabled"], |s| {
        s.replica_key().described().state = "PendingImport".to_owned();
    }),
    ("replica key asymmetric", &["destination_key_symmetric"], |s| {
        s.replica_key().described().spec = "RSA_2048".to_owned()
    }),
    ("replica key to sign with", &["destination_key_encrypts"], |s| {
        s.replica_key().described().usage = "SIGN_VERIFY".to_owned();
    }),
    ("replica key of AWS", &["rule_replica_key_customer_managed"], |s| {
        s.replica_key().described().manager = "AWS".to_owned()
    }),
    ("replica key of the source's account", &["destination_key_account"], |s| {
        s.replica_key().described().account = "111111111111".to_owned();
    }),
    ("source default is SSE-S3", &["source_default_encryption"], |s| {
        let default = s.source().encryption.as_mut().unwrap().as_mut().unwrap();
        (default.algorithm, default.key) = ("AES256".to_owned(), None);
    }),
    ("source default is another key", &["source_default_encryption"], |s| {
        s.source().encryption.as_mut().unwrap().as_mut().unwrap().key = Some(SOURCE_KEY.replace("aaaa", "cccc"));
    }),
    ("destination default is SSE-S3", &["warning destination_default_encryption"], |s| {
        let default = s.there().encryption.as_mut().unwrap().as_mut().unwrap();
        (default.algorithm, default.key) = ("AES256".to_owned(), None);
    }),
    ("source default by alias", &["warning source_encryption_key_by_arn"], |s| {
        let alias = "arn:aws:kms:ap-south-1:111111111111:alias/source";
        s.source().encryption.as_mut().unwrap().as_mut().unwrap().key = Some(alias.to_owned());
        let read = s.source_key().clone();
        s.facts.source.keys.insert(alias.to_owned(), read);
    }),
    ("destination default by bare id", &["warning destination_encryption_key_by_arn"], |s| {
        let id = REPLICA_KEY.rsplit('/').next().map(str::to_owned);
        s.there().encryption.as_mut().unwrap().as_mut().unwrap().key = id;
    }),
    ("retention at the destination", &["destination_canaries_not_locked"], |s| {
        s.there().object_lock = Ok(Some(ObjectLock {
            default_mode: Some("COMPLIANCE".to_owned()),
            default_days: Some(30),
            default_hold: false,
        }));
    }),
    ("event hold at the destination", &["destination_canaries_not_locked"], |s| {
        s.there().object_lock = Ok(Some(ObjectLock { default_hold: true, ..ObjectLock::default() }));
    }),
    ("retention that is allowed", &[], |s| {
        s.there().object_lock =
            Ok(Some(ObjectLock { default_mode: Some("GOVERNANCE".to_owned()), ..ObjectLock::default() }));
        s.route.canary.allow_retained = true;
    }),
    ("MFA Delete at the source", &["source_mfa_delete_off"], |s| {
        s.source().versioning.as_mut().unwrap().mfa_delete = true
    }),
    ("MFA Delete at the destination", &["destination_mfa_delete_off"], |s| {
        s.there().versioning.as_mut().unwrap().mfa_delete = true;
    }),
    ("vault without expiry", &["destination_expiry_rule"], |s| s.route.destinations[0].cleanup = Cleanup::Lifecycle),
    ("vault with expiry", &[], |s| {
        s.route.destinations[0].cleanup = Cleanup::Lifecycle;
        s.there().lifecycle = Ok(vec![LifecycleRule {
            id: "canaries".to_owned(),
            enabled: true,
            prefix: "replicanary/".to_owned(),
            expires_after_days: Some(3),
            noncurrent_expires_after_days: Some(1),
            ..LifecycleRule::default()
        }]);
    }),
    ("expiry after a day", &["warning source_lifecycle_spares_canaries"], |s| {
        s.source().lifecycle = Ok(vec![LifecycleRule {
            id: "tidy".to_owned(),
            enabled: true,
            expires_after_days: Some(1),
            ..LifecycleRule::default()
        }]);
    }),
    ("archived at once", &["warning destination_lifecycle_spares_canaries"], |s| {
        s.there().lifecycle = Ok(vec![LifecycleRule {
            id: "archive".to_owned(),
            enabled: true,
            transitions: vec![("GLACIER".to_owned(), 0)],
            ..LifecycleRule::default()
        }]);
    }),
    ("a function is told", &["warning destination_notifications_spare_canaries"], |s| {
        s.there().notifications.as_mut().unwrap().targets = vec![NotificationTarget {
            arn: "arn:aws:lambda:us-east-1:222222222222:function:thumbnails".to_owned(),
            events: vec!["s3:ObjectCreated:*".to_owned()],
            ..NotificationTarget::default()
        }];
    }),
    ("only failures are told", &[], |s| {
        s.source().notifications.as_mut().unwrap().targets = vec![NotificationTarget {
            arn: "arn:aws:sqs:ap-south-1:111111111111:replication".to_owned(),
            events: vec!["s3:Replication:*".to_owned()],
            ..NotificationTarget::default()
        }];
    }),
    ("EventBridge is told", &[], |s| s.source().notifications.as_mut().unwrap().event_bridge = true),
    ("strangers under the prefix", &["warning source_prefix_is_ours"], |s| {
        s.source().strangers = Ok(vec!["replicanary/readme.txt".to_owned()]);
    }),
    ("monitor of another account", &["warning destination_monitor_identity"], |s| {
        let identity = s.facts.destinations[0].identity.as_mut().unwrap();
        identity.account = "111111111111".to_owned();
    }),
    ("monitor as root", &[], |s| {
        s.facts.source.identity.as_mut().unwrap().arn = "arn:aws:iam::111111111111:root".to_owned();
    }),
];
