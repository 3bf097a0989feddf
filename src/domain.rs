//! The pure core: what a canary is, how it is followed and judged, and what that says about a route's health.
//!
//! No clock, no I/O, no async, no logging, no AWS SDK: time, nonces and answers come in as parameters.

pub mod audit;
pub mod canary;
pub mod cause;
pub mod connection;
pub mod event;
#[cfg(test)]
pub(crate) mod fixture;
pub mod health;
pub mod key;
mod lag;
mod leg;
pub mod name;
pub mod object;
pub mod observation;
pub mod policies;
pub mod policy;
pub mod poll;
pub mod probe;
pub mod pulse;
pub mod reading;
pub mod reason;
pub mod replication;
pub mod report;
pub mod route;
pub mod schedule;
pub mod snapshot;
pub mod time;
pub mod verdict;
pub mod verify;
