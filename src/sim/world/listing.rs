//! Listing objects and versions, page by page.

use std::sync::Arc;

use super::access::Ask;
use super::bucket::Bucket;
use super::moment::Moment;
use super::object::{ObjectData, ObjectView, Version};
use super::read::check_version_id;
use super::refusal::{Result, invalid_argument};
use super::{Access, World, version_id};
use crate::sim::random::hex;

const PAGE_MAX: usize = 1000;

/// What `ListObjectVersions` asks.
#[derive(Clone, Debug, Default)]
pub struct ListVersions {
    /// Only keys that begin with this.
    pub prefix: String,
    /// Roll keys up to the next occurrence of this.
    pub delimiter: Option<String>,
    /// Begin after this key.
    pub key_marker: Option<String>,
    /// Begin after this version of `key_marker`.
    pub version_id_marker: Option<String>,
    /// At most this many entries and common prefixes, 1000 when absent and at most.
    pub max_keys: Option<usize>,
}

/// One row of `ListObjectVersions`.
#[derive(Clone, Debug)]
pub struct VersionEntry {
    /// Key of the object.
    pub key: String,
    /// `null` for null versions.
    pub version_id: String,
    /// Whether it is the newest of its key.
    pub is_latest: bool,
    /// When it was written at its source.
    pub last_modified: Moment,
    /// Account that owns it.
    pub owner: String,
    /// `None` for a delete marker.
    pub object: Option<Arc<ObjectData>>,
}

/// A page of `ListObjectVersions`.
#[derive(Clone, Debug, Default)]
pub struct VersionPage {
    /// By key, then newest first.
    pub entries: Vec<VersionEntry>,
    /// Rolled-up prefixes, in order.
    pub common_prefixes: Vec<String>,
    /// More follows.
    pub truncated: bool,
    /// Where the next page begins, when truncated.
    pub next_key_marker: Option<String>,
    /// Where the next page begins, when truncated after a version.
    pub next_version_id_marker: Option<String>,
}

/// What `ListObjectsV2` asks.
#[derive(Clone, Debug, Default)]
pub struct ListObjects {
    /// Only keys that begin with this.
    pub prefix: String,
    /// Roll keys up to the next occurrence of this.
    pub delimiter: Option<String>,
    /// Begin after this key.
    pub start_after: Option<String>,
    /// `NextContinuationToken` of the page before.
    pub continuation_token: Option<String>,
    /// At most this many entries and common prefixes, 1000 when absent and at most.
    pub max_keys: Option<usize>,
}

/// A page of `ListObjectsV2`.
#[derive(Clone, Debug, Default)]
pub struct ObjectPage {
    /// Key and current version of each object.
    pub entries: Vec<(String, ObjectView)>,
    /// Rolled-up prefixes, in order.
    pub common_prefixes: Vec<String>,
    /// More follows.
    pub truncated: bool,
    /// What to send to get the next page, when truncated.
    pub next_continuation_token: Option<String>,
}

impl World {
    /// S3 `ListObjectVersions`: by key, then newest first.
    ///
    /// # Errors
    /// Those of every call on a bucket; `InvalidArgument` for markers that make no sense.
    pub fn list_versions(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        request: &ListVersions,
    ) -> Result<VersionPage> {
        let now = self.enter(now);
        let ask = list_ask("s3:ListBucketVersions", &request.prefix, request.delimiter.as_deref(), request.max_keys);
        let bucket = self.state.admit(access, bucket, &ask, now)?;
        let seed = self.state.physics.seed;
        let marker = request.key_marker.as_deref().unwrap_or_default();
        let version_marker = request.version_id_marker.as_deref().filter(|id| !id.is_empty());
        if let Some(id) = version_marker {
            if marker.is_empty() {
                let message = "A version-id marker cannot be specified without a key marker.";
                return Err(invalid_argument(message, "version-id-marker", id));
            }
            check_version_id(id)?;
        }
        let mut page = VersionPage::default();
        let mut roll = Roll::new(&request.prefix, request.delimiter.as_deref(), request.max_keys);
        if roll.room == 0 {
            return Ok(page);
        }
        let mut last = (String::new(), None);
        for (key, versions) in keys_from(bucket, &request.prefix, marker) {
            // Of the marker's own key only what is older than the marker's version is left.
            let before = match version_marker {
                Some(id) if key == marker => sequence_of(versions, id, seed),
                Some(_) | None if key == marker => continue,
                Some(_) | None => u64::MAX,
            };
            if let Some(group) = roll.group(key) {
                if marker.starts_with(&group) || roll.last.as_ref() == Some(&group) {
                    continue;
                }
                if !roll.take() {
                    page.truncated = true;
                    break;
                }
                last = (group.clone(), None);
                page.common_prefixes.push(group.clone());
                roll.last = Some(group);
                continue;
            }
            for (age, version) in versions.iter().rev().enumerate().filter(|(_, version)| version.sequence < before) {
                if !roll.take() {
                    page.truncated = true;
                    break;
                }
                page.entries.push(entry(bucket, key, version, age == 0, now));
                last = (key.clone(), Some(version.id.clone()));
            }
            if page.truncated {
                break;
            }
        }
        if page.truncated {
            page.next_key_marker = Some(last.0);
            page.next_version_id_marker = last.1;
        }
        Ok(page)
    }

    /// S3 `ListObjectsV2`: current versions by key, without those that are delete markers.
    ///
    /// # Errors
    /// Those of every call on a bucket; `InvalidArgument` for a token that S3 did not give.
    pub fn list_objects(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        request: &ListObjects,
    ) -> Result<ObjectPage> {
        let now = self.enter(now);
        let ask = list_ask("s3:ListBucket", &request.prefix, request.delimiter.as_deref(), request.max_keys);
        let bucket = self.state.admit(access, bucket, &ask, now)?;
        let from_token = request.continuation_token.as_deref().map(from_token).transpose()?;
        let marker = from_token.as_deref().or(request.start_after.as_deref()).unwrap_or_default();
        let mut page = ObjectPage::default();
        let mut roll = Roll::new(&request.prefix, request.delimiter.as_deref(), request.max_keys);
        if roll.room == 0 {
            return Ok(page);
        }
        let mut last = String::new();
        for (key, versions) in keys_from(bucket, &request.prefix, marker).filter(|(key, _)| *key != marker) {
            let Some((version, data)) = versions.last().and_then(|version| Some((version, version.data.as_ref()?)))
            else {
                continue;
            };
            let group = roll.group(key);
            if let Some(group) = &group
                && (marker.starts_with(group) || roll.last.as_ref() == Some(group))
            {
                continue;
            }
            if !roll.take() {
                page.truncated = true;
                page.next_continuation_token = Some(hex(last.as_bytes()));
                break;
            }
            if let Some(group) = group {
                last.clone_from(&group);
                page.common_prefixes.push(group.clone());
                roll.last = Some(group);
            } else {
                last.clone_from(key);
                page.entries.push((key.clone(), self.state.view(bucket, version, data, now)));
            }
        }
        Ok(page)
    }

    /// Everything that is in a bucket, delete markers included; nothing for a bucket that does not exist.
    pub fn contents(&mut self, now: Moment, bucket: &str) -> Vec<VersionEntry> {
        let now = self.enter(now);
        let Some(bucket) = self.state.bucket(bucket) else { return Vec::new() };
        let rows = bucket.keys.iter().flat_map(|(key, versions)| {
            let newest_first = versions.iter().rev().enumerate();
            newest_first.map(move |(age, version)| entry(bucket, key, version, age == 0, now))
        });
        rows.collect()
    }
}

fn list_ask<'a>(action: &'static str, prefix: &'a str, delimiter: Option<&'a str>, max: Option<usize>) -> Ask<'a> {
    let max = max.map(|max| max.to_string());
    Ask::new(action).with("s3:prefix", Some(prefix)).with("s3:delimiter", delimiter).with("s3:max-keys", max)
}

/// Counts what a page may still take, and rolls keys up at a delimiter.
struct Roll<'a> {
    prefix: &'a str,
    delimiter: Option<&'a str>,
    room: usize,
    last: Option<String>,
}

impl<'a> Roll<'a> {
    fn new(prefix: &'a str, delimiter: Option<&'a str>, max_keys: Option<usize>) -> Self {
        let delimiter = delimiter.filter(|delimiter| !delimiter.is_empty());
        Self { prefix, delimiter, room: max_keys.unwrap_or(PAGE_MAX).min(PAGE_MAX), last: None }
    }

    /// The common prefix that a key disappears in.
    fn group(&self, key: &str) -> Option<String> {
        let delimiter = self.delimiter?;
        let end = self.prefix.len() + key.get(self.prefix.len()..)?.find(delimiter)? + delimiter.len();
        Some(key[..end].to_owned())
    }

    fn take(&mut self) -> bool {
        let has_room = self.room > 0;
        self.room = self.room.saturating_sub(1);
        has_room
    }
}

fn keys_from<'a>(
    bucket: &'a Bucket,
    prefix: &'a str,
    marker: &str,
) -> impl Iterator<Item = (&'a String, &'a Vec<Version>)> {
    let from = if marker > prefix { marker } else { prefix };
    bucket.keys.range(from.to_owned()..).take_while(move |(key, _)| key.starts_with(prefix))
}

/// Order of the version that a page ended with. It may be deleted since: emptying a bucket page by page must work.
fn sequence_of(versions: &[Version], id: &str, seed: u64) -> u64 {
    let stored = versions.iter().find(|version| version.id == id).map(|version| version.sequence);
    stored.or_else(|| version_id::decode(seed, id)).unwrap_or(u64::MAX)
}

fn entry(bucket: &Bucket, key: &str, version: &Version, is_latest: bool, now: Moment) -> VersionEntry {
    VersionEntry {
        key: key.to_owned(),
        version_id: version.id.clone(),
        is_latest,
        last_modified: version.last_modified,
        owner: bucket.owner_of(version, now).to_owned(),
        object: version.data.clone(),
    }
}

fn from_token(token: &str) -> Result<String> {
    let wrong = || invalid_argument("The continuation token provided is incorrect", "continuation-token", token);
    let digits: Option<Vec<u8>> =
        token.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let bytes = digits.ok_or_else(wrong)?.chunks(2).map(|pair| pair.iter().fold(0, |byte, d| byte << 4 | d)).collect();
    String::from_utf8(bytes).map_err(|_| wrong())
}
