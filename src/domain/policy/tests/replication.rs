//! What S3 sends when it replicates, against the conditions that people write.

use super::super::replication_context::{Called, Encryption, Replicating, assume_role};
use super::*;

const HERE: Called<'static> = Called { region: "us-east-1", account: Some(B) };

fn replicating() -> Replicating {
    Replicating { role: role(), organization: Some("o-example".to_owned()) }
}

/// The answer for `s3:ReplicateObject` into a bucket that allows the role and denies on a condition.
fn denied_on(condition: &str, encryption: Encryption<'_>) -> Answer {
    let allow = r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#;
    let resource = format!(
        r#"{{"Effect": "Allow", "Principal": {{"AWS": "{ROLE}"}}, "Action": "s3:*", "Resource": "*"}},
           {{"Sid": "Deny", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
               "Condition": {condition}}}"#
    );
    let request = replicating().write("s3:ReplicateObject", OBJECT, HERE, encryption);
    evaluate(&bucket(allow, "", &resource, B), &request)
}

#[test]
fn denials_by_condition_catch_replication_or_not() {
    let kms = Encryption::Kms { algorithm: "aws:kms", key: Some(KEY) };
    let other = r#"{"StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id":
        "arn:aws:kms:us-east-1:444455556666:key/other"}}"#;
    let own = &format!(r#"{{"StringNotEquals": {{"s3:x-amz-server-side-encryption-aws-kms-key-id": "{KEY}"}}}}"#);
    let cases: &[(&str, Encryption<'_>, char)] = &[
        (r#"{"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}"#, kms, 'N'),
        (r#"{"StringNotEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}"#, kms, 'N'),
        (r#"{"StringEquals": {"aws:SourceVpce": "vpce-1"}}"#, kms, 'Y'),
        (r#"{"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#, kms, 'D'),
        (r#"{"StringNotEquals": {"aws:PrincipalOrgID": "o-example"}}"#, kms, 'Y'),
        (r#"{"StringNotEquals": {"aws:PrincipalOrgID": "o-other"}}"#, kms, 'N'),
        (r#"{"Bool": {"aws:SecureTransport": "false"}}"#, kms, 'Y'),
        (r#"{"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}"#, kms, 'N'),
        (r#"{"Bool": {"aws:MultiFactorAuthPresent": "false"}}"#, kms, 'Y'),
        (r#"{"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}"#, kms, 'Y'),
        (r#"{"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}"#, kms, 'N'),
        (r#"{"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}"#, kms, 'Y'),
        (r#"{"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}"#, Encryption::S3, 'N'),
        (r#"{"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}"#, Encryption::None, 'N'),
        (r#"{"Null": {"s3:x-amz-server-side-encryption": "true"}}"#, Encryption::None, 'N'),
        (r#"{"Null": {"s3:x-amz-server-side-encryption": "true"}}"#, kms, 'Y'),
        (other, kms, 'N'),
        (own, kms, 'Y'),
        (own, Encryption::S3, 'N'),
        (r#"{"StringNotEquals": {"aws:PrincipalAccount": "444455556666"}}"#, kms, 'N'),
        (r#"{"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/service-role/replication"}}"#, kms, 'Y'),
        (r#"{"Bool": {"aws:PrincipalIsAWSService": "false"}}"#, kms, 'N'),
        (r#"{"StringEquals": {"aws:PrincipalTag/team": "x"}}"#, kms, 'D'),
        (r#"{"StringNotEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}"#, kms, 'D'),
        (r#"{"StringNotEquals": {"aws:ResourceAccount": "444455556666"}}"#, kms, 'Y'),
    ];
    for (condition, encryption, expected) in cases {
        let answer = denied_on(condition, *encryption);
        assert_eq!(letter(&answer), *expected, "{condition}: {answer}");
    }
}

#[test]
fn a_deny_on_put_object_does_not_touch_replication() {
    let allow = r#"{"Effect": "Allow", "Action": "s3:Replicate*", "Resource": "*"}"#;
    let resource = r#"{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:Replicate*",
        "Resource": "*"},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"}"#;
    let request = replicating().write("s3:ReplicateObject", OBJECT, HERE, Encryption::None);
    assert!(evaluate(&bucket(allow, "", resource, B), &request).is_allowed());
}

#[test]
fn the_documented_role_policy_replicates_what_its_headers_allow() {
    // "Replicating encrypted objects", S3 User Guide.
    let identity = format!(
        r#"{{"Action": ["s3:ReplicateObject", "s3:ReplicateDelete"], "Effect": "Allow",
            "Resource": "arn:aws:s3:::dst/*",
            "Condition": {{"StringLikeIfExists": {{"s3:x-amz-server-side-encryption": ["aws:kms", "AES256",
                "aws:kms:dsse"],
            "s3:x-amz-server-side-encryption-aws-kms-key-id": ["{KEY}"]}}}}}}"#
    );
    let judge = |encryption| {
        let request = replicating().write("s3:ReplicateObject", OBJECT, HERE, encryption);
        letter(&evaluate(&bucket(&identity, "", "", A), &request))
    };
    assert_eq!(judge(Encryption::None), 'Y');
    assert_eq!(judge(Encryption::S3), 'Y');
    assert_eq!(judge(Encryption::Kms { algorithm: "aws:kms", key: Some(KEY) }), 'Y');
    assert_eq!(judge(Encryption::Kms { algorithm: "aws:kms:dsse", key: Some(KEY) }), 'Y');
    assert_eq!(judge(Encryption::Kms { algorithm: "aws:kms", key: Some("arn:aws:kms:us-east-1:1:key/x") }), 'N');
}

#[test]
fn reads_of_the_source_bear_no_encryption_headers() {
    let request = replicating().read("s3:GetObjectVersionForReplication", "arn:aws:s3:::src/canary/1", HERE);
    assert_eq!(*request.context.get("aws:SecureTransport"), Value::one("true"));
    assert_eq!(*request.context.get("AWS:principalaccount"), Value::one(A));
    assert_eq!(*request.context.get("aws:SourceIp"), Value::Unknown);
    assert_eq!(*request.context.get("aws:SourceArn"), Value::Absent);
}

#[test]
fn an_object_arn_condition_fails_under_bucket_keys() {
    let condition = |pattern: &str| {
        format!(
            r#"{{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Condition": {{"StringLike": {{
                "kms:ViaService": "s3.us-east-1.amazonaws.com", "kms:EncryptionContext:aws:s3:arn": {pattern}}}}}}}"#
        )
    };
    let root = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*",
        "Resource": "*"}"#;
    let judge = |pattern: &str, region: &str, arn: &str| {
        let request = replicating().key("kms:Decrypt", KEY, Called { region, account: Some(A) }, arn);
        let guard = Guard::Key { grants: Vec::new() };
        letter(&evaluate(&guarded(guard, Kind::Key, (&condition(pattern), "", root), A), &request))
    };
    assert_eq!(judge(r#""arn:aws:s3:::src/*""#, "us-east-1", "arn:aws:s3:::src/canary/1"), 'Y');
    assert_eq!(judge(r#""arn:aws:s3:::src/*""#, "us-east-1", "arn:aws:s3:::src"), 'N');
    assert_eq!(judge(r#"["arn:aws:s3:::src", "arn:aws:s3:::src/*"]"#, "us-east-1", "arn:aws:s3:::src"), 'Y');
    assert_eq!(
        judge(r#""arn:aws:s3:::src/*""#, "eu-west-1", "arn:aws:s3:::src/canary/1"),
        'N',
        "the other Region's S3"
    );
    assert_eq!(judge(r#""arn:aws:s3:::src/*""#, "cn-north-1", "arn:aws:s3:::src/canary/1"), 'D');
}

#[test]
fn trust_is_judged_with_and_without_the_source() {
    let cases: &[(&str, char)] = &[
        ("{}", 'Y'),
        (r#"{"StringEquals": {"aws:SourceAccount": "111122223333"}}"#, 'D'),
        (r#"{"StringEquals": {"aws:SourceAccount": "444455556666"}}"#, 'N'),
        (r#"{"StringEqualsIfExists": {"aws:SourceAccount": "111122223333"}}"#, 'Y'),
        (r#"{"StringEqualsIfExists": {"aws:SourceAccount": "444455556666"}}"#, 'D'),
        (r#"{"ArnLike": {"aws:SourceArn": "arn:aws:s3:::src"}}"#, 'D'),
        (r#"{"ArnLike": {"aws:SourceArn": "arn:aws:s3:::other"}}"#, 'N'),
        (r#"{"ArnLikeIfExists": {"aws:SourceArn": "arn:aws:s3:::src"}}"#, 'Y'),
        (r#"{"StringEquals": {"sts:ExternalId": "x"}}"#, 'N'),
        (r#"{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#, 'D'),
    ];
    for (condition, expected) in cases {
        let trust = format!(
            r#"{{"Effect": "Allow", "Principal": {{"Service": "s3.amazonaws.com"}}, "Action": "sts:AssumeRole",
                "Condition": {condition}}}"#
        );
        let policies = guarded(Guard::Trust, Kind::Trust, ("", "", &trust), A);
        let answer = evaluate(&policies, &assume_role(ROLE, A, "src"));
        assert_eq!(letter(&answer), *expected, "{condition}: {answer}");
    }
}

#[test]
fn ways_that_agree_together_do_not_depend() {
    let trust = r#"{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}},
        {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole",
            "Condition": {"Null": {"aws:SourceAccount": "true"}}}"#;
    let policies = guarded(Guard::Trust, Kind::Trust, ("", "", trust), A);
    assert!(evaluate(&policies, &assume_role(ROLE, A, "src")).is_allowed());
}

#[test]
fn only_the_keys_that_matter_are_named() {
    let trust = r#"{"Sid": "S3", "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"},
            "ArnLikeIfExists": {"aws:SourceArn": "arn:aws:s3:::src"}}}"#;
    let policies = guarded(Guard::Trust, Kind::Trust, ("", "", trust), A);
    let answer = evaluate(&policies, &assume_role(ROLE, A, "src"));
    assert_eq!(answer.to_string(), "depends on aws:SourceAccount in statement \"S3\" of resource policy");
}

#[test]
fn trust_of_another_service_or_of_a_role_is_not_trust_of_s3() {
    let judge = |principal: &str, request: &Request, identity: &str| {
        let trust = format!(r#"{{"Effect": "Allow", "Principal": {principal}, "Action": "sts:AssumeRole"}}"#);
        letter(&evaluate(&guarded(Guard::Trust, Kind::Trust, (identity, "", &trust), A), request))
    };
    let by_s3 = assume_role(ROLE, A, "src");
    assert_eq!(judge(r#"{"Service": "batchoperations.s3.amazonaws.com"}"#, &by_s3, ""), 'N');
    assert_eq!(judge(r#"{"AWS": "111122223333"}"#, &by_s3, ""), 'N');
    assert_eq!(judge(r#"{"Service": ["batchoperations.s3.amazonaws.com", "s3.amazonaws.com"]}"#, &by_s3, ""), 'Y');
    let by_role = Request::new(role(), "sts:AssumeRole", "arn:aws:iam::111122223333:role/x", Context::closed());
    let allow = r#"{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}"#;
    assert_eq!(judge(r#"{"AWS": "111122223333"}"#, &by_role, ""), 'N');
    assert_eq!(judge(r#"{"AWS": "111122223333"}"#, &by_role, allow), 'Y');
    assert_eq!(judge(&format!(r#"{{"AWS": "{ROLE}"}}"#), &by_role, ""), 'Y');
    assert_eq!(judge(r#"{"Service": "s3.amazonaws.com"}"#, &by_role, allow), 'N', "a role is its own root of trust");
}
