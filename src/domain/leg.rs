//! One destination's lane: looks for the replica, examines it, judges it once, and removes it.

mod arrival;
mod examination;
mod judge;
mod progress;
mod record;
mod search;
mod words;
mod world;

use std::collections::VecDeque;

use arrival::Arrival;
use examination::Examination;
pub(crate) use record::Record;
use search::Search;
pub(crate) use world::World;

use super::canary::Canary;
use super::name::VersionId;
use super::object::Trouble;
use super::observation::Note;
use super::probe::removal::{Outcome, Removal, Terms};
use super::probe::source::Held;
use super::probe::standing::{End, Standing};
use super::probe::step::{Action, Reply};
use super::reason::Reason;
use super::route::{Cleanup, Destination, Observe};
use super::time::{Moment, Monotonic};

/// A probe's progress at one destination.
#[derive(Debug)]
pub(crate) struct Leg {
    /// Whether the source stands in for a destination that nobody may read.
    stands_in: bool,
    call: Option<Call>,
    progress: Progress,
    /// What was told of it.
    pub(crate) record: Record,
    /// The removal of its replica.
    pub(crate) removal: Removal,
}

/// What is under way.
#[derive(Debug)]
enum Call {
    Look,
    List,
    Candidate(VersionId),
    Owner,
    Content,
    Remove,
}

#[derive(Debug, Default)]
enum Progress {
    /// The source holds nothing yet.
    #[default]
    Waiting,
    /// Looked for by version id.
    Seeking(Search),
    /// The exact key is listed: is it there under another version, or for somebody else?
    Examining(Box<Examination>),
    /// There, and being verified.
    Arrived(Box<Arrival>),
    /// Over, but for its removal.
    Ended(Remains),
}

/// What a leg leaves at the destination.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Remains {
    /// Nothing: absence was proven.
    Nothing,
    /// This version.
    There(VersionId),
    /// The source's version, or nothing: nobody could tell.
    Perhaps,
}

impl Leg {
    /// The leg at the destination of that place.
    pub(crate) fn new(place: usize, destination: &Destination) -> Self {
        Self {
            stands_in: destination.observe == Observe::SourceOnly,
            call: None,
            progress: Progress::Waiting,
            record: Record::new(place),
            removal: Removal::Kept,
        }
    }

    /// A leg of which a replica may be left, but no source: it is only to be removed.
    pub(crate) fn left_over(place: usize, destination: &Destination, version: Option<VersionId>) -> Self {
        let remains = version.map_or(Remains::Nothing, Remains::There);
        Self { progress: Progress::Ended(remains), ..Self::new(place, destination) }
    }

    /// The canary is written: begins to look for it.
    pub(crate) fn begin(&mut self, world: World<'_>) {
        if matches!(self.progress, Progress::Waiting) {
            self.progress = Progress::Seeking(Search::new(world.held, world.polls));
        }
    }

    /// Whether it is over, but for its removal.
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.progress, Progress::Ended(_))
    }

    /// Whether the replica was seen, under whatever version.
    pub(crate) fn has_arrived(&self) -> bool {
        matches!(self.progress, Progress::Arrived(_) | Progress::Ended(Remains::There(_)))
    }

    /// Whether a replica waits for what only the source can tell.
    pub(crate) fn awaits_comparison(&self) -> bool {
        matches!(self.progress, Progress::Arrived(_))
    }

    /// Whether it needs to know the owner of the source version.
    pub(crate) fn awaits_owner(&self) -> bool {
        match &self.progress {
            Progress::Examining(examination) => examination.awaits_owner(),
            Progress::Arrived(arrival) => arrival.awaits_owner(),
            Progress::Waiting | Progress::Seeking(_) | Progress::Ended(_) => false,
        }
    }

    /// Whether the source stands in for its destination, and it still looks.
    pub(crate) fn needs_stand_in(&self) -> bool {
        self.stands_in && matches!(self.progress, Progress::Seeking(_))
    }

    /// The source ended: looks at once.
    pub(crate) fn hasten(&mut self, now: Monotonic) {
        if let Progress::Seeking(search) = &mut self.progress {
            search.hasten(now);
        }
    }

    /// When to make the next call; `None` while one is under way or none is to be made.
    pub(crate) fn due(&self) -> Option<Monotonic> {
        if self.call.is_some() {
            return None;
        }
        match &self.progress {
            _ if self.removal.is_open() => self.removal.due(),
            Progress::Seeking(search) => (!self.stands_in).then_some(search.due()),
            Progress::Examining(examination) => examination.due(),
            Progress::Arrived(arrival) => arrival.due(),
            Progress::Waiting | Progress::Ended(_) => None,
        }
    }

    /// The next call; it is under way from now on.
    pub(crate) fn take(&mut self, held: Option<&Held>) -> Option<Action> {
        let (call, action) = match &self.progress {
            _ if self.removal.is_open() => (Call::Remove, self.removal.action()?),
            Progress::Seeking(_) => (Call::Look, Action::Head(Some(held?.version.clone()))),
            Progress::Examining(examination) => match examination.candidate() {
                Some(version) => (Call::Candidate(version.clone()), Action::Head(Some(version.clone()))),
                None => (Call::List, Action::List),
            },
            Progress::Arrived(arrival) if arrival.reads_owner() => (Call::Owner, Action::List),
            Progress::Arrived(arrival) => (Call::Content, Action::Get(arrival.version().clone())),
            Progress::Waiting | Progress::Ended(_) => return None,
        };
        self.call = Some(call);
        Some(action)
    }

    /// Takes the answer to a call of the removal, if that is what is under way; else hands it back.
    pub(crate) fn removal_answered(
        &mut self,
        terms: Terms,
        now: Moment,
        outcome: Result<Reply, Trouble>,
        notes: &mut VecDeque<Note>,
    ) -> Option<Result<Reply, Trouble>> {
        if matches!(self.call, Some(Call::Remove)) {
            self.call = None;
            self.removal.answered(terms, now, outcome, notes);
            return None;
        }
        Some(outcome)
    }

    /// Takes the answer to any other call under way.
    pub(crate) fn answered(
        &mut self,
        world: World<'_>,
        now: Moment,
        sent: Moment,
        outcome: Result<Reply, Trouble>,
        notes: &mut VecDeque<Note>,
    ) {
        match (self.call.take(), &mut self.progress) {
            (Some(Call::Look), Progress::Seeking(search)) => {
                let sight = search.looked(world, sent, now, outcome);
                self.sighted(world, now, sight);
            }
            (Some(Call::List), Progress::Examining(examination)) => {
                let examined = examination.listed(world, now, sent, outcome);
                self.examined(world, now, examined, notes);
            }
            (Some(Call::Candidate(version)), Progress::Examining(examination)) => {
                let examined = examination.candidate_seen(world, &version, outcome);
                self.examined(world, now, examined, notes);
            }
            (Some(Call::Owner), Progress::Arrived(arrival)) => arrival.owner_listed(world, now, outcome),
            (Some(Call::Content), Progress::Arrived(arrival)) => arrival.content_read(world, now, outcome),
            _ => {}
        }
    }

    /// Where the source stands in for the destination: its poll is the leg's own.
    pub(crate) fn source_polled(&mut self, held: &Held, now: Moment, sent: Moment, outcome: Result<(), Trouble>) {
        if let (true, Progress::Seeking(search)) = (self.stands_in, &mut self.progress) {
            let is_completed = matches!(held.standing, Standing::Ended(End::Completed, _));
            match outcome {
                Ok(()) if is_completed => {}
                Ok(()) => search.missed(sent, now),
                Err(trouble) => search.troubled(held, sent, trouble),
            }
        }
    }

    /// The probe ends without more: whatever is still open is closed without a verdict.
    pub(crate) fn give_up(&mut self, notes: &mut VecDeque<Note>) {
        let remains = match std::mem::take(&mut self.progress) {
            Progress::Ended(remains) => remains,
            Progress::Arrived(arrival) => Remains::There(arrival.version().clone()),
            Progress::Seeking(_) | Progress::Examining(_) => Remains::Perhaps,
            Progress::Waiting => Remains::Nothing,
        };
        self.progress = Progress::Ended(remains);
        self.record.close(notes);
    }

    /// The end of the canary's time: a leg that still has no verdict gets the one that is known to be true.
    pub(crate) fn run_out(&mut self, world: World<'_>, notes: &mut VecDeque<Note>) {
        let trouble = match &self.progress {
            Progress::Seeking(search) => search.trouble(),
            Progress::Waiting | Progress::Examining(_) | Progress::Arrived(_) | Progress::Ended(_) => None,
        };
        self.tell(world, words::unanswered(world, trouble), notes);
        self.give_up(notes);
    }

    /// A leg whose canary was not written, through the monitor's own trouble.
    pub(crate) fn unwritten(&mut self, canary: &Canary, reason: Reason, notes: &mut VecDeque<Note>) {
        self.record.judge(canary, None, words::unwritten(reason), notes);
    }

    /// Begins to remove what it left.
    pub(crate) fn clean(&mut self, destination: &Destination, held: Option<&Held>, now: Monotonic) {
        let Progress::Ended(remains) = &self.progress else { return };
        let version = match remains {
            Remains::Nothing => None,
            Remains::There(version) => Some(version.clone()),
            Remains::Perhaps => held.map(|held| held.version.clone()),
        };
        match (version, destination.cleanup) {
            (None, _) => self.removal.skip(Outcome::Nothing),
            (Some(_), Cleanup::Lifecycle) => self.removal.skip(Outcome::LeftToLifecycle),
            (Some(version), Cleanup::Delete) => self.removal.begin(version, now),
        }
    }

    /// Whether a replica is known to be there, and is the monitor's to remove.
    pub(crate) fn is_left_behind(&self, destination: &Destination) -> bool {
        self.has_arrived() && destination.cleanup == Cleanup::Delete
    }
}
