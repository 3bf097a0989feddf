//! Lifecycle configurations, between the wire's terms and the world's.

use s3s::dto::*;

use super::super::refusal::Refusal;
use super::{Call, malformed_xml, moment, replication, timestamp};
use crate::sim::world::{
    LifecycleConfiguration, LifecycleExpiration as Expiration, LifecycleFilter, LifecycleRule as Rule,
    LifecycleTransition, Moment, NoncurrentExpiration, World,
};

type Answer<T> = Result<T, Refusal>;

/// `GetBucketLifecycleConfiguration`.
pub(super) fn get(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: GetBucketLifecycleConfigurationInput,
) -> Answer<GetBucketLifecycleConfigurationOutput> {
    let found = world.lifecycle(now, &call.access, &input.bucket)?;
    Ok(GetBucketLifecycleConfigurationOutput {
        rules: Some(found.rules.into_iter().map(to_wire).collect()),
        transition_default_minimum_object_size: found.minimum_size.map(TransitionDefaultMinimumObjectSize::from),
    })
}

/// `PutBucketLifecycleConfiguration`.
pub(super) fn put(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: PutBucketLifecycleConfigurationInput,
) -> Answer<PutBucketLifecycleConfigurationOutput> {
    let given = input.lifecycle_configuration.ok_or_else(malformed_xml)?;
    let rules: Option<Vec<Rule>> = given.rules.into_iter().map(from_wire).collect();
    let minimum_size = input.transition_default_minimum_object_size;
    let value = LifecycleConfiguration {
        rules: rules.ok_or_else(malformed_xml)?,
        minimum_size: minimum_size.as_ref().map(|size| size.as_str().to_owned()),
    };
    world.put_lifecycle(now, &call.access, &input.bucket, value)?;
    Ok(PutBucketLifecycleConfigurationOutput { transition_default_minimum_object_size: minimum_size })
}

/// `DeleteBucketLifecycle`.
pub(super) fn delete(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: DeleteBucketLifecycleInput,
) -> Answer<DeleteBucketLifecycleOutput> {
    world.delete_lifecycle(now, &call.access, &input.bucket)?;
    Ok(DeleteBucketLifecycleOutput {})
}

fn from_wire(rule: LifecycleRule) -> Option<Rule> {
    let enabled = match rule.status.as_str() {
        ExpirationStatus::ENABLED => true,
        ExpirationStatus::DISABLED => false,
        _ => return None,
    };
    let transitions = rule.transitions.unwrap_or_default().into_iter().map(|row| {
        Some(LifecycleTransition {
            days: row.days,
            date: match &row.date {
                Some(date) => Some(moment(date)?),
                None => None,
            },
            newer_versions: None,
            storage_class: row.storage_class?.as_str().to_owned(),
        })
    });
    let noncurrent = rule.noncurrent_version_transitions.unwrap_or_default().into_iter().map(|row| {
        Some(LifecycleTransition {
            days: row.noncurrent_days,
            date: None,
            newer_versions: row.newer_noncurrent_versions,
            storage_class: row.storage_class?.as_str().to_owned(),
        })
    });
    Some(Rule {
        id: rule.id,
        enabled,
        prefix: rule.prefix,
        filter: match rule.filter {
            Some(filter) => Some(filter_from_wire(filter)?),
            None => None,
        },
        expiration: match rule.expiration {
            Some(expiration) => Some(expiration_from_wire(&expiration)?),
            None => None,
        },
        noncurrent_expiration: rule.noncurrent_version_expiration.map(|given| NoncurrentExpiration {
            days: given.noncurrent_days,
            newer_versions: given.newer_noncurrent_versions,
        }),
        transitions: transitions.collect::<Option<_>>()?,
        noncurrent_transitions: noncurrent.collect::<Option<_>>()?,
        abort_uploads_days: match rule.abort_incomplete_multipart_upload {
            Some(abort) => Some(abort.days_after_initiation?),
            None => None,
        },
    })
}

fn filter_from_wire(filter: LifecycleRuleFilter) -> Option<LifecycleFilter> {
    let tags = |tags: Vec<Tag>| tags.into_iter().map(replication::tag_from_wire).collect();
    let alone = filter.prefix.is_none()
        && filter.tag.is_none()
        && filter.object_size_greater_than.is_none()
        && filter.object_size_less_than.is_none();
    match filter.and {
        Some(and) if alone => Some(LifecycleFilter {
            and: true,
            prefix: and.prefix,
            tags: tags(and.tags.unwrap_or_default()),
            larger_than: and.object_size_greater_than,
            smaller_than: and.object_size_less_than,
        }),
        Some(_) => None,
        None => Some(LifecycleFilter {
            and: false,
            prefix: filter.prefix,
            tags: tags(filter.tag.into_iter().collect()),
            larger_than: filter.object_size_greater_than,
            smaller_than: filter.object_size_less_than,
        }),
    }
}

fn expiration_from_wire(given: &LifecycleExpiration) -> Option<Expiration> {
    match (given.days, &given.date, given.expired_object_delete_marker) {
        (Some(days), None, None) => Some(Expiration::Days(days)),
        (None, Some(date), None) => Some(Expiration::Date(moment(date)?)),
        (None, None, Some(on)) => Some(Expiration::LoneMarkers(on)),
        _ => None,
    }
}

fn to_wire(rule: Rule) -> LifecycleRule {
    let status = if rule.enabled { ExpirationStatus::ENABLED } else { ExpirationStatus::DISABLED };
    let transition = |row: LifecycleTransition| Transition {
        date: row.date.map(timestamp),
        days: row.days,
        storage_class: Some(TransitionStorageClass::from(row.storage_class)),
    };
    let noncurrent = |row: LifecycleTransition| NoncurrentVersionTransition {
        newer_noncurrent_versions: row.newer_versions,
        noncurrent_days: row.days,
        storage_class: Some(TransitionStorageClass::from(row.storage_class)),
    };
    LifecycleRule {
        abort_incomplete_multipart_upload: rule
            .abort_uploads_days
            .map(|days| AbortIncompleteMultipartUpload { days_after_initiation: Some(days) }),
        expiration: rule.expiration.map(expiration_to_wire),
        filter: rule.filter.map(filter_to_wire),
        id: rule.id,
        noncurrent_version_expiration: rule.noncurrent_expiration.map(|given| NoncurrentVersionExpiration {
            newer_noncurrent_versions: given.newer_versions,
            noncurrent_days: given.days,
        }),
        noncurrent_version_transitions: some(rule.noncurrent_transitions.into_iter().map(noncurrent).collect()),
        prefix: rule.prefix,
        status: ExpirationStatus::from_static(status),
        transitions: some(rule.transitions.into_iter().map(transition).collect()),
    }
}

fn some<T>(rows: Vec<T>) -> Option<Vec<T>> {
    Some(rows).filter(|rows| !rows.is_empty())
}

fn filter_to_wire(filter: LifecycleFilter) -> LifecycleRuleFilter {
    let mut tags: Vec<Tag> = filter.tags.into_iter().map(replication::tag_to_wire).collect();
    let (larger, smaller) = (filter.larger_than, filter.smaller_than);
    if filter.and {
        let and = LifecycleRuleAndOperator {
            object_size_greater_than: larger,
            object_size_less_than: smaller,
            prefix: filter.prefix,
            tags: some(tags),
        };
        return LifecycleRuleFilter { and: Some(and), ..LifecycleRuleFilter::default() };
    }
    LifecycleRuleFilter {
        and: None,
        object_size_greater_than: larger,
        object_size_less_than: smaller,
        prefix: filter.prefix,
        tag: tags.pop(),
    }
}

fn expiration_to_wire(expiration: Expiration) -> LifecycleExpiration {
    let none = LifecycleExpiration::default();
    match expiration {
        Expiration::Days(days) => LifecycleExpiration { days: Some(days), ..none },
        Expiration::Date(date) => LifecycleExpiration { date: Some(timestamp(date)), ..none },
        Expiration::LoneMarkers(on) => LifecycleExpiration { expired_object_delete_marker: Some(on), ..none },
    }
}
