//! Tests of buckets, their settings, and what S3 says to replication configurations.

use super::*;

/// A change made to a rule that would be right without it, and what S3 says to it.
type Refused = (fn(&mut ReplicationRule), &'static str, &'static str);

const REFUSED_RULES: &[Refused] = &[
    (|r| r.priority = None, "InvalidRequest", "Priority must be specified"),
    (|r| r.delete_markers = None, "InvalidRequest", "DeleteMarkerReplication must be specified"),
    (
        |r| {
            r.filter = Some(RuleFilter::Tag(tag("a", "1")));
            r.delete_markers = Some(true);
        },
        "InvalidRequest",
        "Delete marker replication is not supported if any Tag filter is specified.",
    ),
    (|r| r.destination.bucket = "target-bucket".to_owned(), "InvalidArgument", "Invalid bucket ARN"),
    (|r| r.destination.bucket = "arn:aws:s3:::nowhere".to_owned(), "InvalidRequest", "Destination bucket must exist."),
    (
        |r| r.destination.bucket = format!("arn:aws:s3:::{SOURCE}"),
        "InvalidRequest",
        "Destination bucket cannot be the same as the source bucket.",
    ),
    (
        |r| r.destination.bucket = "arn:aws:s3:::unversioned".to_owned(),
        "InvalidRequest",
        "Destination bucket must have versioning enabled.",
    ),
    (
        |r| {
            r.destination.account = None;
            r.destination.owner = Some("Destination".to_owned());
        },
        "InvalidRequest",
        "Account must be specified if the Owner in AccessControlTranslation has a value",
    ),
    (|r| r.destination.owner = Some("Source".to_owned()), "MalformedXML", ""),
    (|r| r.destination.account = Some("12".to_owned()), "InvalidArgument", "Invalid Account ID"),
    (
        |r| r.source_selection = None,
        "InvalidRequest",
        "SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present.",
    ),
    (
        |r| r.destination.encryption = None,
        "InvalidRequest",
        "ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is present.",
    ),
    (
        |r| r.destination.encryption = Some(ReplicaEncryption { replica_kms_key_id: Some("alias/x".to_owned()) }),
        "InvalidArgument",
        "Invalid ReplicaKmsKeyID ARN.",
    ),
    (
        |r| r.destination.time = Some(ReplicationTime { enabled: true, minutes: Some(15) }),
        "InvalidRequest",
        "Replication destination must contain both ReplicationTime and Metrics or neither.",
    ),
    (
        |r| r.destination.metrics = Some(ReplicationMetrics { enabled: true, event_threshold_minutes: Some(15) }),
        "InvalidArgument",
        "Metrics cannot contain an event threshold when ReplicationTime is not specified or Disabled",
    ),
    (
        |r| {
            r.destination.metrics = Some(ReplicationMetrics { enabled: true, event_threshold_minutes: Some(15) });
            r.destination.time = Some(ReplicationTime { enabled: true, minutes: Some(30) });
        },
        "InvalidArgument",
        "Only 15 minutes",
    ),
    (|r| r.destination.storage_class = Some("COLD".to_owned()), "MalformedXML", ""),
    (|r| r.filter = Some(RuleFilter::And { prefix: None, tags: vec![tag("a", "1")] }), "MalformedXML", ""),
    (|r| r.filter = None, "MalformedXML", ""),
];

/// A mistake in a configuration.
type Spoil = fn(&mut ReplicationConfiguration);

fn lab() -> Lab {
    let mut lab = Lab::replicating(1);
    let access = lab.root(B, THERE);
    lab.world.create_bucket(lab.now, &access, "unversioned", None, None).unwrap();
    lab
}

#[test]
fn rules_that_s3_refuses_are_refused_in_its_words() {
    for (index, (spoil, code, message)) in REFUSED_RULES.iter().enumerate() {
        let mut lab = lab();
        let mut rule = lab.rule("all", 1, TARGET);
        spoil(&mut rule);
        let error = lab.try_rules(vec![rule]).expect_err(&format!("case {index}"));
        assert_eq!((error.status, error.code), (400, *code), "case {index}: {error}");
        assert!(error.message.contains(message), "case {index}: {error}");
    }
}

#[test]
fn rules_are_checked_against_each_other() {
    let mut lab = lab();
    let (one, two) = (lab.rule("one", 1, TARGET), lab.rule("two", 2, TARGET));
    let refusal = |lab: &mut Lab, rules| lab.try_rules(rules).unwrap_err().message;
    let same_id = ReplicationRule { id: Some("one".to_owned()), ..two.clone() };
    assert!(refusal(&mut lab, vec![one.clone(), same_id]).contains("Rule Id must be unique"));
    let same_priority = ReplicationRule { priority: Some(1), ..two.clone() };
    assert_eq!(refusal(&mut lab, vec![one.clone(), same_priority]), "Found duplicate priority 1.");
    assert!(lab.try_rules(vec![]).is_err());
    let old =
        ReplicationRule { filter: None, prefix: Some("a".to_owned()), priority: None, delete_markers: None, ..one };
    assert!(lab.try_rules(vec![old.clone()]).is_ok(), "a V1 rule alone is fine");
    assert!(refusal(&mut lab, vec![two, old.clone()]).contains("mix"));
    let overlapping = ReplicationRule { prefix: Some("ab".to_owned()), id: Some("b".to_owned()), ..old.clone() };
    assert_eq!(refusal(&mut lab, vec![old, overlapping]), "Found overlapping prefixes 'a' and 'ab'");
}

#[test]
fn wrong_roles_accounts_and_keys_are_taken_and_fail_later() {
    let spoils: [(Spoil, &str); 6] = [
        (|c| c.role = format!("arn:aws:iam::{A}:role/nobody"), "AssumeRoleNotPermitted"),
        (|c| c.role = format!("arn:aws:iam::{B}:role/replication"), "AssumeRoleNotPermitted"),
        (|c| c.rules[0].destination.account = Some(A.to_owned()), "DstPutObjectNotPermitted"),
        (|c| set_key(c, &format!("arn:aws:kms:{THERE}:{B}:key/none")), "DstKmsKeyNotFound"),
        (|c| set_key(c, &format!("arn:aws:kms:{THERE}:{B}:alias/none")), "DstKmsKeyNotFound"),
        (|c| set_key(c, "source's own key"), "DstKmsKeyNotFound"),
    ];
    for (spoil, reason) in spoils {
        let mut lab = lab();
        let mut configuration = ReplicationConfiguration {
            role: format!("arn:aws:iam::{A}:role/replication"),
            rules: vec![lab.rule("all", 1, TARGET)],
        };
        spoil(&mut configuration);
        let own = lab.default_key(SOURCE).unwrap();
        if let Some(encryption) = &mut configuration.rules[0].destination.encryption
            && encryption.replica_kms_key_id.as_deref() == Some("source's own key")
        {
            encryption.replica_kms_key_id = Some(own);
        }
        let access = lab.owner_of(SOURCE);
        lab.world.put_replication(lab.now, &access, SOURCE, configuration).unwrap();
        let version = lab.put(KEY);
        lab.pass(7.0);
        assert_eq!(lab.status(KEY, &version), Some(ReplicationStatus::Failed));
        assert_eq!(lab.reason(KEY, &version), Some(reason));
    }
}

fn set_key(configuration: &mut ReplicationConfiguration, key: &str) {
    let encryption = ReplicaEncryption { replica_kms_key_id: Some(key.to_owned()) };
    configuration.rules[0].destination.encryption = Some(encryption);
}

#[test]
fn a_configuration_needs_versioning_and_keeps_it() {
    let mut lab = lab();
    let access = lab.owner_of(SOURCE);
    assert_eq!(code(lab.world.put_versioning(lab.now, &access, SOURCE, false)), (409, "InvalidBucketState"));
    lab.world.delete_replication(lab.now, &access, SOURCE).unwrap();
    assert_eq!(code(lab.world.replication(lab.now, &access, SOURCE)), (404, "ReplicationConfigurationNotFoundError"));
    lab.world.put_versioning(lab.now, &access, SOURCE, false).unwrap();
    let rule = lab.rule("all", 1, TARGET);
    let error = lab.try_rules(vec![rule]).unwrap_err();
    assert_eq!(error.message, "Versioning must be 'Enabled' on the bucket to apply a replication configuration");
}

#[test]
fn rules_without_id_get_one() {
    let mut lab = lab();
    let mut rule = lab.rule("all", 1, TARGET);
    rule.id = None;
    lab.put_rules(vec![rule]);
    let access = lab.owner_of(SOURCE);
    let read = lab.world.replication(lab.now, &access, SOURCE).unwrap();
    assert_eq!(read.rules[0].id.as_ref().map(String::len), Some(48));
}

#[test]
fn buckets_are_made_found_and_removed() {
    let mut lab = Lab::bare(1);
    let (here, east, other) = (lab.root(A, HERE), lab.root(A, "us-east-1"), lab.root(B, HERE));
    let mut create =
        |access: &Access, name: &str, location| lab.world.create_bucket(lab.now, access, name, location, None);
    assert_eq!(code(create(&here, "first-bucket", None)), (400, "IllegalLocationConstraintException"));
    assert_eq!(code(create(&here, "first-bucket", Some("eu-west-1"))), (400, "IllegalLocationConstraintException"));
    assert_eq!(code(create(&east, "first-bucket", Some("us-east-1"))), (400, "InvalidLocationConstraint"));
    assert_eq!(code(create(&east, "first-bucket", Some("nowhere"))), (400, "InvalidLocationConstraint"));
    assert_eq!(code(create(&here, "First_Bucket", Some(HERE))), (400, "InvalidBucketName"));
    create(&here, "first-bucket", Some(HERE)).unwrap();
    create(&east, "second-bucket", None).unwrap();
    create(&east, "third-bucket", Some("EU")).unwrap();
    assert_eq!(code(create(&here, "first-bucket", Some(HERE))), (409, "BucketAlreadyOwnedByYou"));
    assert_eq!(create(&east, "second-bucket", None), Ok(()), "in us-east-1 one may");
    assert_eq!(code(create(&other, "first-bucket", Some(HERE))), (409, "BucketAlreadyExists"));
    let listed = lab.world.buckets(lab.now, &here.caller).unwrap();
    let listed: Vec<_> = listed.iter().map(|info| (&*info.name, &*info.region)).collect();
    assert_eq!(listed, [("first-bucket", HERE), ("second-bucket", "us-east-1"), ("third-bucket", "eu-west-1")]);
    assert_eq!(lab.world.versioning(lab.now, &here, "first-bucket"), Ok(Versioning::Unversioned));
    assert_eq!(lab.world.encryption(lab.now, &here, "first-bucket"), Ok(BucketEncryption::default()));
    assert_eq!(lab.world.public_access(lab.now, &here, "first-bucket"), Ok(PublicAccessBlock::ALL));
    assert_eq!(lab.world.ownership(lab.now, &here, "first-bucket"), Ok(ObjectOwnership::BucketOwnerEnforced));
    lab.world.put_object(lab.now, &here, "first-bucket", canary()).unwrap();
    assert_eq!(code(lab.world.delete_bucket(lab.now, &here, "first-bucket")), (409, "BucketNotEmpty"));
    lab.world.delete_object(lab.now, &here, "first-bucket", KEY, None).unwrap();
    lab.world.delete_bucket(lab.now, &here, "first-bucket").unwrap();
    assert_eq!(code(lab.world.bucket(lab.now, &here, "first-bucket")), (404, "NoSuchBucket"));
}

#[test]
fn bucket_policies_name_principals_that_exist() {
    let mut lab = lab();
    lab.side(B, THERE, "bare-bucket", &BucketEncryption::default());
    let access = lab.owner_of(TARGET);
    let policy = |role: &str| {
        format!(
            r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{A}:role/{role}"}},
                "Action":"s3:ReplicateObject","Resource":"arn:aws:s3:::{TARGET}/*"}}}}"#
        )
    };
    assert_eq!(code(lab.world.bucket_policy(lab.now, &access, "bare-bucket")), (404, "NoSuchBucketPolicy"));
    let refused = lab.world.put_bucket_policy(lab.now, &access, TARGET, &policy("nobody"));
    assert_eq!(code(refused), (400, "MalformedPolicy"));
    lab.world.put_bucket_policy(lab.now, &access, TARGET, &policy("replication")).unwrap();
    assert_eq!(lab.world.bucket_policy(lab.now, &access, TARGET).unwrap().text, policy("replication"));
}
