//! Reads the default encryption of a bucket.

use super::super::bucket::S3Bucket;
use super::Read;
use crate::domain::audit::facts::{DefaultEncryption, Fact};

const ENCRYPTION: Read = Read::s3(
    "GetBucketEncryption",
    "s3:GetEncryptionConfiguration",
    &["ServerSideEncryptionConfigurationNotFoundError"],
);

pub(super) async fn encryption(bucket: &S3Bucket) -> Fact<Option<DefaultEncryption>> {
    let request = || {
        bucket.client().get_bucket_encryption().bucket(bucket.name()).set_expected_bucket_owner(bucket.owner()).send()
    };
    let answer = bucket.read(ENCRYPTION, request).await?;
    let rules = answer.and_then(|answer| answer.server_side_encryption_configuration).map(|it| it.rules);
    Ok(rules.unwrap_or_default().into_iter().find_map(|rule| {
        let default = rule.apply_server_side_encryption_by_default?;
        Some(DefaultEncryption {
            algorithm: default.sse_algorithm.as_str().to_owned(),
            key: default.kms_master_key_id.filter(|key| !key.is_empty()),
            bucket_key: rule.bucket_key_enabled.unwrap_or_default(),
        })
    }))
}
