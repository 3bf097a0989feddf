//! Tests of listing and paging.

use super::*;

fn lab() -> Lab {
    let mut lab = Lab::bare(1);
    lab.side(A, HERE, SOURCE, &BucketEncryption::default());
    for key in ["a/1", "a/2", "a/2", "b", "c/1", "c/2/x", "c/2/y", "d"] {
        lab.put(key);
    }
    lab.delete(SOURCE, "d", None);
    lab
}

fn all_versions(lab: &mut Lab, template: &ListVersions, delete: bool) -> (Vec<String>, usize) {
    let access = lab.owner_of(SOURCE);
    let (mut found, mut pages) = (Vec::new(), 0);
    let mut request = template.clone();
    loop {
        let page = lab.world.list_versions(lab.now, &access, SOURCE, &request).unwrap();
        pages += 1;
        for row in &page.entries {
            found.push(format!("{}{}", row.key, if row.is_latest { "*" } else { "" }));
            if delete {
                lab.delete(SOURCE, &row.key, Some(&row.version_id));
            }
        }
        found.extend(page.common_prefixes.iter().map(|prefix| format!("<{prefix}>")));
        assert_eq!(page.truncated, page.next_key_marker.is_some());
        if !page.truncated {
            return (found, pages);
        }
        request.key_marker = page.next_key_marker;
        request.version_id_marker = page.next_version_id_marker;
    }
}

const EVERYTHING: [&str; 9] = ["a/1*", "a/2*", "a/2", "b*", "c/1*", "c/2/x*", "c/2/y*", "d*", "d"];

#[test]
fn versions_come_by_key_then_newest_first_in_pages_of_any_size() {
    for size in 1..12 {
        let request = ListVersions { max_keys: Some(size), ..ListVersions::default() };
        let (found, pages) = all_versions(&mut lab(), &request, false);
        assert_eq!(found, EVERYTHING, "pages of {size}");
        assert_eq!(pages, EVERYTHING.len().div_ceil(size));
    }
}

#[test]
fn emptying_a_bucket_page_by_page_misses_nothing() {
    for size in 1..12 {
        let mut lab = lab();
        let request = ListVersions { max_keys: Some(size), ..ListVersions::default() };
        let (found, _) = all_versions(&mut lab, &request, true);
        assert_eq!(found.len(), EVERYTHING.len(), "pages of {size}");
        assert!(lab.world.contents(lab.now, SOURCE).is_empty());
        let access = lab.owner_of(SOURCE);
        lab.world.delete_bucket(lab.now, &access, SOURCE).unwrap();
    }
}

#[test]
fn prefixes_and_delimiters_roll_up() {
    for size in 1..6 {
        let request = ListVersions { delimiter: Some("/".to_owned()), max_keys: Some(size), ..ListVersions::default() };
        let (mut found, _) = all_versions(&mut lab(), &request, false);
        found.sort();
        assert_eq!(found, ["<a/>", "<c/>", "b*", "d", "d*"], "pages of {size}");
        let within = ListVersions { prefix: "c/".to_owned(), ..request };
        let (mut found, _) = all_versions(&mut lab(), &within, false);
        found.sort();
        assert_eq!(found, ["<c/2/>", "c/1*"]);
    }
    let exact = ListVersions { prefix: "a/2".to_owned(), ..ListVersions::default() };
    assert_eq!(all_versions(&mut lab(), &exact, false).0, ["a/2*", "a/2"]);
}

#[test]
fn markers_that_make_no_sense_are_refused_and_no_keys_means_none() {
    let mut lab = lab();
    let access = lab.owner_of(SOURCE);
    let mut list = |request: ListVersions| lab.world.list_versions(lab.now, &access, SOURCE, &request);
    let lone = ListVersions { version_id_marker: Some("null".to_owned()), ..ListVersions::default() };
    assert_eq!(code(list(lone.clone())), (400, "InvalidArgument"));
    let broken = ListVersions { key_marker: Some("a".to_owned()), version_id_marker: Some("x".to_owned()), ..lone };
    assert_eq!(code(list(broken)), (400, "InvalidArgument"));
    let none = list(ListVersions { max_keys: Some(0), ..ListVersions::default() }).unwrap();
    assert!(none.entries.is_empty() && !none.truncated);
}

#[test]
fn objects_are_current_versions_without_markers() {
    for size in 1..8 {
        let mut lab = lab();
        let access = lab.owner_of(SOURCE);
        let mut request = ListObjects { max_keys: Some(size), ..ListObjects::default() };
        let mut found = Vec::new();
        loop {
            let page = lab.world.list_objects(lab.now, &access, SOURCE, &request).unwrap();
            found.extend(page.entries.into_iter().map(|(key, _)| key));
            assert_eq!(page.truncated, page.next_continuation_token.is_some());
            if !page.truncated {
                break;
            }
            request.continuation_token = page.next_continuation_token;
        }
        assert_eq!(found, ["a/1", "a/2", "b", "c/1", "c/2/x", "c/2/y"], "pages of {size}");
    }
    let mut lab = lab();
    let access = lab.owner_of(SOURCE);
    let after = ListObjects { start_after: Some("b".to_owned()), prefix: "c/".to_owned(), ..ListObjects::default() };
    let rolled = ListObjects { delimiter: Some("/".to_owned()), ..after.clone() };
    let page = lab.world.list_objects(lab.now, &access, SOURCE, &rolled).unwrap();
    assert_eq!((page.entries.len(), page.common_prefixes), (1, vec!["c/2/".to_owned()]));
    let wrong = ListObjects { continuation_token: Some("zz".to_owned()), ..after };
    assert_eq!(code(lab.world.list_objects(lab.now, &access, SOURCE, &wrong)), (400, "InvalidArgument"));
}
