//! Listings, page by page.

use super::{HOME, ONE, Site, body};

#[tokio::test(start_paused = true)]
async fn versions_are_listed_newest_first_and_in_pages() {
    let site = Site::of("empty");
    let client = site.bucket(ONE, HOME, "photos").await;
    for key in ["a", "a", "b c", "d/e"] {
        client.put_object().bucket("photos").key(key).body(body("x")).send().await.unwrap();
    }
    client.delete_object().bucket("photos").key("a").send().await.unwrap();
    let (mut seen, mut key, mut version, mut pages) = (Vec::new(), None, None, 0);
    loop {
        let call = client.list_object_versions().bucket("photos").max_keys(2);
        let page = call.set_key_marker(key).set_version_id_marker(version).send().await.unwrap();
        pages += 1;
        let rows = page.versions().iter().map(|row| (row.key().unwrap(), row.version_id().unwrap(), row.is_latest()));
        let markers =
            page.delete_markers().iter().map(|row| (row.key().unwrap(), row.version_id().unwrap(), row.is_latest()));
        seen.extend(rows.chain(markers).map(|(key, id, latest)| (key.to_owned(), id.to_owned(), latest.unwrap())));
        if page.is_truncated() != Some(true) {
            break;
        }
        (key, version) = (page.next_key_marker, page.next_version_id_marker);
    }
    assert_eq!((seen.len(), pages), (5, 3), "{seen:?}");
    let ids: std::collections::BTreeSet<_> = seen.iter().map(|(_, id, _)| id).collect();
    assert_eq!(ids.len(), 5);
    assert_eq!(seen.iter().filter(|(key, _, latest)| key == "a" && *latest).count(), 1);
    let one = client.list_object_versions().bucket("photos").prefix("b").send().await.unwrap();
    assert_eq!(one.versions()[0].key(), Some("b c"));
    assert_eq!(one.versions()[0].owner().unwrap().id().unwrap().len(), 64);
    let encoded = client.list_object_versions().bucket("photos").prefix("b ");
    let encoded = encoded.encoding_type(aws_sdk_s3::types::EncodingType::Url).send().await.unwrap();
    assert_eq!((encoded.versions()[0].key(), encoded.prefix()), (Some("b%20c"), Some("b%20")));
}

#[tokio::test(start_paused = true)]
async fn objects_are_listed_with_prefixes_rolled_up() {
    let site = Site::of("empty");
    let client = site.bucket(ONE, HOME, "photos").await;
    for key in ["a", "d/e", "d/f", "z"] {
        client.put_object().bucket("photos").key(key).body(body("x")).send().await.unwrap();
    }
    client.delete_object().bucket("photos").key("z").send().await.unwrap();
    let page = client.list_objects_v2().bucket("photos").delimiter("/").send().await.unwrap();
    assert_eq!(page.contents().iter().map(|row| row.key().unwrap()).collect::<Vec<_>>(), ["a"]);
    assert_eq!(page.common_prefixes()[0].prefix(), Some("d/"));
    assert_eq!(page.key_count(), Some(2));
    let first = client.list_objects_v2().bucket("photos").max_keys(2).send().await.unwrap();
    assert_eq!((first.contents().len(), first.is_truncated()), (2, Some(true)));
    let token = first.next_continuation_token().unwrap();
    let rest = client.list_objects_v2().bucket("photos").continuation_token(token).send().await.unwrap();
    assert_eq!(rest.contents().iter().map(|row| row.key().unwrap()).collect::<Vec<_>>(), ["d/f"]);
    let old = client.list_objects().bucket("photos").marker("a").send().await.unwrap();
    assert_eq!(old.contents().len(), 2);
}
