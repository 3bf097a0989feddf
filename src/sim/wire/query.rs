//! The query protocol of STS and IAM: a form in, XML out.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::response::Response;
use http::HeaderValue;
use http::header::CONTENT_TYPE;

use super::refusal::Refusal;
use super::text::{form_pairs, xml_escape};

/// The parameters of a request.
#[derive(Debug, Clone)]
pub(super) struct Form {
    fields: BTreeMap<String, String>,
}

impl Form {
    /// Reads the body of a POST.
    pub(super) fn read(body: &[u8]) -> Self {
        Self { fields: form_pairs(&String::from_utf8_lossy(body)).into_iter().collect() }
    }

    /// The value of a parameter; an empty one counts as absent.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The value of a parameter that must be there.
    ///
    /// # Errors
    /// `ValidationError`, naming the parameter.
    pub(super) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| {
            let mut member = name.to_owned();
            if let Some(first) = member.get_mut(..1) {
                first.make_ascii_lowercase();
            }
            invalid(format!(
                "1 validation error detected: Value null at '{member}' failed to satisfy constraint: \
                             Member must not be null"
            ))
        })
    }

    /// The values of a list: `NAME.member.1`, `NAME.member.2` and so on.
    pub(super) fn members(&self, name: &str) -> Vec<String> {
        let value = |number: usize| self.fields.get(&format!("{name}.member.{number}")).cloned();
        (1..).map_while(value).collect()
    }
}

/// The page of a list that `MaxItems` and `Marker` ask for, under the name `list`, each item in a `member`.
///
/// # Errors
/// `ValidationError` for a page size that is none, `InvalidInput` for a marker that no answer gave.
pub(super) fn page<T>(form: &Form, list: &str, items: &[T], item: impl Fn(&T) -> String) -> Result<String, Refusal> {
    let most = match form.get("MaxItems") {
        None => 100,
        Some(text) => text.parse().ok().filter(|most| (1..=1000).contains(most)).ok_or_else(|| {
            invalid(format!(
                "1 validation error detected: Value '{text}' at 'maxItems' failed to satisfy constraint: Member must \
                 have value between 1 and 1000"
            ))
        })?,
    };
    let first = match form.get("Marker") {
        None => 0,
        Some(text) => text
            .strip_prefix(MARKER)
            .and_then(|place| place.parse::<usize>().ok())
            .filter(|place| *place <= items.len())
            .ok_or_else(|| Refusal::bad_request("InvalidInput", format!("Invalid Marker: {text}")))?,
    };
    let members: String =
        items.iter().skip(first).take(most).map(|row| format!("<member>{}</member>", item(row))).collect();
    let next = first.saturating_add(most);
    let more = next < items.len();
    let marker = if more { element("Marker", &format!("{MARKER}{next}")) } else { String::new() };
    Ok(format!("<{list}>{members}</{list}>{}{marker}", element("IsTruncated", if more { "true" } else { "false" })))
}

/// What a marker begins with; the number of the next item follows.
const MARKER: &str = "item-";

/// `ValidationError`, status 400.
pub(super) fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::bad_request("ValidationError", message.into())
}

/// One XML element with text.
pub(super) fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", xml_escape(text))
}

/// The answer to `action`; `result` is the content of its `Result` element.
pub(super) fn answer(action: &str, namespace: &str, result: &str, request_id: &str) -> Response {
    let body = format!(
        "<{action}Response xmlns=\"{namespace}\"><{action}Result>{result}</{action}Result><ResponseMetadata>{}\
         </ResponseMetadata></{action}Response>",
        element("RequestId", request_id)
    );
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded_and_the_missing_named() {
        let form =
            Form::read(b"Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&ExternalId=&Version=2011-06-15");
        assert_eq!(form.get("RoleArn"), Some("arn:aws:iam::1:role/r"));
        assert_eq!(form.get("ExternalId"), None);
        let refusal = form.required("RoleSessionName").unwrap_err();
        assert_eq!(refusal.code, "ValidationError");
        assert!(refusal.message.contains("'roleSessionName'"), "{}", refusal.message);
    }
}
