//! Faults of the two buckets: existence, versioning, encryption, public access, locks, and what harms canaries.

use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, DefaultRetention, Event, ExpirationStatus, LifecycleExpiration, LifecycleRule,
    LifecycleRuleFilter, NotificationConfiguration, ObjectLockConfiguration, ObjectLockEnabled,
    ObjectLockRetentionMode, ObjectLockRule, Payer, PublicAccessBlockConfiguration, RequestPaymentConfiguration,
    ServerSideEncryption, TopicConfiguration,
};
use serde_json::json;

use super::Fate::{Arrives, Fails, Refused};
use super::{Fault, fault};
use crate::setup::{REPLICA, REPLICA_ACCOUNT, SOURCE, SOURCE_ACCOUNT};

pub(super) const FAULTS: &[Fault] = &[
    fault!(
        "the destination bucket is gone",
        Fails("DstBucketNotFound"),
        ["destination_bucket_exists"],
        "destination_bucket_missing",
        |setup| { setup.replica.delete_bucket().bucket(REPLICA).send().await.expect("an empty bucket goes") }
    ),
    fault!(
        "versioning is suspended at the destination",
        Fails("DstBucketUnversioned"),
        ["destination_versioning_enabled"],
        "destination_versioning_off",
        |setup| setup.suspend_versioning().await
    ),
    fault!(
        "the source falls back to SSE-S3",
        Arrives,
        ["source_default_encryption"],
        "source_encryption_wrong",
        |setup| {
            setup.encrypt(&setup.source, SOURCE, ServerSideEncryption::Aes256, None, false).await;
        }
    ),
    fault!(
        "the source encrypts under another key",
        Fails("SrcGetObjectNotPermitted"),
        ["source_default_encryption"],
        "source_encryption_wrong",
        |setup| {
            let key = another_key(&setup.source_kms).await;
            setup.encrypt(&setup.source, SOURCE, ServerSideEncryption::AwsKms, Some(&key), false).await;
        }
    ),
    fault!(
        "the source's default encryption names its key by alias",
        Arrives,
        ["source_encryption_key_by_arn"],
        "",
        |setup| {
            let alias = format!("alias/{SOURCE}");
            setup.encrypt(&setup.source, SOURCE, ServerSideEncryption::AwsKms, Some(&alias), false).await;
        }
    ),
    fault!("the destination falls back to SSE-S3", Arrives, ["destination_default_encryption"], "", |setup| setup
        .encrypt(&setup.replica, REPLICA, ServerSideEncryption::Aes256, None, false)
        .await),
    fault!(
        "the destination does not block public access",
        Arrives,
        ["destination_public_access_blocked"],
        "",
        |setup| {
            setup.replica.delete_public_access_block().bucket(REPLICA).send().await.expect("S3 removes the block")
        }
    ),
    fault!("the source does not block public access", Arrives, ["source_public_access_blocked"], "", |setup| {
        setup.source.delete_public_access_block().bucket(SOURCE).send().await.expect("S3 removes the block")
    }),
    fault!(
        "a public statement under RestrictPublicBuckets",
        Fails("DstPutObjectNotPermitted"),
        ["public_policy_not_restricted", "destination_public_access_blocked"],
        "destination_public_policy",
        |setup| {
            let restricted = PublicAccessBlockConfiguration::builder()
                .block_public_policy(false)
                .restrict_public_buckets(true)
                .block_public_acls(true)
                .ignore_public_acls(true)
                .build();
            let put = setup.replica.put_public_access_block().bucket(REPLICA);
            put.public_access_block_configuration(restricted).send().await.expect("S3 takes the block");
            let public = json!({
                "Sid": "Public", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                "Resource": format!("arn:aws:s3:::{REPLICA}/public/*"),
            });
            setup.bucket_policy(|policy| push(policy, public)).await;
        }
    ),
    fault!(
        "a public statement, and the account restricts public buckets",
        Fails("DstPutObjectNotPermitted"),
        ["public_policy_not_restricted", "destination_public_access_blocked"],
        "destination_public_policy",
        |setup| {
            setup.replica.delete_public_access_block().bucket(REPLICA).send().await.expect("S3 removes the block");
            let public = json!({
                "Sid": "Public", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                "Resource": format!("arn:aws:s3:::{REPLICA}/public/*"),
            });
            setup.bucket_policy(|policy| push(policy, public)).await;
            let restricted = PublicAccessBlockConfiguration::builder().restrict_public_buckets(true).build();
            setup.block_account(restricted).await;
        }
    ),
    fault!(
        "the requester pays at the destination",
        Fails("DstPutObjectNotPermitted"),
        ["destination_requester_pays_off"],
        "destination_requester_pays",
        |setup| {
            let payment = RequestPaymentConfiguration::builder().payer(Payer::Requester).build().expect("a payer");
            let put = setup.replica.put_bucket_request_payment().bucket(REPLICA);
            put.request_payment_configuration(payment).send().await.expect("S3 takes it")
        }
    ),
    fault!(
        "default retention at the destination",
        Arrives,
        ["destination_canaries_not_locked"],
        "canary_undeletable",
        |setup| lock(&setup.replica, REPLICA).await
    ),
    fault!(
        "object lock at the source only",
        Fails("DstBucketObjectLockConfigMissing"),
        ["object_lock_compatible", "source_canaries_not_locked"],
        "object_lock_mismatch",
        |setup| {
            let reads = json!({
                "Sid": "ReadLocks", "Effect": "Allow", "Action": ["s3:GetObjectRetention", "s3:GetObjectLegalHold"],
                "Resource": format!("arn:aws:s3:::{SOURCE}/*"),
            });
            setup.role_policy(|policy| push(policy, reads)).await;
            lock(&setup.source, SOURCE).await;
        }
    ),
    fault!(
        "default retention at the source, and the role may not read it",
        Fails("SrcGetRetentionNotPermitted"),
        ["role_reads_locks", "source_canaries_not_locked"],
        "object_lock_mismatch",
        |setup| {
            lock(&setup.source, SOURCE).await;
            lockable(&setup.replica, REPLICA).await;
        }
    ),
    fault!(
        "the source bucket is gone",
        Refused("NoSuchBucket"),
        ["source_bucket_exists"],
        "source_bucket_missing",
        |setup| setup.source.delete_bucket().bucket(SOURCE).send().await.expect("an empty bucket goes")
    ),
    fault!("the prefix holds other objects at the source", Arrives, ["source_prefix_is_ours"], "", |setup| {
        let put = setup.source.put_object().bucket(SOURCE).key("replicanary/report.csv");
        put.metadata("of", "somebody else").send().await.expect("S3 takes an object")
    }),
    fault!(
        "lifecycle expires canaries at the destination within a day",
        Arrives,
        ["destination_lifecycle_spares_canaries"],
        "",
        |setup| expire(&setup.replica, REPLICA).await
    ),
    fault!(
        "lifecycle expires canaries at the source within a day",
        Arrives,
        ["source_lifecycle_spares_canaries"],
        "",
        |setup| expire(&setup.source, SOURCE).await
    ),
    fault!(
        "a topic is told of every object at the destination",
        Arrives,
        ["destination_notifications_spare_canaries"],
        "",
        |setup| {
            let topic = TopicConfiguration::builder()
                .topic_arn("arn:aws:sns:us-east-1:222222222222:uploads")
                .events(Event::from("s3:ObjectCreated:*"))
                .build()
                .expect("a topic");
            let all = NotificationConfiguration::builder().topic_configurations(topic).build();
            let put = setup.replica.put_bucket_notification_configuration().bucket(REPLICA);
            put.notification_configuration(all).send().await.expect("S3 takes the notification")
        }
    ),
    fault!("the prefix holds other objects at the destination", Arrives, ["destination_prefix_is_ours"], "", |setup| {
        let put = setup.replica.put_object().bucket(REPLICA).key("replicanary/report.csv");
        put.send().await.expect("S3 takes an object")
    }),
    fault!("object writers own what they write, and the rule leaves it so", Arrives, ["replica_owner"], "", |setup| {
        setup.writers_own().await;
        setup
            .rule(|rule| {
                if let Some(destination) = rule.destination.as_mut() {
                    destination.access_control_translation = None;
                }
            })
            .await;
    }),
    fault!(
        "the destination's policy forbids to delete versions",
        Arrives,
        ["destination_lets_delete_canaries"],
        "canary_undeletable",
        |setup| {
            let deny = json!({
                "Sid": "Keep", "Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObjectVersion",
                "Resource": format!("arn:aws:s3:::{REPLICA}/*"),
            });
            setup.bucket_policy(|policy| push(policy, deny)).await;
        }
    ),
    fault!(
        "the destination bucket belongs to somebody else now",
        Fails("DstPutObjectNotPermitted"),
        ["destination_account_as_configured"],
        "destination_account_wrong",
        |setup| {
            setup.replica.delete_bucket().bucket(REPLICA).send().await.expect("an empty bucket goes");
            let taker = setup.s3_in(SOURCE_ACCOUNT, "us-east-1");
            taker.create_bucket().bucket(REPLICA).send().await.expect("a free name");
            let enabled = aws_sdk_s3::types::VersioningConfiguration::builder()
                .status(aws_sdk_s3::types::BucketVersioningStatus::Enabled)
                .build();
            let look = json!({
                "Sid": "Look", "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{REPLICA_ACCOUNT}:root")},
                "Action": ["s3:ListBucket", "s3:Get*"], "Resource": format!("arn:aws:s3:::{REPLICA}"),
            });
            let policy = json!({"Version": "2012-10-17", "Statement": [look]}).to_string();
            taker.put_bucket_policy().bucket(REPLICA).policy(policy).send().await.expect("S3 takes the policy");
            let put = taker.put_bucket_versioning().bucket(REPLICA).versioning_configuration(enabled);
            put.send().await.expect("S3 enables versioning")
        }
    ),
];

async fn another_key(kms: &aws_sdk_kms::Client) -> String {
    let created = kms.create_key().send().await.expect("a key").key_metadata.expect("a key");
    created.arn.expect("an ARN")
}

/// Adds a statement.
pub(super) fn push(policy: &mut serde_json::Value, statement: serde_json::Value) {
    policy["Statement"].as_array_mut().expect("statements").push(statement);
}

async fn lock(s3: &aws_sdk_s3::Client, bucket: &str) {
    let retention = DefaultRetention::builder().mode(ObjectLockRetentionMode::Governance).days(30).build();
    let lock = ObjectLockConfiguration::builder()
        .object_lock_enabled(ObjectLockEnabled::Enabled)
        .rule(ObjectLockRule::builder().default_retention(retention).build())
        .build();
    let put = s3.put_object_lock_configuration().bucket(bucket).object_lock_configuration(lock);
    put.send().await.expect("S3 takes the lock");
}

/// Object lock without retention of its own.
async fn lockable(s3: &aws_sdk_s3::Client, bucket: &str) {
    let lock = ObjectLockConfiguration::builder().object_lock_enabled(ObjectLockEnabled::Enabled).build();
    let put = s3.put_object_lock_configuration().bucket(bucket).object_lock_configuration(lock);
    put.send().await.expect("S3 takes the lock");
}

async fn expire(s3: &aws_sdk_s3::Client, bucket: &str) {
    let rule = LifecycleRule::builder()
        .id("tidy")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("").build())
        .expiration(LifecycleExpiration::builder().days(1).build())
        .build()
        .expect("a rule");
    let all = BucketLifecycleConfiguration::builder().rules(rule).build().expect("one rule");
    let put = s3.put_bucket_lifecycle_configuration().bucket(bucket).lifecycle_configuration(all);
    put.send().await.expect("S3 takes the rule");
}
