//! Settings of a bucket: versioning, default encryption, public access, ownership, replication.

use s3s::dto::*;

use super::super::refusal::Refusal;
use super::buckets::parse_ownership;
use super::{Call, malformed_xml, replication};
use crate::sim::world::{Algorithm, BucketEncryption, Moment, PublicAccessBlock, Versioning, World};

type Answer<T> = Result<T, Refusal>;

/// `GetBucketVersioning`: a bucket that never had it answers without a status.
pub(super) fn get_versioning(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: GetBucketVersioningInput,
) -> Answer<GetBucketVersioningOutput> {
    let status = match world.versioning(now, &call.access, &input.bucket)? {
        Versioning::Unversioned => None,
        Versioning::Enabled => Some(BucketVersioningStatus::from_static(BucketVersioningStatus::ENABLED)),
        Versioning::Suspended => Some(BucketVersioningStatus::from_static(BucketVersioningStatus::SUSPENDED)),
    };
    // S3 shows it only where it is on.
    let mfa_delete = world.mfa_delete(now, &call.access, &input.bucket)?;
    let mfa_delete = mfa_delete.then(|| MFADeleteStatus::from_static(MFADeleteStatus::ENABLED));
    Ok(GetBucketVersioningOutput { mfa_delete, status })
}

/// `PutBucketVersioning`.
pub(super) fn put_versioning(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: PutBucketVersioningInput,
) -> Answer<PutBucketVersioningOutput> {
    let configuration = input.versioning_configuration;
    let mfa_delete = match configuration.mfa_delete.as_ref().map(MFADelete::as_str) {
        None => None,
        Some(MFADelete::ENABLED) => Some(true),
        Some(MFADelete::DISABLED) => Some(false),
        Some(_) => return Err(malformed_xml()),
    };
    let enabled = match configuration.status.as_ref().map(BucketVersioningStatus::as_str) {
        Some(BucketVersioningStatus::ENABLED) => true,
        Some(BucketVersioningStatus::SUSPENDED) => false,
        Some(_) => return Err(malformed_xml()),
        None => {
            let message = "The Versioning element must be specified";
            return Err(Refusal::bad_request("IllegalVersioningConfigurationException", message));
        }
    };
    world.put_versioning_and_mfa_delete(now, &call.access, &input.bucket, enabled, mfa_delete)?;
    Ok(PutBucketVersioningOutput {})
}

/// `GetBucketEncryption`.
pub(super) fn get_encryption(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: GetBucketEncryptionInput,
) -> Answer<GetBucketEncryptionOutput> {
    let encryption = world.encryption(now, &call.access, &input.bucket)?;
    let by_default = ServerSideEncryptionByDefault {
        kms_master_key_id: encryption.key_id,
        sse_algorithm: ServerSideEncryption::from_static(encryption.algorithm.as_str()),
    };
    let rule = ServerSideEncryptionRule {
        apply_server_side_encryption_by_default: Some(by_default),
        bucket_key_enabled: Some(encryption.bucket_key),
    };
    let configuration = ServerSideEncryptionConfiguration { rules: vec![rule] };
    Ok(GetBucketEncryptionOutput { server_side_encryption_configuration: Some(configuration) })
}

/// `PutBucketEncryption`.
pub(super) fn put_encryption(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: PutBucketEncryptionInput,
) -> Answer<PutBucketEncryptionOutput> {
    let mut rules = input.server_side_encryption_configuration.rules;
    let (Some(rule), true) = (rules.pop(), rules.is_empty()) else { return Err(malformed_xml()) };
    let bucket_key = rule.bucket_key_enabled == Some(true);
    let encryption = match rule.apply_server_side_encryption_by_default {
        None => BucketEncryption { bucket_key, ..BucketEncryption::default() },
        Some(by_default) => {
            let algorithm = Algorithm::parse(by_default.sse_algorithm.as_str()).ok_or_else(malformed_xml)?;
            let key_id = by_default.kms_master_key_id.filter(|key| !key.is_empty());
            if key_id.is_some() && !algorithm.uses_kms() {
                let message = "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or \
                               aws:kms:dsse";
                return Err(Refusal::bad_request("InvalidArgument", message));
            }
            BucketEncryption { algorithm, key_id, bucket_key }
        }
    };
    world.put_encryption(now, &call.access, &input.bucket, encryption)?;
    Ok(PutBucketEncryptionOutput {})
}

/// `GetPublicAccessBlock`.
pub(super) fn get_public_access(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: GetPublicAccessBlockInput,
) -> Answer<GetPublicAccessBlockOutput> {
    let block = world.public_access(now, &call.access, &input.bucket)?;
    let configuration = PublicAccessBlockConfiguration {
        block_public_acls: Some(block.block_public_acls),
        block_public_policy: Some(block.block_public_policy),
        ignore_public_acls: Some(block.ignore_public_acls),
        restrict_public_buckets: Some(block.restrict_public_buckets),
    };
    Ok(GetPublicAccessBlockOutput { public_access_block_configuration: Some(configuration) })
}

/// `PutPublicAccessBlock`: what is not given is off.
pub(super) fn put_public_access(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: PutPublicAccessBlockInput,
) -> Answer<PutPublicAccessBlockOutput> {
    let given = input.public_access_block_configuration;
    let block = PublicAccessBlock {
        block_public_acls: given.block_public_acls == Some(true),
        ignore_public_acls: given.ignore_public_acls == Some(true),
        block_public_policy: given.block_public_policy == Some(true),
        restrict_public_buckets: given.restrict_public_buckets == Some(true),
    };
    world.put_public_access(now, &call.access, &input.bucket, block)?;
    Ok(PutPublicAccessBlockOutput {})
}

/// `GetBucketOwnershipControls`.
pub(super) fn get_ownership(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: GetBucketOwnershipControlsInput,
) -> Answer<GetBucketOwnershipControlsOutput> {
    let ownership = world.ownership(now, &call.access, &input.bucket)?;
    let rule = OwnershipControlsRule { object_ownership: ObjectOwnership::from_static(ownership.as_str()) };
    Ok(GetBucketOwnershipControlsOutput { ownership_controls: Some(OwnershipControls { rules: vec![rule] }) })
}

/// `PutBucketOwnershipControls`.
pub(super) fn put_ownership(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: PutBucketOwnershipControlsInput,
) -> Answer<PutBucketOwnershipControlsOutput> {
    let rules = input.ownership_controls.rules;
    let [rule] = rules.as_slice() else { return Err(malformed_xml()) };
    let ownership = parse_ownership(rule.object_ownership.as_str()).map_err(|_| malformed_xml())?;
    world.put_ownership(now, &call.access, &input.bucket, ownership)?;
    Ok(PutBucketOwnershipControlsOutput {})
}

/// `GetBucketReplication`.
pub(super) fn get_replication(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: GetBucketReplicationInput,
) -> Answer<GetBucketReplicationOutput> {
    let configuration = world.replication(now, &call.access, &input.bucket)?;
    Ok(GetBucketReplicationOutput { replication_configuration: Some(replication::to_wire(configuration)) })
}

/// `PutBucketReplication`.
pub(super) fn put_replication(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: PutBucketReplicationInput,
) -> Answer<PutBucketReplicationOutput> {
    let configuration = replication::from_wire(input.replication_configuration).ok_or_else(malformed_xml)?;
    world.put_replication(now, &call.access, &input.bucket, configuration)?;
    Ok(PutBucketReplicationOutput {})
}

/// `DeleteBucketReplication`.
pub(super) fn delete_replication(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: DeleteBucketReplicationInput,
) -> Answer<DeleteBucketReplicationOutput> {
    world.delete_replication(now, &call.access, &input.bucket)?;
    Ok(DeleteBucketReplicationOutput {})
}

/// `DeleteBucketEncryption`.
pub(super) fn delete_encryption(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: DeleteBucketEncryptionInput,
) -> Answer<DeleteBucketEncryptionOutput> {
    world.delete_encryption(now, &call.access, &input.bucket)?;
    Ok(DeleteBucketEncryptionOutput {})
}

/// `DeletePublicAccessBlock`.
pub(super) fn delete_public_access(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: DeletePublicAccessBlockInput,
) -> Answer<DeletePublicAccessBlockOutput> {
    world.delete_public_access(now, &call.access, &input.bucket)?;
    Ok(DeletePublicAccessBlockOutput {})
}

/// `DeleteBucketOwnershipControls`.
pub(super) fn delete_ownership(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: DeleteBucketOwnershipControlsInput,
) -> Answer<DeleteBucketOwnershipControlsOutput> {
    world.delete_ownership(now, &call.access, &input.bucket)?;
    Ok(DeleteBucketOwnershipControlsOutput {})
}

/// `GetBucketRequestPayment`.
pub(super) fn get_request_payment(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: GetBucketRequestPaymentInput,
) -> Answer<GetBucketRequestPaymentOutput> {
    let requester = world.requester_pays(now, &call.access, &input.bucket)?;
    let payer = Payer::from_static(if requester { Payer::REQUESTER } else { Payer::BUCKET_OWNER });
    Ok(GetBucketRequestPaymentOutput { payer: Some(payer) })
}

/// `PutBucketRequestPayment`.
pub(super) fn put_request_payment(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: PutBucketRequestPaymentInput,
) -> Answer<PutBucketRequestPaymentOutput> {
    let requester = match input.request_payment_configuration.payer.as_str() {
        Payer::REQUESTER => true,
        Payer::BUCKET_OWNER => false,
        _ => return Err(malformed_xml()),
    };
    world.put_requester_pays(now, &call.access, &input.bucket, requester)?;
    Ok(PutBucketRequestPaymentOutput {})
}

/// `GetBucketTagging`.
pub(super) fn get_tags(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: GetBucketTaggingInput,
) -> Answer<GetBucketTaggingOutput> {
    let tags = world.bucket_tags(now, &call.access, &input.bucket)?;
    Ok(GetBucketTaggingOutput { tag_set: tags.into_iter().map(replication::tag_to_wire).collect() })
}

/// `PutBucketTagging`.
pub(super) fn put_tags(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: PutBucketTaggingInput,
) -> Answer<PutBucketTaggingOutput> {
    let tags = input.tagging.tag_set.into_iter().map(replication::tag_from_wire).collect();
    world.put_bucket_tags(now, &call.access, &input.bucket, Some(tags))?;
    Ok(PutBucketTaggingOutput {})
}

/// `DeleteBucketTagging`.
pub(super) fn delete_tags(
    world: &mut World,
    now: Moment,
    call: &Call,
    input: DeleteBucketTaggingInput,
) -> Answer<DeleteBucketTaggingOutput> {
    world.put_bucket_tags(now, &call.access, &input.bucket, None)?;
    Ok(DeleteBucketTaggingOutput {})
}
