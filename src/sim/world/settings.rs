//! Reading and changing the settings of buckets.

use super::access::Ask;
use super::bucket::{Bucket, BucketEncryption, ObjectOwnership, PublicAccessBlock};
use super::journal::{Change, Setting};
use super::moment::Moment;
use super::refusal::{Result, invalid_argument};
use super::rule::{ReplicationConfiguration, Tag};
use super::validate::{check_tags, validate};
use super::{Access, World, WorldError};

/// The most tags of a bucket.
const TAGS_MAX: usize = 50;

/// Calls of S3 on the settings of a bucket. A read shows what is in force, which after a change may still be the old.
/// Each call can also be refused as every call on a bucket can, see [`World::bucket`].
impl World {
    /// S3 `GetBucketEncryption`; SSE-S3 where nothing else was set.
    ///
    /// # Errors
    /// Those of every call on a bucket.
    pub fn encryption(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<BucketEncryption> {
        let ask = Ask::new("s3:GetEncryptionConfiguration");
        self.read(now, access, bucket, &ask, |bucket, now| bucket.encryption.at(now).clone())
    }

    /// S3 `PutBucketEncryption`. Whether the key exists is found out by the first PUT of an object.
    ///
    /// # Errors
    /// `InvalidArgument` for a key with an algorithm that takes none.
    pub fn put_encryption(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        value: BucketEncryption,
    ) -> Result<()> {
        let now = self.enter(now);
        self.state.admit(access, bucket, &Ask::new("s3:PutEncryptionConfiguration"), now)?;
        if let Some(key) = value.key_id.as_deref().filter(|_| !value.algorithm.uses_kms()) {
            let message = "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms";
            return Err(invalid_argument(message, "KMSMasterKeyID", key));
        }
        self.change_setting(now, bucket, Setting::Encryption(value))
    }

    /// S3 `DeleteBucketEncryption`: back to SSE-S3.
    ///
    /// # Errors
    /// Those of every call on a bucket.
    pub fn delete_encryption(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<()> {
        let setting = Setting::Encryption(BucketEncryption::default());
        self.put(now, access, bucket, &Ask::new("s3:PutEncryptionConfiguration"), setting)
    }

    /// S3 `GetPublicAccessBlock`; everything is blocked in a new bucket.
    ///
    /// # Errors
    /// `NoSuchPublicAccessBlockConfiguration` once it was deleted.
    pub fn public_access(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<PublicAccessBlock> {
        let ask = Ask::new("s3:GetBucketPublicAccessBlock");
        let shown = |bucket: &Bucket, now| (*bucket.public_access.at(now), *bucket.public_access_deleted.at(now));
        match self.read(now, access, bucket, &ask, shown)? {
            (block, false) => Ok(block),
            (_, true) => {
                let message = "The public access block configuration was not found";
                let error = WorldError::new(404, "NoSuchPublicAccessBlockConfiguration", message);
                Err(error.element("BucketName", bucket))
            }
        }
    }

    /// S3 `PutPublicAccessBlock`.
    ///
    /// # Errors
    /// Those of every call on a bucket.
    pub fn put_public_access(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        value: PublicAccessBlock,
    ) -> Result<()> {
        let setting = Setting::PublicAccess(Some(value));
        self.put(now, access, bucket, &Ask::new("s3:PutBucketPublicAccessBlock"), setting)
    }

    /// S3 `DeletePublicAccessBlock`: nothing is blocked any more.
    ///
    /// # Errors
    /// Those of every call on a bucket.
    pub fn delete_public_access(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<()> {
        self.put(now, access, bucket, &Ask::new("s3:PutBucketPublicAccessBlock"), Setting::PublicAccess(None))
    }

    /// S3 `GetBucketOwnershipControls`; BucketOwnerEnforced in a new bucket.
    ///
    /// # Errors
    /// `OwnershipControlsNotFoundError` once they were deleted.
    pub fn ownership(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<ObjectOwnership> {
        let ask = Ask::new("s3:GetBucketOwnershipControls");
        let shown = |bucket: &Bucket, now| (*bucket.ownership.at(now), *bucket.ownership_deleted.at(now));
        match self.read(now, access, bucket, &ask, shown)? {
            (ownership, false) => Ok(ownership),
            (_, true) => {
                let message = "The bucket ownership controls were not found";
                let error = WorldError::new(404, "OwnershipControlsNotFoundError", message);
                Err(error.element("BucketName", bucket))
            }
        }
    }

    /// S3 `PutBucketOwnershipControls`.
    ///
    /// # Errors
    /// Those of every call on a bucket.
    pub fn put_ownership(&mut self, now: Moment, access: &Access, bucket: &str, value: ObjectOwnership) -> Result<()> {
        self.put(now, access, bucket, &Ask::new("s3:PutBucketOwnershipControls"), Setting::Ownership(Some(value)))
    }

    /// S3 `DeleteBucketOwnershipControls`: who writes owns, as before there were any.
    ///
    /// # Errors
    /// Those of every call on a bucket.
    pub fn delete_ownership(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<()> {
        self.put(now, access, bucket, &Ask::new("s3:PutBucketOwnershipControls"), Setting::Ownership(None))
    }

    /// S3 `GetBucketRequestPayment`: whether the requester pays.
    ///
    /// # Errors
    /// Those of every call on a bucket.
    pub fn requester_pays(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<bool> {
        let ask = Ask::new("s3:GetBucketRequestPayment");
        self.read(now, access, bucket, &ask, |bucket, now| *bucket.requester_pays.at(now))
    }

    /// S3 `PutBucketRequestPayment`.
    ///
    /// # Errors
    /// Those of every call on a bucket.
    pub fn put_requester_pays(&mut self, now: Moment, access: &Access, bucket: &str, value: bool) -> Result<()> {
        self.put(now, access, bucket, &Ask::new("s3:PutBucketRequestPayment"), Setting::RequesterPays(value))
    }

    /// S3 `GetBucketTagging`.
    ///
    /// # Errors
    /// `NoSuchTagSet`.
    pub fn bucket_tags(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<Vec<Tag>> {
        let ask = Ask::new("s3:GetBucketTagging");
        self.read(now, access, bucket, &ask, |bucket, now| bucket.tags.at(now).clone())?.ok_or_else(|| {
            let message = "The TagSet does not exist";
            WorldError::new(404, "NoSuchTagSet", message).element("BucketName", bucket)
        })
    }

    /// S3 `PutBucketTagging`, and with `None` `DeleteBucketTagging`.
    ///
    /// # Errors
    /// `InvalidTag`, `BadRequest` for more than 50.
    pub fn put_bucket_tags(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        value: Option<Vec<Tag>>,
    ) -> Result<()> {
        let now = self.enter(now);
        self.state.admit(access, bucket, &Ask::new("s3:PutBucketTagging"), now)?;
        if let Some(tags) = &value {
            if tags.len() > TAGS_MAX {
                return Err(WorldError::new(400, "BadRequest", "Bucket tag count cannot be greater than 50"));
            }
            check_tags(tags)?;
        }
        self.change_setting(now, bucket, Setting::Tags(value))
    }

    /// S3 `GetBucketAcl`: the account that has full control, which is all there is.
    ///
    /// # Errors
    /// Those of every call on a bucket.
    pub fn bucket_owner(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<String> {
        self.read(now, access, bucket, &Ask::new("s3:GetBucketAcl"), |bucket, _| bucket.info.account.clone())
    }

    /// S3 `GetBucketReplication`. Every rule has an ID.
    ///
    /// # Errors
    /// `ReplicationConfigurationNotFoundError`.
    pub fn replication(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<ReplicationConfiguration> {
        let now = self.enter(now);
        let source = self.state.admit(access, bucket, &Ask::new("s3:GetReplicationConfiguration"), now)?;
        let configuration = self.state.replication(source, now).ok_or_else(|| {
            let message = "The replication configuration was not found";
            WorldError::new(404, "ReplicationConfigurationNotFoundError", message).element("BucketName", bucket)
        })?;
        Ok(configuration.into_owned())
    }

    /// S3 `PutBucketReplication`. The form is checked; whether role, account and key are right is not, as on AWS.
    ///
    /// # Errors
    /// `InvalidRequest`, `InvalidArgument` or `MalformedXML`, each in S3's words; `AccessDenied` also for who may not
    /// pass the role.
    pub fn put_replication(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        mut value: ReplicationConfiguration,
    ) -> Result<()> {
        let now = self.enter(now);
        let source = self.state.admit(access, bucket, &Ask::new("s3:PutReplicationConfiguration"), now)?;
        self.state.allow_in_account(&access.caller, "iam:PassRole", &value.role, now)?;
        validate(&self.state, source, &value)?;
        let sequence = self.state.sequence.to_string();
        for (index, rule) in value.rules.iter_mut().enumerate() {
            if rule.id.as_ref().is_none_or(String::is_empty) {
                let mut draw = self.state.draw(&["rule", &sequence, &index.to_string()]);
                rule.id = Some(draw.text(crate::sim::random::BASE32, 48));
            }
        }
        self.change_setting(now, bucket, Setting::Replication(Some(value)))
    }

    /// S3 `DeleteBucketReplication`; there need not be one.
    ///
    /// # Errors
    /// Those of every call on a bucket.
    pub fn delete_replication(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<()> {
        self.put(now, access, bucket, &Ask::new("s3:PutReplicationConfiguration"), Setting::Replication(None))
    }

    pub(super) fn read<T>(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        ask: &Ask<'_>,
        value: impl FnOnce(&Bucket, Moment) -> T,
    ) -> Result<T> {
        let now = self.enter(now);
        self.state.admit(access, bucket, ask, now).map(|bucket| value(bucket, now))
    }

    fn put(&mut self, now: Moment, access: &Access, bucket: &str, ask: &Ask<'_>, setting: Setting) -> Result<()> {
        let now = self.enter(now);
        self.state.admit(access, bucket, ask, now)?;
        self.change_setting(now, bucket, setting)
    }

    pub(super) fn change_setting(&mut self, now: Moment, bucket: &str, setting: Setting) -> Result<()> {
        self.commit(now, Change::SettingChanged { bucket: bucket.to_owned(), setting });
        Ok(())
    }
}
