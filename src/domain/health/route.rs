//! One route: hands observations to its destinations, and keeps what belongs to all of them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::Change;
use super::audited::Settling;
use super::conditions::{Shown, Why};
use super::contact::Contact;
use super::destination::DestinationHealth;
use super::explain::Witnesses;
use super::message;
use crate::domain::event::EventObservation;
use crate::domain::key::{KeyLook, KeyPair, KeyStatus};
use crate::domain::name::{ObjectKey, Region, RouteName};
use crate::domain::object::{ReplicationStatus, Trouble};
use crate::domain::observation::{CanaryObservation, Note, SelfTest, Side};
use crate::domain::reading::evidence::Evidence;
use crate::domain::reason::Reason;
use crate::domain::report::Report;
use crate::domain::route::{Observe, Pause, Route, RouteId, StatusSupport};
use crate::domain::snapshot::{ChangeAt, DestinationSnapshot, RouteSnapshot};
use crate::domain::time::{Moment, Monotonic, UnixMillis};
use crate::domain::verdict::State;

mod setup;

/// No shorter silence makes a state `unknown`.
const SILENCE_MIN: Duration = Duration::from_secs(60);

/// How often a paused route looks at the wall clock, which may be corrected meanwhile.
const PAUSE_LOOK: Duration = Duration::from_secs(60);

/// The health of one route.
#[derive(Debug)]
pub(super) struct RouteHealth {
    /// When time alone may change it, as the owner has noted.
    pub(super) due: Option<Monotonic>,
    id: RouteId,
    route: Arc<Route>,
    /// Since when it is paused, while it is.
    paused: Option<UnixMillis>,
    source: Contact,
    destinations: Vec<DestinationHealth>,
    /// What the source shows of canaries that have not ended.
    statuses: BTreeMap<ObjectKey, Statuses>,
    /// The newest canary that the source was asked about, and what it showed.
    source_status: Option<(UnixMillis, Option<ReplicationStatus>)>,
    /// Whether canaries arrive although the source shows no status.
    arrives_without_status: bool,
    last_write: Option<UnixMillis>,
    last_cycle: Option<UnixMillis>,
    /// What others tell of it.
    pub(super) witnesses: Witnesses,
    /// The newest changes of its set-up, newest first.
    changes: VecDeque<ChangeAt>,
    settling: Settling,
}

/// What the source has shown of one canary.
#[derive(Debug, Default)]
struct Statuses {
    absent: bool,
    present: bool,
    arrived: bool,
}

impl RouteHealth {
    /// Nothing is known yet.
    pub(super) fn new(id: RouteId, route: Arc<Route>, now: Moment) -> Self {
        let destinations = route.destinations.iter().enumerate().map(|(place, destination)| {
            let observed = destination.observe == Observe::Replica;
            let side = Side::Destination(place);
            let key_of = |side| route.key(side).map(KeyStatus::unseen);
            let keys = KeyPair { source: key_of(Side::Source), destination: key_of(side) };
            let cloudwatch = Evidence::new(route.cloudwatch.is_some(), now);
            let mut health = DestinationHealth::new(side, observed, keys, cloudwatch, now);
            if route.is_paused(now.wall) {
                health.published = State::Paused;
            }
            health
        });
        Self {
            due: None,
            id,
            paused: route.is_paused(now.wall).then_some(now.wall),
            source: Contact::default(),
            destinations: destinations.collect(),
            statuses: BTreeMap::new(),
            source_status: None,
            arrives_without_status: false,
            last_write: None,
            last_cycle: None,
            witnesses: Witnesses::default(),
            changes: VecDeque::new(),
            settling: Settling::default(),
            route,
        }
    }

    /// The Regions of destinations that stand still.
    pub(super) fn still_regions(&self) -> BTreeSet<Region> {
        let named = self.destinations.iter().zip(&self.route.destinations);
        named.filter(|(health, _)| health.published == State::Stalled).map(|(_, named)| named.region.clone()).collect()
    }

    /// So many other routes to a Region stand still. Answers whether that explains anything here.
    pub(super) fn others_stand_still(&mut self, region: &Region, others: usize) -> bool {
        let mut news = false;
        for (place, destination) in self.route.destinations.iter().enumerate() {
            if destination.region == *region {
                news |= self.witnesses.still_in_region.insert(place, others) != Some(others);
            }
        }
        news
    }

    /// The route's name.
    pub(super) fn name(&self) -> &RouteName {
        &self.route.name
    }

    /// A canary was started. Like every method here that answers a `bool`: whether the route looks different.
    pub(super) fn cycled(&mut self, at: Moment) -> bool {
        self.last_cycle = Some(at.wall);
        true
    }

    /// A call ended.
    pub(super) fn contacted(&mut self, side: Side, answer: Result<(), Trouble>, at: Moment) -> bool {
        if let Some(contact) = self.contact(side) {
            match answer {
                Err(trouble) if !trouble.is_answer() => contact.unanswered(trouble, at),
                Ok(()) | Err(_) => contact.answered(),
            }
        }
        false
    }

    /// A self-test ended. A refusal proves neither that the side answers canaries nor that it does not.
    pub(super) fn self_tested(&mut self, side: Side, outcome: SelfTest, at: Moment) -> bool {
        match outcome {
            SelfTest::SeesAbsence => self.contacted(side, Ok(()), at),
            SelfTest::RefusedWithoutListing => false,
            SelfTest::NoAnswer(trouble) => self.contacted(side, Err(trouble), at),
        }
    }

    /// Somebody looked at the key of a side.
    pub(super) fn looked_at_key(&mut self, side: Side, look: Option<&KeyLook>, at: Moment) -> bool {
        let status = look.map(|look| KeyStatus::seen(look, at.wall));
        self.concerned(side, |destination| destination.looked_at_key(side, status.clone(), at));
        true
    }

    /// A replication event came.
    pub(super) fn told(&mut self, event: &EventObservation) -> bool {
        let Some(destination) = self.destinations.get_mut(event.destination) else { return false };
        destination.told(event, &self.route)
    }

    /// A report with the reason that an event has told before, if one has.
    pub(super) fn refined(&self, report: &Report) -> Option<Report> {
        self.destinations.get(report.destination)?.refined(report, &self.route)
    }

    /// Something about a canary.
    pub(super) fn noted(&mut self, canary: &CanaryObservation) -> bool {
        let CanaryObservation { key, written_at, at, note, .. } = canary;
        match note {
            Note::WriteSent => self.each(|destination| destination.sent(key, *written_at, *at)),
            Note::Written { .. } => {
                self.last_write = self.last_write.max(Some(*written_at));
                self.each(|destination| destination.sent(key, *written_at, *at));
            }
            Note::WriteFailed { reason } => self.each(|destination| {
                destination.closed(key, *written_at, *at);
                if breaks_source(*reason) {
                    destination.conditions.source_broke(*reason, *at);
                }
            }),
            Note::SourceStatus(status) => return self.source_shows(key, *written_at, *status),
            Note::BeyondObjective { destination } => self.one(*destination, |leg| leg.beyond(key, *written_at)),
            Note::Judged(report) => self.judged(report, *at),
            Note::ArrivedLate(report) => self.one(report.destination, |leg| leg.arrived_after_all(report, *at)),
            Note::LegClosed { destination } => {
                return self.destinations.get_mut(*destination).is_some_and(|leg| leg.closed(key, *written_at, *at));
            }
            Note::DeleteFailed { side, trouble, refused: true } if !self.route.canary.allow_retained => {
                self.concerned(*side, |leg| leg.undeletable(key, *side, *trouble, *at));
            }
            Note::Deleted { side } | Note::Leaked { side } => {
                self.concerned(*side, |leg| leg.removed(key, *side));
                return false;
            }
            Note::LeftPending => {
                self.each(|leg| leg.left(key, *written_at));
                return false;
            }
            Note::DeleteFailed { .. } => return false,
            Note::Final(report) => self.one(report.destination, |leg| leg.finalised(report)),
            Note::Ended => return self.ended(key, *written_at, *at),
        }
        true
    }

    /// Time passed.
    pub(super) fn aged(&mut self, now: Moment) -> bool {
        let settled = self.settling.end(now.mono);
        self.destinations.iter_mut().fold(settled, |aged, destination| destination.age(now) | aged)
    }

    /// Lets every condition follow what happened; answers whether the route looks different, and who changed state.
    pub(super) fn settle(&mut self, now: Moment) -> (bool, Vec<Change>) {
        let mut changed = self.settle_pause(now);
        let limit = self.silence_max();
        let mut changes = Vec::new();
        let status = self.source_status.map(|(_, status)| status);
        for (place, destination) in self.destinations.iter_mut().enumerate() {
            changed |= destination.settle(&self.source, limit, now);
            let shown = shown(self.paused, destination);
            let (from, to) = (destination.published, shown.state);
            if from != to
                && let Some(configured) = self.route.destinations.get(place)
            {
                let message = message::sentence(shown, &self.route, configured);
                let readings = destination.readings(shown, self.route.canary.objective);
                let cause = self.witnesses.cause((place, shown), &message, destination.keys(), &readings, status);
                changes.push(Change {
                    route: self.route.name.clone(),
                    destination: configured.bucket.clone(),
                    from,
                    to,
                    reason: shown.why.reason(),
                    message,
                    cause,
                    since: shown.since,
                });
                destination.published = to;
            }
        }
        (changed || !changes.is_empty(), changes)
    }

    /// When time alone may change something; always later than `now`.
    pub(super) fn next_due(&self, now: Moment) -> Option<Monotonic> {
        let limit = self.silence_max();
        let own = self.destinations.iter().filter_map(|each| each.next_due(&self.source, limit, now));
        let pause = match self.route.pause {
            Some(Pause::Until(end)) if self.paused.is_some() => {
                let left = end.since(now.wall).clamp(Duration::from_millis(1), PAUSE_LOOK);
                Some(now.mono.plus(left))
            }
            Some(Pause::Until(_) | Pause::Always) | None => None,
        };
        let settled = self.settling.until().map(|end| end.max(now.mono.plus(Duration::from_millis(1))));
        own.chain(pause).chain(settled).min()
    }

    /// The route as everybody sees it.
    pub(super) fn snapshot(&self) -> RouteSnapshot {
        let source_status = self.source_status.map(|(_, status)| status);
        let destinations: Vec<DestinationSnapshot> = self
            .destinations
            .iter()
            .zip(&self.route.destinations)
            .enumerate()
            .map(|(place, (health, configured))| {
                let shown = shown(self.paused, health);
                let message = message::sentence(shown, &self.route, configured);
                let readings = health.readings(shown, self.route.canary.objective);
                let cause = self.witnesses.cause((place, shown), &message, health.keys(), &readings, source_status);
                health.snapshot(shown, message, cause, readings)
            })
            .collect();
        let worst = destinations.iter().rev().max_by(|a, b| a.state.cmp(&b.state).then(b.since.cmp(&a.since)));
        RouteSnapshot {
            id: self.id,
            name: self.route.name.clone(),
            route: Arc::clone(&self.route),
            state: worst.map_or(State::Unknown, |worst| worst.state),
            since: worst.map_or_else(UnixMillis::default, |worst| worst.since),
            reason: worst.map_or(Reason::Starting, |worst| worst.reason),
            message: worst.map_or_else(String::new, |worst| worst.message.clone()),
            recovery_point: self.destinations.iter().map(DestinationHealth::recovery_point).min().flatten(),
            destinations,
            last_write: self.last_write,
            last_cycle: self.last_cycle,
            source_status,
            changes: self.changes.clone(),
            is_settling: self.settling.until().is_some(),
            warnings: self.arrives_without_status.then(|| message::no_status(&self.route)).into_iter().collect(),
        }
    }

    fn settle_pause(&mut self, now: Moment) -> bool {
        match (self.paused, self.route.is_paused(now.wall)) {
            (None, true) => self.paused = Some(now.wall),
            (Some(_), false) => {
                self.paused = None;
                self.each(|destination| destination.conditions.resumed(now));
            }
            (None, false) | (Some(_), true) => return false,
        }
        true
    }

    fn silence_max(&self) -> Duration {
        self.route.canary.interval.saturating_mul(3).max(SILENCE_MIN)
    }

    fn judged(&mut self, report: &Report, at: Moment) {
        if report.verdict.is_arrival() {
            self.statuses.entry(report.key.clone()).or_default().arrived = true;
        }
        if let Some(destination) = self.destinations.get_mut(report.destination) {
            destination.judged(report, &self.source, at);
        }
    }

    fn source_shows(&mut self, key: &ObjectKey, written: UnixMillis, status: Option<ReplicationStatus>) -> bool {
        let before = (self.source_status, self.arrives_without_status);
        let seen = self.statuses.entry(key.clone()).or_default();
        match status {
            None => seen.absent = true,
            Some(_) => {
                seen.present = true;
                self.arrives_without_status = false;
            }
        }
        if self.source_status.is_none_or(|(newest, _)| newest <= written) {
            self.source_status = Some((written, status));
        }
        before != (self.source_status, self.arrives_without_status)
    }

    /// Nothing more will be heard of a canary. One that arrived although the source never showed a status tells of a
    /// server that sends none.
    fn ended(&mut self, key: &ObjectKey, written: UnixMillis, at: Moment) -> bool {
        let seen = self.statuses.remove(key).unwrap_or_default();
        let warns = seen.arrived && seen.absent && !seen.present;
        let news = warns && self.route.replication_status == StatusSupport::Aws && !self.arrives_without_status;
        self.arrives_without_status |= news;
        self.destinations.iter_mut().fold(news, |news, destination| destination.ended(key, written, at) | news)
    }

    fn contact(&mut self, side: Side) -> Option<&mut Contact> {
        match side {
            Side::Source => Some(&mut self.source),
            Side::Destination(place) => self.destinations.get_mut(place).map(|each| &mut each.contact),
        }
    }

    fn one(&mut self, place: usize, act: impl FnOnce(&mut DestinationHealth)) {
        if let Some(destination) = self.destinations.get_mut(place) {
            act(destination);
        }
    }

    fn each(&mut self, act: impl FnMut(&mut DestinationHealth)) {
        self.destinations.iter_mut().for_each(act);
    }

    /// Those whom trouble on a side concerns: the source's is everybody's.
    fn concerned(&mut self, side: Side, act: impl FnMut(&mut DestinationHealth)) {
        match side {
            Side::Source => self.each(act),
            Side::Destination(place) => self.one(place, act),
        }
    }
}

fn shown(paused: Option<UnixMillis>, destination: &DestinationHealth) -> Shown<'_> {
    paused.map_or_else(|| destination.shown(), |since| Shown { state: State::Paused, since, why: &Why::Paused })
}

/// Whether a write that failed so would have failed for everybody.
fn breaks_source(reason: Reason) -> bool {
    reason == Reason::NoVersionId || matches!(reason, Reason::Call(trouble) if trouble.is_broken_source())
}
