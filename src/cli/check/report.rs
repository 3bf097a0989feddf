//! The findings for a person: by step of the set-up, what is green folded into a count, each fault with evidence, why
//! it matters, and what to do.

use super::Judged;
use super::causes::causes;
use super::layout::{self, is_literal, put};
use super::paint::Paint;
use crate::domain::audit::finding::{Finding, Outcome, Severity, Step};
use crate::domain::cause::{self, Cause, CauseId};

/// From how many passages on alike ones are only counted.
const SEEN_MAX: usize = 4;

/// How a report looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// Its colours.
    pub(super) paint: Paint,
    /// Where prose is broken; commands and policies never are, so that they can be copied.
    pub(super) width: usize,
}

impl Look {
    /// As fits where the report goes.
    pub(super) fn choose() -> Self {
        Self { paint: Paint::choose(), width: layout::width() }
    }
}

/// The report of all routes.
pub(super) fn render(judged: &[Judged], look: Look) -> String {
    let mut out = String::new();
    let causes = causes(judged);
    shared(&mut out, judged, &causes, look);
    for (one, cause) in judged.iter().zip(&causes) {
        heading(&mut out, one, look);
        if let Some(cause) = cause {
            conclusion(&mut out, one, cause, look);
        }
        let is_blind = one.is_blind();
        for step in Step::ALL {
            section(&mut out, one, step, is_blind, look);
        }
        out.push('\n');
    }
    out.push_str(&summary(judged, look.paint));
    out.push('\n');
    out
}

/// What several routes have in common, told once.
fn shared(out: &mut String, judged: &[Judged], causes: &[Option<Cause>], look: Look) {
    let paint = look.paint;
    for (place, cause) in causes.iter().enumerate() {
        let Some(cause) = cause.as_ref().filter(|cause| !cause.shared_with.is_empty()) else { continue };
        let is_member = |(at, one): &(usize, &Judged)| *at == place || cause.shared_with.contains(&one.route.name);
        let members: Vec<(usize, &Judged)> = judged.iter().enumerate().filter(is_member).collect();
        if members.first().is_none_or(|(first, _)| *first != place) {
            continue;
        }
        let id = paint.faint(&format!("({}, {} confidence)", cause.id, cause.confidence));
        let first = format!("{} ", paint.bad(&format!("Cause of {} routes:", members.len())));
        put(out, look.width, &first, 2, &format!("{} {id}", paint.bold(&cause.summary)));
        let names: Vec<&str> = members.iter().map(|(_, one)| one.route.name.as_str()).collect();
        passage(out, "of", &names.join(", "), look);
        let mut seen: Vec<&String> = Vec::new();
        for evidence in members.iter().filter_map(|(at, _)| causes[*at].as_ref()).flat_map(|cause| &cause.evidence) {
            if !seen.contains(&evidence) {
                seen.push(evidence);
            }
        }
        seen.iter().take(SEEN_MAX).for_each(|evidence| passage(out, "seen", evidence, look));
        if seen.len() > SEEN_MAX {
            passage(out, "", &format!("and {} more", seen.len() - SEEN_MAX), look);
        }
        passage(out, "fix", &cause.remedy, look);
        out.push('\n');
    }
}

fn heading(out: &mut String, judged: &Judged, look: Look) {
    let route = &judged.route;
    let buckets: Vec<String> = route.destinations.iter().map(|to| format!("{} ({})", to.bucket, to.region)).collect();
    let path = format!("{} ({}) to {}", route.source.bucket, route.source.region, buckets.join(", "));
    let name = format!("{}  ", look.paint.bold(route.name.as_str()));
    put(out, look.width, &name, 2, &look.paint.faint(&path));
}

fn section(out: &mut String, judged: &Judged, step: Step, is_blind: bool, look: Look) {
    let paint = look.paint;
    let findings: Vec<&Finding> = judged.audit.findings.iter().filter(|finding| finding.check.step == step).collect();
    if findings.is_empty() {
        return;
    }
    let (good, other): (Vec<&Finding>, Vec<&Finding>) =
        findings.into_iter().partition(|finding| finding.outcome == Outcome::Ok);
    let (folded, other): (Vec<&Finding>, Vec<&Finding>) =
        other.into_iter().partition(|finding| is_blind && finding.outcome == Outcome::Unknown);
    let mut counts = Vec::new();
    if !good.is_empty() {
        counts.push(paint.good(&format!("{} ok", good.len())));
    }
    if !folded.is_empty() {
        counts.push(paint.fair(&format!("{} unknown", folded.len())));
    }
    line(out, format!("  {:<22}{}", title(step), counts.join(", ")).trim_end());
    for finding in other {
        match (finding.outcome, finding.because) {
            (Outcome::Fault, Some(because)) => {
                aside(out, &format!("{} {}", finding.title, follows(because, paint)), look);
            }
            (Outcome::Fault, None) if finding.severity == Severity::Info => aside(out, &finding.title, look),
            (Outcome::Fault | Outcome::Unknown | Outcome::Ok, _) => told(out, judged, finding, look),
        }
    }
}

/// What is worth knowing and nothing to mend, in a line.
fn aside(out: &mut String, text: &str, look: Look) {
    put(out, look.width, &format!("    {} ", look.paint.faint("·")), 6, text);
}

fn told(out: &mut String, judged: &Judged, finding: &Finding, look: Look) {
    let paint = look.paint;
    let mark = match (finding.outcome, finding.severity) {
        (Outcome::Unknown, _) => paint.fair("? unknown"),
        (_, Severity::Error) => paint.bad("✗ error"),
        (_, Severity::Warning) => paint.fair("! warning"),
        (_, Severity::Info) => paint.faint("· info"),
    };
    let place = judged.destination(finding).map_or_else(String::new, |bucket| format!(", {bucket}"));
    let id = paint.faint(&format!("({}{place})", finding.check.id));
    put(out, look.width, &format!("    {mark}  "), 8, &format!("{} {id}", paint.bold(&finding.title)));
    passage(out, "seen", &finding.evidence, look);
    if finding.outcome == Outcome::Fault {
        passage(out, "why", why(finding), look);
    }
    passage(out, "fix", &finding.remedy, look);
}

/// Why a fault matters.
fn why(finding: &Finding) -> &'static str {
    match (cause::of_check(finding.check.id), finding.severity) {
        (Some(id), Severity::Error) if id != CauseId::SetUpFault => id.summary(),
        (_, Severity::Error) => "Replication does not work as configured, or the monitor cannot do its job.",
        (_, Severity::Warning) => "It works today, and is likely to cost or to break.",
        (_, Severity::Info) => "Worth knowing.",
    }
}

fn follows(because: &str, paint: Paint) -> String {
    paint.faint(&format!("(follows from {because})"))
}

/// The cause first; what a finding below says as well is left to it, and what routes share was told above.
fn conclusion(out: &mut String, judged: &Judged, cause: &Cause, look: Look) {
    let paint = look.paint;
    let first = format!("  {} ", paint.bad("Cause:"));
    if cause.shared_with.is_empty() {
        let id = paint.faint(&format!("({}, {} confidence)", cause.id, cause.confidence));
        put(out, look.width, &first, 4, &format!("{} {id}", paint.bold(&cause.summary)));
        if cause.id.is_monitors_own() {
            cause.evidence.iter().for_each(|evidence| passage(out, "seen", evidence, look));
        }
        if !judged.audit.findings.iter().any(|finding| finding.remedy == cause.remedy) {
            passage(out, "fix", &cause.remedy, look);
        }
    } else {
        put(out, look.width, &first, 4, &paint.faint(&format!("as above ({})", cause.id)));
    }
    out.push('\n');
}

fn summary(judged: &[Judged], paint: Paint) -> String {
    let findings = || judged.iter().flat_map(|judged| &judged.audit.findings);
    let faults = |severity: Severity| {
        findings().filter(|finding| finding.outcome == Outcome::Fault && finding.severity == severity).count()
    };
    let (errors, warnings) = (faults(Severity::Error), faults(Severity::Warning));
    let unknown = findings().filter(|finding| finding.outcome == Outcome::Unknown).count();
    let routes = counted(judged.len(), "route");
    let mut parts = Vec::new();
    if errors > 0 {
        parts.push(paint.bad(&counted(errors, "error")));
    }
    if warnings > 0 {
        parts.push(paint.fair(&counted(warnings, "warning")));
    }
    if unknown > 0 {
        parts.push(paint.fair(&format!("{unknown} unknown")));
    }
    if parts.is_empty() {
        parts.push(paint.good("nothing to repair"));
    }
    format!("{routes}: {}", parts.join(", "))
}

fn counted(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}

fn title(step: Step) -> &'static str {
    match step {
        Step::Buckets => "1 Buckets",
        Step::Keys => "2 KMS keys",
        Step::Encryption => "3 Default encryption",
        Step::Role => "4 Replication role",
        Step::DestinationPolicy => "5 Destination policy",
        Step::Rule => "6 Replication rule",
        Step::Canaries => "7 Canaries",
        Step::Monitor => "8 The monitor",
    }
}

/// A labelled passage, its lines beneath each other.
fn passage(out: &mut String, label: &str, text: &str, look: Look) {
    let mut label = format!("{label:<4}");
    for text in text.lines() {
        let first = format!("        {}  ", look.paint.faint(&label));
        let width = if is_literal(text) { usize::MAX } else { look.width };
        put(out, width, &first, 14, text);
        label = " ".repeat(4);
    }
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}
