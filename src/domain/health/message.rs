//! The words for a state: one sentence that says what is seen and what to do next.

use std::time::Duration;

use humantime::{FormattedDuration, format_duration};

use super::conditions::{Shown, Why};
use crate::domain::audit::finding::Finding;
use crate::domain::key::KeyStatus;
use crate::domain::object::Trouble;
use crate::domain::observation::Side;
use crate::domain::reason::Reason;
use crate::domain::report::Report;
use crate::domain::route::{Cleanup, Destination, Observe, Route, StatusSupport};
use crate::domain::verdict::State;

/// What the state of a destination means, and what to do about it.
pub(super) fn sentence(shown: Shown<'_>, route: &Route, destination: &Destination) -> String {
    let bucket = &destination.bucket;
    let objective = span(route.canary.objective);
    match shown.why {
        Why::Paused => "Paused by configuration: no canaries are written, and nothing is known meanwhile.".to_owned(),
        Why::Starting => format!("No verdict yet: the first canary has not been judged at {bucket}; wait for it."),
        Why::Fine => fine(route, destination),
        Why::ArrivedLate(report) => {
            let seen = report.lag.map_or_else(String::new, |lag| format!(" after {}", span(lag.low)));
            format!(
                "The newest canary arrived in {bucket} only{seen}, beyond its objective of {objective}: compare with \
                 the load on the source bucket and with AWS Health; S3 catches up by itself."
            )
        }
        Why::Verdict(report) => fault(report, route, destination),
        Why::Unsure(side, reason) => unsure(*side, *reason, route, destination),
        Why::BrokenSource(reason) => broken_source(*reason, route),
        Why::Key(side, status) => key(status, *side, route, destination),
        Why::KeyMended(side, status) => format!(
            "KMS key {} of {} can be used again: the next canaries to {bucket} will confirm it.",
            status.named,
            route.place(*side)
        ),
        Why::Finding(found) => finding(found, destination),
        Why::FindingMended(found) => format!(
            "The audit finds no error any more ({} holds): the next canaries to {bucket} will confirm it.",
            found.check.id
        ),
        Why::Undeletable(side, trouble) => undeletable(*side, *trouble, route, destination),
        Why::Beyond if shown.state == State::Stalled => format!(
            "A canary has not arrived in {bucket} within its objective of {objective}, and nothing arrived since it \
             was written: replication stands still; check AWS Health and the replication rule, S3 retries by itself."
        ),
        Why::Beyond => format!(
            "A canary has not arrived in {bucket} within its objective of {objective}, although newer objects do: \
             replication lags; compare with the load on the source bucket and with AWS Health."
        ),
    }
}

/// The warning of a route whose source shows no replication status although its replicas arrive.
pub(super) fn no_status(route: &Route) -> String {
    format!(
        "Canaries arrive, but {} shows no replication status: set `replication_status: none` on route {} if its server \
         sends none, or a missing replica will be reported as uncovered.",
        route.source.bucket, route.name
    )
}

fn fine(route: &Route, destination: &Destination) -> String {
    let mut text =
        format!("Canaries arrive in {} within the objective of {}", destination.bucket, span(route.canary.objective));
    if destination.observe == Observe::SourceOnly {
        text.push_str(", by the word of the source alone: the destination is not looked at");
    }
    if route.replication_status == StatusSupport::None {
        text.push_str("; the server sends no replication status, so `failed` and `uncovered` cannot be told");
    }
    text.push('.');
    text
}

#[expect(clippy::wildcard_enum_match_arm, reason = "any other reason does not occur here, and needs no words")]
fn fault(report: &Report, route: &Route, destination: &Destination) -> String {
    let (source, bucket) = (&route.source.bucket, &destination.bucket);
    let prefix = &route.canary.prefix;
    let first = |what: &str, next: &str| {
        let seen = report.mismatches.iter().find(|each| each.what.reason() == report.reason);
        let seen = seen.map_or_else(String::new, |each| format!(": expected {}, seen {}", each.expected, each.shown()));
        format!("A replica in {bucket} {what}{seen}; {next}.")
    };
    match report.reason {
        Reason::SourceFailed => format!(
            "S3 gave up replicating a canary from {source} to {bucket} (FAILED, never retried): check the replication \
             role's rights, both KMS keys, and the destination's versioning and policy, then repair with S3 Batch \
             Replication."
        ),
        Reason::DeadlinePassed => format!(
            "A canary did not arrive in {bucket} by its deadline of {}: check AWS Health and the replication rule of \
             {source}; S3 retries what is PENDING.",
            span(route.canary.deadline)
        ),
        Reason::CompletedButAbsent => format!(
            "{source} says COMPLETED, but the replica is not in {bucket}: look for whoever deletes under {prefix} \
             there, and check that the rule replicates to this bucket."
        ),
        Reason::NoStatus => format!(
            "No replication rule took a canary from {source} to {bucket}: enable a rule whose filter covers {prefix} \
             and that selects KMS-encrypted objects, then repair with S3 Batch Replication of status NONE."
        ),
        Reason::SiblingArrived => format!(
            "A canary from {source} reached another destination but not {bucket}: enable a rule whose filter covers \
             {prefix} with this destination, then repair with S3 Batch Replication."
        ),
        Reason::WrongVersion => first("has another version id", "it is a copy, not a replica: find out who writes it"),
        Reason::WrongKey => {
            first("is encrypted with another key", "correct the rule's ReplicaKmsKeyID or the configured kms_key")
        }
        Reason::WrongAlgorithm => {
            first("is encrypted otherwise", "correct the rule's EncryptionConfiguration or the bucket's default")
        }
        Reason::WrongBucketKey => first("has another Bucket Key flag", "correct the destination's default encryption"),
        Reason::WrongContent => first("has other bytes", "find out who writes there, and replicate the data again"),
        Reason::WrongSize => first("has another size", "find out who writes there, and replicate the data again"),
        Reason::WrongMetadata => first("has other metadata", "find out who rewrites objects there"),
        Reason::WrongOwner => {
            first("belongs to another account", "enable AccessControlTranslation or BucketOwnerEnforced")
        }
        Reason::WrongStorageClass => first("has another storage class", "correct the rule's StorageClass"),
        Reason::NotAReplica => first("is not a replica", "find out who writes there in the place of S3"),
        _ => report.message.clone(),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "any other reason does not occur here, and needs no words")]
fn broken_source(reason: Reason, route: &Route) -> String {
    let bucket = &route.source.bucket;
    let key = route.source.kms_key.as_ref().map_or_else(String::new, |key| format!(" {key}"));
    let next = match reason {
        Reason::NoVersionId => "versioning is off or suspended, and S3 replicates nothing: enable it".to_owned(),
        Reason::Call(Trouble::NoSuchBucket) => "the bucket does not exist: create it or correct the name".to_owned(),
        Reason::Call(Trouble::KmsDisabled) => {
            format!("its KMS key{key} on the source side is disabled for everybody: enable the key")
        }
        Reason::Call(Trouble::KmsNotFound) => {
            format!("its KMS key{key} on the source side does not exist: set a default encryption key that does")
        }
        Reason::Call(Trouble::KmsInvalidState) => {
            format!("its KMS key{key} on the source side cannot be used: cancel its deletion or set another key")
        }
        other => format!("it is broken for everybody ({other}): repair it"),
    };
    format!("Canaries cannot be written to {bucket}, because {next}.")
}

fn key(status: &KeyStatus, side: Side, route: &Route, destination: &Destination) -> String {
    let problem = status.problem(&route.place(side)).unwrap_or_default();
    format!(
        "Replication to {} cannot go on, because {problem}. Canaries may stay green for a while, since S3 Bucket Keys \
         are cached.",
        destination.bucket
    )
}

/// Of a long remedy only the first line: the findings have it whole.
fn finding(finding: &Finding, destination: &Destination) -> String {
    let title = finding.title.trim_end_matches('.');
    let remedy = finding.remedy.lines().next().unwrap_or_default().trim_end_matches(['.', ':']);
    let next = if remedy.is_empty() { String::new() } else { format!(": {remedy}") };
    format!("The set-up of replication to {} is wrong ({}): {title}{next}.", destination.bucket, finding.check.id)
}

fn undeletable(side: Side, trouble: Trouble, route: &Route, destination: &Destination) -> String {
    let (bucket, lifecycle) = match side {
        Side::Source => (&route.source.bucket, ""),
        Side::Destination(_) if destination.cleanup == Cleanup::Delete => {
            (&destination.bucket, ", set `cleanup: lifecycle` there")
        }
        Side::Destination(_) => (&destination.bucket, ""),
    };
    format!(
        "A canary cannot be deleted from {bucket} ({trouble}), so no more are written: grant s3:DeleteObjectVersion, \
         end the retention or legal hold{lifecycle}, or accept leftovers with `allow_retained: true`."
    )
}

/// The monitor's own trouble. Never worded as a fault of replication.
#[expect(clippy::wildcard_enum_match_arm, reason = "any other reason does not occur here, and needs no words")]
fn unsure(side: Side, reason: Reason, route: &Route, destination: &Destination) -> String {
    let place = match side {
        Side::Source => format!("the source {}", route.source.bucket),
        Side::Destination(_) => format!("the destination {}", destination.bucket),
    };
    let cause = match reason {
        Reason::Call(trouble) => call(trouble, &place),
        Reason::Unanswered => {
            format!("{place} did not answer after the objective: check the network and the monitor's rights there")
        }
        Reason::WriteUnresolved => {
            format!("a write to {place} stayed without a definite answer: check the network and the endpoint there")
        }
        Reason::ProbeBroke => "the monitor itself broke while following a canary: report its log".to_owned(),
        other => format!("{place} could not be judged ({other}): see the monitor's log"),
    };
    format!("The monitor cannot tell whether replication works, because {cause}.")
}

fn call(trouble: Trouble, place: &str) -> String {
    match trouble {
        Trouble::AccessDenied => {
            format!("{place} refuses it: grant its role the rights of this side, and check the expected account")
        }
        Trouble::BadCredentials => format!("{place} does not accept its credentials: correct those of this side"),
        Trouble::ExpiredCredentials => format!("its credentials for {place} have expired: renew those of this side"),
        Trouble::NoCredentials => format!(
            "it has no credentials for {place}: check the credential chain, the role's trust policy and external id"
        ),
        Trouble::ClockSkew => format!("its clock and that of {place} differ too much: synchronise the monitor's clock"),
        Trouble::WrongRegion => format!("{place} lives in another Region: correct `region` of this side"),
        Trouble::Throttled => format!("{place} throttles it: lower the request rate or raise `interval`"),
        Trouble::ConnectionFailed | Trouble::ConnectionLost | Trouble::TimedOut => {
            format!("{place} cannot be reached ({trouble}): check the network, the proxy and the endpoint")
        }
        Trouble::ServerError | Trouble::BadAnswer => {
            format!("{place} does not answer as S3 does ({trouble}): check the endpoint and AWS Health")
        }
        Trouble::NotFound
        | Trouble::NoSuchBucket
        | Trouble::NoSuchQueue
        | Trouble::MethodNotAllowed
        | Trouble::Exists
        | Trouble::KmsDisabled
        | Trouble::KmsNotFound
        | Trouble::KmsInvalidState
        | Trouble::Archived
        | Trouble::Refused
        | Trouble::Internal => format!("calls to {place} end with {trouble}: see the monitor's log"),
    }
}

/// A duration in words, without what no one wants to read.
fn span(duration: Duration) -> FormattedDuration {
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    format_duration(Duration::from_millis(millis))
}
