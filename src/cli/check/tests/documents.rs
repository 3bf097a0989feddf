//! The pages for users about causes and checks: they are made of the tables, so that none is left out.

use std::path::Path;

use crate::domain::audit::checks::CHECKS;
use crate::domain::audit::finding::Severity;
use crate::domain::cause::{self, CauseId};
use crate::domain::event::reason::FailureReason;

const CAUSES: &str = "\
# What each cause means

The diagnosis of a destination: in `check`, the API, the page, the log and `replicanary_cause_info`. Order: the one that
S3 meets first. The evidence of a cause is the fault of one of its checks ([checks.md](checks.md)), S3's own failure
reason, the state of a key, or what canaries show; where a finding gives an exact repair, that one is shown.

| cause | what it is | checks that find it | repair |
|---|---|---|---|
";

const CHECKS_HEAD: &str = "\
# What each check proves

`replicanary check` and the daemon's audit make these checks, in the order of the steps of a set-up. An `error` stops
replication or the monitor, a `warning` costs or is likely to break, `info` is worth knowing. A consequence of another
fault is told as `info`, with the check that it follows from.

| check | severity | step | proves that |
|---|---|---|---|
";

#[test]
fn every_cause_is_documented() {
    let rows = CauseId::ALL.iter().map(|id| {
        let found = CHECKS.iter().filter(|check| cause::of_check(check.id) == Some(*id));
        let found: Vec<String> = found.map(|check| format!("`{}`", check.id)).collect();
        format!("| `{id}` | {} | {} | {} |\n", cell(id.summary()), found.join(" "), cell(id.remedy()))
    });
    page("deploy/causes.md", &rows.fold(CAUSES.to_owned(), |page, row| page + &row));
}

#[test]
fn every_check_is_documented() {
    let rows = CHECKS.iter().map(|check| {
        format!("| `{}` | {} | {} | {} |\n", check.id, check.severity, check.step.as_str(), cell(check.proves))
    });
    page("deploy/checks.md", &rows.fold(CHECKS_HEAD.to_owned(), |page, row| page + &row));
}

#[test]
fn every_check_that_is_an_error_has_a_cause_of_its_own() {
    for check in CHECKS.iter().filter(|check| check.severity == Severity::Error) {
        assert!(cause::of_check(check.id).is_some(), "{}", check.id);
    }
}

/// These say that there is nothing to repair, or are not documented by AWS.
const WITHOUT_CAUSE: [FailureReason; 3] =
    [FailureReason::InitiateReplicationNotPermitted, FailureReason::SrcReplicationNotPending, FailureReason::Other];

#[test]
fn every_failure_reason_has_a_cause_or_is_known_to_have_none() {
    for reason in FailureReason::ALL {
        assert_eq!(cause::explaining(*reason).is_empty(), WITHOUT_CAUSE.contains(reason), "{reason}");
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// Compares with the page; `UPDATE_GOLDEN=1` writes it.
fn page(path: &str, expected: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, expected).unwrap();
    }
    let actual = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(actual == expected, "{path} differs from the tables; UPDATE_GOLDEN=1 writes it anew");
}
