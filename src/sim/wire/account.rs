//! S3 Control: the public access block of a whole account, the one thing of that service which this world has.

use axum::body::Body;
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use s3s::dto::PublicAccessBlockConfiguration;
use s3s::xml::{Deserialize as _, Deserializer};

use super::auth::CallScope;
use super::refusal::Refusal;
use super::sigv4::header;
use super::text::xml_escape;
use crate::sim::world::{Moment, PublicAccessBlock, World};

/// Where the configuration is (`GetPublicAccessBlock`, S3 Control API reference).
const PATH: &str = "/v20180820/configuration/publicAccessBlock";
/// The account that a call is about.
const ACCOUNT_ID: &str = "x-amz-account-id";
const NAMESPACE: &str = "http://awss3control.amazonaws.com/doc/2018-08-20/";

/// Whether a request that is signed for S3 is for S3 Control.
pub(super) fn is_meant(parts: &Parts) -> bool {
    parts.uri.path() == PATH && header(parts, ACCOUNT_ID).is_some()
}

/// Answers one call.
///
/// # Errors
/// `MalformedXML`; 501 for other methods. What the account refuses is an answer, for S3 Control wraps its errors.
pub(super) fn call(
    world: &mut World,
    now: Moment,
    scope: &CallScope,
    parts: &Parts,
    body: &[u8],
    request_id: &str,
) -> Result<Response, Refusal> {
    let (caller, account) = (&scope.caller, header(parts, ACCOUNT_ID).unwrap_or_default());
    let done = match parts.method {
        Method::GET => world.account_public_access(now, caller, account).map(|block| (StatusCode::OK, shown(block))),
        Method::PUT => {
            let block = read(body)?;
            let put = world.put_account_public_access(now, caller, account, Some(block));
            put.map(|()| (StatusCode::OK, String::new()))
        }
        Method::DELETE => {
            let deleted = world.put_account_public_access(now, caller, account, None);
            deleted.map(|()| (StatusCode::NO_CONTENT, String::new()))
        }
        ref other => return Err(Refusal::not_implemented(format!("{other} of a public access block"))),
    };
    let (status, text) = done.unwrap_or_else(|error| wrapped(&error.into(), request_id));
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    Ok(response)
}

fn shown(block: PublicAccessBlock) -> String {
    let fields = [
        ("BlockPublicAcls", block.block_public_acls),
        ("IgnorePublicAcls", block.ignore_public_acls),
        ("BlockPublicPolicy", block.block_public_policy),
        ("RestrictPublicBuckets", block.restrict_public_buckets),
    ];
    let fields: String = fields.iter().map(|(name, is_on)| format!("<{name}>{is_on}</{name}>")).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PublicAccessBlockConfiguration xmlns=\"{NAMESPACE}\">{fields}\
         </PublicAccessBlockConfiguration>"
    )
}

/// What is not given is off.
fn read(body: &[u8]) -> Result<PublicAccessBlock, Refusal> {
    let given = PublicAccessBlockConfiguration::deserialize(&mut Deserializer::new(body)).map_err(|_| {
        let message = "The XML you provided was not well-formed or did not validate against our published schema";
        Refusal::bad_request("MalformedXML", message)
    })?;
    Ok(PublicAccessBlock {
        block_public_acls: given.block_public_acls == Some(true),
        ignore_public_acls: given.ignore_public_acls == Some(true),
        block_public_policy: given.block_public_policy == Some(true),
        restrict_public_buckets: given.restrict_public_buckets == Some(true),
    })
}

fn wrapped(refusal: &Refusal, request_id: &str) -> (StatusCode, String) {
    let element = |name: &str, text: &str| format!("<{name}>{}</{name}>", xml_escape(text));
    let fields: String = refusal.fields.iter().map(|(name, value)| element(name, value)).collect();
    let (code, message) = (element("Code", refusal.code), element("Message", &refusal.message));
    let id = element("RequestId", request_id);
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    (refusal.status, format!("{head}<ErrorResponse><Error>{code}{message}{fields}</Error>{id}</ErrorResponse>"))
}
