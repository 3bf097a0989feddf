//! Notifications of a bucket: queues, topics, functions with events and key filters, and EventBridge.

use s3s::dto::*;

use super::super::refusal::Refusal;
use super::Call;
use crate::sim::world::{Moment, Notification, NotificationConfiguration as Notifications, World};

/// `GetBucketNotificationConfiguration`.
pub(super) fn get(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: GetBucketNotificationConfigurationInput,
) -> Result<GetBucketNotificationConfigurationOutput, Refusal> {
    let Notifications { queues, topics, functions, event_bridge } =
        world.notifications(now, &call.access, &input.bucket)?;
    let queue =
        |(events, filter, entry): Parts| QueueConfiguration { events, filter, id: entry.id, queue_arn: entry.target };
    let topic =
        |(events, filter, entry): Parts| TopicConfiguration { events, filter, id: entry.id, topic_arn: entry.target };
    let function = |(events, filter, entry): Parts| LambdaFunctionConfiguration {
        events,
        filter,
        id: entry.id,
        lambda_function_arn: entry.target,
    };
    Ok(GetBucketNotificationConfigurationOutput {
        event_bridge_configuration: event_bridge.then(EventBridgeConfiguration::default),
        lambda_function_configurations: rows(functions, function),
        queue_configurations: rows(queues, queue),
        topic_configurations: rows(topics, topic),
    })
}

/// `PutBucketNotificationConfiguration`.
pub(super) fn put(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: PutBucketNotificationConfigurationInput,
) -> Result<PutBucketNotificationConfigurationOutput, Refusal> {
    let given = input.notification_configuration;
    let queues = given.queue_configurations.unwrap_or_default().into_iter();
    let topics = given.topic_configurations.unwrap_or_default().into_iter();
    let functions = given.lambda_function_configurations.unwrap_or_default().into_iter();
    let value = Notifications {
        queues: queues.map(|row| entry(row.id, row.queue_arn, &row.events, row.filter)).collect::<Result<_, _>>()?,
        topics: topics.map(|row| entry(row.id, row.topic_arn, &row.events, row.filter)).collect::<Result<_, _>>()?,
        functions: functions
            .map(|row| entry(row.id, row.lambda_function_arn, &row.events, row.filter))
            .collect::<Result<_, _>>()?,
        event_bridge: given.event_bridge_configuration.is_some(),
    };
    let validate = input.skip_destination_validation != Some(true);
    world.put_notifications(now, &call.access, &input.bucket, value, validate)?;
    Ok(PutBucketNotificationConfigurationOutput {})
}

/// Events and filter as the wire has them, and the entry that they came from.
type Parts = (Vec<Event>, Option<NotificationConfigurationFilter>, Notification);

fn entry(
    id: Option<String>,
    target: String,
    events: &[Event],
    filter: Option<NotificationConfigurationFilter>,
) -> Result<Notification, Refusal> {
    let mut notification = Notification {
        id: id.filter(|id| !id.is_empty()),
        target,
        events: events.iter().map(|event| event.as_ref().to_owned()).collect(),
        prefix: None,
        suffix: None,
    };
    let rules = filter.and_then(|filter| filter.key).and_then(|key| key.filter_rules).unwrap_or_default();
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

/// One kind of entry; S3 leaves the element out where there is none.
fn rows<T>(entries: Vec<Notification>, row: impl Fn(Parts) -> T) -> Option<Vec<T>> {
    let rows: Vec<T> = entries.into_iter().map(|entry| row(parts(entry))).collect();
    Some(rows).filter(|rows| !rows.is_empty())
}

fn parts(mut entry: Notification) -> Parts {
    let rule = |name: &'static str, value: Option<String>| {
        value.map(|value| FilterRule { name: Some(FilterRuleName::from_static(name)), value: Some(value) })
    };
    let rules: Vec<FilterRule> =
        [rule("Prefix", entry.prefix.take()), rule("Suffix", entry.suffix.take())].into_iter().flatten().collect();
    let is_filtered = !rules.is_empty();
    let filter = NotificationConfigurationFilter { key: Some(S3KeyFilter { filter_rules: Some(rules) }) };
    let events = std::mem::take(&mut entry.events).into_iter().map(Event::from).collect();
    (events, Some(filter).filter(|_| is_filtered), entry)
}
