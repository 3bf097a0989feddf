//! S3 on `s3s`: the operations this world has; every other one answers 501 NotImplemented.

mod buckets;
mod listing;
mod notifications;
mod objects;
mod replication;
mod settings;
mod upload;
mod view;

use std::sync::{Arc, OnceLock};

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

#[async_trait::async_trait]
impl S3 for Gateway {
    async fn list_buckets(&self, request: S3Request<ListBucketsInput>) -> Answer<ListBucketsOutput> {
        self.perform(request, buckets::list)
    }

    async fn create_bucket(&self, request: S3Request<CreateBucketInput>) -> Answer<CreateBucketOutput> {
        self.perform(request, buckets::create)
    }

    async fn delete_bucket(&self, request: S3Request<DeleteBucketInput>) -> Answer<DeleteBucketOutput> {
        self.perform(request, buckets::delete)
    }

    async fn head_bucket(&self, request: S3Request<HeadBucketInput>) -> Answer<HeadBucketOutput> {
        self.perform(request, buckets::head)
    }

    async fn get_bucket_location(&self, request: S3Request<GetBucketLocationInput>) -> Answer<GetBucketLocationOutput> {
        self.perform(request, buckets::location)
    }

    async fn get_bucket_versioning(
        &self,
        request: S3Request<GetBucketVersioningInput>,
    ) -> Answer<GetBucketVersioningOutput> {
        self.perform(request, settings::get_versioning)
    }

    async fn put_bucket_versioning(
        &self,
        request: S3Request<PutBucketVersioningInput>,
    ) -> Answer<PutBucketVersioningOutput> {
        self.perform(request, settings::put_versioning)
    }

    async fn get_bucket_encryption(
        &self,
        request: S3Request<GetBucketEncryptionInput>,
    ) -> Answer<GetBucketEncryptionOutput> {
        self.perform(request, settings::get_encryption)
    }

    async fn put_bucket_encryption(
        &self,
        request: S3Request<PutBucketEncryptionInput>,
    ) -> Answer<PutBucketEncryptionOutput> {
        self.perform(request, settings::put_encryption)
    }

    async fn get_public_access_block(
        &self,
        request: S3Request<GetPublicAccessBlockInput>,
    ) -> Answer<GetPublicAccessBlockOutput> {
        self.perform(request, settings::get_public_access)
    }

    async fn put_public_access_block(
        &self,
        request: S3Request<PutPublicAccessBlockInput>,
    ) -> Answer<PutPublicAccessBlockOutput> {
        self.perform(request, settings::put_public_access)
    }

    async fn get_bucket_ownership_controls(
        &self,
        request: S3Request<GetBucketOwnershipControlsInput>,
    ) -> Answer<GetBucketOwnershipControlsOutput> {
        self.perform(request, settings::get_ownership)
    }

    async fn put_bucket_ownership_controls(
        &self,
        request: S3Request<PutBucketOwnershipControlsInput>,
    ) -> Answer<PutBucketOwnershipControlsOutput> {
        self.perform(request, settings::put_ownership)
    }

    async fn get_bucket_replication(
        &self,
        request: S3Request<GetBucketReplicationInput>,
    ) -> Answer<GetBucketReplicationOutput> {
        self.perform(request, settings::get_replication)
    }

    async fn put_bucket_replication(
        &self,
        request: S3Request<PutBucketReplicationInput>,
    ) -> Answer<PutBucketReplicationOutput> {
        self.perform(request, settings::put_replication)
    }

    async fn delete_bucket_replication(
        &self,
        request: S3Request<DeleteBucketReplicationInput>,
    ) -> Answer<DeleteBucketReplicationOutput> {
        self.perform(request, settings::delete_replication)
    }

    async fn get_bucket_notification_configuration(
        &self,
        request: S3Request<GetBucketNotificationConfigurationInput>,
    ) -> Answer<GetBucketNotificationConfigurationOutput> {
        self.perform(request, notifications::get)
    }

    async fn put_bucket_notification_configuration(
        &self,
        request: S3Request<PutBucketNotificationConfigurationInput>,
    ) -> Answer<PutBucketNotificationConfigurationOutput> {
        self.perform(request, notifications::put)
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> Answer<PutObjectOutput> {
        self.perform(request, objects::put)
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> Answer<HeadObjectOutput> {
        self.perform(request, objects::head)
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> Answer<GetObjectOutput> {
        self.perform(request, objects::get)
    }

    async fn delete_object(&self, request: S3Request<DeleteObjectInput>) -> Answer<DeleteObjectOutput> {
        self.perform(request, objects::delete)
    }

    async fn delete_objects(&self, request: S3Request<DeleteObjectsInput>) -> Answer<DeleteObjectsOutput> {
        self.perform(request, objects::delete_many)
    }

    async fn get_object_tagging(&self, request: S3Request<GetObjectTaggingInput>) -> Answer<GetObjectTaggingOutput> {
        self.perform(request, objects::tags)
    }

    async fn list_objects(&self, request: S3Request<ListObjectsInput>) -> Answer<ListObjectsOutput> {
        self.perform(request, listing::objects_v1)
    }

    async fn list_objects_v2(&self, request: S3Request<ListObjectsV2Input>) -> Answer<ListObjectsV2Output> {
        self.perform(request, listing::objects)
    }

    async fn list_object_versions(
        &self,
        request: S3Request<ListObjectVersionsInput>,
    ) -> Answer<ListObjectVersionsOutput> {
        self.perform(request, listing::versions)
    }
}

/// An instant as S3 shows it: whole seconds.
fn timestamp(at: Moment) -> Timestamp {
    Timestamp::from(Moment::from_micros(at.seconds() * 1_000_000).system_time())
}

/// An account as S3 shows it: a canonical user id, 64 hexadecimal digits derived from the account.
fn owner(account: &str) -> Owner {
    let id = super::text::sha256_hex(format!("canonical user {account}").as_bytes());
    Owner { display_name: None, id: Some(id) }
}
