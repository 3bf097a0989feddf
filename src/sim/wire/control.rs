//! The control API under `/_sim/`: what the world is, its scripted faults, and the truth about a version.

use std::fmt;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Json, Response};
use axum::routing::get;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::sim::Simulator;
use crate::sim::world::{Fault, FaultError, FaultRow, World};

/// The routes, to be nested under `/_sim`.
pub(super) fn routes(simulator: Simulator) -> Router {
    Router::new()
        .route("/world", get(world))
        .route("/faults", get(list_faults).post(set_fault))
        .route("/truth", get(truth))
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .with_state(simulator)
}

/// The body of `POST /_sim/faults`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultOrder {
    route: String,
    fault: String,
    on: bool,
    destination: Option<String>,
    seconds: Option<f64>,
}

/// The body of `GET /_sim/faults`.
#[derive(Debug, Serialize)]
struct FaultList {
    faults: Vec<FaultRow>,
}

/// The query of `GET /_sim/truth`.
#[derive(Debug, Deserialize)]
struct VersionQuery {
    bucket: String,
    key: String,
    version_id: String,
}

async fn world(State(simulator): State<Simulator>, headers: HeaderMap) -> Response {
    let host = headers.get("host").and_then(|value| value.to_str().ok()).unwrap_or("localhost");
    Json(simulator.description().at(format!("http://{host}"))).into_response()
}

async fn list_faults(State(simulator): State<Simulator>) -> Response {
    Json(FaultList { faults: simulator.with_world(World::faults) }).into_response()
}

async fn set_fault(State(simulator): State<Simulator>, body: Bytes) -> Response {
    let order: FaultOrder = match serde_json::from_slice(&body) {
        Ok(order) => order,
        Err(error) => {
            let example = json!({ "route": "orders", "fault": "outage", "on": true });
            let message = format!("the body is not a fault order: {error}");
            return refuse(StatusCode::BAD_REQUEST, &message, "example", &example);
        }
    };
    let set = Fault::parse(&order.fault).and_then(|fault| {
        simulator.set_fault(&order.route, order.destination.as_deref(), fault, order.on, order.seconds)
    });
    match set {
        Ok(()) => Json(json!({
            "route": order.route, "fault": order.fault, "on": order.on,
            "destination": order.destination, "seconds": order.seconds,
        }))
        .into_response(),
        Err(error) => refuse_order(&simulator, &order, &error),
    }
}

async fn truth(State(simulator): State<Simulator>, query: Result<Query<VersionQuery>, QueryRejection>) -> Response {
    let Ok(Query(query)) = query else {
        let names = json!(["bucket", "key", "version_id"]);
        return refuse(StatusCode::BAD_REQUEST, "the query needs three parameters", "parameters", &names);
    };
    match simulator.truth(&query.bucket, &query.key, &query.version_id) {
        Some(truth) => Json(truth).into_response(),
        None => {
            let message = "this version was never written to this bucket by a client";
            let asked = json!({ "bucket": query.bucket, "key": query.key, "version_id": query.version_id });
            refuse(StatusCode::NOT_FOUND, message, "version", &asked)
        }
    }
}

async fn unknown_path() -> Response {
    let paths = json!(["/_sim/world", "/_sim/faults", "/_sim/truth"]);
    refuse(StatusCode::NOT_FOUND, "there is nothing at this path", "paths", &paths)
}

async fn wrong_method() -> Response {
    let methods = json!({ "/_sim/world": ["GET"], "/_sim/faults": ["GET", "POST"], "/_sim/truth": ["GET"] });
    refuse(StatusCode::METHOD_NOT_ALLOWED, "this path does not take this method", "methods", &methods)
}

/// Says what is wrong with an order, and what exists instead.
fn refuse_order(simulator: &Simulator, order: &FaultOrder, error: &FaultError) -> Response {
    let routes = simulator.routes();
    let (field, choices) = match error {
        FaultError::UnknownFault(_) => ("faults", Fault::ALL.iter().map(|fault| fault.name().to_owned()).collect()),
        FaultError::UnknownDestination { .. } => {
            let route = routes.into_iter().find(|route| route.name == order.route);
            let destinations = route.map(|route| route.destinations).unwrap_or_default();
            ("destinations", destinations.into_iter().map(|side| side.bucket).collect::<Vec<_>>())
        }
        FaultError::UnknownRoute(_) | FaultError::InvalidSeconds => {
            ("routes", routes.into_iter().map(|route| route.name).collect())
        }
    };
    refuse(StatusCode::BAD_REQUEST, error, field, &json!(choices))
}

fn refuse(status: StatusCode, message: impl fmt::Display, field: &str, value: &serde_json::Value) -> Response {
    (status, Json(json!({ "error": message.to_string(), field: value }))).into_response()
}
