//! The faults of the edge, and the control API that sets them.

use std::time::Duration;

use aws_sdk_s3::error::SdkError;
use serde_json::json;

use super::{Site, body, refusal};
use crate::sim::RouteInfo;

/// The default world, its first route, and a client of the route's source.
fn on_route() -> (Site, RouteInfo, aws_sdk_s3::Client) {
    let site = Site::of("default");
    let route = site.simulator.routes().remove(0);
    let client = site.s3(&route.source.account, route.source.region.clone().leak());
    (site, route, client)
}

async fn switch(site: &Site, route: &RouteInfo, fault: &str, on: bool) {
    let order = json!({ "route": route.name, "fault": fault, "on": on }).to_string();
    let answer = site.control("POST", "/_sim/faults", &order).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test(start_paused = true)]
async fn refusals_at_the_edge_meet_only_their_route() {
    let (site, route, client) = on_route();
    let other = site.simulator.routes().remove(1);
    let bystander = site.s3(&other.source.account, other.source.region.clone().leak());
    for (fault, status, code) in
        [("throttled", 503, "SlowDown"), ("access_denied", 403, "AccessDenied"), ("expired_token", 400, "ExpiredToken")]
    {
        switch(&site, &route, fault, true).await;
        let put = client.put_object().bucket(&route.source.bucket).key("replicanary/k").body(body("x")).send().await;
        assert_eq!(refusal(put), (status, code.to_owned()), "{fault}");
        let head = client.head_object().bucket(&route.source.bucket).key("k").send().await;
        assert_eq!(refusal(head).0, status, "{fault}");
        assert!(bystander.head_bucket().bucket(&other.source.bucket).send().await.is_ok(), "{fault}");
        switch(&site, &route, fault, false).await;
        assert!(client.head_bucket().bucket(&route.source.bucket).send().await.is_ok(), "{fault}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_dropped_connection_is_an_input_output_error() {
    let (site, route, client) = on_route();
    switch(&site, &route, "dropped_connections", true).await;
    let error = client.head_bucket().bucket(&route.source.bucket).send().await.unwrap_err();
    assert!(matches!(&error, SdkError::DispatchFailure(failure) if failure.is_io()), "{error:?}");
    let request = http::Request::get(format!("http://127.0.0.1:9000/{}", route.source.bucket));
    assert!(site.send(request.body(String::new()).unwrap()).await.dropped);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_never_answered_times_out() {
    let (site, route, client) = on_route();
    switch(&site, &route, "time_outs", true).await;
    let call = client.head_bucket().bucket(&route.source.bucket).send();
    assert!(tokio::time::timeout(Duration::from_secs(3000), call).await.is_err());
    let call = client.head_bucket().bucket(&route.source.bucket).send();
    let ended = tokio::time::timeout(Duration::from_secs(4000), call).await.expect("held for an hour at most");
    assert!(matches!(ended, Err(SdkError::DispatchFailure(_))), "{ended:?}");
}

#[tokio::test(start_paused = true)]
async fn a_skewed_clock_shows_in_every_date_and_in_the_check() {
    let (site, route, client) = on_route();
    let before = site.simulator.clock().now();
    switch(&site, &route, "skewed_clock", true).await;
    let skewed = client.get_bucket_versioning().bucket(&route.source.bucket).send().await;
    let error = skewed.unwrap_err();
    let date = error.raw_response().unwrap().headers().get("date").unwrap().to_owned();
    assert_eq!(refusal::<(), _>(Err(error)), (403, "RequestTimeTooSkewed".into()));
    let shown = s3s::dto::Timestamp::parse(s3s::dto::TimestampFormat::HttpDate, &date).unwrap();
    let limit = s3s::dto::Timestamp::from(before.plus(Duration::from_secs(15 * 60)).system_time());
    assert!(shown > limit, "{date}");
    switch(&site, &route, "skewed_clock", false).await;
}

#[tokio::test(start_paused = true)]
async fn the_world_is_described() {
    let site = Site::of("default");
    let world = site.control("GET", "/_sim/world", "").await.json();
    assert_eq!(world["endpoint"], "http://127.0.0.1:9000");
    for field in ["accounts", "buckets", "keys", "routes"] {
        assert!(!world[field].as_array().unwrap().is_empty(), "{field}");
    }
    assert!(world["accounts"][0]["secret_access_key"].is_string());
    assert!(world["routes"][0]["destination_bucket"].is_string());
}

#[tokio::test(start_paused = true)]
async fn faults_are_listed_and_last_as_long_as_told() {
    let (site, route, _) = on_route();
    let order = json!({ "route": route.name, "fault": "outage", "on": true, "seconds": 5,
                        "destination": route.destinations[0].bucket });
    assert_eq!(site.control("POST", "/_sim/faults", &order.to_string()).await.status, 200);
    let routes = async || {
        let listed = site.control("GET", "/_sim/faults", "").await.json();
        let rows = listed["faults"].as_array().unwrap().clone();
        assert_eq!(rows.len(), 18);
        rows.into_iter().find(|row| row["name"] == "outage").unwrap()["routes"].clone()
    };
    assert_eq!(routes().await, json!([route.name]));
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(routes().await, json!([]));
}

#[tokio::test(start_paused = true)]
async fn wrong_orders_are_answered_with_what_exists() {
    let (site, route, _) = on_route();
    let post = async |order: serde_json::Value| {
        let answer = site.control("POST", "/_sim/faults", &order.to_string()).await;
        (answer.status, answer.json())
    };
    let (status, answer) = post(json!({ "route": route.name, "fault": "rain", "on": true })).await;
    assert_eq!((status, answer["faults"].as_array().unwrap().len()), (400, 18));
    let (status, answer) = post(json!({ "route": "nowhere", "fault": "outage", "on": true })).await;
    assert!(status == 400 && answer["routes"].as_array().unwrap().contains(&json!(route.name)), "{answer}");
    let order = json!({ "route": route.name, "fault": "outage", "on": true, "destination": "elsewhere" });
    let (status, answer) = post(order).await;
    assert!(status == 400 && answer["destinations"][0] == json!(route.destinations[0].bucket), "{answer}");
    let order = json!({ "route": route.name, "fault": "outage", "on": true, "seconds": -1 });
    assert_eq!(post(order).await.0, 400);
    assert_eq!(post(json!({ "road": "x" })).await.0, 400);
    let (status, answer) = post(json!({ "route": route.name, "fault": "outage" })).await;
    assert!(status == 400 && answer["error"].as_str().unwrap().contains("missing field `on`"), "{answer}");
    assert_eq!(site.control("DELETE", "/_sim/faults", "").await.status, 405);
    assert_eq!(site.control("GET", "/_sim/none", "").await.json()["error"], "there is nothing at this path");
}

#[tokio::test(start_paused = true)]
async fn the_truth_is_told_about_written_versions_only() {
    let (site, route, client) = on_route();
    let key = format!("{}x y", route.prefix);
    let put = client.put_object().bucket(&route.source.bucket).key(&key).body(body("x")).send().await.unwrap();
    let version = put.version_id().unwrap();
    tokio::time::sleep(Duration::from_secs(30)).await;
    let ask = async |version: &str| {
        let key = super::super::text::percent_encode(key.as_bytes(), false);
        let path = format!("/_sim/truth?bucket={}&key={key}&version_id={version}", route.source.bucket);
        site.control("GET", &path, "").await
    };
    let truth = ask(version).await.json();
    assert!(truth["written_at"].as_str().unwrap().ends_with('Z'), "{truth}");
    assert_eq!(truth["written_at"].as_str().unwrap().len(), "2026-01-01T00:00:00.000000Z".len());
    let row = &truth["destinations"][0];
    assert_eq!(row["bucket"], route.destinations[0].bucket);
    assert!(row["arrives_at"].is_string() && row["fails_at"].is_null() && row["reason"].is_null(), "{row}");
    let unknown = ask("none").await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.json()["error"].is_string());
    assert_eq!(site.control("GET", "/_sim/truth?bucket=b", "").await.status, 400);
}

/// One GetMetricData for failures of these routes, as boto3 sends it: status and code, or each result's status.
async fn readings(site: &Site, routes: &[&RouteInfo]) -> Result<Vec<String>, (u16, String)> {
    let query = |(n, route): (usize, &&RouteInfo)| {
        let dimensions = json!([
            { "Name": "SourceBucket", "Value": route.source.bucket },
            { "Name": "DestinationBucket", "Value": route.destinations[0].bucket },
            { "Name": "RuleId", "Value": format!("{}-to-{}", route.name, route.destinations[0].region) },
        ]);
        let metric =
            json!({ "Namespace": "AWS/S3", "MetricName": "OperationsFailedReplication", "Dimensions": dimensions });
        json!({ "Id": format!("q{n}"), "MetricStat": { "Metric": metric, "Period": 60, "Stat": "Sum" } })
    };
    let end = site.simulator.clock().now().seconds();
    let queries: Vec<_> = routes.iter().enumerate().map(query).collect();
    let call = json!({ "MetricDataQueries": queries, "StartTime": end - 600, "EndTime": end });
    let request = http::Request::post("http://127.0.0.1:9000/")
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", "GraniteServiceVersion20100801.GetMetricData")
        .body(call.to_string())
        .unwrap();
    let source = &routes[0].source;
    let answer = site.send(site.signed(&source.account, "monitoring", &source.region, request)).await;
    if answer.status != 200 {
        return Err((answer.status, answer.json()["__type"].as_str().unwrap().to_owned()));
    }
    let results = answer.json()["MetricDataResults"].as_array().unwrap().clone();
    Ok(results.iter().map(|result| result["StatusCode"].as_str().unwrap().to_owned()).collect())
}

#[tokio::test(start_paused = true)]
async fn metrics_are_refused_for_the_routes_with_a_fault_only() {
    let (site, route, _) = on_route();
    let other = site.simulator.routes().remove(1);
    for (fault, code, status) in [
        ("access_denied", "AccessDeniedException", "Forbidden"),
        ("expired_token", "ExpiredTokenException", "Forbidden"),
        ("throttled", "ThrottlingException", "InternalError"),
    ] {
        switch(&site, &route, fault, true).await;
        assert_eq!(readings(&site, &[&route]).await, Err((400, code.to_owned())), "{fault}");
        let both = readings(&site, &[&route, &other]).await;
        assert_eq!(both, Ok(vec![status.to_owned(), "Complete".to_owned()]), "{fault}");
        assert_eq!(readings(&site, &[&other]).await, Ok(vec!["Complete".to_owned()]), "{fault}");
        switch(&site, &route, fault, false).await;
        assert_eq!(readings(&site, &[&route]).await, Ok(vec!["Complete".to_owned()]), "{fault}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_queue_meets_the_fault_that_all_its_senders_have() {
    use aws_sdk_s3::types::{Event, NotificationConfiguration, QueueConfiguration};
    let (site, route, _) = on_route();
    let other = site.simulator.routes().remove(1);
    let (account, region) = (route.source.account.clone(), route.source.region.clone());
    for name in ["own", "bystander"] {
        assert_eq!(site.sqs(&account, &region, "CreateQueue", &json!({ "QueueName": name })).await.status, 200);
    }
    let entry = QueueConfiguration::builder()
        .queue_arn(format!("arn:aws:sqs:{region}:{account}:own"))
        .events(Event::from("s3:Replication:*"))
        .build()
        .unwrap();
    let configuration = NotificationConfiguration::builder().queue_configurations(entry).build();
    let put = site.s3(&account, region.clone().leak()).put_bucket_notification_configuration();
    put.bucket(&route.source.bucket).notification_configuration(configuration).send().await.unwrap();
    let receive = async |name: &str| {
        let call = json!({ "QueueUrl": format!("http://127.0.0.1:9000/{account}/{name}") });
        site.sqs(&account, &region, "ReceiveMessage", &call).await.status
    };
    switch(&site, &other, "access_denied", true).await;
    assert_eq!((receive("own").await, receive("bystander").await), (200, 200));
    switch(&site, &route, "access_denied", true).await;
    assert_eq!((receive("own").await, receive("bystander").await), (400, 200));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_too_long_is_refused_as_s3_refuses() {
    let site = Site::of("empty");
    let long = "x".repeat(super::super::BODY_BYTES_MAX + 1);
    let answer = site.send(http::Request::put("http://127.0.0.1:9000/photos/long").body(long).unwrap()).await;
    assert_eq!(answer.status, 400);
    for part in ["<Error><Code>EntityTooLarge</Code>", "<MaxSizeAllowed>67108864</MaxSizeAllowed>", "<RequestId>"] {
        assert!(answer.text.contains(part), "{}", answer.text);
    }
}
