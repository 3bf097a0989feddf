//! The daemon on the simulated AWS, in process, on paused time: hours of replication in milliseconds, many seeds.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helpers as well")]

mod expectation;
mod faults;
mod harness;
mod keys;
mod pages;
