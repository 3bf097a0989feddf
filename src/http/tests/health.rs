//! Liveness, readiness, health and the metrics path.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use tokio::sync::watch;

use super::{Liveness, get, golden, server, world};
use crate::domain::time::Moment;

#[tokio::test]
async fn alive_and_stuck() {
    for path in ["/livez", "/healthz", "/-/healthy"] {
        let (mut state, _requests) = server(world::snapshot());
        let answer = get(state.clone(), path).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, r#"{"status":"alive"}"#));
        state.liveness = Arc::new(|| Liveness::Stuck { what: "telemetry is silent for 31 s".to_owned() });
        let answer = get(state, path).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        let expected = r#"{"error":{"code":"stuck","message":"telemetry is silent for 31 s"}}"#;
        assert_eq!(answer.body, expected);
    }
}

#[tokio::test]
async fn ready_and_not_yet() {
    for path in ["/readyz", "/-/ready"] {
        let (mut state, _requests) = server(world::snapshot());
        let answer = get(state.clone(), path).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, r#"{"status":"ready"}"#));
        state.readiness = watch::channel(false).1;
        let answer = get(state, path).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.json()["error"]["code"], "not_ready");
    }
}

#[tokio::test]
async fn health_of_all_routes() {
    let answer = get(server(world::snapshot()).0, "/health").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    golden("health.json", &answer.pretty());
}

#[tokio::test]
async fn health_of_chosen_routes() {
    for (query, status, worst, rows) in [
        ("?route=orders", StatusCode::OK, "healthy", 1),
        ("?route=orders&route=orders", StatusCode::OK, "healthy", 1),
        ("?route=orders&route=zoo", StatusCode::OK, "healthy", 2),
        ("?route=zoo", StatusCode::OK, "paused", 1),
        ("?route=ledger", StatusCode::SERVICE_UNAVAILABLE, "unknown", 1),
        ("?route=orders&route=images", StatusCode::SERVICE_UNAVAILABLE, "stalled", 2),
        ("?route=billing&route=images", StatusCode::SERVICE_UNAVAILABLE, "failing", 3),
        ("?", StatusCode::SERVICE_UNAVAILABLE, "failing", 6),
    ] {
        let answer = get(server(world::snapshot()).0, &format!("/health{query}")).await;
        let body = answer.json();
        assert_eq!((answer.status, body["status"].as_str().unwrap()), (status, worst), "{query}");
        assert_eq!(body["destinations"].as_array().unwrap().len(), rows, "{query}");
    }
}

#[tokio::test]
async fn late_is_well_enough() {
    let mut snapshot = world::healthy();
    let mut orders = snapshot.routes[0].as_ref().clone();
    orders.destinations[0].state = crate::domain::verdict::State::Late;
    snapshot.routes[0] = Arc::new(orders);
    let answer = get(server(snapshot).0, "/health").await;
    assert_eq!((answer.status, answer.json()["status"].as_str().unwrap()), (StatusCode::OK, "late"));
}

#[tokio::test]
async fn without_routes_nothing_is_proven() {
    let answer = get(server(Default::default()).0, "/health").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.body, r#"{"status":"unknown","destinations":[]}"#);
}

#[tokio::test]
async fn what_is_too_old_is_unknown() {
    for (age, status, worst) in
        [(10_000, StatusCode::OK, "healthy"), (10_001, StatusCode::SERVICE_UNAVAILABLE, "unknown")]
    {
        let (mut state, _requests) = server(world::healthy());
        let wall = world::NOON.plus(Duration::from_millis(age));
        state.clock = Arc::new(move || Moment { wall, ..Moment::default() });
        let answer = get(state, "/health").await;
        assert_eq!((answer.status, answer.json()["status"].as_str()), (status, Some(worst)));
    }
}

#[tokio::test]
async fn metrics_are_served_as_text() {
    let (state, _requests) = server(world::snapshot());
    let rendered = state.metrics.render();
    let answer = get(state, "/metrics").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let ours = |page: &str| page.lines().filter(|line| !line.contains("process_")).collect::<Vec<_>>().join("\n");
    assert_eq!(ours(&answer.body), ours(&rendered));
    assert!(answer.body.contains("replicanary_build_info{version=\"1.2.3\",revision=\"abc\"} 1"));
}
