//! When a route writes its next canary.
//!
//! A route has a phase: a place in its interval that follows from its name, so that routes spread and a restart
//! changes nothing. Its turns lie on that grid. A turn that was missed is skipped, never made up for: after a pause, a
//! stop or a clock's jump a route goes on at its next place. In `failing`, `misconfigured` and `stalled` turns are
//! farther apart, because every FAILED canary is a failure in the user's own CloudWatch metrics.

mod outstanding;
mod phase;

#[cfg(test)]
mod tests;

use std::time::Duration;

use thiserror::Error;

use self::outstanding::Outstanding;
use self::phase::Grid;
use super::name::ObjectKey;
use super::observation::Note;
use super::route::{Pause, Route};
use super::time::{Moment, Monotonic};
use super::verdict::State;

/// In a bad state a route writes at most this many times more rarely.
const SLOW_DOWN: u32 = 10;

/// Two canaries that were asked for are never nearer than this, or than half an interval where that is less.
const ASK_GAP_MAX: Duration = Duration::from_secs(10);

/// How often a paused route looks at the wall clock, which may be corrected meanwhile.
const PAUSE_LOOK: Duration = Duration::from_secs(60);

/// When one route writes its canaries.
#[derive(Debug)]
pub struct Schedule {
    interval: Duration,
    objective: Duration,
    pause: Option<Pause>,
    grid: Grid,
    outstanding: Outstanding,
    /// The turn that is planned, and the distance between turns that it was planned with.
    plan: Option<Plan>,
    /// The last planned turn that was taken.
    taken: Option<Monotonic>,
    /// When a canary was asked for that was not begun yet.
    asked: Option<Monotonic>,
    /// When the last one was asked for.
    last_asked: Option<Monotonic>,
}

#[derive(Debug, Clone, Copy)]
struct Plan {
    turn: Monotonic,
    distance: Duration,
}

/// What a route does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It writes a canary.
    Write {
        /// When the canary was meant to be written: now, or a little ago.
        planned: Monotonic,
    },
    /// It waits; nothing is to be done before.
    WaitUntil(Monotonic),
    /// It writes nothing until something is observed, or for ever.
    Blocked,
}

/// Why no canary is written on request. Fits "no canary was written: ...".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// By configuration.
    #[error("the route is paused")]
    Paused,
    /// The route's first canary has not been removed yet: whether canaries can be removed is not known.
    #[error("the route's first canary has not been removed from every side yet")]
    Probation,
    /// A canary cannot be removed.
    #[error("an earlier canary cannot be deleted, and `allow_retained` is not set")]
    Undeletable,
    /// As many canaries are outstanding as may be.
    #[error("as many canaries are outstanding as `max_pending` allows")]
    TooMany,
    /// Another was asked for a moment ago.
    #[error("one was asked for less than {gap:?} ago; try again in {} s", wait.as_millis().div_ceil(1000))]
    TooSoon {
        /// The shortest time between two requests.
        gap: Duration,
        /// How long to wait.
        wait: Duration,
    },
}

impl Schedule {
    /// The schedule of a route that begins, on probation.
    #[must_use]
    pub fn new(route: &Route, now: Moment) -> Self {
        let interval = route.canary.interval.max(Duration::from_millis(1));
        Self {
            interval,
            objective: route.canary.objective,
            pause: route.pause,
            grid: Grid::new(route.name.as_str(), interval, now),
            outstanding: Outstanding::new(route),
            plan: None,
            taken: None,
            asked: None,
            last_asked: None,
        }
    }

    /// What to do now, in a route of this state. Asked again with nothing new, it answers the same.
    pub fn next(&mut self, now: Moment, state: State) -> Turn {
        if let Some(turn) = self.paused(now) {
            self.plan = None;
            return turn;
        }
        if self.outstanding.block().is_some() {
            self.plan = None;
            return Turn::Blocked;
        }
        let turn = self.plan(now, self.distance(state));
        let due = self.asked.map_or(turn, |asked| asked.min(turn));
        if due <= now.mono { Turn::Write { planned: due } } else { Turn::WaitUntil(due) }
    }

    /// A canary was begun. It serves the turn that is due and whoever asked.
    pub fn started(&mut self, key: &ObjectKey, now: Moment) {
        self.outstanding.started(key);
        self.asked = None;
        if let Some(plan) = self.plan.take_if(|plan| plan.turn <= now.mono) {
            self.taken = Some(plan.turn);
        }
    }

    /// Something was observed of a canary that was begun here.
    pub fn observe(&mut self, key: &ObjectKey, note: &Note) {
        if self.outstanding.block().is_some() {
            // What may come next is a new beginning: turns that passed meanwhile were missed.
            self.plan = None;
        }
        self.outstanding.observe(key, note);
    }

    /// Somebody asks for a canary now: [`Schedule::next`] plans it at once.
    ///
    /// # Errors
    /// Why there will be none.
    pub fn ask_now(&mut self, now: Moment) -> Result<(), Refusal> {
        if self.paused(now).is_some() {
            return Err(Refusal::Paused);
        }
        if let Some(refusal) = self.outstanding.block() {
            return Err(refusal);
        }
        let gap = ASK_GAP_MAX.min(self.interval / 2);
        if let Some(last) = self.last_asked {
            let wait = gap.saturating_sub(now.mono.since(last));
            if !wait.is_zero() {
                return Err(Refusal::TooSoon { gap, wait });
            }
        }
        self.last_asked = Some(now.mono);
        self.asked = Some(now.mono);
        Ok(())
    }

    /// How many canaries are outstanding: pending somewhere, or not yet removed.
    #[must_use]
    pub fn outstanding(&self) -> usize {
        self.outstanding.len()
    }

    fn paused(&self, now: Moment) -> Option<Turn> {
        match self.pause {
            Some(Pause::Always) => Some(Turn::Blocked),
            Some(Pause::Until(end)) if now.wall < end => {
                Some(Turn::WaitUntil(now.mono.plus(end.since(now.wall).min(PAUSE_LOOK))))
            }
            Some(Pause::Until(_)) | None => None,
        }
    }

    fn distance(&self, state: State) -> Duration {
        match state {
            State::Failing | State::Misconfigured | State::Stalled => {
                self.interval.max(self.interval.saturating_mul(SLOW_DOWN).min(self.objective))
            }
            State::Unknown | State::Late | State::Healthy | State::Paused => self.interval,
        }
    }

    /// The planned turn: kept until it is taken, missed, or the distance changes.
    fn plan(&mut self, now: Moment, distance: Duration) -> Monotonic {
        if let Some(plan) = self.plan
            && plan.distance == distance
            && now.mono.since(plan.turn) < self.interval
        {
            return plan.turn;
        }
        let turn = match self.taken {
            // A distance of its own need not fit the grid: the route returns to it when it writes as usual again.
            Some(taken) if taken.plus(distance) >= now.mono && distance > self.interval => taken.plus(distance),
            Some(taken) => self.grid.from(now.mono.max(taken.plus(distance))),
            None => self.grid.from(now.mono),
        };
        self.plan = Some(Plan { turn, distance });
        turn
    }
}
