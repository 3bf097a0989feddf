//! The I/O loop: performs the steps of one probe and hands the answers back to it.

use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::watch;

use crate::cloud::{CanaryStore, CloudError, PutCanary};
use crate::domain::canary::Canary;
use crate::domain::name::ObjectKey;
use crate::domain::object::Trouble;
use crate::domain::observation::{Observation, Side};
use crate::domain::probe::{Action, Answer, Command, Probe, Reply, Step};

use super::clock::Clock;
use super::reporter::{Reporter, Subject};
use super::side::{Channel, Gate};

/// Carries a probe from its first step to its last. Once `stop` turns true, the probe winds up.
pub async fn drive<S: CanaryStore>(
    mut probe: Probe,
    channel: &Channel<S>,
    clock: &Clock,
    reporter: &Reporter,
    mut stop: watch::Receiver<bool>,
) {
    let mut calls = FuturesUnordered::new();
    let mut stopping = pin!(async {
        let _asked_or_gone = stop.wait_for(|stop| *stop).await.is_ok();
    });
    let mut stopped = false;
    loop {
        let now = clock.now();
        match probe.next_step(now) {
            Step::Run(command) => calls.push(perform(Call::new(&probe, command, channel), channel, clock)),
            Step::Noted(note) => {
                let subject = Subject { route: channel.id, key: probe.key(), written_at: probe.written_at() };
                reporter.note(subject, now, note).await;
            }
            Step::WaitUntil(at) => tokio::select! {
                Some(answer) = calls.next() => {
                    let now = clock.now();
                    report_contact(channel, &answer, reporter, clock).await;
                    probe.handle(now, answer);
                }
                () = &mut stopping, if !stopped => {
                    stopped = true;
                    probe.stop(clock.now());
                }
                () = clock.sleep_until(at) => {}
            },
            Step::Finished => return,
        }
    }
}

/// A command with all that performing it needs, so that the probe is free meanwhile.
struct Call {
    command: Command,
    key: ObjectKey,
    put: Option<PutCanary>,
    size_limit: u64,
}

impl Call {
    fn new<S>(probe: &Probe, command: Command, channel: &Channel<S>) -> Self {
        let put = matches!(command.action, Action::Put).then(|| put_canary(probe.canary(), channel));
        // One byte more than expected is enough to know that the content is wrong.
        let size_limit = channel.route.canary.size.saturating_add(1);
        Self { command, key: probe.key().clone(), put, size_limit }
    }
}

fn put_canary<S>(canary: &Canary, channel: &Channel<S>) -> PutCanary {
    let route = &channel.route;
    PutCanary {
        key: canary.key().clone(),
        body: Bytes::from(canary.body()),
        metadata: canary.metadata(),
        tags: route.canary.tags.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
        kms_key: route.source.kms_key.clone().filter(|_| route.canary.send_key),
    }
}

async fn perform<S: CanaryStore>(call: Call, channel: &Channel<S>, clock: &Clock) -> Answer {
    let side = call.command.side;
    let Some(gate) = channel.gate(side) else {
        return Answer { side, sent: clock.now(), outcome: Err(Trouble::Internal) };
    };
    let turn = gate.turn().await;
    let sent = clock.now();
    let outcome = match turn {
        Some(_permits) => send(&gate.store, call).await,
        None => return Answer { side, sent, outcome: Err(Trouble::ConnectionFailed) },
    };
    let outcome = outcome.map_err(|error| log_once(channel, side, gate, &error));
    if let Ok(reply) = &outcome {
        gate.met_none();
        if let Reply::Object(seen) = reply
            && let Some(key) = seen.kms_key.as_deref()
        {
            gate.keys().saw(key);
        }
    }
    Answer { side, sent, outcome }
}

async fn send<S: CanaryStore>(store: &S, call: Call) -> Result<Reply, CloudError> {
    let Call { command, key, put, size_limit } = call;
    Ok(match command.action {
        Action::Put => match put {
            Some(put) => Reply::Written(store.put(&put).await?),
            None => Reply::Written(None),
        },
        Action::Head(version) => Reply::Object(Box::new(store.head(&key, version.as_ref()).await?)),
        Action::Get(version) => Reply::Content(store.get(&key, &version, size_limit).await?),
        Action::List => Reply::Versions(store.versions(&key).await?),
        Action::Delete(version) => {
            store.delete(&key, &version).await?;
            Reply::Deleted
        }
    })
}

/// Logs a call's trouble when it is no answer and of a kind that this side has not met lately, and sorts it.
fn log_once<S>(channel: &Channel<S>, side: Side, gate: &Gate<S>, error: &CloudError) -> Trouble {
    let kind = error.kind();
    let expected = kind.is_answer() || (kind == Trouble::AccessDenied && gate.refusal_may_be_absence());
    if expected {
        gate.met_none();
    } else if gate.is_news(kind) {
        let bucket = bucket_of(channel, side);
        tracing::warn!(
            route = %channel.route.name, bucket, trouble = %kind, cause = chain(error),
            "a call failed for a canary; failures of this kind are not logged again until calls have gone well"
        );
    }
    kind
}

fn bucket_of<S>(channel: &Channel<S>, side: Side) -> &str {
    match side {
        Side::Source => channel.route.source.bucket.as_str(),
        Side::Destination(place) => {
            channel.route.destinations.get(place).map_or("", |destination| destination.bucket.as_str())
        }
    }
}

/// An error with everything beneath it, on one line.
fn chain(error: &CloudError) -> String {
    let mut text = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

async fn report_contact<S>(channel: &Channel<S>, answer: &Answer, reporter: &Reporter, clock: &Clock) {
    let refusal_is_miss = channel.gate(answer.side).is_some_and(Gate::refusal_may_be_absence);
    let contact = match &answer.outcome {
        Ok(_) => Ok(()),
        Err(trouble) if trouble.is_answer() => Ok(()),
        Err(Trouble::AccessDenied) if refusal_is_miss => Ok(()),
        Err(trouble) => Err(*trouble),
    };
    let observation = Observation::Contact { route: channel.id, side: answer.side, answer: contact, at: clock.now() };
    reporter.observe(observation).await;
}

/// A probe's task: owns what [`drive`] borrows.
pub async fn drive_owned<S: CanaryStore>(
    probe: Probe,
    channel: Arc<Channel<S>>,
    clock: Clock,
    reporter: Reporter,
    stop: watch::Receiver<bool>,
) {
    drive(probe, &channel, &clock, &reporter, stop).await;
}
