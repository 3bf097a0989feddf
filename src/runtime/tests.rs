//! The loops on paused time, with scripted buckets: nothing a probe does ends the daemon, and nothing is left.

mod auditor;
mod events;
mod fake;
mod keys;
mod reader;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use fake::{Fault, Pair, Store};

use super::clock::Clock;
use super::drain::Drained;
use super::janitor;
use super::live_rules::LiveRules;
use super::prober::{ProbeNow, Prober, Tools};
use super::reporter::Reporter;
use super::self_test;
use super::side::{Channel, ConnectionId, Gate, Permits};
use crate::domain::canary::Nonce;
use crate::domain::fixture;
use crate::domain::name::RouteName;
use crate::domain::object::Trouble;
use crate::domain::observation::{Note, Observation, SelfTest};
use crate::domain::probe::Absence;
use crate::domain::route::{CanarySpec, PollSpec, Route, RouteId};
use crate::domain::snapshot::Snapshot;
use crate::domain::time::UnixMillis;
use crate::domain::verdict::Verdict;

const GRACE: Duration = Duration::from_secs(25);

/// A prober of one route on a scripted pair of buckets.
struct Rig {
    pair: Pair,
    channel: Arc<Channel<Store>>,
    observed: mpsc::Receiver<Observation>,
    requests: mpsc::Sender<ProbeNow>,
    drain: oneshot::Sender<()>,
    prober: JoinHandle<Drained>,
    clock: Clock,
    _snapshots: watch::Sender<Arc<Snapshot>>,
}

impl Rig {
    fn start(pair: Pair, permits: usize) -> Self {
        let channel = channel(&pair, permits);
        let clock = clock();
        let (observations, observed) = mpsc::channel(10_000);
        let (requests, forwarded) = mpsc::channel(1);
        let (strays, found) = mpsc::channel(100);
        let (snapshot_sender, snapshots) = watch::channel(Arc::new(Snapshot::default()));
        let mut count = 0_u128;
        let tools = Tools {
            clock: clock.clone(),
            observations,
            snapshots,
            nonces: Box::new(move || {
                count += 1;
                Nonce(count.to_be_bytes())
            }),
            requests: forwarded,
            strays: found,
        };
        let prober = Prober::new(vec![Arc::clone(&channel)], tools);
        let sweeping = janitor::keep_sweeping(vec![Arc::clone(&channel)], clock.clone(), strays);
        let (drain, draining) = oneshot::channel::<()>();
        let prober = spawn(async move {
            tokio::select! {
                drained = prober.run(async { draining.await.unwrap_or_default() }, GRACE) => drained,
                () = sweeping => Drained::default(),
            }
        });
        Self { pair, channel, observed, requests, drain, prober, clock, _snapshots: snapshot_sender }
    }

    async fn drain(mut self) -> (Drained, Vec<Observation>, Pair) {
        self.drain.send(()).unwrap();
        let drained = self.prober.await.unwrap();
        let mut observations = Vec::new();
        while let Ok(observation) = self.observed.try_recv() {
            observations.push(observation);
        }
        (drained, observations, self.pair)
    }
}

#[expect(clippy::disallowed_methods, reason = "the test owns the task by its handle")]
fn spawn<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    tokio::spawn(task)
}

fn clock() -> Clock {
    let origin = tokio::time::Instant::now();
    Clock::with_wall(move || UnixMillis(1_800_000_000_000 + u64::try_from(origin.elapsed().as_millis()).unwrap()))
}

fn channel(pair: &Pair, permits: usize) -> Arc<Channel<Store>> {
    let permits = Permits::new(Arc::new(Semaphore::new(permits)), Arc::new(Semaphore::new(permits)));
    Arc::new(Channel {
        id: RouteId(0),
        route: Arc::new(route()),
        source: Gate::new(pair.source(), permits.clone(), ConnectionId(0)),
        destinations: vec![Gate::new(pair.destination(), permits, ConnectionId(1))],
        rules: LiveRules::default(),
    })
}

fn route() -> Route {
    let canary = CanarySpec {
        interval: Duration::from_secs(10),
        objective: Duration::from_secs(60),
        deadline: Duration::from_secs(300),
        abandon_after: Duration::from_secs(3_600),
        ..fixture::canary()
    };
    let poll = PollSpec { floor: Duration::from_millis(500), resolution: 0.1 };
    Route { canary, poll, ..fixture::route("orders", 1) }
}

fn verdicts(observations: &[Observation]) -> Vec<Verdict> {
    notes(observations)
        .filter_map(|note| if let Note::Judged(report) = note { Some(report.verdict) } else { None })
        .collect()
}

fn notes(observations: &[Observation]) -> impl Iterator<Item = &Note> {
    observations
        .iter()
        .filter_map(|observation| if let Observation::Canary(canary) = observation { Some(&canary.note) } else { None })
}

#[tokio::test(start_paused = true)]
async fn canaries_are_written_on_schedule_judged_and_removed() {
    let rig = Rig::start(Pair::default(), 10);
    tokio::time::sleep(Duration::from_secs(61)).await;
    let puts = rig.pair.puts();
    assert!((5..=7).contains(&puts), "{puts} canaries in a minute at one in ten seconds");
    let (drained, observations, pair) = rig.drain().await;
    assert!(drained.left.is_empty() && drained.aborted == 0, "{drained:?}");
    assert_eq!(verdicts(&observations), vec![Verdict::Replicated; puts]);
    assert_eq!(pair.left(), Vec::<String>::new());
    let ended = notes(&observations).filter(|note| matches!(note, Note::Ended)).count();
    assert_eq!(ended, puts);
}

#[tokio::test(start_paused = true)]
async fn a_broken_probe_is_contained_and_its_canary_removed() {
    let rig = Rig::start(Pair::broken_by(Fault::PanicOnce), 10);
    tokio::time::sleep(Duration::from_secs(60)).await;
    let (drained, observations, pair) = rig.drain().await;
    let broke = observations.iter().filter(|each| matches!(each, Observation::ProbeBroke { .. })).count();
    assert_eq!(broke, 1);
    assert_eq!(pair.left(), Vec::<String>::new());
    assert!(drained.left.is_empty(), "{drained:?}");
    assert!(verdicts(&observations).len() >= 3, "the route goes on: {:?}", verdicts(&observations));
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_breaks_again_is_given_up_and_said_to_leak() {
    let rig = Rig::start(Pair::broken_by(Fault::PanicAlways), 10);
    tokio::time::sleep(Duration::from_secs(15)).await;
    rig.pair.mend();
    let (_, observations, _) = rig.drain().await;
    assert!(notes(&observations).any(|note| matches!(note, Note::Leaked { .. })));
    assert!(notes(&observations).any(|note| matches!(note, Note::LegClosed { .. })));
}

#[tokio::test(start_paused = true)]
async fn what_is_pending_at_the_stop_is_left_and_named() {
    let rig = Rig::start(Pair::broken_by(Fault::Outage), 10);
    tokio::time::sleep(Duration::from_secs(15)).await;
    let puts = rig.pair.puts();
    let before = rig.clock.now();
    let clock = rig.clock.clone();
    let (drained, observations, pair) = rig.drain().await;
    assert_eq!(drained.left.len(), puts, "{drained:?}");
    assert!(drained.left[0].to_string().starts_with("orders:replicanary/default/orders/"), "{drained:?}");
    assert_eq!(pair.left().len(), puts);
    assert!(clock.now().mono.since(before.mono) >= GRACE);
    assert!(verdicts(&observations).is_empty(), "a stop is no verdict");
}

#[tokio::test(start_paused = true)]
async fn a_restart_finds_what_the_last_run_left() {
    let rig = Rig::start(Pair::broken_by(Fault::Outage), 10);
    tokio::time::sleep(Duration::from_secs(15)).await;
    let (drained, _, pair) = rig.drain().await;
    assert!(!drained.left.is_empty());
    pair.mend();
    let rig = Rig::start(pair, 10);
    tokio::time::sleep(Duration::from_secs(30)).await;
    let (drained, _, pair) = rig.drain().await;
    assert!(drained.left.is_empty(), "{drained:?}");
    assert_eq!(pair.left(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn no_more_calls_run_at_once_than_permitted() {
    let rig = Rig::start(Pair::default(), 1);
    tokio::time::sleep(Duration::from_secs(45)).await;
    assert_eq!(rig.pair.calls_max(), 1);
    let (_, observations, _) = rig.drain().await;
    assert!(!verdicts(&observations).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_canary_that_is_asked_for_is_written_at_once() {
    let rig = Rig::start(Pair::default(), 10);
    tokio::time::sleep(Duration::from_secs(31)).await;
    let before = rig.pair.puts();
    let (reply, answer) = oneshot::channel();
    rig.requests.send(ProbeNow { route: RouteName::new("orders").unwrap(), reply }).await.unwrap();
    let key = answer.await.unwrap().unwrap();
    assert!(key.as_str().starts_with("replicanary/default/orders/"));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(rig.pair.puts(), before + 1);
    let (reply, answer) = oneshot::channel();
    rig.requests.send(ProbeNow { route: RouteName::new("nowhere").unwrap(), reply }).await.unwrap();
    assert!(answer.await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_self_test_learns_what_a_refusal_means() {
    let rig = Rig::start(Pair::broken_by(Fault::Refused), 10);
    let (observations, mut observed) = mpsc::channel(10);
    let answered = self_test::test_route(&rig.channel, &rig.clock, &Reporter::new(observations)).await;
    assert!(answered);
    assert_eq!(rig.channel.expectations().source, Absence::RefusedWithoutListing);
    let Some(Observation::SelfTest { outcome, .. }) = observed.recv().await else { panic!("a self-test") };
    assert_eq!(outcome, SelfTest::RefusedWithoutListing);
    rig.pair.mend();
    let (observations, _observed) = mpsc::channel(10);
    self_test::test_route(&rig.channel, &rig.clock, &Reporter::new(observations)).await;
    assert_eq!(rig.channel.expectations().source, Absence::SeesAbsence);
}

#[tokio::test(start_paused = true)]
async fn a_self_test_with_wrong_credentials_learns_nothing() {
    let rig = Rig::start(Pair::broken_by(Fault::WrongSecret), 10);
    let (observations, mut observed) = mpsc::channel(10);
    let answered = self_test::test_route(&rig.channel, &rig.clock, &Reporter::new(observations)).await;
    assert!(!answered, "it is to be tried again soon");
    assert_eq!(rig.channel.expectations().source, Absence::Untested);
    let Some(Observation::SelfTest { outcome, .. }) = observed.recv().await else { panic!("a self-test") };
    assert_eq!(outcome, SelfTest::NoAnswer(Trouble::BadCredentials));
}

#[test]
fn trouble_is_news_once_until_calls_have_gone_well() {
    let permits = Permits::new(Arc::new(Semaphore::new(1)), Arc::new(Semaphore::new(1)));
    let gate = Gate::new((), permits, ConnectionId(0));
    assert!(gate.is_news(Trouble::TimedOut) && gate.is_news(Trouble::Refused));
    for _ in 0..20 {
        assert!(!gate.is_news(Trouble::TimedOut) && !gate.is_news(Trouble::Refused));
        gate.met_none();
    }
    for _ in 0..100 {
        gate.met_none();
    }
    assert!(gate.is_news(Trouble::TimedOut));
}

#[tokio::test(start_paused = true)]
async fn calls_beside_canaries_leave_most_permits_to_canaries() {
    let permits = Permits::new(Arc::new(Semaphore::new(8)), Arc::new(Semaphore::new(8)));
    let gate = Gate::new((), permits, ConnectionId(0));
    let held = (gate.turn_beside().await, gate.turn_beside().await);
    let more = tokio::time::timeout(Duration::from_secs(60), gate.turn_beside()).await;
    assert!(more.is_err(), "a third call beside canaries has to wait");
    for _ in 0..6 {
        std::mem::forget(tokio::time::timeout(Duration::from_secs(1), gate.turn()).await.expect("a canary's turn"));
    }
    drop(held);
    assert!(gate.turn_beside().await.is_some());
}
