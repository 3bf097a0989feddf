//! The route that tests begin with; each changes in it what it is about.

use std::collections::BTreeMap;
use std::time::Duration;

use super::name::{Bucket, InstanceName, Region, RouteName};
use super::route::{CanarySpec, Cleanup, Destination, Observe, PollSpec, Route, Source, StatusSupport, Verify};

/// A route with all defaults, from `source` to as many destinations, without accounts and keys.
pub(crate) fn route(name: &str, destinations: usize) -> Route {
    Route {
        name: RouteName::new(name).unwrap(),
        instance: InstanceName::new("default").unwrap(),
        source: Source {
            bucket: Bucket::new("source"),
            region: Region::new("ap-south-1"),
            account: None,
            kms_key: None,
        },
        destinations: (0..destinations).map(|place| destination(&format!("destination-{place}"))).collect(),
        canary: canary(),
        poll: PollSpec { floor: Duration::from_secs(2), resolution: 0.1 },
        replication_status: StatusSupport::Aws,
        pause: None,
        keys: Some(Duration::from_secs(300)),
        settle: Duration::ZERO,
    }
}

/// A destination with all defaults, without account and key.
pub(crate) fn destination(bucket: &str) -> Destination {
    Destination {
        bucket: Bucket::new(bucket),
        region: Region::new("us-east-1"),
        account: None,
        kms_key: None,
        storage_class: None,
        owner: None,
        verify: Verify::Metadata,
        observe: Observe::Replica,
        cleanup: Cleanup::Delete,
    }
}

/// A canary a minute, with an objective of 15 min and a deadline of 60 min.
pub(crate) fn canary() -> CanarySpec {
    CanarySpec {
        prefix: "replicanary/".to_owned(),
        interval: Duration::from_secs(60),
        size: 1_024,
        objective: Duration::from_secs(900),
        deadline: Duration::from_secs(3_600),
        abandon_after: Duration::from_secs(48 * 3_600),
        tags: BTreeMap::new(),
        send_key: false,
        allow_retained: false,
        max_pending: 100,
    }
}
