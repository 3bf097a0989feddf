//! What the journal does to queues, and how S3's own messages get there: at least once, in no order.

use std::collections::BTreeMap;

use super::LatencyProfile;
use super::agenda::Event;
use super::journal::Change;
use super::moment::Moment;
use super::queue::{Message, Queue};
use super::queues::QueueSettings;
use super::state::State;

/// How many of S3's messages arrive twice.
const DUPLICATES: f64 = 0.05;

impl State {
    /// The part of the journal's fold that is about queues; other changes are none of its business.
    pub(super) fn change_queue(&mut self, at: Moment, change: Change) {
        #[expect(clippy::wildcard_enum_match_arm, reason = "the rest of the journal is folded elsewhere")]
        match change {
            Change::QueueCreated { arn, account, settings } => self.add_queue(at, arn, account, settings),
            Change::QueueSet { arn, settings } => self.set_queue(at, &arn, settings),
            Change::MessageSent { queue, body, delay } => self.put_message(at, &queue, body, at.plus(delay)),
            Change::MessagesBuried { queue, target, ids } => self.bury_messages(at, &queue, &target, &ids),
            Change::QueuePurged { queue } => {
                if let Some(queue) = self.queues.get_mut(&queue) {
                    queue.messages.clear();
                }
            }
            Change::MessagesReceived { queue, ids, until } => {
                if let Some(queue) = self.queues.get_mut(&queue) {
                    queue.receive(&ids, at, until);
                }
            }
            Change::MessageDeleted { queue, id } => {
                if let Some(queue) = self.queues.get_mut(&queue) {
                    queue.messages.retain(|message| message.id != id);
                }
            }
            Change::VisibilitySet { queue, id, until } => {
                let messages = self.queues.get_mut(&queue).map(|queue| queue.messages.iter_mut()).into_iter().flatten();
                messages.filter(|message| message.id == id).for_each(|message| message.visible_at = until);
            }
            _ => {}
        }
    }

    fn add_queue(&mut self, at: Moment, arn: String, account: String, settings: QueueSettings) {
        let queue = Queue {
            account,
            created_at: at,
            changed_at: at,
            attributes: BTreeMap::new(),
            policy: None,
            redrive: None,
            sent: 0,
            messages: Vec::new(),
        };
        self.queues.insert(arn.clone(), queue);
        self.set_queue(at, &arn, settings);
    }

    fn set_queue(&mut self, at: Moment, arn: &str, settings: QueueSettings) {
        let Some(queue) = self.queues.get_mut(arn) else { return };
        queue.changed_at = at;
        if settings.attributes.contains_key("Policy") {
            queue.policy = settings.policy;
        }
        if settings.attributes.contains_key("RedrivePolicy") {
            queue.redrive = settings.redrive;
        }
        queue.attributes.extend(settings.attributes);
        queue.attributes.retain(|_, value| !value.is_empty());
    }

    pub(super) fn put_message(&mut self, at: Moment, arn: &str, body: String, visible_at: Moment) {
        let id = self.next_message_id(arn);
        if let Some(queue) = self.queues.get_mut(arn) {
            queue.add(id, body, at, visible_at);
        }
    }

    /// Moves messages to a dead-letter queue, ids, bodies and times of sending as they were.
    fn bury_messages(&mut self, at: Moment, arn: &str, target: &str, ids: &[String]) {
        let Some(queue) = self.queues.get_mut(arn) else { return };
        let (dead, alive) =
            std::mem::take(&mut queue.messages).into_iter().partition(|message| ids.contains(&message.id));
        queue.messages = alive;
        let dead: Vec<Message> = dead;
        if let Some(target) = self.queues.get_mut(target) {
            target.messages.extend(dead.into_iter().map(|message| Message { visible_at: at, ..message }));
        }
    }

    /// Lets S3 send a message, which arrives some time after `at` and now and then once more.
    pub(super) fn deliver(&mut self, at: Moment, arn: &str, body: &str) {
        let mut draw = self.draw(&["delivery", arn, body]);
        let spread = match self.physics.latency {
            LatencyProfile::Quick => 1.5,
            LatencyProfile::Realistic => 60.0,
        };
        let times = if draw.unit() < DUPLICATES { 2 } else { 1 };
        for _ in 0..times {
            let delay = std::time::Duration::from_secs_f64(0.05 + spread * draw.unit());
            self.agenda.add(at.plus(delay), Event::Delivery(arn.to_owned(), body.to_owned()));
        }
    }
}
