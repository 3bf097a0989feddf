//! Every operator with a known value, an absent key, an unknown one and one that is perhaps sent.

use super::*;

/// Operator, the condition's values as JSON, what is known of the key (`-` absent, `?` unknown, `~x` perhaps `x`,
/// `a|b` several values), and the answer.
const CASES: &[(&str, &str, &str, char)] = &[
    ("StringEquals", r#""a""#, "a", 'Y'),
    ("StringEquals", r#""a""#, "A", 'N'),
    ("StringEquals", r#"["b", "a"]"#, "a", 'Y'),
    ("StringEquals", r#""a*""#, "ab", 'N'),
    ("StringEquals", r#""a*""#, "a*", 'Y'),
    ("StringEquals", r#""a""#, "-", 'N'),
    ("StringEquals", r#""a""#, "?", 'D'),
    ("StringEquals", r#""a""#, "~a", 'D'),
    ("StringEquals", r#""a""#, "~b", 'N'),
    ("StringNotEquals", r#""a""#, "a", 'N'),
    ("StringNotEquals", r#""a""#, "b", 'Y'),
    ("StringNotEquals", r#"["b", "a"]"#, "a", 'N'),
    ("StringNotEquals", r#"["b", "a"]"#, "c", 'Y'),
    ("StringNotEquals", r#""a""#, "-", 'Y'),
    ("StringNotEquals", r#""a""#, "?", 'D'),
    ("StringNotEquals", r#""a""#, "~b", 'Y'),
    ("StringNotEquals", r#""a""#, "~a", 'D'),
    ("StringEqualsIgnoreCase", r#""aB""#, "Ab", 'Y'),
    ("StringEqualsIgnoreCase", r#""aB""#, "abc", 'N'),
    ("StringEqualsIgnoreCase", r#""aB""#, "-", 'N'),
    ("StringEqualsIgnoreCase", r#""aB""#, "?", 'D'),
    ("StringNotEqualsIgnoreCase", r#""aB""#, "Ab", 'N'),
    ("StringNotEqualsIgnoreCase", r#""aB""#, "-", 'Y'),
    ("StringNotEqualsIgnoreCase", r#""aB""#, "?", 'D'),
    ("StringLike", r#""a*c""#, "abbc", 'Y'),
    ("StringLike", r#""a?c""#, "abc", 'Y'),
    ("StringLike", r#""a?c""#, "ac", 'N'),
    ("StringLike", r#""a*c*e""#, "axcxcxe", 'Y'),
    ("StringLike", r#""a*""#, "-", 'N'),
    ("StringLike", r#""*""#, "-", 'N'),
    ("StringLike", r#""*""#, "", 'Y'),
    ("StringLike", r#""a*""#, "?", 'D'),
    ("StringNotLike", r#""a*""#, "abc", 'N'),
    ("StringNotLike", r#""a*""#, "bc", 'Y'),
    ("StringNotLike", r#""a*""#, "-", 'Y'),
    ("StringNotLike", r#""a*""#, "?", 'D'),
    ("NumericEquals", r#""10""#, "10.0", 'Y'),
    ("NumericEquals", "10", "10", 'Y'),
    ("NumericEquals", r#""10""#, "11", 'N'),
    ("NumericEquals", r#""10""#, "ten", 'N'),
    ("NumericEquals", r#""10""#, "-", 'N'),
    ("NumericEquals", r#""10""#, "?", 'D'),
    ("NumericNotEquals", r#""10""#, "11", 'Y'),
    ("NumericNotEquals", r#""10""#, "10", 'N'),
    ("NumericNotEquals", r#""10""#, "-", 'Y'),
    ("NumericNotEquals", r#""10""#, "?", 'D'),
    ("NumericLessThan", r#""10""#, "9.5", 'Y'),
    ("NumericLessThan", r#""10""#, "10", 'N'),
    ("NumericLessThanEquals", r#""10""#, "10", 'Y'),
    ("NumericLessThanEquals", r#""10""#, "-", 'N'),
    ("NumericGreaterThan", r#""10""#, "10", 'N'),
    ("NumericGreaterThan", r#""10""#, "11", 'Y'),
    ("NumericGreaterThanEquals", r#""10""#, "10", 'Y'),
    ("NumericGreaterThanEquals", r#""10""#, "?", 'D'),
    ("DateEquals", r#""2020-01-01T00:00:01Z""#, "1577836801", 'Y'),
    ("DateEquals", r#""2020-01-01T01:00:00+01:00""#, "2020-01-01", 'Y'),
    ("DateEquals", r#""2020-02-30T00:00""#, "2020-01-01", 'N'),
    ("DateEquals", r#""2020-01-01T00:00:00Z""#, "-", 'N'),
    ("DateEquals", r#""2020-01-01T00:00:00Z""#, "?", 'D'),
    ("DateNotEquals", r#""2020-01-01T00:00:00Z""#, "2020-01-02T00:00:00Z", 'Y'),
    ("DateNotEquals", r#""2020-01-01T00:00:00Z""#, "-", 'Y'),
    ("DateLessThan", r#""2020-03-01T00:00:00Z""#, "2020-02-29T23:59:59.5Z", 'Y'),
    ("DateLessThan", r#""2020-03-01T00:00:00Z""#, "2020-03-01T00:00:00Z", 'N'),
    ("DateLessThanEquals", r#""2020-03-01T00:00:00Z""#, "2020-03-01T00:00:00Z", 'Y'),
    ("DateGreaterThan", r#""2020-03-01T00:00:00Z""#, "2021-01-01T00:00:00Z", 'Y'),
    ("DateGreaterThan", r#""2020-03-01T00:00:00Z""#, "?", 'D'),
    ("DateGreaterThanEquals", r#""2020-03-01T00:00:00Z""#, "2020-02-01T00:00:00Z", 'N'),
    ("Bool", r#""true""#, "true", 'Y'),
    ("Bool", "true", "True", 'Y'),
    ("Bool", r#""false""#, "true", 'N'),
    ("Bool", r#""false""#, "-", 'N'),
    ("Bool", r#""false""#, "?", 'D'),
    ("Bool", r#""true""#, "~true", 'D'),
    ("BoolIfExists", r#""false""#, "-", 'Y'),
    ("BoolIfExists", r#""false""#, "true", 'N'),
    ("BoolIfExists", r#""false""#, "?", 'D'),
    ("BoolIfExists", r#""false""#, "~false", 'Y'),
    ("BinaryEquals", r#""QmluYXJ5""#, "QmluYXJ5", 'Y'),
    ("BinaryEquals", r#""QmluYXJ5""#, "qmluYXJ5", 'N'),
    ("BinaryEquals", r#""QmluYXJ5""#, "-", 'N'),
    ("BinaryEquals", r#""QmluYXJ5""#, "?", 'D'),
    ("IpAddress", r#""203.0.113.0/24""#, "203.0.113.9", 'Y'),
    ("IpAddress", r#""203.0.113.0/24""#, "203.0.114.9", 'N'),
    ("IpAddress", r#""203.0.113.9""#, "203.0.113.9", 'Y'),
    ("IpAddress", r#""0.0.0.0/0""#, "198.51.100.1", 'Y'),
    ("IpAddress", r#""2001:DB8:1234:5678::/64""#, "2001:db8:1234:5678:1::9", 'Y'),
    ("IpAddress", r#""2001:DB8:1234:5678::/64""#, "203.0.113.9", 'N'),
    ("IpAddress", r#""203.0.113.0/33""#, "203.0.113.9", 'N'),
    ("IpAddress", r#""203.0.113.0/24""#, "-", 'N'),
    ("IpAddress", r#""203.0.113.0/24""#, "?", 'D'),
    ("NotIpAddress", r#""203.0.113.0/24""#, "203.0.113.9", 'N'),
    ("NotIpAddress", r#"["203.0.113.0/24", "198.51.100.0/24"]"#, "198.51.100.1", 'N'),
    ("NotIpAddress", r#""203.0.113.0/24""#, "192.0.2.1", 'Y'),
    ("NotIpAddress", r#""203.0.113.0/24""#, "-", 'Y'),
    ("NotIpAddress", r#""203.0.113.0/24""#, "?", 'D'),
    ("NotIpAddressIfExists", r#""203.0.113.0/24""#, "-", 'Y'),
    ("ArnEquals", r#""arn:aws:s3:::src""#, "arn:aws:s3:::src", 'Y'),
    ("ArnEquals", r#""arn:aws:s3:::s*""#, "arn:aws:s3:::src", 'Y'),
    ("ArnLike", r#""arn:aws:*:::src""#, "arn:aws:s3:::src", 'Y'),
    ("ArnLike", r#""arn:*:src""#, "arn:aws:s3:::src", 'N'),
    ("ArnLike", r#""arn:aws:iam::*:role/*""#, "arn:aws:iam::111122223333:role/a/b", 'Y'),
    ("ArnLike", r#""arn:aws:iam:*:role/b""#, "arn:aws:iam::111122223333:role/b", 'N'),
    ("ArnLike", r#""arn:aws:s3:::src""#, "src", 'N'),
    ("ArnLike", r#""arn:aws:s3:::src""#, "-", 'N'),
    ("ArnLike", r#""arn:aws:s3:::src""#, "?", 'D'),
    ("ArnLike", r#""arn:aws:s3:::src""#, "~arn:aws:s3:::src", 'D'),
    ("ArnNotEquals", r#""arn:aws:s3:::src""#, "arn:aws:s3:::other", 'Y'),
    ("ArnNotEquals", r#""arn:aws:s3:::src""#, "-", 'Y'),
    ("ArnNotLike", r#""arn:aws:s3:::s*""#, "arn:aws:s3:::src", 'N'),
    ("ArnNotLike", r#""arn:aws:s3:::s*""#, "?", 'D'),
    ("Null", r#""true""#, "-", 'Y'),
    ("Null", r#""true""#, "a", 'N'),
    ("Null", r#""false""#, "a", 'Y'),
    ("Null", r#""false""#, "-", 'N'),
    ("Null", r#""true""#, "?", 'D'),
    ("Null", r#""false""#, "~a", 'D'),
    ("StringEqualsIfExists", r#""a""#, "-", 'Y'),
    ("StringEqualsIfExists", r#""a""#, "b", 'N'),
    ("StringEqualsIfExists", r#""a""#, "~a", 'Y'),
    ("StringEqualsIfExists", r#""a""#, "~b", 'D'),
    ("StringLikeIfExists", r#""a*""#, "?", 'D'),
    ("StringNotEqualsIfExists", r#""a""#, "-", 'Y'),
    ("ArnLikeIfExists", r#""arn:aws:s3:::s*""#, "-", 'Y'),
    ("NumericLessThanIfExists", r#""3""#, "4", 'N'),
    ("DateGreaterThanIfExists", r#""2020-01-01T00:00:00Z""#, "-", 'Y'),
    ("ForAllValues:StringEquals", r#"["a", "b"]"#, "a|b", 'Y'),
    ("ForAllValues:StringEquals", r#"["a", "b"]"#, "a|c", 'N'),
    ("ForAllValues:StringEquals", r#"["a", "b"]"#, "-", 'Y'),
    ("ForAllValues:StringEquals", r#"["a", "b"]"#, "", 'Y'),
    ("ForAllValues:StringEquals", r#"["a", "b"]"#, "?", 'D'),
    ("ForAllValues:StringEquals", r#"["a", "b"]"#, "|", 'Y'),
    ("ForAllValues:StringEquals", r#"["a", "b"]"#, "|a", 'N'),
    ("ForAllValues:StringEqualsIfExists", r#""a""#, "-", 'Y'),
    ("ForAllValues:StringEqualsIfExists", r#""a""#, "b", 'N'),
    ("ForAllValues:StringLike", r#"["a*"]"#, "ab|ac", 'Y'),
    ("ForAllValues:StringNotEquals", r#"[""]"#, "", 'Y'),
    ("ForAllValues:StringNotEquals", r#"["a", "b"]"#, "c|d", 'Y'),
    ("ForAllValues:StringNotEquals", r#"["a", "b"]"#, "c|a", 'N'),
    ("ForAnyValue:StringEquals", r#"["a", "b"]"#, "c|b", 'Y'),
    ("ForAnyValue:StringEquals", r#"["a", "b"]"#, "c|d", 'N'),
    ("ForAnyValue:StringEquals", r#"["a", "b"]"#, "-", 'N'),
    ("ForAnyValue:StringEquals", r#"["a", "b"]"#, "?", 'D'),
    ("ForAnyValue:StringEquals", r#"[""]"#, "", 'N'),
    ("ForAnyValue:StringEqualsIfExists", r#""a""#, "-", 'N'),
    ("ForAnyValue:StringEqualsIfExists", r#""a""#, "b|a", 'Y'),
    ("ForAnyValue:StringEqualsIfExists", r#""a""#, "~a", 'D'),
    ("ForAnyValue:StringEqualsIfExists", r#""a""#, "~b", 'N'),
    ("ForAnyValue:StringNotEqualsIfExists", r#""a""#, "-", 'N'),
    ("ForAnyValue:StringNotEquals", r#""a""#, "", 'N'),
    ("ForAnyValue:StringNotEquals", r#""a""#, "|a", 'Y'),
    ("ForAnyValue:StringNotEquals", r#"["a", "b"]"#, "a|c", 'Y'),
    ("ForAnyValue:StringNotEquals", r#"["a", "b"]"#, "a|b", 'N'),
    ("ForAnyValue:StringNotEquals", r#"["a"]"#, "-", 'N'),
    ("ForAnyValue:StringLike", r#""o-1/*""#, "o-1/r/ou|o-2/r", 'Y'),
    ("StringEquals", r#""${aws:PrincipalAccount}""#, "111122223333", 'Y'),
    ("StringEquals", r#""${aws:PrincipalAccount}""#, "444455556666", 'N'),
    ("StringEquals", r#""${test:unknown}""#, "a", 'D'),
    ("StringEquals", r#""${test:absent}""#, "", 'N'),
    ("StringEquals", r#""${test:absent, 'a'}""#, "a", 'Y'),
    ("StringNotEquals", r#""${test:absent}""#, "a", 'Y'),
    ("StringLike", r#""x${*}y*""#, "x*yz", 'Y'),
    ("StringLike", r#""x${*}y*""#, "xxyz", 'N'),
    ("StringLike", r#""${?}${$}""#, "?$", 'Y'),
    ("ArnLike", r#""arn:aws:iam::${aws:PrincipalAccount}:role/*""#, "arn:aws:iam::111122223333:role/x", 'Y'),
    ("ArnLike", r#""${aws:PrincipalArn}""#, "arn:aws:iam::111122223333:role/service-role/replication", 'Y'),
];

#[test]
fn every_operator_says_yes_no_or_depends() {
    for (operator, values, sent, expected) in CASES {
        let condition = format!(r#"{{"{operator}": {{"test:key": {values}}}}}"#);
        let answer = judged(&condition, known(sent));
        assert_eq!(letter(&answer), *expected, "{condition} where {sent:?} is sent: {answer}");
    }
}

#[test]
fn the_table_has_every_operator() {
    for (operator, ..) in operator::OPERATORS {
        assert!(CASES.iter().any(|(name, ..)| name == operator), "{operator} has no case");
        let unknown = CASES.iter().any(|(name, _, sent, expected)| {
            name.trim_end_matches("IfExists").ends_with(operator)
                && *expected == 'D'
                && ['?', '~'].iter().any(|open| sent.starts_with(*open))
        });
        let plain = ["NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "DateNotEquals", "DateLessThan"];
        let others = ["DateLessThanEquals", "DateGreaterThanEquals", "ArnEquals", "ArnNotEquals"];
        assert!(unknown || plain.contains(operator) || others.contains(operator), "{operator} has no unknown case");
    }
}

#[test]
fn all_keys_of_all_operators_must_hold() {
    let two = |first: &str, second: &str| {
        let condition = format!(
            r#"{{"StringEquals": {{"test:key": "a", "test:second": "{first}"}}, "Bool": {{"test:third": "{second}"}}}}"#
        );
        letter(&judged(&condition, known("a")))
    };
    assert_eq!(two("x", "true"), 'Y');
    assert_eq!(two("y", "true"), 'N');
    assert_eq!(two("x", "false"), 'N');
}

#[test]
fn a_certain_no_beside_an_unknown_is_a_no() {
    let condition = r#"{"StringEquals": {"test:key": "a", "test:second": "other"}}"#;
    assert_eq!(letter(&judged(condition, Value::Unknown)), 'N');
    let condition = r#"{"StringEquals": {"test:key": "a", "test:second": "x"}}"#;
    let Answer::Depends { on, statements } = judged(condition, Value::Unknown) else { panic!("it depends") };
    assert_eq!(on.into_iter().collect::<Vec<_>>(), ["test:key"]);
    assert_eq!(statements.len(), 1);
}

#[test]
fn keys_are_compared_without_case() {
    let condition = r#"{"StringEquals": {"TEST:Key": "a"}}"#;
    assert_eq!(letter(&judged(condition, known("a"))), 'Y');
}

#[test]
fn an_operator_that_does_not_exist_settles_nothing() {
    assert_eq!(letter(&judged(r#"{"StringMatches": {"test:key": "a"}}"#, known("a"))), 'D');
}

#[test]
fn the_old_version_has_no_variables() {
    let text = r#"{"Version": "2008-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {"StringEquals": {"test:key": "${aws:PrincipalAccount}"}}}]}"#;
    let mut policies = bucket("", "", "", A);
    policies.identity = Set::of("role policy", document(text, Kind::Identity));
    let judge = |value: &str| {
        let context = Context::closed().with("test:key", Value::one(value));
        letter(&evaluate(&policies, &Request::new(role(), "s3:GetObject", OBJECT, context)))
    };
    assert_eq!(judge(A), 'N');
    assert_eq!(judge("${aws:PrincipalAccount}"), 'Y');
}

fn judged(condition: &str, value: Value) -> Answer {
    let statement = format!(r#"{{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {condition}}}"#);
    let context = Context::closed()
        .with("test:key", value)
        .with("test:unknown", Value::Unknown)
        .with("test:second", Value::one("x"))
        .with("test:third", Value::one("true"));
    evaluate(&bucket(&statement, "", "", A), &Request::new(role(), "s3:GetObject", OBJECT, context))
}

fn known(text: &str) -> Value {
    let values = |text: &str| text.split('|').map(str::to_owned).collect();
    match text {
        "-" => Value::Absent,
        "?" => Value::Unknown,
        _ => text.strip_prefix('~').map_or_else(|| Value::Known(values(text)), |text| Value::Perhaps(values(text))),
    }
}
