//! The journal: every change that was ever made to a world. The state is its fold, see `state`.

use std::sync::Arc;
use std::time::Duration;

use super::bucket::{BucketEncryption, ObjectOwnership, PublicAccessBlock, Versioning};
use super::fault::Fault;
use super::identity::{CreateRole, Credential};
use super::key::{KeyInfo, KeyState};
use super::moment::Moment;
use super::notice::QueueNotification;
use super::object::ObjectData;
use super::policy::Policy;
use super::queues::QueueSettings;
use super::rule::{ReplicationConfiguration, Tag};

/// A change that was found legal.
#[derive(Clone, Debug)]
pub(super) enum Change {
    AccountOpened { id: String },
    RoleCreated { account: String, request: CreateRole, trust: Policy },
    RoleDeleted { account: String, name: String },
    RolePolicySet { account: String, name: String, policy_name: String, policy: Policy },
    SessionIssued(Credential),
    BucketCreated { name: String, account: String, region: String, ownership: ObjectOwnership },
    BucketDeleted { name: String },
    SettingChanged { bucket: String, setting: Setting },
    ObjectWritten { bucket: String, key: String, owner: String, tags: Vec<Tag>, data: Arc<ObjectData> },
    MarkerMade { bucket: String, key: String, owner: String },
    VersionDeleted { bucket: String, key: String, version: String },
    KeyCreated { info: KeyInfo, policy: Policy },
    KeyPolicySet { arn: String, policy: Policy },
    AliasSet { arn: String, key_arn: String },
    AliasDeleted { arn: String },
    KeyStateSet { arn: String, state: KeyState },
    FaultSet { fault: Fault, route: String, destination: Option<String>, ends: Option<Moment> },
    FaultCleared { fault: Fault, route: String, destination: Option<String> },
    QueueCreated { arn: String, account: String, settings: QueueSettings },
    QueueSet { arn: String, settings: QueueSettings },
    QueuePurged { queue: String },
    MessageSent { queue: String, body: String, delay: Duration },
    MessagesReceived { queue: String, ids: Vec<String>, until: Moment },
    MessagesBuried { queue: String, target: String, ids: Vec<String> },
    MessageDeleted { queue: String, id: String },
    VisibilitySet { queue: String, id: String, until: Moment },
    HistoryLived { from: Moment },
    RouteNamed { name: String, source: String },
}

/// One setting of a bucket.
#[derive(Clone, Debug)]
pub(super) enum Setting {
    Versioning(Versioning),
    Encryption(BucketEncryption),
    PublicAccess(PublicAccessBlock),
    Ownership(ObjectOwnership),
    Replication(Option<ReplicationConfiguration>),
    Policy(Option<Policy>),
    Notifications(Vec<QueueNotification>),
}
