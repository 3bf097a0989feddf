//! What is printed for a configuration, as golden text.

use std::path::Path;

use super::*;
use crate::config;

const CONFIG: &str = r#"
routes:
  - name: orders
    source:
      bucket: acme-orders
      region: ap-south-1
      account: "111111111111"
      role_arn: arn:aws:iam::111111111111:role/monitoring/replicanary
      external_id: "acme-${1}"
      kms_key: arn:aws:kms:ap-south-1:111111111111:key/11111111-1111-4111-8111-111111111111
      event_queue: https://sqs.ap-south-1.amazonaws.com/111111111111/replication-events
    destinations:
      - bucket: acme-orders-replica
        region: us-east-1
        account: "222222222222"
        role_arn: arn:aws:iam::222222222222:role/replicanary
        kms_key: alias/orders
        verify: content
      - bucket: acme-orders-vault
        region: eu-central-1
        account: "111111111111"
        observe: source-only
    canary:
      tags: { team: storage }
"#;

const COMPATIBLE: &str = "
routes:
  - name: archive
    source: { bucket: archive, region: us-east-1, endpoint_url: https://a.example.net }
    destinations:
      - { bucket: archive, region: us-east-1, endpoint_url: https://b.example.net }
";

fn command(party: Option<For>) -> Policies {
    Policies {
        config: PathBuf::new(),
        party,
        format: Format::Json,
        route: None,
        replication_role: None,
        principal: None,
    }
}

fn named(command: &Policies) -> Vec<Named> {
    let config = config::parse(&CONFIG.replace("${1}", "7"), "test.yaml", &|_| None).unwrap();
    config.routes.iter().flat_map(|entry| command.policies(&command.plan(entry))).collect()
}

#[test]
fn the_documents_of_a_configuration() {
    let all = named(&command(None));
    golden("policies.json", &serde_json::to_string_pretty(&Documents(&all)).unwrap());
    golden("policies.tf", &terraform::render(&all));
}

#[test]
fn each_party_gets_its_own() {
    let names = |party| named(&command(Some(party))).iter().map(|named| named.name.clone()).collect::<Vec<_>>();
    assert!(names(For::Monitor).iter().all(|name| name.starts_with("monitor_")));
    assert!(names(For::Replication).iter().all(|name| !name.starts_with("monitor_")));
    assert_eq!(names(For::Monitor).len() + names(For::Replication).len(), named(&command(None)).len());
}

#[test]
fn an_account_that_is_not_told_is_left_to_be_filled_in() {
    let config = config::parse(COMPATIBLE, "test.yaml", &|_| None).unwrap();
    let command = command(None);
    let all: Vec<Named> = config.routes.iter().flat_map(|entry| command.policies(&command.plan(entry))).collect();
    let documents = serde_json::to_string(&Documents(&all)).unwrap();
    assert!(documents.contains("arn:aws:iam::ACCOUNT:role/REPLICATION_ROLE"), "{documents}");
    assert!(!documents.contains(":iam:::"), "{documents}");
}

#[test]
fn the_replication_role_and_the_principal_can_be_given() {
    let mut command = command(None);
    command.replication_role = Some("arn:aws:iam::111111111111:role/service-role/crr".to_owned());
    command.principal = Some("arn:aws:iam::333333333333:role/cluster".to_owned());
    let text = serde_json::to_string(&Documents(&named(&command))).unwrap();
    assert!(text.contains("role/service-role/crr") && text.contains("333333333333:role/cluster"));
    assert!(!text.contains("REPLICATION_ROLE") && !text.contains("111111111111:root"));
}

#[test]
fn the_monitor_may_never_make_a_delete_marker_or_touch_what_is_not_its_own() {
    for policy in named(&command(Some(For::Monitor))) {
        for statement in &policy.document.statement {
            assert!(!statement.action.contains(&"s3:DeleteObject"), "{statement:?}");
            let writes =
                statement.action.iter().any(|action| action.starts_with("s3:Put") || action.contains("Delete"));
            if writes && statement.sid != "Events" {
                assert!(statement.resource.iter().all(|arn| arn.ends_with("/replicanary/*")), "{statement:?}");
            }
        }
    }
}

#[test]
fn statement_ids_are_unique_in_a_document() {
    for policy in named(&command(None)) {
        let mut ids: Vec<&str> = policy.document.statement.iter().map(|statement| statement.sid.as_str()).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "{}", policy.name);
    }
}

/// Compares with a stored text; `UPDATE_GOLDEN=1` stores what is now.
fn golden(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/policies/tests").join(name);
    let actual = format!("{}\n", actual.trim_end());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &actual).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == actual, "{name} differs; UPDATE_GOLDEN=1 stores what is now:\n{actual}");
}
