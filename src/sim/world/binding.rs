//! What a write sets off: the version itself, and the way that the rules in force at that instant send it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::agenda::Event;
use super::bucket::{Bucket, Versioning};
use super::fault::Fault;
use super::ledger::{Leg, LegId, Record};
use super::lock::ObjectLock;
use super::moment::Moment;
use super::object::{ObjectData, Provenance, Version};
use super::rule::{ReplicationConfiguration, ReplicationRule, RuleFilter, Tag};
use super::state::State;
use super::version_id;

/// Where the filter of a rule points while `rule_filter_moved` is on.
const MOVED_PREFIX: &str = "moved-elsewhere/";

/// What a client wrote under a key; without data a delete marker.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    pub(super) owner: String,
    /// Who wrote it, as [`Caller::requester`](super::identity::Caller) has it.
    pub(super) requester: String,
    pub(super) tags: Vec<Tag>,
    pub(super) lock: ObjectLock,
    pub(super) data: Option<Arc<ObjectData>>,
}

impl State {
    /// Puts a version or a delete marker into a bucket, and binds it to its destinations.
    pub(super) fn write_version(&mut self, at: Moment, bucket: &str, key: String, written: Written) {
        let Written { owner, requester, tags, lock, data } = written;
        let Some(target) = self.buckets.get(bucket) else { return };
        let versioning = self.versioning(target, at);
        let id = match versioning {
            Versioning::Enabled => version_id::encode(self.physics.seed, self.sequence),
            Versioning::Unversioned | Versioning::Suspended => version_id::NULL.to_owned(),
        };
        let rules = match versioning {
            Versioning::Enabled => self.rules_that_take(target, &key, &tags, data.as_deref(), at),
            Versioning::Unversioned | Versioning::Suspended => Vec::new(),
        };
        let bucket_uid = target.uid;
        let rules = self.shared_rules(bucket, rules);
        let size = data.as_ref().map_or(0, |data| u64::try_from(data.body.len()).unwrap_or(u64::MAX));
        let mut leg = |rule: Arc<ReplicationRule>| {
            let span = self.catalog.begin(&rule.series_name(bucket), at, size);
            Leg { rule, draws: 1, outcome: None, span }
        };
        let legs = rules.into_iter().map(&mut leg).collect();
        let record = Record {
            bucket: bucket.into(),
            bucket_uid,
            key: key.as_str().into(),
            version: id.as_str().into(),
            written_at: at,
            is_marker: data.is_none(),
            size,
            etag: data.as_ref().map_or("", |data| data.etag.as_str()).into(),
            legs,
        };
        let index = self.ledger.add(record);
        self.schedule_attempts(index, at);
        let encryption = data.as_ref().map(|data| &data.encryption).filter(|encryption| encryption.bucket_key);
        if let Some(key_arn) = encryption.and_then(|encryption| encryption.key_arn.as_deref()) {
            self.note_bucket_key(bucket, &requester, key_arn, at);
        }
        let sequence = self.sequence;
        let provenance = Provenance::Written(index);
        let version = Version { id, last_modified: at, sequence, owner, tags, lock, data, provenance };
        if let Some(bucket) = self.buckets.get_mut(bucket) {
            bucket.receive(key, version, at);
        }
    }

    pub(super) fn remove_version(&mut self, bucket: &str, key: &str, version: &str) {
        let Some(bucket) = self.buckets.get_mut(bucket) else { return };
        let Some(versions) = bucket.keys.get_mut(key) else { return };
        versions.retain(|stored| stored.id != version);
        if versions.is_empty() {
            bucket.keys.remove(key);
        }
    }

    /// A latency for the next attempt of a write towards a destination; `draw` counts the attempts.
    pub(super) fn latency(&self, record: &Record, destination: &str, draw: u32) -> Duration {
        let parts = ["latency", destination, &record.key, &record.version, &draw.to_string()];
        let latency = self.physics.latency.attempt(&mut self.draw(&parts));
        if self.faults_between(&record.bucket, destination).has(Fault::Slow) {
            latency + self.physics.latency.slowness()
        } else {
            latency
        }
    }

    /// The replication configuration in force, as the faults that are on disguise it.
    pub(super) fn replication(&self, bucket: &Bucket, at: Moment) -> Option<Cow<'_, ReplicationConfiguration>> {
        let bucket_name = &bucket.info.name;
        let configuration = self.buckets.get(bucket_name)?.replication.at(at).as_ref()?;
        let faults = |rule: &ReplicationRule| self.faults_between(bucket_name, rule.destination.bucket_name());
        let is_disguised = |rule| faults(rule).has(Fault::RuleDisabled) || faults(rule).has(Fault::RuleFilterMoved);
        if !configuration.rules.iter().any(is_disguised) {
            return Some(Cow::Borrowed(configuration));
        }
        let mut disguised = configuration.clone();
        for rule in &mut disguised.rules {
            let on = faults(rule);
            if on.has(Fault::RuleDisabled) {
                rule.enabled = false;
            }
            if on.has(Fault::RuleFilterMoved) {
                move_filter(rule);
            }
        }
        Some(Cow::Owned(disguised))
    }

    /// The same rules, each as the one copy of it that is kept with its bucket.
    fn shared_rules(&mut self, bucket: &str, rules: Vec<ReplicationRule>) -> Vec<Arc<ReplicationRule>> {
        let Some(bucket) = self.buckets.get_mut(bucket) else { return Vec::new() };
        let mut share = |rule: ReplicationRule| {
            let known = bucket.rules.iter().find(|known| ***known == rule).cloned();
            known.unwrap_or_else(|| {
                bucket.rules.push(Arc::new(rule));
                bucket.rules[bucket.rules.len() - 1].clone()
            })
        };
        rules.into_iter().map(&mut share).collect()
    }

    fn schedule_attempts(&mut self, index: usize, at: Moment) {
        let record = self.ledger.record(index);
        let due: Vec<Moment> = record
            .legs
            .iter()
            .map(|leg| at.plus(self.latency(record, leg.rule.destination.bucket_name(), 0)))
            .collect();
        for (leg, due) in due.into_iter().enumerate() {
            let id = LegId { record: index, leg };
            self.agenda.add(due, Event::Attempt(id));
            self.watch_threshold(id, at);
        }
    }

    /// For each destination the rule of highest priority among those that cover the object, unless that rule leaves
    /// such objects out: SSE-KMS objects without opt-in, archived ones, delete markers.
    fn rules_that_take(
        &self,
        bucket: &Bucket,
        key: &str,
        tags: &[Tag],
        data: Option<&ObjectData>,
        at: Moment,
    ) -> Vec<ReplicationRule> {
        let Some(configuration) = self.replication(bucket, at) else { return Vec::new() };
        let mut best: BTreeMap<&str, &ReplicationRule> = BTreeMap::new();
        for rule in configuration.rules.iter().filter(|rule| rule.enabled && rule.covers(key, tags)) {
            let chosen = best.entry(rule.destination.bucket_name()).or_insert(rule);
            if rule.priority > chosen.priority {
                *chosen = rule;
            }
        }
        let takes = |rule: &&ReplicationRule| match data {
            None => rule.takes_delete_markers() && !rule.has_tags(),
            Some(data) => !is_archived(data) && (!data.encryption.algorithm.uses_kms() || rule.takes_kms_objects()),
        };
        best.into_values().filter(takes).cloned().collect()
    }
}

impl Bucket {
    /// Stores a version that arrives at `at`: one without retention of its own gets the bucket's default.
    pub(super) fn receive(&mut self, key: String, mut version: Version, at: Moment) {
        if version.data.is_some() && version.lock.retention.is_none() {
            version.lock.retention = self.object_lock.at(at).as_ref().and_then(|lock| lock.retention_from(at));
        }
        self.store(key, version);
    }

    /// Stores a version in its place in the order of writing, instead of one of the same id.
    fn store(&mut self, key: String, version: Version) {
        let versions = self.keys.entry(key).or_default();
        versions.retain(|stored| stored.id != version.id);
        let place = versions.partition_point(|stored| stored.sequence < version.sequence);
        versions.insert(place, version);
    }
}

fn is_archived(data: &ObjectData) -> bool {
    matches!(data.storage_class.as_str(), "GLACIER" | "DEEP_ARCHIVE")
}

fn move_filter(rule: &mut ReplicationRule) {
    let moved = || MOVED_PREFIX.to_owned();
    rule.filter = match rule.filter.take() {
        None => {
            rule.prefix = Some(moved());
            None
        }
        Some(RuleFilter::Prefix(_)) => Some(RuleFilter::Prefix(moved())),
        Some(RuleFilter::Tag(tag)) => Some(RuleFilter::And { prefix: Some(moved()), tags: vec![tag] }),
        Some(RuleFilter::And { tags, .. }) => Some(RuleFilter::And { prefix: Some(moved()), tags }),
    };
}
