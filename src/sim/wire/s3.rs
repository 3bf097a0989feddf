//! S3 on `s3s`: the operations this world has; every other one answers 501 NotImplemented.

mod buckets;
mod lifecycle;
mod listing;
mod lock;
mod notifications;
mod objects;
mod policy;
mod replication;
mod settings;
mod upload;
mod view;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use s3s::dto::*;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result};

use super::checksum::Upload;
use super::refusal::Refusal;
use crate::sim::Simulator;
use crate::sim::world::{Access, Moment, World};

/// What an operation needs beyond its parsed input; it travels in the request's extensions.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) access: Access,
    pub(super) upload: Upload,
    /// Where an operation leaves its refusal, because `s3s` errors cannot carry all that S3's can.
    pub(super) refused: Arc<OnceLock<Refusal>>,
}

/// The S3 service over a simulator's world. It does no authentication: that happened before.
pub(super) fn service(simulator: Simulator) -> S3Service {
    S3ServiceBuilder::new(Gateway { simulator }).build()
}

/// The answer to an operation that this world does not have.
pub(super) fn unsupported(what: &'static str) -> Refusal {
    Refusal::not_implemented(format!("A header you provided implies functionality that is not implemented: {what}"))
}

struct Gateway {
    simulator: Simulator,
}

impl Gateway {
    /// Runs one operation on the world at the present instant.
    fn perform<I, O>(
        &self,
        request: S3Request<I>,
        act: impl FnOnce(&mut World, Moment, &Call, I) -> Result<O, Refusal>,
    ) -> S3Result<S3Response<O>> {
        let Some(call) = request.extensions.get::<Call>() else {
            return Err(S3ErrorCode::AccessDenied.into());
        };
        let result = self.simulator.with_world(|world, now| act(world, now, call, request.input));
        result.map(S3Response::new).map_err(|refusal| {
            let code = S3ErrorCode::Custom(refusal.code.into());
            let mut error = S3Error::with_message(code, refusal.message.clone());
            error.set_status_code(refusal.status);
            let _first_wins = call.refused.set(refusal);
            error
        })
    }
}

type Answer<T> = S3Result<S3Response<T>>;

/// Writes out the trait of `s3s` from a table: operation, what it takes and gives, and who performs it.
macro_rules! operations {
    ($($operation:ident($input:ty) -> $output:ty = $act:path;)*) => {
        #[async_trait::async_trait]
        impl S3 for Gateway {
            $(async fn $operation(&self, request: S3Request<$input>) -> Answer<$output> {
                self.perform(request, $act)
            })*
        }
    };
}

operations! {
    list_buckets(ListBucketsInput) -> ListBucketsOutput = buckets::list;
    create_bucket(CreateBucketInput) -> CreateBucketOutput = buckets::create;
    delete_bucket(DeleteBucketInput) -> DeleteBucketOutput = buckets::delete;
    head_bucket(HeadBucketInput) -> HeadBucketOutput = buckets::head;
    get_bucket_location(GetBucketLocationInput) -> GetBucketLocationOutput = buckets::location;
    get_bucket_versioning(GetBucketVersioningInput) -> GetBucketVersioningOutput = settings::get_versioning;
    put_bucket_versioning(PutBucketVersioningInput) -> PutBucketVersioningOutput = settings::put_versioning;
    get_bucket_encryption(GetBucketEncryptionInput) -> GetBucketEncryptionOutput = settings::get_encryption;
    put_bucket_encryption(PutBucketEncryptionInput) -> PutBucketEncryptionOutput = settings::put_encryption;
    get_public_access_block(GetPublicAccessBlockInput) -> GetPublicAccessBlockOutput = settings::get_public_access;
    put_public_access_block(PutPublicAccessBlockInput) -> PutPublicAccessBlockOutput = settings::put_public_access;
    get_bucket_ownership_controls(GetBucketOwnershipControlsInput) -> GetBucketOwnershipControlsOutput
        = settings::get_ownership;
    put_bucket_ownership_controls(PutBucketOwnershipControlsInput) -> PutBucketOwnershipControlsOutput
        = settings::put_ownership;
    get_bucket_replication(GetBucketReplicationInput) -> GetBucketReplicationOutput = settings::get_replication;
    put_bucket_replication(PutBucketReplicationInput) -> PutBucketReplicationOutput = settings::put_replication;
    delete_bucket_replication(DeleteBucketReplicationInput) -> DeleteBucketReplicationOutput
        = settings::delete_replication;
    get_bucket_notification_configuration(GetBucketNotificationConfigurationInput)
        -> GetBucketNotificationConfigurationOutput = notifications::get;
    put_bucket_notification_configuration(PutBucketNotificationConfigurationInput)
        -> PutBucketNotificationConfigurationOutput = notifications::put;
    delete_bucket_encryption(DeleteBucketEncryptionInput) -> DeleteBucketEncryptionOutput = settings::delete_encryption;
    delete_public_access_block(DeletePublicAccessBlockInput) -> DeletePublicAccessBlockOutput
        = settings::delete_public_access;
    delete_bucket_ownership_controls(DeleteBucketOwnershipControlsInput) -> DeleteBucketOwnershipControlsOutput
        = settings::delete_ownership;
    get_bucket_policy(GetBucketPolicyInput) -> GetBucketPolicyOutput = policy::get;
    get_bucket_policy_status(GetBucketPolicyStatusInput) -> GetBucketPolicyStatusOutput = policy::status;
    put_bucket_policy(PutBucketPolicyInput) -> PutBucketPolicyOutput = policy::put;
    delete_bucket_policy(DeleteBucketPolicyInput) -> DeleteBucketPolicyOutput = policy::delete;
    get_bucket_request_payment(GetBucketRequestPaymentInput) -> GetBucketRequestPaymentOutput
        = settings::get_request_payment;
    put_bucket_request_payment(PutBucketRequestPaymentInput) -> PutBucketRequestPaymentOutput
        = settings::put_request_payment;
    get_bucket_tagging(GetBucketTaggingInput) -> GetBucketTaggingOutput = settings::get_tags;
    put_bucket_tagging(PutBucketTaggingInput) -> PutBucketTaggingOutput = settings::put_tags;
    delete_bucket_tagging(DeleteBucketTaggingInput) -> DeleteBucketTaggingOutput = settings::delete_tags;
    get_bucket_acl(GetBucketAclInput) -> GetBucketAclOutput = buckets::acl;
    get_bucket_lifecycle_configuration(GetBucketLifecycleConfigurationInput)
        -> GetBucketLifecycleConfigurationOutput = lifecycle::get;
    put_bucket_lifecycle_configuration(PutBucketLifecycleConfigurationInput)
        -> PutBucketLifecycleConfigurationOutput = lifecycle::put;
    delete_bucket_lifecycle(DeleteBucketLifecycleInput) -> DeleteBucketLifecycleOutput = lifecycle::delete;
    put_object(PutObjectInput) -> PutObjectOutput = objects::put;
    head_object(HeadObjectInput) -> HeadObjectOutput = objects::head;
    get_object(GetObjectInput) -> GetObjectOutput = objects::get;
    delete_object(DeleteObjectInput) -> DeleteObjectOutput = objects::delete;
    delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput = objects::delete_many;
    get_object_tagging(GetObjectTaggingInput) -> GetObjectTaggingOutput = objects::tags;
    list_objects(ListObjectsInput) -> ListObjectsOutput = listing::objects_v1;
    list_objects_v2(ListObjectsV2Input) -> ListObjectsV2Output = listing::objects;
    list_object_versions(ListObjectVersionsInput) -> ListObjectVersionsOutput = listing::versions;
    get_object_lock_configuration(GetObjectLockConfigurationInput) -> GetObjectLockConfigurationOutput = lock::get;
    put_object_lock_configuration(PutObjectLockConfigurationInput) -> PutObjectLockConfigurationOutput = lock::put;
    get_object_retention(GetObjectRetentionInput) -> GetObjectRetentionOutput = lock::get_retention;
    put_object_retention(PutObjectRetentionInput) -> PutObjectRetentionOutput = lock::put_retention;
    get_object_legal_hold(GetObjectLegalHoldInput) -> GetObjectLegalHoldOutput = lock::get_legal_hold;
    put_object_legal_hold(PutObjectLegalHoldInput) -> PutObjectLegalHoldOutput = lock::put_legal_hold;
}

/// An instant as S3 shows it: whole seconds.
fn timestamp(at: Moment) -> Timestamp {
    Timestamp::from(Moment::from_micros(at.seconds() * 1_000_000).system_time())
}

/// An instant that a client sent, to the second; `None` for one before 1970.
fn moment(at: &Timestamp) -> Option<Moment> {
    let mut text = Vec::new();
    at.format(TimestampFormat::EpochSeconds, &mut text).ok()?;
    let seconds: f64 = std::str::from_utf8(&text).ok()?.parse().ok()?;
    Duration::try_from_secs_f64(seconds.floor()).ok().map(Moment::from_unix)
}

fn malformed_xml() -> Refusal {
    let message = "The XML you provided was not well-formed or did not validate against our published schema";
    Refusal::bad_request("MalformedXML", message)
}

/// An account as S3 shows it: a canonical user id, 64 hexadecimal digits derived from the account.
fn owner(account: &str) -> Owner {
    let id = super::text::sha256_hex(format!("canonical user {account}").as_bytes());
    Owner { display_name: None, id: Some(id) }
}
