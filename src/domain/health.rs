//! The health of all routes: folds observations into states, recovery points, gaps and lags.
//!
//! [`Health`] is owned by one task. [`Health::observe`] takes what happened, [`Health::tick`] applies the rules that
//! depend on time alone, [`Health::snapshot`] answers for everyone else. An observation touches one route; a route
//! that nothing changed visibly keeps its `Arc` from snapshot to snapshot.
//!
//! Where is what decided? `conditions` holds the states and when they begin and end, `destination` what they are fed
//! with, `audited` what an audit adds, `timeline` the recovery point and the gaps, `contact` who answers, `lag_window`
//! the last hour, `message` the words, `told` what replication events said of canaries, `explain` what others tell and
//! the cause that follows, `sharing` and `standstill` what routes have in common.

mod audited;
mod conditions;
mod contact;
mod destination;
mod explain;
mod lag_window;
mod message;
mod route;
mod sharing;
mod standstill;
mod timeline;
mod told;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::route::RouteHealth;
use self::sharing::Sharing;
use self::standstill::Standstill;
use super::cause::Cause;
use super::name::{Bucket, Region, RouteName};
use super::observation::{CanaryObservation, Note, Observation};
use super::reason::Reason;
use super::report::Report;
use super::route::{Route, RouteId};
use super::snapshot::{RouteSnapshot, Snapshot};
use super::time::{Moment, Monotonic, UnixMillis};
use super::verdict::State;

/// The health of all routes.
#[derive(Debug, Default)]
pub struct Health {
    routes: BTreeMap<RouteId, RouteHealth>,
    /// What the last snapshot showed, sorted by name, then by slot.
    published: Vec<Arc<RouteSnapshot>>,
    /// The routes that look different since.
    dirty: BTreeSet<RouteId>,
    /// When time alone may change a route next.
    due: BTreeSet<(Monotonic, RouteId)>,
    /// Which routes share a cause.
    sharing: Sharing,
    /// The routes that share one with others than the last snapshot named.
    retold: BTreeSet<RouteId>,
    /// Which routes stand still, by Region.
    standstill: Standstill,
}

/// A destination changed its state: worth one log line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The route.
    pub route: RouteName,
    /// The destination's bucket.
    pub destination: Bucket,
    /// The state that it left.
    pub from: State,
    /// The state that it shows now.
    pub to: State,
    /// Why.
    pub reason: Reason,
    /// The same for a person.
    pub message: String,
    /// What explains it, where something is wrong.
    pub cause: Option<Arc<Cause>>,
    /// Since when the new state holds.
    pub since: UnixMillis,
}

impl Health {
    /// No routes yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in what happened, and answers which destinations changed their state by it.
    ///
    /// Observations of routes that are not monitored (any more) change nothing.
    pub fn observe(&mut self, observation: &Observation, now: Moment) -> Vec<Change> {
        match observation {
            Observation::RouteAdded(id, route) => {
                self.add(*id, route, now);
                Vec::new()
            }
            Observation::RouteRemoved(id) => {
                self.remove(*id);
                Vec::new()
            }
            Observation::Cycle { route, at, .. } => self.with(*route, now, |health| health.cycled(*at)),
            Observation::Contact { route, side, answer, at } => {
                self.with(*route, now, |health| health.contacted(*side, *answer, *at))
            }
            Observation::SelfTest { route, side, outcome, at } => {
                self.with(*route, now, |health| health.self_tested(*side, *outcome, *at))
            }
            Observation::Key { route, side, look, at } => {
                self.with(*route, now, |health| health.looked_at_key(*side, look.as_ref(), *at))
            }
            Observation::Audited { route, audit, at, .. } => {
                self.with(*route, now, |health| health.audited(audit, *at))
            }
            Observation::Drift { route, change, at } => self.with(*route, now, |health| health.drifted(change, *at)),
            Observation::Rule { route, destination, rule, .. } => {
                self.with(*route, now, |health| health.saw_rule(*destination, rule))
            }
            Observation::Readings { route, destination, looks, at, .. } => {
                self.with(*route, now, |health| health.read_metrics(*destination, looks, *at))
            }
            Observation::Canary(canary) => self.with(canary.route, now, |health| health.noted(canary)),
            Observation::Event(event) => self.with(event.route, now, |health| health.told(event)),
            Observation::Call(_) | Observation::Queue(_) | Observation::ProbeBroke { .. } => Vec::new(),
        }
    }

    /// The observation as it should be counted, told and observed instead: a report of a failed canary whose reason a
    /// replication event has told before. Nothing where there is nothing to add.
    #[must_use]
    pub fn refined(&self, observation: &Observation) -> Option<Observation> {
        let Observation::Canary(canary) = observation else { return None };
        let exact = |report: &Report| self.routes.get(&canary.route)?.refined(report);
        let note = if let Note::Judged(report) = &canary.note {
            Note::Judged(exact(report)?)
        } else if let Note::Final(report) = &canary.note {
            Note::Final(exact(report)?)
        } else {
            return None;
        };
        Some(Observation::Canary(CanaryObservation { note, ..canary.clone() }))
    }

    /// Applies the rules that depend on time alone: calls that stay unanswered, lags that leave the window, pauses
    /// that end. Costs as much as there are routes due.
    pub fn tick(&mut self, now: Moment) -> Vec<Change> {
        let later = (Monotonic(now.mono.0.saturating_add(std::time::Duration::from_nanos(1))), RouteId(0));
        let still = self.due.split_off(&later);
        let due = std::mem::replace(&mut self.due, still);
        let mut changes = Vec::new();
        for (_, id) in due {
            if let Some(health) = self.routes.get_mut(&id) {
                health.due = None;
            }
            changes.extend(self.with(id, now, |health| health.aged(now)));
        }
        changes
    }

    /// The health of all routes now. A route that looks as before is the same `Arc` as before.
    pub fn snapshot(&mut self, now: Moment) -> Arc<Snapshot> {
        let mut fresh = BTreeMap::new();
        let mut retold = std::mem::take(&mut self.retold);
        for id in std::mem::take(&mut self.dirty) {
            let Some(health) = self.routes.get(&id) else { continue };
            let snapshot = health.snapshot();
            retold.extend(self.sharing.note(id, &snapshot.name, sharing::groups(&snapshot)));
            fresh.insert(id, snapshot);
        }
        for id in retold {
            if let (None, Some(health)) = (fresh.get(&id), self.routes.get(&id)) {
                fresh.insert(id, health.snapshot());
            }
        }
        for (id, mut snapshot) in fresh {
            self.sharing.tell(&mut snapshot);
            match place(&self.published, &snapshot.name, id) {
                Ok(at) => {
                    if let Some(slot) = self.published.get_mut(at) {
                        *slot = Arc::new(snapshot);
                    }
                }
                Err(at) => self.published.insert(at, Arc::new(snapshot)),
            }
        }
        Arc::new(Snapshot { at: now.wall, routes: self.published.clone() })
    }

    fn add(&mut self, id: RouteId, route: &Arc<Route>, now: Moment) {
        self.remove(id);
        self.routes.insert(id, RouteHealth::new(id, Arc::clone(route), now));
        self.dirty.insert(id);
        self.with(id, now, |_| true);
    }

    fn remove(&mut self, id: RouteId) {
        let Some(gone) = self.routes.remove(&id) else { return };
        self.dirty.remove(&id);
        self.retold.extend(self.sharing.note(id, gone.name(), BTreeSet::new()));
        self.stand_still(id, BTreeSet::new());
        if let Some(due) = gone.due {
            self.due.remove(&(due, id));
        }
        if let Ok(at) = place(&self.published, gone.name(), id) {
            self.published.remove(at);
        }
    }

    /// Lets `act` change a route, then settles what follows: its states, whether it looks different, when it is due.
    fn with(&mut self, id: RouteId, now: Moment, act: impl FnOnce(&mut RouteHealth) -> bool) -> Vec<Change> {
        let Some(health) = self.routes.get_mut(&id) else { return Vec::new() };
        let touched = act(health);
        let (changed, changes) = health.settle(now);
        if touched || changed {
            self.dirty.insert(id);
        }
        let still = health.still_regions();
        let due = health.next_due(now);
        if due != health.due {
            if let Some(before) = std::mem::replace(&mut health.due, due) {
                self.due.remove(&(before, id));
            }
            if let Some(due) = due {
                self.due.insert((due, id));
            }
        }
        self.stand_still(id, still);
        changes
    }

    /// Notes in which Regions a route stands still, and lets those know whom that concerns.
    fn stand_still(&mut self, id: RouteId, still: BTreeSet<Region>) {
        for (concerned, region, others) in self.standstill.note(id, still) {
            if let Some(health) = self.routes.get_mut(&concerned)
                && health.others_stand_still(&region, others)
            {
                self.dirty.insert(concerned);
            }
        }
    }
}

fn place(published: &[Arc<RouteSnapshot>], name: &RouteName, id: RouteId) -> Result<usize, usize> {
    published.binary_search_by(|each| each.name.cmp(name).then(each.id.cmp(&id)))
}
