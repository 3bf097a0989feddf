//! Minutes that are published late, in batches, revised, or never: no value is ever shown that CloudWatch did not say.

use proptest::prelude::*;

use super::*;
use crate::domain::object::Trouble;

const MINUTES: usize = 90;

/// How one minute is published.
#[derive(Debug, Clone)]
struct Published {
    /// The value first said, and how many seconds after the minute's end.
    first: (u32, u64),
    /// The value that it is revised to, and how many seconds after that.
    revised: Option<(u32, u64)>,
}

/// A read, so many seconds after the one before.
#[derive(Debug, Clone, Copy)]
enum Outcome {
    Answered,
    Failed(Obstacle),
}

impl Published {
    /// What CloudWatch says of the minute at an instant.
    fn at(&self, number: u64, now: UnixMillis, batch: u64) -> Option<f64> {
        let end = minute(number + 1);
        // What is ready is told with the next batch.
        let told = |seconds: u64| {
            let ready = end.plus(Duration::from_secs(seconds)).0.div_ceil(batch * 1_000) * batch * 1_000;
            ready <= now.0
        };
        let revised = self.revised.filter(|(_, after)| told(self.first.1 + after)).map(|(value, _)| value);
        revised.or_else(|| told(self.first.1).then_some(self.first.0)).map(f64::from)
    }
}

prop_compose! {
    fn published()(value in 0_u32..50, late in 0_u64..1_500,
                   revised in prop::option::weighted(0.3, (0_u32..50, 1_u64..900))) -> Published {
        Published { first: (value, late), revised }
    }
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        6 => Just(Outcome::Answered),
        1 => Just(Outcome::Failed(Obstacle::Incomplete)),
        1 => Just(Outcome::Failed(Obstacle::NoAnswer(Trouble::Throttled))),
    ]
}

/// What CloudWatch says in a window: some minutes never come.
fn said(script: &[Option<Published>], now: UnixMillis, batch: u64) -> Vec<Point> {
    let window = Window::ending(now);
    let minutes = (0..).zip(script).filter(|(number, _)| window.contains(minute(*number)));
    minutes
        .filter_map(|(number, published)| {
            let value = published.as_ref()?.at(number, now, batch)?;
            Some(Point { at: minute(number), value, samples: value + 1.0 })
        })
        .collect()
}

proptest! {
    #[test]
    fn nothing_is_shown_that_was_not_said(
        script in prop::collection::vec(prop::option::weighted(0.8, published()), MINUTES),
        reads in prop::collection::vec((1_u64..700, outcome()), 1..40),
        batch in prop::sample::select(vec![1_u64, 5, 180, 600]),
    ) {
        let mut evidence = evidence();
        let mut now = BEGINNING;
        let mut last: Option<(UnixMillis, Vec<Point>)> = None;
        for (gap, outcome) in reads {
            now = now.plus(Duration::from_secs(gap));
            evidence.age(moment(now));
            let look = match outcome {
                Outcome::Failed(obstacle) => Look::Failed(obstacle),
                Outcome::Answered => {
                    let points = said(&script, now, batch);
                    last = Some((now, points.clone()));
                    complete(now, points)
                }
            };
            for metric in [Metric::OperationsPending, Metric::OperationsFailed] {
                evidence.learn(metric, &look, moment(now));
            }
            let shown = readings(&evidence);
            let (pending, failed) = (shown.of(Metric::OperationsPending), shown.of(Metric::OperationsFailed));
            let fresh = |at: UnixMillis| now.since(at) <= STALE;
            let newest = last.as_ref().and_then(|(_, points)| points.last()).filter(|newest| fresh(newest.at));
            prop_assert_eq!(pending.value, newest.map(|newest| newest.value));
            let known = last.as_ref().filter(|(at, points)| fresh(*at) && !points.is_empty());
            let sum = known.map(|(_, points)| points.iter().map(|point| point.value).sum::<f64>());
            prop_assert_eq!(failed.value, sum);
            prop_assert_eq!(pending.status == Status::Ok && pending.value.is_none(), false);
            if let Some(value) = pending.value {
                let ever = script.iter().flatten().any(|published| {
                    let revised = published.revised.map(|(value, _)| f64::from(value));
                    [Some(f64::from(published.first.0)), revised].contains(&Some(value))
                });
                prop_assert!(ever, "{value} was never said");
            }
        }
    }
}
