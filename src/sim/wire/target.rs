//! What a request is about: the service and, for S3, the bucket, however the client wrote them.

use http::Uri;
use http::header::{AUTHORIZATION, HOST, HeaderName};
use http::request::Parts;

use super::refusal::{Dialect, Refusal};
use super::sigv4::{Claim, header};
use super::text::{percent_decode, percent_encode};
use super::{account, cloudwatch, iam, kms, sqs, sts};
use crate::sim::world::{EdgeSubject, SeriesName};

/// Query parameters of presigned URLs, which are the signature's and not the operation's.
const PRESIGNED: [&str; 7] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
];

/// A service and what it needs to know of the request's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Service {
    /// S3, with the bucket that the host names where it does.
    S3 { host_bucket: Option<String> },
    /// S3 Control, about an account.
    S3Control,
    /// KMS, with `x-amz-target`.
    Kms(String),
    /// CloudWatch, with the operation and the protocol that it was called in.
    CloudWatch { operation: String, dialect: Dialect },
    /// SQS, with the operation.
    Sqs(String),
    /// STS.
    Sts,
    /// IAM.
    Iam,
    /// Any other, with its dialect: it is refused.
    Other { name: String, dialect: Dialect },
}

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) service: Service,
    path: String,
    /// The query without what belongs to a presigned signature.
    query: String,
    /// Region of the signature.
    region: String,
}

/// The thing that a call names, kept for [`EdgeSubject`] to borrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    Bucket(String),
    Key(String),
    Role(String),
    Queue(String),
    Series(Vec<SeriesName>),
    Nothing,
}

impl Named {
    /// As the world's faults want it.
    pub(super) fn subject(&self) -> EdgeSubject<'_> {
        match self {
            Self::Bucket(name) => EdgeSubject::Bucket(name),
            Self::Key(name) => EdgeSubject::Key(name),
            Self::Role(name) => EdgeSubject::Role(name),
            Self::Queue(arn) => EdgeSubject::Queue(arn),
            Self::Series(names) => EdgeSubject::Series(names),
            Self::Nothing => EdgeSubject::None,
        }
    }
}

impl Target {
    /// Reads the target from the signature's scope; without a signature, from the shape of the request.
    pub(super) fn of(claim: Option<&Claim>, parts: &Parts) -> Self {
        let operation = header(parts, "x-amz-target");
        let guessed = match operation {
            Some(operation) if operation.starts_with("TrentService.") => "kms",
            Some(operation) if operation.starts_with(cloudwatch::SERVICE) => "monitoring",
            Some(operation) if operation.starts_with(sqs::SERVICE) => "sqs",
            None if parts.uri.path().starts_with("/service/") && is_cbor(parts) => "monitoring",
            Some(_) => "an unsigned JSON service",
            None if is_form(parts) && parts.uri.path() == "/" => "sts",
            None => "s3",
        };
        let service = match claim.map_or(guessed, |claim| claim.service.as_str()) {
            "s3" if account::is_meant(parts) => Service::S3Control,
            "s3" => Service::S3 { host_bucket: host_bucket(parts) },
            "kms" => Service::Kms(operation.unwrap_or_default().to_owned()),
            "monitoring" => cloudwatch_call(parts, operation),
            "sqs" => Service::Sqs(operation_of(operation).to_owned()),
            "sts" => Service::Sts,
            "iam" => Service::Iam,
            other => Service::Other { name: other.to_owned(), dialect: foreign_dialect(parts) },
        };
        let query: Vec<&str> = parts.uri.query().unwrap_or("").split('&').filter(is_operation).collect();
        let region = claim.map_or("", |claim| claim.region.as_str()).to_owned();
        Self { service, path: parts.uri.path().to_owned(), query: query.join("&"), region }
    }

    /// The protocol of the answers.
    pub(super) fn dialect(&self) -> Dialect {
        match &self.service {
            Service::S3 { .. } | Service::S3Control => Dialect::RestXml,
            Service::Kms(_) => Dialect::Json("1.1"),
            Service::Sqs(_) => Dialect::Json("1.0"),
            Service::Sts => Dialect::Query(sts::NAMESPACE),
            Service::Iam => Dialect::Query(iam::NAMESPACE),
            Service::CloudWatch { dialect, .. } | Service::Other { dialect, .. } => *dialect,
        }
    }

    /// Path and query, for the log: nothing of a signature is in it.
    pub(super) fn address(&self) -> String {
        format!("{}?{}", self.path, self.query)
    }

    /// The service's name, for the log.
    pub(super) fn service_name(&self) -> &str {
        match &self.service {
            Service::S3 { .. } => "s3",
            Service::S3Control => "s3control",
            Service::Kms(_) => "kms",
            Service::CloudWatch { .. } => "monitoring",
            Service::Sqs(_) => "sqs",
            Service::Sts => "sts",
            Service::Iam => "iam",
            Service::Other { name, .. } => name,
        }
    }

    /// What a call with this `body` names.
    pub(super) fn names(&self, body: &[u8]) -> Named {
        match &self.service {
            Service::S3 { .. } => self.bucket().map_or(Named::Nothing, Named::Bucket),
            Service::Kms(_) => kms::named_key(body).map_or(Named::Nothing, Named::Key),
            Service::Sts | Service::Iam => sts::named_role(body).map_or(Named::Nothing, Named::Role),
            Service::Sqs(_) => sqs::named_queue(body, &self.region).map_or(Named::Nothing, Named::Queue),
            Service::CloudWatch { dialect, .. } => Named::Series(cloudwatch::named_series(body, *dialect)),
            Service::S3Control | Service::Other { .. } => Named::Nothing,
        }
    }

    /// Takes away what signatures and transfer encodings left, and writes the bucket into the path.
    ///
    /// # Errors
    /// `InvalidURI` when the address cannot be written so.
    pub(super) fn strip(&self, parts: &mut Parts) -> Result<(), Refusal> {
        parts.headers.remove(AUTHORIZATION);
        for name in ["x-amz-content-sha256", "x-amz-decoded-content-length", "x-amz-trailer", "expect"] {
            parts.headers.remove(HeaderName::from_static(name));
        }
        let path = match &self.service {
            Service::S3 { host_bucket: Some(bucket) } => {
                format!("/{}{}", percent_encode(bucket.as_bytes(), false), self.path)
            }
            Service::S3 { host_bucket: None }
            | Service::S3Control
            | Service::Kms(_)
            | Service::CloudWatch { .. }
            | Service::Sqs(_)
            | Service::Sts
            | Service::Iam
            | Service::Other { .. } => self.path.clone(),
        };
        let address = if self.query.is_empty() { path } else { format!("{path}?{}", self.query) };
        parts.uri = address
            .parse::<Uri>()
            .map_err(|_| Refusal::bad_request("InvalidURI", "Couldn't parse the specified URI."))?;
        Ok(())
    }

    fn bucket(&self) -> Option<String> {
        if let Service::S3 { host_bucket: Some(bucket) } = &self.service {
            return Some(bucket.clone());
        }
        let first = self.path.trim_start_matches('/').split('/').next().unwrap_or_default();
        let name = String::from_utf8_lossy(&percent_decode(first)).into_owned();
        Some(name).filter(|name| !name.is_empty())
    }
}

fn is_operation(pair: &&str) -> bool {
    let name = pair.split('=').next().unwrap_or_default();
    !name.is_empty() && !PRESIGNED.contains(&name)
}

fn is_form(parts: &Parts) -> bool {
    header(parts, "content-type").is_some_and(|text| text.starts_with("application/x-www-form-urlencoded"))
}

fn is_cbor(parts: &Parts) -> bool {
    header(parts, "content-type") == Some("application/cbor")
}

fn cloudwatch_call(parts: &Parts, operation: Option<&str>) -> Service {
    let in_path = parts.uri.path().strip_prefix("/service/").and_then(|rest| rest.split_once("/operation/"));
    let (operation, dialect) = match in_path {
        Some((cloudwatch::SERVICE, operation)) if is_cbor(parts) => (operation, Dialect::Cbor),
        Some(_) | None if is_form(parts) => {
            ("a form", Dialect::Query("http://monitoring.amazonaws.com/doc/2010-08-01/"))
        }
        Some(_) | None => (operation_of(operation), Dialect::Json("1.0")),
    };
    Service::CloudWatch { operation: operation.to_owned(), dialect }
}

/// The operation in `x-amz-target`, behind the name of the service.
fn operation_of(target: Option<&str>) -> &str {
    target.and_then(|target| target.split_once('.')).map_or("a call without x-amz-target", |(_, operation)| operation)
}

fn foreign_dialect(parts: &Parts) -> Dialect {
    match header(parts, "content-type").unwrap_or_default() {
        "application/x-amz-json-1.0" => Dialect::Json("1.0"),
        "application/x-amz-json-1.1" => Dialect::Json("1.1"),
        text if text.starts_with("application/x-www-form-urlencoded") => Dialect::Query(sts::NAMESPACE),
        _ => Dialect::RestXml,
    }
}

/// The bucket of a virtual-hosted-style address: `bucket.localhost` or `bucket.s3.localhost`.
fn host_bucket(parts: &Parts) -> Option<String> {
    let host = parts.headers.get(HOST)?.to_str().ok()?;
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let bucket = name.strip_suffix(".localhost")?;
    let bucket = bucket.strip_suffix(".s3").unwrap_or(bucket);
    (!bucket.is_empty() && bucket != "s3").then(|| bucket.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(host: &str, uri: &str) -> (Target, Parts) {
        let parts = http::Request::builder().uri(uri).header("host", host).body(()).unwrap().into_parts().0;
        (Target::of(None, &parts), parts)
    }

    #[test]
    fn the_bucket_is_found_in_path_and_host() {
        assert_eq!(target("127.0.0.1:9000", "/b%2Dc/key?x").0.bucket().as_deref(), Some("b-c"));
        assert_eq!(target("photos.localhost:9000", "/key").0.bucket().as_deref(), Some("photos"));
        assert_eq!(target("photos.s3.localhost", "/key").0.bucket().as_deref(), Some("photos"));
        assert_eq!(target("localhost:9000", "/").0.bucket(), None);
        assert_eq!(target("s3.localhost", "/").0.bucket(), None);
    }

    #[test]
    fn stripping_leaves_the_operation() {
        let (target, mut parts) = target("photos.localhost", "/a%20b?versionId=1&X-Amz-Signature=x&tagging");
        target.strip(&mut parts).unwrap();
        assert_eq!(parts.uri, "/photos/a%20b?versionId=1&tagging");
    }
}
