//! A canary's whole life, from PUT to removal on every side, as a state machine without I/O or clock.

mod course;
mod expectations;
pub(crate) mod removal;
pub(crate) mod source;
pub(crate) mod standing;
pub(crate) mod step;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

pub use expectations::{Absence, DestinationExpectations, Expectations};
pub use step::{Action, Answer, Command, Reply, Step};

use self::source::{Held, SourceLane};
use super::canary::Canary;
use super::lag::Write;
use super::leg::Leg;
use super::name::{ObjectKey, VersionId};
use super::observation::{Note, Side};
use super::poll::PollSchedule;
use super::route::{Route, RouteId};
use super::time::{Moment, Monotonic, UnixMillis};

/// How long a canary of an earlier run is followed at least.
const ADOPTED_AT_LEAST: Duration = Duration::from_secs(10 * 60);

/// Follows one canary: one lane for the source and one for each destination, each with at most one call under way.
///
/// Inputs: [`handle`](Self::handle), [`stop`](Self::stop), [`expect`](Self::expect).
/// Output: [`next_step`](Self::next_step), to be called until it says [`Step::WaitUntil`] or [`Step::Finished`], and
/// again after every input and when that time has come.
#[derive(Debug)]
pub struct Probe {
    id: RouteId,
    route: Arc<Route>,
    canary: Canary,
    expected: Expectations,
    polls: PollSchedule,
    source: SourceLane,
    legs: Vec<Leg>,
    notes: VecDeque<Note>,
    phase: Phase,
    stopping: bool,
    born: Monotonic,
    /// Not given up before: what an earlier run left may be older than `abandon_after`, and is to be removed first.
    kept_until: Monotonic,
}

/// Where the probe as a whole stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The canary is written and followed.
    Following,
    /// It is removed.
    Removing,
    /// It is over.
    Over,
}

/// Where a canary was found by listing, after a restart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Not known: whether it was written at all has to be found out.
    Unknown,
    /// The source holds it under this version: it is followed and judged as if it had just been written.
    AtSource(VersionId),
    /// Only replicas are left, under these versions at these destinations: they are removed, and nothing is judged.
    ReplicasOnly(Vec<(usize, VersionId)>),
}

impl Probe {
    /// A probe that is about to write its canary.
    #[must_use]
    pub fn new(id: RouteId, route: Arc<Route>, canary: Canary, expected: Expectations, now: Moment) -> Self {
        let legs = route.destinations.iter().enumerate().map(|(place, it)| Leg::new(place, it)).collect();
        let polls = PollSchedule::new(&route.poll, &route.canary);
        Self {
            id,
            route,
            canary,
            expected,
            polls,
            source: SourceLane::unsent(),
            legs,
            notes: VecDeque::new(),
            phase: Phase::Following,
            stopping: false,
            born: now.mono,
            kept_until: now.mono,
        }
    }

    /// A probe of a canary that an earlier run of the monitor wrote: resumes from what its key says.
    #[must_use]
    pub fn adopt(
        id: RouteId,
        route: Arc<Route>,
        canary: Canary,
        expected: Expectations,
        found: Found,
        now: Moment,
    ) -> Self {
        let mut probe = Self::new(id, route, canary, expected, now);
        probe.kept_until = now.mono.plus(ADOPTED_AT_LEAST);
        match found {
            Found::Unknown => {
                let sent = Moment { mono: now.mono, wall: probe.canary.written_at().min(now.wall) };
                probe.source = SourceLane::looking(sent, now.mono);
            }
            Found::AtSource(version) => {
                let write = Write::earlier(probe.canary.written_at(), now);
                probe.notes.push_back(Note::Written { version_id: version.clone() });
                probe.source = SourceLane::holding(Held::found(version, write));
                probe.each_leg(|leg, world, _| leg.begin(world));
            }
            Found::ReplicasOnly(replicas) => {
                probe.source = SourceLane::absent();
                for ((place, leg), destination) in probe.legs.iter_mut().enumerate().zip(&probe.route.destinations) {
                    let version = replicas.iter().find_map(|(at, version)| (*at == place).then(|| version.clone()));
                    *leg = Leg::left_over(place, destination, version);
                }
                probe.remove(now.mono);
            }
        }
        probe
    }

    /// What to do next.
    pub fn next_step(&mut self, now: Moment) -> Step {
        self.advance(now);
        if let Some(note) = self.notes.pop_front() {
            return Step::Noted(note);
        }
        if self.phase == Phase::Over {
            return Step::Finished;
        }
        match self.command(now.mono) {
            Some(command) => Step::Run(command),
            None => Step::WaitUntil(self.wake(now.mono)),
        }
    }

    /// Takes the answer to a command; `now` is when it came. An answer that nobody waits for is ignored.
    pub fn handle(&mut self, now: Moment, answer: Answer) {
        if self.phase == Phase::Over {
            return;
        }
        let Answer { side, sent, outcome } = answer;
        let sent = Moment { mono: sent.mono.min(now.mono), ..sent };
        match side {
            Side::Source => self.source_answered(now, sent, outcome),
            Side::Destination(place) => self.destination_answered(place, now, sent, outcome),
        }
        self.advance(now);
    }

    /// The grace is over: removes what may be removed, leaves what is PENDING, and waits for nothing else.
    pub fn stop(&mut self, now: Moment) {
        if self.phase != Phase::Over && !self.stopping {
            self.stopping = true;
            self.begin_to_stop(now);
            self.advance(now);
        }
    }

    /// Takes newer expectations, as self-tests and rule reads bring them.
    pub fn expect(&mut self, expected: Expectations) {
        self.expected = expected;
    }

    /// The route's slot.
    #[must_use]
    pub fn route_id(&self) -> RouteId {
        self.id
    }

    /// The route.
    #[must_use]
    pub fn route(&self) -> &Arc<Route> {
        &self.route
    }

    /// The canary's key.
    #[must_use]
    pub fn key(&self) -> &ObjectKey {
        self.canary.key()
    }

    /// When the canary was made.
    #[must_use]
    pub fn written_at(&self) -> UnixMillis {
        self.canary.written_at()
    }

    /// The canary.
    #[must_use]
    pub fn canary(&self) -> &Canary {
        &self.canary
    }
}

#[cfg(test)]
mod tests;
