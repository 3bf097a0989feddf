//! A route as checked configuration: what to write where, what to expect there, and how long to wait.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::event::queue::EventQueue;
use super::name::{AccountId, Bucket, InstanceName, KmsKey, Region, RouteName};
use super::observation::Side;
use super::replication::{Replication, Rule};
use super::time::UnixMillis;

/// Stands for a route in observations: its slot, assigned when the route is added and never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteId(pub u32);

/// One source bucket and its one or more destinations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Route {
    /// The route's name: label, API path and part of every canary's key.
    pub name: RouteName,
    /// The monitor whose canaries these are.
    pub instance: InstanceName,
    /// Where canaries are written.
    pub source: Source,
    /// Where their replicas are expected; never empty.
    pub destinations: Vec<Destination>,
    /// What is written, how often, and what is expected of it.
    pub canary: CanarySpec,
    /// How closely an arrival is observed.
    pub poll: PollSpec,
    /// Whether the source server sends `x-amz-replication-status`.
    pub replication_status: StatusSupport,
    /// Whether and until when no canaries are written.
    pub pause: Option<Pause>,
    /// How often the KMS keys of its sides are looked at; absent: never.
    pub keys: Option<Duration>,
    /// How often the set-up is audited; absent: never.
    pub audit: Option<Duration>,
    /// How often the replication metrics are read from CloudWatch; absent: never.
    pub cloudwatch: Option<Duration>,
    /// With whose credentials the metrics in the destination's Region are read.
    pub cloudwatch_account: MetricsAccount,
    /// How long after an observed change of rule, versioning or policies alert rules wait.
    pub settle: Duration,
}

/// The bucket that canaries are written to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The bucket.
    pub bucket: Bucket,
    /// Its Region.
    pub region: Region,
    /// The account that owns it; absent only towards S3-compatible servers.
    pub account: Option<AccountId>,
    /// The key that the canary should be encrypted with; an expectation, checked by HEAD.
    pub kms_key: Option<KmsKey>,
    /// The queue that its replication events are sent to.
    pub event_queue: Option<EventQueue>,
}

/// A bucket that replicas are expected in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// The bucket; also the value of the label `destination`.
    pub bucket: Bucket,
    /// Its Region.
    pub region: Region,
    /// The account that owns it; absent only towards S3-compatible servers.
    pub account: Option<AccountId>,
    /// The key that replicas should be encrypted with.
    pub kms_key: Option<KmsKey>,
    /// The storage class that replicas should have, where configured.
    pub storage_class: Option<String>,
    /// The account that should own replicas, where configured.
    pub owner: Option<AccountId>,
    /// How much of a replica is verified.
    pub verify: Verify,
    /// Whether the replica can be seen at all.
    pub observe: Observe,
    /// Who removes the replica.
    pub cleanup: Cleanup,
}

/// How much of a replica is verified on arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Verify {
    /// What HEAD shows: version, size, metadata, encryption, storage class.
    #[default]
    Metadata,
    /// The same, and the bytes: a GET and its digest. Needs `kms:Decrypt`.
    Content,
}

/// Whether the monitor may look at the destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Observe {
    /// HEAD of the replica.
    #[default]
    Replica,
    /// The destination lets nobody read: the source's COMPLETED stands for arrival, PENDING for a miss.
    SourceOnly,
}

/// Who removes canaries at a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Cleanup {
    /// The monitor, by version id.
    #[default]
    Delete,
    /// An expiry rule on the prefix: the destination lets nobody delete.
    Lifecycle,
}

/// What is written, how often, and by when it should have arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CanarySpec {
    /// The prefix of every canary's key; non-empty.
    pub prefix: String,
    /// The time between two canaries.
    pub interval: Duration,
    /// The size of the body, in bytes.
    pub size: u64,
    /// Arrivals within it are `replicated`, after it `late`.
    pub objective: Duration,
    /// A canary that has not arrived by then is `lost`.
    pub deadline: Duration,
    /// When a canary that could not be cleaned up is given up and reported as leaked.
    pub abandon_after: Duration,
    /// Tags set at creation.
    pub tags: BTreeMap<String, String>,
    /// Whether PUT names the source key; by default the bucket's default encryption applies.
    pub send_key: bool,
    /// Whether to go on writing although canaries cannot be deleted.
    pub allow_retained: bool,
    /// The most canaries of the route that may be outstanding.
    pub max_pending: u32,
}

/// How closely an arrival is observed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PollSpec {
    /// The shortest time between two polls.
    pub floor: Duration,
    /// The gap between polls as a share of the time since the write, above 0 and at most 1.
    pub resolution: f64,
}

/// Whether the source's server sends a replication status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum StatusSupport {
    /// As AWS does.
    #[default]
    Aws,
    /// The server sends none: `failed` and `uncovered` cannot be told.
    None,
}

/// Whose account the metrics in the destination's Region are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum MetricsAccount {
    /// The source's, which owns the rule.
    #[default]
    Source,
    /// The destination's.
    Destination,
}

/// Writes no canaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pause {
    /// Until the configuration changes.
    Always,
    /// Until a time.
    Until(UnixMillis),
}

impl Route {
    /// The bucket of a side, in words.
    #[must_use]
    pub fn place(&self, side: Side) -> String {
        match side {
            Side::Source => format!("the source {}", self.source.bucket),
            Side::Destination(place) => match self.destinations.get(place) {
                Some(destination) => format!("the destination {}", destination.bucket),
                None => "a destination".to_owned(),
            },
        }
    }

    /// The key that is configured for a side.
    #[must_use]
    pub fn key(&self, side: Side) -> Option<&KmsKey> {
        match side {
            Side::Source => self.source.kms_key.as_ref(),
            Side::Destination(place) => self.destinations.get(place)?.kms_key.as_ref(),
        }
    }

    /// The rule of a live configuration that takes the route's canaries to one of its destinations.
    #[must_use]
    pub fn rule_to<'a>(&self, destination: &Destination, replication: &'a Replication) -> Option<&'a Rule> {
        replication.winner(destination.bucket.as_str(), &self.canary.prefix, &self.canary.tags)
    }

    /// Whether the route writes no canaries at `now`.
    #[must_use]
    pub fn is_paused(&self, now: UnixMillis) -> bool {
        match self.pause {
            None => false,
            Some(Pause::Always) => true,
            Some(Pause::Until(end)) => now < end,
        }
    }
}
