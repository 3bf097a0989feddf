//! Object Lock and MFA Delete over the wire.

use std::time::Duration;

use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{
    BucketLocationConstraint, BucketVersioningStatus, CreateBucketConfiguration, DefaultRetention, MfaDelete,
    MfaDeleteStatus, ObjectLockConfiguration, ObjectLockEnabled, ObjectLockLegalHold, ObjectLockLegalHoldStatus,
    ObjectLockMode, ObjectLockRetention, ObjectLockRetentionMode, ObjectLockRule, VersioningConfiguration,
};

use super::{HOME, ONE, Site, body, refusal};

fn configuration(days: i32) -> ObjectLockConfiguration {
    let default = DefaultRetention::builder().mode(ObjectLockRetentionMode::Governance).days(days).build();
    ObjectLockConfiguration::builder()
        .object_lock_enabled(ObjectLockEnabled::Enabled)
        .rule(ObjectLockRule::builder().default_retention(default).build())
        .build()
}

#[tokio::test(start_paused = true)]
async fn a_locked_bucket_keeps_its_versions() {
    let site = Site::of("empty");
    let client = site.s3(ONE, HOME);
    let place = CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::from(HOME)).build();
    let create = client.create_bucket().bucket("vault").create_bucket_configuration(place);
    create.object_lock_enabled_for_bucket(true).send().await.unwrap();
    let versioning = client.get_bucket_versioning().bucket("vault").send().await.unwrap();
    assert_eq!(versioning.status(), Some(&BucketVersioningStatus::Enabled));
    let put = client.put_object_lock_configuration().bucket("vault").object_lock_configuration(configuration(2));
    put.send().await.unwrap();
    let read = client.get_object_lock_configuration().bucket("vault").send().await.unwrap();
    assert_eq!(read.object_lock_configuration(), Some(&configuration(2)));
    let written = client.put_object().bucket("vault").key("k").body(body("x")).send().await.unwrap();
    let version = written.version_id().unwrap();
    let head = client.head_object().bucket("vault").key("k").send().await.unwrap();
    assert_eq!(head.object_lock_mode(), Some(&ObjectLockMode::Governance));
    let now = i64::try_from(site.simulator.clock().now().seconds()).unwrap();
    assert_eq!(head.object_lock_retain_until_date().unwrap().secs(), now + 2 * 86_400);
    let delete = || client.delete_object().bucket("vault").key("k").version_id(version);
    assert_eq!(refusal(delete().send().await), (403, "AccessDenied".into()));
    let shorter = ObjectLockRetention::builder().mode(ObjectLockRetentionMode::Governance);
    let shorter = shorter.retain_until_date(DateTime::from_secs(now + 60)).build();
    let put = client.put_object_retention().bucket("vault").key("k").retention(shorter.clone());
    assert_eq!(refusal(put.clone().send().await), (403, "AccessDenied".into()));
    put.bypass_governance_retention(true).send().await.unwrap();
    let read = client.get_object_retention().bucket("vault").key("k").send().await.unwrap();
    assert_eq!(read.retention(), Some(&shorter));
    let hold = |status| ObjectLockLegalHold::builder().status(status).build();
    let put_hold = |hold| client.put_object_legal_hold().bucket("vault").key("k").legal_hold(hold).send();
    put_hold(hold(ObjectLockLegalHoldStatus::On)).await.unwrap();
    let read = client.get_object_legal_hold().bucket("vault").key("k").send().await.unwrap();
    assert_eq!(read.legal_hold(), Some(&hold(ObjectLockLegalHoldStatus::On)));
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert_eq!(refusal(delete().bypass_governance_retention(true).send().await), (403, "AccessDenied".into()));
    put_hold(hold(ObjectLockLegalHoldStatus::Off)).await.unwrap();
    delete().send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_put_brings_its_own_lock_only_where_there_is_one() {
    let site = Site::of("empty");
    let client = site.bucket(ONE, HOME, "photos").await;
    let absent = client.get_object_lock_configuration().bucket("photos").send().await;
    assert_eq!(refusal(absent), (404, "ObjectLockConfigurationNotFoundError".into()));
    let now = i64::try_from(site.simulator.clock().now().seconds()).unwrap();
    let put = || {
        let put = client.put_object().bucket("photos").key("k").body(body("x"));
        put.object_lock_mode(ObjectLockMode::Governance)
    };
    let until = DateTime::from_secs(now + 60);
    assert_eq!(refusal(put().object_lock_retain_until_date(until).send().await), (400, "InvalidRequest".into()));
    let enable = client.put_object_lock_configuration().bucket("photos");
    enable.object_lock_configuration(configuration(1)).send().await.unwrap();
    assert_eq!(refusal(put().send().await), (400, "InvalidArgument".into()));
    put().object_lock_retain_until_date(until).send().await.unwrap();
    let head = client.head_object().bucket("photos").key("k").send().await.unwrap();
    assert_eq!(head.object_lock_retain_until_date(), Some(&until));
}

#[tokio::test(start_paused = true)]
async fn mfa_delete_shows_and_wants_the_device() {
    let site = Site::of("empty");
    let client = site.bucket(ONE, HOME, "photos").await;
    let enabled = VersioningConfiguration::builder()
        .status(BucketVersioningStatus::Enabled)
        .mfa_delete(MfaDelete::Enabled)
        .build();
    let put = client.put_bucket_versioning().bucket("photos").versioning_configuration(enabled);
    assert_eq!(refusal(put.clone().send().await), (403, "AccessDenied".into()));
    put.mfa("arn:aws:iam::111111111111:mfa/root 123456").send().await.unwrap();
    let read = client.get_bucket_versioning().bucket("photos").send().await.unwrap();
    assert_eq!(read.mfa_delete(), Some(&MfaDeleteStatus::Enabled));
    let written = client.put_object().bucket("photos").key("k").body(body("x")).send().await.unwrap();
    let delete = client.delete_object().bucket("photos").key("k").version_id(written.version_id().unwrap());
    assert_eq!(refusal(delete.clone().send().await), (403, "AccessDenied".into()));
    delete.mfa("arn:aws:iam::111111111111:mfa/root 123456").send().await.unwrap();
}
