//! Starts a route's canary when it is due, keeps every probe's task, and lets nothing a probe does end the daemon.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{Id, JoinError, JoinSet};

use crate::cloud::CanaryStore;
use crate::domain::canary::{Canary, Nonce};
use crate::domain::name::{ObjectKey, RouteName};
use crate::domain::observation::{Note, Observation};
use crate::domain::probe::{Found, Probe};
use crate::domain::pulse::Pulse;
use crate::domain::schedule::{Refusal, Schedule, Turn};
use crate::domain::snapshot::Snapshot;
use crate::domain::time::{Moment, Monotonic, UnixMillis};
use crate::domain::verdict::State;

use super::clock::Clock;
use super::drain::{Drained, Left};
use super::drive::drive_owned;
use super::janitor::Stray;
use super::reporter::{ProbeNote, Reporter, Subject};
use super::side::Channel;

/// How many notes may wait for the prober.
const NOTES_MAX: usize = 4_096;

/// The loop turns at least so often, whether or not a canary is due.
const BEAT: Duration = Duration::from_secs(5);

/// How long clean-up may take after the grace is over.
pub const WIND_UP: Duration = Duration::from_secs(10);

/// What the prober works with.
pub struct Tools {
    /// Time.
    pub clock: Clock,
    /// Where observations go.
    pub observations: mpsc::Sender<Observation>,
    /// The health that decides how fast routes write.
    pub snapshots: watch::Receiver<Arc<Snapshot>>,
    /// A source of unpredictable numbers.
    pub nonces: Box<dyn FnMut() -> Nonce + Send>,
    /// Requests for a canary now.
    pub requests: mpsc::Receiver<ProbeNow>,
    /// Canaries that nobody follows.
    pub strays: mpsc::Receiver<Stray>,
}

impl fmt::Debug for Tools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tools").finish_non_exhaustive()
    }
}

/// Asks for one canary of a route now.
#[derive(Debug)]
pub struct ProbeNow {
    /// The route.
    pub route: RouteName,
    /// The canary's key, or why not.
    pub reply: oneshot::Sender<Result<ObjectKey, Refusal>>,
}

/// Starts canaries and owns their tasks.
#[derive(Debug)]
pub struct Prober<S> {
    slots: Vec<Slot<S>>,
    due: BTreeSet<(Monotonic, usize)>,
    probes: JoinSet<()>,
    running: HashMap<Id, Running>,
    followed: HashSet<ObjectKey>,
    tools: Tools,
    /// Reports of the prober itself: it must not wait for the notes that it reads.
    reporter: Reporter,
    /// What its probes report with.
    probe_reporter: Reporter,
    notes: mpsc::Receiver<ProbeNote>,
    stop: watch::Sender<bool>,
    left: Vec<Left>,
    pulse: Arc<Pulse>,
}

#[derive(Debug)]
struct Slot<S> {
    channel: Arc<Channel<S>>,
    schedule: Schedule,
    sequence: u64,
    due: Option<Monotonic>,
}

#[derive(Debug, Clone)]
struct Running {
    slot: usize,
    canary: Canary,
    written_at: UnixMillis,
    is_rescue: bool,
}

impl<S: CanaryStore> Prober<S> {
    /// A prober of these routes; each one's slot is its place.
    #[must_use]
    pub fn new(channels: Vec<Arc<Channel<S>>>, tools: Tools) -> Self {
        let (sender, notes) = mpsc::channel(NOTES_MAX);
        let reporter = Reporter::new(tools.observations.clone());
        let now = tools.clock.now();
        let slots = channels.into_iter().map(|channel| Slot {
            schedule: Schedule::new(&channel.route, now),
            channel,
            sequence: 0,
            due: None,
        });
        Self {
            slots: slots.collect(),
            due: BTreeSet::new(),
            probes: JoinSet::new(),
            running: HashMap::new(),
            followed: HashSet::new(),
            tools,
            probe_reporter: reporter.clone().with_scheduler(sender),
            reporter,
            notes,
            stop: watch::channel(false).0,
            left: Vec::new(),
            pulse: Arc::new(Pulse::new(now.mono)),
        }
    }

    /// Beats while the loop turns, every few seconds at least.
    #[must_use]
    pub fn pulse(&self) -> Arc<Pulse> {
        Arc::clone(&self.pulse)
    }

    /// Probes until `drain` completes, then winds up: no new canary, `grace` for those that are in flight.
    pub async fn run(mut self, drain: impl Future<Output = ()>, grace: Duration) -> Drained {
        let mut drain = std::pin::pin!(drain);
        for slot in 0..self.slots.len() {
            self.turn(slot).await;
        }
        loop {
            let now = self.tools.clock.now().mono;
            self.pulse.beat(now);
            let beat = now.plus(BEAT);
            let next = self.due.first().map_or(beat, |(at, _)| beat.min(*at));
            tokio::select! {
                () = &mut drain => break,
                Some(note) = self.notes.recv() => self.noted(note).await,
                Some(ended) = self.probes.join_next_with_id() => self.ended(ended).await,
                Some(request) = self.tools.requests.recv() => self.asked(request).await,
                Some(stray) = self.tools.strays.recv() => self.adopt(stray),
                () = self.tools.clock.sleep_until(next) => self.take_turns().await,
            }
        }
        self.wind_up(grace).await
    }

    async fn take_turns(&mut self) {
        let now = self.tools.clock.now().mono;
        while let Some((at, slot)) = self.due.first().copied()
            && at <= now
        {
            self.turn(slot).await;
        }
    }

    /// Writes the slot's canary if it is due, and notes when to look again.
    async fn turn(&mut self, place: usize) {
        let now = self.tools.clock.now();
        if let Turn::Write { planned } = self.next(place, now) {
            self.start(place, planned).await;
        }
        let at = match self.next(place, now) {
            Turn::Write { .. } => Some(now.mono),
            Turn::WaitUntil(at) => Some(at),
            Turn::Blocked => None,
        };
        let Some(slot) = self.slots.get_mut(place) else { return };
        // A state may change meanwhile, and the pace with it: look again after an interval at the latest.
        let latest = now.mono.plus(slot.channel.route.canary.interval);
        if let Some(old) = slot.due.take() {
            self.due.remove(&(old, place));
        }
        slot.due = at.map(|at| at.min(latest));
        self.due.extend(slot.due.map(|at| (at, place)));
    }

    fn next(&mut self, place: usize, now: Moment) -> Turn {
        let Some(slot) = self.slots.get_mut(place) else { return Turn::Blocked };
        let name = slot.channel.route.name.as_str();
        let state = self.tools.snapshots.borrow().route(name).map_or(State::Unknown, |route| route.state);
        slot.schedule.next(now, state)
    }

    async fn start(&mut self, place: usize, planned: Monotonic) -> Option<ObjectKey> {
        let now = self.tools.clock.now();
        let nonce = (self.tools.nonces)();
        let slot = self.slots.get_mut(place)?;
        let route = &slot.channel.route;
        slot.sequence += 1;
        let canary = Canary::new(route, now.wall, slot.sequence, nonce);
        let key = canary.key().clone();
        slot.schedule.started(&key, now);
        let id = slot.channel.id;
        let probe = Probe::new(id, Arc::clone(route), canary.clone(), slot.channel.expectations(), now);
        self.spawn(probe, Running { slot: place, canary, written_at: now.wall, is_rescue: false });
        let cycle = Observation::Cycle { route: id, delay: now.mono.since(planned), at: now };
        self.reporter.observe(cycle).await;
        Some(key)
    }

    fn spawn(&mut self, probe: Probe, running: Running) {
        let Some(slot) = self.slots.get(running.slot) else { return };
        let task = drive_owned(
            probe,
            Arc::clone(&slot.channel),
            self.tools.clock.clone(),
            self.probe_reporter.clone(),
            self.stop.subscribe(),
        );
        self.followed.insert(running.canary.key().clone());
        let handle = self.probes.spawn(task);
        self.running.insert(handle.id(), running);
    }

    /// Follows a canary that was found, unless somebody does already.
    fn adopt(&mut self, stray: Stray) {
        let place = stray.route.0 as usize;
        let Some(slot) = self.slots.get(place) else { return };
        let route = Arc::clone(&slot.channel.route);
        let canary = Canary::of_key(&stray.key, route.canary.size, route.canary.abandon_after);
        if self.followed.contains(canary.key()) {
            return;
        }
        tracing::info!(route = %route.name, canary = %canary.key(), "found a canary that nobody follows");
        let now = self.tools.clock.now();
        let expected = slot.channel.expectations();
        let probe = Probe::adopt(slot.channel.id, route, canary.clone(), expected, stray.found, now);
        let written_at = canary.written_at();
        self.spawn(probe, Running { slot: place, canary, written_at, is_rescue: false });
    }

    async fn noted(&mut self, note: ProbeNote) {
        let place = note.route.0 as usize;
        let Some(slot) = self.slots.get_mut(place) else { return };
        if note.note == Note::LeftPending {
            self.left.push(Left { route: slot.channel.route.name.clone(), key: note.key.clone() });
        }
        slot.schedule.observe(&note.key, &note.note);
        if slot.due.is_none() && !*self.stop.borrow() {
            self.turn(place).await;
        }
    }

    async fn asked(&mut self, request: ProbeNow) {
        let place = self.slots.iter().position(|slot| slot.channel.route.name == request.route);
        // Whoever asks for a route that is not here finds the reply gone.
        let Some(place) = place else { return };
        if let Some(answer) = self.ask(place).await {
            let _gone = request.reply.send(answer);
        }
    }

    async fn ask(&mut self, place: usize) -> Option<Result<ObjectKey, Refusal>> {
        let now = self.tools.clock.now();
        if let Err(refusal) = self.slots.get_mut(place)?.schedule.ask_now(now) {
            return Some(Err(refusal));
        }
        let key = self.start(place, now.mono).await?;
        self.turn(place).await;
        Some(Ok(key))
    }

    async fn ended(&mut self, ended: Result<(Id, ()), JoinError>) {
        let (id, broke) = match ended {
            Ok((id, ())) => (id, false),
            Err(error) => (error.id(), error.is_panic()),
        };
        let Some(running) = self.running.remove(&id) else { return };
        self.followed.remove(running.canary.key());
        if broke {
            self.contain(running).await;
        }
    }

    /// A probe broke: its canary is followed by a fresh probe that looks for what was written. Should that break as
    /// well, the canary is given up, and said to be leaked.
    async fn contain(&mut self, running: Running) {
        let Some(slot) = self.slots.get(running.slot) else { return };
        let channel = Arc::clone(&slot.channel);
        let now = self.tools.clock.now();
        let key = running.canary.key().clone();
        self.reporter.observe(Observation::ProbeBroke { route: channel.id, key, at: now }).await;
        if !running.is_rescue {
            let probe = Probe::adopt(
                channel.id,
                Arc::clone(&channel.route),
                running.canary.clone(),
                channel.expectations(),
                Found::Unknown,
                now,
            );
            self.spawn(probe, Running { is_rescue: true, ..running });
            return;
        }
        for place in 0..channel.destinations.len() {
            self.tell(&running, Note::LegClosed { destination: place }).await;
        }
        for (side, _) in channel.sides() {
            self.tell(&running, Note::Leaked { side }).await;
        }
        self.tell(&running, Note::Ended).await;
    }

    /// Notes something of a canary in its probe's stead.
    async fn tell(&mut self, running: &Running, note: Note) {
        let now = self.tools.clock.now();
        let Some(slot) = self.slots.get(running.slot) else { return };
        let route = slot.channel.id;
        let key = running.canary.key();
        self.reporter.note(Subject { route, key, written_at: running.written_at }, now, note.clone()).await;
        self.noted(ProbeNote { route, key: key.clone(), note, at: now }).await;
    }

    async fn wind_up(mut self, grace: Duration) -> Drained {
        self.tools.requests.close();
        let now = self.tools.clock.now().mono;
        self.wait_for_probes(now.plus(grace)).await;
        self.stop.send_replace(true);
        self.wait_for_probes(now.plus(grace).plus(WIND_UP)).await;
        let aborted = self.probes.len();
        self.name_unfinished().await;
        self.probes.shutdown().await;
        while let Ok(note) = self.notes.try_recv() {
            self.noted(note).await;
        }
        Drained { left: self.left, aborted }
    }

    /// What did not end in time may still be there.
    async fn name_unfinished(&mut self) {
        let unfinished: Vec<Running> = self.running.values().cloned().collect();
        for running in unfinished {
            self.tell(&running, Note::LeftPending).await;
        }
    }

    async fn wait_for_probes(&mut self, until: Monotonic) {
        while !self.probes.is_empty() {
            tokio::select! {
                Some(ended) = self.probes.join_next_with_id() => self.ended(ended).await,
                Some(note) = self.notes.recv() => self.keep(note),
                () = self.tools.clock.sleep_until(until) => return,
            }
        }
    }

    /// A note while winding up: nothing is scheduled any more.
    fn keep(&mut self, note: ProbeNote) {
        if note.note == Note::LeftPending
            && let Some(slot) = self.slots.get(note.route.0 as usize)
        {
            self.left.push(Left { route: slot.channel.route.name.clone(), key: note.key });
        }
    }
}
