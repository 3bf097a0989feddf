//! Facts that could not be read make checks unknown, with what to grant, and never faults.

use super::super::facts::{RouteFacts, Unread};
use super::super::finding::{Outcome, Severity};
use super::super::setup::{Setup, unread};

/// Replaces every fact of a side's bucket and keys.
fn blind(side: &mut super::super::facts::SideFacts) {
    let bucket = &mut side.bucket;
    side.identity = unread("GetCallerIdentity", "sts:GetCallerIdentity", "");
    side.account_public_access = unread("GetPublicAccessBlock", "s3:GetAccountPublicAccessBlock", "");
    bucket.region = unread("HeadBucket", "s3:ListBucket", "");
    bucket.is_owned_as_configured = unread("HeadBucket", "s3:ListBucket", "");
    bucket.versioning = unread("GetBucketVersioning", "s3:GetBucketVersioning", "");
    bucket.public_access = unread("GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock", "");
    bucket.policy_is_public = unread("GetBucketPolicyStatus", "s3:GetBucketPolicyStatus", "");
    bucket.encryption = unread("GetBucketEncryption", "s3:GetEncryptionConfiguration", "");
    bucket.policy = unread("GetBucketPolicy", "s3:GetBucketPolicy", "");
    bucket.ownership = unread("GetBucketOwnershipControls", "s3:GetBucketOwnershipControls", "");
    bucket.object_lock = unread("GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration", "");
    bucket.requester_pays = unread("GetBucketRequestPayment", "s3:GetBucketRequestPayment", "");
    bucket.lifecycle = unread("GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration", "");
    bucket.notifications = unread("GetBucketNotificationConfiguration", "s3:GetBucketNotification", "");
    bucket.strangers = unread("ListObjectVersions", "s3:ListBucketVersions", "");
    for key in side.keys.values_mut() {
        key.description = unread("DescribeKey", "kms:DescribeKey", "");
        key.policy = unread("GetKeyPolicy", "kms:GetKeyPolicy", "");
        key.grants = unread("ListGrants", "kms:ListGrants", "");
    }
}

fn blinded(facts: &mut RouteFacts) {
    blind(&mut facts.source);
    facts.destinations.iter_mut().for_each(blind);
    facts.replication = unread("GetBucketReplication", "s3:GetReplicationConfiguration", "");
}

#[test]
fn nothing_read_is_no_fault() {
    let audit = Setup::right().with(|setup| blinded(&mut setup.facts)).audit();
    let faults: Vec<_> = audit.faults().map(|finding| (finding.check.id, &finding.title)).collect();
    assert_eq!(faults, []);
    assert!(audit.is_uncertain());
    let versioning = audit.find("source_versioning_enabled", None).unwrap();
    assert_eq!(versioning.outcome, Outcome::Unknown);
    assert!(versioning.remedy.contains(r#""Action":"s3:GetBucketVersioning""#), "{}", versioning.remedy);
}

#[test]
fn no_role_facts_and_no_destination_facts_are_no_faults() {
    let audit = Setup::right()
        .with(|setup| {
            setup.facts.role = None;
            setup.facts.destinations.clear();
        })
        .audit();
    assert_eq!(audit.faults().filter(|finding| finding.severity > Severity::Info).count(), 0);
    assert_eq!(audit.find("role_exists", None).unwrap().outcome, Outcome::Unknown);
}

#[test]
fn each_fact_alone_leaves_only_its_checks_open() {
    type Case = (&'static str, Option<usize>, &'static str, fn(&mut Setup));
    let cases: &[Case] = &[
        ("source_bucket_exists", None, "s3:ListBucket", |s| {
            s.source().region = unread("HeadBucket", "s3:ListBucket", "")
        }),
        ("destination_versioning_enabled", Some(0), "s3:GetBucketVersioning", |s| {
            s.there().versioning = unread("GetBucketVersioning", "s3:GetBucketVersioning", "");
        }),
        ("destination_policy_lets_replicate", Some(0), "s3:GetBucketPolicy", |s| {
            s.there().policy = unread("GetBucketPolicy", "s3:GetBucketPolicy", "");
        }),
        ("source_key_exists", None, "kms:DescribeKey", |s| {
            s.source_key().description = unread("DescribeKey", "kms:DescribeKey", "");
        }),
        ("destination_key_lets_role_encrypt", Some(0), "kms:GetKeyPolicy", |s| {
            s.replica_key().policy = unread("GetKeyPolicy", "kms:GetKeyPolicy", "");
        }),
        ("role_trusts_s3", None, "iam:GetRole", |s| s.role().role = unread("GetRole", "iam:GetRole", "")),
        ("role_replicates_objects", Some(0), "iam:ListRolePolicies", |s| {
            s.role().inline = unread("ListRolePolicies", "iam:ListRolePolicies", "");
        }),
        ("role_decrypts_source", None, "iam:GetPolicy", |s| {
            s.role().boundary = unread("GetPolicy", "iam:GetPolicy", "");
        }),
        ("replication_configured", None, "s3:GetReplicationConfiguration", |s| {
            s.facts.replication = unread("GetBucketReplication", "s3:GetReplicationConfiguration", "");
        }),
        ("source_default_encryption", None, "s3:GetEncryptionConfiguration", |s| {
            s.source().encryption = unread("GetBucketEncryption", "s3:GetEncryptionConfiguration", "");
        }),
        ("destination_canaries_not_locked", Some(0), "s3:GetBucketObjectLockConfiguration", |s| {
            s.there().object_lock = unread("GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration", "");
        }),
        ("source_notifications_spare_canaries", None, "s3:GetBucketNotification", |s| {
            s.source().notifications = unread("GetBucketNotification", "s3:GetBucketNotification", "");
        }),
        ("replica_owner", Some(0), "s3:GetBucketOwnershipControls", |s| {
            s.there().ownership = unread("GetBucketOwnershipControls", "s3:GetBucketOwnershipControls", "");
        }),
    ];
    for (id, place, permission, change) in cases {
        let audit = Setup::right().with(change).audit();
        let finding = audit.find(id, *place).unwrap_or_else(|| panic!("{id} says nothing"));
        assert_eq!(finding.outcome, Outcome::Unknown, "{id}: {}", finding.title);
        assert!(finding.remedy.contains(permission), "{id}: {}", finding.remedy);
        let above: Vec<_> = audit.faults().filter(|f| f.severity > Severity::Info).map(|f| f.check.id).collect();
        assert_eq!(above, Vec::<&str>::new(), "{id}");
    }
}

#[test]
fn the_server_s_own_words_decide_the_hint() {
    let said = |message: &str| {
        let setup = Setup::right()
            .with(|setup| setup.there().policy = unread("GetBucketPolicy", "s3:GetBucketPolicy", message));
        let audit = setup.audit();
        (audit.find("destination_policy_lets_replicate", Some(0)).unwrap().clone(), audit)
    };
    let (finding, _) = said(
        "User: x is not authorized to perform: s3:GetBucketPolicy with an explicit deny in a resource-based policy",
    );
    assert!(finding.remedy.contains("No grant helps") && finding.remedy.contains("root"), "{}", finding.remedy);
    let (finding, audit) =
        said("not authorized to perform: s3:GetBucketPolicy with an explicit deny in a service control policy");
    assert!(finding.remedy.contains("service control policy"), "{}", finding.remedy);
    assert_eq!(audit.find("region_not_denied", Some(0)).unwrap().outcome, Outcome::Unknown);
    let (finding, audit) = said("OptInRequired: the account is not opted in to us-east-1");
    assert!(finding.remedy.contains("enable-region"), "{}", finding.remedy);
    assert_eq!(audit.find("destination_region_enabled", Some(0)).unwrap().outcome, Outcome::Unknown);
    let (finding, audit) = said("Access Denied");
    assert!(finding.remedy.contains(r#""Action":"s3:GetBucketPolicy""#), "{}", finding.remedy);
    assert_eq!(audit.find("region_not_denied", Some(0)).unwrap().outcome, Outcome::Ok);
    assert!(finding.title.ends_with("GetBucketPolicy was refused"), "{}", finding.title);
}

#[test]
fn what_got_no_answer_was_not_refused() {
    let setup = Setup::right().with(|setup| {
        let unread: Result<(), _> = unread("GetBucketPolicy", "s3:GetBucketPolicy", "");
        let refused = unread.unwrap_err();
        setup.there().policy = Err(Unread { trouble: "connection_failed".to_owned(), message: None, ..refused });
    });
    let audit = setup.audit();
    let finding = audit.find("destination_policy_lets_replicate", Some(0)).unwrap();
    assert!(finding.title.ends_with("GetBucketPolicy failed"), "{}", finding.title);
    assert!(finding.remedy.contains("network"), "{}", finding.remedy);
}

#[test]
fn an_account_level_that_was_not_read_leaves_open_what_a_public_statement_does_and_troubles_nobody() {
    let audit = |is_restricted| {
        let opened = Setup::right().with(|setup| {
            setup.there().policy_is_public = Ok(Some(true));
            setup.there().public_access.as_mut().unwrap().as_mut().unwrap().restrict_public_buckets = is_restricted;
            let side = &mut setup.facts.destinations[0];
            side.account_public_access = unread("GetPublicAccessBlock", "s3:GetAccountPublicAccessBlock", "");
        });
        let audit = opened.audit();
        let finding = audit.find("public_policy_not_restricted", Some(0)).unwrap();
        (finding.outcome, finding.severity)
    };
    assert_eq!(audit(false), (Outcome::Unknown, Severity::Info));
    assert_eq!(audit(true), (Outcome::Fault, Severity::Error), "the bucket's own level is enough");
}

#[test]
fn facts_that_were_saved_before_the_account_level_was_read_still_load() {
    let mut saved = serde_json::to_value(&Setup::right().facts).unwrap();
    saved["source"].as_object_mut().unwrap().remove("account_public_access").unwrap();
    let loaded: RouteFacts = serde_json::from_value(saved).unwrap();
    assert_eq!(loaded.source.account_public_access.unwrap_err().trouble, "not_read");
}
