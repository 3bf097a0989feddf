//! Answers that refuse: one value, written in the dialect of the service that was called.

use std::borrow::Cow;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode};

use super::document::Document;
use super::text::xml_escape;
use crate::sim::world::WorldError;

/// The protocol in which a service answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// S3: REST with XML.
    RestXml,
    /// STS and IAM: form in, XML out, in this namespace.
    Query(&'static str),
    /// KMS and the other services with a `x-amz-target`: JSON, with this version of the content type.
    Json(&'static str),
    /// CloudWatch called with Smithy RPC v2 CBOR.
    Cbor,
}

/// An answer that refuses a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: Cow<'static, str>,
    /// Headers that belong to this refusal, e.g. `x-amz-bucket-region`.
    pub(super) headers: Vec<(&'static str, String)>,
    /// Further elements of S3's error document, e.g. `Region`.
    pub(super) fields: Vec<(&'static str, String)>,
}

impl Refusal {
    /// A refusal with its status, code and message.
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, message: message.into(), headers: Vec::new(), fields: Vec::new() }
    }

    /// A refusal with status 400.
    pub(super) fn bad_request(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// A refusal with status 403.
    pub(super) fn forbidden(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message)
    }

    /// A refusal with status 501: the simulator does not cover this.
    pub(super) fn not_implemented(what: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", what)
    }

    /// Adds a header to the answer.
    pub(super) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Adds an element to S3's error document.
    pub(super) fn with_field(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    /// Writes the refusal as `dialect` wants it.
    pub(super) fn into_response(self, dialect: Dialect, request_id: &str) -> Response {
        let (content_type, body) = match dialect {
            Dialect::RestXml => (String::from("application/xml"), self.rest_xml().into_bytes()),
            Dialect::Query(namespace) => (String::from("text/xml"), self.query_xml(namespace, request_id).into_bytes()),
            Dialect::Json(version) => (format!("application/x-amz-json-{version}"), self.json().into_bytes()),
            Dialect::Cbor => (String::from("application/cbor"), self.cbor()),
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        let headers = self.headers.iter().map(|(name, value)| (*name, value.as_str()));
        let error_type = matches!(dialect, Dialect::Json(_)).then_some(("x-amzn-errortype", self.code));
        let protocol = (dialect == Dialect::Cbor).then_some(("smithy-protocol", "rpc-v2-cbor"));
        // The services that once spoke the form protocol tell its codes beside their own.
        let once_form = matches!(dialect, Dialect::Cbor | Dialect::Json("1.0"));
        let query_error = once_form.then(|| self.query_error());
        let query_error = query_error.as_deref().map(|value| ("x-amzn-query-error", value));
        let ours = [("content-type", content_type.as_str())];
        for (name, value) in headers.chain(error_type).chain(protocol).chain(query_error).chain(ours) {
            if let Ok(value) = HeaderValue::from_str(value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }

    fn rest_xml(&self) -> String {
        let fields: String = self.fields.iter().map(|(name, value)| element(name, value)).collect();
        let (code, message) = (element("Code", self.code), element("Message", &self.message));
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>{code}{message}{fields}</Error>")
    }

    fn query_xml(&self, namespace: &str, request_id: &str) -> String {
        let kind = if self.status.is_server_error() { "Receiver" } else { "Sender" };
        let (kind, code, message) =
            (element("Type", kind), element("Code", self.code), element("Message", &self.message));
        let id = element("RequestId", request_id);
        format!("<ErrorResponse xmlns=\"{namespace}\"><Error>{kind}{code}{message}</Error>{id}</ErrorResponse>")
    }

    /// Code and fault as the form protocol had them.
    fn query_error(&self) -> String {
        let fault = if self.status.is_server_error() { "Receiver" } else { "Sender" };
        let code = match self.code {
            "UnrecognizedClientException" => "InvalidClientTokenId",
            "InvalidSignatureException" => "SignatureDoesNotMatch",
            "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue",
            other => other.strip_suffix("Exception").unwrap_or(other),
        };
        format!("{code};{fault}")
    }

    fn cbor(&self) -> Vec<u8> {
        let kind = Document::Text(format!("com.amazonaws.cloudwatch#{}", self.code));
        Document::Map(vec![("__type", kind), ("message", Document::Text(self.message.to_string()))]).to_cbor()
    }

    fn json(&self) -> String {
        serde_json::json!({ "__type": self.code, "message": self.message }).to_string()
    }
}

impl From<WorldError> for Refusal {
    fn from(error: WorldError) -> Self {
        let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let (message, headers, fields) = (error.message.into(), error.headers, error.elements);
        Self { status, code: error.code, message, headers, fields }
    }
}

fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", xml_escape(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal() -> Refusal {
        Refusal::forbidden("AccessDenied", "not <you>").with_field("Region", "eu-west-1")
    }

    #[test]
    fn each_dialect_has_its_own_shape() {
        assert_eq!(
            refusal().rest_xml(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code>\
             <Message>not &lt;you&gt;</Message><Region>eu-west-1</Region></Error>"
        );
        assert_eq!(
            refusal().query_xml("urn:x", "id-1"),
            "<ErrorResponse xmlns=\"urn:x\"><Error><Type>Sender</Type><Code>AccessDenied</Code>\
             <Message>not &lt;you&gt;</Message></Error><RequestId>id-1</RequestId></ErrorResponse>"
        );
        assert_eq!(refusal().json(), r#"{"__type":"AccessDenied","message":"not <you>"}"#);
    }

    #[test]
    fn headers_and_status_reach_the_answer() {
        let response =
            refusal().with_header("x-amz-bucket-region", "eu-west-1").into_response(Dialect::Json("1.1"), "id");
        assert_eq!(response.status(), 403);
        assert_eq!(response.headers()["x-amz-bucket-region"], "eu-west-1");
        assert_eq!(response.headers()["content-type"], "application/x-amz-json-1.1");
        assert_eq!(response.headers()["x-amzn-errortype"], "AccessDenied");
    }
}
