//! A route for tests.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::name::{AccountId, Bucket, InstanceName, KmsKey, Region, RouteName};
use crate::domain::route::{CanarySpec, Cleanup, Destination, Observe, PollSpec, Route, Source, StatusSupport, Verify};

/// A route to so many destinations, with the usual times.
pub(crate) fn route(name: &str, destinations: usize) -> Route {
    Route {
        name: RouteName::new(name).unwrap(),
        instance: InstanceName::new("default").unwrap(),
        source: Source {
            bucket: Bucket::new(&format!("{name}-source")),
            region: Region::new("ap-south-1"),
            account: Some(AccountId::new("111111111111")),
            kms_key: None,
        },
        destinations: (1..=destinations).map(|place| destination(name, place)).collect(),
        canary: CanarySpec {
            prefix: "replicanary/".to_owned(),
            interval: Duration::from_secs(60),
            size: 1024,
            objective: Duration::from_secs(900),
            deadline: Duration::from_secs(3600),
            abandon_after: Duration::from_secs(172_800),
            tags: BTreeMap::new(),
            send_key: false,
            allow_retained: false,
            max_pending: 100,
        },
        poll: PollSpec { floor: Duration::from_secs(2), resolution: 0.1 },
        replication_status: StatusSupport::Aws,
        pause: None,
        keys: Some(Duration::from_secs(300)),
        settle: Duration::from_secs(900),
    }
}

fn destination(name: &str, place: usize) -> Destination {
    Destination {
        bucket: Bucket::new(&format!("{name}-replica-{place}")),
        region: Region::new("us-east-1"),
        account: Some(AccountId::new("222222222222")),
        kms_key: Some(KmsKey::new("arn:aws:kms:us-east-1:222222222222:key/a")),
        storage_class: None,
        owner: None,
        verify: Verify::Metadata,
        observe: Observe::Replica,
        cleanup: Cleanup::Delete,
    }
}
