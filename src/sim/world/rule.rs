//! The replication configuration of a bucket, in S3's own terms.

/// What `PutBucketReplication` carries (API `ReplicationConfiguration`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplicationConfiguration {
    /// ARN of the role that S3 assumes.
    pub role: String,
    /// Its rules, in the order given.
    pub rules: Vec<ReplicationRule>,
}

/// One rule (API `ReplicationRule`). Absent elements are `None`, as on the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplicationRule {
    /// `ID`; S3 makes one up when it is absent, and it is `Some` in everything read back.
    pub id: Option<String>,
    /// `Priority`: the higher number wins among rules towards the same destination.
    pub priority: Option<i32>,
    /// `Status` is `Enabled`.
    pub enabled: bool,
    /// The V1 `Prefix` outside a filter.
    pub prefix: Option<String>,
    /// `Filter`; its presence makes this a V2 rule.
    pub filter: Option<RuleFilter>,
    /// `DeleteMarkerReplication.Status`, `Some(true)` for `Enabled`.
    pub delete_markers: Option<bool>,
    /// `ExistingObjectReplication.Status`, `Some(true)` for `Enabled`.
    pub existing_objects: Option<bool>,
    /// `SourceSelectionCriteria`.
    pub source_selection: Option<SourceSelection>,
    /// `Destination`.
    pub destination: RuleDestination,
}

/// `Filter` of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleFilter {
    /// Keys that begin with this; the empty prefix takes everything.
    Prefix(String),
    /// Objects that carry this tag since creation.
    Tag(Tag),
    /// Objects that fulfil all of these.
    And {
        /// Prefix of the key, if given.
        prefix: Option<String>,
        /// Tags that must all be there.
        tags: Vec<Tag>,
    },
}

/// A key and value on an object or in a filter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag {
    /// Name of the tag.
    pub key: String,
    /// Its value, possibly empty.
    pub value: String,
}

/// `SourceSelectionCriteria`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceSelection {
    /// `SseKmsEncryptedObjects.Status`, `Some(true)` for `Enabled`.
    pub sse_kms_objects: Option<bool>,
    /// `ReplicaModifications.Status`, `Some(true)` for `Enabled`.
    pub replica_modifications: Option<bool>,
}

/// `Destination` of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleDestination {
    /// ARN of the destination bucket.
    pub bucket: String,
    /// `Account`.
    pub account: Option<String>,
    /// `StorageClass`.
    pub storage_class: Option<String>,
    /// `AccessControlTranslation.Owner`; the only legal value is `Destination`.
    pub owner: Option<String>,
    /// `EncryptionConfiguration`, when present.
    pub encryption: Option<ReplicaEncryption>,
    /// `Metrics`, when present.
    pub metrics: Option<ReplicationMetrics>,
    /// `ReplicationTime`, when present.
    pub time: Option<ReplicationTime>,
}

/// `EncryptionConfiguration` of a destination.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplicaEncryption {
    /// `ReplicaKmsKeyID`.
    pub replica_kms_key_id: Option<String>,
}

/// `Metrics` of a destination.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplicationMetrics {
    /// `Status` is `Enabled`.
    pub enabled: bool,
    /// `EventThreshold.Minutes`.
    pub event_threshold_minutes: Option<i32>,
}

/// `ReplicationTime` of a destination.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplicationTime {
    /// `Status` is `Enabled`.
    pub enabled: bool,
    /// `Time.Minutes`.
    pub minutes: Option<i32>,
}

impl RuleDestination {
    /// Name of the destination bucket, out of its ARN.
    pub fn bucket_name(&self) -> &str {
        self.bucket.rsplit(":::").next().unwrap_or(&self.bucket)
    }
}

impl ReplicationRule {
    /// Whether the filter (or V1 prefix) takes an object of this key and tags; status and encryption are not looked at.
    pub fn covers(&self, key: &str, tags: &[Tag]) -> bool {
        let (prefix, wanted): (&str, &[Tag]) = match &self.filter {
            None => (self.prefix.as_deref().unwrap_or_default(), &[]),
            Some(RuleFilter::Prefix(prefix)) => (prefix, &[]),
            Some(RuleFilter::Tag(tag)) => ("", std::slice::from_ref(tag)),
            Some(RuleFilter::And { prefix, tags }) => (prefix.as_deref().unwrap_or_default(), tags),
        };
        key.starts_with(prefix) && wanted.iter().all(|tag| tags.contains(tag))
    }

    /// Whether SSE-KMS objects are opted in.
    pub fn takes_kms_objects(&self) -> bool {
        self.source_selection.as_ref().and_then(|selection| selection.sse_kms_objects) == Some(true)
    }

    /// Whether delete markers that a user makes are replicated: V1 rules always do, V2 rules when told to.
    pub fn takes_delete_markers(&self) -> bool {
        if self.filter.is_some() { self.delete_markers == Some(true) } else { true }
    }

    /// Whether the filter asks for tags.
    pub fn has_tags(&self) -> bool {
        match &self.filter {
            Some(RuleFilter::Tag(_)) => true,
            Some(RuleFilter::And { tags, .. }) => !tags.is_empty(),
            Some(RuleFilter::Prefix(_)) | None => false,
        }
    }
}
