//! Versioning of buckets, and MFA Delete, which is set with it.

use super::access::Ask;
use super::bucket::{Bucket, Versioning};
use super::journal::Setting;
use super::moment::Moment;
use super::refusal::{Result, access_denied};
use super::{Access, World, WorldError};

/// Calls of S3 on versioning. A read shows what is in force, faults included.
impl World {
    /// S3 `GetBucketVersioning`.
    ///
    /// # Errors
    /// Those of every call on a bucket.
    pub fn versioning(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<Versioning> {
        let now = self.enter(now);
        let bucket = self.state.admit(access, bucket, &Ask::new("s3:GetBucketVersioning"), now)?;
        Ok(self.state.versioning(bucket, now))
    }

    /// `MfaDelete` of S3's `GetBucketVersioning`.
    ///
    /// # Errors
    /// Those of every call on a bucket.
    pub fn mfa_delete(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<bool> {
        self.read(now, access, bucket, &Ask::new("s3:GetBucketVersioning"), |bucket, now| *bucket.mfa_delete.at(now))
    }

    /// S3 `PutBucketVersioning`, and with it `MfaDelete`, which only the root with its device changes. Either both act
    /// or none.
    ///
    /// # Errors
    /// `InvalidBucketState` when it is to be suspended under a replication configuration or Object Lock, and for MFA
    /// Delete under a lifecycle configuration; `AccessDenied` without `x-amz-mfa` where it is needed.
    pub fn put_versioning_and_mfa_delete(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        enabled: bool,
        mfa_delete: Option<bool>,
    ) -> Result<()> {
        let now = self.enter(now);
        let target = self.state.admit(access, bucket, &Ask::new("s3:PutBucketVersioning"), now)?;
        check_mfa(target, access, now)?;
        let mfa_delete = mfa_delete.filter(|wanted| wanted != target.mfa_delete.latest());
        if let Some(wanted) = mfa_delete {
            check_mfa_change(target, access, wanted)?;
        }
        check_suspension(target, enabled)?;
        if let Some(wanted) = mfa_delete {
            self.change_setting(now, bucket, Setting::MfaDelete(wanted))?;
        }
        let versioning = if enabled { Versioning::Enabled } else { Versioning::Suspended };
        self.change_setting(now, bucket, Setting::Versioning(versioning))
    }

    /// S3 `PutBucketVersioning` without a word on MFA.
    ///
    /// # Errors
    /// Those of [`World::put_versioning_and_mfa_delete`].
    pub fn put_versioning(&mut self, now: Moment, access: &Access, bucket: &str, enabled: bool) -> Result<()> {
        self.put_versioning_and_mfa_delete(now, access, bucket, enabled, None)
    }
}

/// Where MFA Delete is on, only the root with its device deletes versions or changes versioning (S3 User Guide,
/// "Configuring MFA delete").
pub(super) fn check_mfa(bucket: &Bucket, access: &Access, now: Moment) -> Result<()> {
    if !*bucket.mfa_delete.at(now) || has_device(bucket, access) { Ok(()) } else { Err(mfa_needed()) }
}

fn has_device(bucket: &Bucket, access: &Access) -> bool {
    access.mfa && access.caller.role.is_none() && access.caller.account == bucket.info.account
}

/// Whether this caller may switch MFA Delete on or off.
fn check_mfa_change(bucket: &Bucket, access: &Access, on: bool) -> Result<()> {
    if !has_device(bucket, access) {
        return Err(mfa_needed());
    }
    if on && bucket.lifecycle.latest().is_some() {
        let message = "MFA Delete cannot be enabled on a bucket with a lifecycle configuration";
        return Err(WorldError::new(409, "InvalidBucketState", message));
    }
    Ok(())
}

fn check_suspension(bucket: &Bucket, enabled: bool) -> Result<()> {
    let kept_by = if bucket.object_lock.latest().is_some() {
        "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
    } else if bucket.replication.latest().is_some() {
        "A replication configuration is present on this bucket, so the versioning state cannot be changed. To change \
         the versioning state, delete the replication configuration."
    } else {
        return Ok(());
    };
    if enabled { Ok(()) } else { Err(WorldError::new(409, "InvalidBucketState", kept_by)) }
}

fn mfa_needed() -> WorldError {
    WorldError { message: "Mfa Authentication must be used for this request".to_owned(), ..access_denied() }
}
