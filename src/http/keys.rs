//! The KMS keys that a destination depends on, as API and page show them.

use serde::Serialize;

use super::timestamp::Timestamp;
use crate::domain::key::{KeyPair, KeyStatus};
use crate::domain::name::{AccountId, KmsKey, Region};
use crate::domain::route::{Destination, Route};

/// The keys of source and destination; `null` where none is expected.
#[derive(Debug, Serialize)]
pub(super) struct KeysView<'a> {
    source: Option<KeyView<'a>>,
    destination: Option<KeyView<'a>>,
}

#[derive(Debug, Serialize)]
struct KeyView<'a> {
    configured: &'a str,
    arn: Option<&'a str>,
    account: Option<&'a str>,
    region: Option<&'a str>,
    state: Option<&'static str>,
    usable: Option<bool>,
    deletion_date: Option<Timestamp>,
    manager: Option<&'static str>,
    spec: Option<&'a str>,
    usage: Option<&'a str>,
    multi_region: Option<bool>,
    checked_at: Option<Timestamp>,
    problem: Option<String>,
}

impl<'a> KeysView<'a> {
    pub(super) fn new(keys: &'a KeyPair, route: &Route, destination: &Destination) -> Self {
        let [source, replica] = problems(keys, route, destination);
        Self {
            source: keys.source.as_ref().map(|status| KeyView::new(status, source)),
            destination: keys.destination.as_ref().map(|status| KeyView::new(status, replica)),
        }
    }
}

impl<'a> KeyView<'a> {
    fn new(status: &'a KeyStatus, problem: Option<String>) -> Self {
        let facts = status.facts();
        Self {
            configured: status.named.as_str(),
            arn: facts.map(|facts| KmsKey::as_str(&facts.arn)),
            account: facts.and_then(|facts| facts.account.as_ref()).map(AccountId::as_str),
            region: facts.and_then(|facts| facts.region.as_ref()).map(Region::as_str),
            state: facts.map(|facts| facts.state.as_str()),
            usable: status.usable(),
            deletion_date: facts.and_then(|facts| facts.deletion).map(Timestamp),
            manager: facts.map(|facts| facts.manager.as_str()),
            spec: facts.and_then(|facts| facts.spec.as_deref()),
            usage: facts.and_then(|facts| facts.usage.as_deref()),
            multi_region: facts.map(|facts| facts.multi_region),
            checked_at: status.checked_at.map(Timestamp),
            problem,
        }
    }
}

/// What is wrong with the key of the source and with that of the destination, or keeps the monitor from knowing.
pub(super) fn problems(keys: &KeyPair, route: &Route, destination: &Destination) -> [Option<String>; 2] {
    let problem = |key: &Option<KeyStatus>, place: String| key.as_ref().and_then(|status| status.problem(&place));
    [
        problem(&keys.source, format!("the source {}", route.source.bucket)),
        problem(&keys.destination, format!("the destination {}", destination.bucket)),
    ]
}

/// The states of both keys in a few words; nothing before the first look.
pub(super) fn summary(keys: &KeyPair) -> Option<String> {
    let shown = |side: &str, key: &Option<KeyStatus>| {
        let status = key.as_ref().filter(|status| status.found.is_some())?;
        let state = match (status.facts(), status.usable()) {
            (Some(facts), _) => facts.state.as_str(),
            (None, Some(false)) => "missing",
            (None, Some(true) | None) => "unknown",
        };
        Some(format!("{side} {state}"))
    };
    let both: Vec<String> =
        [shown("source", &keys.source), shown("destination", &keys.destination)].into_iter().flatten().collect();
    (!both.is_empty()).then(|| format!("KMS keys: {}", both.join(", ")))
}
