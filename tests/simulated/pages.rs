//! What the daemon exposes while everything is broken: labels only out of their closed sets, and no series too many.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use replicanary::domain::object::Trouble;
use replicanary::domain::reading::Metric;
use replicanary::domain::reason::Reason;
use replicanary::domain::verdict::{State, Verdict};
use replicanary::sim::Fault;

use super::harness::{Run, on_paused_time, pace};

/// The labels whose values are closed, each with its set.
fn closed_sets() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let troubles = || Trouble::ALL.into_iter().map(Trouble::as_str);
    let operations = [
        "PutObject",
        "HeadObject",
        "GetObject",
        "DeleteObject",
        "ListObjectVersions",
        "GetBucketReplication",
        "DescribeKey",
        "ReceiveMessage",
        "DeleteMessageBatch",
        "GetMetricData",
        "AssumeRole",
        "GetCallerIdentity",
        "HeadBucket",
        "GetBucketVersioning",
        "GetPublicAccessBlock",
        "GetBucketPolicyStatus",
        "GetBucketEncryption",
        "GetBucketPolicy",
        "GetBucketOwnershipControls",
        "GetObjectLockConfiguration",
        "GetBucketRequestPayment",
        "GetBucketLifecycleConfiguration",
        "GetBucketNotificationConfiguration",
        "GetKeyPolicy",
        "ListGrants",
        "GetRole",
        "ListRolePolicies",
        "GetRolePolicy",
        "ListAttachedRolePolicies",
        "GetPolicy",
        "GetPolicyVersion",
        "SimulatePrincipalPolicy",
    ];
    BTreeMap::from([
        ("state", State::ALL.into_iter().map(State::as_str).collect()),
        ("verdict", Verdict::ALL.into_iter().map(Verdict::as_str).collect()),
        ("reason", Reason::all().map(Reason::as_str).collect()),
        ("code", troubles().collect()),
        ("metric", Metric::ALL.into_iter().map(Metric::as_str).collect()),
        ("side", BTreeSet::from(["source", "destination"])),
        ("status", BTreeSet::from(["pending", "completed", "failed", "replica", "other", "none"])),
        ("service", BTreeSet::from(["s3", "s3control", "sts", "kms", "iam", "sqs", "cloudwatch"])),
        ("operation", operations.into_iter().collect()),
    ])
}

#[test]
fn labels_come_out_of_closed_sets_whatever_is_broken() {
    let sets = closed_sets();
    for (seed, fault) in (0..).zip(Fault::ALL) {
        let page = on_paused_time(async {
            let run = Run::start(seed, 2, Some(*fault), &pace()).await;
            tokio::time::sleep(Duration::from_secs(70)).await;
            run.daemon.metrics().render()
        });
        for line in page.lines().filter(|line| !line.starts_with('#')) {
            for (label, value) in labels(line) {
                if let Some(set) = sets.get(label) {
                    assert!(set.contains(value), "{}: {label}={value:?} in {line}", fault.name());
                }
            }
        }
    }
}

#[test]
fn a_healthy_destination_has_at_most_sixty_series() {
    let page = on_paused_time(async {
        let run = Run::start(7, 1, None, &pace()).await;
        tokio::time::sleep(Duration::from_secs(120)).await;
        assert_eq!(run.leg(0).state, State::Healthy);
        run.daemon.metrics().render()
    });
    let mut series: BTreeMap<&str, usize> = BTreeMap::new();
    for line in page.lines() {
        for (_, bucket) in labels(line).into_iter().filter(|(label, _)| *label == "destination") {
            *series.entry(bucket).or_default() += 1;
        }
    }
    assert!(!series.is_empty());
    for (bucket, count) in series {
        assert!((50..=60).contains(&count), "{bucket}: {count} series\n{page}");
    }
}

#[test]
fn a_run_is_repeatable_to_the_byte() {
    let page = |seed| {
        on_paused_time(async {
            let run = Run::start(seed, 2, Some(Fault::RoleDenied), &pace()).await;
            tokio::time::sleep(Duration::from_secs(60)).await;
            let page = run.daemon.metrics().render();
            page.lines().filter(|line| !line.contains("process_")).collect::<Vec<_>>().join("\n")
        })
    };
    assert_eq!(page(11), page(11));
    assert_ne!(page(11), page(12));
}

/// The labels of a line of the exposition format.
fn labels(line: &str) -> Vec<(&str, &str)> {
    let Some((_, rest)) = line.split_once('{') else { return Vec::new() };
    let Some((inner, _)) = rest.rsplit_once('}') else { return Vec::new() };
    inner
        .split("\",")
        .filter_map(|pair| pair.split_once("=\""))
        .map(|(name, value)| (name.trim_start_matches(','), value.trim_end_matches('"')))
        .collect()
}
