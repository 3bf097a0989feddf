//! What an HTTP answer of failure says, by code where there is one, else by status.

use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::http::Headers;

use super::codes;
use crate::domain::object::Trouble;

/// An answer of failure.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer<'a> {
    /// Its HTTP status.
    pub(super) status: u16,
    headers: &'a Headers,
}

impl<'a> Answer<'a> {
    /// Looks at a response.
    pub(super) fn new(response: &'a HttpResponse) -> Self {
        Self { status: response.status().as_u16(), headers: response.headers() }
    }

    /// `x-amz-request-id` of S3, `x-amzn-requestid` of the others.
    pub(super) fn request_id(&self) -> Option<String> {
        self.headers.get("x-amz-request-id").or_else(|| self.headers.get("x-amzn-requestid")).map(str::to_owned)
    }

    /// `Retry-After` in seconds; dates are not used by AWS.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        self.headers.get("retry-after")?.trim().parse().ok().map(Duration::from_secs)
    }

    /// The kind of this failure. `code` is the error code of the body, if there was one: answers to HEAD have none.
    pub(super) fn trouble(&self, code: Option<&str>, region: &str) -> Trouble {
        if let Some(trouble) = code.and_then(codes::trouble) {
            return trouble;
        }
        if code.is_none() && self.is_foreign() {
            return self.of_foreign();
        }
        match self.status {
            300..=399 => self.of_redirect(),
            400 if self.is_elsewhere(region) => Trouble::WrongRegion,
            401 => Trouble::BadCredentials,
            403 => Trouble::AccessDenied,
            404 => Trouble::NotFound,
            405 => Trouble::MethodNotAllowed,
            407 => Trouble::ConnectionFailed,
            412 => Trouble::Exists,
            429 => Trouble::Throttled,
            501 => Trouble::Refused,
            // Without a body S3 cannot say SlowDown, but that is what its 503 means.
            503 if code.is_none() && self.is_amazonian() => Trouble::Throttled,
            500..=599 => Trouble::ServerError,
            400..=499 => Trouble::Refused,
            _ => Trouble::BadAnswer,
        }
    }

    fn of_redirect(&self) -> Trouble {
        match self.status {
            301 | 307 | 308 => Trouble::WrongRegion,
            _ => Trouble::BadAnswer,
        }
    }

    /// A page of a proxy, load balancer or portal says nothing about the object.
    fn of_foreign(&self) -> Trouble {
        match self.status {
            407 => Trouble::ConnectionFailed,
            429 => Trouble::Throttled,
            500..=599 => Trouble::ServerError,
            _ => Trouble::BadAnswer,
        }
    }

    /// Whether the answer is a page for people and bears no mark of S3. Neither mark alone suffices: simple servers
    /// send no `x-amz-` header, and answers without a body no content type.
    fn is_foreign(&self) -> bool {
        let is_page = self.headers.get("content-type").is_some_and(|kind| {
            let kind = kind.trim_start().to_ascii_lowercase();
            kind.starts_with("text/html") || kind.starts_with("text/plain")
        });
        is_page && !self.is_amazonian()
    }

    fn is_amazonian(&self) -> bool {
        self.headers.iter().any(|(name, _)| name.starts_with("x-amz"))
    }

    fn is_elsewhere(&self, region: &str) -> bool {
        self.headers.get("x-amz-bucket-region").is_some_and(|home| home != region)
    }
}
