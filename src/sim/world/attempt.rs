//! One attempt of S3 to replicate a version: what it reads, in which order, and what comes of it.

use std::sync::Arc;

use bytes::Bytes;

use super::arn;
use super::bucket::{Bucket, ObjectOwnership, Versioning};
use super::fault::{Fault, FaultSet};
use super::key::{KeyManager, KeyProblem};
use super::ledger::{LegId, Outcome, Reason};
use super::moment::Moment;
use super::object::{ObjectData, ObjectEncryption, Provenance, Version};
use super::rights::{Replicator, Way};
use super::rule::ReplicationRule;
use super::state::State;

/// Bucket-level keys that KMS was asked for: bucket, requester and key ARN.
type Fetched = Vec<(String, String, String)>;

impl State {
    /// Performs the attempt that is due at `at`, unless an outage holds it.
    pub(super) fn attempt(&mut self, id: LegId, at: Moment) {
        let (record, leg) = self.ledger.leg(id);
        let destination = leg.rule.destination.bucket_name().to_owned();
        if self.faults_between(&record.bucket, &destination).has(Fault::Outage) {
            self.held.push(id);
            return;
        }
        let outcome = match self.judge(id, at) {
            Err(reason) => Outcome::Failed { at, reason },
            Ok((replica, fetched)) => {
                let parts = ["completion", &destination, &record.key, &record.version];
                let gap = self.physics.latency.completion(&mut self.draw(&parts));
                let key = record.key.to_string();
                for (bucket, requester, key_arn) in fetched {
                    self.note_bucket_key(&bucket, &requester, &key_arn, at);
                }
                if let Some(bucket) = self.buckets.get_mut(&destination) {
                    bucket.receive(key, replica, at);
                }
                Outcome::Arrived { at, told: at.plus(gap) }
            }
        };
        let leg = self.ledger.leg_mut(id);
        leg.outcome = Some(outcome);
        if let Some(span) = leg.span {
            self.catalog.decide(span, at, matches!(outcome, Outcome::Failed { .. }));
        }
        self.tell_outcome(id, at);
    }

    /// What S3 finds when it tries: the replica that it writes, or its reason to give up for good. The order of the
    /// checks is role, source, reading it, destination bucket, writing it, source key, destination key.
    fn judge(&self, id: LegId, at: Moment) -> Result<(Version, Fetched), Reason> {
        let (record, leg) = self.ledger.leg(id);
        let rule = leg.rule.as_ref();
        let source = self
            .bucket(&record.bucket)
            .filter(|bucket| bucket.uid == record.bucket_uid)
            .ok_or(Reason::SrcBucketNotFound)?;
        let replicator = self.role_of_rule(source, rule, at)?;
        let version = source.version(&record.key, &record.version).ok_or(Reason::SrcVersionNotFound)?;
        let name = rule.destination.bucket_name();
        let faults = self.faults_between(&record.bucket, name);
        let way = Way { source, rule, key: &record.key, version, faults, at };
        self.may_read_source(&replicator, &way)?;
        let destination = self.bucket(name).ok_or(Reason::DstBucketNotFound)?;
        if self.versioning(destination, at) != Versioning::Enabled {
            return Err(Reason::DstBucketUnversioned);
        }
        let locked = source.object_lock.at(at).is_some() || !version.lock.is_empty();
        if locked && destination.object_lock.at(at).is_none() {
            return Err(Reason::DstBucketObjectLockConfigMissing);
        }
        let owner = &destination.info.account;
        let is_another = rule.destination.account.as_ref().is_some_and(|account| account != owner);
        // S3 does not replicate into buckets in which the requester pays.
        if is_another || *destination.requester_pays.at(at) {
            return Err(Reason::DstPutObjectNotPermitted);
        }
        let Some(data) = &version.data else {
            self.may_write_replica(&replicator, destination, false, &way)?;
            let marker = Version { provenance: Provenance::Replica, owner: owner.clone(), ..version.clone() };
            return Ok((marker, Vec::new()));
        };
        let with_tags = version.tags.is_empty() || self.may_read_tags(&replicator, &way)?;
        self.may_write_replica(&replicator, destination, with_tags, &way)?;
        let mut fetched = Fetched::new();
        self.decrypt_source(&replicator, data, &way, &mut fetched)?;
        let encryption = self.replica_encryption(&replicator, destination, data, &way, &mut fetched)?;
        let encryption = self.with_wrong_key(destination, encryption, faults);
        let enforced = *destination.ownership.at(at) == ObjectOwnership::BucketOwnerEnforced;
        let changes_owner = enforced || rule.destination.owner.is_some();
        let replica = Version {
            owner: if changes_owner { owner.clone() } else { version.owner.clone() },
            tags: if with_tags { version.tags.clone() } else { Vec::new() },
            data: Some(Arc::new(replica_data(data, encryption, rule, faults))),
            provenance: Provenance::Replica,
            ..version.clone()
        };
        Ok((replica, fetched))
    }

    /// The role of the configuration as it is now, if the rule (or another one to the same bucket) is still in it.
    fn role_of_rule(&self, source: &Bucket, rule: &ReplicationRule, at: Moment) -> Result<Replicator, Reason> {
        let configuration = source.replication.at(at).as_ref().ok_or(Reason::SrcBucketReplicationConfigMissing)?;
        let same = |other: &ReplicationRule| other.id == rule.id || other.destination.bucket == rule.destination.bucket;
        if !configuration.rules.iter().any(same) {
            return Err(Reason::SrcBucketReplicationConfigMissing);
        }
        self.assume_for_replication(&configuration.role, source, at).ok_or(Reason::AssumeRoleNotPermitted)
    }

    fn decrypt_source(
        &self,
        replicator: &Replicator,
        data: &ObjectData,
        way: &Way<'_>,
        fetched: &mut Fetched,
    ) -> Result<(), Reason> {
        let Some(key_arn) = &data.encryption.key_arn else { return Ok(()) };
        let requester = replicator.requester();
        if self.holds_bucket_key(way.source, requester, key_arn, data.encryption.bucket_key, way.at) {
            return Ok(());
        }
        if let Some(key) = self.key_by_arn(key_arn, way.at) {
            self.may_decrypt(replicator, key, &data.encryption, way)?;
        }
        let asked = self.use_key(way.source, requester, key_arn, data.encryption.bucket_key, way.at);
        if asked.map_err(|_| Reason::SrcKmsKeyInvalidState)? && data.encryption.bucket_key {
            fetched.push((way.source.info.name.clone(), requester.to_owned(), key_arn.clone()));
        }
        Ok(())
    }

    /// The replica is encrypted as its source is, under the rule's key where KMS is involved.
    fn replica_encryption(
        &self,
        replicator: &Replicator,
        destination: &Bucket,
        data: &ObjectData,
        way: &Way<'_>,
        fetched: &mut Fetched,
    ) -> Result<ObjectEncryption, Reason> {
        if !data.encryption.algorithm.uses_kms() {
            return Ok(data.encryption.clone());
        }
        let given = way.rule.destination.encryption.as_ref().and_then(|e| e.replica_kms_key_id.as_deref());
        let key_arn = self.resolve_alias_arn(given.ok_or(Reason::DstKmsKeyNotFound)?);
        let parts = arn::kms(&key_arn).ok_or(Reason::DstKmsKeyNotFound)?;
        let key = self.key_by_arn(&key_arn, way.at).filter(|_| parts.region == destination.info.region);
        let key = key.ok_or(Reason::DstKmsKeyNotFound)?;
        let cross_account = way.source.info.account != destination.info.account;
        let is_known_account = [&way.source.info.account, &destination.info.account].contains(&&key.info.account);
        if !is_known_account || (cross_account && key.info.manager == KeyManager::Aws) {
            return Err(Reason::DstPutObjectNotPermitted);
        }
        let bucket_key = data.encryption.bucket_key;
        let requester = replicator.requester();
        if !self.holds_bucket_key(destination, requester, &key_arn, bucket_key, way.at) {
            self.may_encrypt(replicator, key, destination, &data.encryption, way)?;
        }
        let asked =
            self.use_key(destination, requester, &key_arn, bucket_key, way.at).map_err(|problem| match problem {
                KeyProblem::Missing => Reason::DstKmsKeyNotFound,
                KeyProblem::Disabled | KeyProblem::InvalidState(_) | KeyProblem::WrongUsage => {
                    Reason::DstKmsKeyInvalidState
                }
            })?;
        if asked && bucket_key {
            fetched.push((destination.info.name.clone(), requester.to_owned(), key_arn.clone()));
        }
        Ok(ObjectEncryption { algorithm: data.encryption.algorithm, key_arn: Some(key_arn), bucket_key })
    }

    fn with_wrong_key(&self, destination: &Bucket, right: ObjectEncryption, faults: FaultSet) -> ObjectEncryption {
        if !faults.has(Fault::WrongReplicaKey) {
            return right;
        }
        let key_arn = Some(self.other_key_arn(&destination.info.account, &destination.info.region));
        let algorithm = if right.algorithm.uses_kms() { right.algorithm } else { super::Algorithm::Kms };
        ObjectEncryption { algorithm, key_arn, bucket_key: right.bucket_key }
    }
}

fn replica_data(
    source: &ObjectData,
    encryption: ObjectEncryption,
    rule: &ReplicationRule,
    faults: FaultSet,
) -> ObjectData {
    let mut data = source.clone();
    data.encryption = encryption;
    if let Some(class) = &rule.destination.storage_class {
        data.storage_class.clone_from(class);
    }
    if faults.has(Fault::MissingMetadata) {
        data.metadata.clear();
    }
    if faults.has(Fault::CorruptedReplica) {
        data.body = corrupted(&data.body);
        // A client that checks would refuse the body before anyone could look at it.
        data.checksums.clear();
    }
    data
}

/// Other bytes of the same length: every bit of the first byte is turned.
fn corrupted(body: &Bytes) -> Bytes {
    let mut bytes = body.to_vec();
    if let Some(first) = bytes.first_mut() {
        *first = !*first;
    }
    bytes.into()
}
