//! Whether the replication role may do what replication needs. Faults decide today; policies are asked here too.

use super::fault::{Fault, FaultSet};
use super::identity::Role;
use super::moment::Moment;
use super::state::State;

/// What the replication role does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// `s3:GetObjectVersionForReplication` and its companions, on the source.
    ReadSource,
    /// `s3:ReplicateObject` and its companions, on the destination.
    ReplicateObject,
    /// `s3:ReplicateDelete`, on the destination.
    ReplicateDelete,
}

impl State {
    /// Whether `role` may perform `action` on a way with these faults at `at`.
    ///
    /// `role_denied` refuses everything at the destination. The policies on roles, keys and buckets are stored and
    /// shown; replication does not evaluate them.
    pub(super) fn may(&self, _role: &Role, action: Action, faults: FaultSet, _at: Moment) -> bool {
        match action {
            Action::ReadSource => true,
            Action::ReplicateObject | Action::ReplicateDelete => !faults.has(Fault::RoleDenied),
        }
    }
}
