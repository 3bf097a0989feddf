//! Bucket policies: plain JSON in and out.

use s3s::dto::*;

use super::super::refusal::Refusal;
use super::Call;
use crate::sim::world::{Moment, World};

type Answer<T> = Result<T, Refusal>;

/// `GetBucketPolicy`.
pub(super) fn get(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: GetBucketPolicyInput,
) -> Answer<GetBucketPolicyOutput> {
    let policy = world.bucket_policy(now, &call.access, &input.bucket)?;
    Ok(GetBucketPolicyOutput { policy: Some(policy.text) })
}

/// `GetBucketPolicyStatus`.
pub(super) fn status(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: GetBucketPolicyStatusInput,
) -> Answer<GetBucketPolicyStatusOutput> {
    let is_public = world.policy_is_public(now, &call.access, &input.bucket)?;
    Ok(GetBucketPolicyStatusOutput { policy_status: Some(PolicyStatus { is_public: Some(is_public) }) })
}

/// `PutBucketPolicy`.
pub(super) fn put(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: PutBucketPolicyInput,
) -> Answer<PutBucketPolicyOutput> {
    world.put_bucket_policy(now, &call.access, &input.bucket, &input.policy)?;
    Ok(PutBucketPolicyOutput {})
}

/// `DeleteBucketPolicy`.
pub(super) fn delete(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: DeleteBucketPolicyInput,
) -> Answer<DeleteBucketPolicyOutput> {
    world.delete_bucket_policy(now, &call.access, &input.bucket)?;
    Ok(DeleteBucketPolicyOutput {})
}
