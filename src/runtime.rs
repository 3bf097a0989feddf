//! The shell around the domain: loops that perform what it decides, and the one clock they read.
//!
//! `prober` starts canaries when their routes are due; `drive` carries one probe through its life; `self_test` finds
//! out whether a side shows the absence of an object; `rules` learns the rule and the replicas' key from the live
//! configuration; `keys` looks at it, and at every configured key, in KMS; `reader` reads the rule's metrics in
//! CloudWatch; `events` reads queues of replication events; `auditor` reads and checks the whole set-up; `janitor`
//! finds canaries that nobody follows. None of them knows metrics, HTTP or the AWS SDK: what happens leaves as
//! observations.

pub mod auditor;
pub mod clock;
pub mod drain;
pub mod drive;
pub mod events;
pub mod janitor;
pub mod keys;
pub mod known_keys;
pub mod live_rules;
pub mod prober;
pub mod reader;
pub mod reporter;
pub mod rounds;
pub mod rules;
pub mod self_test;
pub mod side;

#[cfg(test)]
mod tests;
