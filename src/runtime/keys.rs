//! Looks at the KMS keys of every side: at the start, and then as often as its route says.
//!
//! S3's cached Bucket Keys can keep canaries green long after a key was disabled; only KMS itself tells. A key is
//! looked at once a round for all the sides that need it and reach KMS in the same way.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::cloud::{CloudError, KeySource};
use crate::domain::key::{KeyFacts, KeyFound, KeyLook};
use crate::domain::name::KmsKey;
use crate::domain::object::Trouble;
use crate::domain::observation::{Observation, Side};
use crate::domain::time::Monotonic;

use super::clock::Clock;
use super::reporter::Reporter;
use super::side::{Channel, ConnectionId};

/// How soon a look that found no answer is tried again.
const RETRY: Duration = Duration::from_secs(60);

/// How often it is checked whether a look is due, and whether a rule names another key than before.
const TURN: Duration = Duration::from_secs(1);

/// How many looks run at once.
const AT_ONCE: usize = 32;

/// Looks at the keys of every route for as long as it is polled.
pub async fn keep_looking<S: KeySource>(channels: Vec<Arc<Channel<S>>>, clock: Clock, reporter: Reporter) {
    let mut watch = Watch::new(channels);
    let mut looks = JoinSet::new();
    loop {
        watch.queue_what_is_due(clock.now().mono, &reporter, &clock).await;
        let until = clock.now().mono.plus(TURN);
        loop {
            while looks.len() < AT_ONCE
                && let Some(look) = watch.queue.pop_front()
            {
                looks.spawn(perform(look, clock.clone(), reporter.clone()));
            }
            tokio::select! {
                Some(done) = looks.join_next() => {
                    if let Ok(done) = done {
                        watch.note(done, clock.now().mono);
                    }
                }
                () = clock.sleep_until(until) => break,
            }
        }
    }
}

/// Looks once at the configured keys of a route, so that names of keys are resolved.
pub async fn look_once<S: KeySource>(channel: &Arc<Channel<S>>, clock: &Clock, reporter: &Reporter) {
    let mut watch = Watch::new(vec![Arc::clone(channel)]);
    watch.queue_what_is_due(clock.now().mono, reporter, clock).await;
    let looks = watch.queue.into_iter().map(|look| perform(look, clock.clone(), reporter.clone()));
    futures_util::future::join_all(looks).await;
}

/// What is watched, and what is to be looked at next.
struct Watch<S> {
    sides: Vec<Watched<S>>,
    queue: VecDeque<Look<S>>,
}

/// One side of a route.
struct Watched<S> {
    channel: Arc<Channel<S>>,
    side: Side,
    every: Duration,
    /// The key as it was named last.
    named: Option<KmsKey>,
    /// When it is looked at next; absent while a look is under way.
    due: Option<Monotonic>,
}

/// One call to KMS, and whom it serves.
struct Look<S> {
    key: KmsKey,
    /// Where it is asked: the first of those whom it serves.
    asker: (Arc<Channel<S>>, Side),
    /// The sides that expect the key, by their place in the watch.
    expected_by: Vec<(usize, Arc<Channel<S>>, Side)>,
    /// The sides where it was seen on an object, and is not expected.
    seen_by: Vec<(Arc<Channel<S>>, Side)>,
}

/// The sides that a look served.
struct Done {
    sides: Vec<usize>,
    is_answered: bool,
}

impl<S: KeySource> Watch<S> {
    fn new(channels: Vec<Arc<Channel<S>>>) -> Self {
        let mut sides = Vec::new();
        for channel in channels {
            let Some(every) = channel.route.keys else { continue };
            let places: Vec<Side> = channel.sides().map(|(side, _)| side).collect();
            sides.extend(places.into_iter().map(|side| Watched {
                channel: Arc::clone(&channel),
                side,
                every,
                named: None,
                due: Some(Monotonic::default()),
            }));
        }
        Self { sides, queue: VecDeque::new() }
    }

    /// Queues a look for each key whose time has come, one for all sides that ask the same.
    async fn queue_what_is_due(&mut self, now: Monotonic, reporter: &Reporter, clock: &Clock) {
        let mut places: HashMap<(ConnectionId, KmsKey), usize> = HashMap::new();
        let mut fresh: Vec<Look<S>> = Vec::new();
        for (place, watched) in self.sides.iter_mut().enumerate() {
            let Some(gate) = watched.channel.gate(watched.side) else { continue };
            let (channel, side, connection) = (Arc::clone(&watched.channel), watched.side, gate.connection());
            let mut look_at = |key: &KmsKey| {
                *places.entry((connection, key.clone())).or_insert_with(|| {
                    fresh.push(Look::new(key.clone(), (Arc::clone(&channel), side)));
                    fresh.len() - 1
                })
            };
            let stranger = gate.keys().ask_of_stranger().map(|key| look_at(&key));
            let expected = watched.take_due(now).map(|key| look_at(&key));
            if let Some(look) = stranger.and_then(|at| fresh.get_mut(at)) {
                look.seen_by.push((Arc::clone(&channel), side));
            }
            if let Some(look) = expected.and_then(|at| fresh.get_mut(at)) {
                look.expected_by.push((place, channel, side));
            } else if watched.forget_unnamed() {
                let (route, at) = (channel.id, clock.now());
                reporter.observe(Observation::Key { route, side, look: None, at }).await;
            }
        }
        self.queue.extend(fresh);
    }

    fn note(&mut self, done: Done, now: Monotonic) {
        for place in done.sides {
            if let Some(watched) = self.sides.get_mut(place) {
                let wait = if done.is_answered { watched.every } else { watched.every.min(RETRY) };
                watched.due = Some(now.plus(wait));
            }
        }
    }
}

impl<S> Watched<S> {
    /// The key, if it is to be looked at now: its time has come, or it has another name than before.
    fn take_due(&mut self, now: Monotonic) -> Option<KmsKey> {
        let due = self.due?;
        let key = self.channel.key(self.side)?;
        if self.named.as_ref() == Some(&key) && now < due {
            return None;
        }
        self.named = Some(key.clone());
        self.due = None;
        Some(key)
    }

    /// Whether a key was expected, and none is any more.
    fn forget_unnamed(&mut self) -> bool {
        self.due.is_some() && self.channel.key(self.side).is_none() && self.named.take().is_some()
    }
}

impl<S> Look<S> {
    fn new(key: KmsKey, asker: (Arc<Channel<S>>, Side)) -> Self {
        Self { key, asker, expected_by: Vec::new(), seen_by: Vec::new() }
    }
}

/// Asks KMS, and tells everybody whom it concerns.
async fn perform<S: KeySource>(look: Look<S>, clock: Clock, reporter: Reporter) -> Done {
    let found = ask(&look).await;
    let is_answered = !matches!(found, KeyFound::NoAnswer(_));
    if let KeyFound::Facts(facts) = &found {
        for (channel, side) in &look.seen_by {
            if let Some(gate) = channel.gate(*side) {
                gate.keys().know_stranger(facts);
            }
        }
    }
    let mut sides = Vec::with_capacity(look.expected_by.len());
    for (place, channel, side) in look.expected_by {
        if let (KeyFound::Facts(facts), Some(gate)) = (&found, channel.gate(side)) {
            gate.keys().resolve(&look.key, facts);
        }
        let seen = KeyLook { named: look.key.clone(), found: found.clone() };
        let (route, at) = (channel.id, clock.now());
        reporter.observe(Observation::Key { route, side, look: Some(seen), at }).await;
        sides.push(place);
    }
    Done { sides, is_answered }
}

async fn ask<S: KeySource>(look: &Look<S>) -> KeyFound {
    let (channel, side) = &look.asker;
    let Some(gate) = channel.gate(*side) else { return KeyFound::NoAnswer(Trouble::Internal) };
    let Some(_turn) = gate.turn_beside().await else { return KeyFound::NoAnswer(Trouble::ConnectionFailed) };
    found(gate.store.describe_key(&look.key).await)
}

fn found(answer: Result<KeyFacts, CloudError>) -> KeyFound {
    match answer.map_err(|error| error.kind()) {
        Ok(facts) => KeyFound::Facts(Arc::new(facts)),
        Err(Trouble::KmsNotFound) => KeyFound::Missing,
        Err(Trouble::AccessDenied) => KeyFound::Denied,
        Err(trouble) => KeyFound::NoAnswer(trouble),
    }
}
