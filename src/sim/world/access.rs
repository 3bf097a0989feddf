//! Who makes an S3 call and how, and whether the policies on both sides let that caller do it.

use std::borrow::Cow;

use super::bucket::{Bucket, BucketInfo};
use super::identity::Caller;
use super::moment::Moment;
use super::object::ObjectEncryption;
use super::permission::{Call, Guard};
use super::policy::Policy;
use super::refusal::{Result, access_denied, no_such_bucket};
use super::state::State;
use super::{World, WorldError};

pub(super) const BUCKET_REGION: &str = "x-amz-bucket-region";
/// What `aws:SourceIp` holds: every caller of a simulator is a neighbour.
const SOURCE_IP: &str = "127.0.0.1";

/// The context of an S3 call: who makes it, through which Region's endpoint, and what its headers say about it.
#[derive(Clone, Debug)]
pub struct Access {
    /// The authenticated caller.
    pub caller: Caller,
    /// Region of the signature.
    pub region: String,
    /// `x-amz-expected-bucket-owner`.
    pub expected_owner: Option<String>,
    /// `x-amz-request-payer: requester`.
    pub pays: bool,
    /// `x-amz-mfa`; the code itself is not verified.
    pub mfa: bool,
    /// `x-amz-bypass-governance-retention: true`.
    pub bypasses_governance: bool,
}

impl Access {
    /// A call without any of the headers.
    pub const fn of(caller: Caller, region: String) -> Self {
        Self { caller, region, expected_owner: None, pays: false, mfa: false, bypasses_governance: false }
    }

    /// The root of an account, calling through a Region's endpoint.
    pub fn of_root(world: &World, account: &str, region: &str) -> Self {
        let nobody = Caller { account: account.to_owned(), arn: String::new(), user_id: String::new(), role: None };
        Self::of(world.root(account).unwrap_or(nobody), region.to_owned())
    }
}

/// What a caller asks of a bucket or of an object in it: an action and the condition keys that come with it.
#[derive(Clone, Debug)]
pub(super) struct Ask<'a> {
    action: &'static str,
    key: Option<&'a str>,
    context: Vec<(Cow<'static, str>, Cow<'a, str>)>,
}

impl<'a> Ask<'a> {
    /// An action on the bucket itself.
    pub(super) const fn new(action: &'static str) -> Self {
        Self { action, key: None, context: Vec::new() }
    }

    /// An action on an object.
    pub(super) const fn on(action: &'static str, key: &'a str) -> Self {
        Self { action, key: Some(key), context: Vec::new() }
    }

    /// The same with one more condition key, where the request has a value for it.
    #[must_use]
    pub(super) fn with<V: Into<Cow<'a, str>>>(mut self, name: impl Into<Cow<'static, str>>, value: Option<V>) -> Self {
        self.context.extend(value.map(|value| (name.into(), value.into())));
        self
    }

    /// The action on one version, where a version is named.
    #[must_use]
    pub(super) fn version(self, id: Option<&'a str>) -> Self {
        self.with("s3:VersionId", id)
    }

    fn resource(&self, bucket: &str) -> String {
        match self.key {
            None => format!("arn:aws:s3:::{bucket}"),
            Some(key) => format!("arn:aws:s3:::{bucket}/{key}"),
        }
    }

    /// Whether a Deny in the bucket's policy leaves the owner's root this way out (API `DeleteBucketPolicy`).
    fn is_kept_for_root(&self) -> bool {
        matches!(self.action, "s3:GetBucketPolicy" | "s3:PutBucketPolicy" | "s3:DeleteBucketPolicy")
    }
}

impl State {
    /// The bucket, if it is there, is addressed through its own Region, and lets this caller do this.
    pub(super) fn admit(&self, access: &Access, name: &str, ask: &Ask<'_>, at: Moment) -> Result<&Bucket> {
        let bucket = self.reach(access, name, at)?;
        self.allow(access, bucket, ask, at)?;
        Ok(bucket)
    }

    /// The same through the endpoint of any Region.
    pub(super) fn admit_from_anywhere(
        &self,
        access: &Access,
        name: &str,
        ask: &Ask<'_>,
        at: Moment,
    ) -> Result<&Bucket> {
        let bucket = self.bucket(name).ok_or_else(|| no_such_bucket(name))?;
        check_terms(access, bucket, at)?;
        self.allow(access, bucket, ask, at)?;
        Ok(bucket)
    }

    /// The bucket, whatever the caller wants of it.
    pub(super) fn reach(&self, access: &Access, name: &str, at: Moment) -> Result<&Bucket> {
        let bucket = self.bucket(name).ok_or_else(|| no_such_bucket(name))?;
        if access.region != bucket.info.region {
            return Err(super::buckets::wrong_region(&bucket.info, &access.region));
        }
        check_terms(access, bucket, at)?;
        Ok(bucket)
    }

    /// Whether identity policies and bucket policy let the caller do this.
    pub(super) fn allow(&self, access: &Access, bucket: &Bucket, ask: &Ask<'_>, at: Moment) -> Result<()> {
        let caller = &access.caller;
        let is_owner = caller.account == bucket.info.account;
        let is_root = caller.role.is_none();
        // By far the most calls: nothing could forbid them.
        if is_owner && is_root && (bucket.policy.at(at).is_none() || ask.is_kept_for_root()) {
            return Ok(());
        }
        let restricts = self.blocked_at(bucket, at).restrict_public_buckets;
        if !is_owner && restricts && bucket.policy.at(at).as_ref().is_some_and(Policy::is_public) {
            return Err(denied(bucket));
        }
        let resource = ask.resource(&bucket.info.name);
        let mut context = vec![("aws:RequestedRegion", &*bucket.info.region), ("aws:SourceIp", SOURCE_IP)];
        context.extend([("s3:ResourceAccount", &*bucket.info.account), ("s3:signatureversion", "AWS4-HMAC-SHA256")]);
        context.extend(ask.context.iter().map(|(name, value)| (&**name, &**value)));
        let guard = bucket.policy.at(at).as_ref().map_or(Guard::None, Guard::Policy);
        let (action, owner) = (ask.action, bucket.info.account.as_str());
        let call = Call { caller, action, resource: &resource, owner, context: &context, guard, at };
        self.authorize(&call).map_err(|refused| {
            // Within one account S3 says what is missing; to others it says nothing.
            if !is_owner {
                return denied(bucket);
            }
            let quoted = format!("\"{resource}\"");
            WorldError { message: refused.message(&Call { resource: &quoted, ..call }), ..denied(bucket) }
        })
    }

    /// Whether the caller may do in its own account what no resource guards: list buckets, make one, pass a role.
    ///
    /// # Errors
    /// `AccessDenied`.
    pub(super) fn allow_in_account(&self, caller: &Caller, action: &str, resource: &str, at: Moment) -> Result<()> {
        let owner = caller.account.as_str();
        let call = Call { caller, action, resource, owner, context: &[], guard: Guard::None, at };
        self.authorize(&call).map_err(|refused| refused.access_denied(&call))
    }

    /// Whether KMS lets the caller use a key through S3, for an object of this bucket. While S3 holds a bucket-level
    /// key KMS is not asked, whoever calls (S3 User Guide, "Reducing the cost of SSE-KMS with Amazon S3 Bucket Keys").
    ///
    /// # Errors
    /// `AccessDenied`. A key that does not exist is nobody's to forbid.
    pub(super) fn allow_key(
        &self,
        access: &Access,
        bucket: &Bucket,
        (object, encryption): (&str, &ObjectEncryption),
        action: &str,
        at: Moment,
    ) -> Result<()> {
        let known = encryption.key_arn.as_deref().and_then(|key_arn| self.key_by_arn(key_arn, at));
        let Some(key) = known else { return Ok(()) };
        if self.holds_bucket_key(bucket, access.caller.requester(), &key.info.arn, encryption.bucket_key, at) {
            return Ok(());
        }
        let BucketInfo { name, region, .. } = &bucket.info;
        // With a Bucket Key the context is the bucket's ARN (S3 User Guide, "Encryption context").
        let arn = match encryption.bucket_key {
            true => format!("arn:aws:s3:::{name}"),
            false => format!("arn:aws:s3:::{name}/{object}"),
        };
        let service = format!("s3.{region}.amazonaws.com");
        let context = [
            ("kms:ViaService", service.as_str()),
            ("kms:EncryptionContext:aws:s3:arn", &arn),
            ("kms:EncryptionContextKeys", "aws:s3:arn"),
            ("aws:RequestedRegion", region),
        ];
        self.authorize_key(&access.caller, key, action, &context, at).map_err(|refused| {
            let message = if access.caller.account == key.info.account {
                refused.message
            } else {
                format!(
                    "User: {} is not authorized to perform: {action} on this resource because the resource does not \
                     exist in this Region, no resource-based policies allow access, or a resource-based policy \
                     explicitly denies access",
                    access.caller.arn
                )
            };
            WorldError { message, ..access_denied() }
        })
    }
}

/// The terms that the request itself sets, or fails to accept.
fn check_terms(access: &Access, bucket: &Bucket, at: Moment) -> Result<()> {
    let owner = &bucket.info.account;
    let expected = access.expected_owner.as_ref().is_none_or(|expected| expected == owner);
    let paid = access.caller.account == *owner || access.pays || !*bucket.requester_pays.at(at);
    if expected && paid { Ok(()) } else { Err(denied(bucket)) }
}

fn denied(bucket: &Bucket) -> WorldError {
    access_denied().header(BUCKET_REGION, &bucket.info.region)
}
