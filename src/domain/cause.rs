//! Why: joins what a destination shows with everything that could explain it, and names one cause with its evidence.
//!
//! Strong evidence comes first: a finding that explains S3's failure reason beats one that explains what is seen, that
//! beats a finding alone, and a finding beats a reason alone. The monitor's own trouble never explains replication.

mod by_check;
mod by_reason;
mod id;
mod symptom;
#[cfg(test)]
mod tests;
mod unread;

use std::fmt;

use super::audit::finding::{Finding, Outcome, Severity};
use super::event::reason::FailureReason;
use super::key::KeyPair;
use super::name::RouteName;
use super::object::ReplicationStatus;
use super::observation::Side;
use super::reason::Reason;
use super::verdict::State;

pub use self::id::{CauseId, Scope, Shows};
pub use self::unread::of_facts;

/// A diagnosis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Which cause.
    pub id: CauseId,
    /// How sure the diagnosis is.
    pub confidence: Confidence,
    /// What it is, in one sentence.
    pub summary: String,
    /// What speaks for it, the strongest first.
    pub evidence: Vec<String>,
    /// What to do: a policy statement, a command or a console path.
    pub remedy: String,
    /// Other routes that have the same trouble for the same reason, sorted.
    pub shared_with: Vec<RouteName>,
}

/// How sure a diagnosis is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// It is a guess that fits.
    Low,
    /// One witness says so.
    Medium,
    /// It was seen itself, and explains what is seen.
    High,
}

/// Everything that is known of one destination, of what could explain its trouble.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// Its state.
    pub state: State,
    /// Why it is in that state.
    pub reason: Reason,
    /// The same for a person.
    pub message: &'a str,
    /// What the source shows of the newest canary that it was asked about.
    pub source_status: Option<Option<ReplicationStatus>>,
    /// S3's own reason for giving a canary up, where an event told it.
    pub failure: Option<FailureReason>,
    /// What the last audit said of the route; findings about other destinations are passed over.
    pub findings: &'a [Finding],
    /// Which destination of the route.
    pub destination: usize,
    /// The keys that it depends on.
    pub keys: &'a KeyPair,
    /// What CloudWatch says of all objects.
    pub traffic: Option<Traffic>,
    /// How many other routes to the same Region stand still at the same time.
    pub still_in_region: usize,
}

/// What CloudWatch says of the replication of all objects, as far as its readings are fresh.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Traffic {
    /// `OperationsPendingReplication`.
    pub pending_operations: Option<f64>,
    /// `BytesPendingReplication`.
    pub pending_bytes: Option<f64>,
    /// `OperationsFailedReplication`, the user's own objects, over the window that is shown.
    pub failed_operations: Option<f64>,
}

/// How strongly something speaks for a cause, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Guess,
    Advice,
    ReasonAlone,
    Finding,
    ExplainsSymptom,
    ExplainsFailure,
}

/// Something that speaks for a cause.
#[derive(Debug)]
struct Clue {
    id: CauseId,
    strength: Strength,
    text: String,
    remedy: Option<String>,
}

/// Names the cause of a destination's trouble; `None` where there is none to explain.
#[must_use]
pub fn diagnose(seen: &Evidence<'_>) -> Option<Cause> {
    let shows = match (seen.state, symptom::of(seen.state, seen.reason)) {
        (State::Paused, _) => return None,
        (_, Some(Shows::Blind)) => return Some(blind(seen)),
        (_, shows) => shows,
    };
    let mut clues = of_findings(seen, shows);
    clues.extend(of_keys(seen, shows));
    if let Some(shows) = shows {
        clues.extend(of_failure(seen));
        clues.extend(of_reason(seen));
        clues.extend(of_surroundings(seen, shows));
    }
    // The first of equals: the order of causes is that in which S3 meets them.
    clues.sort_by(|a, b| b.strength.cmp(&a.strength).then(a.id.cmp(&b.id)));
    match clues.first() {
        None => shows.map(|_| unexplained(seen)),
        Some(first) => Some(conclude(seen, first, &clues)),
    }
}

/// The cause that the faults of an audit come to, where no canary has told anything; `None` where there is no error.
#[must_use]
pub fn of_audit(findings: &[Finding], destination: usize) -> Option<Cause> {
    diagnose(&Evidence {
        state: State::Healthy,
        reason: Reason::Ok,
        message: "",
        source_status: None,
        failure: None,
        findings,
        destination,
        keys: &KeyPair::default(),
        traffic: None,
        still_in_region: 0,
    })
}

/// The causes for which a failure reason of S3 stands, the likeliest first.
#[must_use]
pub fn explaining(failure: FailureReason) -> &'static [CauseId] {
    by_reason::causes(failure)
}

/// The cause that a fault found by a check is; `None` for checks of which no fault can stop replication.
#[must_use]
pub fn of_check(check: &str) -> Option<CauseId> {
    by_check::cause(check)
}

fn of_findings(seen: &Evidence<'_>, shows: Option<Shows>) -> Vec<Clue> {
    let explained = seen.failure.map_or(&[][..], by_reason::causes);
    let faults = seen.findings.iter().filter(|finding| {
        finding.outcome == Outcome::Fault
            && finding.because.is_none()
            && finding.destination.is_none_or(|place| place == seen.destination)
    });
    let clue = |finding: &Finding| {
        let id =
            by_check::cause(finding.check.id).or_else(|| (finding.severity == Severity::Error).then_some(SET_UP))?;
        let fits = shows.is_some_and(|shows| id.shows().contains(&shows));
        let strength = match finding.severity {
            Severity::Info => return None,
            // What keeps the monitor from looking explains nothing about replication.
            _ if id.is_monitors_own() && shows.is_some() => return None,
            Severity::Warning if !fits => return None,
            Severity::Warning => Strength::Advice,
            Severity::Error if explained.contains(&id) => Strength::ExplainsFailure,
            Severity::Error if fits => Strength::ExplainsSymptom,
            Severity::Error => Strength::Finding,
        };
        let text = if finding.evidence.is_empty() {
            finding.title.clone()
        } else {
            format!("{}: {}", finding.title, finding.evidence)
        };
        let remedy = (!finding.remedy.is_empty()).then(|| finding.remedy.clone());
        Some(Clue { id, strength, text, remedy })
    };
    faults.filter_map(clue).collect()
}

fn of_keys(seen: &Evidence<'_>, shows: Option<Shows>) -> Vec<Clue> {
    let explained = seen.failure.map_or(&[][..], by_reason::causes);
    let sides = [
        (Side::Source, &seen.keys.source, "the source"),
        (Side::Destination(seen.destination), &seen.keys.destination, "the destination"),
    ];
    let clue = |(side, status, place): (Side, &Option<super::key::KeyStatus>, &str)| {
        let status = status.as_ref()?;
        let id = symptom::of_key(side, status.defect()?);
        let fits = shows.is_some_and(|shows| id.shows().contains(&shows));
        let strength = match (explained.contains(&id), fits) {
            (true, _) => Strength::ExplainsFailure,
            (false, true) => Strength::ExplainsSymptom,
            (false, false) => Strength::Finding,
        };
        Some(Clue { id, strength, text: status.problem(place)?, remedy: None })
    };
    sides.into_iter().filter_map(clue).collect()
}

fn of_failure(seen: &Evidence<'_>) -> Option<Clue> {
    let failure = seen.failure?;
    let id = *by_reason::causes(failure).first()?;
    let text = format!("S3 says why it gave a canary up: {failure}");
    Some(Clue { id, strength: Strength::ReasonAlone, text, remedy: None })
}

fn of_reason(seen: &Evidence<'_>) -> Option<Clue> {
    let (id, certain) = symptom::told_by(seen.reason, seen.source_status)?;
    let strength = if certain { Strength::ReasonAlone } else { Strength::Guess };
    Some(Clue { id, strength, text: seen.message.to_owned(), remedy: None })
}

/// What CloudWatch and the fate of other routes say of a delay.
fn of_surroundings(seen: &Evidence<'_>, shows: Shows) -> Vec<Clue> {
    let mut clues = Vec::new();
    let is_delay = shows == Shows::Delayed || seen.reason == Reason::DeadlinePassed;
    if !is_delay {
        return clues;
    }
    if seen.still_in_region > 0 {
        let others = seen.still_in_region;
        let text = format!("{others} other {} to this Region at the same time", words(others));
        clues.push(Clue { id: CauseId::RegionalEvent, strength: Strength::ReasonAlone, text, remedy: None });
    }
    let Some(Traffic { pending_operations, pending_bytes, failed_operations }) = seen.traffic else { return clues };
    let (operations, bytes) = (pending_operations.unwrap_or(0.0), pending_bytes.unwrap_or(0.0));
    if operations >= 1.0 && bytes >= BACKLOG_BYTES {
        let text = format!("CloudWatch: {bytes:.0} bytes in {operations:.0} operations are pending");
        clues.push(Clue { id: CauseId::Backlog, strength: Strength::Advice, text, remedy: None });
    } else if operations >= THROTTLED_OPERATIONS && failed_operations.is_none_or(|failed| failed < 1.0) {
        let text = format!("CloudWatch: {operations:.0} operations are pending, and none failed");
        clues.push(Clue { id: CauseId::Throttling, strength: Strength::Advice, text, remedy: None });
    }
    clues
}

/// Pending bytes from which a backlog explains a delay: a minute at the default rate of replication time control, 1
/// Gbit/s ("Replication Time Control best practices", S3 User Guide).
const BACKLOG_BYTES: f64 = 7.5e9;

/// Pending operations from which throttling explains a delay: canaries alone are never so many.
const THROTTLED_OPERATIONS: f64 = 1_000.0;

/// What an error is that no cause is named for.
const SET_UP: CauseId = CauseId::SetUpFault;

fn words(routes: usize) -> &'static str {
    if routes == 1 { "route stands still" } else { "routes stand still" }
}

fn conclude(seen: &Evidence<'_>, first: &Clue, clues: &[Clue]) -> Cause {
    let mut evidence = Vec::new();
    let mut keep = |text: String| {
        if !text.is_empty() && !evidence.contains(&text) {
            evidence.push(text);
        }
    };
    clues.iter().filter(|clue| clue.id == first.id).for_each(|clue| keep(clue.text.clone()));
    if let Some(failure) = seen.failure.filter(|_| clues.iter().any(|clue| clue.strength > Strength::Guess)) {
        keep(format!("S3 says why it gave a canary up: {failure}"));
    }
    if symptom::of(seen.state, seen.reason).is_some() {
        keep(seen.message.to_owned());
    }
    let others = clues.iter().filter(|clue| clue.id != first.id && clue.strength >= Strength::Finding);
    others.for_each(|clue| keep(format!("also found: {}", clue.text)));
    let confidence = match first.strength {
        Strength::ExplainsFailure | Strength::ExplainsSymptom => Confidence::High,
        Strength::Finding if seen.state == State::Healthy => Confidence::High,
        Strength::Finding | Strength::ReasonAlone if !is_ambiguous(seen, first) => Confidence::Medium,
        Strength::Finding | Strength::ReasonAlone | Strength::Advice | Strength::Guess => Confidence::Low,
    };
    Cause {
        id: first.id,
        confidence,
        summary: first.id.summary().to_owned(),
        evidence,
        remedy: first.remedy.clone().unwrap_or_else(|| first.id.remedy().to_owned()),
        shared_with: Vec::new(),
    }
}

/// Whether only a failure reason speaks for a cause, and it speaks for others as well.
fn is_ambiguous(seen: &Evidence<'_>, first: &Clue) -> bool {
    first.strength == Strength::ReasonAlone && seen.failure.is_some_and(|failure| by_reason::causes(failure).len() > 3)
}

fn blind(seen: &Evidence<'_>) -> Cause {
    let id = symptom::blindness(seen.reason);
    Cause {
        id,
        confidence: Confidence::High,
        summary: id.summary().to_owned(),
        evidence: vec![seen.message.to_owned()],
        remedy: id.remedy().to_owned(),
        shared_with: Vec::new(),
    }
}

/// Nothing explains it: says what is seen, and what to grant to know more.
fn unexplained(seen: &Evidence<'_>) -> Cause {
    let id = CauseId::Unknown;
    let unread = seen.findings.iter().filter(|finding| {
        finding.outcome == Outcome::Unknown && finding.destination.is_none_or(|place| place == seen.destination)
    });
    let mut remedies: Vec<&str> = Vec::new();
    let mut evidence = vec![seen.message.to_owned()];
    evidence.extend(seen.failure.map(|failure| format!("S3 says why it gave a canary up: {failure}")));
    for finding in unread {
        evidence.push(format!("not known: {}", finding.title));
        if !finding.remedy.is_empty() && !remedies.contains(&finding.remedy.as_str()) {
            remedies.push(&finding.remedy);
        }
    }
    let remedy = if remedies.is_empty() { id.remedy().to_owned() } else { remedies.join("; ") };
    let confidence = Confidence::Low;
    Cause { id, confidence, summary: id.summary().to_owned(), evidence, remedy, shared_with: Vec::new() }
}

impl Confidence {
    /// The confidence as API text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
