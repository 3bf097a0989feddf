//! Object Lock: of buckets, and retention and legal hold of versions.

use s3s::dto::*;

use super::super::refusal::Refusal;
use super::{Call, malformed_xml, moment, timestamp};
use crate::sim::world::{
    DefaultRetention as BucketRetention, Moment, ObjectLock, ObjectLockConfiguration as Lock, Retention, RetentionMode,
    RetentionPeriod, World,
};

type Answer<T> = Result<T, Refusal>;

/// `GetObjectLockConfiguration`.
pub(super) fn get(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: GetObjectLockConfigurationInput,
) -> Answer<GetObjectLockConfigurationOutput> {
    let lock = world.object_lock(now, &call.access, &input.bucket)?;
    let rule = lock.default_retention.map(|default| {
        let (days, years) = match default.period {
            RetentionPeriod::Days(days) => (i32::try_from(days).ok(), None),
            RetentionPeriod::Years(years) => (None, i32::try_from(years).ok()),
        };
        let mode = Some(ObjectLockRetentionMode::from_static(default.mode.as_str()));
        ObjectLockRule { default_retention: Some(DefaultRetention { days, mode, years }) }
    });
    let enabled = ObjectLockEnabled::from_static(ObjectLockEnabled::ENABLED);
    let configuration = ObjectLockConfiguration { object_lock_enabled: Some(enabled), rule };
    Ok(GetObjectLockConfigurationOutput { object_lock_configuration: Some(configuration) })
}

/// `PutObjectLockConfiguration`.
pub(super) fn put(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: PutObjectLockConfigurationInput,
) -> Answer<PutObjectLockConfigurationOutput> {
    let configuration = input.object_lock_configuration.ok_or_else(malformed_xml)?;
    let enabled = configuration.object_lock_enabled.as_ref().map(ObjectLockEnabled::as_str);
    if enabled != Some(ObjectLockEnabled::ENABLED) {
        return Err(malformed_xml());
    }
    let default_retention = configuration.rule.map(default_from_wire).transpose()?;
    world.put_object_lock(now, &call.access, &input.bucket, Lock { default_retention })?;
    Ok(PutObjectLockConfigurationOutput::default())
}

/// `GetObjectRetention`.
pub(super) fn get_retention(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: GetObjectRetentionInput,
) -> Answer<GetObjectRetentionOutput> {
    let held = world.retention(now, &call.access, &input.bucket, &input.key, input.version_id.as_deref())?;
    let mode = Some(ObjectLockRetentionMode::from_static(held.mode.as_str()));
    let retention = ObjectLockRetention { mode, retain_until_date: Some(timestamp(held.until)) };
    Ok(GetObjectRetentionOutput { retention: Some(retention) })
}

/// `PutObjectRetention`; an empty one takes the retention away.
pub(super) fn put_retention(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: PutObjectRetentionInput,
) -> Answer<PutObjectRetentionOutput> {
    let given = input.retention.ok_or_else(malformed_xml)?;
    let mode = given.mode.as_ref().map(ObjectLockRetentionMode::as_str);
    let retention = match (mode, &given.retain_until_date) {
        (None, None) => None,
        (Some(mode), Some(until)) => Some(Retention {
            mode: RetentionMode::parse(mode).ok_or_else(malformed_xml)?,
            until: moment(until).ok_or_else(malformed_xml)?,
        }),
        (Some(_), None) | (None, Some(_)) => return Err(malformed_xml()),
    };
    world.put_retention(now, &call.access, &input.bucket, &input.key, input.version_id.as_deref(), retention)?;
    Ok(PutObjectRetentionOutput::default())
}

/// `GetObjectLegalHold`.
pub(super) fn get_legal_hold(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: GetObjectLegalHoldInput,
) -> Answer<GetObjectLegalHoldOutput> {
    let on = world.legal_hold(now, &call.access, &input.bucket, &input.key, input.version_id.as_deref())?;
    Ok(GetObjectLegalHoldOutput { legal_hold: Some(ObjectLockLegalHold { status: Some(hold_status(on)) }) })
}

/// `PutObjectLegalHold`.
pub(super) fn put_legal_hold(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: PutObjectLegalHoldInput,
) -> Answer<PutObjectLegalHoldOutput> {
    let status = input.legal_hold.and_then(|hold| hold.status).ok_or_else(malformed_xml)?;
    let on = read_hold(status.as_str()).ok_or_else(malformed_xml)?;
    world.put_legal_hold(now, &call.access, &input.bucket, &input.key, input.version_id.as_deref(), on)?;
    Ok(PutObjectLegalHoldOutput::default())
}

/// A legal hold as headers and documents show it.
pub(super) fn hold_status(on: bool) -> ObjectLockLegalHoldStatus {
    let status = if on { ObjectLockLegalHoldStatus::ON } else { ObjectLockLegalHoldStatus::OFF };
    ObjectLockLegalHoldStatus::from_static(status)
}

/// The lock that the headers of a PUT ask for.
///
/// # Errors
/// `InvalidArgument` for values that S3 does not have, and for a mode or a date alone.
pub(super) fn from_headers(mode: Option<&str>, until: Option<&Timestamp>, hold: Option<&str>) -> Answer<ObjectLock> {
    let wrong = |message: &'static str| Refusal::bad_request("InvalidArgument", message);
    let retention = match (mode, until) {
        (None, None) => None,
        (Some(mode), Some(until)) => Some(Retention {
            mode: RetentionMode::parse(mode).ok_or_else(|| wrong("Unknown wormMode directive."))?,
            until: moment(until).ok_or_else(|| wrong("The retain until date must be in the future!"))?,
        }),
        (Some(_), None) | (None, Some(_)) => {
            let message = "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied";
            return Err(wrong(message));
        }
    };
    let legal_hold =
        hold.map(|text| read_hold(text).ok_or_else(|| wrong("Legal Hold must be either of 'ON' or 'OFF'")));
    Ok(ObjectLock { retention, legal_hold: legal_hold.transpose()? })
}

fn default_from_wire(rule: ObjectLockRule) -> Answer<BucketRetention> {
    let given = rule.default_retention.ok_or_else(malformed_xml)?;
    let mode = given.mode.and_then(|mode| RetentionMode::parse(mode.as_str())).ok_or_else(malformed_xml)?;
    // What is no positive number is refused as zero is.
    let count = |given: i32| u32::try_from(given).unwrap_or_default();
    let period = match (given.days, given.years) {
        (Some(days), None) => RetentionPeriod::Days(count(days)),
        (None, Some(years)) => RetentionPeriod::Years(count(years)),
        (Some(_), Some(_)) | (None, None) => return Err(malformed_xml()),
    };
    Ok(BucketRetention { mode, period })
}

fn read_hold(text: &str) -> Option<bool> {
    match text {
        ObjectLockLegalHoldStatus::ON => Some(true),
        ObjectLockLegalHoldStatus::OFF => Some(false),
        _ => None,
    }
}
