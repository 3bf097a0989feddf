//! Any bytes and any JSON: nothing breaks, and what was written is read.

use proptest::prelude::*;

use super::*;

/// Any JSON that has the names of the real thing here and there.
fn any_json() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "Records",
        "Type",
        "Message",
        "Event",
        "eventName",
        "eventTime",
        "s3",
        "bucket",
        "object",
        "key",
        "name",
        "replicationEventData",
        "destinationBucket",
        "requestTime",
        "versionId",
    ]);
    let texts = prop::sample::select(vec![
        "Notification",
        "s3:TestEvent",
        "Replication:OperationFailedReplication",
        "arn:aws:s3:::b",
        "%",
        "%F",
        "+",
        "",
        "{}",
        r#"{"Records":[{}]}"#,
        "9999-99-99T99:99:99Z",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        texts.prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(names.clone().prop_map(str::to_owned), inner, 0..6)
                .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

/// A key as S3 writes it into events.
fn form(key: &[u8]) -> String {
    let byte = |byte: &u8| match byte {
        b' ' => "+".to_owned(),
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' | b'/' => char::from(*byte).to_string(),
        other => format!("%{other:02X}"),
    };
    key.iter().map(byte).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _read_or_refused = parse(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_json_is_read_or_refused(value in any_json()) {
        if let Ok(Letter::Records(records)) = parse(&value.to_string()) {
            prop_assert!(!records.is_empty());
        }
    }

    #[test]
    fn any_record_is_read_or_refused(value in any_json(), place in 0_usize..4) {
        let mut whole = record("a", "X");
        let pointer = ["/s3", "/s3/object", "/replicationEventData", "/eventTime"][place];
        *whole.pointer_mut(pointer).unwrap() = value;
        prop_assert!(parse(&body(&[whole])).is_ok());
    }

    #[test]
    fn keys_come_back(key in "\\PC{1,200}", reason in "[A-Za-z]{0,40}", version in "[A-Za-z0-9._]{1,32}") {
        prop_assume!(key.len() <= 1_024);
        let mut written = record(&form(key.as_bytes()), &reason);
        written["s3"]["object"]["versionId"] = json!(version);
        let event = events(&body(&[written])).remove(0);
        prop_assert_eq!(event.key.as_str(), key);
        prop_assert_eq!(event.version_id.as_ref().map(VersionId::as_str), Some(version.as_str()));
        let EventKind::Failed(failure) = event.kind else { panic!() };
        prop_assert_eq!(&*failure.text, reason.as_str());
        prop_assert!(failure.reason == FailureReason::Other || failure.reason.as_str() == reason);
    }
}
