//! The source lane: writes the canary, finds out whether it was written, follows its status, and removes it.

mod held;
mod open;

use std::collections::VecDeque;

pub(crate) use held::{Held, Owner, Pace};
use open::{OpenWrite, Resolved};

use super::expectations::Absence;
use super::removal::{Removal, Terms};
use super::step::{Action, Reply};
use crate::domain::canary::{Canary, SHA256};
use crate::domain::lag::Write;
use crate::domain::name::VersionId;
use crate::domain::object::{ObjectSeen, Trouble};
use crate::domain::observation::{Note, Side};
use crate::domain::poll::PollSchedule;
use crate::domain::reason::Reason;
use crate::domain::route::Route;
use crate::domain::time::{Moment, Monotonic};

/// The version id of an object that was written while versioning was off.
const NULL_VERSION: &str = "null";
/// The longest version id that is believed; AWS documents 1,024 bytes.
const VERSION_ID_MAX: usize = 1024;

/// The source lane.
#[derive(Debug)]
pub(crate) struct SourceLane {
    call: Option<Call>,
    state: SourceState,
}

/// What is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Put,
    Resolve,
    Poll,
    Owner,
    Remove,
}

/// What the source holds.
#[derive(Debug)]
pub(crate) enum SourceState {
    /// Nothing yet: the PUT is still to come, and was announced or not.
    Unsent {
        /// Whether it was announced.
        announced: bool,
    },
    /// The PUT is under way.
    Putting,
    /// The PUT got no definite answer.
    Open(OpenWrite),
    /// The canary, under a version.
    Held(Box<Held>),
    /// A canary without version: it cannot replicate, and goes.
    Unversioned(Removal),
    /// Nothing, for good: never written, or not by this probe.
    Absent,
}

/// What an answer means for the rest of the probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    /// Nothing.
    Nothing,
    /// The canary is written.
    Written,
    /// It is not written, or not as a canary.
    NotWritten {
        /// Why.
        reason: Reason,
        /// Whether that was the monitor's own trouble, which makes every leg `unknown`.
        own_trouble: bool,
    },
    /// The source was polled.
    Polled {
        /// When the request went out.
        sent: Moment,
        /// Whether the version was shown.
        outcome: Result<(), Trouble>,
    },
}

/// What the source lane must know of the rest of the probe.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    pub(crate) route: &'a Route,
    pub(crate) canary: &'a Canary,
    pub(crate) polls: &'a PollSchedule,
    pub(crate) absence: Absence,
    pub(crate) pace: Pace,
    pub(crate) stopping: bool,
}

impl SourceLane {
    /// A lane that is about to write.
    pub(crate) fn unsent() -> Self {
        Self { call: None, state: SourceState::Unsent { announced: false } }
    }

    /// A lane of a PUT whose fate is not known, because nobody was there to see it.
    pub(crate) fn looking(sent: Moment, now: Monotonic) -> Self {
        Self { call: None, state: SourceState::Open(OpenWrite::new(sent, Trouble::Internal, now)) }
    }

    /// A lane of a canary that is there already.
    pub(crate) fn holding(held: Held) -> Self {
        Self { call: None, state: SourceState::Held(Box::new(held)) }
    }

    /// A lane with nothing to do: only replicas are left.
    pub(crate) fn absent() -> Self {
        Self { call: None, state: SourceState::Absent }
    }

    /// What the source holds.
    pub(crate) fn state(&self) -> &SourceState {
        &self.state
    }

    /// The version that it holds, while it does.
    pub(crate) fn held(&self) -> Option<&Held> {
        match &self.state {
            SourceState::Held(held) => Some(held),
            SourceState::Unsent { .. }
            | SourceState::Putting
            | SourceState::Open(_)
            | SourceState::Unversioned(_)
            | SourceState::Absent => None,
        }
    }

    /// The same, to change it.
    pub(crate) fn held_mut(&mut self) -> Option<&mut Held> {
        match &mut self.state {
            SourceState::Held(held) => Some(held),
            SourceState::Unsent { .. }
            | SourceState::Putting
            | SourceState::Open(_)
            | SourceState::Unversioned(_)
            | SourceState::Absent => None,
        }
    }

    /// The removal of what it holds.
    pub(crate) fn removal_mut(&mut self) -> Option<&mut Removal> {
        match &mut self.state {
            SourceState::Held(held) => Some(&mut held.removal),
            SourceState::Unversioned(removal) => Some(removal),
            SourceState::Unsent { .. } | SourceState::Putting | SourceState::Open(_) | SourceState::Absent => None,
        }
    }

    /// Announces the PUT; whether it was not announced before.
    pub(crate) fn announce(&mut self) -> bool {
        match &mut self.state {
            SourceState::Unsent { announced } => !std::mem::replace(announced, true),
            SourceState::Putting
            | SourceState::Open(_)
            | SourceState::Held(_)
            | SourceState::Unversioned(_)
            | SourceState::Absent => false,
        }
    }

    /// When to make the next call; `None` while one is under way or none is to be made.
    pub(crate) fn due(&self, around: Surroundings<'_>, now: Monotonic) -> Option<Monotonic> {
        if self.call.is_some() {
            return None;
        }
        match &self.state {
            SourceState::Unsent { announced } => announced.then_some(now),
            SourceState::Open(open) => Some(open.due()),
            SourceState::Held(held) => held.due(around.polls, around.pace),
            SourceState::Unversioned(removal) => removal.due(),
            SourceState::Putting | SourceState::Absent => None,
        }
    }

    /// The next call; it is under way from now on.
    pub(crate) fn take(&mut self) -> Option<Action> {
        let (call, action) = match &self.state {
            SourceState::Unsent { .. } => (Call::Put, Action::Put),
            SourceState::Open(_) => (Call::Resolve, Action::Head(None)),
            SourceState::Unversioned(removal) => (Call::Remove, removal.action()?),
            SourceState::Held(held) if held.removal.is_open() => (Call::Remove, held.removal.action()?),
            SourceState::Held(held) if held.wants_owner() => (Call::Owner, Action::List),
            SourceState::Held(held) => (Call::Poll, Action::Head(Some(held.version.clone()))),
            SourceState::Putting | SourceState::Absent => return None,
        };
        if call == Call::Put {
            self.state = SourceState::Putting;
        }
        self.call = Some(call);
        Some(action)
    }

    /// Takes the answer to the call under way.
    pub(crate) fn answered(
        &mut self,
        around: Surroundings<'_>,
        now: Moment,
        sent: Moment,
        outcome: Result<Reply, Trouble>,
        notes: &mut VecDeque<Note>,
    ) -> News {
        match self.call.take() {
            None => News::Nothing,
            Some(Call::Put) => self.put_answered(now, sent, outcome, notes),
            Some(Call::Resolve) => self.resolve_answered(around, now, sent, outcome, notes),
            Some(Call::Poll) => match self.held_mut() {
                Some(held) => News::Polled { sent, outcome: held.polled(around, now, sent, outcome, notes) },
                None => News::Nothing,
            },
            Some(Call::Owner) => {
                if let Some(held) = self.held_mut() {
                    held.owner_answered(around.polls, now, outcome);
                }
                News::Nothing
            }
            Some(Call::Remove) => {
                let terms = terms(around);
                if let Some(removal) = self.removal_mut() {
                    removal.answered(terms, now, outcome, notes);
                }
                News::Nothing
            }
        }
    }

    fn put_answered(
        &mut self,
        now: Moment,
        sent: Moment,
        outcome: Result<Reply, Trouble>,
        notes: &mut VecDeque<Note>,
    ) -> News {
        let trouble = match outcome {
            Ok(Reply::Written(version)) => return self.written(version, sent, now, notes),
            Ok(Reply::Object(_) | Reply::Content(_) | Reply::Versions(_) | Reply::Deleted) => Trouble::BadAnswer,
            Err(trouble) => trouble,
        };
        if trouble.leaves_write_open() {
            self.state = SourceState::Open(OpenWrite::new(sent, trouble, now.mono));
            return News::Nothing;
        }
        let never_sent = trouble == Trouble::ConnectionFailed;
        self.not_written(Reason::Call(trouble), !never_sent && !trouble.is_broken_source(), notes)
    }

    fn resolve_answered(
        &mut self,
        around: Surroundings<'_>,
        now: Moment,
        sent: Moment,
        outcome: Result<Reply, Trouble>,
        notes: &mut VecDeque<Note>,
    ) -> News {
        let SourceState::Open(open) = &mut self.state else { return News::Nothing };
        match open.answered(around, sent, outcome) {
            Resolved::NotYet => News::Nothing,
            Resolved::Written(version) => {
                let put_sent = open.put_sent();
                self.written(version, put_sent, now, notes)
            }
            Resolved::NotWritten(trouble) => self.not_written(Reason::Call(trouble), true, notes),
        }
    }

    fn written(&mut self, version: Option<VersionId>, sent: Moment, now: Moment, notes: &mut VecDeque<Note>) -> News {
        let Some(version) = version.filter(is_real_version) else {
            let reason = Reason::NoVersionId;
            notes.push_back(Note::WriteFailed { reason });
            let mut removal = Removal::Kept;
            removal.begin(VersionId::new(NULL_VERSION), now.mono);
            self.state = SourceState::Unversioned(removal);
            return News::NotWritten { reason, own_trouble: false };
        };
        notes.push_back(Note::Written { version_id: version.clone() });
        self.state = SourceState::Held(Box::new(Held::new(version, Write::new(sent, now))));
        News::Written
    }

    fn not_written(&mut self, reason: Reason, own_trouble: bool, notes: &mut VecDeque<Note>) -> News {
        notes.push_back(Note::WriteFailed { reason });
        self.state = SourceState::Absent;
        News::NotWritten { reason, own_trouble }
    }
}

/// The terms on which the source is cleaned.
pub(crate) fn terms(around: Surroundings<'_>) -> Terms {
    Terms {
        side: Side::Source,
        can_look: true,
        accept_refusal: around.route.canary.allow_retained,
        stopping: around.stopping,
    }
}

/// Whether an object carries the digest of this canary: nobody else can have written it, for it follows from the
/// nonce.
pub(crate) fn is_ours(canary: &Canary, seen: &ObjectSeen) -> bool {
    seen.metadata.get(SHA256).is_some_and(|digest| digest == canary.sha256())
}

fn is_real_version(version: &VersionId) -> bool {
    let text = version.as_str();
    !text.is_empty() && text != NULL_VERSION && text.len() <= VERSION_ID_MAX
}
