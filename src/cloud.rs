//! The port: what the monitor asks of a cloud, in small traits by consumer, and errors by what the caller must do.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::time::Duration;

use bytes::Bytes;

use crate::domain::key::KeyFacts;
use crate::domain::name::{Bucket, KmsKey, ObjectKey, VersionId};
use crate::domain::object::{ContentSeen, ListedVersion, ObjectSeen, Trouble};

/// One bucket as the canaries see it. Every call is a single attempt: the schedule is the retry.
pub trait CanaryStore: Clone + Send + Sync + 'static {
    /// Writes a canary on the condition that its key does not exist; answers its version id, if the server gives one.
    fn put(&self, canary: &PutCanary) -> impl Future<Output = Result<Option<VersionId>, CloudError>> + Send;

    /// Looks at a version, or at the latest one.
    fn head(
        &self,
        key: &ObjectKey,
        version: Option<&VersionId>,
    ) -> impl Future<Output = Result<ObjectSeen, CloudError>> + Send;

    /// Reads and digests a version; more than `limit` bytes are [`Trouble::BadAnswer`].
    fn get(
        &self,
        key: &ObjectKey,
        version: &VersionId,
        limit: u64,
    ) -> impl Future<Output = Result<ContentSeen, CloudError>> + Send;

    /// Lists the versions and delete markers of exactly this key.
    fn versions(&self, key: &ObjectKey) -> impl Future<Output = Result<Vec<ListedVersion>, CloudError>> + Send;

    /// Lists one page of the versions and markers under a prefix, from where the last page ended.
    fn page(&self, prefix: &str, from: Option<&PageMark>) -> impl Future<Output = Result<Page, CloudError>> + Send;

    /// Deletes one version for good; never makes a delete marker.
    fn delete(&self, key: &ObjectKey, version: &VersionId) -> impl Future<Output = Result<(), CloudError>> + Send;
}

/// How replication is set up at a source bucket. Reads may be retried.
pub trait SetupSource: Clone + Send + Sync + 'static {
    /// The rules of the live replication configuration; none where the bucket has no configuration.
    fn replication_rules(&self) -> impl Future<Output = Result<Vec<RuleSeen>, CloudError>> + Send;
}

/// The KMS of one side of a route, reached as its bucket is. Every call is a single attempt.
pub trait KeySource: Clone + Send + Sync + 'static {
    /// Describes a key by id, ARN, alias or alias ARN; [`Trouble::KmsNotFound`] when there is none.
    fn describe_key(&self, key: &KmsKey) -> impl Future<Output = Result<KeyFacts, CloudError>> + Send;
}

/// A replication rule, as far as it decides what a replica looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSeen {
    /// Whether its status is `Enabled`.
    pub enabled: bool,
    /// The destination bucket.
    pub destination: Bucket,
    /// `ReplicaKmsKeyID`: a key ARN or an alias ARN.
    pub replica_key: Option<KmsKey>,
}

/// What a PUT sends.
#[derive(Debug, Clone)]
pub struct PutCanary {
    /// The key.
    pub key: ObjectKey,
    /// The body.
    pub body: Bytes,
    /// User metadata.
    pub metadata: Vec<(String, String)>,
    /// Tags.
    pub tags: Vec<(String, String)>,
    /// A KMS key to name explicitly; by default the bucket's default encryption applies.
    pub kms_key: Option<KmsKey>,
}

/// A page of a listing.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The versions and markers.
    pub versions: Vec<(ObjectKey, ListedVersion)>,
    /// Where the next page begins, if there is one.
    pub next: Option<PageMark>,
}

/// Where a page of a listing begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageMark {
    /// After this key,
    pub key: String,
    /// after this version of it.
    pub version_id: Option<String>,
}

/// A call that gave nothing, sorted by what the caller must do.
#[derive(Debug)]
pub enum CloudError {
    /// Come back later, and less often.
    Throttled(Box<Detail>),
    /// The monitor may not do this: permissions, credentials or owner.
    Denied(Box<Detail>),
    /// It is not there.
    NotFound(Box<Detail>),
    /// No answer in time; a write may have been carried out.
    TimedOut(Box<Detail>),
    /// The server could not be reached, or failed; a write may have been carried out.
    Unavailable(Box<Detail>),
    /// Anything else, among them answers that are not S3's.
    Unexpected(Box<Detail>),
}

/// What is known of a failed call, for the log.
#[derive(Debug)]
pub struct Detail {
    /// The closed kind.
    pub kind: Trouble,
    /// The operation, such as `HeadObject`.
    pub operation: &'static str,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// The error code that the server gave, such as `AccessDenied`.
    pub code: Option<String>,
    /// The message that the server gave.
    pub message: Option<String>,
    /// `x-amz-request-id`, for a support case.
    pub request_id: Option<String>,
    /// How long the server asked to wait.
    pub retry_after: Option<Duration>,
    /// The error beneath.
    pub source: Option<Box<dyn StdError + Send + Sync>>,
}

impl CloudError {
    /// Sorts a failed call by its kind.
    #[must_use]
    pub fn new(detail: Detail) -> Self {
        let detail = Box::new(detail);
        match detail.kind {
            Trouble::Throttled => Self::Throttled(detail),
            Trouble::AccessDenied
            | Trouble::BadCredentials
            | Trouble::ExpiredCredentials
            | Trouble::NoCredentials
            | Trouble::ClockSkew => Self::Denied(detail),
            Trouble::NotFound | Trouble::NoSuchBucket => Self::NotFound(detail),
            Trouble::TimedOut => Self::TimedOut(detail),
            Trouble::ConnectionFailed | Trouble::ConnectionLost | Trouble::ServerError => Self::Unavailable(detail),
            Trouble::MethodNotAllowed
            | Trouble::WrongRegion
            | Trouble::Exists
            | Trouble::KmsDisabled
            | Trouble::KmsNotFound
            | Trouble::KmsInvalidState
            | Trouble::Archived
            | Trouble::BadAnswer
            | Trouble::Refused
            | Trouble::Internal => Self::Unexpected(detail),
        }
    }

    /// What is known of the call.
    #[must_use]
    pub fn detail(&self) -> &Detail {
        match self {
            Self::Throttled(detail)
            | Self::Denied(detail)
            | Self::NotFound(detail)
            | Self::TimedOut(detail)
            | Self::Unavailable(detail)
            | Self::Unexpected(detail) => detail,
        }
    }

    /// The closed kind, fit for a label.
    #[must_use]
    pub fn kind(&self) -> Trouble {
        self.detail().kind
    }
}

impl fmt::Display for CloudError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let detail = self.detail();
        write!(f, "{}: {}", detail.operation, detail.kind)?;
        if let Some(status) = detail.status {
            write!(f, ", status {status}")?;
        }
        if let Some(code) = &detail.code {
            write!(f, ", code {code}")?;
        }
        if let Some(message) = &detail.message {
            write!(f, ", \"{message}\"")?;
        }
        if let Some(request_id) = &detail.request_id {
            write!(f, ", request {request_id}")?;
        }
        Ok(())
    }
}

impl StdError for CloudError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.detail().source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
