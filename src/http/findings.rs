//! What an audit found, and what changed, as API and page show it.

use serde::Serialize;

use super::timestamp::Timestamp;
use crate::domain::audit::finding::{Finding, Outcome, Severity};
use crate::domain::route::Route;
use crate::domain::snapshot::{AuditSummary, ChangeAt};

/// One check that does not hold, or that could not be told.
#[derive(Debug, Serialize)]
pub(super) struct FindingView<'a> {
    id: &'static str,
    severity: &'static str,
    outcome: &'static str,
    step: &'static str,
    title: &'a str,
    evidence: &'a str,
    remedy: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<&'static str>,
}

impl<'a> FindingView<'a> {
    /// Every finding of a destination, in the order of the set-up's steps.
    pub(super) fn of(audit: Option<&'a AuditSummary>) -> Vec<Self> {
        let findings = audit.map(|audit| audit.findings.as_slice()).unwrap_or_default();
        findings.iter().map(|finding| Self::new(finding)).collect()
    }

    fn new(finding: &'a Finding) -> Self {
        Self {
            id: finding.check.id,
            severity: finding.severity.as_str(),
            outcome: finding.outcome.as_str(),
            step: finding.check.step.as_str(),
            title: &finding.title,
            evidence: &finding.evidence,
            remedy: &finding.remedy,
            because: finding.because,
        }
    }
}

/// A change of the set-up.
#[derive(Debug, Serialize)]
pub(super) struct ChangeView<'a> {
    at: Timestamp,
    check: &'static str,
    destination: Option<&'a str>,
    field: &'a str,
    before: &'a str,
    after: &'a str,
}

impl<'a> ChangeView<'a> {
    pub(super) fn new(seen: &'a ChangeAt, route: &'a Route) -> Self {
        let change = &*seen.change;
        let destination = change.destination.and_then(|place| route.destinations.get(place));
        Self {
            at: Timestamp(seen.at),
            check: change.check,
            destination: destination.map(|destination| destination.bucket.as_str()),
            field: &change.field,
            before: &change.before,
            after: &change.after,
        }
    }
}

/// The checks that fail, a line each: what an operator has to act on.
pub(super) fn failing(audit: Option<&AuditSummary>) -> Vec<String> {
    let findings = audit.map(|audit| audit.findings.as_slice()).unwrap_or_default();
    let is_shown = |finding: &Finding| finding.outcome == Outcome::Fault && finding.severity > Severity::Info;
    let shown = findings.iter().filter(|finding| is_shown(finding));
    shown.map(|finding| format!("{}: {}", finding.severity, finding.title)).collect()
}
