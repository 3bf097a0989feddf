//! Making, finding and removing buckets.

use super::access::{Ask, BUCKET_REGION};
use super::bucket::{Bucket, BucketInfo, ObjectOwnership};
use super::identity::Caller;
use super::journal::Change;
use super::moment::Moment;
use super::refusal::Result;
use super::{Access, World, WorldError, arn};

/// Calls of S3 on buckets as a whole.
impl World {
    /// S3 `CreateBucket`; `location` is the LocationConstraint.
    ///
    /// # Errors
    /// `InvalidBucketName`, `BucketAlreadyExists`, `BucketAlreadyOwnedByYou`, `IllegalLocationConstraintException`,
    /// `InvalidLocationConstraint`.
    pub fn create_bucket(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        location: Option<&str>,
        ownership: Option<ObjectOwnership>,
    ) -> Result<()> {
        self.make_bucket(now, access, bucket, location, ownership, false)
    }

    /// S3 `CreateBucket` with `x-amz-bucket-object-lock-enabled`: Object Lock and versioning are on from the start.
    ///
    /// # Errors
    /// Those of [`World::create_bucket`].
    pub fn create_locked_bucket(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        location: Option<&str>,
        ownership: Option<ObjectOwnership>,
    ) -> Result<()> {
        self.make_bucket(now, access, bucket, location, ownership, true)
    }

    fn make_bucket(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        location: Option<&str>,
        ownership: Option<ObjectOwnership>,
        with_lock: bool,
    ) -> Result<()> {
        let now = self.enter(now);
        let region = bucket_region(access, location)?;
        if !is_bucket_name(bucket) {
            let error = WorldError::new(400, "InvalidBucketName", "The specified bucket is not valid.");
            return Err(error.element("BucketName", bucket));
        }
        let arn = format!("arn:aws:s3:::{bucket}");
        self.state.allow_in_account(&access.caller, "s3:CreateBucket", &arn, now)?;
        if let Some(existing) = self.state.buckets.get(bucket) {
            let is_legacy = region == LEGACY_REGION && existing.info.region == region;
            return match existing.info.account == access.caller.account {
                true if is_legacy => Ok(()),
                own => Err(bucket_exists(existing, own)),
            };
        }
        let (name, account) = (bucket.to_owned(), access.caller.account.clone());
        let ownership = ownership.unwrap_or_default();
        self.commit(now, Change::BucketCreated { name, account, region, ownership, with_lock });
        Ok(())
    }

    /// S3 `DeleteBucket`.
    ///
    /// # Errors
    /// `BucketNotEmpty` while a version or delete marker is in it, and those of every call on a bucket.
    pub fn delete_bucket(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<()> {
        let now = self.enter(now);
        if !self.state.admit(access, bucket, &Ask::new("s3:DeleteBucket"), now)?.keys.is_empty() {
            let message = "The bucket you tried to delete is not empty. You must delete all versions in the bucket.";
            return Err(WorldError::new(409, "BucketNotEmpty", message).element("BucketName", bucket));
        }
        self.commit(now, Change::BucketDeleted { name: bucket.to_owned() });
        Ok(())
    }

    /// S3 `HeadBucket`, and the check behind every call that needs no more than the bucket.
    ///
    /// # Errors
    /// `NoSuchBucket`, `PermanentRedirect` (301) and `AuthorizationHeaderMalformed` (400) through another Region's
    /// endpoint, `AccessDenied`; all but the first with `x-amz-bucket-region`.
    pub fn bucket(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<BucketInfo> {
        self.read(now, access, bucket, &Ask::new("s3:ListBucket"), |bucket, _| bucket.info.clone())
    }

    /// S3 `GetBucketLocation`: the same through the endpoint of any Region.
    ///
    /// # Errors
    /// `NoSuchBucket`, `AccessDenied`.
    pub fn bucket_location(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<BucketInfo> {
        let now = self.enter(now);
        let ask = Ask::new("s3:GetBucketLocation");
        self.state.admit_from_anywhere(access, bucket, &ask, now).map(|bucket| bucket.info.clone())
    }

    /// S3 `ListBuckets`: the caller's own, by name.
    ///
    /// # Errors
    /// `AccessDenied`.
    pub fn buckets(&mut self, now: Moment, caller: &Caller) -> Result<Vec<BucketInfo>> {
        let now = self.enter(now);
        self.state.allow_in_account(caller, "s3:ListAllMyBuckets", "arn:aws:s3:::*", now)?;
        let names = self.state.buckets.keys();
        let visible = names.filter_map(|name| self.state.bucket(name));
        Ok(visible.map(|bucket| &bucket.info).filter(|info| info.account == caller.account).cloned().collect())
    }
}

/// Here making one's own bucket again succeeds, and every other Region's bucket can be made (API `CreateBucket`).
const LEGACY_REGION: &str = "us-east-1";

pub(super) fn wrong_region(bucket: &BucketInfo, used: &str) -> WorldError {
    let BucketInfo { name, region, .. } = bucket;
    let error = if used == LEGACY_REGION {
        let message =
            format!("The authorization header is malformed; the region '{used}' is wrong; expecting '{region}'");
        WorldError::new(400, "AuthorizationHeaderMalformed", message).element("Region", region)
    } else {
        let message = "The bucket you are attempting to access must be addressed using the specified endpoint. Please \
                       send all future requests to this endpoint.";
        WorldError::new(301, "PermanentRedirect", message)
            .element("Endpoint", format!("{name}.s3.{region}.amazonaws.com"))
            .element("Bucket", name)
    };
    error.header(BUCKET_REGION, region)
}

fn bucket_region(access: &Access, location: Option<&str>) -> Result<String> {
    let incompatible = |what: &str| {
        let message = format!(
            "The {what} location constraint is incompatible for the region specific endpoint this request was sent to."
        );
        WorldError::new(400, "IllegalLocationConstraintException", message)
    };
    match location.map(|location| if location == "EU" { "eu-west-1" } else { location }) {
        None if access.region == LEGACY_REGION => Ok(access.region.clone()),
        None => Err(incompatible("unspecified")),
        Some(wanted) if wanted == LEGACY_REGION || !arn::is_region(wanted) => {
            let message = "The specified location-constraint is not valid";
            let error = WorldError::new(400, "InvalidLocationConstraint", message);
            Err(error.element("LocationConstraint", wanted))
        }
        Some(wanted) if access.region == LEGACY_REGION || access.region == wanted => Ok(wanted.to_owned()),
        Some(wanted) => Err(incompatible(wanted)),
    }
}

/// The rules for general purpose buckets (S3 User Guide, "Bucket naming rules").
fn is_bucket_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.' || byte == b'-';
    let is_edge = |byte: &u8| byte.is_ascii_alphanumeric();
    let bytes = name.as_bytes();
    (3..=63).contains(&name.len())
        && name.bytes().all(allowed)
        && bytes.first().is_some_and(is_edge)
        && bytes.last().is_some_and(is_edge)
        && !name.contains("..")
        && name.parse::<std::net::Ipv4Addr>().is_err()
        && !["xn--", "sthree-", "amzn-s3-demo-"].iter().any(|prefix| name.starts_with(prefix))
        && !["-s3alias", "--ol-s3", ".mrap", "--x-s3"].iter().any(|suffix| name.ends_with(suffix))
}

fn bucket_exists(existing: &Bucket, own: bool) -> WorldError {
    let (code, message) = if own {
        (
            "BucketAlreadyOwnedByYou",
            "Your previous request to create the named bucket succeeded and you already own it.",
        )
    } else {
        (
            "BucketAlreadyExists",
            "The requested bucket name is not available. The bucket namespace is shared by all users of the system. \
             Please select a different name and try again.",
        )
    };
    WorldError::new(409, code, message).element("BucketName", &existing.info.name)
}

#[cfg(test)]
mod tests {
    use super::is_bucket_name;

    #[test]
    fn bucket_names_obey_the_rules() {
        for right in ["abc", "my-source-bucket-account-a", "a.b-c.1"] {
            assert!(is_bucket_name(right), "{right}");
        }
        let long = "a".repeat(64);
        for wrong in ["ab", "Abc", "-abc", "abc-", "a..b", "1.2.3.4", "xn--abc", "abc-s3alias", "a_b", "", &long] {
            assert!(!is_bucket_name(wrong), "{wrong}");
        }
    }
}
