//! What GetMetricData asks, checked; and the tokens that lead from page to page.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_smithy_types::base64;
use serde_json::Value;

use super::super::auth::CallScope;
use super::super::refusal::Refusal;
use super::super::text::sha256_hex;
use super::invalid;
use crate::sim::world::{Datapoint, Metric, Moment, SeriesName};

/// The most queries of one call (API GetMetricData).
const QUERIES_MAX: usize = 500;
/// The most datapoints of one answer (API GetMetricData).
const DATAPOINTS_MAX: usize = 100_800;
/// The longest period, a day, in seconds.
const PERIOD_MAX: u64 = 86_400;

/// A statistic of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Statistic {
    Sum,
    SampleCount,
    Average,
    Minimum,
    Maximum,
}

impl Statistic {
    /// Its value; every period has at least one sample.
    pub(super) fn of(self, point: &Datapoint) -> f64 {
        match self {
            Self::Sum => point.sum,
            Self::SampleCount => point.samples,
            Self::Average => point.sum / point.samples,
            Self::Minimum => point.minimum,
            Self::Maximum => point.maximum,
        }
    }

    fn read(name: &str) -> Result<Self, Refusal> {
        match name {
            "Sum" => Ok(Self::Sum),
            "SampleCount" => Ok(Self::SampleCount),
            "Average" => Ok(Self::Average),
            "Minimum" => Ok(Self::Minimum),
            "Maximum" => Ok(Self::Maximum),
            other if is_extended(other) => {
                Err(Refusal::not_implemented(format!("the statistic {other} is not part of this simulation")))
            }
            other => Err(invalid(format!("The value {other} for parameter Stat is not a valid statistic."))),
        }
    }
}

/// Percentiles, trimmed means and their kin: `p99`, `tm95`, `IQM`, `PR(10:20)`.
fn is_extended(name: &str) -> bool {
    let kinds = ["p", "tm", "wm", "tc", "ts", "PR", "TM", "WM", "TC", "TS"];
    let figure = |rest: &str| rest.starts_with(|first: char| first.is_ascii_digit() || first == '(');
    name == "IQM" || kinds.iter().any(|kind| name.strip_prefix(kind).is_some_and(figure))
}

/// One query.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Query {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) returned: bool,
    pub(super) account: Option<String>,
    pub(super) period: Duration,
    pub(super) statistic: Statistic,
    /// `None` for a metric that cannot exist here.
    pub(super) subject: Option<(Metric, SeriesName)>,
}

impl Query {
    fn read(input: &Value) -> Result<Self, Refusal> {
        let id = text(input, "Id").ok_or_else(|| null("metricDataQueries.member.id"))?;
        let mut letters = id.chars();
        let first = letters.next().is_some_and(|first| first.is_ascii_lowercase());
        if !first || id.len() > 255 || !letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
            return Err(invalid(format!(
                "The value {id} for parameter MetricDataQueries.member.Id is not matching the expected pattern \
                 ^[a-z][a-zA-Z0-9_]*$."
            )));
        }
        if text(input, "Expression").is_some() {
            return Err(Refusal::not_implemented("metric math is not part of this simulation"));
        }
        let stat = input.get("MetricStat").filter(|stat| stat.is_object());
        let stat = stat.ok_or_else(|| invalid("Either the parameter Expression or MetricStat must be specified."))?;
        let metric = stat.get("Metric").filter(|metric| metric.is_object());
        let metric = metric.ok_or_else(|| null("metricDataQueries.member.metricStat.metric"))?;
        let statistic =
            Statistic::read(text(stat, "Stat").ok_or_else(|| null("metricDataQueries.member.metricStat.stat"))?)?;
        let name = text(metric, "MetricName").unwrap_or_default();
        let subject =
            subject(metric, name).filter(|(metric, _)| text(stat, "Unit").is_none_or(|unit| unit == metric.unit()));
        Ok(Self {
            id: id.to_owned(),
            label: text(input, "Label").unwrap_or(name).to_owned(),
            returned: input.get("ReturnData").and_then(Value::as_bool) != Some(false),
            account: text(input, "AccountId").map(str::to_owned),
            period: period(stat)?,
            statistic,
            subject,
        })
    }
}

/// A whole GetMetricData.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DataRequest {
    pub(super) queries: Vec<Query>,
    pub(super) start: Moment,
    pub(super) end: Moment,
    pub(super) ascending: bool,
    pub(super) most_datapoints: usize,
    pub(super) token: Option<String>,
    /// What every page of one request must repeat.
    identity: String,
}

impl DataRequest {
    pub(super) fn read(input: &Value) -> Result<Self, Refusal> {
        let queries = input.get("MetricDataQueries").and_then(Value::as_array).filter(|all| !all.is_empty());
        let queries = queries.ok_or_else(|| invalid("The parameter MetricDataQueries is required."))?;
        if queries.len() > QUERIES_MAX {
            return Err(invalid(format!(
                "The collection MetricDataQueries must not have a size greater than {QUERIES_MAX}."
            )));
        }
        let read: Vec<Query> = queries.iter().map(Query::read).collect::<Result<_, _>>()?;
        let mut ids = BTreeSet::new();
        if let Some(twice) = read.iter().find(|query| !ids.insert(query.id.as_str())) {
            return Err(invalid(format!("The value {} for parameter Id is not unique.", twice.id)));
        }
        let (start, end) = (instant(input, "StartTime")?, instant(input, "EndTime")?);
        if start >= end {
            return Err(invalid("The parameter StartTime must be less than the parameter EndTime."));
        }
        let ascending = match text(input, "ScanBy") {
            None | Some("TimestampDescending") => false,
            Some("TimestampAscending") => true,
            Some(other) => return Err(invalid(format!("The value {other} for parameter ScanBy is not valid."))),
        };
        let identity = format!("{}|{}|{}|{ascending}", Value::from(queries.clone()), start, end);
        Ok(Self {
            queries: read,
            start,
            end,
            ascending,
            most_datapoints: most_datapoints(input)?,
            token: text(input, "NextToken").map(str::to_owned),
            identity,
        })
    }

    /// What ties a token to its request and its caller.
    pub(super) fn digest(&self, scope: &CallScope) -> String {
        sha256_hex(format!("{}|{}|{}", scope.caller.account, scope.region, self.identity).as_bytes())
    }
}

/// Where a page begins, and as of when all pages are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) as_of: Moment,
    pub(super) query: usize,
    pub(super) point: usize,
}

impl Token {
    /// As the client is to send it back.
    pub(super) fn write(&self, digest: &str) -> String {
        base64::encode(format!("{}.{}.{}.{digest}", self.as_of.micros(), self.query, self.point))
    }

    /// What [`Token::write`] wrote for the same request.
    pub(super) fn read(text: &str, digest: &str) -> Option<Self> {
        let text = String::from_utf8(base64::decode(text).ok()?).ok()?;
        let mut parts = text.split('.');
        let mut number = || parts.next()?.parse::<u64>().ok();
        let (as_of, query, point) = (Moment::from_micros(number()?), number()?, number()?);
        let (query, point) = (usize::try_from(query).ok()?, usize::try_from(point).ok()?);
        (parts.next() == Some(digest)).then_some(Self { as_of, query, point })
    }
}

/// The room that is left in an answer.
#[derive(Debug)]
pub(super) struct Page {
    room: usize,
}

impl Page {
    pub(super) const fn new(room: usize) -> Self {
        Self { room }
    }

    pub(super) const fn is_full(&self) -> bool {
        self.room == 0
    }

    /// Takes up to `wanted`, and says how much.
    pub(super) fn take(&mut self, wanted: usize) -> usize {
        let taken = wanted.min(self.room);
        self.room -= taken;
        taken
    }
}

/// The series of all queries of a request, as far as it can be read.
pub(super) fn named_series(input: &Value) -> Vec<SeriesName> {
    let queries = input.get("MetricDataQueries").and_then(Value::as_array).into_iter().flatten();
    let metrics = queries.filter_map(|query| query.get("MetricStat")?.get("Metric"));
    let series = metrics.filter_map(|metric| subject(metric, text(metric, "MetricName")?));
    series.map(|(_, name)| name).collect()
}

/// A member that is text.
pub(super) fn text<'a>(input: &'a Value, name: &str) -> Option<&'a str> {
    input.get(name).and_then(Value::as_str)
}

fn null(member: &str) -> Refusal {
    invalid(format!(
        "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
    ))
}

fn instant(input: &Value, name: &str) -> Result<Moment, Refusal> {
    let seconds = input.get(name).and_then(Value::as_f64).filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
    let seconds = seconds.ok_or_else(|| invalid(format!("The parameter {name} is required.")))?;
    Duration::try_from_secs_f64(seconds)
        .map(Moment::from_unix)
        .map_err(|_| invalid(format!("The parameter {name} is out of range.")))
}

fn most_datapoints(input: &Value) -> Result<usize, Refusal> {
    let Some(value) = input.get("MaxDatapoints").filter(|value| !value.is_null()) else { return Ok(DATAPOINTS_MAX) };
    let most = value.as_u64().and_then(|most| usize::try_from(most).ok());
    most.filter(|most| (1..=DATAPOINTS_MAX).contains(most))
        .ok_or_else(|| invalid(format!("The parameter MaxDatapoints must be between 1 and {DATAPOINTS_MAX}.")))
}

fn period(stat: &Value) -> Result<Duration, Refusal> {
    let seconds = stat.get("Period").and_then(Value::as_u64);
    let seconds = seconds.ok_or_else(|| null("metricDataQueries.member.metricStat.period"))?;
    if seconds == 0 || seconds % 60 != 0 || seconds > PERIOD_MAX {
        return Err(invalid(format!(
            "The parameter Period must be a multiple of 60 and at most {PERIOD_MAX}, not {seconds}."
        )));
    }
    Ok(Duration::from_secs(seconds))
}

/// The replication metric meant: exactly the three dimensions, each once.
fn subject(metric: &Value, name: &str) -> Option<(Metric, SeriesName)> {
    let metric_name = Metric::parse(name).filter(|_| text(metric, "Namespace") == Some("AWS/S3"))?;
    let dimensions = metric.get("Dimensions").and_then(Value::as_array)?;
    let value = |wanted: &str| {
        let found = dimensions.iter().find(|dimension| text(dimension, "Name") == Some(wanted));
        found.and_then(|dimension| text(dimension, "Value")).map(str::to_owned)
    };
    let name =
        SeriesName { source: value("SourceBucket")?, destination: value("DestinationBucket")?, rule: value("RuleId")? };
    (dimensions.len() == 3).then_some((metric_name, name))
}
