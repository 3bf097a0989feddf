//! What API and page say beside the numbers: the limits of what can be told, and what repairs a gap.

use crate::domain::route::{Cleanup, Destination, Observe, Route, StatusSupport};
use crate::domain::verdict::Verdict;

/// What the configuration keeps the monitor from telling about a destination.
pub(super) fn limits(route: &Route, destination: &Destination) -> Vec<&'static str> {
    let mut notes = Vec::new();
    if route.replication_status == StatusSupport::None {
        notes.push(
            "the source server sends no replication status: failed and uncovered cannot be told, \
             a missing replica can only become late or lost",
        );
    }
    if destination.observe == Observe::SourceOnly {
        notes.push(
            "the destination is not read: COMPLETED at the source stands for arrival, and neither key nor content \
             of the replica is verified",
        );
    }
    if destination.cleanup == Cleanup::Lifecycle {
        notes.push("replicas are removed by the destination's lifecycle rule, not by the monitor");
    }
    notes
}

/// The replication statuses that S3 Batch Replication must select to repair a gap: S3 never retries FAILED, and
/// objects that no rule took show NONE.
pub(super) fn repaired_statuses(verdict: Verdict) -> &'static [&'static str] {
    if verdict == Verdict::Uncovered { &["FAILED", "NONE"] } else { &["FAILED"] }
}
