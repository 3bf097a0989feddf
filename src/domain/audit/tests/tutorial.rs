//! The tutorial's policies as printed, and as they should read.

use serde_json::json;

use super::super::finding::{Outcome, Severity};
use super::super::setup::{REPLICA_KEY, ROLE, SOURCE_KEY, Setup, THERE};

const SOURCE_STATEMENT: &str = concat!(
    r#"{"Sid":"SourceBucketPermissions","Effect":"Allow","Action":["s3:GetObjectVersionTagging","#,
    r#""s3:GetObjectVersionAcl","s3>ListBucket","s3:GetObjectVersionForReplication","#,
    r#""s3:GetReplicationConfiguration"],"Resource":["arn:aws:s3:::source/*","arn:aws:s3:::source"]}"#,
);

/// As in the tutorial's screenshot.
const DESTINATION_STATEMENT: &str = concat!(
    r#"{"Sid":"DestinationBucketPermissions","Effect":"Allow","Action":["s3:ReplicateObject","#,
    r#""s3:ReplicateObjectTagsToBucketOwner","s3:GetObjectVersionTagging","s3:ReplicateTags","#,
    r#""s3:ReplicateDelete"],"Resource":["arn:aws:s3::destination-0/*"]}"#,
);

/// As in the tutorial's text.
const CORRECTED_STATEMENT: &str = concat!(
    r#"{"Sid":"DestinationBucketPermissions","Effect":"Allow","Action":["s3:ReplicateObject","#,
    r#""s3:ObjectOwnerOverrideToBucketOwner","s3:GetObjectVersionTagging","s3:ReplicateTags","#,
    r#""s3:ReplicateDelete"],"Resource":["arn:aws:s3:::destination-0/*"]}"#,
);

/// The two statements that the tutorial prints apart, with what keys they are about.
fn kms_statements() -> String {
    let statement = |sid: &str, actions: [&str; 2], key: &str| {
        json!({"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": key}).to_string()
    };
    let source = statement("SourceBucketKMSKey", ["kms:Decrypt", "kms:GenerateDataKey"], SOURCE_KEY);
    let destination = statement("DestinationBucketKMSKey", ["kms:Encrypt", "kms:GenerateDataKey"], REPLICA_KEY);
    format!("{source},{destination}")
}

/// The tutorial followed, with a role policy of these statements.
fn followed(statements: &[&str]) -> Setup {
    Setup::right().with(|setup| {
        let document = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
        setup.role().inline.as_mut().unwrap()[0].document = document;
        setup.there().policy = Ok(Some(
            json!({"Version": "2012-10-17", "Statement": [{
                "Sid": "DestinationBucketPermissions", "Effect": "Allow", "Principal": {"AWS": ROLE},
                "Action": ["s3:ReplicateObject", "s3:ObjectOwnerOverrideToBucketOwner", "s3:GetObjectVersionTagging",
                    "s3:ReplicateTags", "s3:ReplicateDelete"],
                "Resource": "arn:aws:s3:::destination-0/*",
            }]})
            .to_string(),
        ));
        setup.replica_key().edit(|policy| {
            policy["Statement"][1]["Action"] = json!(["kms:Encrypt", "kms:GenerateDataKey"]);
        });
        setup.rule().changes_owner = false;
        setup.rule().publishes_metrics = false;
        setup.rule().account = Some(THERE.to_owned());
    })
}

#[test]
fn as_printed_each_error_is_found_and_quoted() {
    let audit = followed(&[SOURCE_STATEMENT, DESTINATION_STATEMENT]).audit();
    let form = audit.find("role_policy_well_formed", None).unwrap();
    assert_eq!((form.outcome, form.severity), (Outcome::Fault, Severity::Error));
    for quoted in ["s3>ListBucket", "arn:aws:s3::destination-0/*", "s3:ReplicateObjectTagsToBucketOwner"] {
        assert!(form.evidence.contains(quoted), "{quoted} is not in {}", form.evidence);
    }
    for right in ["s3:ListBucket", "arn:aws:s3:::destination-0/*"] {
        assert!(form.evidence.contains(right), "{right} is not in {}", form.evidence);
    }
    let errors: Vec<_> = audit.errors().map(|finding| finding.check.id).collect();
    assert_eq!(errors, ["role_policy_well_formed", "role_decrypts_source", "role_encrypts_destination"]);
    let follows = |id, place| audit.find(id, place).unwrap().because;
    assert_eq!(follows("role_lists_source", None), Some("role_policy_well_formed"));
    assert_eq!(follows("role_replicates_objects", Some(0)), Some("role_policy_well_formed"));
}

#[test]
fn a_policy_in_two_pieces_is_told_as_such() {
    let mut setup = followed(&[SOURCE_STATEMENT]);
    let first = setup.role().inline.as_ref().unwrap()[0].document.replace("s3>", "s3:");
    setup.role().inline.as_mut().unwrap()[0].document = format!("{first}\n{CORRECTED_STATEMENT},{}", kms_statements());
    let audit = setup.audit();
    let form = audit.find("role_policy_well_formed", None).unwrap();
    assert!(form.evidence.contains("text after the end"), "{}", form.evidence);
    let errors: Vec<_> = audit.errors().map(|finding| finding.check.id).collect();
    assert_eq!(errors, ["role_policy_well_formed"]);
}

#[test]
fn corrected_it_has_nothing_above_info() {
    let source = SOURCE_STATEMENT.replace("s3>", "s3:");
    let audit = followed(&[&source, CORRECTED_STATEMENT, &kms_statements()]).audit();
    for finding in &audit.findings {
        let is_fine = finding.outcome == Outcome::Ok || finding.severity == Severity::Info;
        assert!(is_fine, "{}: {} {}", finding.check.id, finding.title, finding.evidence);
    }
}
