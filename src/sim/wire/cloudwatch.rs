//! CloudWatch over Smithy RPC v2 CBOR and JSON 1.0: GetMetricData and ListMetrics for replication metrics.
//!
//! Covered is the namespace `AWS/S3` with its four replication metrics. What is published when is the world's affair:
//! the quick profile publishes every 5 s, the minute that is not over yet included, so that its values still grow; the
//! realistic profile publishes every 3 minutes a batch that ends minutes ago, and the next batch revises its newest
//! minute. A scripted fault of the edge refuses the whole request where all its series are of routes that have it, else
//! only their results (`Forbidden`, `InternalError`). Metric math, percentiles, PutMetricData, alarms, dashboards and
//! the old form protocol are not there.

mod list;
mod query;

use axum::body::Body;
use axum::response::Response;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use self::query::{DataRequest, Page, Token};
use super::auth::CallScope;
use super::document::{Document, from_cbor};
use super::refusal::{Dialect, Refusal};
use crate::sim::world::{Datapoint, EdgeSubject, Fault, MetricWindow, Moment, SeriesName, World};

/// The prefix of `x-amz-target`, and the service in the path of a CBOR call.
pub(super) const SERVICE: &str = "GraniteServiceVersion20100801";

/// Answers one CloudWatch call.
///
/// # Errors
/// CloudWatch's own refusals; 501 for what this simulation does not have.
pub(super) fn call(
    world: &mut World,
    now: Moment,
    scope: &CallScope,
    operation: &str,
    dialect: Dialect,
    body: &[u8],
) -> Result<Response, Refusal> {
    if !matches!(operation, "GetMetricData" | "ListMetrics") {
        return Err(Refusal::not_implemented(format!("{operation} is not part of this simulation")));
    }
    let unreadable = |problem: String| Refusal::bad_request("SerializationException", problem);
    let input = match dialect {
        Dialect::Cbor => from_cbor(body).map_err(unreadable)?,
        Dialect::Json(_) => serde_json::from_slice(body).map_err(|error| unreadable(error.to_string()))?,
        Dialect::RestXml | Dialect::Query(_) => {
            return Err(Refusal::not_implemented("CloudWatch's form protocol is not part of this simulation"));
        }
    };
    let output = if operation == "ListMetrics" {
        list::metrics(world, now, scope, &input)?
    } else {
        metric_data(world, now, scope, &input)?
    };
    let (content_type, body) = match dialect {
        Dialect::Cbor => ("application/cbor", output.to_cbor()),
        Dialect::Json(_) | Dialect::RestXml | Dialect::Query(_) => {
            ("application/x-amz-json-1.0", output.to_json().to_string().into_bytes())
        }
    };
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if dialect == Dialect::Cbor {
        response.headers_mut().insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
    }
    Ok(response)
}

/// The series that a call asks for, for faults that act on the routes of them all.
pub(super) fn named_series(body: &[u8], dialect: Dialect) -> Vec<SeriesName> {
    let input = match dialect {
        Dialect::Cbor => from_cbor(body).ok(),
        Dialect::Json(_) => serde_json::from_slice(body).ok(),
        Dialect::RestXml | Dialect::Query(_) => None,
    };
    input.as_ref().map(query::named_series).unwrap_or_default()
}

/// `ValidationError`, status 400.
fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::bad_request("ValidationError", message.into())
}

/// A page of GetMetricData. Results that do not fit any more follow on the next page; one that was begun says
/// PartialData.
fn metric_data(world: &mut World, now: Moment, scope: &CallScope, input: &Value) -> Result<Document, Refusal> {
    let request = DataRequest::read(input)?;
    let digest = request.digest(scope);
    let token = match request.token.as_deref() {
        None => Token { as_of: now, query: 0, point: 0 },
        Some(text) => Token::read(text, &digest)
            .filter(|token| token.as_of <= now)
            .ok_or_else(|| Refusal::bad_request("InvalidNextToken", "The next token specified is invalid."))?,
    };
    let mut page = Page::new(request.most_datapoints);
    let mut results = Vec::new();
    let mut next = None;
    for (index, query) in request.queries.iter().enumerate().skip(token.query) {
        if !query.returned {
            continue;
        }
        if page.is_full() {
            next = Some(Token { query: index, point: 0, ..token });
            break;
        }
        let window = MetricWindow { start: request.start, end: request.end, period: query.period, as_of: token.as_of };
        let mut points = query.subject.as_ref().map_or_else(Vec::new, |(metric, name)| {
            world.datapoints(now, (&scope.caller.account, &scope.region), *metric, name, &window)
        });
        let refused = query.subject.as_ref().and_then(|(_, name)| refused_by_fault(world, now, name));
        if refused.is_some() || query.account.as_ref().is_some_and(|account| *account != scope.caller.account) {
            points.clear();
        }
        if !request.ascending {
            points.reverse();
        }
        let skipped = if index == token.query { token.point } else { 0 };
        let taken = page.take(points.len().saturating_sub(skipped));
        let rest = skipped + taken < points.len();
        let part = points.get(skipped..skipped + taken).unwrap_or_default();
        let status = refused.unwrap_or(if rest { "PartialData" } else { "Complete" });
        results.push(result(query, part, status));
        if rest {
            next = Some(Token { query: index, point: skipped + taken, ..token });
            break;
        }
    }
    let mut fields = vec![("MetricDataResults", Document::List(results)), ("Messages", Document::List(Vec::new()))];
    fields.extend(next.map(|token| ("NextToken", Document::Text(token.write(&digest)))));
    Ok(Document::Map(fields))
}

/// The status of one result among others whose routes are well: a request is refused as a whole only where all that it
/// asks for is on routes with the fault.
fn refused_by_fault(world: &mut World, now: Moment, name: &SeriesName) -> Option<&'static str> {
    let faults = world.edge_faults(now, EdgeSubject::Series(std::slice::from_ref(name)));
    let has = |any: &[Fault]| any.iter().any(|fault| faults.has(*fault));
    if has(&[Fault::AccessDenied, Fault::ExpiredToken]) {
        Some("Forbidden")
    } else {
        has(&[Fault::Throttled, Fault::TimeOuts, Fault::DroppedConnections]).then_some("InternalError")
    }
}

fn result(query: &query::Query, points: &[Datapoint], status: &str) -> Document {
    let seconds = |point: &Datapoint| Document::Time(point.at.seconds() as f64);
    let value = |point: &Datapoint| Document::Number(query.statistic.of(point));
    Document::Map(vec![
        ("Id", Document::Text(query.id.clone())),
        ("Label", Document::Text(query.label.clone())),
        ("Timestamps", Document::List(points.iter().map(seconds).collect())),
        ("Values", Document::List(points.iter().map(value).collect())),
        ("StatusCode", Document::Text(status.to_owned())),
    ])
}
