//! One destination: what is pending, what was judged, who answers, and the conditions that follow from it.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::conditions::{Conditions, Flow, Shown, Why, Written};
use super::contact::Contact;
use super::lag_window::LagWindow;
use super::timeline::Timeline;
use super::told::{Told, refined};
use crate::domain::cause::Cause;
use crate::domain::event::EventObservation;
use crate::domain::event::tally::EventTally;
use crate::domain::key::KeyPair;
use crate::domain::name::{KmsKey, ObjectKey};
use crate::domain::object::Trouble;
use crate::domain::observation::Side;
use crate::domain::reading::cross_check::Canaries;
use crate::domain::reading::evidence::Evidence;
use crate::domain::reading::{Look, Metric, Readings, RuleSeen};
use crate::domain::reason::Reason;
use crate::domain::report::Report;
use crate::domain::route::Route;
use crate::domain::snapshot::{AuditSummary, DestinationSnapshot, REPORTS_MAX};
use crate::domain::time::{Moment, Monotonic, UnixMillis};
use crate::domain::verdict::{State, Verdict};

mod setup;

/// The health of one destination.
#[derive(Debug)]
pub(super) struct DestinationHealth {
    side: Side,
    /// Whether the monitor looks at it at all; otherwise its silence says nothing.
    observed: bool,
    /// Whether it answers.
    pub(super) contact: Contact,
    /// What holds.
    pub(super) conditions: Conditions,
    /// What was shown last.
    pub(super) published: State,
    legs: BTreeMap<(UnixMillis, ObjectKey), Leg>,
    /// What keeps latched conditions from ending.
    holds: BTreeSet<Hold>,
    keys: KeyPair,
    /// Why canaries failed, by the word of events.
    told: Told,
    events: EventTally,
    audit: Option<Arc<AuditSummary>>,
    cloudwatch: Evidence,
    timeline: Timeline,
    lags: LagWindow,
    reports: VecDeque<Arc<Report>>,
    verdicts: [u64; Verdict::ALL.len()],
    last_success: Option<UnixMillis>,
    last_arrival: Option<Monotonic>,
}

/// A canary that this destination still waits for.
#[derive(Debug)]
struct Leg {
    sent: Monotonic,
    decided: bool,
    /// Whether S3 may yet give it up, or has, unseen: then CloudWatch counts it as a failure.
    may_fail: bool,
    beyond: bool,
    /// The monitor stops and leaves the canary undecided: what it said of replication stays true.
    left: bool,
}

/// Something that keeps latched conditions from ending, whatever the canaries say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Hold {
    /// A canary that cannot be removed from a side.
    Undeletable(ObjectKey, Side),
    /// A key that S3 cannot use, on a side.
    Key(KmsKey, Side),
    /// An error that an audit found, by its check.
    Finding(&'static str),
}

impl DestinationHealth {
    /// Nothing is known yet.
    pub(super) fn new(side: Side, observed: bool, keys: KeyPair, cloudwatch: Evidence, now: Moment) -> Self {
        Self {
            side,
            observed,
            contact: Contact::default(),
            conditions: Conditions::new(now),
            published: State::Unknown,
            legs: BTreeMap::new(),
            holds: BTreeSet::new(),
            keys,
            told: Told::default(),
            events: EventTally::default(),
            audit: None,
            cloudwatch,
            timeline: Timeline::default(),
            lags: LagWindow::default(),
            reports: VecDeque::new(),
            verdicts: [0; Verdict::ALL.len()],
            last_success: None,
            last_arrival: None,
        }
    }

    /// A canary is being written, or was found written by an earlier run: it is pending here.
    pub(super) fn sent(&mut self, key: &ObjectKey, written: UnixMillis, at: Moment) {
        if let Entry::Vacant(place) = self.legs.entry((written, key.clone())) {
            place.insert(Leg { sent: at.mono, decided: false, may_fail: true, beyond: false, left: false });
            self.timeline.begin(key, written);
        }
    }

    /// A canary is not waited for here: it was not written, it ended, or it was given up. Answers whether it was.
    pub(super) fn closed(&mut self, key: &ObjectKey, written: UnixMillis, at: Moment) -> bool {
        let place = (written, key.clone());
        if self.legs.get(&place).is_some_and(|leg| leg.left) {
            return false;
        }
        let leg = self.legs.remove(&place);
        if leg.as_ref().is_some_and(|leg| !leg.decided) {
            self.timeline.forget(key, written);
        }
        if leg.as_ref().is_some_and(|leg| leg.may_fail) {
            self.cloudwatch.ended(written, at.wall);
        }
        leg.is_some()
    }

    /// A canary is left where it is because the monitor stops: nothing ends by that, and it stays pending here.
    pub(super) fn left(&mut self, key: &ObjectKey, written: UnixMillis) {
        if let Some(leg) = self.legs.get_mut(&(written, key.clone())) {
            leg.left = true;
        }
    }

    /// A canary is proven beyond the objective, and undecided.
    pub(super) fn beyond(&mut self, key: &ObjectKey, written: UnixMillis) {
        if let Some(leg) = self.legs.get_mut(&(written, key.clone())) {
            leg.beyond = true;
        }
    }

    /// A leg ended.
    pub(super) fn judged(&mut self, report: &Report, source: &Contact, at: Moment) {
        let report = Arc::new(report.clone());
        if let Some((_, count)) = Verdict::ALL.iter().zip(&mut self.verdicts).find(|(each, _)| **each == report.verdict)
        {
            *count = count.saturating_add(1);
        }
        let place = (report.written_at, report.key.clone());
        let written = self.written(&place);
        if matches!(report.verdict, Verdict::Replicated | Verdict::Late | Verdict::Mismatched) {
            self.last_arrival = Some(at.mono);
        }
        if report.verdict.is_arrival() {
            self.legs.remove(&place);
            self.arrived(&report, at);
        } else if let Some(leg) = self.legs.get_mut(&place) {
            leg.decided = true;
            leg.may_fail = report.verdict == Verdict::Lost;
        }
        if matches!(report.verdict, Verdict::Failed | Verdict::Unknown) {
            self.cloudwatch.ended(report.written_at, at.wall);
        }
        self.timeline.decide(&report.key, report.written_at, report.verdict);
        let unsure = self.unsure(&report, source);
        self.conditions.judged(&report, written, unsure, at);
        self.keep(report);
    }

    /// The replica of a lost canary arrived after all.
    pub(super) fn arrived_after_all(&mut self, report: &Report, at: Moment) {
        let report = Arc::new(report.clone());
        let place = (report.written_at, report.key.clone());
        let written = self.written(&place);
        self.legs.remove(&place);
        self.last_arrival = Some(at.mono);
        if report.mismatches.is_empty() {
            self.arrived(&report, at);
            self.timeline.arrived_after_all(report.written_at);
            self.conditions.arrived_after_all(&report, written, at);
        }
        self.keep(report);
    }

    /// The last word on a leg that was reported before.
    pub(super) fn finalised(&mut self, report: &Report) {
        let earlier =
            self.reports.iter_mut().find(|each| each.written_at == report.written_at && each.key == report.key);
        if let Some(earlier) = earlier {
            *earlier = Arc::new(report.clone());
        }
    }

    /// A replication event came. What it says of a canary makes the reports that there are exact, and those to come.
    pub(super) fn told(&mut self, told: &EventObservation, route: &Route) -> bool {
        if !told.is_canary {
            self.events.count(told);
            return true;
        }
        let Some(failure) = told.event.kind.failure() else { return false };
        self.told.keep(&told.event.key, failure);
        let earlier = self.reports.iter_mut().find(|report| report.key == told.event.key);
        if let Some(earlier) = earlier
            && let Some(exact) = refined(earlier, failure, route)
        {
            *earlier = Arc::new(exact);
            self.conditions.refined(earlier);
            return true;
        }
        false
    }

    /// A report with the reason that an event has told before, if one has.
    pub(super) fn refined(&self, report: &Report, route: &Route) -> Option<Report> {
        refined(report, self.told.of(&report.key)?, route)
    }

    /// A canary cannot be removed from a side that matters here.
    pub(super) fn undeletable(&mut self, key: &ObjectKey, side: Side, trouble: Trouble, at: Moment) {
        self.holds.insert(Hold::Undeletable(key.clone(), side));
        self.conditions.undeletable(side, trouble, at);
    }

    /// Somebody looked which rule takes canaries here.
    pub(super) fn saw_rule(&mut self, rule: &RuleSeen) {
        self.cloudwatch.saw_rule(rule);
    }

    /// Somebody looked at replication metrics.
    pub(super) fn read_metrics(&mut self, looks: &[(Metric, Look)], at: Moment) {
        for (metric, look) in looks {
            self.cloudwatch.learn(*metric, look, at);
        }
    }

    /// A canary was removed from a side, or given up there.
    pub(super) fn removed(&mut self, key: &ObjectKey, side: Side) {
        if !self.holds.is_empty() {
            self.holds.remove(&Hold::Undeletable(key.clone(), side));
        }
    }

    /// Nothing more will be heard of a canary.
    pub(super) fn ended(&mut self, key: &ObjectKey, written: UnixMillis, at: Moment) -> bool {
        self.removed(key, Side::Source);
        self.removed(key, self.side);
        self.told.forget(key);
        self.closed(key, written, at)
    }

    /// Applies the rules of time and ends what is over; answers whether the reason became another.
    pub(super) fn settle(&mut self, source: &Contact, limit: Duration, now: Moment) -> bool {
        let mut news = false;
        if let Some(trouble) = source.silent_for(limit, now) {
            news |= self.conditions.silent(Side::Source, trouble, now);
        } else if let Some(trouble) = self.contact.silent_for(limit, now).filter(|_| self.observed) {
            news |= self.conditions.silent(self.side, trouble, now);
        }
        self.conditions.settle(self.flow(), !self.holds.is_empty(), now);
        news
    }

    /// Forgets lags and readings that are too old; answers whether there were any.
    pub(super) fn age(&mut self, now: Moment) -> bool {
        self.lags.age(now.mono) | self.cloudwatch.age(now)
    }

    /// When time alone may change something here.
    pub(super) fn next_due(&self, source: &Contact, limit: Duration, now: Moment) -> Option<Monotonic> {
        let own = self.contact.silent_at(limit).filter(|_| self.observed);
        let silent = source.silent_at(limit).into_iter().chain(own).filter(|at| *at > now.mono).min();
        let aged = self.lags.expires().into_iter().chain(self.cloudwatch.next_due());
        silent.filter(|_| !self.conditions.is_unknown()).into_iter().chain(aged).min()
    }

    /// The worst condition that holds.
    pub(super) fn shown(&self) -> Shown<'_> {
        self.conditions.shown()
    }

    /// Everything but the state, which depends on the route.
    pub(super) fn snapshot(
        &self,
        shown: Shown<'_>,
        message: String,
        cause: Option<Arc<Cause>>,
        cloudwatch: Readings,
    ) -> DestinationSnapshot {
        DestinationSnapshot {
            state: shown.state,
            since: shown.since,
            reason: shown.why.reason(),
            message,
            verdicts: self.verdicts,
            pending: u64::try_from(self.legs.len()).unwrap_or(u64::MAX),
            oldest_pending: self.legs.keys().next().map(|(written, _)| *written),
            recovery_point: self.recovery_point(),
            last_success: self.last_success,
            gaps: self.timeline.gaps(),
            lag: self.lags.summary(),
            keys: self.keys.clone(),
            cause,
            events: self.events.clone(),
            audit: self.audit.clone(),
            cloudwatch,
            reports: self.reports.clone(),
        }
    }

    /// What CloudWatch tells, beside canaries that show this.
    pub(super) fn readings(&self, shown: Shown<'_>, objective: Duration) -> Readings {
        let canaries = Canaries { state: shown.state, reason: shown.why.reason(), since: shown.since, objective };
        let open = self.legs.iter().filter(|(_, leg)| leg.may_fail).map(|((written, _), _)| *written);
        self.cloudwatch.readings(canaries, open)
    }

    /// The keys that it depends on.
    pub(super) fn keys(&self) -> &KeyPair {
        &self.keys
    }

    /// When the newest canary was written that arrived right with no older one undecided.
    pub(super) fn recovery_point(&self) -> Option<UnixMillis> {
        self.timeline.recovery_point()
    }

    fn arrived(&mut self, report: &Report, at: Moment) {
        self.last_success = self.last_success.max(Some(at.wall));
        if let Some(lag) = report.lag {
            self.lags.push(lag, at.mono);
        }
    }

    fn written(&self, place: &(UnixMillis, ObjectKey)) -> Written {
        Written { wall: place.0, mono: self.legs.get(place).map(|leg| leg.sent) }
    }

    fn flow(&self) -> Flow {
        let mut flow = Flow::Even;
        for leg in self.legs.values().filter(|leg| leg.beyond && !leg.decided) {
            if self.last_arrival.is_none_or(|arrival| arrival <= leg.sent) {
                return Flow::Still;
            }
            flow = Flow::Slow;
        }
        flow
    }

    /// Which side kept the monitor from telling, and how: a write without a version met the source, all else this side.
    fn unsure(&self, report: &Report, source: &Contact) -> Why {
        let (side, contact) = match report.version_id {
            None => (Side::Source, source),
            Some(_) => (self.side, &self.contact),
        };
        let vague = matches!(report.reason, Reason::Unanswered | Reason::WriteUnresolved);
        let exact = contact.trouble().filter(|_| vague).map(Reason::Call);
        Why::Unsure(side, exact.unwrap_or(report.reason))
    }

    /// Keeps a report among the newest, in place of an earlier one of its canary.
    fn keep(&mut self, report: Arc<Report>) {
        let place = self.reports.partition_point(|each| each.written_at > report.written_at);
        let same = |each: &Arc<Report>| each.written_at == report.written_at && each.key == report.key;
        match self.reports.iter().skip(place).take_while(|each| each.written_at == report.written_at).position(same) {
            Some(offset) => {
                if let Some(earlier) = self.reports.get_mut(place + offset) {
                    *earlier = report;
                }
            }
            None => self.reports.insert(place, report),
        }
        self.reports.truncate(REPORTS_MAX);
    }
}
