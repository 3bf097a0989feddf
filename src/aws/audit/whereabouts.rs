//! Where a bucket is and whose, as `HeadBucket` tells it: the Region stands in a header of refusals too.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::head_bucket::{HeadBucketError, HeadBucketOutput};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::super::bucket::S3Bucket;
use super::{Read, passes};
use crate::cloud::{CloudError, Whereabouts};
use crate::domain::audit::facts::Fact;
use crate::domain::object::Trouble;

const HEAD: Read = Read::s3("HeadBucket", "s3:ListBucket", &[]);

/// What one `HeadBucket` showed.
enum Seen {
    /// The bucket answers; in this Region, where the server says so.
    There(Option<String>),
    /// The bucket refuses, or is elsewhere; in this Region, where the server says so.
    Refused(Option<String>, CloudError),
    /// There is no such bucket.
    Nothing,
}

/// Asks without an expected owner, and with it where one is configured.
pub(super) async fn whereabouts(bucket: &S3Bucket) -> Whereabouts {
    let region = head(bucket, None).await;
    let is_owned_as_configured = match (bucket.owner(), &region) {
        (None, _) => Ok(true),
        (Some(_), Ok(Seen::Nothing)) => Err(HEAD.unread(Trouble::NoSuchBucket, "there is no such bucket")),
        (Some(owner), region) => ownership(region, head(bucket, Some(owner)).await),
    };
    let region = region.and_then(|seen| match seen {
        Seen::Nothing => Ok(None),
        Seen::There(Some(region)) | Seen::Refused(Some(region), _) => Ok(Some(region)),
        // A server that does not name Regions serves the bucket in the one that it is asked in.
        Seen::There(None) => Ok(Some(bucket.region().to_owned())),
        Seen::Refused(None, error) => Err(error.unread(HEAD.permission)),
    });
    Whereabouts { region, is_owned_as_configured }
}

/// A refusal that only the expected owner makes says that the bucket is another's.
fn ownership(anybodys: &Fact<Seen>, owned: Fact<Seen>) -> Fact<bool> {
    match owned? {
        Seen::There(_) => Ok(true),
        Seen::Nothing => Err(HEAD.unread(Trouble::NoSuchBucket, "there is no such bucket")),
        Seen::Refused(_, error) if error.kind() == Trouble::AccessDenied && matches!(anybodys, Ok(Seen::There(_))) => {
            Ok(false)
        }
        Seen::Refused(_, error) => Err(error.unread(HEAD.permission)),
    }
}

async fn head(bucket: &S3Bucket, owner: Option<String>) -> Fact<Seen> {
    let mut again = true;
    loop {
        let request = bucket.client().head_bucket().bucket(bucket.name()).set_expected_bucket_owner(owner.clone());
        let mut region = None;
        let answer = bucket
            .call(HEAD.operation, async {
                let answer: Result<HeadBucketOutput, SdkError<HeadBucketError, HttpResponse>> = request.send().await;
                answer.map_err(|error| {
                    region = named_region(&error);
                    bucket.sort(HEAD.operation, error)
                })
            })
            .await;
        return match answer {
            Ok(answer) => Ok(Seen::There(answer.bucket_region)),
            Err(error) if again && passes(error.kind()) => {
                again = false;
                tokio::time::sleep(super::PAUSE).await;
                continue;
            }
            Err(error) if matches!(error.kind(), Trouble::NotFound | Trouble::NoSuchBucket) => Ok(Seen::Nothing),
            Err(error) if matches!(error.kind(), Trouble::AccessDenied | Trouble::WrongRegion) => {
                Ok(Seen::Refused(region, error))
            }
            Err(error) => Err(error.unread(HEAD.permission)),
        };
    }
}

/// The Region in the header of a refusal (`HeadBucket`, S3 API reference).
fn named_region<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Option<String> {
    let region = error.raw_response()?.headers().get("x-amz-bucket-region")?;
    (!region.is_empty()).then(|| region.to_owned())
}
