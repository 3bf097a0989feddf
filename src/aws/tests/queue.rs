//! Queues: what is sent to SQS, and what comes of each answer.

use super::*;
use crate::aws::SqsQueue;
use crate::cloud::{EventSource, QueueMessage};
use crate::domain::event::queue::EventQueue;
use crate::domain::object::Trouble;

const URL: &str = "https://sqs.eu-west-1.amazonaws.com/111111111111/events";

async fn queue(canned: &Canned, connection: &Connection) -> SqsQueue {
    in_process(canned).queue(connection, &EventQueue::new(URL, Region::new("eu-west-1"))).await
}

fn json(status: u16, body: &str) -> Reply {
    Reply::status(status).with("content-type", "application/x-amz-json-1.0").with("x-amzn-requestid", "REQ1").body(body)
}

#[tokio::test]
async fn messages_are_waited_for_in_the_queues_own_region() {
    let answer = r#"{"Messages":[{"MessageId":"m","ReceiptHandle":"r","MD5OfBody":"x","Body":"hello","Other":1}]}"#;
    let canned = Canned::always(json(200, answer));
    let messages = queue(&canned, &connection()).await.receive().await.unwrap();
    assert_eq!(messages, [QueueMessage { body: "hello".to_owned(), receipt: "r".to_owned() }]);
    let seen = canned.seen();
    assert!(seen[0].uri.starts_with("https://sqs.eu-west-1.amazonaws.com"), "{}", seen[0].uri);
    assert!(seen[0].header("authorization").unwrap().contains("/eu-west-1/sqs/"), "{seen:?}");
    assert_eq!(seen[0].header("x-amz-target"), Some("AmazonSQS.ReceiveMessage"));
    for part in [URL, r#""MaxNumberOfMessages":10"#, r#""WaitTimeSeconds":20"#] {
        assert!(seen[0].body.contains(part), "{}", seen[0].body);
    }
    let records = canned.records();
    assert_eq!((records[0].service, records[0].operation, records[0].outcome), ("sqs", "ReceiveMessage", Ok(())));
    assert_eq!(&*records[0].region, "eu-west-1");
}

#[tokio::test]
async fn the_sides_endpoint_serves_its_queue_too() {
    let canned = Canned::always(json(200, "{}"));
    let connection = Connection { endpoint_url: Some("http://127.0.0.1:4566".to_owned()), ..connection() };
    assert!(queue(&canned, &connection).await.receive().await.unwrap().is_empty());
    assert!(canned.seen()[0].uri.starts_with("http://127.0.0.1:4566"), "{}", canned.seen()[0].uri);
}

#[tokio::test]
async fn messages_are_deleted_ten_at_a_time() {
    let canned = Canned::always(json(200, r#"{"Successful":[],"Failed":[]}"#));
    let receipts: Vec<String> = (0..12).map(|number| format!("receipt-{number}")).collect();
    queue(&canned, &connection()).await.delete(&receipts).await.unwrap();
    let seen = canned.seen();
    let counts: Vec<usize> = seen.iter().map(|request| request.body.matches("receipt-").count()).collect();
    assert_eq!(counts, [10, 2]);
    assert_eq!(seen[0].header("x-amz-target"), Some("AmazonSQS.DeleteMessageBatch"));
}

#[tokio::test]
async fn a_message_that_was_not_deleted_is_an_error() {
    let failed = r#"{"Successful":[],"Failed":[{"Id":"0","Code":"InternalError","Message":"no","SenderFault":false}]}"#;
    let canned = Canned::always(json(200, failed));
    let error = queue(&canned, &connection()).await.delete(&["r".to_owned()]).await.unwrap_err();
    assert_eq!(error.kind(), Trouble::ServerError);
}

#[tokio::test]
async fn each_refusal_is_its_own_and_is_not_tried_again() {
    let error =
        |status, code: &str| json(status, &format!(r#"{{"__type":"com.amazonaws.sqs#{code}","message":"no"}}"#));
    let old = "AWS.SimpleQueueService.NonExistentQueue;Sender";
    for (reply, trouble) in [
        (error(400, "QueueDoesNotExist"), Trouble::NoSuchQueue),
        (error(400, "QueueDoesNotExist").with("x-amzn-query-error", old), Trouble::NoSuchQueue),
        (error(403, "AccessDeniedException"), Trouble::AccessDenied),
        (error(400, "KmsAccessDenied"), Trouble::AccessDenied),
        (error(403, "InvalidClientTokenId"), Trouble::BadCredentials),
        (error(403, "ExpiredTokenException"), Trouble::ExpiredCredentials),
        (error(400, "RequestThrottled"), Trouble::Throttled),
        (error(400, "OverLimit"), Trouble::Throttled),
        (error(400, "KmsDisabled"), Trouble::KmsDisabled),
        (error(500, "InternalFailure"), Trouble::ServerError),
        (error(400, "InvalidAddress"), Trouble::Refused),
        (json(200, "<html>"), Trouble::BadAnswer),
        (json(200, r#"{"Messages":[{"Body":"no receipt"}]}"#), Trouble::BadAnswer),
    ] {
        let canned = Canned::always(reply.clone());
        let error = queue(&canned, &connection()).await.receive().await.unwrap_err();
        assert_eq!(error.kind(), trouble, "{reply:?}");
        assert_eq!(canned.seen().len(), 1, "{reply:?}");
        assert_eq!(canned.records()[0].outcome, Err(trouble));
    }
}
