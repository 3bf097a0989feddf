//! Replication events: what S3 tells of a version that failed, was late, or is no longer tracked.
//!
//! S3 sends them to a queue, directly or through SNS, at least once and in no order, and never to EventBridge.
//! [`letter`] reads a message of the queue, [`claim`] finds the routes that an event concerns, [`memory`] knows what
//! came before, [`tally`] keeps what a destination shows, [`reason`] explains.
//!
//! Source: Amazon S3 User Guide, "Receiving replication failure events with Amazon S3 Event Notifications".

pub mod claim;
pub mod letter;
pub mod memory;
pub mod queue;
pub mod reason;
pub mod tally;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::name::{Bucket, ObjectKey, VersionId};
use super::route::RouteId;
use super::time::{Moment, UnixMillis};
use reason::FailureReason;

/// One replication event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicationEvent {
    /// What happened.
    pub kind: EventKind,
    /// The source bucket.
    pub source: Bucket,
    /// The object's key, decoded; bytes that are not UTF-8 are replaced.
    pub key: ObjectKey,
    /// The version, where the event names one.
    pub version_id: Option<VersionId>,
    /// The destination bucket.
    pub destination: Bucket,
    /// The replication rule.
    pub rule: Option<String>,
    /// What S3 was replicating, such as `OBJECT_PUT`; not a closed set.
    pub operation: Option<String>,
    /// When it happened.
    pub at: Option<UnixMillis>,
    /// When the operation was requested at the source.
    pub requested_at: Option<UnixMillis>,
    /// Tells it apart from every other event; a duplicate has the same.
    pub identity: Identity,
}

/// What is the same in all copies of an event, digested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity(pub [u8; 16]);

/// What happened to a version on its way to a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// `OperationFailedReplication`: S3 gave up, for good.
    Failed(Failure),
    /// `OperationMissedThreshold`: not replicated within the time of Replication Time Control.
    MissedThreshold,
    /// `OperationReplicatedAfterThreshold`: replicated, but after that time.
    ReplicatedAfterThreshold,
    /// `OperationNotTracked`: replication metrics follow it no longer.
    NotTracked,
}

/// Why S3 gave up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The reason, if it is a listed one.
    pub reason: FailureReason,
    /// The reason in the words of S3; empty where it gave none.
    pub text: Arc<str>,
}

/// An event that concerns a destination of a route.
#[derive(Debug, Clone)]
pub struct EventObservation {
    /// The route.
    pub route: RouteId,
    /// Which destination of the route, by its place in the configuration.
    pub destination: usize,
    /// Whether it is about a canary of the route, not about an object of the user's.
    pub is_canary: bool,
    /// The event.
    pub event: Arc<ReplicationEvent>,
    /// When it was received.
    pub at: Moment,
}

/// The name of a kind of event, fit for a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventName {
    /// S3 gave up.
    Failed,
    /// Not replicated in time.
    MissedThreshold,
    /// Replicated, but not in time.
    ReplicatedAfterThreshold,
    /// No longer followed.
    NotTracked,
}

impl EventName {
    /// The kind as label value and API text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::MissedThreshold => "missed_threshold",
            Self::ReplicatedAfterThreshold => "replicated_after_threshold",
            Self::NotTracked => "not_tracked",
        }
    }
}

impl EventKind {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> EventName {
        match self {
            Self::Failed(_) => EventName::Failed,
            Self::MissedThreshold => EventName::MissedThreshold,
            Self::ReplicatedAfterThreshold => EventName::ReplicatedAfterThreshold,
            Self::NotTracked => EventName::NotTracked,
        }
    }

    /// Why S3 gave up, if it did.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            Self::MissedThreshold | Self::ReplicatedAfterThreshold | Self::NotTracked => None,
        }
    }

    /// What it means.
    #[must_use]
    pub fn meaning(&self) -> &'static str {
        match self {
            Self::Failed(failure) => failure.reason.meaning(),
            Self::MissedThreshold => "S3 has not replicated the object within the time of Replication Time Control",
            Self::ReplicatedAfterThreshold => {
                "S3 has replicated the object, but not within the time of Replication Time Control"
            }
            Self::NotTracked => "S3 no longer tracks the object in its replication metrics",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Failed(failure) => failure.reason.remedy(),
            Self::MissedThreshold => {
                "compare with the load on the source bucket and with AWS Health; S3 goes on trying"
            }
            Self::ReplicatedAfterThreshold => "nothing for this object; compare with the load on the source bucket",
            Self::NotTracked => {
                "check the object's replication status, and whether the rule or its metrics were changed meanwhile"
            }
        }
    }
}

impl Failure {
    /// Understands the reason that an event gives.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { reason: FailureReason::parse(text), text: text.into() }
    }

    /// The reason as S3 spells it, what it means and what to do, in one clause.
    #[must_use]
    pub fn sentence(&self) -> String {
        let text = if self.text.is_empty() { "no reason given" } else { &*self.text };
        format!("{text}: {}; {}", self.reason.meaning(), self.reason.remedy())
    }
}
