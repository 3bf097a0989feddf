//! Listings of objects and versions, page by page.

use s3s::dto::*;

use super::super::refusal::Refusal;
use super::super::text::percent_encode;
use super::{Call, owner, timestamp};
use crate::sim::world::{ListObjects, ListVersions, Moment, ObjectData, ObjectView, VersionEntry, World};

/// S3 shows at most this many rows a page.
const PAGE_MAX: i32 = 1000;

/// How keys are written: as they are, or percent-encoded where the client asked for `encoding-type=url`.
#[derive(Clone, Copy)]
struct Spelling {
    url: bool,
}

impl Spelling {
    fn of(encoding: Option<&EncodingType>) -> Result<Self, Refusal> {
        match encoding.map(EncodingType::as_str) {
            None => Ok(Self { url: false }),
            Some(EncodingType::URL) => Ok(Self { url: true }),
            Some(_) => Err(Refusal::bad_request("InvalidArgument", "Invalid Encoding Method specified in Request")),
        }
    }

    fn write(self, text: String) -> String {
        if self.url { percent_encode(text.as_bytes(), true) } else { text }
    }
}

/// `ListObjectVersions`.
pub(super) fn versions(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: ListObjectVersionsInput,
) -> Result<ListObjectVersionsOutput, Refusal> {
    let spelling = Spelling::of(input.encoding_type.as_ref())?;
    let max_keys = page_size(input.max_keys)?;
    if input.version_id_marker.is_some() && input.key_marker.is_none() {
        let message = "A version-id marker cannot be specified without a key marker.";
        return Err(Refusal::bad_request("InvalidArgument", message));
    }
    let page = world.list_versions(
        now,
        &call.access,
        &input.bucket,
        &ListVersions {
            prefix: input.prefix.clone().unwrap_or_default(),
            delimiter: input.delimiter.clone().filter(|text| !text.is_empty()),
            key_marker: input.key_marker.clone().filter(|text| !text.is_empty()),
            version_id_marker: input.version_id_marker.clone().filter(|text| !text.is_empty()),
            max_keys: usize::try_from(max_keys).ok(),
        },
    )?;
    let (mut versions, mut markers) = (Vec::new(), Vec::new());
    for mut entry in page.entries {
        match entry.object.take() {
            Some(data) => versions.push(version_row(entry, &data, spelling)),
            None => markers.push(marker_row(entry, spelling)),
        }
    }
    let spell = |text: Option<String>| text.map(|text| spelling.write(text));
    Ok(ListObjectVersionsOutput {
        common_prefixes: Some(prefixes(page.common_prefixes, spelling)),
        delete_markers: Some(markers),
        delimiter: spell(input.delimiter),
        encoding_type: input.encoding_type,
        is_truncated: Some(page.truncated),
        key_marker: Some(spelling.write(input.key_marker.unwrap_or_default())),
        max_keys: Some(max_keys),
        name: Some(input.bucket),
        next_key_marker: spell(page.next_key_marker),
        next_version_id_marker: page.next_version_id_marker,
        prefix: Some(spelling.write(input.prefix.unwrap_or_default())),
        version_id_marker: Some(input.version_id_marker.unwrap_or_default()),
        versions: Some(versions),
        ..ListObjectVersionsOutput::default()
    })
}

/// `ListObjectsV2`.
pub(super) fn objects(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: ListObjectsV2Input,
) -> Result<ListObjectsV2Output, Refusal> {
    let spelling = Spelling::of(input.encoding_type.as_ref())?;
    let max_keys = page_size(input.max_keys)?;
    let page = world.list_objects(
        now,
        &call.access,
        &input.bucket,
        &ListObjects {
            prefix: input.prefix.clone().unwrap_or_default(),
            delimiter: input.delimiter.clone().filter(|text| !text.is_empty()),
            start_after: input.start_after.clone().filter(|text| !text.is_empty()),
            continuation_token: input.continuation_token.clone(),
            max_keys: usize::try_from(max_keys).ok(),
        },
    )?;
    let with_owner = input.fetch_owner == Some(true);
    let contents: Vec<Object> =
        page.entries.into_iter().map(|(key, view)| object_row(key, view, spelling, with_owner)).collect();
    let common_prefixes = prefixes(page.common_prefixes, spelling);
    let spell = |text: Option<String>| text.map(|text| spelling.write(text));
    Ok(ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: Some(spelling.write(input.prefix.unwrap_or_default())),
        max_keys: Some(max_keys),
        key_count: i32::try_from(contents.len() + common_prefixes.len()).ok(),
        continuation_token: input.continuation_token,
        is_truncated: Some(page.truncated),
        next_continuation_token: page.next_continuation_token,
        contents: Some(contents),
        common_prefixes: Some(common_prefixes),
        delimiter: spell(input.delimiter),
        encoding_type: input.encoding_type,
        start_after: spell(input.start_after),
        ..ListObjectsV2Output::default()
    })
}

/// `ListObjects`, the first version of the call.
pub(super) fn objects_v1(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: ListObjectsInput,
) -> Result<ListObjectsOutput, Refusal> {
    let marker = input.marker.clone().unwrap_or_default();
    let spelling = Spelling::of(input.encoding_type.as_ref())?;
    let mut request = ListObjectsV2Input::from(input);
    request.start_after = Some(marker.clone());
    request.fetch_owner = Some(true);
    let page = objects(world, now, call, request)?;
    let last_key = page.contents.iter().flatten().filter_map(|row| row.key.clone()).next_back();
    let last_prefix = page.common_prefixes.iter().flatten().filter_map(|row| row.prefix.clone()).next_back();
    let truncated = page.is_truncated == Some(true);
    Ok(ListObjectsOutput {
        name: page.name,
        prefix: page.prefix,
        marker: Some(spelling.write(marker)),
        max_keys: page.max_keys,
        is_truncated: page.is_truncated,
        next_marker: last_key.max(last_prefix).filter(|_| truncated),
        contents: page.contents,
        common_prefixes: page.common_prefixes,
        delimiter: page.delimiter,
        encoding_type: page.encoding_type,
        ..ListObjectsOutput::default()
    })
}

fn page_size(asked: Option<i32>) -> Result<i32, Refusal> {
    match asked {
        Some(negative) if negative < 0 => {
            let message = "Argument maxKeys must be an integer between 0 and 2147483647";
            Err(Refusal::bad_request("InvalidArgument", message))
        }
        asked => Ok(asked.map_or(PAGE_MAX, |size| size.min(PAGE_MAX))),
    }
}

fn version_row(entry: VersionEntry, data: &ObjectData, spelling: Spelling) -> ObjectVersion {
    ObjectVersion {
        e_tag: Some(ETag::Strong(data.etag.clone())),
        is_latest: Some(entry.is_latest),
        key: Some(spelling.write(entry.key)),
        last_modified: Some(timestamp(entry.last_modified)),
        owner: Some(owner(&entry.owner)),
        size: i64::try_from(data.body.len()).ok(),
        storage_class: Some(ObjectVersionStorageClass::from(data.storage_class.clone())),
        version_id: Some(entry.version_id),
        checksum_algorithm: Some(algorithms(data)),
        checksum_type: (!data.checksums.is_empty()).then(|| ChecksumType::from_static(ChecksumType::FULL_OBJECT)),
        ..ObjectVersion::default()
    }
}

fn marker_row(entry: VersionEntry, spelling: Spelling) -> DeleteMarkerEntry {
    DeleteMarkerEntry {
        is_latest: Some(entry.is_latest),
        key: Some(spelling.write(entry.key)),
        last_modified: Some(timestamp(entry.last_modified)),
        owner: Some(owner(&entry.owner)),
        version_id: Some(entry.version_id),
    }
}

fn object_row(key: String, view: ObjectView, spelling: Spelling, with_owner: bool) -> Object {
    let data = &view.data;
    Object {
        e_tag: Some(ETag::Strong(data.etag.clone())),
        key: Some(spelling.write(key)),
        last_modified: Some(timestamp(view.last_modified)),
        owner: with_owner.then(|| owner(&view.owner)),
        size: i64::try_from(data.body.len()).ok(),
        storage_class: Some(ObjectStorageClass::from(data.storage_class.clone())),
        checksum_algorithm: Some(algorithms(data)),
        checksum_type: (!data.checksums.is_empty()).then(|| ChecksumType::from_static(ChecksumType::FULL_OBJECT)),
        ..Object::default()
    }
}

fn algorithms(data: &ObjectData) -> Vec<ChecksumAlgorithm> {
    data.checksums.keys().map(|field| ChecksumAlgorithm::from(field.to_ascii_uppercase())).collect()
}

fn prefixes(common: Vec<String>, spelling: Spelling) -> Vec<CommonPrefix> {
    common.into_iter().map(|prefix| CommonPrefix { prefix: Some(spelling.write(prefix)) }).collect()
}
