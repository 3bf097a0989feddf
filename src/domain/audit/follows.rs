//! What follows from what: one root cause stays an error, and its consequences are told as such.

use super::finding::{Finding, Outcome, Severity};

/// What the fault of one check takes with it: checks by the beginnings of their ids.
struct Root {
    id: &'static str,
    takes: &'static [&'static str],
}

/// Checks that need the role.
const OF_ROLE: &[&str] = &[
    "role_",
    "source_policy_no_deny",
    "source_key_lets_",
    "source_key_no_",
    "source_bucket_key_",
    "destination_key_lets_",
    "destination_key_no_",
    "destination_bucket_key_",
    "destination_policy_lets_",
    "destination_policy_no_",
];

/// Checks of the key of replicas.
const OF_REPLICA_KEY: &[&str] = &[
    "rule_replica_key_",
    "destination_key_",
    "destination_bucket_key_",
    "role_encrypts_",
    "role_generates_",
    "role_decrypts_destination",
    "role_simulation_",
];

/// From what to what, the strongest first.
const ROOTS: &[Root] = &[
    Root {
        id: "source_bucket_exists",
        takes: &[
            "source_region_",
            "source_account_",
            "source_versioning_",
            "source_public_",
            "source_requester_",
            "source_default_",
            "source_encryption_",
            "source_canaries_",
            "source_mfa_",
            "source_lets_",
            "source_policy_",
            "source_lifecycle_",
            "source_notifications_",
            "source_eventbridge_",
            "source_prefix_",
            "source_readable",
            "source_bucket_key_",
            "object_lock_",
            "replication_",
            "rule_",
            "role_",
        ],
    },
    Root {
        id: "destination_bucket_exists",
        takes: &[
            "destination_region_as_",
            "destination_account_",
            "destination_versioning_",
            "destination_public_",
            "destination_requester_",
            "destination_default_",
            "destination_encryption_",
            "destination_canaries_",
            "destination_mfa_",
            "destination_lets_",
            "destination_policy_",
            "destination_lifecycle_",
            "destination_notifications_",
            "destination_eventbridge_",
            "destination_prefix_",
            "destination_readable",
            "destination_expiry_",
            "object_lock_",
            "public_policy_",
            "replica_owner",
        ],
    },
    Root { id: "source_account_as_configured", takes: &["source_monitor_identity"] },
    Root { id: "replication_configured", takes: &["rule_", "role_"] },
    Root { id: "rule_leads_to_destination", takes: &["rule_"] },
    Root { id: "rule_enabled", takes: &["rule_"] },
    Root { id: "rule_covers_canary", takes: &["rule_"] },
    Root { id: "rule_not_shadowed", takes: &["rule_takes_kms_", "rule_names_"] },
    Root { id: "rule_not_shadowed", takes: OF_REPLICA_KEY },
    Root { id: "role_exists", takes: OF_ROLE },
    Root { id: "role_account", takes: OF_ROLE },
    Root { id: "rule_replica_key_multi_region", takes: OF_REPLICA_KEY },
    Root { id: "rule_replica_key_valid", takes: OF_REPLICA_KEY },
    Root { id: "rule_replica_key_customer_managed", takes: OF_REPLICA_KEY },
    Root { id: "rule_replica_key_region", takes: OF_REPLICA_KEY },
    Root { id: "rule_replica_key_account", takes: OF_REPLICA_KEY },
    Root { id: "destination_key_exists", takes: OF_REPLICA_KEY },
    Root { id: "rule_replica_key_as_configured", takes: OF_REPLICA_KEY },
    Root { id: "destination_key_region", takes: OF_REPLICA_KEY },
    Root { id: "destination_key_account", takes: OF_REPLICA_KEY },
    Root { id: "destination_key_customer_managed", takes: OF_REPLICA_KEY },
    Root { id: "source_default_encryption", takes: &["source_key_", "role_decrypts_source", "source_bucket_key_"] },
    Root { id: "source_key_exists", takes: &["source_key_", "role_decrypts_source", "source_bucket_key_"] },
    Root { id: "source_key_not_pending_deletion", takes: &["source_key_enabled"] },
    Root { id: "destination_key_not_pending_deletion", takes: &["destination_key_enabled"] },
    Root { id: "destination_account_as_configured", takes: &["rule_account", "destination_monitor_identity"] },
    Root {
        id: "role_policy_present",
        takes: &[
            "role_reads_",
            "role_lists_",
            "role_replicates_",
            "role_changes_",
            "role_decrypts_",
            "role_encrypts_",
            "role_generates_",
            "role_simulation_",
            "source_bucket_key_",
            "destination_bucket_key_",
        ],
    },
    Root { id: "role_no_deny", takes: &["role_simulation_", "role_not_denied_"] },
    Root { id: "role_boundary_allows", takes: &["role_simulation_", "role_not_denied_"] },
    Root { id: "role_replicates_objects", takes: &["role_replicates_", "role_changes_", "role_simulation_"] },
    Root {
        id: "role_reads_objects",
        takes: &["role_reads_acls", "role_reads_tags", "role_reads_locks", "role_simulation_"],
    },
    Root { id: "role_encrypts_destination", takes: &["role_generates_", "role_decrypts_destination"] },
    Root { id: "destination_key_policy_well_formed", takes: &["destination_key_lets_", "destination_bucket_key_"] },
    Root { id: "source_key_policy_well_formed", takes: &["source_key_lets_", "source_bucket_key_"] },
    Root { id: "destination_key_no_stale_principal", takes: &["destination_key_lets_"] },
    Root { id: "source_key_no_stale_principal", takes: &["source_key_lets_"] },
    Root { id: "destination_key_no_deny", takes: &["destination_key_lets_"] },
    Root { id: "destination_key_lets_role_encrypt", takes: &["destination_key_lets_", "destination_bucket_key_"] },
    Root { id: "source_key_lets_role_decrypt", takes: &["source_bucket_key_"] },
    Root { id: "destination_policy_present", takes: &["destination_policy_lets_"] },
    Root { id: "destination_policy_well_formed", takes: &["destination_policy_lets_", "destination_lets_"] },
    Root { id: "source_policy_well_formed", takes: &["source_policy_", "source_lets_"] },
    Root { id: "destination_policy_no_stale_principal", takes: &["destination_policy_lets_"] },
    Root { id: "destination_policy_lets_replicate", takes: &["destination_policy_lets_"] },
    Root { id: "destination_canaries_not_locked", takes: &["destination_lets_"] },
];

/// Demotes what follows from a fault that is an error by itself to what is worth knowing, and says from what.
pub(super) fn settle(findings: &mut [Finding]) {
    for root in ROOTS {
        let is_root = |finding: &&Finding| {
            finding.check.id == root.id
                && finding.outcome == Outcome::Fault
                && finding.severity == Severity::Error
                && finding.because.is_none()
        };
        let places: Vec<_> = findings.iter().filter(is_root).map(|finding| finding.destination).collect();
        for place in places {
            for finding in findings.iter_mut().filter(|finding| follows(root, place, finding)) {
                finding.because = Some(root.id);
                finding.severity = Severity::Info;
            }
        }
    }
}

fn follows(root: &Root, place: Option<usize>, finding: &Finding) -> bool {
    let is_there = match (place, finding.destination) {
        (Some(here), Some(there)) => here == there,
        (Some(_), None) => false,
        (None, _) => true,
    };
    is_there
        && finding.check.id != root.id
        && finding.outcome != Outcome::Ok
        && finding.because.is_none()
        && root.takes.iter().any(|beginning| finding.check.id.starts_with(beginning))
}
