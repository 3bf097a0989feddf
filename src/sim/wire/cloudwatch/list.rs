//! ListMetrics: which metrics an account has in a Region.

use serde_json::Value;

use super::super::auth::CallScope;
use super::super::document::Document;
use super::super::refusal::Refusal;
use super::invalid;
use super::query::text;
use crate::sim::world::{Metric, Moment, SeriesName, World};

/// Metrics on one page (API ListMetrics).
const PAGE: usize = 500;

/// Answers ListMetrics; the token is the number of metrics told so far.
///
/// # Errors
/// `InvalidParameterValue` for a token that is none, `ValidationError` for malformed filters.
pub(super) fn metrics(world: &mut World, now: Moment, scope: &CallScope, input: &Value) -> Result<Document, Refusal> {
    let filters = filters(input)?;
    let wanted = |(metric, name): &(Metric, SeriesName)| {
        let own = dimensions(name);
        let has = |(key, value): &(String, Option<String>)| {
            own.iter().any(|(name, own)| name == key && value.as_ref().is_none_or(|value| value == own))
        };
        text(input, "Namespace").is_none_or(|namespace| namespace == "AWS/S3")
            && text(input, "MetricName").is_none_or(|name| name == metric.name())
            && filters.iter().all(has)
    };
    let mut all = world.metrics(now, &scope.caller.account, &scope.region);
    all.retain(wanted);
    let first = match text(input, "NextToken") {
        None => 0,
        Some(token) => token
            .parse::<usize>()
            .ok()
            .filter(|first| *first < all.len())
            .ok_or_else(|| Refusal::bad_request("InvalidParameterValue", "Request pagination token is invalid"))?,
    };
    let page = all.iter().skip(first).take(PAGE);
    let mut fields = vec![("Metrics", Document::List(page.map(row).collect()))];
    if first + PAGE < all.len() {
        fields.push(("NextToken", Document::Text((first + PAGE).to_string())));
    }
    Ok(Document::Map(fields))
}

fn filters(input: &Value) -> Result<Vec<(String, Option<String>)>, Refusal> {
    let none = Vec::new();
    let given = input.get("Dimensions").and_then(Value::as_array).unwrap_or(&none);
    let filter = |dimension: &Value| {
        let name = text(dimension, "Name").ok_or_else(|| invalid("The parameter Dimensions.member.Name is required."));
        Ok((name?.to_owned(), text(dimension, "Value").map(str::to_owned)))
    };
    given.iter().map(filter).collect()
}

fn dimensions(name: &SeriesName) -> [(&'static str, &str); 3] {
    [("SourceBucket", &name.source), ("DestinationBucket", &name.destination), ("RuleId", &name.rule)]
}

fn row((metric, name): &(Metric, SeriesName)) -> Document {
    let dimension = |(name, value): (&str, &str)| {
        Document::Map(vec![("Name", Document::Text(name.to_owned())), ("Value", Document::Text(value.to_owned()))])
    };
    Document::Map(vec![
        ("Namespace", Document::Text("AWS/S3".to_owned())),
        ("MetricName", Document::Text(metric.name().to_owned())),
        ("Dimensions", Document::List(dimensions(name).map(dimension).into())),
    ])
}
