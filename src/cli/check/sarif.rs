//! The findings as SARIF 2.1.0, for code hosts: a rule a check, a result a fault or an open question.

use serde_json::{Value, json};

use super::Judged;
use crate::domain::audit::checks::CHECKS;
use crate::domain::audit::finding::{Finding, Outcome, Severity};

/// Where the format is defined.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The log of one run about the file `subject`.
pub(super) fn render(judged: &[Judged], subject: &str) -> Result<String, serde_json::Error> {
    let rules: Vec<Value> = CHECKS
        .iter()
        .map(|check| {
            json!({
                "id": check.id,
                "shortDescription": { "text": check.proves },
                "defaultConfiguration": { "level": level(check.severity) },
                "properties": { "step": check.step.as_str() },
            })
        })
        .collect();
    let uri = uri(subject);
    let results: Vec<Value> = judged
        .iter()
        .flat_map(|judged| judged.audit.findings.iter().map(move |finding| (judged, finding)))
        .filter(|(_, finding)| finding.outcome != Outcome::Ok)
        .map(|(judged, finding)| result(judged, finding, &uri))
        .collect();
    let driver = json!({ "name": "replicanary", "version": env!("CARGO_PKG_VERSION"), "rules": rules });
    let run = json!({ "tool": { "driver": driver }, "columnKind": "unicodeCodePoints", "results": results });
    serde_json::to_string_pretty(&json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [run] }))
}

fn result(judged: &Judged, finding: &Finding, uri: &str) -> Value {
    let (kind, level) = match finding.outcome {
        Outcome::Fault => ("fail", level(finding.severity)),
        Outcome::Unknown => ("open", "none"),
        Outcome::Ok => ("pass", "none"),
    };
    let parts = [&finding.title, &finding.evidence, &finding.remedy];
    let text = parts.into_iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join("\n\n");
    let destination = judged.destination(finding).unwrap_or_default();
    let place = format!("{}/{destination}", judged.route.name);
    let place = place.trim_end_matches('/');
    let mut result = json!({
        "ruleId": finding.check.id,
        "kind": kind,
        "level": level,
        "message": { "text": text },
        "locations": [{
            "physicalLocation": { "artifactLocation": { "uri": uri }, "region": { "startLine": 1 } },
            "logicalLocations": [{ "fullyQualifiedName": place }],
        }],
        "partialFingerprints": { "replicanary/v1": format!("{place}/{}", finding.check.id) },
        "properties": { "step": finding.check.step.as_str(), "because": finding.because },
    });
    if let Some(index) = CHECKS.iter().position(|check| check.id == finding.check.id)
        && let Some(fields) = result.as_object_mut()
    {
        fields.insert("ruleIndex".to_owned(), json!(index));
    }
    result
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// A path as a relative or absolute URI.
fn uri(path: &str) -> String {
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}
