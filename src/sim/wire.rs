//! The wire side of the simulated AWS: one router for every service, over TCP and beneath the SDK in process.
//!
//! A request passes four stations: the faults of the edge, the signature, the service that its signature names, and
//! the seal (request ids, date, bodies of errors). What a service answers is decided by the world alone.

mod account;
mod auth;
mod checksum;
mod chunked;
mod client;
mod cloudwatch;
mod control;
mod document;
mod envelope;
mod iam;
mod json;
mod kms;
mod query;
mod refusal;
mod s3;
mod serve;
mod sigv4;
mod sqs;
mod sts;
mod target;
#[cfg(test)]
mod tests;
mod text;

use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use s3s::service::S3Service;
use tokio::net::TcpListener;
use tracing::Dispatch;
use tracing::instrument::WithSubscriber as _;

use self::auth::CallScope;
use self::checksum::Upload;
pub(in crate::sim) use self::envelope::RequestIds;
use self::refusal::{Dialect, Refusal};
use self::sigv4::{Claim, header};
use self::target::{Service, Target};
use super::Simulator;
use super::world::{Access, Fault, FaultSet, World};

/// The largest body that is taken: more than any canary, far less than memory.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;
/// A client must have sent a whole body within this time.
const BODY_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a call that never gets an answer is held before its connection is closed.
const NEVER: Duration = Duration::from_secs(3600);

/// Marks a response that must not be sent: the connection closes instead.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the connection was dropped on purpose")]
struct ConnectionDropped;

impl Simulator {
    /// Every service and the control API under `/_sim/`, on one router.
    pub fn router(&self) -> Router {
        let wire = Arc::new(Wire { s3: s3::service(self.clone()), simulator: self.clone() });
        Router::new().nest("/_sim", control::routes(self.clone())).fallback(move |request: Request<Body>| {
            let wire = Arc::clone(&wire);
            async move { wire.answer(request).await }
        })
    }

    /// Serves the router on `listener` until `shutdown` completes; requests in flight may finish within five seconds.
    ///
    /// # Errors
    /// When the listener fails for good.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        serve::serve(self.router(), listener, shutdown).await
    }

    /// An HTTP client for SDK clients that calls the router in process: no socket, so paused time works.
    pub fn http_client(&self) -> SharedHttpClient {
        client::over(self.router())
    }
}

struct Wire {
    simulator: Simulator,
    s3: S3Service,
}

impl Wire {
    async fn answer(&self, request: Request<Body>) -> Response {
        let (parts, body) = request.into_parts();
        let claim = Claim::read(&parts);
        let target = Target::of(claim.as_ref().ok().and_then(Option::as_ref), &parts);
        let dialect = target.dialect();
        let ids = self.simulator.request_ids().next(dialect);
        let (method, path) = (parts.method.clone(), parts.uri.path().to_owned());
        let result = match read(body).await {
            Err(refusal) => Err(refusal),
            Ok(body) => {
                let faults = self.edge_faults(&target, &body);
                if let Some(dropped) = unanswered(faults).await {
                    return dropped;
                }
                self.perform(target.clone(), claim, parts, body, faults, &ids.id).await
            }
        };
        let reason = result.as_ref().err().map(|refusal| refusal.message.to_string());
        let response = result.unwrap_or_else(|refusal| refusal.into_response(dialect, &ids.id));
        if response.status() == StatusCode::NOT_IMPLEMENTED {
            let (service, address, reason) = (target.service_name(), target.address(), reason.unwrap_or_default());
            tracing::warn!(service, %method, address, reason, "the simulator was asked for what it lacks");
        }
        let now = self.simulator.with_world(|world, now| world.server_time(now));
        envelope::seal(response, &ids, &method, &path, now, dialect).await
    }

    fn edge_faults(&self, target: &Target, body: &[u8]) -> FaultSet {
        if self.simulator.with_world(World::is_untroubled) {
            return FaultSet::default();
        }
        let named = target.names(body);
        self.simulator.with_world(|world, now| world.edge_faults(now, named.subject()))
    }

    async fn perform(
        &self,
        target: Target,
        claim: Result<Option<Claim>, sigv4::MalformedClaim>,
        parts: Parts,
        body: Bytes,
        faults: FaultSet,
        request_id: &str,
    ) -> Result<Response, Refusal> {
        let dialect = target.dialect();
        let claim = claim.map_err(|error| auth::malformed(dialect, &error))?;
        let claim = claim.ok_or_else(|| auth::anonymous(dialect))?;
        let (credential, now) =
            self.simulator.with_world(|world, now| (world.credential(&claim.access_key), world.server_time(now)));
        let (scope, upload) = auth::authenticate(&claim, &parts, body, credential, now, dialect)?;
        refuse_by_fault(faults, dialect)?;
        let content = upload.content.clone();
        match target.service {
            Service::S3 { .. } => self.s3(&target, scope, parts, upload).await,
            Service::S3Control => {
                self.simulator.with_world(|world, now| account::call(world, now, &scope, &parts, &content, request_id))
            }
            Service::Kms(operation) => {
                self.simulator.with_world(|world, now| kms::call(world, now, &scope, &operation, &content))
            }
            Service::CloudWatch { operation, .. } => self
                .simulator
                .with_world(|world, now| cloudwatch::call(world, now, &scope, &operation, dialect, &content)),
            Service::Sqs(operation) => {
                let host = header(&parts, "host").unwrap_or("localhost");
                sqs::call(&self.simulator, &scope, host, &operation, &content).await
            }
            Service::Sts => self.simulator.with_world(|world, now| sts::call(world, now, &scope, &content, request_id)),
            Service::Iam => self.simulator.with_world(|world, now| iam::call(world, now, &scope, &content, request_id)),
            Service::Other { name, .. } => {
                Err(Refusal::not_implemented(format!("the service {name} is not part of this simulation")))
            }
        }
    }

    /// Hands an authenticated request to `s3s`, without what it would check (or refuse to check) again.
    async fn s3(
        &self,
        target: &Target,
        scope: CallScope,
        mut parts: Parts,
        upload: Upload,
    ) -> Result<Response, Refusal> {
        let says = |name, value| header(&parts, name).is_some_and(|text| text.eq_ignore_ascii_case(value));
        let access = Access {
            expected_owner: header(&parts, "x-amz-expected-bucket-owner").map(str::to_owned),
            pays: says("x-amz-request-payer", "requester"),
            mfa: header(&parts, "x-amz-mfa").is_some_and(is_mfa),
            bypasses_governance: says("x-amz-bypass-governance-retention", "true"),
            ..Access::of(scope.caller, scope.region)
        };
        let refused = Arc::new(OnceLock::new());
        let content = upload.content.clone();
        target.strip(&mut parts)?;
        parts.headers.insert(http::header::CONTENT_LENGTH, HeaderValue::from(content.len()));
        parts.extensions.insert(s3::Call { access, upload, refused: Arc::clone(&refused) });
        let request = Request::from_parts(parts, s3s::Body::from(content));
        // s3s logs every 5xx as an error with the whole response; the one line that matters is written in `answer`.
        let response = self.s3.call(request).with_subscriber(Dispatch::none()).await.map_err(|error| {
            tracing::error!(?error, "s3s failed to answer");
            Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", "We encountered an internal error.")
        })?;
        match refused.get() {
            Some(refusal) => Err(refusal.clone()),
            None => Ok(response.map(Body::new)),
        }
    }
}

/// The serial number or ARN of a device, and the six digits that it shows.
fn is_mfa(text: &str) -> bool {
    let digits = text.rsplit_once(' ').map_or("", |(_, digits)| digits);
    digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Reads a whole body, within bounds of size and time.
async fn read(body: Body) -> Result<Bytes, Refusal> {
    let limited = Limited::new(body, BODY_BYTES_MAX);
    match tokio::time::timeout(BODY_TIMEOUT, limited.collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            let message = "Your proposed upload exceeds the maximum allowed size";
            let refusal = Refusal::bad_request("EntityTooLarge", message);
            Err(refusal.with_field("MaxSizeAllowed", BODY_BYTES_MAX.to_string()))
        }
        Ok(Err(error)) => {
            tracing::debug!(%error, "a request body could not be read");
            let message = "You did not provide the number of bytes specified by the Content-Length HTTP header";
            Err(Refusal::bad_request("IncompleteBody", message))
        }
        Err(_) => {
            let message = "Your socket connection to the server was not read from or written to within the timeout \
                           period. Idle connections will be closed.";
            Err(Refusal::bad_request("RequestTimeout", message))
        }
    }
}

/// The two faults that leave a caller without any answer.
async fn unanswered(faults: FaultSet) -> Option<Response> {
    if faults.has(Fault::TimeOuts) {
        tokio::time::sleep(NEVER).await;
    } else if !faults.has(Fault::DroppedConnections) {
        return None;
    }
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(ConnectionDropped);
    Some(response)
}

/// The faults that refuse a well-signed call.
fn refuse_by_fault(faults: FaultSet, dialect: Dialect) -> Result<(), Refusal> {
    if faults.has(Fault::ExpiredToken) {
        return Err(auth::expired_token(dialect));
    }
    if faults.has(Fault::Throttled) {
        return Err(match dialect {
            Dialect::RestXml => {
                Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "SlowDown", "Please reduce your request rate.")
            }
            Dialect::Query(_) => Refusal::bad_request("Throttling", "Rate exceeded"),
            Dialect::Json(_) | Dialect::Cbor => Refusal::bad_request("ThrottlingException", "Rate exceeded"),
        });
    }
    if faults.has(Fault::AccessDenied) {
        return Err(match dialect {
            Dialect::RestXml => Refusal::forbidden("AccessDenied", "Access Denied"),
            Dialect::Query(_) => Refusal::forbidden("AccessDenied", "the caller is not authorized"),
            Dialect::Json(_) | Dialect::Cbor => {
                Refusal::bad_request("AccessDeniedException", "the caller is not authorized")
            }
        });
    }
    Ok(())
}
