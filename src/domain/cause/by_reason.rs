//! Which causes explain a failure reason of S3, the likeliest first ("Amazon S3 replication failure reasons", S3 User
//! Guide).

use super::id::CauseId as Id;
use crate::domain::event::reason::FailureReason as F;

/// The causes that explain a failure reason; empty where it stands for none.
pub(super) fn causes(reason: F) -> &'static [Id] {
    match reason {
        F::AssumeRoleNotPermitted => &[Id::RoleTrustBroken, Id::RoleMissing, Id::OrganizationPolicy],
        F::DstBucketNotFound => &[Id::DestinationBucketMissing],
        F::DstBucketObjectLockConfigMissing => &[Id::ObjectLockMismatch],
        F::DstBucketUnversioned => &[Id::DestinationVersioningOff],
        F::DstBucketInvalidRegion | F::SrcBucketInvalidRegion => &[Id::SetUpFault],
        F::DstKmsKeyInvalidState => {
            &[Id::DestinationKeyDisabled, Id::DestinationKeyPendingDeletion, Id::DestinationKeyUnusable]
        }
        F::DstKmsKeyNotFound => {
            &[Id::DestinationKeyMissing, Id::ReplicaKeyWrongRegion, Id::ReplicaKeyWrongAccount, Id::ReplicaKeyAlias]
        }
        F::DstPutObjectNotPermitted => WRITE,
        F::DstDelObjNotPermitted
        | F::DstMultipartCompleteNotPermitted
        | F::DstMultipartInitNotPermitted
        | F::DstMultipartUploadNotPermitted
        | F::DstPutAclNotPermitted
        | F::DstPutTaggingNotPermitted => WRITE_PART,
        F::DstPutLegalHoldNotPermitted
        | F::DstPutRetentionNotPermitted
        | F::SrcGetLegalHoldNotPermitted
        | F::SrcGetRetentionNotPermitted => &[Id::ObjectLockMismatch, Id::RoleSourcePermissionMissing],
        F::SrcBucketNotFound => &[Id::SourceBucketMissing],
        F::SrcBucketReplicationConfigMissing => &[Id::ReplicationConfigurationMissing],
        F::SrcGetAclNotPermitted => &[Id::SourceObjectOwnership, Id::RoleSourcePermissionMissing, Id::PolicyMalformed],
        F::SrcGetObjectNotPermitted | F::SrcHeadObjectNotPermitted | F::SrcGetTaggingNotPermitted => READ,
        F::SrcKeyNotFound | F::SrcVersionNotFound | F::SrcObjectNotFound => &[Id::SourceDeletedEarly],
        F::SrcKmsKeyInvalidState => {
            &[Id::SourceKeyDisabled, Id::SourceKeyPendingDeletion, Id::SourceKeyUnusable, Id::SourceKeyMissing]
        }
        F::SrcObjectNotEligible => &[Id::RuleFilterMismatch],
        F::DstObjectHardDeleted | F::DstVersionNotFound => &[Id::ReplicaDeleted],
        F::InitiateReplicationNotPermitted | F::SrcReplicationNotPending | F::Other => &[],
    }
}

/// What keeps the role from writing an object at the destination.
const WRITE: &[Id] = &[
    Id::DestinationPolicyMissing,
    Id::DestinationPolicyDenies,
    Id::DestinationKeyPolicyDenies,
    Id::EncryptionContextMismatch,
    Id::RoleDestinationPermissionMissing,
    Id::RoleKmsPermissionMissing,
    Id::DestinationPublicPolicy,
    Id::OwnerOverrideNotPermitted,
    Id::RoleRecreated,
    Id::RoleExplicitDeny,
    Id::PermissionsBoundary,
    Id::OrganizationPolicy,
    Id::PolicyMalformed,
    Id::DestinationAccountWrong,
    Id::DestinationRequesterPays,
    Id::DestinationRegionNotEnabled,
    Id::ReplicaKeyAwsManaged,
    Id::ReplicaKeyWrongAccount,
    Id::ReplicaKeyAlias,
    Id::ReplicaKeyMissing,
];

/// What keeps the role from writing what belongs to an object.
const WRITE_PART: &[Id] = &[
    Id::RoleDestinationPermissionMissing,
    Id::DestinationPolicyMissing,
    Id::DestinationPolicyDenies,
    Id::DestinationPublicPolicy,
    Id::RoleRecreated,
    Id::RoleExplicitDeny,
    Id::PermissionsBoundary,
    Id::PolicyMalformed,
];

/// What keeps the role from reading an object at the source.
const READ: &[Id] = &[
    Id::RoleSourcePermissionMissing,
    Id::RoleKmsPermissionMissing,
    Id::SourceKeyPolicyDenies,
    Id::EncryptionContextMismatch,
    Id::RoleExplicitDeny,
    Id::PermissionsBoundary,
    Id::OrganizationPolicy,
    Id::PolicyMalformed,
    Id::SourceEncryptionWrong,
];
