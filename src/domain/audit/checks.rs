//! The table of checks: what is looked at, how grave it is, which step of the set-up it belongs to.

mod buckets;
mod canaries;
mod destination_policy;
mod encryption;
mod keys;
mod monitor;
mod role;
mod rule;

use super::book::Book;
use super::finding::Check;
use super::finding::Severity::{Error, Info, Warning};
use super::finding::Step::{Buckets, Canaries, DestinationPolicy, Encryption, Keys, Monitor, Role, Rule};
use super::scene::Scene;

/// A check that is made on both sides, each under its own id.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    /// At the source.
    pub(super) source: &'static Check,
    /// At a destination.
    pub(super) destination: &'static Check,
}

macro_rules! checks {
    ($($name:ident $id:literal $severity:ident $step:ident $proves:literal;)*) => {
        $(
            #[doc = concat!("Proves that ", $proves, ".")]
            pub(super) static $name: Check = Check { id: $id, severity: $severity, step: $step, proves: $proves };
        )*

        /// Every check there is, in the order of the steps.
        pub static CHECKS: &[&Check] = &[$(&$name),*];
    };
}

checks! {
    SOURCE_EXISTS "source_bucket_exists" Error Buckets "the source bucket exists";
    DESTINATION_EXISTS "destination_bucket_exists" Error Buckets "the destination bucket exists";
    SOURCE_REGION "source_region_as_configured" Error Buckets "the source bucket is in the configured Region";
    DESTINATION_REGION "destination_region_as_configured" Error Buckets
        "the destination bucket is in the configured Region";
    REGIONS_DIFFER "regions_differ" Info Buckets "the buckets are in different Regions";
    REGION_ENABLED "destination_region_enabled" Error Buckets
        "the Regions of both sides are enabled for the accounts";
    REGION_NOT_DENIED "region_not_denied" Error Buckets "no service control policy was seen to deny a Region";
    SOURCE_ACCOUNT "source_account_as_configured" Error Buckets "the configured account owns the source bucket";
    DESTINATION_ACCOUNT "destination_account_as_configured" Error Buckets
        "the configured account owns the destination bucket";
    SOURCE_VERSIONING "source_versioning_enabled" Error Buckets "versioning is enabled on the source bucket";
    DESTINATION_VERSIONING "destination_versioning_enabled" Error Buckets
        "versioning is enabled on the destination bucket";
    SOURCE_PUBLIC "source_public_access_blocked" Warning Buckets "public access to the source bucket is blocked";
    DESTINATION_PUBLIC "destination_public_access_blocked" Warning Buckets
        "public access to the destination bucket is blocked";
    OBJECT_LOCK "object_lock_compatible" Error Buckets "the destination has object lock where the source has it";
    SOURCE_PAYER "source_requester_pays_off" Info Buckets "the owner pays for requests to the source bucket";
    DESTINATION_PAYER "destination_requester_pays_off" Error Buckets
        "the owner pays for requests to the destination bucket";

    SOURCE_KEY_EXISTS "source_key_exists" Error Keys "the source's KMS key exists";
    DESTINATION_KEY_EXISTS "destination_key_exists" Error Keys "the destination's KMS key exists";
    SOURCE_KEY_KEPT "source_key_not_pending_deletion" Error Keys "the source's KMS key is not scheduled for deletion";
    DESTINATION_KEY_KEPT "destination_key_not_pending_deletion" Error Keys
        "the destination's KMS key is not scheduled for deletion";
    SOURCE_KEY_ENABLED "source_key_enabled" Error Keys "the source's KMS key is enabled";
    DESTINATION_KEY_ENABLED "destination_key_enabled" Error Keys "the destination's KMS key is enabled";
    SOURCE_KEY_SYMMETRIC "source_key_symmetric" Error Keys "the source's KMS key is symmetric";
    DESTINATION_KEY_SYMMETRIC "destination_key_symmetric" Error Keys "the destination's KMS key is symmetric";
    SOURCE_KEY_USAGE "source_key_encrypts" Error Keys "the source's KMS key is one to encrypt and decrypt with";
    DESTINATION_KEY_USAGE "destination_key_encrypts" Error Keys
        "the destination's KMS key is one to encrypt and decrypt with";
    SOURCE_KEY_REGION "source_key_region" Error Keys "the source's KMS key is in the source's Region";
    DESTINATION_KEY_REGION "destination_key_region" Error Keys
        "the destination's KMS key is in the destination's Region";
    SOURCE_KEY_ACCOUNT "source_key_account" Warning Keys "the source's KMS key belongs to the source's account";
    DESTINATION_KEY_ACCOUNT "destination_key_account" Error Keys
        "the destination's KMS key belongs to the destination's account";
    SOURCE_KEY_MANAGER "source_key_customer_managed" Info Keys "the source's KMS key is managed by the customer";
    DESTINATION_KEY_MANAGER "destination_key_customer_managed" Error Keys
        "the destination's KMS key is managed by the customer";
    SOURCE_KEY_FORM "source_key_policy_well_formed" Error Keys "the policy of the source's KMS key is well formed";
    DESTINATION_KEY_FORM "destination_key_policy_well_formed" Error Keys
        "the policy of the destination's KMS key is well formed";
    SOURCE_KEY_STALE "source_key_no_stale_principal" Error Keys
        "the policy of the source's KMS key names nobody who is gone";
    DESTINATION_KEY_STALE "destination_key_no_stale_principal" Error Keys
        "the policy of the destination's KMS key names nobody who is gone";
    SOURCE_KEY_DENY "source_key_no_deny" Error Keys
        "the policy of the source's KMS key denies the role nothing that it needs";
    DESTINATION_KEY_DENY "destination_key_no_deny" Error Keys
        "the policy of the destination's KMS key denies the role nothing that it needs";
    SOURCE_KEY_DECRYPT "source_key_lets_role_decrypt" Error Keys
        "the policy and grants of the source's KMS key let the role decrypt";
    DESTINATION_KEY_ENCRYPT "destination_key_lets_role_encrypt" Error Keys
        "the policy and grants of the destination's KMS key let the role encrypt";
    DESTINATION_KEY_GENERATE "destination_key_lets_role_generate" Error Keys
        "the policy and grants of the destination's KMS key let the role make data keys";
    DESTINATION_KEY_DECRYPT "destination_key_lets_role_decrypt" Error Keys
        "the policy and grants of the destination's KMS key let the role check Bucket Keys";

    SOURCE_ENCRYPTION "source_default_encryption" Error Encryption
        "new objects of the source bucket are encrypted with the expected key";
    DESTINATION_ENCRYPTION "destination_default_encryption" Warning Encryption
        "new objects of the destination bucket are encrypted with the expected key";
    SOURCE_ENCRYPTION_ALIAS "source_encryption_key_by_arn" Warning Encryption
        "the source's default encryption names its key by key ARN";
    DESTINATION_ENCRYPTION_ALIAS "destination_encryption_key_by_arn" Warning Encryption
        "the destination's default encryption names its key by key ARN";
    SOURCE_BUCKET_KEY "source_bucket_key_consistent" Error Encryption
        "the source key's conditions on the encryption context fit the bucket's Bucket Key setting";
    DESTINATION_BUCKET_KEY "destination_bucket_key_consistent" Error Encryption
        "the destination key's conditions on the encryption context fit the Bucket Key setting";

    ROLE_EXISTS "role_exists" Error Role "the replication role exists";
    ROLE_ACCOUNT "role_account" Error Role "the replication role belongs to the source's account";
    ROLE_TRUST_FORM "role_trust_well_formed" Error Role "the role's trust policy is well formed";
    ROLE_TRUST "role_trusts_s3" Error Role "S3 may assume the replication role";
    ROLE_POLICY_PRESENT "role_policy_present" Error Role "the replication role has a policy";
    ROLE_POLICY_FORM "role_policy_well_formed" Error Role "the role's policies are well formed";
    ROLE_ALIAS "role_policy_keys_by_arn" Warning Role "the role's policies name KMS keys by key ARN";
    ROLE_DENY "role_no_deny" Error Role "the role's policies deny it nothing that it needs";
    ROLE_BOUNDARY "role_boundary_allows" Error Role "the role's permissions boundary lets through what it needs";
    ROLE_CONFIGURATION "role_reads_configuration" Error Role "the role may read the replication configuration";
    ROLE_LIST "role_lists_source" Error Role "the role may list the source bucket";
    ROLE_READ "role_reads_objects" Error Role "the role may read object versions for replication";
    ROLE_ACL "role_reads_acls" Error Role "the role may read the ACLs of object versions";
    ROLE_TAGGING "role_reads_tags" Error Role "the role may read the tags of object versions";
    ROLE_LOCK "role_reads_locks" Error Role
        "the role may read retention and legal hold where the source has object lock";
    ROLE_REPLICATE "role_replicates_objects" Error Role "the role may replicate objects";
    ROLE_DELETE "role_replicates_deletes" Error Role "the role may replicate delete markers";
    ROLE_TAGS "role_replicates_tags" Error Role "the role may replicate tags";
    ROLE_OWNER "role_changes_owner" Error Role "the role may hand replicas over to the destination's owner";
    ROLE_DECRYPT "role_decrypts_source" Error Role "the role may decrypt with the source's KMS key";
    ROLE_ENCRYPT "role_encrypts_destination" Error Role "the role may encrypt with the destination's KMS key";
    ROLE_GENERATE "role_generates_data_keys" Error Role "the role may make data keys with the destination's KMS key";
    ROLE_CHECK "role_decrypts_destination" Warning Role
        "the role may check Bucket Keys with the destination's KMS key";
    ROLE_ORGANIZATION "role_not_denied_by_organization" Error Role
        "no policy above the account denies the role what it needs";
    ROLE_SIMULATION "role_simulation_agrees" Warning Role "SimulatePrincipalPolicy answers as the policies read";
    ROLE_BREADTH "role_least_privilege" Info Role "the role may do no more than it needs";
    SOURCE_POLICY_FORM "source_policy_well_formed" Error Role "the source bucket's policy is well formed";
    SOURCE_POLICY_DENY "source_policy_no_deny" Error Role
        "the source bucket's policy denies the role nothing that it needs";

    POLICY_PRESENT "destination_policy_present" Error DestinationPolicy
        "the destination bucket has a policy for the role of the other account";
    POLICY_FORM "destination_policy_well_formed" Error DestinationPolicy
        "the destination bucket's policy is well formed";
    POLICY_STALE "destination_policy_no_stale_principal" Error DestinationPolicy
        "the destination bucket's policy names nobody who is gone";
    POLICY_DENY "destination_policy_no_deny" Error DestinationPolicy
        "the destination bucket's policy denies the role nothing that it needs";
    POLICY_REPLICATE "destination_policy_lets_replicate" Error DestinationPolicy
        "the destination bucket's policy lets the role replicate objects";
    POLICY_DELETE "destination_policy_lets_replicate_deletes" Error DestinationPolicy
        "the destination bucket's policy lets the role replicate delete markers";
    POLICY_TAGS "destination_policy_lets_replicate_tags" Error DestinationPolicy
        "the destination bucket's policy lets the role replicate tags";
    POLICY_OWNER "destination_policy_lets_change_owner" Error DestinationPolicy
        "the destination bucket's policy lets the role hand replicas over";
    POLICY_LIST "destination_policy_lets_look" Info DestinationPolicy
        "the destination bucket's policy grants what AWS's sample grants on the bucket itself";
    PUBLIC_POLICY "public_policy_not_restricted" Error DestinationPolicy
        "no public statement makes S3 ignore the grant to the other account";
    OWNERSHIP "replica_owner" Warning DestinationPolicy "replicas belong to the destination's account";

    CONFIGURED "replication_configured" Error Rule "the source bucket has a replication configuration";
    RULE_LEADS "rule_leads_to_destination" Error Rule "a rule leads to the destination bucket";
    RULE_ENABLED "rule_enabled" Error Rule "a rule that leads to the destination is enabled";
    RULE_COVERS "rule_covers_canary" Error Rule "an enabled rule takes canaries to the destination";
    RULE_PRIORITY "rule_not_shadowed" Warning Rule "no other rule to the same destination takes canaries away";
    RULE_ACCOUNT "rule_account" Error Rule "the rule names the destination's account";
    RULE_KMS "rule_takes_kms_objects" Error Rule "the rule takes objects under SSE-KMS";
    RULE_KEY "rule_names_replica_key" Error Rule "the rule names a key for replicas";
    RULE_KEY_ARN "rule_replica_key_valid" Error Rule "the rule's ReplicaKmsKeyID is the ARN of a KMS key";
    RULE_KEY_ALIAS "rule_replica_key_by_arn" Warning Rule "the rule's ReplicaKmsKeyID is a key ARN and no alias";
    RULE_KEY_REGION "rule_replica_key_region" Error Rule "the rule's ReplicaKmsKeyID is in the destination's Region";
    RULE_KEY_MULTI "rule_replica_key_multi_region" Error Rule
        "the rule's ReplicaKmsKeyID is no multi-Region key of another Region";
    RULE_KEY_ACCOUNT "rule_replica_key_account" Error Rule
        "the rule's ReplicaKmsKeyID belongs to the destination's account";
    RULE_KEY_MANAGER "rule_replica_key_customer_managed" Error Rule
        "the rule's ReplicaKmsKeyID is not the AWS managed key aws/s3";
    RULE_KEY_EXPECTED "rule_replica_key_as_configured" Error Rule
        "the rule's ReplicaKmsKeyID is the key that is expected";
    RULE_OWNER "rule_owner_override" Error Rule
        "the rule's change of owner names the account that replicas shall belong to";
    RULE_METRICS "rule_publishes_metrics" Info Rule "the rule publishes replication metrics";
    RULE_TIME "rule_time_control" Info Rule "the rule promises a time of arrival (RTC)";
    RULE_MARKERS "rule_replicates_delete_markers" Info Rule "the rule replicates delete markers";
    RULE_SYNC "rule_replica_modifications" Info Rule "changes of replicas stay at the destination";
    RULE_CLASS "rule_storage_class" Warning Rule "the rule's storage class has no minimum of size or time to pay for";
    RULE_CLASS_EXPECTED "rule_storage_class_as_configured" Error Rule
        "the rule's storage class is the one that is expected";
    RULE_BREADTH "rule_canaries_cover_bucket" Info Rule "canaries stand for every object that the rules take";

    SOURCE_RETAINED "source_canaries_not_locked" Error Canaries "object lock lets canaries be deleted at the source";
    DESTINATION_RETAINED "destination_canaries_not_locked" Error Canaries
        "object lock lets canaries be deleted at the destination";
    SOURCE_MFA "source_mfa_delete_off" Error Canaries "no MFA is needed to delete canaries at the source";
    DESTINATION_MFA "destination_mfa_delete_off" Error Canaries
        "no MFA is needed to delete canaries at the destination";
    SOURCE_DELETABLE "source_lets_delete_canaries" Error Canaries
        "the source bucket's policy does not forbid to delete canaries";
    DESTINATION_DELETABLE "destination_lets_delete_canaries" Error Canaries
        "the destination bucket's policy does not forbid to delete canaries";
    EXPIRY "destination_expiry_rule" Error Canaries "a lifecycle rule expires canaries where nobody may delete them";
    SOURCE_LIFECYCLE "source_lifecycle_spares_canaries" Warning Canaries
        "no lifecycle rule takes canaries before they are judged at the source";
    DESTINATION_LIFECYCLE "destination_lifecycle_spares_canaries" Warning Canaries
        "no lifecycle rule takes canaries before they are judged at the destination";
    ARCHIVE "replicas_readable" Warning Canaries "replicas are not kept in an archive class";
    SOURCE_NOTIFIED "source_notifications_spare_canaries" Warning Canaries
        "nobody is notified of canaries at the source";
    DESTINATION_NOTIFIED "destination_notifications_spare_canaries" Warning Canaries
        "nobody is notified of canaries at the destination";
    SOURCE_BRIDGE "source_eventbridge_off" Info Canaries "the source bucket does not send canaries to EventBridge";
    DESTINATION_BRIDGE "destination_eventbridge_off" Info Canaries
        "the destination bucket does not send canaries to EventBridge";
    SOURCE_STRANGERS "source_prefix_is_ours" Warning Canaries
        "nothing but canaries is under the prefix at the source";
    DESTINATION_STRANGERS "destination_prefix_is_ours" Warning Canaries
        "nothing but canaries is under the prefix at the destination";

    SOURCE_IDENTITY "source_monitor_identity" Warning Monitor
        "the monitor's credentials for the source belong to the source's account";
    DESTINATION_IDENTITY "destination_monitor_identity" Warning Monitor
        "the monitor's credentials for the destination belong to the destination's account";
    SOURCE_ROOT "source_monitor_not_root" Info Monitor "the monitor does not act as the root user at the source";
    DESTINATION_ROOT "destination_monitor_not_root" Info Monitor
        "the monitor does not act as the root user at the destination";
    SOURCE_FACTS "source_readable" Warning Monitor "the monitor may read the set-up of the source";
    DESTINATION_FACTS "destination_readable" Warning Monitor "the monitor may read the set-up of the destination";
    ROLE_FACTS "role_readable" Warning Monitor "the monitor may read the replication role";
}

/// Makes every check.
pub(super) fn run(scene: &Scene<'_>, book: &mut Book) {
    buckets::check(scene, book);
    keys::check(scene, book);
    encryption::check(scene, book);
    role::check(scene, book);
    destination_policy::check(scene, book);
    rule::check(scene, book);
    canaries::check(scene, book);
    monitor::check(scene, book);
}
