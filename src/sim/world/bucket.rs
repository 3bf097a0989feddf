//! Buckets and their settings, as types.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::moment::Moment;
use super::notice::QueueNotification;
use super::object::KeyVersions;
use super::policy::Policy;
use super::rule::{ReplicationConfiguration, ReplicationRule};
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
    pub(super) public_access: Timeline<PublicAccessBlock>,
    pub(super) ownership: Timeline<ObjectOwnership>,
    pub(super) replication: Timeline<Option<ReplicationConfiguration>>,
    pub(super) policy: Timeline<Option<Policy>>,
    pub(super) notifications: Timeline<Vec<QueueNotification>>,
    /// Every rule that ever took an object of this bucket, once.
    pub(super) rules: Vec<Arc<ReplicationRule>>,
    pub(super) keys: BTreeMap<String, KeyVersions>,
    /// Bucket-level keys that S3 holds: KMS key ARN, and when it was fetched.
    pub(super) bucket_keys: BTreeMap<String, Moment>,
}
