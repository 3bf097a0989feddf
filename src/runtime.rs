//! The shell around the domain: loops that perform what it decides, and the one clock they read.
//!
//! `prober` starts canaries when their routes are due; `drive` carries one probe through its life; `self_test` finds
//! out whether a side shows the absence of an object; `rules` learns the replicas' key from the live configuration;
//! `keys` looks at it, and at every configured key, in KMS; `janitor` finds canaries that nobody follows. None of them
//! knows metrics, HTTP or the AWS SDK: what happens leaves as observations.

pub mod clock;
pub mod drain;
pub mod drive;
pub mod janitor;
pub mod keys;
pub mod known_keys;
pub mod prober;
pub mod reporter;
pub mod rounds;
pub mod rules;
pub mod self_test;
pub mod side;

#[cfg(test)]
mod tests;
