//! The listing of the exact key at a destination that should have the replica and does not show it.
//!
//! A replica may be there under another version id, or belong to an account that does not let the destination read
//! it.

use super::World;
use super::search::Search;
use crate::domain::name::VersionId;
use crate::domain::object::{ListedVersion, ObjectSeen, Trouble};
use crate::domain::probe::source::is_ours;
use crate::domain::probe::step::Reply;
use crate::domain::time::{Moment, Monotonic};

/// How many listings that meet trouble are enough.
const TRIES: u32 = 3;
/// How many refusals of a version that is there mean something. One may come from a clock or a token that was just
/// put right: a HEAD has no body that would tell.
const REFUSALS: u32 = 2;
/// How many other versions are looked at.
const CANDIDATES: usize = 4;

/// An examination under way, and the search that it interrupted.
#[derive(Debug)]
pub(super) struct Examination {
    search: Search,
    /// The refusal that led to it; none after a plain miss.
    refusal: Option<Trouble>,
    doing: Doing,
}

#[derive(Debug)]
enum Doing {
    /// The key is to be listed.
    List { due: Monotonic, tries: u32 },
    /// Other versions are to be looked at, the last one first.
    Candidates { due: Monotonic, versions: Vec<VersionId> },
    /// The version is listed; its owner is compared with the source version's.
    Compare { owner: String },
}

/// What an examination showed.
pub(super) enum Examined {
    /// Nothing yet.
    NotYet,
    /// Nothing: the search goes on.
    Absent,
    /// The canary, under another version id.
    OtherVersion(VersionId, Box<ObjectSeen>),
    /// The version, owned by the source's account.
    ForeignOwner(String),
    /// The version, which the monitor may not read though its owner is not the source's.
    Unreadable,
    /// No listing could be had, though it is needed.
    Unlistable(Trouble),
}

impl Examination {
    pub(super) fn new(search: Search, refusal: Option<Trouble>, now: Monotonic) -> Self {
        Self { search, refusal, doing: Doing::List { due: now, tries: 0 } }
    }

    pub(super) fn into_search(self) -> Search {
        self.search
    }

    pub(super) fn due(&self) -> Option<Monotonic> {
        match &self.doing {
            Doing::List { due, .. } | Doing::Candidates { due, .. } => Some(*due),
            Doing::Compare { .. } => None,
        }
    }

    /// The version to look at, if it is a look's turn.
    pub(super) fn candidate(&self) -> Option<&VersionId> {
        match &self.doing {
            Doing::Candidates { versions, .. } => versions.last(),
            Doing::List { .. } | Doing::Compare { .. } => None,
        }
    }

    pub(super) fn awaits_owner(&self) -> bool {
        matches!(self.doing, Doing::Compare { .. })
    }

    /// Takes the answer to the listing.
    pub(super) fn listed(
        &mut self,
        world: World<'_>,
        now: Moment,
        sent: Moment,
        outcome: Result<Reply, Trouble>,
    ) -> Examined {
        match outcome {
            Ok(Reply::Versions(listed)) => self.compare_versions(world, now, sent, listed),
            Ok(Reply::Written(_) | Reply::Object(_) | Reply::Content(_) | Reply::Deleted) => {
                self.unlisted(world, now, Trouble::BadAnswer)
            }
            Err(trouble) => self.unlisted(world, now, trouble),
        }
    }

    fn compare_versions(
        &mut self,
        world: World<'_>,
        now: Moment,
        sent: Moment,
        listed: Vec<ListedVersion>,
    ) -> Examined {
        let objects = listed.into_iter().filter(|each| !each.delete_marker);
        let (expected, others): (Vec<_>, Vec<_>) = objects.partition(|each| each.version_id == world.held.version);
        if let Some(found) = expected.into_iter().next() {
            if self.refusal != Some(Trouble::AccessDenied) || self.search.refusals() < REFUSALS {
                return self.in_vain();
            }
            return match found.owner {
                Some(owner) if world.crosses_accounts() => {
                    self.doing = Doing::Compare { owner };
                    self.compare_owner(world)
                }
                Some(_) | None => Examined::Unreadable,
            };
        }
        if self.refusal.is_some() {
            self.search.missed(sent, now);
        }
        let versions: Vec<_> = others.into_iter().map(|each| each.version_id).take(CANDIDATES).collect();
        if versions.is_empty() {
            return self.in_vain();
        }
        self.doing = Doing::Candidates { due: now.mono, versions };
        Examined::NotYet
    }

    /// After a refusal only a listing can tell; after a miss it would only have told more.
    fn unlisted(&mut self, world: World<'_>, now: Moment, trouble: Trouble) -> Examined {
        let Doing::List { due, tries } = &mut self.doing else { return Examined::NotYet };
        *tries = tries.saturating_add(1);
        *due = now.mono.plus(world.polls.gap(world.held.write.age(now.mono)));
        let is_needed = self.refusal == Some(Trouble::AccessDenied);
        let is_refused = trouble == Trouble::AccessDenied;
        let is_enough = *tries >= TRIES;
        match is_needed {
            true if is_refused || (is_enough && world.is_past_deadline(now)) => Examined::Unlistable(trouble),
            false if is_refused || is_enough => self.in_vain(),
            true | false => Examined::NotYet,
        }
    }

    /// Takes the answer to a look at another version.
    pub(super) fn candidate_seen(
        &mut self,
        world: World<'_>,
        version: &VersionId,
        outcome: Result<Reply, Trouble>,
    ) -> Examined {
        if let Ok(Reply::Object(seen)) = outcome
            && seen.version_id.as_ref() == Some(version)
            && is_ours(world.canary, &seen)
        {
            return Examined::OtherVersion(version.clone(), seen);
        }
        let Doing::Candidates { versions, .. } = &mut self.doing else { return Examined::NotYet };
        versions.pop();
        if versions.is_empty() { self.in_vain() } else { Examined::NotYet }
    }

    /// Compares the listed owner with the source version's, once that is known.
    pub(super) fn compare_owner(&mut self, world: World<'_>) -> Examined {
        let Doing::Compare { owner } = &self.doing else { return Examined::NotYet };
        match world.is_source_owner(owner) {
            None => Examined::NotYet,
            Some(true) => Examined::ForeignOwner(owner.clone()),
            Some(false) => Examined::Unreadable,
        }
    }

    fn in_vain(&mut self) -> Examined {
        self.search.set_listed();
        Examined::Absent
    }
}
