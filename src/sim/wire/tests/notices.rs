//! Replication events as they reach a queue.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_s3::types::{
    Event, FilterRule, FilterRuleName, NotificationConfiguration, NotificationConfigurationFilter, QueueConfiguration,
    S3KeyFilter,
};
use serde_json::{Value, json};

use super::{ONE, Site, refusal};
use crate::sim::{Access, Clock, Fault, Options, PutObject, ReplicationMetrics, ReplicationTime, Simulator};

const SOURCE: &str = "acme-orders-ap-south-1";
const REGION: &str = "ap-south-1";
const QUEUE: &str = "arn:aws:sqs:ap-south-1:111111111111:events";

fn configuration(queue: &str) -> NotificationConfiguration {
    let rule = FilterRule::builder().name(FilterRuleName::Prefix).value("replicanary/").build();
    let key = S3KeyFilter::builder().filter_rules(rule).build();
    let entry = QueueConfiguration::builder()
        .id("failures")
        .queue_arn(queue)
        .events(Event::from("s3:Replication:*"))
        .filter(NotificationConfigurationFilter::builder().key(key).build())
        .build()
        .unwrap();
    NotificationConfiguration::builder().queue_configurations(entry).build()
}

/// A default world in which failures of `orders` under `replicanary/` are told to a queue.
async fn listening(seed: u64) -> Site {
    let options = Options { seed, ..Options::default() };
    let clock = Clock::starting_at(Duration::from_secs(1_780_000_000));
    let site = Site { simulator: Simulator::new(&options, clock).unwrap() };
    assert_eq!(site.sqs(ONE, REGION, "CreateQueue", &json!({ "QueueName": "events" })).await.status, 200);
    let put = site.s3(ONE, REGION).put_bucket_notification_configuration().bucket(SOURCE);
    put.notification_configuration(configuration(QUEUE)).send().await.unwrap();
    let test = drain(&site).await;
    assert_eq!((test.len(), &test[0]["Event"], &test[0]["Bucket"]), (1, &json!("s3:TestEvent"), &json!(SOURCE)));
    site
}

/// Everything in the queue, in the order in which it comes out.
async fn drain(site: &Site) -> Vec<Value> {
    let url = "http://127.0.0.1:9000/111111111111/events";
    let mut bodies = Vec::new();
    loop {
        let call = json!({ "QueueUrl": url, "MaxNumberOfMessages": 10 });
        let answer = site.sqs(ONE, REGION, "ReceiveMessage", &call).await.json();
        let Some(messages) = answer["Messages"].as_array().filter(|all| !all.is_empty()) else { return bodies };
        for message in messages {
            bodies.push(serde_json::from_str(message["Body"].as_str().unwrap()).unwrap());
            let call = json!({ "QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"] });
            assert_eq!(site.sqs(ONE, REGION, "DeleteMessage", &call).await.status, 200);
        }
    }
}

fn write(site: &Site, key: &str) -> String {
    let request = PutObject { key: key.to_owned(), body: vec![1; 42].into(), ..PutObject::default() };
    site.simulator.with_world(|world, now| {
        let access = Access::of_root(world, ONE, REGION);
        world.put_object(now, &access, SOURCE, request).unwrap().version_id.unwrap()
    })
}

fn change_rule(site: &Site, metrics: bool, timed: bool) {
    site.simulator.with_world(|world, now| {
        let access = Access::of_root(world, ONE, REGION);
        let mut configuration = world.replication(now, &access, SOURCE).unwrap();
        let destination = &mut configuration.rules[0].destination;
        let event_threshold_minutes = timed.then_some(15);
        destination.metrics = metrics.then_some(ReplicationMetrics { enabled: true, event_threshold_minutes });
        destination.time = timed.then_some(ReplicationTime { enabled: true, minutes: Some(15) });
        world.put_replication(now, &access, SOURCE, configuration).unwrap();
    });
}

fn names(events: &[Value]) -> Vec<&str> {
    let mut names: Vec<_> = events.iter().map(|event| event["Records"][0]["eventName"].as_str().unwrap()).collect();
    names.dedup();
    names
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_told_in_the_words_of_s3() {
    let site = listening(7).await;
    site.simulator.set_fault("orders", None, Fault::RoleDenied, true, None).unwrap();
    let version = write(&site, "replicanary/a b+c");
    write(&site, "elsewhere/x");
    tokio::time::sleep(Duration::from_secs(10)).await;
    let events = drain(&site).await;
    assert_eq!(names(&events), ["Replication:OperationFailedReplication"]);
    let record = &events[0]["Records"][0];
    let truth = site.simulator.truth(SOURCE, "replicanary/a b+c", &version).unwrap();
    let failed_at = truth.destinations[0].fails_at.clone().unwrap();
    assert_eq!(record["eventTime"], format!("{}Z", &failed_at[..23]));
    for (pointer, expected) in [
        ("/eventVersion", json!("2.2")),
        ("/eventSource", json!("aws:s3")),
        ("/awsRegion", json!(REGION)),
        ("/userIdentity/principalId", json!("s3.amazonaws.com")),
        ("/requestParameters/sourceIPAddress", json!("s3.amazonaws.com")),
        ("/s3/s3SchemaVersion", json!("1.0")),
        ("/s3/configurationId", json!("failures")),
        ("/s3/bucket/name", json!(SOURCE)),
        ("/s3/bucket/arn", json!(format!("arn:aws:s3:::{SOURCE}"))),
        ("/s3/object/key", json!("replicanary/a+b%2Bc")),
        ("/s3/object/size", json!(42)),
        ("/s3/object/versionId", json!(version)),
        ("/replicationEventData/replicationRuleId", json!("orders-to-us-east-1")),
        ("/replicationEventData/destinationBucket", json!("arn:aws:s3:::acme-orders-replica-us-east-1")),
        ("/replicationEventData/s3Operation", json!("OBJECT_PUT")),
        ("/replicationEventData/requestTime", json!(format!("{}Z", &truth.written_at[..23]))),
        ("/replicationEventData/failureReason", json!("DstPutObjectNotPermitted")),
    ] {
        assert_eq!(record.pointer(pointer), Some(&expected), "{pointer}");
    }
    for pointer in ["/responseElements/x-amz-request-id", "/responseElements/x-amz-id-2", "/s3/object/eTag"] {
        assert!(record.pointer(pointer).and_then(Value::as_str).is_some_and(|text| text.len() >= 16), "{pointer}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_told_of_successes_or_without_metrics() {
    let site = listening(7).await;
    write(&site, "replicanary/1");
    tokio::time::sleep(Duration::from_secs(10)).await;
    change_rule(&site, false, false);
    site.simulator.set_fault("orders", None, Fault::RoleDenied, true, None).unwrap();
    write(&site, "replicanary/2");
    tokio::time::sleep(Duration::from_secs(1_000)).await;
    assert_eq!(drain(&site).await, Vec::<Value>::new());
}

#[tokio::test(start_paused = true)]
async fn thresholds_are_told_with_time_control_only() {
    for timed in [true, false] {
        let site = listening(7).await;
        change_rule(&site, true, timed);
        site.simulator.set_fault("orders", None, Fault::Outage, true, None).unwrap();
        write(&site, "replicanary/1");
        tokio::time::sleep(Duration::from_secs(899)).await;
        assert!(drain(&site).await.is_empty());
        tokio::time::sleep(Duration::from_secs(5)).await;
        let missed = drain(&site).await;
        site.simulator.set_fault("orders", None, Fault::Outage, false, None).unwrap();
        tokio::time::sleep(Duration::from_secs(15)).await;
        let replicated = drain(&site).await;
        if !timed {
            assert!(missed.is_empty() && replicated.is_empty());
            continue;
        }
        assert_eq!(names(&missed), ["Replication:OperationMissedThreshold"]);
        assert_eq!(names(&replicated), ["Replication:OperationReplicatedAfterThreshold"]);
        assert_eq!(missed[0]["Records"][0]["replicationEventData"]["threshold"], "900");
        assert!(missed[0]["Records"][0]["replicationEventData"].get("failureReason").is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn what_loses_its_metrics_on_the_way_is_not_tracked() {
    let site = listening(7).await;
    site.simulator.set_fault("orders", None, Fault::Outage, true, None).unwrap();
    write(&site, "replicanary/1");
    tokio::time::sleep(Duration::from_secs(30)).await;
    change_rule(&site, false, false);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(names(&drain(&site).await), ["Replication:OperationNotTracked"]);
}

#[tokio::test(start_paused = true)]
async fn events_come_at_least_once_in_no_order_and_the_same_for_the_same_seed() {
    let run = async |seed| {
        let site = listening(seed).await;
        site.simulator.set_fault("orders", None, Fault::RoleDenied, true, None).unwrap();
        let mut versions = Vec::new();
        for n in 0..150 {
            versions.push(write(&site, &format!("replicanary/{n}")));
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        tokio::time::sleep(Duration::from_secs(10)).await;
        let of = |event: &Value| event["Records"][0]["s3"]["object"]["versionId"].as_str().unwrap().to_owned();
        (versions, drain(&site).await.iter().map(of).collect::<Vec<_>>())
    };
    let (versions, told) = run(5).await;
    let mut counts: BTreeMap<&String, u32> = BTreeMap::new();
    told.iter().for_each(|version| *counts.entry(version).or_default() += 1);
    assert_eq!(counts.len(), versions.len(), "each is told");
    assert!(told.len() > versions.len() && counts.values().all(|count| *count <= 2), "some twice");
    assert_ne!(told[..20], versions[..20], "not in order");
    assert_eq!((versions, told), run(5).await);
}

#[tokio::test(start_paused = true)]
async fn notifications_read_as_written_and_need_a_queue_that_lets_s3_in() {
    let site = listening(7).await;
    let s3 = site.s3(ONE, REGION);
    let read = s3.get_bucket_notification_configuration().bucket(SOURCE).send().await.unwrap();
    let [entry] = read.queue_configurations() else { panic!("{read:?}") };
    assert_eq!((entry.id(), entry.queue_arn()), (Some("failures"), QUEUE));
    assert_eq!(entry.events()[0].as_str(), "s3:Replication:*");
    let rules = entry.filter().and_then(|filter| filter.key()).unwrap().filter_rules();
    assert_eq!(rules[0].value(), Some("replicanary/"));
    let put = async |queue: &str| {
        let call = s3.put_bucket_notification_configuration().bucket(SOURCE);
        call.notification_configuration(configuration(queue)).send().await
    };
    for wrong in [QUEUE.replace(":events", ":none"), QUEUE.replace(REGION, "eu-west-1")] {
        assert_eq!(refusal(put(&wrong).await), (400, "InvalidArgument".into()));
    }
    let policy = |source: &str| {
        json!({ "Statement": [{
            "Effect": "Allow", "Principal": { "Service": "s3.amazonaws.com" }, "Action": "sqs:SendMessage",
            "Resource": QUEUE, "Condition": { "ArnLike": { "aws:SourceArn": source } },
        }] })
        .to_string()
    };
    for (source, lets_in) in [("arn:aws:s3:::other", false), ("arn:aws:s3:::acme-*", true)] {
        let url = "http://127.0.0.1:9000/111111111111/events";
        let call = json!({ "QueueUrl": url, "Attributes": { "Policy": policy(source) } });
        assert_eq!(site.sqs(ONE, REGION, "SetQueueAttributes", &call).await.status, 200);
        assert_eq!(put(QUEUE).await.is_ok(), lets_in, "{source}");
    }
}
