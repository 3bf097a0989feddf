//! Buckets themselves: made, deleted, looked at, listed.

use s3s::dto::*;

use super::super::refusal::Refusal;
use super::{Call, owner, timestamp};
use crate::sim::world::{BucketInfo, Moment, ObjectOwnership as Ownership, World};

/// `ListBuckets`.
pub(super) fn list(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: ListBucketsInput,
) -> Result<ListBucketsOutput, Refusal> {
    let after = input.continuation_token.unwrap_or_default();
    let prefix = input.prefix.clone().unwrap_or_default();
    let limit = input.max_buckets.and_then(|max| usize::try_from(max).ok()).unwrap_or(10_000);
    let in_region = |info: &BucketInfo| input.bucket_region.as_ref().is_none_or(|region| *region == info.region);
    let mut found: Vec<BucketInfo> = world
        .buckets(now, &call.access.caller)?
        .into_iter()
        .filter(|info| info.name > after && info.name.starts_with(&prefix) && in_region(info))
        .collect();
    let more = found.len() > limit;
    found.truncate(limit);
    let continuation_token = found.last().filter(|_| more).map(|info| info.name.clone());
    let row = |info: BucketInfo| Bucket {
        bucket_region: Some(info.region),
        creation_date: Some(timestamp(info.created_at)),
        name: Some(info.name),
    };
    Ok(ListBucketsOutput {
        buckets: Some(found.into_iter().map(row).collect()),
        continuation_token,
        owner: Some(owner(&call.access.caller.account)),
        prefix: input.prefix,
    })
}

/// `CreateBucket`.
pub(super) fn create(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: CreateBucketInput,
) -> Result<CreateBucketOutput, Refusal> {
    if input.acl.as_ref().is_some_and(|acl| acl.as_str() != "private") {
        let message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
        return Err(Refusal::bad_request("InvalidBucketAclWithObjectOwnership", message));
    }
    let ownership = input.object_ownership.map(|text| parse_ownership(text.as_str())).transpose()?;
    let constraint = input.create_bucket_configuration.and_then(|configuration| configuration.location_constraint);
    let constraint = constraint.as_ref().map(BucketLocationConstraint::as_str).filter(|text| !text.is_empty());
    let create = match input.object_lock_enabled_for_bucket {
        Some(true) => World::create_locked_bucket,
        Some(false) | None => World::create_bucket,
    };
    create(world, now, &call.access, &input.bucket, constraint, ownership)?;
    Ok(CreateBucketOutput { location: Some(format!("/{}", input.bucket)) })
}

/// `DeleteBucket`.
pub(super) fn delete(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: DeleteBucketInput,
) -> Result<DeleteBucketOutput, Refusal> {
    world.delete_bucket(now, &call.access, &input.bucket)?;
    Ok(DeleteBucketOutput {})
}

/// `HeadBucket`.
pub(super) fn head(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: HeadBucketInput,
) -> Result<HeadBucketOutput, Refusal> {
    let info = world.bucket(now, &call.access, &input.bucket)?;
    Ok(HeadBucketOutput { bucket_region: Some(info.region), ..HeadBucketOutput::default() })
}

/// `GetBucketLocation`: us-east-1 is shown as an empty constraint.
pub(super) fn location(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: GetBucketLocationInput,
) -> Result<GetBucketLocationOutput, Refusal> {
    let region = world.bucket(now, &call.access, &input.bucket)?.region;
    let location_constraint = (region != "us-east-1").then(|| BucketLocationConstraint::from(region));
    Ok(GetBucketLocationOutput { location_constraint })
}

/// `GetBucketAcl`: the owner has full control, and nobody else anything.
pub(super) fn acl(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: GetBucketAclInput,
) -> Result<GetBucketAclOutput, Refusal> {
    let owner = owner(&world.bucket_owner(now, &call.access, &input.bucket)?);
    let grantee = Grantee {
        display_name: None,
        email_address: None,
        id: owner.id.clone(),
        type_: Type::from_static(Type::CANONICAL_USER),
        uri: None,
    };
    let permission = Permission::from_static(Permission::FULL_CONTROL);
    let grant = Grant { grantee: Some(grantee), permission: Some(permission) };
    Ok(GetBucketAclOutput { grants: Some(vec![grant]), owner: Some(owner) })
}

/// Reads an `ObjectOwnership` value.
///
/// # Errors
/// `InvalidArgument` for an unknown one.
pub(super) fn parse_ownership(text: &str) -> Result<Ownership, Refusal> {
    Ownership::parse(text).ok_or_else(|| {
        let message = format!("Invalid x-amz-object-ownership header: {text}");
        Refusal::bad_request("InvalidArgument", message)
    })
}
