//! The rules of states, recovery points and gaps, sentence by sentence.

mod any_order;
mod audits;
mod causes;
mod events;
mod keys;
mod points;
mod published;
mod states;
mod unsure;

use std::collections::BTreeMap;

use super::*;
use crate::domain::fixture;
use crate::domain::name::{ObjectKey, VersionId};
use crate::domain::object::{ReplicationStatus, Trouble};
use crate::domain::observation::{CanaryObservation, Note, Side};
use crate::domain::report::{Lag, Report};
use crate::domain::route::{CanarySpec, Observe, Pause, StatusSupport};
use crate::domain::snapshot::DestinationSnapshot;
use crate::domain::verdict::Verdict;
use std::time::Duration;

const ROUTE: RouteId = RouteId(7);
/// Far from the epoch, so that going back never meets it.
const EPOCH_MS: u64 = 1_700_000_000_000;

/// A route with an interval of 60 s, an objective of 5 min and a deadline of 60 min.
fn route(name: &str, destinations: usize) -> Route {
    let canary = CanarySpec { objective: Duration::from_secs(300), ..fixture::canary() };
    Route { canary, ..fixture::route(name, destinations) }
}

/// One route whose canaries are named by numbers, and a clock that the test moves.
struct Bench {
    health: Health,
    now: Moment,
    sent: BTreeMap<u32, UnixMillis>,
    changes: Vec<Change>,
}

impl Bench {
    fn new(destinations: usize) -> Self {
        Self::of(route("orders", destinations))
    }

    fn of(route: Route) -> Self {
        let now = Moment { mono: Monotonic(Duration::from_secs(1000)), wall: UnixMillis(EPOCH_MS) };
        let mut bench = Self { health: Health::new(), now, sent: BTreeMap::new(), changes: Vec::new() };
        bench.observe(&Observation::RouteAdded(ROUTE, Arc::new(route)));
        bench
    }

    /// A bench whose one destination is healthy.
    fn healthy() -> Self {
        let mut bench = Self::new(1);
        bench.arrive(0);
        bench.sleep(60);
        assert_eq!(bench.state(), State::Healthy);
        bench
    }

    fn sleep(&mut self, seconds: u64) {
        self.now.mono = self.now.mono.plus(Duration::from_secs(seconds));
        self.now.wall = self.now.wall.plus(Duration::from_secs(seconds));
        let changes = self.health.tick(self.now);
        self.changes.extend(changes);
        assert!(self.health.due.len() <= 1, "{:?}", self.health.due);
    }

    fn observe(&mut self, observation: &Observation) {
        let changes = self.health.observe(observation, self.now);
        self.changes.extend(changes);
    }

    fn note(&mut self, canary: u32, note: Note) {
        let written_at = self.sent.get(&canary).copied().unwrap_or(self.now.wall);
        let key = key(canary);
        self.observe(&Observation::Canary(CanaryObservation { route: ROUTE, key, written_at, at: self.now, note }));
    }

    fn send(&mut self, canary: u32) {
        self.sent.insert(canary, self.now.wall);
        self.note(canary, Note::WriteSent);
        self.note(canary, Note::Written { version_id: VersionId::new("v") });
    }

    fn report(&self, canary: u32, destination: usize, verdict: Verdict) -> Report {
        let written_at = self.sent.get(&canary).copied().unwrap_or(self.now.wall);
        let lag = self.now.wall.since(written_at);
        Report {
            destination,
            key: key(canary),
            version_id: Some(VersionId::new("v")),
            written_at,
            verdict,
            reason: Reason::of(verdict),
            message: String::new(),
            mismatches: Vec::new(),
            key_match: verdict.is_arrival().then_some(true),
            lag: verdict.is_arrival().then_some(Lag { low: lag, high: lag }),
            stages: Vec::new(),
        }
    }

    fn judge_at(&mut self, canary: u32, destination: usize, verdict: Verdict) {
        let report = self.report(canary, destination, verdict);
        self.note(canary, Note::Judged(report));
        if verdict != Verdict::Lost {
            self.note(canary, Note::LegClosed { destination });
        }
    }

    fn judge(&mut self, canary: u32, verdict: Verdict) {
        self.judge_at(canary, 0, verdict);
    }

    /// A canary that is written now and replicated a second later.
    fn arrive(&mut self, canary: u32) {
        self.send(canary);
        self.sleep(1);
        self.judge(canary, Verdict::Replicated);
    }

    fn contact(&mut self, side: Side, answer: Result<(), Trouble>) {
        self.observe(&Observation::Contact { route: ROUTE, side, answer, at: self.now });
    }

    fn shown(&mut self) -> Arc<RouteSnapshot> {
        Arc::clone(self.health.snapshot(self.now).routes.first().unwrap())
    }

    fn destination(&mut self, place: usize) -> DestinationSnapshot {
        self.shown().destinations[place].clone()
    }

    fn state(&mut self) -> State {
        self.shown().state
    }

    fn wall(&self) -> UnixMillis {
        self.now.wall
    }
}

fn key(canary: u32) -> ObjectKey {
    ObjectKey::new(&format!("replicanary/default/orders/{canary}"))
}
