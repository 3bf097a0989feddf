//! All that CloudWatch has told of one destination, and what of it still speaks of the present.

use std::time::Duration;

use super::cross_check::{Canaries, cross_check};
use super::knowledge::Knowledge;
use super::ours::Ours;
use super::{Look, Metric, Reading, Readings, RuleSeen, Status};
use crate::domain::time::{Moment, Monotonic, UnixMillis};

/// What is known of the metrics of one destination.
#[derive(Debug)]
pub struct Evidence {
    is_on: bool,
    rule: RuleSeen,
    metrics: [Knowledge; 4],
    ours: Ours,
    /// When time alone may change it.
    due: Option<Monotonic>,
}

impl Evidence {
    /// Nothing is known yet; `is_on` says whether anything is going to be read.
    #[must_use]
    pub fn new(is_on: bool, now: Moment) -> Self {
        let (rule, metrics) = (RuleSeen::Unread, Metric::ALL.map(Knowledge::new));
        Self { is_on, rule, metrics, ours: Ours::new(now.wall), due: None }
    }

    /// Somebody looked which rule takes the canaries there. What another rule's metrics said is forgotten; a
    /// configuration that could not be read changes nothing that is known.
    pub fn saw_rule(&mut self, rule: &RuleSeen) {
        let is_unread = matches!(self.rule, RuleSeen::Unread | RuleSeen::Unreadable(_));
        if matches!(rule, RuleSeen::Unread | RuleSeen::Unreadable(_)) && !is_unread {
            return;
        }
        if self.rule != *rule {
            self.rule = rule.clone();
            self.metrics = Metric::ALL.map(Knowledge::new);
            self.due = None;
        }
    }

    /// Somebody looked at a metric.
    pub fn learn(&mut self, metric: Metric, look: &Look, at: Moment) {
        if let Some(knowledge) = self.metrics.get_mut(metric.index()) {
            knowledge.learn(look, at.wall);
        }
        self.settle(at);
    }

    /// A canary that did not arrive is no longer waited for: S3 gave it up, or nobody can tell what became of it.
    pub fn ended(&mut self, written: UnixMillis, at: UnixMillis) {
        if self.is_on {
            self.ours.ended(written, at);
        }
    }

    /// Time passed; answers whether what is shown changed.
    pub fn age(&mut self, now: Moment) -> bool {
        if self.due.is_none_or(|due| now.mono < due) {
            return false;
        }
        let changed = self.metrics.iter_mut().fold(false, |changed, each| each.age(now.wall) | changed);
        self.settle(now);
        changed
    }

    /// When time alone may change what is shown.
    #[must_use]
    pub fn next_due(&self) -> Option<Monotonic> {
        self.due
    }

    /// What is known now; `canaries` is what the canaries say, `open` when those were written that are undecided.
    pub fn readings(&self, canaries: Canaries, open: impl Iterator<Item = UnixMillis>) -> Readings {
        if !self.is_on {
            return Readings::off();
        }
        let mut metrics = match self.status() {
            Some(status) => [Reading::nothing(status); 4],
            None => self.metrics.each_ref().map(Knowledge::reading),
        };
        let [latency, _, _, failed] = &mut metrics;
        if let (Some(_), Some(knowledge)) = (failed.value, self.metrics.get(Metric::OperationsFailed.index())) {
            failed.less_canaries = Some(self.ours.others(knowledge.points(), open));
        }
        let cross_check = cross_check(canaries, latency, failed);
        Readings { rule: self.rule.clone(), metrics, cross_check }
    }

    /// How all metrics stand, where the rule decides that.
    fn status(&self) -> Option<Status> {
        match self.rule {
            RuleSeen::Unread => Some(Status::NoDataYet),
            RuleSeen::Unreadable(_) => Some(Status::Unreadable),
            RuleSeen::Absent => Some(Status::NoRule),
            RuleSeen::Found { publishes_metrics: false, .. } => Some(Status::NotEnabled),
            RuleSeen::Found { publishes_metrics: true, .. } => None,
        }
    }

    fn settle(&mut self, now: Moment) {
        let left: Option<Duration> = self.metrics.iter().filter_map(|each| each.time_left(now.wall)).min();
        self.due = left.map(|left| now.mono.plus(left));
    }
}
