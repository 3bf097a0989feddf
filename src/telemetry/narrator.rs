//! Tells a person what happened, one line each: quiet while nothing changes, WARN where somebody should look.

use std::collections::{HashMap, HashSet};

use crate::domain::health::Change;
use crate::domain::key::{KeyLook, KeyStatus};
use crate::domain::name::Bucket;
use crate::domain::observation::{CanaryObservation, Note, Observation, SelfTest, Side};
use crate::domain::reason::Reason;
use crate::domain::route::{Route, RouteId};
use crate::domain::snapshot::RouteSnapshot;
use crate::domain::time::UnixMillis;
use crate::domain::verdict::State;

/// Remembers what was told, so that it is told once.
#[derive(Debug, Default)]
pub(super) struct Narrator {
    /// The sides where absence cannot be told from refusal.
    refused: HashSet<(RouteId, Side)>,
    /// The warnings that stand.
    warned: HashMap<RouteId, Vec<String>>,
    /// The problems that keys have.
    keys: HashMap<(RouteId, Side), String>,
    /// Canaries left where they are, still PENDING.
    left: usize,
}

impl Narrator {
    /// Tells of a change of state.
    pub(super) fn change(&self, change: &Change) {
        let (route, destination) = (change.route.as_str(), change.destination.as_str());
        let (from, to, reason) = (change.from.as_str(), change.to.as_str(), change.reason.as_str());
        let message = &change.message;
        if is_news_to_act_on(change) {
            tracing::warn!(route, destination, from, to, reason, "{route} to {destination} is {to}: {message}");
        } else {
            tracing::info!(route, destination, from, to, reason, "{route} to {destination} is {to}: {message}");
        }
    }

    /// Tells of what is not a change of state, and yet worth a line.
    pub(super) fn observe(&mut self, observation: &Observation, route: Option<&Route>) {
        match observation {
            Observation::RouteRemoved(id) => self.forget(*id),
            Observation::Canary(canary) => {
                if let Some(route) = route {
                    self.canary(canary, route);
                }
            }
            Observation::SelfTest { route: id, side, outcome, .. } => {
                if let Some(route) = route {
                    self.self_test(*id, *side, *outcome, route);
                }
            }
            Observation::Key { route: id, side, look, .. } => {
                if let Some(route) = route {
                    self.key(*id, *side, look.as_ref(), route);
                }
            }
            Observation::ProbeBroke { key, .. } => {
                if let Some(route) = route {
                    let (route, key) = (route.name.as_str(), key.as_str());
                    tracing::error!(
                        route,
                        key,
                        "a probe of {route} broke inside the monitor: please report it; its canary is being removed"
                    );
                }
            }
            Observation::RouteAdded(..)
            | Observation::Cycle { .. }
            | Observation::Contact { .. }
            | Observation::Call(_) => {}
        }
    }

    /// Tells of what an operator should change although the state does not show it.
    pub(super) fn route(&mut self, snapshot: &RouteSnapshot) {
        let before = self.warned.get(&snapshot.id).map_or(&[][..], Vec::as_slice);
        for message in snapshot.warnings.iter().filter(|message| !before.contains(message)) {
            tracing::warn!(route = snapshot.name.as_str(), "{message}");
        }
        if snapshot.warnings.is_empty() {
            self.warned.remove(&snapshot.id);
        } else {
            self.warned.insert(snapshot.id, snapshot.warnings.clone());
        }
    }

    /// How many canaries were left where they are, still PENDING.
    pub(super) fn left_pending(&self) -> usize {
        self.left
    }

    fn canary(&mut self, canary: &CanaryObservation, route: &Route) {
        match &canary.note {
            Note::Leaked { side } => {
                let (name, key) = (route.name.as_str(), canary.key.as_str());
                let bucket = bucket(route, *side).map_or("", Bucket::as_str);
                tracing::warn!(
                    route = name,
                    bucket,
                    key,
                    "a canary of {name} was given up and remains in {bucket}: delete {key} there by hand"
                );
            }
            Note::LeftPending => self.left += 1,
            Note::WriteSent
            | Note::SourceStatus(_)
            | Note::Judged(_)
            | Note::Written { .. }
            | Note::WriteFailed { .. }
            | Note::BeyondObjective { .. }
            | Note::ArrivedLate(_)
            | Note::LegClosed { .. }
            | Note::Deleted { .. }
            | Note::DeleteFailed { .. }
            | Note::Final(_)
            | Note::Ended => {}
        }
    }

    fn self_test(&mut self, id: RouteId, side: Side, outcome: SelfTest, route: &Route) {
        match outcome {
            SelfTest::SeesAbsence => {
                self.refused.remove(&(id, side));
            }
            SelfTest::RefusedWithoutListing => {
                if self.refused.insert((id, side)) {
                    let name = route.name.as_str();
                    let bucket = bucket(route, side).map_or("", Bucket::as_str);
                    tracing::warn!(
                        route = name,
                        bucket,
                        "{bucket} answers 403 for an object that does not exist, so absence and refusal look alike: \
                         grant s3:ListBucket on {bucket} to the monitor"
                    );
                }
            }
            SelfTest::NoAnswer(_) => {}
        }
    }

    fn forget(&mut self, id: RouteId) {
        self.refused.retain(|(route, _)| *route != id);
        self.warned.remove(&id);
        self.keys.retain(|(route, _), _| *route != id);
    }

    /// One line when a key has another problem than before, or none any more.
    fn key(&mut self, id: RouteId, side: Side, look: Option<&KeyLook>, route: &Route) {
        let name = route.name.as_str();
        let status = look.map(|look| KeyStatus::seen(look, UnixMillis::default()));
        match status.as_ref().and_then(|status| status.problem(&route.place(side))) {
            None => {
                let before = self.keys.remove(&(id, side));
                if let (Some(_), Some(facts)) = (before, status.as_ref().and_then(KeyStatus::facts)) {
                    let (key, state) = (facts.arn.as_str(), facts.state.as_str());
                    tracing::info!(route = name, key, state, "KMS key {key} of {} is {state}", route.place(side));
                }
            }
            Some(problem) => {
                if self.keys.insert((id, side), problem.clone()).as_ref() != Some(&problem) {
                    tracing::warn!(route = name, "{name}: {problem}");
                }
            }
        }
    }
}

/// Whether somebody should look: anything but a recovery, a start or a pause.
fn is_news_to_act_on(change: &Change) -> bool {
    let recovers = match change.to {
        State::Healthy | State::Paused => true,
        State::Late => change.from > State::Late,
        State::Unknown | State::Stalled | State::Misconfigured | State::Failing => false,
    };
    !recovers && change.reason != Reason::Starting
}

fn bucket(route: &Route, side: Side) -> Option<&Bucket> {
    match side {
        Side::Source => Some(&route.source.bucket),
        Side::Destination(place) => route.destinations.get(place).map(|destination| &destination.bucket),
    }
}
