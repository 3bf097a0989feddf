//! From a checked configuration to channels: clients, permits and slots for every route.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::aws::{ClientPool, S3Bucket};
use crate::config::{Config, Limits};
use crate::domain::canary::Nonce;
use crate::domain::connection::Connection;
use crate::domain::name::Bucket;
use crate::domain::route::RouteId;
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
        channels.push(Arc::new(Channel { id, route, source, destinations }));
    }
    channels
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
    accounts: HashMap<String, Arc<Semaphore>>,
}

impl PermitPool {
    fn new(limits: &Limits) -> Self {
        let everywhere = Arc::new(Semaphore::new(limits.calls as usize));
        Self { everywhere, per_account: limits.calls_per_account as usize, accounts: HashMap::new() }
    }

    fn of(&mut self, connection: &Connection) -> Permits {
        let account = connection.account.as_ref().map(|account| account.as_str().to_owned());
        let key = account.or_else(|| connection.endpoint_url.clone()).unwrap_or_default();
        let size = self.per_account;
        let account = self.accounts.entry(key).or_insert_with(|| Arc::new(Semaphore::new(size)));
        Permits::new(Arc::clone(&self.everywhere), Arc::clone(account))
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
