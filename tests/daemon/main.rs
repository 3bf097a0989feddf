//! The real binary over real sockets: start, scrape, probe, bad configurations, SIGTERM.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers as well"
)]

mod checking;
mod configuration;
mod life;
mod probing;
mod process;
