//! Label values: only from closed enums, so that the number of series is bounded by the types.

use std::fmt::Debug;

use crate::domain::cause::CauseId;
use crate::domain::event::EventName;
use crate::domain::event::queue::MessageOutcome;
use crate::domain::event::reason::FailureReason;
use crate::domain::object::{ReplicationStatus, Trouble};
use crate::domain::observation::Side;
use crate::domain::reading::Metric;
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

impl Label for Metric {
    const NAME: &'static str = "metric";

    fn value(self) -> &'static str {
        self.as_str()
    }
}

impl Closed for Metric {
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

/// A check of the set-up, or what changed of it: an id out of the tables of the domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CheckId(pub(super) &'static str);

impl Label for CheckId {
    const NAME: &'static str = "check";

    fn value(self) -> &'static str {
        self.0
    }
}

impl Label for Reason {
    const NAME: &'static str = "reason";

    fn value(self) -> &'static str {
        self.as_str()
    }
}

impl Label for CauseId {
    const NAME: &'static str = "cause";

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

impl Label for FailureReason {
    const NAME: &'static str = "reason";

    fn value(self) -> &'static str {
        self.as_str()
    }
}

impl Label for EventName {
    const NAME: &'static str = "event";

    fn value(self) -> &'static str {
        self.as_str()
    }
}

impl Label for MessageOutcome {
    const NAME: &'static str = "outcome";

    fn value(self) -> &'static str {
        self.as_str()
    }
}

impl Closed for MessageOutcome {
    const ALL: &'static [Self] = &Self::ALL;
}

/// The value of the label `side`.
pub(super) fn side(side: Side) -> &'static str {
    match side {
        Side::Source => "source",
        Side::Destination(_) => "destination",
    }
}
