//! Notifications of a bucket: queues with events and key filters; topics, functions and EventBridge are not there.

use s3s::dto::*;

use super::super::refusal::Refusal;
use super::{Call, unsupported};
use crate::sim::world::{Moment, QueueNotification, World};

/// `GetBucketNotificationConfiguration`.
pub(super) fn get(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: GetBucketNotificationConfigurationInput,
) -> Result<GetBucketNotificationConfigurationOutput, Refusal> {
    let entries: Vec<QueueConfiguration> =
        world.notifications(now, &call.access, &input.bucket)?.into_iter().map(to_wire).collect();
    let queue_configurations = (!entries.is_empty()).then_some(entries);
    Ok(GetBucketNotificationConfigurationOutput { queue_configurations, ..Default::default() })
}

/// `PutBucketNotificationConfiguration`.
pub(super) fn put(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: PutBucketNotificationConfigurationInput,
) -> Result<PutBucketNotificationConfigurationOutput, Refusal> {
    let configuration = input.notification_configuration;
    let is_empty = |length: Option<usize>| length.unwrap_or_default() == 0;
    if !is_empty(configuration.topic_configurations.as_ref().map(Vec::len))
        || !is_empty(configuration.lambda_function_configurations.as_ref().map(Vec::len))
        || configuration.event_bridge_configuration.is_some()
    {
        return Err(unsupported("notifications to anything but queues"));
    }
    let entries = configuration.queue_configurations.unwrap_or_default().into_iter().map(from_wire);
    let validate = input.skip_destination_validation != Some(true);
    world.put_notifications(now, &call.access, &input.bucket, entries.collect::<Result<_, _>>()?, validate)?;
    Ok(PutBucketNotificationConfigurationOutput {})
}

fn from_wire(entry: QueueConfiguration) -> Result<QueueNotification, Refusal> {
    let mut notification = QueueNotification {
        id: entry.id.filter(|id| !id.is_empty()),
        queue: entry.queue_arn,
        events: entry.events.iter().map(|event| event.as_ref().to_owned()).collect(),
        prefix: None,
        suffix: None,
    };
    let rules = entry.filter.and_then(|filter| filter.key).and_then(|key| key.filter_rules).unwrap_or_default();
    for rule in rules {
        let name = rule.name.as_ref().map(|name| name.as_str().to_ascii_lowercase()).unwrap_or_default();
        match name.as_str() {
            "prefix" => notification.prefix = rule.value,
            "suffix" => notification.suffix = rule.value,
            _ => {
                let message = "filter rule name must be either prefix or suffix";
                return Err(Refusal::bad_request("InvalidArgument", message));
            }
        }
    }
    Ok(notification)
}

fn to_wire(notification: QueueNotification) -> QueueConfiguration {
    let rule = |name: &'static str, value: Option<String>| {
        value.map(|value| FilterRule { name: Some(FilterRuleName::from_static(name)), value: Some(value) })
    };
    let rules: Vec<FilterRule> =
        [rule("Prefix", notification.prefix), rule("Suffix", notification.suffix)].into_iter().flatten().collect();
    let filter = NotificationConfigurationFilter { key: Some(S3KeyFilter { filter_rules: Some(rules.clone()) }) };
    let filter = Some(filter).filter(|_| !rules.is_empty());
    QueueConfiguration {
        events: notification.events.into_iter().map(Event::from).collect(),
        filter,
        id: notification.id,
        queue_arn: notification.queue,
    }
}
