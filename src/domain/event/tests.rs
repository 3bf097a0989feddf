//! Events: what is read, what is not, whom they concern, and what is remembered.

mod letters;
mod properties;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::claim::{Claims, Concerned};
use super::letter::{Letter, Record, parse};
use super::memory::{Memory, REMEMBERED_MAX};
use super::tally::{EventTally, RECENT_MAX};
use super::*;
use crate::domain::fixture;
use crate::domain::name::RouteName;
use crate::domain::route::Route;
use crate::domain::time::Monotonic;

/// A record as S3 sends it, of an object that is called as in a form.
fn record(key: &str, reason: &str) -> Value {
    json!({
        "eventVersion": "2.2", "eventSource": "aws:s3", "awsRegion": "ap-south-1",
        "eventTime": "2026-05-04T12:00:00.250Z", "eventName": "Replication:OperationFailedReplication",
        "userIdentity": { "principalId": "s3.amazonaws.com" },
        "s3": {
            "s3SchemaVersion": "1.0", "configurationId": "failures",
            "bucket": { "name": "source", "arn": "arn:aws:s3:::source" },
            "object": { "key": key, "size": 42, "versionId": "v1", "sequencer": "0055AED6DCD90281E5" },
        },
        "replicationEventData": {
            "replicationRuleId": "all", "destinationBucket": "arn:aws:s3:::destination-0", "s3Operation": "OBJECT_PUT",
            "requestTime": "2026-05-04T11:59:58Z", "failureReason": reason,
        },
    })
}

fn body(records: &[Value]) -> String {
    json!({ "Records": records }).to_string()
}

fn events(body: &str) -> Vec<ReplicationEvent> {
    let Letter::Records(records) = parse(body).unwrap() else { panic!("{body}") };
    let event = |record| match record {
        Record::Event(event) => *event,
        other @ (Record::Foreign | Record::Unreadable(_)) => panic!("{other:?}"),
    };
    records.into_iter().map(event).collect()
}

fn event_of(key: &str) -> ReplicationEvent {
    events(&body(&[record(key, "DstBucketUnversioned")])).remove(0)
}

#[test]
fn reasons_are_spelled_as_s3_does_and_explained() {
    assert_eq!(FailureReason::ALL.len(), 35);
    for reason in FailureReason::ALL {
        let text = reason.as_str();
        let parsed = FailureReason::parse(text);
        assert_eq!(parsed, *reason, "{text}");
        for words in [reason.meaning(), reason.remedy()] {
            assert!(words.len() > 20 && !words.ends_with('.') && !words.contains("  "), "{text}: {words}");
            assert!(words.starts_with(|first: char| first.is_lowercase() || words.starts_with("S3")), "{words}");
        }
    }
    assert_eq!(FailureReason::parse("SrcKmsKeyDecryptionNotPermitted"), FailureReason::Other);
    assert_eq!(FailureReason::parse("dstbucketunversioned"), FailureReason::Other);
    assert!(Failure::new("NewOne").sentence().starts_with("NewOne: S3 gives a reason that"));
    assert!(Failure::new("").sentence().starts_with("no reason given: "));
}

#[test]
fn an_event_concerns_every_route_between_its_buckets() {
    let route = |name: &str, destinations| Arc::new(fixture::route(name, destinations));
    let (orders, photos) = (route("orders", 2), route("photos", 1));
    let elsewhere = Arc::new(Route { source: fixture::route("x", 1).source, ..Route::clone(&route("elsewhere", 0)) });
    let claims = Claims::new([(RouteId(1), &orders), (RouteId(2), &photos), (RouteId(3), &elsewhere)]);
    let concerned = |key: &str, destination: &str| {
        claims.of(&ReplicationEvent { destination: Bucket::new(destination), ..event_of(key) })
    };
    let nonce = "0123456789abcdef0123456789abcdef";
    let both = Concerned::Objects(vec![(RouteId(1), 0), (RouteId(2), 0)]);
    for (key, destination, expected) in [
        ("invoice.pdf", "destination-0", both.clone()),
        ("invoice.pdf", "destination-1", Concerned::Objects(vec![(RouteId(1), 1)])),
        ("invoice.pdf", "destination-2", Concerned::Nobody),
        (&format!("replicanary/default/orders/1-1-{nonce}"), "destination-0", Concerned::Canary(RouteId(1), 0)),
        (&format!("replicanary/default/orders/1-1-{nonce}"), "destination-1", Concerned::Canary(RouteId(1), 1)),
        (&format!("replicanary/default/photos/1-1-{nonce}"), "destination-0", Concerned::Canary(RouteId(2), 0)),
        (&format!("replicanary/other/orders/1-1-{nonce}"), "destination-0", Concerned::StrangeCanary),
        (&format!("replicanary/default/photos/1-1-{nonce}"), "destination-1", Concerned::StrangeCanary),
        ("replicanary/default/notes.txt", "destination-0", both),
    ] {
        assert_eq!(concerned(key, destination), expected, "{key} to {destination}");
    }
    assert_eq!(claims.of(&ReplicationEvent { source: Bucket::new("x"), ..event_of("a") }), Concerned::Nobody);
    assert_eq!(RouteName::new("orders").unwrap(), orders.name);
}

#[test]
fn what_came_before_is_remembered_within_bounds() {
    let identity = |number: usize| Identity(u128::try_from(number).unwrap().to_be_bytes());
    let mut memory = Memory::default();
    for number in 0..=REMEMBERED_MAX {
        assert!(memory.is_news(identity(number)));
        assert!(!memory.is_news(identity(number)));
    }
    assert!(!memory.is_news(identity(1)) && !memory.is_news(identity(REMEMBERED_MAX)));
    assert!(memory.is_news(identity(0)), "the oldest is forgotten");
}

#[test]
fn the_newest_events_are_kept_newest_first_whatever_the_order() {
    let mut tally = EventTally::default();
    for seconds in [3, 1, 2].into_iter().chain(10..40) {
        let event = Arc::new(ReplicationEvent { at: Some(UnixMillis(seconds * 1_000)), ..event_of("a") });
        let at = Moment { mono: Monotonic(Duration::ZERO), wall: UnixMillis(5) };
        let (route, destination, is_canary) = (RouteId(1), 0, false);
        tally.count(&EventObservation { route, destination, is_canary, event, at });
        let times: Vec<u64> = tally.recent().map(|recent| recent.at.0).collect();
        assert!(times.is_sorted_by(|a, b| a >= b) && times.len() <= RECENT_MAX, "{times:?}");
    }
    assert_eq!(tally.recent().next().unwrap().at, UnixMillis(39_000));
    assert_eq!(tally.failures().collect::<Vec<_>>(), [(FailureReason::DstBucketUnversioned, 33)]);
    assert_eq!(tally.failed(), 33);
}
