//! Whom an event concerns: the routes between its two buckets, or the one route whose canary it is about.

use std::collections::HashMap;
use std::sync::Arc;

use super::ReplicationEvent;
use crate::domain::canary::CanaryKey;
use crate::domain::name::Bucket;
use crate::domain::route::{Route, RouteId};

/// The destinations of routes, by their pairs of buckets.
#[derive(Debug, Default)]
pub struct Claims(HashMap<(Bucket, Bucket), Vec<Claim>>);

#[derive(Debug)]
struct Claim {
    route: RouteId,
    destination: usize,
    /// Where canaries of any monitor live: the route's prefix.
    canaries: String,
    /// Where those of this route live.
    own: String,
}

/// Whom an event concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Concerned {
    /// It is about a canary of this route, on its way to this destination.
    Canary(RouteId, usize),
    /// It is about an object of the user's, between these routes' buckets; never empty.
    Objects(Vec<(RouteId, usize)>),
    /// It is about a canary of another monitor or of a route that does not have this destination.
    StrangeCanary,
    /// No route has both buckets.
    Nobody,
}

impl Claims {
    /// The claims of routes whose source buckets are on one server.
    pub fn new<'a>(routes: impl IntoIterator<Item = (RouteId, &'a Arc<Route>)>) -> Self {
        let mut claims: HashMap<(Bucket, Bucket), Vec<Claim>> = HashMap::new();
        for (id, route) in routes {
            let canaries = &route.canary.prefix;
            for (place, destination) in route.destinations.iter().enumerate() {
                let pair = (route.source.bucket.clone(), destination.bucket.clone());
                claims.entry(pair).or_default().push(Claim {
                    route: id,
                    destination: place,
                    own: format!("{canaries}{}/{}/", route.instance, route.name),
                    canaries: canaries.clone(),
                });
            }
        }
        Self(claims)
    }

    /// Whom an event concerns.
    #[must_use]
    pub fn of(&self, event: &ReplicationEvent) -> Concerned {
        let Some(claims) = self.0.get(&(event.source.clone(), event.destination.clone())) else {
            return Concerned::Nobody;
        };
        let key = event.key.as_str();
        if let Some(own) = claims.iter().find(|claim| key.starts_with(&claim.own)) {
            return Concerned::Canary(own.route, own.destination);
        }
        if claims.iter().any(|claim| CanaryKey::parse(&claim.canaries, key).is_some()) {
            return Concerned::StrangeCanary;
        }
        Concerned::Objects(claims.iter().map(|claim| (claim.route, claim.destination)).collect())
    }
}
