//! The small pieces between rooms that must not know each other.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::aws::CallMeter;
use crate::domain::observation::Observation;
use crate::domain::pulse::Pulse;
use crate::domain::schedule::Refusal;
use crate::domain::time::Moment;
use crate::http::{Liveness, ProbeRefused, ProbeRequest, ProbeStarted};
use crate::runtime::clock::Clock;
use crate::runtime::prober::ProbeNow;

/// How many requests for a canary may wait.
pub(super) const REQUESTS_MAX: usize = 64;

/// How many canaries that nobody follows may wait to be adopted.
pub(super) const STRAYS_MAX: usize = 256;

/// A loop that has not turned for so long is stuck.
const STUCK_AFTER: Duration = Duration::from_secs(60);

/// Counts every AWS call by sending it to telemetry. A full queue drops the count, never the call.
pub(super) fn meter(observations: mpsc::Sender<Observation>) -> CallMeter {
    CallMeter::new(move |record| {
        let _full = observations.try_send(Observation::Call(record));
    })
}

/// Hands requests of the API to the prober, and its answers back.
pub(super) async fn forward(mut requests: mpsc::Receiver<ProbeRequest>, prober: mpsc::Sender<ProbeNow>) {
    while let Some(request) = requests.recv().await {
        let (reply, answer) = oneshot::channel();
        if prober.send(ProbeNow { route: request.route, reply }).await.is_err() {
            return;
        }
        let answer = match answer.await {
            Ok(Ok(key)) => Ok(ProbeStarted { key }),
            Ok(Err(refusal)) => Err(refused(&refusal)),
            Err(_) => Err(ProbeRefused { reason: "the monitor is stopping".to_owned(), retry_after: None }),
        };
        let _gone = request.reply.send(answer);
    }
}

fn refused(refusal: &Refusal) -> ProbeRefused {
    let retry_after = match refusal {
        Refusal::TooSoon { wait, .. } => Some(*wait),
        Refusal::Paused | Refusal::Probation | Refusal::Undeletable | Refusal::TooMany => None,
    };
    ProbeRefused { reason: refusal.to_string(), retry_after }
}

/// Whether the loops still turn; says nothing of AWS, since a restart of the monitor does not repair S3.
pub(super) fn liveness(
    clock: Clock,
    prober: Arc<Pulse>,
    telemetry: Arc<Pulse>,
) -> Arc<dyn Fn() -> Liveness + Send + Sync> {
    Arc::new(move || {
        let now = clock.now().mono;
        let stuck = [("prober", &prober), ("telemetry", &telemetry)]
            .into_iter()
            .map(|(name, pulse)| (name, pulse.silence(now)))
            .find(|(_, silence)| *silence > STUCK_AFTER);
        match stuck {
            None => Liveness::Alive,
            Some((name, silence)) => {
                Liveness::Stuck { what: format!("the {name} loop has not turned for {} s", silence.as_secs()) }
            }
        }
    })
}

/// Both clocks, for rooms that show times but must not read them.
pub(super) fn reading(clock: Clock) -> Arc<dyn Fn() -> Moment + Send + Sync> {
    Arc::new(move || clock.now())
}

/// Completes when the other end asks, or is gone.
pub(super) async fn asked_to(end: oneshot::Receiver<()>) {
    let _asked_or_gone = end.await;
}
