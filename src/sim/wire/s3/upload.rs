//! What `PutObject` carries, read into the world's terms.

use std::collections::BTreeMap;

use s3s::dto::{ETagCondition, ObjectLockLegalHoldStatus, ObjectLockMode, PutObjectInput};

use super::super::checksum::Upload;
use super::super::refusal::Refusal;
use super::super::text::form_pairs;
use super::view::http_time;
use super::{lock, unsupported};
use crate::sim::world::{PutObject, SystemMetadata, Tag};

/// The most bytes of user metadata, names and values together (UG UsingMetadata).
const METADATA_BYTES_MAX: usize = 2048;
/// The most tags of an object (UG object-tagging).
const TAGS_MAX: usize = 10;

/// Reads a `PutObject`.
///
/// # Errors
/// S3's refusals of malformed headers; 501 for headers that ask for what this world does not have.
pub(super) fn put_request(input: PutObjectInput, upload: Upload) -> Result<PutObject, Refusal> {
    refuse_unsupported(&input)?;
    let if_none_match = match &input.if_none_match {
        None => false,
        Some(ETagCondition::Any) => true,
        Some(ETagCondition::ETag(_)) => return Err(unsupported("If-None-Match")),
    };
    let mode = input.object_lock_mode.as_ref().map(ObjectLockMode::as_str);
    let hold = input.object_lock_legal_hold_status.as_ref().map(ObjectLockLegalHoldStatus::as_str);
    let lock = lock::from_headers(mode, input.object_lock_retain_until_date.as_ref(), hold)?;
    let metadata: BTreeMap<String, String> = input.metadata.unwrap_or_default().into_iter().collect();
    let metadata_bytes: usize = metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
    if metadata_bytes > METADATA_BYTES_MAX {
        let message = "Your metadata headers exceed the maximum allowed metadata size";
        return Err(Refusal::bad_request("MetadataTooLarge", message)
            .with_field("Size", metadata_bytes.to_string())
            .with_field("MaxSizeAllowed", METADATA_BYTES_MAX.to_string()));
    }
    Ok(PutObject {
        key: input.key,
        if_none_match,
        if_match: input.if_match.map(|condition| match condition {
            ETagCondition::Any => String::from("*"),
            ETagCondition::ETag(etag) => etag.into_value(),
        }),
        algorithm: input.server_side_encryption.map(|algorithm| algorithm.as_str().to_owned()),
        kms_key_id: input.ssekms_key_id,
        bucket_key: input.bucket_key_enabled,
        metadata,
        system: SystemMetadata {
            content_type: Some(input.content_type.unwrap_or_else(|| String::from("binary/octet-stream"))),
            cache_control: input.cache_control,
            content_disposition: input.content_disposition,
            content_encoding: input.content_encoding.and_then(|value| without_chunked(&value)),
            content_language: input.content_language,
            expires: input.expires.as_ref().map(http_time),
            website_redirect_location: input.website_redirect_location,
        },
        tags: read_tags(input.tagging.as_deref().unwrap_or_default())?,
        storage_class: input.storage_class.map(|class| class.as_str().to_owned()),
        checksums: BTreeMap::from([(upload.algorithm.field().to_owned(), upload.checksum)]),
        canned_acl: input.acl.map(|acl| acl.as_str().to_owned()),
        lock,
        body: upload.content,
    })
}

fn refuse_unsupported(input: &PutObjectInput) -> Result<(), Refusal> {
    let grants = [&input.grant_full_control, &input.grant_read, &input.grant_read_acp, &input.grant_write_acp];
    if grants.iter().any(|grant| grant.is_some()) {
        return Err(unsupported("x-amz-grant-*"));
    }
    if input.sse_customer_algorithm.is_some() || input.sse_customer_key.is_some() {
        return Err(unsupported("x-amz-server-side-encryption-customer-algorithm"));
    }
    if input.ssekms_encryption_context.is_some() {
        return Err(unsupported("x-amz-server-side-encryption-context"));
    }
    if input.write_offset_bytes.is_some() {
        return Err(unsupported("x-amz-write-offset-bytes"));
    }
    Ok(())
}

/// `aws-chunked` is about the transfer and is not stored.
fn without_chunked(encoding: &str) -> Option<String> {
    let kept: Vec<&str> = encoding.split(',').map(str::trim).filter(|part| *part != "aws-chunked").collect();
    Some(kept.join(",")).filter(|text| !text.is_empty())
}

fn read_tags(header: &str) -> Result<Vec<Tag>, Refusal> {
    let tags: Vec<Tag> = form_pairs(header).into_iter().map(|(key, value)| Tag { key, value }).collect();
    if tags.len() > TAGS_MAX {
        return Err(Refusal::bad_request("BadRequest", "Object tags cannot be greater than 10"));
    }
    let repeated = tags.iter().enumerate().any(|(at, tag)| tags.iter().skip(at + 1).any(|other| other.key == tag.key));
    if repeated {
        return Err(Refusal::bad_request("InvalidTag", "Cannot provide multiple Tags with the same key"));
    }
    if tags.iter().any(|tag| tag.key.is_empty() || tag.key.chars().count() > 128) {
        return Err(Refusal::bad_request("InvalidTag", "The TagKey you have provided is invalid"));
    }
    if tags.iter().any(|tag| tag.value.chars().count() > 256) {
        return Err(Refusal::bad_request("InvalidTag", "The TagValue you have provided is invalid"));
    }
    Ok(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_come_from_a_form_and_have_limits() {
        let tags = read_tags("team=storage&empty=&with%20space=a%2Bb").unwrap();
        assert_eq!(tags.len(), 3);
        assert_eq!(tags[2], Tag { key: "with space".into(), value: "a+b".into() });
        assert_eq!(read_tags("a=1&a=2").unwrap_err().code, "InvalidTag");
        let many: Vec<String> = (0..11).map(|n| format!("k{n}=v")).collect();
        assert_eq!(read_tags(&many.join("&")).unwrap_err().code, "BadRequest");
    }

    #[test]
    fn transfer_encoding_is_not_stored() {
        assert_eq!(without_chunked("aws-chunked"), None);
        assert_eq!(without_chunked("aws-chunked, gzip"), Some("gzip".into()));
    }
}
