//! The replication configuration and its rules.

use super::super::super::setup::{REPLICA_KEY, SOURCE_KEY};
use super::Case;

#[test]
fn told_as_such() {
    super::hold(CASES);
}

pub(super) const CASES: &[Case] = &[
    ("no configuration", &["replication_configured"], |s| s.facts.replication = Ok(None)),
    ("no rule to the destination", &["rule_leads_to_destination"], |s| s.rule().bucket = "elsewhere".to_owned()),
    ("rule disabled", &["rule_enabled"], |s| s.rule().enabled = false),
    ("other prefix", &["rule_covers_canary"], |s| s.rule().filter.prefix = "orders/".to_owned()),
    ("tags asked for", &["rule_covers_canary"], |s| {
        s.rule().filter.tags.insert("tier".to_owned(), "1".to_owned());
    }),
    ("shadowed by priority", &["warning rule_not_shadowed"], |s| {
        let mut other = s.rule().clone();
        (other.id, other.priority) = ("newer".to_owned(), Some(9));
        other.storage_class = Some("INTELLIGENT_TIERING".to_owned());
        s.rules().push(other);
    }),
    ("shadowed by one that skips KMS", &["rule_not_shadowed"], |s| {
        let mut other = s.rule().clone();
        (other.id, other.priority, other.takes_kms_objects, other.replica_key) =
            ("newer".to_owned(), Some(9), None, None);
        s.rules().push(other);
    }),
    ("a second rule that is alike", &[], |s| {
        let mut other = s.rule().clone();
        (other.id, other.priority) = ("newer".to_owned(), Some(9));
        s.rules().push(other);
    }),
    ("a rule for what no canary covers", &[], |s| {
        let mut other = s.rule().clone();
        (other.id, other.priority, other.filter.prefix) = ("logs".to_owned(), Some(9), "logs/".to_owned());
        s.rules().push(other);
    }),
    ("wrong account in the rule", &["rule_account"], |s| s.rule().account = Some("333333333333".to_owned())),
    ("KMS objects skipped", &["rule_takes_kms_objects"], |s| s.rule().takes_kms_objects = Some(false)),
    ("no replica key", &["rule_names_replica_key"], |s| s.rule().replica_key = None),
    ("replica key is no ARN", &["rule_replica_key_valid"], |s| s.rule().replica_key = Some("my-key".to_owned())),
    ("replica key by alias", &["warning rule_replica_key_by_arn"], |s| {
        let alias = "arn:aws:kms:us-east-1:222222222222:alias/replicas";
        s.rule().replica_key = Some(alias.to_owned());
        let read = s.replica_key().clone();
        s.facts.destinations[0].keys.insert(alias.to_owned(), read);
    }),
    ("replica key in another Region", &["rule_replica_key_region"], |s| {
        let key = REPLICA_KEY.replace("us-east-1", "eu-north-1");
        s.rule().replica_key = Some(key.clone());
        let mut read = s.replica_key().clone();
        (read.described().region, read.described().arn) = ("eu-north-1".to_owned(), key.clone());
        s.facts.destinations[0].keys.insert(key, read);
    }),
    ("multi-Region key of another Region", &["rule_replica_key_multi_region"], |s| {
        let key = "arn:aws:kms:eu-north-1:222222222222:key/mrk-22222222bbbb4bbb8bbb222222222222";
        s.rule().replica_key = Some(key.to_owned());
    }),
    ("the source's key for replicas", &["rule_replica_key_region"], |s| {
        s.rule().replica_key = Some(SOURCE_KEY.to_owned());
    }),
    ("replica key of the source's account", &["rule_replica_key_account"], |s| {
        s.rule().replica_key = Some(REPLICA_KEY.replace("222222222222:key", "111111111111:key"));
    }),
    ("aws/s3 across accounts", &["rule_replica_key_customer_managed"], |s| {
        s.rule().replica_key = Some("arn:aws:kms:us-east-1:222222222222:alias/aws/s3".to_owned());
    }),
    ("another key than expected", &["rule_replica_key_as_configured"], |s| {
        s.rule().replica_key = Some(REPLICA_KEY.replace("bbbb", "cccc"));
    }),
    ("owner changed to nobody", &["rule_owner_override"], |s| s.rule().account = None),
    ("replicas stay the source's", &["warning replica_owner"], |s| {
        s.rule().changes_owner = false;
        s.there().ownership = Ok(Some("ObjectWriter".to_owned()));
    }),
    ("no metrics", &[], |s| s.rule().publishes_metrics = false),
    ("delete markers replicated", &[], |s| s.rule().replicates_markers = Some(true)),
    ("modifications synced", &[], |s| s.rule().syncs_replicas = Some(true)),
    ("infrequent access", &["warning rule_storage_class"], |s| s.rule().storage_class = Some("STANDARD_IA".to_owned())),
    ("deep archive", &["warning rule_storage_class", "warning replicas_readable"], |s| {
        s.rule().storage_class = Some("DEEP_ARCHIVE".to_owned());
    }),
    ("another class than expected", &["rule_storage_class_as_configured"], |s| {
        s.route.destinations[0].storage_class = Some("INTELLIGENT_TIERING".to_owned());
    }),
    ("role of another account", &["role_account"], |s| {
        s.role().arn = "arn:aws:iam::222222222222:role/s3-replication".to_owned();
    }),
];
