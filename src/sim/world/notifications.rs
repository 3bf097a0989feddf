//! A bucket's notification configuration: queues and the replication events that they are sent.

use std::time::Duration;

use super::bucket::BucketInfo;
use super::journal::{Change, Setting};
use super::moment::Moment;
use super::notice::{QueueNotification, test_event};
use super::refusal::{Result, invalid_argument};
use super::{Access, World, WorldError};
use crate::sim::random::{BASE32, BASE64};

/// Calls of S3 on notifications. Only replication events are ever sent, though any event can be configured.
impl World {
    /// S3 `GetBucketNotificationConfiguration`.
    ///
    /// # Errors
    /// Those of every call on a bucket.
    pub fn notifications(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<Vec<QueueNotification>> {
        let now = self.enter(now);
        self.state.reach(access, bucket).map(|bucket| bucket.notifications.at(now).clone())
    }

    /// S3 `PutBucketNotificationConfiguration`. Each queue gets the `s3:TestEvent`. A queue without a policy is taken:
    /// AWS would refuse it; one with a policy must let S3 send.
    ///
    /// # Errors
    /// `InvalidArgument` for events that S3 does not have, and for queues that cannot be sent to.
    pub fn put_notifications(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        mut entries: Vec<QueueNotification>,
        validate: bool,
    ) -> Result<()> {
        let now = self.enter(now);
        let info = self.state.reach(access, bucket)?.info.clone();
        let sequence = self.state.sequence.to_string();
        for (index, entry) in entries.iter_mut().enumerate() {
            if entry.events.is_empty() || entry.events.iter().any(|event| !event.starts_with("s3:")) {
                return Err(WorldError::new(400, "InvalidArgument", "The event is not supported for notifications"));
            }
            if validate {
                self.check_target(&info, &entry.queue)?;
            }
            let made_up = || self.state.draw(&["notification", &sequence, &index.to_string()]).text(BASE64, 48);
            entry.id.get_or_insert_with(made_up);
        }
        let queues: Vec<String> = entries.iter().map(|entry| entry.queue.clone()).collect();
        self.commit(
            now,
            Change::SettingChanged { bucket: bucket.to_owned(), setting: Setting::Notifications(entries) },
        );
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
        if lets_s3_send {
            return Ok(());
        }
        Err(invalid_argument("Unable to validate the following destination configurations", "Queue", queue))
    }
}
