//! What a check says: whether it holds, on what evidence, and how to repair it.

use std::fmt;

/// One row of the table of checks.
#[derive(Debug, PartialEq, Eq)]
pub struct Check {
    /// Its id: stable, fit for a label, such as `rule_covers_canary`.
    pub id: &'static str,
    /// How grave it is when it does not hold.
    pub severity: Severity,
    /// The step of the set-up that it belongs to.
    pub step: Step,
    /// What it proves, as a short sentence that is true when it holds.
    pub proves: &'static str,
}

/// How grave a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Replicates today, and is likely to cost or to break.
    Warning,
    /// Replication does not work, or not as configured, or the monitor cannot do its job.
    Error,
}

/// The steps of setting up replication, in the order in which people take them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The buckets: Region, owner, versioning, public access.
    Buckets,
    /// The KMS keys and their policies.
    Keys,
    /// Default encryption of the buckets.
    Encryption,
    /// The replication role: trust and permissions.
    Role,
    /// The destination bucket's policy and ownership.
    DestinationPolicy,
    /// The replication rule.
    Rule,
    /// What could harm canaries, or be harmed by them.
    Canaries,
    /// What the monitor itself may do.
    Monitor,
}

/// Whether a check holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It holds.
    Ok,
    /// It could not be told: a fact is missing, or depends on what nobody documents.
    Unknown,
    /// It does not hold.
    Fault,
}

/// What one check says of one route, or of one of its destinations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The check.
    pub check: &'static Check,
    /// How grave it is here: a consequence of another fault is only worth knowing.
    pub severity: Severity,
    /// Whether it holds.
    pub outcome: Outcome,
    /// The destination that it is about, by its place; absent: the source or the whole route.
    pub destination: Option<usize>,
    /// What was found, in one line.
    pub title: String,
    /// What was seen, literally where it can be quoted.
    pub evidence: String,
    /// What to do: a policy statement, a command or a console path; empty where nothing is to be done.
    pub remedy: String,
    /// The id of the check whose fault this one follows from.
    pub because: Option<&'static str>,
}

impl Severity {
    /// As in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 8] = [
        Self::Buckets,
        Self::Keys,
        Self::Encryption,
        Self::Role,
        Self::DestinationPolicy,
        Self::Rule,
        Self::Canaries,
        Self::Monitor,
    ];

    /// As in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Buckets => "buckets",
            Self::Keys => "keys",
            Self::Encryption => "encryption",
            Self::Role => "role",
            Self::DestinationPolicy => "destination_policy",
            Self::Rule => "rule",
            Self::Canaries => "canaries",
            Self::Monitor => "monitor",
        }
    }
}

impl Outcome {
    /// As in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Unknown => "unknown",
            Self::Fault => "fault",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
