//! Messages, form by form.

use super::*;

#[test]
fn an_event_is_read_whole() {
    let event = event_of("a+b%2Bc%C3%A9/%25");
    assert_eq!(event.key.as_str(), "a b+cé/%");
    assert_eq!((event.source.as_str(), event.destination.as_str()), ("source", "destination-0"));
    assert_eq!(event.version_id.as_ref().map(VersionId::as_str), Some("v1"));
    assert_eq!((event.rule.as_deref(), event.operation.as_deref()), (Some("all"), Some("OBJECT_PUT")));
    assert_eq!(event.at, Some(UnixMillis(1_777_896_000_250)));
    assert_eq!(event.requested_at, Some(UnixMillis(1_777_895_998_000)));
    let failure = event.kind.failure().unwrap();
    assert_eq!((failure.reason, &*failure.text), (FailureReason::DstBucketUnversioned, "DstBucketUnversioned"));
}

#[test]
fn every_way_of_delivery_is_understood() {
    let direct = body(&[record("a", "DstBucketNotFound"), record("b", "DstBucketNotFound")]);
    let envelope = json!({ "Type": "Notification", "TopicArn": "arn:aws:sns:x", "Message": direct, "New": [1] });
    for text in [direct.clone(), envelope.to_string()] {
        let keys: Vec<String> = events(&text).iter().map(|event| event.key.to_string()).collect();
        assert_eq!(keys, ["a", "b"]);
    }
    let test = json!({ "Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "source" }).to_string();
    assert_eq!(parse(&test), Ok(Letter::Test));
    assert_eq!(parse(&json!({ "Type": "Notification", "Message": test }).to_string()), Ok(Letter::Test));
}

#[test]
fn kinds_and_spellings_of_events() {
    for (name, expected) in [
        ("Replication:OperationMissedThreshold", Some(EventName::MissedThreshold)),
        ("s3:Replication:OperationReplicatedAfterThreshold", Some(EventName::ReplicatedAfterThreshold)),
        ("Replication:OperationNotTracked", Some(EventName::NotTracked)),
        ("s3:Replication:OperationFailedReplication", Some(EventName::Failed)),
        ("ObjectCreated:Put", None),
        ("Replication:OperationOfTomorrow", None),
    ] {
        let mut record = record("a", "X");
        record["eventName"] = json!(name);
        for pointer in ["threshold", "replicationTime"] {
            record["replicationEventData"][pointer] = json!({ "any": ["thing"] });
        }
        let Ok(Letter::Records(records)) = parse(&body(&[record])) else { panic!("{name}") };
        match (&records[0], expected) {
            (Record::Event(event), Some(kind)) => assert_eq!(event.kind.name(), kind),
            (Record::Foreign, None) => {}
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn an_unlisted_reason_is_kept_in_its_own_words_and_an_absent_one_is_none() {
    let failure = |record| events(&body(&[record]))[0].kind.failure().unwrap().clone();
    let unlisted = failure(record("a", "DstMoonPhaseWrong"));
    assert_eq!((unlisted.reason, &*unlisted.text), (FailureReason::Other, "DstMoonPhaseWrong"));
    let mut silent = record("a", "");
    silent["replicationEventData"].as_object_mut().unwrap().remove("failureReason");
    assert_eq!(failure(silent), Failure::new(""));
    assert_eq!(failure(record("a", &"x".repeat(10_000))).text.len(), 256);
}

#[test]
fn times_are_texts_or_numbers() {
    for (time, expected) in [
        (json!("2026-05-04T12:00:00Z"), Some(1_777_896_000_000)),
        (json!(1_777_896_000), Some(1_777_896_000_000)),
        (json!(1_777_896_000.5), Some(1_777_896_000_500)),
        (json!(1_777_896_000_123_u64), Some(1_777_896_000_123)),
        (json!("1777896000"), Some(1_777_896_000_000)),
        (json!("noon"), None),
        (json!(-1), None),
        (json!("NaN"), None),
        (json!(null), None),
        (json!(["2026"]), None),
        (json!("1960-01-01T00:00:00Z"), None),
    ] {
        let mut record = record("a", "X");
        record["eventTime"] = time.clone();
        assert_eq!(events(&body(&[record]))[0].at, expected.map(UnixMillis), "{time}");
    }
}

#[test]
fn copies_have_one_identity_and_others_have_others() {
    let identity = |change: &dyn Fn(&mut Value)| {
        let mut record = record("a", "X");
        change(&mut record);
        events(&body(&[record]))[0].identity
    };
    let plain = identity(&|_| {});
    assert_eq!(plain, identity(&|record| record["eventTime"] = json!("2026-05-04T12:00:09Z")));
    assert_eq!(plain, identity(&|record| record["responseElements"] = json!({ "x-amz-request-id": "Z" })));
    let others: [&dyn Fn(&mut Value); 7] = [
        &|record| record["s3"]["object"]["key"] = json!("b"),
        &|record| record["s3"]["object"]["versionId"] = json!("v2"),
        &|record| record["s3"]["object"]["sequencer"] = json!("0055AED6DCD90281E6"),
        &|record| record["s3"]["bucket"]["name"] = json!("other"),
        &|record| record["replicationEventData"]["destinationBucket"] = json!("arn:aws:s3:::other"),
        &|record| record["replicationEventData"]["requestTime"] = json!("2026-05-04T11:59:59Z"),
        &|record| record["eventName"] = json!("Replication:OperationNotTracked"),
    ];
    let mut all: Vec<Identity> = others.into_iter().map(identity).chain([plain]).collect();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 8);
}

#[test]
fn bytes_that_are_not_utf8_are_replaced_and_still_told_apart() {
    let (one, other) = (event_of("a%FF"), event_of("a%FE"));
    assert_eq!((one.key.as_str(), other.key.as_str()), ("a\u{fffd}", "a\u{fffd}"));
    assert_ne!(one.identity, other.identity);
    assert_eq!(event_of("100%").key.as_str(), "100%");
    assert_eq!(event_of("%zz%2").key.as_str(), "%zz%2");
}

#[test]
fn rubbish_says_what_is_wrong_with_it() {
    let many: Vec<Value> = (0..1_001).map(|_| json!({})).collect();
    for (text, expected) in [
        (String::new(), "not JSON"),
        ("hello".to_owned(), "not JSON"),
        ("[]".to_owned(), "no Records"),
        ("{}".to_owned(), "no Records"),
        (r#"{"Records":[]}"#.to_owned(), "no records"),
        (r#"{"Records":7}"#.to_owned(), "no Records"),
        (r#"{"detail-type":"Object Created","detail":{}}"#.to_owned(), "EventBridge"),
        (r#"{"Type":"Notification"}"#.to_owned(), "without a message"),
        (r#"{"Type":"Notification","Message":"no"}"#.to_owned(), "not JSON"),
        (r#"{"Type":"SubscriptionConfirmation","SubscribeURL":"u"}"#.to_owned(), "confirmed"),
        (body(&many), "1001 records"),
        (" ".repeat(1024 * 1024 + 1), "bytes long"),
        ("[".repeat(100_000), "not JSON"),
    ] {
        let problem = parse(&text).unwrap_err().to_string();
        assert!(problem.contains(expected), "{problem}");
    }
}

#[test]
fn a_broken_record_does_not_hide_its_neighbours() {
    let breaks: [&dyn Fn(&mut Value); 6] = [
        &|record| record["s3"]["object"]["key"] = json!(null),
        &|record| record["s3"]["object"]["key"] = json!("k".repeat(1_025)),
        &|record| record["s3"]["bucket"]["name"] = json!(""),
        &|record| record["replicationEventData"] = json!("gone"),
        &|record| record["replicationEventData"]["destinationBucket"] = json!("arn:aws:s3"),
        &|record| record["eventName"] = json!(7),
    ];
    for change in breaks {
        let mut broken = record("a", "X");
        change(&mut broken);
        let Letter::Records(records) = parse(&body(&[broken, record("b", "X")])).unwrap() else { panic!() };
        assert!(matches!(records[0], Record::Unreadable(_)), "{:?}", records[0]);
        assert!(matches!(records[1], Record::Event(_)), "{:?}", records[1]);
    }
}
