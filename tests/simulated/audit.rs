//! The set-up as the audit reads it on the simulated AWS, and what a daemon tells of its changes.

use std::time::Duration;

use replicanary::app::build_channels;
use replicanary::aws::{CallMeter, ClientPool, Environment};
use replicanary::domain::audit::facts::{RouteFacts, SideFacts};
use replicanary::runtime::auditor::gather;
use replicanary::sim::{Access, Fault};

use super::harness::{Run, on_paused_time, pace};

async fn facts(run: &Run) -> RouteFacts {
    let clock = *run.simulator.clock();
    let environment = Environment::in_process(run.simulator.http_client(), clock.time_source(), clock.sleep_impl());
    let pool = ClientPool::new(environment, CallMeter::silent());
    let channels = build_channels(&run.config, &pool).await;
    Box::pin(gather(&channels[0])).await
}

#[test]
fn what_is_read_is_what_the_world_has() {
    on_paused_time(async {
        let run = Run::start(0, 1, None, &pace()).await;
        let route = run.config.routes[0].route.clone();
        let facts = facts(&run).await;
        let replication = facts.replication.expect("readable").expect("a configuration");
        assert!(route.rule_to(&route.destinations[0], &replication).is_some(), "{replication:?}");
        assert_as_in_world(&facts.source, route.source.bucket.as_str(), route.source.region.as_str());
        let there = &route.destinations[0];
        assert_as_in_world(&facts.destinations[0], there.bucket.as_str(), there.region.as_str());
        let account = |side: &SideFacts| side.identity.clone().expect("readable").account;
        assert_eq!(Some(account(&facts.source).as_str()), route.source.account.as_ref().map(|it| it.as_str()));
        assert_eq!(Some(account(&facts.destinations[0]).as_str()), there.account.as_ref().map(|it| it.as_str()));
        let role = facts.role.expect("the configuration names one");
        assert_eq!(role.arn, replication.role);
        let found = role.role.expect("readable").expect("it exists");
        assert!(found.unique_id.starts_with("AROA") && found.trust.contains("s3.amazonaws.com"), "{found:?}");
        let key = there.kms_key.as_ref().expect("a key of the destination's own").as_str();
        let read = &facts.destinations[0].keys[key];
        let described = read.description.clone().expect("readable").expect("it exists");
        assert_eq!((described.arn.as_str(), described.state.as_str()), (key, "Enabled"));
    });
}

fn assert_as_in_world(side: &SideFacts, name: &str, region: &str) {
    let bucket = &side.bucket;
    assert_eq!((bucket.name.as_str(), bucket.region.as_ref()), (name, Ok(&Some(region.to_owned()))));
    assert_eq!(bucket.is_owned_as_configured, Ok(true));
    assert_eq!(bucket.versioning.as_ref().expect("readable").status.as_deref(), Some("Enabled"));
    let encryption = bucket.encryption.as_ref().expect("readable").as_ref().expect("a default");
    assert_eq!(encryption.algorithm, "aws:kms");
    assert_eq!(bucket.ownership.as_ref().expect("readable").as_deref(), Some("BucketOwnerEnforced"));
    assert_eq!(bucket.strangers, Ok(Vec::new()));
}

#[test]
fn a_change_is_told_with_before_and_after_once_two_reads_show_it() {
    on_paused_time(async {
        let run = Run::start(1, 2, None, &pace()).await;
        tokio::time::sleep(Duration::from_secs(30)).await;
        let changes = |place: usize| {
            let snapshot = run.snapshot();
            let name = run.config.routes[place].route.name.as_str();
            let route = snapshot.route(name).expect("every configured route is in the snapshot");
            route.changes.iter().map(|seen| seen.change.clone()).collect::<Vec<_>>()
        };
        assert!(changes(0).is_empty(), "{:?}", changes(0));
        assert!(run.leg(0).audit.is_some());
        suspend_versioning(&run);
        tokio::time::sleep(Duration::from_secs(20)).await;
        let seen = changes(0);
        let [change] = &seen[..] else { panic!("{seen:?}") };
        let told = (change.check, change.before.as_str(), change.after.as_str(), change.destination);
        assert_eq!(told, ("destination_versioning", "Enabled", "Suspended", Some(0)));
        assert!(changes(1).is_empty(), "the bystander");
        let page = run.daemon.metrics().render();
        let counted = page.lines().find(|line| line.starts_with("replicanary_config_changes_total{")).expect("counted");
        assert!(counted.contains(r#"check="destination_versioning""#) && counted.ends_with(" 1"), "{counted}");
    });
}

fn suspend_versioning(run: &Run) {
    let there = &run.config.routes[0].route.destinations[0];
    let account = there.account.as_ref().expect("an account of the world's own");
    run.simulator
        .with_world(|world, now| {
            let access = Access::of_root(world, account.as_str(), there.region.as_str());
            world.put_versioning(now, &access, there.bucket.as_str(), false)
        })
        .expect("a bucket of the world's own");
}

#[test]
fn a_monitor_that_may_read_nothing_says_of_each_fact_what_to_grant() {
    on_paused_time(async {
        let run = Run::start(2, 1, Some(Fault::AccessDenied), &pace()).await;
        let facts = facts(&run).await;
        let bucket = facts.source.bucket;
        let unread = [
            (bucket.versioning.map(drop), "s3:GetBucketVersioning"),
            (bucket.encryption.map(drop), "s3:GetEncryptionConfiguration"),
            (facts.replication.map(drop), "s3:GetReplicationConfiguration"),
        ];
        for (read, permission) in unread {
            let unread = read.expect_err(permission);
            assert_eq!((unread.permission.as_str(), unread.trouble.as_str()), (permission, "access_denied"));
        }
    });
}
