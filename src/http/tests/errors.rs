//! Errors are JSON, whatever went wrong.

use std::sync::Arc;

use axum::http::{Method, StatusCode};

use super::{Answer, ask, get, server, world};

fn code(answer: &Answer) -> String {
    let body = answer.json();
    let error = body["error"].as_object().unwrap();
    assert_eq!(body.as_object().unwrap().len(), 1);
    assert_eq!(error.len(), 2);
    assert!(!error["message"].as_str().unwrap().is_empty());
    error["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn unknown_paths_and_names() {
    for (path, expected) in [
        ("/nothing", "not_found"),
        ("/api/v1", "not_found"),
        ("/api/v1/routes/", "not_found"),
        ("/api/v2/routes", "not_found"),
        ("/api/v1/routes/nobody", "route_not_found"),
        ("/api/v1/routes/%FF", "route_not_found"),
        ("/api/v1/routes/Orders", "route_not_found"),
        ("/health?route=nobody", "route_not_found"),
        ("/health?route=orders&route=nobody", "route_not_found"),
    ] {
        let answer = get(server(world::snapshot()).0, path).await;
        assert_eq!((answer.status, code(&answer).as_str()), (StatusCode::NOT_FOUND, expected), "{path}");
    }
}

#[tokio::test]
async fn the_text_of_an_error() {
    let answer = get(server(world::snapshot()).0, "/api/v1/routes/nobody").await;
    let expected = r#"{"error":{"code":"route_not_found","message":"there is no route named \"nobody\""}}"#;
    assert_eq!(answer.body, expected);
}

#[tokio::test]
async fn wrong_methods_name_the_right_ones() {
    for (method, path, allowed) in [
        (Method::POST, "/api/v1/routes", "GET,HEAD"),
        (Method::DELETE, "/api/v1/routes/orders", "GET,HEAD"),
        (Method::GET, "/api/v1/routes/orders/probe", "POST"),
        (Method::PUT, "/metrics", "GET,HEAD"),
        (Method::POST, "/", "GET,HEAD"),
        (Method::OPTIONS, "/health", "GET,HEAD"),
        (Method::POST, "/-/ready", "GET,HEAD"),
    ] {
        let answer = ask(server(world::snapshot()).0, method.clone(), path).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        assert_eq!(answer.header("allow"), allowed, "{method} {path}");
        assert_eq!(code(&answer), "method_not_allowed");
    }
}

#[tokio::test]
async fn bad_queries() {
    for path in ["/health?rout=orders", "/health?route=orders&x=1", "/health?orders"] {
        let answer = get(server(world::snapshot()).0, path).await;
        assert_eq!((answer.status, code(&answer).as_str()), (StatusCode::BAD_REQUEST, "bad_query"), "{path}");
    }
}

#[tokio::test]
async fn a_panic_in_a_handler_is_an_answer() {
    let (mut state, _requests) = server(world::snapshot());
    state.liveness = Arc::new(|| panic!("a loop was lost"));
    let answer = get(state, "/livez").await;
    assert_eq!((answer.status, code(&answer).as_str()), (StatusCode::INTERNAL_SERVER_ERROR, "internal"));
    assert!(!answer.body.contains("a loop was lost"));
}
