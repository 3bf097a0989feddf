//! The policies of a well-known tutorial: its errors found as printed, and replication allowed as corrected.

use super::super::replication_context::{Called, Encryption, Replicating, assume_role};
use super::*;

const ROLE_POLICY: &str = include_str!("tutorial/role_policy.json");
const ROLE_POLICY_REST: &str = include_str!("tutorial/role_policy_rest.json");
const KEY_POLICY: &str = include_str!("tutorial/key_policy.json");
const BUCKET_POLICY: &str = include_str!("tutorial/bucket_policy.json");
const TUTORIAL_ROLE: &str = "arn:aws:iam::111122223333:role/S3ReplicationRoleAccountA";
const SOURCE_KEY: &str = "arn:aws:kms:ap-south-1:111122223333:key/source";
const SOURCE: Called<'static> = Called { region: "ap-south-1", account: Some(A) };
const DESTINATION: Called<'static> = Called { region: "us-east-1", account: Some(B) };

/// The role's policy as it was meant.
const CORRECTED: &str = r#"
    {"Sid": "Source", "Effect": "Allow", "Action": ["s3:GetReplicationConfiguration", "s3:ListBucket"],
        "Resource": "arn:aws:s3:::src"},
    {"Sid": "SourceObjects", "Effect": "Allow", "Action": ["s3:GetObjectVersionForReplication",
        "s3:GetObjectVersionAcl",
        "s3:GetObjectVersionTagging"], "Resource": "arn:aws:s3:::src/*"},
    {"Sid": "Destination", "Effect": "Allow", "Action": ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags",
        "s3:ObjectOwnerOverrideToBucketOwner"], "Resource": "arn:aws:s3:::dst/*"},
    {"Sid": "SourceKey", "Effect": "Allow", "Action": "kms:Decrypt",
        "Resource": "arn:aws:kms:ap-south-1:111122223333:key/source", "Condition": {"StringLike": {
        "kms:ViaService": "s3.ap-south-1.amazonaws.com",
        "kms:EncryptionContext:aws:s3:arn": ["arn:aws:s3:::src", "arn:aws:s3:::src/*"]}}},
    {"Sid": "DestinationKey", "Effect": "Allow", "Action": ["kms:Encrypt", "kms:GenerateDataKey*", "kms:Decrypt"],
        "Resource": "arn:aws:kms:us-east-1:444455556666:key/1234abcd", "Condition": {"StringLike": {
        "kms:ViaService": "s3.us-east-1.amazonaws.com",
        "kms:EncryptionContext:aws:s3:arn": ["arn:aws:s3:::dst", "arn:aws:s3:::dst/*"]}}}"#;

fn told(text: &str, kind: Kind) -> Vec<(What, String)> {
    document(text, kind).flaws().iter().map(|flaw| (flaw.what, flaw.quoted.clone())).collect()
}

#[test]
fn the_role_policy_as_printed_is_refused_and_every_error_quoted() {
    let document = document(ROLE_POLICY, Kind::Identity);
    assert!(document.is_refused());
    let right = |what: What, quoted: &str| {
        let flaw = document.flaws().iter().find(|flaw| flaw.what == what && flaw.quoted == quoted);
        flaw.unwrap_or_else(|| panic!("{quoted} in {:#?}", document.flaws())).right.clone()
    };
    assert_eq!(right(What::ActionShape, "s3>ListBucket"), "write \"s3:ListBucket\"");
    assert_eq!(
        right(What::ArnShape, "arn:aws:s3::<DestinationBucketName>/*"),
        "write \"arn:aws:s3:::<DestinationBucketName>/*\": one colon too few"
    );
    let action = right(What::UnknownAction, "s3:ReplicateObjectTagsToBucketOwner");
    assert!(action.starts_with("write \"s3:ObjectOwnerOverrideToBucketOwner\""), "{action}");
    right(What::Placeholder, "arn:aws:s3:::<SourceBucketName>/*");
}

#[test]
fn a_policy_split_in_two_is_not_one() {
    let Err(flaw) = Document::read(ROLE_POLICY_REST, Kind::Identity) else { panic!("a piece is no document") };
    assert_eq!(flaw.what, What::NotJson);
    let both = told(&format!("{ROLE_POLICY}\n{ROLE_POLICY_REST}"), Kind::Identity);
    assert!(
        both.iter().any(|(what, quoted)| *what == What::TextAfterTheEnd && quoted.starts_with("\"Sid\"")),
        "{both:?}"
    );
    let Err(flaw) =
        Document::read("{\n  \"Version\": \"2012-10-17\",\n  \"Id\": \"key-consolepolicy-4\",\n", Kind::Key)
    else {
        panic!("a piece is no document")
    };
    assert!(flaw.right.contains("cut in two"), "{flaw}");
}

#[test]
fn the_key_policy_as_printed_locks_everybody_out_and_names_nobody() {
    let flaws = told(KEY_POLICY, Kind::Key);
    let whats: Vec<What> = flaws.iter().map(|(what, _)| *what).collect();
    assert_eq!(whats, [What::Placeholder, What::NoAdministrator]);
    assert_eq!(flaws[0].1, "arn:aws:iam::AccountA:role/S3ReplicationRoleAccountA");
}

#[test]
fn the_bucket_policy_as_printed_has_two_placeholders() {
    let whats: Vec<What> = told(BUCKET_POLICY, Kind::Bucket).iter().map(|(what, _)| *what).collect();
    assert_eq!(whats, [What::Placeholder, What::Placeholder]);
}

/// The answers to all that the replication of a KMS object asks, as letters.
fn answers(identity: &str, destination: &str, destination_key: &str, context_arn: &str) -> String {
    let replicating = Replicating { role: Caller::role(TUTORIAL_ROLE, None), organization: None };
    let root = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*",
        "Resource": "*"}"#;
    let key = |guarding: &str, owner: &str| {
        guarded(Guard::Key { grants: Vec::new() }, Kind::Key, (identity, "", guarding), owner)
    };
    let kms = Encryption::Kms { algorithm: "aws:kms", key: Some(KEY) };
    let there = bucket(identity, "", destination, B);
    let mut letters = String::new();
    for (action, resource) in [
        ("s3:ListBucket", "arn:aws:s3:::src"),
        ("s3:GetReplicationConfiguration", "arn:aws:s3:::src"),
        ("s3:GetObjectVersionForReplication", "arn:aws:s3:::src/a"),
    ] {
        letters.push(letter(&evaluate(&bucket(identity, "", "", A), &replicating.read(action, resource, SOURCE))));
    }
    for action in ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ObjectOwnerOverrideToBucketOwner"] {
        letters.push(letter(&evaluate(&there, &replicating.write(action, "arn:aws:s3:::dst/a", DESTINATION, kms))));
    }
    let source = replicating.key("kms:Decrypt", SOURCE_KEY, SOURCE, &context_arn.replace("dst", "src"));
    letters.push(letter(&evaluate(&key(root, A), &source)));
    for action in ["kms:Encrypt", "kms:Decrypt"] {
        let request = replicating.key(action, KEY, DESTINATION, context_arn);
        letters.push(letter(&evaluate(&key(destination_key, B), &request)));
    }
    letters
}

#[test]
fn the_corrected_set_allows_everything_with_and_without_bucket_keys() {
    let named = |actions: &str, resource: &str| {
        format!(
            r#"{{"Effect": "Allow", "Principal": {{"AWS": "{TUTORIAL_ROLE}"}}, "Action": {actions},
                "Resource": "{resource}"}}"#
        )
    };
    let bucket_policy = named(
        r#"["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags", "s3:ObjectOwnerOverrideToBucketOwner"]"#,
        "arn:aws:s3:::dst/*",
    );
    let root = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "kms:*",
        "Resource": "*"}"#;
    let key_policy = format!("{root}, {}", named(r#"["kms:Encrypt", "kms:GenerateDataKey*", "kms:Decrypt"]"#, "*"));
    assert!(of(CORRECTED, Kind::Identity).flaws().is_empty(), "{:?}", of(CORRECTED, Kind::Identity).flaws());
    assert!(of(&bucket_policy, Kind::Bucket).flaws().is_empty());
    assert!(of(&key_policy, Kind::Key).flaws().is_empty());
    for context in ["arn:aws:s3:::dst/a", "arn:aws:s3:::dst"] {
        assert_eq!(answers(CORRECTED, &bucket_policy, &key_policy, context), "YYYYYYYYY", "{context}");
    }
    let as_in_the_tutorial = format!("{root}, {}", named(r#"["kms:Encrypt", "kms:GenerateDataKey"]"#, "*"));
    assert_eq!(answers(CORRECTED, &bucket_policy, &as_in_the_tutorial, "arn:aws:s3:::dst"), "YYYYYYYYN");
    assert_eq!(answers(CORRECTED, "", &key_policy, "arn:aws:s3:::dst"), "YYYNNNYYY");
    assert_eq!(answers(CORRECTED, &bucket_policy, root, "arn:aws:s3:::dst"), "YYYYYYYNN");
}

#[test]
fn the_role_policy_as_printed_would_not_replicate() {
    let named = ROLE_POLICY.replace("<SourceBucketName>", "src").replace("<DestinationBucketName>", "dst");
    let statements = named.split_once('[').and_then(|(_, rest)| rest.rsplit_once(']')).map(|(inner, _)| inner);
    let everything =
        format!(r#"{{"Effect": "Allow", "Principal": {{"AWS": "{TUTORIAL_ROLE}"}}, "Action": "*", "Resource": "*"}}"#);
    let letters = answers(statements.unwrap_or_default(), &everything, &everything, "arn:aws:s3:::dst");
    assert_eq!(letters, "NYYNNNNNN");
}

#[test]
fn the_trust_policy_as_printed_lets_s3_in() {
    let trust = r#"{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}"#;
    let policies = guarded(Guard::Trust, Kind::Trust, ("", "", trust), A);
    assert!(of(trust, Kind::Trust).flaws().is_empty());
    assert!(evaluate(&policies, &assume_role(TUTORIAL_ROLE, A, "src")).is_allowed());
}
