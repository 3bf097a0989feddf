//! Why a destination is not as it should be, as the API, the page and `check` show it.

use std::fmt::{self, Write};

use serde::Serialize;

use super::html::Escaped;
use crate::domain::cause::Cause;
use crate::domain::name::RouteName;

/// A cause as JSON.
#[derive(Debug, Serialize)]
pub struct CauseView<'a> {
    id: &'static str,
    confidence: &'static str,
    summary: &'a str,
    evidence: &'a [String],
    remedy: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shared_with: Vec<&'a str>,
}

impl<'a> CauseView<'a> {
    /// The view of a cause.
    #[must_use]
    pub fn new(cause: &'a Cause) -> Self {
        Self {
            id: cause.id.as_str(),
            confidence: cause.confidence.as_str(),
            summary: &cause.summary,
            evidence: &cause.evidence,
            remedy: &cause.remedy,
            shared_with: cause.shared_with.iter().map(RouteName::as_str).collect(),
        }
    }
}

/// A line of the page: the cause, how sure it is, and what to do.
pub(super) fn write(out: &mut String, cause: Option<&Cause>) -> fmt::Result {
    let Some(cause) = cause else { return Ok(()) };
    write!(
        out,
        "<p><strong>Cause:</strong> {summary} <span class=\"soft\">({id}, {confidence} confidence)</span> \
         <strong>Remedy:</strong> {remedy}",
        summary = Escaped(&cause.summary),
        id = cause.id,
        confidence = cause.confidence,
        remedy = Escaped(&cause.remedy),
    )?;
    if !cause.shared_with.is_empty() {
        let names: Vec<&str> = cause.shared_with.iter().map(RouteName::as_str).collect();
        write!(out, " <span class=\"soft\">Shared with {}.</span>", Escaped(&names.join(", ")))?;
    }
    out.write_str("</p>")
}
