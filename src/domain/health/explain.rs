//! What is known of a route beside its canaries, and the cause that follows for each destination.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::conditions::Shown;
use crate::domain::audit::finding::Finding;
use crate::domain::cause::{Cause, Evidence, Traffic, diagnose};
use crate::domain::key::KeyPair;
use crate::domain::object::ReplicationStatus;
use crate::domain::reading::{Metric, Readings};
use crate::domain::reason::Reason;

/// What audits, events and other routes tell of one route.
#[derive(Debug, Default)]
pub(super) struct Witnesses {
    /// What the last audit found.
    pub(super) findings: Arc<[Finding]>,
    /// How many other routes to its Region stand still, by destination.
    pub(super) still_in_region: BTreeMap<usize, usize>,
}

impl Witnesses {
    /// The cause of a destination's trouble, if it has any.
    pub(super) fn cause(
        &self,
        (destination, shown): (usize, Shown<'_>),
        message: &str,
        keys: &KeyPair,
        readings: &Readings,
        source_status: Option<Option<ReplicationStatus>>,
    ) -> Option<Arc<Cause>> {
        let reason = shown.why.reason();
        let evidence = Evidence {
            state: shown.state,
            reason,
            message,
            source_status,
            failure: if let Reason::Replication(failure) = reason { Some(failure) } else { None },
            findings: &self.findings,
            destination,
            keys,
            traffic: traffic(readings),
            still_in_region: self.still_in_region.get(&destination).copied().unwrap_or(0),
        };
        diagnose(&evidence).map(Arc::new)
    }
}

/// What CloudWatch says of all objects; nothing where it says nothing of the present.
fn traffic(readings: &Readings) -> Option<Traffic> {
    let value = |metric| readings.of(metric).value;
    let traffic = Traffic {
        pending_operations: value(Metric::OperationsPending),
        pending_bytes: value(Metric::BytesPending),
        failed_operations: readings.of(Metric::OperationsFailed).less_canaries,
    };
    (traffic != Traffic::default()).then_some(traffic)
}
