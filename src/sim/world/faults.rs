//! Setting and clearing faults, and what follows from it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::agenda::Event;
use super::fault::{Fault, FaultError, FaultRow};
use super::fault_table::RouteParts;
use super::journal::Change;
use super::key::KeyInfo;
use super::moment::Moment;
use super::policy::Policy;
use super::rule::ReplicationConfiguration;
use super::state::State;
use super::{World, arn};

/// A fault may be limited to ten years: whoever wants more wants no limit.
const LONGEST_FAULT_SECONDS: f64 = 10.0 * 365.0 * 86_400.0;

impl World {
    /// Sets or clears a fault on a route, or on one destination of it, for ever or for `seconds`. A route that has no
    /// name of its own is called like its source bucket, which names every other route as well. `skewed_clock` is
    /// world-wide whatever route it is set on. Clearing without a destination clears the whole route.
    ///
    /// # Errors
    /// [`FaultError`] when there is no such route or destination, or `seconds` makes no sense.
    pub fn set_fault(
        &mut self,
        now: Moment,
        route: &str,
        destination: Option<&str>,
        fault: Fault,
        on: bool,
        seconds: Option<f64>,
    ) -> Result<(), FaultError> {
        let now = self.enter(now);
        let parts = self.state.route_named(route).ok_or_else(|| FaultError::UnknownRoute(route.to_owned()))?;
        if let Some(bucket) = destination.filter(|bucket| parts.destinations.iter().all(|(name, _)| name != bucket)) {
            return Err(FaultError::UnknownDestination { route: route.to_owned(), destination: bucket.to_owned() });
        }
        let limit = seconds.map(duration).transpose()?;
        let (route, destination) = (parts.name.clone(), destination.map(str::to_owned));
        if !on {
            if destination.is_some() {
                self.spread_over_destinations(now, &parts, fault);
            }
            self.commit(now, Change::FaultCleared { fault, route, destination });
            return Ok(());
        }
        if fault == Fault::WrongReplicaKey {
            self.provide_other_keys(now, &parts);
        }
        let ends = limit.map(|limit| now.plus(limit));
        self.commit(now, Change::FaultSet { fault, route, destination, ends });
        Ok(())
    }

    /// All faults, each with the routes that have it now.
    pub fn faults(&mut self, now: Moment) -> Vec<FaultRow> {
        self.enter(now);
        let everywhere = || self.state.route_parts().into_keys().collect();
        let routes = |fault: Fault| -> BTreeSet<String> {
            if fault == Fault::SkewedClock && self.state.faults.anywhere(fault) {
                return everywhere();
            }
            self.state.faults.active().filter(|(on, ..)| *on == fault).map(|(_, route, _)| route.to_owned()).collect()
        };
        Fault::ALL.iter().map(|fault| FaultRow { name: fault.name(), routes: routes(*fault) }).collect()
    }

    /// Before a fault is cleared at one destination, a fault of the whole route becomes one of each destination.
    fn spread_over_destinations(&mut self, now: Moment, parts: &RouteParts, fault: Fault) {
        let whole =
            |(on, route, only): (Fault, &str, Option<&str>)| on == fault && route == parts.name && only.is_none();
        if !self.state.faults.active().any(whole) {
            return;
        }
        let ends = self.state.faults.ends_of(fault, &parts.name, None);
        self.commit(now, Change::FaultCleared { fault, route: parts.name.clone(), destination: None });
        for (bucket, _) in &parts.destinations {
            let (route, destination) = (parts.name.clone(), Some(bucket.clone()));
            self.commit(now, Change::FaultSet { fault, route, destination, ends });
        }
    }

    /// `wrong_replica_key` needs a wrong key: one of the destination's own account and Region that no route uses.
    fn provide_other_keys(&mut self, now: Moment, parts: &RouteParts) {
        for (bucket, _) in &parts.destinations {
            let Some(info) = self.state.buckets.get(bucket).map(|bucket| bucket.info.clone()) else { continue };
            let id = self.state.other_key_id(&info.account, &info.region);
            let key = KeyInfo::new(id, &info.account, &info.region, now);
            if !self.state.keys.contains_key(&key.arn) {
                let key = KeyInfo { description: "Another team's key".to_owned(), ..key };
                self.commit(now, Change::KeyCreated { info: key, policy: Policy::of_key_default(&info.account) });
            }
        }
    }
}

impl State {
    /// The key that `wrong_replica_key` writes replicas under.
    pub(super) fn other_key_arn(&self, account: &str, region: &str) -> String {
        arn::kms_arn(region, account, &format!("key/{}", self.other_key_id(account, region)))
    }

    fn other_key_id(&self, account: &str, region: &str) -> String {
        self.draw(&["other key", account, region]).uuid()
    }

    pub(super) fn begin_fault(
        &mut self,
        at: Moment,
        fault: Fault,
        route: String,
        destination: Option<String>,
        ends: Option<Moment>,
    ) {
        if let Some(ends) = ends {
            self.agenda.add(ends, Event::FaultEnds(fault, route.clone(), destination.clone()));
        }
        self.faults.insert(fault, route, destination, ends);
        self.refresh_faults(at);
    }

    pub(super) fn end_fault(&mut self, fault: Fault, route: &str, destination: Option<&str>, at: Moment) {
        self.faults.remove(fault, route, destination);
        self.refresh_faults(at);
        if fault == Fault::Outage {
            self.release_held(at);
        }
    }

    /// Attempts that waited for the end of an outage get a fresh latency from then on.
    fn release_held(&mut self, at: Moment) {
        for leg in std::mem::take(&mut self.held) {
            let (record, fate) = self.ledger.leg(leg);
            let destination = fate.rule.destination.bucket_name();
            if self.faults_between(&record.bucket, destination).has(Fault::Outage) {
                self.held.push(leg);
                continue;
            }
            let latency = self.latency(record, destination, fate.draws);
            self.ledger.leg_mut(leg).draws += 1;
            self.agenda.add(at.plus(latency), Event::Attempt(leg));
        }
    }

    pub(super) fn refresh_faults(&mut self, at: Moment) {
        let nothing_on = self.faults.active().next().is_none();
        let routes = if nothing_on { BTreeMap::new() } else { self.route_parts() };
        self.faults.index(&routes);
        self.mute_series(at);
    }

    /// All routes by name: the named ones, and one for every other bucket that has a replication configuration.
    pub(super) fn route_parts(&self) -> BTreeMap<String, RouteParts> {
        let named = self.routes.iter().map(|(name, source)| (name.as_str(), source.as_str()));
        let has_name = |bucket: &str| self.routes.values().any(|source| source == bucket);
        let replicating = self.buckets.iter().filter(|(_, bucket)| bucket.replication.latest().is_some());
        let unnamed = replicating.map(|(name, _)| (name.as_str(), name.as_str())).filter(|(name, _)| !has_name(name));
        let parts = |(name, source): (&str, &str)| Some((name.to_owned(), self.parts_of(name, source)?));
        named.chain(unnamed).filter_map(parts).collect()
    }

    fn route_named(&self, name: &str) -> Option<RouteParts> {
        let routes = self.route_parts();
        routes.get(name).or_else(|| routes.values().find(|route| route.source == name)).cloned()
    }

    fn parts_of(&self, name: &str, source: &str) -> Option<RouteParts> {
        let bucket = self.buckets.get(source)?;
        let nothing = ReplicationConfiguration::default();
        let configuration = bucket.replication.latest().as_ref().unwrap_or(&nothing);
        let mut destinations: Vec<(String, Option<String>)> = Vec::new();
        for rule in &configuration.rules {
            let destination = rule.destination.bucket_name();
            if destinations.iter().all(|(known, _)| known != destination) {
                let key = rule.destination.encryption.as_ref().and_then(|e| e.replica_kms_key_id.as_deref());
                destinations.push((destination.to_owned(), key.map(|key| self.resolve_alias_arn(key))));
            }
        }
        let default_key = bucket.encryption.latest().key_id.as_deref();
        Some(RouteParts {
            name: name.to_owned(),
            source: source.to_owned(),
            source_key: default_key.map(|key| self.resolve_key(key, &bucket.info.account, &bucket.info.region)),
            role: Some(configuration.role.clone()).filter(|role| !role.is_empty()),
            destinations,
        })
    }
}

fn duration(seconds: f64) -> Result<Duration, FaultError> {
    if seconds > 0.0 && seconds <= LONGEST_FAULT_SECONDS {
        Duration::try_from_secs_f64(seconds).map_err(|_| FaultError::InvalidSeconds)
    } else {
        Err(FaultError::InvalidSeconds)
    }
}
