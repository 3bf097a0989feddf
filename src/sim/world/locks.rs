//! Object Lock of buckets and versions: who may set what, and what S3 says to the rest.

use super::access::Ask;
use super::bucket::{Bucket, Versioning};
use super::journal::{Change, Setting};
use super::lock::{ObjectLock, ObjectLockConfiguration, Retention, RetentionMode, RetentionPeriod};
use super::moment::Moment;
use super::read::Asked;
use super::refusal::{Result, access_denied, invalid_argument, invalid_request};
use super::state::State;
use super::{Access, World, WorldError};

const DAYS_MAX: u32 = 36_500;
const YEARS_MAX: u32 = 100;

/// Calls of S3 on Object Lock.
impl World {
    /// S3 `GetObjectLockConfiguration`.
    ///
    /// # Errors
    /// `ObjectLockConfigurationNotFoundError` where it was never enabled.
    pub fn object_lock(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<ObjectLockConfiguration> {
        let ask = Ask::new("s3:GetBucketObjectLockConfiguration");
        self.read(now, access, bucket, &ask, |bucket, now| *bucket.object_lock.at(now))?.ok_or_else(|| {
            let message = "Object Lock configuration does not exist for this bucket";
            WorldError::new(404, "ObjectLockConfigurationNotFoundError", message).element("BucketName", bucket)
        })
    }

    /// S3 `PutObjectLockConfiguration`, which also enables Object Lock on a bucket that was made without it. Versions
    /// that are there already stay as they are.
    ///
    /// # Errors
    /// `InvalidBucketState` without versioning, `InvalidArgument` for a period that S3 does not take.
    pub fn put_object_lock(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        value: ObjectLockConfiguration,
    ) -> Result<()> {
        let now = self.enter(now);
        let target = self.state.admit(access, bucket, &Ask::new("s3:PutBucketObjectLockConfiguration"), now)?;
        if *target.versioning.latest() != Versioning::Enabled {
            let message = "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration";
            return Err(WorldError::new(409, "InvalidBucketState", message));
        }
        if let Some(default) = value.default_retention {
            check_period(default.period)?;
        }
        self.change_setting(now, bucket, Setting::ObjectLock(value))
    }

    /// S3 `GetObjectRetention`.
    ///
    /// # Errors
    /// Those of [`World::head_object`]; `NoSuchObjectLockConfiguration` for a version without retention.
    pub fn retention(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<Retention> {
        let lock = self.lock_of(now, access, bucket, key, version, "s3:GetObjectRetention")?.1;
        lock.retention.ok_or_else(not_locked)
    }

    /// S3 `GetObjectLegalHold`.
    ///
    /// # Errors
    /// Those of [`World::head_object`]; `NoSuchObjectLockConfiguration` for a version that never had one.
    pub fn legal_hold(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<bool> {
        let lock = self.lock_of(now, access, bucket, key, version, "s3:GetObjectLegalHold")?.1;
        lock.legal_hold.ok_or_else(not_locked)
    }

    /// S3 `PutObjectRetention`; `None` takes the retention away.
    ///
    /// # Errors
    /// `AccessDenied` for what would weaken a retention that holds; `InvalidArgument` for an end in the past.
    pub fn put_retention(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        key: &str,
        version: Option<&str>,
        retention: Option<Retention>,
    ) -> Result<()> {
        let now = self.enter(now);
        let (version, lock) = self.lock_of(now, access, bucket, key, version, "s3:PutObjectRetention")?;
        if let Some(wanted) = retention {
            check_future(wanted, now)?;
        }
        if let Some(old) = lock.retention.filter(|old| now < old.until) {
            let weaker = retention.is_none_or(|new| new.until < old.until)
                || (retention.is_some_and(|new| new.mode != old.mode) && old.mode == RetentionMode::Compliance)
                || retention.is_some_and(|new| new.mode != old.mode && new.mode == RetentionMode::Governance);
            let bypassed = old.mode == RetentionMode::Governance && self.state.bypasses(access, bucket, key, now);
            if weaker && !bypassed {
                return Err(held());
            }
        }
        let lock = ObjectLock { retention, ..lock };
        self.commit(now, Change::VersionLocked { bucket: bucket.to_owned(), key: key.to_owned(), version, lock });
        Ok(())
    }

    /// S3 `PutObjectLegalHold`.
    ///
    /// # Errors
    /// Those of [`World::head_object`].
    pub fn put_legal_hold(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        key: &str,
        version: Option<&str>,
        on: bool,
    ) -> Result<()> {
        let now = self.enter(now);
        let (version, lock) = self.lock_of(now, access, bucket, key, version, "s3:PutObjectLegalHold")?;
        let lock = ObjectLock { legal_hold: Some(on), ..lock };
        self.commit(now, Change::VersionLocked { bucket: bucket.to_owned(), key: key.to_owned(), version, lock });
        Ok(())
    }

    /// The id of a version in a bucket with Object Lock, and what holds it.
    fn lock_of(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        key: &str,
        version: Option<&str>,
        action: &'static str,
    ) -> Result<(String, ObjectLock)> {
        let now = self.enter(now);
        let asked = Asked { bucket, key, version, action };
        let (bucket, stored, _) = self.state.find_object(access, &asked, now)?;
        if bucket.object_lock.at(now).is_none() {
            return Err(invalid_request(NO_CONFIGURATION));
        }
        Ok((stored.id.clone(), stored.lock))
    }
}

impl State {
    /// Whether the caller asks to pass over governance, and may.
    pub(super) fn bypasses(&self, access: &Access, bucket: &str, key: &str, now: Moment) -> bool {
        let ask = Ask::on("s3:BypassGovernanceRetention", key);
        access.bypasses_governance && self.admit(access, bucket, &ask, now).is_ok()
    }

    pub(super) fn lock_version(&mut self, bucket: &str, key: &str, version: &str, lock: ObjectLock) {
        let versions = self.buckets.get_mut(bucket).and_then(|bucket| bucket.keys.get_mut(key));
        let stored = versions.and_then(|versions| versions.iter_mut().find(|stored| stored.id == version));
        if let Some(stored) = stored {
            stored.lock = lock;
        }
    }
}

const NO_CONFIGURATION: &str = "Bucket is missing Object Lock Configuration";

/// What S3 says to the removal of a version that must stay.
pub(super) fn held() -> WorldError {
    WorldError { message: "Access Denied because object protected by object lock.".to_owned(), ..access_denied() }
}

/// Whether a PUT may bring this lock into this bucket.
pub(super) fn check_lock(bucket: &Bucket, lock: &ObjectLock, now: Moment) -> Result<()> {
    if lock.is_empty() {
        return Ok(());
    }
    if bucket.object_lock.at(now).is_none() {
        return Err(invalid_request(NO_CONFIGURATION));
    }
    lock.retention.map_or(Ok(()), |retention| check_future(retention, now))
}

fn check_future(retention: Retention, now: Moment) -> Result<()> {
    if retention.until > now {
        return Ok(());
    }
    let until = retention.until.to_string();
    Err(invalid_argument("The retain until date must be in the future!", "x-amz-object-lock-retain-until-date", &until))
}

fn check_period(period: RetentionPeriod) -> Result<()> {
    let (given, name, most) = match period {
        RetentionPeriod::Days(days) => (days, "Days", DAYS_MAX),
        RetentionPeriod::Years(years) => (years, "Years", YEARS_MAX),
    };
    if given == 0 {
        let message = "Default retention period must be a positive integer value";
        return Err(invalid_argument(message, name, "0"));
    }
    if given > most {
        return Err(invalid_argument("Default retention period too large", name, &given.to_string()));
    }
    Ok(())
}

fn not_locked() -> WorldError {
    let message = "The specified object does not have a ObjectLock configuration";
    WorldError::new(404, "NoSuchObjectLockConfiguration", message)
}
