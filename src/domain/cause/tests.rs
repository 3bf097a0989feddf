//! Every cause by what shows it, pairs of faults, and destinations without any.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::*;
use crate::domain::audit::finding::{Check, Step};
use crate::domain::key::{KeyFacts, KeyFound, KeyLook, KeyManager, KeyState, KeyStatus};
use crate::domain::name::KmsKey;
use crate::domain::object::Trouble;
use crate::domain::time::UnixMillis;

const KEYS: KeyPair = KeyPair { source: None, destination: None };

/// A destination that fails because the source says FAILED, with nothing to explain it.
fn failing(keys: &KeyPair) -> Evidence<'_> {
    Evidence {
        state: State::Failing,
        reason: Reason::SourceFailed,
        message: "S3 says FAILED.",
        source_status: Some(Some(ReplicationStatus::Failed)),
        failure: None,
        findings: &[],
        destination: 0,
        keys,
        traffic: None,
        still_in_region: 0,
    }
}

fn healthy(keys: &KeyPair) -> Evidence<'_> {
    Evidence { state: State::Healthy, reason: Reason::Ok, message: "Fine.", source_status: None, ..failing(keys) }
}

/// A fault of a check that stands for a cause.
fn fault(check: &'static str, severity: Severity) -> Finding {
    let check = Box::leak(Box::new(Check { id: check, severity, step: Step::Rule, proves: "it holds" }));
    Finding {
        check,
        severity,
        outcome: Outcome::Fault,
        destination: None,
        title: format!("{} does not hold", check.id),
        evidence: "seen so".to_owned(),
        remedy: format!("repair {}", check.id),
        because: None,
    }
}

fn unread(title: &str, remedy: &str) -> Finding {
    Finding {
        outcome: Outcome::Unknown,
        title: title.to_owned(),
        remedy: remedy.to_owned(),
        ..fault("destination_policy_read", Severity::Error)
    }
}

fn key(state: KeyState) -> KeyStatus {
    let facts = KeyFacts {
        arn: KmsKey::new("arn:aws:kms:us-east-1:222222222222:key/a"),
        account: None,
        region: None,
        state,
        deletion: None,
        manager: KeyManager::Customer,
        spec: None,
        usage: None,
        multi_region: false,
    };
    let look = KeyLook { named: facts.arn.clone(), found: KeyFound::Facts(Arc::new(facts)) };
    KeyStatus::seen(&look, UnixMillis(0))
}

#[test]
fn ids_are_stable_words_and_every_cause_says_what_to_do() {
    let mut seen = BTreeSet::new();
    for id in CauseId::ALL {
        assert!(seen.insert(id.as_str()), "{id} twice");
        assert!(
            id.as_str().chars().all(|letter| letter.is_ascii_lowercase() || letter == '_' || letter == '3'),
            "{id}"
        );
        assert!(id.summary().ends_with('.') && !id.remedy().is_empty(), "{id}");
        assert!(!id.shows().is_empty(), "{id}");
    }
}

#[test]
fn a_check_that_fails_is_its_cause_whatever_the_canaries_say() {
    for (check, id) in by_check::TABLE {
        let findings = [fault(check, Severity::Error)];
        let cause = diagnose(&Evidence { findings: &findings, ..healthy(&KEYS) });
        let cause = cause.unwrap();
        assert_eq!((cause.id, cause.confidence), (*id, Confidence::High), "{check}");
        assert_eq!(cause.remedy, format!("repair {check}"));
        assert!(cause.evidence[0].contains("seen so"), "{cause:?}");
    }
}

#[test]
fn each_failure_reason_alone_gives_its_likeliest_cause() {
    let table = [
        ("AssumeRoleNotPermitted", "role_trust_broken", Confidence::Medium),
        ("DstBucketNotFound", "destination_bucket_missing", Confidence::Medium),
        ("DstBucketObjectLockConfigMissing", "object_lock_mismatch", Confidence::Medium),
        ("DstBucketUnversioned", "destination_versioning_off", Confidence::Medium),
        ("DstKmsKeyInvalidState", "destination_key_disabled", Confidence::Medium),
        ("DstKmsKeyNotFound", "destination_key_missing", Confidence::Low),
        ("DstPutObjectNotPermitted", "destination_policy_missing", Confidence::Low),
        ("DstPutTaggingNotPermitted", "role_destination_permission_missing", Confidence::Low),
        ("SrcBucketNotFound", "source_bucket_missing", Confidence::Medium),
        ("SrcBucketReplicationConfigMissing", "replication_configuration_missing", Confidence::Medium),
        ("SrcGetAclNotPermitted", "source_object_ownership", Confidence::Medium),
        ("SrcGetObjectNotPermitted", "role_source_permission_missing", Confidence::Low),
        ("SrcVersionNotFound", "source_deleted_early", Confidence::Medium),
        ("SrcKmsKeyInvalidState", "source_key_disabled", Confidence::Low),
        ("SrcObjectNotEligible", "rule_filter_mismatch", Confidence::Medium),
    ];
    for (reason, id, confidence) in table {
        let cause = diagnose(&Evidence { failure: Some(FailureReason::parse(reason)), ..failing(&KEYS) }).unwrap();
        assert_eq!((cause.id.as_str(), cause.confidence), (id, confidence), "{reason}");
        assert!(cause.evidence[0].contains(reason), "{cause:?}");
    }
}

#[test]
fn an_undocumented_failure_reason_is_shown_and_explains_nothing() {
    let cause = diagnose(&Evidence { failure: Some(FailureReason::Other), ..failing(&KEYS) }).unwrap();
    assert_eq!(cause.id, CauseId::Unknown);
    assert!(cause.evidence.iter().any(|text| text.contains("other")), "{cause:?}");
}

#[test]
fn what_is_seen_gives_causes_away() {
    let table = [
        (State::Misconfigured, Reason::NoVersionId, "source_versioning_off"),
        (State::Misconfigured, Reason::Undeletable, "canary_undeletable"),
        (State::Misconfigured, Reason::SiblingArrived, "rule_for_destination_missing"),
        (State::Misconfigured, Reason::Call(Trouble::NoSuchBucket), "source_bucket_missing"),
        (State::Misconfigured, Reason::Call(Trouble::KmsDisabled), "source_key_disabled"),
        (State::Misconfigured, Reason::Call(Trouble::KmsNotFound), "source_key_missing"),
        (State::Misconfigured, Reason::Call(Trouble::KmsInvalidState), "source_key_unusable"),
        (State::Failing, Reason::WrongKey, "wrong_replica_key"),
        (State::Failing, Reason::WrongOwner, "replica_owner_wrong"),
        (State::Failing, Reason::WrongStorageClass, "storage_class_wrong"),
        (State::Failing, Reason::WrongAlgorithm, "source_encryption_wrong"),
        (State::Failing, Reason::WrongContent, "replica_altered"),
        (State::Failing, Reason::CompletedButAbsent, "replica_deleted"),
        (State::Failing, Reason::DeadlinePassed, "s3_delay"),
        (State::Stalled, Reason::BeyondObjective, "s3_delay"),
        (State::Late, Reason::ArrivedLate, "s3_delay"),
        (State::Misconfigured, Reason::NoStatus, "unknown"),
        (State::Failing, Reason::SourceFailed, "unknown"),
        (State::Unknown, Reason::Call(Trouble::AccessDenied), "monitor_access_denied"),
        (State::Unknown, Reason::Call(Trouble::ExpiredCredentials), "monitor_credentials"),
        (State::Unknown, Reason::Call(Trouble::ClockSkew), "monitor_clock"),
        (State::Unknown, Reason::Call(Trouble::TimedOut), "monitor_network"),
        (State::Unknown, Reason::Unanswered, "monitor_network"),
        (State::Unknown, Reason::Call(Trouble::Throttled), "monitor_throttled"),
        (State::Unknown, Reason::Call(Trouble::WrongRegion), "monitor_configuration"),
        (State::Unknown, Reason::ProbeBroke, "monitor_broken"),
    ];
    for (state, reason, id) in table {
        let cause = diagnose(&Evidence { state, reason, ..failing(&KEYS) }).unwrap();
        assert_eq!(cause.id.as_str(), id, "{state} {reason}");
    }
    let chain = Evidence {
        state: State::Misconfigured,
        reason: Reason::NoStatus,
        source_status: Some(Some(ReplicationStatus::Replica)),
        ..failing(&KEYS)
    };
    assert_eq!(diagnose(&chain).unwrap().id, CauseId::ReplicaChain);
}

#[test]
fn without_trouble_there_is_no_cause() {
    assert_eq!(diagnose(&healthy(&KEYS)), None);
    let starting = Evidence { state: State::Unknown, reason: Reason::Starting, ..healthy(&KEYS) };
    assert_eq!(diagnose(&starting), None);
    let findings = [fault("source_versioning_enabled", Severity::Error)];
    let paused = Evidence { state: State::Paused, reason: Reason::Paused, findings: &findings, ..healthy(&KEYS) };
    assert_eq!(diagnose(&paused), None);
    let findings = [fault("source_versioning_enabled", Severity::Warning), unread("x", "grant y")];
    assert_eq!(diagnose(&Evidence { findings: &findings, ..healthy(&KEYS) }), None);
}

#[test]
fn a_broken_key_is_a_cause_though_bucket_keys_keep_canaries_green() {
    let keys = KeyPair { source: None, destination: Some(key(KeyState::PendingDeletion)) };
    let cause = diagnose(&healthy(&keys)).unwrap();
    assert_eq!((cause.id, cause.confidence), (CauseId::DestinationKeyPendingDeletion, Confidence::High));
    let keys = KeyPair { source: Some(key(KeyState::PendingImport)), destination: None };
    assert_eq!(diagnose(&healthy(&keys)).unwrap().id, CauseId::SourceKeyUnusable);
}

#[test]
fn of_two_faults_the_one_that_explains_the_failure_comes_first() {
    let keys = KeyPair { source: None, destination: Some(key(KeyState::Disabled)) };
    let findings = [fault("source_bucket_exists", Severity::Error)];
    let both = Evidence { findings: &findings, ..failing(&keys) };
    assert_eq!(diagnose(&both).unwrap().id, CauseId::SourceBucketMissing, "the order of S3's checks");

    let cause = diagnose(&Evidence { failure: Some(FailureReason::DstKmsKeyInvalidState), ..both }).unwrap();
    assert_eq!((cause.id, cause.confidence), (CauseId::DestinationKeyDisabled, Confidence::High));
    assert!(cause.evidence[0].contains("is Disabled"), "{cause:?}");
    assert!(cause.evidence.last().unwrap().starts_with("also found: source_bucket_exists"), "{cause:?}");
}

#[test]
fn a_finding_beats_a_failure_reason_alone() {
    let findings = [fault("rule_covers_canary", Severity::Error)];
    let seen = Evidence { findings: &findings, failure: Some(FailureReason::DstBucketUnversioned), ..failing(&KEYS) };
    assert_eq!(diagnose(&seen).unwrap().id, CauseId::RuleFilterMismatch);
}

#[test]
fn a_finding_about_another_destination_or_that_only_follows_from_one_is_no_cause() {
    let elsewhere = Finding { destination: Some(1), ..fault("source_versioning_enabled", Severity::Error) };
    let follows =
        Finding { because: Some("source_versioning_enabled"), ..fault("rule_covers_canary", Severity::Error) };
    assert_eq!(diagnose(&Evidence { findings: &[elsewhere, follows], ..healthy(&KEYS) }), None);
}

#[test]
fn an_error_without_a_name_of_its_own_is_a_fault_of_the_set_up() {
    let findings = [fault("something_new", Severity::Error)];
    let cause = diagnose(&Evidence { findings: &findings, ..healthy(&KEYS) }).unwrap();
    assert_eq!(cause.id, CauseId::SetUpFault);
    assert_eq!(cause.remedy, "repair something_new");
}

#[test]
fn what_cannot_be_told_says_what_to_grant() {
    let findings = [unread("the destination's bucket policy could not be read", "grant s3:GetBucketPolicy")];
    let cause = diagnose(&Evidence { findings: &findings, ..failing(&KEYS) }).unwrap();
    assert_eq!((cause.id, cause.confidence), (CauseId::Unknown, Confidence::Low));
    assert_eq!(cause.remedy, "grant s3:GetBucketPolicy");
    assert_eq!(cause.evidence, ["S3 says FAILED.", "not known: the destination's bucket policy could not be read"]);
}

#[test]
fn a_delay_is_explained_by_the_fate_of_others_and_by_what_is_pending() {
    let stalled = Evidence { state: State::Stalled, reason: Reason::BeyondObjective, ..failing(&KEYS) };
    let several = Evidence { still_in_region: 2, ..stalled };
    assert_eq!(diagnose(&several).unwrap().id, CauseId::RegionalEvent);
    let traffic = |operations, bytes, failed| {
        Some(Traffic { pending_operations: Some(operations), pending_bytes: Some(bytes), failed_operations: failed })
    };
    let backlog = Evidence { traffic: traffic(5_000.0, 9e9, None), ..stalled };
    assert_eq!(diagnose(&backlog).unwrap().id, CauseId::Backlog);
    let throttled = Evidence { traffic: traffic(5_000.0, 1e6, Some(0.0)), ..stalled };
    assert_eq!(diagnose(&throttled).unwrap().id, CauseId::Throttling);
    let quiet = Evidence { traffic: traffic(2.0, 1e3, None), ..stalled };
    assert_eq!(diagnose(&quiet).unwrap().id, CauseId::S3Delay);
}
