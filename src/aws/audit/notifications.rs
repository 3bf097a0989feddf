//! Reads whom a bucket notifies of its events.

use aws_sdk_s3::types::{Event, FilterRuleName, NotificationConfigurationFilter};

use super::super::bucket::S3Bucket;
use super::Read;
use crate::domain::audit::facts::{Fact, NotificationTarget, Notifications};

const NOTIFICATIONS: Read = Read::s3("GetBucketNotificationConfiguration", "s3:GetBucketNotification", &[]);

pub(super) async fn notifications(bucket: &S3Bucket) -> Fact<Notifications> {
    let client = bucket.client();
    let request = || {
        let request = client.get_bucket_notification_configuration().bucket(bucket.name());
        request.set_expected_bucket_owner(bucket.owner()).send()
    };
    let answer = bucket.read_whole(NOTIFICATIONS, request).await?;
    let queues = answer.queue_configurations.unwrap_or_default().into_iter();
    let topics = answer.topic_configurations.unwrap_or_default().into_iter();
    let functions = answer.lambda_function_configurations.unwrap_or_default().into_iter();
    let targets = queues
        .map(|it| target(it.queue_arn, &it.events, it.filter))
        .chain(topics.map(|it| target(it.topic_arn, &it.events, it.filter)))
        .chain(functions.map(|it| target(it.lambda_function_arn, &it.events, it.filter)));
    Ok(Notifications { targets: targets.collect(), event_bridge: answer.event_bridge_configuration.is_some() })
}

fn target(arn: String, events: &[Event], filter: Option<NotificationConfigurationFilter>) -> NotificationTarget {
    let rules = filter.and_then(|filter| filter.key).and_then(|key| key.filter_rules).unwrap_or_default();
    let part = |name: &FilterRuleName| {
        let rule = rules.iter().find(|rule| rule.name.as_ref() == Some(name));
        rule.and_then(|rule| rule.value.clone()).unwrap_or_default()
    };
    NotificationTarget {
        arn,
        events: events.iter().map(|event| event.as_str().to_owned()).collect(),
        prefix: part(&FilterRuleName::Prefix),
        suffix: part(&FilterRuleName::Suffix),
    }
}
