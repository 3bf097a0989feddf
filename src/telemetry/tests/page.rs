//! The metrics page.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use prometheus::proto::MetricType;

use super::script::{Script, key, queue, report, route_with};
use crate::domain::audit::finding::Outcome;
use crate::domain::event::queue::{MessageOutcome, QueueNote};
use crate::domain::event::{EventKind, Failure};
use crate::domain::fixture::finding;
use crate::domain::key::{KeyFound, KeyState};
use crate::domain::name::ObjectKey;
use crate::domain::object::{ReplicationStatus, Trouble};
use crate::domain::observation::{Note, Observation, Side};
use crate::domain::reading::{Metric, Obstacle, Place};
use crate::domain::reason::Reason;
use crate::domain::report::{Aspect, Mismatch, Stage, StageAt};
use crate::domain::route::{RouteId, Verify};
use crate::domain::verdict::{State, Verdict};
use crate::telemetry::daemon::{CallMetrics, DaemonMetrics, OperationMetrics};
use crate::telemetry::family::MetricSet;
use crate::telemetry::route_metrics::{DestinationMetrics, RouteMetrics, SideMetrics};
use crate::telemetry::sample;

const STATUS: &str = "replicanary_source_replication_status";
const ORDERS: &str = r#"route="orders",destination="orders-replica-1""#;

/// Two routes: one is well, the other has two destinations and several kinds of trouble.
fn everything() -> Script {
    let mut script = Script::with_orders();
    script.add(1, sample::route("photos", 2));
    script.wait(Duration::from_millis(2_500));
    let delay = Duration::from_millis(3);
    script.play(&Observation::Cycle { route: RouteId(0), delay, at: script.now() });
    script.call("PutObject", Ok(()));
    script.call("HeadObject", Err(Trouble::NotFound));
    script.call("HeadObject", Err(Trouble::Throttled));
    script.call("HeadObject", Ok(()));
    script.note(0, 0, Note::SourceStatus(Some(ReplicationStatus::Pending)));
    script.arrival(0, 1, report(1, 0, Verdict::Replicated));
    script.note(0, 1, Note::SourceStatus(Some(ReplicationStatus::Completed)));
    script.arrival(0, 2, report(2, 0, Verdict::Replicated));
    script.note(1, 30, Note::WriteFailed { reason: Reason::Call(Trouble::AccessDenied) });
    script.arrival(1, 40, report(40, 0, Verdict::Replicated));
    script.note(1, 50, Note::WriteSent);
    script.note(1, 50, Note::Judged(report(50, 1, Verdict::Failed)));
    script.note(1, 50, Note::SourceStatus(None));
    script.note(1, 51, Note::DeleteFailed { side: Side::Source, trouble: Trouble::TimedOut, refused: false });
    script.note(1, 51, Note::Leaked { side: Side::Destination(1) });
    script.readings(0, [4.0, 2_048.0, 2.0], Some(3.0));
    script.look(1, Side::Source, key(KeyState::Enabled));
    script.look(1, Side::Destination(1), key(KeyState::PendingDeletion));
    script.audit(1, &[finding(Outcome::Fault, Some(0))]);
    script.audit(1, &[finding(Outcome::Ok, Some(0)), finding(Outcome::Fault, Some(1))]);
    script.drift(1);
    script.event(1, 1, true, EventKind::Failed(Failure::new("DstKmsKeyInvalidState")));
    for reason in ["AssumeRoleNotPermitted", "AssumeRoleNotPermitted", "DstMoonPhaseWrong"] {
        script.event(1, 0, false, EventKind::Failed(Failure::new(reason)));
    }
    script.event(1, 0, false, EventKind::MissedThreshold);
    script.add(2, route_with("tapes", &queue("111111111111")));
    for outcome in [MessageOutcome::Test, MessageOutcome::Accounted, MessageOutcome::Accounted] {
        script.queue(&queue("111111111111"), QueueNote::Message { outcome, problem: None });
    }
    script.queue(&queue("111111111111"), QueueNote::Read);
    script.play(&Observation::ProbeBroke { route: RouteId(1), key: ObjectKey::new("key"), at: script.now() });
    script
}

#[test]
fn a_check_has_a_series_from_its_first_fault_on_while_it_can_be_told() {
    let series = format!("replicanary_config_check_ok{{{ORDERS},check=\"rule_covers_canary\"}}");
    let mut script = Script::with_orders();
    for (outcome, shown) in [
        (Outcome::Ok, None),
        (Outcome::Unknown, None),
        (Outcome::Fault, Some(0.0)),
        (Outcome::Unknown, None),
        (Outcome::Ok, Some(1.0)),
    ] {
        script.audit(0, &[finding(outcome, None)]);
        assert_eq!(script.value(&series), shown, "{outcome:?}");
    }
    assert!(script.value(&format!("replicanary_config_check_timestamp_seconds{{{ORDERS}}}")).is_some());
}

#[test]
fn a_change_is_counted_and_settles() {
    let settling = format!("replicanary_config_settling{{{ORDERS}}}");
    let mut script = Script::with_orders();
    assert_eq!(script.value(&settling), None);
    script.drift(0);
    let counted = format!("replicanary_config_changes_total{{{ORDERS},check=\"destination_versioning\"}}");
    assert_eq!((script.value(&settling), script.value(&counted)), (Some(1.0), Some(1.0)));
    script.wait(Duration::from_secs(901));
    script.telemetry.tick();
    assert_eq!(script.value(&settling), Some(0.0));
}

#[test]
fn the_whole_page() {
    let page = everything().page();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/telemetry/tests/metrics.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == page, "metrics.txt differs; UPDATE_GOLDEN=1 stores what is now:\n{page}");
}

#[test]
fn a_healthy_destination_has_at_most_sixty_series() {
    let mut script = Script::new();
    let mut route = sample::route("orders", 1);
    route.destinations[0].verify = Verify::Content;
    script.add(0, route);
    for number in 1..20 {
        script.play(&Observation::Cycle { route: RouteId(0), delay: Duration::ZERO, at: script.now() });
        script.note(0, number, Note::SourceStatus(Some(ReplicationStatus::Completed)));
        let mut report = report(number, 0, Verdict::Replicated);
        report.stages.push(StageAt { stage: Stage::Verified, at: report.written_at });
        script.arrival(0, number, report);
    }
    script.audit(0, &[]);
    script.look(0, Side::Source, key(KeyState::Enabled));
    script.look(0, Side::Destination(0), key(KeyState::Enabled));
    script.readings(0, [4.0, 2_048.0, 2.0], Some(0.0));
    script.note(0, 20, Note::WriteSent);
    assert_eq!(script.value(&format!("replicanary_route_state{{{ORDERS},state=\"healthy\"}}")), Some(1.0));
    let page = script.page();
    let series = page.lines().filter(|line| line.contains(r#"route="orders""#)).count();
    assert_eq!(page.lines().filter(|line| line.starts_with("replicanary_canary_lag_seconds_bucket")).count(), 15);
    assert_eq!(series, 60, "series of the route and its destination:\n{page}");
    let own = page.lines().filter(|line| line.contains("destination=\"orders-replica-1\"")).count();
    assert_eq!(own, 53, "series of the destination alone");
}

#[test]
fn closed_sets_exist_from_the_start_at_zero_and_times_do_not() {
    let page = Script::with_orders().page();
    for verdict in Verdict::ALL {
        let series = format!("replicanary_canary_verdicts_total{{{ORDERS},verdict=\"{verdict}\"}} 0\n");
        assert!(page.contains(&series), "{series}");
    }
    for state in State::ALL {
        let value = u8::from(state == State::Unknown);
        let series = format!("replicanary_route_state{{{ORDERS},state=\"{state}\"}} {value}\n");
        assert!(page.contains(&series), "{series}");
    }
    for present in [
        "replicanary_canary_writes_total{route=\"orders\"} 0\n",
        &format!("replicanary_canary_objects_deleted_total{{{ORDERS},side=\"destination\"}} 0\n"),
        &format!("replicanary_canaries_pending{{{ORDERS}}} 0\n"),
        &format!("replicanary_lag_objective_seconds{{{ORDERS}}} 900\n"),
        "replicanary_canary_interval_seconds{route=\"orders\"} 60\n",
        "replicanary_probes_broken_total 0\n",
    ] {
        assert!(page.contains(present), "{present}");
    }
    for absent in [
        "oldest_pending",
        "last_success",
        "last_replicated",
        "last_write",
        "last_cycle",
        "kms_key_match",
        "kms_key_usable",
        "kms_key_deletion",
        "content_match",
        "canary_failures_total{",
        "write_failures_total{",
        "lag_resolution",
        "cloudwatch",
    ] {
        let exists = page.lines().any(|line| !line.starts_with('#') && line.contains(absent));
        assert!(!exists, "{absent} exists:\n{page}");
    }
}

#[test]
fn labels_come_only_from_closed_sets() {
    let mut script = everything();
    for verdict in Verdict::ALL {
        script.arrival(0, 100, report(100, 0, verdict));
    }
    for reason in Reason::all() {
        script.note(0, 101, Note::WriteFailed { reason });
    }
    for trouble in Trouble::ALL {
        script.call("HeadObject", Err(trouble));
    }
    let thresholds = [EventKind::MissedThreshold, EventKind::ReplicatedAfterThreshold, EventKind::NotTracked];
    for kind in &thresholds {
        script.event(0, 0, false, kind.clone());
    }
    let all: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::from([
        ("event", thresholds.iter().map(|kind| kind.name().as_str()).collect()),
        ("outcome", MessageOutcome::ALL.map(MessageOutcome::as_str).into()),
        ("verdict", Verdict::ALL.map(Verdict::as_str).into()),
        ("state", State::ALL.map(State::as_str).into()),
        ("reason", Reason::all().map(Reason::as_str).collect()),
        ("code", Trouble::ALL.into_iter().filter(|code| *code != Trouble::NotFound).map(Trouble::as_str).collect()),
        ("side", BTreeSet::from(["source", "destination"])),
        ("metric", Metric::ALL.map(Metric::as_str).into()),
    ]);
    let page = script.page();
    for (label, closed) in all {
        let opening = format!("{label}=\"");
        let seen: BTreeSet<&str> = page
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| Some(line.split_once(&opening)?.1.split_once('"')?.0))
            .collect();
        assert_eq!(seen, closed, "{label}");
    }
}

#[test]
fn the_status_that_the_source_shows_is_one_series() {
    let mut script = Script::with_orders();
    assert!(!script.page().contains("replicanary_source_replication_status"));
    for status in ReplicationStatus::ALL.map(Some).into_iter().chain([None]) {
        script.note(0, 1, Note::SourceStatus(status));
        let page = script.page();
        let shown: Vec<&str> = page.lines().filter(|line| line.starts_with(&format!("{STATUS}{{"))).collect();
        let status = status.map_or("none", ReplicationStatus::as_str);
        assert_eq!(shown, [format!("{STATUS}{{{ORDERS},status=\"{status}\"}} 1")]);
    }
}

#[test]
fn series_go_with_their_route_and_are_never_doubled() {
    let mut script = everything();
    script.play(&Observation::RouteRemoved(RouteId(1)));
    assert!(!script.page().contains("photos"));
    script.add(7, sample::route("orders", 1));
    script.play(&Observation::RouteRemoved(RouteId(0)));
    script.note(7, 200, Note::WriteSent);
    script.note(0, 201, Note::WriteSent);
    let page = script.page();
    let series: Vec<&str> = page.lines().filter_map(|line| Some(line.rsplit_once(' ')?.0)).collect();
    assert_eq!(series.len(), series.iter().collect::<BTreeSet<_>>().len());
    assert_eq!(script.value(r#"replicanary_canary_writes_total{route="orders"}"#), Some(1.0));
}

#[test]
fn key_and_content_are_told_once_they_were_looked_at() {
    let differs = |what| vec![Mismatch { what, expected: "a".to_owned(), seen: "b".to_owned(), meaning: None }];
    let (key, content) =
        (format!("replicanary_kms_key_match{{{ORDERS}}}"), format!("replicanary_content_match{{{ORDERS}}}"));
    let mut script = Script::with_orders();
    script.arrival(0, 1, report(1, 0, Verdict::Lost));
    assert_eq!((script.value(&key), script.value(&content)), (None, None));
    script.arrival(0, 2, report(2, 0, Verdict::Late));
    assert_eq!((script.value(&key), script.value(&content)), (Some(1.0), Some(1.0)));
    let mut wrong_key = report(3, 0, Verdict::Mismatched);
    wrong_key.mismatches = differs(Aspect::KmsKey);
    wrong_key.key_match = Some(false);
    script.arrival(0, 3, wrong_key);
    assert_eq!((script.value(&key), script.value(&content)), (Some(0.0), Some(1.0)));
    let mut corrupted = report(4, 0, Verdict::Mismatched);
    corrupted.mismatches = differs(Aspect::Content);
    script.arrival(0, 4, corrupted);
    assert_eq!((script.value(&key), script.value(&content)), (Some(0.0), Some(0.0)));
}

#[test]
fn keys_are_told_while_they_are_known() {
    let usable = format!("replicanary_kms_key_usable{{{ORDERS},side=\"destination\"}}");
    let deletion = format!("replicanary_kms_key_deletion_timestamp_seconds{{{ORDERS},side=\"destination\"}}");
    let mut script = Script::with_orders();
    for (found, expected) in [
        (key(KeyState::Enabled), (Some(1.0), None)),
        (key(KeyState::Disabled), (Some(0.0), None)),
        (key(KeyState::PendingDeletion), (Some(0.0), Some(1_801_353_600.0))),
        (KeyFound::Denied, (None, None)),
        (KeyFound::Missing, (Some(0.0), None)),
        (KeyFound::NoAnswer(Trouble::TimedOut), (None, None)),
    ] {
        script.look(0, Side::Destination(0), found.clone());
        assert_eq!((script.value(&usable), script.value(&deletion)), expected, "{found:?}");
    }
    script.look(0, Side::Source, key(KeyState::Enabled));
    assert_eq!(script.value(r#"replicanary_kms_key_usable{route="orders",side="source"}"#), Some(1.0));
}

#[test]
fn readings_are_told_while_they_speak_of_the_present_and_their_time_for_ever() {
    let name = |metric: &str| format!("{}_cloudwatch_{metric}{{{ORDERS}}}", "replicanary");
    let names = ["replication_latency_seconds", "bytes_pending", "operations_pending", "operations_failed"].map(name);
    let others = name("operations_failed_less_canaries");
    let time = |metric: Metric| {
        format!("replicanary_cloudwatch_datapoint_timestamp_seconds{{{ORDERS},metric=\"{}\"}}", metric.as_str())
    };
    let mut script = Script::with_orders();
    let values = |script: &mut Script| names.each_ref().map(|name| script.value(name));
    assert_eq!(values(&mut script), [None; 4]);
    script.readings(0, [0.0, 2_048.0, 2.0], None);
    assert_eq!(values(&mut script), [Some(0.0), Some(2_048.0), Some(2.0), None]);
    assert_eq!((script.value(&others), script.value(&time(Metric::OperationsFailed))), (None, None));
    assert!(script.page().contains(r#"rule_id="rule-1""#));
    script.wait(Duration::from_secs(600));
    script.readings(0, [9.0, 0.0, 0.0], Some(3.0));
    assert_eq!(values(&mut script), [Some(9.0), Some(0.0), Some(0.0), Some(3.0)]);
    assert_eq!(script.value(&others), Some(3.0), "no canary failed");
    let newest = script.value(&time(Metric::ReplicationLatency));
    assert_eq!(newest, Some(1_777_896_000.0 + 600.0 - 120.0));
    for (metric, trouble) in [(Place::Destination, Obstacle::Forbidden), (Place::Source, Obstacle::Incomplete)] {
        script.unread(0, metric, trouble);
    }
    assert_eq!(values(&mut script), [Some(9.0), Some(0.0), Some(0.0), Some(3.0)], "what was known stays");
    script.wait(Duration::from_secs(1_201));
    script.telemetry.tick();
    assert_eq!(values(&mut script), [None; 4]);
    assert_eq!(script.value(&others), None);
    for metric in Metric::ALL {
        assert_eq!(script.value(&time(metric)), newest, "{metric:?}");
    }
}

#[test]
fn the_lag_of_right_arrivals_is_counted_once() {
    let count = format!("replicanary_canary_lag_seconds_count{{{ORDERS}}}");
    let mut script = Script::with_orders();
    script.arrival(0, 1, report(1, 0, Verdict::Replicated));
    script.arrival(0, 2, report(2, 0, Verdict::Mismatched));
    script.note(0, 3, Note::Judged(report(3, 0, Verdict::Lost)));
    assert_eq!(script.value(&count), Some(1.0));
    let mut late = report(3, 0, Verdict::Lost);
    late.lag = report(3, 0, Verdict::Late).lag;
    script.note(0, 3, Note::ArrivedLate(late.clone()));
    script.note(0, 3, Note::Final(late));
    assert_eq!(script.value(&count), Some(2.0));
    let bucket = |bound| format!("replicanary_canary_lag_seconds_bucket{{{ORDERS},le=\"{bound}\"}}");
    assert_eq!(script.value(&bucket("10")), Some(0.0));
    assert_eq!(script.value(&bucket("15")), Some(2.0));
    assert_eq!(script.value(&format!("replicanary_canary_lag_seconds_sum{{{ORDERS}}}")), Some(23.0));
    let lost = format!("replicanary_canary_verdicts_total{{{ORDERS},verdict=\"lost\"}}");
    assert_eq!(script.value(&lost), Some(1.0));
}

#[test]
fn unknown_is_never_counted_as_a_failure_of_replication() {
    let mut script = Script::with_orders();
    script.arrival(0, 1, report(1, 0, Verdict::Unknown));
    assert!(!script.page().contains("replicanary_canary_failures_total"));
    script.arrival(0, 2, report(2, 0, Verdict::Lost));
    let series = format!("replicanary_canary_failures_total{{{ORDERS},reason=\"deadline_passed\"}}");
    assert_eq!(script.value(&series), Some(1.0));
}

#[test]
fn counters_and_snapshot_tell_the_same() {
    let mut script = everything();
    script.page();
    let snapshot = Arc::clone(&script.handles.snapshots.borrow());
    let photos = snapshot.route("photos").unwrap();
    for (place, destination) in photos.destinations.iter().enumerate() {
        let bucket = &photos.route.destinations[place].bucket;
        for (verdict, count) in Verdict::ALL.iter().zip(destination.verdicts) {
            let series = format!(
                r#"replicanary_canary_verdicts_total{{route="photos",destination="{bucket}",verdict="{verdict}"}}"#
            );
            assert_eq!(script.value(&series), Some(crate::telemetry::value::whole(count)), "{series}");
        }
    }
}

#[test]
fn names_and_help_texts_follow_the_rules() {
    fn check<M: MetricSet>(names: &mut BTreeSet<&'static str>) {
        for family in M::FAMILIES {
            let (name, help) = (family.name, family.help);
            assert!(names.insert(name), "{name} is declared twice");
            assert_eq!(name.ends_with("_total"), family.kind == MetricType::COUNTER, "{name}");
            assert!(help.ends_with(|last: char| last == '.' || last.is_ascii_alphanumeric()), "{name}: {help}");
            assert!(help.len() > 20 && !help.contains("  ") && !help.contains('`'), "{name}: {help}");
            assert!(!name.contains("timestamp") || help.contains("seconds since the Unix epoch"), "{name}: {help}");
        }
    }
    let mut names = BTreeSet::new();
    check::<DaemonMetrics>(&mut names);
    check::<CallMetrics>(&mut names);
    check::<OperationMetrics>(&mut names);
    check::<RouteMetrics>(&mut names);
    check::<SideMetrics>(&mut names);
    check::<DestinationMetrics>(&mut names);
    assert!(names.len() >= 30);
}

#[test]
fn a_family_of_many_routes_comes_in_pieces_under_one_head() {
    let mut script = Script::new();
    for slot in 0..1001 {
        script.add(slot, sample::route(&format!("route-{slot:04}"), 1));
    }
    script.note(600, 1, Note::WriteFailed { reason: Reason::NoVersionId });
    script.page();
    let parts: Vec<String> = script.handles.metrics.parts().collect();
    let pieces = parts.iter().filter(|part| part.contains("\nreplicanary_canary_lag_seconds_count{")).count();
    assert_eq!(pieces, 3);
    let page = parts.concat();
    let heads: Vec<&str> = page.lines().filter(|line| line.starts_with("# TYPE ")).collect();
    assert_eq!(heads.len(), heads.iter().collect::<BTreeSet<_>>().len());
    assert_eq!(heads.len(), page.matches("# HELP ").count());
    let order: Vec<&str> = page.lines().filter(|line| line.starts_with("replicanary_canary_writes_total{")).collect();
    assert_eq!(order.len(), 1001);
    assert!(order.is_sorted());
    let family = page.split("# TYPE replicanary_canary_write_failures_total counter\n").nth(1).unwrap();
    let failure = "replicanary_canary_write_failures_total{route=\"route-0600\",reason=\"no_version_id\"} 1\n";
    assert!(family.starts_with(failure));
    assert!(page.contains("process_resident_memory_bytes"));
}

#[test]
fn an_event_that_comes_first_makes_the_counter_exact() {
    let mut script = Script::with_orders();
    script.note(0, 50, Note::WriteSent);
    script.event(0, 0, true, EventKind::Failed(Failure::new("DstBucketUnversioned")));
    script.note(0, 50, Note::Judged(report(50, 0, Verdict::Failed)));
    let exact = |name: &str| format!("replicanary_{name}{{{ORDERS},reason=\"DstBucketUnversioned\"}}");
    assert_eq!(script.value(&exact("canary_failures_total")), Some(1.0));
    assert_eq!(script.value(&exact("canary_failure_events_total")), Some(1.0));
    let page = script.page();
    assert!(!page.contains("replication_failures_total{") && !page.contains("source_failed"), "{page}");
}

#[test]
fn a_queue_goes_with_the_last_route_that_names_it() {
    let (ours, namesake) = (queue("111111111111"), queue("222222222222"));
    let mut script = Script::new();
    for (slot, name, queue) in [(0, "a", &ours), (1, "b", &ours), (2, "c", &namesake)] {
        script.add(slot, route_with(name, queue));
    }
    let page = script.page();
    for outcome in MessageOutcome::ALL {
        let line = format!("replicanary_event_messages_total{{queue=\"events\",outcome=\"{}\"}} 0\n", outcome.as_str());
        assert_eq!(page.matches(&line).count(), 1, "{line}{page}");
    }
    let last = "replicanary_event_queue_last_success_timestamp_seconds{queue=\"events\"}";
    script.queue(&ours, QueueNote::Read);
    assert_eq!(script.value(last), None, "its namesake was never read");
    script.wait(Duration::from_secs(5));
    script.queue(&namesake, QueueNote::Read);
    let first = script.value(last).expect("both were read");
    script.queue(&namesake, QueueNote::Read);
    assert_eq!(script.value(last), Some(first), "the older of the two");
    for (slot, remains) in [(0, true), (2, true), (1, false)] {
        script.play(&Observation::RouteRemoved(RouteId(slot)));
        assert_eq!(script.page().contains("queue=\"events\""), remains, "{slot}");
    }
    script.queue(&ours, QueueNote::Read);
    assert!(!script.page().contains("queue="));
}
