//! SQS queues, as types, and what time and calls do to the messages in one.

use std::collections::BTreeMap;
use std::time::Duration;

use super::moment::Moment;
use super::policy::Policy;

/// Attributes that can be set, with what holds where they are not: those without a default are absent then.
pub(super) const SETTABLE: &[(&str, Option<&str>)] = &[
    ("VisibilityTimeout", Some("30")),
    ("DelaySeconds", Some("0")),
    ("MessageRetentionPeriod", Some("345600")),
    ("ReceiveMessageWaitTimeSeconds", Some("0")),
    ("MaximumMessageSize", Some("1048576")),
    ("SqsManagedSseEnabled", Some("true")),
    ("KmsMasterKeyId", None),
    ("KmsDataKeyReusePeriodSeconds", None),
    ("Policy", None),
    ("RedrivePolicy", None),
    ("RedriveAllowPolicy", None),
];

/// `RedrivePolicy`: where messages go that were received too often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Redrive {
    pub(super) target: String,
    pub(super) most_receives: u32,
}

/// A message as `ReceiveMessage` hands it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedMessage {
    /// `MessageId`.
    pub id: String,
    /// `ReceiptHandle`, of this very receive.
    pub handle: String,
    /// `Body`.
    pub body: String,
    /// `SentTimestamp`.
    pub sent_at: Moment,
    /// `ApproximateFirstReceiveTimestamp`.
    pub first_received: Moment,
    /// `ApproximateReceiveCount`.
    pub receives: u32,
}

/// A message in a queue.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) body: String,
    pub(super) sent_at: Moment,
    /// From when on it can be received.
    pub(super) visible_at: Moment,
    pub(super) first_received: Option<Moment>,
    pub(super) receives: u32,
}

impl Message {
    /// The handle of its newest receive.
    pub(super) fn handle(&self) -> String {
        aws_smithy_types::base64::encode(format!("{}/{}", self.id, self.receives))
    }

    pub(super) fn received(&self) -> ReceivedMessage {
        ReceivedMessage {
            id: self.id.clone(),
            handle: self.handle(),
            body: self.body.clone(),
            sent_at: self.sent_at,
            first_received: self.first_received.unwrap_or(self.sent_at),
            receives: self.receives,
        }
    }
}

/// A queue.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    pub(super) account: String,
    pub(super) created_at: Moment,
    pub(super) changed_at: Moment,
    /// What was set, verbatim.
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) policy: Option<Policy>,
    pub(super) redrive: Option<Redrive>,
    /// Messages ever sent; ids are made of it.
    pub(super) sent: u64,
    pub(super) messages: Vec<Message>,
}

impl Queue {
    /// A setting in seconds (or bytes).
    pub(super) fn number(&self, name: &str) -> u64 {
        let default = SETTABLE.iter().find(|(known, _)| *known == name).and_then(|(_, default)| *default);
        let text = self.attributes.get(name).map(String::as_str).or(default);
        text.and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    /// Adds a message that can be received from `visible_at` on.
    pub(super) fn add(&mut self, id: String, body: String, at: Moment, visible_at: Moment) {
        self.sent += 1;
        self.messages.push(Message { id, body, sent_at: at, visible_at, first_received: None, receives: 0 });
    }

    /// Whether a message has not outlived the retention period.
    pub(super) fn is_kept(&self, message: &Message, at: Moment) -> bool {
        message.sent_at.plus(Duration::from_secs(self.number("MessageRetentionPeriod"))) > at
    }

    /// Hands out up to `most` messages, which stay hidden until `hidden_until`.
    pub(super) fn receive(&mut self, ids: &[String], at: Moment, hidden_until: Moment) {
        for message in self.messages.iter_mut().filter(|message| ids.contains(&message.id)) {
            message.receives += 1;
            message.first_received.get_or_insert(at);
            message.visible_at = hidden_until;
        }
    }

    /// Those that can be received at `at`, longest visible first.
    pub(super) fn available(&self, at: Moment) -> Vec<&Message> {
        let visible = |message: &&Message| message.visible_at <= at && self.is_kept(message, at);
        let mut all: Vec<&Message> = self.messages.iter().filter(visible).collect();
        all.sort_by_key(|message| message.visible_at);
        all
    }

    /// How many are visible, in flight, and delayed at `at`.
    pub(super) fn counts(&self, at: Moment) -> [usize; 3] {
        let kept = || self.messages.iter().filter(|message| self.is_kept(message, at));
        let hidden = |received: bool| {
            kept().filter(|message| message.visible_at > at && (message.receives > 0) == received).count()
        };
        [kept().filter(|message| message.visible_at <= at).count(), hidden(true), hidden(false)]
    }
}
