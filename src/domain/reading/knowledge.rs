//! What is known of one metric: the last complete answer, how old it is, and what keeps a newer one away.

use std::time::Duration;

use super::{Look, Metric, Obstacle, PROVISIONAL, Point, Reading, STALE, Status};
use crate::domain::time::UnixMillis;

/// What is known of one metric under one rule.
#[derive(Debug, Clone)]
pub(super) struct Knowledge {
    metric: Metric,
    /// The last complete answer.
    known: Option<Known>,
    /// What kept the newest look from one.
    obstacle: Option<Obstacle>,
    /// The newest minute of the last complete answer that had any.
    newest: Option<UnixMillis>,
    /// Whether what is known is too old to be shown.
    is_stale: bool,
}

/// A complete answer.
#[derive(Debug, Clone)]
struct Known {
    /// When it was given.
    at: UnixMillis,
    points: Vec<Point>,
}

impl Knowledge {
    /// Nothing is known.
    pub(super) fn new(metric: Metric) -> Self {
        Self { metric, known: None, obstacle: None, newest: None, is_stale: false }
    }

    /// Takes in a look that ended at `at`. A complete answer replaces what was known, anything else leaves it to age.
    pub(super) fn learn(&mut self, look: &Look, at: UnixMillis) {
        match look {
            Look::Complete { points, .. } => {
                self.obstacle = None;
                self.newest = points.last().map(|point| point.at).or(self.newest);
                self.known = Some(Known { at, points: points.clone() });
            }
            Look::Failed(obstacle) => self.obstacle = Some(*obstacle),
        }
        self.age(at);
    }

    /// Time passed; answers whether that changed what is shown.
    pub(super) fn age(&mut self, now: UnixMillis) -> bool {
        let is_stale = self.valid_until().is_some_and(|end| end < now);
        std::mem::replace(&mut self.is_stale, is_stale) != is_stale
    }

    /// How long until what is known says nothing of the present any more; absent when that is so already.
    pub(super) fn time_left(&self, now: UnixMillis) -> Option<Duration> {
        let end = self.valid_until().filter(|_| !self.is_stale)?;
        Some(end.since(now) + Duration::from_millis(1))
    }

    /// The minutes that are known and speak of the present, oldest first.
    pub(super) fn points(&self) -> &[Point] {
        self.present().map_or(&[], |known| &known.points)
    }

    /// What is known now.
    pub(super) fn reading(&self) -> Reading {
        let present = self.present();
        let newest = present.and_then(|known| known.points.last());
        let (value, samples) = match self.metric {
            Metric::ReplicationLatency | Metric::BytesPending | Metric::OperationsPending => {
                (newest.map(|point| point.value), None)
            }
            Metric::OperationsFailed => {
                let sum = |pick: fn(&Point) -> f64| newest.map(|_| self.points().iter().map(pick).sum());
                (sum(|point| point.value), sum(|point| point.samples))
            }
        };
        let revisable = |known: &Known| known.points.last().is_some_and(|point| known.at.since(point.at) < PROVISIONAL);
        Reading {
            status: self.status(value.is_some()),
            value,
            samples,
            less_canaries: None,
            at: self.newest,
            provisional: present.is_some_and(revisable),
            obstacle: self.obstacle,
        }
    }

    fn status(&self, has_value: bool) -> Status {
        match (self.obstacle, self.metric) {
            (Some(Obstacle::Forbidden | Obstacle::NoAnswer(_)), _) => Status::Unreadable,
            (Some(Obstacle::Incomplete), _) if !has_value => Status::Unreadable,
            (Some(Obstacle::Incomplete) | None, _) if has_value => Status::Ok,
            (_, Metric::OperationsFailed) if self.present().is_some() => Status::Idle,
            _ if self.known.is_none() || self.newest.is_none() => Status::NoDataYet,
            _ => Status::Stale,
        }
    }

    fn present(&self) -> Option<&Known> {
        self.known.as_ref().filter(|_| !self.is_stale)
    }

    /// Pending operations are as old as their newest minute: one is published each minute. Failures are as old as the
    /// answer, because minutes without operations are not published.
    fn valid_until(&self) -> Option<UnixMillis> {
        let known = self.known.as_ref()?;
        let as_of = match self.metric {
            Metric::ReplicationLatency | Metric::BytesPending | Metric::OperationsPending => known.points.last()?.at,
            Metric::OperationsFailed => known.at,
        };
        Some(as_of.plus(STALE))
    }
}
