//! Actions, resources and principals, and which policies must allow what.

use std::collections::BTreeMap;

use super::*;
use crate::domain::audit::facts::Grant;

const ALLOW: &str = r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#;
const DENY: &str = r#"{"Sid": "No", "Effect": "Deny", "Action": "s3:ReplicateObject", "Resource": "*"}"#;

fn replicate(policies: &Policies) -> Answer {
    replicate_as(policies, role())
}

fn replicate_as(policies: &Policies, caller: Caller) -> Answer {
    evaluate(policies, &Request::new(caller, "s3:ReplicateObject", OBJECT, Context::closed()))
}

fn named(principal: &str) -> String {
    format!(r#"{{"Effect": "Allow", "Principal": {principal}, "Action": "s3:*", "Resource": "arn:aws:s3:::dst/*"}}"#)
}

#[test]
fn actions_and_resources_match_by_pattern() {
    let cases: &[(&str, &str, char)] = &[
        (r#""Action": "s3:ReplicateObject""#, r#""Resource": "arn:aws:s3:::dst/*""#, 'Y'),
        (r#""Action": "S3:replicateobject""#, r#""Resource": "*""#, 'Y'),
        (r#""Action": "s3:Replicate*""#, r#""Resource": "*""#, 'Y'),
        (r#""Action": "s3:*Object""#, r#""Resource": "*""#, 'Y'),
        (r#""Action": "s3:Replicate?bject""#, r#""Resource": "*""#, 'Y'),
        (r#""Action": "*""#, r#""Resource": "*""#, 'Y'),
        (r#""Action": "s3:PutObject""#, r#""Resource": "*""#, 'N'),
        (r#""Action": ["s3:PutObject", "s3:ReplicateObject"]"#, r#""Resource": "*""#, 'Y'),
        (r#""Action": "s3:Replicate""#, r#""Resource": "*""#, 'N'),
        (r#""NotAction": "s3:PutObject""#, r#""Resource": "*""#, 'Y'),
        (r#""NotAction": "s3:Replicate*""#, r#""Resource": "*""#, 'N'),
        (r#""NotAction": ["kms:*", "s3:ReplicateObject"]"#, r#""Resource": "*""#, 'N'),
        (r#""Action": "s3:*""#, r#""Resource": "arn:aws:s3:::dst""#, 'N'),
        (r#""Action": "s3:*""#, r#""Resource": ["arn:aws:s3:::dst", "arn:aws:s3:::dst/*"]"#, 'Y'),
        (r#""Action": "s3:*""#, r#""Resource": "arn:aws:s3:::*""#, 'Y'),
        (r#""Action": "s3:*""#, r#""Resource": "arn:aws:s3:::dst*""#, 'Y'),
        (r#""Action": "s3:*""#, r#""Resource": "arn:*:s3:::dst/*""#, 'Y'),
        (r#""Action": "s3:*""#, r#""Resource": "arn:aws:s3:*""#, 'Y'),
        (r#""Action": "s3:*""#, r#""Resource": "arn:aws:s3:::DST/*""#, 'N'),
        (r#""Action": "s3:*""#, r#""Resource": "arn:aws:s3:::dst/canary/?""#, 'Y'),
        (r#""Action": "s3:*""#, r#""Resource": "arn:aws:s3:::dst/other/*""#, 'N'),
        (r#""Action": "s3:*""#, r#""NotResource": "arn:aws:s3:::dst/*""#, 'N'),
        (r#""Action": "s3:*""#, r#""NotResource": "arn:aws:s3:::other/*""#, 'Y'),
        (r#""Action": "s3:*""#, r#""Resource": "arn:aws:s3:::dst/${test:absent}*""#, 'N'),
        (r#""Action": "s3:*""#, r#""Resource": "arn:aws:s3:::dst/${test:absent, 'canary'}/*""#, 'Y'),
        (r#""Action": "s3:*""#, r#""Resource": "arn:aws:s3::dst/*""#, 'N'),
    ];
    for (action, resource, expected) in cases {
        let statement = format!(r#"{{"Effect": "Allow", {action}, {resource}}}"#);
        let answer = replicate(&bucket(&statement, "", "", A));
        assert_eq!(letter(&answer), *expected, "{statement}: {answer}");
    }
}

#[test]
fn principals_are_bound_by_arn_or_unique_id() {
    // Principal, and the answers within the account without an identity policy, and across accounts with one.
    let cases: &[(&str, char, char)] = &[
        (r#"{"AWS": "arn:aws:iam::111122223333:role/service-role/replication"}"#, 'Y', 'Y'),
        (r#"{"AWS": "arn:aws:iam::111122223333:role/replication"}"#, 'N', 'N'),
        (r#"{"AWS": "arn:aws:iam::111122223333:role/service-role/*"}"#, 'N', 'N'),
        (r#"{"AWS": "AROAEXAMPLEROLE000001"}"#, 'Y', 'Y'),
        (r#"{"AWS": "AROAEXAMPLEROLE000002"}"#, 'N', 'N'),
        (r#"{"AWS": "AIDAEXAMPLEUSER000001"}"#, 'N', 'N'),
        (r#"{"AWS": "111122223333"}"#, 'N', 'Y'),
        (r#"{"AWS": "arn:aws:iam::111122223333:root"}"#, 'N', 'Y'),
        (r#"{"AWS": "arn:aws:iam::444455556666:root"}"#, 'N', 'N'),
        (r#"{"AWS": ["444455556666", "111122223333"]}"#, 'N', 'Y'),
        (r#""*""#, 'Y', 'Y'),
        (r#"{"AWS": "*"}"#, 'Y', 'Y'),
        (r#"{"Service": "s3.amazonaws.com"}"#, 'N', 'N'),
        (r#"{"Federated": "cognito-identity.amazonaws.com"}"#, 'N', 'N'),
        (r#"{"AWS": "arn:aws:sts::111122223333:assumed-role/replication/s3-replication"}"#, 'D', 'D'),
        (r#"{"AWS": "arn:aws:sts::111122223333:assumed-role/other/s3-replication"}"#, 'N', 'N'),
        (r#"{"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}"#, 'N', 'D'),
    ];
    for (principal, within, across) in cases {
        let answer = replicate(&bucket("", "", &named(principal), A));
        assert_eq!(letter(&answer), *within, "{principal} within the account: {answer}");
        let answer = replicate(&bucket(ALLOW, "", &named(principal), B));
        assert_eq!(letter(&answer), *across, "{principal} across accounts: {answer}");
    }
}

#[test]
fn a_unique_id_that_is_unknown_settles_nothing() {
    let policies = bucket("", "", &named(r#"{"AWS": "AROAEXAMPLEROLE000001"}"#), A);
    let answer = replicate_as(&policies, Caller::role(ROLE, None));
    assert_eq!(answer.to_string(), "depends on aws:userid in statement 1 of resource policy");
}

#[test]
fn a_session_is_the_one_that_is_named() {
    let policies = bucket("", "", &named(r#"{"AWS": "arn:aws:sts::111122223333:assumed-role/replication/one"}"#), A);
    let session = |name: &str| Caller::Role {
        arn: ROLE.to_owned(),
        account: A.to_owned(),
        unique_id: None,
        session: Some(name.to_owned()),
    };
    assert!(replicate_as(&policies, session("one")).is_allowed());
    assert!(replicate_as(&policies, session("two")).is_denied());
}

#[test]
fn buckets_ask_one_side_within_an_account_and_both_across() {
    let by_role = named(&format!(r#"{{"AWS": "{ROLE}"}}"#));
    let by_account = named(&format!(r#"{{"AWS": "{A}"}}"#));
    let elsewhere = r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}"#;
    let deny_named = DENY.replace(r#""Action""#, r#""Principal": "*", "Action""#);
    let cases: &[(&str, &str, &str, &str, char)] = &[
        ("", "", "", A, 'N'),
        (ALLOW, "", "", A, 'Y'),
        ("", "", &by_role, A, 'Y'),
        ("", "", &by_account, A, 'N'),
        (ALLOW, "", &by_account, A, 'Y'),
        (ALLOW, ALLOW, "", A, 'Y'),
        (ALLOW, elsewhere, "", A, 'N'),
        ("", elsewhere, &by_role, A, 'N'),
        ("", ALLOW, &by_role, A, 'Y'),
        (ALLOW, DENY, "", A, 'N'),
        (ALLOW, "", &deny_named, A, 'N'),
        (DENY, "", &by_role, A, 'N'),
        (ALLOW, "", "", B, 'N'),
        ("", "", &by_role, B, 'N'),
        (ALLOW, "", &by_role, B, 'Y'),
        (ALLOW, "", &by_account, B, 'Y'),
        (elsewhere, "", &by_role, B, 'N'),
        (ALLOW, elsewhere, &by_role, B, 'N'),
        (ALLOW, ALLOW, &by_role, B, 'Y'),
        (ALLOW, "", &format!("{by_role}, {deny_named}"), B, 'N'),
    ];
    for (identity, boundary, resource, owner, expected) in cases {
        let answer = replicate(&bucket(identity, boundary, resource, owner));
        assert_eq!(letter(&answer), *expected, "{identity} / {boundary} / {resource} of {owner}: {answer}");
    }
}

#[test]
fn answers_name_the_statement_or_what_is_lacking() {
    let by_role = named(&format!(r#"{{"AWS": "{ROLE}"}}"#));
    let shown = |identity: &str, resource: &str| replicate(&bucket(identity, "", resource, B)).to_string();
    assert_eq!(shown(ALLOW, &by_role), "allowed by statement 1 of role policy, statement 1 of resource policy");
    assert_eq!(shown(&format!("{ALLOW}, {DENY}"), &by_role), "denied by statement \"No\" of role policy");
    assert_eq!(shown(ALLOW, ""), "not allowed by the resource policy");
    assert_eq!(shown("", ""), "not allowed by the identity policies nor the resource policy");
}

#[test]
fn the_owner_root_and_users_are_limited_less() {
    let root = Caller::Root { account: A.to_owned() };
    assert!(replicate_as(&bucket("", "", "", A), root.clone()).is_allowed());
    assert!(replicate_as(&bucket("", "", "", B), root).is_denied());
    let user = "arn:aws:iam::111122223333:user/bob";
    let bob = Caller::User { arn: user.to_owned(), account: A.to_owned(), unique_id: None };
    let by_user = named(&format!(r#"{{"AWS": "{user}"}}"#));
    let elsewhere = r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}"#;
    assert!(
        replicate_as(&bucket("", elsewhere, &by_user, A), bob.clone()).is_allowed(),
        "a boundary does not limit it"
    );
    assert!(replicate_as(&bucket(ALLOW, elsewhere, &by_user, B), bob).is_denied(), "it does across accounts");
}

#[test]
fn not_principal_spares_only_those_who_are_named_whole() {
    let all_but = |principals: &str| {
        format!(
            r#"{{"Effect": "Deny", "NotPrincipal": {{"AWS": [{principals}]}}, "Action": "s3:*",
                "Resource": "arn:aws:s3:::dst/*"}}"#
        )
    };
    let account = r#""arn:aws:iam::111122223333:root""#;
    let role = format!(r#""{ROLE}""#);
    let session = r#""arn:aws:sts::111122223333:assumed-role/replication/s3-replication""#;
    let caller = Caller::Role {
        arn: ROLE.to_owned(),
        account: A.to_owned(),
        unique_id: None,
        session: Some("s3-replication".to_owned()),
    };
    let judge = |principals: &str, boundary: &str| {
        letter(&replicate_as(&bucket(ALLOW, boundary, &all_but(principals), A), caller.clone()))
    };
    assert_eq!(judge(r#""444455556666""#, ""), 'N');
    assert_eq!(judge(account, ""), 'N', "an account does not spare its roles");
    assert_eq!(judge(&role, ""), 'D', "AWS: without the account it might be denied");
    assert_eq!(judge(&format!("{account}, {role}"), ""), 'D');
    assert_eq!(judge(&format!("{account}, {role}, {session}"), ""), 'Y');
    assert_eq!(judge(&format!("{account}, {role}, {session}"), ALLOW), 'N', "a boundary makes it deny always");
}

#[test]
fn keys_are_ruled_by_their_policy() {
    let root = |account: &str| {
        format!(
            r#"{{"Effect": "Allow", "Principal": {{"AWS": "arn:aws:iam::{account}:root"}}, "Action": "kms:*",
                "Resource": "*"}}"#
        )
    };
    let by_role =
        format!(r#"{{"Effect": "Allow", "Principal": {{"AWS": "{ROLE}"}}, "Action": "kms:Encrypt", "Resource": "*"}}"#);
    let allow = r#"{"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*"}"#;
    let by_alias =
        r#"{"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "arn:aws:kms:us-east-1:444455556666:alias/a"}"#;
    let decrypt = r#"{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}"#;
    let deny = r#"{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}"#;
    let cases: &[(&str, &str, &str, &str, char)] = &[
        (allow, "", "", A, 'N'),
        (allow, "", &root(A), A, 'Y'),
        ("", "", &root(A), A, 'N'),
        (decrypt, "", &root(A), A, 'N'),
        (allow, decrypt, &root(A), A, 'N'),
        ("", "", &by_role, A, 'Y'),
        ("", decrypt, &by_role, A, 'N'),
        (allow, "", &format!("{}, {deny}", root(A)), A, 'N'),
        (allow, "", &root(B), B, 'N'),
        ("", "", &by_role, B, 'N'),
        (allow, "", &by_role, B, 'Y'),
        (allow, "", &root(A), B, 'Y'),
        (by_alias, "", &by_role, B, 'N'),
    ];
    for (identity, boundary, resource, owner, expected) in cases {
        let guard = Guard::Key { grants: Vec::new() };
        let policies = guarded(guard, Kind::Key, (identity, boundary, resource), owner);
        let answer = evaluate(&policies, &Request::new(role(), "kms:Encrypt", KEY, Context::closed()));
        assert_eq!(letter(&answer), *expected, "{identity} / {boundary} / {resource} of {owner}: {answer}");
    }
}

#[test]
fn the_key_that_aws_manages_serves_its_own_account_alone() {
    // The key policy of aws/s3, as KMS shows it.
    let managed = r#"{"Sid": "Allow access through S3 for all principals in the account that are authorized to use S3",
        "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*",
        "kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*", "Condition": {"StringEquals": {
        "kms:CallerAccount": "111122223333", "kms:ViaService": "s3.us-east-1.amazonaws.com"}}}"#;
    let allow = r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}"#;
    let judge = |owner: &str, caller: &str, via: &str| {
        let caller = Caller::role(&ROLE.replace(A, caller), None);
        let context = Context::closed()
            .with("kms:CallerAccount", Value::one(caller.account().unwrap_or_default()))
            .with("kms:ViaService", Value::one(via));
        let policies = guarded(Guard::Key { grants: Vec::new() }, Kind::Key, (allow, "", managed), owner);
        letter(&evaluate(&policies, &Request::new(caller, "kms:Encrypt", KEY, context)))
    };
    assert_eq!(judge(A, A, "s3.us-east-1.amazonaws.com"), 'Y');
    assert_eq!(judge(A, A, "s3.eu-west-1.amazonaws.com"), 'N');
    assert_eq!(judge(A, B, "s3.us-east-1.amazonaws.com"), 'N');
}

#[test]
fn grants_allow_what_they_name_in_the_context_they_name() {
    let context = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    let grant = |grantee: &str, operation: &str| Grant {
        grantee: grantee.to_owned(),
        operations: vec![operation.to_owned()],
        ..Grant::default()
    };
    let fitting = context(&[("aws:s3:arn", "arn:aws:s3:::dst")]);
    let cases: Vec<(Grant, char)> = vec![
        (grant(ROLE, "Encrypt"), 'Y'),
        (grant(ROLE, "Decrypt"), 'N'),
        (grant("arn:aws:iam::111122223333:role/other", "Encrypt"), 'N'),
        (Grant { context_subset: fitting.clone(), ..grant(ROLE, "Encrypt") }, 'Y'),
        (Grant { context_equals: fitting, ..grant(ROLE, "Encrypt") }, 'Y'),
        (Grant { context_equals: context(&[("aws:s3:arn", "arn:aws:s3:::x")]), ..grant(ROLE, "Encrypt") }, 'N'),
        (Grant { context_subset: context(&[("other", "x")]), ..grant(ROLE, "Encrypt") }, 'N'),
        (Grant { context_subset: context(&[("unknown", "x")]), ..grant(ROLE, "Encrypt") }, 'D'),
    ];
    for (grant, expected) in cases {
        let sent = Context::closed()
            .with("kms:EncryptionContext:aws:s3:arn", Value::one("arn:aws:s3:::dst"))
            .with("kms:EncryptionContext:unknown", Value::Unknown);
        let request = Request::new(role(), "kms:Encrypt", KEY, sent);
        let policies = guarded(Guard::Key { grants: vec![grant.clone()] }, Kind::Key, ("", "", ""), B);
        let answer = evaluate(&policies, &request);
        assert_eq!(letter(&answer), expected, "{grant:?}: {answer}");
        let deny = r#"{"Effect": "Deny", "Action": "kms:*", "Resource": "*"}"#;
        let denied = guarded(Guard::Key { grants: vec![grant] }, Kind::Key, (deny, "", ""), B);
        assert!(evaluate(&denied, &request).is_denied(), "a denial wins over a grant");
    }
}

#[test]
fn a_policy_that_could_not_be_read_may_say_anything() {
    let mut policies = bucket(ALLOW, "", "", A);
    policies.resource = Set::none().and_unread("the bucket policy");
    assert_eq!(replicate(&policies).to_string(), "depends on the bucket policy");
    policies.identity = Set::of("role policy", of(&format!("{ALLOW}, {DENY}"), Kind::Identity));
    assert!(replicate(&policies).denied_by().is_some(), "what is denied stays denied");
}
