//! Each flaw of a document: what it is, the offending text, and the right one.

use super::*;

/// Kind, statements, what is wrong, and parts of the quoted and of the right text.
type Case = (Kind, &'static str, What, &'static str, &'static str);

const ROLE_POLICY: &[Case] = &[
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3>ListBucket", "Resource": "*"}"#,
        What::ActionShape,
        "s3>ListBucket",
        "\"s3:ListBucket\"",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "ListBucket", "Resource": "*"}"#,
        What::ActionShape,
        "ListBucket",
        "\"s3:ListBucket\"",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "kms.Decrypt", "Resource": "*"}"#,
        What::ActionShape,
        "kms.Decrypt",
        "\"kms:Decrypt\"",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3::Get", "Resource": "*"}"#,
        What::UnknownAction,
        "s3::Get",
        "\"s3:Get",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:ReplicateObjectTagsToBucketOwner", "Resource": "*"}"#,
        What::UnknownAction,
        "s3:ReplicateObjectTagsToBucketOwner",
        "s3:ObjectOwnerOverrideToBucketOwner",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:ReplicateObjects", "Resource": "*"}"#,
        What::UnknownAction,
        "s3:ReplicateObjects",
        "\"s3:ReplicateObject\"",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:GetObjectVersionForReplicate", "Resource": "*"}"#,
        What::UnknownAction,
        "ForReplicate",
        "s3:GetObjectVersionForReplication",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:Replicat?", "Resource": "*"}"#,
        What::UnknownAction,
        "s3:Replicat?",
        "no action",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "kms:ReEncrypt", "Resource": "*"}"#,
        What::UnknownAction,
        "kms:ReEncrypt",
        "kms:ReEncrypt",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3::dst/*"}"#,
        What::ArnShape,
        "arn:aws:s3::dst/*",
        "\"arn:aws:s3:::dst/*\"",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:dst/*"}"#,
        What::ArnShape,
        "arn:aws:s3:dst/*",
        "\"arn:aws:s3:::dst/*\"",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3::::dst"}"#,
        What::ArnShape,
        "arn:aws:s3::::dst",
        "\"arn:aws:s3:::dst\"",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:s3:::dst"}"#,
        What::ArnShape,
        "arn:s3:::dst",
        "\"arn:aws:s3:::dst\"",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "dst/*"}"#,
        What::ArnShape,
        "dst/*",
        "\"arn:aws:s3:::dst/*\"",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "s3://dst/*"}"#,
        What::ArnShape,
        "s3://dst/*",
        "\"arn:aws:s3:::dst/*\"",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": " arn:aws:s3:::dst"}"#,
        What::ArnShape,
        "arn:aws:s3:::dst",
        "without blanks",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:us-east-1:444455556666:dst"}"#,
        What::ArnShape,
        "us-east-1",
        "\"arn:aws:s3:::dst\"",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::dst/"}"#,
        What::ArnShape,
        "arn:aws:s3:::dst/",
        "\"arn:aws:s3:::dst/*\"",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::<Bucket>/*"}"#,
        What::Placeholder,
        "<Bucket>",
        "real name",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "<SourceBucketKMSKeyARN>"}"#,
        What::Placeholder,
        "<SourceBucketKMSKeyARN>",
        "real name",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "arn:aws:kms:us-east-1:444455556666:alias/a"}"#,
        What::Alias,
        "alias/a",
        "ARN of the key",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "arn:aws:kms:us-east-1:444455556666:1234"}"#,
        What::ArnShape,
        ":1234",
        ":key/1234\"",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:ReplicateObject", "Resource": "arn:aws:s3:::dst"}"#,
        What::WrongResource,
        "s3:ReplicateObject",
        "add \"/*\"",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::dst/*"}"#,
        What::WrongResource,
        "s3:ListBucket",
        "without \"/*\"",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Principal": "*"}"#,
        What::Misplaced,
        "\"Principal\"",
        "remove it",
    ),
    (Kind::Identity, r#"{"Effect": "Allow", "Action": "s3:*"}"#, What::Missing, "\"Resource\"", "add \"Resource\""),
    (Kind::Identity, r#"{"Effect": "Allow", "Resource": "*"}"#, What::Missing, "\"Action\"", "add \"Action\""),
    (Kind::Identity, r#"{"Action": "s3:*", "Resource": "*"}"#, What::Missing, "\"Effect\"", "add \"Effect\""),
    (
        Kind::Identity,
        r#"{"Effect": "allow", "Action": "s3:*", "Resource": "*"}"#,
        What::WrongValue,
        "allow",
        "\"Allow\"",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Actions": "s3:*", "Resource": "*"}"#,
        What::Misplaced,
        "\"Actions\"",
        "\"Action\"",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "s3:*", "NotAction": "s3:*", "Resource": "*"}"#,
        What::Misplaced,
        "\"NotAction\"",
        "not both",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}"#,
        What::Misplaced,
        "\"Effect\"",
        "twice",
    ),
    (
        Kind::Identity,
        r#"{"Sid": "a b", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#,
        What::WrongValue,
        "a b",
        "letters and digits",
    ),
    (
        Kind::Identity,
        r#"{"Sid": "a", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Sid": "a", "Effect": "Allow",
            "Action": "kms:*", "Resource": "*"}"#,
        What::WrongValue,
        "a",
        "rename",
    ),
    (Kind::Identity, r#"{"Effect": "Allow", "Action": [1], "Resource": "*"}"#, What::WrongValue, "1", "text in quotes"),
    (Kind::Identity, r#""Allow""#, What::WrongValue, "Allow", "object"),
];

const CONDITIONS: &[Case] = &[
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEqual": {"aws:SourceIp": "x"}}}"#,
        What::UnknownOperator,
        "StringEqual",
        "\"StringEquals\"",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {"stringlikeifexists": {"aws:SourceIp": "x"}}}"#,
        What::UnknownOperator,
        "stringlikeifexists",
        "\"StringLikeIfExists\"",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {"ForAnyValues:StringLike": {"aws:TagKeys": "x"}}}"#,
        What::UnknownOperator,
        "ForAnyValues",
        "\"ForAnyValue:StringLike\"",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"NullIfExists": {"aws:TagKeys": "x"}}}"#,
        What::UnknownOperator,
        "NullIfExists",
        "\"Null\"",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {"StringLike": {"kms:EncryptionContext:arn:aws:arn": "x"}}}"#,
        What::UnknownKey,
        "kms:EncryptionContext:arn:aws:arn",
        "\"kms:EncryptionContext:aws:s3:arn\"",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {"StringLike": {"kms:EncryptionContext": "x"}}}"#,
        What::UnknownKey,
        "kms:EncryptionContext",
        "\"kms:EncryptionContext:aws:s3:arn\"",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringLike": {"kms:ViaServices": "x"}}}"#,
        What::UnknownKey,
        "kms:ViaServices",
        "\"kms:ViaService\"",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceAcount": "x"}}}"#,
        What::UnknownKey,
        "aws:SourceAcount",
        "\"aws:SourceAccount\"",
    ),
    (
        Kind::Bucket,
        r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::dst/*",
            "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-keyid": "x"}}}"#,
        What::UnknownKey,
        "aws-kms-keyid",
        "\"s3:x-amz-server-side-encryption-aws-kms-key-id\"",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"SourceVpce": "x"}}}"#,
        What::UnknownKey,
        "SourceVpce",
        "\"aws:SourceVpce\"",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": "x"}}"#,
        What::WrongValue,
        "StringEquals",
        "OPERATOR",
    ),
    (
        Kind::Identity,
        r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": []}"#,
        What::WrongValue,
        "[]",
        "OPERATOR",
    ),
];

const RESOURCE_POLICIES: &[Case] = &[
    (
        Kind::Bucket,
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::dst/*"}"#,
        What::Missing,
        "\"Principal\"",
        "add \"Principal\"",
    ),
    (
        Kind::Bucket,
        r#"{"Effect": "Allow", "Principal": "arn:aws:iam::111122223333:role/r", "Action": "s3:*",
            "Resource": "arn:aws:s3:::dst/*"}"#,
        What::WrongPrincipal,
        "role/r",
        "{\"AWS\": \"arn",
    ),
    (
        Kind::Bucket,
        r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::AccountA:role/r"}, "Action": "s3:*",
            "Resource": "arn:aws:s3:::dst/*"}"#,
        What::Placeholder,
        "arn:aws:iam::AccountA:role/r",
        "12 digits",
    ),
    (
        Kind::Bucket,
        r#"{"Effect": "Allow", "Principal": {"AWS": "AROAEXAMPLEROLE000001"}, "Action": "s3:*",
            "Resource": "arn:aws:s3:::dst/*"}"#,
        What::StalePrincipal,
        "AROAEXAMPLEROLE000001",
        "ARN of the role",
    ),
    (
        Kind::Bucket,
        r#"{"Effect": "Allow", "Principal": {"AWS": "AIDAEXAMPLEUSER000001"}, "Action": "s3:*",
            "Resource": "arn:aws:s3:::dst/*"}"#,
        What::StalePrincipal,
        "AIDA",
        "deleted",
    ),
    (
        Kind::Bucket,
        r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/*"}, "Action": "s3:*",
            "Resource": "arn:aws:s3:::dst/*"}"#,
        What::WrongPrincipal,
        "role/*",
        "aws:PrincipalArn",
    ),
    (
        Kind::Bucket,
        r#"{"Effect": "Allow", "Principal": {"AWS": "s3.amazonaws.com"}, "Action": "s3:*",
            "Resource": "arn:aws:s3:::dst/*"}"#,
        What::WrongPrincipal,
        "s3.amazonaws.com",
        "{\"Service\"",
    ),
    (
        Kind::Bucket,
        r#"{"Effect": "Allow", "Principal": {"AWS": "replication"}, "Action": "s3:*",
            "Resource": "arn:aws:s3:::dst/*"}"#,
        What::ArnShape,
        "replication",
        "arn:aws:iam",
    ),
    (
        Kind::Bucket,
        r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:sts::111122223333:assumed-role/r"}, "Action": "s3:*",
            "Resource": "arn:aws:s3:::dst/*"}"#,
        What::WrongPrincipal,
        "assumed-role/r",
        "role/r",
    ),
    (
        Kind::Bucket,
        r#"{"Effect": "Allow", "Principal": {"aws": "111122223333"}, "Action": "s3:*",
            "Resource": "arn:aws:s3:::dst/*"}"#,
        What::WrongPrincipal,
        "\"aws\"",
        "AWS",
    ),
    (
        Kind::Bucket,
        r#"{"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "arn:aws:s3:::dst/*"}"#,
        What::ForeignAction,
        "kms:Decrypt",
        "s3",
    ),
    (
        Kind::Bucket,
        r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:*",
            "Resource": "arn:aws:sqs:us-east-1:111122223333:q"}"#,
        What::WrongResource,
        "sqs",
        "own bucket",
    ),
    (
        Kind::Trust,
        r#"{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "s3:GetObject"}"#,
        What::ForeignAction,
        "s3:GetObject",
        "sts",
    ),
    (
        Kind::Trust,
        r#"{"Effect": "Allow", "Principal": {"Service": "s3"}, "Action": "sts:AssumeRole"}"#,
        What::WrongPrincipal,
        "s3",
        "\"s3.amazonaws.com\"",
    ),
    (
        Kind::Trust,
        r#"{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRoles"}"#,
        What::UnknownAction,
        "sts:AssumeRoles",
        "\"sts:AssumeRole\"",
    ),
    (
        Kind::Trust,
        r#"{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole",
            "Resource": "*"}"#,
        What::Misplaced,
        "\"Resource\"",
        "remove",
    ),
    (
        Kind::Trust,
        r#"{"Effect": "Allow", "NotPrincipal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}"#,
        What::Misplaced,
        "\"NotPrincipal\"",
        "Principal",
    ),
    (
        Kind::Key,
        r#"{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:Decrypt", "Resource": "*"}"#,
        What::NoAdministrator,
        "kms:PutKeyPolicy",
        ":root",
    ),
    (
        Kind::Key,
        r#"{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:GetObject", "Resource": "*"}"#,
        What::ForeignAction,
        "s3:GetObject",
        "kms",
    ),
    (
        Kind::Key,
        r#"{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*"}"#,
        What::Missing,
        "\"Resource\"",
        "this key",
    ),
];

#[test]
fn each_flaw_is_quoted_and_put_right() {
    for (kind, statements, what, quoted, right) in [ROLE_POLICY, CONDITIONS, RESOURCE_POLICIES].concat() {
        let document = of(statements, kind);
        let found = document.flaws().iter().find(|flaw| flaw.what == what);
        let found = found.unwrap_or_else(|| panic!("{what:?} is not found in {statements}: {:?}", document.flaws()));
        assert!(found.quoted.contains(quoted), "{statements}: {found}");
        assert!(found.right.contains(right), "{statements}: {found}");
    }
}

#[test]
fn flaws_say_in_which_statement_they_are() {
    let statements = r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Sid": "Two", "Effect": "Allow", "Action": "s3>ListBucket", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:Nothing", "Resource": "*"}"#;
    let document = of(statements, Kind::Identity);
    let places: Vec<&str> = document.flaws().iter().map(|flaw| flaw.place.as_str()).collect();
    assert_eq!(places, ["statement \"Two\"", "statement 3"]);
    assert!(document.is_refused());
}

#[test]
fn what_is_no_json_is_placed_by_line_and_column() {
    let cases: &[(&str, &str, &str)] = &[
        ("{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [,]\n}", "line 3, column 17", "\"Statement\": [,]"),
        ("{\n  \"Version\": \"2012-10-17\"", "line 2, column 25", "\"Version\""),
        ("{\u{201c}Version\u{201d}: 1}", "line 1, column 2", "Version"),
        ("[]", "line 1, column 1", "[]"),
        ("", "the document", ""),
        ("\"Sid\": \"a\"", "line 1, column 1", "\"Sid\""),
    ];
    for (text, place, quoted) in cases {
        let Err(flaw) = Document::read(text, Kind::Identity) else { panic!("{text} is no document") };
        assert_eq!((flaw.what, flaw.gravity), (What::NotJson, Gravity::Refused), "{text}");
        assert_eq!(flaw.place, *place, "{text}: {flaw}");
        assert!(flaw.quoted.contains(quoted), "{text}: {flaw}");
    }
}

#[test]
fn a_second_document_is_text_after_the_end() {
    let one = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}"#;
    let document = document(&format!("{one}\n{one}"), Kind::Identity);
    let [flaw] = document.flaws() else { panic!("one flaw: {:?}", document.flaws()) };
    assert_eq!((flaw.what, flaw.place.as_str()), (What::TextAfterTheEnd, "line 2, column 1"));
    assert_eq!(document.statements.len(), 1);
}

#[test]
fn wrong_versions_and_missing_statements_are_told() {
    let flaw = |text: &str| {
        let document = document(text, Kind::Identity);
        document.flaws().first().map(|flaw| (flaw.what, flaw.quoted.clone()))
    };
    assert_eq!(flaw(r#"{"Version": "2012-10-17"}"#), Some((What::Missing, "\"Statement\"".to_owned())));
    let text = r#"{"Version": "2024-01-01", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#;
    assert_eq!(flaw(text), Some((What::WrongValue, "2024-01-01".to_owned())));
    let text = r#"{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::${aws:username}"}}"#;
    assert_eq!(flaw(text), Some((What::WrongValue, "arn:aws:s3:::${aws:username}".to_owned())));
    let text = r#"{"Version": "2012-10-17", "Statment": [], "Statement": [{"Effect": "Allow", "Action": "s3:*",
        "Resource": "*"}]}"#;
    assert_eq!(flaw(text), Some((What::Misplaced, "\"Statment\"".to_owned())));
}

#[test]
fn right_documents_have_no_flaw() {
    let cases: &[(Kind, &str)] = &[
        (
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": ["s3:Get*", "kms:GenerateDataKey*", "cloudwatch:GetMetricData",
                "ec2:RunInstances"], "Resource": "*"}"#,
        ),
        (
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": ["arn:aws:s3:::a",
                "arn:aws:s3:::a/*"]}"#,
        ),
        (
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::${aws:PrincipalTag/team}/*"}"#,
        ),
        (
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:us-east-1:111122223333:accesspoint/a/object/*"}"#,
        ),
        (
            Kind::Identity,
            r#"{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "arn:aws:kms:us-east-1:111122223333:key/*",
                "Condition": {"StringLike": {"kms:ViaService": "s3.us-east-1.amazonaws.com",
                "kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::a/*", "aws:PrincipalTag/x": "y"},
                "ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "aws:s3:arn"},
                "Null": {"kms:EncryptionContext:app": "true"}}}"#,
        ),
        (
            Kind::Trust,
            r#"{"Effect": "Allow", "Principal": {"Service": ["s3.amazonaws.com", "batchoperations.s3.amazonaws.com"]},
                "Action": "sts:AssumeRole"}"#,
        ),
        (
            Kind::Bucket,
            r#"{"Sid": "with blanks", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
                "Resource": ["arn:aws:s3:::dst", "arn:aws:s3:::dst/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}}}"#,
        ),
        (
            Kind::Bucket,
            r#"{"Effect": "Allow", "Principal": {"AWS": ["111122223333",
                "arn:aws:iam::111122223333:role/service-role/r", "arn:aws:sts::111122223333:assumed-role/r/s"]},
                "Action": "s3:Replicate*", "Resource": "arn:aws:s3:::dst/*"}"#,
        ),
        (
            Kind::Key,
            r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*",
                "Resource": "*"}"#,
        ),
    ];
    for (kind, statement) in cases {
        let document = of(statement, *kind);
        assert!(document.flaws().is_empty(), "{statement}: {:?}", document.flaws());
    }
}
