//! What holds for all documents and requests.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;

const KEYS: [&str; 4] = ["aws:SourceIp", "aws:SourceVpce", "aws:PrincipalOrgID", "test:key"];
const VALUES: [&str; 6] = ["a", "b", "10", "true", "203.0.113.9", "arn:aws:s3:::src"];
const OPERATORS: [&str; 13] = [
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLikeIfExists",
    "ForAllValues:StringEquals",
    "ForAnyValue:StringNotEquals",
    "Null",
    "Bool",
    "BoolIfExists",
    "NumericLessThan",
    "NotIpAddress",
    "ArnLike",
    "ArnNotEquals",
];
const PRINCIPALS: [&str; 6] = [
    "*",
    "111122223333",
    "444455556666",
    ROLE,
    "AROAEXAMPLEROLE000001",
    "arn:aws:sts::111122223333:assumed-role/replication/s3-replication",
];

/// Any JSON at all, made of the words of policies.
fn any_json() -> impl Strategy<Value = Json> {
    let word = prop::sample::select(vec![
        "Version",
        "Statement",
        "Effect",
        "Allow",
        "Deny",
        "Action",
        "NotAction",
        "Resource",
        "Principal",
        "AWS",
        "Condition",
        "StringLike",
        "ForAllValues:",
        "s3:*",
        "s3>",
        "arn:aws:s3::x",
        "arn:",
        "*",
        "${",
        "${aws:x}",
        "",
        "2012-10-17",
        "kms:EncryptionContext",
        "AROA",
        ":",
        "\u{e9}\u{1f980}:\u{e9}",
    ]);
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i32>().prop_map(Json::from),
        word.clone().prop_map(Json::from),
        ".*".prop_map(Json::from),
    ];
    leaf.prop_recursive(5, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Json::from),
            prop::collection::vec((word.clone(), inner), 0..6).prop_map(|members| Json::Object(
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            )),
        ]
    })
}

fn statement() -> impl Strategy<Value = Json> {
    let condition = (prop::sample::select(&OPERATORS[..]), prop::sample::select(&KEYS[..]), values(1..3));
    (
        any::<bool>(),
        any::<bool>(),
        prop::sample::select(vec!["s3:*", "s3:ReplicateObject", "s3:Get*", "*"]),
        prop::sample::select(vec!["*", "arn:aws:s3:::dst/*", "arn:aws:s3:::dst", "arn:aws:s3:::${test:key}/*"]),
        prop::sample::select(&PRINCIPALS[..]),
        prop::collection::vec(condition, 0..3),
    )
        .prop_map(|(allows, is_all_but, action, resource, principal, conditions)| {
            let mut block = serde_json::Map::new();
            for (operator, key, values) in conditions {
                block.insert(operator.to_owned(), json!({key: values}));
            }
            let principals = if is_all_but && !allows { "NotPrincipal" } else { "Principal" };
            json!({"Effect": if allows { "Allow" } else { "Deny" }, "Action": action, "Resource": resource,
                principals: {"AWS": principal}, "Condition": block})
        })
}

fn values(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(prop::sample::select(&VALUES[..]).prop_map(str::to_owned), count)
}

fn sent() -> impl Strategy<Value = Value> {
    prop_oneof![
        values(0..3).prop_map(Value::Known),
        Just(Value::Absent),
        Just(Value::Unknown),
        values(1..2).prop_map(Value::Perhaps),
    ]
}

fn policies(identity: &[Json], resource: &[Json], boundary: Option<&[Json]>, is_same: bool) -> Policies {
    let document = |statements: &[Json], kind| {
        document(&json!({"Version": "2012-10-17", "Statement": statements}).to_string(), kind)
    };
    Policies {
        identity: Set::of("role policy", document(identity, Kind::Identity)),
        boundary: boundary.map(|boundary| Set::of("boundary", document(boundary, Kind::Identity))),
        resource: Set::of("resource policy", document(resource, Kind::Bucket)),
        owner: if is_same { A } else { B }.to_owned(),
        guard: Guard::Bucket,
    }
}

fn request(context: &[Value]) -> Request {
    let context =
        KEYS.iter().zip(context).fold(Context::closed(), |context, (key, value)| context.with(key, value.clone()));
    Request::new(role(), "s3:ReplicateObject", OBJECT, context)
}

fn statements() -> impl Strategy<Value = Vec<Json>> {
    prop::collection::vec(statement(), 1..5)
}

proptest! {
    #[test]
    fn no_json_makes_it_panic(json in any_json(), wrapped in any::<bool>()) {
        let json = if wrapped { json!({"Version": "2012-10-17", "Statement": json}) } else { json };
        for kind in [Kind::Identity, Kind::Trust, Kind::Bucket, Kind::Key] {
            if let Ok(document) = Document::read(&json.to_string(), kind) {
                let flaws: String = document.flaws().iter().map(ToString::to_string).collect();
                prop_assert!(document.flaws().is_empty() == flaws.is_empty());
                let mut all = bucket("", "", "", A);
                all.resource = Set::of("resource policy", Arc::new(document));
                let _ = evaluate(&all, &request(&[Value::Unknown, Value::Absent]));
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in ".*") {
        let _ = Document::read(&text, Kind::Bucket);
        let _ = Document::read(&format!("{{{text}"), Kind::Key);
    }

    #[test]
    fn one_more_denial_never_allows(
        identity in statements(),
        resource in statements(),
        denial in statement(),
        is_same in any::<bool>(),
        context in prop::collection::vec(sent(), 4),
    ) {
        let request = request(&context);
        let before = evaluate(&policies(&identity, &resource, None, is_same), &request);
        let mut more = resource.clone();
        let mut denial = denial;
        denial["Effect"] = json!("Deny");
        more.push(denial);
        let after = evaluate(&policies(&identity, &more, None, is_same), &request);
        prop_assert!(!before.is_denied() || after.is_denied(), "{before} became {after}");
        prop_assert!(!after.is_allowed() || before.is_allowed(), "{before} became {after}");
    }

    #[test]
    fn what_was_unknown_refines_the_answer(
        identity in statements(),
        resource in statements(),
        boundary in prop::option::of(statements()),
        is_same in any::<bool>(),
        context in prop::collection::vec(sent(), 4),
        place in 0_usize..4,
        values in values(0..3),
        is_sent in any::<bool>(),
    ) {
        let policies = policies(&identity, &resource, boundary.as_deref(), is_same);
        let mut open = context.clone();
        open[place] = Value::Unknown;
        let mut settled = context;
        settled[place] = if is_sent { Value::Known(values) } else { Value::Absent };
        let before = evaluate(&policies, &request(&open));
        let after = evaluate(&policies, &request(&settled));
        prop_assert!(!before.is_allowed() || after.is_allowed(), "{before} became {after}");
        prop_assert!(!before.is_denied() || after.is_denied(), "{before} became {after}");
    }

    #[test]
    fn what_is_perhaps_sent_is_one_of_both_ways(
        identity in statements(),
        resource in statements(),
        is_same in any::<bool>(),
        context in prop::collection::vec(sent(), 4),
        place in 0_usize..4,
        values in values(1..3),
    ) {
        let policies = policies(&identity, &resource, None, is_same);
        let judge = |value: Value| {
            let mut context = context.clone();
            context[place] = value;
            letter(&evaluate(&policies, &request(&context)))
        };
        let perhaps = judge(Value::Perhaps(values.clone()));
        let ways = [judge(Value::Known(values)), judge(Value::Absent)];
        let expected = if ways[0] == ways[1] { ways[0] } else { 'D' };
        prop_assert_eq!(perhaps, expected);
    }

    #[test]
    fn what_depends_says_on_what(
        identity in statements(),
        resource in statements(),
        is_same in any::<bool>(),
        context in prop::collection::vec(sent(), 4),
    ) {
        let answer = evaluate(&policies(&identity, &resource, None, is_same), &request(&context));
        if let Answer::Depends { on, statements } = answer {
            prop_assert!(!on.is_empty() && !statements.is_empty(), "{on:?} {statements:?}");
        }
    }
}
