//! Reads how replication is set up at a bucket.

use std::collections::BTreeMap;

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::{
    DeleteMarkerReplicationStatus, Destination, MetricsStatus, OwnerOverride, ReplicaModificationsStatus,
    ReplicationConfiguration, ReplicationRule, ReplicationRuleFilter, ReplicationRuleStatus, ReplicationTimeStatus,
    SseKmsEncryptedObjectsStatus, Tag,
};

use super::bucket::S3Bucket;
use crate::cloud::{CloudError, SetupSource};
use crate::domain::replication::{Filter, Replication, Rule};

const OPERATION: &str = "GetBucketReplication";
/// The code of a bucket without a replication configuration (`GetBucketReplication`, S3 API reference).
const NOT_CONFIGURED: &str = "ReplicationConfigurationNotFoundError";
const BUCKET_ARN: &str = ":s3:::";

impl SetupSource for S3Bucket {
    async fn replication(&self) -> Result<Option<Replication>, CloudError> {
        let request =
            self.client().get_bucket_replication().bucket(self.name()).set_expected_bucket_owner(self.owner());
        self.call(OPERATION, async {
            match request.send().await {
                Ok(answer) => Ok(answer.replication_configuration.map(replication)),
                Err(error) if error.code() == Some(NOT_CONFIGURED) => Ok(None),
                Err(error) => Err(self.sort(OPERATION, error)),
            }
        })
        .await
    }
}

fn replication(seen: ReplicationConfiguration) -> Replication {
    Replication { role: seen.role, rules: seen.rules.into_iter().filter_map(rule).collect() }
}

/// Nothing when the rule names no bucket.
fn rule(seen: ReplicationRule) -> Option<Rule> {
    let destination = seen.destination.as_ref()?;
    let (_, bucket) = destination.bucket.split_once(BUCKET_ARN)?;
    let selection = seen.source_selection_criteria.as_ref();
    let kms = selection.and_then(|selection| selection.sse_kms_encrypted_objects.as_ref());
    let modifications = selection.and_then(|selection| selection.replica_modifications.as_ref());
    let markers = seen.delete_marker_replication.as_ref().and_then(|markers| markers.status.as_ref());
    Some(Rule {
        enabled: seen.status == ReplicationRuleStatus::Enabled,
        priority: seen.priority,
        bucket: bucket.to_owned(),
        account: destination.account.clone(),
        changes_owner: changes_owner(destination),
        storage_class: destination.storage_class.as_ref().map(|class| class.as_str().to_owned()),
        replica_key: destination.encryption_configuration.as_ref().and_then(|it| it.replica_kms_key_id.clone()),
        takes_kms_objects: kms.map(|kms| kms.status == SseKmsEncryptedObjectsStatus::Enabled),
        syncs_replicas: modifications.map(|it| it.status == ReplicaModificationsStatus::Enabled),
        replicates_markers: markers.map(|status| *status == DeleteMarkerReplicationStatus::Enabled),
        publishes_metrics: destination.metrics.as_ref().is_some_and(|it| it.status == MetricsStatus::Enabled),
        has_time_control: destination
            .replication_time
            .as_ref()
            .is_some_and(|it| it.status == ReplicationTimeStatus::Enabled),
        filter: filter(&seen),
        id: seen.id.unwrap_or_default(),
    })
}

fn changes_owner(destination: &Destination) -> bool {
    destination.access_control_translation.as_ref().is_some_and(|it| it.owner == OwnerOverride::Destination)
}

/// A rule of the first version has a prefix of its own in place of a filter.
#[expect(deprecated, reason = "rules of the first version are still in use")]
fn filter(seen: &ReplicationRule) -> Filter {
    let Some(filter) = &seen.filter else {
        return Filter { prefix: seen.prefix.clone().unwrap_or_default(), tags: BTreeMap::new() };
    };
    let ReplicationRuleFilter { prefix, tag, and, .. } = filter;
    let both = and.as_ref();
    let all = both.and_then(|and| and.tags.as_deref()).unwrap_or_default();
    let pair = |tag: &Tag| (tag.key.clone(), tag.value.clone());
    Filter {
        prefix: prefix.clone().or_else(|| both?.prefix.clone()).unwrap_or_default(),
        tags: tag.iter().chain(all).map(pair).collect(),
    }
}
