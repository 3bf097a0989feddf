//! Canaries against CloudWatch: every row of the table.

use super::super::cross_check::{CrossCheck, cross_check};
use super::*;
use crate::domain::verdict::Verdict;

fn canaries(state: State) -> Canaries {
    Canaries { state, reason: Reason::Ok, since: minute(10), objective: Duration::from_secs(900) }
}

fn ok(value: f64, at: u64) -> Reading {
    Reading { value: Some(value), at: Some(minute(at)), ..Reading::nothing(Status::Ok) }
}

fn failed(sum: f64, others: f64) -> Reading {
    Reading { less_canaries: Some(others), ..ok(sum, 20) }
}

#[test]
fn each_combination_has_its_result() {
    let idle = Reading::nothing(Status::Idle);
    let stale = Reading { at: Some(minute(1)), ..Reading::nothing(Status::Stale) };
    let off = Reading::nothing(Status::Off);
    let none = Reading::nothing(Status::NoDataYet);
    let uncovered = Canaries { reason: Reason::of(Verdict::Uncovered), ..canaries(State::Misconfigured) };
    let (well, ill) = (canaries(State::Healthy), canaries(State::Failing));
    for (number, (canaries, latency, failed, expected)) in [
        (well, ok(3.0, 20), idle, CrossCheck::AgreeHealthy),
        (canaries(State::Late), ok(3.0, 20), failed(2.0, 0.0), CrossCheck::AgreeHealthy),
        (well, ok(901.0, 20), idle, CrossCheck::BacklogGrows),
        (well, ok(900.0, 20), idle, CrossCheck::AgreeHealthy),
        (well, ok(901.0, 20), failed(2.0, 1.0), CrossCheck::OthersFail),
        (well, stale, idle, CrossCheck::Unknown),
        (well, off, off, CrossCheck::Unknown),
        (well, none, idle, CrossCheck::Unknown),
        (ill, ok(3.0, 20), failed(4.0, 0.0), CrossCheck::AgreeFailing),
        (canaries(State::Stalled), ok(2_000.0, 20), idle, CrossCheck::AgreeFailing),
        (ill, ok(3.0, 20), idle, CrossCheck::CloudwatchSilent),
        (ill, ok(3.0, 20), failed(0.0, 0.0), CrossCheck::CloudwatchSilent),
        (ill, ok(3.0, 9), idle, CrossCheck::Unknown),
        (ill, stale, idle, CrossCheck::CloudwatchSilent),
        (ill, none, idle, CrossCheck::Unknown),
        (ill, Reading::nothing(Status::Unreadable), idle, CrossCheck::Unknown),
        (ill, Reading::nothing(Status::NotEnabled), Reading::nothing(Status::NotEnabled), CrossCheck::Unknown),
        (uncovered, ok(0.0, 20), idle, CrossCheck::CloudwatchSilent),
        (canaries(State::Misconfigured), ok(0.0, 20), idle, CrossCheck::Unknown),
        (canaries(State::Unknown), ok(0.0, 20), failed(3.0, 3.0), CrossCheck::Unknown),
        (canaries(State::Paused), ok(0.0, 20), idle, CrossCheck::Unknown),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(cross_check(canaries, &latency, &failed), expected, "row {number}");
    }
}

#[test]
fn results_have_names_and_sentences_of_their_own() {
    let names: std::collections::BTreeSet<_> = CrossCheck::ALL.map(CrossCheck::as_str).into();
    let sentences: std::collections::BTreeSet<_> = CrossCheck::ALL.map(CrossCheck::sentence).into();
    assert_eq!((names.len(), sentences.len()), (6, 6));
}
