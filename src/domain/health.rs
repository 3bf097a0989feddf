//! The health of all routes: folds observations into states, recovery points, gaps and lags.
//!
//! [`Health`] is owned by one task. [`Health::observe`] takes what happened, [`Health::tick`] applies the rules that
//! depend on time alone, [`Health::snapshot`] answers for everyone else. An observation touches one route; a route
//! that nothing changed visibly keeps its `Arc` from snapshot to snapshot.
//!
//! Where is what decided? `conditions` holds the states and when they begin and end, `destination` what they are fed
//! with, `timeline` the recovery point and the gaps, `contact` who answers, `lag_window` the last hour, `message` the
//! words.

mod conditions;
mod contact;
mod destination;
mod lag_window;
mod message;
mod route;
mod timeline;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::route::RouteHealth;
use super::name::{Bucket, RouteName};
use super::observation::Observation;
use super::reason::Reason;
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
            Observation::Canary(canary) => self.with(canary.route, now, |health| health.noted(canary)),
            Observation::Call(_) | Observation::ProbeBroke { .. } => Vec::new(),
        }
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
        for id in std::mem::take(&mut self.dirty) {
            let Some(health) = self.routes.get_mut(&id) else { continue };
            let fresh = Arc::new(health.snapshot());
            match place(&self.published, &fresh.name, id) {
                Ok(at) => {
                    if let Some(slot) = self.published.get_mut(at) {
                        *slot = fresh;
                    }
                }
                Err(at) => self.published.insert(at, fresh),
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
        let due = health.next_due(now);
        if due != health.due {
            if let Some(before) = std::mem::replace(&mut health.due, due) {
                self.due.remove(&(before, id));
            }
            if let Some(due) = due {
                self.due.insert((due, id));
            }
        }
        changes
    }
}

fn place(published: &[Arc<RouteSnapshot>], name: &RouteName, id: RouteId) -> Result<usize, usize> {
    published.binary_search_by(|each| each.name.cmp(name).then(each.id.cmp(&id)))
}
