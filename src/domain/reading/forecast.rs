//! What reading the metrics costs, known in advance: calls, and metrics requested, which is what AWS bills.
//!
//! GetMetricData costs $0.01 for 1,000 metrics requested; up to five statistics of one metric in one call count once
//! ("Amazon CloudWatch pricing"). A rule has four metrics, so one read every five minutes is 35,040 metrics, $0.35, in
//! a month of 730 hours.

use std::collections::HashMap;
use std::time::Duration;

use super::{Place, plan};
use crate::domain::connection::Connection;
use crate::domain::route::Route;

/// The price of a thousand metrics requested, in US dollars.
pub const DOLLARS_PER_1000_METRICS: f64 = 0.01;

/// What a time of reading takes, as long as no call fails and every rule publishes metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Forecast {
    /// GetMetricData calls.
    pub calls: u64,
    /// Metrics requested in them.
    pub metrics: u64,
}

impl Forecast {
    /// What the metrics cost, in US dollars.
    #[must_use]
    pub fn dollars(self) -> f64 {
        let thousands = u32::try_from(self.metrics / 1_000).unwrap_or(u32::MAX);
        let rest = u32::try_from(self.metrics % 1_000).unwrap_or_default();
        (f64::from(thousands) + f64::from(rest) / 1_000.0) * DOLLARS_PER_1000_METRICS
    }
}

/// A route, and how its source and its destinations are reached.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'a> {
    /// The route.
    pub route: &'a Route,
    /// How the source is reached.
    pub source: &'a Connection,
    /// How each destination is reached.
    pub destinations: &'a [Connection],
}

/// What reading for `time` takes, by the connection and thereby by the Region that is called.
#[must_use]
pub fn forecast<'a>(routes: impl IntoIterator<Item = Sides<'a>>, time: Duration) -> HashMap<Connection, Forecast> {
    let mut groups: HashMap<(Connection, Duration), Vec<Place>> = HashMap::new();
    for Sides { route, source, destinations } in routes {
        let Some(every) = route.cloudwatch else { continue };
        for destination in destinations {
            for place in [Place::Destination, Place::Source] {
                let connection = plan::connection(route, place, source, destination);
                groups.entry((connection, every)).or_default().push(place);
            }
        }
    }
    let mut forecasts: HashMap<Connection, Forecast> = HashMap::new();
    for ((connection, every), places) in groups {
        let rounds = u64::try_from(time.as_nanos().div_ceil(every.as_nanos().max(1))).unwrap_or(u64::MAX);
        let metrics: usize = places.iter().map(|place| place.metrics().len()).sum();
        let total = forecasts.entry(connection).or_default();
        total.calls = total.calls.saturating_add(rounds.saturating_mul(count(plan::calls(&places).len())));
        total.metrics = total.metrics.saturating_add(rounds.saturating_mul(count(metrics)));
    }
    forecasts
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
