//! Why canaries failed, by the word of replication events: S3's own reason, in place of a bare FAILED.

use std::collections::{BTreeMap, VecDeque};

use crate::domain::event::Failure;
use crate::domain::name::ObjectKey;
use crate::domain::reason::Reason;
use crate::domain::report::Report;
use crate::domain::route::Route;
use crate::domain::verdict::Verdict;

/// How many canaries are remembered whose failure was told before their verdict.
const TOLD_MAX: usize = 1_000;

/// What was told of canaries that have no verdict yet.
#[derive(Debug, Default)]
pub(super) struct Told {
    failures: BTreeMap<ObjectKey, Failure>,
    oldest_first: VecDeque<ObjectKey>,
}

impl Told {
    /// Keeps why a canary failed; the oldest is forgotten in its place.
    pub(super) fn keep(&mut self, key: &ObjectKey, failure: &Failure) {
        if self.failures.insert(key.clone(), failure.clone()).is_none() {
            self.oldest_first.push_back(key.clone());
        }
        if self.oldest_first.len() > TOLD_MAX
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.failures.remove(&oldest);
        }
    }

    /// Why a canary failed, if that was told.
    pub(super) fn of(&self, key: &ObjectKey) -> Option<&Failure> {
        self.failures.get(key)
    }

    /// Nothing more will be heard of a canary.
    pub(super) fn forget(&mut self, key: &ObjectKey) {
        if self.failures.remove(key).is_some() {
            self.oldest_first.retain(|each| each != key);
        }
    }
}

/// A report of a failed canary with the exact reason; nothing where the report says something else.
pub(super) fn refined(report: &Report, failure: &Failure, route: &Route) -> Option<Report> {
    if report.verdict != Verdict::Failed || report.reason != Reason::SourceFailed {
        return None;
    }
    let destination = route.destinations.get(report.destination)?;
    let message = format!(
        "S3 gave up replicating a canary from {} to {} (FAILED, never retried), {}; then repair with S3 Batch \
         Replication.",
        route.source.bucket,
        destination.bucket,
        failure.sentence()
    );
    Some(Report { reason: Reason::Replication(failure.reason), message, ..report.clone() })
}
