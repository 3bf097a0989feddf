//! The daemon's HTTP server: metrics, liveness, readiness, health, API and page, all drawn from one snapshot.

mod answer;
mod api;
mod cause;
mod cloudwatch;
mod error;
mod events;
mod findings;
mod health;
mod html;
mod keys;
mod notes;
mod page;
mod probe;
mod serve;
#[cfg(test)]
mod tests;
mod timestamp;
mod view;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::stream;
use tokio::sync::{mpsc, watch};

pub use self::cause::CauseView;
pub use self::health::Liveness;
pub use self::probe::{ProbeRefused, ProbeRequest, ProbeStarted};
pub use self::serve::serve;
pub use self::view::ReportView;

use crate::domain::snapshot::Snapshot;
use crate::domain::time::Moment;
use crate::telemetry::{self, BuildInfo, Metrics};

/// A snapshot is taken every second; one that is older than this is no longer shown as the present.
const FRESH_MAX: Duration = Duration::from_secs(10);

/// What the server draws from. Cheap to clone.
#[derive(Clone)]
pub struct HttpState {
    /// The health of all routes.
    pub snapshots: watch::Receiver<Arc<Snapshot>>,
    /// What `/metrics` shows.
    pub metrics: Arc<Metrics>,
    /// Whether the configuration is valid and the first self-test was attempted.
    pub readiness: watch::Receiver<bool>,
    /// Whether the daemon's loops come round. Never asks AWS.
    pub liveness: Arc<dyn Fn() -> Liveness + Send + Sync>,
    /// Takes requests for a canary now.
    pub probes: mpsc::Sender<ProbeRequest>,
    /// What runs.
    pub build: BuildInfo,
    /// Reads both clocks.
    pub clock: Arc<dyn Fn() -> Moment + Send + Sync>,
}

/// All paths of the server.
pub fn router(state: HttpState) -> Router {
    Router::new()
        .route("/", get(page::page))
        .route("/metrics", get(metrics))
        .route("/livez", get(health::livez))
        .route("/healthz", get(health::livez))
        .route("/-/healthy", get(health::livez))
        .route("/readyz", get(health::readyz))
        .route("/-/ready", get(health::readyz))
        .route("/health", get(health::health))
        .route("/api/v1/routes", get(api::routes))
        .route("/api/v1/routes/{name}", get(api::route))
        .route("/api/v1/routes/{name}/probe", post(probe::probe))
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(middleware::from_fn(error::contain_panics))
        .with_state(state)
}

/// One metric family at a time goes out, and others get their turn in between.
async fn metrics(State(state): State<HttpState>) -> Response {
    let parts = stream::unfold(state.metrics.parts(), async |mut parts| {
        tokio::task::yield_now().await;
        let part = parts.next()?;
        Some((Ok::<_, std::convert::Infallible>(part), parts))
    });
    ([(CONTENT_TYPE, telemetry::CONTENT_TYPE)], Body::from_stream(parts)).into_response()
}

impl HttpState {
    /// The newest snapshot.
    fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshots.borrow())
    }

    /// The age of a snapshot that is too old to be believed.
    fn staleness(&self, snapshot: &Snapshot) -> Option<Duration> {
        let age = (self.clock)().wall.since(snapshot.at);
        (age > FRESH_MAX).then_some(age)
    }
}

impl fmt::Debug for HttpState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpState").field("build", &self.build).finish_non_exhaustive()
    }
}
