//! Random policies and requests out of few words, so that policies and requests meet.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value as Json, json};

pub(crate) const SOURCE: &str = "111111111111";
pub(crate) const OTHER: &str = "222222222222";
pub(crate) const ROLE: &str = "arn:aws:iam::111111111111:role/crr";
pub(crate) const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/crr/s3";
pub(crate) const ACTIONS: &[&str] =
    &["s3:GetObject", "s3:ReplicateObject", "kms:Decrypt", "kms:Encrypt", "sts:AssumeRole"];
const ACTION_PATTERNS: &[&str] =
    &["*", "s3:*", "s3:Get*", "S3:getobject", "s3:Replicate?bject", "kms:*", "kms:Decrypt", "kms:*crypt", "sts:*"];
pub(crate) const RESOURCES: &[&str] = &[
    "arn:aws:s3:::orders/a",
    "arn:aws:s3:::orders/bob/a",
    "arn:aws:s3:::orders-replica/a",
    "arn:aws:kms:us-east-1:222222222222:key/1234abcd",
    "arn:aws:iam::111111111111:role/crr",
];
const RESOURCE_PATTERNS: &[&str] = &[
    "*",
    "arn:aws:s3:::orders/*",
    "arn:aws:s3:::orders*",
    "arn:aws:s3:::*/a",
    "arn:aws:s3:::orders/${test:name}/*",
    "arn:aws:s3:::orders/${test:name, 'bob'}/?",
    "arn:aws:kms:*:222222222222:key/*",
    "arn:aws:kms:us-east-1:*:key/1234abcd",
    "arn:aws:iam::111111111111:role/*",
];
const BUCKET_ACTIONS: &[&str] = &["s3:*", "s3:Get*", "S3:getobject", "s3:PutObject"];
const BUCKET_RESOURCES: &[&str] = &["arn:aws:s3:::orders/*", "arn:aws:s3:::orders/a", "arn:aws:s3:::orders/b*"];
/// Keys of requests with the values that they and the conditions take.
const KEYS: &[(&str, &[&str])] = &[
    ("test:name", &["bob", "Bob", "b*b", "bobby", "${test:tag}", ""]),
    ("test:tag", &["a", "b", "bob", "a*", "?"]),
    ("test:count", &["9", "10", "10.0", "-1", "ten"]),
    ("test:when", &["2026-01-01T00:00:00Z", "2027-06-01T12:00:00Z", "2026-01-01", "1800000000"]),
    ("test:flag", &["true", "false", "True", "yes"]),
    ("test:from", &["203.0.113.9", "203.0.113.0/24", "10.0.0.0/8", "10.1.2.3", "2001:db8::1", "2001:db8::/32"]),
    (
        "test:arn",
        &["arn:aws:s3:::orders", "arn:aws:s3:::ord*", "arn:aws:iam::111111111111:role/crr", "arn:aws:iam::*:role/c?r"],
    ),
];
const OPERATORS: &[(&str, usize)] = &[
    ("StringEquals", 0),
    ("StringNotEquals", 0),
    ("StringEqualsIgnoreCase", 0),
    ("StringNotEqualsIgnoreCase", 0),
    ("StringLike", 0),
    ("StringNotLike", 1),
    ("NumericEquals", 2),
    ("NumericNotEquals", 2),
    ("NumericLessThan", 2),
    ("NumericLessThanEquals", 2),
    ("NumericGreaterThan", 2),
    ("NumericGreaterThanEquals", 2),
    ("DateEquals", 3),
    ("DateNotEquals", 3),
    ("DateLessThan", 3),
    ("DateLessThanEquals", 3),
    ("DateGreaterThan", 3),
    ("DateGreaterThanEquals", 3),
    ("Bool", 4),
    ("IpAddress", 5),
    ("NotIpAddress", 5),
    ("ArnEquals", 6),
    ("ArnNotEquals", 6),
    ("ArnLike", 6),
    ("ArnNotLike", 6),
];

/// The values of a request's keys; a key that is not there is not sent.
pub(crate) type Sent = Vec<(String, Vec<String>)>;

pub(crate) fn sent() -> impl Strategy<Value = Sent> {
    let one = |(key, values): &(&'static str, &'static [&'static str])| {
        let key = *key;
        let values = prop_oneof![9 => subsequence(values.to_vec(), 1..=2), 1 => Just(vec![""])];
        prop::option::weighted(0.65, values).prop_map(move |values| {
            values.map(|values| (key.to_owned(), values.into_iter().map(str::to_owned).collect()))
        })
    };
    KEYS.iter().map(one).collect::<Vec<_>>().prop_map(|keys| keys.into_iter().flatten().collect())
}

/// A condition on one key: an operator with its values, or `Null`.
fn condition() -> impl Strategy<Value = Json> {
    let compared = (select(OPERATORS), any::<bool>(), select(&["", "", "ForAllValues:", "ForAnyValue:"][..]));
    let compared = compared.prop_flat_map(|((operator, family), if_exists, set)| {
        // Texts are compared under the key of names or of tags.
        let key = if family < 2 { 0..2 } else { family..family + 1 };
        (key, Just((operator, if_exists, set))).prop_flat_map(|(key, (operator, if_exists, set))| {
            let (name, values) = KEYS[key];
            let suffix = if if_exists { "IfExists" } else { "" };
            let cased = select(vec![name.to_owned(), name.to_uppercase()]);
            (cased, subsequence(values.to_vec(), 1..=2))
                .prop_map(move |(name, values)| json!({format!("{set}{operator}{suffix}"): {name: values}}))
        })
    });
    let null = (0..KEYS.len(), select(&["true", "false"][..])).prop_map(|(key, is)| json!({"Null": {KEYS[key].0: is}}));
    prop_oneof![8 => compared, 1 => null]
}

/// A statement; `principals` are those it may be about, none in the policy of an identity.
fn statement(effects: &'static [&'static str], principals: &'static [Named]) -> impl Strategy<Value = Json> {
    let listed = |name: &'static str, words: &'static [&'static str], all_but: f64| {
        (prop::bool::weighted(all_but), subsequence(words.to_vec(), 1..=3))
            .prop_map(move |(not, words)| (if not { format!("Not{name}") } else { name.to_owned() }, json!(words)))
    };
    // The policy of a bucket may speak of nothing else.
    let (actions, resources) =
        if principals.is_empty() { (ACTION_PATTERNS, RESOURCE_PATTERNS) } else { (BUCKET_ACTIONS, BUCKET_RESOURCES) };
    let named = if principals.is_empty() { Just(None).boxed() } else { select(principals).prop_map(Some).boxed() };
    (
        select(effects),
        listed("Action", actions, 0.2),
        listed("Resource", resources, 0.2),
        prop::option::weighted(0.6, condition()),
        named,
    )
        .prop_map(|(effect, action, resource, condition, named)| {
            let mut statement = Map::new();
            statement.insert("Effect".to_owned(), json!(effect));
            statement.extend([action, resource]);
            statement.extend(condition.map(|condition| ("Condition".to_owned(), condition)));
            if let Some(Named(kind, name)) = named {
                let everyone = kind.is_empty();
                let value = if everyone { json!(name) } else { json!({kind: name}) };
                statement.insert("Principal".to_owned(), value);
            }
            Json::Object(statement)
        })
}

/// A principal: its kind, and its name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named(&'static str, &'static str);

pub(crate) const PRINCIPALS: &[Named] = &[
    Named("", "*"),
    Named("AWS", "*"),
    Named("AWS", SOURCE),
    Named("AWS", "arn:aws:iam::111111111111:root"),
    Named("AWS", ROLE),
    Named("AWS", ROLE),
    Named("AWS", SESSION),
    Named("AWS", OTHER),
    Named("Service", "s3.amazonaws.com"),
];

/// A document that mostly allows.
pub(crate) fn document(principals: &'static [Named]) -> impl Strategy<Value = String> {
    let statements = prop::collection::vec(statement(&["Allow", "Allow", "Allow", "Deny"], principals), 1..=3);
    (select(&["2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17"][..]), statements)
        .prop_map(|(version, statements)| json!({"Version": version, "Statement": statements}).to_string())
}
