//! SQS over JSON 1.0: standard queues, as far as replication events need them.
//!
//! Covered: CreateQueue, GetQueueUrl, GetQueueAttributes, SetQueueAttributes, SendMessage, ReceiveMessage,
//! DeleteMessage, DeleteMessageBatch, ChangeMessageVisibility, PurgeQueue. A queue is found by the last two parts of
//! its URL (account and name) and the Region of the signature, whatever host the URL names. Message attributes, FIFO
//! queues, SendMessageBatch, tags and the old form protocol are not there.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::response::Response;
use md5::{Digest as _, Md5};
use serde_json::{Map, Value, json};

use super::auth::CallScope;
use super::json;
use super::refusal::Refusal;
use super::text::hex;
use crate::sim::Simulator;
use crate::sim::world::{Moment, ReceivedMessage, World};

/// The prefix of `x-amz-target`.
pub(super) const SERVICE: &str = "AmazonSQS";
/// A long poll looks again this often.
const POLL: Duration = Duration::from_millis(200);
/// The longest wait and the most messages of one receive, and the most entries of a batch (API ReceiveMessage).
const WAIT_MAX: u64 = 20;
const BATCH_MAX: u64 = 10;

/// Answers one SQS call; `host` is where the client reached the simulator.
///
/// # Errors
/// SQS's own refusals; 501 for what this simulation does not have.
pub(super) async fn call(
    simulator: &Simulator,
    scope: &CallScope,
    host: &str,
    operation: &str,
    body: &[u8],
) -> Result<Response, Refusal> {
    if operation != "ReceiveMessage" {
        return simulator.with_world(|world, now| at_once(world, now, scope, host, operation, &Input::read(body)?));
    }
    let input = Input::read(body)?;
    let queue = input.queue(scope)?;
    let most = usize::try_from(input.number("MaxNumberOfMessages", 1..=BATCH_MAX)?.unwrap_or(1)).unwrap_or(1);
    let visibility = input.number("VisibilityTimeout", 0..=43_200)?;
    let wait = match input.number("WaitTimeSeconds", 0..=WAIT_MAX)? {
        Some(seconds) => seconds,
        None => simulator.with_world(|world, now| {
            let attributes = world.queue_attributes(now, &scope.caller, &queue)?;
            let default = attributes.get("ReceiveMessageWaitTimeSeconds").and_then(|text| text.parse().ok());
            Ok::<u64, Refusal>(default.unwrap_or_default())
        })?,
    };
    let deadline = simulator.clock().now().plus(Duration::from_secs(wait));
    loop {
        let (messages, now) = simulator
            .with_world(|world, now| (world.receive_messages(now, &scope.caller, &queue, most, visibility), now));
        let messages = messages?;
        let left = deadline.since(now);
        if !messages.is_empty() || left.is_zero() {
            let messages: Vec<Value> = messages.iter().map(|message| input.message(message)).collect();
            return Ok(answer(&if messages.is_empty() { json!({}) } else { json!({ "Messages": messages }) }));
        }
        tokio::time::sleep(left.min(POLL)).await;
    }
}

/// The ARN of the queue whose URL a call's body has, for faults that act on what notifies into it.
pub(super) fn named_queue(body: &[u8], region: &str) -> Option<String> {
    let input: Value = serde_json::from_slice(body).ok()?;
    arn_of_url(input.get("QueueUrl")?.as_str()?, region)
}

fn at_once(
    world: &mut World,
    now: Moment,
    scope: &CallScope,
    host: &str,
    operation: &str,
    input: &Input,
) -> Result<Response, Refusal> {
    let caller = &scope.caller;
    let output = match operation {
        "CreateQueue" => {
            let (name, attributes) = (input.required("QueueName")?, input.attributes()?);
            world.create_queue(now, caller, &scope.region, name, attributes)?;
            json!({ "QueueUrl": queue_url(host, &caller.account, name) })
        }
        "GetQueueUrl" => {
            let name = input.required("QueueName")?;
            let account = input.text("QueueOwnerAWSAccountId").unwrap_or(&caller.account);
            world.check_queue(now, caller, &queue_arn(&scope.region, account, name), "sqs:GetQueueUrl")?;
            json!({ "QueueUrl": queue_url(host, account, name) })
        }
        "GetQueueAttributes" => {
            let mut attributes = world.queue_attributes(now, caller, &input.queue(scope)?)?;
            let wanted = input.names("AttributeNames");
            attributes.retain(|name, _| wanted.contains("All") || wanted.contains(name.as_str()));
            if attributes.is_empty() { json!({}) } else { json!({ "Attributes": attributes }) }
        }
        "SetQueueAttributes" => {
            world.set_queue_attributes(now, caller, &input.queue(scope)?, input.attributes()?)?;
            json!({})
        }
        "SendMessage" => send(world, now, scope, input)?,
        "DeleteMessage" => {
            world.delete_message(now, caller, &input.queue(scope)?, input.required("ReceiptHandle")?)?;
            json!({})
        }
        "DeleteMessageBatch" => delete_batch(world, now, scope, input)?,
        "ChangeMessageVisibility" => {
            let seconds = input.number("VisibilityTimeout", 0..=43_200)?;
            let seconds = seconds.ok_or_else(|| missing("VisibilityTimeout"))?;
            let handle = input.required("ReceiptHandle")?;
            world.change_visibility(now, caller, &input.queue(scope)?, handle, seconds)?;
            json!({})
        }
        "PurgeQueue" => {
            world.purge_queue(now, caller, &input.queue(scope)?)?;
            json!({})
        }
        other => return Err(Refusal::not_implemented(format!("{other} is not part of this simulation"))),
    };
    Ok(answer(&output))
}

fn send(world: &mut World, now: Moment, scope: &CallScope, input: &Input) -> Result<Value, Refusal> {
    let has_attributes = |name: &str| input.0.get(name).and_then(Value::as_object).is_some_and(|map| !map.is_empty());
    if has_attributes("MessageAttributes") || has_attributes("MessageSystemAttributes") {
        return Err(Refusal::not_implemented("message attributes are not part of this simulation"));
    }
    let body = input.required("MessageBody")?;
    let delay = input.number("DelaySeconds", 0..=900)?;
    let id = world.send_message(now, &scope.caller, &input.queue(scope)?, body.to_owned(), delay)?;
    Ok(json!({ "MessageId": id, "MD5OfMessageBody": md5(body) }))
}

fn delete_batch(world: &mut World, now: Moment, scope: &CallScope, input: &Input) -> Result<Value, Refusal> {
    let queue = input.queue(scope)?;
    world.check_queue(now, &scope.caller, &queue, "sqs:DeleteMessage")?;
    let nothing = Vec::new();
    let entries = input.0.get("Entries").and_then(Value::as_array).unwrap_or(&nothing);
    let text = |entry: &Value, name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let ids: BTreeSet<String> = entries.iter().map(|entry| text(entry, "Id")).collect();
    let refused = if entries.is_empty() {
        Some(("EmptyBatchRequest", "There should be at least one DeleteMessageBatchRequestEntry in the request."))
    } else if u64::try_from(entries.len()).is_ok_and(|count| count > BATCH_MAX) {
        Some(("TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10."))
    } else if ids.len() < entries.len() {
        Some(("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id."))
    } else {
        None
    };
    if let Some((code, message)) = refused {
        return Err(Refusal::bad_request(code, message));
    }
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in entries {
        let id = text(entry, "Id");
        match world.delete_message(now, &scope.caller, &queue, &text(entry, "ReceiptHandle")) {
            Ok(()) => successful.push(json!({ "Id": id })),
            Err(error) => {
                failed.push(json!({ "Id": id, "SenderFault": true, "Code": error.code, "Message": error.message }))
            }
        }
    }
    Ok(json!({ "Successful": successful, "Failed": failed }))
}

struct Input(Value);

impl Input {
    fn read(body: &[u8]) -> Result<Self, Refusal> {
        json::object(body).map(Self)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.text(name).filter(|text| !text.is_empty()).ok_or_else(|| missing(name))
    }

    /// A whole number, sent as a number (or, by old clients, as text).
    fn number(&self, name: &str, range: std::ops::RangeInclusive<u64>) -> Result<Option<u64>, Refusal> {
        let Some(value) = self.0.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
        let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
        number.filter(|number| range.contains(number)).map(Some).ok_or_else(|| {
            let (least, most) = range.into_inner();
            let message =
                format!("Value {value} for parameter {name} is invalid. Reason: Must be >= {least} and <= {most}.");
            Refusal::bad_request("InvalidParameterValue", message)
        })
    }

    fn names(&self, member: &str) -> BTreeSet<&str> {
        let names = self.0.get(member).and_then(Value::as_array).map(|names| names.iter());
        names.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    fn attributes(&self) -> Result<BTreeMap<String, String>, Refusal> {
        let nothing = Map::new();
        let given = self.0.get("Attributes").and_then(Value::as_object).unwrap_or(&nothing);
        if given.get("FifoQueue").and_then(Value::as_str) == Some("true") {
            return Err(Refusal::not_implemented("FIFO queues are not part of this simulation"));
        }
        let text = |(name, value): (&String, &Value)| {
            let value = value.as_str().map(str::to_owned);
            let wrong = || Refusal::bad_request("InvalidAttributeValue", format!("Invalid value for {name}."));
            Ok((name.clone(), value.ok_or_else(wrong)?))
        };
        given.iter().filter(|(name, _)| *name != "FifoQueue").map(text).collect()
    }

    /// The ARN of the queue that `QueueUrl` means.
    fn queue(&self, scope: &CallScope) -> Result<String, Refusal> {
        let url = self.required("QueueUrl")?;
        arn_of_url(url, &scope.region).ok_or_else(|| {
            Refusal::bad_request("InvalidAddress", format!("The address {url} is not valid for this endpoint."))
        })
    }

    /// A received message with those of its attributes that were asked for.
    fn message(&self, message: &ReceivedMessage) -> Value {
        let mut wanted = self.names("AttributeNames");
        wanted.extend(self.names("MessageSystemAttributeNames"));
        let millis = |at: Moment| (at.micros() / 1000).to_string();
        let mut attributes: Map<String, Value> = Map::new();
        for (name, value) in [
            ("ApproximateReceiveCount", message.receives.to_string()),
            ("ApproximateFirstReceiveTimestamp", millis(message.first_received)),
            ("SentTimestamp", millis(message.sent_at)),
        ] {
            if wanted.contains("All") || wanted.contains(name) {
                attributes.insert(name.to_owned(), Value::String(value));
            }
        }
        let mut fields = json!({
            "MessageId": message.id,
            "ReceiptHandle": message.handle,
            "MD5OfBody": md5(&message.body),
            "Body": message.body,
        });
        if let (false, Some(fields)) = (attributes.is_empty(), fields.as_object_mut()) {
            fields.insert("Attributes".to_owned(), Value::Object(attributes));
        }
        fields
    }
}

fn missing(name: &str) -> Refusal {
    let message = format!("The request must contain the parameter {name}.");
    Refusal::bad_request("MissingParameter", message)
}

fn queue_arn(region: &str, account: &str, name: &str) -> String {
    format!("arn:aws:sqs:{region}:{account}:{name}")
}

fn arn_of_url(url: &str, region: &str) -> Option<String> {
    let mut parts = url.rsplit('/');
    let (name, account) = (parts.next()?, parts.next()?);
    Some(queue_arn(region, account, name))
}

fn queue_url(host: &str, account: &str, name: &str) -> String {
    format!("http://{host}/{account}/{name}")
}

fn md5(text: &str) -> String {
    hex(&Md5::digest(text.as_bytes()))
}

fn answer(output: &Value) -> Response {
    json::answer("application/x-amz-json-1.0", output)
}
