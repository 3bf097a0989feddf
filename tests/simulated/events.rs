//! Replication events: what the daemon says of failures equals the world's truth, each counted once, none left behind.

use std::collections::BTreeMap;
use std::time::Duration;

use replicanary::domain::reason::Reason;
use replicanary::domain::verdict::{State, Verdict};
use replicanary::sim::{Access, Fault, Notification, NotificationConfiguration, Options, PutObject};
use serde_json::{Value, json};

use super::harness::{Run, on_paused_time, pace};

/// How many objects of the user's are written while a fault is on.
const OBJECTS: usize = 40;

/// A run whose first route has a queue that its source bucket notifies, as an operator would set it up.
async fn listening(seed: u64, fault: Option<Fault>) -> Run {
    let run = without_queue(seed, fault).await;
    create_queue(&run, "dead", BTreeMap::new());
    let redrive = json!({ "deadLetterTargetArn": queue_arn(&run, "dead"), "maxReceiveCount": 3 }).to_string();
    create_queue(&run, "events", BTreeMap::from([("RedrivePolicy".to_owned(), redrive)]));
    let events = vec!["s3:Replication:*".to_owned()];
    let entry = Notification { target: queue_arn(&run, "events"), events, ..Notification::default() };
    let configuration = NotificationConfiguration { queues: vec![entry], ..NotificationConfiguration::default() };
    let bucket = source_bucket(&run);
    run.simulator
        .with_world(|world, now| {
            let access = access(&run, world);
            world.put_notifications(now, &access, &bucket, configuration, true)
        })
        .expect("a notification to a queue of the world's own");
    run
}

/// A run whose first route names a queue that does not exist.
async fn without_queue(seed: u64, fault: Option<Fault>) -> Run {
    let options = Options { seed, ..Options::default() };
    Run::start_in(options, 2, fault, &pace(), |shape| {
        let source = shape.routes.iter_mut().flatten().next().and_then(|route| route.source.as_mut());
        let source = source.expect("a route with a source");
        let account = source.account.as_ref().expect("an account of the world's own").raw();
        source.event_queue = Some(format!("http://simulated/{account}/events").as_str().into());
    })
    .await
}

fn source_bucket(run: &Run) -> String {
    run.config.routes[0].route.source.bucket.to_string()
}

fn queue_arn(run: &Run, name: &str) -> String {
    let source = &run.config.routes[0].route.source;
    format!("arn:aws:sqs:{}:{}:{name}", source.region, source.account.as_ref().expect("an account"))
}

fn access(run: &Run, world: &replicanary::sim::World) -> Access {
    let source = &run.config.routes[0].route.source;
    Access::of_root(world, source.account.as_ref().expect("an account").as_str(), source.region.as_str())
}

fn create_queue(run: &Run, name: &str, attributes: BTreeMap<String, String>) {
    run.simulator
        .with_world(|world, now| {
            let Access { caller, region, .. } = access(run, world);
            world.create_queue(now, &caller, &region, name, attributes)
        })
        .expect("a new queue");
}

fn send(run: &Run, body: &str) {
    let queue = queue_arn(run, "events");
    run.simulator
        .with_world(|world, now| {
            let caller = access(run, world).caller;
            world.send_message(now, &caller, &queue, body.to_owned(), None)
        })
        .expect("a message");
}

/// How many messages are visible, in flight or delayed in a queue.
fn messages_in(run: &Run, name: &str) -> u64 {
    let queue = queue_arn(run, name);
    let attributes = run
        .simulator
        .with_world(|world, now| {
            let caller = access(run, world).caller;
            world.queue_attributes(now, &caller, &queue)
        })
        .expect("a queue of the world's own");
    let counts = attributes.iter().filter(|(name, _)| name.starts_with("ApproximateNumberOfMessages"));
    counts.map(|(_, count)| count.parse::<u64>().expect("a number")).sum()
}

/// Writes an object of the user's; answers its key and version.
fn write(run: &Run, key: &str) -> (String, String) {
    let bucket = source_bucket(run);
    let request = PutObject { key: key.to_owned(), body: vec![7; 9].into(), ..PutObject::default() };
    let written = run.simulator.with_world(|world, now| {
        let access = access(run, world);
        world.put_object(now, &access, &bucket, request)
    });
    let version = written.expect("a write").version_id.expect("a version");
    (key.to_owned(), version)
}

/// Why S3 did not replicate a version, by the world's truth.
fn truth(run: &Run, key: &str, version: &str) -> Option<&'static str> {
    run.simulator.truth(&source_bucket(run), key, version)?.destinations.first()?.reason
}

/// The series of a metric of the first route's first destination, each by the value of its last label.
fn series(run: &Run, name: &str) -> BTreeMap<String, u64> {
    let route = &run.config.routes[0].route;
    let leg = format!("route=\"{}\",destination=\"{}\"", route.name, route.destinations[0].bucket);
    series_of(run, &format!("{name}{{{leg}"))
}

fn series_of(run: &Run, beginning: &str) -> BTreeMap<String, u64> {
    let page = run.daemon.metrics().render();
    let opening = format!("replicanary_{beginning}");
    let lines = page.lines().filter(|line| line.starts_with(&opening));
    let value = |line: &str| {
        let (labels, count) = line.rsplit_once(' ')?;
        let label = labels.trim_end_matches("\"}").rsplit_once("=\"")?.1;
        Some((label.to_owned(), count.parse().ok()?))
    };
    lines.filter_map(value).collect()
}

async fn against_the_truth(seed: u64, fault: Fault) -> BTreeMap<String, u64> {
    let context = format!("seed {seed}, {}", fault.name());
    let run = listening(seed, Some(fault)).await;
    let mut written = Vec::new();
    for number in 0..OBJECTS {
        written.push(write(&run, &format!("2026/år {number}+{seed}%/a&b.pdf")));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    tokio::time::sleep(Duration::from_secs(60)).await;

    let mut failed: BTreeMap<String, u64> = BTreeMap::new();
    for (key, version) in &written {
        let reason = truth(&run, key, version).unwrap_or_else(|| panic!("{context}: {key} did not fail"));
        *failed.entry(reason.to_owned()).or_default() += 1;
    }
    assert_eq!(series(&run, "replication_failures_total"), failed, "{context}");
    let leg = run.leg(0);
    let counted: BTreeMap<String, u64> =
        leg.events.failures().map(|(reason, count)| (reason.to_string(), count)).collect();
    assert_eq!(counted, failed, "{context}");
    let recent: Vec<&str> = leg.events.recent().map(|recent| recent.event.key.as_str()).collect();
    assert_eq!(recent.len(), 20, "{context}");
    assert!(recent.iter().all(|key| written.iter().any(|(own, _)| own == key)), "{context}: {recent:?}");

    let mut exact = 0;
    for report in leg.reports.iter().filter(|report| report.verdict == Verdict::Failed) {
        let version = report.version_id.as_ref().expect("a version");
        let reason = truth(&run, report.key.as_str(), version.as_str()).expect("a reason");
        // The newest event may still be on its way.
        let age = leg.reports.front().map_or(0, |newest| newest.written_at.0 - report.written_at.0);
        if report.reason != Reason::SourceFailed || age > 30_000 {
            assert_eq!(report.reason.as_str(), reason, "{context}: {}", report.key);
            assert!(report.message.contains(reason), "{context}: {}", report.message);
            exact += 1;
        }
    }
    assert!(exact >= 2, "{context}: {exact} exact reports");
    let Some(reason) = failed.keys().next() else { panic!("{context}") };
    assert!(matches!(leg.state, State::Failing), "{context}: {}", leg.state);
    assert_eq!(leg.reason.as_str(), reason, "{context}: {}", leg.message);
    assert!(leg.message.contains(reason), "{context}: {}", leg.message);
    let told = series(&run, "canary_failure_events_total");
    assert_eq!(told.keys().collect::<Vec<_>>(), [reason], "{context}: {told:?}");
    assert_eq!(run.leg(1).events.failed(), 0, "{context}: the bystander");

    let outcomes = series_of(&run, "event_messages_total{queue=\"events\"");
    assert_eq!((outcomes["test"], outcomes["unmatched"], outcomes["unreadable"]), (1, 0, 0), "{context}");
    let legs = u64::try_from(run.config.routes[0].route.destinations.len()).expect("a small number");
    let events = legs * (u64::try_from(OBJECTS).expect("a small number") + told[reason]);
    assert_eq!(outcomes["accounted"], events, "{context}: {outcomes:?}");
    run.clear(fault);
    tokio::time::sleep(Duration::from_secs(40)).await;
    assert_eq!((messages_in(&run, "events"), messages_in(&run, "dead")), (0, 0), "{context}");
    outcomes
}

#[test]
fn what_the_daemon_says_of_failures_is_the_worlds_truth() {
    let faults = [
        Fault::RoleDenied,
        Fault::DestinationKeyDisabled,
        Fault::DestinationKeyPendingDeletion,
        Fault::VersioningSuspended,
        Fault::DestinationBucketDeleted,
    ];
    let mut duplicates = 0;
    for (seed, fault) in (0..).zip(faults.into_iter().cycle().take(15)) {
        duplicates += on_paused_time(against_the_truth(seed, fault))["duplicate"];
    }
    assert!(duplicates > 10, "the simulator delivers some messages twice: {duplicates}");
}

/// A replication event of S3's about an object on its way between the first route's buckets.
fn event(run: &Run, key: &str, reason: &str) -> Value {
    let route = &run.config.routes[0].route;
    json!({
        "eventSource": "aws:s3", "eventTime": "2027-01-15T08:00:00.000Z",
        "eventName": "Replication:OperationFailedReplication",
        "s3": { "bucket": { "name": source_bucket(run) }, "object": { "key": key, "versionId": "v" } },
        "replicationEventData": {
            "destinationBucket": format!("arn:aws:s3:::{}", route.destinations[0].bucket),
            "s3Operation": "OBJECT_TAGGING", "failureReason": reason,
        },
    })
}

#[test]
fn messages_by_sns_are_understood_and_rubbish_goes_where_the_redrive_policy_says() {
    on_paused_time(async {
        let run = listening(4, None).await;
        let one = json!({ "Records": [event(&run, "a", "SrcGetTaggingNotPermitted")] }).to_string();
        let two = json!({ "Records": [event(&run, "b", "DstMoonPhaseWrong"), event(&run, "c", "")] }).to_string();
        let mut elsewhere = event(&run, "d", "DstBucketNotFound");
        elsewhere["s3"]["bucket"]["name"] = json!("somebody-elses");
        send(&run, &json!({ "Type": "Notification", "Message": one }).to_string());
        send(&run, &one);
        send(&run, &two);
        send(&run, &json!({ "Records": [elsewhere] }).to_string());
        send(&run, &json!({ "Records": [{ "eventName": "ObjectCreated:Put" }] }).to_string());
        send(&run, "rubbish");
        let poison = json!({ "Records": [event(&run, "e", "DstBucketNotFound"), { "eventName": "Replication:OperationNotTracked" }] });
        send(&run, &poison.to_string());
        tokio::time::sleep(Duration::from_secs(200)).await;
        let expected = [("DstBucketNotFound", 1), ("SrcGetTaggingNotPermitted", 1), ("other", 2)];
        let expected = expected.map(|(reason, count)| (reason.to_owned(), count));
        assert_eq!(series(&run, "replication_failures_total"), BTreeMap::from(expected));
        let leg = run.leg(0);
        let words: Vec<&str> = leg
            .events
            .recent()
            .filter_map(|recent| recent.event.kind.failure())
            .map(|failure| &*failure.text)
            .collect();
        assert!(words.contains(&"DstMoonPhaseWrong"), "{words:?}");
        let outcomes = series_of(&run, "event_messages_total{queue=\"events\"");
        let counted = ["accounted", "test", "duplicate", "unmatched", "unreadable"].map(|outcome| outcomes[outcome]);
        assert_eq!(counted, [2, 1, 1, 2, 6], "each of the two unreadable ones came three times");
        assert_eq!((messages_in(&run, "events"), messages_in(&run, "dead")), (0, 2));
        assert_eq!(leg.state, State::Healthy, "{}", leg.message);
    });
}

#[test]
fn a_queue_that_is_not_there_is_asked_seldom_and_read_once_it_is() {
    on_paused_time(async {
        let run = without_queue(2, None).await;
        tokio::time::sleep(Duration::from_secs(300)).await;
        let page = run.daemon.metrics().render();
        let failures = page.lines().find_map(|line| {
            let is_ours = line.contains("request_failures_total") && line.contains("code=\"no_such_queue\"");
            line.rsplit(' ').next().filter(|_| is_ours)?.parse::<u64>().ok()
        });
        assert!(failures.is_some_and(|count| (7..=12).contains(&count)), "{failures:?}");
        assert!(!page.contains("\nreplicanary_event_queue_last_success_timestamp_seconds{"));
        assert_eq!(run.leg(0).state, State::Healthy, "{}", run.leg(0).message);
        create_queue(&run, "events", BTreeMap::new());
        tokio::time::sleep(Duration::from_secs(90)).await;
        assert!(run.daemon.metrics().render().contains("\nreplicanary_event_queue_last_success_timestamp_seconds{"));
        let (drained, left) = run.stop().await;
        assert!(drained.aborted == 0 && left.is_empty(), "{drained:?} {left:?}");
    });
}
