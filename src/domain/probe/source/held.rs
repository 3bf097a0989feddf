//! The canary at the source: followed until its status ends, then removed.

use std::collections::VecDeque;
use std::time::Duration;

use super::Surroundings;
use crate::domain::lag::Write;
use crate::domain::name::VersionId;
use crate::domain::object::{ListedVersion, ObjectSeen, ReplicationStatus, Trouble};
use crate::domain::observation::Note;
use crate::domain::poll::PollSchedule;
use crate::domain::probe::removal::Removal;
use crate::domain::probe::standing::{End, Standing};
use crate::domain::probe::step::Reply;
use crate::domain::report::{Stage, StageAt};
use crate::domain::time::{Moment, Monotonic};
use crate::domain::verify::Encryption;

/// How far apart two misses must be to prove that somebody else removed the source version.
const MISSES_APART: Duration = Duration::from_secs(30);
/// After how many unanswered polls in a row a replica is judged without a look at the source, and its owner is not
/// asked for.
const PATIENCE: u32 = 3;

/// A version that the source holds.
#[derive(Debug)]
pub(crate) struct Held {
    /// The version.
    pub(crate) version: VersionId,
    /// When it was written.
    pub(crate) write: Write,
    /// What its status says.
    pub(crate) standing: Standing,
    /// Its removal.
    pub(crate) removal: Removal,
    /// What it went through.
    pub(crate) stages: Vec<StageAt>,
    encryption: Option<Encryption>,
    shown: Option<Option<ReplicationStatus>>,
    last_poll: LastPoll,
    unanswered: u32,
    first_miss: Option<Monotonic>,
    owner: Owner,
}

/// The age of the canary at its last poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LastPoll {
    /// It was not polled: the first poll follows the schedule.
    Fresh,
    /// It was not polled, and should be at once: it was found after a restart.
    Overdue,
    At(Duration),
}

/// Who owns the source version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Nobody asked.
    Unasked,
    /// A leg asked; to be listed then.
    Wanted {
        /// When to list.
        due: Monotonic,
        /// How often that met trouble.
        tries: u32,
    },
    /// This owner.
    Known(String),
    /// It cannot be told.
    Untold,
}

/// How closely the legs need the source polled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Not at all, once its status ended.
    UntilEnded,
    /// Every gap, until its status ended: a replica was seen.
    Arrived,
    /// At once if it was never seen, then like `Arrived`: a replica waits for the comparison.
    Compare,
    /// Every gap, whatever its status: it stands in for a destination that nobody may read.
    StandIn,
}

impl Held {
    /// A version that was just written.
    pub(crate) fn new(version: VersionId, write: Write) -> Self {
        let at = |stage, moment: Moment| StageAt { stage, at: moment.wall };
        Self {
            version,
            write,
            standing: Standing::Unseen,
            removal: Removal::Kept,
            stages: vec![at(Stage::PutSent, write.sent()), at(Stage::PutAcked, write.known())],
            encryption: None,
            shown: None,
            last_poll: LastPoll::Fresh,
            unanswered: 0,
            first_miss: None,
            owner: Owner::Unasked,
        }
    }

    /// A version that an earlier run of the monitor wrote.
    pub(crate) fn found(version: VersionId, write: Write) -> Self {
        let put_sent = StageAt { stage: Stage::PutSent, at: write.sent().wall };
        Self { stages: vec![put_sent], last_poll: LastPoll::Overdue, ..Self::new(version, write) }
    }

    /// Whether an earlier run of the monitor wrote it.
    pub(crate) fn was_found(&self) -> bool {
        self.last_poll == LastPoll::Overdue
    }

    /// How the source encrypted it, once seen.
    pub(crate) fn encryption(&self) -> Option<&Encryption> {
        self.encryption.as_ref()
    }

    /// Whether replicas can be judged: it was seen, or cannot be.
    pub(crate) fn is_comparable(&self) -> bool {
        self.encryption.is_some() || self.unanswered >= PATIENCE || self.standing.end().is_some()
    }

    /// Who owns it, as far as asked.
    pub(crate) fn owner(&self) -> &Owner {
        &self.owner
    }

    /// Asks who owns it, once.
    pub(crate) fn want_owner(&mut self, now: Monotonic) {
        if self.owner == Owner::Unasked {
            self.owner = Owner::Wanted { due: now, tries: 0 };
        }
    }

    pub(super) fn wants_owner(&self) -> bool {
        matches!(self.owner, Owner::Wanted { .. })
    }

    pub(super) fn due(&self, polls: &PollSchedule, pace: Pace) -> Option<Monotonic> {
        if self.removal.is_open() {
            return self.removal.due();
        }
        if self.removal.outcome().is_some() {
            return None;
        }
        if let Owner::Wanted { due, .. } = self.owner {
            return Some(due);
        }
        if self.standing.end().is_some() && pace != Pace::StandIn {
            return None;
        }
        let unseen = self.encryption.is_none() && self.unanswered == 0;
        let last = match self.last_poll {
            LastPoll::Overdue => return Some(self.write.known().mono),
            LastPoll::Fresh => Duration::ZERO,
            LastPoll::At(age) => age,
        };
        Some(match pace {
            Pace::UntilEnded => self.write.when(polls.third(last)),
            Pace::Compare if unseen => self.write.known().mono,
            Pace::Arrived | Pace::Compare | Pace::StandIn => self.write.when(polls.next(last)),
        })
    }

    pub(super) fn polled(
        &mut self,
        around: Surroundings<'_>,
        now: Moment,
        sent: Moment,
        outcome: Result<Reply, Trouble>,
        notes: &mut VecDeque<Note>,
    ) -> Result<(), Trouble> {
        let age = self.write.age(sent.mono);
        self.last_poll = LastPoll::At(age);
        let trouble = match outcome {
            Ok(Reply::Object(seen)) if seen.version_id.as_ref() == Some(&self.version) => {
                self.seen(&seen, around, age, now, notes);
                return Ok(());
            }
            Ok(_) => Trouble::BadAnswer,
            Err(trouble) => trouble,
        };
        self.unanswered = self.unanswered.saturating_add(1);
        if matches!(trouble, Trouble::NotFound | Trouble::NoSuchBucket) {
            let first = *self.first_miss.get_or_insert(sent.mono);
            if sent.mono.since(first) >= MISSES_APART && self.standing.end().is_none() {
                self.standing = Standing::Ended(End::Gone, now);
            }
        }
        Err(trouble)
    }

    fn seen(
        &mut self,
        seen: &ObjectSeen,
        around: Surroundings<'_>,
        age: Duration,
        now: Moment,
        notes: &mut VecDeque<Note>,
    ) {
        let status = seen.replication_status;
        self.unanswered = 0;
        self.first_miss = None;
        self.encryption.get_or_insert_with(|| Encryption::of(seen));
        self.standing = self.standing.hear(status, age, now, around.route.replication_status, &around.route.canary);
        if self.shown != Some(status) {
            self.shown = Some(status);
            notes.push_back(Note::SourceStatus(status));
        }
        match status {
            Some(ReplicationStatus::Pending) => self.reached(Stage::PendingSeen, now),
            Some(ReplicationStatus::Completed) => self.reached(Stage::CompletedSeen, now),
            Some(ReplicationStatus::Failed | ReplicationStatus::Replica | ReplicationStatus::Other) | None => {}
        }
    }

    fn reached(&mut self, stage: Stage, now: Moment) {
        if self.stages.iter().all(|each| each.stage != stage) {
            self.stages.push(StageAt { stage, at: now.wall });
        }
    }

    pub(super) fn owner_answered(&mut self, polls: &PollSchedule, now: Moment, outcome: Result<Reply, Trouble>) {
        let Owner::Wanted { tries, .. } = self.owner else { return };
        let tries = tries + 1;
        self.owner = match outcome {
            Ok(Reply::Versions(listed)) => match owner_of(listed, &self.version) {
                Some(owner) => Owner::Known(owner),
                None => Owner::Untold,
            },
            Err(Trouble::AccessDenied) => Owner::Untold,
            Ok(_) | Err(_) if tries >= PATIENCE => Owner::Untold,
            Ok(_) | Err(_) => Owner::Wanted { due: now.mono.plus(polls.gap(self.write.age(now.mono))), tries },
        };
    }
}

fn owner_of(listed: Vec<ListedVersion>, version: &VersionId) -> Option<String> {
    listed.into_iter().find(|each| each.version_id == *version && !each.delete_marker)?.owner
}
