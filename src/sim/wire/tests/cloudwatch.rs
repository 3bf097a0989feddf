//! CloudWatch under the real client: values against the world's truth, and the manners of its two protocols.

mod manners;

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, MetricDataQuery, MetricStat, ScanBy};

use super::{ONE, Site};
use crate::sim::{Access, Fault, PutObject, Truth};

/// The route `orders` of the shipped worlds, whose source is in account ONE.
const SOURCE: (&str, &str) = ("acme-orders-ap-south-1", "ap-south-1");
const DESTINATION: (&str, &str) = ("acme-orders-replica-us-east-1", "us-east-1");
const RULE: &str = "orders-to-us-east-1";
const MINUTE: u64 = 60_000_000;

fn dimension(name: &str, value: &str) -> Dimension {
    Dimension::builder().name(name).value(value).build()
}

/// A query about `orders`, under its statistic's and metric's name.
fn query(id: &str, metric: &str, stat: &str) -> MetricDataQuery {
    let metric = aws_sdk_cloudwatch::types::Metric::builder()
        .namespace("AWS/S3")
        .metric_name(metric)
        .dimensions(dimension("SourceBucket", SOURCE.0))
        .dimensions(dimension("DestinationBucket", DESTINATION.0))
        .dimensions(dimension("RuleId", RULE))
        .build();
    let stat = MetricStat::builder().metric(metric).period(60).stat(stat).build();
    MetricDataQuery::builder().id(id).metric_stat(stat).build()
}

/// The values of one query from `start` to now, by minute (in seconds since the epoch).
async fn read(site: &Site, client: &Client, metric: &str, stat: &str, start: u64) -> BTreeMap<u64, f64> {
    let end = site.simulator.clock().now().seconds() + 1;
    let call = client.get_metric_data().metric_data_queries(query("q", metric, stat));
    let call = call.start_time(DateTime::from_secs(start as i64)).end_time(DateTime::from_secs(end as i64));
    let answer = call.scan_by(ScanBy::TimestampAscending).send().await.unwrap();
    let [result] = answer.metric_data_results() else { panic!("{answer:?}") };
    assert_eq!(result.status_code().unwrap().as_str(), "Complete");
    let minutes = result.timestamps().iter().map(|at| at.secs() as u64);
    minutes.zip(result.values().iter().copied()).collect()
}

/// Writes `bytes` into `orders` and says where to look for what became of it.
fn write(site: &Site, n: usize, bytes: usize) -> (String, String) {
    let key = format!("replicanary/{n}");
    let request = PutObject { key: key.clone(), body: vec![7; bytes].into(), ..PutObject::default() };
    let version = site.simulator.with_world(|world, now| {
        let access = Access::of_root(world, ONE, SOURCE.1);
        world.put_object(now, &access, SOURCE.0, request).unwrap().version_id.unwrap()
    });
    (key, version)
}

/// One write as the world remembers it, in microseconds.
struct Fact {
    written: u64,
    decided: Option<u64>,
    failed: bool,
    bytes: u64,
}

fn micros(text: &str) -> u64 {
    let at = humantime::parse_rfc3339(text).unwrap().duration_since(std::time::UNIX_EPOCH).unwrap();
    u64::try_from(at.as_micros()).unwrap()
}

fn fact(truth: &Truth, bytes: usize) -> Fact {
    let row = &truth.destinations[0];
    Fact {
        written: micros(&truth.written_at),
        decided: row.arrives_at.as_ref().or(row.fails_at.as_ref()).map(|at| micros(at)),
        failed: row.fails_at.is_some(),
        bytes: bytes as u64,
    }
}

/// What a minute must show, worked out the slow way: latency, bytes, operations, and (operations, failures) decided.
fn expected(facts: &[Fact], minute: u64, horizon: u64) -> (f64, f64, f64, (f64, f64)) {
    let end = (minute + MINUTE).min(horizon);
    let decided = |fact: &Fact| fact.decided.filter(|at| *at < horizon).unwrap_or(horizon);
    let written = facts.iter().map(|fact| fact.written);
    let instants: Vec<u64> = written.filter(|at| (minute..end).contains(at)).chain([minute]).collect();
    let most = |weight: &dyn Fn(&Fact) -> u64| {
        let pending = |at: &u64| -> u64 {
            facts.iter().filter(|fact| fact.written <= *at && *at < decided(fact)).map(weight).sum()
        };
        instants.iter().map(pending).max().unwrap_or(0) as f64
    };
    let in_minute = facts.iter().filter(|fact| fact.written < end && decided(fact) > minute);
    let age = in_minute.map(|fact| decided(fact).min(end) - fact.written).max().unwrap_or(0) as f64 / 1e6;
    let done = |fact: &&Fact| fact.decided.is_some_and(|at| (minute..end).contains(&at));
    let operations = facts.iter().filter(done).count() as f64;
    let failures = facts.iter().filter(done).filter(|fact| fact.failed).count() as f64;
    (age, most(&|fact| fact.bytes), most(&|_| 1), (operations, failures))
}

#[tokio::test(start_paused = true)]
async fn values_equal_the_truth_through_health_outage_and_denial() {
    let site = Site::of("default");
    let begin = site.simulator.clock().now().seconds() / 60 * 60 + 60;
    let (here, there) = (site.cloudwatch(ONE, SOURCE.1), site.cloudwatch(ONE, DESTINATION.1));
    tokio::time::sleep(Duration::from_secs(30)).await;
    let mut written = Vec::new();
    for n in 0..90 {
        let fault = match n {
            20 => Some((Fault::Outage, true)),
            45 => Some((Fault::Outage, false)),
            60 => Some((Fault::RoleDenied, true)),
            80 => Some((Fault::RoleDenied, false)),
            _ => None,
        };
        if let Some((fault, on)) = fault {
            site.simulator.set_fault("orders", None, fault, on, None).unwrap();
        }
        let bytes = 100 + n;
        written.push((write(&site, n, bytes), bytes));
        tokio::time::sleep(Duration::from_millis(7_300)).await;
    }
    let horizon = site.simulator.clock().now().seconds() / 5 * 5 * 1_000_000;
    let facts: Vec<Fact> = written
        .iter()
        .map(|((key, version), bytes)| fact(&site.simulator.truth(SOURCE.0, key, version).unwrap(), *bytes))
        .collect();
    let latency = read(&site, &there, "ReplicationLatency", "Maximum", begin).await;
    let bytes = read(&site, &there, "BytesPendingReplication", "Maximum", begin).await;
    let operations = read(&site, &there, "OperationsPendingReplication", "Maximum", begin).await;
    let mut failed = BTreeMap::new();
    for stat in ["Sum", "SampleCount", "Average", "Maximum", "Minimum"] {
        failed.insert(stat, read(&site, &here, "OperationsFailedReplication", stat, begin).await);
    }
    assert!(latency.len() >= 10 && latency.keys().eq(bytes.keys()) && latency.keys().eq(operations.keys()));
    for minute in latency.keys() {
        let (age, pending_bytes, pending, (decided, failures)) = expected(&facts, minute * 1_000_000, horizon);
        assert!((latency[minute] - age).abs() < 1e-5, "{minute}: {} is not {age}", latency[minute]);
        assert_eq!((bytes[minute], operations[minute]), (pending_bytes, pending), "{minute}");
        assert_eq!(failed["SampleCount"].get(minute).copied(), Some(decided).filter(|n| *n > 0.0), "{minute}");
        assert_eq!(failed["Sum"].get(minute).copied(), Some(failures).filter(|_| decided > 0.0), "{minute}");
        assert_eq!(failed["Maximum"].get(minute), failed["Sum"].get(minute));
        assert_eq!(failed["Minimum"].get(minute), failed["Sum"].get(minute));
        assert_eq!(failed["Average"].get(minute).copied(), Some(failures / decided).filter(|n| n.is_finite()));
    }
    assert!(latency.values().any(|age| *age > 120.0), "the outage shows");
    assert!(failed["Sum"].values().any(|sum| *sum > 5.0), "the denial shows");
}

#[tokio::test(start_paused = true)]
async fn each_metric_is_in_its_own_region_and_account_only() {
    let site = Site::of("default");
    let start = site.simulator.clock().now().seconds() - 3_600;
    write(&site, 1, 10);
    tokio::time::sleep(Duration::from_secs(65)).await;
    let everywhere = ["ReplicationLatency", "OperationsFailedReplication"];
    for (account, region, seen) in [
        (ONE, DESTINATION.1, [true, false]),
        (ONE, SOURCE.1, [false, true]),
        (ONE, "eu-west-1", [false, false]),
        ("222222222222", DESTINATION.1, [false, false]),
        ("222222222222", SOURCE.1, [false, false]),
    ] {
        let client = site.cloudwatch(account, region);
        for (metric, seen) in everywhere.into_iter().zip(seen) {
            let points = read(&site, &client, metric, "Maximum", start).await;
            assert_eq!(!points.is_empty(), seen, "{metric} for {account} in {region}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn idle_is_a_zero_a_minute_and_failures_are_silent() {
    let site = Site::of("default");
    let (here, there) = (site.cloudwatch(ONE, SOURCE.1), site.cloudwatch(ONE, DESTINATION.1));
    let begin = site.simulator.clock().now().seconds() / 60 * 60;
    let history = read(&site, &there, "ReplicationLatency", "Maximum", begin - 7_200).await;
    assert!((60..=62).contains(&history.len()), "an hour of history: {}", history.len());
    assert!(history.values().any(|age| *age > 0.0) && history.values().any(|age| *age == 0.0));
    assert!(history.values().all(|age| *age <= 6.0));
    let operations = read(&site, &here, "OperationsFailedReplication", "SampleCount", begin - 7_200).await;
    assert!(operations.len() > 30 && operations.len() < history.len(), "{}", operations.len());
    let failures = read(&site, &here, "OperationsFailedReplication", "Sum", begin - 7_200).await;
    assert!(failures.values().all(|sum| *sum == 0.0));
    tokio::time::sleep(Duration::from_secs(605)).await;
    for metric in ["ReplicationLatency", "BytesPendingReplication", "OperationsPendingReplication"] {
        let idle = read(&site, &there, metric, "Maximum", begin + 60).await;
        assert_eq!((idle.len(), idle.values().sum::<f64>()), (10, 0.0), "{metric}");
    }
    assert!(read(&site, &here, "OperationsFailedReplication", "Sum", begin + 60).await.is_empty());
    site.simulator.set_fault("orders", None, Fault::DestinationBucketDeleted, true, None).unwrap();
    let from = site.simulator.clock().now().seconds() / 60 * 60 + 60;
    write(&site, 1, 10);
    tokio::time::sleep(Duration::from_secs(180)).await;
    assert!(read(&site, &there, "ReplicationLatency", "Maximum", from).await.is_empty(), "not without a destination");
    let sum = read(&site, &here, "OperationsFailedReplication", "Sum", from - 60).await;
    assert_eq!(sum.values().sum::<f64>(), 1.0, "failures are still told");
}

#[tokio::test(start_paused = true)]
async fn the_newest_minute_is_provisional() {
    let site = Site::of("default");
    let there = site.cloudwatch(ONE, DESTINATION.1);
    let start = site.simulator.clock().now().seconds() / 60 * 60 + 60;
    site.simulator.set_fault("orders", None, Fault::Outage, true, None).unwrap();
    tokio::time::sleep(Duration::from_secs(25)).await;
    write(&site, 1, 10);
    tokio::time::sleep(Duration::from_secs(7)).await;
    let first = read(&site, &there, "ReplicationLatency", "Maximum", start).await;
    assert_eq!(first.values().copied().collect::<Vec<_>>(), [5.0]);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(read(&site, &there, "ReplicationLatency", "Maximum", start).await[&start], 10.0);
    tokio::time::sleep(Duration::from_secs(60)).await;
    let later = read(&site, &there, "ReplicationLatency", "Maximum", start).await;
    assert_eq!((later.len(), later[&start]), (2, 55.0));
}
