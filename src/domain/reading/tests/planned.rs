//! Which calls reading takes, and what they cost.

use super::super::forecast::{Forecast, Sides, forecast};
use super::super::plan;
use super::*;
use crate::domain::connection::{Checksums, Connection, Credentials};
use crate::domain::fixture;
use crate::domain::name::{AccountId, Region};
use crate::domain::route::{MetricsAccount, Route};

fn connection(region: &str, profile: &str) -> Connection {
    Connection {
        region: Region::new(region),
        account: Some(AccountId::new("111111111111")),
        credentials: Credentials::Profile(profile.to_owned()),
        role: None,
        endpoint_url: None,
        path_style: false,
        checksums: Checksums::default(),
        use_fips: false,
        use_dual_stack: false,
    }
}

fn every(seconds: u64) -> Route {
    Route { cloudwatch: Some(Duration::from_secs(seconds)), ..fixture::route("orders", 1) }
}

#[test]
fn a_rules_queries_stay_together_and_no_call_is_too_large() {
    assert_eq!((plan::queries(Place::Destination), plan::queries(Place::Source)), (3, 2));
    assert_eq!(plan::calls(&[]), []);
    assert_eq!(plan::calls(&[Place::Destination; 166]).len(), 1);
    assert_eq!(plan::calls(&[Place::Destination; 167]), [0..166, 166..167]);
    assert_eq!(plan::calls(&[Place::Source; 500]), [0..250, 250..500]);
    let mixed: Vec<Place> = [Place::Destination, Place::Source].repeat(101);
    assert_eq!(plan::calls(&mixed), [0..200, 200..202]);
}

#[test]
fn metrics_are_read_where_they_stand_as_whom_the_route_says() {
    let (source, destination) = (connection("ap-south-1", "a"), connection("us-east-1", "b"));
    let of = |place, account| {
        let route = Route { cloudwatch_account: account, ..every(300) };
        plan::connection(&route, place, &source, &destination)
    };
    for account in [MetricsAccount::Source, MetricsAccount::Destination] {
        assert_eq!(of(Place::Source, account), Connection { account: None, ..source.clone() });
    }
    let as_source = Connection { account: None, region: Region::new("us-east-1"), ..source.clone() };
    assert_eq!(of(Place::Destination, MetricsAccount::Source), as_source);
    let as_destination = Connection { account: None, ..destination.clone() };
    assert_eq!(of(Place::Destination, MetricsAccount::Destination), as_destination);
}

#[test]
fn a_month_of_one_route_costs_35_cents() {
    let (route, source, there) = (every(300), connection("ap-south-1", "a"), [connection("us-east-1", "b")]);
    let sides = Sides { route: &route, source: &source, destinations: &there };
    let month = Duration::from_secs(730 * 3_600);
    let by_region = forecast([sides], month);
    assert_eq!(by_region.len(), 2);
    let total = by_region.values().fold(Forecast::default(), |total, each| Forecast {
        calls: total.calls + each.calls,
        metrics: total.metrics + each.metrics,
    });
    assert_eq!(total, Forecast { calls: 2 * 8_760, metrics: 35_040 });
    assert!((total.dollars() - 0.3504).abs() < 1e-9, "{}", total.dollars());
}

#[test]
fn routes_share_calls_only_with_their_like_and_off_costs_nothing() {
    let (source, there) = (connection("ap-south-1", "a"), [connection("us-east-1", "b")]);
    let off = Route { cloudwatch: None, ..every(300) };
    let routes = [every(300), every(300), every(60), off];
    let sides = routes.iter().map(|route| Sides { route, source: &source, destinations: &there });
    let by_region = forecast(sides, Duration::from_secs(3_600));
    let there = &by_region[&Connection { account: None, region: Region::new("us-east-1"), ..source.clone() }];
    assert_eq!(*there, Forecast { calls: 12 + 60, metrics: 2 * 3 * 12 + 3 * 60 });
    let here = &by_region[&Connection { account: None, ..source.clone() }];
    assert_eq!(*here, Forecast { calls: 12 + 60, metrics: 2 * 12 + 60 });
}
