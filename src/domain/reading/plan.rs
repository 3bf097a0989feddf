//! Which queries go together: what is asked of one place in as few calls as CloudWatch allows.

use std::ops::Range;

use super::{Place, Statistic};
use crate::domain::connection::Connection;
use crate::domain::name::Region;
use crate::domain::route::{MetricsAccount, Route};

/// The most queries of one GetMetricData (CloudWatch API reference).
pub const QUERIES_MAX: usize = 500;

/// How many queries the metrics of a place take.
#[must_use]
pub fn queries(place: Place) -> usize {
    place.metrics().iter().map(|metric| <[Statistic]>::len(metric.statistics())).sum()
}

/// Cuts a list of rules into calls, none of which asks more than [`QUERIES_MAX`]; a rule's queries stay together.
#[must_use]
pub fn calls(places: &[Place]) -> Vec<Range<usize>> {
    let mut calls: Vec<Range<usize>> = Vec::new();
    let mut room = 0;
    for (at, place) in places.iter().enumerate() {
        let size = queries(*place);
        match calls.last_mut().filter(|_| size <= room) {
            Some(call) => {
                call.end = at + 1;
                room -= size;
            }
            None => {
                calls.push(at..at + 1);
                room = QUERIES_MAX.saturating_sub(size);
            }
        }
    }
    calls
}

/// How the metrics of a place are reached: in its Region, with the credentials and the endpoint of the source, or,
/// for those in the destination's Region, of the destination if the route says so.
///
/// The account is left out: it is no matter of these calls, and equal connections share theirs.
#[must_use]
pub fn connection(route: &Route, place: Place, source: &Connection, destination: &Connection) -> Connection {
    let (whose, region): (&Connection, &Region) = match (place, route.cloudwatch_account) {
        (Place::Source, _) => (source, &source.region),
        (Place::Destination, MetricsAccount::Source) => (source, &destination.region),
        (Place::Destination, MetricsAccount::Destination) => (destination, &destination.region),
    };
    Connection { region: region.clone(), account: None, ..whose.clone() }
}
