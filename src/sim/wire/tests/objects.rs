//! Objects: what is put is what is seen, at the source and at the replica.

use std::time::Duration;

use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode, Delete, ObjectIdentifier, ReplicationStatus};

use super::{AWAY, HOME, ONE, Site, TWO, body, refusal};

#[tokio::test(start_paused = true)]
async fn an_object_shows_what_was_put() {
    let site = Site::of("empty");
    let client = site.bucket(ONE, HOME, "photos").await;
    let put = client
        .put_object()
        .bucket("photos")
        .key("a b/ü+c")
        .content_type("text/plain")
        .metadata("colour", "green")
        .tagging("team=storage&kind=canary")
        .body(body("hello world"))
        .send()
        .await
        .unwrap();
    assert_eq!(put.checksum_crc32(), Some("DUoRhQ=="));
    assert_eq!(put.server_side_encryption().unwrap().as_str(), "AES256");
    let head = client.head_object().bucket("photos").key("a b/ü+c").send().await.unwrap();
    assert_eq!(head.version_id(), put.version_id());
    assert_eq!(head.e_tag(), put.e_tag());
    assert_eq!(head.content_length(), Some(11));
    assert_eq!(head.content_type(), Some("text/plain"));
    assert_eq!(head.metadata().unwrap()["colour"], "green");
    assert_eq!((head.storage_class(), head.replication_status()), (None, None));
    assert_eq!(head.checksum_crc32(), None);
    let got = client.get_object().bucket("photos").key("a b/ü+c").checksum_mode(ChecksumMode::Enabled);
    let got = got.send().await.unwrap();
    assert_eq!((got.checksum_crc32(), got.tag_count()), (Some("DUoRhQ=="), Some(2)));
    assert_eq!(got.body.collect().await.unwrap().to_vec(), b"hello world");
    let tags = client.get_object_tagging().bucket("photos").key("a b/ü+c").send().await.unwrap();
    let tags: Vec<_> = tags.tag_set().iter().map(|tag| (tag.key(), tag.value())).collect();
    assert!(tags.contains(&("team", "storage")) && tags.contains(&("kind", "canary")), "{tags:?}");
}

#[tokio::test(start_paused = true)]
async fn a_replica_arrives_and_then_the_source_is_completed() {
    let site = Site::of("default");
    let route = site.simulator.routes().remove(0);
    let (source, destination) = (&route.source, &route.destinations[0]);
    let here = site.s3(&source.account, source.region.clone().leak());
    let there = site.s3(&destination.account, destination.region.clone().leak());
    let key = format!("{}default/x", route.prefix);
    let put = here.put_object().bucket(&source.bucket).key(&key).metadata("a", "b").body(body("canary"));
    let put = put.send().await.unwrap();
    let version = put.version_id().unwrap().to_owned();
    let head = || here.head_object().bucket(&source.bucket).key(&key).version_id(&version).send();
    let replica = || there.head_object().bucket(&destination.bucket).key(&key).version_id(&version).send();
    let written = head().await.unwrap();
    assert_eq!(written.replication_status(), Some(&ReplicationStatus::Pending));
    assert_eq!(written.ssekms_key_id(), source.key_arn.as_deref());
    assert_eq!(refusal(replica().await).0, 404);
    tokio::time::sleep(Duration::from_secs(30)).await;
    let arrived = replica().await.unwrap();
    assert_eq!(arrived.replication_status(), Some(&ReplicationStatus::Replica));
    assert_eq!(arrived.version_id(), Some(version.as_str()));
    assert_eq!(arrived.last_modified(), written.last_modified());
    assert_eq!(arrived.ssekms_key_id(), destination.key_arn.as_deref());
    assert_eq!(arrived.metadata().unwrap()["a"], "b");
    assert_eq!(head().await.unwrap().replication_status(), Some(&ReplicationStatus::Completed));
    let truth = site.simulator.truth(&source.bucket, &key, &version).unwrap();
    assert!(truth.destinations[0].arrives_at.is_some());
}

#[tokio::test(start_paused = true)]
async fn versions_markers_and_their_statuses() {
    let site = Site::of("empty");
    let client = site.bucket(ONE, HOME, "photos").await;
    let put = |text| client.put_object().bucket("photos").key("k").body(body(text)).send();
    let (first, second) = (put("one").await.unwrap(), put("two").await.unwrap());
    assert_ne!(first.version_id(), second.version_id());
    let old = client.get_object().bucket("photos").key("k").set_version_id(first.version_id.clone());
    assert_eq!(old.send().await.unwrap().body.collect().await.unwrap().to_vec(), b"one");
    let deleted = client.delete_object().bucket("photos").key("k").send().await.unwrap();
    assert_eq!(deleted.delete_marker(), Some(true));
    let marker = deleted.version_id().unwrap();

    let head = client.head_object().bucket("photos").key("k").send().await.unwrap_err();
    let raw = head.raw_response().unwrap();
    assert_eq!((raw.status().as_u16(), raw.headers().get("x-amz-delete-marker")), (404, Some("true")));
    assert_eq!(raw.body().bytes(), Some(&b""[..]));
    let head = client.head_object().bucket("photos").key("k").version_id(marker).send().await.unwrap_err();
    let raw = head.raw_response().unwrap();
    assert_eq!((raw.status().as_u16(), raw.headers().get("x-amz-delete-marker")), (405, Some("true")));
    let get = client.get_object().bucket("photos").key("k").version_id(marker).send().await;
    assert_eq!(refusal(get), (405, "MethodNotAllowed".into()));
    assert_eq!(refusal(client.get_object().bucket("photos").key("k").send().await), (404, "NoSuchKey".into()));

    let again = client.delete_object().bucket("photos").key("k").version_id(marker).send().await.unwrap();
    assert_eq!((again.delete_marker(), again.version_id()), (Some(true), Some(marker)));
    let back = client.head_object().bucket("photos").key("k").send().await.unwrap();
    assert_eq!(back.version_id(), second.version_id());
}

#[tokio::test(start_paused = true)]
async fn absent_and_malformed_versions_differ() {
    let site = Site::of("empty");
    let client = site.bucket(ONE, HOME, "photos").await;
    let version = client.put_object().bucket("photos").key("k").body(body("x")).send().await.unwrap();
    let version = version.version_id.unwrap();
    client.delete_object().bucket("photos").key("k").version_id(&version).send().await.unwrap();
    let get = |version: &str| client.get_object().bucket("photos").key("k").version_id(version).send();
    assert_eq!(refusal(get(&version).await), (404, "NoSuchVersion".into()));
    assert_eq!(refusal(get("nonsense").await), (400, "InvalidArgument".into()));
    let head = client.head_object().bucket("photos").key("k").version_id("nonsense").send().await;
    assert_eq!(refusal(head).0, 400);
}

#[tokio::test(start_paused = true)]
async fn a_conditional_put_writes_once() {
    let site = Site::of("empty");
    let client = site.bucket(ONE, HOME, "photos").await;
    let put = || client.put_object().bucket("photos").key("k").if_none_match("*").body(body("x")).send();
    put().await.unwrap();
    assert_eq!(refusal(put().await), (412, "PreconditionFailed".into()));
}

#[tokio::test(start_paused = true)]
async fn ranges_and_conditions_of_reads() {
    let site = Site::of("empty");
    let client = site.bucket(ONE, HOME, "photos").await;
    let put = client.put_object().bucket("photos").key("k").body(body("hello world")).send().await.unwrap();
    let get = || client.get_object().bucket("photos").key("k");
    let part = get().range("bytes=6-").send().await.unwrap();
    assert_eq!(part.content_range(), Some("bytes 6-10/11"));
    assert_eq!(part.body.collect().await.unwrap().to_vec(), b"world");
    assert_eq!(refusal(get().range("bytes=11-").send().await), (416, "InvalidRange".into()));
    let etag = put.e_tag().unwrap();
    assert!(get().if_match(etag).send().await.is_ok());
    assert_eq!(refusal(get().if_match("\"other\"").send().await), (412, "PreconditionFailed".into()));
    assert_eq!(refusal(get().if_none_match(etag).send().await).0, 304);
}

#[tokio::test(start_paused = true)]
async fn every_checksum_algorithm_is_verified_kept_and_shown() {
    let site = Site::of("empty");
    let client = site.bucket(ONE, HOME, "photos").await;
    for algorithm in ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] {
        let put = client.put_object().bucket("photos").key(algorithm).body(body("hello world"));
        put.checksum_algorithm(ChecksumAlgorithm::from(algorithm)).send().await.unwrap();
        let head = client.head_object().bucket("photos").key(algorithm).checksum_mode(ChecksumMode::Enabled);
        let head = head.send().await.unwrap();
        let shown = match algorithm {
            "CRC32" => head.checksum_crc32(),
            "CRC32C" => head.checksum_crc32_c(),
            "CRC64NVME" => head.checksum_crc64_nvme(),
            "SHA1" => head.checksum_sha1(),
            _ => head.checksum_sha256(),
        };
        assert!(shown.is_some(), "{algorithm}");
    }
    let wrong = client.put_object().bucket("photos").key("w").checksum_crc32("AAAAAA==").body(body("x")).send().await;
    assert_eq!(refusal(wrong), (400, "BadDigest".into()));
}

#[tokio::test(start_paused = true)]
async fn several_keys_are_deleted_in_one_call() {
    let site = Site::of("empty");
    let client = site.bucket(TWO, AWAY, "photos").await;
    let version = client.put_object().bucket("photos").key("a").body(body("x")).send().await.unwrap().version_id;
    client.put_object().bucket("photos").key("b").body(body("x")).send().await.unwrap();
    let name = |key: &str, version: Option<String>| {
        ObjectIdentifier::builder().key(key).set_version_id(version).build().unwrap()
    };
    let delete = Delete::builder().objects(name("a", version.clone())).objects(name("b", None)).build().unwrap();
    let answer = client.delete_objects().bucket("photos").delete(delete).send().await.unwrap();
    assert_eq!(answer.deleted().len(), 2);
    assert_eq!(answer.deleted()[0].version_id(), version.as_deref());
    assert_eq!(answer.deleted()[1].delete_marker(), Some(true));
    assert!(answer.errors().is_empty());
    assert_eq!(site.simulator.versions("photos").len(), 2);
}
