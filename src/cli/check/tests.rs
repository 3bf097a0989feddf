//! The exit codes, the three formats, and saved files.

mod documents;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::layout::PIPED;
use super::paint::Paint;
use super::report::Look;
use super::*;
use crate::domain::audit::checks::CHECKS;
use crate::domain::audit::facts::{BucketFacts, Fact, SideFacts, Unread};
use crate::domain::fixture;

fn unread<T>() -> Fact<T> {
    Err(Unread {
        operation: "GetBucketPolicy".to_owned(),
        permission: "s3:GetBucketPolicy".to_owned(),
        trouble: "access_denied".to_owned(),
        message: None,
    })
}

fn side(bucket: &str) -> SideFacts {
    let bucket = BucketFacts {
        name: bucket.to_owned(),
        region: Ok(Some("us-east-1".to_owned())),
        is_owned_as_configured: Ok(true),
        versioning: unread(),
        public_access: unread(),
        policy_is_public: unread(),
        encryption: unread(),
        policy: unread(),
        ownership: unread(),
        object_lock: unread(),
        requester_pays: unread(),
        lifecycle: unread(),
        notifications: unread(),
        strangers: unread(),
    };
    SideFacts { identity: unread(), bucket, keys: BTreeMap::new(), account_public_access: unread() }
}

/// A route with one destination, on which the checks say this.
fn judged(name: &str, findings: Vec<Finding>) -> Judged {
    let facts = RouteFacts {
        route: name.to_owned(),
        source: side("source"),
        replication: unread(),
        role: None,
        destinations: vec![side("destination-0")],
    };
    let route = Arc::new(fixture::route(name, 1));
    Judged { route, facts, read_at: UnixMillis(1_777_896_000_000), audit: Audit { findings } }
}

fn finding(check: &str, severity: Severity, outcome: Outcome) -> Finding {
    let check = CHECKS.iter().find(|each| each.id == check).unwrap();
    let (title, evidence, remedy) = match outcome {
        Outcome::Ok => (check.proves, "Status is Enabled", ""),
        Outcome::Fault => (
            "Versioning of destination-0 is Suspended",
            "GetBucketVersioning: Suspended",
            "aws s3api put-bucket-versioning --bucket destination-0 --versioning-configuration Status=Enabled",
        ),
        Outcome::Unknown => ("Not known", "GetBucketVersioning was refused", "grant s3:GetBucketVersioning"),
    };
    Finding {
        check,
        severity,
        outcome,
        destination: Some(0),
        title: title.to_owned(),
        evidence: evidence.to_owned(),
        remedy: remedy.to_owned(),
        because: None,
    }
}

const PLAIN: Look = Look { paint: Paint(false), width: PIPED };
const PAINTED: Look = Look { paint: Paint(true), width: PIPED };

const VERSIONING: &str = "destination_versioning_enabled";
const TRUST: &str = "role_trusts_s3";

/// Something of everything.
fn sample() -> Vec<Judged> {
    let follows = Finding {
        because: Some(VERSIONING),
        title: "S3 would refuse replicas".to_owned(),
        ..finding(TRUST, Severity::Info, Outcome::Fault)
    };
    let broken = vec![
        finding(VERSIONING, Severity::Error, Outcome::Fault),
        finding(TRUST, Severity::Error, Outcome::Ok),
        finding(TRUST, Severity::Warning, Outcome::Unknown),
        follows,
    ];
    let fine = vec![finding(VERSIONING, Severity::Error, Outcome::Ok), finding(TRUST, Severity::Error, Outcome::Ok)];
    vec![judged("billing", broken), judged("orders", fine)]
}

#[test]
fn exit_codes_follow_the_gravest_fault_then_what_is_not_known() {
    use Outcome::{Fault, Ok, Unknown};
    use Severity::{Error, Info, Warning};
    let cases = [
        (vec![], FailOn::Error, 0),
        (vec![(Error, Ok)], FailOn::Warning, 0),
        (vec![(Error, Fault)], FailOn::Error, 1),
        (vec![(Error, Fault), (Error, Unknown)], FailOn::Error, 1),
        (vec![(Warning, Fault)], FailOn::Error, 0),
        (vec![(Warning, Fault)], FailOn::Warning, 1),
        (vec![(Info, Fault)], FailOn::Warning, 0),
        (vec![(Warning, Unknown)], FailOn::Warning, 0),
        (vec![(Error, Unknown)], FailOn::Error, 2),
        (vec![(Warning, Fault), (Error, Unknown)], FailOn::Error, 2),
        (vec![(Warning, Fault), (Error, Unknown)], FailOn::Warning, 1),
    ];
    for (found, fail_on, expected) in cases {
        let findings = found.iter().map(|(severity, outcome)| finding(VERSIONING, *severity, *outcome)).collect();
        let judged = [judged("orders", findings)];
        assert_eq!(code(&judged, fail_on), expected, "{found:?} with {fail_on:?}");
    }
}

#[test]
fn the_formats() {
    golden("report.txt", &report::render(&sample(), PLAIN));
    golden("report.json", &json::render(&sample()).unwrap());
}

#[test]
fn what_nobody_could_read_has_one_reason_that_is_told_once() {
    let open = || finding(VERSIONING, Severity::Error, Outcome::Unknown);
    let blind = judged("orders", (0..20).map(|_| open()).collect());
    assert_eq!(blind.cause().unwrap().id.as_str(), "monitor_access_denied");
    let text = report::render(&[blind], PLAIN);
    assert!(text.lines().count() < 15 && text.contains("20 unknown"), "{text}");
    assert!(text.find("Cause:") < text.find("1 Buckets"), "the cause first: {text}");
    let one = report::render(&[judged("orders", vec![open()])], PLAIN);
    assert!(one.contains("grant s3:GetBucketVersioning"), "few are told one by one: {one}");
}

#[test]
fn what_several_routes_share_is_told_once_with_their_names() {
    let broken = |name| judged(name, vec![finding(VERSIONING, Severity::Error, Outcome::Fault)]);
    let fine = judged("media", vec![finding(VERSIONING, Severity::Error, Outcome::Ok)]);
    let judged = [broken("billing"), fine, broken("orders")];
    let text = report::render(&judged, PLAIN);
    let (top, rest) = text.split_once("billing  source").unwrap();
    assert!(top.starts_with("Cause of 2 routes: ") && top.contains("of    billing, orders\n"), "{text}");
    assert!(!rest.contains("confidence") && rest.matches("as above").count() == 2, "{text}");
    let report: Value = serde_json::from_str(&json::render(&judged).unwrap()).unwrap();
    let shared = |place: usize| report["routes"][place]["cause"]["shared_with"].clone();
    assert_eq!([shared(0), shared(1), shared(2)], [["orders"].into(), Value::Null, ["billing"].into()]);
}

#[test]
fn lines_fit_and_commands_are_left_whole() {
    for width in [40, 72, 100] {
        for paint in [Paint(false), Paint(true)] {
            let mut text = report::render(&sample(), Look { paint, width });
            for code in ["\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[33m", "\x1b[1;31m"] {
                text = text.replace(code, "");
            }
            let is_bearable = |line: &&str| line.chars().count() <= width || line.contains("aws s3api");
            assert!(text.lines().all(|line| is_bearable(&line)), "{width}: {text}");
            assert!(text.contains("--bucket destination-0 --versioning-configuration Status=Enabled\n"), "{text}");
        }
    }
}

#[test]
fn colours_are_only_added() {
    let plain = report::render(&sample(), PLAIN);
    let mut painted = report::render(&sample(), PAINTED);
    for code in ["\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[33m", "\x1b[1;31m"] {
        assert!(painted.contains(code), "{code:?}");
        painted = painted.replace(code, "");
    }
    assert!(painted == plain);
}

#[test]
fn sarif_has_a_rule_for_every_result_and_a_place() {
    let text = sarif::render(&sample(), "config/my routes.yaml").unwrap();
    let log: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), CHECKS.len());
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 3, "what holds is no result");
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        let place = &result["locations"][0];
        assert_eq!(place["physicalLocation"]["artifactLocation"]["uri"], "config/my%20routes.yaml");
        assert_eq!(place["logicalLocations"][0]["fullyQualifiedName"], "billing/destination-0");
    }
    assert_eq!((&results[0]["kind"], &results[0]["level"]), (&Value::from("fail"), &Value::from("error")));
    assert_eq!((&results[1]["kind"], &results[1]["level"]), (&Value::from("open"), &Value::from("none")));
}

#[test]
fn what_was_saved_is_judged_again() {
    let dir = std::env::temp_dir().join(format!("replicanary-check-{}", std::process::id()));
    let before = sample();
    saved::save(&dir, &before).unwrap();
    let again = saved::judge(&dir, None, None).unwrap();
    assert_eq!(again.len(), 2);
    for (before, again) in before.iter().zip(&again) {
        assert_eq!((&before.route, &before.facts, before.read_at), (&again.route, &again.facts, again.read_at));
    }
    assert_eq!(saved::judge(&dir, None, Some("orders")).unwrap().len(), 1);
    assert!(saved::judge(&dir, None, Some("other")).is_err());
    std::fs::remove_dir_all(&dir).unwrap();
    assert!(saved::judge(&dir, None, None).is_err(), "a directory that is not there");
}

/// Compares with a stored text; `UPDATE_GOLDEN=1` stores what is now.
fn golden(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/check/tests").join(name);
    let actual = format!("{}\n", actual.trim_end());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &actual).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == actual, "{name} differs; UPDATE_GOLDEN=1 stores what is now:\n{actual}");
}
