//! The closed set of causes: each with what it shows itself by, one sentence, and how to repair it.

use std::fmt;

/// How a cause shows itself at a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// S3 gives canaries up (FAILED), or they are lost.
    Refused,
    /// No rule takes them.
    Uncovered,
    /// They arrive otherwise than expected.
    Altered,
    /// They are late, or undecided.
    Delayed,
    /// They cannot be written, by anybody.
    Unwritable,
    /// They cannot be deleted.
    Kept,
    /// The monitor cannot tell.
    Blind,
}

/// What a destination, or the side of a route, shares with others that have the same trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The source bucket: every destination of its routes.
    SourceBucket,
    /// The destination bucket.
    DestinationBucket,
    /// The key of the source.
    SourceKey,
    /// The key of the replicas.
    DestinationKey,
    /// The source's account, where the replication role lives.
    SourceAccount,
    /// The Region of the destination.
    DestinationRegion,
}

macro_rules! causes {
    ($($variant:ident $id:literal $scope:ident [$($shows:ident)+] $summary:literal, $remedy:literal;)+) => {
        /// Why replication to a destination does not work, or why that is not known. The order is that in which S3
        /// meets the trouble: of two equally well proven causes the first counts.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum CauseId {
            $(#[doc = $summary] $variant,)+
        }

        impl CauseId {
            /// Every cause.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The cause as label value and API code.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $id,)+ }
            }

            /// What it is, in one sentence.
            #[must_use]
            pub fn summary(self) -> &'static str {
                match self { $(Self::$variant => $summary,)+ }
            }

            /// How it is repaired, where no finding says it more exactly.
            #[must_use]
            pub fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)+ }
            }

            /// How it shows itself.
            #[must_use]
            pub fn shows(self) -> &'static [Shows] {
                match self { $(Self::$variant => &[$(Shows::$shows),+],)+ }
            }

            /// What destinations share that have it for the same reason.
            #[must_use]
            pub fn scope(self) -> Scope {
                match self { $(Self::$variant => Scope::$scope,)+ }
            }
        }
    };
}

causes! {
    SourceBucketMissing "source_bucket_missing" SourceBucket [Unwritable Refused]
        "The source bucket does not exist.",
        "Create the bucket, or correct `source.bucket`.";
    SourceVersioningOff "source_versioning_off" SourceBucket [Unwritable Uncovered Refused]
        "Versioning of the source bucket is off or suspended, and S3 replicates nothing without it.",
        "aws s3api put-bucket-versioning --bucket SOURCE --versioning-configuration Status=Enabled";
    SourceKeyMissing "source_key_missing" SourceKey [Unwritable Refused]
        "The KMS key of the source does not exist, so nothing can be written or read there.",
        "Set a default encryption key that exists on the source bucket.";
    SourceKeyDisabled "source_key_disabled" SourceKey [Unwritable Refused]
        "The KMS key of the source is disabled: nothing can be written there, and S3 cannot decrypt what is.",
        "aws kms enable-key --key-id SOURCE_KEY";
    SourceKeyPendingDeletion "source_key_pending_deletion" SourceKey [Unwritable Refused]
        "The KMS key of the source waits for its deletion, and cannot be used any more.",
        "aws kms cancel-key-deletion --key-id SOURCE_KEY, then aws kms enable-key --key-id SOURCE_KEY";
    SourceKeyUnusable "source_key_unusable" SourceKey [Unwritable Refused]
        "The KMS key of the source is in a state, or of a kind, that S3 cannot use.",
        "Use a symmetric ENCRYPT_DECRYPT key that is Enabled as the bucket's default key.";
    ReplicationConfigurationMissing "replication_configuration_missing" SourceBucket [Uncovered Refused]
        "The source bucket has no replication configuration.",
        "Create a replication rule on the source bucket (Management, Replication rules).";
    RuleForDestinationMissing "rule_for_destination_missing" DestinationBucket [Uncovered]
        "No replication rule names this destination bucket.",
        "Add a rule whose Destination.Bucket is this bucket, or correct the configuration of the monitor.";
    RuleDisabled "rule_disabled" SourceBucket [Uncovered]
        "The replication rule that would take the objects is disabled.",
        "Set the rule's Status to Enabled, then repair with S3 Batch Replication of status NONE.";
    RuleFilterMismatch "rule_filter_mismatch" SourceBucket [Uncovered]
        "The prefix or the tags of the replication rule do not take the objects.",
        "Widen the rule's Filter, or choose a canary prefix and tags that it covers.";
    RuleShadowed "rule_shadowed" SourceBucket [Uncovered Altered Refused]
        "Another rule to the same destination has a higher priority and wins.",
        "Raise the Priority of the intended rule, or remove the other one.";
    KmsOptInMissing "kms_opt_in_missing" SourceBucket [Uncovered]
        "The rule does not take KMS-encrypted objects: SseKmsEncryptedObjects is not Enabled.",
        "Set SourceSelectionCriteria.SseKmsEncryptedObjects.Status to Enabled, with a ReplicaKmsKeyID.";
    RoleMissing "role_missing" SourceAccount [Refused]
        "The replication role does not exist.",
        "Create the role that the replication configuration names, with s3.amazonaws.com as trusted service.";
    RoleTrustBroken "role_trust_broken" SourceAccount [Refused]
        "S3 cannot assume the replication role: its trust policy does not let s3.amazonaws.com.",
        "Allow sts:AssumeRole to {\"Service\": \"s3.amazonaws.com\"} in the role's trust policy.";
    RoleRecreated "role_recreated" SourceAccount [Refused]
        "The role was deleted and created again: policies still name the old one by its unique id (AROA...).",
        "Save the bucket policy and the key policies again with the role's ARN.";
    OrganizationPolicy "organization_policy" SourceAccount [Refused Blind]
        "A policy of the organisation (SCP or RCP) denies what the role's own policies allow.",
        "Except the replication role in the organisation's policy.";
    PermissionsBoundary "permissions_boundary" SourceAccount [Refused]
        "The permissions boundary of the replication role does not allow what its policies do.",
        "Allow the replication actions in the boundary as well.";
    RoleExplicitDeny "role_explicit_deny" SourceAccount [Refused]
        "A policy of the replication role denies what it needs.",
        "Remove the Deny statement, or except replication in it.";
    PolicyMalformed "policy_malformed" SourceAccount [Refused]
        "A policy document is malformed: an action or an ARN in it is none, so it grants nothing.",
        "Correct the quoted text in the policy.";
    RoleSourcePermissionMissing "role_source_permission_missing" SourceAccount [Refused]
        "The replication role may not read the source: an S3 action on the source bucket is missing.",
        "Grant s3:GetObjectVersionForReplication, s3:GetObjectVersionAcl and s3:GetObjectVersionTagging on SOURCE/*.";
    SourceObjectOwnership "source_object_ownership" SourceBucket [Refused]
        "The source bucket's owner does not own the objects, so S3 may not read their ACLs.",
        "Set ownership controls of the source bucket to BucketOwnerEnforced, or write with bucket-owner-full-control.";
    ObjectLockMismatch "object_lock_mismatch" DestinationBucket [Refused]
        "Object Lock is on at the source, and not, or not permitted, at the destination.",
        "Enable Object Lock on the destination; grant the role s3:GetObjectRetention and s3:GetObjectLegalHold.";
    DestinationBucketMissing "destination_bucket_missing" DestinationBucket [Refused]
        "The destination bucket does not exist.",
        "Create the bucket again, or point the replication rule to one that exists.";
    DestinationRegionNotEnabled "destination_region_not_enabled" DestinationRegion [Refused Blind]
        "The Region of the destination is not enabled for an account that takes part.",
        "aws account enable-region --region-name REGION, in both accounts.";
    DestinationVersioningOff "destination_versioning_off" DestinationBucket [Refused]
        "Versioning of the destination bucket is off or suspended.",
        "aws s3api put-bucket-versioning --bucket DESTINATION --versioning-configuration Status=Enabled";
    DestinationAccountWrong "destination_account_wrong" DestinationBucket [Refused]
        "The rule's Destination.Account is not the account that owns the destination bucket.",
        "Correct Destination.Account in the replication rule.";
    DestinationRequesterPays "destination_requester_pays" DestinationBucket [Refused]
        "The destination bucket makes the requester pay, and S3 replicates into no such bucket across accounts.",
        "aws s3api put-bucket-request-payment --bucket DESTINATION --request-payment-configuration Payer=BucketOwner";
    DestinationPublicPolicy "destination_public_policy" DestinationBucket [Refused]
        "RestrictPublicBuckets together with a public statement in the destination's policy blocks the other account.",
        "Remove the public statement from the destination's bucket policy.";
    DestinationPolicyDenies "destination_policy_denies" DestinationBucket [Refused]
        "A Deny statement of the destination's bucket policy catches replication.",
        "Except the replication role in the Deny (aws:PrincipalArn).";
    DestinationPolicyMissing "destination_policy_missing" DestinationBucket [Refused]
        "The destination's bucket policy does not let the replication role write.",
        "Allow the role s3:ReplicateObject, s3:ReplicateDelete and s3:ReplicateTags on DESTINATION/*.";
    RoleDestinationPermissionMissing "role_destination_permission_missing" SourceAccount [Refused]
        "The replication role may not write to the destination: an S3 action on it is missing.",
        "Grant s3:ReplicateObject, s3:ReplicateDelete and s3:ReplicateTags on DESTINATION/*.";
    OwnerOverrideNotPermitted "owner_override_not_permitted" DestinationBucket [Refused]
        "The rule changes the owner of replicas, and s3:ObjectOwnerOverrideToBucketOwner is not granted.",
        "Grant it in the role's policy and in the bucket policy, or set BucketOwnerEnforced on the destination.";
    RoleKmsPermissionMissing "role_kms_permission_missing" SourceAccount [Refused]
        "The replication role's own policy does not let it use a KMS key.",
        "Grant kms:Decrypt on the source key; kms:Encrypt, kms:GenerateDataKey and kms:Decrypt on the destination's.";
    EncryptionContextMismatch "encryption_context_mismatch" DestinationKey [Refused]
        "A policy asks for another encryption context than S3 sends: with Bucket Keys it is the bucket's ARN.",
        "Allow both arn:aws:s3:::BUCKET and arn:aws:s3:::BUCKET/* for kms:EncryptionContext:aws:s3:arn.";
    SourceKeyPolicyDenies "source_key_policy_denies" SourceKey [Refused]
        "The policy of the source key does not let the replication role decrypt.",
        "Allow the role kms:Decrypt in the policy of the source key.";
    ReplicaKeyMissing "replica_key_missing" SourceBucket [Refused Altered]
        "The rule names no ReplicaKmsKeyID.",
        "Name a symmetric customer managed key of the destination's account and Region.";
    ReplicaKeyWrongRegion "replica_key_wrong_region" SourceBucket [Refused]
        "The rule's ReplicaKmsKeyID is a key of another Region than the destination bucket's.",
        "Name a key in the destination's Region; a multi-Region key's replica there counts as one.";
    ReplicaKeyWrongAccount "replica_key_wrong_account" SourceBucket [Refused Altered]
        "The rule's ReplicaKmsKeyID belongs to another account than the destination bucket.",
        "Name a key of the destination's account.";
    ReplicaKeyAwsManaged "replica_key_aws_managed" SourceBucket [Refused Altered]
        "The rule's ReplicaKmsKeyID is an AWS managed key (aws/s3), which no other account can use.",
        "Name a customer managed key.";
    ReplicaKeyAlias "replica_key_alias" SourceBucket [Refused Altered]
        "A KMS key is named by alias where S3 or IAM need the key's own ARN.",
        "Name the key by its key ARN.";
    DestinationKeyMissing "destination_key_missing" DestinationKey [Refused]
        "The KMS key for replicas does not exist.",
        "Name a key that exists in the rule's ReplicaKmsKeyID.";
    DestinationKeyDisabled "destination_key_disabled" DestinationKey [Refused]
        "The KMS key for replicas is disabled.",
        "aws kms enable-key --key-id DESTINATION_KEY";
    DestinationKeyPendingDeletion "destination_key_pending_deletion" DestinationKey [Refused]
        "The KMS key for replicas waits for its deletion, and cannot be used any more.",
        "aws kms cancel-key-deletion --key-id DESTINATION_KEY, then aws kms enable-key --key-id DESTINATION_KEY";
    DestinationKeyUnusable "destination_key_unusable" DestinationKey [Refused]
        "The KMS key for replicas is in a state, or of a kind, that S3 cannot use.",
        "Use a symmetric ENCRYPT_DECRYPT key that is Enabled.";
    DestinationKeyPolicyDenies "destination_key_policy_denies" DestinationKey [Refused]
        "The policy of the destination key does not let the replication role encrypt.",
        "Allow the role kms:Encrypt, kms:GenerateDataKey* and kms:Decrypt in the policy of the destination key.";
    WrongReplicaKey "wrong_replica_key" SourceBucket [Altered]
        "Replicas are encrypted with another key than expected.",
        "Correct the rule's ReplicaKmsKeyID, or `kms_key` of the destination.";
    SourceEncryptionWrong "source_encryption_wrong" SourceBucket [Altered Refused]
        "The source bucket's default encryption is not what is expected, so objects lose the customer's key.",
        "Set SSE-KMS with the expected key as the source bucket's default encryption.";
    ReplicaOwnerWrong "replica_owner_wrong" DestinationBucket [Altered Refused]
        "Replicas belong to the source's account.",
        "Set BucketOwnerEnforced on the destination, or AccessControlTranslation Owner=Destination in the rule.";
    StorageClassWrong "storage_class_wrong" SourceBucket [Altered]
        "Replicas have another storage class than expected.",
        "Correct the rule's StorageClass, or `storage_class` of the destination.";
    ReplicaAltered "replica_altered" DestinationBucket [Altered]
        "Replicas differ from what was written: somebody or something rewrites them.",
        "Find out who writes to the destination under the canary prefix (CloudTrail data events).";
    ReplicaDeleted "replica_deleted" DestinationBucket [Refused]
        "S3 says that it replicated, and the replica is not there: somebody deletes it.",
        "Find out who deletes at the destination (CloudTrail data events, lifecycle rules).";
    SourceDeletedEarly "source_deleted_early" SourceBucket [Refused]
        "The source object was deleted before S3 had replicated it.",
        "Find out who deletes under the canary prefix: lifecycle rules, scanners, other clean-ups.";
    ReplicaChain "replica_chain" SourceBucket [Uncovered]
        "The source object is itself a replica, and S3 does not replicate replicas.",
        "Replicate from the first bucket to every destination.";
    RegionalEvent "regional_event" DestinationRegion [Delayed Refused]
        "Several routes to one Region stand still at once: an event there, not a fault of this route.",
        "See AWS Health for the Region; S3 retries by itself.";
    Backlog "backlog" SourceBucket [Delayed]
        "S3 works through a backlog: bytes and operations are pending.",
        "Wait, or spread the load; replication time control gives a promise for it.";
    Throttling "throttling" DestinationKey [Delayed]
        "More operations become pending than S3 replicates, and none fails: S3 or KMS throttles.",
        "Compare with the request quota of KMS; turn on S3 Bucket Keys to ask KMS less.";
    S3Delay "s3_delay" DestinationRegion [Delayed Refused]
        "S3 has not replicated yet, and nothing in the set-up explains it: S3 is slow or stands still.",
        "See AWS Health for both Regions; S3 retries PENDING objects by itself.";
    CanaryUndeletable "canary_undeletable" DestinationBucket [Kept]
        "Canaries cannot be deleted: a retention, a legal hold, MFA Delete or a Deny keeps them.",
        "Grant s3:DeleteObjectVersion, end the retention, use `cleanup: lifecycle`, or set `allow_retained: true`.";
    SetUpFault "set_up_fault" SourceBucket [Refused Uncovered Altered Delayed Unwritable Kept]
        "The audit of the set-up found an error.",
        "Repair what the finding names.";
    MonitorAccessDenied "monitor_access_denied" SourceAccount [Blind]
        "The monitor may not look: its own permissions are not enough.",
        "Grant what `replicanary policies --for monitor` prints.";
    MonitorCredentials "monitor_credentials" SourceAccount [Blind]
        "The monitor's own credentials are missing, refused or expired.",
        "Renew the monitor's credentials; check the trust policy of its role and the external id.";
    MonitorClock "monitor_clock" SourceAccount [Blind]
        "The monitor's clock differs too much from that of AWS.",
        "Synchronise the clock of the machine that runs the monitor.";
    MonitorNetwork "monitor_network" DestinationRegion [Blind]
        "The monitor cannot reach the server, or gets no answer from it.",
        "Check the network, the proxy and the endpoint.";
    MonitorThrottled "monitor_throttled" DestinationRegion [Blind]
        "The monitor's own requests are throttled.",
        "Raise `interval`, or lower the request rate of the account.";
    MonitorConfiguration "monitor_configuration" DestinationBucket [Blind]
        "The monitor's configuration names another Region or account than the bucket's.",
        "Correct `region` and `account` of the side.";
    MonitorBroken "monitor_broken" SourceBucket [Blind]
        "The monitor itself broke while it followed a canary.",
        "Report the monitor's log.";
    Unknown "unknown" SourceBucket [Refused Uncovered Altered Delayed Unwritable Kept]
        "Replication does not work, and what the monitor may read does not say why.",
        "Grant the monitor what `replicanary policies --for monitor` prints; turn on replication metrics and events.";
}

impl CauseId {
    /// Whether it is the monitor's own trouble, and says nothing of replication.
    #[must_use]
    pub fn is_monitors_own(self) -> bool {
        self.as_str().starts_with("monitor_")
    }
}

impl fmt::Display for CauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
