//! Lines about replication events and their queues: the first of a kind, and again after an hour of silence.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use crate::domain::event::EventObservation;
use crate::domain::event::queue::{EventQueue, QueueNote, QueueObservation, problem};
use crate::domain::event::reason::FailureReason;
use crate::domain::object::Trouble;
use crate::domain::route::{Route, RouteId};
use crate::domain::time::Monotonic;

/// After such a silence the next event of a kind is news again.
const SILENCE: Duration = Duration::from_secs(3_600);

/// So many troubles in a row that may pass by themselves are no news.
const PASSING: u32 = 3;

/// Remembers what was told of events and queues.
#[derive(Debug, Default)]
pub(super) struct Letters {
    /// When the last event of a kind came.
    events: HashMap<(RouteId, usize, bool, FailureReason), Monotonic>,
    /// The queues that cannot be read.
    unread: BTreeSet<EventQueue>,
    /// When the last message of a queue came that was not understood.
    unreadable: BTreeMap<EventQueue, Monotonic>,
}

impl Letters {
    /// Tells that S3 gave up an object of the user's, or why it gives up canaries: their change of state may have been
    /// told before the event came.
    pub(super) fn event(&mut self, told: &EventObservation, route: &Route) {
        let Some(failure) = told.event.kind.failure() else { return };
        let Some(destination) = route.destinations.get(told.destination) else { return };
        let kind = (told.route, told.destination, told.is_canary, failure.reason);
        let before = self.events.insert(kind, told.at.mono);
        if is_news(before, told.at.mono) {
            let (name, reason) = (route.name.as_str(), &*failure.text);
            let (source, destination) = (route.source.bucket.as_str(), destination.bucket.as_str());
            let what = if told.is_canary { "a canary" } else { "an object" };
            tracing::warn!(
                route = name,
                destination,
                reason,
                "S3 gave up replicating {what} from {source} to {destination}, {}; see /api/v1/routes/{name}",
                failure.sentence()
            );
        }
    }

    /// Tells when a queue becomes unreadable or readable, and of messages that were not understood.
    pub(super) fn queue(&mut self, observation: &QueueObservation) {
        let queue = &observation.queue;
        let (name, url) = (queue.name(), queue.url());
        match &observation.note {
            QueueNote::Read => {
                if self.unread.remove(queue) {
                    tracing::info!(queue = name, url, "the queue {name} of replication events can be read again");
                }
            }
            QueueNote::Unread { trouble, in_a_row, detail } => {
                if (*in_a_row >= PASSING || lasts(*trouble)) && self.unread.insert(queue.clone()) {
                    let why = problem(*trouble);
                    tracing::warn!(
                        queue = name,
                        url,
                        error = detail.as_str(),
                        "the queue {name} of replication events cannot be read: {why}"
                    );
                }
            }
            QueueNote::Message { problem: Some(problem), .. } => {
                let before = self.unreadable.insert(queue.clone(), observation.at.mono);
                if is_news(before, observation.at.mono) {
                    tracing::warn!(
                        queue = name,
                        url,
                        "a message of the queue {name} is not understood and left to its redrive policy: {problem}"
                    );
                }
            }
            QueueNote::Message { problem: None, .. } => {}
        }
    }

    /// A route is no longer monitored.
    pub(super) fn forget(&mut self, id: RouteId) {
        self.events.retain(|(route, ..), _| *route != id);
    }
}

fn is_news(before: Option<Monotonic>, now: Monotonic) -> bool {
    before.is_none_or(|before| now.0.saturating_sub(before.0) >= SILENCE)
}

/// Whether somebody has to do something about it.
fn lasts(trouble: Trouble) -> bool {
    match trouble {
        Trouble::Throttled
        | Trouble::ConnectionFailed
        | Trouble::ConnectionLost
        | Trouble::TimedOut
        | Trouble::ServerError
        | Trouble::ExpiredCredentials
        | Trouble::Internal => false,
        Trouble::NotFound
        | Trouble::NoSuchBucket
        | Trouble::NoSuchQueue
        | Trouble::MethodNotAllowed
        | Trouble::AccessDenied
        | Trouble::BadCredentials
        | Trouble::NoCredentials
        | Trouble::ClockSkew
        | Trouble::WrongRegion
        | Trouble::Exists
        | Trouble::KmsDisabled
        | Trouble::KmsNotFound
        | Trouble::KmsInvalidState
        | Trouble::Archived
        | Trouble::BadAnswer
        | Trouble::Refused => true,
    }
}
