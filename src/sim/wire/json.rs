//! What the JSON services share: a body that is one object, and an answer that is another.

use axum::body::Body;
use axum::response::Response;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use super::refusal::Refusal;

/// Reads the body of a call; an empty one is an object without members.
///
/// # Errors
/// `SerializationException` for anything that is not an object.
pub(super) fn object(body: &[u8]) -> Result<Value, Refusal> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    match serde_json::from_slice(body) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) | Err(_) => Err(Refusal::bad_request("SerializationException", "the body is not a JSON object")),
    }
}

/// Writes an answer of this content type. An operation without output answers with an empty body.
pub(super) fn answer(content_type: &'static str, output: &Value) -> Response {
    let body = if output.is_null() { Body::empty() } else { Body::from(output.to_string()) };
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
