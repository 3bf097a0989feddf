//! What each scripted fault must show: the table of the simulator's law.

use replicanary::domain::verdict::{State, Verdict};
use replicanary::sim::Fault;

/// What the monitor must show while a fault is on and nothing else is broken.
pub(crate) struct Expectation {
    pub(crate) fault: Fault,
    /// The verdicts that may be given; the first must be.
    pub(crate) verdicts: &'static [Verdict],
    /// The state that must be reached.
    pub(crate) state: State,
    /// States that may be shown on the way.
    pub(crate) on_the_way: &'static [State],
}

const fn expect(fault: Fault, verdicts: &'static [Verdict], state: State, on_the_way: &'static [State]) -> Expectation {
    Expectation { fault, verdicts, state, on_the_way }
}

use State::{Failing, Healthy, Late, Misconfigured, Stalled, Unknown};
use Verdict::{Failed, Lost, Mismatched, Replicated, Uncovered};

pub(crate) const TABLE: &[Expectation] = &[
    expect(Fault::Outage, &[Lost], Failing, &[Unknown, Stalled]),
    expect(Fault::Slow, &[Verdict::Late], Late, &[Unknown, Stalled]),
    expect(Fault::Throttled, &[Verdict::Unknown], Unknown, &[]),
    expect(Fault::TimeOuts, &[Verdict::Unknown], Unknown, &[]),
    expect(Fault::DroppedConnections, &[Verdict::Unknown], Unknown, &[]),
    expect(Fault::AccessDenied, &[Verdict::Unknown], Unknown, &[]),
    expect(Fault::ExpiredToken, &[Verdict::Unknown], Unknown, &[]),
    expect(Fault::SkewedClock, &[Replicated, Verdict::Unknown], Healthy, &[Unknown]),
    expect(Fault::DestinationKeyDisabled, &[Failed], Failing, &[Unknown, Misconfigured]),
    expect(Fault::DestinationKeyPendingDeletion, &[Failed], Failing, &[Unknown, Misconfigured]),
    expect(Fault::VersioningSuspended, &[Failed], Failing, &[Unknown, Misconfigured]),
    expect(Fault::DestinationBucketDeleted, &[Failed], Failing, &[Unknown, Misconfigured]),
    expect(Fault::RoleDenied, &[Failed], Failing, &[Unknown, Misconfigured]),
    expect(Fault::WrongReplicaKey, &[Mismatched], Failing, &[Unknown]),
    expect(Fault::MissingMetadata, &[Mismatched], Failing, &[Unknown]),
    expect(Fault::CorruptedReplica, &[Mismatched], Failing, &[Unknown]),
    expect(Fault::RuleDisabled, &[Uncovered], Misconfigured, &[Unknown]),
    expect(Fault::RuleFilterMoved, &[Uncovered], Misconfigured, &[Unknown]),
];
