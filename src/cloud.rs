//! The port: what the monitor asks of a cloud, in small traits by consumer, and errors by what the caller must do.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::time::Duration;

use bytes::Bytes;

use crate::domain::audit::facts::{
    DefaultEncryption, Fact, Grant, Identity, KeyDescription, LifecycleRule, NamedPolicy, Notifications, ObjectLock,
    PublicAccessBlock, Role, Simulated, Unread, Versioning,
};
use crate::domain::audit::questions::Question;
use crate::domain::key::KeyFacts;
use crate::domain::name::{KmsKey, ObjectKey, VersionId};
use crate::domain::object::{ContentSeen, ListedVersion, ObjectSeen, Trouble};
use crate::domain::reading::Request;
use crate::domain::reading::pages::Page as MetricPage;
use crate::domain::replication::Replication;

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
    /// The live replication configuration; `None` where the bucket has none.
    fn replication(&self) -> impl Future<Output = Result<Option<Replication>, CloudError>> + Send;
}

/// The KMS of one side of a route, reached as its bucket is. Every call is a single attempt.
pub trait KeySource: Clone + Send + Sync + 'static {
    /// Describes a key by id, ARN, alias or alias ARN; [`Trouble::KmsNotFound`] when there is none.
    fn describe_key(&self, key: &KmsKey) -> impl Future<Output = Result<KeyFacts, CloudError>> + Send;
}

/// A queue of replication events. Every call is a single attempt.
pub trait EventSource: Clone + Send + Sync + 'static {
    /// Waits for messages, some 20 s at most, and answers up to ten; none when none came.
    fn receive(&self) -> impl Future<Output = Result<Vec<QueueMessage>, CloudError>> + Send;

    /// Deletes messages by their receipts. An error means that some of them may come again.
    fn delete(&self, receipts: &[String]) -> impl Future<Output = Result<(), CloudError>> + Send;
}

/// A message of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueMessage {
    /// Its text.
    pub body: String,
    /// What it is deleted by.
    pub receipt: String,
}

/// How one bucket is set up, setting by setting. Reads may be repeated; what is not configured is no failure.
pub trait BucketSettings: Clone + Send + Sync + 'static {
    /// Where the bucket is, and whether the configured account owns it (`HeadBucket`).
    fn whereabouts(&self) -> impl Future<Output = Whereabouts> + Send;

    /// `GetBucketVersioning`.
    fn versioning(&self) -> impl Future<Output = Fact<Versioning>> + Send;

    /// `GetPublicAccessBlock` of the bucket.
    fn public_access(&self) -> impl Future<Output = Fact<Option<PublicAccessBlock>>> + Send;

    /// `GetPublicAccessBlock` of the configured account (S3 Control); unread where none is configured.
    fn account_public_access(&self) -> impl Future<Output = Fact<Option<PublicAccessBlock>>> + Send;

    /// `GetBucketPolicyStatus`; `None` where there is no policy.
    fn policy_is_public(&self) -> impl Future<Output = Fact<Option<bool>>> + Send;

    /// `GetBucketEncryption`.
    fn encryption(&self) -> impl Future<Output = Fact<Option<DefaultEncryption>>> + Send;

    /// `GetBucketPolicy`: the document.
    fn policy(&self) -> impl Future<Output = Fact<Option<String>>> + Send;

    /// `GetBucketOwnershipControls`.
    fn ownership(&self) -> impl Future<Output = Fact<Option<String>>> + Send;

    /// `GetObjectLockConfiguration`; `None` where object lock is not enabled.
    fn object_lock(&self) -> impl Future<Output = Fact<Option<ObjectLock>>> + Send;

    /// `GetBucketRequestPayment`.
    fn requester_pays(&self) -> impl Future<Output = Fact<bool>> + Send;

    /// `GetBucketLifecycleConfiguration`.
    fn lifecycle(&self) -> impl Future<Output = Fact<Vec<LifecycleRule>>> + Send;

    /// `GetBucketNotificationConfiguration`.
    fn notifications(&self) -> impl Future<Output = Fact<Notifications>> + Send;
}

/// The keys of one side, as an audit reads them. Reads may be repeated.
pub trait KeyAudit: Clone + Send + Sync + 'static {
    /// `DescribeKey` of an id, ARN, alias or alias ARN; `None` when there is none.
    fn describe(&self, key: &str) -> impl Future<Output = Fact<Option<KeyDescription>>> + Send;

    /// `GetKeyPolicy` of an id or ARN: the document.
    fn key_policy(&self, key: &str) -> impl Future<Output = Fact<String>> + Send;

    /// `ListGrants` of an id or ARN: those to a grantee where one is named, all of them otherwise.
    fn grants(&self, key: &str, grantee: Option<&str>) -> impl Future<Output = Fact<Vec<Grant>>> + Send;
}

/// The role that S3 assumes, read with the credentials of the source. Reads may be repeated.
pub trait RoleAudit: Clone + Send + Sync + 'static {
    /// `GetRole`, by the role's ARN; `None` when there is none of its name.
    fn role(&self, arn: &str) -> impl Future<Output = Fact<Option<Role>>> + Send;

    /// The inline policies (`ListRolePolicies`, `GetRolePolicy`).
    fn inline_policies(&self, arn: &str) -> impl Future<Output = Fact<Vec<NamedPolicy>>> + Send;

    /// The attached policies (`ListAttachedRolePolicies`, `GetPolicy`, `GetPolicyVersion`).
    fn attached_policies(&self, arn: &str) -> impl Future<Output = Fact<Vec<NamedPolicy>>> + Send;

    /// One managed policy by its ARN (`GetPolicy`, `GetPolicyVersion`).
    fn managed_policy(&self, arn: &str) -> impl Future<Output = Fact<NamedPolicy>> + Send;

    /// `SimulatePrincipalPolicy`.
    fn simulate(&self, role: &str, question: &Question) -> impl Future<Output = Fact<Vec<Simulated>>> + Send;
}

/// Whom the calls to one side are made by.
pub trait OwnIdentity: Clone + Send + Sync + 'static {
    /// `GetCallerIdentity`.
    fn identity(&self) -> impl Future<Output = Fact<Identity>> + Send;
}

/// Everything that an audit reads.
pub trait AuditSource: CanaryStore + SetupSource + BucketSettings + KeyAudit + RoleAudit + OwnIdentity {}

impl<S: CanaryStore + SetupSource + BucketSettings + KeyAudit + RoleAudit + OwnIdentity> AuditSource for S {}

/// What two `HeadBucket` tell, without and with an expected owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whereabouts {
    /// The bucket's Region, also where access is refused; `None`: there is no such bucket.
    pub region: Fact<Option<String>>,
    /// Whether the configured account owns it; `true` where none is configured.
    pub is_owned_as_configured: Fact<bool>,
}

/// CloudWatch in one Region, as the account whose replication metrics are read. Every call is a single attempt.
pub trait ReadingSource: Clone + Send + Sync + 'static {
    /// Reads one page of metric data (GetMetricData); `from` is the token that the page before gave. More than
    /// [`QUERIES_MAX`](crate::domain::reading::plan::QUERIES_MAX) queries are refused by CloudWatch.
    fn metric_data(
        &self,
        request: &Request,
        from: Option<&str>,
    ) -> impl Future<Output = Result<MetricPage, CloudError>> + Send;
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
            Trouble::NotFound | Trouble::NoSuchBucket | Trouble::NoSuchQueue => Self::NotFound(detail),
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

    /// The failure of a read of the set-up, which takes `permission`.
    #[must_use]
    pub fn unread(&self, permission: &str) -> Unread {
        let detail = self.detail();
        let message = match (&detail.code, &detail.message) {
            (Some(code), Some(message)) => Some(format!("{code}: {message}")),
            (code, message) => message.clone().or_else(|| code.clone()),
        };
        Unread {
            operation: detail.operation.to_owned(),
            permission: permission.to_owned(),
            trouble: detail.kind.as_str().to_owned(),
            message,
        }
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
