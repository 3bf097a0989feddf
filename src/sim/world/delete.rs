//! Deleting objects, by version or with a marker.

use super::access::Ask;
use super::bucket::Versioning;
use super::journal::Change;
use super::locks::held;
use super::moment::Moment;
use super::object::DeleteOutcome;
use super::read::check_version_id;
use super::refusal::Result;
use super::versioning::check_mfa;
use super::{Access, World, version_id};

impl World {
    /// S3 `DeleteObject`. With a version id that version goes for good, here only: this never replicates. Without one
    /// the bucket gets a delete marker, or, where versioning was never on, loses the object. Deleting what does not
    /// exist succeeds.
    ///
    /// # Errors
    /// Those of every call on a bucket; `InvalidArgument` for what is no version id; `AccessDenied` for a version that
    /// Object Lock holds, and without MFA where MFA Delete is on.
    pub fn delete_object(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<DeleteOutcome> {
        let now = self.enter(now);
        let action = if version.is_some() { "s3:DeleteObjectVersion" } else { "s3:DeleteObject" };
        let ask = Ask::on(action, key).version(version);
        let target = self.state.admit(access, bucket, &ask, now)?;
        let versioning = self.state.versioning(target, now);
        let versioned = versioning != Versioning::Unversioned;
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        if let Some(id) = version {
            check_version_id(id)?;
            check_mfa(target, access, now)?;
            let found = target.version(&key, id);
            let bypasses = || self.state.bypasses(access, &bucket, &key, now);
            if found.is_some_and(|version| version.lock.holds(now, false) && version.lock.holds(now, bypasses())) {
                return Err(held());
            }
            let found = found.map(|version| version.data.is_none());
            let version = id.to_owned();
            if found.is_some() {
                self.commit(now, Change::VersionDeleted { bucket, key, version: version.clone() });
            }
            return Ok(DeleteOutcome {
                version_id: Some(version).filter(|_| versioned),
                delete_marker: found.unwrap_or(false),
            });
        }
        if !versioned {
            if target.version(&key, version_id::NULL).is_some() {
                self.commit(now, Change::VersionDeleted { bucket, key, version: version_id::NULL.to_owned() });
            }
            return Ok(DeleteOutcome::default());
        }
        let owner = access.caller.account.clone();
        self.commit(now, Change::MarkerMade { bucket: bucket.clone(), key: key.clone(), owner });
        let marker = self.state.buckets.get(&bucket).and_then(|bucket| bucket.keys.get(&key)?.last());
        Ok(DeleteOutcome { version_id: marker.map(|marker| marker.id.clone()), delete_marker: true })
    }
}
