//! The language between a probe and whoever performs it: steps out, answers in.

use crate::domain::name::VersionId;
use crate::domain::object::{ContentSeen, ListedVersion, ObjectSeen, Trouble};
use crate::domain::observation::{Note, Side};
use crate::domain::time::{Moment, Monotonic};

/// What a probe wants next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Make this call, and hand its answer back; go on asking for steps meanwhile.
    Run(Command),
    /// Tell this, and ask for the next step.
    Noted(Note),
    /// Ask again then, or after the next answer, whichever comes first.
    WaitUntil(Monotonic),
    /// The probe is over: calls that are still under way may be dropped.
    Finished,
}

/// One call. A side has at most one under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The side to call.
    pub side: Side,
    /// The call.
    pub action: Action,
}

/// What to ask of a side, about the canary's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Write the canary, unless its key exists.
    Put,
    /// Look at a version, or at the latest one.
    Head(Option<VersionId>),
    /// Read and digest a version.
    Get(VersionId),
    /// List the versions and markers of exactly this key.
    List,
    /// Delete a version for good, never making a marker.
    Delete(VersionId),
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The side that was called.
    pub side: Side,
    /// Just before the request went out, after any wait for a permit: lower bounds of lags rest on it.
    pub sent: Moment,
    /// What came back.
    pub outcome: Result<Reply, Trouble>,
}

/// What a call gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// To [`Action::Put`]: the version that the server gave it.
    Written(Option<VersionId>),
    /// To [`Action::Head`].
    Object(Box<ObjectSeen>),
    /// To [`Action::Get`].
    Content(ContentSeen),
    /// To [`Action::List`].
    Versions(Vec<ListedVersion>),
    /// To [`Action::Delete`].
    Deleted,
}
