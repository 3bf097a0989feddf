//! Performs the steps of a probe against the model, and keeps a journal.

use std::sync::Arc;
use std::time::Duration;

use super::world::{Fault, START, World};
use crate::domain::object::Trouble;
use crate::domain::observation::{Note, Side};
use crate::domain::probe::{Action, Answer, Command, Found, Probe, Reply, Step};
use crate::domain::report::Report;
use crate::domain::route::RouteId;
use crate::domain::time::{Moment, Monotonic};

/// Where the monotonic clock of the tests begins; the probe must not mind.
const ORIGIN: Duration = Duration::from_secs(5_000_000);

/// What a probe did and told; times count from its start.
#[derive(Debug, Default)]
pub(super) struct Journal {
    pub(super) calls: Vec<(Duration, Side, Action)>,
    pub(super) notes: Vec<(Duration, Note)>,
    /// When it finished, and what it left where.
    pub(super) end: Duration,
    pub(super) left: Vec<Side>,
    /// Whether a source version was deleted while S3 might still have replicated it.
    pub(super) deleted_too_early: bool,
}

/// A run under way.
pub(super) struct Run {
    pub(super) world: World,
    pub(super) probe: Probe,
    pub(super) journal: Journal,
    now: Duration,
    under_way: Vec<Flight>,
}

struct Flight {
    side: Side,
    sent: Duration,
    reached: Duration,
    back: Duration,
    action: Action,
    fault: Option<Fault>,
    outcome: Option<Result<Reply, Trouble>>,
}

pub(super) fn moment(now: Duration) -> Moment {
    Moment { mono: Monotonic(ORIGIN + now), wall: START.plus(now) }
}

/// Runs a fresh canary to its end.
pub(super) fn run(world: World) -> Journal {
    Run::new(world).finish()
}

impl Run {
    pub(super) fn new(world: World) -> Self {
        let canary = world.canary().clone();
        let route = Arc::new(world.route.clone());
        let probe = Probe::new(RouteId(1), route, canary, world.expected.clone(), moment(Duration::ZERO));
        Self { world, probe, journal: Journal::default(), now: Duration::ZERO, under_way: Vec::new() }
    }

    /// A canary that was written before the start of this run, `age` ago.
    pub(super) fn adopted(world: World, found: Found, age: Duration) -> Self {
        let canary = world.canary().clone();
        let route = Arc::new(world.route.clone());
        let probe = Probe::adopt(RouteId(1), route, canary, world.expected.clone(), found, moment(age));
        Self { world, probe, journal: Journal::default(), now: age, under_way: Vec::new() }
    }

    pub(super) fn finish(mut self) -> Journal {
        while self.turn(Duration::MAX) {}
        self.journal.end = self.now;
        self.journal.left = self.world.left(Duration::MAX / 2);
        self.journal
    }

    /// Runs until `time`.
    pub(super) fn until(mut self, time: Duration) -> Self {
        while self.now < time && self.turn(time) {}
        self
    }

    pub(super) fn stop(mut self) -> Self {
        self.probe.stop(moment(self.now));
        self
    }

    /// Performs all steps that are due, then lets time pass, at most until `limit`. Whether the probe goes on.
    pub(super) fn turn(&mut self, limit: Duration) -> bool {
        assert!(self.journal.notes.len() < 1000 && self.journal.calls.len() < 5000, "a probe without end: {self:?}");
        let wake = loop {
            match self.probe.next_step(moment(self.now)) {
                Step::Run(Command { side, action }) => self.send(side, action),
                Step::Noted(note) => self.journal.notes.push((self.now, note)),
                Step::WaitUntil(at) => break at.since(Monotonic(ORIGIN)),
                Step::Finished => return false,
            }
        };
        assert!(wake > self.now, "waiting for the past: {self:?}");
        let back = self.under_way.iter().map(Flight::next).min().unwrap_or(Duration::MAX);
        assert!(wake.min(back) < Duration::MAX / 2, "nothing would ever happen: {self:?}");
        self.now = wake.min(back).min(limit);
        self.arrive();
        true
    }

    fn send(&mut self, side: Side, action: Action) {
        assert!(self.under_way.iter().all(|flight| flight.side != side), "two calls in a lane: {self:?}");
        if side == Side::Source && matches!(action, Action::Delete(_)) {
            self.journal.deleted_too_early |= self.world.may_still_replicate(self.now);
        }
        let fault = (self.world.faults)(self.now, side, &action);
        let (sent, latency, reach) = (self.now, self.world.latency, &self.world.reach);
        let reached = sent + latency.mul_f64(reach[self.journal.calls.len() % reach.len()]);
        self.journal.calls.push((sent, side, action.clone()));
        self.under_way.push(Flight { side, sent, reached, back: sent + latency, action, fault, outcome: None });
    }

    /// Carries out the calls that have reached the server, and hands back the answers that have come.
    fn arrive(&mut self) {
        let now = self.now;
        for flight in &mut self.under_way {
            if flight.outcome.is_none() && flight.reached <= now {
                flight.outcome = Some(match flight.fault.take() {
                    Some(Fault::Refused(trouble)) => Err(trouble),
                    fault => {
                        let outcome = self.world.answer(now, flight.side, &flight.action);
                        match fault {
                            Some(Fault::Lost(trouble)) => Err(trouble),
                            Some(Fault::Lie(reply)) => Ok(reply),
                            Some(Fault::Refused(_)) | None => outcome,
                        }
                    }
                });
            }
        }
        let (come, under_way) = std::mem::take(&mut self.under_way).into_iter().partition(|flight| flight.back <= now);
        self.under_way = under_way;
        for Flight { side, sent, outcome, .. } in come {
            let outcome = outcome.expect("every call reaches the server before it comes back");
            self.probe.handle(moment(now), Answer { side, sent: moment(sent), outcome });
        }
    }
}

impl Flight {
    /// When something happens to it.
    fn next(&self) -> Duration {
        if self.outcome.is_some() { self.back } else { self.reached }
    }
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let last = self.journal.calls.iter().rev().take(12).collect::<Vec<_>>();
        write!(f, "at {:?}, last calls {last:?}, notes {:?}", self.now, self.journal.notes)
    }
}

impl Journal {
    pub(super) fn judged(&self) -> Vec<&Report> {
        self.notes
            .iter()
            .filter_map(|(_, note)| if let Note::Judged(report) = note { Some(report) } else { None })
            .collect()
    }

    /// The only verdict.
    pub(super) fn verdict(&self) -> &Report {
        let judged = self.judged();
        assert_eq!(judged.len(), 1, "{:?}", self.notes);
        judged[0]
    }

    /// When the first note came that `is` describes.
    pub(super) fn when(&self, is: impl Fn(&Note) -> bool) -> Option<Duration> {
        self.notes.iter().find(|(_, note)| is(note)).map(|(at, _)| *at)
    }

    pub(super) fn count(&self, is: impl Fn(&Note) -> bool) -> usize {
        self.notes.iter().filter(|(_, note)| is(note)).count()
    }

    pub(super) fn deleted(&self) -> Vec<Side> {
        let mut sides: Vec<_> = self
            .notes
            .iter()
            .filter_map(|(_, note)| if let Note::Deleted { side } = note { Some(*side) } else { None })
            .collect();
        sides.sort();
        sides
    }

    pub(super) fn times(&self, is: impl Fn(Side, &Action) -> bool) -> Vec<Duration> {
        self.calls.iter().filter(|(_, side, action)| is(*side, action)).map(|(at, _, _)| *at).collect()
    }
}
