//! Writing objects.

use std::sync::Arc;

use md5::{Digest, Md5};

use super::access::Ask;
use super::binding::Written;
use super::bucket::{Algorithm, Bucket, BucketEncryption, ObjectOwnership, Versioning};
use super::journal::Change;
use super::key::KeyProblem;
use super::locks::check_lock;
use super::moment::Moment;
use super::object::{ObjectData, ObjectEncryption, PutObject, PutOutcome};
use super::refusal::{Result, invalid_argument, no_such_key};
use super::state::State;
use super::validate::{check_tags, is_storage_class};
use super::{Access, World, WorldError, arn, version_id};
use crate::sim::random::hex;

const METADATA_BYTES_MAX: usize = 2048;
const KEY_BYTES_MAX: usize = 1024;
const TAGS_MAX: usize = 10;

impl World {
    /// S3 `PutObject`. Without encryption headers the bucket's default encryption applies.
    ///
    /// # Errors
    /// Those of every call on a bucket; `PreconditionFailed`; `KMS.NotFoundException`, `KMS.DisabledException` and
    /// `KMS.KMSInvalidStateException` (400); `InvalidArgument` and its kin for what S3 does not take.
    pub fn put_object(&mut self, now: Moment, access: &Access, bucket: &str, request: PutObject) -> Result<PutOutcome> {
        let now = self.enter(now);
        let target = self.state.reach(access, bucket, now)?;
        self.state.allow_put(access, target, &request, now)?;
        check_form(&request)?;
        check_lock(target, &request.lock, now)?;
        check_acl(target, &request, now)?;
        check_preconditions(target, &request)?;
        let versioned = self.state.versioning(target, now) != Versioning::Unversioned;
        let encryption = self.encryption_of(now, access, bucket, &request)?;
        self.ask_kms(now, access, (bucket, &request.key), &encryption)?;
        let sequence = self.state.sequence + 1;
        let etag = if encryption.algorithm.uses_kms() {
            hex(&self.state.draw(&["etag", &sequence.to_string()]).bytes::<16>())
        } else {
            hex(&Md5::digest(&request.body))
        };
        let outcome = PutOutcome { version_id: None, etag: etag.clone(), encryption: encryption.clone() };
        let PutObject { key, body, metadata, system, tags, storage_class, checksums, lock, .. } = request;
        let storage_class = storage_class.unwrap_or_else(|| "STANDARD".to_owned());
        let data = Arc::new(ObjectData { body, etag, metadata, system, storage_class, encryption, checksums });
        let (bucket, owner) = (bucket.to_owned(), access.caller.account.clone());
        let requester = access.caller.requester().to_owned();
        let written = Written { owner, requester, tags, lock, data: Some(data) };
        self.commit(now, Change::ObjectWritten { bucket: bucket.clone(), key: key.clone(), written });
        let newest =
            self.state.buckets.get(&bucket).and_then(|bucket| bucket.keys.get(&key)).and_then(|all| all.last());
        let version_id = newest.map(|version| version.id.clone()).filter(|id| versioned && id != version_id::NULL);
        Ok(PutOutcome { version_id, ..outcome })
    }

    fn encryption_of(
        &mut self,
        now: Moment,
        access: &Access,
        bucket: &str,
        request: &PutObject,
    ) -> Result<ObjectEncryption> {
        let target = self.state.reach(access, bucket, now)?;
        let info = target.info.clone();
        let default = target.encryption.at(now).clone();
        let wanted = wanted_encryption(&default, request)?;
        if !wanted.algorithm.uses_kms() {
            return Ok(ObjectEncryption::default());
        }
        let key_arn = match &wanted.key_id {
            None => self.aws_managed_key(now, &info.account, &info.region),
            Some(named) => {
                if let Some(parts) = arn::kms(named).filter(|parts| parts.region != info.region) {
                    let message = format!("Invalid arn {}", parts.region);
                    return Err(WorldError::new(400, "KMS.NotFoundException", message));
                }
                self.state.resolve_key(named, &access.caller.account, &info.region)
            }
        };
        let bucket_key = wanted.bucket_key && wanted.algorithm == Algorithm::Kms;
        Ok(ObjectEncryption { algorithm: wanted.algorithm, key_arn: Some(key_arn), bucket_key })
    }

    /// Asks KMS for a data key, in the caller's name.
    fn ask_kms(
        &self,
        now: Moment,
        access: &Access,
        (bucket, key): (&str, &str),
        encryption: &ObjectEncryption,
    ) -> Result<()> {
        let Some(key_arn) = encryption.key_arn.as_deref() else { return Ok(()) };
        let now = now.max(self.state.now);
        let target = self.state.reach(access, bucket, now)?;
        self.state.allow_key(access, target, (key, encryption), "kms:GenerateDataKey", now)?;
        self.state
            .use_key(target, access.caller.requester(), key_arn, encryption.bucket_key, now)
            .map(|_| ())
            .map_err(|problem| kms_refusal(problem, key_arn))
    }
}

impl State {
    /// Whether the caller may write this: the object itself, and what its headers add to it.
    fn allow_put(&self, access: &Access, bucket: &Bucket, request: &PutObject, now: Moment) -> Result<()> {
        let headers = |action| {
            let retention = request.lock.retention;
            let ask = Ask::on(action, &request.key)
                .with("s3:x-amz-server-side-encryption", request.algorithm.as_deref())
                .with("s3:x-amz-server-side-encryption-aws-kms-key-id", request.kms_key_id.as_deref())
                .with("s3:x-amz-storage-class", request.storage_class.as_deref())
                .with("s3:x-amz-acl", request.canned_acl.as_deref())
                .with("s3:if-none-match", request.if_none_match.then_some("*"))
                .with("s3:if-match", request.if_match.as_deref())
                .with("s3:object-lock-mode", retention.map(|retention| retention.mode.as_str()))
                .with("s3:object-lock-retain-until-date", retention.map(|retention| retention.until.to_string()));
            let tags = request.tags.iter();
            tags.fold(ask, |ask, tag| ask.with(format!("s3:RequestObjectTag/{}", tag.key), Some(tag.value.as_str())))
        };
        let added = [
            ("s3:PutObject", true),
            ("s3:PutObjectTagging", !request.tags.is_empty()),
            ("s3:PutObjectAcl", request.canned_acl.is_some()),
            ("s3:PutObjectRetention", request.lock.retention.is_some()),
            ("s3:PutObjectLegalHold", request.lock.legal_hold.is_some()),
        ];
        let mut needed = added.into_iter().filter(|(_, needed)| *needed);
        needed.try_for_each(|(action, _)| self.allow(access, bucket, &headers(action), now))
    }
}

/// How a refusal by KMS looks through S3.
pub(super) fn kms_refusal(problem: KeyProblem, key_arn: &str) -> WorldError {
    let (code, message) = match problem {
        KeyProblem::Missing if key_arn.contains(":alias/") => {
            ("KMS.NotFoundException", format!("Alias {key_arn} is not found."))
        }
        KeyProblem::Missing => ("KMS.NotFoundException", format!("Key '{key_arn}' does not exist")),
        KeyProblem::Disabled => ("KMS.DisabledException", format!("{key_arn} is disabled.")),
        KeyProblem::InvalidState(state) => ("KMS.KMSInvalidStateException", format!("{key_arn} is {state}.")),
        KeyProblem::WrongUsage => {
            let message = format!("The request was rejected because the key {key_arn} is not symmetric.");
            ("KMS.InvalidKeyUsageException", message)
        }
    };
    WorldError::new(400, code, message)
}

fn check_form(request: &PutObject) -> Result<()> {
    if request.key.len() > KEY_BYTES_MAX {
        return Err(WorldError::new(400, "KeyTooLongError", "Your key is too long")
            .element("Size", request.key.len().to_string())
            .element("MaxSizeAllowed", KEY_BYTES_MAX.to_string()));
    }
    let metadata_bytes: usize = request.metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
    if metadata_bytes > METADATA_BYTES_MAX {
        let message = "Your metadata headers exceed the maximum allowed metadata size";
        return Err(WorldError::new(400, "MetadataTooLarge", message)
            .element("Size", metadata_bytes.to_string())
            .element("MaxSizeAllowed", METADATA_BYTES_MAX.to_string()));
    }
    if request.tags.len() > TAGS_MAX {
        return Err(WorldError::new(400, "BadRequest", "Object tags cannot be greater than 10"));
    }
    check_tags(&request.tags)?;
    if let Some(class) = request.storage_class.as_deref().filter(|class| !is_storage_class(class)) {
        let message = "The storage class you specified is not valid";
        return Err(WorldError::new(400, "InvalidStorageClass", message).element("StorageClassRequested", class));
    }
    Ok(())
}

fn check_acl(bucket: &Bucket, request: &PutObject, now: Moment) -> Result<()> {
    let enforced = *bucket.ownership.at(now) == ObjectOwnership::BucketOwnerEnforced;
    match request.canned_acl.as_deref() {
        None | Some("bucket-owner-full-control") => Ok(()),
        Some(_) if enforced => {
            Err(WorldError::new(400, "AccessControlListNotSupported", "The bucket does not allow ACLs"))
        }
        Some(_) => Ok(()),
    }
}

fn check_preconditions(bucket: &Bucket, request: &PutObject) -> Result<()> {
    let current = bucket.current(&request.key);
    let failed = |condition: &str| {
        let message = "At least one of the pre-conditions you specified did not hold";
        Err(WorldError::new(412, "PreconditionFailed", message).element("Condition", condition))
    };
    if request.if_none_match && current.is_some() {
        return failed("If-None-Match");
    }
    match (&request.if_match, current) {
        (Some(_), None) => Err(no_such_key(&request.key)),
        (Some(etag), Some(object)) if *etag != object.etag && etag != "*" => failed("If-Match"),
        (Some(_) | None, _) => Ok(()),
    }
}

/// What the headers ask for, or else the bucket's default. `aws:kms` without a key means the AWS managed key, whatever
/// key the default names (API `PutObject`).
fn wanted_encryption(default: &BucketEncryption, request: &PutObject) -> Result<BucketEncryption> {
    let key_header = "x-amz-server-side-encryption-aws-kms-key-id";
    let key_id = request.kms_key_id.clone();
    let Some(text) = &request.algorithm else {
        if let Some(key) = &key_id {
            let message = "Server Side Encryption with AWS KMS managed key requires HTTP header \
                           x-amz-server-side-encryption : aws:kms";
            return Err(invalid_argument(message, key_header, key));
        }
        let bucket_key = request.bucket_key.unwrap_or(default.bucket_key);
        return Ok(BucketEncryption { bucket_key, ..default.clone() });
    };
    let algorithm = Algorithm::parse(text).ok_or_else(|| {
        let message = "The encryption method specified is not supported";
        WorldError::new(400, "InvalidEncryptionAlgorithmError", message)
    })?;
    match &key_id {
        Some(key) if !algorithm.uses_kms() => {
            let message = "The encryption method specified does not take an AWS KMS key";
            Err(invalid_argument(message, key_header, key))
        }
        Some(_) | None => {
            let bucket_key = request.bucket_key.unwrap_or(default.bucket_key);
            Ok(BucketEncryption { algorithm, key_id, bucket_key })
        }
    }
}
