//! What a route reads from CloudWatch: how often, and as whom.

use std::time::Duration;

use super::super::shape::RouteShape;
use super::super::unit;
use super::sheet::{Path, Sheet};
use super::side::word;
use crate::domain::reading;
use crate::domain::route::{MetricsAccount, StatusSupport};

/// How often metrics are read by default: as often as four metrics a rule cost at most $0.40 a month.
const EVERY: Duration = Duration::from_secs(5 * 60);

/// How often the metrics are read. A server that sends no status has no metrics either.
pub(super) fn every(
    sheet: &mut Sheet<'_>,
    path: &Path<'_>,
    shape: &RouteShape,
    status: Option<StatusSupport>,
) -> Option<Option<Duration>> {
    let path = path.key("cloudwatch");
    let by_default = status.map(|status| (status == StatusSupport::Aws).then_some(EVERY));
    let every = sheet.read(&path, shape.cloudwatch.as_ref(), unit::pace).or(by_default)?;
    if every.is_some_and(|every| every > reading::STALE - reading::PROVISIONAL) {
        sheet.warn(
            &path,
            "what is older than 20m is not shown: readings come and go, unless they are at most 15m apart",
        );
    }
    Some(every)
}

/// As whom the metrics in the destination's Region are read.
pub(super) fn account(
    sheet: &mut Sheet<'_>,
    path: &Path<'_>,
    shape: &RouteShape,
    every: Option<Option<Duration>>,
) -> Option<MetricsAccount> {
    let path = path.key("cloudwatch_account");
    let words = [("source", MetricsAccount::Source), ("destination", MetricsAccount::Destination)];
    let account = sheet.read(&path, shape.cloudwatch_account.as_ref(), |text| word(text, &words));
    if shape.cloudwatch_account.is_some() && every == Some(None) {
        sheet.warn(&path, "is without effect: cloudwatch is off");
    }
    account.or(Some(MetricsAccount::default()))
}
