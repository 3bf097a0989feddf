//! Reads KMS keys: what they are, their policies, and the grants on them.

use aws_sdk_kms::types::{GrantListEntry, KeyMetadata};
use aws_smithy_types::DateTime;

use super::super::bucket::S3Bucket;
use super::Read;
use crate::cloud::KeyAudit;
use crate::domain::audit::facts::{Fact, Grant, KeyDescription};
use crate::domain::object::Trouble;

const DESCRIBE: Read = Read::kms("DescribeKey", "kms:DescribeKey", &["NotFoundException"]);
const POLICY: Read = Read::kms("GetKeyPolicy", "kms:GetKeyPolicy", &[]);
const GRANTS: Read = Read::kms("ListGrants", "kms:ListGrants", &[]);

/// The most pages of grants that are read of one key, a hundred grants each.
const PAGES_MAX: usize = 10;
const PAGE_GRANTS_MAX: i32 = 100;

impl KeyAudit for S3Bucket {
    async fn describe(&self, key: &str) -> Fact<Option<KeyDescription>> {
        let Some(answer) = self.read(DESCRIBE, || self.kms().describe_key().key_id(key).send()).await? else {
            return Ok(None);
        };
        let described = answer.key_metadata.and_then(description);
        let strange = || DESCRIBE.unread(Trouble::BadAnswer, "success without a key's ARN: something else answered");
        described.map(Some).ok_or_else(strange)
    }

    async fn key_policy(&self, key: &str) -> Fact<String> {
        let answer = self.read_whole(POLICY, || self.kms().get_key_policy().key_id(key).send()).await?;
        answer.policy.ok_or_else(|| POLICY.unread(Trouble::BadAnswer, "success without a policy"))
    }

    async fn grants(&self, key: &str, grantee: Option<&str>) -> Fact<Vec<Grant>> {
        let mut grants = Vec::new();
        let mut marker: Option<String> = None;
        for _ in 0..PAGES_MAX {
            let request = || {
                let request = self.kms().list_grants().key_id(key).limit(PAGE_GRANTS_MAX);
                request.set_grantee_principal(grantee.map(str::to_owned)).set_marker(marker.clone()).send()
            };
            let answer = self.read_whole(GRANTS, request).await?;
            grants.extend(answer.grants.unwrap_or_default().into_iter().map(grant));
            marker = answer.next_marker.filter(|_| answer.truncated);
            if marker.is_none() {
                return Ok(grants);
            }
        }
        Err(GRANTS.unread(Trouble::BadAnswer, "the key has more grants than are read"))
    }
}

/// Nothing when the answer has no ARN: then it is not from KMS.
fn description(seen: KeyMetadata) -> Option<KeyDescription> {
    let arn = seen.arn.filter(|arn| arn.starts_with("arn:"))?;
    let field = |place| arn.split(':').nth(place).unwrap_or_default().to_owned();
    Some(KeyDescription {
        account: seen.aws_account_id.unwrap_or_else(|| field(4)),
        region: field(3),
        state: seen.key_state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        deletion_ms: seen.deletion_date.as_ref().and_then(millis),
        manager: seen.key_manager.map(|manager| manager.as_str().to_owned()).unwrap_or_default(),
        spec: seen.key_spec.map(|spec| spec.as_str().to_owned()).unwrap_or_default(),
        usage: seen.key_usage.map(|usage| usage.as_str().to_owned()).unwrap_or_default(),
        multi_region: seen.multi_region.unwrap_or_default(),
        arn,
    })
}

fn grant(seen: GrantListEntry) -> Grant {
    let constraints = seen.constraints.as_ref();
    let equals = constraints.and_then(|it| it.encryption_context_equals.clone()).unwrap_or_default();
    let subset = constraints.and_then(|it| it.encryption_context_subset.clone()).unwrap_or_default();
    Grant {
        grantee: seen.grantee_principal.or(seen.grantee_service_principal).unwrap_or_default(),
        operations: seen.operations.unwrap_or_default().iter().map(|it| it.as_str().to_owned()).collect(),
        context_equals: equals.into_iter().collect(),
        context_subset: subset.into_iter().collect(),
    }
}

/// Milliseconds since the Unix epoch.
pub(super) fn millis(date: &DateTime) -> Option<u64> {
    date.to_millis().ok().and_then(|millis| u64::try_from(millis).ok())
}
