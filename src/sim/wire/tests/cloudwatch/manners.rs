//! Limits, pages, refusals and protocols of CloudWatch.

use std::time::Duration;

use aws_sdk_cloudwatch::types::ScanBy;

use super::super::{Answer, HOME, ONE, Site, refusal};
use super::*;
use crate::sim::{Clock, LatencyProfile, Options, Simulator};

fn realistic() -> Site {
    let options = Options { latency: LatencyProfile::Realistic, seed: 3, ..Options::default() };
    let clock = Clock::starting_at(Duration::from_secs(1_780_000_000));
    Site { simulator: Simulator::new(&options, clock).unwrap() }
}

fn hour(site: &Site) -> (DateTime, DateTime) {
    let now = site.simulator.clock().now().seconds() as i64;
    (DateTime::from_secs(now - 3_600), DateTime::from_secs(now))
}

/// Calls CloudWatch as boto3 does.
async fn json(site: &Site, region: &str, operation: &str, body: &str) -> Answer {
    let request = http::Request::post("http://127.0.0.1:9000/")
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", format!("GraniteServiceVersion20100801.{operation}"))
        .header("x-amzn-query-mode", "true")
        .body(body.to_owned())
        .unwrap();
    site.send(site.signed(ONE, "monitoring", region, request)).await
}

#[tokio::test(start_paused = true)]
async fn pages_add_up_to_the_whole_as_of_the_first_page() {
    let site = Site::of("default");
    let client = site.cloudwatch(ONE, DESTINATION.1);
    let (start, end) = hour(&site);
    let call = || {
        let names = ["ReplicationLatency", "BytesPendingReplication", "OperationsPendingReplication"];
        let queries = names.iter().zip(["a", "b", "c"]).map(|(name, id)| query(id, name, "Maximum"));
        client.get_metric_data().set_metric_data_queries(Some(queries.collect())).start_time(start).end_time(end)
    };
    let whole = call().send().await.unwrap();
    assert!(whole.next_token().is_none());
    let all: BTreeMap<_, _> =
        whole.metric_data_results().iter().map(|row| (row.id().unwrap(), row.values().to_vec())).collect();
    let mut collected: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let (mut token, mut pages, mut partial) = (None, 0, 0);
    loop {
        let page = call().max_datapoints(50).set_next_token(token).send().await.unwrap();
        let points: usize = page.metric_data_results().iter().map(|row| row.values().len()).sum();
        assert!(points <= 50);
        for row in page.metric_data_results() {
            collected.entry(row.id().unwrap().to_owned()).or_default().extend(row.values());
            partial += usize::from(row.status_code().unwrap().as_str() == "PartialData");
        }
        pages += 1;
        tokio::time::sleep(Duration::from_secs(30)).await;
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    assert!(pages >= 4 && partial >= 2, "{pages} pages, {partial} partial");
    assert!(all.iter().all(|(id, values)| collected[*id] == *values), "{all:?} {collected:?}");
    let first = call().max_datapoints(50).send().await.unwrap();
    let foreign = call().scan_by(ScanBy::TimestampAscending).set_next_token(first.next_token).send().await;
    assert_eq!(refusal(foreign), (400, "InvalidNextToken".into()));
    assert_eq!(refusal(call().next_token("x").send().await), (400, "InvalidNextToken".into()));
}

#[tokio::test(start_paused = true)]
async fn order_bounds_and_periods_are_kept() {
    let site = Site::of("default");
    let client = site.cloudwatch(ONE, DESTINATION.1);
    let minute = site.simulator.clock().now().seconds() as i64 / 60 * 60;
    let call = |from: i64, to: i64| {
        let call = client.get_metric_data().metric_data_queries(query("q", "ReplicationLatency", "Maximum"));
        call.start_time(DateTime::from_secs(from)).end_time(DateTime::from_secs(to))
    };
    let answer = call(minute - 300, minute - 60).send().await.unwrap();
    let stamps: Vec<_> = answer.metric_data_results()[0].timestamps().iter().map(|at| at.secs() - minute).collect();
    assert_eq!(stamps, [-120, -180, -240, -300], "newest first, the end left out");
    let answer = call(minute - 290, minute - 60).scan_by(ScanBy::TimestampAscending).send().await.unwrap();
    assert_eq!(answer.metric_data_results()[0].timestamps()[0].secs() - minute, -300, "cut to the minute");
    let mut five = query("q", "ReplicationLatency", "SampleCount");
    five.metric_stat.as_mut().unwrap().period = Some(300);
    let from = minute / 300 * 300 - 900;
    let call = client.get_metric_data().metric_data_queries(five).start_time(DateTime::from_secs(from));
    let answer = call.end_time(DateTime::from_secs(from + 600)).send().await.unwrap();
    assert_eq!(answer.metric_data_results()[0].values(), [5.0, 5.0]);
}

#[tokio::test(start_paused = true)]
async fn malformed_requests_are_refused_and_unknown_metrics_are_empty() {
    let site = Site::of("default");
    let client = site.cloudwatch(ONE, DESTINATION.1);
    let (start, end) = hour(&site);
    let call = |queries: Vec<MetricDataQuery>| {
        let call = client.get_metric_data().set_metric_data_queries(Some(queries));
        call.start_time(start).end_time(end)
    };
    let good = |id: &str| query(id, "ReplicationLatency", "Maximum");
    let mut odd_period = good("q");
    odd_period.metric_stat.as_mut().unwrap().period = Some(90);
    let many = |count: usize| (0..count).map(|n| good(&format!("q{n}"))).collect::<Vec<_>>();
    for wrong in [
        call(vec![]),
        call(vec![good("Q")]),
        call(vec![good("1")]),
        call(vec![good("a-b")]),
        call(vec![good("a"), good("a")]),
        call(vec![odd_period]),
        call(vec![query("q", "ReplicationLatency", "Most")]),
        call(vec![good("q")]).max_datapoints(0),
        call(vec![good("q")]).max_datapoints(100_801),
        call(vec![good("q")]).end_time(start),
        call(many(501)),
    ] {
        assert_eq!(refusal(wrong.send().await), (400, "ValidationError".into()));
    }
    assert_eq!(call(many(500)).send().await.unwrap().metric_data_results().len(), 500);
    let mut hidden = good("b");
    hidden.return_data = Some(false);
    let answer = call(vec![query("a", "NoSuchMetric", "Sum"), hidden]).send().await.unwrap();
    let [empty] = answer.metric_data_results() else { panic!("{answer:?}") };
    assert_eq!((empty.values().len(), empty.status_code().unwrap().as_str()), (0, "Complete"));
    assert_eq!(refusal(client.describe_alarms().send().await), (501, "NotImplemented".into()));
}

#[tokio::test(start_paused = true)]
async fn both_protocols_tell_the_same() {
    let site = Site::of("default");
    let (start, end) = (site.simulator.clock().now().seconds() - 600, site.simulator.clock().now().seconds());
    let dimensions = format!(
        r#"[{{"Name":"SourceBucket","Value":"{}"}},{{"Name":"DestinationBucket","Value":"{}"}},
            {{"Name":"RuleId","Value":"{RULE}"}}]"#,
        SOURCE.0, DESTINATION.0
    );
    let body = format!(
        r#"{{"MetricDataQueries":[{{"Id":"q","MetricStat":{{"Metric":{{"Namespace":"AWS/S3",
            "MetricName":"ReplicationLatency","Dimensions":{dimensions}}},"Period":60,"Stat":"Maximum"}}}}],
            "StartTime":{start},"EndTime":{end}.5,"ScanBy":"TimestampAscending"}}"#
    );
    let answer = json(&site, DESTINATION.1, "GetMetricData", &body).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/x-amz-json-1.0"));
    assert!(answer.text.contains("\"Values\":[") && !answer.text.contains("null"), "{}", answer.text);
    let result = &answer.json()["MetricDataResults"][0];
    let list = |name: &str| result[name].as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect::<Vec<_>>();
    let of_json: BTreeMap<u64, u64> = list("Timestamps")
        .iter()
        .map(|at| DateTime::from_secs_f64(*at).secs() as u64)
        .zip(list("Values").iter().map(|v| v.to_bits()))
        .collect();
    let client = site.cloudwatch(ONE, DESTINATION.1);
    let of_cbor = read(&site, &client, "ReplicationLatency", "Maximum", start).await;
    assert!(of_json.len() >= 10);
    assert_eq!(of_json, of_cbor.into_iter().map(|(at, value)| (at, value.to_bits())).collect());
    let refused = json(&site, DESTINATION.1, "GetMetricData", "{}").await;
    assert_eq!((refused.status, refused.header("x-amzn-query-error")), (400, "ValidationError;Sender"));
    assert_eq!(refused.json()["__type"], "ValidationError");
    let rubbish = json(&site, DESTINATION.1, "GetMetricData", "[").await;
    assert_eq!((rubbish.status, rubbish.json()["__type"].as_str()), (400, Some("SerializationException")));
}

#[tokio::test(start_paused = true)]
async fn metrics_are_listed_where_they_are() {
    let site = Site::of("default");
    let names = async |region: &'static str| {
        let listed = site.cloudwatch(ONE, region).list_metrics().namespace("AWS/S3").send().await.unwrap();
        let mine = listed
            .metrics()
            .iter()
            .filter(|metric| metric.dimensions().iter().any(|dimension| dimension.value() == Some(SOURCE.0)));
        mine.map(|metric| metric.metric_name().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let three = ["ReplicationLatency", "BytesPendingReplication", "OperationsPendingReplication"];
    assert_eq!(names(DESTINATION.1).await, three);
    assert_eq!(names(SOURCE.1).await, ["OperationsFailedReplication"]);
    let filter = aws_sdk_cloudwatch::types::DimensionFilter::builder().name("RuleId").value("no-such-rule").build();
    let none = site.cloudwatch(ONE, SOURCE.1).list_metrics().dimensions(filter).send().await.unwrap();
    assert!(none.metrics().is_empty());
    let empty = Site::of("empty");
    assert!(empty.cloudwatch(ONE, HOME).list_metrics().send().await.unwrap().metrics().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_realistic_profile_publishes_late_in_batches_and_revises() {
    let site = realistic();
    let there = site.cloudwatch(ONE, DESTINATION.1);
    site.simulator.set_fault("orders", None, Fault::Outage, true, None).unwrap();
    let start = site.simulator.clock().now().seconds() / 60 * 60 + 60;
    write(&site, 1, 10);
    let (mut seen, mut batches, mut revised): (BTreeMap<u64, f64>, u32, u32) = (BTreeMap::new(), 0, 0);
    for _ in 0..60 {
        tokio::time::sleep(Duration::from_secs(20)).await;
        let now = site.simulator.clock().now().seconds();
        let points = read(&site, &there, "ReplicationLatency", "Maximum", start).await;
        if let Some((newest, _)) = points.last_key_value() {
            let late = now - newest;
            assert!((120..=380).contains(&late), "the newest minute began {late} s ago");
        }
        if points != seen {
            batches += 1;
            revised += u32::from(seen.iter().any(|(at, value)| points[at] > *value));
            assert!(seen.iter().all(|(at, value)| points[at] >= *value));
            seen = points;
        }
    }
    assert!((5..=8).contains(&batches) && revised + 1 >= batches, "{batches} batches, {revised} revisions");
}

#[tokio::test(start_paused = true)]
async fn rules_without_metrics_publish_nothing() {
    let site = Site::of("default");
    let (here, there) = (site.cloudwatch(ONE, SOURCE.1), site.cloudwatch(ONE, DESTINATION.1));
    let from = site.simulator.clock().now().seconds() / 60 * 60 + 60;
    site.simulator.with_world(|world, now| {
        let access = Access::of_root(world, ONE, SOURCE.1);
        let mut configuration = world.replication(now, &access, SOURCE.0).unwrap();
        configuration.rules[0].destination.metrics = None;
        world.put_replication(now, &access, SOURCE.0, configuration).unwrap();
    });
    tokio::time::sleep(Duration::from_secs(30)).await;
    write(&site, 1, 10);
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert!(read(&site, &there, "ReplicationLatency", "Maximum", from).await.is_empty());
    assert!(read(&site, &here, "OperationsFailedReplication", "SampleCount", from).await.is_empty());
    assert!(!read(&site, &there, "ReplicationLatency", "Maximum", from - 600).await.is_empty(), "history stays");
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_publishes_the_same() {
    let run = async |seed| {
        let options = Options { seed, ..Options::default() };
        let simulator = Simulator::new(&options, Clock::starting_at(Duration::from_secs(1_780_000_000))).unwrap();
        let site = Site { simulator };
        write(&site, 1, 10);
        tokio::time::sleep(Duration::from_secs(90)).await;
        let client = site.cloudwatch(ONE, DESTINATION.1);
        read(&site, &client, "ReplicationLatency", "Maximum", 1_779_990_000).await
    };
    assert_eq!(run(1).await, run(1).await);
    assert_ne!(run(1).await, run(2).await);
}
