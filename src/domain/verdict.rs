//! The closed sets that users see first: how a leg ended, and what state that puts a destination in.

use std::fmt;

/// How a leg ended. Counted once per leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Arrived within the objective, all expectations met.
    Replicated,
    /// Arrived after the objective, all expectations met.
    Late,
    /// Not arrived by the deadline.
    Lost,
    /// S3 says FAILED: terminal, S3 never retries it.
    Failed,
    /// Arrived, but not as expected.
    Mismatched,
    /// No rule took the object.
    Uncovered,
    /// The monitor itself could not tell.
    Unknown,
}

impl Verdict {
    /// Every verdict, in the order of the documentation.
    pub const ALL: [Self; 7] =
        [Self::Replicated, Self::Late, Self::Lost, Self::Failed, Self::Mismatched, Self::Uncovered, Self::Unknown];

    /// The verdict as label value and API text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Replicated => "replicated",
            Self::Late => "late",
            Self::Lost => "lost",
            Self::Failed => "failed",
            Self::Mismatched => "mismatched",
            Self::Uncovered => "uncovered",
            Self::Unknown => "unknown",
        }
    }

    /// Whether the canary arrived, and right.
    #[must_use]
    pub fn is_arrival(self) -> bool {
        matches!(self, Self::Replicated | Self::Late)
    }

    /// Whether replication itself is at fault.
    #[must_use]
    pub fn is_fault(self) -> bool {
        matches!(self, Self::Lost | Self::Failed | Self::Mismatched | Self::Uncovered)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The state of a destination; a route shows its worst. Ordered by severity: the worst is the greatest.
///
/// `Paused` stands outside severity: it is the least, and `/health` ignores it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// No canaries are written, by configuration.
    Paused,
    /// Canaries arrive within the objective.
    Healthy,
    /// Canaries arrive after the objective.
    Late,
    /// The monitor cannot tell.
    Unknown,
    /// Canaries are beyond the objective and nothing arrives.
    Stalled,
    /// The set-up cannot replicate canaries.
    Misconfigured,
    /// Canaries failed, were lost, or arrived wrong.
    Failing,
}

impl State {
    /// Every state, worst first.
    pub const ALL: [Self; 7] =
        [Self::Failing, Self::Misconfigured, Self::Stalled, Self::Unknown, Self::Late, Self::Healthy, Self::Paused];

    /// The state as label value and API text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Healthy => "healthy",
            Self::Late => "late",
            Self::Unknown => "unknown",
            Self::Stalled => "stalled",
            Self::Misconfigured => "misconfigured",
            Self::Failing => "failing",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
