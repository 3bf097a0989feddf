//! The record of every write that a client made: where it goes, what became of it, and what the source shows.

use std::collections::HashMap;
use std::sync::Arc;

use super::moment::Moment;
use super::object::ReplicationStatus;
use super::rule::ReplicationRule;
use super::series::SpanId;
use super::truth::{Truth, TruthRow};

/// One destination of one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LegId {
    pub(super) record: usize,
    pub(super) leg: usize,
}

/// S3's reasons for a failed replication, as in its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    AssumeRoleNotPermitted,
    DstBucketNotFound,
    DstBucketObjectLockConfigMissing,
    DstBucketUnversioned,
    DstDelObjNotPermitted,
    DstKmsKeyInvalidState,
    DstKmsKeyNotFound,
    DstPutLegalHoldNotPermitted,
    DstPutObjectNotPermitted,
    DstPutRetentionNotPermitted,
    DstPutTaggingNotPermitted,
    SrcBucketNotFound,
    SrcBucketReplicationConfigMissing,
    SrcGetAclNotPermitted,
    SrcGetLegalHoldNotPermitted,
    SrcGetObjectNotPermitted,
    SrcGetRetentionNotPermitted,
    SrcGetTaggingNotPermitted,
    SrcHeadObjectNotPermitted,
    SrcKmsKeyInvalidState,
    SrcVersionNotFound,
}

impl Reason {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::AssumeRoleNotPermitted => "AssumeRoleNotPermitted",
            Self::DstBucketNotFound => "DstBucketNotFound",
            Self::DstBucketObjectLockConfigMissing => "DstBucketObjectLockConfigMissing",
            Self::DstBucketUnversioned => "DstBucketUnversioned",
            Self::DstDelObjNotPermitted => "DstDelObjNotPermitted",
            Self::DstKmsKeyInvalidState => "DstKmsKeyInvalidState",
            Self::DstKmsKeyNotFound => "DstKmsKeyNotFound",
            Self::DstPutLegalHoldNotPermitted => "DstPutLegalHoldNotPermitted",
            Self::DstPutObjectNotPermitted => "DstPutObjectNotPermitted",
            Self::DstPutRetentionNotPermitted => "DstPutRetentionNotPermitted",
            Self::DstPutTaggingNotPermitted => "DstPutTaggingNotPermitted",
            Self::SrcBucketNotFound => "SrcBucketNotFound",
            Self::SrcBucketReplicationConfigMissing => "SrcBucketReplicationConfigMissing",
            Self::SrcGetAclNotPermitted => "SrcGetAclNotPermitted",
            Self::SrcGetLegalHoldNotPermitted => "SrcGetLegalHoldNotPermitted",
            Self::SrcGetObjectNotPermitted => "SrcGetObjectNotPermitted",
            Self::SrcGetRetentionNotPermitted => "SrcGetRetentionNotPermitted",
            Self::SrcGetTaggingNotPermitted => "SrcGetTaggingNotPermitted",
            Self::SrcHeadObjectNotPermitted => "SrcHeadObjectNotPermitted",
            Self::SrcKmsKeyInvalidState => "SrcKmsKeyInvalidState",
            Self::SrcVersionNotFound => "SrcVersionNotFound",
        }
    }
}

/// What an attempt came to. Never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Arrived {
        at: Moment,
        /// When the source learns of it.
        told: Moment,
    },
    Failed {
        at: Moment,
        reason: Reason,
    },
}

/// A write's way to one destination.
#[derive(Clone, Debug)]
pub(super) struct Leg {
    /// The rule that took the object, as it was then.
    pub(super) rule: Arc<ReplicationRule>,
    /// Latencies drawn so far.
    pub(super) draws: u32,
    pub(super) outcome: Option<Outcome>,
    /// Where CloudWatch keeps count of it.
    pub(super) span: Option<SpanId>,
}

/// A version or delete marker that a client wrote.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) bucket: Arc<str>,
    /// Of the bucket, see `Bucket::uid`.
    pub(super) bucket_uid: u64,
    pub(super) key: Arc<str>,
    pub(super) version: Arc<str>,
    pub(super) written_at: Moment,
    pub(super) is_marker: bool,
    pub(super) size: u64,
    pub(super) etag: Arc<str>,
    pub(super) legs: Vec<Leg>,
}

impl Record {
    /// What the source shows at `now`; with several destinations PENDING until each is decided (S3 User Guide,
    /// "Getting replication status information").
    pub(super) fn status(&self, now: Moment) -> Option<ReplicationStatus> {
        if self.legs.is_empty() || self.is_marker {
            return None;
        }
        let mut failed = false;
        for leg in &self.legs {
            match leg.outcome {
                Some(Outcome::Arrived { told, .. }) if told <= now => {}
                Some(Outcome::Failed { at, .. }) if at <= now => failed = true,
                Some(_) | None => return Some(ReplicationStatus::Pending),
            }
        }
        Some(if failed { ReplicationStatus::Failed } else { ReplicationStatus::Completed })
    }

    fn truth(&self) -> Truth {
        let row = |leg: &Leg| {
            let (arrives_at, fails_at, reason) = match leg.outcome {
                None => (None, None, None),
                Some(Outcome::Arrived { at, .. }) => (Some(at), None, None),
                Some(Outcome::Failed { at, reason }) => (None, Some(at), Some(reason.as_str())),
            };
            TruthRow {
                bucket: leg.rule.destination.bucket_name().to_owned(),
                arrives_at: arrives_at.map(|at| at.to_string()),
                fails_at: fails_at.map(|at| at.to_string()),
                reason,
            }
        };
        Truth { written_at: self.written_at.to_string(), destinations: self.legs.iter().map(row).collect() }
    }
}

/// Bucket, key and version id.
type Name = (Arc<str>, Arc<str>, Arc<str>);

/// All records, kept when their versions are deleted.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    records: Vec<Record>,
    by_name: HashMap<Name, usize>,
}

impl Ledger {
    pub(super) fn add(&mut self, record: Record) -> usize {
        let index = self.records.len();
        self.by_name.insert((record.bucket.clone(), record.key.clone(), record.version.clone()), index);
        self.records.push(record);
        index
    }

    pub(super) fn record(&self, index: usize) -> &Record {
        &self.records[index]
    }

    /// Records of a bucket with a destination that is undecided.
    pub(super) fn undecided_of<'a>(&'a self, bucket: &'a str) -> impl Iterator<Item = (usize, &'a Record)> {
        let open = |record: &Record| record.legs.iter().any(|leg| leg.outcome.is_none());
        self.records.iter().enumerate().filter(move |(_, record)| &*record.bucket == bucket && open(record))
    }

    pub(super) fn leg_mut(&mut self, id: LegId) -> &mut Leg {
        &mut self.records[id.record].legs[id.leg]
    }

    pub(super) fn leg(&self, id: LegId) -> (&Record, &Leg) {
        let record = self.record(id.record);
        (record, &record.legs[id.leg])
    }

    pub(super) fn truth(&self, bucket: &str, key: &str, version: &str) -> Option<Truth> {
        let index = self.by_name.get(&(bucket.into(), key.into(), version.into()))?;
        Some(self.records[*index].truth())
    }
}
