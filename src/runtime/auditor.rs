//! Audits every route on a slow schedule: reads its set-up, checks it, and tells what is wrong and what changed.
//!
//! A fault or a change that only one read shows is read once more soon, and told only then.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::cloud::AuditSource;
use crate::domain::audit::facts::RouteFacts;
use crate::domain::audit::steady::Steady;
use crate::domain::audit::{self, Audit};
use crate::domain::observation::Observation;
use crate::domain::time::Monotonic;

use super::clock::Clock;
use super::reporter::Reporter;
use super::side::Channel;

mod gather;

pub use gather::gather;

/// How often it is looked for audits that are due.
const TURN: Duration = Duration::from_secs(1);

/// How many routes are audited at once. It also spreads the first audits of many routes, and with them all later ones.
const AT_ONCE: usize = 8;

/// How soon what only one read showed is read again.
const AGAIN: Duration = Duration::from_secs(5);

/// How often in a row something is read again soon: what changes all the time has to wait like everything else.
const AGAIN_MAX: u8 = 3;

/// Audits every route for as long as it is polled.
pub async fn keep_auditing<S: AuditSource>(channels: Vec<Arc<Channel<S>>>, clock: Clock, reporter: Reporter) {
    let mut watched: Vec<Watched<S>> = channels.into_iter().filter_map(Watched::new).collect();
    let mut audits = JoinSet::new();
    loop {
        let until = clock.now().mono.plus(TURN);
        loop {
            start_due(&mut watched, &mut audits, &clock, &reporter);
            tokio::select! {
                Some(done) = audits.join_next() => {
                    if let Ok((place, steady, again)) = done
                        && let Some(watched) = watched.get_mut(place)
                    {
                        watched.done(steady, again, clock.now().mono);
                    }
                }
                () = clock.sleep_until(until) => break,
            }
        }
    }
}

/// Reads a route once and checks it, whatever earlier reads said.
pub async fn audit_once<S: AuditSource>(channel: &Channel<S>, clock: &Clock) -> (RouteFacts, Audit) {
    let facts = Box::pin(gather(channel)).await;
    let audit = audit::audit(&channel.route, &facts, clock.now().wall);
    (facts, audit)
}

/// A route, and when it is audited next.
struct Watched<S> {
    channel: Arc<Channel<S>>,
    every: Duration,
    steady: Option<Steady>,
    again: u8,
    /// Absent while an audit is under way.
    due: Option<Monotonic>,
}

impl<S> Watched<S> {
    fn new(channel: Arc<Channel<S>>) -> Option<Self> {
        let every = channel.route.audit?;
        let (steady, due) = (Some(Steady::default()), Some(Monotonic::default()));
        Some(Self { channel, every, steady, again: 0, due })
    }

    fn done(&mut self, steady: Steady, again: bool, now: Monotonic) {
        self.steady = Some(steady);
        self.again = if again && self.again < AGAIN_MAX { self.again + 1 } else { 0 };
        let wait = if self.again > 0 { AGAIN.min(self.every / 3) } else { self.every };
        self.due = Some(now.plus(wait));
    }
}

fn start_due<S: AuditSource>(
    watched: &mut [Watched<S>],
    audits: &mut JoinSet<(usize, Steady, bool)>,
    clock: &Clock,
    reporter: &Reporter,
) {
    let now = clock.now().mono;
    for (place, each) in watched.iter_mut().enumerate() {
        if audits.len() >= AT_ONCE {
            return;
        }
        if each.due.is_none_or(|due| now < due) {
            continue;
        }
        let Some(steady) = each.steady.take() else { continue };
        each.due = None;
        let patient = each.again < AGAIN_MAX;
        let work = perform(Arc::clone(&each.channel), steady, patient, clock.clone(), reporter.clone());
        audits.spawn(async move {
            let (steady, again) = work.await;
            (place, steady, again)
        });
    }
}

/// One audit. While `patient`, findings wait for the read that confirms them.
async fn perform<S: AuditSource>(
    channel: Arc<Channel<S>>,
    mut steady: Steady,
    patient: bool,
    clock: Clock,
    reporter: Reporter,
) -> (Steady, bool) {
    let (facts, audit) = audit_once(&channel, &clock).await;
    let told = steady.take(&facts, audit);
    let (route, at) = (channel.id, clock.now());
    for change in told.changes {
        reporter.observe(Observation::Drift { route, change: Arc::new(change), at }).await;
    }
    if !(told.again && patient) {
        let (audit, facts) = (Arc::new(told.audit), Arc::new(facts));
        reporter.observe(Observation::Audited { route, audit, facts, at }).await;
    }
    (steady, told.again)
}
