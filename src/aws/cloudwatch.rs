//! Reads replication metrics from CloudWatch, in one Region and as one account.

use std::sync::Arc;

use aws_sdk_cloudwatch::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat, ScanBy, StatusCode};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::DateTime;

use super::bucket::Reached;
use super::error::{bad_answer, from_sdk};
use crate::cloud::{CloudError, ReadingSource};
use crate::domain::reading::pages::{Page, Part, ResultStatus};
use crate::domain::reading::{NAMESPACE, PERIOD, Query, Request};
use crate::domain::time::UnixMillis;

const OPERATION: &str = "GetMetricData";

/// CloudWatch, reached over a shared client. Cheap to clone.
#[derive(Debug, Clone)]
pub struct CloudWatch(Arc<Reached>);

impl ReadingSource for CloudWatch {
    async fn metric_data(&self, request: &Request, from: Option<&str>) -> Result<Page, CloudError> {
        let call = self
            .0
            .cloudwatch
            .get_metric_data()
            .set_metric_data_queries(Some(request.queries.iter().enumerate().map(query).collect()))
            .start_time(instant(request.window.start))
            .end_time(instant(request.window.end))
            .scan_by(ScanBy::TimestampAscending)
            .set_next_token(from.map(str::to_owned));
        self.0
            .measured("cloudwatch", OPERATION, async {
                let answer = call.send().await.map_err(|error| self.sort(error))?;
                let parts = answer.metric_data_results.unwrap_or_default().into_iter().map(part);
                Ok(Page { parts: parts.collect::<Result<_, _>>()?, next: answer.next_token })
            })
            .await
    }
}

impl CloudWatch {
    pub(super) fn new(reached: Arc<Reached>) -> Self {
        Self(reached)
    }

    fn sort<E>(&self, error: SdkError<E, HttpResponse>) -> CloudError
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        from_sdk(OPERATION, &self.0.region, error)
    }
}

/// A query is named by its place: ids begin with a lower-case letter.
fn query((place, query): (usize, &Query)) -> MetricDataQuery {
    let Query { dimensions, metric, statistic } = query;
    let dimension = |name: &str, value: &str| Dimension::builder().name(name).value(value).build();
    let metric = Metric::builder()
        .namespace(NAMESPACE)
        .metric_name(metric.aws_name())
        .dimensions(dimension("SourceBucket", dimensions.source.as_str()))
        .dimensions(dimension("DestinationBucket", dimensions.destination.as_str()))
        .dimensions(dimension("RuleId", &dimensions.rule));
    let seconds = i32::try_from(PERIOD.as_secs()).unwrap_or(i32::MAX);
    let stat = MetricStat::builder().metric(metric.build()).period(seconds).stat(statistic.aws_name());
    MetricDataQuery::builder().id(format!("q{place}")).metric_stat(stat.build()).build()
}

fn part(result: MetricDataResult) -> Result<Part, CloudError> {
    let (timestamps, values) = (result.timestamps.unwrap_or_default(), result.values.unwrap_or_default());
    let place = result.id.as_deref().and_then(|id| id.strip_prefix('q')?.parse().ok());
    let (Some(query), true) = (place, timestamps.len() == values.len()) else {
        return Err(bad_answer(OPERATION, "a result that belongs to no query, or whose values have no times"));
    };
    let minutes: Option<Vec<UnixMillis>> = timestamps.iter().map(millis).collect();
    let Some(minutes) = minutes else {
        return Err(bad_answer(OPERATION, "a datapoint at no time"));
    };
    let status = match result.status_code {
        Some(StatusCode::Complete) => ResultStatus::Complete,
        Some(StatusCode::PartialData) => ResultStatus::Partial,
        Some(StatusCode::Forbidden) => ResultStatus::Forbidden,
        _ => ResultStatus::Broken,
    };
    Ok(Part { query, points: minutes.into_iter().zip(values).collect(), status })
}

fn instant(at: UnixMillis) -> DateTime {
    DateTime::from_millis(i64::try_from(at.0).unwrap_or(i64::MAX))
}

fn millis(at: &DateTime) -> Option<UnixMillis> {
    at.to_millis().ok().and_then(|millis| u64::try_from(millis).ok()).map(UnixMillis)
}
