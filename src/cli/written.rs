//! The configuration that monitors a simulated world: what `sim --write-config` writes and `demo` runs.

use crate::config::FileShape;
use crate::config::shape::{CanaryShape, DefaultsShape, DestinationShape, PollShape, RouteShape, SourceShape};
use crate::sim::{Fault, RouteInfo, SideInfo};

/// The pace of a written configuration.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    interval: &'static str,
    objective: &'static str,
    deadline: &'static str,
    outage_deadline: Option<&'static str>,
    shutdown_grace: Option<&'static str>,
    cloudwatch: Option<&'static str>,
}

impl Pace {
    /// For a world that replicates in seconds, so that a person sees something.
    pub const QUICK: Self = Self {
        interval: "2s",
        objective: "10s",
        deadline: "25s",
        outage_deadline: None,
        shutdown_grace: None,
        cloudwatch: Some("10s"),
    };
    /// The same, but a route that begins in outage waits for long, so that it stays `stalled` while somebody looks,
    /// and nobody waits for it at the end: the world goes with the demo.
    pub const DEMO: Self = Self { outage_deadline: Some("10m"), shutdown_grace: Some("1s"), ..Self::QUICK };
    /// For a world that replicates, and publishes metrics, as S3 does.
    pub const REALISTIC: Self =
        Self { interval: "60s", objective: "15m", deadline: "60m", cloudwatch: None, ..Self::QUICK };
}

/// How often keys are looked at, so that a person sees something.
const KEYS_EVERY: &str = "5s";

/// How often the set-up is audited, so that a person sees something.
const AUDIT_EVERY: &str = "10s";

/// A self-contained configuration of a world's routes, with the simulator's own keys.
pub fn configuration(routes: &[RouteInfo], endpoint: &str, pace: Pace) -> FileShape {
    FileShape {
        defaults: Some(DefaultsShape {
            canary: Some(CanaryShape {
                interval: Some(pace.interval.into()),
                objective: Some(pace.objective.into()),
                deadline: Some(pace.deadline.into()),
                ..CanaryShape::default()
            }),
            poll: Some(PollShape { resolution: Some("10%".into()), ..PollShape::default() }),
        }),
        routes: Some(routes.iter().map(|route| route_shape(route, endpoint, pace)).collect()),
        shutdown_grace: pace.shutdown_grace.map(Into::into),
        ..FileShape::default()
    }
}

fn route_shape(route: &RouteInfo, endpoint: &str, pace: Pace) -> RouteShape {
    let is_out = route.faults.iter().any(|(fault, _)| *fault == Fault::Outage);
    RouteShape {
        name: Some(route.name.as_str().into()),
        source: Some(source_shape(&route.source, endpoint)),
        destinations: Some(route.destinations.iter().map(|side| destination_shape(side, endpoint)).collect()),
        canary: Some(CanaryShape {
            prefix: Some(route.prefix.as_str().into()),
            deadline: pace.outage_deadline.filter(|_| is_out).map(Into::into),
            ..CanaryShape::default()
        }),
        keys: Some(KEYS_EVERY.into()),
        audit: Some(AUDIT_EVERY.into()),
        cloudwatch: pace.cloudwatch.map(Into::into),
        settle: Some("0s".into()),
        ..RouteShape::default()
    }
}

fn source_shape(side: &SideInfo, endpoint: &str) -> SourceShape {
    SourceShape {
        bucket: Some(side.bucket.as_str().into()),
        region: Some(side.region.as_str().into()),
        account: Some(side.account.as_str().into()),
        kms_key: side.key_arn.as_deref().map(Into::into),
        access_key_id: Some(side.access_key_id.as_str().into()),
        secret_access_key: Some(side.secret_access_key.as_str().into()),
        endpoint_url: Some(endpoint.into()),
        path_style: Some(true),
        ..SourceShape::default()
    }
}

fn destination_shape(side: &SideInfo, endpoint: &str) -> DestinationShape {
    DestinationShape {
        bucket: Some(side.bucket.as_str().into()),
        region: Some(side.region.as_str().into()),
        account: Some(side.account.as_str().into()),
        kms_key: side.key_arn.as_deref().map(Into::into),
        access_key_id: Some(side.access_key_id.as_str().into()),
        secret_access_key: Some(side.secret_access_key.as_str().into()),
        endpoint_url: Some(endpoint.into()),
        path_style: Some(true),
        verify: Some("content".into()),
        ..DestinationShape::default()
    }
}
