//! Tests of the shipped worlds.

use std::collections::BTreeSet;

use super::*;
use crate::sim::{Clock, Options, PutObject, ReplicationStatus, RouteInfo, Simulator, UnknownWorld};

fn simulator(world: &str) -> Simulator {
    let options = Options { world: world.to_owned(), seed: 42, ..Options::default() };
    Simulator::new(&options, Clock::starting_at(Duration::from_secs(1_800_000_000))).unwrap()
}

/// Writes one object into each route and lets it come to rest.
async fn statuses(simulator: &Simulator) -> Vec<(RouteInfo, Option<ReplicationStatus>, Vec<bool>)> {
    let routes = simulator.routes();
    let put = |route: &RouteInfo| {
        simulator.with_world(|world, now| {
            let access = Access::of_root(world, &route.source.account, &route.source.region);
            let request = PutObject { key: "replicanary/1".to_owned(), ..PutObject::default() };
            world.put_object(now, &access, &route.source.bucket, request).unwrap().version_id.unwrap()
        })
    };
    let versions: Vec<String> = routes.iter().map(put).collect();
    tokio::time::sleep(Duration::from_secs(8)).await;
    let look = |(route, version): (RouteInfo, String)| {
        simulator.with_world(|world, now| {
            let mut head = |account: &str, region: &str, bucket: &str| {
                let access = Access::of_root(world, account, region);
                world.head_object(now, &access, bucket, "replicanary/1", Some(&version)).ok()
            };
            let source = head(&route.source.account, &route.source.region, &route.source.bucket).unwrap();
            let arrived = route.destinations.iter().map(|side| {
                head(&side.account, &side.region, &side.bucket)
                    .is_some_and(|replica| replica.data.encryption.key_arn == side.key_arn)
            });
            let arrived = arrived.collect();
            (route, source.replication_status, arrived)
        })
    };
    routes.into_iter().zip(versions).map(look).collect()
}

#[tokio::test(start_paused = true)]
async fn the_default_world_is_healthy_empty_and_spread_out() {
    let simulator = simulator("default");
    let description = simulator.description().at("http://localhost");
    for bucket in &description.buckets {
        assert!(simulator.versions(&bucket.name).is_empty());
    }
    assert!(description.accounts.len() >= 3);
    let regions: BTreeSet<_> = description.buckets.iter().map(|bucket| &bucket.region).collect();
    assert!(regions.len() >= 3);
    let sides = description.routes.len() + simulator.routes().len();
    assert_eq!((description.buckets.len(), description.keys.len()), (sides, sides), "two of each a route");
    let all = statuses(&simulator).await;
    assert!(all.len() >= 6 && all.iter().any(|(route, ..)| route.destinations.len() == 2));
    for (route, status, arrived) in all {
        assert_eq!(status, Some(ReplicationStatus::Completed), "{}", route.name);
        assert!(arrived.iter().all(|arrived| *arrived) && route.faults.is_empty(), "{}", route.name);
        assert_eq!(route.prefix, "replicanary/");
        for side in &route.destinations {
            assert!(side.account != route.source.account && side.region != route.source.region, "{}", route.name);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_demo_is_broken_as_it_says() {
    let all = statuses(&simulator("demo")).await;
    for (route, status, arrived) in all {
        let expected = match route.faults.first().map(|(fault, _)| *fault) {
            None | Some(Fault::AccessDenied) => (Some(ReplicationStatus::Completed), vec![true]),
            Some(Fault::Slow | Fault::Outage) => (Some(ReplicationStatus::Pending), vec![false]),
            Some(Fault::RuleDisabled) => (None, vec![false]),
            Some(Fault::WrongReplicaKey) => (Some(ReplicationStatus::Completed), vec![true, false]),
            Some(_) => (Some(ReplicationStatus::Failed), vec![false]),
        };
        assert_eq!((status, arrived), expected, "{}", route.name);
    }
}

#[tokio::test(start_paused = true)]
async fn each_route_owns_what_it_uses() {
    let routes = simulator("default").routes();
    let sides: Vec<_> =
        routes.iter().flat_map(|route| std::iter::once(&route.source).chain(&route.destinations)).collect();
    let buckets: BTreeSet<_> = sides.iter().map(|side| &side.bucket).collect();
    let keys: BTreeSet<_> = sides.iter().map(|side| side.key_arn.as_ref().unwrap()).collect();
    assert_eq!((buckets.len(), keys.len()), (sides.len(), sides.len()));
}

#[tokio::test(start_paused = true)]
async fn worlds_can_be_slow_to_propagate_from_the_start() {
    let options = Options { propagation: Duration::from_secs(3600), ..Options::default() };
    let simulator = Simulator::new(&options, Clock::starting_at(Duration::from_secs(1_800_000_000))).unwrap();
    for (route, status, _) in statuses(&simulator).await {
        assert_eq!(status, Some(ReplicationStatus::Completed), "{}", route.name);
    }
}

#[test]
fn the_empty_world_is_empty_and_others_are_unknown() {
    let clock = Clock::starting_at(Duration::from_secs(1_800_000_000));
    let named = |world: &str| Simulator::new(&Options { world: world.to_owned(), ..Options::default() }, clock);
    let description = named("empty").unwrap().description();
    assert_eq!(description.accounts.iter().map(|account| &*account.id).collect::<Vec<_>>(), [ALPHA, BETA]);
    assert!(description.buckets.is_empty() && description.keys.is_empty() && description.routes.is_empty());
    assert_eq!(named("other").unwrap_err(), UnknownWorld("other".to_owned()));
    for (name, _) in crate::sim::world_names() {
        assert!(named(name).is_ok(), "{name}");
    }
}

#[test]
fn the_description_has_the_promised_shape() {
    let clock = Clock::starting_at(Duration::from_secs(1_800_000_000));
    let simulator = Simulator::new(&Options::default(), clock).unwrap();
    let json = serde_json::to_value(simulator.description().at("http://localhost:1")).unwrap();
    let keys = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(keys(&json), ["accounts", "buckets", "endpoint", "keys", "routes"].map(str::to_owned).into());
    assert_eq!(keys(&json["accounts"][0]), ["access_key_id", "id", "secret_access_key"].map(str::to_owned).into());
    assert_eq!(keys(&json["buckets"][0]), ["account", "name", "region"].map(str::to_owned).into());
    assert_eq!(keys(&json["keys"][0]), ["account", "arn", "region"].map(str::to_owned).into());
    assert_eq!(keys(&json["routes"][0]), ["destination_bucket", "name", "source_bucket"].map(str::to_owned).into());
}
