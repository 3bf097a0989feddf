//! Remedies that can be copied: policy statements and commands.

use serde_json::{Map, Value, json};

/// A policy statement that allows actions on resources, to a principal where it stands in a resource's policy.
pub(super) fn statement(sid: &str, actions: &[String], resources: &[String], principal: Option<&str>) -> String {
    let one_or_more = |items: &[String]| match items {
        [one] => json!(one),
        more => json!(more),
    };
    let mut statement = Map::new();
    statement.insert("Sid".to_owned(), json!(sid));
    statement.insert("Effect".to_owned(), json!("Allow"));
    if let Some(principal) = principal {
        statement.insert("Principal".to_owned(), json!({"AWS": principal}));
    }
    statement.insert("Action".to_owned(), one_or_more(actions));
    statement.insert("Resource".to_owned(), one_or_more(resources));
    Value::Object(statement).to_string()
}

/// A command of the AWS CLI, with the Region that it goes to.
pub(super) fn command(words: &str, region: &str) -> String {
    format!("aws {words} --region {region}")
}

/// How to change one rule of a replication configuration, which can only be written as a whole.
pub(super) fn rule(bucket: &str, change: &str) -> String {
    format!(
        "Read the configuration with `aws s3api get-bucket-replication --bucket {bucket}`, {change}, and write it back \
         with `aws s3api put-bucket-replication --bucket {bucket} --replication-configuration file://replication.json` \
         (console: S3 > {bucket} > Management > Replication rules). Objects that were not replicated meanwhile need S3 \
         Batch Replication."
    )
}
