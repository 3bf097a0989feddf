//! The port on the AWS SDK: one HTTPS connector, one client a connection, one place for errors and for counting.
//!
//! - [`Environment`]: what the process gives to every client: transport, clocks, name.
//! - [`ClientPool`]: turns a connection into a client; equal connections share one.
//! - [`S3Bucket`]: a bucket as the canaries use it, [`CanaryStore`](crate::cloud::CanaryStore).
//!   The same side's KMS is reached through it: [`KeySource`](crate::cloud::KeySource). So is all that an audit reads:
//!   [`AuditSource`](crate::cloud::AuditSource).
//! - [`SqsQueue`]: a queue of replication events, [`EventSource`](crate::cloud::EventSource).
//! - [`CloudWatch`]: the replication metrics in one Region, [`ReadingSource`](crate::cloud::ReadingSource).
//! - [`CallMeter`]: where every AWS call is counted, credential calls among them.
//!
//! | bound | value | covers |
//! |---|---|---|
//! | [`CONNECT_TIMEOUT`] | 5 s | DNS, TCP and TLS; expiry means that nothing was sent |
//! | [`READ_TIMEOUT`] | 10 s | from sending the request to the head of the answer |
//! | [`LONG_POLL_TIMEOUT`] | 30 s | the same of a long poll, which SQS answers after up to 20 s |
//! | [`CALL_TIMEOUT`] | 15 s | a whole call, credentials and body included |
//! | [`RECEIVE_TIMEOUT`] | 40 s | a whole long poll, credentials and body included |
//! | [`CREDENTIALS_TIMEOUT`] | 10 s | obtaining credentials within a call |
//! | [`ANSWER_BYTES_MAX`] | 8 MiB | any body but that of `GetObject`, which is read up to the limit its caller gives |
//!
//! The SDK's stalled-stream protection is off: its grace period is longer than a whole call may take here.

use std::time::Duration;

use aws_config::BehaviorVersion;

mod audit;
mod bucket;
mod chain;
mod cloudwatch;
mod credentials;
mod environment;
mod error;
mod keys;
mod listing;
mod meter;
mod pool;
mod queue;
mod role;
mod setup;
#[cfg(test)]
mod tests;
mod transport;
mod trust;

pub use bucket::S3Bucket;
pub use cloudwatch::CloudWatch;
pub use environment::Environment;
pub use meter::CallMeter;
pub use pool::ClientPool;
pub use queue::{RECEIVE_TIMEOUT, SqsQueue};
pub use trust::TrustError;

/// How long making a connection may take: DNS, TCP and TLS.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the head of an answer may take.
pub const READ_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the head of an answer to a long poll may take.
pub const LONG_POLL_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a whole call may take, with credentials and body.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(15);
/// How long obtaining credentials may take.
pub const CREDENTIALS_TIMEOUT: Duration = Duration::from_secs(10);
/// The largest body that is read into memory, in bytes.
pub const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The SDK's defaults as of this date: a newer SDK does not change behaviour by itself.
fn behavior_version() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}
