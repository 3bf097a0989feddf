//! What was told of a leg: its verdict once, its closing once, its final report once.

use std::borrow::Cow;
use std::collections::VecDeque;

use crate::domain::canary::Canary;
use crate::domain::observation::Note;
use crate::domain::probe::source::Held;
use crate::domain::reason::Reason;
use crate::domain::report::{Lag, Mismatch, Report, Stage, StageAt};
use crate::domain::time::UnixMillis;
use crate::domain::verdict::Verdict;

/// What was told of a leg.
#[derive(Debug)]
pub(crate) struct Record {
    destination: usize,
    stages: Vec<StageAt>,
    verdict: Told,
    closed: bool,
}

#[derive(Debug)]
enum Told {
    /// No verdict.
    Nothing,
    /// A verdict, counted.
    Verdict(Box<Report>),
    /// The final report.
    Final,
}

/// How a leg ended, before it is told.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(super) verdict: Verdict,
    pub(super) reason: Reason,
    pub(super) message: String,
    pub(super) mismatches: Vec<Mismatch>,
    pub(super) key_match: Option<bool>,
    pub(super) lag: Option<Lag>,
}

impl Record {
    pub(super) fn new(destination: usize) -> Self {
        Self { destination, stages: Vec::new(), verdict: Told::Nothing, closed: false }
    }

    /// Whether a verdict was told.
    pub(crate) fn is_judged(&self) -> bool {
        !matches!(self.verdict, Told::Nothing)
    }

    /// Notes that a stage was reached, the first time.
    pub(super) fn reached(&mut self, stage: Stage, at: UnixMillis) {
        if self.stages.iter().all(|each| each.stage != stage) {
            self.stages.push(StageAt { stage, at });
        }
    }

    /// Tells the verdict, unless one was told.
    pub(super) fn judge(&mut self, canary: &Canary, held: Option<&Held>, finding: Finding, notes: &mut VecDeque<Note>) {
        if self.is_judged() {
            return;
        }
        let Finding { verdict, reason, message, mismatches, key_match, lag } = finding;
        let report = Report {
            destination: self.destination,
            key: canary.key().clone(),
            version_id: held.map(|held| held.version.clone()),
            written_at: canary.written_at(),
            verdict,
            reason,
            message,
            mismatches,
            key_match,
            lag,
            stages: self.stages(&source_stages(held, canary.written_at())),
        };
        self.verdict = Told::Verdict(Box::new(report.clone()));
        notes.push_back(Note::Judged(report));
    }

    /// The replica came after the verdict. That stays as it was counted; an arrival after `lost` is told.
    pub(super) fn arrived_late(&mut self, source: &[StageAt], finding: Finding, notes: &mut VecDeque<Note>) {
        let stages = self.stages(source);
        let Told::Verdict(report) = &mut self.verdict else { return };
        report.lag = finding.lag;
        report.mismatches = finding.mismatches;
        report.key_match = finding.key_match;
        report.stages = stages;
        if report.verdict == Verdict::Lost {
            report.message = format!("{}, after it was judged lost", finding.message);
            notes.push_back(Note::ArrivedLate(Report::clone(report)));
        }
    }

    /// Tells that the destination no longer waits, once.
    pub(crate) fn close(&mut self, notes: &mut VecDeque<Note>) {
        if !std::mem::replace(&mut self.closed, true) {
            notes.push_back(Note::LegClosed { destination: self.destination });
        }
    }

    /// Tells the verdict with all stages, once; `cleaned` when the canary was removed here and at the source.
    pub(crate) fn finish(&mut self, held: Option<&Held>, cleaned: Option<UnixMillis>, notes: &mut VecDeque<Note>) {
        if let Some(at) = cleaned {
            self.reached(Stage::Cleaned, at);
        }
        let Told::Verdict(report) = &self.verdict else { return };
        let stages = self.stages(&source_stages(held, report.written_at));
        let Told::Verdict(report) = &mut self.verdict else { return };
        report.stages = stages;
        if let Some(held) = held {
            report.version_id = Some(held.version.clone());
        }
        notes.push_back(Note::Final(Report::clone(report)));
        self.verdict = Told::Final;
    }

    /// The stages of source and leg, in order of time.
    fn stages(&self, source: &[StageAt]) -> Vec<StageAt> {
        let mut stages: Vec<_> = source.iter().chain(&self.stages).copied().collect();
        stages.sort_by_key(|each| (each.at, each.stage));
        stages
    }
}

/// The stages at the source; of a write whose fate is not known, that it was sent.
fn source_stages(held: Option<&Held>, written_at: UnixMillis) -> Cow<'_, [StageAt]> {
    match held {
        Some(held) => Cow::Borrowed(&held.stages),
        None => Cow::Owned(vec![StageAt { stage: Stage::PutSent, at: written_at }]),
    }
}
