//! What replication itself needs: the role with its trust, a statement in both key policies, the destination's policy.
//!
//! Both encryption contexts are allowed on both sides: the Bucket Key flag follows the source object, so objects of one
//! bucket may differ in it.

use super::statement::Statement;
use super::{Named, Place, Plan, Side, Target};

/// The encryption context that S3 sends.
const CONTEXT: &str = "kms:EncryptionContext:aws:s3:arn";

/// What the role does with the key of replicas.
const REPLICA_KEY: [&str; 3] = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*"];

/// The role's two policies, then what other accounts and keys have to allow it.
pub(super) fn policies(plan: &Plan) -> Vec<Named> {
    let role = &plan.replication_role;
    let trust = Statement::allow("S3AssumesRole", &["sts:AssumeRole"]).to("Service", "s3.amazonaws.com");
    let mut named = vec![
        plan.named("replication_role_trust", Place::Trust(role.clone()), vec![trust]),
        plan.named("replication_role_policy", Place::Role(role.clone()), role_policy(plan)),
    ];
    if let Some(key) = &plan.source.key {
        let statement = in_key_policy(plan, "ReplicationDecrypts", &["kms:Decrypt"], &plan.source);
        named.push(plan.named("source_key_statement", Place::Key(key.clone()), vec![statement]));
    }
    for target in &plan.destinations {
        if let Some(key) = &target.side.key {
            let statement = in_key_policy(plan, "ReplicationEncrypts", &REPLICA_KEY, &target.side);
            let name = plan.name_at("destination_key_statement", target);
            named.push(plan.named(&name, Place::Key(key.clone()), vec![statement]));
        }
        let name = plan.name_at("destination_bucket_policy", target);
        let place = Place::Bucket(target.side.bucket.clone());
        named.push(plan.named(&name, place, bucket_policy(plan, target)));
    }
    named
}

fn role_policy(plan: &Plan) -> Vec<Statement> {
    let source = &plan.source;
    let mut statements = vec![
        Statement::allow("SourceBucket", &["s3:GetReplicationConfiguration", "s3:ListBucket"]).on(&source.bucket_arn()),
        Statement::allow(
            "SourceObjects",
            &["s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"],
        )
        .on(&source.objects("")),
    ];
    statements.extend(source.on_key(through_s3(Statement::allow("SourceKey", &["kms:Decrypt"]), source)));
    for target in &plan.destinations {
        let side = &target.side;
        statements.push(Statement::allow("Replicas", &replicate(plan, target)).on(&side.objects("")));
        statements.extend(side.on_key(through_s3(Statement::allow("ReplicaKey", &REPLICA_KEY), side)));
    }
    merged(statements)
}

fn bucket_policy(plan: &Plan, target: &Target) -> Vec<Statement> {
    let (side, role) = (&target.side, &plan.replication_role);
    vec![
        Statement::allow("ReplicationWrites", &replicate(plan, target)).to("AWS", role).on(&side.objects("")),
        Statement::allow("ReplicationLooks", &["s3:GetBucketVersioning", "s3:ListBucket"])
            .to("AWS", role)
            .on(&side.bucket_arn()),
    ]
}

fn replicate(plan: &Plan, target: &Target) -> Vec<&'static str> {
    let mut actions = vec!["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"];
    if plan.source.account != target.side.account {
        actions.insert(0, "s3:ObjectOwnerOverrideToBucketOwner");
    }
    actions
}

/// In a key's policy `*` is the key itself.
fn in_key_policy(plan: &Plan, sid: &'static str, actions: &[&'static str], side: &Side) -> Statement {
    through_s3(Statement::allow(sid, actions).to("AWS", &plan.replication_role).on("*"), side)
}

fn through_s3(statement: Statement, side: &Side) -> Statement {
    let contexts = [side.objects(""), side.bucket_arn()];
    statement.when("StringEquals", "kms:ViaService", &[&side.via_s3()]).when(
        "StringLike",
        CONTEXT,
        &contexts.each_ref().map(String::as_str),
    )
}

/// Statement ids are unique in a document: what differs in resources alone becomes one statement.
fn merged(statements: Vec<Statement>) -> Vec<Statement> {
    let mut merged: Vec<Statement> = Vec::new();
    for statement in statements {
        let alike = |each: &&mut Statement| each.action == statement.action && each.condition == statement.condition;
        match merged.iter_mut().find(alike) {
            Some(earlier) => earlier.resource.extend(statement.resource),
            None => merged.push(statement),
        }
    }
    for place in 1..merged.len() {
        let (earlier, rest) = merged.split_at_mut(place);
        let Some(statement) = rest.first_mut() else { continue };
        let namesakes = earlier.iter().filter(|each| each.sid.starts_with(statement.sid.as_str())).count();
        if namesakes > 0 {
            statement.sid.push_str(&(namesakes + 1).to_string());
        }
    }
    merged
}
