//! The sides of a route as the runtime holds them: a bucket, the permits to call it, and what is known of its answers.

use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::domain::name::KmsKey;
use crate::domain::object::Trouble;
use crate::domain::observation::{SelfTest, Side};
use crate::domain::probe::{Absence, DestinationExpectations, Expectations};
use crate::domain::route::{Route, RouteId};

use super::known_keys::KnownKeys;
use super::live_rules::LiveRules;

/// A route with everything that is needed to probe it. Shared by its probes; never cloned per probe.
#[derive(Debug)]
pub struct Channel<S> {
    /// The route's slot.
    pub id: RouteId,
    /// Its configuration.
    pub route: Arc<Route>,
    /// The source bucket.
    pub source: Gate<S>,
    /// The destination buckets, in the order of the configuration.
    pub destinations: Vec<Gate<S>>,
    /// The live replication configuration of the source.
    pub rules: LiveRules,
}

impl<S> Channel<S> {
    /// The gate of a side; `None` for a destination that the route does not have.
    #[must_use]
    pub fn gate(&self, side: Side) -> Option<&Gate<S>> {
        match side {
            Side::Source => Some(&self.source),
            Side::Destination(place) => self.destinations.get(place),
        }
    }

    /// What a probe of this route may expect, by what is known now.
    #[must_use]
    pub fn expectations(&self) -> Expectations {
        let destinations = self.destinations.iter().zip(&self.route.destinations).map(|(gate, configured)| {
            let keys = gate.keys();
            DestinationExpectations {
                key: configured.kms_key.as_ref().and_then(|key| keys.arn(key)),
                rule_key: keys.rule.as_ref().map(|key| keys.arn(key).unwrap_or_else(|| key.clone())),
                managed_key: keys.managed(),
                absence: gate.absence(),
            }
        });
        Expectations {
            source: self.source.absence(),
            source_key: self.route.source.kms_key.as_ref().and_then(|key| self.source.keys().arn(key)),
            destinations: destinations.collect(),
        }
    }

    /// The key that is expected of a side: the configured one, or else that of the live rule.
    #[must_use]
    pub fn key(&self, side: Side) -> Option<KmsKey> {
        self.route.key(side).cloned().or_else(|| self.gate(side)?.keys().rule.clone())
    }

    /// Every side, the source first.
    pub fn sides(&self) -> impl Iterator<Item = (Side, &Gate<S>)> {
        let destinations = self.destinations.iter().enumerate();
        std::iter::once((Side::Source, &self.source))
            .chain(destinations.map(|(place, gate)| (Side::Destination(place), gate)))
    }
}

/// One bucket, and the permits that a call to it needs.
#[derive(Debug)]
pub struct Gate<S> {
    /// The bucket.
    pub store: S,
    permits: Permits,
    absence: AtomicU8,
    /// The kinds of trouble that were logged, a bit each.
    told: AtomicU32,
    /// How many calls in a row met none.
    calm: AtomicU32,
    connection: ConnectionId,
    keys: Mutex<KnownKeys>,
}

/// Stands for how a bucket is reached: gates of the same one ask the same KMS with the same credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u32);

/// Bounds how many calls run at once: over all, and for one account.
#[derive(Debug, Clone)]
pub struct Permits {
    everywhere: Arc<Semaphore>,
    account: Arc<Semaphore>,
    /// A part of the account's permits; no more are held by calls that are made beside canaries.
    beside: Arc<Semaphore>,
}

/// What part of an account's permits calls beside canaries may hold: one of so many.
const BESIDE: usize = 4;

impl Permits {
    /// Calls that need a permit of both.
    #[must_use]
    pub fn new(everywhere: Arc<Semaphore>, account: Arc<Semaphore>) -> Self {
        let beside = Arc::new(Semaphore::new((account.available_permits() / BESIDE).max(1)));
        Self { everywhere, account, beside }
    }

    /// Waits for the turn of a call that no canary waits for. However slow such calls are, most permits stay for
    /// canaries.
    pub async fn acquire_beside(&self) -> Option<impl Sized + Send + use<>> {
        let beside = Arc::clone(&self.beside).acquire_owned().await.ok()?;
        Some((beside, self.acquire().await?))
    }

    /// Waits for a call's turn: the narrow permit first, so that a slow account holds none of the common ones while
    /// it queues. `None` only when the daemon is being torn down.
    pub async fn acquire(&self) -> Option<(OwnedSemaphorePermit, OwnedSemaphorePermit)> {
        let account = Arc::clone(&self.account).acquire_owned().await.ok()?;
        let everywhere = Arc::clone(&self.everywhere).acquire_owned().await.ok()?;
        Some((account, everywhere))
    }
}

const UNTESTED: u8 = 0;
const SEES_ABSENCE: u8 = 1;
const REFUSED: u8 = 2;
/// After so many calls without trouble it is news again.
const CALM: u32 = 50;

impl<S> Gate<S> {
    /// A bucket that nothing is known of yet.
    #[must_use]
    pub fn new(store: S, permits: Permits, connection: ConnectionId) -> Self {
        Self {
            store,
            permits,
            absence: AtomicU8::new(UNTESTED),
            told: AtomicU32::new(0),
            calm: AtomicU32::new(0),
            connection,
            keys: Mutex::default(),
        }
    }

    /// Waits for a call's turn.
    pub async fn turn(&self) -> Option<(OwnedSemaphorePermit, OwnedSemaphorePermit)> {
        self.permits.acquire().await
    }

    /// Waits for the turn of a call that no canary waits for: to learn about keys, or to audit.
    pub async fn turn_beside(&self) -> Option<impl Sized + Send + use<S>> {
        self.permits.acquire_beside().await
    }

    /// The permits of its calls, for others to the same account.
    #[must_use]
    pub fn permits(&self) -> Permits {
        self.permits.clone()
    }

    /// Keeps what the self-test showed; a test without an answer leaves the earlier knowledge.
    pub fn learn(&self, outcome: SelfTest) {
        match outcome {
            SelfTest::SeesAbsence => self.absence.store(SEES_ABSENCE, Ordering::Relaxed),
            SelfTest::RefusedWithoutListing => self.absence.store(REFUSED, Ordering::Relaxed),
            SelfTest::NoAnswer(_) => {}
        }
    }

    /// What HEAD of an absent object shows here, as far as it is known.
    #[must_use]
    pub fn absence(&self) -> Absence {
        match self.absence.load(Ordering::Relaxed) {
            SEES_ABSENCE => Absence::SeesAbsence,
            REFUSED => Absence::RefusedWithoutListing,
            _ => Absence::Untested,
        }
    }

    /// Whether a refused HEAD may mean "not there": the self-test of a key that never existed was refused as well.
    #[must_use]
    pub fn refusal_may_be_absence(&self) -> bool {
        self.absence() == Absence::RefusedWithoutListing
    }

    /// How the bucket is reached.
    #[must_use]
    pub fn connection(&self) -> ConnectionId {
        self.connection
    }

    /// What is known of the keys here.
    pub fn keys(&self) -> MutexGuard<'_, KnownKeys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call met no trouble.
    pub fn met_none(&self) {
        if self.calm.fetch_add(1, Ordering::Relaxed) >= CALM {
            self.calm.store(0, Ordering::Relaxed);
            self.told.store(0, Ordering::Relaxed);
        }
    }

    /// A call met trouble; whether it is of a kind that was not logged since the last calm.
    pub fn is_news(&self, trouble: Trouble) -> bool {
        self.calm.store(0, Ordering::Relaxed);
        let place = Trouble::ALL.iter().position(|each| *each == trouble).unwrap_or_default();
        let bit = 1 << place;
        self.told.fetch_or(bit, Ordering::Relaxed) & bit == 0
    }
}
