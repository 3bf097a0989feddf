//! What S3 checks when it is given a replication configuration, in S3's words.

use std::collections::BTreeSet;

use super::bucket::{Bucket, Versioning};
use super::refusal::{Result, invalid_argument, invalid_request, malformed_xml};
use super::rule::{ReplicationConfiguration, ReplicationRule, RuleDestination, RuleFilter, Tag};
use super::state::State;
use super::{WorldError, arn};

const STORAGE_CLASSES: &[&str] = &[
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "DEEP_ARCHIVE",
    "GLACIER_IR",
];

/// Whether S3 knows a storage class of that name.
pub(super) fn is_storage_class(name: &str) -> bool {
    STORAGE_CLASSES.contains(&name)
}

/// Checks a configuration for `source`. Nothing is asked of role, account or key.
pub(super) fn validate(state: &State, source: &Bucket, configuration: &ReplicationConfiguration) -> Result<()> {
    if *source.versioning.latest() != Versioning::Enabled {
        return Err(invalid_request("Versioning must be 'Enabled' on the bucket to apply a replication configuration"));
    }
    if arn::role_parts(&configuration.role).is_none() {
        return Err(invalid_argument("Invalid Role ARN", "Role", &configuration.role));
    }
    if configuration.rules.is_empty() {
        return Err(malformed_xml());
    }
    if configuration.rules.len() > 1000 {
        return Err(invalid_request("The number of rules must not exceed the allowed limit of 1000 rules."));
    }
    check_across_rules(&configuration.rules)?;
    for rule in &configuration.rules {
        check_schema(rule)?;
        check_encryption(rule)?;
        check_destination(&rule.destination)?;
        check_destination_bucket(state, source, &rule.destination)?;
    }
    Ok(())
}

fn check_across_rules(rules: &[ReplicationRule]) -> Result<()> {
    let mut ids = BTreeSet::new();
    let mut priorities = BTreeSet::new();
    for rule in rules {
        if let Some(id) = rule.id.as_ref().filter(|id| !id.is_empty()) {
            if id.len() > 255 {
                return Err(invalid_argument("ID length should not exceed allowed limit of 255", "ID", id));
            }
            if !ids.insert(id) {
                return Err(invalid_argument("Rule Id must be unique. Found same Id for more than one rule", "ID", id));
            }
        }
        if let Some(priority) = rule.priority
            && !priorities.insert(priority)
        {
            return Err(invalid_request(format!("Found duplicate priority {priority}.")));
        }
    }
    let first_is_v2 = rules.first().is_some_and(|rule| rule.filter.is_some());
    if rules.iter().any(|rule| rule.filter.is_some() != first_is_v2) {
        return Err(invalid_request("Replication configuration cannot mix rules with and without a Filter element."));
    }
    if first_is_v2 { Ok(()) } else { check_v1(rules) }
}

/// Without filters prefixes must not overlap and all rules go to one bucket.
fn check_v1(rules: &[ReplicationRule]) -> Result<()> {
    let prefixes: Vec<&str> = rules.iter().filter_map(|rule| rule.prefix.as_deref()).collect();
    for (index, one) in prefixes.iter().enumerate() {
        for other in &prefixes[index + 1..] {
            if one.starts_with(other) || other.starts_with(one) {
                return Err(invalid_request(format!("Found overlapping prefixes '{one}' and '{other}'")));
            }
        }
    }
    let destinations: BTreeSet<&str> = rules.iter().map(|rule| &*rule.destination.bucket).collect();
    if destinations.len() > 1 {
        return Err(invalid_request(
            "Number of distinct destination bucket ARNs cannot exceed 1 in this version of Cross Region Replication \
             configuration schema.",
        ));
    }
    Ok(())
}

fn check_schema(rule: &ReplicationRule) -> Result<()> {
    let refer = "for this version of Cross Region Replication configuration schema. Please refer to S3 Developer Guide \
                 for more information.";
    let Some(filter) = &rule.filter else {
        return match (&rule.prefix, rule.priority, rule.delete_markers) {
            (Some(_), None, None) => Ok(()),
            (None, ..) => Err(malformed_xml()),
            (_, Some(_), _) => Err(invalid_request(format!("Priority cannot be used {refer}"))),
            (_, None, Some(_)) => Err(invalid_request(format!("DeleteMarkerReplication cannot be used {refer}"))),
        };
    };
    if rule.prefix.is_some() {
        return Err(malformed_xml());
    }
    if rule.priority.is_none() {
        return Err(invalid_request(format!("Priority must be specified {refer}")));
    }
    if rule.priority.is_some_and(|priority| priority < 0) {
        return Err(invalid_request("Priority must be a non-negative integer."));
    }
    if rule.delete_markers.is_none() {
        return Err(invalid_request(format!("DeleteMarkerReplication must be specified {refer}")));
    }
    if rule.has_tags() && rule.delete_markers == Some(true) {
        return Err(invalid_request(
            "Delete marker replication is not supported if any Tag filter is specified. Please refer to S3 Developer \
             Guide for more information.",
        ));
    }
    check_filter(filter)
}

fn check_filter(filter: &RuleFilter) -> Result<()> {
    let (prefix, tags): (Option<&String>, &[Tag]) = match filter {
        RuleFilter::Prefix(prefix) => (Some(prefix), &[]),
        RuleFilter::Tag(tag) => (None, std::slice::from_ref(tag)),
        RuleFilter::And { prefix, tags } => {
            if usize::from(prefix.is_some()) + tags.len() < 2 {
                return Err(malformed_xml());
            }
            (prefix.as_ref(), tags)
        }
    };
    if prefix.is_some_and(|prefix| prefix.len() > 1024) {
        return Err(invalid_request("The maximum size of a prefix is 1024."));
    }
    check_tags(tags)
}

/// What S3 asks of tags, in a filter and on an object alike.
pub(super) fn check_tags(tags: &[Tag]) -> Result<()> {
    let invalid = |message| Err(WorldError::new(400, "InvalidTag", message));
    let keys: BTreeSet<&str> = tags.iter().map(|tag| &*tag.key).collect();
    if keys.len() < tags.len() {
        return invalid("Cannot provide multiple Tags with the same key");
    }
    if tags.iter().any(|tag| tag.key.is_empty() || tag.key.chars().count() > 128) {
        return invalid("The TagKey you have provided is invalid");
    }
    if tags.iter().any(|tag| tag.value.chars().count() > 256) {
        return invalid("The TagValue you have provided is invalid");
    }
    Ok(())
}

fn check_encryption(rule: &ReplicationRule) -> Result<()> {
    let opted = rule.source_selection.as_ref().and_then(|selection| selection.sse_kms_objects);
    match &rule.destination.encryption {
        Some(_) if opted.is_none() => {
            Err(invalid_request("SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present."))
        }
        None if opted == Some(true) => {
            Err(invalid_request("ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is present."))
        }
        Some(encryption) => match encryption.replica_kms_key_id.as_deref() {
            Some(key) if arn::kms(key).is_some() => Ok(()),
            Some(key) => Err(invalid_argument("Invalid ReplicaKmsKeyID ARN.", "ReplicaKmsKeyID", key)),
            None => Err(invalid_request("ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is present.")),
        },
        None => Ok(()),
    }
}

fn check_destination(destination: &RuleDestination) -> Result<()> {
    if destination.owner.as_ref().is_some_and(|owner| owner != "Destination") {
        return Err(malformed_xml());
    }
    match &destination.account {
        None if destination.owner.is_some() => {
            return Err(invalid_request(
                "Account must be specified if the Owner in AccessControlTranslation has a value",
            ));
        }
        Some(account) if !arn::is_account(account) => {
            return Err(invalid_argument("Invalid Account ID", "Account", account));
        }
        Some(_) | None => {}
    }
    if destination.storage_class.as_ref().is_some_and(|class| !is_storage_class(class)) {
        return Err(malformed_xml());
    }
    check_metrics(destination)
}

fn check_metrics(destination: &RuleDestination) -> Result<()> {
    let timed = destination.time.as_ref().is_some_and(|time| time.enabled);
    let threshold = destination.metrics.as_ref().and_then(|metrics| metrics.event_threshold_minutes);
    if destination.time.is_some() && destination.metrics.is_none() {
        return Err(invalid_request(
            "Replication destination must contain both ReplicationTime and Metrics or neither.",
        ));
    }
    if threshold.is_some() && !timed {
        let message = "Metrics cannot contain an event threshold when ReplicationTime is not specified or Disabled";
        return Err(invalid_argument(message, "EventThreshold", ""));
    }
    let minutes = destination.time.as_ref().and_then(|time| time.minutes);
    match [minutes, threshold].into_iter().flatten().find(|minutes| *minutes != 15) {
        Some(wrong) => Err(invalid_argument("Only 15 minutes are supported", "Minutes", &wrong.to_string())),
        None => Ok(()),
    }
}

fn check_destination_bucket(state: &State, source: &Bucket, destination: &RuleDestination) -> Result<()> {
    let name = arn::bucket_name(&destination.bucket)
        .ok_or_else(|| invalid_argument("Invalid bucket ARN", "Bucket", &destination.bucket))?;
    if name == source.info.name {
        return Err(invalid_request("Destination bucket cannot be the same as the source bucket."));
    }
    let bucket = state.bucket(name).ok_or_else(|| invalid_request("Destination bucket must exist."))?;
    let suspended = state.faults.of_bucket(name).has(super::Fault::VersioningSuspended);
    if suspended || *bucket.versioning.latest() != Versioning::Enabled {
        return Err(invalid_request("Destination bucket must have versioning enabled."));
    }
    Ok(())
}
