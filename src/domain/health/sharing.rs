//! Which routes share a cause: the same trouble of the same bucket, key, account or Region.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::cause::{Cause, CauseId, Scope};
use crate::domain::name::RouteName;
use crate::domain::route::RouteId;
use crate::domain::snapshot::RouteSnapshot;

/// The most routes that a cause names beside its own.
pub(super) const SHARED_MAX: usize = 20;

/// What routes share: a cause, and what it is the cause for.
pub(super) type Group = (CauseId, String);

/// The groups of routes with a shared cause.
#[derive(Debug, Default)]
pub(super) struct Sharing {
    members: BTreeMap<Group, BTreeSet<(RouteName, RouteId)>>,
    groups: BTreeMap<RouteId, BTreeSet<Group>>,
}

impl Sharing {
    /// Notes which causes a route has now; answers the routes whose snapshots name others than before.
    pub(super) fn note(&mut self, id: RouteId, name: &RouteName, groups: BTreeSet<Group>) -> BTreeSet<RouteId> {
        let before = self.groups.remove(&id).unwrap_or_default();
        let mut touched = BTreeSet::new();
        for group in before.symmetric_difference(&groups) {
            let members = self.members.entry(group.clone()).or_default();
            let told: Vec<_> = members.iter().take(SHARED_MAX + 1).cloned().collect();
            if groups.contains(group) {
                members.insert((name.clone(), id));
            } else {
                members.remove(&(name.clone(), id));
            }
            if !members.iter().take(SHARED_MAX + 1).eq(&told) {
                touched.extend(members.iter().map(|(_, id)| *id));
            }
            if members.is_empty() {
                self.members.remove(group);
            }
        }
        if !groups.is_empty() {
            self.groups.insert(id, groups);
        }
        touched
    }

    /// Writes into a snapshot who shares its causes.
    pub(super) fn tell(&self, snapshot: &mut RouteSnapshot) {
        let places: Vec<Option<Group>> = (0..snapshot.destinations.len()).map(|place| group(snapshot, place)).collect();
        for (destination, group) in snapshot.destinations.iter_mut().zip(places) {
            let (Some(cause), Some(group)) = (&mut destination.cause, group) else { continue };
            let others = self.members.get(&group).into_iter().flatten().filter(|(_, id)| *id != snapshot.id);
            let others: Vec<RouteName> = others.take(SHARED_MAX).map(|(name, _)| name.clone()).collect();
            if cause.shared_with != others {
                Arc::make_mut(cause).shared_with = others;
            }
        }
    }
}

/// The groups that a route's causes put it in.
pub(super) fn groups(snapshot: &RouteSnapshot) -> BTreeSet<Group> {
    (0..snapshot.destinations.len()).filter_map(|place| group(snapshot, place)).collect()
}

fn group(snapshot: &RouteSnapshot, place: usize) -> Option<Group> {
    let (route, health) = (&snapshot.route, snapshot.destinations.get(place)?);
    let destination = route.destinations.get(place)?;
    let cause = health.cause.as_deref()?;
    let account = |account: Option<&crate::domain::name::AccountId>| account.map(ToString::to_string);
    let subject = match cause.id.scope() {
        Scope::SourceBucket => Some(route.source.bucket.to_string()),
        Scope::DestinationBucket => Some(destination.bucket.to_string()),
        Scope::SourceKey => health.keys.source.as_ref().map(|key| key.named.to_string()),
        Scope::DestinationKey => health.keys.destination.as_ref().map(|key| key.named.to_string()),
        Scope::SourceAccount => account(route.source.account.as_ref()).map(|account| subject(account, cause)),
        Scope::DestinationRegion => Some(destination.region.to_string()),
    };
    Some((cause.id, subject?))
}

/// Roles are many in an account: what was found must be the same, where something was.
fn subject(account: String, cause: &Cause) -> String {
    match cause.evidence.first() {
        Some(evidence) if !cause.id.is_monitors_own() => format!("{account} {evidence}"),
        Some(_) | None => account,
    }
}
