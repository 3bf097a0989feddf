//! From a checked configuration to channels: clients, permits and slots for every route.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::aws::{ClientPool, CloudWatch, S3Bucket, SqsQueue};
use crate::config::{Config, Limits, RouteConfig};
use crate::domain::canary::Nonce;
use crate::domain::connection::Connection;
use crate::domain::event::claim::Claims;
use crate::domain::name::Bucket;
use crate::domain::reading::{Place, plan};
use crate::domain::route::{MetricsAccount, RouteId};
use crate::runtime::events::WatchedQueue;
use crate::runtime::live_rules::LiveRules;
use crate::runtime::reader::{Post, Subject};
use crate::runtime::side::{Channel, ConnectionId, Gate, Permits};

/// The routes of a configuration, ready to be probed.
pub type Channels = Vec<Arc<Channel<S3Bucket>>>;

/// Builds the channels of every route, in the order of the configuration.
pub async fn build_channels(config: &Config, pool: &ClientPool) -> Channels {
    let mut shared = Shared { permits: PermitPool::new(&config.limits), connections: HashMap::new() };
    let mut channels = Vec::with_capacity(config.routes.len());
    for (place, entry) in config.routes.iter().enumerate() {
        let route = Arc::clone(&entry.route);
        let source = gate(pool, &mut shared, &entry.source, &route.source.bucket).await;
        let mut destinations = Vec::with_capacity(route.destinations.len());
        for (connection, destination) in entry.destinations.iter().zip(&route.destinations) {
            destinations.push(gate(pool, &mut shared, connection, &destination.bucket).await);
        }
        let id = RouteId(u32::try_from(place).unwrap_or(u32::MAX));
        channels.push(Arc::new(Channel { id, route, source, destinations, rules: LiveRules::default() }));
    }
    channels
}

/// The queues of replication events that routes name. Routes that reach the same queue in the same way share it, and
/// its events may concern every route whose source is on the same server.
pub(super) async fn build_queues(
    config: &Config,
    pool: &ClientPool,
    channels: &Channels,
) -> Vec<WatchedQueue<SqsQueue>> {
    let mut neighbours: HashMap<Option<&str>, Vec<_>> = HashMap::new();
    for (entry, channel) in config.routes.iter().zip(channels) {
        neighbours.entry(entry.source.endpoint_url.as_deref()).or_default().push((channel.id, &channel.route));
    }
    let (mut seen, mut claims) = (HashSet::new(), HashMap::new());
    let mut queues = Vec::new();
    for RouteConfig { route, source, .. } in &config.routes {
        let Some(queue) = &route.source.event_queue else { continue };
        if !seen.insert((queue, source)) {
            continue;
        }
        let server = source.endpoint_url.as_deref();
        let claims = claims
            .entry(server)
            .or_insert_with(|| Arc::new(Claims::new(neighbours.get(&server).into_iter().flatten().copied())));
        let claims = Arc::clone(claims);
        queues.push(WatchedQueue { queue: queue.clone(), source: pool.queue(source, queue).await, claims });
    }
    queues
}

/// Where the replication metrics of each route that wants them are read; the channels are in the order of the
/// configuration.
pub async fn build_subjects(
    config: &Config,
    pool: &ClientPool,
    channels: &Channels,
) -> Vec<Subject<S3Bucket, CloudWatch>> {
    let mut posts: HashMap<Connection, Arc<Post<CloudWatch>>> = HashMap::new();
    let mut subjects = Vec::new();
    for (entry, channel) in config.routes.iter().zip(channels).filter(|(entry, _)| entry.route.cloudwatch.is_some()) {
        for (place, (there, gate)) in entry.destinations.iter().zip(&channel.destinations).enumerate() {
            for stands in [Place::Destination, Place::Source] {
                let connection = plan::connection(&entry.route, stands, &entry.source, there);
                let is_theirs =
                    stands == Place::Destination && entry.route.cloudwatch_account == MetricsAccount::Destination;
                let whose = if is_theirs { gate } else { &channel.source };
                let next = ConnectionId(u32::try_from(posts.len()).unwrap_or(u32::MAX));
                let post = match posts.get(&connection) {
                    Some(post) => Arc::clone(post),
                    None => {
                        let source = pool.cloudwatch(&connection).await;
                        let post = Arc::new(Post { source, permits: whose.permits(), connection: next });
                        posts.insert(connection, Arc::clone(&post));
                        post
                    }
                };
                subjects.push(Subject { channel: Arc::clone(channel), destination: place, place: stands, post });
            }
        }
    }
    subjects
}

async fn gate(pool: &ClientPool, shared: &mut Shared, connection: &Connection, bucket: &Bucket) -> Gate<S3Bucket> {
    let id = shared.connection(connection);
    Gate::new(pool.bucket(connection, bucket).await, shared.permits.of(connection), id)
}

/// What the gates have in common.
struct Shared {
    permits: PermitPool,
    connections: HashMap<Connection, ConnectionId>,
}

impl Shared {
    /// Equal connections have the same id.
    fn connection(&mut self, connection: &Connection) -> ConnectionId {
        let next = ConnectionId(u32::try_from(self.connections.len()).unwrap_or(u32::MAX));
        *self.connections.entry(connection.clone()).or_insert(next)
    }
}

/// Permits by account: sides of the same account share them.
struct PermitPool {
    everywhere: Arc<Semaphore>,
    per_account: usize,
    accounts: HashMap<String, Permits>,
}

impl PermitPool {
    fn new(limits: &Limits) -> Self {
        let everywhere = Arc::new(Semaphore::new(limits.calls as usize));
        Self { everywhere, per_account: limits.calls_per_account as usize, accounts: HashMap::new() }
    }

    fn of(&mut self, connection: &Connection) -> Permits {
        let account = connection.account.as_ref().map(|account| account.as_str().to_owned());
        let key = account.or_else(|| connection.endpoint_url.clone()).unwrap_or_default();
        let fresh = || Permits::new(Arc::clone(&self.everywhere), Arc::new(Semaphore::new(self.per_account)));
        self.accounts.entry(key).or_insert_with(fresh).clone()
    }
}

/// A nonce of the operating system's randomness.
pub(super) fn random_nonce() -> Nonce {
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        // Without randomness keys stay unique by time and sequence; only the content becomes predictable.
        tracing::warn!("the operating system gave no randomness; this canary's content is predictable");
    }
    Nonce(bytes)
}
