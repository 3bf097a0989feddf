//! Label values: only from closed enums, so that the number of series is bounded by the types.

use std::fmt::Debug;

use crate::domain::object::{ReplicationStatus, Trouble};
use crate::domain::observation::Side;
use crate::domain::reason::Reason;
use crate::domain::verdict::{State, Verdict};

/// A closed enum that labels series.
pub(super) trait Label: Copy + Ord + Debug {
    /// The label's name.
    const NAME: &'static str;

    /// The label's value.
    fn value(self) -> &'static str;
}

/// A label of at most eight values, all of which exist from the start.
pub(super) trait Closed: Label + 'static {
    /// Every value.
    const ALL: &'static [Self];
}

impl Label for Verdict {
    const NAME: &'static str = "verdict";

    fn value(self) -> &'static str {
        self.as_str()
    }
}

impl Closed for Verdict {
    const ALL: &'static [Self] = &Self::ALL;
}

impl Label for State {
    const NAME: &'static str = "state";

    fn value(self) -> &'static str {
        self.as_str()
    }
}

impl Closed for State {
    const ALL: &'static [Self] = &Self::ALL;
}

/// What the source showed of a canary's replication: a status, or none at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct StatusShown(pub(super) Option<ReplicationStatus>);

impl Label for StatusShown {
    const NAME: &'static str = "status";

    fn value(self) -> &'static str {
        self.0.map_or("none", ReplicationStatus::as_str)
    }
}

impl Closed for StatusShown {
    const ALL: &'static [Self] = &[
        Self(Some(ReplicationStatus::Pending)),
        Self(Some(ReplicationStatus::Completed)),
        Self(Some(ReplicationStatus::Failed)),
        Self(Some(ReplicationStatus::Replica)),
        Self(Some(ReplicationStatus::Other)),
        Self(None),
    ];
}

impl Label for Reason {
    const NAME: &'static str = "reason";

    fn value(self) -> &'static str {
        self.as_str()
    }
}

impl Label for Trouble {
    const NAME: &'static str = "code";

    fn value(self) -> &'static str {
        self.as_str()
    }
}

/// The value of the label `side`.
pub(super) fn side(side: Side) -> &'static str {
    match side {
        Side::Source => "source",
        Side::Destination(_) => "destination",
    }
}
