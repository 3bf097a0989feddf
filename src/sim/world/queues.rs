//! Calls of SQS. Standard queues only.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_smithy_types::base64;

use super::identity::Caller;
use super::journal::Change;
use super::moment::Moment;
use super::policy::{Decision, Policy, PolicyKind, Request};
use super::queue::{Queue, ReceivedMessage, Redrive, SETTABLE};
use super::refusal::Result;
use super::state::State;
use super::{World, WorldError};

/// What was asked to be changed in a queue, checked.
#[derive(Clone, Debug, Default)]
pub(super) struct QueueSettings {
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) policy: Option<Policy>,
    pub(super) redrive: Option<Redrive>,
}

/// Calls of SQS; `queue` is an ARN. Each can be refused with `QueueDoesNotExist` and `AccessDeniedException`.
impl World {
    /// SQS `CreateQueue`: the ARN of the queue, which may exist with the same attributes.
    ///
    /// # Errors
    /// `QueueNameExists` with other attributes, `InvalidParameterValue`, `InvalidAttributeName`.
    pub fn create_queue(
        &mut self,
        now: Moment,
        caller: &Caller,
        region: &str,
        name: &str,
        attributes: BTreeMap<String, String>,
    ) -> Result<String> {
        let now = self.enter(now);
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if name.is_empty() || name.len() > 80 || !name.bytes().all(legal) {
            let message = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
            return Err(WorldError::new(400, "InvalidParameterValue", message));
        }
        let arn = format!("arn:aws:sqs:{region}:{}:{name}", caller.account);
        if let Some(queue) = self.state.queues.get(&arn) {
            let same = attributes.iter().all(|(name, value)| queue.attributes.get(name) == Some(value));
            let message = "A queue already exists with the same name and a different value for an attribute";
            return if same { Ok(arn) } else { Err(WorldError::new(400, "QueueNameExists", message)) };
        }
        let settings = self.state.queue_settings(attributes)?;
        self.commit(now, Change::QueueCreated { arn: arn.clone(), account: caller.account.clone(), settings });
        Ok(arn)
    }

    /// SQS `GetQueueUrl`, and the check behind every other call: whether the queue is there and this caller may.
    ///
    /// # Errors
    /// Those of every call.
    pub fn check_queue(&mut self, now: Moment, caller: &Caller, queue: &str, action: &str) -> Result<()> {
        self.enter(now);
        self.state.queue(caller, queue, action).map(|_| ())
    }

    /// SQS `GetQueueAttributes`, all of them.
    ///
    /// # Errors
    /// Those of every call.
    pub fn queue_attributes(&mut self, now: Moment, caller: &Caller, queue: &str) -> Result<BTreeMap<String, String>> {
        let now = self.enter(now);
        let found = self.state.queue(caller, queue, "sqs:GetQueueAttributes")?;
        let defaults = SETTABLE.iter().filter_map(|(name, value)| Some(((*name).to_owned(), (*value)?.to_owned())));
        let mut attributes: BTreeMap<String, String> = defaults.collect();
        attributes.extend(found.attributes.clone());
        let [visible, in_flight, delayed] = found.counts(now);
        for (name, value) in [
            ("QueueArn", queue.to_owned()),
            ("ApproximateNumberOfMessages", visible.to_string()),
            ("ApproximateNumberOfMessagesNotVisible", in_flight.to_string()),
            ("ApproximateNumberOfMessagesDelayed", delayed.to_string()),
            ("CreatedTimestamp", found.created_at.seconds().to_string()),
            ("LastModifiedTimestamp", found.changed_at.seconds().to_string()),
        ] {
            attributes.insert(name.to_owned(), value);
        }
        Ok(attributes)
    }

    /// SQS `SetQueueAttributes`.
    ///
    /// # Errors
    /// `InvalidAttributeName`, `InvalidAttributeValue`.
    pub fn set_queue_attributes(
        &mut self,
        now: Moment,
        caller: &Caller,
        queue: &str,
        attributes: BTreeMap<String, String>,
    ) -> Result<()> {
        let now = self.enter(now);
        self.state.queue(caller, queue, "sqs:SetQueueAttributes")?;
        let settings = self.state.queue_settings(attributes)?;
        self.commit(now, Change::QueueSet { arn: queue.to_owned(), settings });
        Ok(())
    }

    /// SQS `SendMessage`: the id of the message.
    ///
    /// # Errors
    /// `InvalidParameterValue` for an empty body, one too long, or a delay over 15 minutes.
    pub fn send_message(
        &mut self,
        now: Moment,
        caller: &Caller,
        queue: &str,
        body: String,
        delay: Option<u64>,
    ) -> Result<String> {
        let now = self.enter(now);
        let found = self.state.queue(caller, queue, "sqs:SendMessage")?;
        let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
        let delay = delay.unwrap_or_else(|| found.number("DelaySeconds"));
        if length == 0 || length > found.number("MaximumMessageSize") || delay > 900 {
            let message = "One or more parameters are invalid. Reason: the message must have 1 byte to the maximum \
                           size of the queue, and a delay of at most 900 seconds.";
            return Err(WorldError::new(400, "InvalidParameterValue", message));
        }
        let id = self.state.next_message_id(queue);
        self.commit(now, Change::MessageSent { queue: queue.to_owned(), body, delay: Duration::from_secs(delay) });
        Ok(id)
    }

    /// SQS `ReceiveMessage` without waiting. Messages received too often go to the dead-letter queue instead.
    ///
    /// # Errors
    /// Those of every call.
    pub fn receive_messages(
        &mut self,
        now: Moment,
        caller: &Caller,
        queue: &str,
        most: usize,
        visibility: Option<u64>,
    ) -> Result<Vec<ReceivedMessage>> {
        let now = self.enter(now);
        let found = self.state.queue(caller, queue, "sqs:ReceiveMessage")?;
        let redrive = found.redrive.clone();
        let worn = |receives: u32| redrive.as_ref().is_some_and(|redrive| receives >= redrive.most_receives);
        let (dead, alive): (Vec<_>, Vec<_>) =
            found.available(now).into_iter().partition(|message| worn(message.receives));
        let dead: Vec<String> = dead.into_iter().map(|message| message.id.clone()).collect();
        let ids: Vec<String> = alive.into_iter().take(most).map(|message| message.id.clone()).collect();
        let hidden = Duration::from_secs(visibility.unwrap_or_else(|| found.number("VisibilityTimeout")));
        if let Some(redrive) = redrive.filter(|_| !dead.is_empty()) {
            let (queue, target) = (queue.to_owned(), redrive.target);
            self.commit(now, Change::MessagesBuried { queue, target, ids: dead });
        }
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let (queue, until) = (queue.to_owned(), now.plus(hidden));
        self.commit(now, Change::MessagesReceived { queue: queue.clone(), ids: ids.clone(), until });
        let messages = self.state.queues.get(&queue).map(|queue| queue.messages.iter()).into_iter().flatten();
        let by_id: BTreeMap<&str, ReceivedMessage> =
            messages.map(|message| (message.id.as_str(), message.received())).collect();
        Ok(ids.iter().filter_map(|id| by_id.get(id.as_str()).cloned()).collect())
    }

    /// SQS `DeleteMessage`. A handle of an older receive, or of a message that is gone, succeeds without effect.
    ///
    /// # Errors
    /// `ReceiptHandleIsInvalid`.
    pub fn delete_message(&mut self, now: Moment, caller: &Caller, queue: &str, handle: &str) -> Result<()> {
        let now = self.enter(now);
        let found = self.state.queue(caller, queue, "sqs:DeleteMessage")?;
        let id = message_of(handle)?;
        if found.messages.iter().any(|message| message.id == id && message.handle() == handle) {
            self.commit(now, Change::MessageDeleted { queue: queue.to_owned(), id });
        }
        Ok(())
    }

    /// SQS `ChangeMessageVisibility`.
    ///
    /// # Errors
    /// `ReceiptHandleIsInvalid`, `MessageNotInflight`, `InvalidParameterValue` over 12 hours.
    pub fn change_visibility(
        &mut self,
        now: Moment,
        caller: &Caller,
        queue: &str,
        handle: &str,
        seconds: u64,
    ) -> Result<()> {
        let now = self.enter(now);
        let found = self.state.queue(caller, queue, "sqs:ChangeMessageVisibility")?;
        let id = message_of(handle)?;
        if seconds > 43_200 {
            let message = format!("Value {seconds} for parameter VisibilityTimeout is invalid.");
            return Err(WorldError::new(400, "InvalidParameterValue", message));
        }
        if !found.messages.iter().any(|message| message.id == id && message.visible_at > now) {
            let message = "The message referred to is not in flight.";
            return Err(WorldError::new(400, "MessageNotInflight", message));
        }
        let until = now.plus(Duration::from_secs(seconds));
        self.commit(now, Change::VisibilitySet { queue: queue.to_owned(), id, until });
        Ok(())
    }

    /// SQS `PurgeQueue`.
    ///
    /// # Errors
    /// Those of every call.
    pub fn purge_queue(&mut self, now: Moment, caller: &Caller, queue: &str) -> Result<()> {
        let now = self.enter(now);
        self.state.queue(caller, queue, "sqs:PurgeQueue")?;
        self.commit(now, Change::QueuePurged { queue: queue.to_owned() });
        Ok(())
    }
}

impl State {
    /// The queue, if this caller may do that to it: its own account always, others when its policy says so.
    fn queue(&self, caller: &Caller, arn: &str, action: &str) -> Result<&Queue> {
        let Some(queue) = self.queues.get(arn) else {
            let message = "The specified queue does not exist.";
            return Err(WorldError::new(400, "QueueDoesNotExist", message));
        };
        let request = Request { caller, action, resource: arn, context: &[] };
        let said = queue.policy.as_ref().map_or(Decision::Silent, |policy| policy.decide(&request));
        let own = queue.account == caller.account && said != Decision::Deny;
        if own || said == Decision::Allow {
            return Ok(queue);
        }
        let message = format!("User: {} is not authorized to perform: {action} on resource: {arn}", caller.arn);
        Err(WorldError::new(403, "AccessDeniedException", message))
    }

    /// The id that the next message of a queue gets.
    pub(super) fn next_message_id(&self, queue: &str) -> String {
        let sent = self.queues.get(queue).map_or(0, |queue| queue.sent);
        self.draw(&["message", queue, &sent.to_string()]).uuid()
    }

    fn queue_settings(&self, attributes: BTreeMap<String, String>) -> Result<QueueSettings> {
        let wrong = |name: &str| {
            WorldError::new(400, "InvalidAttributeValue", format!("Invalid value for the parameter {name}."))
        };
        if let Some(name) = attributes.keys().find(|name| SETTABLE.iter().all(|(known, _)| known != name)) {
            return Err(WorldError::new(400, "InvalidAttributeName", format!("Unknown Attribute {name}.")));
        }
        let ranges = [
            ("VisibilityTimeout", 0..=43_200),
            ("DelaySeconds", 0..=900),
            ("MessageRetentionPeriod", 60..=1_209_600),
            ("ReceiveMessageWaitTimeSeconds", 0..=20),
            ("MaximumMessageSize", 1_024..=1_048_576),
        ];
        for (name, range) in ranges {
            let fits = |text: &String| text.parse::<u64>().is_ok_and(|number| range.contains(&number));
            if attributes.get(name).is_some_and(|text| !fits(text)) {
                return Err(wrong(name));
            }
        }
        let given = |name: &str| attributes.get(name).filter(|text| !text.is_empty());
        let policy = given("Policy")
            .map(|text| self.bind_policy(PolicyKind::Queue, text).map_err(|_| wrong("Policy")))
            .transpose()?;
        let redrive =
            given("RedrivePolicy").map(|text| self.redrive(text).ok_or_else(|| wrong("RedrivePolicy"))).transpose()?;
        Ok(QueueSettings { attributes, policy, redrive })
    }

    fn redrive(&self, text: &str) -> Option<Redrive> {
        let policy: serde_json::Value = serde_json::from_str(text).ok()?;
        let target = policy.get("deadLetterTargetArn")?.as_str().filter(|arn| self.queues.contains_key(*arn))?;
        let count = policy.get("maxReceiveCount")?;
        let count = count.as_u64().or_else(|| count.as_str()?.parse().ok())?;
        let most_receives = u32::try_from(count).ok().filter(|count| (1..=1000).contains(count))?;
        Some(Redrive { target: target.to_owned(), most_receives })
    }
}

fn message_of(handle: &str) -> Result<String> {
    let text = base64::decode(handle).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.and_then(|text| Some(text.split_once('/')?.0.to_owned())).ok_or_else(|| {
        let message = "The input receipt handle is not a valid receipt handle.";
        WorldError::new(400, "ReceiptHandleIsInvalid", message)
    })
}
