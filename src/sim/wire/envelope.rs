//! What every answer carries: request ids, the date, and for S3 the error document's last elements.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_smithy_types::base64;
use axum::body::Body;
use axum::response::Response;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderName, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body_util::BodyExt as _;
use s3s::dto::{Timestamp, TimestampFormat};
use sha2::{Digest as _, Sha256};

use super::refusal::Dialect;
use super::text::{hex, xml_escape};
use crate::sim::world::Moment;

/// Gives out request ids: the same seed and the same order of requests give the same ids.
#[derive(Debug)]
pub(in crate::sim) struct RequestIds {
    seed: u64,
    count: AtomicU64,
}

/// The two ids of one request.
#[derive(Debug, Clone)]
pub(super) struct RequestId {
    /// `x-amz-request-id` of S3, and in the shape of a UUID `x-amzn-requestid` of the others.
    pub(super) id: String,
    /// `x-amz-id-2` of S3, which its error documents call HostId.
    pub(super) host_id: String,
}

impl RequestIds {
    /// Ids derived from `seed`.
    pub(in crate::sim) fn new(seed: u64) -> Self {
        Self { seed, count: AtomicU64::new(0) }
    }

    /// The ids of the next request, in the shape that `dialect`'s services use.
    pub(super) fn next(&self, dialect: Dialect) -> RequestId {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let mut hasher = Sha256::new();
        hasher.update(b"request id");
        hasher.update(self.seed.to_be_bytes());
        hasher.update(count.to_be_bytes());
        let digest = hasher.finalize();
        let text = hex(&digest);
        let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
        let id = match dialect {
            Dialect::RestXml => part(0, 16).to_ascii_uppercase(),
            Dialect::Query(_) | Dialect::Json(_) | Dialect::Cbor => {
                format!("{}-{}-4{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
            }
        };
        RequestId { id, host_id: base64::encode([digest.as_slice(), digest.as_slice()].concat()) }
    }
}

/// Adds ids and date to an answer; an answer to HEAD loses its body, an S3 error gains its last elements.
pub(super) async fn seal(
    response: Response,
    ids: &RequestId,
    method: &Method,
    path: &str,
    now: Moment,
    dialect: Dialect,
) -> Response {
    let mut response = match dialect {
        Dialect::RestXml => finish_rest(response, ids, method, path).await,
        Dialect::Query(_) | Dialect::Json(_) | Dialect::Cbor => response,
    };
    let headers = response.headers_mut();
    let mut insert = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    insert(DATE, &http_date(now));
    if dialect == Dialect::RestXml {
        insert(HeaderName::from_static("x-amz-request-id"), &ids.id);
        insert(HeaderName::from_static("x-amz-id-2"), &ids.host_id);
        insert(http::header::SERVER, "AmazonS3");
    } else {
        insert(HeaderName::from_static("x-amzn-requestid"), &ids.id);
    }
    response
}

/// An instant as RFC 7231 writes it.
pub(super) fn http_date(at: Moment) -> String {
    let mut text = Vec::new();
    match Timestamp::from(at.system_time()).format(TimestampFormat::HttpDate, &mut text) {
        Ok(()) => String::from_utf8_lossy(&text).into_owned(),
        Err(_) => String::new(),
    }
}

async fn finish_rest(response: Response, ids: &RequestId, method: &Method, path: &str) -> Response {
    let failed = response.status().as_u16() >= 300;
    let bodiless = method == Method::HEAD || response.status() == StatusCode::NOT_MODIFIED;
    let (mut parts, body) = response.into_parts();
    sort(&mut parts.headers);
    if !failed {
        return Response::from_parts(parts, body);
    }
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.remove(TRANSFER_ENCODING);
    if bodiless {
        parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
        return Response::from_parts(parts, Body::empty());
    }
    let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let Some(open) = text.strip_suffix("</Error>") else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    let (resource, id, host) = (xml_escape(path), xml_escape(&ids.id), xml_escape(&ids.host_id));
    let whole =
        format!("{open}<Resource>{resource}</Resource><RequestId>{id}</RequestId><HostId>{host}</HostId></Error>");
    Response::from_parts(parts, Body::from(whole))
}

/// Puts headers in the order of their names: user metadata comes from a map without an order.
fn sort(headers: &mut HeaderMap) {
    let mut entries: Vec<(HeaderName, HeaderValue)> =
        headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    entries.sort_by(|one, other| one.0.as_str().cmp(other.0.as_str()));
    headers.clear();
    for (name, value) in entries {
        headers.append(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_from_seed_and_order() {
        let (one, other) = (RequestIds::new(7), RequestIds::new(7));
        let first = one.next(Dialect::RestXml);
        assert_eq!(first.id, other.next(Dialect::RestXml).id);
        assert_ne!(first.id, one.next(Dialect::RestXml).id);
        assert_ne!(RequestIds::new(8).next(Dialect::RestXml).id, first.id);
        assert_eq!(first.id.len(), 16);
        assert_eq!(one.next(Dialect::Json("1.1")).id.len(), 36);
    }

    #[test]
    fn dates_are_of_rfc_7231() {
        assert_eq!(http_date(Moment::from_micros(784_111_777_000_000)), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
