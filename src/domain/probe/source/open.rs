//! A PUT without a definite answer: it is never repeated, but looked for until it is found or proven missing.

use std::time::Duration;

use super::{Surroundings, is_ours};
use crate::domain::name::VersionId;
use crate::domain::object::Trouble;
use crate::domain::probe::expectations::Absence;
use crate::domain::probe::step::Reply;
use crate::domain::time::{Moment, Monotonic};

/// How far apart two misses must be to prove that nothing was written.
const MISSES_APART: Duration = Duration::from_secs(30);

/// A write whose fate is open.
#[derive(Debug)]
pub(crate) struct OpenWrite {
    put_sent: Moment,
    trouble: Trouble,
    due: Monotonic,
    first_miss: Option<Monotonic>,
}

/// What a look at the latest version told.
pub(super) enum Resolved {
    /// Nothing certain.
    NotYet,
    /// The canary is there, under this version.
    Written(Option<VersionId>),
    /// It is not there, and the PUT had met this.
    NotWritten(Trouble),
}

impl OpenWrite {
    /// A PUT that went out at `put_sent` and met `trouble`; looked for at once.
    pub(super) fn new(put_sent: Moment, trouble: Trouble, now: Monotonic) -> Self {
        Self { put_sent, trouble, due: now, first_miss: None }
    }

    /// When the PUT went out.
    pub(crate) fn put_sent(&self) -> Moment {
        self.put_sent
    }

    /// When to look next.
    pub(super) fn due(&self) -> Monotonic {
        self.due
    }

    /// Takes the answer to a look at the latest version.
    pub(super) fn answered(
        &mut self,
        around: Surroundings<'_>,
        sent: Moment,
        outcome: Result<Reply, Trouble>,
    ) -> Resolved {
        self.due = sent.mono.plus(around.polls.gap(sent.mono.since(self.put_sent.mono)));
        let missing = match outcome {
            Ok(Reply::Object(seen)) if is_ours(around.canary, &seen) => return Resolved::Written(seen.version_id),
            Ok(_) => false,
            Err(Trouble::AccessDenied) => around.absence == Absence::RefusedWithoutListing,
            Err(trouble) => matches!(trouble, Trouble::NotFound | Trouble::NoSuchBucket),
        };
        match self.first_miss {
            Some(first) if missing && sent.mono.since(first) >= MISSES_APART => {
                return Resolved::NotWritten(self.trouble);
            }
            Some(first) => self.due = self.due.max(first.plus(MISSES_APART)),
            None if missing => {
                self.first_miss = Some(sent.mono);
                self.due = sent.mono.plus(MISSES_APART);
            }
            None => {}
        }
        Resolved::NotYet
    }
}
