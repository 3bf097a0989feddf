//! The daemon in worlds with one fault: the state, the reason and the cause that its snapshot shows.

use std::time::Duration;

use replicanary::app::Daemon;
use replicanary::domain::verdict::State;
use replicanary::sim::Options;

use super::faulty_worlds::{Named, in_parallel, named, only_the_route};
use super::harness::{Run, config_of, on_paused_time, pace, simulator, world};
use super::setup::Setup;

/// Within this long the daemon has judged a canary and read the set-up twice.
const KNOWN: Duration = Duration::from_secs(90);

/// What the daemon says of a world.
struct Shown(&'static str, State, &'static str, &'static str);

const SHOWN: &[Shown] = &[
    Shown("the destination key is disabled", State::Failing, "source_failed", "destination_key_disabled"),
    Shown("versioning is suspended at the destination", State::Failing, "source_failed", "destination_versioning_off"),
    Shown("the role is gone", State::Failing, "source_failed", "role_missing"),
    Shown("the role was deleted and created again", State::Failing, "source_failed", "role_recreated"),
    Shown("a Deny on s3:Replicate* for the role", State::Failing, "source_failed", "destination_policy_denies"),
    Shown("the destination bucket has no policy", State::Failing, "source_failed", "destination_policy_missing"),
    Shown("the rule names a key of another Region", State::Failing, "source_failed", "replica_key_wrong_region"),
    Shown(
        "object ARNs as encryption context while Bucket Keys are on",
        State::Failing,
        "source_failed",
        "encryption_context_mismatch",
    ),
    Shown("the rule is disabled", State::Misconfigured, "no_status", "rule_disabled"),
    Shown("the rule leaves out SSE-KMS objects", State::Misconfigured, "no_status", "kms_opt_in_missing"),
    Shown("the source key is disabled", State::Misconfigured, "kms_disabled", "source_key_disabled"),
    Shown("the rule publishes no metrics", State::Healthy, "ok", ""),
];

#[test]
fn the_daemon_names_the_state_the_reason_and_the_cause() {
    let rows: Vec<&Shown> = SHOWN.iter().collect();
    in_parallel(&rows, |row| on_paused_time(complaints(row)));
}

async fn complaints(Shown(fault, state, reason, cause): &Shown) -> Vec<String> {
    let simulator = simulator(&Options { bucket_key_ttl: Duration::ZERO, ..Options::default() });
    let config = config_of(&simulator, 0, usize::MAX, &pace(), only_the_route);
    (named(fault).break_it)(&Setup::new(&simulator).await).await;
    let daemon = Daemon::start(&config, world(&simulator, 0)).await;
    let run = Run { simulator, daemon, config };
    tokio::time::sleep(KNOWN).await;
    let leg = run.leg(0);
    let named = leg.cause.as_ref().map_or("", |cause| cause.id.as_str());
    let mut complaints = Vec::new();
    if (leg.state, leg.reason.as_str(), named) != (*state, *reason, *cause) {
        let seen = format!("{} ({}), cause {named:?}: {}", leg.state, leg.reason, leg.message);
        complaints.push(format!("is {seen}; expected {state} ({reason}), cause {cause:?}"));
    }
    if let Some(cause) = &leg.cause
        && (cause.evidence.is_empty() || cause.remedy.is_empty())
    {
        complaints.push(format!("a cause without evidence or remedy: {cause:?}"));
    }
    let _drained = run.stop().await;
    complaints
}

impl Named for Shown {
    fn name(&self) -> String {
        self.0.to_owned()
    }
}
