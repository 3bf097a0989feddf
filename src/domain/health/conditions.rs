//! The states of one destination: which conditions hold, when each begins, and when it ends.
//!
//! Several conditions can hold at once; each keeps its own beginning, and the state shown is the worst that holds.
//! `failing`, `misconfigured` and `unknown` are latched: they end after two arrivals in a row of canaries that were
//! written after they began. `stalled` holds exactly as long as what it says. `late` ends after two `replicated`.

use std::sync::Arc;

use crate::domain::audit::finding::Finding;
use crate::domain::key::KeyStatus;
use crate::domain::object::Trouble;
use crate::domain::observation::Side;
use crate::domain::reason::Reason;
use crate::domain::report::Report;
use crate::domain::time::{Moment, Monotonic, UnixMillis};
use crate::domain::verdict::{State, Verdict};

/// How many arrivals in a row end a condition, and how many unknown verdicts in a row begin one.
const ROW: u8 = 2;

/// The conditions of one destination.
#[derive(Debug)]
pub(super) struct Conditions {
    /// Whether no verdict other than unknown was given yet.
    starting: bool,
    failing: Option<Latch>,
    misconfigured: Option<Latch>,
    unknown: Option<Latch>,
    /// Since when the monitor cannot tell, whether it is starting or latched.
    unsure: Option<Moment>,
    stalled: Option<Moment>,
    late: Option<Latch>,
    /// When the last condition ended, while none holds.
    healthy: Option<Moment>,
    /// Whether the reason shown is that of the failure before the newest one.
    unexplained: bool,
    /// Unknown verdicts in a row.
    unknowns: u8,
    /// The newest write that arrived.
    newest_arrival: Option<Written>,
}

/// A condition that lasts until a row of arrivals ends it.
#[derive(Debug)]
struct Latch {
    since: Moment,
    why: Why,
    /// Arrivals in a row that count towards its end.
    row: u8,
}

/// Why a state holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Why {
    /// Paused by configuration.
    Paused,
    /// No verdict yet.
    Starting,
    /// Nothing is wrong.
    Fine,
    /// A verdict that is a fault.
    Verdict(Arc<Report>),
    /// The newest-written arrival came after the objective.
    ArrivedLate(Arc<Report>),
    /// The monitor cannot tell, because of this, on this side.
    Unsure(Side, Reason),
    /// A write was refused because the source is broken for everybody.
    BrokenSource(Reason),
    /// S3 cannot use the key of this side, or could not when it was looked at.
    Key(Side, Arc<KeyStatus>),
    /// S3 could not use the key of this side, and can again: canaries are still to confirm it.
    KeyMended(Side, Arc<KeyStatus>),
    /// An audit found an error.
    Finding(Arc<Finding>),
    /// An audit had found an error, and finds none any more: canaries are still to confirm it.
    FindingMended(Arc<Finding>),
    /// A canary cannot be removed from this side.
    Undeletable(Side, Trouble),
    /// An undecided canary is proven beyond the objective.
    Beyond,
}

/// When a canary was written, as exactly as the monitor knows it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written {
    /// By the wall clock.
    pub(super) wall: UnixMillis,
    /// By the monotonic clock, if this run of the monitor wrote it.
    pub(super) mono: Option<Monotonic>,
}

/// What undecided canaries beyond the objective say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// There are none.
    Even,
    /// There are some, and something arrived since each was written.
    Slow,
    /// There are some, and nothing arrived since one of them was written.
    Still,
}

/// The worst condition that holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown<'a> {
    /// The state.
    pub(super) state: State,
    /// Since when the condition holds.
    pub(super) since: UnixMillis,
    /// Why.
    pub(super) why: &'a Why,
}

impl Conditions {
    /// Nothing is known yet.
    pub(super) fn new(now: Moment) -> Self {
        Self {
            starting: true,
            failing: None,
            misconfigured: None,
            unknown: None,
            unsure: Some(now),
            stalled: None,
            late: None,
            healthy: None,
            unexplained: false,
            unknowns: 0,
            newest_arrival: None,
        }
    }

    /// A leg ended.
    pub(super) fn judged(&mut self, report: &Arc<Report>, written: Written, unsure: Why, at: Moment) {
        if report.verdict == Verdict::Unknown && self.newest_arrival.is_some_and(|newest| written.is_before(newest)) {
            // What could not be told of an old canary says nothing of now: a newer one has arrived since.
            return;
        }
        match report.verdict {
            Verdict::Replicated | Verdict::Late => {}
            Verdict::Lost | Verdict::Failed | Verdict::Mismatched => self.failed(report, at),
            Verdict::Uncovered => begin(&mut self.misconfigured, Why::Verdict(Arc::clone(report)), at),
            Verdict::Unknown => {
                self.unknowns = self.unknowns.saturating_add(1);
                if self.unknowns >= ROW {
                    begin(&mut self.unknown, unsure, at);
                }
            }
        }
        if report.verdict != Verdict::Unknown {
            self.unknowns = 0;
            self.starting = false;
        }
        for latch in [&mut self.failing, &mut self.misconfigured, &mut self.unknown].into_iter().flatten() {
            if !report.verdict.is_arrival() {
                latch.row = 0;
            } else if written.is_after(latch.since) {
                latch.row = latch.row.saturating_add(1);
            }
        }
        if report.verdict.is_arrival() {
            self.arrived(report, written, report.verdict == Verdict::Late, at);
        }
    }

    /// A report that was given before has an exact reason now.
    pub(super) fn refined(&mut self, report: &Arc<Report>) {
        if let Some(Latch { why: Why::Verdict(shown), .. }) = &mut self.failing
            && matches!(shown.reason, Reason::SourceFailed | Reason::Replication(_))
            && shown.written_at <= report.written_at
        {
            *shown = Arc::clone(report);
            self.unexplained = false;
        }
    }

    /// The replica of a lost canary arrived: late, whatever else, and it heals nothing.
    pub(super) fn arrived_after_all(&mut self, report: &Arc<Report>, written: Written, at: Moment) {
        self.arrived(report, written, true, at);
    }

    /// The source refuses writes, and would refuse anybody's; or answers them as no replicated bucket does.
    pub(super) fn source_broke(&mut self, reason: Reason, at: Moment) {
        begin(&mut self.misconfigured, Why::BrokenSource(reason), at);
        if let Some(latch) = &mut self.misconfigured {
            latch.row = 0;
        }
    }

    /// A canary cannot be removed.
    pub(super) fn undeletable(&mut self, side: Side, trouble: Trouble, at: Moment) {
        begin(&mut self.misconfigured, Why::Undeletable(side, trouble), at);
    }

    /// S3 cannot use a key.
    pub(super) fn key_broke(&mut self, side: Side, status: &KeyStatus, at: Moment) {
        begin(&mut self.misconfigured, Why::Key(side, Arc::new(status.clone())), at);
    }

    /// S3 can use a key again, or needs it no more.
    pub(super) fn key_mended(&mut self, side: Side) {
        if let Some(latch) = &mut self.misconfigured
            && let Why::Key(place, status) = &latch.why
            && *place == side
        {
            latch.why = Why::KeyMended(side, Arc::clone(status));
        }
    }

    /// An audit finds an error. What canaries or KMS say of the same is more exact, and stays.
    pub(super) fn finding(&mut self, finding: &Arc<Finding>, at: Moment) {
        let is_vague = |why: &Why| matches!(why, Why::Finding(_) | Why::FindingMended(_) | Why::KeyMended(..));
        if self.misconfigured.as_ref().is_none_or(|latch| is_vague(&latch.why)) {
            begin(&mut self.misconfigured, Why::Finding(Arc::clone(finding)), at);
        }
    }

    /// An audit finds no error any more.
    pub(super) fn findings_mended(&mut self) {
        if let Some(latch) = &mut self.misconfigured
            && let Why::Finding(finding) = &latch.why
        {
            latch.why = Why::FindingMended(Arc::clone(finding));
        }
    }

    /// A side that is needed answers nothing; answers whether that is news.
    pub(super) fn silent(&mut self, side: Side, trouble: Trouble, at: Moment) -> bool {
        let why = Why::Unsure(side, Reason::Call(trouble));
        let news = self.unknown.as_ref().is_none_or(|latch| latch.why != why);
        begin(&mut self.unknown, why, at);
        news
    }

    /// Whether the monitor cannot tell, and knows why.
    pub(super) fn is_unknown(&self) -> bool {
        self.unknown.is_some()
    }

    /// A pause ended before the first verdict: the wait for it begins now.
    pub(super) fn resumed(&mut self, at: Moment) {
        if self.starting {
            self.unsure = Some(at);
        }
    }

    /// Ends what is over. `held` keeps what is latched: an undeletable canary, an audit's error.
    pub(super) fn settle(&mut self, flow: Flow, held: bool, at: Moment) {
        match flow {
            Flow::Still => _ = self.stalled.get_or_insert(at),
            Flow::Slow | Flow::Even => self.stalled = None,
        }
        if flow == Flow::Slow && self.late.is_none() {
            begin(&mut self.late, Why::Beyond, at);
        }
        if !held {
            for latch in [&mut self.failing, &mut self.misconfigured, &mut self.unknown] {
                latch.take_if(|latch| latch.row >= ROW);
            }
        }
        if flow != Flow::Slow {
            self.late.take_if(|latch| latch.row >= ROW);
        }
        if let Some(latch) = &self.unknown {
            self.unsure.get_or_insert(latch.since);
        } else if !self.starting {
            self.unsure = None;
        }
        if self.worst().is_some() {
            self.healthy = None;
        } else {
            self.healthy.get_or_insert(at);
        }
    }

    /// The worst condition that holds, or health.
    pub(super) fn shown(&self) -> Shown<'_> {
        let since = self.healthy.unwrap_or_default().wall;
        self.worst().unwrap_or(Shown { state: State::Healthy, since, why: &Why::Fine })
    }

    fn worst(&self) -> Option<Shown<'_>> {
        if let Some(latch) = &self.failing {
            return Some(latch.shown(State::Failing));
        }
        if let Some(latch) = &self.misconfigured {
            return Some(latch.shown(State::Misconfigured));
        }
        if let Some(since) = self.stalled {
            return Some(Shown { state: State::Stalled, since: since.wall, why: &Why::Beyond });
        }
        if let Some(since) = self.unsure {
            let why = self.unknown.as_ref().map_or(&Why::Starting, |latch| &latch.why);
            return Some(Shown { state: State::Unknown, since: since.wall, why });
        }
        self.late.as_ref().map(|latch| latch.shown(State::Late))
    }

    /// A failure whose reason no event has told yet does not hide the exact reason of the one before it, once.
    fn failed(&mut self, report: &Arc<Report>, at: Moment) {
        let exact = |why: &Why| matches!(why, Why::Verdict(shown) if matches!(shown.reason, Reason::Replication(_)));
        let waits = report.reason == Reason::SourceFailed
            && !self.unexplained
            && self.failing.as_ref().is_some_and(|latch| exact(&latch.why));
        if !waits {
            begin(&mut self.failing, Why::Verdict(Arc::clone(report)), at);
        }
        self.unexplained = waits;
    }

    /// Only the newest-written arrival says how replication is now: `late` begins and ends by it.
    fn arrived(&mut self, report: &Arc<Report>, written: Written, late: bool, at: Moment) {
        if self.newest_arrival.is_some_and(|newest| written.is_before(newest)) {
            return;
        }
        self.newest_arrival = Some(written);
        if late {
            begin(&mut self.late, Why::ArrivedLate(Arc::clone(report)), at);
        }
        if let Some(latch) = &mut self.late {
            latch.row = if late { 0 } else { latch.row.saturating_add(1) };
        }
    }
}

/// Begins a condition, or renews why it holds; it holds since it began.
fn begin(condition: &mut Option<Latch>, why: Why, at: Moment) {
    match condition {
        None => *condition = Some(Latch { since: at, why, row: 0 }),
        Some(latch) => latch.why = why,
    }
}

impl Latch {
    fn shown(&self, state: State) -> Shown<'_> {
        Shown { state, since: self.since.wall, why: &self.why }
    }
}

impl Written {
    /// Whether the canary was written after `moment`; the monotonic clock knows better, where it knows at all.
    fn is_after(self, moment: Moment) -> bool {
        self.mono.map_or(self.wall > moment.wall, |mono| mono > moment.mono)
    }

    /// Whether the canary was written before another.
    fn is_before(self, other: Self) -> bool {
        match (self.mono, other.mono) {
            (Some(mono), Some(other)) => mono < other,
            (Some(_) | None, _) => self.wall < other.wall,
        }
    }
}

impl Why {
    /// The closed code.
    pub(super) fn reason(&self) -> Reason {
        match self {
            Self::Paused => Reason::Paused,
            Self::Starting => Reason::Starting,
            Self::Fine => Reason::Ok,
            Self::Verdict(report) => report.reason,
            Self::ArrivedLate(_) => Reason::ArrivedLate,
            Self::Unsure(_, reason) | Self::BrokenSource(reason) => *reason,
            Self::Key(_, status) | Self::KeyMended(_, status) => {
                status.defect().map_or(Reason::Finding, |defect| Reason::Call(defect.trouble()))
            }
            Self::Finding(_) | Self::FindingMended(_) => Reason::Finding,
            Self::Undeletable(..) => Reason::Undeletable,
            Self::Beyond => Reason::BeyondObjective,
        }
    }
}
