//! The journal: every change that was ever made to a world. The state is its fold, see `state`.

use std::time::Duration;

use super::binding::Written;
use super::bucket::{BucketEncryption, ObjectOwnership, PublicAccessBlock, Versioning};
use super::fault::Fault;
use super::grant::Grant;
use super::identity::{CreateRole, Credential, ManagedPolicy};
use super::key::{KeyInfo, KeyState};
use super::lifecycle::LifecycleConfiguration;
use super::lock::{ObjectLock, ObjectLockConfiguration};
use super::moment::Moment;
use super::notice::NotificationConfiguration;
use super::policy::Policy;
use super::queues::QueueSettings;
use super::rule::{ReplicationConfiguration, Tag};

/// A change that was found legal.
#[derive(Clone, Debug)]
pub(super) enum Change {
    AccountOpened { id: String },
    AccountBlockSet { account: String, value: Option<PublicAccessBlock> },
    RoleCreated { account: String, request: CreateRole, trust: Policy },
    RoleDeleted { account: String, name: String },
    RoleChanged { account: String, name: String, change: RoleChange },
    ManagedPolicySet(ManagedPolicy),
    ManagedPolicyDeleted { arn: String },
    SessionIssued(Credential),
    BucketCreated { name: String, account: String, region: String, ownership: ObjectOwnership, with_lock: bool },
    BucketDeleted { name: String },
    SettingChanged { bucket: String, setting: Setting },
    ObjectWritten { bucket: String, key: String, written: Written },
    MarkerMade { bucket: String, key: String, owner: String },
    VersionDeleted { bucket: String, key: String, version: String },
    VersionLocked { bucket: String, key: String, version: String, lock: ObjectLock },
    KeyCreated { info: KeyInfo, policy: Policy },
    KeyPolicySet { arn: String, policy: Policy },
    GrantCreated { key: String, grant: Grant },
    GrantRemoved { key: String, id: String },
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

/// A change of a role.
#[derive(Clone, Debug)]
pub(super) enum RoleChange {
    Trust(Policy),
    /// An inline policy by name; `None` takes it away.
    Inline(String, Option<Policy>),
    Attached(String),
    Detached(String),
    Boundary(Option<String>),
}

/// One setting of a bucket.
#[derive(Clone, Debug)]
pub(super) enum Setting {
    Versioning(Versioning),
    MfaDelete(bool),
    Encryption(BucketEncryption),
    PublicAccess(Option<PublicAccessBlock>),
    Ownership(Option<ObjectOwnership>),
    Replication(Option<ReplicationConfiguration>),
    Policy(Option<Policy>),
    Notifications(NotificationConfiguration),
    ObjectLock(ObjectLockConfiguration),
    Lifecycle(Option<LifecycleConfiguration>),
    RequesterPays(bool),
    Tags(Option<Vec<Tag>>),
}
