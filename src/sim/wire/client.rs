//! The simulator beneath the real AWS SDK: an HTTP client that calls the router in process, without a socket.

use std::io;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use axum::Router;
use axum::body::Body;
use http::header::HOST;
use http::{HeaderValue, Request};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::ConnectionDropped;

/// An SDK client over `router`, for any number of SDK clients at once.
pub(super) fn over(router: Router) -> SharedHttpClient {
    SharedHttpClient::new(InProcess { router })
}

/// Connects straight to the router; time-outs are the SDK's own, on the runtime's clock.
#[derive(Debug, Clone)]
struct InProcess {
    router: Router,
}

impl HttpClient for InProcess {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let router = self.router.clone();
        HttpConnectorFuture::new(async move { send(router, request).await })
    }
}

async fn send(router: Router, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let request = with_host(request)?.map(Body::new);
    let response = match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    if response.extensions().get::<ConnectionDropped>().is_some() {
        let dropped = io::Error::new(io::ErrorKind::ConnectionReset, "connection closed before message completed");
        return Err(ConnectorError::io(dropped.into()));
    }
    let (parts, body) = response.into_parts();
    let body = body.collect().await.map_err(|error| ConnectorError::io(error.into()))?.to_bytes();
    HttpResponse::try_from(http::Response::from_parts(parts, SdkBody::from(body)))
        .map_err(|error| ConnectorError::other(error.into(), None))
}

/// Adds the `Host` header that a client on a socket would send, in the form that the SDK signs.
fn with_host(mut request: Request<SdkBody>) -> Result<Request<SdkBody>, ConnectorError> {
    if request.headers().contains_key(HOST) {
        return Ok(request);
    }
    let uri = request.uri();
    let host = uri.host().unwrap_or("localhost");
    let host = match uri.port_u16() {
        Some(80 | 443) | None => host.to_owned(),
        Some(port) => format!("{host}:{port}"),
    };
    let value = HeaderValue::from_str(&host).map_err(|error| ConnectorError::user(error.into()))?;
    request.headers_mut().insert(HOST, value);
    Ok(request)
}
