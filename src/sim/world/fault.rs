//! The scripted faults: their fixed names, and where one acts.

use std::collections::BTreeSet;
use std::time::Duration;

use super::series::SeriesName;

macro_rules! faults {
    ($($(#[$doc:meta])* $variant:ident => $name:literal,)*) => {
        /// A scripted fault of the simulator's law.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Fault { $($(#[$doc])* $variant,)* }

        impl Fault {
            /// Every fault, in the order in which they are listed.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The fixed name: `outage`, `role_denied`, ...
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

faults! {
    /// Replication attempts wait until it ends, plus a fresh latency.
    Outage => "outage",
    /// Latencies drawn meanwhile are longer, by 12 s or by 20 min in the realistic profile.
    Slow => "slow",
    /// Edge: S3 and KMS answer SlowDown or ThrottlingException.
    Throttled => "throttled",
    /// Edge: no answer.
    TimeOuts => "time_outs",
    /// Edge: the connection closes without an answer.
    DroppedConnections => "dropped_connections",
    /// Edge: the caller is refused.
    AccessDenied => "access_denied",
    /// Edge: the caller's token counts as expired.
    ExpiredToken => "expired_token",
    /// Edge, world-wide: the servers' clock is off.
    SkewedClock => "skewed_clock",
    /// The destination's key is disabled.
    DestinationKeyDisabled => "destination_key_disabled",
    /// The destination's key is scheduled for deletion.
    DestinationKeyPendingDeletion => "destination_key_pending_deletion",
    /// Versioning of the destination bucket is suspended.
    VersioningSuspended => "versioning_suspended",
    /// The destination bucket is gone; it is back with all that it held when the fault ends.
    DestinationBucketDeleted => "destination_bucket_deleted",
    /// The replication role may not replicate to the destination.
    RoleDenied => "role_denied",
    /// Replicas are written under another key of the destination's account.
    WrongReplicaKey => "wrong_replica_key",
    /// Replicas lose their user metadata.
    MissingMetadata => "missing_metadata",
    /// Replicas have other bytes of the same length.
    CorruptedReplica => "corrupted_replica",
    /// The rules towards the destination are disabled.
    RuleDisabled => "rule_disabled",
    /// The rules towards the destination filter another prefix.
    RuleFilterMoved => "rule_filter_moved",
}

impl Fault {
    /// The fault of this name.
    ///
    /// # Errors
    /// [`FaultError::UnknownFault`] when there is none.
    pub fn parse(name: &str) -> Result<Self, FaultError> {
        Self::ALL
            .iter()
            .copied()
            .find(|fault| fault.name() == name)
            .ok_or_else(|| FaultError::UnknownFault(name.to_owned()))
    }

    /// Whether the fault acts at the edge, on calls, and not on replication.
    pub const fn is_edge(self) -> bool {
        matches!(
            self,
            Self::Throttled
                | Self::TimeOuts
                | Self::DroppedConnections
                | Self::AccessDenied
                | Self::ExpiredToken
                | Self::SkewedClock
        )
    }
}

/// Why a fault was not set or cleared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// No route of that name.
    #[error("there is no route {0:?}")]
    UnknownRoute(String),
    /// The route has no such destination.
    #[error("route {route:?} has no destination {destination:?}")]
    UnknownDestination {
        /// The route named.
        route: String,
        /// The bucket named.
        destination: String,
    },
    /// No fault of that name.
    #[error("there is no fault {0:?}")]
    UnknownFault(String),
    /// `seconds` is negative, not a number, or too large.
    #[error("seconds must be a positive number")]
    InvalidSeconds,
}

/// A set of faults; small and cheap to copy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FaultSet(u32);

impl FaultSet {
    /// Whether `fault` is in it.
    pub const fn has(self, fault: Fault) -> bool {
        self.0 & (1 << fault as u32) != 0
    }

    /// Whether nothing is in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Puts `fault` in.
    pub const fn insert(&mut self, fault: Fault) {
        self.0 |= 1 << fault as u32;
    }

    /// What is in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Its faults, in the order in which they are listed.
    pub fn iter(self) -> impl Iterator<Item = Fault> {
        Fault::ALL.iter().copied().filter(move |fault| self.has(*fault))
    }
}

/// What a call is about, to find the edge faults that meet it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeSubject<'a> {
    /// An S3 call that names this bucket.
    Bucket(&'a str),
    /// A KMS call that names this key (ARN, id, alias or alias ARN as sent).
    Key(&'a str),
    /// An STS or IAM call that names this role's ARN or name.
    Role(&'a str),
    /// An SQS call that names the queue of this ARN.
    Queue(&'a str),
    /// A CloudWatch call that names these series.
    Series(&'a [SeriesName]),
    /// A call that names nothing.
    None,
}

/// One row of `GET /_sim/faults`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct FaultRow {
    /// Fixed name of the fault.
    pub name: &'static str,
    /// Routes that have it now, wholly or at one destination.
    pub routes: BTreeSet<String>,
}

/// How far the servers' clock is ahead while `skewed_clock` is on.
pub const CLOCK_SKEW: Duration = Duration::from_secs(20 * 60);
