//! Reads the lifecycle rules of a bucket.

use std::collections::BTreeMap;

use aws_sdk_s3::types::{ExpirationStatus, LifecycleRule as Rule, LifecycleRuleFilter, Tag, Transition};

use super::super::bucket::S3Bucket;
use super::Read;
use crate::domain::audit::facts::{Fact, LifecycleRule};

const LIFECYCLE: Read =
    Read::s3("GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration", &["NoSuchLifecycleConfiguration"]);

pub(super) async fn lifecycle(bucket: &S3Bucket) -> Fact<Vec<LifecycleRule>> {
    let client = bucket.client();
    let request = || {
        let request = client.get_bucket_lifecycle_configuration().bucket(bucket.name());
        request.set_expected_bucket_owner(bucket.owner()).send()
    };
    let answer = bucket.read(LIFECYCLE, request).await?;
    Ok(answer.and_then(|answer| answer.rules).unwrap_or_default().into_iter().map(rule).collect())
}

/// A rule of the first version has a prefix of its own in place of a filter.
#[expect(deprecated, reason = "rules of the first version are still in use")]
fn rule(seen: Rule) -> LifecycleRule {
    let LifecycleRuleFilter { prefix, tag, object_size_greater_than, object_size_less_than, and, .. } =
        seen.filter.unwrap_or_else(|| LifecycleRuleFilter::builder().build());
    let and = and.as_ref();
    let all = and.and_then(|and| and.tags.as_deref()).unwrap_or_default();
    let pair = |tag: &Tag| (tag.key.clone(), tag.value.clone());
    LifecycleRule {
        id: seen.id.unwrap_or_default(),
        enabled: seen.status == ExpirationStatus::Enabled,
        tags: tag.iter().chain(all).map(pair).collect::<BTreeMap<_, _>>(),
        larger_than: object_size_greater_than.or_else(|| and?.object_size_greater_than),
        smaller_than: object_size_less_than.or_else(|| and?.object_size_less_than),
        expires_after_days: seen.expiration.and_then(|expiration| expiration.days),
        noncurrent_expires_after_days: seen.noncurrent_version_expiration.and_then(|it| it.noncurrent_days),
        transitions: seen.transitions.unwrap_or_default().into_iter().filter_map(transition).collect(),
        prefix: prefix.or_else(|| and?.prefix.clone()).or(seen.prefix).unwrap_or_default(),
    }
}

/// A transition at a date is one that has come, or will: it counts as one without delay.
fn transition(seen: Transition) -> Option<(String, i32)> {
    Some((seen.storage_class?.as_str().to_owned(), seen.days.unwrap_or_default()))
}
