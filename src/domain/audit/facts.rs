//! What is read of a route's set-up before anything is judged: each fact by itself, or why it could not be read.
//!
//! Facts can be saved and loaded, so that the same checks run where nobody has credentials.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::replication::Replication;

/// A fact: what was read, or why it could not be. What does not exist is `Ok(None)`.
pub type Fact<T> = Result<T, Unread>;

/// Why a fact could not be read: nothing is known, and nothing is wrong with replication for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// The operation, such as `GetBucketPolicy`.
    pub operation: String,
    /// What the monitor needs in order to read it, such as `s3:GetBucketPolicy`.
    pub permission: String,
    /// The kind of trouble, such as `access_denied`.
    pub trouble: String,
    /// What the server said, if anything.
    pub message: Option<String>,
}

/// All facts of one route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteFacts {
    /// The route's name.
    pub route: String,
    /// The source side.
    pub source: SideFacts,
    /// The replication configuration of the source bucket.
    pub replication: Fact<Option<Replication>>,
    /// The role that it names, where it names one.
    pub role: Option<RoleFacts>,
    /// The destination sides, in the order of the configuration.
    pub destinations: Vec<SideFacts>,
}

/// The facts of one side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideFacts {
    /// Whom the monitor's calls to this side are made by.
    pub identity: Fact<Identity>,
    /// The bucket.
    pub bucket: BucketFacts,
    /// Every key that the side names, by that name: the configured one, that of the default encryption, and at a
    /// destination the rule's ReplicaKmsKeyID.
    pub keys: BTreeMap<String, KeyRead>,
    /// `GetPublicAccessBlock` of the account (S3 Control); `None`: the account blocks nothing.
    #[serde(default = "not_read")]
    pub account_public_access: Fact<Option<PublicAccessBlock>>,
}

/// What facts say that were saved before this was read.
fn not_read<T>() -> Fact<T> {
    Err(Unread {
        operation: "GetPublicAccessBlock".to_owned(),
        permission: "s3:GetAccountPublicAccessBlock".to_owned(),
        trouble: "not_read".to_owned(),
        message: None,
    })
}

/// A caller (`GetCallerIdentity`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Its account.
    pub account: String,
    /// Its ARN.
    pub arn: String,
}

/// The facts of one bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketFacts {
    /// Its name.
    pub name: String,
    /// Its Region (`HeadBucket` without an expected owner); `None`: there is no such bucket.
    pub region: Fact<Option<String>>,
    /// Whether the configured account owns it (`HeadBucket` with an expected owner); `true` where none is configured.
    pub is_owned_as_configured: Fact<bool>,
    /// `GetBucketVersioning`.
    pub versioning: Fact<Versioning>,
    /// `GetPublicAccessBlock` of the bucket.
    pub public_access: Fact<Option<PublicAccessBlock>>,
    /// Whether its policy is public (`GetBucketPolicyStatus`); `None`: it has no policy.
    pub policy_is_public: Fact<Option<bool>>,
    /// `GetBucketEncryption`.
    pub encryption: Fact<Option<DefaultEncryption>>,
    /// `GetBucketPolicy`: the document.
    pub policy: Fact<Option<String>>,
    /// `GetBucketOwnershipControls`: `BucketOwnerEnforced`, `BucketOwnerPreferred` or `ObjectWriter`.
    pub ownership: Fact<Option<String>>,
    /// `GetObjectLockConfiguration`; `None`: object lock is not enabled.
    pub object_lock: Fact<Option<ObjectLock>>,
    /// `GetBucketRequestPayment`: whether the requester pays.
    pub requester_pays: Fact<bool>,
    /// `GetBucketLifecycleConfiguration`; empty: none.
    pub lifecycle: Fact<Vec<LifecycleRule>>,
    /// `GetBucketNotificationConfiguration`.
    pub notifications: Fact<Notifications>,
    /// Keys under the canary prefix that are no canaries, a few of them (`ListObjectVersions`).
    pub strangers: Fact<Vec<String>>,
}

/// Versioning of a bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versioning {
    /// `Enabled` or `Suspended`; absent where it never was enabled.
    pub status: Option<String>,
    /// Whether MFA Delete is on.
    pub mfa_delete: bool,
}

/// Public access block.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicAccessBlock {
    /// `BlockPublicAcls`.
    pub block_public_acls: bool,
    /// `IgnorePublicAcls`.
    pub ignore_public_acls: bool,
    /// `BlockPublicPolicy`.
    pub block_public_policy: bool,
    /// `RestrictPublicBuckets`.
    pub restrict_public_buckets: bool,
}

/// Default encryption of a bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultEncryption {
    /// `SSEAlgorithm`: `AES256`, `aws:kms` or `aws:kms:dsse`.
    pub algorithm: String,
    /// `KMSMasterKeyID` as given; absent with `aws:kms`: the AWS managed key `aws/s3`.
    pub key: Option<String>,
    /// `BucketKeyEnabled`.
    pub bucket_key: bool,
}

/// Object lock of a bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectLock {
    /// The default retention's mode, `GOVERNANCE` or `COMPLIANCE`.
    pub default_mode: Option<String>,
    /// The default retention, in days (years are counted as 365).
    pub default_days: Option<i32>,
    /// Whether new versions are held until an event releases them (`DefaultEventHold`), where the server shows it.
    pub default_hold: bool,
}

/// A lifecycle rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LifecycleRule {
    /// `ID`.
    pub id: String,
    /// Whether its `Status` is `Enabled`.
    pub enabled: bool,
    /// The prefix that it covers; empty: everything.
    pub prefix: String,
    /// The tags that it asks for.
    pub tags: BTreeMap<String, String>,
    /// `ObjectSizeGreaterThan`, in bytes.
    pub larger_than: Option<i64>,
    /// `ObjectSizeLessThan`, in bytes.
    pub smaller_than: Option<i64>,
    /// `Expiration.Days`.
    pub expires_after_days: Option<i32>,
    /// `NoncurrentVersionExpiration.NoncurrentDays`.
    pub noncurrent_expires_after_days: Option<i32>,
    /// Storage classes that it moves objects to, with the days after which it does.
    pub transitions: Vec<(String, i32)>,
}

/// What a bucket notifies of its events.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notifications {
    /// Queues, topics and functions.
    pub targets: Vec<NotificationTarget>,
    /// Whether EventBridge gets every event.
    pub event_bridge: bool,
}

/// One queue, topic or function that a bucket notifies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationTarget {
    /// Its ARN.
    pub arn: String,
    /// The events, such as `s3:ObjectCreated:*`.
    pub events: Vec<String>,
    /// The prefix of the keys that it is told of.
    pub prefix: String,
    /// The suffix of the keys that it is told of.
    pub suffix: String,
}

/// A KMS key as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRead {
    /// `DescribeKey`; `None`: there is no such key.
    pub description: Fact<Option<KeyDescription>>,
    /// `GetKeyPolicy`: the document. Only the key's own account may read it.
    pub policy: Fact<String>,
    /// `ListGrants`.
    pub grants: Fact<Vec<Grant>>,
}

/// What KMS says of a key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyDescription {
    /// Its ARN.
    pub arn: String,
    /// The account that owns it.
    pub account: String,
    /// Its Region.
    pub region: String,
    /// `KeyState`.
    pub state: String,
    /// `DeletionDate`, in milliseconds since the Unix epoch.
    pub deletion_ms: Option<u64>,
    /// `KeyManager`: `AWS` or `CUSTOMER`.
    pub manager: String,
    /// `KeySpec`.
    pub spec: String,
    /// `KeyUsage`.
    pub usage: String,
    /// `MultiRegion`.
    pub multi_region: bool,
}

/// A grant on a key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Who may.
    pub grantee: String,
    /// What: operations such as `Decrypt`.
    pub operations: Vec<String>,
    /// `EncryptionContextEquals`: the whole context that it asks for.
    pub context_equals: BTreeMap<String, String>,
    /// `EncryptionContextSubset`: the part of the context that it asks for.
    pub context_subset: BTreeMap<String, String>,
}

/// The replication role as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleFacts {
    /// Its ARN as the replication configuration has it.
    pub arn: String,
    /// `GetRole`; `None`: there is no such role.
    pub role: Fact<Option<Role>>,
    /// Its inline policies (`ListRolePolicies`, `GetRolePolicy`).
    pub inline: Fact<Vec<NamedPolicy>>,
    /// Its attached policies (`ListAttachedRolePolicies`, `GetPolicy`, `GetPolicyVersion`).
    pub attached: Fact<Vec<NamedPolicy>>,
    /// Its permissions boundary, where it has one.
    pub boundary: Fact<Option<NamedPolicy>>,
    /// What `SimulatePrincipalPolicy` answered; empty where it was not asked.
    pub simulated: Fact<Vec<Simulated>>,
}

/// A role (`GetRole`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// Its unique id, `AROA...`: what policies are bound to when they are saved.
    pub unique_id: String,
    /// Its trust policy: the document, decoded.
    pub trust: String,
    /// The ARN of its permissions boundary.
    pub boundary: Option<String>,
    /// When it was last used, in milliseconds since the Unix epoch.
    pub last_used_ms: Option<u64>,
}

/// A policy document by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedPolicy {
    /// Its name, or its ARN where it is a managed one.
    pub name: String,
    /// The document, decoded.
    pub document: String,
}

/// One answer of `SimulatePrincipalPolicy`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Simulated {
    /// The action, such as `s3:ReplicateObject`.
    pub action: String,
    /// The resource's ARN.
    pub resource: String,
    /// `allowed`, `explicitDeny` or `implicitDeny`.
    pub decision: String,
    /// `MissingContextValues`.
    pub missing_context: Vec<String>,
}
