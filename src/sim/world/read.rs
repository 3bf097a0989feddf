//! Reading objects: HEAD, GET, tags.

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
        let (bucket, version, data) = self.state.find_object(access, bucket, key, version, now)?;
        Ok(self.state.view(bucket, version, data, now))
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
        let (bucket, version, data) = self.state.find_object(access, bucket, key, version, now)?;
        if matches!(data.storage_class.as_str(), "GLACIER" | "DEEP_ARCHIVE") {
            let message = "The operation is not valid for the object's storage class";
            let error = WorldError::new(403, "InvalidObjectState", message);
            return Err(error.element("StorageClass", &data.storage_class));
        }
        if let Some(key_arn) = &data.encryption.key_arn {
            let known = self.state.key_by_arn(key_arn, now);
            if known.is_some_and(|key| !self.state.may_use(&access.caller, key, "kms:Decrypt", now)) {
                let message = format!(
                    "User: {} is not authorized to perform: kms:Decrypt on this resource because the resource does not \
                     exist in this Region, no resource-based policies allow access, or a resource-based policy \
                     explicitly denies access",
                    access.caller.arn
                );
                return Err(WorldError { message, ..access_denied() });
            }
            let asked = self.state.use_key(bucket, key_arn, data.encryption.bucket_key, now);
            asked.map_err(|problem| kms_refusal(problem, key_arn))?;
        }
        Ok(self.state.view(bucket, version, data, now))
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
        self.head_object(now, access, bucket, key, version)
    }
}

/// A version, the bucket it is in, and its data.
type Found<'a> = (&'a Bucket, &'a Version, &'a std::sync::Arc<ObjectData>);

impl State {
    fn find_object(
        &self,
        access: &Access,
        bucket: &str,
        key: &str,
        version: Option<&str>,
        now: Moment,
    ) -> Result<Found<'_>> {
        let bucket = self.reach(access, bucket)?;
        let stored = match version {
            None => bucket.keys.get(key).and_then(|all| all.last()).ok_or_else(|| no_such_key(key))?,
            Some(id) => {
                check_version_id(id)?;
                bucket.version(key, id).ok_or_else(|| no_such_version(key, id))?
            }
        };
        let Some(data) = &stored.data else { return Err(is_delete_marker(key, stored, version.is_some())) };
        let enforced = *bucket.ownership.at(now) == ObjectOwnership::BucketOwnerEnforced;
        if enforced || stored.owner == access.caller.account {
            Ok((bucket, stored, data))
        } else {
            Err(access_denied())
        }
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
