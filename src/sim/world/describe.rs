//! What the world tells about itself, and what it knows of the fate of a version.

use super::World;
use super::description::{AccountRow, BucketRow, Description, KeyRow, RouteInfo, RouteRow, SideInfo};
use super::fault_table::RouteParts;
use super::journal::Change;
use super::key::KeyManager;
use super::moment::Moment;
use super::truth::Truth;

/// The prefix that canaries of every route use.
const CANARY_PREFIX: &str = "replicanary/";

impl World {
    /// Gives the way from `source` to wherever its rules lead a name.
    pub fn name_route(&mut self, now: Moment, name: &str, source: &str) {
        self.commit(now, Change::RouteNamed { name: name.to_owned(), source: source.to_owned() });
    }

    /// What happened to a version that a client wrote, deleted since or not.
    pub fn truth(&mut self, now: Moment, bucket: &str, key: &str, version: &str) -> Option<Truth> {
        self.enter(now);
        self.state.ledger.truth(bucket, key, version)
    }

    /// The body of `GET /_sim/world`, without the endpoint.
    pub fn description(&mut self, now: Moment) -> Description {
        let now = self.enter(now);
        let accounts = self.state.accounts.values().map(|account| AccountRow {
            id: account.id.clone(),
            access_key_id: account.access_key_id.clone(),
            secret_access_key: account.secret_access_key.clone(),
        });
        let names = self.state.buckets.keys();
        let buckets = names.filter_map(|name| self.state.bucket(name)).map(|bucket| BucketRow {
            name: bucket.info.name.clone(),
            account: bucket.info.account.clone(),
            region: bucket.info.region.clone(),
        });
        let keys = self.state.keys.values().filter(|key| !key.is_deleted(now));
        let keys = keys.filter(|key| key.info.manager == KeyManager::Customer).map(|key| KeyRow {
            arn: key.info.arn.clone(),
            account: key.info.account.clone(),
            region: key.info.region.clone(),
        });
        let rows = |route: RouteParts| {
            let row = move |(destination, _): &(String, Option<String>)| RouteRow {
                name: route.name.clone(),
                source_bucket: route.source.clone(),
                destination_bucket: destination.clone(),
            };
            route.destinations.iter().map(row).collect::<Vec<_>>()
        };
        let routes = self.state.route_parts().into_values().flat_map(rows).collect();
        let endpoint = String::new();
        Description { endpoint, accounts: accounts.collect(), buckets: buckets.collect(), keys: keys.collect(), routes }
    }

    /// All routes with what a configuration for them needs. A route of which a bucket is missing is left out.
    pub fn routes(&mut self, now: Moment) -> Vec<RouteInfo> {
        self.enter(now);
        self.state.route_parts().into_values().filter_map(|route| self.route_info(&route)).collect()
    }

    fn route_info(&self, route: &RouteParts) -> Option<RouteInfo> {
        let destinations = route.destinations.iter().map(|(bucket, key)| self.side(bucket, key.as_deref()));
        let active = self.state.faults.active().filter(|(_, name, _)| *name == route.name);
        Some(RouteInfo {
            name: route.name.clone(),
            source: self.side(&route.source, route.source_key.as_deref())?,
            destinations: destinations.collect::<Option<_>>()?,
            prefix: CANARY_PREFIX.to_owned(),
            faults: active.map(|(fault, _, destination)| (fault, destination.map(str::to_owned))).collect(),
        })
    }

    fn side(&self, bucket: &str, key: Option<&str>) -> Option<SideInfo> {
        let info = &self.state.buckets.get(bucket)?.info;
        let account = self.state.accounts.get(&info.account)?;
        Some(SideInfo {
            bucket: info.name.clone(),
            region: info.region.clone(),
            account: info.account.clone(),
            key_arn: key.map(str::to_owned),
            access_key_id: account.access_key_id.clone(),
            secret_access_key: account.secret_access_key.clone(),
        })
    }
}
