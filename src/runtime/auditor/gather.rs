//! Gathers the facts of a route: both sides at once, every call when it is its turn.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;

use futures_util::future::join_all;

use crate::cloud::{AuditSource, CloudError, Whereabouts};
use crate::domain::audit::facts::{
    BucketFacts, Fact, Identity, KeyRead, NamedPolicy, PublicAccessBlock, RoleFacts, RouteFacts, SideFacts, Unread,
};
use crate::domain::audit::questions::questions;
use crate::domain::canary::CanaryKey;
use crate::domain::name::Bucket;
use crate::domain::object::Trouble;
use crate::domain::observation::Side;
use crate::domain::replication::Replication;
use crate::domain::route::Route;

use super::super::side::{Channel, Gate};

/// How many keys that are no canaries are named.
const STRANGERS_MAX: usize = 5;

/// Reads everything that the checks of a route look at. What cannot be read says why; nothing fails.
pub async fn gather<S: AuditSource>(channel: &Channel<S>) -> RouteFacts {
    let route = &*channel.route;
    let destinations = channel.destinations.iter().zip(&route.destinations);
    let (replication, source, sides) = tokio::join!(
        Box::pin(replication(&channel.source)),
        Box::pin(bucket(&channel.source, &route.source.bucket, &route.canary.prefix)),
        join_all(destinations.map(|(gate, it)| Box::pin(bucket(gate, &it.bucket, &route.canary.prefix)))),
    );
    let live = replication.as_ref().ok().and_then(Option::as_ref);
    let grantee = live.map(|live| live.role.as_str()).filter(|role| !role.is_empty());
    let (identity, account_public_access, bucket) = source;
    let named = names(route, Side::Source, live, &bucket);
    let source_keys = keys(&channel.source, named, grantee).await;
    let source = SideFacts { identity, bucket, keys: source_keys, account_public_access };
    let others = channel.destinations.iter().zip(sides).enumerate().map(|(place, (gate, read))| {
        let (identity, account_public_access, bucket) = read;
        let named = names(route, Side::Destination(place), live, &bucket);
        async move { SideFacts { identity, keys: keys(gate, named, grantee).await, bucket, account_public_access } }
    });
    let (role, destinations) = tokio::join!(Box::pin(role(channel, live, &source)), join_all(others));
    RouteFacts { route: route.name.to_string(), source, role, replication, destinations }
}

/// Asks when it is the call's turn. Boxed: dozens of calls in one future would be too much for a stack.
fn ask<'a, S, T>(
    gate: &'a Gate<S>,
    read: impl Future<Output = Fact<T>> + Send + 'a,
) -> Pin<Box<dyn Future<Output = Fact<T>> + Send + 'a>>
where
    S: AuditSource,
{
    let read = Box::pin(read);
    Box::pin(async move {
        match gate.turn_beside().await {
            Some(_turn) => read.await,
            None => Err(stopped()),
        }
    })
}

/// What is said of calls that are not made any more.
fn stopped() -> Unread {
    let trouble = Trouble::ConnectionFailed.as_str().to_owned();
    Unread { operation: String::new(), permission: String::new(), trouble, message: Some("the monitor stops".into()) }
}

async fn replication<S: AuditSource>(gate: &Gate<S>) -> Fact<Option<Replication>> {
    let read = async {
        let unread = |error: CloudError| error.unread("s3:GetReplicationConfiguration");
        gate.store.replication().await.map_err(unread)
    };
    ask(gate, read).await
}

/// The settings of one bucket, all of them at once, whom they were read by, and what its account blocks.
async fn bucket<S: AuditSource>(
    gate: &Gate<S>,
    name: &Bucket,
    prefix: &str,
) -> (Fact<Identity>, Fact<Option<PublicAccessBlock>>, BucketFacts) {
    let store = &gate.store;
    let whereabouts = Box::pin(async {
        let Some(_turn) = gate.turn_beside().await else {
            return Whereabouts { region: Err(stopped()), is_owned_as_configured: Err(stopped()) };
        };
        store.whereabouts().await
    });
    let access = async {
        tokio::join!(
            ask(gate, store.public_access()),
            ask(gate, store.account_public_access()),
            ask(gate, store.policy_is_public())
        )
    };
    let (identity, whereabouts, versioning, access, encryption, policy) = tokio::join!(
        ask(gate, store.identity()),
        whereabouts,
        ask(gate, store.versioning()),
        access,
        ask(gate, store.encryption()),
        ask(gate, store.policy()),
    );
    let (ownership, object_lock, requester_pays, lifecycle, notifications, strangers) = tokio::join!(
        ask(gate, store.ownership()),
        ask(gate, store.object_lock()),
        ask(gate, store.requester_pays()),
        ask(gate, store.lifecycle()),
        ask(gate, store.notifications()),
        ask(gate, strangers(gate, prefix)),
    );
    let (public_access, account_public_access, policy_is_public) = access;
    let facts = BucketFacts {
        name: name.to_string(),
        region: whereabouts.region,
        is_owned_as_configured: whereabouts.is_owned_as_configured,
        versioning,
        public_access,
        policy_is_public,
        encryption,
        policy,
        ownership,
        object_lock,
        requester_pays,
        lifecycle,
        notifications,
        strangers,
    };
    (identity, account_public_access, facts)
}

/// Keys under the prefix that are no canaries, as far as the first page shows them.
async fn strangers<S: AuditSource>(gate: &Gate<S>, prefix: &str) -> Fact<Vec<String>> {
    let page = gate.store.page(prefix, None).await.map_err(|error| error.unread("s3:ListBucketVersions"))?;
    let keys = page.versions.iter().map(|(key, _)| key.as_str());
    let strange: BTreeSet<&str> = keys.filter(|key| CanaryKey::parse(prefix, key).is_none()).collect();
    Ok(strange.into_iter().take(STRANGERS_MAX).map(str::to_owned).collect())
}

/// Every key that a side names: the configured one, that of the default encryption, and at a destination those of the
/// rules that lead there.
fn names(route: &Route, side: Side, live: Option<&Replication>, bucket: &BucketFacts) -> BTreeSet<String> {
    let configured = route.key(side).map(ToString::to_string);
    let default = bucket.encryption.as_ref().ok().and_then(Option::as_ref).and_then(|default| default.key.clone());
    let leads_here = |side| match side {
        Side::Source => None,
        Side::Destination(place) => route.destinations.get(place).map(|it| it.bucket.as_str()),
    };
    let rules = live.map(|live| live.rules.as_slice()).unwrap_or_default().iter();
    let replicas =
        rules.filter(|rule| leads_here(side) == Some(rule.bucket.as_str())).filter_map(|rule| rule.replica_key.clone());
    configured.into_iter().chain(default).chain(replicas).filter(|key| !key.is_empty()).collect()
}

async fn keys<S: AuditSource>(
    gate: &Gate<S>,
    named: BTreeSet<String>,
    grantee: Option<&str>,
) -> BTreeMap<String, KeyRead> {
    let reads = named.into_iter().map(|name| async move {
        let read = key(gate, &name, grantee).await;
        (name, read)
    });
    join_all(reads).await.into_iter().collect()
}

/// Policy and grants are asked for by ARN: KMS takes no alias there.
async fn key<S: AuditSource>(gate: &Gate<S>, name: &str, grantee: Option<&str>) -> KeyRead {
    let description = ask(gate, gate.store.describe(name)).await;
    let arn = match &description {
        Ok(None) => {
            let gone = |operation: &str| Unread {
                operation: operation.to_owned(),
                permission: format!("kms:{operation}"),
                trouble: Trouble::KmsNotFound.as_str().to_owned(),
                message: Some("there is no such key".to_owned()),
            };
            return KeyRead { policy: Err(gone("GetKeyPolicy")), grants: Err(gone("ListGrants")), description };
        }
        Ok(Some(described)) => described.arn.clone(),
        Err(_) => name.to_owned(),
    };
    let (policy, grants) =
        tokio::join!(ask(gate, gate.store.key_policy(&arn)), ask(gate, gate.store.grants(&arn, grantee)));
    KeyRead { description, policy, grants }
}

/// The role that the live configuration names, by the credentials of the source: the role lives in its account.
async fn role<S: AuditSource>(
    channel: &Channel<S>,
    live: Option<&Replication>,
    source: &SideFacts,
) -> Option<RoleFacts> {
    let live = live.filter(|live| !live.role.is_empty())?;
    let (gate, arn) = (&channel.source, live.role.as_str());
    let (role, inline, attached) = tokio::join!(
        ask(gate, gate.store.role(arn)),
        ask(gate, gate.store.inline_policies(arn)),
        ask(gate, gate.store.attached_policies(arn)),
    );
    let boundary = match &role {
        Ok(found) => boundary(gate, found.as_ref().and_then(|role| role.boundary.as_deref())).await,
        Err(unread) => Err(unread.clone()),
    };
    let simulated = match &role {
        Ok(Some(_)) => simulate(channel, live, source).await,
        Ok(None) | Err(_) => Ok(Vec::new()),
    };
    Some(RoleFacts { arn: arn.to_owned(), role, inline, attached, boundary, simulated })
}

async fn boundary<S: AuditSource>(gate: &Gate<S>, arn: Option<&str>) -> Fact<Option<NamedPolicy>> {
    match arn {
        None => Ok(None),
        Some(arn) => ask(gate, gate.store.managed_policy(arn)).await.map(Some),
    }
}

/// One question after the other, until one is refused: who may not ask is not asked for the rest.
async fn simulate<S: AuditSource>(
    channel: &Channel<S>,
    live: &Replication,
    source: &SideFacts,
) -> Fact<Vec<crate::domain::audit::facts::Simulated>> {
    let default = source.bucket.encryption.as_ref().ok().and_then(Option::as_ref);
    let described = |key: &str| source.keys.get(key)?.description.as_ref().ok()?.as_ref().map(|key| key.arn.as_str());
    let key = default.and_then(|default| described(default.key.as_deref()?));
    let mut answers = Vec::new();
    for question in questions(&channel.route, live, default, key) {
        let gate = &channel.source;
        answers.extend(ask(gate, gate.store.simulate(&live.role, &question)).await?);
    }
    Ok(answers)
}
