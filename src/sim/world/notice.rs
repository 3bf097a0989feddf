//! S3's replication events: which bucket wants which, when one is due, and its text.

use std::time::Duration;

use serde_json::{Value, json};

use super::agenda::Event;
use super::ledger::{Leg, LegId, Outcome, Record};
use super::moment::Moment;
use super::state::State;
use crate::sim::random::{BASE64, hex};

/// Replication Time Control promises this, and no other time can be configured.
const THRESHOLD: Duration = Duration::from_secs(15 * 60);

/// A bucket's notification configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotificationConfiguration {
    /// `QueueConfigurations`: these get messages.
    pub queues: Vec<Notification>,
    /// `TopicConfigurations`: kept and shown.
    pub topics: Vec<Notification>,
    /// `LambdaFunctionConfigurations`: kept and shown.
    pub functions: Vec<Notification>,
    /// Whether there is an `EventBridgeConfiguration`: kept and shown.
    pub event_bridge: bool,
}

/// One entry of a bucket's notification configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notification {
    /// `Id`; made up when absent, and `Some` in everything read back.
    pub id: Option<String>,
    /// ARN of the queue, topic or function.
    pub target: String,
    /// `s3:ObjectCreated:*`, `s3:Replication:OperationFailedReplication`, ...
    pub events: Vec<String>,
    /// Keys that begin with this.
    pub prefix: Option<String>,
    /// Keys that end with this.
    pub suffix: Option<String>,
}

impl Notification {
    fn wants(&self, event: &str, key: &str) -> bool {
        let named = |wanted: &String| match wanted.strip_suffix('*') {
            Some(family) => event.starts_with(family),
            None => event == wanted,
        };
        self.events.iter().any(named)
            && self.prefix.as_ref().is_none_or(|prefix| key.starts_with(prefix.as_str()))
            && self.suffix.as_ref().is_none_or(|suffix| key.ends_with(suffix.as_str()))
    }
}

/// What can be told about the replication of one version to one destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Notice {
    Failed,
    MissedThreshold,
    ReplicatedAfterThreshold,
    NotTracked,
}

impl Notice {
    const fn name(self) -> &'static str {
        match self {
            Self::Failed => "Replication:OperationFailedReplication",
            Self::MissedThreshold => "Replication:OperationMissedThreshold",
            Self::ReplicatedAfterThreshold => "Replication:OperationReplicatedAfterThreshold",
            Self::NotTracked => "Replication:OperationNotTracked",
        }
    }
}

/// The body of the message that S3 sends to a queue when it is configured.
pub(super) fn test_event(bucket: &str, at: Moment, request_id: &str, host_id: &str) -> String {
    json!({
        "Service": "Amazon S3", "Event": "s3:TestEvent", "Time": millis(at), "Bucket": bucket,
        "RequestId": request_id, "HostId": host_id,
    })
    .to_string()
}

impl State {
    /// Puts the threshold of Replication Time Control on the agenda, where a rule has it.
    pub(super) fn watch_threshold(&mut self, id: LegId, written_at: Moment) {
        if self.ledger.leg(id).1.rule.has_time_control() {
            self.agenda.add(written_at.plus(THRESHOLD), Event::Threshold(id));
        }
    }

    /// The threshold of a version has come.
    pub(super) fn pass_threshold(&mut self, id: LegId, at: Moment) {
        if self.ledger.leg(id).1.outcome.is_none() {
            self.announce(id, Notice::MissedThreshold, at);
        }
    }

    /// Tells of an outcome at its instant: of failures always, of arrivals only when they come after the threshold.
    pub(super) fn tell_outcome(&mut self, id: LegId, at: Moment) {
        let (record, leg) = self.ledger.leg(id);
        match leg.outcome {
            Some(Outcome::Failed { .. }) => self.announce(id, Notice::Failed, at),
            Some(Outcome::Arrived { .. }) if leg.rule.has_time_control() && at > record.written_at.plus(THRESHOLD) => {
                self.announce(id, Notice::ReplicatedAfterThreshold, at);
            }
            Some(Outcome::Arrived { .. }) | None => {}
        }
    }

    /// Tells of everything on its way out of a bucket whose rule has had its metrics until now.
    pub(super) fn tell_untracked(&mut self, bucket: &str, at: Moment) {
        let mut lost = Vec::new();
        for (index, record) in self.ledger.undecided_of(bucket) {
            for (leg, fate) in record.legs.iter().enumerate() {
                let name = fate.rule.series_name(bucket);
                let tracked = |at: Moment| self.catalog.get(&name).is_some_and(|series| *series.enabled.at(at));
                if fate.outcome.is_none()
                    && fate.rule.has_metrics()
                    && tracked(at.minus(Duration::from_micros(1)))
                    && !tracked(at)
                {
                    lost.push(LegId { record: index, leg });
                }
            }
        }
        lost.into_iter().for_each(|id| self.announce(id, Notice::NotTracked, at));
    }

    fn announce(&mut self, id: LegId, notice: Notice, at: Moment) {
        let (record, leg) = self.ledger.leg(id);
        let tracked = self.catalog.get(&leg.rule.series_name(&record.bucket));
        let tracked = tracked.is_some_and(|series| *series.enabled.at(at)) || notice == Notice::NotTracked;
        let Some(bucket) = self.buckets.get(&*record.bucket).filter(|bucket| bucket.uid == record.bucket_uid) else {
            return;
        };
        let event = format!("s3:{}", notice.name());
        let wanted =
            bucket.notifications.at(at).queues.iter().filter(|entry| tracked && entry.wants(&event, &record.key));
        let letters: Vec<(String, String)> = wanted
            .map(|entry| {
                let configuration = entry.id.clone().unwrap_or_default();
                let letter = self.letter(record, leg, notice, at, &configuration);
                (entry.target.clone(), json!({ "Records": [letter] }).to_string())
            })
            .collect();
        for (queue, body) in letters {
            self.deliver(at, &queue, &body);
        }
    }

    /// One record, version 2.2 of S3's event structure.
    fn letter(&self, record: &Record, leg: &Leg, notice: Notice, at: Moment, configuration: &str) -> Value {
        let info = self.buckets.get(&*record.bucket).map(|bucket| bucket.info.clone());
        let (region, owner) = info.map(|info| (info.region, info.account)).unwrap_or_default();
        let mut draw = self.draw(&["event", notice.name(), &record.version, leg.rule.destination.bucket_name()]);
        let mut data = json!({
            "replicationRuleId": leg.rule.id,
            "destinationBucket": leg.rule.destination.bucket,
            "s3Operation": if record.is_marker { "OBJECT_DELETE" } else { "OBJECT_PUT" },
            "requestTime": millis(record.written_at),
        });
        let mut add = |name: &str, value: String| {
            if let Some(fields) = data.as_object_mut() {
                fields.insert(name.to_owned(), Value::String(value));
            }
        };
        if let (Notice::Failed, Some(Outcome::Failed { reason, .. })) = (notice, leg.outcome) {
            add("failureReason", reason.as_str().to_owned());
        }
        if matches!(notice, Notice::MissedThreshold | Notice::ReplicatedAfterThreshold) {
            add("threshold", THRESHOLD.as_secs().to_string());
        }
        if notice == Notice::ReplicatedAfterThreshold {
            add("replicationTime", at.since(record.written_at).as_secs().to_string());
        }
        json!({
            "eventVersion": "2.2",
            "eventSource": "aws:s3",
            "awsRegion": region,
            "eventTime": millis(at),
            "eventName": notice.name(),
            "userIdentity": { "principalId": "s3.amazonaws.com" },
            "requestParameters": { "sourceIPAddress": "s3.amazonaws.com" },
            "responseElements": {
                "x-amz-request-id": hex(&draw.bytes::<8>()).to_ascii_uppercase(),
                "x-amz-id-2": draw.text(BASE64, 76),
            },
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": configuration,
                "bucket": {
                    "name": &*record.bucket,
                    "ownerIdentity": { "principalId": format!("A{owner}") },
                    "arn": format!("arn:aws:s3:::{}", record.bucket),
                },
                "object": {
                    "key": form_encoded(&record.key),
                    "size": record.size,
                    "eTag": &*record.etag,
                    "versionId": &*record.version,
                    "sequencer": format!("{:018X}", record.written_at.micros()),
                },
            },
            "replicationEventData": data,
        })
    }
}

/// RFC 3339 with milliseconds, as events have it.
fn millis(at: Moment) -> String {
    humantime::format_rfc3339_millis(at.system_time()).to_string()
}

/// A key as events write it: form encoding that keeps slashes.
fn form_encoded(key: &str) -> String {
    let mut encoded = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' | b'/' => {
                encoded.push(char::from(byte));
            }
            other => {
                encoded.push('%');
                encoded.push_str(&hex(&[other]).to_ascii_uppercase());
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::form_encoded;

    #[test]
    fn keys_are_encoded_as_forms_are() {
        assert_eq!(form_encoded("a b/c+d=é*~"), "a+b/c%2Bd%3D%C3%A9*%7E");
    }
}
