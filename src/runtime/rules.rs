//! Learns from the live replication configuration which rule takes the canaries, and which key it names for replicas.
//!
//! Only where that is needed: for destinations without a configured key, and for routes whose CloudWatch metrics are
//! read. It is read again every ten minutes, or as often as the metrics are, but at most once a minute: a rule that
//! changes its id takes its metrics with it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;

use crate::cloud::{CloudError, SetupSource};
use crate::domain::name::KmsKey;
use crate::domain::observation::Observation;
use crate::domain::replication::Rule;
use crate::domain::route::{Destination, Observe, Route, RouteId};

use super::clock::Clock;
use super::reporter::Reporter;
use super::rounds::{self, Pace};
use super::side::Channel;

/// How often the configuration is read again at least.
const EVERY: Duration = Duration::from_secs(10 * 60);

/// How often it is read at most, and how soon it is tried again after a failure.
const RETRY: Duration = Duration::from_secs(60);

/// The routes of which was said that their configuration cannot be read.
type Said = Mutex<BTreeSet<RouteId>>;

/// Keeps the rules of every route that needs them.
pub async fn keep_learning<S: SetupSource>(channels: Vec<Arc<Channel<S>>>, clock: Clock, reporter: Reporter) {
    let mut paces: BTreeMap<Duration, Vec<Arc<Channel<S>>>> = BTreeMap::new();
    for channel in channels.into_iter().filter(|channel| needs_rules(&channel.route)) {
        paces.entry(pace(&channel.route)).or_default().push(channel);
    }
    let said = Said::default();
    let work = |channel| look(channel, &clock, &reporter, &said);
    let loops = paces.into_iter().map(|(every, group)| rounds::keep(group, Pace { every, retry: RETRY }, || {}, work));
    join_all(loops).await;
}

fn pace(route: &Route) -> Duration {
    route.cloudwatch.map_or(EVERY, |every| every.clamp(RETRY, EVERY))
}

fn needs_rules(route: &Route) -> bool {
    let needs_key = |each: &Destination| each.kms_key.is_none() && each.observe == Observe::Replica;
    route.cloudwatch.is_some() || route.destinations.iter().any(needs_key)
}

async fn look<S: SetupSource>(channel: Arc<Channel<S>>, clock: &Clock, reporter: &Reporter, said: &Said) -> bool {
    let learned = learn(&channel).await;
    for (destination, configured) in channel.route.destinations.iter().enumerate() {
        let rule = channel.rules.rule_to(&channel.route, configured);
        reporter.observe(Observation::Rule { route: channel.id, destination, rule, at: clock.now() }).await;
    }
    let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
    match &learned {
        Ok(()) => {
            said.remove(&channel.id);
        }
        Err(error) if said.insert(channel.id) => tracing::warn!(
            route = %channel.route.name, bucket = %channel.route.source.bucket, %error,
            "the replication configuration cannot be read, so the replicas' key is only compared with the source's \
             unless it is configured, and CloudWatch's metrics cannot be found; grant \
             s3:GetReplicationConfiguration"
        ),
        Err(_) => {}
    }
    learned.is_ok()
}

async fn learn<S: SetupSource>(channel: &Channel<S>) -> Result<(), CloudError> {
    let Some(_turn) = channel.source.turn().await else { return Ok(()) };
    let read = channel.source.store.replication().await;
    let replication = match read {
        Ok(replication) => replication.unwrap_or_default(),
        Err(error) => {
            channel.rules.learn(Err(error.kind()));
            return Err(error);
        }
    };
    for (gate, destination) in channel.destinations.iter().zip(&channel.route.destinations) {
        let leads_there = |rule: &&Rule| rule.enabled && rule.bucket == destination.bucket.as_str();
        let rule =
            channel.route.rule_to(destination, &replication).or_else(|| replication.rules.iter().find(leads_there));
        gate.keys().rule = rule.and_then(|rule| rule.replica_key.as_deref()).map(KmsKey::new);
    }
    channel.rules.learn(Ok(replication));
    Ok(())
}
