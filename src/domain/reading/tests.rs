//! What is made of CloudWatch's answers, sentence by sentence.

mod answers;
mod comparison;
mod evidence;
mod late;
mod others;
mod planned;

use std::sync::Arc;
use std::time::Duration;

use super::cross_check::Canaries;
use super::evidence::Evidence;
use super::*;
use crate::domain::reason::Reason;
use crate::domain::time::{Moment, Monotonic};
use crate::domain::verdict::State;

/// A whole minute far from the epoch.
const BEGINNING: UnixMillis = UnixMillis(1_800_000_000_000);

fn minute(number: u64) -> UnixMillis {
    BEGINNING.plus(Duration::from_secs(60 * number))
}

fn moment(at: UnixMillis) -> Moment {
    Moment { mono: Monotonic(at.since(UnixMillis(0))), wall: at }
}

fn point(number: u64, value: f64) -> Point {
    Point { at: minute(number), value, samples: value.max(1.0) }
}

fn complete(now: UnixMillis, points: Vec<Point>) -> Look {
    Look::Complete { window: Window::ending(now), points }
}

fn healthy() -> Canaries {
    Canaries { state: State::Healthy, reason: Reason::Ok, since: BEGINNING, objective: Duration::from_secs(900) }
}

fn rule(id: &str) -> RuleSeen {
    RuleSeen::Found { id: Arc::from(id), publishes_metrics: true }
}

/// A destination whose rule is known, from the beginning on.
fn evidence() -> Evidence {
    let mut evidence = Evidence::new(true, moment(BEGINNING));
    evidence.saw_rule(&rule("r"));
    evidence
}

fn readings(evidence: &Evidence) -> Readings {
    evidence.readings(healthy(), std::iter::empty())
}
