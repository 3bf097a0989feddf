//! Describes KMS keys, with the credentials, the Region and the endpoint of the side that needs them.

use aws_sdk_kms::types::KeyMetadata;

use super::bucket::S3Bucket;
use super::error::bad_answer;
use crate::cloud::{CloudError, KeySource};
use crate::domain::key::{KeyFacts, KeyManager, KeyState};
use crate::domain::name::{AccountId, KmsKey, Region};
use crate::domain::time::UnixMillis;

const OPERATION: &str = "DescribeKey";

impl KeySource for S3Bucket {
    async fn describe_key(&self, key: &KmsKey) -> Result<KeyFacts, CloudError> {
        let request = self.kms().describe_key().key_id(key.as_str());
        self.call_service("kms", OPERATION, async {
            let answer = request.send().await.map_err(|error| self.sort(OPERATION, error))?;
            let facts = answer.key_metadata.and_then(facts);
            facts.ok_or_else(|| bad_answer(OPERATION, "success without a key's ARN: something else answered"))
        })
        .await
    }
}

/// Nothing when the answer has no ARN: then it is not from KMS.
fn facts(metadata: KeyMetadata) -> Option<KeyFacts> {
    let arn = metadata.arn.filter(|arn| arn.starts_with("arn:"))?;
    let field = |place| arn.split(':').nth(place).filter(|field| !field.is_empty());
    let millis = |date: aws_smithy_types::DateTime| date.to_millis().ok().and_then(|millis| u64::try_from(millis).ok());
    Some(KeyFacts {
        account: metadata.aws_account_id.as_deref().or_else(|| field(4)).map(AccountId::new),
        region: field(3).map(Region::new),
        state: metadata.key_state.map_or(KeyState::Other, |state| KeyState::parse(state.as_str())),
        deletion: metadata.deletion_date.and_then(millis).map(UnixMillis),
        manager: metadata.key_manager.map_or(KeyManager::Other, |manager| KeyManager::parse(manager.as_str())),
        spec: metadata.key_spec.map(|spec| spec.as_str().to_owned()),
        usage: metadata.key_usage.map(|usage| usage.as_str().to_owned()),
        multi_region: metadata.multi_region.unwrap_or_default(),
        arn: KmsKey::new(&arn),
    })
}
