//! The course of a probe: what an answer means for all lanes, when the canary may be removed, and when all is over.

use std::collections::VecDeque;

use super::removal::{Outcome, Terms};
use super::source::{News, Pace, SourceState, Surroundings};
use super::standing::{End, Standing};
use super::step::{Command, Reply};
use super::{Phase, Probe};
use crate::domain::leg::{Leg, World};
use crate::domain::object::Trouble;
use crate::domain::observation::{Note, Side};
use crate::domain::reason::Reason;
use crate::domain::route::{Observe, StatusSupport};
use crate::domain::time::{Moment, Monotonic};

impl Probe {
    /// Does what time and the latest answers ask for.
    pub(super) fn advance(&mut self, now: Moment) {
        if self.phase == Phase::Following && self.source.announce() {
            self.notes.push_back(Note::WriteSent);
        }
        if self.is_unresolved(now.mono) {
            self.close_unwritten(Some(Reason::WriteUnresolved));
        }
        if now.mono >= self.abandoned_at() {
            self.abandon();
        }
        if self.phase == Phase::Following {
            self.each_leg(|leg, world, notes| leg.review(world, now, notes));
            let awaits_owner = self.legs.iter().any(Leg::awaits_owner);
            if let Some(held) = self.source.held_mut().filter(|_| awaits_owner) {
                held.want_owner(now.mono);
            }
            if self.may_remove() {
                self.remove(now.mono);
            }
        }
        if self.phase == Phase::Removing {
            self.finish(now);
        }
    }

    pub(super) fn source_answered(&mut self, now: Moment, sent: Moment, outcome: Result<Reply, Trouble>) {
        let had_ended = self.has_ended_at_source();
        let pace = self.pace();
        let Self { route, canary, polls, expected, source, notes, stopping, .. } = self;
        let absence = expected.absence(Side::Source);
        let around = Surroundings { route, canary, polls, absence, pace, stopping: *stopping };
        match source.answered(around, now, sent, outcome, notes) {
            News::Nothing => {}
            News::Written => self.each_leg(|leg, world, _| leg.begin(world)),
            News::NotWritten { reason, own_trouble } => {
                self.close_unwritten(own_trouble.then_some(reason));
                self.close_legs();
                self.remove(now.mono);
            }
            News::Polled { sent, outcome } => {
                self.each_leg(|leg, world, _| leg.source_polled(world.held, now, sent, outcome));
            }
        }
        if self.has_ended_at_source() && !had_ended {
            self.legs.iter_mut().for_each(|leg| leg.hasten(now.mono));
        }
    }

    pub(super) fn destination_answered(
        &mut self,
        place: usize,
        now: Moment,
        sent: Moment,
        outcome: Result<Reply, Trouble>,
    ) {
        let Some(terms) = self.terms(place) else { return };
        let Some(leg) = self.legs.get_mut(place) else { return };
        if let Some(outcome) = leg.removal_answered(terms, now, outcome, &mut self.notes) {
            self.with_leg(place, |leg, world, notes| leg.answered(world, now, sent, outcome, notes));
        }
    }

    /// The next call that is due.
    pub(super) fn command(&mut self, now: Monotonic) -> Option<Command> {
        if self.source_due(now).is_some_and(|due| due <= now) {
            let action = self.source.take()?;
            return Some(Command { side: Side::Source, action });
        }
        let is_due = |leg: &Leg| leg.due().is_some_and(|due| due <= now);
        let place = self.legs.iter().position(is_due)?;
        let action = self.legs.get_mut(place)?.take(self.source.held())?;
        Some(Command { side: Side::Destination(place), action })
    }

    /// When there may be something to do again, answers aside.
    pub(super) fn wake(&self, now: Monotonic) -> Monotonic {
        let unresolved = match self.source.state() {
            SourceState::Open(open) => Some(open.put_sent().mono.plus(self.route.canary.deadline)),
            SourceState::Unsent { .. }
            | SourceState::Putting
            | SourceState::Held(_)
            | SourceState::Unversioned(_)
            | SourceState::Absent => None,
        };
        let timers = [unresolved, Some(self.abandoned_at())].into_iter().flatten().filter(|at| *at > now);
        let lanes = self.legs.iter().filter_map(Leg::due).chain(self.source_due(now));
        timers.chain(lanes).min().unwrap_or(Monotonic(std::time::Duration::MAX))
    }

    /// Begins to remove the canary on every side.
    pub(super) fn remove(&mut self, now: Monotonic) {
        self.phase = Phase::Removing;
        if let Some(held) = self.source.held_mut() {
            if matches!(held.standing, Standing::Ended(End::Gone, _)) {
                held.removal.skip(Outcome::Nothing);
            }
            held.removal.begin(held.version.clone(), now);
        }
        for (leg, destination) in self.legs.iter_mut().zip(&self.route.destinations) {
            leg.clean(destination, self.source.held(), now);
        }
    }

    /// The stop: what is not over is closed; what may be removed is removed, everything else is left.
    pub(super) fn begin_to_stop(&mut self, now: Moment) {
        if self.phase == Phase::Removing {
            let removals = self.legs.iter_mut().map(|leg| &mut leg.removal).chain(self.source.removal_mut());
            removals.for_each(|removal| removal.hurry(now.mono));
            return;
        }
        let is_decided = self.legs.iter().all(|leg| leg.has_ended() || leg.has_arrived());
        let may_remove = match self.source.held().map(|held| held.standing) {
            Some(Standing::Ended(End::Completed | End::Failed | End::Gone, _)) => true,
            Some(Standing::Ended(End::NoStatus, _)) => is_decided,
            Some(Standing::Untold) => self.legs.iter().all(Leg::has_arrived),
            Some(Standing::Unseen | Standing::Pending | Standing::Statusless) | None => false,
        };
        match self.source.state() {
            SourceState::Unsent { announced: false } => {}
            SourceState::Unsent { announced: true } => self.close_unwritten(None),
            SourceState::Held(_) if may_remove => {
                self.close_legs();
                self.remove(now.mono);
                return;
            }
            SourceState::Putting
            | SourceState::Open(_)
            | SourceState::Held(_)
            | SourceState::Unversioned(_)
            | SourceState::Absent => {
                self.notes.push_back(Note::LeftPending);
                self.close_legs();
            }
        }
        self.end();
    }

    /// Does something with every leg of a written canary.
    pub(super) fn each_leg(&mut self, mut act: impl FnMut(&mut Leg, World<'_>, &mut VecDeque<Note>)) {
        for place in 0..self.legs.len() {
            self.with_leg(place, &mut act);
        }
    }

    fn with_leg(&mut self, place: usize, act: impl FnOnce(&mut Leg, World<'_>, &mut VecDeque<Note>)) {
        let mut others = self.legs.iter().enumerate().filter(|(at, _)| *at != place);
        let sibling_arrived = others.any(|(_, leg)| leg.has_arrived());
        let Self { route, canary, expected, polls, source, legs, notes, .. } = self;
        let (Some(held), Some(destination)) = (source.held(), route.destinations.get(place)) else { return };
        let Some(leg) = legs.get_mut(place) else { return };
        let world = World { route, place, destination, canary, expected, polls, held, sibling_arrived };
        act(leg, world, notes);
    }

    /// Closes every leg of a canary that is not known to be written, with an `unknown` verdict if there is a reason
    /// for one.
    fn close_unwritten(&mut self, unknown: Option<Reason>) {
        for leg in &mut self.legs {
            if let Some(reason) = unknown {
                leg.unwritten(&self.canary, reason, &mut self.notes);
            }
            leg.record.close(&mut self.notes);
        }
    }

    fn close_legs(&mut self) {
        self.legs.iter_mut().for_each(|leg| leg.give_up(&mut self.notes));
    }

    /// The canary's time is over: what is not removed is left, and reported. Only a deletion that the server refuses
    /// goes on, for the route waits for it.
    fn abandon(&mut self) {
        match self.phase {
            Phase::Following => {
                self.phase = Phase::Removing;
                if self.source.held().is_none() {
                    self.close_unwritten(Some(Reason::WriteUnresolved));
                    self.end();
                    return;
                }
                self.each_leg(Leg::run_out);
                if let Some(removal) = self.source.removal_mut() {
                    removal.give_up(Side::Source, &mut self.notes);
                }
                for (place, leg) in self.legs.iter_mut().enumerate() {
                    match self.route.destinations.get(place) {
                        Some(it) if leg.is_left_behind(it) => {
                            leg.removal.give_up(Side::Destination(place), &mut self.notes);
                        }
                        Some(_) | None => leg.removal.skip(Outcome::GivenUp),
                    }
                }
            }
            Phase::Removing => {
                let legs = self.legs.iter_mut().enumerate();
                let sides = legs.map(|(place, leg)| (Side::Destination(place), &mut leg.removal));
                let all = sides.chain(self.source.removal_mut().map(|removal| (Side::Source, removal)));
                for (side, removal) in all.filter(|(_, removal)| removal.is_open() && !removal.is_refused()) {
                    removal.give_up(side, &mut self.notes);
                }
            }
            Phase::Over => {}
        }
    }

    /// Tells what is cleaned, and ends when everything is.
    fn finish(&mut self, now: Moment) {
        let Some(at_source) = self.source_outcome() else { return };
        let held = self.source.held();
        let is_clean = |outcome| matches!(outcome, Outcome::Removed | Outcome::Nothing);
        let mut all_over = true;
        for leg in &mut self.legs {
            match leg.removal.outcome() {
                Some(outcome) => {
                    let cleaned = held.is_some() && is_clean(at_source) && is_clean(outcome);
                    leg.record.finish(held, cleaned.then_some(now.wall), &mut self.notes);
                }
                None => all_over = false,
            }
        }
        if all_over {
            self.end();
        }
    }

    fn end(&mut self) {
        let held = self.source.held();
        for leg in &mut self.legs {
            leg.record.finish(held, None, &mut self.notes);
        }
        self.notes.push_back(Note::Ended);
        self.phase = Phase::Over;
    }

    /// How the source's removal ended; a source that never held anything is clean.
    fn source_outcome(&self) -> Option<Outcome> {
        match self.source.state() {
            SourceState::Held(held) => held.removal.outcome(),
            SourceState::Unversioned(removal) => removal.outcome(),
            SourceState::Absent => Some(Outcome::Nothing),
            SourceState::Unsent { .. } | SourceState::Putting | SourceState::Open(_) => None,
        }
    }

    /// Whether the canary may be removed: never while S3 may still replicate it, for that would count as a failure.
    fn may_remove(&self) -> bool {
        if self.is_untold() {
            self.legs.iter().all(|leg| leg.has_ended() && leg.has_arrived())
        } else {
            self.has_ended_at_source() && self.legs.iter().all(Leg::has_ended)
        }
    }

    fn is_untold(&self) -> bool {
        let untold = self.route.replication_status == StatusSupport::None;
        untold && self.source.held().is_some() && !self.has_ended_at_source()
    }

    fn has_ended_at_source(&self) -> bool {
        self.source.held().is_some_and(|held| held.standing.end().is_some())
    }

    /// Whether a write that is still open has reached the deadline, and that was not told yet.
    fn is_unresolved(&self, now: Monotonic) -> bool {
        let SourceState::Open(open) = self.source.state() else { return false };
        now >= open.put_sent().mono.plus(self.route.canary.deadline)
    }

    fn abandoned_at(&self) -> Monotonic {
        let after = self.route.canary.abandon_after;
        let due = self.source.held().map_or_else(|| self.born.plus(after), |held| held.write.when(after));
        due.max(self.kept_until)
    }

    fn source_due(&self, now: Monotonic) -> Option<Monotonic> {
        let Self { route, canary, polls, expected, stopping, .. } = self;
        let (absence, pace) = (expected.absence(Side::Source), self.pace());
        self.source.due(Surroundings { route, canary, polls, absence, pace, stopping: *stopping }, now)
    }

    /// How closely the legs need the source polled.
    fn pace(&self) -> Pace {
        let any = |is: fn(&Leg) -> bool| self.legs.iter().any(is);
        if any(Leg::needs_stand_in) {
            Pace::StandIn
        } else if any(Leg::awaits_comparison) {
            Pace::Compare
        } else if any(Leg::has_arrived) {
            Pace::Arrived
        } else {
            Pace::UntilEnded
        }
    }

    fn terms(&self, place: usize) -> Option<Terms> {
        let destination = self.route.destinations.get(place)?;
        Some(Terms {
            side: Side::Destination(place),
            can_look: destination.observe == Observe::Replica,
            accept_refusal: self.route.canary.allow_retained,
            stopping: self.stopping,
        })
    }
}
