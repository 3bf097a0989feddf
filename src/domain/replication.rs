//! A bucket's replication configuration: its rules, which objects each takes, and which of them wins.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// A live replication configuration (`ReplicationConfiguration`, S3 API reference).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replication {
    /// The ARN of the role that S3 assumes.
    pub role: String,
    /// The rules, in the order of the configuration.
    pub rules: Vec<Rule>,
}

/// One rule of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// `ID`: the dimension `RuleId` of its CloudWatch metrics. S3 makes one up where none was given.
    pub id: String,
    /// Whether its `Status` is `Enabled`.
    pub enabled: bool,
    /// `Priority`; absent in configurations of the first version, whose rules have no filter element.
    pub priority: Option<i32>,
    /// Which objects it takes.
    pub filter: Filter,
    /// The name of its destination bucket.
    pub bucket: String,
    /// `Destination.Account`.
    pub account: Option<String>,
    /// Whether `AccessControlTranslation` makes the destination's account the owner of replicas.
    pub changes_owner: bool,
    /// `Destination.StorageClass`; absent: the source object's.
    pub storage_class: Option<String>,
    /// `ReplicaKmsKeyID`: a key ARN or an alias ARN.
    pub replica_key: Option<String>,
    /// Whether objects under SSE-KMS and DSSE-KMS are taken (`SseKmsEncryptedObjects`); absent: not said, so not taken.
    pub takes_kms_objects: Option<bool>,
    /// Whether changes of a replica's metadata go back (`ReplicaModifications`); absent: not said.
    pub syncs_replicas: Option<bool>,
    /// Whether delete markers are replicated (`DeleteMarkerReplication`); absent: not said.
    pub replicates_markers: Option<bool>,
    /// Whether replication metrics are published (`Metrics`).
    pub publishes_metrics: bool,
    /// Whether Replication Time Control is on (`ReplicationTime`).
    pub has_time_control: bool,
}

/// Which objects a rule takes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// The prefix of their keys; empty: every key.
    pub prefix: String,
    /// The tags that they had at creation, all of them.
    pub tags: BTreeMap<String, String>,
}

impl Replication {
    /// The rule that takes an object to a bucket: of the enabled ones that match, that of the highest priority
    /// ("Replication configuration file elements", S3 User Guide). `None`: no rule takes it there.
    #[must_use]
    pub fn winner(&self, bucket: &str, key: &str, tags: &BTreeMap<String, String>) -> Option<&Rule> {
        let takes = |rule: &&Rule| rule.enabled && rule.bucket == bucket && rule.filter.matches(key, tags);
        self.rules.iter().filter(takes).reduce(|best, rule| if rule.priority > best.priority { rule } else { best })
    }
}

impl Filter {
    /// Whether an object of this key, created with these tags, is taken.
    #[must_use]
    pub fn matches(&self, key: &str, tags: &BTreeMap<String, String>) -> bool {
        key.starts_with(&self.prefix) && self.tags.iter().all(|(name, value)| tags.get(name) == Some(value))
    }
}
