//! The daemon on the simulated AWS, in process, on paused time: hours of replication in milliseconds, many seeds.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, in its helpers as well")]

mod audit;
mod broken_daemon;
mod cloudwatch;
mod evaluators;
mod events;
mod expectation;
mod faults;
mod faulty_worlds;
mod harness;
mod keys;
mod pages;
mod policies;
mod setup;
mod worlds;
mod written;
