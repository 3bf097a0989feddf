//! A canary on demand.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use tokio::sync::oneshot;

use super::{Answer, ask, server, world};
use crate::domain::name::{ObjectKey, RouteName};
use crate::http::{ProbeRefused, ProbeRequest, ProbeStarted};

const PATH: &str = "/api/v1/routes/orders/probe";

async fn probe(answer: Result<ProbeStarted, ProbeRefused>) -> Answer {
    let (state, mut requests) = server(world::snapshot());
    let prober = async {
        let request = requests.recv().await.unwrap();
        assert_eq!(request.route, RouteName::new("orders").unwrap());
        request.reply.send(answer).unwrap();
    };
    tokio::join!(ask(state, Method::POST, PATH), prober).0
}

fn refused(retry_after: Option<Duration>) -> Result<ProbeStarted, ProbeRefused> {
    Err(ProbeRefused { reason: "one a minute".to_owned(), retry_after })
}

#[tokio::test]
async fn a_canary_is_started() {
    let answer = probe(Ok(ProbeStarted { key: ObjectKey::new("replicanary/default/orders/1-2-3") })).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(answer.body, r#"{"route":"orders","key":"replicanary/default/orders/1-2-3"}"#);
}

#[tokio::test]
async fn too_soon_says_when_to_come_back() {
    let answer = probe(refused(Some(Duration::from_millis(2_001)))).await;
    assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "3"));
    assert_eq!(answer.body, r#"{"error":{"code":"too_many_requests","message":"one a minute"}}"#);
    let answer = probe(refused(Some(Duration::ZERO))).await;
    assert_eq!(answer.header("retry-after"), "1");
}

#[tokio::test]
async fn refused_for_good_is_a_conflict() {
    let answer = probe(refused(None)).await;
    assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::CONFLICT, ""));
    assert_eq!(answer.body, r#"{"error":{"code":"refused","message":"one a minute"}}"#);
}

#[tokio::test]
async fn unknown_route() {
    let answer = ask(server(world::snapshot()).0, Method::POST, "/api/v1/routes/nobody/probe").await;
    assert_eq!(
        (answer.status, answer.json()["error"]["code"].as_str()),
        (StatusCode::NOT_FOUND, Some("route_not_found"))
    );
}

#[tokio::test]
async fn a_full_queue_is_too_many_and_a_closed_one_is_the_end() {
    let (state, mut requests) = server(world::snapshot());
    let (reply, _answer) = oneshot::channel();
    state.probes.try_send(ProbeRequest { route: RouteName::new("orders").unwrap(), reply }).unwrap();
    let answer = ask(state.clone(), Method::POST, PATH).await;
    assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "1"));
    requests.close();
    let answer = ask(state, Method::POST, PATH).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json()["error"]["code"], "stopping");
}

#[tokio::test(start_paused = true)]
async fn a_prober_that_does_not_answer() {
    let (state, _requests) = server(world::snapshot());
    let answer = ask(state, Method::POST, PATH).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json()["error"]["code"], "busy");
}

#[tokio::test]
async fn a_prober_that_goes_away() {
    let (state, mut requests) = server(world::snapshot());
    let prober = async { drop(requests.recv().await) };
    let answer = tokio::join!(ask(state, Method::POST, PATH), prober).0;
    assert_eq!(answer.json()["error"]["code"], "stopping");
}
