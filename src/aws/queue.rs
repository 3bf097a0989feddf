//! A queue of replication events: long polls and deletions, each one attempt and one record.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message};

use super::CALL_TIMEOUT;
use super::bucket::Reached;
use super::error::{bad_answer, coded, from_sdk, timed_out};
use crate::cloud::{CloudError, EventSource, QueueMessage};
use crate::domain::event::queue::EventQueue;

/// How long SQS waits for a message: its longest (API ReceiveMessage).
const WAIT_SECONDS: i32 = 20;
/// How many messages one call gives or deletes: the most (API ReceiveMessage, DeleteMessageBatch).
const BATCH_MAX: usize = 10;
/// How long a whole long poll may take, with credentials and body.
pub const RECEIVE_TIMEOUT: Duration = Duration::from_secs(40);

/// A queue, reached over a shared client. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SqsQueue(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    reached: Arc<Reached>,
    client: aws_sdk_sqs::Client,
    url: String,
}

impl EventSource for SqsQueue {
    async fn receive(&self) -> Result<Vec<QueueMessage>, CloudError> {
        const OPERATION: &str = "ReceiveMessage";
        let request = self
            .0
            .client
            .receive_message()
            .queue_url(&self.0.url)
            .max_number_of_messages(i32::try_from(BATCH_MAX).unwrap_or(i32::MAX))
            .wait_time_seconds(WAIT_SECONDS);
        self.call(OPERATION, RECEIVE_TIMEOUT, async {
            let answer = request.send().await.map_err(|error| from_sdk(OPERATION, &self.0.reached.region, error))?;
            let read: Option<Vec<QueueMessage>> =
                answer.messages.unwrap_or_default().into_iter().map(message).collect();
            read.ok_or_else(|| bad_answer(OPERATION, "a message without a receipt: something else answered"))
        })
        .await
    }

    async fn delete(&self, receipts: &[String]) -> Result<(), CloudError> {
        for batch in receipts.chunks(BATCH_MAX) {
            self.delete_batch(batch).await?;
        }
        Ok(())
    }
}

impl SqsQueue {
    pub(super) fn new(reached: Arc<Reached>, client: aws_sdk_sqs::Client, queue: &EventQueue) -> Self {
        Self(Arc::new(Inner { reached, client, url: queue.url().to_owned() }))
    }

    async fn delete_batch(&self, receipts: &[String]) -> Result<(), CloudError> {
        const OPERATION: &str = "DeleteMessageBatch";
        let entries = receipts.iter().enumerate().map(|(place, receipt)| {
            DeleteMessageBatchRequestEntry::builder().id(place.to_string()).receipt_handle(receipt).build()
        });
        let entries: Result<Vec<_>, _> = entries.collect();
        let entries = entries.map_err(|_| bad_answer(OPERATION, "an entry without an id or a receipt"))?;
        let request = self.0.client.delete_message_batch().queue_url(&self.0.url).set_entries(Some(entries));
        self.call(OPERATION, CALL_TIMEOUT, async {
            let answer = request.send().await.map_err(|error| from_sdk(OPERATION, &self.0.reached.region, error))?;
            match answer.failed().first() {
                None => Ok(()),
                Some(first) => Err(coded(OPERATION, first.code(), first.message())),
            }
        })
        .await
    }

    /// Performs and counts a call within its time.
    async fn call<T>(
        &self,
        operation: &'static str,
        limit: Duration,
        work: impl Future<Output = Result<T, CloudError>> + Send,
    ) -> Result<T, CloudError> {
        let timed = async { tokio::time::timeout(limit, work).await.unwrap_or_else(|_| Err(timed_out(operation))) };
        self.0.reached.measured("sqs", operation, timed).await
    }
}

/// Nothing when the message has no receipt: then it cannot be deleted.
fn message(message: Message) -> Option<QueueMessage> {
    let receipt = message.receipt_handle.filter(|receipt| !receipt.is_empty())?;
    Some(QueueMessage { body: message.body.unwrap_or_default(), receipt })
}
