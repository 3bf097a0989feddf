//! The API: routes and their reports.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::HttpState;
use super::error::ApiError;
use super::view::{RouteView, RoutesView};

/// `GET /api/v1/routes`: every route.
pub(super) async fn routes(State(state): State<HttpState>) -> Response {
    Json(RoutesView::new(&state.snapshot())).into_response()
}

/// `GET /api/v1/routes/{name}`: one route, with its newest reports.
pub(super) async fn route(
    State(state): State<HttpState>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    let name = route_name(name)?;
    let snapshot = state.snapshot();
    let route = snapshot.route(&name).ok_or_else(|| ApiError::no_such_route(&name))?;
    Ok(Json(RouteView::with_reports(route)).into_response())
}

/// The name in the path. What is not even text names no route.
pub(super) fn route_name(name: Result<Path<String>, PathRejection>) -> Result<String, ApiError> {
    let unreadable = || ApiError::new(StatusCode::NOT_FOUND, "route_not_found", "the name of the route is not text");
    name.map(|Path(name)| name).map_err(|_| unreadable())
}
