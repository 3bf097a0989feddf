//! IAM's policies, boundaries and simulator, and KMS's grants, as their clients see them.

use aws_sdk_kms::types::{GrantConstraints, GrantOperation};

use super::super::text::percent_encode;
use super::{HOME, ONE, Site, TWO, refusal};

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",
    "Principal":{"Service":"s3.amazonaws.com"}}]}"#;
const READ: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*",
    "Resource":"arn:aws:s3:::orders/*","Condition":{"StringEquals":{"aws:SourceVpce":"vpce-1"}}}]}"#;

/// A call of IAM by the root of the first account: parameters as `Name=value`, values not yet encoded.
async fn iam(site: &Site, action: &str, parameters: &[(&str, &str)]) -> super::Answer {
    let mut body = format!("Action={action}&Version=2010-05-08");
    for (name, value) in parameters {
        body.push_str(&format!("&{name}={}", percent_encode(value.as_bytes(), false)));
    }
    site.form(ONE, "iam", &body).await
}

#[tokio::test(start_paused = true)]
async fn roles_live_with_their_policies_and_go_without() {
    let site = Site::of("empty");
    let role = ("RoleName", "crr");
    let made = iam(&site, "CreateRole", &[role, ("Path", "/service-role/"), ("AssumeRolePolicyDocument", TRUST)]).await;
    assert!(made.text.contains("<Arn>arn:aws:iam::111111111111:role/service-role/crr</Arn>"), "{}", made.text);
    assert!(made.text.contains("<RoleId>AROA"), "{}", made.text);
    let put = iam(&site, "PutRolePolicy", &[role, ("PolicyName", "read"), ("PolicyDocument", READ)]).await;
    assert_eq!(put.status, 200, "{}", put.text);
    let got = iam(&site, "GetRolePolicy", &[role, ("PolicyName", "read")]).await;
    assert!(got.text.contains(&percent_encode(READ.as_bytes(), false)), "{}", got.text);
    let listed = iam(&site, "ListRolePolicies", &[role]).await;
    assert!(listed.text.contains("<PolicyNames><member>read</member></PolicyNames><IsTruncated>false"));
    let policy = iam(&site, "CreatePolicy", &[("PolicyName", "limit"), ("PolicyDocument", READ)]).await;
    let arn = ("PolicyArn", "arn:aws:iam::111111111111:policy/limit");
    assert!(policy.text.contains("<PolicyId>ANPA") && policy.text.contains(arn.1), "{}", policy.text);
    assert_eq!(iam(&site, "AttachRolePolicy", &[role, arn]).await.status, 200);
    let attached = iam(&site, "ListAttachedRolePolicies", &[role]).await;
    assert!(attached.text.contains("<PolicyName>limit</PolicyName>"), "{}", attached.text);
    let count = iam(&site, "GetPolicy", &[arn]).await;
    assert!(count.text.contains("<AttachmentCount>1</AttachmentCount>"), "{}", count.text);
    let version = iam(&site, "GetPolicyVersion", &[arn, ("VersionId", "v1")]).await;
    assert!(version.text.contains("<Document>%7B"), "{}", version.text);
    assert_eq!(iam(&site, "GetPolicyVersion", &[arn, ("VersionId", "v2")]).await.status, 404);
    let limited = iam(&site, "PutRolePermissionsBoundary", &[role, ("PermissionsBoundary", arn.1)]).await;
    assert_eq!(limited.status, 200, "{}", limited.text);
    let read = iam(&site, "GetRole", &[role]).await;
    assert!(read.text.contains("<PermissionsBoundaryArn>arn:aws:iam::111111111111:policy/limit<"), "{}", read.text);
    let conflict = iam(&site, "DeleteRole", &[role]).await;
    assert!(conflict.status == 409 && conflict.text.contains("<Code>DeleteConflict</Code>"), "{}", conflict.text);
    assert_eq!(iam(&site, "DeleteRolePermissionsBoundary", &[role]).await.status, 200);
    assert_eq!(iam(&site, "DetachRolePolicy", &[role, arn]).await.status, 200);
    assert_eq!(iam(&site, "DeletePolicy", &[arn]).await.status, 200);
    assert_eq!(iam(&site, "DeleteRolePolicy", &[role, ("PolicyName", "read")]).await.status, 200);
    let trust = iam(&site, "UpdateAssumeRolePolicy", &[role, ("PolicyDocument", "{}")]).await;
    assert!(trust.text.contains("<Code>MalformedPolicyDocument</Code>"), "{}", trust.text);
    assert_eq!(iam(&site, "UpdateAssumeRolePolicy", &[role, ("PolicyDocument", TRUST)]).await.status, 200);
    assert_eq!(iam(&site, "DeleteRole", &[role]).await.status, 200);
    assert_eq!(iam(&site, "GetRole", &[role]).await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn roles_are_listed_in_pages() {
    let site = Site::of("empty");
    for name in ["a", "b", "c"] {
        assert_eq!(site.create_role(ONE, name, TRUST).await.status, 200);
    }
    let first = iam(&site, "ListRoles", &[("MaxItems", "2")]).await;
    assert!(first.text.contains("<RoleName>b<") && !first.text.contains("<RoleName>c<"), "{}", first.text);
    let marker = first.text.split("<Marker>").nth(1).unwrap().split('<').next().unwrap();
    let rest = iam(&site, "ListRoles", &[("MaxItems", "2"), ("Marker", marker)]).await;
    assert!(rest.text.contains("<RoleName>c<") && rest.text.contains("<IsTruncated>false<"), "{}", rest.text);
    assert_eq!(iam(&site, "ListRoles", &[("Marker", "x")]).await.status, 400);
}

#[tokio::test(start_paused = true)]
async fn the_simulator_says_what_policies_say() {
    let site = Site::of("empty");
    site.create_role(ONE, "crr", TRUST).await;
    iam(&site, "PutRolePolicy", &[("RoleName", "crr"), ("PolicyName", "read"), ("PolicyDocument", READ)]).await;
    let asked = [
        ("PolicySourceArn", "arn:aws:iam::111111111111:role/crr"),
        ("ActionNames.member.1", "s3:GetObject"),
        ("ActionNames.member.2", "s3:PutObject"),
        ("ResourceArns.member.1", "arn:aws:s3:::orders/1"),
    ];
    let without = iam(&site, "SimulatePrincipalPolicy", &asked).await;
    assert!(without.text.contains("<EvalDecision>implicitDeny<"), "{}", without.text);
    assert!(without.text.contains("<MissingContextValues><member>aws:SourceVpce</member>"), "{}", without.text);
    let mut known = asked.to_vec();
    known.extend([
        ("ContextEntries.member.1.ContextKeyName", "aws:SourceVpce"),
        ("ContextEntries.member.1.ContextKeyType", "string"),
        ("ContextEntries.member.1.ContextKeyValues.member.1", "vpce-1"),
    ]);
    let with = iam(&site, "SimulatePrincipalPolicy", &known).await;
    assert!(with.text.contains("<EvalActionName>s3:GetObject</EvalActionName>"), "{}", with.text);
    assert!(with.text.contains("<EvalDecision>allowed<") && with.text.contains("<EvalDecision>implicitDeny<"));
    assert!(with.text.contains("<SourcePolicyId>role_crr_read<"), "{}", with.text);
    let deny = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
    let custom = [("PolicyInputList.member.1", deny), ("ActionNames.member.1", "s3:GetObject")];
    let custom = iam(&site, "SimulateCustomPolicy", &custom).await;
    assert!(custom.text.contains("<EvalDecision>explicitDeny<"), "{}", custom.text);
    assert!(custom.text.contains("<EvalResourceName>*<"), "{}", custom.text);
}

#[tokio::test(start_paused = true)]
async fn grants_and_keys_are_listed() {
    let site = Site::of("empty");
    let kms = site.kms(ONE, HOME);
    let key = kms.create_key().send().await.unwrap().key_metadata.unwrap();
    let keys = kms.list_keys().send().await.unwrap();
    assert_eq!(keys.keys()[0].key_arn(), key.arn());
    let context = GrantConstraints::builder().encryption_context_subset("aws:s3:arn", "arn:aws:s3:::orders").build();
    let create = kms.create_grant().key_id(key.key_id()).operations(GrantOperation::Decrypt).constraints(context);
    let nobody = create.clone().grantee_principal("arn:aws:iam::111111111111:role/none").send().await;
    assert_eq!(refusal(nobody), (400, "InvalidArnException".into()));
    let grantee = format!("arn:aws:iam::{TWO}:root");
    let made = create.grantee_principal(&grantee).send().await.unwrap();
    let listed = kms.list_grants().key_id(key.key_id()).send().await.unwrap();
    assert_eq!(listed.grants()[0].grant_id(), made.grant_id());
    assert_eq!(listed.grants()[0].grantee_principal(), Some(&*grantee));
    assert!(listed.grants()[0].constraints().unwrap().encryption_context_subset().is_some());
    kms.revoke_grant().key_id(key.key_id()).grant_id(made.grant_id().unwrap()).send().await.unwrap();
    let again = kms.retire_grant().grant_token(made.grant_token().unwrap()).send().await;
    assert_eq!(refusal(again), (400, "NotFoundException".into()));
}
