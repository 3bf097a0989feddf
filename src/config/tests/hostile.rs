//! Files that are too large, too deep, or not there; and secrets, which no message and no `Debug` shows.

use std::fmt::Write;

use super::{ROUTE, messages, read};
use crate::config::{FILE_MAX, load, yaml};

const TOO_MUCH: &str = "the document is too large, too deep or has too many aliases; make it plainer";

#[test]
fn alias_bombs_are_refused() {
    let mut text = "defaults: { canary: { tags: { a: &a0 [x, x, x, x, x, x, x, x, x, x] } } }\n".to_owned();
    text.push_str("routes:\n  - &b0 { name: a }\n");
    for level in 1..10 {
        let below = format!("*b{}, ", level - 1).repeat(10);
        writeln!(text, "  - &b{level} [{below}]").unwrap();
    }
    assert_eq!(read(&text).unwrap_err().faults.len(), 1);
}

#[test]
fn merge_bombs_are_refused() {
    let mut merges = "routes:\n  - &m0 { name: a }\n".to_owned();
    for level in 1..40 {
        writeln!(merges, "  - &m{level} {{ <<: [*m{0}, *m{0}, *m{0}, *m{0}] }}", level - 1).unwrap();
    }
    assert!(messages(&merges)[0].ends_with(TOO_MUCH), "{:?}", messages(&merges));
}

#[test]
fn deep_documents_are_refused() {
    for text in ["[".repeat(100_000), "{ a: ".repeat(100_000), "- ".repeat(100_000)] {
        assert_eq!(messages(&text).len(), 1);
    }
    let deep = format!("routes:\n  - canary: {{ tags: {{ a: {}1{} }} }}\n", "[".repeat(60), "]".repeat(60));
    assert_eq!(messages(&deep).len(), 1);
}

#[test]
fn large_files_are_refused_before_they_are_parsed() {
    let text = format!("{ROUTE}#{}", " ".repeat(FILE_MAX));
    assert_eq!(messages(&text), ["the file is larger than 16 MiB; split it over several monitors"]);
}

/// A route with nearly every key.
const FULL: &str = r#"  - name: route-@
    source: { bucket: source-@, region: eu-west-1, account: "111111111111", external_id: "${EXTERNAL_ID}",
              role_arn: "arn:aws:iam::111111111111:role/replicanary",
              kms_key: "arn:aws:kms:eu-west-1:111111111111:key/11111111-1111-1111-1111-111111111111" }
    destinations:
      - { bucket: replica-@, region: us-east-1, account: "222222222222", owner: "222222222222",
          role_arn: "arn:aws:iam::222222222222:role/replicanary", verify: content, observe: replica, cleanup: delete,
          kms_key: "arn:aws:kms:us-east-1:222222222222:key/22222222-2222-2222-2222-222222222222" }
    canary: { prefix: replicanary/, interval: 60s, objective: 15m, deadline: 60m, abandon_after: 48h,
              tags: { team: storage }, send_key: false, allow_retained: false, max_pending: 100 }
    poll: { floor: 2s, resolution: 10% }
    settle: 15m
"#;

#[test]
fn ten_thousand_routes_fit() {
    let mut text = "routes:\n".to_owned();
    (0..10_000).for_each(|index| text.push_str(&FULL.replace('@', &index.to_string())));
    assert_eq!(read(&text).unwrap_or_else(|faults| panic!("{faults}")).routes.len(), 10_000);
}

#[test]
fn ten_thousand_routes_fit_with_anchors_and_merge_keys() {
    let mut text = "routes:\n".to_owned();
    for index in 0..10_000 {
        let full = FULL.replace('@', &index.to_string());
        let merged =
            format!("  - {{ <<: *route, name: route-{index}, source: {{ <<: *source, bucket: source-{index} }} }}\n");
        let anchored = full.replace("- name:", "- &route\n    name:").replace("source: {", "source: &source {");
        text.push_str(if index == 0 { &anchored } else { &merged });
    }
    let config = read(&text).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(config.routes[9_999].route.source.bucket.as_str(), "source-9999");
    assert_eq!(config.routes[9_999].route.destinations, config.routes[0].route.destinations);
}

#[test]
fn files_that_cannot_be_read_are_faults() {
    let nowhere = load("/nowhere/replicanary.yaml".as_ref(), &super::env).unwrap_err().to_string();
    assert!(
        nowhere.starts_with("/nowhere/replicanary.yaml: 1 fault\n  the file cannot be read: No such file"),
        "{nowhere}"
    );
    assert!(nowhere.ends_with("; check the path"), "{nowhere}");
    let directory = load(env!("CARGO_MANIFEST_DIR").as_ref(), &super::env).unwrap_err().to_string();
    assert!(directory.ends_with("; name a readable file"), "{directory}");
    let path = std::env::temp_dir().join(format!("replicanary-config-{}.yaml", std::process::id()));
    std::fs::write(&path, b"instance: \xff\n").unwrap();
    let latin = load(&path, &super::env).unwrap_err().to_string();
    std::fs::write(&path, ROUTE).unwrap();
    let good = load(&path, &super::env);
    std::fs::remove_file(&path).unwrap();
    assert!(latin.ends_with("the file is not UTF-8; save it as UTF-8"), "{latin}");
    assert_eq!(good.unwrap().routes.len(), 1);
}

/// Every place where a secret may stand, each time with something wrong beside or in it.
const SECRETS: [&str; 12] = [
    "secret_access_key: hush",
    "access_key_id: AKIA, secret_access_key: hush",
    "access_key_id: AKIA, secret_access_key: hush, profile: me",
    "access_key_id: AKIA, secret_access_key: [hush]",
    "access_key_id: AKIA, secret_access_key: {hush: hush}",
    "access_key_id: AKIA, secret_access_key: !hush hush",
    "access_key_id: AKIA, secret_access_key: *hush",
    "access_key_id: AKIA, secret_access_key: \"hush",
    "access_key_id: AKIA, secret_access_key: \"hush ${NOT_SET}\"",
    "access_key_id: AKIA, secret_access_key: 'hush', bukcet: a",
    "external_id: hush",
    "external_id: \"${EXTERNAL_ID}\", role_arn: \"arn:aws:iam::111111111111:role/r\", endpoint_url: http://a:hush@b",
];

#[test]
fn secrets_are_never_shown() {
    for keys in SECRETS {
        let text = ROUTE.replace("account: \"111111111111\"", &format!("account: \"111111111111\", {keys}"));
        let shown = match read(&text) {
            Ok(config) => format!("{config:?} {:?}", yaml::read(&text)),
            Err(faults) => format!(
                "{faults} {faults:?} {:?}",
                yaml::read(&text).ok().map(|shape| shape.routes.map(|routes| {
                    routes
                        .into_iter()
                        .map(|route| route.source.map(|source| (source.secret_access_key, source.external_id)))
                        .collect::<Vec<_>>()
                }))
            ),
        };
        assert!(!shown.contains("hush"), "{keys}: {shown}");
    }
}
