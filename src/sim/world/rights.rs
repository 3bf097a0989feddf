//! What the replication role may do on one way, asked as S3 asks: with the session and the context that S3 sends.

use super::bucket::{Bucket, ObjectOwnership};
use super::fault::{Fault, FaultSet};
use super::identity::{Caller, CallerRole, Role};
use super::key::Key;
use super::ledger::Reason;
use super::moment::Moment;
use super::object::{ObjectEncryption, Version};
use super::permission::{Call, Guard, Refused, Source};
use super::policy::Policy;
use super::rule::ReplicationRule;
use super::state::State;

/// What stands in the logs as the session of S3.
const SESSION: &str = "s3-replication";

/// Everything that one attempt is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way<'a> {
    pub(super) source: &'a Bucket,
    pub(super) rule: &'a ReplicationRule,
    pub(super) key: &'a str,
    pub(super) version: &'a Version,
    pub(super) faults: FaultSet,
    pub(super) at: Moment,
}

/// The session in which S3 replicates.
#[derive(Clone, Debug)]
pub(super) struct Replicator(Caller);

impl Replicator {
    /// Whom S3 fetches bucket-level keys for.
    pub(super) fn requester(&self) -> &str {
        self.0.requester()
    }

    fn of(role: &Role) -> Self {
        Self(Caller {
            account: role.account.clone(),
            arn: format!("arn:aws:sts::{}:assumed-role/{}/{SESSION}", role.account, role.name),
            user_id: format!("{}:{SESSION}", role.unique_id),
            role: Some(CallerRole { arn: role.arn.clone(), unique_id: role.unique_id.clone(), session_policy: None }),
        })
    }
}

impl State {
    /// The session of a role, if it lets S3 in on behalf of that bucket.
    pub(super) fn assume_for_replication(&self, role_arn: &str, source: &Bucket, at: Moment) -> Option<Replicator> {
        let role = self.assumable_role(role_arn, at).filter(|role| role.account == source.info.account)?;
        let trust = &self.authority_of(&role.unique_id, at)?.trust;
        let (bucket, time, epoch) = (source.arn(), at.to_string(), at.seconds().to_string());
        // Whether S3 names the bucket and its owner to the roles that it assumes is not documented; here it does.
        let context = [
            ("aws:SourceArn", bucket.as_str()),
            ("aws:SourceAccount", &source.info.account),
            ("aws:PrincipalIsAWSService", "true"),
            ("aws:PrincipalServiceName", "s3.amazonaws.com"),
            ("aws:SecureTransport", "true"),
            ("aws:RequestedRegion", &source.info.region),
            ("aws:CurrentTime", &time),
            ("aws:EpochTime", &epoch),
        ];
        trust.allows_service("s3.amazonaws.com", "sts:AssumeRole", &context).then(|| Replicator::of(role))
    }

    /// The reads of the source, in S3's order.
    pub(super) fn may_read_source(&self, replicator: &Replicator, way: &Way<'_>) -> Result<(), Reason> {
        let may = |action: &str| self.on_bucket(replicator, way.source, action, way.key, way.at, &[]).is_ok();
        let Some(data) = &way.version.data else {
            let listed = self.on_bucket(replicator, way.source, "s3:ListBucket", "", way.at, &[]).is_ok();
            return if listed { Ok(()) } else { Err(Reason::SrcHeadObjectNotPermitted) };
        };
        // `GetObjectVersion` is no substitute for objects under KMS (S3 User Guide, "Setting up permissions").
        let substitute = || !data.encryption.algorithm.uses_kms() && may("s3:GetObjectVersion");
        if !may("s3:GetObjectVersionForReplication") && !substitute() {
            return Err(Reason::SrcGetObjectNotPermitted);
        }
        let own = way.source.owner_of(way.version, way.at) == way.source.info.account;
        if !own || !may("s3:GetObjectVersionAcl") {
            return Err(Reason::SrcGetAclNotPermitted);
        }
        if way.version.lock.retention.is_some() && !may("s3:GetObjectRetention") {
            return Err(Reason::SrcGetRetentionNotPermitted);
        }
        if way.version.lock.legal_hold == Some(true) && !may("s3:GetObjectLegalHold") {
            return Err(Reason::SrcGetLegalHoldNotPermitted);
        }
        Ok(())
    }

    /// Whether the tags of the source are read: a rule that filters by them needs them, others go without.
    pub(super) fn may_read_tags(&self, replicator: &Replicator, way: &Way<'_>) -> Result<bool, Reason> {
        let action = "s3:GetObjectVersionTagging";
        let may = self.on_bucket(replicator, way.source, action, way.key, way.at, &[]).is_ok();
        if !may && way.rule.has_tags() { Err(Reason::SrcGetTaggingNotPermitted) } else { Ok(may) }
    }

    /// The writes at the destination, in S3's order. `role_denied` refuses them all.
    pub(super) fn may_write_replica(
        &self,
        replicator: &Replicator,
        destination: &Bucket,
        with_tags: bool,
        way: &Way<'_>,
    ) -> Result<(), Reason> {
        let denied = way.faults.has(Fault::RoleDenied);
        let Some(data) = &way.version.data else {
            let may = self.on_bucket(replicator, destination, "s3:ReplicateDelete", way.key, way.at, &[]).is_ok();
            return if may && !denied { Ok(()) } else { Err(Reason::DstDelObjNotPermitted) };
        };
        let context = encryption_context(&data.encryption, way.rule);
        let ask = |action: &str| self.on_bucket(replicator, destination, action, way.key, way.at, &context);
        if denied || ask("s3:ReplicateObject").is_err() {
            return Err(Reason::DstPutObjectNotPermitted);
        }
        let enforced = *destination.ownership.at(way.at) == ObjectOwnership::BucketOwnerEnforced;
        let overrides = way.rule.destination.owner.is_some() && !enforced;
        if overrides && ask("s3:ObjectOwnerOverrideToBucketOwner").is_err() {
            return Err(Reason::DstPutObjectNotPermitted);
        }
        // `ReplicateObject` covers tags, retention and legal hold, unless their own action is denied expressly.
        let lock = &way.version.lock;
        let covered = [
            ("s3:PutObjectRetention", lock.retention.is_some(), Reason::DstPutRetentionNotPermitted),
            ("s3:PutObjectLegalHold", lock.legal_hold == Some(true), Reason::DstPutLegalHoldNotPermitted),
            ("s3:ReplicateTags", with_tags && !way.version.tags.is_empty(), Reason::DstPutTaggingNotPermitted),
        ];
        let denied = |action: &str| matches!(ask(action), Err(Refused::Explicit(_)));
        let refused = covered.into_iter().find(|(action, needed, _)| *needed && denied(action));
        refused.map_or(Ok(()), |(.., reason)| Err(reason))
    }

    /// Asks about a bucket (an empty key) or an object in it. A bucket that restricts public policies and has one is
    /// shut to other accounts, whatever the policy gives to them by name (API `PublicAccessBlockConfiguration`).
    fn on_bucket(
        &self,
        replicator: &Replicator,
        bucket: &Bucket,
        action: &str,
        key: &str,
        at: Moment,
        context: &[(&str, &str)],
    ) -> Result<(), Refused> {
        let policy = bucket.policy.at(at).as_ref();
        let foreign = replicator.0.account != bucket.info.account;
        let restricted = self.blocked_at(bucket, at).restrict_public_buckets;
        if foreign && restricted && policy.is_some_and(Policy::is_public) {
            return Err(Refused::Implicit(Source::Resource));
        }
        let resource = if key.is_empty() { bucket.arn() } else { format!("{}/{key}", bucket.arn()) };
        let mut context = context.to_vec();
        context.push(("aws:RequestedRegion", &bucket.info.region));
        let guard = policy.map_or(Guard::None, Guard::Policy);
        let (caller, owner) = (&replicator.0, bucket.info.account.as_str());
        self.authorize(&Call { caller, action, resource: &resource, owner, context: &context, guard, at })
    }

    /// Whether the role decrypts with the source's key.
    pub(super) fn may_decrypt(
        &self,
        replicator: &Replicator,
        key: &Key,
        encryption: &ObjectEncryption,
        way: &Way<'_>,
    ) -> Result<(), Reason> {
        let asked = KeyUse { bucket: way.source, object: way.key, bucket_key: encryption.bucket_key, at: way.at };
        self.with_key(replicator, key, "kms:Decrypt", asked).map_err(|_| Reason::SrcGetObjectNotPermitted)
    }

    /// Whether the role encrypts with the replica's key. With Bucket Keys the key's policy has to let it decrypt, too;
    /// its own policies need not (S3 User Guide, "Replicating encrypted objects").
    pub(super) fn may_encrypt(
        &self,
        replicator: &Replicator,
        key: &Key,
        destination: &Bucket,
        encryption: &ObjectEncryption,
        way: &Way<'_>,
    ) -> Result<(), Reason> {
        let asked = KeyUse { bucket: destination, object: way.key, bucket_key: encryption.bucket_key, at: way.at };
        if self.with_key(replicator, key, "kms:Encrypt", asked).is_err() {
            return Err(Reason::DstPutObjectNotPermitted);
        }
        let decrypt = || self.with_key(replicator, key, "kms:Decrypt", asked);
        match if encryption.bucket_key { decrypt() } else { Ok(()) } {
            Err(Refused::Explicit(_) | Refused::Implicit(Source::Resource)) => Err(Reason::DstPutObjectNotPermitted),
            Ok(()) | Err(Refused::Implicit(Source::Identity | Source::Boundary | Source::Session)) => Ok(()),
        }
    }

    fn with_key(&self, replicator: &Replicator, key: &Key, action: &str, asked: KeyUse<'_>) -> Result<(), Refused> {
        let (service, arn) = (asked.service(), asked.encryption_context());
        self.ask_key(&replicator.0, key, action, &asked.context(&service, &arn), asked.at)
    }
}

/// A use of a key by S3.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyUse<'a> {
    pub(super) bucket: &'a Bucket,
    pub(super) object: &'a str,
    /// Whether the object has a Bucket Key: the encryption context is the bucket's ARN then.
    pub(super) bucket_key: bool,
    pub(super) at: Moment,
}

impl KeyUse<'_> {
    pub(super) fn service(&self) -> String {
        format!("s3.{}.amazonaws.com", self.bucket.info.region)
    }

    pub(super) fn encryption_context(&self) -> String {
        let bucket = self.bucket.arn();
        if self.bucket_key { bucket } else { format!("{bucket}/{}", self.object) }
    }

    /// What S3 sends to KMS.
    pub(super) fn context<'a>(&'a self, service: &'a str, arn: &'a str) -> Vec<(&'a str, &'a str)> {
        vec![
            ("kms:ViaService", service),
            ("kms:EncryptionContext:aws:s3:arn", arn),
            ("kms:EncryptionContextKeys", "aws:s3:arn"),
            ("aws:RequestedRegion", &self.bucket.info.region),
        ]
    }
}

impl Bucket {
    /// Its ARN.
    pub(super) fn arn(&self) -> String {
        format!("arn:aws:s3:::{}", self.info.name)
    }
}

/// The encryption headers of the replica's PUT, as condition keys: the type of the source, and the key as the rule
/// names it.
fn encryption_context<'a>(source: &ObjectEncryption, rule: &'a ReplicationRule) -> Vec<(&'static str, &'a str)> {
    let mut context = vec![("s3:x-amz-server-side-encryption", source.algorithm.as_str())];
    let key = rule.destination.encryption.as_ref().and_then(|encryption| encryption.replica_kms_key_id.as_deref());
    if let Some(key) = key.filter(|_| source.algorithm.uses_kms()) {
        context.push(("s3:x-amz-server-side-encryption-aws-kms-key-id", key));
    }
    context
}
