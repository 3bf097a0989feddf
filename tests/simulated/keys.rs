//! Keys: what only KMS tells, while S3's cached Bucket Keys keep every canary green.

use std::time::Duration;

use replicanary::config::FileShape;
use replicanary::config::text::Text;
use replicanary::domain::key::{KeyManager, KeyState};
use replicanary::domain::verdict::{State, Verdict};
use replicanary::sim::{Access, BucketEncryption, Fault, Options};

use super::harness::{Run, on_paused_time, pace};

/// A look is due every five seconds, and noticed to be due within one.
const NEXT_LOOK: Duration = Duration::from_secs(7);

fn cached_for_ten_minutes(seed: u64) -> Options {
    Options { seed, bucket_key_ttl: Duration::from_secs(600), ..Options::default() }
}

#[test]
fn a_broken_key_is_told_at_the_next_look_while_canaries_stay_green() {
    let faults = [
        (Fault::DestinationKeyDisabled, KeyState::Disabled, "enable it"),
        (Fault::DestinationKeyPendingDeletion, KeyState::PendingDeletion, "cancel the deletion"),
    ];
    for (seed, (fault, key_state, fix)) in (0..).zip(faults) {
        on_paused_time(async {
            let run = Run::start_in(cached_for_ten_minutes(seed), 2, None, &pace(), |_| {}).await;
            switch_bucket_keys_on(&run);
            tokio::time::sleep(Duration::from_secs(30)).await;
            assert_eq!(run.leg(0).state, State::Healthy);
            let before = run.leg(0).count(Verdict::Replicated);
            let route = run.config.routes[0].route.clone();
            run.simulator.set_fault(route.name.as_str(), None, fault, true, None).expect("a fault of the world's own");
            assert_eq!(run.until(0, &[State::Misconfigured], NEXT_LOOK).await, State::Misconfigured);
            let states = run.watch(0, Duration::from_secs(120)).await;
            assert_eq!(states.into_iter().collect::<Vec<_>>(), [State::Misconfigured]);

            let leg = run.leg(0);
            assert!(leg.count(Verdict::Replicated) > before + 3, "canaries stay green: {:?}", leg.verdicts);
            assert_eq!(leg.count(Verdict::Failed), 0);
            let key = route.destinations[0].kms_key.as_ref().expect("a key of the destination's own");
            for part in [key.as_str(), key_state.as_str(), "the destination", fix] {
                assert!(leg.message.contains(part), "{part}: {}", leg.message);
            }
            let status = leg.keys.destination.as_ref().expect("the destination's key");
            let facts = status.facts().expect("what KMS says of it");
            assert_eq!((facts.state, facts.manager, status.usable()), (key_state, KeyManager::Customer, Some(false)));
            assert_eq!(facts.deletion.is_some(), key_state == KeyState::PendingDeletion);
            assert_eq!(leg.keys.source.as_ref().and_then(|key| key.usable()), Some(true));
            let page = run.daemon.metrics().render();
            let labels = format!(r#"{{route="{}",destination="{}",side="#, route.name, route.destinations[0].bucket);
            let series = |name: &str| page.lines().any(|line| line.starts_with(&format!("replicanary_{name}{labels}")));
            assert!(page.contains(&format!("replicanary_kms_key_usable{labels}\"destination\"}} 0\n")), "{page}");
            assert_eq!(series("kms_key_deletion_timestamp_seconds"), facts.deletion.is_some());
            assert_eq!(run.leg(1).state, State::Healthy, "the bystander");

            run.clear(fault);
            assert_eq!(run.until(0, &[State::Healthy], Duration::from_secs(90)).await, State::Healthy);
            assert_eq!(run.leg(0).keys.destination.as_ref().and_then(|key| key.usable()), Some(true));
        });
    }
}

/// From now on canaries of the first route are written with the flag, and S3 keeps it for their replicas.
fn switch_bucket_keys_on(run: &Run) {
    let source = &run.config.routes[0].route.source;
    let account = source.account.as_ref().expect("an account of the world's own");
    run.simulator
        .with_world(|world, now| {
            let access = Access::of_root(world, account.as_str(), source.region.as_str());
            let encryption = world.encryption(now, &access, source.bucket.as_str())?;
            let encryption = BucketEncryption { bucket_key: true, ..encryption };
            world.put_encryption(now, &access, source.bucket.as_str(), encryption)
        })
        .expect("a default encryption of the world's own");
}

#[test]
fn a_monitor_that_may_not_look_says_what_to_grant_and_blames_no_key() {
    on_paused_time(async {
        let run = Run::start(3, 1, Some(Fault::AccessDenied), &pace()).await;
        let states = run.watch(0, Duration::from_secs(40)).await;
        assert_eq!(states.into_iter().collect::<Vec<_>>(), [State::Unknown]);
        let keys = run.leg(0).keys;
        for status in [keys.source, keys.destination] {
            let status = status.expect("a key is configured");
            let problem = status.problem("it").expect("what keeps the monitor from knowing");
            assert!(problem.contains("grant it kms:DescribeKey"), "{problem}");
            assert_eq!((status.usable(), status.facts()), (None, None));
        }
        assert!(!run.daemon.metrics().render().contains("\nreplicanary_kms_key_usable{"));
        run.clear(Fault::AccessDenied);
        assert_eq!(run.until(0, &[State::Healthy], Duration::from_secs(90)).await, State::Healthy);
        assert!(run.daemon.metrics().render().contains("\nreplicanary_kms_key_usable{"));
    });
}

#[test]
fn an_alias_that_stands_for_nothing_is_told_and_compared_with_nothing() {
    on_paused_time(async {
        let run = Run::start_in(Options::default(), 1, None, &pace(), |shape| name_keys(shape, "alias/nobody")).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(run.until(0, &[State::Misconfigured], NEXT_LOOK).await, State::Misconfigured);
        assert!(run.leg(0).message.contains("does not exist"), "{}", run.leg(0).message);
        assert_eq!(run.leg(0).count(Verdict::Mismatched), 0, "{:?}", run.leg(0).verdicts);
    });
}

/// Names every source's key so.
fn name_keys(shape: &mut FileShape, key: &str) {
    for route in shape.routes.iter_mut().flatten() {
        if let Some(source) = &mut route.source {
            source.kms_key = Some(key.into());
        }
    }
}

/// Every bucket of the shipped worlds has a key with an alias of the bucket's name.
fn name_keys_by_alias(shape: &mut FileShape) {
    let alias = |bucket: &Option<Text>| bucket.as_ref().map(|bucket| Text::from(format!("alias/{}", bucket.raw())));
    for route in shape.routes.iter_mut().flatten() {
        if let Some(source) = &mut route.source {
            source.kms_key = alias(&source.bucket);
        }
        for destination in route.destinations.iter_mut().flatten() {
            destination.kms_key = alias(&destination.bucket);
        }
    }
}

#[test]
fn aliases_are_compared_by_the_key_that_they_stand_for() {
    for (managed, state) in [(false, State::Healthy), (true, State::Failing)] {
        on_paused_time(async {
            let named = |shape: &mut FileShape| {
                name_keys_by_alias(shape);
                if managed {
                    name_keys(shape, "alias/aws/s3");
                }
            };
            let run = Run::start_in(Options::default(), 1, None, &pace(), named).await;
            tokio::time::sleep(Duration::from_secs(40)).await;
            let leg = run.leg(0);
            assert_eq!(leg.state, state, "{}", leg.message);
            let page = run.daemon.metrics().render();
            let matches =
                page.lines().find(|line| line.starts_with("replicanary_kms_key_match{")).expect("a key match");
            assert!(matches.ends_with(if managed { " 0" } else { " 1" }), "{matches}");
            let source = leg.keys.source.as_ref().and_then(|key| key.facts()).expect("the source's key");
            assert_eq!(source.manager == KeyManager::Aws, managed);
            if managed {
                let newest = leg.reports.iter().find(|report| !report.mismatches.is_empty()).expect("a mismatch");
                assert!(newest.mismatches[0].expected.contains(source.arn.as_str()), "{newest:?}");
                assert!(newest.mismatches[0].seen.contains(":key/"), "both keys are named: {newest:?}");
            }
        });
    }
}
