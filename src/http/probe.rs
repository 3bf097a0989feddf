//! `POST /api/v1/routes/{name}/probe`: a canary now. Whoever fixed a policy wants to know.

use std::time::Duration;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::HttpState;
use super::api::route_name;
use super::error::ApiError;
use crate::domain::name::{ObjectKey, RouteName};

/// How long the prober may take to begin.
const ANSWER_MAX: Duration = Duration::from_secs(5);

/// Asks the prober for a canary now.
#[derive(Debug)]
pub struct ProbeRequest {
    /// The route.
    pub route: RouteName,
    /// Takes the answer.
    pub reply: oneshot::Sender<Result<ProbeStarted, ProbeRefused>>,
}

/// A canary is on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeStarted {
    /// Its key, by which its reports are found.
    pub key: ObjectKey,
}

/// No canary is written now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeRefused {
    /// Why, for a person.
    pub reason: String,
    /// When to ask again, where waiting helps.
    pub retry_after: Option<Duration>,
}

#[derive(Serialize)]
struct StartedView<'a> {
    route: &'a str,
    key: &'a str,
}

/// Starts a canary of the route and answers its key.
pub(super) async fn probe(
    State(state): State<HttpState>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    let name = route_name(name)?;
    let route = match state.snapshot().route(&name) {
        Some(route) => route.name.clone(),
        None => return Err(ApiError::no_such_route(&name)),
    };
    let (reply, answer) = oneshot::channel();
    state.probes.try_send(ProbeRequest { route, reply }).map_err(|error| match error {
        TrySendError::Full(_) => too_many("too many canaries are asked for", Duration::from_secs(1)),
        TrySendError::Closed(_) => stopping(),
    })?;
    match timeout(ANSWER_MAX, answer).await {
        Ok(Ok(Ok(started))) => {
            let view = StartedView { route: &name, key: started.key.as_str() };
            Ok((StatusCode::ACCEPTED, Json(view)).into_response())
        }
        Ok(Ok(Err(refused))) => Err(refusal(refused)),
        Ok(Err(_)) => Err(stopping()),
        Err(_) => Err(unavailable("busy", "the prober did not answer in time")),
    }
}

fn refusal(refused: ProbeRefused) -> ApiError {
    match refused.retry_after {
        Some(wait) => too_many(&refused.reason, wait),
        None => ApiError::new(StatusCode::CONFLICT, "refused", refused.reason),
    }
}

fn too_many(reason: &str, wait: Duration) -> ApiError {
    ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", reason).with_retry_after(wait)
}

fn stopping() -> ApiError {
    unavailable("stopping", "the daemon is stopping and writes no canaries")
}

fn unavailable(code: &'static str, message: &str) -> ApiError {
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, code, message)
}
