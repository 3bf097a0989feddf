//! Reading objects: HEAD, GET, tags.

use super::access::Ask;
use super::bucket::{Bucket, ObjectOwnership, Versioning};
use super::moment::Moment;
use super::object::{ObjectData, ObjectView, Provenance, ReplicationStatus, Version};
use super::put::kms_refusal;
use super::refusal::{Result, access_denied, invalid_argument, no_such_key, no_such_version};
use super::state::State;
use super::version_id::is_well_formed;
use super::{Access, World, WorldError};

const DELETE_MARKER: &str = "x-amz-delete-marker";
const VERSION_ID: &str = "x-amz-version-id";

impl World {
    /// S3 `HeadObject`: asks nothing of KMS.
    ///
    /// # Errors
    /// Those of every call on a bucket; `NoSuchKey` and `NoSuchVersion` (404), `MethodNotAllowed` (405) for a delete
    /// marker, `InvalidArgument` for what is no version id, `AccessDenied` for an object of another owner.
    pub fn head_object(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<ObjectView> {
        let now = self.enter(now);
        let action = if version.is_some() { "s3:GetObjectVersion" } else { "s3:GetObject" };
        let asked = Asked { bucket, key, version, action };
        let (bucket, version, data) = self.state.find_object(access, &asked, now)?;
        Ok(self.state.shown_to(access, bucket, key, self.state.view(bucket, version, data, now), now))
    }

    /// S3 `HeadObject` with `x-amz-checksum-mode`: checksums of an object under KMS are encrypted with it, so that its
    /// key must be usable (API `HeadObject`).
    ///
    /// # Errors
    /// Those of [`World::head_object`], and KMS's as in [`World::put_object`].
    pub fn head_object_with_checksums(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<ObjectView> {
        let view = self.head_object(now, access, bucket, key, version)?;
        let now = self.enter(now);
        let bucket = self.state.reach(access, bucket, now)?;
        self.state.decrypt(access, bucket, (key, &view.data), now)?;
        Ok(view)
    }

    /// S3 `GetObject`: the same, and the object's KMS key must be usable.
    ///
    /// # Errors
    /// Those of [`World::head_object`], and KMS's as in [`World::put_object`].
    pub fn get_object(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<ObjectView> {
        let now = self.enter(now);
        let action = if version.is_some() { "s3:GetObjectVersion" } else { "s3:GetObject" };
        let asked = Asked { bucket, key, version, action };
        let (bucket, version, data) = self.state.find_object(access, &asked, now)?;
        if matches!(data.storage_class.as_str(), "GLACIER" | "DEEP_ARCHIVE") {
            let message = "The operation is not valid for the object's storage class";
            let error = WorldError::new(403, "InvalidObjectState", message);
            return Err(error.element("StorageClass", &data.storage_class));
        }
        self.state.decrypt(access, bucket, (key, data), now)?;
        Ok(self.state.shown_to(access, bucket, key, self.state.view(bucket, version, data, now), now))
    }

    /// S3 `GetObjectTagging`; tags and version id are in the view.
    ///
    /// # Errors
    /// Those of [`World::head_object`].
    pub fn object_tags(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<ObjectView> {
        let now = self.enter(now);
        let action = if version.is_some() { "s3:GetObjectVersionTagging" } else { "s3:GetObjectTagging" };
        let (bucket, version, data) = self.state.find_object(access, &Asked { bucket, key, version, action }, now)?;
        Ok(self.state.view(bucket, version, data, now))
    }
}

/// The object that a call names, and what the call wants of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) bucket: &'a str,
    pub(super) key: &'a str,
    pub(super) version: Option<&'a str>,
    pub(super) action: &'static str,
}

/// A version, the bucket it is in, and its data.
pub(super) type Found<'a> = (&'a Bucket, &'a Version, &'a std::sync::Arc<ObjectData>);

impl State {
    /// The version that a call is about. Who may not list the bucket is not told what is missing (API `HeadObject`);
    /// `s3:prefix` is the key then.
    pub(super) fn find_object(&self, access: &Access, asked: &Asked<'_>, now: Moment) -> Result<Found<'_>> {
        let Asked { key, version, action, .. } = *asked;
        let bucket = self.reach(access, asked.bucket, now)?;
        let stored = match version {
            None => bucket.keys.get(key).and_then(|all| all.last()).ok_or_else(|| no_such_key(key)),
            Some(id) => bucket.version(key, id).ok_or_else(|| no_such_version(key, id)),
        };
        let tags = stored.as_ref().map_or(&[][..], |stored| stored.tags.as_slice());
        let ask = tags.iter().fold(Ask::on(action, key).version(version), |ask, tag| {
            ask.with(format!("s3:ExistingObjectTag/{}", tag.key), Some(tag.value.as_str()))
        });
        self.allow(access, bucket, &ask, now)?;
        version.map_or(Ok(()), check_version_id)?;
        let is_there = stored.as_ref().is_ok_and(|stored| stored.data.is_some() || version.is_some());
        if !is_there {
            self.allow(access, bucket, &Ask::new("s3:ListBucket").with("s3:prefix", Some(key)), now)?;
        }
        let stored = stored?;
        let Some(data) = &stored.data else { return Err(is_delete_marker(key, stored, version.is_some())) };
        let enforced = *bucket.ownership.at(now) == ObjectOwnership::BucketOwnerEnforced;
        if enforced || stored.owner == access.caller.account {
            Ok((bucket, stored, data))
        } else {
            Err(access_denied())
        }
    }

    /// Asks KMS to decrypt an object for the caller, where it is under KMS.
    fn decrypt(&self, access: &Access, bucket: &Bucket, (key, data): (&str, &ObjectData), now: Moment) -> Result<()> {
        let Some(key_arn) = &data.encryption.key_arn else { return Ok(()) };
        self.allow_key(access, bucket, (key, &data.encryption), "kms:Decrypt", now)?;
        // Whoever reads again and again has fetched the bucket-level key; a read leaves no trace in the journal that
        // could say so, and makes do with anybody's.
        if data.encryption.bucket_key && self.anybody_holds_bucket_key(bucket, key_arn, now) {
            return Ok(());
        }
        let asked = self.use_key(bucket, access.caller.requester(), key_arn, data.encryption.bucket_key, now);
        asked.map(|_| ()).map_err(|problem| kms_refusal(problem, key_arn))
    }

    /// The view without the lock, where the caller may not know of it.
    fn shown_to(&self, access: &Access, bucket: &Bucket, key: &str, mut view: ObjectView, now: Moment) -> ObjectView {
        let may = |action| self.allow(access, bucket, &Ask::on(action, key), now).is_ok();
        view.lock.retention = view.lock.retention.filter(|_| may("s3:GetObjectRetention"));
        view.lock.legal_hold = view.lock.legal_hold.filter(|_| may("s3:GetObjectLegalHold"));
        view
    }

    pub(super) fn view(
        &self,
        bucket: &Bucket,
        version: &Version,
        data: &std::sync::Arc<ObjectData>,
        now: Moment,
    ) -> ObjectView {
        let versioned = self.versioning(bucket, now) != Versioning::Unversioned;
        ObjectView {
            version_id: versioned.then(|| version.id.clone()),
            last_modified: version.last_modified,
            owner: bucket.owner_of(version, now).to_owned(),
            replication_status: match version.provenance {
                Provenance::Replica => Some(ReplicationStatus::Replica),
                Provenance::Written(record) => self.ledger.record(record).status(now),
            },
            tags: version.tags.clone(),
            lock: version.lock,
            data: data.clone(),
        }
    }
}

impl Bucket {
    /// The version of that id.
    pub(super) fn version(&self, key: &str, id: &str) -> Option<&Version> {
        self.keys.get(key)?.iter().rev().find(|version| version.id == id)
    }

    /// The data of the current version, unless that is a delete marker.
    pub(super) fn current(&self, key: &str) -> Option<&ObjectData> {
        self.keys.get(key)?.last()?.data.as_deref()
    }

    /// Who owns a version: under BucketOwnerEnforced the bucket's owner owns everything.
    pub(super) fn owner_of<'a>(&'a self, version: &'a Version, now: Moment) -> &'a str {
        match self.ownership.at(now) {
            ObjectOwnership::BucketOwnerEnforced => &self.info.account,
            ObjectOwnership::BucketOwnerPreferred | ObjectOwnership::ObjectWriter => &version.owner,
        }
    }
}

/// Whether S3 would look for such a version id at all.
pub(super) fn check_version_id(id: &str) -> Result<()> {
    if id.is_empty() {
        return Err(invalid_argument("Version id cannot be the empty string", "versionId", id));
    }
    if is_well_formed(id) { Ok(()) } else { Err(invalid_argument("Invalid version id specified", "versionId", id)) }
}

fn is_delete_marker(key: &str, marker: &Version, asked_for: bool) -> WorldError {
    let error = if asked_for {
        let message = "The specified method is not allowed against this resource.";
        WorldError::new(405, "MethodNotAllowed", message)
            .element("Method", "GET")
            .element("ResourceType", "DeleteMarker")
            .header("allow", "DELETE")
            .header("last-modified", http_date(marker.last_modified))
    } else {
        no_such_key(key)
    };
    error.header(DELETE_MARKER, "true").header(VERSION_ID, &marker.id)
}

/// An HTTP date (RFC 9110, 5.6.7).
fn http_date(at: Moment) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = at.to_string();
    let (year, month, day, time) = (&text[..4], &text[5..7], &text[8..10], &text[11..19]);
    let weekday = DAYS[usize::try_from(at.seconds() / 86_400 % 7).unwrap_or_default()];
    let month = MONTHS[month.parse::<usize>().unwrap_or(1).saturating_sub(1) % 12];
    format!("{weekday}, {day} {month} {year} {time} GMT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_as_http_wants_them() {
        assert_eq!(http_date(Moment::from_micros(784_111_777_000_000)), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(http_date(Moment::default()), "Thu, 01 Jan 1970 00:00:00 GMT");
    }
}
