//! The search for a replica by its version id: what every look showed, and when to look again.

use std::time::Duration;

use super::World;
use crate::domain::object::{ObjectSeen, Trouble};
use crate::domain::poll::PollSchedule;
use crate::domain::probe::Absence;
use crate::domain::probe::source::Held;
use crate::domain::probe::standing::End;
use crate::domain::probe::step::Reply;
use crate::domain::time::{Moment, Monotonic};

/// What was seen so far.
#[derive(Debug)]
pub(super) struct Search {
    due: Monotonic,
    last: Option<Look>,
    miss: Option<Miss>,
    trouble: Option<Trouble>,
    troubles_since_end: u32,
    refusals: u32,
    listed: bool,
    told_beyond: bool,
}

/// A look that ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// When the request went out.
    pub(super) sent: Moment,
    /// Whether it proved absence.
    pub(super) missed: bool,
}

/// A look that proved absence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Miss {
    /// When the request went out: absence is proven for this instant.
    pub(super) sent: Moment,
    /// When the answer came.
    pub(super) answered: Moment,
}

/// What a look showed.
pub(super) enum Sight {
    /// The replica.
    Replica {
        /// As HEAD shows it.
        seen: Box<ObjectSeen>,
        /// When the last miss before went out.
        last_miss: Option<Moment>,
    },
    /// Absence, or nothing at all.
    Nothing,
    /// A refusal where the replica should be readable: the exact key is to be listed.
    Refused(Trouble),
}

impl Search {
    pub(super) fn new(held: &Held, polls: &PollSchedule) -> Self {
        let due = if held.was_found() { held.write.known().mono } else { held.write.when(polls.gap(Duration::ZERO)) };
        Self {
            due,
            last: None,
            miss: None,
            trouble: None,
            troubles_since_end: 0,
            refusals: 0,
            listed: false,
            told_beyond: false,
        }
    }

    pub(super) fn due(&self) -> Monotonic {
        self.due
    }

    pub(super) fn hasten(&mut self, now: Monotonic) {
        self.due = self.due.min(now);
    }

    pub(super) fn last(&self) -> Option<Look> {
        self.last
    }

    pub(super) fn miss(&self) -> Option<Miss> {
        self.miss
    }

    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.trouble
    }

    /// How many looks in a row met trouble since the source ended.
    pub(super) fn troubles_since_end(&self) -> u32 {
        self.troubles_since_end
    }

    /// How many looks were refused in a row since the source said COMPLETED.
    pub(super) fn refusals(&self) -> u32 {
        self.refusals
    }

    /// Whether the exact key was listed in vain.
    pub(super) fn is_listed(&self) -> bool {
        self.listed
    }

    pub(super) fn set_listed(&mut self) {
        self.listed = true;
    }

    /// Whether a miss proves the canary to be beyond the objective; true once.
    pub(super) fn newly_proves_beyond(&mut self, held: &Held, objective: Duration) -> bool {
        let proves = self.miss.is_some_and(|miss| held.write.at_least(miss.sent) >= objective);
        proves && !std::mem::replace(&mut self.told_beyond, true)
    }

    /// Takes a miss.
    pub(super) fn missed(&mut self, sent: Moment, answered: Moment) {
        self.last = Some(Look { sent, missed: true });
        self.miss = Some(Miss { sent, answered });
        self.troubles_since_end = 0;
        self.refusals = 0;
    }

    /// Takes a look that showed nothing.
    pub(super) fn troubled(&mut self, held: &Held, sent: Moment, trouble: Trouble) {
        self.last = Some(Look { sent, missed: false });
        self.trouble = Some(trouble);
        if held.standing.end().is_some_and(|(_, since)| sent.mono >= since.mono) {
            self.troubles_since_end = self.troubles_since_end.saturating_add(1);
        }
    }

    /// Takes the answer to a look.
    pub(super) fn looked(
        &mut self,
        world: World<'_>,
        sent: Moment,
        now: Moment,
        outcome: Result<Reply, Trouble>,
    ) -> Sight {
        let held = world.held;
        self.due = held.write.when(world.polls.next(held.write.age(sent.mono)));
        if held.standing.end().is_some_and(|(_, since)| sent.mono < since.mono) {
            self.due = now.mono;
        }
        let trouble = match outcome {
            Ok(Reply::Object(seen)) if seen.version_id.as_ref() == Some(&held.version) => {
                return Sight::Replica { seen, last_miss: self.miss.map(|miss| miss.sent) };
            }
            Ok(_) => Trouble::BadAnswer,
            Err(trouble) => trouble,
        };
        let is_completed = completed_since(held).is_some_and(|since| sent.mono >= since.mono);
        let is_denied = trouble == Trouble::AccessDenied;
        let is_odd = matches!(trouble, Trouble::Refused | Trouble::MethodNotAllowed) && !self.listed;
        let means_absent = is_denied && !is_completed && world.absence() == Absence::RefusedWithoutListing;
        if means_absent || matches!(trouble, Trouble::NotFound | Trouble::NoSuchBucket) {
            self.missed(sent, now);
        } else {
            self.troubled(held, sent, trouble);
        }
        if is_completed && (is_denied || is_odd) {
            self.refusals = self.refusals.saturating_add(1);
            return Sight::Refused(trouble);
        }
        Sight::Nothing
    }
}

fn completed_since(held: &Held) -> Option<Moment> {
    held.standing.end().and_then(|(end, since)| (end == End::Completed).then_some(since))
}
