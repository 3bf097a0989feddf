//! What replication events have told of a destination, as API and page show it.

use serde::Serialize;

use super::timestamp::Timestamp;
use crate::domain::event::tally::{EventTally, Recent};

/// How many of the user's objects failed, by reason, and the newest events about them. Canaries are not among them.
#[derive(Debug, Serialize)]
pub(super) struct EventsView<'a> {
    failures: Vec<FailuresView>,
    recent: Vec<RecentView<'a>>,
}

#[derive(Debug, Serialize)]
struct FailuresView {
    reason: &'static str,
    count: u64,
}

#[derive(Debug, Serialize)]
struct RecentView<'a> {
    at: Timestamp,
    event: &'static str,
    reason: Option<&'static str>,
    reason_text: Option<&'a str>,
    key: &'a str,
    version_id: Option<&'a str>,
    operation: Option<&'a str>,
    meaning: &'static str,
    remedy: &'static str,
}

impl<'a> EventsView<'a> {
    pub(super) fn new(tally: &'a EventTally) -> Self {
        let failures = tally.failures().map(|(reason, count)| FailuresView { reason: reason.as_str(), count });
        Self { failures: failures.collect(), recent: tally.recent().map(RecentView::new).collect() }
    }
}

impl<'a> RecentView<'a> {
    fn new(recent: &'a Recent) -> Self {
        let event = &recent.event;
        let failure = event.kind.failure();
        Self {
            at: Timestamp(recent.at),
            event: event.kind.name().as_str(),
            reason: failure.map(|failure| failure.reason.as_str()),
            reason_text: failure.map(|failure| &*failure.text).filter(|text| !text.is_empty()),
            key: event.key.as_str(),
            version_id: event.version_id.as_ref().map(|version| version.as_str()),
            operation: event.operation.as_deref(),
            meaning: event.kind.meaning(),
            remedy: event.kind.remedy(),
        }
    }
}

/// How many objects S3 gave up and why, in a few words; nothing where there were none.
pub(super) fn summary(tally: &EventTally) -> Option<String> {
    let reasons: Vec<String> = tally.failures().map(|(reason, count)| format!("{count} {reason}")).collect();
    let noun = if tally.failed() == 1 { "object" } else { "objects" };
    (!reasons.is_empty()).then(|| {
        format!("S3 gave up replicating {} {noun} of yours since the start: {}", tally.failed(), reasons.join(", "))
    })
}
