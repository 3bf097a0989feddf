//! A canary's journey as a person or a pipeline reads it: lines as things happen, reports at the end.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::name::ObjectKey;
use crate::domain::observation::{CanaryObservation, Note, Observation, Side};
use crate::domain::reason::Reason;
use crate::domain::report::Report;
use crate::domain::route::{Route, RouteId};
use crate::domain::time::{Moment, UnixMillis};
use crate::domain::verdict::Verdict;
use crate::http::ReportView;
use crate::runtime::side::Channel;

use super::exit;

/// How the journey is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Lines, and a running line at the bottom.
    Terminal,
    /// Lines.
    Plain,
    /// Lines on standard error, reports as JSON on standard output.
    Json,
}

impl Style {
    /// JSON where asked for, else by where standard output goes.
    pub(super) fn choose(json: bool) -> Self {
        if json {
            Self::Json
        } else if std::io::stdout().is_terminal() {
            Self::Terminal
        } else {
            Self::Plain
        }
    }
}

/// Shows what happens to one canary of each route.
#[derive(Debug)]
pub(super) struct Journey {
    routes: BTreeMap<RouteId, Arc<Route>>,
    style: Style,
    began: Moment,
    waiting: BTreeMap<(RouteId, usize), ()>,
    reports: BTreeMap<(RouteId, usize), Report>,
    unwritten: BTreeMap<RouteId, (ObjectKey, UnixMillis, Reason)>,
}

impl Journey {
    pub(super) fn new<S>(channels: &[Arc<Channel<S>>], style: Style, began: Moment) -> Self {
        let legs = channels.iter().flat_map(|channel| (0..channel.destinations.len()).map(|place| (channel.id, place)));
        Self {
            waiting: legs.map(|leg| (leg, ())).collect(),
            routes: channels.iter().map(|channel| (channel.id, Arc::clone(&channel.route))).collect(),
            style,
            began,
            reports: BTreeMap::new(),
            unwritten: BTreeMap::new(),
        }
    }

    /// Whether nothing is waited for any more, but clean-up.
    pub(super) fn is_judged(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn observe(&mut self, observation: &Observation) {
        if let Observation::Canary(canary) = observation
            && let Some(route) = self.routes.get(&canary.route).map(Arc::clone)
        {
            self.keep(canary, &route);
            if let Some(text) = tell(&canary.note, &route, &canary.key) {
                let elapsed = canary.at.mono.since(self.began.mono).as_secs_f64();
                self.say(&format!("{elapsed:>8.3}s  {}  {text}", route.name));
            }
        }
    }

    /// Shows that time passes, where somebody watches.
    pub(super) fn tick(&self, now: Moment) {
        if self.style == Style::Terminal && !self.waiting.is_empty() {
            let elapsed = Duration::from_secs(now.mono.since(self.began.mono).as_secs());
            let text = format!(
                "\r\x1b[2Kwaiting for {} replicas, {}",
                self.waiting.len(),
                humantime::format_duration(elapsed)
            );
            let mut out = std::io::stdout().lock();
            let _closed = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        }
    }

    /// Prints what it comes to, and gives the exit code: 0 replicated, 1 a replication fault, 2 it could not be told.
    pub(super) fn conclude(self) -> ExitCode {
        let mut outcomes: Vec<(u8, String)> = Vec::new();
        for (leg, report) in &self.reports {
            let Some(route) = self.routes.get(&leg.0) else { continue };
            outcomes.push((code_of(report.verdict), self.render(route, report)));
        }
        for (id, (key, written_at, reason)) in &self.unwritten {
            let Some(route) = self.routes.get(id) else { continue };
            if !self.reports.keys().any(|leg| leg.0 == *id) {
                let code = if is_broken_source(*reason) { 1 } else { 2 };
                outcomes.push((code, self.render_unwritten(route, key, *written_at, *reason)));
            }
        }
        // The worst comes last: a fault is worse than not knowing, and both are worse than an arrival.
        outcomes.sort_by_key(|(code, _)| [0, 2, 1].get(usize::from(*code)).copied().unwrap_or(3));
        for (_, text) in &outcomes {
            exit::say(text);
        }
        let code = outcomes.last().map_or(2, |(code, _)| *code);
        if outcomes.is_empty() {
            exit::say_aside("no leg was judged");
        }
        ExitCode::from(if self.waiting.is_empty() || code == 1 { code } else { 2 })
    }

    fn keep(&mut self, canary: &CanaryObservation, route: &Route) {
        match &canary.note {
            Note::Judged(report) | Note::Final(report) => {
                let leg = (canary.route, report.destination);
                self.waiting.remove(&leg);
                self.reports.insert(leg, report.clone());
            }
            Note::WriteFailed { reason } => {
                self.unwritten.insert(canary.route, (canary.key.clone(), canary.written_at, *reason));
            }
            Note::LegClosed { destination } => {
                self.waiting.remove(&(canary.route, *destination));
            }
            Note::Ended => self.waiting.retain(|leg, ()| leg.0 != canary.route || leg.1 >= route.destinations.len()),
            Note::WriteSent
            | Note::Written { .. }
            | Note::SourceStatus(_)
            | Note::BeyondObjective { .. }
            | Note::ArrivedLate(_)
            | Note::Deleted { .. }
            | Note::DeleteFailed { .. }
            | Note::Leaked { .. }
            | Note::LeftPending => {}
        }
    }

    fn say(&self, line: &str) {
        match self.style {
            Style::Terminal => exit::say(&format!("\r\x1b[2K{line}")),
            Style::Plain => exit::say(line),
            Style::Json => exit::say_aside(line),
        }
    }

    fn render(&self, route: &Route, report: &Report) -> String {
        let destination = route.destinations.get(report.destination);
        let bucket = destination.map_or("", |destination| destination.bucket.as_str());
        if self.style == Style::Json {
            return to_json(&ReportView::new(bucket, report));
        }
        format!("{} -> {bucket}: {} ({}): {}", route.name, report.verdict, report.reason, report.message)
    }

    fn render_unwritten(&self, route: &Route, key: &ObjectKey, written_at: UnixMillis, reason: Reason) -> String {
        if self.style == Style::Json {
            return to_json(&ReportView::unwritten(key, written_at, reason));
        }
        format!("{}: the canary could not be written to {}: {reason}", route.name, route.source.bucket)
    }
}

fn to_json(report: &ReportView<'_>) -> String {
    serde_json::to_string(report).unwrap_or_default()
}

fn code_of(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Replicated => 0,
        Verdict::Late | Verdict::Lost | Verdict::Failed | Verdict::Mismatched | Verdict::Uncovered => 1,
        Verdict::Unknown => 2,
    }
}

fn is_broken_source(reason: Reason) -> bool {
    matches!(reason, Reason::NoVersionId) || matches!(reason, Reason::Call(trouble) if trouble.is_broken_source())
}

/// What a note is to a person; nothing for notes that repeat others.
fn tell(note: &Note, route: &Route, key: &ObjectKey) -> Option<String> {
    let bucket = |side: Side| match side {
        Side::Source => route.source.bucket.to_string(),
        Side::Destination(place) => {
            route.destinations.get(place).map(|destination| destination.bucket.to_string()).unwrap_or_default()
        }
    };
    Some(match note {
        Note::WriteSent => format!("put {}/{key}", route.source.bucket),
        Note::Written { version_id } => format!("written, version {version_id}"),
        Note::WriteFailed { reason } => format!("not written: {reason}"),
        Note::SourceStatus(Some(status)) => format!("source says {}", status.as_str().to_uppercase()),
        Note::SourceStatus(None) => "source shows no replication status".to_owned(),
        Note::BeyondObjective { destination } => {
            format!("not in {} within the objective", bucket(Side::Destination(*destination)))
        }
        Note::Judged(report) | Note::ArrivedLate(report) => {
            let lag = report
                .lag
                .map(|lag| format!(" after {:.3} s to {:.3} s", lag.low.as_secs_f64(), lag.high.as_secs_f64()));
            let place = bucket(Side::Destination(report.destination));
            format!("{} in {place}{}", report.verdict, lag.unwrap_or_default())
        }
        Note::Deleted { side } => format!("removed from {}", bucket(*side)),
        Note::DeleteFailed { side, trouble, refused } => {
            let again = if *refused { "refused" } else { "tried again" };
            format!("not removed from {}: {trouble}, {again}", bucket(*side))
        }
        Note::Leaked { side } => format!("left behind in {}", bucket(*side)),
        Note::LeftPending => {
            "left behind, where it is: S3 has not decided it, or the monitor cannot tell; the daemon removes it later"
                .to_owned()
        }
        Note::LegClosed { .. } | Note::Final(_) | Note::Ended => return None,
    })
}
