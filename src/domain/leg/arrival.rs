//! A replica that was seen: its owner is listed and its bytes are read where that is wanted, then it is judged.

use super::record::Finding;
use super::{World, words};
use crate::domain::lag::is_late;
use crate::domain::name::VersionId;
use crate::domain::object::{ListedVersion, ObjectSeen, Trouble};
use crate::domain::probe::step::Reply;
use crate::domain::report::{Aspect, Lag, Mismatch};
use crate::domain::route::{StatusSupport, Verify};
use crate::domain::time::{Moment, Monotonic};
use crate::domain::verify::{self, Standard};

/// How many refusals in a row, or troubles after the deadline, make a check impossible.
const TRIES: u32 = 3;

/// A replica that was seen.
#[derive(Debug)]
pub(super) struct Arrival {
    version: VersionId,
    seen: Box<ObjectSeen>,
    lag: Option<Lag>,
    check: Check,
    due: Monotonic,
    tries: u32,
    mismatches: Vec<Mismatch>,
    content: Content,
    impossible: Option<Trouble>,
}

/// What is being checked.
#[derive(Debug, PartialEq, Eq)]
enum Check {
    /// Its owner is listed.
    Owner,
    /// Its owner is compared with the source version's.
    Compare(String),
    /// Its bytes are read.
    Content,
    /// All is checked that this side can tell.
    Done,
}

/// What is known of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Nothing: HEAD cannot tell, and more is not wanted.
    NotRead,
    /// They were read and compared.
    Read,
    /// They are archived, and cannot be read.
    NotVerifiable,
}

impl Arrival {
    pub(super) fn new(
        world: World<'_>,
        version: VersionId,
        seen: Box<ObjectSeen>,
        lag: Option<Lag>,
        now: Monotonic,
    ) -> Self {
        let mut arrival = Self {
            version,
            seen,
            lag,
            check: Check::Owner,
            due: now,
            tries: 0,
            mismatches: Vec::new(),
            content: Content::NotRead,
            impossible: None,
        };
        if world.destination.owner.is_none() {
            arrival.check_content(world, now);
        }
        arrival
    }

    pub(super) fn version(&self) -> &VersionId {
        &self.version
    }

    pub(super) fn due(&self) -> Option<Monotonic> {
        match self.check {
            Check::Owner | Check::Content => Some(self.due),
            Check::Compare(_) | Check::Done => None,
        }
    }

    pub(super) fn reads_owner(&self) -> bool {
        self.check == Check::Owner
    }

    pub(super) fn awaits_owner(&self) -> bool {
        matches!(self.check, Check::Compare(_))
    }

    /// Whether it can be judged: everything is checked, and the source was seen for comparison.
    pub(super) fn is_ready(&self, world: World<'_>) -> bool {
        self.check == Check::Done && world.held.is_comparable()
    }

    /// Takes the listing of the exact key.
    pub(super) fn owner_listed(&mut self, world: World<'_>, now: Moment, outcome: Result<Reply, Trouble>) {
        let trouble = match outcome {
            Ok(Reply::Versions(listed)) => match owner_of(listed, &self.version) {
                Some(owner) => {
                    self.check = Check::Compare(owner);
                    return self.compare_owner(world, now.mono);
                }
                None => Trouble::BadAnswer,
            },
            Ok(_) => Trouble::BadAnswer,
            Err(trouble) => trouble,
        };
        if self.gives_up(world, now, trouble) {
            self.check_content(world, now.mono);
        }
    }

    /// Compares the owner with the configured account. S3 shows canonical ids, which only the source's listing
    /// relates to an account; some servers show account ids.
    pub(super) fn compare_owner(&mut self, world: World<'_>, now: Monotonic) {
        let (Check::Compare(owner), Some(expected)) = (&self.check, &world.destination.owner) else { return };
        let is_account_id = owner.len() == 12 && owner.bytes().all(|byte| byte.is_ascii_digit());
        let is_right = if is_account_id {
            owner == expected.as_str()
        } else {
            let Some(is_source_owner) = world.is_source_owner(owner) else { return };
            is_source_owner == (world.route.source.account.as_ref() == Some(expected))
        };
        if !is_right {
            let (expected, seen) = (format!("account {expected}"), owner.clone());
            self.mismatches.push(Mismatch { what: Aspect::Owner, expected, seen, meaning: None });
        }
        self.check_content(world, now);
    }

    /// Takes the bytes.
    pub(super) fn content_read(&mut self, world: World<'_>, now: Moment, outcome: Result<Reply, Trouble>) {
        let trouble = match outcome {
            Ok(Reply::Content(seen)) => {
                self.mismatches.extend(verify::content(world.canary, &seen));
                self.content = Content::Read;
                self.check = Check::Done;
                return;
            }
            Err(Trouble::Archived) => {
                self.content = Content::NotVerifiable;
                self.check = Check::Done;
                return;
            }
            Ok(_) => Trouble::BadAnswer,
            Err(trouble) => trouble,
        };
        if self.gives_up(world, now, trouble) {
            self.check = Check::Done;
        }
    }

    /// How it is judged.
    pub(super) fn finding(&self, world: World<'_>) -> Finding {
        let standard = standard(world);
        let mismatches = self.all_mismatches(world, &standard);
        let finding = if !mismatches.is_empty() {
            words::mismatched(mismatches, self.lag)
        } else if let Some(trouble) = self.impossible {
            words::unverified(world, trouble, self.lag)
        } else {
            let late = self.lag.is_some_and(|lag| is_late(lag, world.route.canary.objective));
            words::arrived(world, self.lag, late, self.content)
        };
        Finding { key_match: verify::key_match(&standard, &self.seen), ..finding }
    }

    fn all_mismatches(&self, world: World<'_>, standard: &Standard<'_>) -> Vec<Mismatch> {
        let mut mismatches = verify::replica(standard, &self.seen);
        if self.version != world.held.version {
            let [expected, seen] = [&world.held.version, &self.version].map(|version| version.as_str().to_owned());
            mismatches.push(Mismatch { what: Aspect::Version, expected, seen, meaning: None });
        }
        for each in &self.mismatches {
            if mismatches.iter().all(|known| known.what != each.what) {
                mismatches.push(each.clone());
            }
        }
        mismatches.sort_by_key(|each| Aspect::ALL.iter().position(|aspect| *aspect == each.what));
        mismatches
    }

    fn check_content(&mut self, world: World<'_>, now: Monotonic) {
        self.tries = 0;
        self.due = now;
        self.check = Check::Done;
        if world.destination.verify == Verify::Content {
            if verify::is_archived(self.seen.storage_class.as_deref()) {
                self.content = Content::NotVerifiable;
            } else {
                self.check = Check::Content;
            }
        }
    }

    /// Counts a check that met trouble; whether it is impossible. A refusal soon is, anything else only at the
    /// deadline.
    fn gives_up(&mut self, world: World<'_>, now: Moment, trouble: Trouble) -> bool {
        self.tries = self.tries.saturating_add(1);
        self.due = now.mono.plus(world.polls.gap(world.held.write.age(now.mono)));
        let is_enough = trouble == Trouble::AccessDenied || world.is_past_deadline(now);
        let gives_up = self.tries >= TRIES && is_enough;
        if gives_up {
            self.impossible.get_or_insert(trouble);
        }
        gives_up
    }
}

/// What a replica is held against, by what was known when its canary was written.
fn standard(world: World<'_>) -> Standard<'_> {
    let beyond = world.expected.destination(world.place);
    let configured = (world.route.source.kms_key.as_ref(), world.destination.kms_key.as_ref());
    Standard {
        canary: world.canary,
        source: &world.route.source,
        destination: world.destination,
        source_key: world.expected.source_key.as_ref().or(configured.0),
        destination_key: beyond.and_then(|beyond| beyond.key.as_ref()).or(configured.1),
        rule_key: beyond.and_then(|beyond| beyond.rule_key.as_ref()),
        managed_key: beyond.and_then(|beyond| beyond.managed_key.as_ref()),
        at_source: world.held.encryption(),
        shows_status: world.route.replication_status == StatusSupport::Aws && world.held.standing.shows_status(),
    }
}

fn owner_of(listed: Vec<ListedVersion>, version: &VersionId) -> Option<String> {
    listed.into_iter().find(|each| each.version_id == *version && !each.delete_marker)?.owner
}
