//! A bucket as the canaries use it: each call one attempt, one record, and an answer that only S3 would give.

use std::sync::Arc;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::RequestId;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ServerSideEncryption;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use sha2::{Digest, Sha256};
use tokio::time::{Instant, timeout_at};

use super::CALL_TIMEOUT;
use super::credentials::Session;
use super::error::{bad_answer, broken_body, from_sdk, not_sent, timed_out};
use super::listing;
use super::meter::{Call, CallMeter};
use crate::cloud::{CanaryStore, CloudError, Page, PageMark, PutCanary};
use crate::domain::name::{AccountId, Bucket, ObjectKey, VersionId};
use crate::domain::object::{ContentSeen, ListedVersion, ObjectSeen, ReplicationStatus, Trouble};

/// A bucket, reached over a shared client. Cheap to clone.
#[derive(Debug, Clone)]
pub struct S3Bucket(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    reached: Arc<Reached>,
    bucket: String,
    owner: Option<String>,
}

/// A client and what belongs to it.
#[derive(Debug)]
pub(super) struct Reached {
    /// The client.
    pub(super) client: aws_sdk_s3::Client,
    /// The client of the same side's KMS.
    pub(super) kms: aws_sdk_kms::Client,
    /// What signs its calls.
    pub(super) keys: SharedCredentialsProvider,
    /// The client of the IAM of the same credentials.
    pub(super) iam: aws_sdk_iam::Client,
    /// The client of the STS of the same credentials.
    pub(super) sts: aws_sdk_sts::Client,
    /// The client of its CloudWatch.
    pub(super) cloudwatch: aws_sdk_cloudwatch::Client,
    /// Its credentials, where they are fetched ones.
    pub(super) session: Option<Session>,
    /// The Region that it calls.
    pub(super) region: Arc<str>,
    /// Where its calls are counted.
    pub(super) meter: CallMeter,
}

impl CanaryStore for S3Bucket {
    async fn put(&self, canary: &PutCanary) -> Result<Option<VersionId>, CloudError> {
        const OPERATION: &str = "PutObject";
        let mut request = self
            .client()
            .put_object()
            .bucket(&self.0.bucket)
            .key(canary.key.as_str())
            .set_expected_bucket_owner(self.owner())
            .if_none_match("*")
            .content_type("application/octet-stream")
            .body(ByteStream::from(canary.body.clone()));
        for (name, value) in &canary.metadata {
            request = request.metadata(name, value);
        }
        if !canary.tags.is_empty() {
            request = request.tagging(tagging(&canary.tags));
        }
        if let Some(key) = &canary.kms_key {
            request = request.server_side_encryption(ServerSideEncryption::AwsKms).ssekms_key_id(key.as_str());
        }
        self.call(OPERATION, async {
            let answer = request.send().await.map_err(|error| self.sort(OPERATION, error))?;
            let version_id = answer.version_id().filter(|id| !id.is_empty()).map(VersionId::new);
            let is_s3 = answer.e_tag().is_some() && (answer.request_id().is_some() || version_id.is_some());
            if is_s3 { Ok(version_id) } else { Err(not_s3(OPERATION)) }
        })
        .await
    }

    async fn head(&self, key: &ObjectKey, version: Option<&VersionId>) -> Result<ObjectSeen, CloudError> {
        const OPERATION: &str = "HeadObject";
        let request = self
            .client()
            .head_object()
            .bucket(&self.0.bucket)
            .key(key.as_str())
            .set_version_id(version.map(|version| version.as_str().to_owned()))
            .set_expected_bucket_owner(self.owner());
        self.call(OPERATION, async {
            let answer = request.send().await.map_err(|error| self.sort(OPERATION, error))?;
            object_seen(answer).ok_or_else(|| not_s3(OPERATION))
        })
        .await
    }

    async fn get(&self, key: &ObjectKey, version: &VersionId, limit: u64) -> Result<ContentSeen, CloudError> {
        const OPERATION: &str = "GetObject";
        let deadline = Instant::now() + CALL_TIMEOUT;
        let request = self
            .client()
            .get_object()
            .bucket(&self.0.bucket)
            .key(key.as_str())
            .version_id(version.as_str())
            .set_expected_bucket_owner(self.owner());
        self.call(OPERATION, async {
            let answer = request.send().await.map_err(|error| self.sort(OPERATION, error))?;
            match timeout_at(deadline, digest(OPERATION, answer, limit)).await {
                Ok(content) => content,
                Err(_) => Err(timed_out(OPERATION)),
            }
        })
        .await
    }

    async fn versions(&self, key: &ObjectKey) -> Result<Vec<ListedVersion>, CloudError> {
        listing::versions(self, key).await
    }

    async fn page(&self, prefix: &str, from: Option<&PageMark>) -> Result<Page, CloudError> {
        listing::page(self, prefix, from).await
    }

    async fn delete(&self, key: &ObjectKey, version: &VersionId) -> Result<(), CloudError> {
        const OPERATION: &str = "DeleteObject";
        if version.as_str().is_empty() {
            return Err(not_sent(OPERATION, "a deletion without a version id would make a delete marker"));
        }
        let request = self
            .client()
            .delete_object()
            .bucket(&self.0.bucket)
            .key(key.as_str())
            .version_id(version.as_str())
            .set_expected_bucket_owner(self.owner());
        self.call(OPERATION, async {
            let answer = request.send().await.map_err(|error| self.sort(OPERATION, error))?;
            let is_s3 = answer.request_id().is_some() || answer.version_id().is_some();
            if is_s3 { Ok(()) } else { Err(not_s3(OPERATION)) }
        })
        .await
    }
}

impl S3Bucket {
    pub(super) fn new(reached: Arc<Reached>, bucket: &Bucket, owner: Option<&AccountId>) -> Self {
        let owner = owner.map(|account| account.as_str().to_owned());
        Self(Arc::new(Inner { reached, bucket: bucket.as_str().to_owned(), owner }))
    }

    pub(super) fn client(&self) -> &aws_sdk_s3::Client {
        &self.0.reached.client
    }

    pub(super) fn kms(&self) -> &aws_sdk_kms::Client {
        &self.0.reached.kms
    }

    pub(super) fn iam(&self) -> &aws_sdk_iam::Client {
        &self.0.reached.iam
    }

    pub(super) fn sts(&self) -> &aws_sdk_sts::Client {
        &self.0.reached.sts
    }

    /// The Region that is called.
    pub(super) fn region(&self) -> &str {
        &self.0.reached.region
    }

    pub(super) fn name(&self) -> &str {
        &self.0.bucket
    }

    /// What to send as the expected bucket owner.
    pub(super) fn owner(&self) -> Option<String> {
        self.0.owner.clone()
    }

    pub(super) fn sort<E>(&self, operation: &'static str, error: SdkError<E, HttpResponse>) -> CloudError
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        from_sdk(operation, &self.0.reached.region, error)
    }

    /// Performs and counts a call to S3.
    pub(super) async fn call<T>(
        &self,
        operation: &'static str,
        work: impl Future<Output = Result<T, CloudError>> + Send,
    ) -> Result<T, CloudError> {
        self.call_service("s3", operation, work).await
    }

    /// Performs and counts a call to another service of the same side.
    pub(super) async fn call_service<T>(
        &self,
        service: &'static str,
        operation: &'static str,
        work: impl Future<Output = Result<T, CloudError>> + Send,
    ) -> Result<T, CloudError> {
        self.0.reached.measured(service, operation, work).await
    }

    #[cfg(test)]
    pub(super) fn shares_client_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0.reached, &other.0.reached)
    }
}

impl Reached {
    /// Performs and counts a call, and gives up credentials that the server refuses.
    pub(super) async fn measured<T>(
        &self,
        service: &'static str,
        operation: &'static str,
        work: impl Future<Output = Result<T, CloudError>> + Send,
    ) -> Result<T, CloudError> {
        let Self { meter, region, session, .. } = self;
        let result = meter.measure(Call { service, operation, region }, work).await;
        if let (Err(error), Some(session)) = (&result, session)
            && refuses_credentials(error)
        {
            session.distrust();
        }
        result
    }
}

/// A 400 without a code is what HEAD answers to an expired token.
fn refuses_credentials(error: &CloudError) -> bool {
    let detail = error.detail();
    let is_silent_400 = detail.kind == Trouble::Refused && detail.status == Some(400) && detail.code.is_none();
    is_silent_400 || matches!(detail.kind, Trouble::ExpiredCredentials | Trouble::BadCredentials)
}

pub(super) fn not_s3(operation: &'static str) -> CloudError {
    bad_answer(operation, "success without the marks of S3: something else answered")
}

/// `None` when the answer bears no mark of S3: a page of a proxy is no replica.
fn object_seen(answer: HeadObjectOutput) -> Option<ObjectSeen> {
    let request_id = answer.request_id().is_some();
    let metadata = answer.metadata.unwrap_or_default();
    let is_s3 = answer.e_tag.is_some() && (request_id || answer.version_id.is_some() || !metadata.is_empty());
    is_s3.then(|| ObjectSeen {
        version_id: answer.version_id.as_deref().map(VersionId::new),
        size: answer.content_length.and_then(|size| u64::try_from(size).ok()),
        metadata: metadata.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect(),
        replication_status: answer.replication_status.map(|status| ReplicationStatus::parse(status.as_str())),
        algorithm: answer.server_side_encryption.map(|algorithm| algorithm.as_str().to_owned()),
        kms_key: answer.ssekms_key_id,
        bucket_key: answer.bucket_key_enabled.unwrap_or_default(),
        storage_class: answer.storage_class.map(|class| class.as_str().to_owned()).filter(|class| class != "STANDARD"),
    })
}

async fn digest(operation: &'static str, answer: GetObjectOutput, limit: u64) -> Result<ContentSeen, CloudError> {
    let has_metadata = answer.metadata().is_some_and(|metadata| !metadata.is_empty());
    if answer.e_tag().is_none() || !(answer.request_id().is_some() || answer.version_id().is_some() || has_metadata) {
        return Err(not_s3(operation));
    }
    let mut body = answer.body;
    let mut hash = Sha256::new();
    let mut size = 0_u64;
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| broken_body(operation, error))?;
        size = size.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        if size > limit {
            return Err(bad_answer(operation, "the object is longer than what was written"));
        }
        hash.update(&chunk);
    }
    Ok(ContentSeen { sha256: hexadecimal(&hash.finalize()), size })
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble & 0x0f)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

/// Tags as the `x-amz-tagging` header wants them: URL query parameters.
pub(super) fn tagging(tags: &[(String, String)]) -> String {
    let pairs: Vec<_> = tags.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    pairs.join("&")
}

fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
