//! Lifecycle configurations: kept, checked and shown. Nothing ever expires or moves in this world.

use std::collections::BTreeSet;

use super::access::Ask;
use super::journal::Setting;
use super::moment::Moment;
use super::refusal::{Result, invalid_argument, invalid_request, malformed_xml};
use super::rule::Tag;
use super::validate::is_storage_class;
use super::{Access, World, WorldError};

const DAY_MICROS: u64 = 86_400_000_000;
const RULES_MAX: usize = 1000;
const ID_LENGTH_MAX: usize = 255;
/// Objects must have lain this long before they may move to an infrequent-access class.
const INFREQUENT_DAYS_MIN: i32 = 30;

/// `LifecycleConfiguration` of a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LifecycleConfiguration {
    /// `Rules`.
    pub rules: Vec<LifecycleRule>,
    /// `x-amz-transition-default-minimum-object-size`.
    pub minimum_size: Option<String>,
}

/// One rule of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LifecycleRule {
    /// `ID`; made up when absent, and `Some` in everything read back.
    pub id: Option<String>,
    /// `Status`.
    pub enabled: bool,
    /// `Prefix` of the rule itself, the older form.
    pub prefix: Option<String>,
    /// `Filter`, the newer form.
    pub filter: Option<LifecycleFilter>,
    /// `Expiration`.
    pub expiration: Option<LifecycleExpiration>,
    /// `NoncurrentVersionExpiration`.
    pub noncurrent_expiration: Option<NoncurrentExpiration>,
    /// `Transitions`.
    pub transitions: Vec<LifecycleTransition>,
    /// `NoncurrentVersionTransitions`.
    pub noncurrent_transitions: Vec<LifecycleTransition>,
    /// `AbortIncompleteMultipartUpload`, in days.
    pub abort_uploads_days: Option<i32>,
}

/// `Filter` of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LifecycleFilter {
    /// Whether the predicates stand in an `And`.
    pub and: bool,
    /// `Prefix`.
    pub prefix: Option<String>,
    /// `Tag` or `Tags`.
    pub tags: Vec<Tag>,
    /// `ObjectSizeGreaterThan`, in bytes.
    pub larger_than: Option<i64>,
    /// `ObjectSizeLessThan`, in bytes.
    pub smaller_than: Option<i64>,
}

/// `Expiration` of current versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LifecycleExpiration {
    /// `Days` after writing.
    Days(i32),
    /// `Date`.
    Date(Moment),
    /// `ExpiredObjectDeleteMarker`.
    LoneMarkers(bool),
}

/// `NoncurrentVersionExpiration`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoncurrentExpiration {
    /// `NoncurrentDays`.
    pub days: Option<i32>,
    /// `NewerNoncurrentVersions`.
    pub newer_versions: Option<i32>,
}

/// One transition of current or noncurrent versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LifecycleTransition {
    /// `Days` or `NoncurrentDays`.
    pub days: Option<i32>,
    /// `Date`; current versions only.
    pub date: Option<Moment>,
    /// `NewerNoncurrentVersions`; noncurrent versions only.
    pub newer_versions: Option<i32>,
    /// `StorageClass`.
    pub storage_class: String,
}

/// Calls of S3 on lifecycle configurations.
impl World {
    /// S3 `GetBucketLifecycleConfiguration`.
    ///
    /// # Errors
    /// `NoSuchLifecycleConfiguration`.
    pub fn lifecycle(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<LifecycleConfiguration> {
        let ask = Ask::new("s3:GetLifecycleConfiguration");
        let found = self.read(now, access, bucket, &ask, |bucket, now| bucket.lifecycle.at(now).clone())?;
        found.ok_or_else(|| {
            let message = "The lifecycle configuration does not exist";
            WorldError::new(404, "NoSuchLifecycleConfiguration", message).element("BucketName", bucket)
        })
    }

    /// S3 `PutBucketLifecycleConfiguration`.
    ///
    /// # Errors
    /// `InvalidArgument`, `InvalidRequest` and `MalformedXML` for rules that S3 does not take.
    pub fn put_lifecycle(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        mut value: LifecycleConfiguration,
    ) -> Result<()> {
        let now = self.enter(now);
        self.state.admit(access, bucket, &Ask::new("s3:PutLifecycleConfiguration"), now)?;
        validate(&value)?;
        let sequence = self.state.sequence.to_string();
        for (index, rule) in value.rules.iter_mut().enumerate() {
            if rule.id.as_ref().is_none_or(String::is_empty) {
                let mut draw = self.state.draw(&["lifecycle rule", &sequence, &index.to_string()]);
                rule.id = Some(draw.text(crate::sim::random::BASE32, 48));
            }
        }
        self.change_setting(now, bucket, Setting::Lifecycle(Some(value)))
    }

    /// S3 `DeleteBucketLifecycle`; there need not be one.
    ///
    /// # Errors
    /// Those of every call on a bucket.
    pub fn delete_lifecycle(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<()> {
        let now = self.enter(now);
        self.state.admit(access, bucket, &Ask::new("s3:PutLifecycleConfiguration"), now)?;
        self.change_setting(now, bucket, Setting::Lifecycle(None))
    }
}

fn validate(configuration: &LifecycleConfiguration) -> Result<()> {
    if configuration.rules.is_empty() || configuration.rules.len() > RULES_MAX {
        return Err(malformed_xml());
    }
    let mut ids = BTreeSet::new();
    for rule in &configuration.rules {
        if let Some(id) = rule.id.as_ref().filter(|id| !id.is_empty()) {
            if id.len() > ID_LENGTH_MAX {
                return Err(invalid_argument("ID length should not exceed allowed limit of 255", "ID", id));
            }
            if !ids.insert(id) {
                return Err(invalid_argument("Rule ID must be unique. Found same ID for more than one rule", "ID", id));
            }
        }
        check_filter(rule)?;
        check_actions(rule)?;
        check_transitions(rule)?;
    }
    Ok(())
}

fn check_filter(rule: &LifecycleRule) -> Result<()> {
    if rule.prefix.is_some() == rule.filter.is_some() {
        return Err(malformed_xml());
    }
    let Some(filter) = &rule.filter else { return Ok(()) };
    let bounds = usize::from(filter.larger_than.is_some()) + usize::from(filter.smaller_than.is_some());
    let predicates = usize::from(filter.prefix.is_some()) + filter.tags.len() + bounds;
    let fits = if filter.and { predicates >= 2 } else { predicates <= 1 };
    if !fits {
        return Err(malformed_xml());
    }
    if let (Some(larger), Some(smaller)) = (filter.larger_than, filter.smaller_than)
        && larger >= smaller
    {
        let message = "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'";
        return Err(invalid_request(message));
    }
    Ok(())
}

fn check_actions(rule: &LifecycleRule) -> Result<()> {
    let acts = rule.expiration.is_some()
        || rule.noncurrent_expiration.is_some()
        || rule.abort_uploads_days.is_some()
        || !rule.transitions.is_empty()
        || !rule.noncurrent_transitions.is_empty();
    if !acts {
        return Err(invalid_request("At least one action needs to be specified in a rule"));
    }
    let has_tags = rule.filter.as_ref().is_some_and(|filter| !filter.tags.is_empty());
    match rule.expiration {
        Some(LifecycleExpiration::Days(days)) => positive(days, "'Days' for Expiration action")?,
        Some(LifecycleExpiration::Date(date)) => midnight(date)?,
        Some(LifecycleExpiration::LoneMarkers(_)) if has_tags => {
            return Err(invalid_request("ExpiredObjectDeleteMarker cannot be specified with Tags."));
        }
        Some(LifecycleExpiration::LoneMarkers(_)) | None => {}
    }
    if let Some(expiration) = rule.noncurrent_expiration {
        let days = expiration.days.ok_or_else(malformed_xml)?;
        positive(days, "'NoncurrentDays' for NoncurrentVersionExpiration action")?;
    }
    if let Some(days) = rule.abort_uploads_days {
        positive(days, "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action")?;
        if has_tags {
            return Err(invalid_request("AbortIncompleteMultipartUpload cannot be specified with Tags."));
        }
    }
    Ok(())
}

fn check_transitions(rule: &LifecycleRule) -> Result<()> {
    for transition in rule.transitions.iter().chain(&rule.noncurrent_transitions) {
        let class = &transition.storage_class;
        if !is_storage_class(class) || matches!(class.as_str(), "STANDARD" | "REDUCED_REDUNDANCY") {
            return Err(malformed_xml());
        }
        if let Some(date) = transition.date {
            midnight(date)?;
        }
        let is_infrequent = matches!(class.as_str(), "STANDARD_IA" | "ONEZONE_IA");
        match transition.days {
            None if transition.date.is_none() => return Err(malformed_xml()),
            Some(_) if transition.date.is_some() => return Err(malformed_xml()),
            Some(days) if days < 0 => {
                let message = "'Days' in Transition action must be nonnegative";
                return Err(invalid_argument(message, "Days", &days.to_string()));
            }
            Some(days) if is_infrequent && days < INFREQUENT_DAYS_MIN => {
                let message = format!(
                    "'Days' in Transition action must be greater than or equal to 30 for storageClass '{class}'"
                );
                return Err(invalid_argument(message, "Days", &days.to_string()));
            }
            Some(_) | None => {}
        }
    }
    Ok(())
}

fn positive(days: i32, what: &str) -> Result<()> {
    if days > 0 {
        return Ok(());
    }
    Err(invalid_argument(format!("{what} must be a positive integer"), "Days", &days.to_string()))
}

fn midnight(date: Moment) -> Result<()> {
    if date.micros().is_multiple_of(DAY_MICROS) {
        return Ok(());
    }
    Err(invalid_argument("'Date' must be at midnight GMT", "Date", &date.to_string()))
}
