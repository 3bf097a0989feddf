//! An object version as HEAD and GET show it: headers, conditions, ranges.

use bytes::Bytes;
use http::StatusCode;
use s3s::Body;
use s3s::dto::*;

use super::super::refusal::Refusal;
use super::lock::hold_status;
use super::timestamp;
use crate::sim::world::ObjectView;

/// The headers of an object; checksums only where the client asked for them.
pub(super) fn head_output(view: ObjectView, with_checksums: bool) -> HeadObjectOutput {
    let data = view.data;
    let checksum = |field: &str| data.checksums.get(field).filter(|_| with_checksums).cloned();
    let (encryption, system) = (&data.encryption, &data.system);
    HeadObjectOutput {
        accept_ranges: Some(String::from("bytes")),
        bucket_key_enabled: encryption.bucket_key.then_some(true),
        cache_control: system.cache_control.clone(),
        checksum_crc32: checksum("crc32"),
        checksum_crc32c: checksum("crc32c"),
        checksum_crc64nvme: checksum("crc64nvme"),
        checksum_sha1: checksum("sha1"),
        checksum_sha256: checksum("sha256"),
        checksum_type: (with_checksums && !data.checksums.is_empty())
            .then(|| ChecksumType::from_static(ChecksumType::FULL_OBJECT)),
        content_disposition: system.content_disposition.clone(),
        content_encoding: system.content_encoding.clone(),
        content_language: system.content_language.clone(),
        content_length: i64::try_from(data.body.len()).ok(),
        content_type: system.content_type.clone(),
        e_tag: Some(ETag::Strong(data.etag.clone())),
        expires: system.expires.as_deref().and_then(|text| Timestamp::parse(TimestampFormat::HttpDate, text).ok()),
        last_modified: Some(timestamp(view.last_modified)),
        metadata: Some(data.metadata.clone().into_iter().collect()),
        object_lock_legal_hold_status: view.lock.legal_hold.map(hold_status),
        object_lock_mode: view.lock.retention.map(|held| ObjectLockMode::from_static(held.mode.as_str())),
        object_lock_retain_until_date: view.lock.retention.map(|held| timestamp(held.until)),
        replication_status: view.replication_status.map(|status| ReplicationStatus::from_static(status.as_str())),
        ssekms_key_id: encryption.key_arn.clone(),
        server_side_encryption: Some(ServerSideEncryption::from_static(encryption.algorithm.as_str())),
        storage_class: (data.storage_class != "STANDARD").then(|| StorageClass::from(data.storage_class.clone())),
        version_id: view.version_id,
        website_redirect_location: system.website_redirect_location.clone(),
        ..HeadObjectOutput::default()
    }
}

/// The headers and bytes of an object, or of one range of it.
///
/// # Errors
/// `InvalidRange` for a range outside the object.
pub(super) fn get_output(
    view: ObjectView,
    range: Option<Range>,
    with_checksums: bool,
) -> Result<GetObjectOutput, Refusal> {
    let body = view.data.body.clone();
    let tag_count = i32::try_from(view.tags.len()).ok().filter(|count| *count > 0);
    let (content, content_range) = match range {
        None => (body, None),
        Some(range) => cut(&body, range)?,
    };
    let head = head_output(view, with_checksums && content_range.is_none());
    Ok(GetObjectOutput {
        accept_ranges: head.accept_ranges,
        bucket_key_enabled: head.bucket_key_enabled,
        cache_control: head.cache_control,
        checksum_crc32: head.checksum_crc32,
        checksum_crc32c: head.checksum_crc32c,
        checksum_crc64nvme: head.checksum_crc64nvme,
        checksum_sha1: head.checksum_sha1,
        checksum_sha256: head.checksum_sha256,
        checksum_type: head.checksum_type,
        content_disposition: head.content_disposition,
        content_encoding: head.content_encoding,
        content_language: head.content_language,
        content_length: i64::try_from(content.len()).ok(),
        content_range,
        content_type: head.content_type,
        e_tag: head.e_tag,
        expires: head.expires,
        last_modified: head.last_modified,
        metadata: head.metadata,
        object_lock_legal_hold_status: head.object_lock_legal_hold_status,
        object_lock_mode: head.object_lock_mode,
        object_lock_retain_until_date: head.object_lock_retain_until_date,
        replication_status: head.replication_status,
        ssekms_key_id: head.ssekms_key_id,
        server_side_encryption: head.server_side_encryption,
        storage_class: head.storage_class,
        tag_count,
        version_id: head.version_id,
        website_redirect_location: head.website_redirect_location,
        body: Some(StreamingBlob::from(Body::from(content))),
        ..GetObjectOutput::default()
    })
}

/// `If-Match` and `If-None-Match` of a read.
///
/// # Errors
/// 412 `PreconditionFailed`, or 304.
pub(super) fn check_conditions(
    view: &ObjectView,
    if_match: Option<&ETagCondition>,
    if_none_match: Option<&ETagCondition>,
) -> Result<(), Refusal> {
    let is_ours = |condition: &ETagCondition| match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(etag) => etag.value() == view.data.etag,
    };
    if if_match.is_some_and(|condition| !is_ours(condition)) {
        let message = "At least one of the pre-conditions you specified did not hold";
        let refusal = Refusal::new(StatusCode::PRECONDITION_FAILED, "PreconditionFailed", message);
        return Err(refusal.with_field("Condition", "If-Match"));
    }
    if if_none_match.is_some_and(is_ours) {
        let etag = format!("\"{}\"", view.data.etag);
        return Err(Refusal::new(StatusCode::NOT_MODIFIED, "NotModified", "Not Modified").with_header("etag", etag));
    }
    Ok(())
}

/// A timestamp as an HTTP date.
pub(super) fn http_time(at: &Timestamp) -> String {
    let mut text = Vec::new();
    match at.format(TimestampFormat::HttpDate, &mut text) {
        Ok(()) => String::from_utf8_lossy(&text).into_owned(),
        Err(_) => String::new(),
    }
}

fn cut(body: &Bytes, range: Range) -> Result<(Bytes, Option<String>), Refusal> {
    let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
    let satisfied = range.check(length).ok().and_then(|found| {
        let (first, end) = (usize::try_from(found.start).ok()?, usize::try_from(found.end).ok()?);
        (first < end).then_some((first, end))
    });
    let Some((first, end)) = satisfied else {
        let message = "The requested range is not satisfiable";
        let refusal = Refusal::new(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange", message);
        let refusal = refusal.with_header("content-range", format!("bytes */{length}"));
        return Err(refusal.with_field("ActualObjectSize", length.to_string()));
    };
    Ok((body.slice(first..end), Some(format!("bytes {first}-{}/{length}", end - 1))))
}
