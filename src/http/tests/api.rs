//! The API's shapes.

use axum::http::{Method, StatusCode};

use super::{ask, get, golden, server, world};

#[tokio::test]
async fn all_routes() {
    let answer = get(server(world::snapshot()).0, "/api/v1/routes").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.json()["routes"].is_array());
    golden("routes.json", &answer.pretty());
}

#[tokio::test]
async fn no_routes() {
    let answer = get(server(Default::default()).0, "/api/v1/routes").await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (StatusCode::OK, r#"{"at":"1970-01-01T00:00:00.000Z","routes":[]}"#)
    );
}

#[tokio::test]
async fn one_route_with_its_reports() {
    let answer = get(server(world::snapshot()).0, "/api/v1/routes/orders").await;
    assert_eq!(answer.status, StatusCode::OK);
    golden("route.json", &answer.pretty());
}

#[tokio::test]
async fn mismatches_are_named_and_absent_values_are_null() {
    let route = get(server(world::snapshot()).0, "/api/v1/routes/billing").await.json();
    let report = &route["reports"][0];
    assert_eq!(report["destination"], "billing-replica-1");
    assert_eq!(report["version_id"], serde_json::Value::Null);
    assert_eq!(report["lag_seconds"], serde_json::json!({ "low": null, "high": null }));
    let mismatch = serde_json::json!({
        "what": "kms_key",
        "expected": "arn:aws:kms:us-east-1:222222222222:key/a",
        "seen": "arn:aws:kms:us-east-1:222222222222:key/b",
        "meaning": "aws/s3, the AWS managed key",
    });
    assert_eq!(report["mismatches"], serde_json::json!([mismatch]));
}

#[tokio::test]
async fn reports_of_all_destinations_are_sorted_newest_first() {
    let mut snapshot = world::snapshot();
    let mut billing = snapshot.route("billing").unwrap().as_ref().clone();
    let older = billing.destinations[0].reports[0].as_ref().clone();
    for (place, seconds) in [(0, 800), (0, 600), (1, 700), (1, 500)] {
        let report = crate::domain::report::Report { written_at: world::ago(seconds), ..older.clone() };
        billing.destinations[place].reports.push_front(std::sync::Arc::new(report));
    }
    snapshot.routes[0] = std::sync::Arc::new(billing);
    let route = get(server(snapshot).0, "/api/v1/routes/billing").await.json();
    let reports = route["reports"].as_array().unwrap();
    let order: Vec<_> = reports.iter().map(|report| report["written_at"].as_str().unwrap()).collect();
    let mut sorted = order.clone();
    sorted.sort_unstable();
    sorted.reverse();
    assert_eq!(order, sorted);
    assert_eq!(order.len(), 5);
    assert_eq!(reports[0]["destination"], "billing-replica-2");
    assert_eq!(reports[1]["destination"], "billing-replica-1");
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    for path in ["/api/v1/routes", "/api/v1/routes/orders", "/", "/metrics", "/livez", "/readyz"] {
        let answer = ask(server(world::snapshot()).0, Method::HEAD, path).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""), "{path}");
    }
}
