//! Looks at keys: what is sent to KMS, and what comes of each answer.

use super::*;
use crate::aws::S3Bucket;
use crate::cloud::KeySource;
use crate::domain::key::{KeyManager, KeyState};
use crate::domain::name::KmsKey;
use crate::domain::object::Trouble;
use crate::domain::time::UnixMillis;

const ARN: &str = "arn:aws:kms:ap-south-1:111111111111:key/k";

fn alias() -> KmsKey {
    KmsKey::new("alias/orders")
}

async fn bucket(canned: &Canned) -> S3Bucket {
    in_process(canned).bucket(&connection(), &bucket_name()).await
}

fn described(more: &str) -> Reply {
    let metadata = format!(r#"{{"KeyMetadata":{{"KeyId":"k","Arn":"{ARN}","AWSAccountId":"111111111111"{more}}}}}"#);
    Reply::status(200).with("content-type", "application/x-amz-json-1.1").body(&metadata)
}

#[tokio::test]
async fn a_key_is_described_whole_and_the_call_is_counted() {
    let canned = Canned::always(described(
        r#","KeyState":"PendingDeletion","DeletionDate":1801353600.5,"KeyManager":"AWS","KeySpec":"SYMMETRIC_DEFAULT",
           "KeyUsage":"ENCRYPT_DECRYPT","MultiRegion":true"#,
    ));
    let facts = bucket(&canned).await.describe_key(&alias()).await.unwrap();
    assert_eq!((facts.arn.as_str(), facts.state, facts.manager), (ARN, KeyState::PendingDeletion, KeyManager::Aws));
    assert_eq!(facts.account, Some(AccountId::new("111111111111")));
    assert_eq!(facts.region, Some(Region::new("ap-south-1")));
    assert_eq!(facts.deletion, Some(UnixMillis(1_801_353_600_500)));
    assert_eq!((facts.spec.as_deref(), facts.usage.as_deref()), (Some("SYMMETRIC_DEFAULT"), Some("ENCRYPT_DECRYPT")));
    assert!(facts.multi_region);
    let seen = canned.seen();
    assert_eq!(seen.len(), 1);
    assert!(seen[0].uri.starts_with("https://kms.ap-south-1.amazonaws.com"), "{}", seen[0].uri);
    assert_eq!(seen[0].header("x-amz-target"), Some("TrentService.DescribeKey"));
    assert_eq!(seen[0].body, r#"{"KeyId":"alias/orders"}"#);
    let records = canned.records();
    assert_eq!((records[0].service, records[0].operation, records[0].outcome), ("kms", "DescribeKey", Ok(())));
}

#[tokio::test]
async fn states_to_come_and_silence_are_not_taken_for_anything() {
    let canned = Canned::always(described(r#","KeyState":"Molten","KeyManager":"NOBODY""#));
    let facts = bucket(&canned).await.describe_key(&alias()).await.unwrap();
    assert_eq!((facts.state, facts.manager, facts.usable()), (KeyState::Other, KeyManager::Other, None));
    let canned = Canned::always(described(""));
    assert_eq!(bucket(&canned).await.describe_key(&alias()).await.unwrap().state, KeyState::Other);
}

#[tokio::test]
async fn the_sides_endpoint_is_its_kms_too() {
    let canned = Canned::always(described(r#","KeyState":"Enabled""#));
    let endpoint_url = Some("http://127.0.0.1:4566".to_owned());
    let connection = Connection { endpoint_url, ..connection() };
    let bucket = in_process(&canned).bucket(&connection, &bucket_name()).await;
    bucket.describe_key(&alias()).await.unwrap();
    assert!(canned.seen()[0].uri.starts_with("http://127.0.0.1:4566"), "{}", canned.seen()[0].uri);
}

#[tokio::test]
async fn each_refusal_is_its_own_and_is_not_tried_again() {
    let json = |status, code: &str| {
        let body = format!(r#"{{"__type":"{code}","message":"no"}}"#);
        Reply::status(status).with("content-type", "application/x-amz-json-1.1").body(&body)
    };
    for (reply, trouble) in [
        (json(400, "NotFoundException"), Trouble::KmsNotFound),
        (json(400, "com.amazonaws.kms#NotFoundException"), Trouble::KmsNotFound),
        (json(400, "AccessDeniedException"), Trouble::AccessDenied),
        (json(400, "ThrottlingException"), Trouble::Throttled),
        (json(400, "UnrecognizedClientException"), Trouble::BadCredentials),
        (json(400, "ExpiredTokenException"), Trouble::ExpiredCredentials),
        (json(500, "KMSInternalException"), Trouble::ServerError),
        (json(400, "InvalidArnException"), Trouble::Refused),
        (Reply::status(404), Trouble::NotFound),
        (Reply::error(405, "MethodNotAllowed", "an S3-compatible server"), Trouble::MethodNotAllowed),
        (described("").body("{}"), Trouble::BadAnswer),
    ] {
        let canned = Canned::always(reply.clone());
        let error = bucket(&canned).await.describe_key(&alias()).await.unwrap_err();
        assert_eq!(error.kind(), trouble, "{reply:?}");
        assert_eq!(canned.seen().len(), 1, "{reply:?}");
        assert_eq!(canned.records()[0].outcome, Err(trouble));
    }
}
