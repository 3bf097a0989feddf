//! Queues on paused time: what is counted, what is deleted, what stays, and how often a queue is asked.

use std::collections::VecDeque;
use std::sync::Mutex;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::*;
use crate::cloud::{CloudError, Detail, EventSource, QueueMessage};
use crate::domain::event::claim::Claims;
use crate::domain::event::queue::{EventQueue, MessageOutcome, QueueNote};
use crate::domain::fixture;
use crate::domain::name::Region;
use crate::domain::object::Trouble;
use crate::runtime::events::{WatchedQueue, keep_receiving};

/// A queue that gives what it was given, and remembers what it was asked.
#[derive(Debug, Clone, Default)]
struct Letterbox(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    answers: Mutex<VecDeque<Result<Vec<String>, Trouble>>>,
    refuses_deletion: Mutex<Option<Trouble>>,
    /// How long an empty receive takes.
    wait: Mutex<Duration>,
    received_at: Mutex<Vec<Instant>>,
    deleted: Mutex<Vec<String>>,
}

impl Letterbox {
    fn with(answers: impl IntoIterator<Item = Result<Vec<String>, Trouble>>) -> Self {
        let queue = Self::default();
        queue.0.answers.lock().unwrap().extend(answers);
        *queue.0.wait.lock().unwrap() = Duration::from_secs(20);
        queue
    }

    fn deleted(&self) -> Vec<String> {
        self.0.deleted.lock().unwrap().clone()
    }

    fn gaps(&self) -> Vec<u64> {
        let times = self.0.received_at.lock().unwrap();
        times.windows(2).map(|pair| (pair[1] - pair[0]).as_secs()).collect()
    }
}

fn error(kind: Trouble) -> CloudError {
    let (operation, status, code, message) = ("ReceiveMessage", None, None, None);
    CloudError::new(Detail {
        kind,
        operation,
        status,
        code,
        message,
        request_id: None,
        retry_after: None,
        source: None,
    })
}

impl EventSource for Letterbox {
    async fn receive(&self) -> Result<Vec<QueueMessage>, CloudError> {
        self.0.received_at.lock().unwrap().push(Instant::now());
        let answer = self.0.answers.lock().unwrap().pop_front();
        let Some(answer) = answer else {
            let wait = *self.0.wait.lock().unwrap();
            tokio::time::sleep(wait).await;
            return Ok(Vec::new());
        };
        let message = |body: String| QueueMessage { receipt: format!("receipt of {body}"), body };
        answer.map(|bodies| bodies.into_iter().map(message).collect()).map_err(error)
    }

    async fn delete(&self, receipts: &[String]) -> Result<(), CloudError> {
        if let Some(trouble) = *self.0.refuses_deletion.lock().unwrap() {
            return Err(error(trouble));
        }
        self.0.deleted.lock().unwrap().extend(receipts.iter().cloned());
        Ok(())
    }
}

fn record(key: &str) -> Value {
    json!({
        "eventName": "Replication:OperationFailedReplication",
        "s3": { "bucket": { "name": "source" }, "object": { "key": key, "versionId": "v" } },
        "replicationEventData": {
            "destinationBucket": "arn:aws:s3:::destination-0", "failureReason": "DstBucketNotFound",
        },
    })
}

fn body(records: &[Value]) -> String {
    json!({ "Records": records }).to_string()
}

/// Reads the queues for a while; answers the keys of the events that were told, and the notes of the queues.
async fn read(queues: &[Letterbox], time: Duration) -> (Vec<String>, Vec<QueueNote>) {
    let route = Arc::new(fixture::route("orders", 1));
    let claims = Arc::new(Claims::new([(RouteId(0), &route)]));
    let watched = queues.iter().enumerate().map(|(place, source)| WatchedQueue {
        queue: EventQueue::new(&format!("http://host/1/events-{place}"), Region::new("x")),
        source: source.clone(),
        claims: Arc::clone(&claims),
    });
    let (sender, mut receiver) = mpsc::channel(10_000);
    let wall = Clock::with_wall(|| UnixMillis(1_700_000_000_000));
    let reading = keep_receiving(watched.collect(), wall, Reporter::new(sender));
    let _elapsed = tokio::time::timeout(time, reading).await;
    let (mut keys, mut notes) = (Vec::new(), Vec::new());
    while let Ok(observation) = receiver.try_recv() {
        if let Observation::Event(told) = observation {
            keys.push(told.event.key.to_string());
        } else if let Observation::Queue(queue) = observation {
            notes.push(queue.note);
        }
    }
    (keys, notes)
}

fn outcomes(notes: &[QueueNote]) -> Vec<MessageOutcome> {
    let outcome = |note: &QueueNote| match note {
        QueueNote::Message { outcome, .. } => Some(*outcome),
        QueueNote::Read | QueueNote::Unread { .. } => None,
    };
    notes.iter().filter_map(outcome).collect()
}

#[tokio::test(start_paused = true)]
async fn each_message_is_accounted_for_and_deleted() {
    use MessageOutcome::{Accounted, Duplicate, Test, Unmatched};
    let mut strange = record("c");
    strange["replicationEventData"]["destinationBucket"] = json!("elsewhere");
    let bodies = vec![
        body(&[record("a"), record("b")]),
        body(&[record("b"), record("a")]),
        body(&[record("b"), record("c")]),
        body(&[strange]),
        body(&[json!({ "eventName": "ObjectCreated:Put" })]),
        json!({ "Event": "s3:TestEvent" }).to_string(),
    ];
    let queue = Letterbox::with([Ok(bodies.clone())]);
    let (keys, notes) = read(std::slice::from_ref(&queue), Duration::from_secs(5)).await;
    assert_eq!(keys, ["a", "b", "c"]);
    assert_eq!(outcomes(&notes), [Accounted, Duplicate, Accounted, Unmatched, Unmatched, Test]);
    assert_eq!(queue.deleted().len(), bodies.len());
    assert_eq!(notes.last(), Some(&QueueNote::Read));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_understood_stays_and_its_good_records_are_counted_once() {
    let poison = body(&[record("a"), json!({ "eventName": "Replication:OperationNotTracked" })]);
    let good = body(&[record("b")]);
    let queue = Letterbox::with([Ok(vec![poison.clone(), good.clone(), "rubbish".to_owned()]), Ok(vec![poison])]);
    let (keys, notes) = read(std::slice::from_ref(&queue), Duration::from_secs(10)).await;
    assert_eq!(keys, ["a", "b"]);
    assert_eq!(queue.deleted(), [format!("receipt of {good}")]);
    let unreadable = |outcome: &&MessageOutcome| **outcome == MessageOutcome::Unreadable;
    assert_eq!(outcomes(&notes).iter().filter(unreadable).count(), 3);
    let told =
        |note: &QueueNote| matches!(note, QueueNote::Message { problem: Some(text), .. } if text.contains("JSON"));
    assert!(notes.iter().any(told), "{notes:?}");
}

#[tokio::test(start_paused = true)]
async fn the_same_event_from_two_queues_is_counted_once() {
    let queues = [Letterbox::with([Ok(vec![body(&[record("a")])])]), Letterbox::with([Ok(vec![body(&[record("a")])])])];
    let (keys, notes) = read(&queues, Duration::from_secs(5)).await;
    assert_eq!(keys, ["a"]);
    assert_eq!(outcomes(&notes), [MessageOutcome::Accounted, MessageOutcome::Duplicate]);
    assert!(queues.iter().all(|queue| queue.deleted().len() == 1));
}

#[tokio::test(start_paused = true)]
async fn trouble_is_met_with_longer_and_longer_pauses() {
    let queue = Letterbox::with((0..9).map(|_| Err(Trouble::AccessDenied)));
    let (_, notes) = read(std::slice::from_ref(&queue), Duration::from_secs(310)).await;
    assert_eq!(queue.gaps()[..9], [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    let unread = |in_a_row| {
        let detail = error(Trouble::AccessDenied).to_string();
        QueueNote::Unread { trouble: Trouble::AccessDenied, in_a_row, detail }
    };
    assert_eq!(notes[..9], (1..10).map(unread).collect::<Vec<_>>());
    assert_eq!(notes[9..], [QueueNote::Read, QueueNote::Read, QueueNote::Read]);
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_does_not_wait_is_not_asked_without_pause() {
    let empty = Letterbox::default();
    read(std::slice::from_ref(&empty), Duration::from_secs(60)).await;
    assert!((55..=61).contains(&empty.gaps().len()), "{}", empty.gaps().len());
    let poisoned = Letterbox::with((0..1_000).map(|_| Ok(vec!["rubbish".to_owned()])));
    read(std::slice::from_ref(&poisoned), Duration::from_secs(60)).await;
    assert!((55..=61).contains(&poisoned.gaps().len()), "{}", poisoned.gaps().len());
}

#[tokio::test(start_paused = true)]
async fn the_silence_of_a_queue_that_keeps_its_messages_is_no_success() {
    let queue = Letterbox::with([Ok(vec![body(&[record("a")])]), Ok(vec![]), Ok(vec![body(&[record("a")])])]);
    *queue.0.refuses_deletion.lock().unwrap() = Some(Trouble::AccessDenied);
    let (keys, notes) = read(std::slice::from_ref(&queue), Duration::from_secs(60)).await;
    assert_eq!(keys, ["a"]);
    assert!(!notes.contains(&QueueNote::Read), "{notes:?}");
    assert_eq!(outcomes(&notes), [MessageOutcome::Accounted, MessageOutcome::Duplicate]);
}
