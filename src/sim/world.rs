//! The world: everything that exists in the simulated AWS, as a function of what was done to it and of the time.

mod agenda;
mod alias;
mod arn;
mod attempt;
mod binding;
mod bucket;
mod buckets;
mod delete;
mod delivery;
mod describe;
mod description;
mod error;
mod fault;
mod fault_table;
mod faults;
mod history;
mod iam;
mod identity;
mod journal;
mod key;
mod kms;
mod latency;
mod ledger;
mod listing;
mod metrics;
mod moment;
mod notice;
mod notifications;
mod object;
mod permission;
mod policy;
mod publication;
mod put;
mod queue;
mod queues;
mod read;
mod refusal;
mod rule;
mod series;
mod settings;
mod state;
#[cfg(test)]
mod tests;
mod timeline;
mod truth;
mod validate;
mod version_id;

use std::time::Duration;

use journal::Change;
use state::State;

pub use bucket::{Algorithm, BucketEncryption, BucketInfo, ObjectOwnership, PublicAccessBlock, Versioning};
pub use description::{AccountRow, BucketRow, Description, KeyRow, RouteInfo, RouteRow, SideInfo};
pub use error::WorldError;
pub use fault::{CLOCK_SKEW, EdgeSubject, Fault, FaultError, FaultRow, FaultSet};
pub use identity::{Account, AssumeRole, AssumedRole, Caller, CallerRole, CreateRole, Credential, Role};
pub use key::{AliasInfo, CreateKey, KeyInfo, KeyKind, KeyManager, KeyOrigin, KeyState};
pub use listing::{ListObjects, ListVersions, ObjectPage, VersionEntry, VersionPage};
pub use metrics::{Datapoint, Metric, MetricWindow};
pub use moment::Moment;
pub use notice::QueueNotification;
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

/// The context of an S3 call: who makes it, through which Region's endpoint, and whom it expects as owner.
#[derive(Clone, Debug)]
pub struct Access {
    /// The authenticated caller.
    pub caller: Caller,
    /// Region of the signature.
    pub region: String,
    /// `x-amz-expected-bucket-owner`.
    pub expected_owner: Option<String>,
}

impl Access {
    /// The root of an account, calling through a Region's endpoint.
    pub fn of_root(world: &World, account: &str, region: &str) -> Self {
        let nobody = Caller { account: account.to_owned(), arn: String::new(), user_id: String::new(), role: None };
        let caller = world.root(account).unwrap_or(nobody);
        Self { caller, region: region.to_owned(), expected_owner: None }
    }
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
