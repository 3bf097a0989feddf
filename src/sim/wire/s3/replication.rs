//! Replication configurations: the world's form to the wire's and back.

use s3s::dto;

use crate::sim::world::{
    ReplicaEncryption, ReplicationConfiguration, ReplicationMetrics, ReplicationRule, ReplicationTime, RuleDestination,
    RuleFilter, SourceSelection, Tag,
};

const ENABLED: &str = "Enabled";
const DISABLED: &str = "Disabled";

/// What a client sent, as the world keeps it.
/// `None` for a status outside the schema.
pub(super) fn from_wire(configuration: dto::ReplicationConfiguration) -> Option<ReplicationConfiguration> {
    if configuration.rules.iter().any(|rule| !matches!(rule.status.as_str(), ENABLED | DISABLED)) {
        return None;
    }
    let rules = configuration.rules.into_iter().map(rule_from_wire).collect();
    Some(ReplicationConfiguration { role: configuration.role, rules })
}

/// What the world keeps, as a client reads it.
pub(super) fn to_wire(configuration: ReplicationConfiguration) -> dto::ReplicationConfiguration {
    let rules = configuration.rules.into_iter().map(rule_to_wire).collect();
    dto::ReplicationConfiguration { role: configuration.role, rules }
}

/// A tag as a client sent it.
pub(super) fn tag_from_wire(tag: dto::Tag) -> Tag {
    Tag { key: tag.key.unwrap_or_default(), value: tag.value.unwrap_or_default() }
}

/// A tag as a client reads it.
pub(super) fn tag_to_wire(tag: Tag) -> dto::Tag {
    dto::Tag { key: Some(tag.key), value: Some(tag.value) }
}

fn rule_from_wire(rule: dto::ReplicationRule) -> ReplicationRule {
    ReplicationRule {
        id: rule.id.filter(|id| !id.is_empty()),
        priority: rule.priority,
        enabled: rule.status.as_str() == ENABLED,
        prefix: rule.prefix,
        filter: rule.filter.map(filter_from_wire),
        delete_markers: rule.delete_marker_replication.and_then(|wire| wire.status).map(|s| s.as_str() == ENABLED),
        existing_objects: rule.existing_object_replication.map(|wire| wire.status.as_str() == ENABLED),
        source_selection: rule.source_selection_criteria.map(|wire| SourceSelection {
            sse_kms_objects: wire.sse_kms_encrypted_objects.map(|objects| objects.status.as_str() == ENABLED),
            replica_modifications: wire.replica_modifications.map(|changes| changes.status.as_str() == ENABLED),
        }),
        destination: destination_from_wire(rule.destination),
    }
}

fn rule_to_wire(rule: ReplicationRule) -> dto::ReplicationRule {
    dto::ReplicationRule {
        id: rule.id,
        priority: rule.priority,
        status: status(rule.enabled).into(),
        prefix: rule.prefix,
        filter: rule.filter.map(filter_to_wire),
        delete_marker_replication: rule
            .delete_markers
            .map(|on| dto::DeleteMarkerReplication { status: Some(status(on).into()) }),
        existing_object_replication: rule
            .existing_objects
            .map(|on| dto::ExistingObjectReplication { status: status(on).into() }),
        source_selection_criteria: rule.source_selection.map(|selection| dto::SourceSelectionCriteria {
            sse_kms_encrypted_objects: selection
                .sse_kms_objects
                .map(|on| dto::SseKmsEncryptedObjects { status: status(on).into() }),
            replica_modifications: selection
                .replica_modifications
                .map(|on| dto::ReplicaModifications { status: status(on).into() }),
        }),
        destination: destination_to_wire(rule.destination),
    }
}

fn filter_from_wire(filter: dto::ReplicationRuleFilter) -> RuleFilter {
    match (filter.and, filter.tag) {
        (Some(and), _) => RuleFilter::And {
            prefix: and.prefix,
            tags: and.tags.unwrap_or_default().into_iter().map(tag_from_wire).collect(),
        },
        (None, Some(tag)) => RuleFilter::Tag(tag_from_wire(tag)),
        (None, None) => RuleFilter::Prefix(filter.prefix.unwrap_or_default()),
    }
}

fn filter_to_wire(filter: RuleFilter) -> dto::ReplicationRuleFilter {
    let mut wire = dto::ReplicationRuleFilter::default();
    match filter {
        RuleFilter::Prefix(prefix) => wire.prefix = Some(prefix),
        RuleFilter::Tag(tag) => wire.tag = Some(tag_to_wire(tag)),
        RuleFilter::And { prefix, tags } => {
            let tags = Some(tags.into_iter().map(tag_to_wire).collect());
            wire.and = Some(dto::ReplicationRuleAndOperator { prefix, tags });
        }
    }
    wire
}

fn destination_from_wire(destination: dto::Destination) -> RuleDestination {
    RuleDestination {
        bucket: destination.bucket,
        account: destination.account,
        storage_class: destination.storage_class.map(|class| class.as_str().to_owned()),
        owner: destination.access_control_translation.map(|translation| translation.owner.as_str().to_owned()),
        encryption: destination
            .encryption_configuration
            .map(|wire| ReplicaEncryption { replica_kms_key_id: wire.replica_kms_key_id }),
        metrics: destination.metrics.map(|wire| ReplicationMetrics {
            enabled: wire.status.as_str() == ENABLED,
            event_threshold_minutes: wire.event_threshold.and_then(|threshold| threshold.minutes),
        }),
        time: destination
            .replication_time
            .map(|wire| ReplicationTime { enabled: wire.status.as_str() == ENABLED, minutes: wire.time.minutes }),
    }
}

fn destination_to_wire(destination: RuleDestination) -> dto::Destination {
    dto::Destination {
        bucket: destination.bucket,
        account: destination.account,
        storage_class: destination.storage_class.map(Into::into),
        access_control_translation: destination
            .owner
            .map(|owner| dto::AccessControlTranslation { owner: owner.into() }),
        encryption_configuration: destination
            .encryption
            .map(|encryption| dto::EncryptionConfiguration { replica_kms_key_id: encryption.replica_kms_key_id }),
        metrics: destination.metrics.map(|metrics| dto::Metrics {
            status: status(metrics.enabled).into(),
            event_threshold: metrics
                .event_threshold_minutes
                .map(|minutes| dto::ReplicationTimeValue { minutes: Some(minutes) }),
        }),
        replication_time: destination.time.map(|time| dto::ReplicationTime {
            status: status(time.enabled).into(),
            time: dto::ReplicationTimeValue { minutes: time.minutes },
        }),
    }
}

fn status(enabled: bool) -> String {
    if enabled { ENABLED } else { DISABLED }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_is_what_is_read() {
        let configuration = ReplicationConfiguration {
            role: "arn:aws:iam::111111111111:role/replication".into(),
            rules: vec![ReplicationRule {
                id: Some("canary".into()),
                priority: Some(3),
                enabled: true,
                prefix: None,
                filter: Some(RuleFilter::And {
                    prefix: Some("replicanary/".into()),
                    tags: vec![Tag { key: "team".into(), value: "storage".into() }],
                }),
                delete_markers: Some(false),
                existing_objects: None,
                source_selection: Some(SourceSelection {
                    sse_kms_objects: Some(true),
                    replica_modifications: Some(false),
                }),
                destination: RuleDestination {
                    bucket: "arn:aws:s3:::replica".into(),
                    account: Some("222222222222".into()),
                    storage_class: Some("STANDARD_IA".into()),
                    owner: Some("Destination".into()),
                    encryption: Some(ReplicaEncryption { replica_kms_key_id: Some("arn:aws:kms:x:2:key/k".into()) }),
                    metrics: Some(ReplicationMetrics { enabled: true, event_threshold_minutes: Some(15) }),
                    time: Some(ReplicationTime { enabled: true, minutes: Some(15) }),
                },
            }],
        };
        assert_eq!(from_wire(to_wire(configuration.clone())).unwrap(), configuration);
        let mut unknown = to_wire(configuration);
        unknown.rules[0].status = String::from("enabled").into();
        assert_eq!(from_wire(unknown), None);
    }
}
