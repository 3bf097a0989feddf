//! Reads how replication is set up at a bucket.

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::{ReplicationRule, ReplicationRuleStatus};

use super::bucket::S3Bucket;
use crate::cloud::{CloudError, RuleSeen, SetupSource};
use crate::domain::name::{Bucket, KmsKey};

const OPERATION: &str = "GetBucketReplication";
/// The code of a bucket without a replication configuration (`GetBucketReplication`, S3 API reference).
const NOT_CONFIGURED: &str = "ReplicationConfigurationNotFoundError";
const BUCKET_ARN: &str = ":s3:::";

impl SetupSource for S3Bucket {
    async fn replication_rules(&self) -> Result<Vec<RuleSeen>, CloudError> {
        let request =
            self.client().get_bucket_replication().bucket(self.name()).set_expected_bucket_owner(self.owner());
        self.call(OPERATION, async {
            match request.send().await {
                Ok(answer) => {
                    let rules = answer.replication_configuration.map(|configuration| configuration.rules);
                    Ok(rules.unwrap_or_default().into_iter().filter_map(rule_seen).collect())
                }
                Err(error) if error.code() == Some(NOT_CONFIGURED) => Ok(Vec::new()),
                Err(error) => Err(self.sort(OPERATION, error)),
            }
        })
        .await
    }
}

/// What a rule says of replicas; nothing when it names no bucket.
fn rule_seen(rule: ReplicationRule) -> Option<RuleSeen> {
    let destination = rule.destination?;
    let (_, bucket) = destination.bucket.split_once(BUCKET_ARN)?;
    Some(RuleSeen {
        enabled: rule.status == ReplicationRuleStatus::Enabled,
        destination: Bucket::new(bucket),
        replica_key: destination
            .encryption_configuration
            .and_then(|encryption| encryption.replica_kms_key_id)
            .map(|key| KmsKey::new(&key)),
    })
}
