//! What a leg must know of the rest of the probe.

use crate::domain::canary::Canary;
use crate::domain::observation::Side;
use crate::domain::poll::PollSchedule;
use crate::domain::probe::source::{Held, Owner};
use crate::domain::probe::{Absence, Expectations};
use crate::domain::route::{Destination, Route};
use crate::domain::time::Moment;

/// What a leg must know of the rest of the probe, once the canary is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct World<'a> {
    /// The route.
    pub(crate) route: &'a Route,
    /// The leg's place among its destinations,
    pub(crate) place: usize,
    /// and the destination there.
    pub(crate) destination: &'a Destination,
    /// The canary.
    pub(crate) canary: &'a Canary,
    /// What is expected beyond the configuration.
    pub(crate) expected: &'a Expectations,
    /// When to poll.
    pub(crate) polls: &'a PollSchedule,
    /// The version at the source.
    pub(crate) held: &'a Held,
    /// Whether another destination has the replica.
    pub(crate) sibling_arrived: bool,
}

impl World<'_> {
    /// What a 403 means at the destination.
    pub(super) fn absence(&self) -> Absence {
        self.expected.absence(Side::Destination(self.place))
    }

    /// Whether the canary has reached its deadline at an instant.
    pub(super) fn is_past_deadline(&self, at: Moment) -> bool {
        self.held.write.age(at.mono) >= self.route.canary.deadline
    }

    /// Whether source and destination belong to different accounts, as far as both are known.
    pub(super) fn crosses_accounts(&self) -> bool {
        match (&self.route.source.account, &self.destination.account) {
            (Some(source), Some(destination)) => source != destination,
            (None, _) | (_, None) => true,
        }
    }

    /// Whether a listed owner is the one of the source version; `None` while that is being asked.
    pub(super) fn is_source_owner(&self, listed: &str) -> Option<bool> {
        match self.held.owner() {
            Owner::Known(owner) => Some(owner == listed),
            Owner::Untold => Some(self.route.source.account.as_ref().is_some_and(|account| account.as_str() == listed)),
            Owner::Unasked | Owner::Wanted { .. } => None,
        }
    }
}
