//! The world: everything that exists in the simulated AWS, as a function of what was done to it and of the time.

mod access;
mod account_block;
mod actions;
mod agenda;
mod alias;
mod arn;
mod attempt;
mod binding;
mod bucket;
mod bucket_policy;
mod buckets;
mod delete;
mod delivery;
mod denial;
mod describe;
mod description;
mod edge;
mod error;
mod fault;
mod fault_table;
mod faults;
mod grant;
mod history;
mod iam;
mod identity;
mod journal;
mod key;
mod key_access;
mod kms;
mod latency;
mod ledger;
mod lifecycle;
mod listing;
mod lock;
mod locks;
mod managed;
mod metrics;
mod moment;
mod notice;
mod notifications;
mod object;
mod permission;
mod policy;
mod policy_versions;
mod publication;
mod put;
mod queue;
mod queues;
mod read;
mod refusal;
mod rights;
mod role;
mod rule;
mod series;
mod settings;
mod simulation;
mod state;
#[cfg(test)]
mod tests;
mod timeline;
mod truth;
mod validate;
mod version_id;
mod versioning;

use std::time::Duration;

use journal::Change;
use state::State;

pub use access::Access;
pub use bucket::{Algorithm, BucketEncryption, BucketInfo, ObjectOwnership, PublicAccessBlock, Versioning};
pub use description::{AccountRow, BucketRow, Description, KeyRow, RouteInfo, RouteRow, SideInfo};
pub use error::WorldError;
pub use fault::{CLOCK_SKEW, EdgeSubject, Fault, FaultError, FaultRow, FaultSet};
pub use grant::{CreateGrant, Grant, GrantConstraint};
pub use identity::{
    Account, AssumeRole, AssumedRole, Caller, CallerRole, CreatePolicy, CreateRole, Credential, ManagedPolicy,
    PolicyVersion, Role,
};
pub use key::{AliasInfo, CreateKey, KeyInfo, KeyKind, KeyManager, KeyOrigin, KeyState};
pub use lifecycle::{
    LifecycleConfiguration, LifecycleExpiration, LifecycleFilter, LifecycleRule, LifecycleTransition,
    NoncurrentExpiration,
};
pub use listing::{ListObjects, ListVersions, ObjectPage, VersionEntry, VersionPage};
pub use lock::{DefaultRetention, ObjectLock, ObjectLockConfiguration, Retention, RetentionMode, RetentionPeriod};
pub use metrics::{Datapoint, Metric, MetricWindow};
pub use moment::Moment;
pub use notice::{Notification, NotificationConfiguration};
pub use object::{
    DeleteOutcome, ObjectData, ObjectEncryption, ObjectView, PutObject, PutOutcome, ReplicationStatus, SystemMetadata,
};
pub use policy::Policy;
pub use queue::ReceivedMessage;
pub use rule::{
    ReplicaEncryption, ReplicationConfiguration, ReplicationMetrics, ReplicationRule, ReplicationTime, RuleDestination,
    RuleFilter, SourceSelection, Tag,
};
pub use series::SeriesName;
pub use simulation::{Evaluation, MatchedStatement, Simulation};
pub use truth::{Truth, TruthRow};

/// How long replication takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LatencyProfile {
    /// Median 1 s, at most 6 s: people and tests see something.
    #[default]
    Quick,
    /// Median 12 s with a heavy tail.
    Realistic,
}

/// The figures a world is built with.
#[derive(Clone, Copy, Debug)]
pub struct Physics {
    /// The same seed gives the same bytes.
    pub seed: u64,
    /// How long replication takes.
    pub latency: LatencyProfile,
    /// How long a change of configuration takes to act and to show.
    pub propagation: Duration,
    /// How long S3 uses a bucket-level key before it asks KMS again.
    pub bucket_key_ttl: Duration,
}

/// The simulated AWS: a journal of changes and the state that it has led to.
///
/// Every call takes the time. Nothing happens in between calls: what became due since the last one is caught up with
/// first, in the order of time, each attempt of replication seeing the world as it was at its own instant. So neither
/// how often nor when one asks changes what happens. Changes are stamped with the time, in the order in which they are
/// made, and folded into the state.
#[derive(Debug)]
pub struct World {
    state: State,
    /// The journal itself, kept where tests replay it.
    #[cfg(test)]
    journal: Vec<(Moment, Change)>,
}

impl World {
    /// A world in which nothing exists.
    pub fn new(physics: Physics) -> Self {
        Self {
            state: State::new(physics),
            #[cfg(test)]
            journal: Vec::new(),
        }
    }

    /// What this world was built with.
    pub const fn physics(&self) -> &Physics {
        &self.state.physics
    }

    /// Catches up with the time, and says which instant it is: never before the last change.
    fn enter(&mut self, now: Moment) -> Moment {
        self.state.settle(now);
        now.max(self.state.now)
    }

    /// Writes a change that was found legal into the journal.
    fn commit(&mut self, now: Moment, change: Change) {
        let stamp = now.max(self.state.now);
        #[cfg(test)]
        self.journal.push((stamp, change.clone()));
        self.state.apply(stamp, change);
    }
}
