//! How the source stands, as far as its replication status tells: a status that ended never opens again.

use std::time::Duration;

use crate::domain::object::ReplicationStatus;
use crate::domain::route::{CanarySpec, StatusSupport};
use crate::domain::time::Moment;

/// How long a source may show no status before that means anything, whatever the objective.
const STATUSLESS_PATIENCE: Duration = Duration::from_secs(10);

/// How the source stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It was not seen yet.
    Unseen,
    /// It was seen, but its server sends no status, by configuration.
    Untold,
    /// Not decided yet.
    Pending,
    /// It was seen without a status, not yet often or late enough to conclude from it.
    Statusless,
    /// It ended, and nothing reopens it: someone who tags the object brings PENDING back, which means nothing here.
    Ended(End, Moment),
}

/// How a source ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Replicated to every destination.
    Completed,
    /// S3 gave up on one destination at least.
    Failed,
    /// No rule took the object.
    NoStatus,
    /// Somebody else removed the source version.
    Gone,
}

impl Standing {
    /// Takes the status that a HEAD showed, sent at the age `sent` and answered at `now`.
    pub(crate) fn hear(
        self,
        status: Option<ReplicationStatus>,
        sent: Duration,
        now: Moment,
        support: StatusSupport,
        canary: &CanarySpec,
    ) -> Self {
        let patience = STATUSLESS_PATIENCE.min(canary.objective / 4);
        match (self, support, status) {
            (Self::Ended(..), _, _) => self,
            (_, StatusSupport::None, _) => Self::Untold,
            (_, _, Some(ReplicationStatus::Completed)) => Self::Ended(End::Completed, now),
            (_, _, Some(ReplicationStatus::Failed)) => Self::Ended(End::Failed, now),
            (_, _, Some(ReplicationStatus::Pending | ReplicationStatus::Replica | ReplicationStatus::Other)) => {
                Self::Pending
            }
            (Self::Statusless, _, None) if sent >= patience => Self::Ended(End::NoStatus, now),
            (Self::Unseen | Self::Untold | Self::Statusless, _, None) => Self::Statusless,
            (Self::Pending, _, None) => Self::Pending,
        }
    }

    /// How and when it ended.
    pub(crate) fn end(self) -> Option<(End, Moment)> {
        match self {
            Self::Ended(end, seen) => Some((end, seen)),
            Self::Unseen | Self::Untold | Self::Pending | Self::Statusless => None,
        }
    }

    /// Whether the source showed a status, so that its server is one that does.
    pub(crate) fn shows_status(self) -> bool {
        matches!(self, Self::Pending | Self::Ended(End::Completed | End::Failed, _))
    }

    /// Whether the source was seen, but without a status.
    pub(crate) fn shows_none(self) -> bool {
        matches!(self, Self::Statusless | Self::Ended(End::NoStatus, _))
    }
}
