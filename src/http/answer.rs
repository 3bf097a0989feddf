//! The sentence on top of the page: is my data safe in the other Region?

use std::time::Duration;

use super::timestamp::Timestamp;
use crate::domain::snapshot::{DestinationSnapshot, RouteSnapshot, Snapshot};
use crate::domain::verdict::State;

/// The answer, and how good it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// A CSS class: `good`, `fair` or `bad`.
    pub(super) tone: &'static str,
    /// The sentence.
    pub(super) text: String,
}

/// The most destinations that the sentence names.
const NAMED_MAX: usize = 3;

/// Answers in one sentence. Canaries are samples: they prove replication up to a time, not every object before it.
///
/// `stale` is the age of a snapshot that is too old: a frozen good value is the worst lie a monitor can tell.
pub(super) fn answer(snapshot: &Snapshot, stale: Option<Duration>) -> Answer {
    if let Some(age) = stale {
        let text = format!("Cannot tell: the monitor itself is stuck, what it shows is {} s old.", age.as_secs());
        return Answer { tone: "bad", text };
    }
    let watched: Vec<(&RouteSnapshot, &DestinationSnapshot, &str)> =
        snapshot.routes.iter().flat_map(|route| named(route)).filter(|row| row.1.state != State::Paused).collect();
    let broken = naming(&watched, |state| matches!(state, State::Failing | State::Misconfigured | State::Stalled));
    let unclear = naming(&watched, |state| state == State::Unknown);
    let count = watched.len();
    if let Some((number, names)) = broken {
        let text = format!("No: {number} of {} {} not replicated to as configured: {names}.", of(count), is(number));
        return Answer { tone: "bad", text };
    }
    if let Some((number, names)) = unclear {
        let text = format!("Cannot tell: of {number} of {} nothing is known at present: {names}.", of(count));
        return Answer { tone: "fair", text };
    }
    if count == 0 {
        let text = if snapshot.routes.is_empty() {
            "Cannot tell: no route is monitored yet."
        } else {
            "Cannot tell: every route is paused."
        };
        return Answer { tone: "fair", text: text.to_owned() };
    }
    proven(&watched)
}

/// All destinations are healthy or late.
fn proven(watched: &[(&RouteSnapshot, &DestinationSnapshot, &str)]) -> Answer {
    let late = watched.iter().filter(|row| row.1.state == State::Late).count();
    let points: Option<Vec<_>> = watched.iter().map(|row| row.1.recovery_point).collect();
    let until = points.and_then(|points| points.into_iter().min());
    let until = until.map_or_else(String::new, |point| format!(" up to {}", Timestamp(point)));
    let gaps = if watched.iter().any(|row| !row.1.gaps.is_empty()) { ", except in the gaps below" } else { "" };
    let count = of(watched.len());
    let text = if late == 0 {
        format!("Yes: canaries prove replication to {count}{until}{gaps}.")
    } else {
        format!("Yes, but late at {late} of {count}: canaries prove replication{until}{gaps}.")
    };
    Answer { tone: if late == 0 { "good" } else { "fair" }, text }
}

fn named(route: &RouteSnapshot) -> impl Iterator<Item = (&RouteSnapshot, &DestinationSnapshot, &str)> {
    let buckets = route.route.destinations.iter().map(|destination| destination.bucket.as_str());
    route.destinations.iter().zip(buckets).map(move |(health, bucket)| (route, health, bucket))
}

/// How many destinations are in such a state, and the names of the first.
fn naming(
    watched: &[(&RouteSnapshot, &DestinationSnapshot, &str)],
    selects: impl Fn(State) -> bool,
) -> Option<(usize, String)> {
    let mut names: Vec<String> =
        watched.iter().filter(|row| selects(row.1.state)).map(|row| format!("{} to {}", row.0.name, row.2)).collect();
    let count = names.len();
    if count > NAMED_MAX {
        names.truncate(NAMED_MAX);
        names.push(format!("and {} more", count - NAMED_MAX));
    }
    (count > 0).then(|| (count, names.join(", ")))
}

fn of(count: usize) -> String {
    if count == 1 { "1 destination".to_owned() } else { format!("{count} destinations") }
}

fn is(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}
