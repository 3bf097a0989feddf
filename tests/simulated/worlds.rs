//! Worlds with one fault each: what S3 does with an object there, what the audit finds, and which cause is named.

mod buckets;
mod identity;
mod keys;
mod rules;
pub(crate) mod tutorial;

use std::future::Future;
use std::pin::Pin;

use crate::setup::Setup;

/// A world that differs in one thing from a right one.
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    /// What is done to the set-up.
    pub(crate) break_it: fn(&Setup) -> Broken<'_>,
    /// What becomes of an object that is written afterwards.
    pub(crate) fate: Fate,
    /// The checks that must find it; every error finding is among them.
    pub(crate) findings: &'static [&'static str],
    /// The cause that must be named; empty where no object fails and nothing above a warning is wrong.
    pub(crate) cause: &'static str,
}

/// A change of a set-up, under way.
pub(crate) type Broken<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// What becomes of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It arrives.
    Arrives,
    /// S3 gives up, for this reason.
    Fails(&'static str),
    /// No rule takes it.
    Untaken,
    /// S3 refuses to write it, with this code.
    Refused(&'static str),
}

/// Every one of them.
pub(crate) fn all() -> impl Iterator<Item = &'static Fault> {
    buckets::FAULTS.iter().chain(keys::FAULTS).chain(identity::FAULTS).chain(rules::FAULTS).chain(tutorial::FAULTS)
}

/// Writes a row of a table of faults.
macro_rules! fault {
    ($name:literal, $fate:expr, [$($finding:literal),*], $cause:literal, |$setup:ident| $body:expr) => {
        $crate::worlds::Fault {
            name: $name,
            break_it: |$setup| {
                Box::pin(async move {
                    let _answer = $body;
                })
            },
            fate: $fate,
            findings: &[$($finding),*],
            cause: $cause,
        }
    };
}
pub(crate) use fault;
