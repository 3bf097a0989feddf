//! What a destination shows, before anybody asks why.

use super::id::{CauseId as Id, Shows};
use crate::domain::key::{Defect, KeyState};
use crate::domain::object::{ReplicationStatus, Trouble};
use crate::domain::observation::Side;
use crate::domain::reason::Reason;
use crate::domain::verdict::State;

/// How the trouble of a destination shows itself; `None` where there is none to explain.
pub(super) fn of(state: State, reason: Reason) -> Option<Shows> {
    match state {
        State::Paused | State::Healthy => None,
        State::Late | State::Stalled => Some(Shows::Delayed),
        State::Unknown => (reason != Reason::Starting).then_some(Shows::Blind),
        State::Failing | State::Misconfigured => Some(of_fault(reason)),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "what is named here is special, and all the rest is a refusal")]
fn of_fault(reason: Reason) -> Shows {
    match reason {
        Reason::NoStatus | Reason::SiblingArrived => Shows::Uncovered,
        Reason::WrongVersion
        | Reason::WrongKey
        | Reason::WrongAlgorithm
        | Reason::WrongBucketKey
        | Reason::WrongContent
        | Reason::WrongSize
        | Reason::WrongMetadata
        | Reason::WrongOwner
        | Reason::WrongStorageClass
        | Reason::NotAReplica => Shows::Altered,
        Reason::Undeletable => Shows::Kept,
        Reason::NoVersionId => Shows::Unwritable,
        Reason::Call(trouble) if trouble.is_broken_source() => Shows::Unwritable,
        _ => Shows::Refused,
    }
}

/// What a reason alone gives away, and whether it leaves no doubt.
#[expect(clippy::wildcard_enum_match_arm, reason = "the other reasons give nothing away")]
pub(super) fn told_by(reason: Reason, status: Option<Option<ReplicationStatus>>) -> Option<(Id, bool)> {
    Some(match reason {
        Reason::NoVersionId => (Id::SourceVersioningOff, true),
        Reason::Undeletable => (Id::CanaryUndeletable, true),
        Reason::WrongKey => (Id::WrongReplicaKey, true),
        Reason::WrongOwner => (Id::ReplicaOwnerWrong, true),
        Reason::WrongStorageClass => (Id::StorageClassWrong, true),
        Reason::WrongAlgorithm | Reason::WrongBucketKey => (Id::SourceEncryptionWrong, false),
        Reason::WrongVersion
        | Reason::WrongContent
        | Reason::WrongSize
        | Reason::WrongMetadata
        | Reason::NotAReplica => (Id::ReplicaAltered, true),
        Reason::CompletedButAbsent => (Id::ReplicaDeleted, false),
        Reason::SiblingArrived => (Id::RuleForDestinationMissing, false),
        Reason::NoStatus if status == Some(Some(ReplicationStatus::Replica)) => (Id::ReplicaChain, true),
        Reason::ArrivedLate | Reason::BeyondObjective | Reason::DeadlinePassed => (Id::S3Delay, false),
        Reason::Call(Trouble::NoSuchBucket) => (Id::SourceBucketMissing, true),
        Reason::Call(Trouble::KmsDisabled) => (Id::SourceKeyDisabled, true),
        Reason::Call(Trouble::KmsNotFound) => (Id::SourceKeyMissing, true),
        Reason::Call(Trouble::KmsInvalidState) => (Id::SourceKeyUnusable, false),
        _ => return None,
    })
}

/// The monitor's own trouble behind a state `unknown`.
#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else keeps the monitor from telling lies on the way")]
pub(super) fn blindness(reason: Reason) -> Id {
    match reason {
        Reason::ProbeBroke | Reason::Call(Trouble::Internal) => Id::MonitorBroken,
        Reason::Call(Trouble::AccessDenied) => Id::MonitorAccessDenied,
        Reason::Call(Trouble::BadCredentials | Trouble::ExpiredCredentials | Trouble::NoCredentials) => {
            Id::MonitorCredentials
        }
        Reason::Call(Trouble::ClockSkew) => Id::MonitorClock,
        Reason::Call(Trouble::Throttled) => Id::MonitorThrottled,
        Reason::Call(Trouble::WrongRegion) => Id::MonitorConfiguration,
        _ => Id::MonitorNetwork,
    }
}

/// The cause that a key of a side is, when it has this defect.
pub(super) fn of_key(side: Side, defect: Defect) -> Id {
    let source = side == Side::Source;
    match defect {
        Defect::Missing if source => Id::SourceKeyMissing,
        Defect::Missing => Id::DestinationKeyMissing,
        Defect::State(KeyState::Disabled) if source => Id::SourceKeyDisabled,
        Defect::State(KeyState::Disabled) => Id::DestinationKeyDisabled,
        Defect::State(KeyState::PendingDeletion | KeyState::PendingReplicaDeletion) if source => {
            Id::SourceKeyPendingDeletion
        }
        Defect::State(KeyState::PendingDeletion | KeyState::PendingReplicaDeletion) => {
            Id::DestinationKeyPendingDeletion
        }
        Defect::State(_) | Defect::Purpose if source => Id::SourceKeyUnusable,
        Defect::State(_) | Defect::Purpose => Id::DestinationKeyUnusable,
    }
}
