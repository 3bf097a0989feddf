//! A simulated AWS: several accounts and Regions, S3 replication with KMS, and faults on demand.

mod clock;
mod random;
mod wire;
mod world;
mod worlds;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use clock::Clock;
use wire::RequestIds;
pub use world::*;

/// What a simulator is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// One of [`world_names`].
    pub world: String,
    /// The same seed gives the same bytes.
    pub seed: u64,
    /// How long replication takes.
    pub latency: LatencyProfile,
    /// How long a change of configuration takes to act.
    pub propagation: Duration,
    /// How long a bucket-level key is used before KMS is asked again.
    pub bucket_key_ttl: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            world: "default".to_owned(),
            seed: 0,
            latency: LatencyProfile::Quick,
            propagation: Duration::ZERO,
            bucket_key_ttl: Duration::from_secs(3),
        }
    }
}

/// There is no shipped world of that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no world {0}")]
pub struct UnknownWorld(pub String);

/// The simulated AWS and its clock; cheap to clone.
#[derive(Clone, Debug)]
pub struct Simulator {
    world: Arc<Mutex<World>>,
    requests: Arc<RequestIds>,
    clock: Clock,
}

/// The shipped worlds: name and one line about each.
pub fn world_names() -> &'static [(&'static str, &'static str)] {
    worlds::WORLDS
}

impl Simulator {
    /// A fresh world of the name given.
    ///
    /// # Errors
    /// [`UnknownWorld`] when no such world is shipped.
    pub fn new(options: &Options, clock: Clock) -> Result<Self, UnknownWorld> {
        let physics = Physics {
            seed: options.seed,
            latency: options.latency,
            propagation: options.propagation,
            bucket_key_ttl: options.bucket_key_ttl,
        };
        let unknown = || UnknownWorld(options.world.clone());
        let world = worlds::build(&options.world, physics, clock.now()).ok_or_else(unknown)?;
        let world = world.map_err(|refusal| UnknownWorld(format!("{}: {refusal}", options.world)))?;
        let requests = Arc::new(RequestIds::new(options.seed));
        Ok(Self { world: Arc::new(Mutex::new(world)), requests, clock })
    }

    /// The clock that this world lives by.
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The source of request ids, shared by every router of this simulator.
    pub(in crate::sim) fn request_ids(&self) -> &RequestIds {
        &self.requests
    }

    /// Runs `act` on the world at the present instant; no other call is served meanwhile.
    pub fn with_world<R>(&self, act: impl FnOnce(&mut World, Moment) -> R) -> R {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        act(&mut world, now)
    }

    /// The exact content of `GET /_sim/world`; the endpoint is empty until [`Description::at`] fills it in.
    pub fn description(&self) -> Description {
        self.with_world(World::description)
    }

    /// All routes of this world with what a configuration for them needs.
    pub fn routes(&self) -> Vec<RouteInfo> {
        self.with_world(World::routes)
    }

    /// Sets or clears a fault on a route, or on one `destination` of it, for ever or for `seconds`.
    ///
    /// # Errors
    /// [`FaultError`] when there is no such route or destination, or the time makes no sense.
    pub fn set_fault(
        &self,
        route: &str,
        destination: Option<&str>,
        fault: Fault,
        on: bool,
        seconds: Option<f64>,
    ) -> Result<(), FaultError> {
        self.with_world(|world, now| world.set_fault(now, route, destination, fault, on, seconds))
    }

    /// What happened to a version that a client wrote, also when it was deleted since.
    pub fn truth(&self, bucket: &str, key: &str, version_id: &str) -> Option<Truth> {
        self.with_world(|world, now| world.truth(now, bucket, key, version_id))
    }

    /// Everything that exists in a bucket now, delete markers included.
    pub fn versions(&self, bucket: &str) -> Vec<VersionEntry> {
        self.with_world(|world, now| world.contents(now, bucket))
    }
}
