//! What roles and other accounts may do over the wire, and what S3 says to them.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Credentials;
use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::types::{Payer, RequestPayer, RequestPaymentConfiguration};

use super::{HOME, ONE, Site, TWO, body, refusal};

/// A client that speaks for a role of `account` with this policy.
async fn monitor(site: &Site, account: &str, policy: &str) -> Client {
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{account}"}},
            "Action":"sts:AssumeRole"}}}}"#
    );
    assert_eq!(site.create_role(account, "monitor", &trust).await.status, 200);
    let made = site.put_role_policy(account, "monitor", policy).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let role = format!("arn:aws:iam::{account}:role/monitor");
    let assumed = site.sts(account).assume_role().role_arn(role).role_session_name("canary").send().await.unwrap();
    let keys = assumed.credentials.unwrap();
    site.s3_as(Credentials::from_keys(keys.access_key_id, keys.secret_access_key, Some(keys.session_token)), HOME)
}

#[tokio::test(start_paused = true)]
async fn a_role_does_what_its_policy_says() {
    let site = Site::of("empty");
    site.bucket(ONE, HOME, "photos").await;
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow",
        "Action":["s3:PutObject","s3:GetObject"],"Resource":"arn:aws:s3:::photos/canary/*"}}"#;
    let client = monitor(&site, ONE, policy).await;
    client.put_object().bucket("photos").key("canary/1").body(body("x")).send().await.unwrap();
    client.get_object().bucket("photos").key("canary/1").send().await.unwrap();
    let absent = client.get_object().bucket("photos").key("canary/2").send().await;
    assert_eq!(refusal(absent), (403, "AccessDenied".into()));
    let absent = client.head_object().bucket("photos").key("canary/2").send().await;
    assert_eq!(refusal(absent).0, 403);
    let refused = client.get_bucket_versioning().bucket("photos").send().await.unwrap_err();
    assert!(refused.message().unwrap().contains("not authorized to perform: s3:GetBucketVersioning on resource"));
    let listing = policy.replace(r#"["s3:PutObject","s3:GetObject"]"#, r#""s3:*""#).replace("/canary/*", "*");
    site.put_role_policy(ONE, "monitor", &listing).await;
    assert_eq!(refusal(client.head_object().bucket("photos").key("canary/2").send().await).0, 404);
}

#[tokio::test(start_paused = true)]
async fn another_account_comes_in_through_the_bucket_policy_alone() {
    let site = Site::of("empty");
    let owner = site.bucket(ONE, HOME, "photos").await;
    let stranger = site.s3(TWO, HOME);
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"222222222222"},
        "Action":["s3:ListBucket","s3:GetBucketNotification"],"Resource":"arn:aws:s3:::photos"}}"#;
    assert_eq!(refusal(stranger.head_bucket().bucket("photos").send().await).0, 403);
    owner.put_bucket_policy().bucket("photos").policy(policy).send().await.unwrap();
    stranger.head_bucket().bucket("photos").send().await.unwrap();
    stranger.get_bucket_notification_configuration().bucket("photos").send().await.unwrap();
    let foreign = stranger.get_bucket_policy().bucket("photos").send().await;
    assert_eq!(refusal(foreign), (405, "MethodNotAllowed".into()));
    let requester = RequestPaymentConfiguration::builder().payer(Payer::Requester).build().unwrap();
    owner.put_bucket_request_payment().bucket("photos").request_payment_configuration(requester).send().await.unwrap();
    let read = owner.get_bucket_request_payment().bucket("photos").send().await.unwrap();
    assert_eq!(read.payer(), Some(&Payer::Requester));
    let list = || stranger.list_objects_v2().bucket("photos");
    assert_eq!(refusal(list().send().await), (403, "AccessDenied".into()));
    list().request_payer(RequestPayer::Requester).send().await.unwrap();
}
