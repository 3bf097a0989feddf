//! Objects: written, looked at, read, deleted.

use s3s::dto::*;

use super::super::refusal::Refusal;
use super::upload::put_request;
use super::view::{check_conditions, get_output, head_output};
use super::{Call, replication, unsupported};
use crate::sim::world::{Moment, World, WorldError};

/// `DeleteObjects` takes at most this many keys.
const DELETE_MAX: usize = 1000;

/// `PutObject`.
pub(super) fn put(
    world: &mut World,
    now: Moment,
    call: &Call,
    mut input: PutObjectInput,
) -> Result<PutObjectOutput, Refusal> {
    let bucket = std::mem::take(&mut input.bucket);
    let upload = call.upload.clone();
    let (algorithm, checksum) = (upload.algorithm, upload.checksum.clone());
    let request = put_request(input, upload)?;
    let outcome = world.put_object(now, &call.access, &bucket, request)?;
    let mut output = PutObjectOutput {
        bucket_key_enabled: outcome.encryption.bucket_key.then_some(true),
        e_tag: Some(ETag::Strong(outcome.etag)),
        server_side_encryption: Some(ServerSideEncryption::from_static(outcome.encryption.algorithm.as_str())),
        ssekms_key_id: outcome.encryption.key_arn,
        version_id: outcome.version_id,
        checksum_type: Some(ChecksumType::from_static(ChecksumType::FULL_OBJECT)),
        ..PutObjectOutput::default()
    };
    let slot = match algorithm.field() {
        "crc32" => &mut output.checksum_crc32,
        "crc32c" => &mut output.checksum_crc32c,
        "sha1" => &mut output.checksum_sha1,
        "sha256" => &mut output.checksum_sha256,
        _ => &mut output.checksum_crc64nvme,
    };
    *slot = Some(checksum);
    Ok(output)
}

/// `HeadObject`.
pub(super) fn head(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: HeadObjectInput,
) -> Result<HeadObjectOutput, Refusal> {
    if input.range.is_some() || input.part_number.is_some() {
        return Err(unsupported("Range or partNumber of HeadObject"));
    }
    if input.if_modified_since.is_some() || input.if_unmodified_since.is_some() {
        return Err(unsupported("If-Modified-Since"));
    }
    if input.sse_customer_algorithm.is_some() {
        return Err(unsupported("x-amz-server-side-encryption-customer-algorithm"));
    }
    let head = if input.checksum_mode.is_some() { World::head_object_with_checksums } else { World::head_object };
    let view = head(world, now, &call.access, &input.bucket, &input.key, input.version_id.as_deref())?;
    check_conditions(&view, input.if_match.as_ref(), input.if_none_match.as_ref())?;
    Ok(head_output(view, input.checksum_mode.is_some()))
}

/// `GetObject`, whole or one range.
pub(super) fn get(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: GetObjectInput,
) -> Result<GetObjectOutput, Refusal> {
    if input.part_number.is_some() {
        return Err(unsupported("partNumber"));
    }
    if input.if_modified_since.is_some() || input.if_unmodified_since.is_some() {
        return Err(unsupported("If-Modified-Since"));
    }
    if input.sse_customer_algorithm.is_some() {
        return Err(unsupported("x-amz-server-side-encryption-customer-algorithm"));
    }
    let view = world.get_object(now, &call.access, &input.bucket, &input.key, input.version_id.as_deref())?;
    check_conditions(&view, input.if_match.as_ref(), input.if_none_match.as_ref())?;
    get_output(view, input.range, input.checksum_mode.is_some())
}

/// `DeleteObject`.
pub(super) fn delete(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: DeleteObjectInput,
) -> Result<DeleteObjectOutput, Refusal> {
    if input.if_match.is_some() || input.if_match_size.is_some() || input.if_match_last_modified_time.is_some() {
        return Err(unsupported("conditional deletes"));
    }
    let version = input.version_id.as_deref();
    let outcome = world.delete_object(now, &call.access, &input.bucket, &input.key, version)?;
    Ok(DeleteObjectOutput {
        delete_marker: outcome.delete_marker.then_some(true),
        version_id: outcome.version_id,
        ..DeleteObjectOutput::default()
    })
}

/// `DeleteObjects`: each key on its own, failures listed beside successes.
pub(super) fn delete_many(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: DeleteObjectsInput,
) -> Result<DeleteObjectsOutput, Refusal> {
    if input.delete.objects.is_empty() || input.delete.objects.len() > DELETE_MAX {
        let message = "The XML you provided was not well-formed or did not validate against our published schema";
        return Err(Refusal::bad_request("MalformedXML", message));
    }
    world.bucket(now, &call.access, &input.bucket)?;
    let quiet = input.delete.quiet == Some(true);
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for object in input.delete.objects {
        let result = world.delete_object(now, &call.access, &input.bucket, &object.key, object.version_id.as_deref());
        match result {
            Ok(outcome) => deleted.push(DeletedObject {
                delete_marker: outcome.delete_marker.then_some(true),
                delete_marker_version_id: outcome.version_id.filter(|_| outcome.delete_marker),
                key: Some(object.key),
                version_id: object.version_id,
            }),
            Err(error) => errors.push(failed(error, object)),
        }
    }
    let deleted = (!quiet).then_some(deleted);
    Ok(DeleteObjectsOutput { deleted, errors: Some(errors), ..DeleteObjectsOutput::default() })
}

/// `GetObjectTagging`.
pub(super) fn tags(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: GetObjectTaggingInput,
) -> Result<GetObjectTaggingOutput, Refusal> {
    let view = world.object_tags(now, &call.access, &input.bucket, &input.key, input.version_id.as_deref())?;
    let tag_set = view.tags.into_iter().map(replication::tag_to_wire).collect();
    Ok(GetObjectTaggingOutput { tag_set, version_id: view.version_id })
}

fn failed(error: WorldError, object: ObjectIdentifier) -> Error {
    Error {
        code: Some(error.code.to_owned()),
        key: Some(object.key),
        message: Some(error.message),
        version_id: object.version_id,
    }
}
