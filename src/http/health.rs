//! Liveness, readiness and health: whether the daemon runs, whether it began, and whether replication works.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::HttpState;
use super::error::ApiError;
use super::timestamp::Timestamp;
use crate::domain::snapshot::{RouteSnapshot, Snapshot};
use crate::domain::verdict;

/// Whether the daemon's loops come round. Has nothing to do with AWS: restarting the monitor does not repair S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Liveness {
    /// All of them do.
    Alive,
    /// One does not.
    Stuck {
        /// Which, and for how long.
        what: String,
    },
}

#[derive(Serialize)]
struct Status {
    status: &'static str,
}

/// `GET /livez`.
pub(super) async fn livez(State(state): State<HttpState>) -> Result<Response, ApiError> {
    match (state.liveness)() {
        Liveness::Alive => Ok(Json(Status { status: "alive" }).into_response()),
        Liveness::Stuck { what } => Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "stuck", what)),
    }
}

/// `GET /readyz`.
pub(super) async fn readyz(State(state): State<HttpState>) -> Result<Response, ApiError> {
    if *state.readiness.borrow() {
        Ok(Json(Status { status: "ready" }).into_response())
    } else {
        let message = "the first self-test of the routes was not attempted yet";
        Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", message))
    }
}

#[derive(Serialize)]
struct HealthView<'a> {
    status: &'static str,
    destinations: Vec<DestinationHealth<'a>>,
}

#[derive(Serialize)]
struct DestinationHealth<'a> {
    route: &'a str,
    destination: &'a str,
    state: &'static str,
    since: Timestamp,
    reason: &'static str,
    message: &'a str,
}

/// `GET /health`, of all routes or of those named by `?route=`: 200 only if every selected destination is healthy or
/// late. Paused ones are shown, and ignored; what is too old to be believed is unknown.
pub(super) async fn health(
    State(state): State<HttpState>,
    query: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Response, ApiError> {
    let snapshot = state.snapshot();
    let selected = select(&snapshot, query)?;
    let stale = state.staleness(&snapshot).map(|_| verdict::State::Unknown);
    let worst = stale.into_iter().fold(worst(&selected), verdict::State::max);
    let view =
        HealthView { status: worst.as_str(), destinations: selected.iter().flat_map(|route| rows(route)).collect() };
    let status = if worst <= verdict::State::Late { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok((status, Json(view)).into_response())
}

fn select(
    snapshot: &Snapshot,
    query: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Vec<Arc<RouteSnapshot>>, ApiError> {
    let bad_query = |message: String| ApiError::new(StatusCode::BAD_REQUEST, "bad_query", message);
    let Query(parameters) = query.map_err(|rejection| bad_query(rejection.body_text()))?;
    if parameters.is_empty() {
        return Ok(snapshot.routes.clone());
    }
    let mut selected: Vec<Arc<RouteSnapshot>> = Vec::new();
    for (parameter, name) in &parameters {
        if parameter != "route" {
            return Err(bad_query(format!("there is no parameter {parameter:?}; known is route, which may repeat")));
        }
        let route = snapshot.route(name).ok_or_else(|| ApiError::no_such_route(name))?;
        if !selected.iter().any(|before| Arc::ptr_eq(before, route)) {
            selected.push(Arc::clone(route));
        }
    }
    Ok(selected)
}

/// The worst state among the destinations. Without any route nothing is proven: that is not health.
fn worst(selected: &[Arc<RouteSnapshot>]) -> verdict::State {
    let states = selected.iter().flat_map(|route| &route.destinations).map(|destination| destination.state);
    states.max().unwrap_or(verdict::State::Unknown)
}

fn rows(route: &RouteSnapshot) -> impl Iterator<Item = DestinationHealth<'_>> {
    route.route.destinations.iter().zip(&route.destinations).map(|(destination, health)| DestinationHealth {
        route: route.name.as_str(),
        destination: destination.bucket.as_str(),
        state: health.state.as_str(),
        since: Timestamp(health.since),
        reason: health.reason.as_str(),
        message: &health.message,
    })
}
