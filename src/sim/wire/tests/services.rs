//! KMS, IAM and STS as their clients see them.

use std::time::Duration;

use aws_sdk_kms::types::KeyState;
use aws_sdk_s3::config::Credentials;

use super::{HOME, ONE, Site, TWO, refusal};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",
    "Principal":{"AWS":"arn:aws:iam::111111111111:root"},
    "Condition":{"StringEquals":{"sts:ExternalId":"shared-id"}}}]}"#;

#[tokio::test(start_paused = true)]
async fn a_key_lives_through_its_states() {
    let site = Site::of("empty");
    let kms = site.kms(ONE, HOME);
    let key = kms.create_key().description("for photos").send().await.unwrap().key_metadata.unwrap();
    let arn = key.arn().unwrap().to_owned();
    assert!(arn.starts_with("arn:aws:kms:ap-south-1:111111111111:key/"), "{arn}");
    kms.create_alias().alias_name("alias/photos").target_key_id(key.key_id()).send().await.unwrap();
    let state = async |name: &str| {
        let found = kms.describe_key().key_id(name).send().await.unwrap().key_metadata.unwrap();
        (found.arn.unwrap(), found.key_state.unwrap(), found.deletion_date.is_some())
    };
    assert_eq!(state("alias/photos").await, (arn.clone(), KeyState::Enabled, false));
    kms.disable_key().key_id(&arn).send().await.unwrap();
    assert_eq!(state(&arn).await.1, KeyState::Disabled);
    kms.enable_key().key_id(&arn).send().await.unwrap();
    let scheduled = kms.schedule_key_deletion().key_id(&arn).pending_window_in_days(7).send().await.unwrap();
    let days = scheduled.deletion_date().unwrap().secs() - site.simulator.clock().now().seconds() as i64;
    assert_eq!((scheduled.key_state(), days / 86_400), (Some(&KeyState::PendingDeletion), 7));
    assert_eq!(state(&arn).await, (arn.clone(), KeyState::PendingDeletion, true));
    kms.cancel_key_deletion().key_id(&arn).send().await.unwrap();
    assert_eq!(state(&arn).await.1, KeyState::Disabled);
}

#[tokio::test(start_paused = true)]
async fn kms_refuses_in_its_own_words() {
    let site = Site::of("empty");
    let kms = site.kms(ONE, HOME);
    let absent = kms.describe_key().key_id("alias/none").send().await;
    assert_eq!(refusal(absent), (400, "NotFoundException".into()));
    let tags = kms.list_resource_tags().key_id("alias/none").send().await;
    assert_eq!(refusal(tags), (501, "NotImplemented".into()));
    let other = site.kms(TWO, HOME).create_key().send().await.unwrap().key_metadata.unwrap();
    assert!(refusal(kms.disable_key().key_id(other.arn().unwrap()).send().await).0 == 400);
}

#[tokio::test(start_paused = true)]
async fn a_role_is_made_read_and_assumed_with_its_external_id() {
    let site = Site::of("empty");
    let made = site.create_role(TWO, "monitor", TRUST).await;
    assert_eq!(made.status, 200, "{}", made.text);
    assert!(made.text.contains("<Arn>arn:aws:iam::222222222222:role/monitor</Arn>"), "{}", made.text);
    assert!(made.text.contains("<AssumeRolePolicyDocument>%7B%22Version%22"), "{}", made.text);
    let read = site.form(TWO, "iam", "Action=GetRole&Version=2010-05-08&RoleName=monitor").await;
    assert!(read.text.contains("<GetRoleResult><Role>"), "{}", read.text);
    assert_eq!(read.header("x-amzn-requestid").len(), 36);
    let absent = site.form(TWO, "iam", "Action=GetRole&Version=2010-05-08&RoleName=none").await;
    assert_eq!(absent.status, 404);
    assert!(absent.text.contains("<Code>NoSuchEntity</Code>"), "{}", absent.text);

    let assume = |external_id: Option<&str>| {
        let call = site.sts(ONE).assume_role().role_arn("arn:aws:iam::222222222222:role/monitor");
        call.role_session_name("canary").set_external_id(external_id.map(str::to_owned)).send()
    };
    assert_eq!(refusal(assume(None).await), (403, "AccessDenied".into()));
    assert_eq!(refusal(assume(Some("not legal")).await), (400, "ValidationError".into()));
    assert_eq!(refusal(assume(Some("another-id")).await), (403, "AccessDenied".into()));
    assert!(assume(Some("shared-id")).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_session_works_until_it_expires() {
    let site = Site::of("empty");
    site.bucket(TWO, HOME, "photos").await;
    assert_eq!(site.create_role(TWO, "monitor", TRUST).await.status, 200);
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"}}"#;
    assert_eq!(site.put_role_policy(TWO, "monitor", policy).await.status, 200);
    let assume = |seconds| {
        let call = site.sts(ONE).assume_role().role_arn("arn:aws:iam::222222222222:role/monitor");
        call.role_session_name("canary").external_id("shared-id").duration_seconds(seconds).send()
    };
    assert_eq!(refusal(assume(899).await), (400, "ValidationError".into()));
    assert_eq!(refusal(assume(3601).await), (400, "ValidationError".into()));
    let assumed = assume(900).await.unwrap();
    assert_eq!(assumed.assumed_role_user().unwrap().arn(), "arn:aws:sts::222222222222:assumed-role/monitor/canary");
    let given = assumed.credentials().unwrap();
    let keys = |token: Option<String>| Credentials::from_keys(given.access_key_id(), given.secret_access_key(), token);
    let client = site.s3_as(keys(Some(given.session_token().into())), HOME);
    client.head_bucket().bucket("photos").send().await.unwrap();
    let bare = site.s3_as(keys(None), HOME).list_buckets().send().await;
    assert_eq!(refusal(bare), (403, "InvalidAccessKeyId".into()));
    tokio::time::sleep(Duration::from_secs(901)).await;
    assert_eq!(refusal(client.list_buckets().send().await), (400, "ExpiredToken".into()));
}

#[tokio::test(start_paused = true)]
async fn sts_says_who_calls_and_refuses_strangers() {
    let site = Site::of("empty");
    let identity = site.sts(ONE).get_caller_identity().send().await.unwrap();
    assert_eq!((identity.account(), identity.arn()), (Some(ONE), Some("arn:aws:iam::111111111111:root")));
    let request = http::Request::post("http://127.0.0.1:9000/")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(String::from("Action=GetCallerIdentity&Version=2011-06-15"))
        .unwrap();
    let anonymous = site.send(request).await;
    assert_eq!(anonymous.status, 403);
    assert!(anonymous.text.contains("<Code>MissingAuthenticationToken</Code>"), "{}", anonymous.text);
    let unknown = site.form(ONE, "sts", "Action=GetSessionToken&Version=2011-06-15").await;
    assert_eq!(unknown.status, 501);
}
