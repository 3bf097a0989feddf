//! Reading and changing the settings of buckets.

use super::bucket::{Bucket, BucketEncryption, ObjectOwnership, PublicAccessBlock, Versioning};
use super::journal::{Change, Setting};
use super::moment::Moment;
use super::refusal::{Result, invalid_argument};
use super::rule::ReplicationConfiguration;
use super::validate::validate;
use super::{Access, Policy, World, WorldError};

/// Calls of S3 on the settings of a bucket. A read shows what is in force, which after a change may still be the old.
/// Each call can also be refused as every call on a bucket can, see [`World::bucket`].
impl World {
    /// S3 `GetBucketVersioning`.
    ///
    /// # Errors
    /// Those of every call on a bucket.
    pub fn versioning(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<Versioning> {
        let now = self.enter(now);
        self.state.reach(access, bucket).map(|bucket| self.state.versioning(bucket, now))
    }

    /// S3 `PutBucketVersioning`.
    ///
    /// # Errors
    /// `InvalidBucketState` when it is to be suspended under a replication configuration.
    pub fn put_versioning(&mut self, now: Moment, access: &Access, bucket: &str, enabled: bool) -> Result<()> {
        self.enter(now);
        let target = self.state.reach(access, bucket)?;
        if !enabled && target.replication.latest().is_some() {
            let message = "A replication configuration is present on this bucket, so the versioning state cannot be \
                           changed. To change the versioning state, delete the replication configuration.";
            return Err(WorldError::new(409, "InvalidBucketState", message));
        }
        let versioning = if enabled { Versioning::Enabled } else { Versioning::Suspended };
        self.change_setting(now, bucket, Setting::Versioning(versioning))
    }

    /// S3 `GetBucketEncryption`; SSE-S3 where nothing else was set.
    ///
    /// # Errors
    /// Those of every call on a bucket.
    pub fn encryption(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<BucketEncryption> {
        self.read(now, access, bucket, |bucket, now| bucket.encryption.at(now).clone())
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
        self.enter(now);
        self.state.reach(access, bucket)?;
        if let Some(key) = value.key_id.as_deref().filter(|_| !value.algorithm.uses_kms()) {
            let message = "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms";
            return Err(invalid_argument(message, "KMSMasterKeyID", key));
        }
        self.change_setting(now, bucket, Setting::Encryption(value))
    }

    /// S3 `GetPublicAccessBlock`; everything is blocked in a new bucket.
    ///
    /// # Errors
    /// Those of every call on a bucket.
    pub fn public_access(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<PublicAccessBlock> {
        self.read(now, access, bucket, |bucket, now| *bucket.public_access.at(now))
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
        self.bucket(now, access, bucket)?;
        self.change_setting(now, bucket, Setting::PublicAccess(value))
    }

    /// S3 `GetBucketOwnershipControls`; BucketOwnerEnforced in a new bucket.
    ///
    /// # Errors
    /// Those of every call on a bucket.
    pub fn ownership(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<ObjectOwnership> {
        self.read(now, access, bucket, |bucket, now| *bucket.ownership.at(now))
    }

    /// S3 `PutBucketOwnershipControls`.
    ///
    /// # Errors
    /// Those of every call on a bucket.
    pub fn put_ownership(&mut self, now: Moment, access: &Access, bucket: &str, value: ObjectOwnership) -> Result<()> {
        self.bucket(now, access, bucket)?;
        self.change_setting(now, bucket, Setting::Ownership(value))
    }

    /// S3 `GetBucketReplication`. Every rule has an ID.
    ///
    /// # Errors
    /// `ReplicationConfigurationNotFoundError`.
    pub fn replication(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<ReplicationConfiguration> {
        let now = self.enter(now);
        let source = self.state.reach(access, bucket)?;
        let configuration = self.state.replication(source, now).ok_or_else(|| {
            let message = "The replication configuration was not found";
            WorldError::new(404, "ReplicationConfigurationNotFoundError", message).element("BucketName", bucket)
        })?;
        Ok(configuration.into_owned())
    }

    /// S3 `PutBucketReplication`. The form is checked; whether role, account and key are right is not, as on AWS.
    ///
    /// # Errors
    /// `InvalidRequest`, `InvalidArgument` or `MalformedXML`, each in S3's words.
    pub fn put_replication(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        mut value: ReplicationConfiguration,
    ) -> Result<()> {
        self.enter(now);
        validate(&self.state, self.state.reach(access, bucket)?, &value)?;
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
        self.bucket(now, access, bucket)?;
        self.change_setting(now, bucket, Setting::Replication(None))
    }

    /// S3 `GetBucketPolicy`: the JSON as it was given.
    ///
    /// # Errors
    /// `NoSuchBucketPolicy`.
    pub fn bucket_policy(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<Policy> {
        self.read(now, access, bucket, |bucket, now| bucket.policy.at(now).clone())?.ok_or_else(|| {
            WorldError::new(404, "NoSuchBucketPolicy", "The bucket policy does not exist").element("BucketName", bucket)
        })
    }

    /// S3 `PutBucketPolicy`.
    ///
    /// # Errors
    /// `MalformedPolicy` for what is no policy, or names a principal that does not exist.
    pub fn put_bucket_policy(&mut self, now: Moment, access: &Access, bucket: &str, text: &str) -> Result<()> {
        let now = self.enter(now);
        self.state.reach(access, bucket)?;
        let malformed = |problem: String| WorldError::new(400, "MalformedPolicy", problem);
        let policy = self.state.bind_policy(text).map_err(malformed)?;
        self.change_setting(now, bucket, Setting::Policy(Some(policy)))
    }

    fn read<T>(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        value: impl FnOnce(&Bucket, Moment) -> T,
    ) -> Result<T> {
        let now = self.enter(now);
        self.state.reach(access, bucket).map(|bucket| value(bucket, now))
    }

    fn change_setting(&mut self, now: Moment, bucket: &str, setting: Setting) -> Result<()> {
        self.commit(now, Change::SettingChanged { bucket: bucket.to_owned(), setting });
        Ok(())
    }
}
