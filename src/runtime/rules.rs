//! Learns from the live replication configuration which key each replica should be encrypted with.
//!
//! Only for destinations without a configured key: what is configured is what is expected.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::cloud::{CloudError, SetupSource};
use crate::domain::route::Observe;

use super::rounds::{self, Pace};
use super::side::Channel;

/// How often the configuration is read again.
const EVERY: Duration = Duration::from_secs(10 * 60);

/// How soon it is tried again after a failure.
const RETRY: Duration = Duration::from_secs(60);

/// Keeps the rules' keys of every route that needs them.
pub async fn keep_learning<S: SetupSource>(channels: Vec<Arc<Channel<S>>>) {
    let channels = channels.into_iter().filter(|channel| needs_rules(channel)).collect();
    let said = Mutex::new(BTreeSet::new());
    let learn = |channel: Arc<Channel<S>>| {
        let said = &said;
        async move {
            let learned = learn(&channel).await;
            if let Err(error) = &learned
                && said.lock().unwrap_or_else(PoisonError::into_inner).insert(channel.id)
            {
                tracing::warn!(
                    route = %channel.route.name, bucket = %channel.route.source.bucket, %error,
                    "the replication configuration cannot be read, so the replicas' key is only compared with the \
                     source's; configure kms_key at the destination or grant s3:GetReplicationConfiguration"
                );
            }
            learned.is_ok()
        }
    };
    rounds::keep(channels, Pace { every: EVERY, retry: RETRY }, || {}, learn).await;
}

fn needs_rules<S>(channel: &Channel<S>) -> bool {
    channel.route.destinations.iter().any(|each| each.kms_key.is_none() && each.observe == Observe::Replica)
}

async fn learn<S: SetupSource>(channel: &Channel<S>) -> Result<(), CloudError> {
    let Some(_turn) = channel.source.turn().await else { return Ok(()) };
    let rules = channel.source.store.replication_rules().await?;
    for (gate, destination) in channel.destinations.iter().zip(&channel.route.destinations) {
        let rule = rules.iter().find(|rule| rule.enabled && rule.destination == destination.bucket);
        gate.keys().rule = rule.and_then(|rule| rule.replica_key.clone());
    }
    Ok(())
}
