//! The pure core: what a canary is, how it is followed and judged, and what that says about a route's health.
//!
//! No clock, no I/O, no async, no logging, no AWS SDK: time, nonces and answers come in as parameters.

pub mod canary;
pub mod connection;
#[cfg(test)]
pub(crate) mod fixture;
pub mod health;
pub mod key;
mod lag;
mod leg;
pub mod name;
pub mod object;
pub mod observation;
pub mod poll;
pub mod probe;
pub mod pulse;
pub mod reason;
pub mod report;
pub mod route;
pub mod schedule;
pub mod snapshot;
pub mod time;
pub mod verdict;
pub mod verify;
