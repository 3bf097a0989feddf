//! A snapshot with a route in every kind of trouble.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::cause::{Cause, CauseId, Confidence};
use crate::domain::event::tally::EventTally;
use crate::domain::event::{EventKind, EventObservation, Failure, Identity, ReplicationEvent};
use crate::domain::key::{KeyFacts, KeyFound, KeyLook, KeyManager, KeyPair, KeyState, KeyStatus};
use crate::domain::name::{AccountId, Bucket, KmsKey, ObjectKey, Region, RouteName, VersionId};
use crate::domain::reading::cross_check::CrossCheck;
use crate::domain::reading::{Obstacle, Reading, Readings, RuleSeen, Status};
use crate::domain::reason::Reason;
use crate::domain::report::{Aspect, Lag, Mismatch, Report, Stage, StageAt};
use crate::domain::route::{Cleanup, Observe, Pause, Route, RouteId, StatusSupport};
use crate::domain::snapshot::{DestinationSnapshot, Gap, LagSummary, RouteSnapshot, Snapshot};
use crate::domain::time::{Moment, Monotonic, UnixMillis};
use crate::domain::verdict::{State, Verdict};
use crate::telemetry::sample;

/// 2026-05-04 12:00:00 UTC.
pub(super) const NOON: UnixMillis = UnixMillis(1_777_896_000_000);

/// So many seconds before noon.
pub(super) fn ago(seconds: u64) -> UnixMillis {
    NOON.minus(Duration::from_secs(seconds))
}

/// One route of each kind, by name.
pub(super) fn snapshot() -> Snapshot {
    let routes = vec![billing(), images(), ledger(), orders(), zoo()];
    Snapshot { at: NOON, routes: routes.into_iter().map(Arc::new).collect() }
}

/// Only what is well.
pub(super) fn healthy() -> Snapshot {
    Snapshot { at: NOON, routes: vec![Arc::new(orders())] }
}

fn orders() -> RouteSnapshot {
    let mut health = destination(State::Healthy, Reason::Ok, "canaries arrive within the objective");
    health.verdicts = [41, 0, 0, 0, 0, 0, 1];
    health.recovery_point = Some(ago(61));
    health.last_success = Some(ago(50));
    health.lag = Some(LagSummary {
        p50: Duration::from_millis(11_500),
        p95: Duration::from_millis(14_250),
        p99: Duration::from_secs(19),
        max: Duration::from_secs(20),
        resolution: Duration::from_millis(2_000),
        count: 41,
    });
    health.reports = VecDeque::from([Arc::new(replicated())]);
    health.keys = keys();
    health.cloudwatch = readings();
    route("orders", vec![health])
}

/// Metrics in every kind of standing.
fn readings() -> Readings {
    let known = Reading { at: Some(ago(120)), provisional: true, ..Reading::nothing(Status::Ok) };
    Readings {
        rule: RuleSeen::Found { id: Arc::from("rule-<1>"), publishes_metrics: true },
        metrics: [
            Reading { value: Some(4.5), ..known },
            Reading { at: Some(ago(1500)), ..Reading::nothing(Status::Stale) },
            Reading { obstacle: Some(Obstacle::Forbidden), ..Reading::nothing(Status::Unreadable) },
            Reading { value: Some(3.0), samples: Some(40.0), less_canaries: Some(2.0), ..known },
        ],
        cross_check: CrossCheck::OthersFail,
    }
}

/// A source key that nobody may look at, and a key that is about to be gone.
fn keys() -> KeyPair {
    let dying = KeyFacts {
        arn: KmsKey::new("arn:aws:kms:us-east-1:222222222222:key/a"),
        account: Some(AccountId::new("222222222222")),
        region: Some(Region::new("us-east-1")),
        state: KeyState::PendingDeletion,
        deletion: Some(NOON.plus(Duration::from_secs(7 * 86_400))),
        manager: KeyManager::Customer,
        spec: Some("SYMMETRIC_DEFAULT".to_owned()),
        usage: Some("ENCRYPT_DECRYPT".to_owned()),
        multi_region: false,
    };
    let seen = |named: &str, found| KeyStatus::seen(&KeyLook { named: KmsKey::new(named), found }, ago(30));
    KeyPair {
        source: Some(seen("alias/<orders>", KeyFound::Denied)),
        destination: Some(seen("alias/replicas", KeyFound::Facts(Arc::new(dying)))),
    }
}

/// Two objects of the user's failed, one for a reason that nobody has heard of; a third one was late.
fn events() -> EventTally {
    let mut tally = EventTally::default();
    let failed = |reason: &str| EventKind::Failed(Failure::new(reason));
    for (seconds, kind, key) in [
        (120, failed("DstKmsKeyInvalidState"), "2026/<invoice> 1.pdf"),
        (60, failed("DstMoonPhaseWrong"), "2026/invoice 2.pdf"),
        (90, EventKind::MissedThreshold, "2026/big.iso"),
    ] {
        let event = Arc::new(ReplicationEvent {
            kind,
            source: Bucket::new("billing-source"),
            key: ObjectKey::new(key),
            version_id: Some(VersionId::new("v7")),
            destination: Bucket::new("billing-replica-1"),
            rule: Some("all".to_owned()),
            operation: Some("OBJECT_PUT".to_owned()),
            at: Some(ago(seconds)),
            requested_at: None,
            identity: Identity([0; 16]),
        });
        let at = Moment { mono: Monotonic::default(), wall: NOON };
        tally.count(&EventObservation { route: RouteId(0), destination: 0, is_canary: false, event, at });
    }
    tally
}

/// One destination fails and has gaps, the other is late.
fn billing() -> RouteSnapshot {
    let mut failing =
        destination(State::Failing, Reason::SourceFailed, "S3 says FAILED & \"will not\" retry: <check the role>");
    failing.verdicts = [7, 1, 0, 2, 0, 1, 0];
    failing.cause = Some(Arc::new(Cause {
        id: CauseId::RoleTrustBroken,
        confidence: Confidence::Medium,
        summary: "S3 cannot assume the <replication> role.".to_owned(),
        evidence: vec!["S3 says why it gave a canary up: AssumeRoleNotPermitted".to_owned()],
        remedy: "Allow sts:AssumeRole to \"s3.amazonaws.com\".".to_owned(),
        shared_with: vec![RouteName::new("images").unwrap()],
    }));
    failing.recovery_point = Some(ago(900));
    failing.gaps = vec![
        Gap { from: None, to: Some(ago(1800)), verdict: Verdict::Uncovered },
        Gap { from: Some(ago(900)), to: None, verdict: Verdict::Failed },
    ];
    failing.reports = VecDeque::from([Arc::new(mismatched())]);
    let mut late = destination(State::Late, Reason::ArrivedLate, "the newest canary arrived after the objective");
    late.recovery_point = Some(ago(400));
    failing.events = events();
    route("billing", vec![failing, late])
}

fn images() -> RouteSnapshot {
    let mut health = destination(State::Stalled, Reason::BeyondObjective, "nothing has arrived for 20 min");
    health.pending = 3;
    health.oldest_pending = Some(ago(1200));
    route("images", vec![health])
}

/// A server that sends no status, and a destination that nobody may read.
fn ledger() -> RouteSnapshot {
    let health = destination(State::Unknown, Reason::Starting, "no canary was judged yet");
    let mut snapshot = route("ledger", vec![health]);
    snapshot.warnings.push("Canaries arrive, but <ledger-source> shows no status.".to_owned());
    let mut configured = Route::clone(&snapshot.route);
    configured.replication_status = StatusSupport::None;
    for destination in &mut configured.destinations {
        destination.account = None;
        destination.observe = Observe::SourceOnly;
        destination.cleanup = Cleanup::Lifecycle;
    }
    snapshot.route = Arc::new(configured);
    snapshot
}

fn zoo() -> RouteSnapshot {
    let mut snapshot = route("zoo", vec![destination(State::Paused, Reason::Paused, "paused by configuration")]);
    let mut configured = Route::clone(&snapshot.route);
    configured.pause = Some(Pause::Always);
    snapshot.route = Arc::new(configured);
    snapshot
}

fn replicated() -> Report {
    Report {
        destination: 0,
        key: ObjectKey::new("replicanary/default/orders/1777895939000-41-00ff"),
        version_id: Some(VersionId::new("v41")),
        written_at: ago(61),
        verdict: Verdict::Replicated,
        reason: Reason::Ok,
        message: "arrived within the objective".to_owned(),
        mismatches: Vec::new(),
        key_match: Some(true),
        lag: Some(Lag { low: Duration::from_millis(9_500), high: Duration::from_millis(11_500) }),
        stages: vec![
            StageAt { stage: Stage::PutSent, at: ago(61) },
            StageAt { stage: Stage::PutAcked, at: UnixMillis(ago(61).0 + 85) },
            StageAt { stage: Stage::ReplicaSeen, at: ago(50) },
            StageAt { stage: Stage::Verified, at: ago(50) },
            StageAt { stage: Stage::CompletedSeen, at: ago(48) },
            StageAt { stage: Stage::Cleaned, at: ago(47) },
        ],
    }
}

fn mismatched() -> Report {
    Report {
        destination: 0,
        key: ObjectKey::new("replicanary/default/billing/1777895000000-9-beef"),
        version_id: None,
        written_at: ago(1000),
        verdict: Verdict::Mismatched,
        reason: Reason::WrongKey,
        message: "the replica is encrypted with another key".to_owned(),
        mismatches: vec![Mismatch {
            what: Aspect::KmsKey,
            expected: "arn:aws:kms:us-east-1:222222222222:key/a".to_owned(),
            seen: "arn:aws:kms:us-east-1:222222222222:key/b".to_owned(),
            meaning: Some("aws/s3, the AWS managed key".to_owned()),
        }],
        key_match: Some(false),
        lag: None,
        stages: vec![StageAt { stage: Stage::PutSent, at: ago(1000) }],
    }
}

fn destination(state: State, reason: Reason, message: &str) -> DestinationSnapshot {
    DestinationSnapshot {
        state,
        since: ago(300),
        reason,
        message: message.to_owned(),
        verdicts: [0; 7],
        pending: 0,
        oldest_pending: None,
        recovery_point: None,
        last_success: None,
        gaps: Vec::new(),
        lag: None,
        keys: KeyPair::default(),
        cause: None,
        events: EventTally::default(),
        audit: None,
        cloudwatch: Readings::off(),
        reports: VecDeque::new(),
    }
}

fn route(name: &str, destinations: Vec<DestinationSnapshot>) -> RouteSnapshot {
    let worst = destinations.iter().max_by_key(|destination| destination.state).unwrap();
    let (state, since, reason, message) = (worst.state, worst.since, worst.reason, worst.message.clone());
    let recovery_point = destinations.iter().map(|destination| destination.recovery_point).min().flatten();
    let name = RouteName::new(name).unwrap();
    let route = Arc::new(sample::route(name.as_str(), destinations.len()));
    RouteSnapshot {
        id: RouteId(1),
        name,
        route,
        state,
        since,
        reason,
        message,
        destinations,
        recovery_point,
        last_write: Some(ago(1)),
        last_cycle: Some(ago(1)),
        source_status: None,
        warnings: Vec::new(),
        changes: VecDeque::new(),
        is_settling: false,
    }
}
