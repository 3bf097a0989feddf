//! A bucket's notification configuration: queues and the replication events that they are sent; the rest is kept.

use std::time::Duration;

use super::access::Ask;
use super::bucket::BucketInfo;
use super::journal::{Change, Setting};
use super::moment::Moment;
use super::notice::{Notification, NotificationConfiguration, test_event};
use super::refusal::{Result, invalid_argument};
use super::{Access, World, WorldError, arn};
use crate::sim::random::{BASE32, BASE64};

/// Calls of S3 on notifications. Only replication events are ever sent, and only to queues, though any event, topics,
/// functions and EventBridge can be configured.
impl World {
    /// S3 `GetBucketNotificationConfiguration`.
    ///
    /// # Errors
    /// Those of every call on a bucket.
    pub fn notifications(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<NotificationConfiguration> {
        let ask = Ask::new("s3:GetBucketNotification");
        self.read(now, access, bucket, &ask, |bucket, now| bucket.notifications.at(now).clone())
    }

    /// S3 `PutBucketNotificationConfiguration`. Each queue gets the `s3:TestEvent`. A queue without a policy is taken:
    /// AWS would refuse it; one with a policy must let S3 send. Of topics and functions, which are not part of this
    /// world, only the ARN is checked.
    ///
    /// # Errors
    /// `InvalidArgument` for events that S3 does not have, for entries that overlap, and for targets that cannot be
    /// sent to.
    pub fn put_notifications(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        mut value: NotificationConfiguration,
        validate: bool,
    ) -> Result<()> {
        let now = self.enter(now);
        let target = self.state.admit(access, bucket, &Ask::new("s3:PutBucketNotification"), now)?;
        let info = target.info.clone();
        let sequence = self.state.sequence.to_string();
        let NotificationConfiguration { queues, topics, functions, .. } = &mut value;
        let all: Vec<&mut Notification> = queues.iter_mut().chain(topics).chain(functions).collect();
        check_overlaps(&all)?;
        for (index, entry) in all.into_iter().enumerate() {
            if entry.events.is_empty() || entry.events.iter().any(|event| !event.starts_with("s3:")) {
                return Err(WorldError::new(400, "InvalidArgument", "The event is not supported for notifications"));
            }
            let made_up = || self.state.draw(&["notification", &sequence, &index.to_string()]).text(BASE64, 48);
            entry.id.get_or_insert_with(made_up);
        }
        if validate {
            value.queues.iter().try_for_each(|entry| self.check_target(&info, &entry.target))?;
            value.topics.iter().try_for_each(|entry| check_arn(&info, "Topic", "sns", &entry.target))?;
            value.functions.iter().try_for_each(|entry| check_arn(&info, "CloudFunction", "lambda", &entry.target))?;
        }
        let queues: Vec<String> = value.queues.iter().map(|entry| entry.target.clone()).collect();
        self.change_setting(now, bucket, Setting::Notifications(value))?;
        for queue in queues.into_iter().filter(|_| validate) {
            let mut draw = self.state.draw(&["test event", &queue, &sequence]);
            let (request, host) = (draw.text(BASE32, 16), draw.text(BASE64, 76));
            let body = test_event(bucket, now, &request, &host);
            self.commit(now, Change::MessageSent { queue, body, delay: Duration::ZERO });
        }
        Ok(())
    }

    fn check_target(&self, bucket: &BucketInfo, queue: &str) -> Result<()> {
        let source = format!("arn:aws:s3:::{}", bucket.name);
        let context = [("aws:SourceArn", source.as_str()), ("aws:SourceAccount", bucket.account.as_str())];
        let same_region = queue.split(':').nth(3) == Some(&*bucket.region);
        let lets_s3_send = self.state.queues.get(queue).filter(|_| same_region).is_some_and(|queue| {
            let allowed =
                |policy: &super::Policy| policy.allows_service("s3.amazonaws.com", "sqs:SendMessage", &context);
            queue.policy.as_ref().is_none_or(allowed)
        });
        if lets_s3_send { Ok(()) } else { Err(cannot_validate("Queue", queue)) }
    }
}

fn check_arn(bucket: &BucketInfo, kind: &str, service: &str, target: &str) -> Result<()> {
    let parts: Vec<&str> = target.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", "aws", found, region, account, name]
            if *found == service && *region == bucket.region && arn::is_account(account) && !name.is_empty() =>
        {
            Ok(())
        }
        _ => Err(cannot_validate(kind, target)),
    }
}

fn cannot_validate(kind: &str, target: &str) -> WorldError {
    invalid_argument("Unable to validate the following destination configurations", kind, target)
}

/// No two entries may want the same event of the same key.
fn check_overlaps(entries: &[&mut Notification]) -> Result<()> {
    for (index, one) in entries.iter().enumerate() {
        if entries.iter().skip(index + 1).any(|other| overlap(one, other)) {
            let message = "Configurations overlap. Configurations on the same bucket cannot share a common event type.";
            return Err(WorldError::new(400, "InvalidArgument", message));
        }
    }
    Ok(())
}

fn overlap(one: &Notification, other: &Notification) -> bool {
    let family = |event: &str| event.strip_suffix('*').map(str::to_owned);
    let covers = |wide: &str, event: &str| family(wide).is_some_and(|family| event.starts_with(&family));
    let same = |a: &String, b: &String| a == b || covers(a, b) || covers(b, a);
    let (prefix, suffix) = (
        (one.prefix.as_deref().unwrap_or_default(), other.prefix.as_deref().unwrap_or_default()),
        (one.suffix.as_deref().unwrap_or_default(), other.suffix.as_deref().unwrap_or_default()),
    );
    one.events.iter().any(|event| other.events.iter().any(|known| same(event, known)))
        && (prefix.0.starts_with(prefix.1) || prefix.1.starts_with(prefix.0))
        && (suffix.0.ends_with(suffix.1) || suffix.1.ends_with(suffix.0))
}
