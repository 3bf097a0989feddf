//! Anything that happened: the one closed enum through which everything reports.

use std::sync::Arc;
use std::time::Duration;

use super::audit::Audit;
use super::audit::drift::Change;
use super::audit::facts::RouteFacts;
use super::event::EventObservation;
use super::event::queue::QueueObservation;
use super::key::KeyLook;
use super::name::{ObjectKey, VersionId};
use super::object::{ReplicationStatus, Trouble};
use super::reading::{Look, Metric, Place, RuleSeen};
use super::reason::Reason;
use super::report::Report;
use super::route::{Route, RouteId};
use super::time::{Moment, UnixMillis};

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Observation {
    /// A route is monitored from now on.
    RouteAdded(RouteId, Arc<Route>),
    /// A route is no longer monitored: its series go.
    RouteRemoved(RouteId),
    /// The scheduler started a canary of the route.
    Cycle {
        /// The route.
        route: RouteId,
        /// How much later than planned.
        delay: Duration,
        /// When.
        at: Moment,
    },
    /// A call of a probe to one side ended.
    Contact {
        /// The route.
        route: RouteId,
        /// The side that was called.
        side: Side,
        /// Whether the server answered the question; a refusal of the monitor is no answer.
        answer: Result<(), Trouble>,
        /// When the call ended.
        at: Moment,
    },
    /// Something about one canary.
    Canary(CanaryObservation),
    /// An AWS call ended, whoever made it.
    Call(CallRecord),
    /// The self-test of a side ended: HEAD of a never-written key.
    SelfTest {
        /// The route.
        route: RouteId,
        /// The side.
        side: Side,
        /// What it showed.
        outcome: SelfTest,
        /// When.
        at: Moment,
    },
    /// A look at the KMS key that is expected of a side.
    Key {
        /// The route.
        route: RouteId,
        /// The side.
        side: Side,
        /// What it came to; absent when no key is expected there any more.
        look: Option<KeyLook>,
        /// When.
        at: Moment,
    },
    /// A replication event that concerns a route.
    Event(EventObservation),
    /// Something about a queue of replication events.
    Queue(QueueObservation),
    /// An audit of the set-up ended: what two reads in a row said.
    Audited {
        /// The route.
        route: RouteId,
        /// What was found.
        audit: Arc<Audit>,
        /// What was read.
        facts: Arc<RouteFacts>,
        /// When.
        at: Moment,
    },
    /// The set-up became another.
    Drift {
        /// The route.
        route: RouteId,
        /// What changed.
        change: Arc<Change>,
        /// When that was certain.
        at: Moment,
    },
    /// A look at the rule that takes the canaries to a destination.
    Rule {
        /// The route.
        route: RouteId,
        /// Which destination.
        destination: usize,
        /// What it came to.
        rule: RuleSeen,
        /// When.
        at: Moment,
    },
    /// A look at the replication metrics of a destination that stand in one place.
    Readings {
        /// The route.
        route: RouteId,
        /// Which destination.
        destination: usize,
        /// Where they stand.
        place: Place,
        /// What the look at each came to.
        looks: Vec<(Metric, Look)>,
        /// When.
        at: Moment,
    },
    /// A probe broke (panicked); its canary is being removed.
    ProbeBroke {
        /// The route.
        route: RouteId,
        /// The canary's key.
        key: ObjectKey,
        /// When.
        at: Moment,
    },
}

/// Something about one canary.
#[derive(Debug, Clone)]
pub struct CanaryObservation {
    /// The route.
    pub route: RouteId,
    /// The canary's key.
    pub key: ObjectKey,
    /// When its PUT was sent.
    pub written_at: UnixMillis,
    /// When it was observed.
    pub at: Moment,
    /// What was observed.
    pub note: Note,
}

/// What a probe reports of its canary, beside calls.
#[derive(Debug, Clone, PartialEq)]
pub enum Note {
    /// The PUT is about to be sent: from now on the canary is pending at every destination.
    WriteSent,
    /// The source holds the canary under this version.
    Written {
        /// The version.
        version_id: VersionId,
    },
    /// The canary was not written, or not as a canary: no verdict will follow from it, unless an `unknown` one does.
    WriteFailed {
        /// Why.
        reason: Reason,
    },
    /// The source showed a replication status, or none.
    SourceStatus(Option<ReplicationStatus>),
    /// A miss at the objective or later: the leg is proven beyond it and undecided.
    BeyondObjective {
        /// Which destination.
        destination: usize,
    },
    /// A leg ended: counted once.
    Judged(Report),
    /// The replica of a lost canary arrived after all: not counted, but its lag and its recovery are.
    ArrivedLate(Report),
    /// A destination no longer waits for the canary, whatever its verdict was: it is not pending there.
    LegClosed {
        /// Which destination.
        destination: usize,
    },
    /// The version on one side was removed.
    Deleted {
        /// Which side.
        side: Side,
    },
    /// A removal met trouble; it is tried again.
    DeleteFailed {
        /// Which side.
        side: Side,
        /// Why.
        trouble: Trouble,
        /// Whether the server refuses it, as opposed to not answering: the canary is undeletable until it succeeds.
        refused: bool,
    },
    /// What is left on one side at the end was given up.
    Leaked {
        /// Which side.
        side: Side,
    },
    /// What is left at the stop, on purpose: versions still PENDING. Comes before its legs are closed.
    LeftPending,
    /// The final report of a leg, with all its stages: replaces the earlier one, counts nothing.
    Final(Report),
    /// The probe is over.
    Ended,
}

/// A side of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The source bucket.
    Source,
    /// A destination, by its place in the configuration.
    Destination(usize),
}

/// One AWS call, for counting: what it was, how long it took, how it ended.
#[derive(Debug, Clone)]
pub struct CallRecord {
    /// The service, such as `s3`.
    pub service: &'static str,
    /// The operation, such as `HeadObject`.
    pub operation: &'static str,
    /// The Region that was called.
    pub region: Arc<str>,
    /// How long it took.
    pub duration: Duration,
    /// How it ended.
    pub outcome: Result<(), Trouble>,
}

/// What HEAD of a never-written key showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelfTest {
    /// 404: absent objects can be told.
    SeesAbsence,
    /// 403: without `s3:ListBucket` a refusal may mean "not there".
    RefusedWithoutListing,
    /// No answer.
    NoAnswer(Trouble),
}
