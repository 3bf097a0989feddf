//! Tells a person what happened, one line each: quiet while nothing changes, WARN where somebody should look.

mod letters;
mod setup;

use std::collections::{HashMap, HashSet};

use self::letters::Letters;
use self::setup::SetUp;
use crate::domain::health::Change;
use crate::domain::key::{KeyLook, KeyStatus};
use crate::domain::name::Bucket;
use crate::domain::observation::{CanaryObservation, Note, Observation, SelfTest, Side};
use crate::domain::reading::{Look, Metric, Obstacle, Place, RuleSeen, words};
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
    /// What was told of replication events and of their queues.
    letters: Letters,
    /// The faults of set-ups that stand.
    set_up: SetUp,
    /// What keeps replication metrics from being read.
    obstacles: HashMap<(RouteId, usize, Place), Obstacle>,
    /// Canaries left where they are, still PENDING.
    left: usize,
}

impl Narrator {
    /// Tells of a change of state.
    pub(super) fn change(&self, change: &Change) {
        let (route, destination) = (change.route.as_str(), change.destination.as_str());
        let (from, to, reason) = (change.from.as_str(), change.to.as_str(), change.reason.as_str());
        let message = &change.message;
        let cause = change.cause.as_ref().map(|cause| cause.id.as_str());
        if is_news_to_act_on(change) {
            tracing::warn!(route, destination, from, to, reason, cause, "{route} to {destination} is {to}: {message}");
        } else {
            tracing::info!(route, destination, from, to, reason, cause, "{route} to {destination} is {to}: {message}");
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
            Observation::Event(event) => {
                if let Some(route) = route {
                    self.letters.event(event, route);
                }
            }
            Observation::Queue(queue) => self.letters.queue(queue),
            Observation::Audited { route: id, audit, .. } => {
                if let Some(route) = route {
                    self.set_up.audited(*id, audit, route);
                }
            }
            Observation::Drift { change, .. } => {
                if let Some(route) = route {
                    setup::changed(change, route);
                }
            }
            Observation::Readings { route: id, destination, place, looks, .. } => {
                if let Some(route) = route {
                    self.readings((*id, *destination, *place), looks, route);
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
            | Observation::Rule { .. }
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
        self.letters.forget(id);
        self.keys.retain(|(route, _), _| *route != id);
        self.set_up.forget(id);
        self.obstacles.retain(|(route, ..), _| *route != id);
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

    /// One line when metrics cannot be read for another reason than before, or can be read again. An answer that is not
    /// whole is no news: it is asked again.
    fn readings(&mut self, subject: (RouteId, usize, Place), looks: &[(Metric, Look)], route: &Route) {
        let (_, destination, place) = subject;
        let Some(destination) = route.destinations.get(destination) else { return };
        let (name, bucket) = (route.name.as_str(), destination.bucket.as_str());
        let obstacle = looks.iter().find_map(|(_, look)| match look {
            Look::Failed(Obstacle::Incomplete) | Look::Complete { .. } => None,
            Look::Failed(obstacle) => Some(*obstacle),
        });
        let is_whole = looks.iter().all(|(_, look)| matches!(look, Look::Complete { .. }));
        match obstacle {
            None if is_whole && self.obstacles.remove(&subject).is_some() => {
                tracing::info!(route = name, destination = bucket, "replication metrics of {bucket} are read again");
            }
            Some(obstacle) if self.obstacles.insert(subject, obstacle) != Some(obstacle) => {
                let problem = words::obstacle(place, Some(obstacle), &RuleSeen::Unread, route, destination);
                tracing::warn!(route = name, destination = bucket, "{name}: {problem}");
            }
            None | Some(_) => {}
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
