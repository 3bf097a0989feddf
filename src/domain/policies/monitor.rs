//! What the monitor itself needs: a role in each account, with its trust.
//!
//! `s3:DeleteObject` is withheld on purpose: with it a mistake could make delete markers; versions are deleted by
//! `s3:DeleteObjectVersion` alone.

use super::statement::Statement;
use super::{Named, Place, Plan, Side, Target};
use crate::domain::route::{Cleanup, Observe, Verify};

/// Reads of a bucket's set-up, on every side.
const SET_UP: [&str; 11] = [
    "s3:GetBucketLocation",
    "s3:GetBucketNotification",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketOwnershipControls",
    "s3:GetBucketPolicy",
    "s3:GetBucketPolicyStatus",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketRequestPayment",
    "s3:GetBucketVersioning",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
];

/// The monitor's roles, the source's first.
pub(super) fn policies(plan: &Plan) -> Vec<Named> {
    let mut named = Vec::new();
    let role = &plan.source.role;
    named.push(plan.named("monitor_source_trust", Place::Trust(role.clone()), vec![trust(plan, &plan.source)]));
    named.push(plan.named("monitor_source_policy", Place::Role(role.clone()), source(plan)));
    for target in &plan.destinations {
        let role = &target.side.role;
        let name = plan.name_at("monitor_destination_trust", target);
        named.push(plan.named(&name, Place::Trust(role.clone()), vec![trust(plan, &target.side)]));
        let name = plan.name_at("monitor_destination_policy", target);
        named.push(plan.named(&name, Place::Role(role.clone()), destination(plan, target)));
    }
    named
}

fn trust(plan: &Plan, side: &Side) -> Statement {
    let statement = Statement::allow("MonitorAssumesRole", &["sts:AssumeRole"]).to("AWS", &plan.principal);
    match &side.external_id {
        Some(id) => statement.when("StringEquals", "sts:ExternalId", &[id]),
        None => statement,
    }
}

fn source(plan: &Plan) -> Vec<Statement> {
    let side = &plan.source;
    let mut objects = vec!["s3:DeleteObjectVersion", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"];
    objects.extend(plan.tagged.then_some("s3:PutObjectTagging"));
    let mut set_up = SET_UP.to_vec();
    set_up.push("s3:GetReplicationConfiguration");
    let mut statements = vec![Statement::allow("Canaries", &objects).on(&side.objects(&plan.prefix))];
    statements.extend(listing(side, &plan.prefix));
    statements.push(Statement::allow("SetUp", &set_up).on(&side.bucket_arn()));
    statements.extend(account(side));
    statements.extend(encrypt(side));
    statements.extend(key(side));
    // Servers without accounts have no IAM either.
    if !side.account.is_empty() {
        statements.extend(role(plan));
    }
    statements.push(Statement::allow("Metrics", &["cloudwatch:GetMetricData"]).on("*"));
    if let Some(queue) = &plan.queue {
        let actions = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
        statements.push(Statement::allow("Events", &actions).on(queue));
    }
    statements
}

/// AWS's own managed policies belong to the account `aws`, which linters of policies take for no account: hence `*`.
fn role(plan: &Plan) -> [Statement; 2] {
    let side = &plan.source;
    let actions = [
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:ListRolePolicies",
        "iam:SimulatePrincipalPolicy",
    ];
    [
        Statement::allow("ReplicationRole", &actions).on(&plan.replication_role),
        Statement::allow("ReplicationRolePolicies", &["iam:GetPolicy", "iam:GetPolicyVersion"])
            .on(&format!("arn:{}:iam::{}:policy/*", side.partition(), side.account))
            .on(&format!("arn:{}:iam::*:policy/*", side.partition())),
    ]
}

fn destination(plan: &Plan, target: &Target) -> Vec<Statement> {
    let side = &target.side;
    let mut objects = Vec::new();
    if target.cleanup == Cleanup::Delete && target.observe == Observe::Replica {
        objects.push("s3:DeleteObjectVersion");
    }
    if target.observe == Observe::Replica {
        objects.extend(["s3:GetObject", "s3:GetObjectVersion"]);
    }
    let mut statements = Vec::new();
    if !objects.is_empty() {
        statements.push(Statement::allow("Canaries", &objects).on(&side.objects(&plan.prefix)));
    }
    statements.extend(listing(side, &plan.prefix));
    statements.push(Statement::allow("SetUp", &SET_UP).on(&side.bucket_arn()));
    statements.extend(account(side));
    if target.verify == Verify::Content {
        statements.extend(decrypt(plan, side));
    }
    statements.extend(key(side));
    statements
}

/// The public access block of the whole account; it has no resource to be narrowed to.
fn account(side: &Side) -> Option<Statement> {
    let statement = Statement::allow("AccountPublicAccess", &["s3:GetAccountPublicAccessBlock"]).on("*");
    (!side.account.is_empty()).then_some(statement)
}

/// Versions are listed beneath the prefix alone. `s3:ListBucket` stands by itself, without condition: HeadBucket sends
/// no `s3:prefix`, so a condition on it would refuse HeadBucket, and without the right a missing object is a 403.
fn listing(side: &Side, prefix: &str) -> [Statement; 2] {
    let bucket = side.bucket_arn();
    let versions = Statement::allow("ListCanaries", &["s3:ListBucketVersions"]).on(&bucket);
    [
        Statement::allow("SeeBucket", &["s3:ListBucket"]).on(&bucket),
        versions.when("StringLike", "s3:prefix", &[&format!("{prefix}*")]),
    ]
}

fn encrypt(side: &Side) -> Option<Statement> {
    let statement = Statement::allow("EncryptCanaries", &["kms:GenerateDataKey"]);
    side.on_key(statement.when("StringEquals", "kms:ViaService", &[&side.via_s3()]))
}

fn decrypt(plan: &Plan, side: &Side) -> Option<Statement> {
    let statement = Statement::allow("DecryptCanaries", &["kms:Decrypt"]);
    let contexts = [side.objects(&plan.prefix), side.bucket_arn()];
    let contexts = contexts.each_ref().map(String::as_str);
    let statement = statement.when("StringEquals", "kms:ViaService", &[&side.via_s3()]);
    side.on_key(statement.when("StringLike", "kms:EncryptionContext:aws:s3:arn", &contexts))
}

fn key(side: &Side) -> Option<Statement> {
    side.on_key(Statement::allow("Key", &["kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListGrants"]))
}
