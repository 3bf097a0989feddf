//! What a person is told of a reading: why there is none, and what to do.

use super::{Metric, Obstacle, Place, Reading, RuleSeen, Status};
use crate::domain::name::Region;
use crate::domain::object::Trouble;
use crate::domain::route::{Destination, MetricsAccount, Route};

/// Why a metric says less than it could, and what to do about it; nothing where all is well.
#[must_use]
pub fn message(
    metric: Metric,
    reading: &Reading,
    rule: &RuleSeen,
    route: &Route,
    destination: &Destination,
) -> Option<String> {
    let (source, bucket, name) = (&route.source.bucket, &destination.bucket, metric.aws_name());
    match reading.status {
        Status::Off | Status::Ok if reading.obstacle.is_none() => None,
        Status::Off => None,
        Status::NoRule => Some(format!(
            "no enabled rule of {source} takes the canaries to {bucket}, so there is no {name} to read: enable one \
             that covers {}",
            route.canary.prefix
        )),
        Status::NotEnabled => Some(format!(
            "the rule from {source} to {bucket} publishes no {name}: enable its replication metrics (`Metrics`)"
        )),
        Status::NoDataYet if *rule == RuleSeen::Unread => {
            Some(format!("which rule takes the canaries to {bucket} is not known yet"))
        }
        Status::NoDataYet => Some(format!(
            "CloudWatch has published no {name} for {bucket} yet: new metrics take about 15 minutes to appear"
        )),
        Status::Stale => Some(format!(
            "CloudWatch has published no {name} for {bucket} for more than 20 minutes: check that the destination \
             bucket and the rule still exist"
        )),
        Status::Idle => Some(format!("S3 replicated nothing to {bucket} in the last 30 minutes, so nothing failed")),
        Status::Unreadable | Status::Ok => Some(obstacle(metric.place(), reading.obstacle, rule, route, destination)),
    }
}

/// What keeps the metrics of a place from being read, and what to do.
#[must_use]
pub fn obstacle(
    place: Place,
    obstacle: Option<Obstacle>,
    rule: &RuleSeen,
    route: &Route,
    destination: &Destination,
) -> String {
    let (bucket, region) = (&destination.bucket, region(place, route, destination));
    let whose = whose(place, route);
    match (obstacle, rule) {
        (None, RuleSeen::Unreadable(trouble)) => format!(
            "replication metrics of {bucket} cannot be read, because the replication configuration of {} cannot be \
             ({trouble}): grant the monitor s3:GetReplicationConfiguration there",
            route.source.bucket
        ),
        (Some(Obstacle::Forbidden | Obstacle::NoAnswer(Trouble::AccessDenied)), _) => format!(
            "replication metrics of {bucket} in {region} cannot be read, because {whose} may not: grant them \
             cloudwatch:GetMetricData on \"*\", or set `cloudwatch: off`"
        ),
        (Some(Obstacle::NoAnswer(trouble)), _) => format!(
            "replication metrics of {bucket} in {region} cannot be read, because CloudWatch gave no answer \
             ({trouble}): it is asked again; check {whose}, network and endpoint, or set `cloudwatch: off` if the \
             server has no CloudWatch"
        ),
        (Some(Obstacle::Incomplete) | None, _) => format!(
            "CloudWatch in {region} gave no complete answer for {bucket}: it is asked again, and what was known stays \
             until it is too old"
        ),
    }
}

fn region<'a>(place: Place, route: &'a Route, destination: &'a Destination) -> &'a Region {
    match place {
        Place::Source => &route.source.region,
        Place::Destination => &destination.region,
    }
}

fn whose(place: Place, route: &Route) -> &'static str {
    match (place, route.cloudwatch_account) {
        (Place::Destination, MetricsAccount::Destination) => "the destination's credentials",
        (Place::Source, _) | (Place::Destination, MetricsAccount::Source) => "the source's credentials",
    }
}
