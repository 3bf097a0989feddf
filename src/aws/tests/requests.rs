//! What is sent: headers that must be there, and headers that must not.

use super::*;
use crate::aws::S3Bucket;
use crate::cloud::{CanaryStore, PageMark};
use crate::domain::name::KmsKey;

fn s3_like() -> Canned {
    Canned::new(|seen| {
        let reply = Reply::s3(200).with("etag", "\"e\"").with("x-amz-version-id", "v1");
        Ok(match (seen.method.as_str(), seen.uri.contains("versions")) {
            ("GET", true) => reply.body("<ListVersionsResult><Name>orders</Name></ListVersionsResult>"),
            ("DELETE", _) => Reply::s3(204),
            _ => reply,
        })
    })
}

async fn all_calls(bucket: &S3Bucket) {
    bucket.put(&canary()).await.unwrap();
    bucket.head(&key(), Some(&version())).await.unwrap();
    bucket.get(&key(), &version(), 10).await.unwrap();
    bucket.versions(&key()).await.unwrap();
    bucket.page("replicanary/", None).await.unwrap();
    bucket.delete(&key(), &version()).await.unwrap();
}

async fn sent(connection: &Connection) -> Vec<Seen> {
    let canned = s3_like();
    all_calls(&in_process(&canned).bucket(connection, &bucket_name()).await).await;
    canned.seen()
}

#[tokio::test]
async fn a_canary_is_written_once_and_plainly() {
    let seen = sent(&connection()).await;
    let put = &seen[0];
    assert_eq!(put.method, "PUT");
    assert_eq!(put.uri, "https://orders.s3.ap-south-1.amazonaws.com/replicanary/default/orders/1-1-a?x-id=PutObject");
    assert_eq!(put.header("if-none-match"), Some("*"));
    assert_eq!(put.header("content-type"), Some("application/octet-stream"));
    assert_eq!(put.header("x-amz-meta-replicanary-format"), Some("1"));
    assert_eq!(put.header("x-amz-sdk-checksum-algorithm"), Some("CRC32"));
    assert!(put.header("x-amz-checksum-crc32").is_some(), "{put:?}");
    assert_eq!(put.header("x-amz-tagging"), None);
    assert_eq!(put.body, "tweet");
    let encryption: Vec<_> = put.headers.iter().filter(|(name, _)| name.contains("encryption")).collect();
    assert!(encryption.is_empty(), "{encryption:?}");
}

#[tokio::test]
async fn every_call_names_the_owner_and_the_caller() {
    for seen in sent(&connection()).await {
        assert_eq!(seen.header("x-amz-expected-bucket-owner"), Some("111111111111"), "{seen:?}");
        let agent = seen.header("user-agent").unwrap_or_default();
        assert!(agent.contains(&format!("app/replicanary-{}", env!("CARGO_PKG_VERSION"))), "{agent}");
        assert!(seen.header("amz-sdk-request").is_some_and(|request| request.ends_with("max=1")), "{seen:?}");
    }
    for seen in sent(&Connection { account: None, ..connection() }).await {
        assert_eq!(seen.header("x-amz-expected-bucket-owner"), None, "{seen:?}");
    }
}

#[tokio::test]
async fn versions_are_always_named() {
    let seen = sent(&connection()).await;
    let uris: Vec<_> = seen.iter().map(|seen| seen.uri.rsplit_once(".com/").unwrap().1).collect();
    let key = key();
    assert_eq!(uris[1], format!("{key}?versionId=v1"));
    assert_eq!(uris[2], format!("{key}?x-id=GetObject&versionId=v1"));
    assert_eq!(uris[5], format!("{key}?x-id=DeleteObject&versionId=v1"));
    for seen in &seen[1..3] {
        assert_eq!(seen.header("x-amz-checksum-mode"), None, "the mode asks for kms:Decrypt, and nothing needs it");
    }
}

#[tokio::test]
async fn the_latest_version_is_looked_at_without_a_version() {
    let canned = s3_like();
    let bucket = in_process(&canned).bucket(&connection(), &bucket_name()).await;
    bucket.head(&key(), None).await.unwrap();
    assert!(!canned.seen()[0].uri.contains("versionId"), "{:?}", canned.seen());
}

#[tokio::test]
async fn a_deletion_without_a_version_is_never_sent() {
    let canned = s3_like();
    let bucket = in_process(&canned).bucket(&connection(), &bucket_name()).await;
    bucket.delete(&key(), &VersionId::new("")).await.unwrap_err();
    assert!(canned.seen().is_empty());
}

#[tokio::test]
async fn tags_and_a_key_are_sent_when_given() {
    let canned = s3_like();
    let bucket = in_process(&canned).bucket(&connection(), &bucket_name()).await;
    let tags = vec![("team".to_owned(), "a b&c=d/é".to_owned()), ("x".to_owned(), "+".to_owned())];
    let key_arn = "arn:aws:kms:ap-south-1:111111111111:key/k";
    bucket.put(&PutCanary { tags, kms_key: Some(KmsKey::new(key_arn)), ..canary() }).await.unwrap();
    let put = &canned.seen()[0];
    assert_eq!(put.header("x-amz-tagging"), Some("team=a%20b%26c%3Dd%2F%C3%A9&x=%2B"));
    assert_eq!(put.header("x-amz-server-side-encryption"), Some("aws:kms"));
    assert_eq!(put.header("x-amz-server-side-encryption-aws-kms-key-id"), Some(key_arn));
}

#[tokio::test]
async fn servers_that_refuse_checksums_get_none() {
    let seen = sent(&Connection { checksums: Checksums::WhenRequired, ..connection() }).await;
    for seen in seen {
        let sums: Vec<_> = seen.headers.iter().filter(|(name, _)| name.contains("checksum")).collect();
        assert!(sums.is_empty(), "{sums:?}");
        assert_eq!(seen.header("x-amz-trailer"), None);
    }
}

#[tokio::test]
async fn listings_are_bounded_and_go_on_where_they_ended() {
    let canned = s3_like();
    let bucket = in_process(&canned).bucket(&connection(), &bucket_name()).await;
    let from = PageMark { key: "replicanary/k".to_owned(), version_id: Some("v9".to_owned()) };
    bucket.page("replicanary/", Some(&from)).await.unwrap();
    bucket.versions(&key()).await.unwrap();
    let seen = canned.seen();
    for part in
        ["versions", "prefix=replicanary%2F&", "max-keys=1000", "key-marker=replicanary%2Fk", "version-id-marker=v9"]
    {
        assert!(format!("{}&", seen[0].uri).contains(part), "{part}: {}", seen[0].uri);
    }
    assert!(seen[1].uri.contains("prefix=replicanary%2Fdefault%2Forders%2F1-1-a"), "{}", seen[1].uri);
}

#[tokio::test]
async fn endpoints_follow_the_connection() {
    let at = |connection: Connection| async move {
        let uri = sent(&connection).await[1].uri.clone();
        uri.split("/replicanary/").next().unwrap().to_owned()
    };
    let local = || Connection { endpoint_url: Some("http://127.0.0.1:9000".to_owned()), ..connection() };
    assert_eq!(at(Connection { path_style: true, ..local() }).await, "http://127.0.0.1:9000/orders");
    assert_eq!(at(Connection { path_style: true, ..connection() }).await, "https://s3.ap-south-1.amazonaws.com/orders");
    let east = || Connection { region: Region::new("us-east-1"), ..connection() };
    assert_eq!(at(Connection { use_fips: true, ..east() }).await, "https://orders.s3-fips.us-east-1.amazonaws.com");
    assert_eq!(
        at(Connection { use_dual_stack: true, ..east() }).await,
        "https://orders.s3.dualstack.us-east-1.amazonaws.com"
    );
    assert_eq!(
        at(Connection { region: Region::new("cn-north-1"), ..connection() }).await,
        "https://orders.s3.cn-north-1.amazonaws.com.cn"
    );
}

#[tokio::test]
async fn a_failing_server_is_asked_once() {
    let canned = Canned::always(Reply::error(500, "InternalError", "sorry"));
    let bucket = in_process(&canned).bucket(&connection(), &bucket_name()).await;
    bucket.put(&canary()).await.unwrap_err();
    bucket.head(&key(), None).await.unwrap_err();
    bucket.get(&key(), &version(), 1).await.unwrap_err();
    bucket.versions(&key()).await.unwrap_err();
    bucket.delete(&key(), &version()).await.unwrap_err();
    assert_eq!(canned.seen().len(), 5);
}

#[tokio::test]
async fn equal_connections_share_a_client() {
    let pool = in_process(&s3_like());
    let one = pool.bucket(&connection(), &bucket_name()).await;
    let other_bucket = pool.bucket(&connection(), &Bucket::new("invoices")).await;
    assert!(one.shares_client_with(&other_bucket));
    let other_owner = Connection { account: Some(AccountId::new("222222222222")), ..connection() };
    assert!(one.shares_client_with(&pool.bucket(&other_owner, &bucket_name()).await));
    let other_region = Connection { region: Region::new("eu-west-1"), ..connection() };
    assert!(!one.shares_client_with(&pool.bucket(&other_region, &bucket_name()).await));
}
