//! Buckets and their settings, as types.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::journal::Setting;
use super::lifecycle::LifecycleConfiguration;
use super::lock::ObjectLockConfiguration;
use super::moment::Moment;
use super::notice::NotificationConfiguration;
use super::object::KeyVersions;
use super::policy::Policy;
use super::rule::{ReplicationConfiguration, ReplicationRule, Tag};
use super::timeline::Timeline;

/// Versioning of a bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Versioning {
    /// Never switched on: `GetBucketVersioning` answers without a status.
    #[default]
    Unversioned,
    /// `Enabled`.
    Enabled,
    /// `Suspended`.
    Suspended,
}

/// Server-side encryption algorithm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// `AES256`, SSE-S3.
    #[default]
    S3,
    /// `aws:kms`.
    Kms,
    /// `aws:kms:dsse`.
    KmsDsse,
}

impl Algorithm {
    /// As in `x-amz-server-side-encryption`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::S3 => "AES256",
            Self::Kms => "aws:kms",
            Self::KmsDsse => "aws:kms:dsse",
        }
    }

    /// Reads the header's value.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::S3, Self::Kms, Self::KmsDsse].into_iter().find(|algorithm| algorithm.as_str() == text)
    }

    /// Whether a KMS key is involved.
    pub const fn uses_kms(self) -> bool {
        matches!(self, Self::Kms | Self::KmsDsse)
    }
}

/// Default encryption of a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BucketEncryption {
    /// `SSEAlgorithm`.
    pub algorithm: Algorithm,
    /// `KMSMasterKeyID` as it was given: key ARN, key id, alias or alias ARN.
    pub key_id: Option<String>,
    /// `BucketKeyEnabled`.
    pub bucket_key: bool,
}

/// Public access block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl PublicAccessBlock {
    /// All four on, as new buckets have it.
    pub const ALL: Self = Self {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    };
    /// All four off: what holds where the configuration was deleted.
    pub const NONE: Self = Self {
        block_public_acls: false,
        ignore_public_acls: false,
        block_public_policy: false,
        restrict_public_buckets: false,
    };
}

/// Object ownership of a bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ObjectOwnership {
    /// `BucketOwnerEnforced`: no ACLs, the bucket's owner owns everything.
    #[default]
    BucketOwnerEnforced,
    /// `BucketOwnerPreferred`.
    BucketOwnerPreferred,
    /// `ObjectWriter`: who writes owns.
    ObjectWriter,
}

impl ObjectOwnership {
    /// As in `OwnershipControls`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BucketOwnerEnforced => "BucketOwnerEnforced",
            Self::BucketOwnerPreferred => "BucketOwnerPreferred",
            Self::ObjectWriter => "ObjectWriter",
        }
    }

    /// Reads the element's value.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::BucketOwnerEnforced, Self::BucketOwnerPreferred, Self::ObjectWriter]
            .into_iter()
            .find(|ownership| ownership.as_str() == text)
    }
}

/// What lists and heads show of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketInfo {
    /// Globally unique name.
    pub name: String,
    /// Owner's account id.
    pub account: String,
    /// AWS Region.
    pub region: String,
    /// When it was made.
    pub created_at: Moment,
}

/// A bucket: identity, settings over time, and everything in it.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    pub(super) info: BucketInfo,
    /// Tells apart two buckets that had the same name one after the other.
    pub(super) uid: u64,
    pub(super) versioning: Timeline<Versioning>,
    pub(super) encryption: Timeline<BucketEncryption>,
    /// What is in force.
    pub(super) public_access: Timeline<PublicAccessBlock>,
    /// Whether the public access block was deleted: then there is none to show.
    pub(super) public_access_deleted: Timeline<bool>,
    /// What is in force.
    pub(super) ownership: Timeline<ObjectOwnership>,
    /// Whether the ownership controls were deleted: then there are none to show.
    pub(super) ownership_deleted: Timeline<bool>,
    pub(super) replication: Timeline<Option<ReplicationConfiguration>>,
    pub(super) policy: Timeline<Option<Policy>>,
    pub(super) notifications: Timeline<NotificationConfiguration>,
    pub(super) mfa_delete: Timeline<bool>,
    /// `None` where Object Lock was never enabled.
    pub(super) object_lock: Timeline<Option<ObjectLockConfiguration>>,
    pub(super) lifecycle: Timeline<Option<LifecycleConfiguration>>,
    pub(super) requester_pays: Timeline<bool>,
    pub(super) tags: Timeline<Option<Vec<Tag>>>,
    /// Every rule that ever took an object of this bucket, once.
    pub(super) rules: Vec<Arc<ReplicationRule>>,
    pub(super) keys: BTreeMap<String, KeyVersions>,
    /// Bucket-level keys that S3 holds: requester, KMS key ARN, and when it was fetched.
    pub(super) bucket_keys: BTreeMap<String, BTreeMap<String, Moment>>,
}

impl Bucket {
    /// A bucket as S3 makes it now: everything private, SSE-S3, no versioning unless Object Lock needs it.
    pub(super) fn new(info: BucketInfo, uid: u64, ownership: ObjectOwnership, with_lock: bool) -> Self {
        let versioning = if with_lock { Versioning::Enabled } else { Versioning::Unversioned };
        Self {
            info,
            uid,
            versioning: Timeline::new(versioning),
            encryption: Timeline::new(BucketEncryption::default()),
            public_access: Timeline::new(PublicAccessBlock::ALL),
            public_access_deleted: Timeline::new(false),
            ownership: Timeline::new(ownership),
            ownership_deleted: Timeline::new(false),
            replication: Timeline::new(None),
            policy: Timeline::new(None),
            notifications: Timeline::new(NotificationConfiguration::default()),
            mfa_delete: Timeline::new(false),
            object_lock: Timeline::new(with_lock.then(ObjectLockConfiguration::default)),
            lifecycle: Timeline::new(None),
            requester_pays: Timeline::new(false),
            tags: Timeline::new(None),
            rules: Vec::new(),
            keys: BTreeMap::new(),
            bucket_keys: BTreeMap::new(),
        }
    }

    /// Lets a setting hold from `from` on.
    pub(super) fn set(&mut self, from: Moment, setting: Setting) {
        match setting {
            Setting::Versioning(value) => self.versioning.set(from, value),
            Setting::MfaDelete(value) => self.mfa_delete.set(from, value),
            Setting::Encryption(value) => self.encryption.set(from, value),
            Setting::PublicAccess(value) => {
                self.public_access_deleted.set(from, value.is_none());
                self.public_access.set(from, value.unwrap_or(PublicAccessBlock::NONE));
            }
            Setting::Ownership(value) => {
                self.ownership_deleted.set(from, value.is_none());
                // Without controls a bucket behaves as buckets did before there were any.
                self.ownership.set(from, value.unwrap_or(ObjectOwnership::ObjectWriter));
            }
            Setting::Policy(value) => self.policy.set(from, value),
            Setting::Notifications(value) => self.notifications.set(from, value),
            Setting::ObjectLock(value) => self.object_lock.set(from, Some(value)),
            Setting::Lifecycle(value) => self.lifecycle.set(from, value),
            Setting::RequesterPays(value) => self.requester_pays.set(from, value),
            Setting::Tags(value) => self.tags.set(from, value),
            Setting::Replication(value) => self.replication.set(from, value),
        }
    }
}
