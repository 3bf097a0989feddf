//! Replicanary: a daemon that proves S3 replication works.

pub mod domain;
