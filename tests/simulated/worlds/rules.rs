//! Faults of the replication configuration: what it takes, where to, and how.

use aws_sdk_s3::types::{
    DeleteMarkerReplication, DeleteMarkerReplicationStatus, Metrics, MetricsStatus, ReplicationRule,
    ReplicationRuleFilter, ReplicationRuleStatus, ReplicationTime, ReplicationTimeStatus, ReplicationTimeValue,
    SseKmsEncryptedObjectsStatus, StorageClass, Tag,
};

use super::Fate::{Arrives, Fails, Untaken};
use super::{Fault, fault};
use crate::setup::{SOURCE, Setup};

pub(super) const FAULTS: &[Fault] = &[
    fault!(
        "the configuration is gone",
        Untaken,
        ["replication_configured"],
        "replication_configuration_missing",
        |setup| setup.source.delete_bucket_replication().bucket(SOURCE).send().await.expect("S3 removes it")
    ),
    fault!("the rule is disabled", Untaken, ["rule_enabled"], "rule_disabled", |setup| {
        setup.rule(|rule| rule.status = ReplicationRuleStatus::Disabled).await;
    }),
    fault!("the rule is for another prefix", Untaken, ["rule_covers_canary"], "rule_filter_mismatch", |setup| {
        let other = ReplicationRuleFilter::builder().prefix("orders/").build();
        setup.rule(|rule| rule.filter = Some(other)).await;
    }),
    fault!("the rule asks for a tag", Untaken, ["rule_covers_canary"], "rule_filter_mismatch", |setup| {
        let tag = Tag::builder().key("replicate").value("yes").build().expect("a tag");
        let tagged = ReplicationRuleFilter::builder().tag(tag).build();
        let kept = DeleteMarkerReplication::builder().status(DeleteMarkerReplicationStatus::Disabled).build();
        setup
            .rule(|rule| {
                rule.filter = Some(tagged);
                rule.delete_marker_replication = Some(kept);
            })
            .await;
    }),
    fault!("the rule leaves out SSE-KMS objects", Untaken, ["rule_takes_kms_objects"], "kms_opt_in_missing", |setup| {
        setup
            .rule(|rule| {
                rule.source_selection_criteria = None;
                if let Some(destination) = rule.destination.as_mut() {
                    destination.encryption_configuration = None;
                }
            })
            .await;
    }),
    fault!(
        "the rule says Disabled for SSE-KMS objects",
        Untaken,
        ["rule_takes_kms_objects"],
        "kms_opt_in_missing",
        |setup| {
            setup
                .rule(|rule| {
                    let selection = rule.source_selection_criteria.as_mut();
                    if let Some(objects) = selection.and_then(|it| it.sse_kms_encrypted_objects.as_mut()) {
                        objects.status = SseKmsEncryptedObjectsStatus::Disabled;
                    }
                })
                .await;
        }
    ),
    fault!(
        "the rule leads to another bucket",
        Fails("DstPutObjectNotPermitted"),
        ["rule_leads_to_destination"],
        "rule_for_destination_missing",
        |setup| {
            setup.other_destination("acme-elsewhere-us-east-1").await;
        }
    ),
    fault!(
        "a rule of higher priority to the same bucket has no KMS opt-in",
        Untaken,
        ["rule_not_shadowed", "rule_takes_kms_objects"],
        "rule_shadowed",
        |setup| {
            second(setup, |first| {
                first.source_selection_criteria = None;
                if let Some(destination) = first.destination.as_mut() {
                    destination.encryption_configuration = None;
                }
            })
            .await;
        }
    ),
    fault!(
        "a rule of higher priority to the same bucket names another key",
        Fails("DstPutObjectNotPermitted"),
        ["rule_not_shadowed", "rule_replica_key_as_configured"],
        "rule_shadowed",
        |setup| {
            let key = setup.replica_kms.create_key().send().await.expect("a key").key_metadata.expect("a key").arn;
            second(setup, |first| {
                let destination = first.destination.as_mut();
                if let Some(encryption) = destination.and_then(|it| it.encryption_configuration.as_mut()) {
                    encryption.replica_kms_key_id = key;
                }
            })
            .await;
        }
    ),
    fault!("a rule of higher priority to the same bucket does the same", Arrives, [], "", |setup| {
        second(setup, |_| {}).await;
    }),
    fault!(
        "the rule names another account",
        Fails("DstPutObjectNotPermitted"),
        ["rule_account"],
        "destination_account_wrong",
        |setup| {
            setup
                .rule(|rule| {
                    if let Some(destination) = rule.destination.as_mut() {
                        destination.account = Some("333333333333".to_owned());
                    }
                })
                .await;
        }
    ),
    fault!("the rule promises a time of arrival", Arrives, [], "", |setup| {
        let quarter = ReplicationTimeValue::builder().minutes(15).build();
        let time = ReplicationTime::builder().status(ReplicationTimeStatus::Enabled).time(quarter.clone());
        let time = time.build().expect("a promise");
        let metrics = Metrics::builder().status(MetricsStatus::Enabled).event_threshold(quarter);
        let metrics = metrics.build().expect("metrics");
        setup
            .rule(|rule| {
                if let Some(destination) = rule.destination.as_mut() {
                    destination.replication_time = Some(time);
                    destination.metrics = Some(metrics);
                }
            })
            .await;
    }),
    fault!("the rule publishes no metrics", Arrives, ["rule_publishes_metrics"], "", |setup| {
        setup
            .rule(|rule| {
                if let Some(metrics) = rule.destination.as_mut().and_then(|it| it.metrics.as_mut()) {
                    metrics.status = MetricsStatus::Disabled;
                }
            })
            .await;
    }),
    fault!("the rule writes replicas as STANDARD_IA", Arrives, ["rule_storage_class"], "", |setup| {
        setup
            .rule(|rule| {
                if let Some(destination) = rule.destination.as_mut() {
                    destination.storage_class = Some(StorageClass::StandardIa);
                }
            })
            .await;
    }),
    fault!(
        "the rule writes replicas to the archive",
        Arrives,
        ["replicas_readable", "rule_storage_class"],
        "",
        |setup| {
            setup
                .rule(|rule| {
                    if let Some(destination) = rule.destination.as_mut() {
                        destination.storage_class = Some(StorageClass::DeepArchive);
                    }
                })
                .await;
        }
    ),
    fault!("the rule names no account and no change of owner", Arrives, [], "", |setup| {
        setup
            .rule(|rule| {
                if let Some(destination) = rule.destination.as_mut() {
                    destination.account = None;
                    destination.access_control_translation = None;
                }
            })
            .await;
    }),
    fault!(
        "the configuration names another role",
        Fails("AssumeRoleNotPermitted"),
        ["role_exists"],
        "role_missing",
        |setup| {
            setup.configuration(|it| it.role = "arn:aws:iam::111111111111:role/no-such-role".to_owned()).await;
        }
    ),
    fault!(
        "the rule replicates delete markers and nobody lets it",
        Arrives,
        ["role_replicates_deletes"],
        "role_destination_permission_missing",
        |setup| {
            let on = DeleteMarkerReplication::builder().status(DeleteMarkerReplicationStatus::Enabled).build();
            setup.rule(|rule| rule.delete_marker_replication = Some(on)).await;
            let actions = serde_json::json!(["s3:ReplicateObject", "s3:ReplicateTags"]);
            setup.role_policy(|policy| policy["Statement"][3]["Action"] = actions).await;
        }
    ),
];

/// Adds a second rule to the same bucket, with a higher priority.
async fn second(setup: &Setup, edit: impl FnOnce(&mut ReplicationRule)) {
    setup
        .configuration(|configuration| {
            let mut first = configuration.rules[0].clone();
            first.id = Some("shadow".to_owned());
            first.priority = Some(9);
            edit(&mut first);
            configuration.rules.push(first);
        })
        .await;
}
