//! Answers: allowed by what, denied by what or for lack of what, or dependent on what.

use std::collections::BTreeSet;
use std::fmt;

/// Whether a request is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is.
    Allowed {
        /// By these statements.
        by: Vec<Place>,
    },
    /// It is not.
    Denied(Denial),
    /// It depends on what is not known.
    Depends {
        /// Context keys as the policies write them, and names of policies that could not be read.
        on: BTreeSet<String>,
        /// The statements whose effect hangs on them.
        statements: Vec<Place>,
    },
}

/// Why a request is denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denial {
    /// A statement denies it.
    Explicit(Place),
    /// Nothing denies it, and it is not allowed.
    Implicit {
        /// By which of the policies that would have to.
        lacking: Vec<Side>,
    },
}

/// The policies that take part in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Those of the caller.
    Identity,
    /// Its permissions boundary.
    Boundary,
    /// That of the resource: bucket policy, key policy, trust policy.
    Resource,
}

/// Where a statement stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The policy, by the name that it was given.
    pub policy: String,
    /// The statement's place in it, counted from 1.
    pub statement: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
}

impl Answer {
    /// Whether it is allowed for certain.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed { .. })
    }

    /// Whether it is denied for certain.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        matches!(self, Self::Denied(_))
    }

    /// The statement that denies it.
    #[must_use]
    pub fn denied_by(&self) -> Option<&Place> {
        match self {
            Self::Denied(Denial::Explicit(place)) => Some(place),
            Self::Denied(Denial::Implicit { .. }) | Self::Allowed { .. } | Self::Depends { .. } => None,
        }
    }
}

impl Side {
    /// As in sentences.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity policies",
            Self::Boundary => "permissions boundary",
            Self::Resource => "resource policy",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.sid {
            Some(sid) => write!(f, "statement \"{sid}\" of {}", self.policy),
            None => write!(f, "statement {} of {}", self.statement, self.policy),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allowed { by } => write!(f, "allowed by {}", joined(by)),
            Self::Denied(Denial::Explicit(place)) => write!(f, "denied by {place}"),
            Self::Denied(Denial::Implicit { lacking }) => {
                let lacking: Vec<&str> = lacking.iter().map(|side| side.as_str()).collect();
                write!(f, "not allowed by the {}", lacking.join(" nor the "))
            }
            Self::Depends { on, statements } => {
                let on: Vec<&str> = on.iter().map(String::as_str).collect();
                write!(f, "depends on {}", on.join(", "))?;
                if statements.is_empty() { Ok(()) } else { write!(f, " in {}", joined(statements)) }
            }
        }
    }
}

fn joined(places: &[Place]) -> String {
    places.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
