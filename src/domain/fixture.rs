//! The route that tests begin with; each changes in it what it is about.

use std::collections::BTreeMap;
use std::time::Duration;

use super::audit::facts::{BucketFacts, DefaultEncryption, Identity, Notifications, RouteFacts, SideFacts, Versioning};
use super::audit::finding::{Check, Finding, Outcome, Severity, Step};
use super::name::{Bucket, InstanceName, Region, RouteName};
use super::replication::{Replication, Rule};
use super::route::{
    CanarySpec, Cleanup, Destination, MetricsAccount, Observe, PollSpec, Route, Source, StatusSupport, Verify,
};

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
            event_queue: None,
        },
        destinations: (0..destinations).map(|place| destination(&format!("destination-{place}"))).collect(),
        canary: canary(),
        poll: PollSpec { floor: Duration::from_secs(2), resolution: 0.1 },
        replication_status: StatusSupport::Aws,
        pause: None,
        keys: Some(Duration::from_secs(300)),
        audit: None,
        cloudwatch: Some(Duration::from_secs(300)),
        cloudwatch_account: MetricsAccount::Source,
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

/// The facts of a route whose every setting could be read, and is as new buckets have it.
pub(crate) fn facts(destinations: usize) -> RouteFacts {
    let rule = Rule { id: "all".to_owned(), enabled: true, bucket: "destination-0".to_owned(), ..Rule::default() };
    RouteFacts {
        route: "orders".to_owned(),
        source: side_facts("source"),
        replication: Ok(Some(Replication { role: "arn:aws:iam::111111111111:role/r".to_owned(), rules: vec![rule] })),
        role: None,
        destinations: (0..destinations).map(|place| side_facts(&format!("destination-{place}"))).collect(),
    }
}

fn side_facts(bucket: &str) -> SideFacts {
    let versioning = Versioning { status: Some("Enabled".to_owned()), mfa_delete: false };
    SideFacts {
        identity: Ok(Identity {
            account: "111111111111".to_owned(),
            arn: "arn:aws:iam::111111111111:role/m".to_owned(),
        }),
        bucket: BucketFacts {
            name: bucket.to_owned(),
            region: Ok(Some("us-east-1".to_owned())),
            is_owned_as_configured: Ok(true),
            versioning: Ok(versioning),
            public_access: Ok(None),
            policy_is_public: Ok(None),
            encryption: Ok(Some(DefaultEncryption { algorithm: "AES256".to_owned(), key: None, bucket_key: false })),
            policy: Ok(None),
            ownership: Ok(Some("BucketOwnerEnforced".to_owned())),
            object_lock: Ok(None),
            requester_pays: Ok(false),
            lifecycle: Ok(Vec::new()),
            notifications: Ok(Notifications::default()),
            strangers: Ok(Vec::new()),
        },
        keys: BTreeMap::new(),
        account_public_access: Ok(None),
    }
}

/// A check for tests, whose finding is made up.
pub(crate) static CHECK: Check =
    Check { id: "rule_covers_canary", severity: Severity::Error, step: Step::Rule, proves: "a rule takes the canary" };

/// A finding of that check.
pub(crate) fn finding(outcome: Outcome, destination: Option<usize>) -> Finding {
    Finding {
        check: &CHECK,
        severity: Severity::Error,
        outcome,
        destination,
        title: "No rule takes the canary".to_owned(),
        evidence: "rule `all` has the prefix logs/".to_owned(),
        remedy: "Give the rule the prefix replicanary/.".to_owned(),
        because: None,
    }
}
