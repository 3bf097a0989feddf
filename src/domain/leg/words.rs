//! What a person is told of a leg: one plain sentence on what was seen, what it means, and what to do.

use std::time::Duration;

use super::World;
use super::arrival::Content;
use super::record::Finding;
use crate::domain::object::Trouble;
use crate::domain::probe::standing::{End, Standing};
use crate::domain::reason::Reason;
use crate::domain::report::{Aspect, Lag, Mismatch};
use crate::domain::verdict::Verdict;

/// What a source without status may mean.
const NO_STATUS_HINT: &str = "if the source's server sends no replication status, set `replication_status: none`";

/// The replica came, and is right.
pub(super) fn arrived(world: World<'_>, lag: Option<Lag>, late: bool, content: Content) -> Finding {
    let mut message = timely(world, "the replica arrived intact", lag, late);
    message.push_str(match content {
        Content::NotRead => "",
        Content::Read => ", and its bytes were read and compared",
        Content::NotVerifiable => "; its bytes are archived and not verifiable",
    });
    if world.held.standing.shows_none() {
        message = format!("{message}; warning: the source shows no replication status: {NO_STATUS_HINT} on this route");
    }
    right(lag, late, message)
}

/// The source said COMPLETED for a destination that nobody may read.
pub(super) fn stood_in(world: World<'_>, lag: Lag, late: bool) -> Finding {
    let what =
        "the source says COMPLETED, which is all that can be known of a destination observed by source-only: done";
    right(Some(lag), late, timely(world, what, Some(lag), late))
}

fn right(lag: Option<Lag>, late: bool, message: String) -> Finding {
    let verdict = if late { Verdict::Late } else { Verdict::Replicated };
    Finding { verdict, reason: Reason::of(verdict), message, mismatches: Vec::new(), key_match: None, lag }
}

fn timely(world: World<'_>, what: &str, lag: Option<Lag>, late: bool) -> String {
    let objective = span(world.route.canary.objective);
    let took = lag.map_or_else(String::new, |lag| format!(" {} to {} after the write", span(lag.low), span(lag.high)));
    let relation = if late { "beyond" } else { "within" };
    format!("{what}{took}, {relation} the objective of {objective}")
}

/// The replica came, and is wrong.
pub(super) fn mismatched(mismatches: Vec<Mismatch>, lag: Option<Lag>) -> Finding {
    let each = |it: &Mismatch| format!("{}: expected {}, seen {}", it.what.as_str(), it.expected, it.shown());
    let list: Vec<_> = mismatches.iter().map(each).collect();
    let reason = mismatches.first().map_or_else(|| Reason::of(Verdict::Mismatched), |gravest| gravest.what.reason());
    let message = format!("the replica arrived, but not as expected; {}", list.join("; "));
    Finding { verdict: Verdict::Mismatched, reason, message, mismatches, key_match: None, lag }
}

/// The replica belongs to the source's account, and the destination cannot read it.
pub(super) fn foreign_owner(world: World<'_>, owner: &str) -> Finding {
    let account = world.destination.owner.as_ref().or(world.destination.account.as_ref());
    let expected = account.map_or_else(|| "the destination's account".into(), |account| format!("account {account}"));
    let seen = format!("{owner}, the owner of the source object");
    let mut finding = mismatched(vec![Mismatch { what: Aspect::Owner, expected, seen, meaning: None }], None);
    finding.message.push_str(
        "; the destination cannot read it: set BucketOwnerEnforced there, or AccessControlTranslation in the rule",
    );
    finding
}

/// The replica is listed, but may not be read, and not for its owner.
pub(super) fn unreadable(world: World<'_>) -> Finding {
    let bucket = &world.destination.bucket;
    unknown(
        Reason::Call(Trouble::AccessDenied),
        format!(
            "the replica is listed in {bucket}, but the monitor may not read it: grant it s3:GetObjectVersion there"
        ),
    )
}

/// The source says COMPLETED, the destination refuses to show the version and to list it.
pub(super) fn unlistable(world: World<'_>, trouble: Trouble) -> Finding {
    let bucket = &world.destination.bucket;
    let message = format!(
        "the source says COMPLETED, but {bucket} refuses to show the replica, and listing it met {trouble}: \
         grant the monitor s3:GetObjectVersion, s3:ListBucket and s3:ListBucketVersions there"
    );
    unknown(Reason::Call(trouble), message)
}

/// The replica came, but what was to be verified could not be.
pub(super) fn unverified(world: World<'_>, trouble: Trouble, lag: Option<Lag>) -> Finding {
    let bucket = &world.destination.bucket;
    let message = format!(
        "the replica arrived in {bucket}, but could not be verified as configured ({trouble}): grant the monitor \
         s3:GetObjectVersion and s3:ListBucketVersions there and kms:Decrypt on its key, or set `verify: metadata`"
    );
    Finding { lag, ..unknown(Reason::Call(trouble), message) }
}

/// Nobody could be asked until the canary's time was over.
pub(super) fn unanswered(world: World<'_>, trouble: Option<Trouble>) -> Finding {
    let reason = trouble.map_or(Reason::Unanswered, Reason::Call);
    not_arrived(world, Verdict::Unknown, reason)
}

/// The PUT failed through the monitor's own trouble.
pub(super) fn unwritten(reason: Reason) -> Finding {
    let message = if reason == Reason::WriteUnresolved {
        "the PUT had no definite answer, and none was found by the deadline".into()
    } else {
        format!("the monitor could not write the canary ({reason}): check its credentials, permissions and network")
    };
    unknown(reason, message)
}

/// The replica did not come.
pub(super) fn not_arrived(world: World<'_>, verdict: Verdict, reason: Reason) -> Finding {
    let bucket = &world.destination.bucket;
    let message = match (verdict, reason) {
        (Verdict::Failed, _) => format!(
            "the source says FAILED and {bucket} has nothing: S3 gave up and never retries; check the replication \
             role, both keys and their policies, the bucket policy, and versioning there"
        ),
        (Verdict::Uncovered, Reason::SiblingArrived) => format!(
            "the source says COMPLETED and another destination has the replica, but {bucket} has not: no enabled \
             rule takes the key there"
        ),
        (Verdict::Uncovered, _) => format!(
            "the source shows no replication status and {bucket} has nothing: no enabled rule takes the key; \
             {NO_STATUS_HINT}"
        ),
        (Verdict::Lost, Reason::CompletedButAbsent) => format!(
            "the source says COMPLETED, but {bucket} does not have the replica: it was removed there, or the \
             rule names another bucket"
        ),
        (Verdict::Lost, _) => format!(
            "the replica was not in {bucket} by the deadline of {}: {}",
            span(world.route.canary.deadline),
            stands(world.held.standing)
        ),
        (_, Reason::Call(Trouble::NotFound)) => {
            "somebody else removed the source version before it was replicated: nothing can be told".into()
        }
        _ => format!(
            "{bucket} was never answered for between the objective and the deadline ({reason}): check the monitor's \
             credentials, permissions and network; {}",
            stands(world.held.standing)
        ),
    };
    Finding { verdict, reason, message, mismatches: Vec::new(), key_match: None, lag: None }
}

fn unknown(reason: Reason, message: String) -> Finding {
    Finding { verdict: Verdict::Unknown, reason, message, mismatches: Vec::new(), key_match: None, lag: None }
}

fn stands(standing: Standing) -> &'static str {
    match standing {
        Standing::Unseen => "the source could not be asked either",
        Standing::Untold => "the source's server tells no replication status",
        Standing::Pending => "the source says PENDING, so S3 is still trying",
        Standing::Statusless | Standing::Ended(End::NoStatus, _) => "the source shows no replication status",
        Standing::Ended(End::Completed, _) => "the source says COMPLETED",
        Standing::Ended(End::Failed, _) => "the source says FAILED",
        Standing::Ended(End::Gone, _) => "the source version is gone",
    }
}

/// A duration for a person: `850ms`, `12.3s`, `15m`, `2h05m`.
fn span(duration: Duration) -> String {
    let (seconds, millis) = (duration.as_secs(), duration.subsec_millis());
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match seconds {
        0 => format!("{millis}ms"),
        1..=119 if millis == 0 => format!("{seconds}s"),
        1..=119 => format!("{seconds}.{}s", millis / 100),
        120..=3599 if seconds % 60 == 0 => format!("{minutes}m"),
        120..=3599 => format!("{minutes}m{:02}s", seconds % 60),
        _ if minutes == 0 => format!("{hours}h"),
        _ => format!("{hours}h{minutes:02}m"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_well() {
        let cases = [
            (0, "0ms"),
            (850, "850ms"),
            (12_340, "12.3s"),
            (60_000, "60s"),
            (900_000, "15m"),
            (905_000, "15m05s"),
            (3_600_000, "1h"),
            (7_500_000, "2h05m"),
        ];
        for (millis, text) in cases {
            assert_eq!(span(Duration::from_millis(millis)), text);
        }
    }
}
