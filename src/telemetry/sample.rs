//! A route for tests.

use std::time::Duration;

use crate::domain::fixture;
use crate::domain::name::{AccountId, Bucket, InstanceName, KmsKey, Region, RouteName};
use crate::domain::route::{Destination, Route, Source};

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
            event_queue: None,
        },
        destinations: (1..=destinations).map(|place| destination(name, place)).collect(),
        settle: Duration::from_secs(900),
        ..fixture::route(name, 0)
    }
}

fn destination(name: &str, place: usize) -> Destination {
    Destination {
        account: Some(AccountId::new("222222222222")),
        kms_key: Some(KmsKey::new("arn:aws:kms:us-east-1:222222222222:key/a")),
        ..fixture::destination(&format!("{name}-replica-{place}"))
    }
}
