//! Reads the queues of replication events: each message is accounted for, then deleted.
//!
//! One loop for all queues, and one long poll a queue. A message with a record that is not understood stays in the
//! queue; when it comes again, what was counted of it is known.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::cloud::{CloudError, EventSource, QueueMessage};
use crate::domain::event::claim::{Claims, Concerned};
use crate::domain::event::letter::{self, Letter, Record};
use crate::domain::event::memory::Memory;
use crate::domain::event::queue::{EventQueue, MessageOutcome, QueueNote, QueueObservation};
use crate::domain::event::{EventObservation, ReplicationEvent};
use crate::domain::observation::Observation;
use crate::domain::route::RouteId;

use super::clock::Clock;
use super::reporter::Reporter;

/// How long to wait after the first trouble; doubled by each that follows in a row.
const PAUSE_MIN: Duration = Duration::from_secs(1);
/// The longest wait.
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// A turn that deleted nothing lasts at least so long, whatever the queue answers, and how soon.
const IDLE_TURN_MIN: Duration = Duration::from_secs(1);

/// A queue to read, and whom its events may concern.
#[derive(Debug)]
pub struct WatchedQueue<Q> {
    /// Which it is.
    pub queue: EventQueue,
    /// The queue itself.
    pub source: Q,
    /// The routes whose source buckets are on the queue's server.
    pub claims: Arc<Claims>,
}

/// Reads every queue for as long as it is polled. What comes twice, from whichever queue, is counted once.
pub async fn keep_receiving<Q: EventSource>(queues: Vec<WatchedQueue<Q>>, clock: Clock, reporter: Reporter) {
    let memory = Mutex::new(Memory::default());
    let readers = queues.into_iter().map(|watched| {
        let reader = Reader { watched, clock: clock.clone(), reporter: reporter.clone(), memory: &memory };
        reader.keep_reading()
    });
    futures_util::future::join_all(readers).await;
}

struct Reader<'a, Q> {
    watched: WatchedQueue<Q>,
    clock: Clock,
    reporter: Reporter,
    memory: &'a Mutex<Memory>,
}

/// How a turn ended.
enum Turn {
    /// Messages were deleted.
    Deleted,
    /// There were none, or none that may be deleted.
    Idle,
    /// A call met trouble.
    Failed {
        error: CloudError,
        /// Whether messages that were accounted for are still in the queue.
        is_deletion: bool,
    },
}

impl<Q: EventSource> Reader<'_, Q> {
    async fn keep_reading(self) {
        let mut in_a_row: u32 = 0;
        let mut cannot_delete = false;
        loop {
            let began = self.clock.now().mono;
            match self.turn().await {
                Turn::Failed { error, is_deletion } => {
                    in_a_row = in_a_row.saturating_add(1);
                    cannot_delete |= is_deletion;
                    let (trouble, detail) = (error.kind(), error.to_string());
                    self.note(QueueNote::Unread { trouble, in_a_row, detail }).await;
                    let asked_for = error.detail().retry_after.unwrap_or_default();
                    let pause = pause(in_a_row).max(asked_for).min(PAUSE_MAX);
                    self.clock.sleep_until(self.clock.now().mono.plus(pause)).await;
                }
                // What cannot be deleted hides for a while: the silence of the queue is no success then.
                Turn::Idle if cannot_delete => self.clock.sleep_until(began.plus(IDLE_TURN_MIN)).await,
                turn @ (Turn::Deleted | Turn::Idle) => {
                    in_a_row = 0;
                    cannot_delete = false;
                    self.note(QueueNote::Read).await;
                    if matches!(turn, Turn::Idle) {
                        self.clock.sleep_until(began.plus(IDLE_TURN_MIN)).await;
                    }
                }
            }
        }
    }

    /// One long poll, and what follows from it.
    async fn turn(&self) -> Turn {
        let messages = match self.watched.source.receive().await {
            Ok(messages) => messages,
            Err(error) => return Turn::Failed { error, is_deletion: false },
        };
        let mut done = Vec::with_capacity(messages.len());
        for QueueMessage { body, receipt } in messages {
            let (outcome, problem) = self.account(&body).await;
            self.note(QueueNote::Message { outcome, problem }).await;
            if outcome != MessageOutcome::Unreadable {
                done.push(receipt);
            }
        }
        if done.is_empty() {
            return Turn::Idle;
        }
        match self.watched.source.delete(&done).await {
            Ok(()) => Turn::Deleted,
            Err(error) => Turn::Failed { error, is_deletion: true },
        }
    }

    /// Hands on everything that a message tells, and says how the message ended.
    async fn account(&self, body: &str) -> (MessageOutcome, Option<String>) {
        let records = match letter::parse(body) {
            Ok(Letter::Records(records)) => records,
            Ok(Letter::Test) => return (MessageOutcome::Test, None),
            Err(problem) => return (MessageOutcome::Unreadable, Some(problem.to_string())),
        };
        let (mut is_news, mut is_known, mut problem) = (false, false, None);
        for record in records {
            match record {
                Record::Foreign => {}
                Record::Unreadable(wrong) => problem = problem.or_else(|| Some(wrong.to_string())),
                Record::Event(event) => {
                    let concerned = concerned(&self.watched.claims, &event);
                    if concerned.is_empty() {
                        continue;
                    }
                    if self.is_news(&event) {
                        is_news = true;
                        self.tell(*event, concerned).await;
                    } else {
                        is_known = true;
                    }
                }
            }
        }
        let outcome = match (&problem, is_news, is_known) {
            (Some(_), _, _) => MessageOutcome::Unreadable,
            (None, true, _) => MessageOutcome::Accounted,
            (None, false, true) => MessageOutcome::Duplicate,
            (None, false, false) => MessageOutcome::Unmatched,
        };
        (outcome, problem)
    }

    async fn tell(&self, event: ReplicationEvent, concerned: Vec<(RouteId, usize, bool)>) {
        let event = Arc::new(event);
        for (route, destination, is_canary) in concerned {
            let (event, at) = (Arc::clone(&event), self.clock.now());
            let told = EventObservation { route, destination, is_canary, event, at };
            self.reporter.observe(Observation::Event(told)).await;
        }
    }

    fn is_news(&self, event: &ReplicationEvent) -> bool {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).is_news(event.identity)
    }

    async fn note(&self, note: QueueNote) {
        let (queue, at) = (self.watched.queue.clone(), self.clock.now());
        self.reporter.observe(Observation::Queue(QueueObservation { queue, at, note })).await;
    }
}

/// The destinations that an event concerns, each with whether it is about a canary.
fn concerned(claims: &Claims, event: &ReplicationEvent) -> Vec<(RouteId, usize, bool)> {
    match claims.of(event) {
        Concerned::Canary(route, destination) => vec![(route, destination, true)],
        Concerned::Objects(all) => all.into_iter().map(|(route, destination)| (route, destination, false)).collect(),
        Concerned::StrangeCanary | Concerned::Nobody => Vec::new(),
    }
}

/// 1, 2, 4, ... 60 s.
fn pause(in_a_row: u32) -> Duration {
    let doubled = 1_u32.checked_shl(in_a_row.saturating_sub(1)).unwrap_or(u32::MAX);
    PAUSE_MIN.saturating_mul(doubled).min(PAUSE_MAX)
}
