//! Objects, versions and delete markers, as types.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::bucket::Algorithm;
use super::lock::ObjectLock;
use super::moment::Moment;
use super::rule::Tag;

/// Encryption of a stored object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectEncryption {
    /// `x-amz-server-side-encryption`.
    pub algorithm: Algorithm,
    /// Full ARN of the KMS key, aliases resolved.
    pub key_arn: Option<String>,
    /// `x-amz-server-side-encryption-bucket-key-enabled`.
    pub bucket_key: bool,
}

/// System metadata that S3 stores and gives back unchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SystemMetadata {
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Cache-Control`.
    pub cache_control: Option<String>,
    /// `Content-Disposition`.
    pub content_disposition: Option<String>,
    /// `Content-Encoding`, without `aws-chunked`.
    pub content_encoding: Option<String>,
    /// `Content-Language`.
    pub content_language: Option<String>,
    /// `Expires`.
    pub expires: Option<String>,
    /// `x-amz-website-redirect-location`.
    pub website_redirect_location: Option<String>,
}

/// What one object version holds; shared by everyone who looks at it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectData {
    /// The bytes.
    pub body: Bytes,
    /// ETag without quotes.
    pub etag: String,
    /// User metadata, names in lower case without `x-amz-meta-`.
    pub metadata: BTreeMap<String, String>,
    /// System metadata.
    pub system: SystemMetadata,
    /// `STANDARD`, `STANDARD_IA`, ...
    pub storage_class: String,
    /// How it is encrypted.
    pub encryption: ObjectEncryption,
    /// Checksums as the wire computed them: `crc32`, `crc32c`, `crc64nvme`, `sha1`, `sha256` to base64 text.
    pub checksums: BTreeMap<String, String>,
}

/// `x-amz-replication-status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplicationStatus {
    /// `PENDING`.
    Pending,
    /// `COMPLETED`.
    Completed,
    /// `FAILED`.
    Failed,
    /// `REPLICA`.
    Replica,
}

impl ReplicationStatus {
    /// As in the header.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Replica => "REPLICA",
        }
    }
}

/// One object version as HEAD and GET see it now.
#[derive(Clone, Debug)]
pub struct ObjectView {
    /// Absent in a bucket that was never versioned; `null` for null versions of others.
    pub version_id: Option<String>,
    /// When the object was written at its source; a replica has its source's.
    pub last_modified: Moment,
    /// Account that owns the object.
    pub owner: String,
    /// Absent where no rule took the object.
    pub replication_status: Option<ReplicationStatus>,
    /// Tags now.
    pub tags: Vec<Tag>,
    /// Retention and legal hold, as far as the caller may see them.
    pub lock: ObjectLock,
    /// Everything else.
    pub data: Arc<ObjectData>,
}

/// What `PutObject` carries; the wire has verified length and checksums.
#[derive(Clone, Debug, Default)]
pub struct PutObject {
    /// Key of the object.
    pub key: String,
    /// The bytes.
    pub body: Bytes,
    /// `If-None-Match: *` was sent.
    pub if_none_match: bool,
    /// `If-Match`, without quotes.
    pub if_match: Option<String>,
    /// `x-amz-server-side-encryption`, verbatim.
    pub algorithm: Option<String>,
    /// `x-amz-server-side-encryption-aws-kms-key-id`, verbatim.
    pub kms_key_id: Option<String>,
    /// `x-amz-server-side-encryption-bucket-key-enabled`.
    pub bucket_key: Option<bool>,
    /// User metadata, names in lower case without `x-amz-meta-`.
    pub metadata: BTreeMap<String, String>,
    /// System metadata.
    pub system: SystemMetadata,
    /// Tags out of `x-amz-tagging`.
    pub tags: Vec<Tag>,
    /// `x-amz-storage-class`, verbatim.
    pub storage_class: Option<String>,
    /// Checksums as the wire computed them, see [`ObjectData::checksums`].
    pub checksums: BTreeMap<String, String>,
    /// `x-amz-acl`, verbatim.
    pub canned_acl: Option<String>,
    /// `x-amz-object-lock-*`.
    pub lock: ObjectLock,
}

/// What a successful PUT answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutOutcome {
    /// Absent in a bucket that was never versioned.
    pub version_id: Option<String>,
    /// ETag without quotes.
    pub etag: String,
    /// The encryption used.
    pub encryption: ObjectEncryption,
}

/// What a successful DELETE answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteOutcome {
    /// The version deleted, or the marker made; absent where versioning was never on.
    pub version_id: Option<String>,
    /// A delete marker was made, or was what got deleted.
    pub delete_marker: bool,
}

/// One stored version or delete marker.
#[derive(Clone, Debug)]
pub(super) struct Version {
    /// 32 characters, or `null`.
    pub(super) id: String,
    pub(super) last_modified: Moment,
    /// Order of writing among versions of the same instant.
    pub(super) sequence: u64,
    pub(super) owner: String,
    pub(super) tags: Vec<Tag>,
    pub(super) lock: ObjectLock,
    /// `None` for a delete marker.
    pub(super) data: Option<Arc<ObjectData>>,
    pub(super) provenance: Provenance,
}

/// Where a version comes from, which decides the status it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Provenance {
    /// Written here; the index of its record in the ledger.
    Written(usize),
    /// Written by S3 replication.
    Replica,
}

/// All versions of one key, oldest first.
pub(super) type KeyVersions = Vec<Version>;
