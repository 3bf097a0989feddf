//! Faults of the two KMS keys: state, policy, and the key that the rule names.

use aws_sdk_kms::types::GrantOperation;
use serde_json::json;

use super::Fate::{Arrives, Fails, Refused};
use super::buckets::push;
use super::{Fault, fault};
use crate::setup::{REPLICA, REPLICA_ACCOUNT, SOURCE, SOURCE_ACCOUNT, Setup};

pub(super) const FAULTS: &[Fault] = &[
    fault!(
        "the destination key is disabled",
        Fails("DstKmsKeyInvalidState"),
        ["destination_key_enabled"],
        "destination_key_disabled",
        |setup| setup.replica_kms.disable_key().key_id(&setup.replica_key).send().await.expect("KMS disables it")
    ),
    fault!(
        "the destination key waits for its deletion",
        Fails("DstKmsKeyInvalidState"),
        ["destination_key_not_pending_deletion"],
        "destination_key_pending_deletion",
        |setup| {
            let schedule = setup.replica_kms.schedule_key_deletion().key_id(&setup.replica_key);
            schedule.pending_window_in_days(7).send().await.expect("KMS schedules it")
        }
    ),
    fault!(
        "the source key is disabled",
        Refused("KMS.DisabledException"),
        ["source_key_enabled"],
        "source_key_disabled",
        |setup| setup.source_kms.disable_key().key_id(&setup.source_key).send().await.expect("KMS disables it")
    ),
    fault!(
        "the source key waits for its deletion",
        Refused("KMS.KMSInvalidStateException"),
        ["source_key_not_pending_deletion"],
        "source_key_pending_deletion",
        |setup| {
            let schedule = setup.source_kms.schedule_key_deletion().key_id(&setup.source_key);
            schedule.pending_window_in_days(7).send().await.expect("KMS schedules it")
        }
    ),
    fault!(
        "the destination key's policy does not name the role",
        Fails("DstPutObjectNotPermitted"),
        ["destination_key_lets_role_encrypt"],
        "destination_key_policy_denies",
        |setup| setup.replica_key_policy(|policy| remove(policy, "LetTheSourceEncrypt")).await
    ),
    fault!(
        "the destination key's policy denies the role",
        Fails("DstPutObjectNotPermitted"),
        ["destination_key_no_deny"],
        "destination_key_policy_denies",
        |setup| {
            let deny = json!({
                "Sid": "NotThem", "Effect": "Deny", "Principal": {"AWS": setup.role}, "Action": "kms:Encrypt",
                "Resource": "*",
            });
            setup.replica_key_policy(|policy| push(policy, deny)).await;
        }
    ),
    fault!(
        "the source key's policy denies the role",
        Fails("SrcGetObjectNotPermitted"),
        ["source_key_no_deny"],
        "source_key_policy_denies",
        |setup| {
            let deny = json!({
                "Sid": "NotThem", "Effect": "Deny", "Principal": {"AWS": setup.role}, "Action": "kms:Decrypt",
                "Resource": "*",
            });
            setup.source_key_policy(|policy| push(policy, deny)).await;
        }
    ),
    fault!(
        "the source key's policy does not let IAM decide",
        Fails("SrcGetObjectNotPermitted"),
        ["source_key_lets_role_decrypt"],
        "source_key_policy_denies",
        |setup| {
            let root = format!("arn:aws:iam::{SOURCE_ACCOUNT}:root");
            setup
                .source_key_policy(|policy| {
                    policy["Statement"][0]["Action"] =
                        json!(["kms:Get*", "kms:Describe*", "kms:List*", "kms:Put*", "kms:GenerateDataKey*"]);
                    policy["Statement"][0]["Principal"] = json!({ "AWS": root });
                })
                .await;
        }
    ),
    fault!(
        "the destination key's policy lets the role encrypt from another Region only",
        Fails("DstPutObjectNotPermitted"),
        ["destination_key_lets_role_encrypt"],
        "destination_key_policy_denies",
        |setup| {
            setup
                .replica_key_policy(|policy| {
                    policy["Statement"][1]["Condition"] =
                        json!({"StringEquals": {"kms:ViaService": "s3.ap-south-1.amazonaws.com"}});
                })
                .await;
        }
    ),
    fault!(
        "object ARNs as encryption context while Bucket Keys are on",
        Fails("SrcGetObjectNotPermitted"),
        ["source_bucket_key_consistent", "destination_bucket_key_consistent"],
        "encryption_context_mismatch",
        |setup| {
            bucket_keys(setup).await;
            setup
                .role_policy(|policy| {
                    for (place, bucket) in [(2, SOURCE), (4, REPLICA)] {
                        policy["Statement"][place]["Condition"]["StringLike"]["kms:EncryptionContext:aws:s3:arn"] =
                            json!(format!("arn:aws:s3:::{bucket}/*"));
                    }
                })
                .await;
        }
    ),
    fault!(
        "with Bucket Keys the destination key's policy forgets Decrypt",
        Fails("DstPutObjectNotPermitted"),
        ["destination_key_lets_role_decrypt"],
        "destination_key_policy_denies",
        |setup| {
            bucket_keys(setup).await;
            setup
                .replica_key_policy(|policy| {
                    policy["Statement"][1]["Action"] = json!(["kms:Encrypt", "kms:GenerateDataKey*"]);
                })
                .await;
        }
    ),
    fault!(
        "the rule names a key of another Region",
        Fails("DstKmsKeyNotFound"),
        ["rule_replica_key_region"],
        "replica_key_wrong_region",
        |setup| {
            let key = key_of(setup, REPLICA_ACCOUNT, "eu-north-1").await;
            setup.rule_key(&key).await;
        }
    ),
    fault!(
        "the rule names a key that does not exist",
        Fails("DstKmsKeyNotFound"),
        ["destination_key_exists"],
        "destination_key_missing",
        |setup| {
            let none = "arn:aws:kms:us-east-1:222222222222:key/00000000-0000-4000-8000-000000000000";
            setup.rule_key(none).await;
        }
    ),
    fault!(
        "the rule names another key of the right account",
        Fails("DstPutObjectNotPermitted"),
        ["rule_replica_key_as_configured"],
        "wrong_replica_key",
        |setup| {
            let key = key_of(setup, REPLICA_ACCOUNT, "us-east-1").await;
            setup.rule_key(&key).await;
        }
    ),
    fault!(
        "the rule names a key of the source's account",
        Fails("DstPutObjectNotPermitted"),
        ["rule_replica_key_account"],
        "replica_key_wrong_account",
        |setup| {
            let key = key_of(setup, SOURCE_ACCOUNT, "us-east-1").await;
            setup.rule_key(&key).await;
        }
    ),
    fault!(
        "the rule names the AWS managed key of the destination's account",
        Fails("DstPutObjectNotPermitted"),
        ["rule_replica_key_customer_managed"],
        "replica_key_aws_managed",
        |setup| {
            let describe = setup.replica_kms.describe_key().key_id("alias/aws/s3").send().await.expect("the key");
            let key = describe.key_metadata.expect("the key").arn.expect("an ARN");
            setup.rule_key(&key).await;
        }
    ),
    fault!(
        "the rule names an alias that does not exist",
        Fails("DstKmsKeyNotFound"),
        ["destination_key_exists", "rule_replica_key_by_arn"],
        "destination_key_missing",
        |setup| setup.rule_key(&format!("arn:aws:kms:us-east-1:{REPLICA_ACCOUNT}:alias/nobody")).await
    ),
    fault!("a grant stands for the statement of the destination key's policy", Arrives, [], "", |setup| {
        setup.replica_key_policy(|policy| remove(policy, "LetTheSourceEncrypt")).await;
        let grant = setup.replica_kms.create_grant().key_id(&setup.replica_key).grantee_principal(&setup.role);
        let grant = grant.operations(GrantOperation::Encrypt).operations(GrantOperation::Decrypt);
        grant.operations(GrantOperation::GenerateDataKey).send().await.expect("KMS grants it")
    }),
    fault!("Bucket Keys on both sides, and conditions that fit", Arrives, [], "", |setup| bucket_keys(setup).await),
    fault!("the rule names its key by alias", Arrives, ["rule_replica_key_by_arn"], "", |setup| {
        setup.rule_key(&format!("arn:aws:kms:us-east-1:{REPLICA_ACCOUNT}:alias/{REPLICA}")).await;
    }),
];

/// Removes the statement of that name.
pub(super) fn remove(policy: &mut serde_json::Value, sid: &str) {
    policy["Statement"].as_array_mut().expect("statements").retain(|statement| statement["Sid"] != sid);
}

async fn key_of(setup: &Setup, account: &str, region: &'static str) -> String {
    let created = setup.kms_in(account, region).create_key().send().await.expect("a key");
    created.key_metadata.expect("a key").arn.expect("an ARN")
}

/// Turns Bucket Keys on at both sides.
async fn bucket_keys(setup: &Setup) {
    let kms = || aws_sdk_s3::types::ServerSideEncryption::AwsKms;
    setup.encrypt(&setup.source, SOURCE, kms(), Some(&setup.source_key), true).await;
    setup.encrypt(&setup.replica, REPLICA, kms(), Some(&setup.replica_key), true).await;
}
