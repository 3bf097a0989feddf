//! Reads the object lock of a bucket.

use aws_sdk_s3::types::{DefaultRetention, ObjectLockConfiguration, ObjectLockEnabled};

use super::super::bucket::S3Bucket;
use super::Read;
use crate::domain::audit::facts::{Fact, ObjectLock};

const OBJECT_LOCK: Read = Read::s3(
    "GetObjectLockConfiguration",
    "s3:GetBucketObjectLockConfiguration",
    &["ObjectLockConfigurationNotFoundError"],
);

const DAYS_OF_A_YEAR: i32 = 365;

pub(super) async fn object_lock(bucket: &S3Bucket) -> Fact<Option<ObjectLock>> {
    let client = bucket.client();
    let request = || {
        client.get_object_lock_configuration().bucket(bucket.name()).set_expected_bucket_owner(bucket.owner()).send()
    };
    let answer = bucket.read(OBJECT_LOCK, request).await?;
    Ok(answer.and_then(|answer| answer.object_lock_configuration).and_then(lock))
}

fn lock(seen: ObjectLockConfiguration) -> Option<ObjectLock> {
    let default = seen.rule.and_then(|rule| rule.default_retention);
    let is_on = seen.object_lock_enabled == Some(ObjectLockEnabled::Enabled) || default.is_some();
    is_on.then(|| default.map(retention).unwrap_or_default())
}

fn retention(seen: DefaultRetention) -> ObjectLock {
    let years = seen.years.map(|years| years.saturating_mul(DAYS_OF_A_YEAR));
    ObjectLock {
        default_mode: seen.mode.map(|mode| mode.as_str().to_owned()),
        default_days: seen.days.or(years),
        default_hold: seen.default_event_hold.is_some(),
    }
}
