//! Which faults are on, and, worked out from that, what they touch.

use std::collections::{BTreeMap, HashMap};

use super::fault::{Fault, FaultSet};
use super::moment::Moment;

/// A route as the faults see it: buckets, keys and role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RouteParts {
    pub(super) name: String,
    pub(super) source: String,
    pub(super) source_key: Option<String>,
    pub(super) role: Option<String>,
    /// Destination buckets, each with the key that replicas there are written under.
    pub(super) destinations: Vec<(String, Option<String>)>,
}

/// The faults that are on, and indexes of them by what they touch.
#[derive(Clone, Debug, Default)]
pub(super) struct FaultTable {
    /// Fault, route and, where it is limited to one, destination; and when it ends by itself.
    active: BTreeMap<(Fault, String, Option<String>), Option<Moment>>,
    legs: HashMap<String, HashMap<String, FaultSet>>,
    buckets: HashMap<String, FaultSet>,
    keys: HashMap<String, FaultSet>,
    roles: HashMap<String, FaultSet>,
}

impl FaultTable {
    pub(super) fn insert(&mut self, fault: Fault, route: String, destination: Option<String>, ends: Option<Moment>) {
        self.active.insert((fault, route, destination), ends);
    }

    /// Takes a fault off. Without a destination it goes from the whole route.
    pub(super) fn remove(&mut self, fault: Fault, route: &str, destination: Option<&str>) {
        self.active.retain(|(other, on_route, at), _| {
            let named = destination.is_none() || at.as_deref() == destination;
            *other != fault || on_route != route || !named
        });
    }

    /// When this activation ends by itself.
    pub(super) fn ends_of(&self, fault: Fault, route: &str, destination: Option<&str>) -> Option<Moment> {
        self.active.get(&(fault, route.to_owned(), destination.map(str::to_owned))).copied().flatten()
    }

    pub(super) fn active(&self) -> impl Iterator<Item = (Fault, &str, Option<&str>)> {
        self.active.keys().map(|(fault, route, destination)| (*fault, route.as_str(), destination.as_deref()))
    }

    /// Whether the fault is on anywhere.
    pub(super) fn anywhere(&self, fault: Fault) -> bool {
        self.active().any(|(active, ..)| active == fault)
    }

    pub(super) fn of_leg(&self, source: &str, destination: &str) -> FaultSet {
        self.legs.get(source).and_then(|legs| legs.get(destination)).copied().unwrap_or_default()
    }

    pub(super) fn of_bucket(&self, bucket: &str) -> FaultSet {
        self.buckets.get(bucket).copied().unwrap_or_default()
    }

    pub(super) fn of_key(&self, arn: &str) -> FaultSet {
        self.keys.get(arn).copied().unwrap_or_default()
    }

    /// Faults of a role, named by ARN or by its last part.
    pub(super) fn of_role(&self, named: &str) -> FaultSet {
        let matches = |arn: &str| arn == named || arn.rsplit('/').next() == Some(named);
        self.roles.iter().filter(|(arn, _)| matches(arn)).fold(FaultSet::default(), |all, (_, set)| all.union(*set))
    }

    /// Works the indexes out anew, from the faults that are on and the routes as they are.
    pub(super) fn index(&mut self, routes: &BTreeMap<String, RouteParts>) {
        self.legs.clear();
        self.buckets.clear();
        self.keys.clear();
        self.roles.clear();
        let active: Vec<_> = self.active.keys().cloned().collect();
        for (fault, route, only) in active {
            let Some(route) = routes.get(&route) else { continue };
            for (destination, key) in &route.destinations {
                if only.as_ref().is_none_or(|only| only == destination) {
                    self.legs
                        .entry(route.source.clone())
                        .or_default()
                        .entry(destination.clone())
                        .or_default()
                        .insert(fault);
                    self.mark_side(fault, destination, key.as_deref());
                }
            }
            if only.is_none() && fault.is_edge() {
                self.mark_side(fault, &route.source, route.source_key.as_deref());
                if let Some(role) = &route.role {
                    self.roles.entry(role.clone()).or_default().insert(fault);
                }
            }
        }
    }

    fn mark_side(&mut self, fault: Fault, bucket: &str, key: Option<&str>) {
        self.buckets.entry(bucket.to_owned()).or_default().insert(fault);
        if let Some(key) = key {
            self.keys.entry(key.to_owned()).or_default().insert(fault);
        }
    }
}
