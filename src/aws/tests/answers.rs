//! What comes of answers: what is read of good ones, and which are not believed.

use std::time::Duration;

use super::*;
use crate::aws::S3Bucket;
use crate::cloud::CanaryStore;
use crate::domain::object::{ReplicationStatus, Trouble};

async fn bucket_that_answers(reply: Reply) -> S3Bucket {
    in_process(&Canned::always(reply)).bucket(&connection(), &bucket_name()).await
}

#[tokio::test]
async fn a_replica_is_seen_whole() {
    let reply = Reply::s3(200)
        .with("etag", "\"e\"")
        .with("x-amz-version-id", "v1")
        .with("x-amz-meta-Replicanary-Format", "1")
        .with("x-amz-replication-status", "REPLICA")
        .with("x-amz-server-side-encryption", "aws:kms")
        .with("x-amz-server-side-encryption-aws-kms-key-id", "arn:aws:kms:us-east-1:222222222222:key/k")
        .with("x-amz-server-side-encryption-bucket-key-enabled", "true")
        .with("x-amz-storage-class", "STANDARD_IA");
    let seen = bucket_that_answers(reply).await.head(&key(), Some(&version())).await.unwrap();
    assert_eq!(seen.version_id, Some(version()));
    assert_eq!(seen.metadata["replicanary-format"], "1");
    assert_eq!(seen.replication_status, Some(ReplicationStatus::Replica));
    assert_eq!(seen.algorithm.as_deref(), Some("aws:kms"));
    assert_eq!(seen.kms_key.as_deref(), Some("arn:aws:kms:us-east-1:222222222222:key/k"));
    assert!(seen.bucket_key);
    assert_eq!(seen.storage_class.as_deref(), Some("STANDARD_IA"));
}

#[tokio::test]
async fn both_spellings_of_completed_and_an_explicit_standard_are_understood() {
    for spelling in ["COMPLETED", "COMPLETE"] {
        let reply = Reply::s3(200).with("etag", "\"e\"").with("x-amz-replication-status", spelling);
        let reply = reply.with("x-amz-storage-class", "STANDARD");
        let seen = bucket_that_answers(reply).await.head(&key(), None).await.unwrap();
        assert_eq!(seen.replication_status, Some(ReplicationStatus::Completed));
        assert_eq!(seen.storage_class, None);
    }
}

#[tokio::test]
async fn success_without_the_marks_of_s3_is_not_believed() {
    let page = || Reply::status(200).with("content-type", "text/html").with("etag", "\"nginx\"");
    let bucket = bucket_that_answers(page().body("<html><body>Welcome</body></html>")).await;
    let bad = |result: Result<(), crate::cloud::CloudError>| result.unwrap_err().kind();
    assert_eq!(bad(bucket.put(&canary()).await.map(drop)), Trouble::BadAnswer);
    assert_eq!(bad(bucket.head(&key(), Some(&version())).await.map(drop)), Trouble::BadAnswer);
    assert_eq!(bad(bucket.versions(&key()).await.map(drop)), Trouble::BadAnswer);
    assert_eq!(bad(bucket.page("replicanary/", None).await.map(drop)), Trouble::BadAnswer);
    assert_eq!(bad(bucket.delete(&key(), &version()).await), Trouble::BadAnswer);
    assert_eq!(bad(bucket.get(&key(), &version(), 99).await.map(drop)), Trouble::BadAnswer);
    let bare = bucket_that_answers(Reply::s3(200)).await;
    assert_eq!(bad(bare.put(&canary()).await.map(drop)), Trouble::BadAnswer);
    assert_eq!(bad(bare.head(&key(), None).await.map(drop)), Trouble::BadAnswer);
    assert_eq!(bad(bare.get(&key(), &version(), 9).await.map(drop)), Trouble::BadAnswer);
    let garbage = bucket_that_answers(Reply::s3(200).body("{\"not\": \"xml\"}")).await;
    assert_eq!(bad(garbage.versions(&key()).await.map(drop)), Trouble::BadAnswer);
}

#[tokio::test]
async fn a_write_without_a_version_is_a_write() {
    let bucket = bucket_that_answers(Reply::s3(200).with("etag", "\"e\"")).await;
    assert_eq!(bucket.put(&canary()).await.unwrap(), None);
}

#[tokio::test]
async fn bytes_are_digested_up_to_the_limit() {
    let reply = || Reply::s3(200).with("etag", "\"e\"").body("tweet");
    let content = bucket_that_answers(reply()).await.get(&key(), &version(), 5).await.unwrap();
    assert_eq!(content.size, 5);
    assert_eq!(content.sha256, "ff745c5258940f90a6727591fdad29366cc6d77ebd6cac1557ef3314462ba2c6".to_owned());
    let error = bucket_that_answers(reply()).await.get(&key(), &version(), 4).await.unwrap_err();
    assert_eq!(error.kind(), Trouble::BadAnswer);
    // Corruption is a verdict, so the SDK must not hide it behind an error.
    let corrupted = reply().with("x-amz-checksum-crc32", "AAAAAA==").with("x-amz-checksum-type", "FULL_OBJECT");
    assert_eq!(bucket_that_answers(corrupted).await.get(&key(), &version(), 5).await.unwrap(), content);
}

fn entry(kind: &str, key: &str, version: &str) -> String {
    format!("<{kind}><Key>{key}</Key><VersionId>{version}</VersionId><Owner><ID>canon</ID></Owner></{kind}>")
}

fn listing(entries: &str, rest: &str) -> Reply {
    Reply::s3(200).body(&format!("<ListVersionsResult><Name>orders</Name>{rest}{entries}</ListVersionsResult>"))
}

#[tokio::test]
async fn only_the_exact_key_is_listed() {
    let key_text = key();
    let entries = [
        entry("Version", key_text.as_str(), "v2"),
        entry("Version", &format!("{key_text}-longer"), "v3"),
        entry("DeleteMarker", key_text.as_str(), "m1"),
        entry("Version", "elsewhere", "v4"),
    ];
    let bucket = bucket_that_answers(listing(&entries.concat(), "")).await;
    let found = bucket.versions(&key()).await.unwrap();
    let shown: Vec<_> = found.iter().map(|version| (version.version_id.as_str(), version.delete_marker)).collect();
    assert_eq!(shown, [("v2", false), ("m1", true)]);
    assert_eq!(found[0].owner.as_deref(), Some("canon"));
    let page = bucket.page("replicanary/", None).await.unwrap();
    assert_eq!(page.versions.len(), 3, "what lies beside the prefix is not ours");
    assert_eq!(page.next, None);
}

#[tokio::test]
async fn listings_that_never_end_are_given_up() {
    let more = |mark: &str| format!("<IsTruncated>true</IsTruncated><NextKeyMarker>{mark}</NextKeyMarker>");
    let entries = entry("Version", key().as_str(), "v2");
    let stuck = bucket_that_answers(listing(&entries, &more(key().as_str()))).await;
    assert_eq!(stuck.versions(&key()).await.unwrap_err().kind(), Trouble::BadAnswer);
    let markless = bucket_that_answers(listing(&entries, "<IsTruncated>true</IsTruncated>")).await;
    assert_eq!(markless.page("replicanary/", None).await.unwrap_err().kind(), Trouble::BadAnswer);
    let counter = std::sync::atomic::AtomicU32::new(0);
    let canned = Canned::new(move |_| {
        let count = counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let rest = more(key().as_str()) + &format!("<NextVersionIdMarker>v{count}</NextVersionIdMarker>");
        Ok(listing(&entry("Version", key().as_str(), &format!("v{count}")), &rest))
    });
    let bucket = in_process(&canned).bucket(&connection(), &bucket_name()).await;
    assert_eq!(bucket.versions(&key()).await.unwrap_err().kind(), Trouble::BadAnswer);
    assert_eq!(canned.seen().len(), 5);
}

#[tokio::test]
async fn a_listing_of_one_key_ends_with_the_next_key() {
    let entries = [entry("Version", key().as_str(), "v2"), entry("Version", &format!("{}x", key()), "v3")].concat();
    let rest = "<IsTruncated>true</IsTruncated><NextKeyMarker>later</NextKeyMarker>";
    let canned = Canned::always(listing(&entries, rest));
    let bucket = in_process(&canned).bucket(&connection(), &bucket_name()).await;
    assert_eq!(bucket.versions(&key()).await.unwrap().len(), 1);
    assert_eq!(canned.seen().len(), 1);
}

#[tokio::test]
async fn every_call_is_recorded_once_with_its_outcome() {
    let canned = Canned::new(|seen| {
        Ok(match seen.method.as_str() {
            "DELETE" => Reply::error(403, "AccessDenied", "no"),
            _ => Reply::s3(200).with("etag", "\"e\""),
        })
    });
    let bucket = in_process(&canned).bucket(&connection(), &bucket_name()).await;
    bucket.put(&canary()).await.unwrap();
    bucket.head(&key(), None).await.unwrap();
    bucket.delete(&key(), &version()).await.unwrap_err();
    let records = canned.records();
    let shown: Vec<_> = records.iter().map(|record| (record.service, record.operation, record.outcome)).collect();
    let expected =
        [("s3", "PutObject", Ok(())), ("s3", "HeadObject", Ok(())), ("s3", "DeleteObject", Err(Trouble::AccessDenied))];
    assert_eq!(shown, expected);
    assert!(records.iter().all(|record| &*record.region == "ap-south-1"));
}

#[tokio::test]
async fn a_clock_that_is_wrong_costs_one_call() {
    // The server's clock runs an hour ahead; it refuses what was signed more than 15 minutes off.
    let server = std::time::UNIX_EPOCH + Duration::from_secs(1_790_000_000 + 3600);
    let date = aws_smithy_types::DateTime::from(server);
    let date = date.fmt(aws_smithy_types::date_time::Format::HttpDate).unwrap();
    let signed_right = "20260921T151320Z";
    let canned = Canned::new(move |seen| {
        let right = seen.header("x-amz-date") == Some(signed_right);
        let reply = if right { Reply::s3(200) } else { Reply::error(403, "RequestTimeTooSkewed", "skew") };
        Ok(reply.with("etag", "\"e\"").with("date", &date))
    });
    let bucket = in_process(&canned).bucket(&connection(), &bucket_name()).await;
    assert_eq!(bucket.put(&canary()).await.unwrap_err().kind(), Trouble::ClockSkew);
    bucket.put(&canary()).await.unwrap_or_else(|error| panic!("{error}: {:?}", canned.seen()));
}
