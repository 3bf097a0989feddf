//! Buckets and their settings, round trips and refusals.

use aws_sdk_s3::types::{
    AccessControlTranslation, BucketLocationConstraint, BucketVersioningStatus, DeleteMarkerReplication,
    DeleteMarkerReplicationStatus, Destination, EncryptionConfiguration, Metrics, MetricsStatus, ObjectOwnership,
    OwnerOverride, OwnershipControls, OwnershipControlsRule, PublicAccessBlockConfiguration, ReplicationConfiguration,
    ReplicationRule, ReplicationRuleFilter, ReplicationRuleStatus, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule, SourceSelectionCriteria, SseKmsEncryptedObjects,
    SseKmsEncryptedObjectsStatus,
};

use super::{AWAY, HOME, ONE, Site, TWO, body, refusal};

#[tokio::test(start_paused = true)]
async fn buckets_are_made_listed_and_deleted() {
    let site = Site::of("empty");
    let client = site.bucket(ONE, HOME, "photos").await;
    site.bucket(ONE, AWAY, "archive").await;
    site.bucket(TWO, AWAY, "not-yours").await;
    let listed = client.list_buckets().send().await.unwrap();
    let rows: Vec<_> = listed.buckets().iter().map(|row| (row.name().unwrap(), row.bucket_region().unwrap())).collect();
    assert_eq!(rows, [("archive", AWAY), ("photos", HOME)]);
    let place = client.get_bucket_location().bucket("photos").send().await.unwrap();
    assert_eq!(place.location_constraint().unwrap().as_str(), HOME);
    let place = site.s3(ONE, AWAY).get_bucket_location().bucket("archive").send().await.unwrap();
    assert_eq!(place.location_constraint().map_or("", BucketLocationConstraint::as_str), "");
    let again = site.s3(TWO, AWAY).create_bucket().bucket("archive").send().await;
    assert_eq!(refusal(again), (409, "BucketAlreadyExists".into()));
    let unplaced = client.create_bucket().bucket("unplaced").send().await;
    assert_eq!(refusal(unplaced), (400, "IllegalLocationConstraintException".into()));
    client.put_object().bucket("photos").key("k").body(body("x")).send().await.unwrap();
    assert_eq!(refusal(client.delete_bucket().bucket("photos").send().await), (409, "BucketNotEmpty".into()));
    let away = site.s3(ONE, AWAY);
    away.delete_bucket().bucket("archive").send().await.unwrap();
    assert_eq!(refusal(away.head_bucket().bucket("archive").send().await).0, 404);
    let gone = away.get_bucket_versioning().bucket("archive").send().await;
    assert_eq!(refusal(gone), (404, "NoSuchBucket".into()));
}

#[tokio::test(start_paused = true)]
async fn settings_begin_as_on_aws_and_keep_what_is_put() {
    let site = Site::of("empty");
    let client = site.s3(ONE, AWAY);
    client.create_bucket().bucket("photos").send().await.unwrap();
    let versioning = client.get_bucket_versioning().bucket("photos").send().await.unwrap();
    assert_eq!(versioning.status(), None);
    let block = client.get_public_access_block().bucket("photos").send().await.unwrap();
    let block = block.public_access_block_configuration.unwrap();
    assert_eq!((block.block_public_acls(), block.restrict_public_buckets()), (Some(true), Some(true)));
    let half = PublicAccessBlockConfiguration::builder().block_public_policy(true).build();
    client.put_public_access_block().bucket("photos").public_access_block_configuration(half).send().await.unwrap();
    let block = client.get_public_access_block().bucket("photos").send().await.unwrap();
    let block = block.public_access_block_configuration.unwrap();
    assert_eq!((block.block_public_acls(), block.block_public_policy()), (Some(false), Some(true)));

    let owners = client.get_bucket_ownership_controls().bucket("photos").send().await.unwrap();
    let rule = &owners.ownership_controls().unwrap().rules()[0];
    assert_eq!(rule.object_ownership(), &ObjectOwnership::BucketOwnerEnforced);
    let rule = OwnershipControlsRule::builder().object_ownership(ObjectOwnership::ObjectWriter).build().unwrap();
    let controls = OwnershipControls::builder().rules(rule).build().unwrap();
    client.put_bucket_ownership_controls().bucket("photos").ownership_controls(controls).send().await.unwrap();
    let owners = client.get_bucket_ownership_controls().bucket("photos").send().await.unwrap();
    assert_eq!(owners.ownership_controls().unwrap().rules()[0].object_ownership(), &ObjectOwnership::ObjectWriter);
}

#[tokio::test(start_paused = true)]
async fn default_encryption_reaches_the_object_as_a_whole_arn() {
    let site = Site::of("empty");
    let client = site.bucket(ONE, HOME, "photos").await;
    let kms = site.kms(ONE, HOME);
    let key = kms.create_key().send().await.unwrap().key_metadata.unwrap();
    kms.create_alias().alias_name("alias/photos").target_key_id(key.key_id()).send().await.unwrap();
    let by_default = ServerSideEncryptionByDefault::builder()
        .sse_algorithm(ServerSideEncryption::AwsKms)
        .kms_master_key_id("alias/photos")
        .build()
        .unwrap();
    let rule = ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(by_default)
        .bucket_key_enabled(true)
        .build();
    let rules = ServerSideEncryptionConfiguration::builder().rules(rule).build().unwrap();
    let put = client.put_bucket_encryption().bucket("photos").server_side_encryption_configuration(rules);
    put.send().await.unwrap();
    let read = client.get_bucket_encryption().bucket("photos").send().await.unwrap();
    let rule = read.server_side_encryption_configuration().unwrap().rules()[0].clone();
    assert_eq!(rule.bucket_key_enabled(), Some(true));
    let put = client.put_object().bucket("photos").key("k").body(body("x")).send().await.unwrap();
    let head = client.head_object().bucket("photos").key("k").send().await.unwrap();
    for (algorithm, arn, bucket_key) in [
        (put.server_side_encryption(), put.ssekms_key_id(), put.bucket_key_enabled()),
        (head.server_side_encryption(), head.ssekms_key_id(), head.bucket_key_enabled()),
    ] {
        assert_eq!((algorithm, arn, bucket_key), (Some(&ServerSideEncryption::AwsKms), key.arn(), Some(true)));
    }
    kms.disable_key().key_id(key.key_id()).send().await.unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(10)).await;
    let put = client.put_object().bucket("photos").key("k").body(body("x")).send().await;
    assert_eq!(refusal(put), (400, "KMS.DisabledException".into()));
}

#[tokio::test(start_paused = true)]
async fn a_replication_configuration_goes_around() {
    let site = Site::of("empty");
    let client = site.bucket(ONE, HOME, "photos").await;
    let absent = client.get_bucket_replication().bucket("photos").send().await;
    assert_eq!(refusal(absent), (404, "ReplicationConfigurationNotFoundError".into()));
    let put = |configuration| {
        client.put_bucket_replication().bucket("photos").replication_configuration(configuration).send()
    };
    let none = put(configuration("copies")).await;
    assert_eq!(refusal(none).0, 400);
    site.bucket(TWO, AWAY, "copies").await;
    put(configuration("copies")).await.unwrap();
    let read = client.get_bucket_replication().bucket("photos").send().await.unwrap();
    assert_eq!(read.replication_configuration(), Some(&configuration("copies")));
    client.delete_bucket_replication().bucket("photos").send().await.unwrap();
    let absent = client.get_bucket_replication().bucket("photos").send().await;
    assert_eq!(refusal(absent).0, 404);
}

#[tokio::test(start_paused = true)]
async fn versioning_can_be_suspended() {
    let site = Site::of("empty");
    let client = site.bucket(ONE, HOME, "photos").await;
    let suspended =
        aws_sdk_s3::types::VersioningConfiguration::builder().status(BucketVersioningStatus::Suspended).build();
    client.put_bucket_versioning().bucket("photos").versioning_configuration(suspended).send().await.unwrap();
    let read = client.get_bucket_versioning().bucket("photos").send().await.unwrap();
    assert_eq!(read.status(), Some(&BucketVersioningStatus::Suspended));
    client.put_object().bucket("photos").key("k").body(body("x")).send().await.unwrap();
    let head = client.head_object().bucket("photos").key("k").send().await.unwrap();
    assert_eq!(head.version_id(), Some("null"));
}

fn configuration(destination: &str) -> ReplicationConfiguration {
    let key = "arn:aws:kms:us-east-1:222222222222:key/00000000-0000-4000-8000-000000000000";
    let sse = SseKmsEncryptedObjects::builder().status(SseKmsEncryptedObjectsStatus::Enabled).build().unwrap();
    let destination = Destination::builder()
        .bucket(format!("arn:aws:s3:::{destination}"))
        .account(TWO)
        .access_control_translation(
            AccessControlTranslation::builder().owner(OwnerOverride::Destination).build().unwrap(),
        )
        .encryption_configuration(EncryptionConfiguration::builder().replica_kms_key_id(key).build())
        .metrics(Metrics::builder().status(MetricsStatus::Enabled).build().unwrap())
        .build()
        .unwrap();
    let rule = ReplicationRule::builder()
        .id("canary")
        .priority(1)
        .status(ReplicationRuleStatus::Enabled)
        .filter(ReplicationRuleFilter::builder().prefix("replicanary/").build())
        .delete_marker_replication(
            DeleteMarkerReplication::builder().status(DeleteMarkerReplicationStatus::Disabled).build(),
        )
        .source_selection_criteria(SourceSelectionCriteria::builder().sse_kms_encrypted_objects(sse).build())
        .destination(destination)
        .build()
        .unwrap();
    let role = "arn:aws:iam::111111111111:role/replication";
    ReplicationConfiguration::builder().role(role).rules(rule).build().unwrap()
}
