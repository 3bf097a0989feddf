//! Which routes stand still at once, by Region: one alone tells of itself, several tell of the Region.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::name::Region;
use crate::domain::route::RouteId;

/// Beyond so many, it does not matter how many others stand still.
const OTHERS_MAX: usize = 10;

/// The routes that stand still, by Region.
#[derive(Debug, Default)]
pub(super) struct Standstill {
    regions: BTreeMap<Region, BTreeSet<RouteId>>,
    still: BTreeMap<RouteId, BTreeSet<Region>>,
}

impl Standstill {
    /// Notes where a route stands still now; answers who is to be told how many others do so, and where.
    pub(super) fn note(&mut self, id: RouteId, still: BTreeSet<Region>) -> Vec<(RouteId, Region, usize)> {
        let before = self.still.get(&id);
        if before.map_or(still.is_empty(), |before| *before == still) {
            return Vec::new();
        }
        let before = self.still.remove(&id).unwrap_or_default();
        let mut told = Vec::new();
        for region in before.symmetric_difference(&still) {
            let routes = self.regions.entry(region.clone()).or_default();
            let old = routes.len();
            if still.contains(region) {
                routes.insert(id);
            } else {
                routes.remove(&id);
                told.push((id, region.clone(), 0));
            }
            let others = |count: usize| count.saturating_sub(1).min(OTHERS_MAX);
            if others(old) == others(routes.len()) {
                told.extend(routes.contains(&id).then(|| (id, region.clone(), others(routes.len()))));
            } else {
                told.extend(routes.iter().map(|route| (*route, region.clone(), others(routes.len()))));
            }
            if routes.is_empty() {
                self.regions.remove(region);
            }
        }
        if !still.is_empty() {
            self.still.insert(id, still);
        }
        told
    }
}
