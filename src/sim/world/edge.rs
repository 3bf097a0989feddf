//! The faults of the edge: which of them meet a call, by what the call names.

use super::World;
use super::fault::{CLOCK_SKEW, EdgeSubject, Fault, FaultSet};
use super::moment::Moment;
use super::series::SeriesName;
use super::state::State;

impl World {
    /// Whether no fault is on, so that it does not matter what a call names.
    pub fn is_untroubled(&mut self, now: Moment) -> bool {
        self.enter(now);
        self.state.faults.active().next().is_none()
    }

    /// The edge faults that meet a call about `subject`; `skewed_clock` meets every call. What serves several routes
    /// at once (a queue, a request for many metrics) meets a fault when all of them have it: bystanders are spared.
    pub fn edge_faults(&mut self, now: Moment, subject: EdgeSubject<'_>) -> FaultSet {
        self.enter(now);
        let faults = &self.state.faults;
        let on_subject = match subject {
            EdgeSubject::Bucket(bucket) => faults.of_bucket(bucket),
            EdgeSubject::Key(key) => faults.of_key(&self.state.key_arn_of_text(key)),
            EdgeSubject::Role(role) => faults.of_role(role),
            EdgeSubject::Queue(arn) => common(self.state.notifying(arn).map(|bucket| faults.of_bucket(bucket))),
            EdgeSubject::Series(names) => common(names.iter().map(|name| self.state.faults_of_series(name))),
            EdgeSubject::None => FaultSet::default(),
        };
        let mut edge = FaultSet::default();
        on_subject.iter().filter(|fault| fault.is_edge()).for_each(|fault| edge.insert(fault));
        if faults.anywhere(Fault::SkewedClock) {
            edge.insert(Fault::SkewedClock);
        }
        edge
    }

    /// The servers' clock: `now`, or ahead of it by [`CLOCK_SKEW`] while `skewed_clock` is on.
    pub fn server_time(&mut self, now: Moment) -> Moment {
        self.enter(now);
        if self.state.faults.anywhere(Fault::SkewedClock) { now.plus(CLOCK_SKEW) } else { now }
    }
}

impl State {
    fn faults_of_series(&self, name: &SeriesName) -> FaultSet {
        self.faults_between(&name.source, &name.destination)
    }

    /// The buckets that send notifications to a queue.
    fn notifying(&self, queue: &str) -> impl Iterator<Item = &str> {
        let sends = move |configured: &super::NotificationConfiguration| {
            configured.queues.iter().any(|entry| entry.target == queue)
        };
        let buckets = self.buckets.iter().filter(move |(_, bucket)| sends(bucket.notifications.latest()));
        buckets.map(|(name, _)| name.as_str())
    }
}

/// What is in every set; nothing where there is none.
fn common(mut sets: impl Iterator<Item = FaultSet>) -> FaultSet {
    let first = sets.next().unwrap_or_default();
    sets.fold(first, FaultSet::intersection)
}
