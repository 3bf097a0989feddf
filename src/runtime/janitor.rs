//! Finds canaries that nobody follows: those of an earlier run, and replicas that S3 rewrote after they were removed.
//!
//! Nothing is stored locally; the buckets are the journal. The prefix of a route is listed on every side at the start
//! and once an hour, and what is found goes to the prober, which judges or removes it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::cloud::{CanaryStore, CloudError};
use crate::domain::canary::CanaryKey;
use crate::domain::name::VersionId;
use crate::domain::observation::Side;
use crate::domain::probe::Found;
use crate::domain::route::{Cleanup, Observe, Route, RouteId};
use crate::domain::time::UnixMillis;

use super::clock::Clock;
use super::rounds::{self, Pace};
use super::side::{Channel, Gate};

/// How often a prefix is listed: about $0.007 a route and month for both sides at STANDARD prices.
const EVERY: Duration = Duration::from_secs(60 * 60);

/// How soon a listing that failed is tried again.
const RETRY: Duration = Duration::from_secs(60);

/// The most pages that are read of one side in one sweep; the next sweep goes on with what is left by then.
const PAGES_MAX: usize = 20;

/// A canary that was found.
#[derive(Debug)]
pub struct Stray {
    /// The route.
    pub route: RouteId,
    /// What its key says.
    pub key: CanaryKey,
    /// Where it is.
    pub found: Found,
}

/// Sweeps every route for as long as it is polled.
pub async fn keep_sweeping<S: CanaryStore>(channels: Vec<Arc<Channel<S>>>, clock: Clock, strays: mpsc::Sender<Stray>) {
    let started = clock.now().wall;
    let sweep = |channel: Arc<Channel<S>>| {
        let (clock, strays) = (&clock, &strays);
        async move {
            // A younger canary may be this run's own, and still followed.
            let settled = clock.now().wall.minus(channel.route.canary.deadline).max(started);
            let swept = sweep(&channel, settled, strays).await;
            if let Err(error) = &swept {
                tracing::debug!(route = %channel.route.name, %error, "a sweep found no answer; it is tried again");
            }
            swept.is_ok()
        }
    };
    rounds::keep(channels, Pace { every: EVERY, retry: RETRY }, || {}, sweep).await;
}

/// Lists every side of a route once, and hands on what was written before `settled`.
async fn sweep<S: CanaryStore>(
    channel: &Channel<S>,
    settled: UnixMillis,
    strays: &mpsc::Sender<Stray>,
) -> Result<(), CloudError> {
    let mut found: BTreeMap<String, (CanaryKey, Places)> = BTreeMap::new();
    for (side, gate) in channel.sides().filter(|(side, _)| is_swept(&channel.route, *side)) {
        for (key, version) in list(&channel.route, gate).await? {
            if key.written < settled {
                let (_, places) = found.entry(key.to_string()).or_insert_with(|| (key, Places::default()));
                places.add(side, version);
            }
        }
    }
    for (key, places) in found.into_values() {
        let stray = Stray { route: channel.id, key, found: places.found() };
        if strays.send(stray).await.is_err() {
            break;
        }
    }
    Ok(())
}

#[derive(Debug, Default)]
struct Places {
    source: Option<VersionId>,
    replicas: Vec<(usize, VersionId)>,
}

impl Places {
    fn add(&mut self, side: Side, version: VersionId) {
        match side {
            Side::Source => self.source = Some(version),
            Side::Destination(place) => self.replicas.push((place, version)),
        }
    }

    fn found(self) -> Found {
        match self.source {
            Some(version) => Found::AtSource(version),
            None => Found::ReplicasOnly(self.replicas),
        }
    }
}

/// A destination that lets nobody read or delete is left to its lifecycle rule.
fn is_swept(route: &Route, side: Side) -> bool {
    match side {
        Side::Source => true,
        Side::Destination(place) => route
            .destinations
            .get(place)
            .is_some_and(|each| each.observe == Observe::Replica && each.cleanup == Cleanup::Delete),
    }
}

async fn list<S: CanaryStore>(route: &Route, gate: &Gate<S>) -> Result<Vec<(CanaryKey, VersionId)>, CloudError> {
    let prefix = format!("{}{}/{}/", route.canary.prefix, route.instance, route.name);
    let mut versions = Vec::new();
    let mut from = None;
    for _ in 0..PAGES_MAX {
        let Some(_turn) = gate.turn().await else { break };
        let page = gate.store.page(&prefix, from.as_ref()).await?;
        versions.extend(page.versions.into_iter().filter(|(_, listed)| !listed.delete_marker).filter_map(
            |(key, listed)| {
                let key = CanaryKey::parse(&route.canary.prefix, key.as_str())?;
                let ours = key.instance == route.instance && key.route == route.name;
                ours.then_some((key, listed.version_id))
            },
        ));
        match page.next {
            Some(next) => from = Some(next),
            None => break,
        }
    }
    Ok(versions)
}
