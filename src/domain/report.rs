//! What a leg ended with: verdict, reason, mismatches, lag interval and the stages it went through.

use std::time::Duration;

use super::name::{ObjectKey, VersionId};
use super::reason::Reason;
use super::time::UnixMillis;
use super::verdict::Verdict;

/// The report of one leg.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Which destination of the route, by its place in the configuration.
    pub destination: usize,
    /// The canary's key.
    pub key: ObjectKey,
    /// The version that the source gave it; absent while the write is unresolved.
    pub version_id: Option<VersionId>,
    /// When the PUT was sent.
    pub written_at: UnixMillis,
    /// How the leg ended.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
    /// One sentence for a person: what was seen, and what it means.
    pub message: String,
    /// What differs from the expectation, each with expected and seen.
    pub mismatches: Vec<Mismatch>,
    /// Whether the replica has the expected KMS key; absent where nothing could be compared.
    pub key_match: Option<bool>,
    /// The lag, where the replica arrived.
    pub lag: Option<Lag>,
    /// The stages that the leg went through, in order of time.
    pub stages: Vec<StageAt>,
}

/// From the write to the arrival of the replica: an interval that contains the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lag {
    /// The lag was at least this.
    pub low: Duration,
    /// The lag was at most this.
    pub high: Duration,
}

impl Lag {
    /// How exactly the lag is known.
    #[must_use]
    pub fn resolution(self) -> Duration {
        self.high.saturating_sub(self.low)
    }
}

/// One way in which a replica differs from what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// What differs.
    pub what: Aspect,
    /// What was expected.
    pub expected: String,
    /// What was seen.
    pub seen: String,
    /// What that means, where the text alone does not say.
    pub meaning: Option<String>,
}

impl Mismatch {
    /// What was seen, with what it means.
    #[must_use]
    pub fn shown(&self) -> String {
        match &self.meaning {
            None => self.seen.clone(),
            Some(meaning) => format!("{} ({meaning})", self.seen),
        }
    }
}

/// An aspect of a replica that can differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aspect {
    /// The version id.
    Version,
    /// The KMS key id.
    KmsKey,
    /// The encryption algorithm.
    Algorithm,
    /// The Bucket Key flag.
    BucketKey,
    /// The bytes.
    Content,
    /// The size.
    Size,
    /// The user metadata.
    Metadata,
    /// The owner.
    Owner,
    /// The storage class.
    StorageClass,
    /// The replication status of the replica.
    ReplicationStatus,
}

impl Aspect {
    /// Every aspect, the gravest first: the first mismatch gives the report its reason.
    pub const ALL: [Self; 10] = [
        Self::Version,
        Self::KmsKey,
        Self::Algorithm,
        Self::Content,
        Self::Size,
        Self::Metadata,
        Self::Owner,
        Self::StorageClass,
        Self::BucketKey,
        Self::ReplicationStatus,
    ];

    /// The aspect as API text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::KmsKey => "kms_key",
            Self::Algorithm => "algorithm",
            Self::BucketKey => "bucket_key",
            Self::Content => "content",
            Self::Size => "size",
            Self::Metadata => "metadata",
            Self::Owner => "owner",
            Self::StorageClass => "storage_class",
            Self::ReplicationStatus => "replication_status",
        }
    }

    /// The reason that a report has when this is the gravest mismatch.
    #[must_use]
    pub fn reason(self) -> Reason {
        match self {
            Self::Version => Reason::WrongVersion,
            Self::KmsKey => Reason::WrongKey,
            Self::Algorithm => Reason::WrongAlgorithm,
            Self::BucketKey => Reason::WrongBucketKey,
            Self::Content => Reason::WrongContent,
            Self::Size => Reason::WrongSize,
            Self::Metadata => Reason::WrongMetadata,
            Self::Owner => Reason::WrongOwner,
            Self::StorageClass => Reason::WrongStorageClass,
            Self::ReplicationStatus => Reason::NotAReplica,
        }
    }
}

/// A stage of a leg, and when it was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageAt {
    /// The stage.
    pub stage: Stage,
    /// When the monitor saw it.
    pub at: UnixMillis,
}

/// The stages of a leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The PUT was sent.
    PutSent,
    /// The PUT was acknowledged.
    PutAcked,
    /// The source said PENDING.
    PendingSeen,
    /// The replica was seen.
    ReplicaSeen,
    /// The replica was verified.
    Verified,
    /// The source said COMPLETED.
    CompletedSeen,
    /// The canary was removed, here and at the source.
    Cleaned,
}

impl Stage {
    /// The stage as API text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PutSent => "put_sent",
            Self::PutAcked => "put_acked",
            Self::PendingSeen => "pending_seen",
            Self::ReplicaSeen => "replica_seen",
            Self::Verified => "verified",
            Self::CompletedSeen => "completed_seen",
            Self::Cleaned => "cleaned",
        }
    }
}
