//! Reads the settings of a bucket, one call each.

use aws_sdk_s3::types::{MfaDeleteStatus, Payer, PublicAccessBlockConfiguration};

use super::super::bucket::S3Bucket;
use super::{Read, account_block, encryption, lifecycle, lock, notifications, whereabouts};
use crate::cloud::{BucketSettings, Whereabouts};
use crate::domain::audit::facts::{
    DefaultEncryption, Fact, LifecycleRule, Notifications, ObjectLock, PublicAccessBlock, Unread, Versioning,
};
use crate::domain::object::Trouble;

const NO_POLICY: &[&str] = &["NoSuchBucketPolicy"];
const VERSIONING: Read = Read::s3("GetBucketVersioning", "s3:GetBucketVersioning", &[]);
const PUBLIC_ACCESS: Read =
    Read::s3("GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock", &["NoSuchPublicAccessBlockConfiguration"]);
const POLICY_STATUS: Read = Read::s3("GetBucketPolicyStatus", "s3:GetBucketPolicyStatus", NO_POLICY);
const POLICY: Read = Read::s3("GetBucketPolicy", "s3:GetBucketPolicy", NO_POLICY);
const OWNERSHIP: Read =
    Read::s3("GetBucketOwnershipControls", "s3:GetBucketOwnershipControls", &["OwnershipControlsNotFoundError"]);
const PAYER: Read = Read::s3("GetBucketRequestPayment", "s3:GetBucketRequestPayment", &[]);

impl BucketSettings for S3Bucket {
    async fn whereabouts(&self) -> Whereabouts {
        whereabouts::whereabouts(self).await
    }

    async fn versioning(&self) -> Fact<Versioning> {
        let request =
            || self.client().get_bucket_versioning().bucket(self.name()).set_expected_bucket_owner(self.owner()).send();
        let answer = self.read_whole(VERSIONING, request).await?;
        Ok(Versioning {
            status: answer.status.map(|status| status.as_str().to_owned()),
            mfa_delete: answer.mfa_delete == Some(MfaDeleteStatus::Enabled),
        })
    }

    async fn public_access(&self) -> Fact<Option<PublicAccessBlock>> {
        let request = || {
            self.client().get_public_access_block().bucket(self.name()).set_expected_bucket_owner(self.owner()).send()
        };
        let answer = self.read(PUBLIC_ACCESS, request).await?;
        Ok(answer.and_then(|answer| answer.public_access_block_configuration).map(|seen| public_access(&seen)))
    }

    async fn account_public_access(&self) -> Fact<Option<PublicAccessBlock>> {
        account_block::account_public_access(self).await
    }

    async fn policy_is_public(&self) -> Fact<Option<bool>> {
        let request = || {
            self.client().get_bucket_policy_status().bucket(self.name()).set_expected_bucket_owner(self.owner()).send()
        };
        let answer = self.read(POLICY_STATUS, request).await.map_err(of_a_strange_account)?;
        Ok(answer.map(|answer| answer.policy_status.and_then(|status| status.is_public).unwrap_or_default()))
    }

    async fn encryption(&self) -> Fact<Option<DefaultEncryption>> {
        encryption::encryption(self).await
    }

    async fn policy(&self) -> Fact<Option<String>> {
        let request =
            || self.client().get_bucket_policy().bucket(self.name()).set_expected_bucket_owner(self.owner()).send();
        let answer = self.read(POLICY, request).await.map_err(of_a_strange_account)?;
        Ok(answer.and_then(|answer| answer.policy).filter(|policy| !policy.is_empty()))
    }

    async fn ownership(&self) -> Fact<Option<String>> {
        let client = self.client();
        let request = || {
            client.get_bucket_ownership_controls().bucket(self.name()).set_expected_bucket_owner(self.owner()).send()
        };
        let answer = self.read(OWNERSHIP, request).await?;
        let rule = answer.and_then(|answer| answer.ownership_controls).and_then(|it| it.rules.into_iter().next());
        Ok(rule.map(|rule| rule.object_ownership.as_str().to_owned()))
    }

    async fn object_lock(&self) -> Fact<Option<ObjectLock>> {
        lock::object_lock(self).await
    }

    async fn requester_pays(&self) -> Fact<bool> {
        let client = self.client();
        let request =
            || client.get_bucket_request_payment().bucket(self.name()).set_expected_bucket_owner(self.owner()).send();
        Ok(self.read_whole(PAYER, request).await?.payer == Some(Payer::Requester))
    }

    async fn lifecycle(&self) -> Fact<Vec<LifecycleRule>> {
        lifecycle::lifecycle(self).await
    }

    async fn notifications(&self) -> Fact<Notifications> {
        notifications::notifications(self).await
    }
}

pub(super) fn public_access(seen: &PublicAccessBlockConfiguration) -> PublicAccessBlock {
    let is_on = Option::unwrap_or_default;
    PublicAccessBlock {
        block_public_acls: is_on(seen.block_public_acls),
        ignore_public_acls: is_on(seen.ignore_public_acls),
        block_public_policy: is_on(seen.block_public_policy),
        restrict_public_buckets: is_on(seen.restrict_public_buckets),
    }
}

/// 405 is what the policy's readers of other accounts are answered (`GetBucketPolicy`, S3 API reference).
fn of_a_strange_account(unread: Unread) -> Unread {
    if unread.trouble != Trouble::MethodNotAllowed.as_str() {
        return unread;
    }
    let said = unread.message.map(|message| format!(" ({message})")).unwrap_or_default();
    let message = format!("only the account that owns the bucket may read its policy: use credentials of it{said}");
    Unread { message: Some(message), ..unread }
}
