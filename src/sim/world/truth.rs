//! What really happened to a version: the oracle for tests.

/// The fate of one written version, as `GET /_sim/truth` answers it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Truth {
    /// When S3 took the write, RFC 3339 with microseconds.
    pub written_at: String,
    /// One row for each destination that a rule took the object to.
    pub destinations: Vec<TruthRow>,
}

/// The fate at one destination. All three are null while it is undecided.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct TruthRow {
    /// Destination bucket.
    pub bucket: String,
    /// When the replica was written.
    pub arrives_at: Option<String>,
    /// When replication failed for good.
    pub fails_at: Option<String>,
    /// S3's failure reason.
    pub reason: Option<&'static str>,
}
