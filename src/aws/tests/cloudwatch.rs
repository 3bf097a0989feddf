//! Readings: what is sent to CloudWatch, and what comes of each answer.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::aws::CloudWatch;
use crate::cloud::ReadingSource;
use crate::domain::object::Trouble;
use crate::domain::reading::pages::ResultStatus;
use crate::domain::reading::{Dimensions, Metric, Query, Request, Statistic, Window};
use crate::domain::time::UnixMillis;

const MINUTE: UnixMillis = UnixMillis(1_800_000_000_000);

/// A few items of CBOR: enough for an answer.
fn text(value: &str) -> Vec<u8> {
    let mut bytes = vec![0x78, u8::try_from(value.len()).unwrap()];
    bytes.extend(value.as_bytes());
    bytes
}

fn float(value: f64) -> Vec<u8> {
    [&[0xfb][..], &value.to_be_bytes()].concat()
}

fn time(at: UnixMillis) -> Vec<u8> {
    [vec![0xc1], float(at.as_seconds())].concat()
}

fn list(items: &[Vec<u8>]) -> Vec<u8> {
    [vec![0x80 + u8::try_from(items.len()).unwrap()], items.concat()].concat()
}

fn map(fields: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let fields = fields.iter().map(|(name, value)| [text(name), value.clone()].concat());
    [vec![0xbf], fields.collect::<Vec<_>>().concat(), vec![0xff]].concat()
}

fn result(id: &str, status: &str, minutes: &[UnixMillis], values: &[f64]) -> Vec<u8> {
    map(&[
        ("Id", text(id)),
        ("Timestamps", list(&minutes.iter().copied().map(time).collect::<Vec<_>>())),
        ("Values", list(&values.iter().copied().map(float).collect::<Vec<_>>())),
        ("StatusCode", text(status)),
    ])
}

fn answer(results: &[Vec<u8>], next: Option<&str>) -> Reply {
    let mut fields = vec![("MetricDataResults", list(results))];
    fields.extend(next.map(|token| ("NextToken", text(token))));
    Reply::status(200)
        .with("content-type", "application/cbor")
        .with("smithy-protocol", "rpc-v2-cbor")
        .bytes(&map(&fields))
}

fn request() -> Request {
    let (source, destination) = (Bucket::new("orders"), Bucket::new("replicas"));
    let dimensions = Arc::new(Dimensions { source, destination, rule: Arc::from("the-rule") });
    let query = |metric, statistic| Query { dimensions: Arc::clone(&dimensions), metric, statistic };
    Request {
        queries: vec![
            query(Metric::ReplicationLatency, Statistic::Maximum),
            query(Metric::OperationsFailed, Statistic::SampleCount),
        ],
        window: Window::ending(MINUTE),
    }
}

async fn source(canned: &Canned) -> CloudWatch {
    in_process(canned).cloudwatch(&connection()).await
}

#[tokio::test]
async fn a_call_asks_for_all_queries_and_is_counted_once() {
    let first = MINUTE.minus(Duration::from_secs(60));
    let results =
        [result("q1", "PartialData", &[MINUTE], &[3.0]), result("q0", "Complete", &[first, MINUTE], &[0.0, 7.5])];
    let canned = Canned::always(answer(&results, Some("more")));
    let page = source(&canned).await.metric_data(&request(), Some("before")).await.unwrap();
    assert_eq!(page.next.as_deref(), Some("more"));
    let [partial, complete] = &page.parts[..] else { panic!("{page:?}") };
    assert_eq!((partial.query, partial.status), (1, ResultStatus::Partial));
    assert_eq!((complete.query, complete.status), (0, ResultStatus::Complete));
    assert_eq!(complete.points, [(first, 0.0), (MINUTE, 7.5)]);
    let seen = canned.seen();
    assert_eq!(seen.len(), 1);
    assert!(seen[0].uri.starts_with("https://monitoring.ap-south-1.amazonaws.com/"), "{}", seen[0].uri);
    for said in [
        "AWS/S3",
        "ReplicationLatency",
        "Maximum",
        "OperationsFailedReplication",
        "SampleCount",
        "SourceBucket",
        "orders",
        "DestinationBucket",
        "replicas",
        "RuleId",
        "the-rule",
        "q0",
        "q1",
        "before",
        "TimestampAscending",
    ] {
        assert!(seen[0].body.contains(said), "{said}: {}", seen[0].body);
    }
    let records = canned.records();
    assert_eq!(records.len(), 1);
    let record = &records[0];
    assert_eq!((record.service, record.operation, record.outcome), ("cloudwatch", "GetMetricData", Ok(())));
    assert_eq!(&*record.region, "ap-south-1");
}

#[tokio::test]
async fn statuses_are_told_apart_and_unknown_ones_are_no_completeness() {
    for (text, status) in [
        ("Complete", ResultStatus::Complete),
        ("PartialData", ResultStatus::Partial),
        ("InternalError", ResultStatus::Broken),
        ("Forbidden", ResultStatus::Forbidden),
        ("Splendid", ResultStatus::Broken),
    ] {
        let canned = Canned::always(answer(&[result("q0", text, &[], &[])], None));
        let page = source(&canned).await.metric_data(&request(), None).await.unwrap();
        assert_eq!(page.parts[0].status, status, "{text}");
    }
}

#[tokio::test]
async fn answers_that_are_not_cloudwatchs_are_bad_answers() {
    for reply in [
        answer(&[result("x0", "Complete", &[], &[])], None),
        answer(&[result("q0", "Complete", &[MINUTE], &[])], None),
        Reply::status(200).with("content-type", "text/html").body("<html>welcome</html>"),
    ] {
        let canned = Canned::always(reply.clone());
        let error = source(&canned).await.metric_data(&request(), None).await.unwrap_err();
        assert_eq!(error.kind(), Trouble::BadAnswer, "{reply:?}");
    }
}

#[tokio::test]
async fn each_refusal_is_its_own_and_is_not_tried_again() {
    let refusal = |status, code: &str| {
        let body = map(&[("__type", text(&format!("com.amazonaws.cloudwatch#{code}"))), ("message", text("no"))]);
        Reply::status(status)
            .with("content-type", "application/cbor")
            .with("smithy-protocol", "rpc-v2-cbor")
            .bytes(&body)
    };
    for (reply, trouble) in [
        (refusal(400, "AccessDenied").with("x-amzn-query-error", "AccessDenied;Sender"), Trouble::AccessDenied),
        (refusal(403, "AccessDeniedException"), Trouble::AccessDenied),
        (refusal(400, "Throttling"), Trouble::Throttled),
        (refusal(400, "ThrottlingException").with("x-amzn-query-error", "Throttling;Sender"), Trouble::Throttled),
        (refusal(400, "InvalidNextToken"), Trouble::Refused),
        (refusal(403, "ExpiredToken"), Trouble::ExpiredCredentials),
        (refusal(403, "InvalidClientTokenId"), Trouble::BadCredentials),
        (refusal(500, "InternalServiceFault"), Trouble::ServerError),
        (Reply::status(503), Trouble::ServerError),
    ] {
        let canned = Canned::always(reply.clone());
        let error = source(&canned).await.metric_data(&request(), None).await.unwrap_err();
        assert_eq!(error.kind(), trouble, "{reply:?}");
        assert_eq!(canned.seen().len(), 1, "{reply:?}");
        assert_eq!(canned.records()[0].outcome, Err(trouble));
    }
}

#[tokio::test]
async fn the_sides_endpoint_is_its_cloudwatch_too() {
    let canned = Canned::always(answer(&[], None));
    let connection = Connection { endpoint_url: Some("http://127.0.0.1:4566".to_owned()), ..connection() };
    let source = in_process(&canned).cloudwatch(&connection).await;
    source.metric_data(&request(), None).await.unwrap();
    assert!(canned.seen()[0].uri.starts_with("http://127.0.0.1:4566/"), "{}", canned.seen()[0].uri);
}
