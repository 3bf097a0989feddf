//! Tests of statements as wholes, and of documents that are none.

use super::super::error::WorldError;
use super::super::identity::{Caller, CallerRole, CreateRole};
use super::super::moment::Moment;
use super::super::{LatencyProfile, Physics, World};
use super::*;

const A: &str = "111111111111";

/// An account with a role, and a session of it.
fn world() -> (World, Caller) {
    let physics = Physics {
        seed: 1,
        latency: LatencyProfile::Quick,
        propagation: std::time::Duration::ZERO,
        bucket_key_ttl: std::time::Duration::ZERO,
    };
    let (mut world, now) = (World::new(physics), Moment::from_micros(1_800_000_000_000_000));
    world.open_account(now, A);
    let root = world.root(A).unwrap();
    let trust_policy = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}"#.to_owned();
    let request = CreateRole { name: "crr".to_owned(), trust_policy, ..CreateRole::default() };
    let role = world.create_role(now, &root, request).unwrap();
    let caller = Caller {
        account: A.to_owned(),
        arn: format!("arn:aws:sts::{A}:assumed-role/crr/s3"),
        user_id: format!("{}:s3", role.unique_id),
        role: Some(CallerRole { arn: role.arn, unique_id: role.unique_id, session_policy: None }),
    };
    (world, caller)
}

fn answer(principal: &str, rest: &str) -> Answer {
    let (world, caller) = world();
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{{{principal},{rest}}}}}"#);
    let policy = world.state.bind_policy(PolicyKind::Key, &text).unwrap();
    let context = [("aws:PrincipalAccount", A)];
    let resource = "arn:aws:s3:::orders-111111111111/a/b";
    policy.answer(&Request { caller: &caller, action: "s3:GetObject", resource, context: &context })
}

#[test]
fn statements_apply_as_in_iam() {
    let allow = Answer::Allow(Grip::Principal);
    let cases = [
        (r#""Effect":"Allow","Action":"s3:getobject","Resource":"*""#, allow),
        (r#""Effect":"Allow","Action":"s3:Put*","Resource":"*""#, Answer::Silent),
        (r#""Effect":"Allow","NotAction":"s3:Put*","Resource":"*""#, allow),
        (r#""Effect":"Allow","NotAction":["s3:Get*"],"Resource":"*""#, Answer::Silent),
        (r#""Effect":"Deny","Action":"*","NotResource":"arn:aws:s3:::other/*""#, Answer::Deny),
        (r#""Effect":"Deny","Action":"*","NotResource":"arn:aws:s3:::orders*/*""#, Answer::Silent),
        (r#""Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::orders-${aws:PrincipalAccount}/*""#, allow),
        (r#""Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::orders-${aws:userid}/*""#, Answer::Silent),
        (r#""Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::orders""#, Answer::Silent),
        (
            r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"Null":{"aws:SourceIp":"false"}}"#,
            Answer::Silent,
        ),
    ];
    for (rest, expected) in cases {
        assert_eq!(answer(r#""Principal":"*""#, rest), expected, "{rest}");
    }
}

#[test]
fn principals_are_met_by_account_role_and_session() {
    let rest = r#""Effect":"Allow","Action":"*","Resource":"*""#;
    let cases = [
        (r#""Principal":{"AWS":"*"}"#, Answer::Allow(Grip::Principal)),
        (r#""Principal":{"AWS":"111111111111"}"#, Answer::Allow(Grip::Account)),
        (r#""Principal":{"AWS":["arn:aws:iam::111111111111:root"]}"#, Answer::Allow(Grip::Account)),
        (r#""Principal":{"AWS":"arn:aws:iam::111111111111:role/crr"}"#, Answer::Allow(Grip::Principal)),
        (r#""Principal":{"AWS":"arn:aws:sts::111111111111:assumed-role/crr/s3"}"#, Answer::Allow(Grip::Session)),
        (r#""Principal":{"AWS":"arn:aws:sts::111111111111:assumed-role/crr/other"}"#, Answer::Silent),
        (r#""Principal":{"Service":"s3.amazonaws.com"}"#, Answer::Silent),
        (r#""NotPrincipal":{"AWS":"arn:aws:iam::111111111111:role/crr"}"#, Answer::Silent),
        (r#""NotPrincipal":{"AWS":"arn:aws:iam::111111111111:root"}"#, Answer::Allow(Grip::Principal)),
    ];
    for (principal, expected) in cases {
        assert_eq!(answer(principal, rest), expected, "{principal}");
    }
}

fn refusal(kind: PolicyKind<'_>, statement: &str) -> WorldError {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
    world().0.state.bind_policy(kind, &text).unwrap_err()
}

#[test]
fn malformed_documents_are_refused_in_the_words_of_their_service() {
    let (iam, bucket) = (PolicyKind::Identity, PolicyKind::Bucket("orders"));
    let cases = [
        (iam, r#""Effect":"Allow","Action":"s3>ListBucket","Resource":"*""#, "must be prefaced by a vendor"),
        (iam, r#""Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3::orders/*""#, "must be in ARN format"),
        (iam, r#""Effect":"Allow","Action":"s3:*","Resource":"arn:aw:s3:::orders/*""#, "Partition \"aw\" is not valid"),
        (iam, r#""Action":"s3:*","Resource":"*""#, "Syntax errors in policy."),
        (iam, r#""Effect":"Allow","Resource":"*""#, "Policy statement must contain actions."),
        (iam, r#""Effect":"Allow","Action":"s3:*""#, "Policy statement must contain resources."),
        (iam, r#""Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*""#, "should not specify a principal"),
        (iam, r#""Effect":"Allow","Action":"s3:*","Resource":"*","Conditions":{}"#, "Syntax errors in policy."),
        (
            iam,
            r#""Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringIs":{"a":"b"}}"#,
            "Syntax errors in policy.",
        ),
        (PolicyKind::Trust, r#""Effect":"Allow","Action":"sts:AssumeRole""#, "Missing required field Principal"),
        (
            PolicyKind::Trust,
            r#""Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:role/none"},"Action":"sts:AssumeRole""#,
            "Invalid principal in policy: \"AWS\":\"arn:aws:iam::111111111111:role/none\"",
        ),
        (
            PolicyKind::Trust,
            r#""Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*""#,
            "Has prohibited field Resource",
        ),
        (
            PolicyKind::Key,
            r#""Effect":"Allow","Principal":{"AWS":"AROAEXAMPLEEXAMPLE000"},"Action":"kms:*","Resource":"*""#,
            "one or more invalid principals",
        ),
        (bucket, r#""Effect":"Allow","Principal":"*","Action":"s3:*""#, "Missing required field Resource"),
        (bucket, r#""Principal":"*","Action":"s3:*","Resource":"*""#, "Missing required field Effect"),
        (
            bucket,
            r#""Effect":"Allow","Principal":"*","Action":"s3>Get","Resource":"arn:aws:s3:::orders""#,
            "Policy has invalid action",
        ),
        (
            bucket,
            r#""Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::other/*""#,
            "Policy has invalid resource",
        ),
        (
            bucket,
            r#""Effect":"Allow","Principal":{"AWS":"999999999999"},"Action":"s3:*","Resource":"arn:aws:s3:::orders""#,
            "Invalid principal in policy",
        ),
    ];
    for (kind, statement, words) in cases {
        let error = refusal(kind, &format!("{{{statement}}}"));
        let code = match kind {
            PolicyKind::Identity | PolicyKind::Trust => "MalformedPolicyDocument",
            PolicyKind::Key => "MalformedPolicyDocumentException",
            PolicyKind::Bucket(_) => "MalformedPolicy",
            PolicyKind::Queue => "InvalidAttributeValue",
        };
        assert_eq!((error.status, error.code), (400, code), "{statement}");
        assert!(error.message.contains(words), "{statement}: {error}");
    }
    let (world, _) = world();
    for text in ["", "no json", "[]", r#"{"Version":"2012-10-17"}"#, r#"{"Version":"2020-01-01","Statement":[]}"#] {
        assert!(world.state.bind_policy(iam, text).is_err(), "{text}");
    }
    let sids = r#"{"Sid":"a","Effect":"Deny","Action":"*","Resource":"*"}"#;
    assert!(refusal(iam, &format!("{sids},{sids}")).message.contains("must be unique"));
    let unknown = r#"{"Statement":{"Effect":"Allow","Action":"s3:ReplicateObjectTagsToBucketOwner","Resource":"*"}}"#;
    assert!(world.state.bind_policy(iam, unknown).is_ok(), "unknown actions are taken silently");
}
