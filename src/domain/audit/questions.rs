//! What IAM is asked of the replication role: every action that the configuration needs, in the context that S3 sends.
//!
//! The context is always passed: without it `SimulatePrincipalPolicy` gives a confident answer about another request.

use super::facts::DefaultEncryption;
use crate::domain::replication::{Replication, Rule};
use crate::domain::route::{Destination, Route};

/// One call of `SimulatePrincipalPolicy`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The actions.
    pub actions: Vec<&'static str>,
    /// The resource's ARN.
    pub resource: String,
    /// The context keys of the request, by name.
    pub context: Vec<(String, String)>,
}

/// What is asked of a role. `source` is the default encryption of the source, and `source_key` the ARN of its key,
/// as far as they are known.
#[must_use]
pub fn questions(
    route: &Route,
    replication: &Replication,
    source: Option<&DefaultEncryption>,
    source_key: Option<&str>,
) -> Vec<Question> {
    let partition = partition(&replication.role);
    let bucket = format!("arn:{partition}:s3:::{}", route.source.bucket);
    let region = route.source.region.as_str();
    let context = called_in(replication, region);
    let objects = format!("{bucket}/{}canary", route.canary.prefix);
    let mut all = vec![
        Question {
            actions: vec!["s3:GetReplicationConfiguration", "s3:ListBucket"],
            resource: bucket.clone(),
            context: context.clone(),
        },
        Question {
            actions: vec!["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"],
            resource: objects.clone(),
            context: context.clone(),
        },
    ];
    if let Some(key) = source_key {
        let by_bucket = source.is_some_and(|source| source.bucket_key);
        let name = if by_bucket { bucket } else { objects };
        all.push(Question {
            actions: vec!["kms:Decrypt"],
            resource: key.to_owned(),
            context: through_s3(context, &replication.role, region, name),
        });
    }
    for destination in &route.destinations {
        if let Some(rule) = route.rule_to(destination, replication) {
            all.extend(at_destination(route, destination, rule, replication, source));
        }
    }
    all
}

fn at_destination(
    route: &Route,
    destination: &Destination,
    rule: &Rule,
    replication: &Replication,
    source: Option<&DefaultEncryption>,
) -> Vec<Question> {
    let partition = partition(&replication.role);
    let region = destination.region.as_str();
    let bucket = format!("arn:{partition}:s3:::{}", destination.bucket);
    let objects = format!("{bucket}/{}canary", route.canary.prefix);
    let context = called_in(replication, region);
    let mut actions = vec!["s3:ReplicateObject", "s3:ReplicateTags"];
    if rule.replicates_markers == Some(true) {
        actions.push("s3:ReplicateDelete");
    }
    if rule.changes_owner {
        actions.push("s3:ObjectOwnerOverrideToBucketOwner");
    }
    let mut sent = context.clone();
    if let (Some(key), Some(algorithm)) = (&rule.replica_key, source.map(|source| &source.algorithm)) {
        sent.push(("s3:x-amz-server-side-encryption".to_owned(), algorithm.clone()));
        sent.push(("s3:x-amz-server-side-encryption-aws-kms-key-id".to_owned(), key.clone()));
    }
    let mut all = vec![Question { actions, resource: objects.clone(), context: sent }];
    // An alias names no resource that a policy could allow.
    if let Some(key) = rule.replica_key.as_deref().filter(|key| key.contains(":key/")) {
        let by_bucket = source.is_some_and(|source| source.bucket_key);
        let actions = if by_bucket { vec!["kms:Encrypt", "kms:Decrypt"] } else { vec!["kms:Encrypt"] };
        let name = if by_bucket { bucket } else { objects };
        all.push(Question {
            actions,
            resource: key.to_owned(),
            context: through_s3(context, &replication.role, region, name),
        });
    }
    all
}

/// What is known of every request that S3 makes as the role, to this Region.
fn called_in(replication: &Replication, region: &str) -> Vec<(String, String)> {
    let known = [
        ("aws:PrincipalArn", replication.role.as_str()),
        ("aws:PrincipalAccount", account(&replication.role)),
        ("aws:SecureTransport", "true"),
        ("aws:RequestedRegion", region),
        ("aws:ViaAWSService", "false"),
        ("aws:PrincipalIsAWSService", "false"),
    ];
    known.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The same, where S3 calls KMS for it: `name` is what the encryption context names.
fn through_s3(mut context: Vec<(String, String)>, role: &str, region: &str, name: String) -> Vec<(String, String)> {
    let (partition, account) = (partition(role), account(role));
    let suffix = if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    context.push(("kms:ViaService".to_owned(), format!("s3.{region}.{suffix}")));
    context.push(("kms:CallerAccount".to_owned(), account.to_owned()));
    context.push(("kms:EncryptionContext:aws:s3:arn".to_owned(), name));
    context
}

fn partition(arn: &str) -> &str {
    arn.split(':').nth(1).filter(|partition| !partition.is_empty()).unwrap_or("aws")
}

fn account(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}
