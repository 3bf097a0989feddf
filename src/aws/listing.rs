//! Listing versions: of exactly one key, or page by page under a prefix.

use aws_sdk_s3::operation::RequestId;
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::types::Owner;

use super::bucket::{S3Bucket, not_s3};
use super::error::bad_answer;
use crate::cloud::{CloudError, Page, PageMark};
use crate::domain::name::{ObjectKey, VersionId};
use crate::domain::object::ListedVersion;

const OPERATION: &str = "ListObjectVersions";
/// The most that S3 gives on one page.
const PAGE_ENTRIES_MAX: i32 = 1000;
/// How many pages one key may fill. A canary has one version, or a handful after a mishap.
const KEY_PAGES_MAX: usize = 5;

/// The versions and markers of exactly this key.
pub(super) async fn versions(bucket: &S3Bucket, key: &ObjectKey) -> Result<Vec<ListedVersion>, CloudError> {
    let mut found = Vec::new();
    let mut from = None;
    for _ in 0..KEY_PAGES_MAX {
        let listed = page(bucket, key.as_str(), from.as_ref()).await?;
        // Keys come in order, and this one is the first that begins with itself.
        let passed = listed.versions.iter().any(|(listed, _)| listed != key);
        found.extend(listed.versions.into_iter().filter(|(listed, _)| listed == key).map(|(_, version)| version));
        match listed.next {
            Some(next) if !passed => from = Some(next),
            _ => return Ok(found),
        }
    }
    Err(bad_answer(OPERATION, "more versions of one key than any canary can have"))
}

/// One page under a prefix.
pub(super) async fn page(bucket: &S3Bucket, prefix: &str, from: Option<&PageMark>) -> Result<Page, CloudError> {
    let request = bucket
        .client()
        .list_object_versions()
        .bucket(bucket.name())
        .prefix(prefix)
        .max_keys(PAGE_ENTRIES_MAX)
        .set_key_marker(from.map(|mark| mark.key.clone()))
        .set_version_id_marker(from.and_then(|mark| mark.version_id.clone()))
        .set_expected_bucket_owner(bucket.owner());
    bucket
        .call(OPERATION, async {
            let answer = request.send().await.map_err(|error| bucket.sort(OPERATION, error))?;
            if answer.name().is_none() && answer.request_id().is_none() {
                return Err(not_s3(OPERATION));
            }
            let next = next_mark(&answer).map_err(|what| bad_answer(OPERATION, what))?;
            if next.is_some() && next.as_ref() == from {
                return Err(bad_answer(OPERATION, "the listing does not advance"));
            }
            Ok(Page { versions: entries(answer, prefix), next })
        })
        .await
}

fn next_mark(answer: &ListObjectVersionsOutput) -> Result<Option<PageMark>, &'static str> {
    if !answer.is_truncated().unwrap_or_default() {
        return Ok(None);
    }
    let key = answer.next_key_marker().filter(|key| !key.is_empty());
    let key = key.ok_or("a truncated listing that names no next key")?;
    let version_id = answer.next_version_id_marker().filter(|id| !id.is_empty()).map(str::to_owned);
    Ok(Some(PageMark { key: key.to_owned(), version_id }))
}

/// What is listed under `prefix`. What a server lists beside it is not ours, and must never be swept.
fn entries(answer: ListObjectVersionsOutput, prefix: &str) -> Vec<(ObjectKey, ListedVersion)> {
    let versions =
        answer.versions.unwrap_or_default().into_iter().map(|entry| (entry.key, entry.version_id, entry.owner, false));
    let markers = answer
        .delete_markers
        .unwrap_or_default()
        .into_iter()
        .map(|entry| (entry.key, entry.version_id, entry.owner, true));
    versions
        .chain(markers)
        .filter_map(|(key, version_id, owner, delete_marker)| {
            let key = key.filter(|key| key.starts_with(prefix))?;
            let version_id = VersionId::new(version_id.as_deref().filter(|id| !id.is_empty()).unwrap_or("null"));
            let owner = owner.and_then(|Owner { id, .. }| id);
            Some((ObjectKey::new(&key), ListedVersion { version_id, delete_marker, owner }))
        })
        .collect()
}
