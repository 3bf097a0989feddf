//! Replicanary: a daemon that proves S3 replication works.

pub mod aws;
pub mod cloud;
pub mod config;
pub mod domain;
pub mod http;
pub mod runtime;
pub mod sim;
pub mod telemetry;
