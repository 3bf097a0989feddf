//! Who may not call, and how each is told.

use std::time::Duration;

use aws_sdk_s3::config::Credentials;
use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::presigning::PresigningConfig;
use http::Request;

use super::{AWAY, HOME, ONE, Site, TWO, body, refusal};

#[tokio::test(start_paused = true)]
async fn wrong_secrets_and_unknown_keys_are_refused() {
    let site = Site::of("empty");
    let key = site.account(ONE).access_key_id;
    let wrong = site.s3_as(Credentials::from_keys(&key, "not the secret", None), HOME);
    assert_eq!(refusal(wrong.list_buckets().send().await), (403, "SignatureDoesNotMatch".into()));
    let unknown = site.s3_as(Credentials::from_keys("AKIAUNKNOWN000000000", "x", None), HOME);
    assert_eq!(refusal(unknown.list_buckets().send().await), (403, "InvalidAccessKeyId".into()));
    let secret = site.account(ONE).secret_access_key;
    let token = site.s3_as(Credentials::from_keys(&key, secret, Some("made up".into())), HOME);
    assert_eq!(refusal(token.list_buckets().send().await), (400, "InvalidToken".into()));
}

#[tokio::test(start_paused = true)]
async fn the_signature_comes_before_what_is_not_implemented() {
    let site = Site::of("empty");
    let client = site.bucket(ONE, HOME, "photos").await;
    let known = client.get_bucket_website().bucket("photos").send().await;
    assert_eq!(refusal(known), (501, "NotImplemented".into()));
    let key = site.account(ONE).access_key_id;
    let wrong = site.s3_as(Credentials::from_keys(key, "not the secret", None), HOME);
    let wrong = wrong.get_bucket_website().bucket("photos").send().await;
    assert_eq!(refusal(wrong), (403, "SignatureDoesNotMatch".into()));
    let request = || Request::get("http://127.0.0.1:9000/").body(String::new()).unwrap();
    let mut forged = site.signed(ONE, "sns", HOME, request());
    assert_eq!(site.send(forged.clone()).await.status, 501);
    *forged.uri_mut() = "http://127.0.0.1:9000/other".parse().unwrap();
    assert_eq!(site.send(forged).await.status, 403);
}

#[tokio::test(start_paused = true)]
async fn anonymous_calls_are_denied_with_a_whole_error_document() {
    let site = Site::of("empty");
    site.bucket(ONE, HOME, "photos").await;
    let answer = site.send(Request::get("http://127.0.0.1:9000/photos/k").body(String::new()).unwrap()).await;
    assert_eq!(answer.status, 403);
    assert!(answer.text.contains("<Code>AccessDenied</Code>"), "{}", answer.text);
    assert!(answer.text.contains("<Resource>/photos/k</Resource><RequestId>"), "{}", answer.text);
    assert!(answer.text.contains(&format!("<RequestId>{}</RequestId>", answer.header("x-amz-request-id"))));
    assert!(answer.text.contains(&format!("<HostId>{}</HostId>", answer.header("x-amz-id-2"))));
    assert_eq!(answer.header("date"), super::super::envelope::http_date(site.simulator.clock().now()));
}

#[tokio::test(start_paused = true)]
async fn a_changed_request_does_not_match_its_signature() {
    let site = Site::of("empty");
    site.bucket(ONE, HOME, "photos").await;
    let put = Request::put("http://127.0.0.1:9000/photos/k").header("x-amz-meta-a", "b").body("content".into());
    let signed = site.signed(ONE, "s3", HOME, put.unwrap());
    assert_eq!(site.send(signed.clone()).await.status, 200);
    let mut body = signed.clone();
    *body.body_mut() = "tampered".into();
    let answer = site.send(body).await;
    assert!(answer.text.contains("XAmzContentSHA256Mismatch"), "{}", answer.text);
    let mut header = signed.clone();
    header.headers_mut().insert("x-amz-meta-a", "c".parse().unwrap());
    assert!(site.send(header).await.text.contains("SignatureDoesNotMatch"));
    let mut added = signed;
    added.headers_mut().insert("x-amz-meta-new", "c".parse().unwrap());
    assert!(site.send(added).await.text.contains("HeadersNotSigned"));
}

#[tokio::test(start_paused = true)]
async fn skew_is_measured_by_the_clock_of_the_world() {
    let site = Site::of("empty");
    let request = || Request::get("http://127.0.0.1:9000/").body(String::new()).unwrap();
    let early = site.signed(ONE, "s3", HOME, request());
    let sts = site.signed(ONE, "sts", HOME, request());
    tokio::time::sleep(Duration::from_secs(15 * 60)).await;
    assert_eq!(site.send(early.clone()).await.status, 200);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let late = site.send(early).await;
    assert_eq!(late.status, 403);
    assert!(late.text.contains("RequestTimeTooSkewed"), "{}", late.text);
    let late = site.send(sts).await;
    assert!(late.text.contains("Signature expired"), "{}", late.text);
}

#[tokio::test(start_paused = true)]
async fn other_accounts_and_wrong_owners_are_denied() {
    let site = Site::of("empty");
    let owner = site.bucket(ONE, HOME, "photos").await;
    let stranger = site.s3(TWO, HOME);
    let get = stranger.get_object().bucket("photos").key("k").send().await;
    assert_eq!(refusal(get), (403, "AccessDenied".into()));
    let put = owner.put_object().bucket("photos").key("k").expected_bucket_owner(TWO).body(body("x")).send().await;
    assert_eq!(refusal(put), (403, "AccessDenied".into()));
    let head = owner.head_bucket().bucket("photos").expected_bucket_owner(TWO).send().await;
    assert_eq!(refusal(head).0, 403);
    assert!(owner.head_bucket().bucket("photos").expected_bucket_owner(ONE).send().await.is_ok());
    let head = stranger.head_bucket().bucket("photos").send().await.unwrap_err();
    let raw = head.raw_response().unwrap();
    assert_eq!((raw.status().as_u16(), raw.headers().get("x-amz-bucket-region")), (403, Some(HOME)));
}

#[tokio::test(start_paused = true)]
async fn the_wrong_region_is_named() {
    let site = Site::of("empty");
    let here = site.bucket(ONE, HOME, "photos").await;
    assert_eq!(here.head_bucket().bucket("photos").send().await.unwrap().bucket_region(), Some(HOME));
    let get = site.s3(ONE, "eu-west-1").get_object().bucket("photos").key("k").send().await;
    let error = get.unwrap_err();
    let raw = error.raw_response().unwrap();
    assert_eq!((raw.status().as_u16(), raw.headers().get("x-amz-bucket-region")), (301, Some(HOME)));
    assert_eq!(error.code(), Some("PermanentRedirect"));
    let head = site.s3(ONE, AWAY).head_object().bucket("photos").key("k").send().await.unwrap_err();
    let raw = head.raw_response().unwrap();
    assert!(matches!(raw.status().as_u16(), 301 | 400), "{raw:?}");
    assert_eq!(raw.headers().get("x-amz-bucket-region"), Some(HOME));
}

#[tokio::test(start_paused = true)]
async fn a_presigned_url_works_until_it_expires() {
    let site = Site::of("empty");
    let client = site.bucket(ONE, HOME, "photos").await;
    client.put_object().bucket("photos").key("k").body(body("shared")).send().await.unwrap();
    let config = PresigningConfig::builder().expires_in(Duration::from_secs(60));
    let config = config.start_time(site.simulator.clock().now().system_time()).build().unwrap();
    let url = client.get_object().bucket("photos").key("k").presigned(config).await.unwrap();
    let fetch = || Request::get(url.uri()).body(String::new()).unwrap();
    assert_eq!(site.send(fetch()).await.text, "shared");
    tokio::time::sleep(Duration::from_secs(61)).await;
    let late = site.send(fetch()).await;
    assert_eq!(late.status, 403);
    assert!(late.text.contains("Request has expired"), "{}", late.text);
}

#[tokio::test(start_paused = true)]
async fn a_bucket_can_be_named_by_the_host() {
    let site = Site::of("empty");
    site.bucket(ONE, HOME, "photos").await;
    let put = Request::put("http://photos.localhost:9000/k").body("by host".into()).unwrap();
    assert_eq!(site.send(site.signed(ONE, "s3", HOME, put)).await.status, 200);
    let get = Request::get("http://127.0.0.1:9000/photos/k").body(String::new()).unwrap();
    assert_eq!(site.send(site.signed(ONE, "s3", HOME, get)).await.text, "by host");
}
