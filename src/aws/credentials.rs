//! Credentials that are fetched: held, renewed ahead of their end, and not asked for again at once after a refusal.

use std::error::Error as StdError;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_async::time::SharedTimeSource;
use tokio::sync::Mutex;

use super::CREDENTIALS_TIMEOUT;
use super::error::of_credentials_error;
use super::role::AssumeRole;
use crate::domain::object::Trouble;

/// How long before their end credentials are renewed; a renewal that fails is repeated while the old ones last.
pub(super) const RENEW_AHEAD: Duration = Duration::from_secs(300);
/// How long a failure is remembered, so that a thousand canaries do not ask STS a thousand times.
pub(super) const FAILURE_KEPT: Duration = Duration::from_secs(5);
/// How long credentials without an end are believed: files and environments of long-lived keys do change.
const ENDLESS_KEPT: Duration = Duration::from_secs(900);
/// Credentials younger than this are not given up because of a refusal: the refusal is not about their age.
const DISTRUST_AFTER: Duration = Duration::from_secs(30);

/// Where a session's credentials come from.
#[derive(Debug)]
pub(super) enum Origin {
    /// The SDK's chain, or a profile.
    Provider(SharedCredentialsProvider),
    /// A role assumed with other credentials.
    Role(Box<AssumeRole>),
}

/// Fetched credentials, shared by all clients that use them. Cheap to clone.
///
/// The SDK's own cache is not used: it cannot be told that a server refuses what it holds, and it asks anew for every
/// request while a provider fails.
#[derive(Debug, Clone)]
pub(super) struct Session(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    origin: Origin,
    time: SharedTimeSource,
    held: RwLock<Option<Held>>,
    /// Held while fetching; remembers the last failure.
    fetching: Mutex<Option<Failed>>,
}

#[derive(Debug, Clone)]
struct Held {
    credentials: Credentials,
    fetched_at: SystemTime,
    renew_at: SystemTime,
    ends_at: SystemTime,
}

#[derive(Debug)]
struct Failed {
    at: SystemTime,
    failure: LoadFailure,
}

/// Credentials could not be had.
#[derive(Debug, Clone)]
pub(super) struct LoadFailure {
    trouble: Trouble,
    source: Arc<dyn StdError + Send + Sync>,
}

impl Session {
    /// A session that fetches when it is first used.
    pub(super) fn new(origin: Origin, time: SharedTimeSource) -> Self {
        Self(Arc::new(Inner { origin, time, held: RwLock::new(None), fetching: Mutex::new(None) }))
    }

    /// A server refused these credentials: fetch others next time.
    pub(super) fn distrust(&self) {
        let now = self.0.time.now();
        let mut held = self.0.held.write().unwrap_or_else(PoisonError::into_inner);
        if held.as_ref().is_some_and(|held| !is_within(DISTRUST_AFTER, held.fetched_at, now)) {
            *held = None;
        }
    }

    fn held(&self) -> Option<Held> {
        self.0.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn fetch(&self) -> Result<Credentials, CredentialsError> {
        let now = self.0.time.now();
        let usable = self.held().filter(|held| now < held.ends_at).map(|held| held.credentials);
        let mut fetching = match (&usable, self.0.fetching.try_lock()) {
            (_, Ok(guard)) => guard,
            (Some(_), Err(_)) => return usable.ok_or_else(not_loaded),
            (None, Err(_)) => self.0.fetching.lock().await,
        };
        // Whoever held the lock before may have fetched them.
        let now = self.0.time.now();
        if let Some(fresh) = self.held().filter(|held| now < held.renew_at) {
            return Ok(fresh.credentials);
        }
        if let Some(failed) = fetching.as_ref().filter(|failed| is_within(FAILURE_KEPT, failed.at, now)) {
            return usable.ok_or_else(|| failed.failure.clone().into());
        }
        match self.load().await {
            Ok(credentials) => {
                *fetching = None;
                self.hold(&credentials, now);
                Ok(credentials)
            }
            Err(failure) => {
                *fetching = Some(Failed { at: self.0.time.now(), failure: failure.clone() });
                usable.ok_or_else(|| failure.into())
            }
        }
    }

    async fn load(&self) -> Result<Credentials, LoadFailure> {
        let load = async {
            match &self.0.origin {
                Origin::Provider(provider) => provider.provide_credentials().await.map_err(LoadFailure::of_provider),
                Origin::Role(role) => role.assume(self.0.time.now()).await,
            }
        };
        tokio::time::timeout(CREDENTIALS_TIMEOUT, load).await.unwrap_or_else(|_| {
            Err(LoadFailure::of_provider(CredentialsError::provider_timed_out(CREDENTIALS_TIMEOUT)))
        })
    }

    fn hold(&self, credentials: &Credentials, now: SystemTime) {
        let ends_at = credentials.expiry().unwrap_or(now + ENDLESS_KEPT);
        let lifetime = ends_at.duration_since(now).unwrap_or_default();
        let ahead = RENEW_AHEAD.min(lifetime / 2);
        let renew_at = ends_at.checked_sub(ahead).unwrap_or(UNIX_EPOCH);
        let held = Held { credentials: credentials.clone(), fetched_at: now, renew_at, ends_at };
        *self.0.held.write().unwrap_or_else(PoisonError::into_inner) = Some(held);
    }
}

impl ProvideCredentials for Session {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let now = self.0.time.now();
        match self.held() {
            Some(held) if now < held.renew_at => future::ProvideCredentials::ready(Ok(held.credentials)),
            _ => future::ProvideCredentials::new(self.fetch()),
        }
    }
}

impl LoadFailure {
    /// A failure of known kind.
    pub(super) fn new(trouble: Trouble, source: impl StdError + Send + Sync + 'static) -> Self {
        Self { trouble, source: Arc::new(source) }
    }

    /// What this means for the call that needed the credentials. It was never sent.
    pub(super) fn trouble(&self) -> Trouble {
        self.trouble
    }

    fn of_provider(error: CredentialsError) -> Self {
        Self::new(of_credentials_error(&error), error)
    }
}

impl fmt::Display for LoadFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("failed to obtain credentials")
    }
}

impl StdError for LoadFailure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.source.as_ref())
    }
}

impl From<LoadFailure> for CredentialsError {
    fn from(failure: LoadFailure) -> Self {
        Self::provider_error(failure)
    }
}

fn not_loaded() -> CredentialsError {
    CredentialsError::not_loaded_no_source()
}

/// Whether `now` lies within `span` after `since`; a clock that went back says no.
fn is_within(span: Duration, since: SystemTime, now: SystemTime) -> bool {
    now.duration_since(since).is_ok_and(|elapsed| elapsed < span)
}
