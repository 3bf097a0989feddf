//! Messages of a queue: from the text of one to the replication events in it.
//!
//! Understood are notifications of S3 as they are, inside the envelope of SNS, and delivered raw by SNS. Fields that
//! are not needed may be missing, unknown, or of any type.

use std::fmt;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{EventKind, Failure, Identity, ReplicationEvent};
use crate::domain::name::{Bucket, ObjectKey, VersionId};
use crate::domain::time::UnixMillis;

/// The longest message that is read, in bytes: SQS carries at most 1 MiB.
pub const BODY_MAX: usize = 1024 * 1024;
/// The most records of a message that are read.
pub const RECORDS_MAX: usize = 1_000;
/// The longest key that S3 has, in bytes.
const KEY_MAX: usize = 1_024;
/// The longest bucket name that any server has, in bytes.
const BUCKET_MAX: usize = 255;
/// How much of a text is kept that only people read, in characters.
const TEXT_MAX: usize = 256;
/// Beyond it a number is milliseconds since the epoch, below it seconds.
const SECONDS_MAX: f64 = 100_000_000_000.0;

/// A message that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Letter {
    /// `s3:TestEvent`: S3 tries out a new configuration.
    Test,
    /// A notification; never empty.
    Records(Vec<Record>),
}

/// One record of a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A replication event.
    Event(Box<ReplicationEvent>),
    /// An event of another kind, such as `ObjectCreated:Put`.
    Foreign,
    /// Meant to be a replication event, and not understood.
    Unreadable(Unreadable),
}

/// What is wrong with a message or a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable(String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unreadable {}

/// Reads the body of a message.
///
/// # Errors
/// What is wrong with it, where nothing of it can be read.
pub fn parse(body: &str) -> Result<Letter, Unreadable> {
    let message = json(body)?;
    match unwrapped(&message)? {
        Some(inner) => notification(&json(inner)?),
        None => notification(&message),
    }
}

fn json(text: &str) -> Result<Value, Unreadable> {
    if text.len() > BODY_MAX {
        return Err(unreadable(format!("it is {} bytes long, and at most {BODY_MAX} are read", text.len())));
    }
    serde_json::from_str(text).map_err(|error| unreadable(format!("it is not JSON: {error}")))
}

/// The message inside the envelope of SNS, if this is one.
fn unwrapped(message: &Value) -> Result<Option<&str>, Unreadable> {
    match message.get("Type").and_then(Value::as_str) {
        Some("Notification") => {
            let inner = message.get("Message").and_then(Value::as_str);
            inner.map(Some).ok_or_else(|| unreadable("it is a notification of SNS without a message"))
        }
        Some("SubscriptionConfirmation") => {
            Err(unreadable("SNS waits for the subscription of this queue to be confirmed: visit its SubscribeURL"))
        }
        Some(_) | None => Ok(None),
    }
}

fn notification(message: &Value) -> Result<Letter, Unreadable> {
    if message.get("Event").and_then(Value::as_str) == Some("s3:TestEvent") {
        return Ok(Letter::Test);
    }
    let records = match message.get("Records").and_then(Value::as_array) {
        Some(records) if records.len() > RECORDS_MAX => {
            return Err(unreadable(format!("it has {} records, and at most {RECORDS_MAX} are read", records.len())));
        }
        Some(records) if !records.is_empty() => records,
        Some(_) => return Err(unreadable("it has no records")),
        None if message.get("detail-type").is_some() => {
            return Err(unreadable("it is an event of EventBridge, which carries no replication events of S3"));
        }
        None => return Err(unreadable("it is not a notification of S3: it has no Records")),
    };
    Ok(Letter::Records(records.iter().map(record).collect()))
}

fn record(record: &Value) -> Record {
    let Some(name) = text(record, "/eventName") else {
        return Record::Unreadable(unreadable("a record has no eventName"));
    };
    let name = name.strip_prefix("s3:").unwrap_or(name);
    let kind = match name.strip_prefix("Replication:") {
        Some("OperationFailedReplication") => {
            EventKind::Failed(Failure::new(&short(text(record, "/replicationEventData/failureReason").unwrap_or(""))))
        }
        Some("OperationMissedThreshold") => EventKind::MissedThreshold,
        Some("OperationReplicatedAfterThreshold") => EventKind::ReplicatedAfterThreshold,
        Some("OperationNotTracked") => EventKind::NotTracked,
        Some(_) | None => return Record::Foreign,
    };
    match event(record, kind) {
        Ok(event) => Record::Event(Box::new(event)),
        Err(problem) => Record::Unreadable(problem),
    }
}

fn event(record: &Value, kind: EventKind) -> Result<ReplicationEvent, Unreadable> {
    let encoded = required(record, "/s3/object/key")?;
    let key = decoded(encoded);
    if key.is_empty() || key.len() > KEY_MAX {
        return Err(unreadable(format!("a record names a key of {} bytes, which S3 does not have", key.len())));
    }
    let destination = required(record, "/replicationEventData/destinationBucket")?;
    let destination = bucket_of(destination)
        .ok_or_else(|| unreadable(format!("a record names no destination bucket, but {}", short(destination))))?;
    let source = required(record, "/s3/bucket/name")?;
    if source.len() > BUCKET_MAX {
        return Err(unreadable("a record names a bucket that S3 does not have"));
    }
    let kept = |pointer| text(record, pointer).filter(|text| !text.is_empty()).map(short);
    Ok(ReplicationEvent {
        identity: identity(record, &kind, source, &key, destination),
        kind,
        source: Bucket::new(source),
        key: ObjectKey::new(&String::from_utf8_lossy(&key)),
        version_id: text(record, "/s3/object/versionId")
            .filter(|version| !version.is_empty() && version.len() <= KEY_MAX)
            .map(VersionId::new),
        destination: Bucket::new(destination),
        rule: kept("/replicationEventData/replicationRuleId"),
        operation: kept("/replicationEventData/s3Operation"),
        at: record.pointer("/eventTime").and_then(time),
        requested_at: record.pointer("/replicationEventData/requestTime").and_then(time),
    })
}

/// What all copies of an event have in common. Its own time is left out where anything else tells it apart: copies are
/// not promised to share it.
fn identity(record: &Value, kind: &EventKind, source: &str, key: &[u8], destination: &str) -> Identity {
    let mut digest = Sha256::new();
    let mut add = |part: &[u8]| {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    };
    for part in [kind.name().as_str().as_bytes(), source.as_bytes(), key, destination.as_bytes()] {
        add(part);
    }
    let marks = ["/s3/object/versionId", "/s3/object/sequencer", "/replicationEventData/requestTime"];
    let is_marked = marks.iter().any(|pointer| record.pointer(pointer).is_some());
    let last = if is_marked { "/replicationEventData/s3Operation" } else { "/eventTime" };
    for pointer in marks.into_iter().chain([last]) {
        add(record.pointer(pointer).map(Value::to_string).unwrap_or_default().as_bytes());
    }
    let mut first = [0; 16];
    first.iter_mut().zip(digest.finalize()).for_each(|(to, from)| *to = from);
    Identity(first)
}

fn text<'a>(record: &'a Value, pointer: &str) -> Option<&'a str> {
    record.pointer(pointer).and_then(Value::as_str)
}

fn required<'a>(record: &'a Value, pointer: &str) -> Result<&'a str, Unreadable> {
    text(record, pointer)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| unreadable(format!("a record of a replication event has no {}", pointer[1..].replace('/', "."))))
}

/// The bucket of `arn:PARTITION:s3:::BUCKET`; a bare name is one too.
fn bucket_of(text: &str) -> Option<&str> {
    let name = if text.starts_with("arn:") { text.splitn(6, ':').nth(5)? } else { text };
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    (plain && (1..=BUCKET_MAX).contains(&name.len())).then_some(name)
}

/// A time in RFC 3339, or as seconds or milliseconds since the epoch.
fn time(value: &Value) -> Option<UnixMillis> {
    let number = |number: f64| {
        let millis = if number < SECONDS_MAX { number * 1_000.0 } else { number };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the bounds checked here")]
        (0.0..SECONDS_MAX * 1_000.0).contains(&millis).then_some(UnixMillis(millis as u64))
    };
    match value {
        Value::Number(value) => number(value.as_f64()?),
        Value::String(text) => match humantime::parse_rfc3339_weak(text) {
            Ok(time) => {
                let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
                u64::try_from(since.as_millis()).ok().map(UnixMillis)
            }
            Err(_) => number(text.parse().ok()?),
        },
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The bytes of a key that is written as in a form: `+` is a space, `%XX` a byte; a `%` without digits is itself.
fn decoded(encoded: &str) -> Vec<u8> {
    let bytes = encoded.as_bytes();
    let digit = |place: usize| bytes.get(place).and_then(|byte| char::from(*byte).to_digit(16));
    let mut plain = Vec::with_capacity(bytes.len());
    let mut place = 0;
    while let Some(byte) = bytes.get(place) {
        let escaped = digit(place + 1).zip(digit(place + 2)).filter(|_| *byte == b'%');
        match escaped.and_then(|(high, low)| u8::try_from(high * 16 + low).ok()) {
            Some(byte) => {
                plain.push(byte);
                place += 2;
            }
            None => plain.push(if *byte == b'+' { b' ' } else { *byte }),
        }
        place += 1;
    }
    plain
}

fn short(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(TEXT_MAX).collect()
}

fn unreadable(what: impl Into<String>) -> Unreadable {
    Unreadable(what.into())
}
