//! The set-up as people follow it from a tutorial: corrected, and with the mistakes that IAM takes.

use serde_json::{Value, json};

use super::Fate::{Arrives, Fails};
use super::{Fault, fault};
use crate::setup::{REPLICA, SOURCE, Setup};

pub(super) const FAULTS: &[Fault] = &[
    fault!("the tutorial, corrected", Arrives, [], "", |setup| follow(setup, &corrected(setup)).await),
    fault!(
        "the tutorial with the action of its screenshot, which does not exist",
        Fails("DstPutObjectNotPermitted"),
        ["role_policy_well_formed"],
        "policy_malformed",
        |setup| {
            let mut document = corrected(setup);
            let actions = json!(["s3:ReplicateObjectTagsToBucketOwner", "s3:ReplicateTags", "s3:ReplicateDelete"]);
            document["Statement"][1]["Action"] = actions;
            follow(setup, &document).await;
        }
    ),
    fault!(
        "the tutorial without the statements on keys, as its screenshot is",
        Fails("SrcGetObjectNotPermitted"),
        ["role_decrypts_source", "role_encrypts_destination"],
        "role_kms_permission_missing",
        |setup| {
            let mut document = corrected(setup);
            document["Statement"].as_array_mut().expect("statements").truncate(2);
            follow(setup, &document).await;
        }
    ),
];

/// The statements of the tutorial's role policy as IAM refuses them, with the text that is wrong.
pub(crate) fn refused() -> [(&'static str, Value); 2] {
    let statement = |action: &str, resource: &str| json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": [action], "Resource": [resource]}]});
    [
        ("s3>ListBucket", statement("s3>ListBucket", &format!("arn:aws:s3:::{SOURCE}"))),
        ("arn:aws:s3::bucket/*", statement("s3:ReplicateObject", &format!("arn:aws:s3::{REPLICA}/*"))),
    ]
}

/// The role's policy of the tutorial's text, in one piece and without slips.
fn corrected(setup: &Setup) -> Value {
    let statement = |sid: &str, actions: &[&str], resources: Value| json!({"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources});
    let source = json!([format!("arn:aws:s3:::{SOURCE}/*"), format!("arn:aws:s3:::{SOURCE}")]);
    let reading = [
        "s3:GetObjectVersionTagging",
        "s3:GetObjectVersionAcl",
        "s3:ListBucket",
        "s3:GetObjectVersionForReplication",
        "s3:GetReplicationConfiguration",
    ];
    let statements = [
        statement("SourceBucketPermissions", &reading, source),
        statement("DestinationBucketPermissions", WRITING, json!([format!("arn:aws:s3:::{REPLICA}/*")])),
        statement("SourceBucketKMSKey", &["kms:Decrypt", "kms:GenerateDataKey"], json!(setup.source_key)),
        statement("DestinationBucketKMSKey", &["kms:Encrypt", "kms:GenerateDataKey"], json!(setup.replica_key)),
    ];
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// What the tutorial grants at the destination, in the role's policy and in the bucket's.
const WRITING: &[&str] = &[
    "s3:ReplicateObject",
    "s3:ObjectOwnerOverrideToBucketOwner",
    "s3:GetObjectVersionTagging",
    "s3:ReplicateTags",
    "s3:ReplicateDelete",
];

/// Sets everything up as the tutorial says, with this policy of the role.
async fn follow(setup: &Setup, role_policy: &Value) {
    let document = role_policy.clone();
    setup.role_policy(|policy| *policy = document).await;
    let statement = json!({
        "Sid": "DestinationBucketPermissions", "Effect": "Allow", "Principal": {"AWS": setup.role},
        "Action": WRITING, "Resource": format!("arn:aws:s3:::{REPLICA}/*"),
    });
    setup.bucket_policy(|policy| policy["Statement"] = json!([statement])).await;
    let actions = json!(["kms:Encrypt", "kms:GenerateDataKey"]);
    setup.replica_key_policy(|policy| policy["Statement"][1]["Action"] = actions).await;
    // The box "Change object ownership" stays empty in the tutorial, and so does "Replication metrics".
    setup
        .rule(|rule| {
            if let Some(destination) = rule.destination.as_mut() {
                destination.access_control_translation = None;
                destination.metrics = None;
            }
        })
        .await;
}
