//! What a server shows of an object, and why a call may show nothing.

use std::collections::BTreeMap;
use std::fmt;

use super::name::VersionId;

/// The value of `x-amz-replication-status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReplicationStatus {
    /// Not yet decided; S3 retries.
    Pending,
    /// Replicated to every destination.
    Completed,
    /// Terminal: S3 never retries it.
    Failed,
    /// The object is itself a replica.
    Replica,
    /// A value that AWS does not document.
    Other,
}

impl ReplicationStatus {
    /// Every status, in the order of a source object's life.
    pub const ALL: [Self; 5] = [Self::Pending, Self::Completed, Self::Failed, Self::Replica, Self::Other];

    /// Reads the header. `COMPLETE` and `COMPLETED` are the same: the SDK's model lists both.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "PENDING" => Self::Pending,
            "COMPLETED" | "COMPLETE" => Self::Completed,
            "FAILED" => Self::Failed,
            "REPLICA" => Self::Replica,
            _ => Self::Other,
        }
    }

    /// The status as label value.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Replica => "replica",
            Self::Other => "other",
        }
    }
}

/// An object as HEAD shows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ObjectSeen {
    /// `x-amz-version-id`.
    pub version_id: Option<VersionId>,
    /// `Content-Length`, in bytes.
    pub size: Option<u64>,
    /// User metadata, keys in lower case without `x-amz-meta-`.
    pub metadata: BTreeMap<String, String>,
    /// `x-amz-replication-status`.
    pub replication_status: Option<ReplicationStatus>,
    /// `x-amz-server-side-encryption`: `AES256`, `aws:kms`, `aws:kms:dsse`.
    pub algorithm: Option<String>,
    /// `x-amz-server-side-encryption-aws-kms-key-id`: on AWS the full key ARN.
    pub kms_key: Option<String>,
    /// `x-amz-server-side-encryption-bucket-key-enabled`.
    pub bucket_key: bool,
    /// `x-amz-storage-class`; absent for STANDARD.
    pub storage_class: Option<String>,
}

/// The bytes of an object, as GET delivered them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentSeen {
    /// Lower-case hexadecimal SHA-256 of the bytes.
    pub sha256: String,
    /// How many bytes there were.
    pub size: u64,
}

/// One version of the canary's exact key, as a listing shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedVersion {
    /// The version.
    pub version_id: VersionId,
    /// Whether it is a delete marker.
    pub delete_marker: bool,
    /// The owner's id: an account's canonical id on AWS.
    pub owner: Option<String>,
}

/// Why a call gave nothing: the closed set of kinds, fit for a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trouble {
    /// The object, version or upload is not there (404).
    NotFound,
    /// The bucket is not there.
    NoSuchBucket,
    /// The queue does not exist.
    NoSuchQueue,
    /// The latest version is a delete marker, or the method is not allowed on it (405).
    MethodNotAllowed,
    /// Refused: a policy, the wrong owner, or, on HEAD without `ListBucket`, nothing there (403).
    AccessDenied,
    /// The credentials are refused: unknown key, wrong secret, bad token.
    BadCredentials,
    /// The credentials have expired.
    ExpiredCredentials,
    /// No credentials could be had, or the role could not be assumed.
    NoCredentials,
    /// The clocks differ by more than S3 accepts.
    ClockSkew,
    /// The bucket lives in another Region (301, 400).
    WrongRegion,
    /// Asked to slow down (429, 503 SlowDown).
    Throttled,
    /// The object exists already (412).
    Exists,
    /// The KMS key is disabled.
    KmsDisabled,
    /// The KMS key does not exist.
    KmsNotFound,
    /// The KMS key is in a state that cannot be used: pending deletion, pending import, unavailable.
    KmsInvalidState,
    /// The object is archived, and its bytes cannot be had (`InvalidObjectState`).
    Archived,
    /// No connection could be made: the request was never sent.
    ConnectionFailed,
    /// The connection ended before an answer: the request may have been carried out.
    ConnectionLost,
    /// No answer in time: the request may have been carried out.
    TimedOut,
    /// The server failed (5xx): the request may have been carried out.
    ServerError,
    /// The server answered something that is not S3.
    BadAnswer,
    /// Any other refusal (4xx).
    Refused,
    /// The call broke inside the monitor.
    Internal,
}

impl Trouble {
    /// Every kind.
    pub const ALL: [Self; 23] = [
        Self::NotFound,
        Self::NoSuchBucket,
        Self::NoSuchQueue,
        Self::MethodNotAllowed,
        Self::AccessDenied,
        Self::BadCredentials,
        Self::ExpiredCredentials,
        Self::NoCredentials,
        Self::ClockSkew,
        Self::WrongRegion,
        Self::Throttled,
        Self::Exists,
        Self::KmsDisabled,
        Self::KmsNotFound,
        Self::KmsInvalidState,
        Self::Archived,
        Self::ConnectionFailed,
        Self::ConnectionLost,
        Self::TimedOut,
        Self::ServerError,
        Self::BadAnswer,
        Self::Refused,
        Self::Internal,
    ];

    /// The kind as label value.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::NoSuchBucket => "no_such_bucket",
            Self::NoSuchQueue => "no_such_queue",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::AccessDenied => "access_denied",
            Self::BadCredentials => "bad_credentials",
            Self::ExpiredCredentials => "expired_credentials",
            Self::NoCredentials => "no_credentials",
            Self::ClockSkew => "clock_skew",
            Self::WrongRegion => "wrong_region",
            Self::Throttled => "throttled",
            Self::Exists => "exists",
            Self::KmsDisabled => "kms_disabled",
            Self::KmsNotFound => "kms_not_found",
            Self::KmsInvalidState => "kms_invalid_state",
            Self::Archived => "archived",
            Self::ConnectionFailed => "connection_failed",
            Self::ConnectionLost => "connection_lost",
            Self::TimedOut => "timed_out",
            Self::ServerError => "server_error",
            Self::BadAnswer => "bad_answer",
            Self::Refused => "refused",
            Self::Internal => "internal",
        }
    }

    /// Whether the server told something about the object or the bucket: nothing there, refused, archived.
    /// Everything else says only that the monitor could not ask.
    #[must_use]
    pub fn is_answer(self) -> bool {
        matches!(
            self,
            Self::NotFound
                | Self::NoSuchBucket
                | Self::MethodNotAllowed
                | Self::Exists
                | Self::KmsDisabled
                | Self::KmsNotFound
                | Self::KmsInvalidState
                | Self::Archived
        )
    }

    /// Whether a write that met it may have been carried out all the same.
    #[must_use]
    pub fn leaves_write_open(self) -> bool {
        matches!(
            self,
            Self::ConnectionLost | Self::TimedOut | Self::ServerError | Self::BadAnswer | Self::Internal | Self::Exists
        )
    }

    /// Whether a PUT that met it was refused because the source is broken for everybody, not for the monitor alone.
    #[must_use]
    pub fn is_broken_source(self) -> bool {
        matches!(self, Self::NoSuchBucket | Self::KmsDisabled | Self::KmsNotFound | Self::KmsInvalidState)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
