//! The removal of one version on one side: tried until it succeeds, and careful to tell "may not be deleted" from
//! "may not do anything".
//!
//! A refused DELETE alone proves nothing: credentials that were taken away refuse everything. So the version is
//! looked at, and only when that is allowed is it deleted once more: a second refusal makes the canary undeletable.

use std::collections::VecDeque;
use std::time::Duration;

use super::step::{Action, Reply};
use crate::domain::name::VersionId;
use crate::domain::object::Trouble;
use crate::domain::observation::{Note, Side};
use crate::domain::time::{Moment, Monotonic};

/// The time between two tries of a deletion that is refused.
const REFUSED_GAP: Duration = Duration::from_secs(600);
/// The first and the longest time between two tries of a deletion that gets no answer.
const BACK_OFF: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(600)];
/// How often a deletion is tried after the stop.
const LAST_TRIES: u32 = 3;

/// How far the removal of one side's version is.
#[derive(Debug)]
pub(crate) enum Removal {
    /// Not begun.
    Kept,
    /// Being tried.
    Open(Attempt),
    /// Over.
    Over(Outcome),
}

/// How a removal ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// There was nothing to remove.
    Nothing,
    /// The version is gone.
    Removed,
    /// An expiry rule will remove it.
    LeftToLifecycle,
    /// It was given up.
    GivenUp,
}

/// A removal under way.
#[derive(Debug)]
pub(crate) struct Attempt {
    version: VersionId,
    doing: Doing,
    due: Monotonic,
    tries: u32,
    refusal: Refusal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    Delete,
    Look,
}

/// What is known of refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// None, or one that may refuse everything.
    Unproven,
    /// Looking was allowed after the last one.
    Readable,
    /// Deleting is what is refused.
    Proven,
}

/// The rules of a removal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    /// The side.
    pub(crate) side: Side,
    /// Whether the side lets the monitor look, so that looking tells refusals apart.
    pub(crate) can_look: bool,
    /// Whether a refused deletion is given up at once, because retained canaries are accepted.
    pub(crate) accept_refusal: bool,
    /// Whether the probe was stopped: a few tries without pause, and no more.
    pub(crate) stopping: bool,
}

impl Removal {
    /// Begins to remove a version, unless the removal began before.
    pub(crate) fn begin(&mut self, version: VersionId, now: Monotonic) {
        if matches!(self, Self::Kept) {
            let refusal = Refusal::Unproven;
            *self = Self::Open(Attempt { version, doing: Doing::Delete, due: now, tries: 0, refusal });
        }
    }

    /// Ends a removal that has not begun.
    pub(crate) fn skip(&mut self, outcome: Outcome) {
        if matches!(self, Self::Kept) {
            *self = Self::Over(outcome);
        }
    }

    /// Ends a removal, whatever it does.
    pub(crate) fn give_up(&mut self, side: Side, notes: &mut VecDeque<Note>) {
        *self = Self::Over(Outcome::GivenUp);
        notes.push_back(Note::Leaked { side });
    }

    /// How it ended.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        match self {
            Self::Over(outcome) => Some(*outcome),
            Self::Kept | Self::Open(_) => None,
        }
    }

    /// Whether it is being tried.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self, Self::Open(_))
    }

    /// Whether deleting is what is refused.
    pub(crate) fn is_refused(&self) -> bool {
        matches!(self, Self::Open(Attempt { refusal: Refusal::Proven, .. }))
    }

    /// When to make the next call.
    pub(crate) fn due(&self) -> Option<Monotonic> {
        match self {
            Self::Open(attempt) => Some(attempt.due),
            Self::Kept | Self::Over(_) => None,
        }
    }

    /// The next call.
    pub(crate) fn action(&self) -> Option<Action> {
        let Self::Open(attempt) = self else { return None };
        Some(match attempt.doing {
            Doing::Delete => Action::Delete(attempt.version.clone()),
            Doing::Look => Action::Head(Some(attempt.version.clone())),
        })
    }

    /// The probe was stopped: whatever waits is tried now.
    pub(crate) fn hurry(&mut self, now: Monotonic) {
        if let Self::Open(attempt) = self {
            attempt.due = now;
            attempt.tries = 0;
        }
    }

    /// Takes the answer to the call that was made.
    pub(crate) fn answered(
        &mut self,
        terms: Terms,
        now: Moment,
        outcome: Result<Reply, Trouble>,
        notes: &mut VecDeque<Note>,
    ) {
        let Self::Open(attempt) = self else { return };
        let side = terms.side;
        match (attempt.doing, outcome) {
            (Doing::Delete, Ok(Reply::Deleted)) | (_, Err(Trouble::NotFound | Trouble::NoSuchBucket)) => {
                *self = Self::Over(Outcome::Removed);
                notes.push_back(Note::Deleted { side });
                return;
            }
            (Doing::Look, Ok(Reply::Object(_))) => {
                attempt.refusal = attempt.refusal.max_readable();
                attempt.doing = Doing::Delete;
                attempt.due = now.mono;
                return;
            }
            (Doing::Look, _) => attempt.back_off(terms, now.mono),
            (Doing::Delete, Err(trouble)) if is_refusal(trouble) => attempt.refused(terms, now.mono, trouble, notes),
            (Doing::Delete, outcome) => {
                let trouble = outcome.err().unwrap_or(Trouble::BadAnswer);
                notes.push_back(Note::DeleteFailed { side, trouble, refused: false });
                attempt.back_off(terms, now.mono);
            }
        }
        if attempt.is_hopeless(terms) {
            self.give_up(side, notes);
        }
    }
}

impl Attempt {
    fn refused(&mut self, terms: Terms, now: Monotonic, trouble: Trouble, notes: &mut VecDeque<Note>) {
        let proven = self.refusal != Refusal::Unproven || !terms.can_look;
        notes.push_back(Note::DeleteFailed { side: terms.side, trouble, refused: proven });
        if proven {
            self.refusal = Refusal::Proven;
            self.due = now.plus(REFUSED_GAP);
        } else {
            self.doing = Doing::Look;
            self.due = now;
        }
    }

    fn back_off(&mut self, terms: Terms, now: Monotonic) {
        let [first, longest] = BACK_OFF;
        let wait = first.saturating_mul(2_u32.saturating_pow(self.tries)).min(longest);
        self.doing = Doing::Delete;
        if self.refusal == Refusal::Readable {
            self.refusal = Refusal::Unproven;
        }
        self.tries = self.tries.saturating_add(1);
        self.due = if terms.stopping { now } else { now.plus(wait) };
    }

    fn is_hopeless(&self, terms: Terms) -> bool {
        let refused = self.refusal == Refusal::Proven && (terms.accept_refusal || terms.stopping);
        refused || (terms.stopping && self.tries >= LAST_TRIES)
    }
}

impl Refusal {
    fn max_readable(self) -> Self {
        if self == Self::Unproven { Self::Readable } else { self }
    }
}

/// Whether the server says no to a deletion, as opposed to the monitor's credentials or the network failing.
fn is_refusal(trouble: Trouble) -> bool {
    matches!(trouble, Trouble::AccessDenied | Trouble::Refused | Trouble::MethodNotAllowed)
}
