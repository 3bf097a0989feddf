//! The queue that events come from: its name, and how its messages and calls end.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::name::Region;
use crate::domain::object::Trouble;
use crate::domain::time::Moment;

/// A queue, by its URL. Equal queues are read once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventQueue {
    url: Arc<str>,
    /// The Region that is called.
    pub region: Region,
}

/// How a message ended. A message that was not read stays in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageOutcome {
    /// At least one event in it was new, and counted.
    Accounted,
    /// S3 tried out a new configuration.
    Test,
    /// Every event of ours in it was counted before.
    Duplicate,
    /// Nothing in it concerns a route: other buckets, other canaries, events of another kind.
    Unmatched,
    /// It, or a record in it, was not understood: left to the queue's redrive policy.
    Unreadable,
}

/// Something about a queue.
#[derive(Debug, Clone)]
pub struct QueueObservation {
    /// The queue.
    pub queue: EventQueue,
    /// When.
    pub at: Moment,
    /// What.
    pub note: QueueNote,
}

/// What was observed of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueueNote {
    /// It was read, and what was accounted for was deleted.
    Read,
    /// A message was dealt with, or left where it is.
    Message {
        /// How it ended.
        outcome: MessageOutcome,
        /// What is wrong with it, where it was not understood.
        problem: Option<String>,
    },
    /// A call to it met trouble, so many times in a row.
    Unread {
        /// Which.
        trouble: Trouble,
        /// How often in a row.
        in_a_row: u32,
        /// What is known of the call.
        detail: String,
    },
}

impl EventQueue {
    /// The queue of that URL, in the Region that is called.
    #[must_use]
    pub fn new(url: &str, region: Region) -> Self {
        Self { url: url.into(), region }
    }

    /// The URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The last part of the URL.
    #[must_use]
    pub fn name(&self) -> &str {
        self.url.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
    }
}

impl fmt::Display for EventQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl MessageOutcome {
    /// Every outcome, in the order of the documentation.
    pub const ALL: [Self; 5] = [Self::Accounted, Self::Test, Self::Duplicate, Self::Unmatched, Self::Unreadable];

    /// The outcome as label value.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accounted => "accounted",
            Self::Test => "test",
            Self::Duplicate => "duplicate",
            Self::Unmatched => "unmatched",
            Self::Unreadable => "unreadable",
        }
    }
}

/// Why a queue cannot be read, and what to do: a clause.
#[must_use]
pub fn problem(trouble: Trouble) -> String {
    match trouble {
        Trouble::AccessDenied => "it refuses the monitor: grant sqs:ReceiveMessage and sqs:DeleteMessage on it, and \
                                  kms:Decrypt on its key where it has one, to the credentials of the route's source"
            .to_owned(),
        Trouble::NoSuchQueue | Trouble::NotFound => {
            "it does not exist: create it, or correct source.event_queue".to_owned()
        }
        Trouble::KmsDisabled | Trouble::KmsNotFound | Trouble::KmsInvalidState => {
            format!("its own KMS key cannot be used ({trouble}): repair the key, or give the queue another")
        }
        Trouble::BadCredentials | Trouble::ExpiredCredentials | Trouble::NoCredentials => {
            format!("the credentials of the route's source do not work ({trouble}): correct or renew them")
        }
        Trouble::ClockSkew => "its clock and the monitor's differ too much: synchronise the monitor's".to_owned(),
        Trouble::Throttled => "it throttles the monitor: nothing is lost, events come later".to_owned(),
        Trouble::ConnectionFailed | Trouble::ConnectionLost | Trouble::TimedOut => {
            format!("it cannot be reached ({trouble}): check the network, the proxy and the endpoint")
        }
        Trouble::ServerError
        | Trouble::BadAnswer
        | Trouble::WrongRegion
        | Trouble::NoSuchBucket
        | Trouble::MethodNotAllowed
        | Trouble::Exists
        | Trouble::Archived
        | Trouble::Refused
        | Trouble::Internal => {
            format!("it does not answer as SQS does ({trouble}): check source.event_queue and AWS Health")
        }
    }
}
