//! Every operator against what it is told.

use super::*;

const CONTEXT: Context<'static> = &[
    ("aws:PrincipalArn", "arn:aws:iam::111111111111:role/crr"),
    ("aws:SecureTransport", "true"),
    ("aws:SourceIp", "10.1.2.3"),
    ("aws:CurrentTime", "2026-05-01T12:00:00Z"),
    ("s3:max-keys", "10"),
    ("s3:prefix", "home/ann"),
    ("aws:TagKeys", "a"),
    ("aws:TagKeys", "b"),
    ("test:empty", ""),
    ("test:half", ""),
    ("test:half", "a"),
];

#[test]
fn operators_decide_as_in_iam() {
    let cases: &[(&str, &str, &[&str], bool)] = &[
        ("StringEquals", "S3:Prefix", &["x", "home/ann"], true),
        ("StringEquals", "s3:prefix", &["home/*"], false),
        ("StringEquals", "s3:absent", &["x"], false),
        ("StringEqualsIfExists", "s3:absent", &["x"], true),
        ("StringEqualsIfExists", "s3:prefix", &["x"], false),
        ("StringNotEquals", "s3:prefix", &["x", "y"], true),
        ("StringNotEquals", "s3:prefix", &["x", "home/ann"], false),
        ("StringNotEquals", "aws:SourceVpce", &["vpce-1"], true),
        ("StringNotEqualsIfExists", "aws:SourceVpce", &["vpce-1"], true),
        ("StringEqualsIgnoreCase", "s3:prefix", &["HOME/ANN"], true),
        ("StringNotEqualsIgnoreCase", "s3:prefix", &["HOME/ANN"], false),
        ("StringLike", "s3:prefix", &["home/???"], true),
        ("StringNotLike", "s3:prefix", &["home/*"], false),
        ("ArnLike", "aws:PrincipalArn", &["arn:aws:iam::*:role/c*"], true),
        ("ArnEquals", "aws:PrincipalArn", &["arn:aws:iam:*:role/c*"], false),
        ("ArnNotLike", "aws:PrincipalArn", &["arn:aws:iam::*:role/c*"], false),
        ("ArnNotEquals", "aws:SourceArn", &["arn:aws:s3:::x"], true),
        ("Bool", "aws:SecureTransport", &["True"], true),
        ("Bool", "aws:SecureTransport", &["false"], false),
        ("BoolIfExists", "aws:MultiFactorAuthPresent", &["false"], true),
        ("Bool", "aws:MultiFactorAuthPresent", &["false"], false),
        ("Null", "aws:SourceVpce", &["true"], true),
        ("Null", "aws:SourceIp", &["true"], false),
        ("Null", "aws:SourceIp", &["false"], true),
        ("IpAddress", "aws:SourceIp", &["192.168.0.0/16", "10.0.0.0/8"], true),
        ("IpAddress", "aws:SourceIp", &["10.1.2.4"], false),
        ("NotIpAddress", "aws:SourceIp", &["10.0.0.0/8"], false),
        ("NotIpAddress", "aws:SourceIp", &["2001:db8::/32"], true),
        ("NotIpAddress", "aws:VpcSourceIp", &["10.0.0.0/8"], true),
        ("NumericEquals", "s3:max-keys", &["10.0"], true),
        ("NumericNotEquals", "s3:max-keys", &["10"], false),
        ("NumericLessThan", "s3:max-keys", &["10"], false),
        ("NumericLessThanEquals", "s3:max-keys", &["10"], true),
        ("NumericGreaterThan", "s3:max-keys", &["9"], true),
        ("NumericGreaterThanEquals", "s3:max-keys", &["11"], false),
        ("NumericEquals", "s3:prefix", &["10"], false),
        ("DateLessThan", "aws:CurrentTime", &["2026-05-01T14:30:00+02:00"], true),
        ("DateLessThan", "aws:CurrentTime", &["2026-05-01"], false),
        ("DateGreaterThan", "aws:CurrentTime", &["1777636799"], true),
        ("DateEquals", "aws:CurrentTime", &["2026-05-01T12:00:00Z"], true),
        ("DateNotEquals", "aws:CurrentTime", &["2026-05-01T12:00:00Z"], false),
        ("ForAllValues:StringEquals", "aws:TagKeys", &["a", "b", "c"], true),
        ("ForAllValues:StringEquals", "aws:TagKeys", &["a"], false),
        ("ForAllValues:StringEquals", "aws:absent", &["a"], true),
        ("ForAnyValue:StringEquals", "aws:TagKeys", &["b", "z"], true),
        ("ForAnyValue:StringNotEquals", "aws:TagKeys", &["a"], true),
        ("ForAnyValue:StringEquals", "aws:absent", &["a"], false),
        ("ForAllValues:StringNotEquals", "aws:TagKeys", &["b"], false),
        ("ForAllValues:StringEqualsIfExists", "aws:absent", &["a"], true),
        ("ForAnyValue:StringEqualsIfExists", "aws:absent", &["a"], false),
        ("ForAnyValue:StringNotEqualsIfExists", "aws:absent", &["a"], false),
        ("ForAnyValue:StringEqualsIfExists", "aws:TagKeys", &["a"], true),
        ("ForAllValues:StringEquals", "test:empty", &["a"], true),
        ("ForAllValues:StringNotEquals", "test:empty", &[""], true),
        ("ForAllValues:StringEquals", "test:half", &["a"], false),
        ("ForAnyValue:StringEquals", "test:empty", &[""], false),
        ("ForAnyValue:StringNotEquals", "test:empty", &["a"], false),
        ("ForAnyValue:StringNotEquals", "test:half", &["a"], true),
    ];
    for (operator, key, values, expected) in cases {
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        let condition = Condition::read(operator, key, &values, true).unwrap();
        assert_eq!(condition.holds(CONTEXT), *expected, "{operator} {key} {values:?}");
    }
}

#[test]
fn what_is_no_operator_is_not_read() {
    for operator in ["StringsEqual", "NullIfExists", "ForSomeValues:StringEquals", "DateNear", "", "stringequals"] {
        assert_eq!(Condition::read(operator, "k", &["v".to_owned()], true), None, "{operator}");
    }
}

#[test]
fn only_fixed_values_of_some_keys_narrow() {
    let cases = [
        ("StringEquals", "aws:PrincipalOrgID", "o-1", true),
        ("StringLike", "aws:PrincipalOrgID", "o-*", false),
        ("StringEqualsIfExists", "aws:SourceAccount", "1", false),
        ("StringNotEquals", "aws:SourceVpce", "vpce-1", false),
        ("IpAddress", "aws:SourceIp", "0.0.0.0/0", false),
        ("IpAddress", "aws:SourceIp", "192.0.2.0/24", true),
        ("Bool", "aws:SecureTransport", "true", false),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::111111111111:role/*", true),
    ];
    for (operator, key, value, expected) in cases {
        let condition = Condition::read(operator, key, &[value.to_owned()], true).unwrap();
        assert_eq!(condition.narrows(), expected, "{operator} {key} {value}");
    }
}
