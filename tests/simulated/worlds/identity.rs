//! Faults of the role, of its policies, and of the destination bucket's policy.

use serde_json::{Value, json};

use super::Fate::{Arrives, Fails};
use super::buckets::push;
use super::keys::remove;
use super::{Fault, fault};
use crate::setup::{REPLICA, ROLE, SOURCE, SOURCE_ACCOUNT, percent_decoded};

pub(super) const FAULTS: &[Fault] = &[
    fault!("the role is gone", Fails("AssumeRoleNotPermitted"), ["role_exists"], "role_missing", |setup| setup
        .delete_role()
        .await),
    fault!(
        "the role was deleted and created again",
        Fails("DstPutObjectNotPermitted"),
        ["destination_policy_no_stale_principal", "destination_key_no_stale_principal"],
        "role_recreated",
        |setup| setup.recreate_role().await
    ),
    fault!(
        "the role trusts another service",
        Fails("AssumeRoleNotPermitted"),
        ["role_trusts_s3"],
        "role_trust_broken",
        |setup| setup.trust(|policy| policy["Statement"][0]["Principal"]["Service"] = json!("ec2.amazonaws.com")).await
    ),
    fault!(
        "the trust policy asks for an external id",
        Fails("AssumeRoleNotPermitted"),
        ["role_trusts_s3"],
        "role_trust_broken",
        |setup| {
            let condition = json!({"StringEquals": {"sts:ExternalId": "secret"}});
            setup.trust(|policy| policy["Statement"][0]["Condition"] = condition).await;
        }
    ),
    fault!(
        "the role has no policy",
        Fails("SrcGetObjectNotPermitted"),
        ["role_policy_present"],
        "role_source_permission_missing",
        |setup| {
            let delete = setup.iam.delete_role_policy().role_name(ROLE).policy_name("replication");
            delete.send().await.expect("IAM removes it")
        }
    ),
    fault!(
        "the role may not read versions for replication",
        Fails("SrcGetObjectNotPermitted"),
        ["role_reads_objects"],
        "role_source_permission_missing",
        |setup| {
            let actions = json!(["s3:GetObjectVersion", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]);
            setup.role_policy(|policy| policy["Statement"][1]["Action"] = actions).await;
        }
    ),
    fault!(
        "the role may not read ACLs",
        Fails("SrcGetAclNotPermitted"),
        ["role_reads_acls"],
        "role_source_permission_missing",
        |setup| {
            let actions = json!(["s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"]);
            setup.role_policy(|policy| policy["Statement"][1]["Action"] = actions).await;
        }
    ),
    fault!(
        "the role reads objects under the bucket's ARN",
        Fails("SrcGetObjectNotPermitted"),
        ["role_policy_well_formed", "role_reads_objects", "role_reads_acls", "role_reads_tags"],
        "policy_malformed",
        |setup| {
            let resource = json!(format!("arn:aws:s3:::{SOURCE}"));
            setup.role_policy(|policy| policy["Statement"][1]["Resource"] = resource).await;
        }
    ),
    fault!(
        "the role may not decrypt",
        Fails("SrcGetObjectNotPermitted"),
        ["role_decrypts_source"],
        "role_kms_permission_missing",
        |setup| setup.role_policy(|policy| remove(policy, "DecryptSource")).await
    ),
    fault!(
        "the role decrypts through the destination's Region",
        Fails("SrcGetObjectNotPermitted"),
        ["role_decrypts_source"],
        "role_kms_permission_missing",
        |setup| {
            setup
                .role_policy(|policy| {
                    policy["Statement"][2]["Condition"]["StringLike"]["kms:ViaService"] =
                        json!("s3.us-east-1.amazonaws.com");
                })
                .await;
        }
    ),
    fault!(
        "the role may not write replicas",
        Fails("DstPutObjectNotPermitted"),
        ["role_replicates_objects"],
        "role_destination_permission_missing",
        |setup| {
            let actions = json!(["s3:ReplicateDelete", "s3:ReplicateTags", "s3:ObjectOwnerOverrideToBucketOwner"]);
            setup.role_policy(|policy| policy["Statement"][3]["Action"] = actions).await;
        }
    ),
    fault!(
        "the role may not encrypt",
        Fails("DstPutObjectNotPermitted"),
        ["role_encrypts_destination"],
        "role_kms_permission_missing",
        |setup| setup.role_policy(|policy| remove(policy, "EncryptReplicas0")).await
    ),
    fault!(
        "the role's own policy denies replication",
        Fails("DstPutObjectNotPermitted"),
        ["role_no_deny"],
        "role_explicit_deny",
        |setup| setup.role_policy(|policy| push(policy, deny(None, "s3:ReplicateObject", REPLICA))).await
    ),
    fault!(
        "a permissions boundary leaves out KMS",
        Fails("SrcGetObjectNotPermitted"),
        ["role_boundary_allows"],
        "permissions_boundary",
        |setup| {
            let only_s3 = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
            setup.boundary(&json!({"Version": "2012-10-17", "Statement": [only_s3]})).await;
        }
    ),
    fault!("the role may do everything in S3", Arrives, ["role_least_privilege"], "", |setup| {
        let all = json!({"Sid": "All", "Effect": "Allow", "Action": "s3:*", "Resource": "*"});
        setup.role_policy(|policy| push(policy, all)).await;
    }),
    fault!(
        "the role's policy has an action that does not exist",
        Fails("DstPutObjectNotPermitted"),
        ["role_policy_well_formed", "role_replicates_objects"],
        "policy_malformed",
        |setup| {
            let actions = json!(["s3:ReplicateObjectTagsToBucketOwner", "s3:ReplicateTags", "s3:ReplicateDelete"]);
            setup.role_policy(|policy| policy["Statement"][3]["Action"] = actions).await;
        }
    ),
    fault!(
        "the destination bucket has no policy",
        Fails("DstPutObjectNotPermitted"),
        ["destination_policy_present"],
        "destination_policy_missing",
        |setup| setup.replica.delete_bucket_policy().bucket(REPLICA).send().await.expect("S3 removes it")
    ),
    fault!(
        "the destination's policy grants tags only",
        Fails("DstPutObjectNotPermitted"),
        ["destination_policy_lets_replicate"],
        "destination_policy_missing",
        |setup| {
            let actions = json!(["s3:ReplicateTags", "s3:ReplicateDelete", "s3:ObjectOwnerOverrideToBucketOwner"]);
            setup.bucket_policy(|policy| policy["Statement"][0]["Action"] = actions).await;
        }
    ),
    fault!(
        "the destination's policy is for objects under another prefix only",
        Fails("DstPutObjectNotPermitted"),
        ["destination_policy_lets_replicate"],
        "destination_policy_missing",
        |setup| {
            let resource = json!(format!("arn:aws:s3:::{REPLICA}/orders/*"));
            setup.bucket_policy(|policy| policy["Statement"][0]["Resource"] = resource).await;
        }
    ),
    fault!(
        "a Deny on s3:Replicate* for the role",
        Fails("DstPutObjectNotPermitted"),
        ["destination_policy_no_deny"],
        "destination_policy_denies",
        |setup| {
            let statement = deny(Some(&setup.role), "s3:Replicate*", REPLICA);
            setup.bucket_policy(|policy| push(policy, statement)).await;
        }
    ),
    fault!(
        "a Deny on what does not come through an endpoint",
        Fails("DstPutObjectNotPermitted"),
        ["destination_policy_no_deny"],
        "destination_policy_denies",
        |setup| deny_unless(setup, "s3:ReplicateObject", json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}))
            .await
    ),
    fault!(
        "a Deny on replicas under another key",
        Fails("DstPutObjectNotPermitted"),
        ["destination_policy_no_deny"],
        "destination_policy_denies",
        |setup| {
            let other = "arn:aws:kms:us-east-1:222222222222:key/other";
            let condition = json!({"StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": other}});
            deny_unless(setup, "s3:ReplicateObject", condition).await;
        }
    ),
    fault!(
        "a Deny without multi-factor authentication",
        Fails("DstPutObjectNotPermitted"),
        ["destination_policy_no_deny"],
        "destination_policy_denies",
        |setup| {
            let condition = json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}});
            deny_unless(setup, "s3:ReplicateObject", condition).await;
        }
    ),
    fault!(
        "the source's policy denies the role to read",
        Fails("SrcGetObjectNotPermitted"),
        ["source_policy_no_deny"],
        "role_source_permission_missing",
        |setup| {
            let statement = deny(Some(&setup.role), "s3:GetObjectVersion*", SOURCE);
            let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
            setup.source.put_bucket_policy().bucket(SOURCE).policy(policy).send().await.expect("S3 takes the policy")
        }
    ),
    fault!("the role may not read tags", Arrives, ["role_reads_tags"], "", |setup| {
        let actions = json!(["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl"]);
        setup.role_policy(|policy| policy["Statement"][1]["Action"] = actions).await;
    }),
    fault!(
        "the role may not hand replicas over where writers own them",
        Fails("DstPutObjectNotPermitted"),
        ["role_changes_owner"],
        "owner_override_not_permitted",
        |setup| {
            setup.writers_own().await;
            let actions = json!(["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"]);
            setup.role_policy(|policy| policy["Statement"][3]["Action"] = actions).await;
        }
    ),
    fault!(
        "the destination's policy does not let replicas be handed over where writers own them",
        Fails("DstPutObjectNotPermitted"),
        ["destination_policy_lets_change_owner"],
        "owner_override_not_permitted",
        |setup| {
            setup.writers_own().await;
            let actions = json!(["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"]);
            setup.bucket_policy(|policy| policy["Statement"][0]["Action"] = actions).await;
        }
    ),
    fault!(
        "the role's policy names the source key by alias",
        Fails("SrcGetObjectNotPermitted"),
        ["role_policy_keys_by_arn", "role_decrypts_source"],
        "role_kms_permission_missing",
        |setup| {
            let alias = json!(format!("arn:aws:kms:ap-south-1:{SOURCE_ACCOUNT}:alias/{SOURCE}"));
            setup.role_policy(|policy| policy["Statement"][2]["Resource"] = alias).await;
        }
    ),
    fault!("the role has its rights from an attached policy", Arrives, [], "", |setup| {
        let inline = setup.iam.get_role_policy().role_name(ROLE).policy_name("replication").send().await;
        let document = percent_decoded(inline.expect("the role's policy").policy_document());
        let create = setup.iam.create_policy().policy_name("replication").policy_document(document);
        let policy = create.send().await.expect("a policy").policy.expect("a policy");
        let attach = setup.iam.attach_role_policy().role_name(ROLE).policy_arn(policy.arn().expect("an ARN"));
        attach.send().await.expect("IAM attaches it");
        let delete = setup.iam.delete_role_policy().role_name(ROLE).policy_name("replication");
        delete.send().await.expect("IAM removes it")
    }),
    fault!("a Deny on what is not sent over TLS catches nothing", Arrives, [], "", |setup| {
        deny_unless(setup, "s3:*", json!({"Bool": {"aws:SecureTransport": "false"}})).await;
    }),
    fault!("a Deny on s3:PutObject does not touch replication", Arrives, [], "", |setup| {
        let mut statement = deny(None, "s3:PutObject", REPLICA);
        statement["Principal"] = json!("*");
        setup.bucket_policy(|policy| push(policy, statement)).await;
    }),
];

/// A statement that denies an action on a bucket's objects, to one role, to everybody in a bucket's policy, or to
/// whoever has the policy.
fn deny(role: Option<&str>, action: &str, bucket: &str) -> Value {
    let mut statement = json!({
        "Sid": "No", "Effect": "Deny", "Action": action, "Resource": format!("arn:aws:s3:::{bucket}/*"),
    });
    if let Some(role) = role {
        statement["Principal"] = json!({ "AWS": role });
    }
    statement
}

/// Denies to everybody what meets a condition.
async fn deny_unless(setup: &crate::setup::Setup, action: &str, condition: Value) {
    let mut statement = deny(None, action, REPLICA);
    statement["Principal"] = json!("*");
    statement["Condition"] = condition;
    setup.bucket_policy(|policy| push(policy, statement)).await;
}
