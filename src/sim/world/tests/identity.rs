//! Tests of credentials, roles and sessions.

use super::*;

fn trust(principal: &str, condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":{principal}}},
            "Action":"sts:AssumeRole"{condition}}}]}}"#
    )
}

fn assume(lab: &mut Lab, account: &str, role: &str, external_id: Option<&str>) -> Result<AssumedRole, WorldError> {
    let caller = lab.root(account, HERE).caller;
    let request = AssumeRole {
        role_arn: format!("arn:aws:iam::{A}:role/{role}"),
        session_name: "canary".to_owned(),
        duration_seconds: None,
        external_id: external_id.map(str::to_owned),
        policy: None,
    };
    lab.world.assume_role(lab.now, &caller, &request)
}

#[test]
fn root_keys_have_the_form_of_aws_and_identify_their_account() {
    let lab = Lab::bare(1);
    for account in lab.world.accounts() {
        assert!(account.access_key_id.len() == 20 && account.access_key_id.starts_with("AKIA"));
        assert_eq!(account.secret_access_key.len(), 40);
        let credential = lab.world.credential(&account.access_key_id).unwrap();
        assert_eq!(credential.secret_access_key, account.secret_access_key);
        assert_eq!(credential.caller.arn, format!("arn:aws:iam::{}:root", account.id));
        assert_eq!(credential.check_token(lab.now, None), Ok(()));
        assert_eq!(code(credential.check_token(lab.now, Some("token"))), (400, "InvalidToken"));
    }
    assert_eq!(lab.world.credential("AKIAAAAAAAAAAAAAAAAA"), None);
}

#[test]
fn a_session_works_with_its_token_until_it_expires() {
    let mut lab = Lab::bare(1);
    lab.role("monitor", &trust(&format!("\"{B}\""), ""));
    let assumed = assume(&mut lab, B, "monitor", None).unwrap();
    assert_eq!(assumed.arn, format!("arn:aws:sts::{A}:assumed-role/monitor/canary"));
    assert!(assumed.id.starts_with("AROA") && assumed.id.ends_with(":canary"));
    let credential = lab.world.credential(&assumed.credential.access_key_id).unwrap();
    assert_eq!(credential, assumed.credential);
    assert!(credential.access_key_id.starts_with("ASIA") && credential.caller.account == A);
    let token = credential.session_token.clone();
    assert_eq!(credential.check_token(lab.now, token.as_deref()), Ok(()));
    assert_eq!(code(credential.check_token(lab.now, None)), (400, "InvalidToken"));
    lab.pass(3601.0);
    assert_eq!(code(credential.check_token(lab.now, token.as_deref())), (400, "ExpiredToken"));
    assert_ne!(assume(&mut lab, B, "monitor", None).unwrap().credential.access_key_id, credential.access_key_id);
}

#[test]
fn the_trust_policy_decides() {
    let external = r#","Condition":{"StringEquals":{"sts:ExternalId":"sesame"}}"#;
    let past = r#","Condition":{"DateLessThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}"#;
    let (root_b, everyone) = (format!("\"arn:aws:iam::{B}:root\""), "\"*\"");
    let cases: [(&str, &str, &str, Option<&str>, bool); 8] = [
        (&root_b, "", B, None, true),
        (&root_b, "", A, None, false),
        (everyone, "", A, None, true),
        (everyone, external, B, Some("sesame"), true),
        (everyone, external, B, Some("wrong"), false),
        (everyone, external, B, None, false),
        (everyone, "", B, Some("needless"), true),
        (everyone, past, B, None, false),
    ];
    for (principal, condition, account, id, expected) in cases {
        let mut lab = Lab::bare(1);
        lab.role("monitor", &trust(principal, condition));
        let answer = assume(&mut lab, account, "monitor", id);
        assert_eq!(answer.is_ok(), expected, "{principal} {condition} {account} {id:?}");
        if !expected {
            assert_eq!(code(answer), (403, "AccessDenied"));
        }
    }
    let mut lab = Lab::bare(1);
    lab.role("replication", TRUST_S3);
    assert_eq!(code(assume(&mut lab, A, "replication", None)), (403, "AccessDenied"));
    assert_eq!(code(assume(&mut lab, A, "nobody", None)), (403, "AccessDenied"));
}

#[test]
fn a_role_made_again_under_its_name_is_another_one() {
    let mut lab = Lab::bare(1);
    let root = lab.root(A, HERE).caller;
    lab.role("first", &trust("\"*\"", ""));
    let named = trust(&format!("\"arn:aws:iam::{A}:role/first\""), "");
    lab.role("second", &named);
    let session = assume(&mut lab, A, "first", None).unwrap().credential.caller;
    let request = AssumeRole {
        role_arn: format!("arn:aws:iam::{A}:role/second"),
        session_name: "chained".to_owned(),
        ..AssumeRole::default()
    };
    assert!(lab.world.assume_role(lab.now, &session, &request).is_ok());
    let long = AssumeRole { duration_seconds: Some(7200), ..request.clone() };
    assert_eq!(code(lab.world.assume_role(lab.now, &session, &long)), (400, "ValidationError"));
    lab.world.delete_role(lab.now, &root, "first").unwrap();
    lab.role("first", &trust("\"*\"", ""));
    let again = assume(&mut lab, A, "first", None).unwrap().credential.caller;
    assert_ne!(again.user_id, session.user_id);
    assert_eq!(code(lab.world.assume_role(lab.now, &again, &request)), (403, "AccessDenied"));
}

#[test]
fn roles_and_sessions_are_checked_for_form() {
    let mut lab = Lab::bare(1);
    let root = lab.root(A, HERE).caller;
    let make = |name: &str, trust: &str| CreateRole {
        name: name.to_owned(),
        trust_policy: trust.to_owned(),
        ..CreateRole::default()
    };
    let stale = trust("\"AROAEXAMPLEEXAMPLE000\"", "");
    let missing = trust("\"arn:aws:iam::999999999999:root\"", "");
    let cases = [
        (make("monitor", "no json"), (400, "MalformedPolicyDocument")),
        (make("monitor", "{}"), (400, "MalformedPolicyDocument")),
        (make("monitor", &stale), (400, "MalformedPolicyDocument")),
        (make("monitor", &missing), (400, "MalformedPolicyDocument")),
        (make("with space", TRUST_S3), (400, "ValidationError")),
        (CreateRole { path: Some("x".to_owned()), ..make("monitor", TRUST_S3) }, (400, "ValidationError")),
        (CreateRole { max_session_seconds: Some(60), ..make("monitor", TRUST_S3) }, (400, "ValidationError")),
    ];
    for (request, expected) in cases {
        assert_eq!(code(lab.world.create_role(lab.now, &root, request)), expected);
    }
    let made = lab.role("monitor", TRUST_S3);
    assert_eq!(made.arn, format!("arn:aws:iam::{A}:role/monitor"));
    assert_eq!(lab.world.role(lab.now, &root, "monitor").unwrap(), made);
    assert_eq!(code(lab.world.role(lab.now, &root, "nobody")), (404, "NoSuchEntity"));
    assert_eq!(code(lab.world.create_role(lab.now, &root, make("monitor", TRUST_S3))), (409, "EntityAlreadyExists"));
    lab.role("open", &trust("\"*\"", ""));
    for (name, seconds, id) in [("x", None, None), ("a b", None, None), ("ok", Some(60), None), ("ok", None, Some("i"))]
    {
        let request = AssumeRole {
            role_arn: format!("arn:aws:iam::{A}:role/open"),
            session_name: name.to_owned(),
            duration_seconds: seconds,
            external_id: id.map(str::to_owned),
            policy: None,
        };
        assert_eq!(code(lab.world.assume_role(lab.now, &root, &request)), (400, "ValidationError"), "{request:?}");
    }
}
