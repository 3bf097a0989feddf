//! The findings as JSON, for programs. Fields may be added, never changed.

use serde::Serialize;

use super::Judged;
use super::causes::causes;
use crate::domain::audit::finding::Finding;
use crate::http::CauseView;

#[derive(Serialize)]
struct ReportView<'a> {
    routes: Vec<RouteView<'a>>,
}

#[derive(Serialize)]
struct RouteView<'a> {
    name: &'a str,
    cause: Option<CauseView<'a>>,
    findings: Vec<FindingView<'a>>,
}

#[derive(Serialize)]
struct FindingView<'a> {
    id: &'static str,
    severity: &'static str,
    outcome: &'static str,
    step: &'static str,
    title: &'a str,
    evidence: &'a str,
    remedy: &'a str,
    destination: Option<&'a str>,
    because: Option<&'static str>,
}

/// The report of all routes.
pub(super) fn render(judged: &[Judged]) -> Result<String, serde_json::Error> {
    let causes = causes(judged);
    let routes = judged.iter().zip(&causes).map(|(judged, cause)| RouteView {
        name: judged.route.name.as_str(),
        cause: cause.as_ref().map(CauseView::new),
        findings: judged.audit.findings.iter().map(|finding| view(judged, finding)).collect(),
    });
    serde_json::to_string_pretty(&ReportView { routes: routes.collect() })
}

fn view<'a>(judged: &'a Judged, finding: &'a Finding) -> FindingView<'a> {
    FindingView {
        id: finding.check.id,
        severity: finding.severity.as_str(),
        outcome: finding.outcome.as_str(),
        step: finding.check.step.as_str(),
        title: &finding.title,
        evidence: &finding.evidence,
        remedy: &finding.remedy,
        destination: judged.destination(finding),
        because: finding.because,
    }
}
