//! The closed set of reasons: why a verdict was given, why a write failed, why a state holds.

use std::fmt;

use super::event::reason::FailureReason;
use super::object::Trouble;
use super::verdict::Verdict;

/// A reason, fit for a label and stable in the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// No verdict yet.
    Starting,
    /// No canaries are written, by configuration.
    Paused,
    /// Nothing to report: canaries arrive within the objective.
    Ok,
    /// The canary arrived after the objective.
    ArrivedLate,
    /// An undecided canary is proven beyond the objective.
    BeyondObjective,
    /// The deadline passed, and the destination had been asked after the objective.
    DeadlinePassed,
    /// The source says COMPLETED, but the replica is absent.
    CompletedButAbsent,
    /// The source says FAILED.
    SourceFailed,
    /// The source shows no replication status: no rule took the object.
    NoStatus,
    /// A sibling destination has the replica, this one has not: no rule takes it there.
    SiblingArrived,
    /// The replica came under another version id.
    WrongVersion,
    /// The replica is encrypted with another key.
    WrongKey,
    /// The replica is encrypted with another algorithm, or not at all.
    WrongAlgorithm,
    /// The replica's Bucket Key flag differs.
    WrongBucketKey,
    /// The replica's bytes differ.
    WrongContent,
    /// The replica's size differs.
    WrongSize,
    /// The replica's metadata differ.
    WrongMetadata,
    /// The replica belongs to another account.
    WrongOwner,
    /// The replica has another storage class.
    WrongStorageClass,
    /// The object at the destination is not a replica.
    NotAReplica,
    /// The PUT had no definite answer, and could not be resolved by the deadline.
    WriteUnresolved,
    /// The source answered the PUT without a version id: versioning is off.
    NoVersionId,
    /// The destination was never answered for after the objective.
    Unanswered,
    /// A canary cannot be deleted: retention, legal hold, MFA Delete or a Deny.
    Undeletable,
    /// A configuration audit found an error.
    Finding,
    /// The probe itself broke.
    ProbeBroke,
    /// The call's own trouble.
    Call(Trouble),
    /// S3's own reason for giving up, as a replication event told it.
    Replication(FailureReason),
}

impl Reason {
    /// The reason as label value and API code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Paused => "paused",
            Self::Ok => "ok",
            Self::ArrivedLate => "arrived_late",
            Self::BeyondObjective => "beyond_objective",
            Self::DeadlinePassed => "deadline_passed",
            Self::CompletedButAbsent => "completed_but_absent",
            Self::SourceFailed => "source_failed",
            Self::NoStatus => "no_status",
            Self::SiblingArrived => "sibling_arrived",
            Self::WrongVersion => "wrong_version",
            Self::WrongKey => "wrong_key",
            Self::WrongAlgorithm => "wrong_algorithm",
            Self::WrongBucketKey => "wrong_bucket_key",
            Self::WrongContent => "wrong_content",
            Self::WrongSize => "wrong_size",
            Self::WrongMetadata => "wrong_metadata",
            Self::WrongOwner => "wrong_owner",
            Self::WrongStorageClass => "wrong_storage_class",
            Self::NotAReplica => "not_a_replica",
            Self::WriteUnresolved => "write_unresolved",
            Self::NoVersionId => "no_version_id",
            Self::Unanswered => "unanswered",
            Self::Undeletable => "undeletable",
            Self::Finding => "finding",
            Self::ProbeBroke => "probe_broke",
            Self::Call(trouble) => trouble.as_str(),
            Self::Replication(reason) => reason.as_str(),
        }
    }

    /// Every reason.
    pub fn all() -> impl Iterator<Item = Self> {
        const OWN: [Reason; 26] = [
            Reason::Starting,
            Reason::Paused,
            Reason::Ok,
            Reason::ArrivedLate,
            Reason::BeyondObjective,
            Reason::DeadlinePassed,
            Reason::CompletedButAbsent,
            Reason::SourceFailed,
            Reason::NoStatus,
            Reason::SiblingArrived,
            Reason::WrongVersion,
            Reason::WrongKey,
            Reason::WrongAlgorithm,
            Reason::WrongBucketKey,
            Reason::WrongContent,
            Reason::WrongSize,
            Reason::WrongMetadata,
            Reason::WrongOwner,
            Reason::WrongStorageClass,
            Reason::NotAReplica,
            Reason::WriteUnresolved,
            Reason::NoVersionId,
            Reason::Unanswered,
            Reason::Undeletable,
            Reason::Finding,
            Reason::ProbeBroke,
        ];
        OWN.into_iter()
            .chain(Trouble::ALL.into_iter().map(Self::Call))
            .chain(FailureReason::ALL.iter().copied().map(Self::Replication))
    }

    /// The reason that a verdict has when nothing more exact is known.
    #[must_use]
    pub fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Replicated => Self::Ok,
            Verdict::Late => Self::ArrivedLate,
            Verdict::Lost => Self::DeadlinePassed,
            Verdict::Failed => Self::SourceFailed,
            Verdict::Mismatched => Self::WrongContent,
            Verdict::Uncovered => Self::NoStatus,
            Verdict::Unknown => Self::Unanswered,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
