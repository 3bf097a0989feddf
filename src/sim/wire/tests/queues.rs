//! SQS as its clients see it.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Answer, HOME, ONE, Site, TWO};

impl Site {
    /// Calls SQS as boto3 does.
    pub(super) async fn sqs(&self, account: &str, region: &str, operation: &str, body: &Value) -> Answer {
        let request = http::Request::post("http://127.0.0.1:9000/")
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", format!("AmazonSQS.{operation}"))
            .body(body.to_string())
            .unwrap();
        self.send(self.signed(account, "sqs", region, request)).await
    }

    async fn done(&self, operation: &str, body: Value) -> Value {
        let answer = self.sqs(ONE, HOME, operation, &body).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
        answer.json()
    }

    async fn queue(&self, name: &str, attributes: Value) -> String {
        let made = self.done("CreateQueue", json!({ "QueueName": name, "Attributes": attributes })).await;
        made["QueueUrl"].as_str().unwrap().to_owned()
    }

    async fn receive(&self, queue: &str, wait: u64) -> Vec<Value> {
        let call = json!({
            "QueueUrl": queue, "MaxNumberOfMessages": 10, "WaitTimeSeconds": wait,
            "MessageSystemAttributeNames": ["All"],
        });
        self.done("ReceiveMessage", call).await["Messages"].as_array().cloned().unwrap_or_default()
    }

    async fn refused(&self, operation: &str, body: Value) -> (u16, String) {
        let answer = self.sqs(ONE, HOME, operation, &body).await;
        (answer.status, answer.json()["__type"].as_str().unwrap_or_default().to_owned())
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_is_hidden_comes_back_and_is_deleted() {
    let site = Site::of("empty");
    let url = site.queue("events", json!({ "VisibilityTimeout": "20" })).await;
    assert_eq!(url, "http://127.0.0.1:9000/111111111111/events");
    assert_eq!(site.queue("events", json!({ "VisibilityTimeout": "20" })).await, url, "again with the same attributes");
    assert_eq!(site.done("GetQueueUrl", json!({ "QueueName": "events" })).await["QueueUrl"], url.as_str());
    let sent = site.done("SendMessage", json!({ "QueueUrl": url, "MessageBody": "hello" })).await;
    assert_eq!(sent["MD5OfMessageBody"], "5d41402abc4b2a76b9719d911017c592");
    let first = site.receive(&url, 0).await;
    assert_eq!((first.len(), &first[0]["Body"], &first[0]["MessageId"]), (1, &json!("hello"), &sent["MessageId"]));
    assert_eq!(first[0]["Attributes"]["ApproximateReceiveCount"], "1");
    assert!(site.receive(&url, 0).await.is_empty(), "hidden");
    tokio::time::sleep(Duration::from_secs(20)).await;
    let second = site.receive(&url, 0).await;
    assert_eq!(second[0]["Attributes"]["ApproximateReceiveCount"], "2");
    let counts = site.done("GetQueueAttributes", json!({ "QueueUrl": url, "AttributeNames": ["All"] })).await;
    assert_eq!(counts["Attributes"]["ApproximateNumberOfMessagesNotVisible"], "1");
    assert_eq!(counts["Attributes"]["QueueArn"], "arn:aws:sqs:ap-south-1:111111111111:events");
    let stale = json!({ "QueueUrl": url, "ReceiptHandle": first[0]["ReceiptHandle"] });
    site.done("DeleteMessage", stale).await;
    let handle = &second[0]["ReceiptHandle"];
    site.done("ChangeMessageVisibility", json!({ "QueueUrl": url, "ReceiptHandle": handle, "VisibilityTimeout": 0 }))
        .await;
    let third = site.receive(&url, 0).await;
    assert_eq!(third.len(), 1, "the stale handle deleted nothing, and the message is visible at once");
    let entries =
        json!([{ "Id": "a", "ReceiptHandle": third[0]["ReceiptHandle"] }, { "Id": "b", "ReceiptHandle": "!" }]);
    let batch = site.done("DeleteMessageBatch", json!({ "QueueUrl": url, "Entries": entries })).await;
    assert_eq!((&batch["Successful"][0]["Id"], &batch["Failed"][0]["Id"]), (&json!("a"), &json!("b")));
    assert_eq!(batch["Failed"][0]["Code"], "ReceiptHandleIsInvalid");
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(site.receive(&url, 0).await.is_empty());
    site.done("SendMessage", json!({ "QueueUrl": url, "MessageBody": "x" })).await;
    site.done("PurgeQueue", json!({ "QueueUrl": url })).await;
    assert!(site.receive(&url, 0).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_long_poll_ends_with_a_message_or_with_its_time() {
    let site = Site::of("empty");
    let url = site.queue("events", json!({})).await;
    let begin = tokio::time::Instant::now();
    assert!(site.receive(&url, 5).await.is_empty());
    assert_eq!(begin.elapsed().as_secs(), 5);
    let begin = tokio::time::Instant::now();
    let send = async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        site.done("SendMessage", json!({ "QueueUrl": url, "MessageBody": "x", "DelaySeconds": 4 })).await
    };
    let (found, _) = tokio::join!(site.receive(&url, 20), send);
    assert_eq!((found.len(), begin.elapsed().as_secs()), (1, 7));
}

#[tokio::test(start_paused = true)]
async fn poison_goes_to_the_dead_letter_queue() {
    let site = Site::of("empty");
    let dead = site.queue("dead", json!({})).await;
    let redrive = r#"{"deadLetterTargetArn":"arn:aws:sqs:ap-south-1:111111111111:dead","maxReceiveCount":"2"}"#;
    let url = site.queue("events", json!({ "VisibilityTimeout": "1" })).await;
    site.done("SetQueueAttributes", json!({ "QueueUrl": url, "Attributes": { "RedrivePolicy": redrive } })).await;
    let id = site.done("SendMessage", json!({ "QueueUrl": url, "MessageBody": "poison" })).await["MessageId"].clone();
    for _ in 0..2 {
        assert_eq!(site.receive(&url, 0).await.len(), 1);
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    assert!(site.receive(&url, 0).await.is_empty());
    let buried = site.receive(&dead, 0).await;
    assert_eq!((&buried[0]["MessageId"], &buried[0]["Attributes"]["ApproximateReceiveCount"]), (&id, &json!("3")));
    let wrong = redrive.replace(":dead", ":none");
    let wrong = json!({ "QueueUrl": url, "Attributes": { "RedrivePolicy": wrong } });
    assert_eq!(site.refused("SetQueueAttributes", wrong).await, (400, "InvalidAttributeValue".into()));
}

#[tokio::test(start_paused = true)]
async fn sqs_refuses_in_its_own_words() {
    let site = Site::of("empty");
    let url = site.queue("events", json!({})).await;
    let absent = json!({ "QueueUrl": "http://127.0.0.1:9000/111111111111/none" });
    let answer = site.sqs(ONE, HOME, "ReceiveMessage", &absent).await;
    assert_eq!((answer.status, answer.json()["__type"].as_str()), (400, Some("QueueDoesNotExist")));
    assert_eq!(answer.header("x-amzn-query-error"), "AWS.SimpleQueueService.NonExistentQueue;Sender");
    let stranger = site.sqs(TWO, HOME, "ReceiveMessage", &json!({ "QueueUrl": url })).await;
    assert_eq!((stranger.status, stranger.header("x-amzn-query-error")), (403, "AccessDenied;Sender"));
    for (operation, body, code) in [
        ("ReceiveMessage", json!({ "QueueUrl": url, "MaxNumberOfMessages": 11 }), "InvalidParameterValue"),
        ("ReceiveMessage", json!({ "QueueUrl": url, "WaitTimeSeconds": 21 }), "InvalidParameterValue"),
        ("DeleteMessage", json!({ "QueueUrl": url, "ReceiptHandle": "%" }), "ReceiptHandleIsInvalid"),
        ("DeleteMessageBatch", json!({ "QueueUrl": url, "Entries": [] }), "EmptyBatchRequest"),
        ("CreateQueue", json!({ "QueueName": "a b" }), "InvalidParameterValue"),
        ("CreateQueue", json!({ "QueueName": "a", "Attributes": { "Colour": "red" } }), "InvalidAttributeName"),
        ("CreateQueue", json!({ "QueueName": "a", "Attributes": { "DelaySeconds": "1h" } }), "InvalidAttributeValue"),
        ("CreateQueue", json!({ "QueueName": "events", "Attributes": { "DelaySeconds": "7" } }), "QueueNameExists"),
        ("SendMessage", json!({ "QueueUrl": url }), "MissingParameter"),
    ] {
        assert_eq!(site.refused(operation, body.clone()).await, (400, code.into()), "{operation} {body}");
    }
    assert_eq!(site.refused("ListQueues", json!({})).await.0, 501);
}
