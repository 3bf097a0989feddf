//! The canaries that a route has begun and not seen removed, and what they forbid.

use std::collections::{BTreeMap, BTreeSet};

use super::Refusal;
use crate::domain::name::ObjectKey;
use crate::domain::observation::{Note, Side};
use crate::domain::reason::Reason;
use crate::domain::route::{Cleanup, Route};

/// What a route has begun.
#[derive(Debug)]
pub(super) struct Outstanding {
    destinations: usize,
    /// The sides that the monitor cleans up.
    cleaned_sides: Vec<Side>,
    allow_retained: bool,
    max_pending: usize,
    canaries: BTreeMap<ObjectKey, Canary>,
    /// Canaries that a side refuses to delete, although it must.
    undeletable: BTreeSet<(ObjectKey, Side)>,
    probation: Probation,
}

/// What is known of a canary.
#[derive(Debug, Default)]
struct Canary {
    written: bool,
    closed: BTreeSet<usize>,
    /// The sides that it was removed from, or that may retain it.
    settled: BTreeSet<Side>,
    /// Whether it was given up on a side, and that was not meant to be.
    leaked: bool,
    /// Whether that side had refused to delete it.
    retained: bool,
}

/// Whether it is known that canaries can be removed from every side.
#[derive(Debug, PartialEq, Eq)]
enum Probation {
    /// Not known.
    Open,
    /// This canary will tell.
    OnTrial(ObjectKey),
    /// They can.
    Passed,
}

impl Outstanding {
    /// Nothing begun.
    pub(super) fn new(route: &Route) -> Self {
        let places = route.destinations.iter().enumerate();
        let cleaned = places.filter(|(_, each)| each.cleanup == Cleanup::Delete).map(|(at, _)| Side::Destination(at));
        Self {
            destinations: route.destinations.len(),
            cleaned_sides: std::iter::once(Side::Source).chain(cleaned).collect(),
            allow_retained: route.canary.allow_retained,
            max_pending: usize::try_from(route.canary.max_pending).unwrap_or(usize::MAX),
            canaries: BTreeMap::new(),
            undeletable: BTreeSet::new(),
            probation: Probation::Open,
        }
    }

    /// How many canaries are outstanding.
    pub(super) fn len(&self) -> usize {
        self.canaries.len()
    }

    /// Why no canary may be begun, if so.
    pub(super) fn block(&self) -> Option<Refusal> {
        if !self.undeletable.is_empty() {
            Some(Refusal::Undeletable)
        } else if matches!(self.probation, Probation::OnTrial(_)) {
            Some(Refusal::Probation)
        } else if self.canaries.len() >= self.max_pending {
            Some(Refusal::TooMany)
        } else {
            None
        }
    }

    /// A canary was begun.
    pub(super) fn started(&mut self, key: &ObjectKey) {
        if self.probation == Probation::Open {
            self.probation = Probation::OnTrial(key.clone());
        }
        self.canaries.insert(key.clone(), Canary::default());
    }

    /// Something was observed of a canary.
    pub(super) fn observe(&mut self, key: &ObjectKey, note: &Note) {
        let Some(canary) = self.canaries.get_mut(key) else {
            self.observe_retained(key, note);
            return;
        };
        match note {
            Note::Written { .. } => canary.written = true,
            Note::WriteFailed { reason: Reason::NoVersionId } => {
                // The object is there all the same: it has to be removed like any other.
                canary.written = true;
                canary.closed.extend(0..self.destinations);
            }
            Note::WriteFailed { .. } => return self.gone(key, false),
            Note::LegClosed { destination } => _ = canary.closed.insert(*destination),
            Note::Deleted { side } => {
                _ = canary.settled.insert(*side);
                self.undeletable.remove(&(key.clone(), *side));
            }
            Note::DeleteFailed { side, refused: true, .. } => self.refused(key, *side),
            Note::Leaked { side } => {
                canary.leaked |= !self.allow_retained;
                canary.retained |= self.undeletable.remove(&(key.clone(), *side));
            }
            Note::Ended => {
                let proven = canary.written && !canary.leaked;
                return self.gone(key, proven);
            }
            Note::WriteSent
            | Note::SourceStatus(_)
            | Note::BeyondObjective { .. }
            | Note::Judged(_)
            | Note::ArrivedLate(_)
            | Note::DeleteFailed { refused: false, .. }
            | Note::LeftPending
            | Note::Final(_) => return,
        }
        let Some(canary) = self.canaries.get(key) else { return };
        let settled = self.cleaned_sides.iter().all(|side| canary.settled.contains(side));
        if settled && canary.closed.len() >= self.destinations {
            self.gone(key, true);
        }
    }

    /// A side refuses to delete a canary: writing stops, unless leftovers are accepted.
    fn refused(&mut self, key: &ObjectKey, side: Side) {
        if !self.allow_retained {
            self.undeletable.insert((key.clone(), side));
        } else if let Some(canary) = self.canaries.get_mut(key) {
            canary.settled.insert(side);
        }
    }

    /// A canary is no longer outstanding; `proven`: it was written, and is gone from every side that cleans up.
    fn gone(&mut self, key: &ObjectKey, proven: bool) {
        let given_up = self.canaries.remove(key).is_some_and(|canary| canary.retained);
        let left = self.undeletable.len();
        self.undeletable.retain(|(held, _)| held != key);
        if given_up || left != self.undeletable.len() {
            // Nobody tries to delete it any more: the next canary shows whether it has become possible.
            self.probation = Probation::Open;
        } else if matches!(&self.probation, Probation::OnTrial(trial) if trial == key) {
            self.probation = if proven { Probation::Passed } else { Probation::Open };
        }
    }

    /// A canary that is not outstanding any more can still turn out to be retained: a retry of S3 wrote it again.
    fn observe_retained(&mut self, key: &ObjectKey, note: &Note) {
        if let Note::DeleteFailed { side, refused: true, .. } = note {
            self.refused(key, *side);
        } else if let Note::Deleted { side } | Note::Leaked { side } = note {
            self.undeletable.remove(&(key.clone(), *side));
        } else if *note == Note::Ended {
            self.undeletable.retain(|(held, _)| held != key);
        }
    }
}
