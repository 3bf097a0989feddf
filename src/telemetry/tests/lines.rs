//! The log.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::dispatcher::with_default;
use tracing_subscriber::fmt::MakeWriter;

use super::script::{Script, key, queue, report, route_with};
use crate::domain::audit::finding::Outcome;
use crate::domain::event::queue::{MessageOutcome, QueueNote};
use crate::domain::event::{EventKind, Failure};
use crate::domain::fixture::finding;
use crate::domain::key::{KeyFound, KeyState};
use crate::domain::name::ObjectKey;
use crate::domain::object::{ReplicationStatus, Trouble};
use crate::domain::observation::{Note, Observation, SelfTest, Side};
use crate::domain::reading::{Obstacle, Place};
use crate::domain::route::RouteId;
use crate::domain::verdict::Verdict;
use crate::telemetry::log::{Format, LogError, dispatch};
use crate::telemetry::sample;

/// Lines, instead of standard error.
#[derive(Debug, Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// What is logged while something happens, without the time.
fn lines(format: Format, filter: &str, act: impl FnOnce()) -> Vec<String> {
    let writer = Lines::default();
    with_default(&dispatch(format, filter, false, writer.clone()).unwrap(), act);
    let text = String::from_utf8(writer.0.lock().unwrap().clone()).unwrap();
    text.lines().map(|line| line.split_once(' ').map_or(line, |(_, rest)| rest).to_owned()).collect()
}

fn logged(act: impl FnOnce()) -> Vec<String> {
    lines(Format::Logfmt, "info", act)
}

#[test]
fn one_line_a_change_of_state_and_quiet_between() {
    let mut script = Script::with_orders();
    let lines = logged(|| {
        for number in 1..10 {
            script.arrival(0, number, report(number, 0, Verdict::Replicated));
            script.page();
        }
        script.arrival(0, 10, report(10, 0, Verdict::Failed));
        script.arrival(0, 11, report(11, 0, Verdict::Failed));
        for number in 12..15 {
            script.arrival(0, number, report(number, 0, Verdict::Replicated));
        }
    });
    assert_eq!(lines.len(), 3, "{lines:#?}");
    let fields = |level: &str, from: &str, to: &str, reason: &str| {
        let said = format!("orders to orders-replica-1 is {to}: ");
        let expected = [
            format!("level={level} "),
            format!(" route=orders destination=orders-replica-1 from={from} to={to} reason={reason}"),
            format!("\"{said}"),
        ];
        move |line: &String| expected.iter().all(|part| line.contains(part))
    };
    assert!(fields("info", "unknown", "healthy", "ok")(&lines[0]), "{}", lines[0]);
    assert!(fields("warn", "healthy", "failing", "source_failed")(&lines[1]), "{}", lines[1]);
    assert!(fields("info", "failing", "healthy", "ok")(&lines[2]), "{}", lines[2]);
}

#[test]
fn what_is_given_up_is_named_and_what_is_left_pending_is_counted() {
    let mut script = Script::with_orders();
    let lines = logged(|| {
        script.note(0, 1, Note::Leaked { side: Side::Source });
        script.note(0, 2, Note::LeftPending);
        script.note(0, 3, Note::LeftPending);
    });
    assert_eq!(lines.len(), 1, "the whole drain is told once, at its end: {lines:#?}");
    assert!(lines[0].contains("level=warn"), "{}", lines[0]);
    assert!(lines[0].contains("delete replicanary/default/orders/1 there by hand"), "{}", lines[0]);
    assert_eq!(script.value("replicanary_canary_objects_left_pending"), Some(2.0));
}

#[test]
fn a_refused_self_test_is_told_once_until_it_is_allowed() {
    let mut script = Script::with_orders();
    let mut test = |outcome| {
        let (route, side, at) = (RouteId(0), Side::Destination(0), script.now());
        logged(|| script.play(&Observation::SelfTest { route, side, outcome, at }))
    };
    let refused = test(SelfTest::RefusedWithoutListing);
    assert!(refused[0].contains("grant s3:ListBucket on orders-replica-1"), "{refused:?}");
    assert!(test(SelfTest::RefusedWithoutListing).is_empty());
    assert!(test(SelfTest::NoAnswer(Trouble::TimedOut)).is_empty());
    assert!(test(SelfTest::SeesAbsence).is_empty());
    assert_eq!(test(SelfTest::RefusedWithoutListing).len(), 1);
}

#[test]
fn a_server_without_statuses_is_told_the_setting_once() {
    let mut script = Script::new();
    script.add(0, sample::route("orders", 1));
    let lines = logged(|| {
        for number in 1..5 {
            script.note(0, number, Note::SourceStatus(None));
            script.arrival(0, number, report(number, 0, Verdict::Replicated));
            script.page();
        }
    });
    let naming: Vec<_> = lines.iter().filter(|line| line.contains("replication_status: none")).collect();
    assert_eq!(naming.len(), 1, "{lines:#?}");
    let again = logged(|| {
        script.note(0, 5, Note::SourceStatus(Some(ReplicationStatus::Pending)));
        script.page();
    });
    assert!(again.is_empty(), "{again:?}");
}

#[test]
fn a_key_is_told_when_its_problem_changes() {
    let mut script = Script::with_orders();
    let mut look = |found| logged(|| script.look(0, Side::Source, found));
    assert!(look(key(KeyState::Enabled)).is_empty());
    let denied = look(KeyFound::Denied);
    assert!(denied.len() == 1 && denied[0].contains("level=warn"), "{denied:?}");
    assert!(
        denied[0].contains("grant it kms:DescribeKey") && denied[0].contains("the source orders-source"),
        "{denied:?}"
    );
    assert!(look(KeyFound::Denied).is_empty());
    let disabled = look(key(KeyState::Disabled));
    assert_eq!(disabled.len(), 2, "one of the key, one of the state: {disabled:?}");
    assert!(disabled.iter().all(|line| line.contains("key/a of the source orders-source is Disabled")), "{disabled:?}");
    assert!(look(key(KeyState::Disabled)).is_empty());
    let mended = look(key(KeyState::Enabled));
    assert!(mended.len() == 1 && mended[0].contains("level=info") && mended[0].contains("is Enabled"), "{mended:?}");
}

#[test]
fn a_broken_probe_is_an_error() {
    let mut script = Script::with_orders();
    let at = script.now();
    let lines = logged(|| script.play(&Observation::ProbeBroke { route: RouteId(0), key: ObjectKey::new("key"), at }));
    assert!(lines.len() == 1 && lines[0].contains("level=error") && lines[0].contains("route=orders"), "{lines:?}");
}

#[test]
fn formats() {
    let say = || tracing::info!(route = "orders", count = 2, "it \"works\"");
    let logfmt = lines(Format::Logfmt, "info", say);
    assert!(logfmt[0].contains(r#"message="it \"works\"" route=orders count=2"#), "{logfmt:?}");
    let writer = Lines::default();
    with_default(&dispatch(Format::Json, "info", false, writer.clone()).unwrap(), say);
    let line: serde_json::Value = serde_json::from_slice(&writer.0.lock().unwrap()).unwrap();
    assert_eq!((&line["level"], &line["message"]), (&"INFO".into(), &"it \"works\"".into()));
    assert_eq!((&line["route"], &line["count"]), (&"orders".into(), &2.into()));
    let pretty = lines(Format::Pretty, "info", say);
    assert!(pretty[0].contains("it \"works\""), "{pretty:?}");
    assert!(!pretty[0].contains('\u{1b}'), "no colour was asked for");
}

#[test]
fn filters() {
    let say = || {
        tracing::debug!("detail");
        tracing::info!(target: "aws_smithy_runtime::client", "identity cache miss");
    };
    assert!(lines(Format::Logfmt, "info", say).is_empty());
    assert_eq!(lines(Format::Logfmt, "debug", say).len(), 1);
    assert_eq!(lines(Format::Logfmt, "debug,aws_smithy_runtime=info", say).len(), 2);
    let fault = dispatch(Format::Logfmt, "route=loud", false, io::sink).unwrap_err();
    assert!(matches!(fault, LogError::Filter { .. }));
    assert!(fault.to_string().contains("\"route=loud\""), "{fault}");
}

#[test]
fn a_fault_is_told_once_and_once_more_when_it_is_gone_and_a_change_with_before_and_after() {
    let mut script = Script::with_orders();
    let lines = logged(|| {
        script.audit(0, &[finding(Outcome::Unknown, Some(0))]);
        for outcome in [Outcome::Fault, Outcome::Fault, Outcome::Unknown, Outcome::Fault, Outcome::Ok, Outcome::Ok] {
            script.audit(0, &[finding(outcome, Some(0))]);
        }
        script.drift(0);
    });
    let lines: Vec<&String> = lines.iter().filter(|line| !line.contains(" from=")).collect();
    assert_eq!(lines.len(), 3, "{lines:#?}");
    for part in ["level=warn", "No rule takes the canary", "check=rule_covers_canary", "destination=orders-replica-1"] {
        assert!(lines[0].contains(part), "{part}: {}", lines[0]);
    }
    assert!(lines[1].contains("level=info") && lines[1].contains("no longer found"), "{}", lines[1]);
    for part in ["check=destination_versioning", "before=Enabled", "after=Suspended"] {
        assert!(lines[2].contains(part), "{part}: {}", lines[2]);
    }
}

#[test]
fn an_object_that_failed_is_told_of_once_and_again_after_an_hour_of_silence() {
    let lines = logged(|| {
        let mut script = Script::with_orders();
        let failed = |reason: &str| EventKind::Failed(Failure::new(reason));
        for _ in 0..3 {
            script.event(0, 0, false, failed("DstBucketUnversioned"));
            script.wait(std::time::Duration::from_secs(1_800));
        }
        script.event(0, 0, false, failed("SrcGetTaggingNotPermitted"));
        script.event(0, 0, true, failed("AssumeRoleNotPermitted"));
        script.event(0, 0, false, EventKind::MissedThreshold);
        script.wait(std::time::Duration::from_secs(1_800));
        script.event(0, 0, false, failed("DstBucketUnversioned"));
    });
    let told: Vec<&String> = lines.iter().filter(|line| line.contains("S3 gave up replicating an object")).collect();
    let of = |reason: &str| told.iter().filter(|line| line.contains(&format!("reason={reason}"))).count();
    assert_eq!((told.len(), of("DstBucketUnversioned"), of("SrcGetTaggingNotPermitted")), (3, 2, 1), "{lines:#?}");
    assert!(told[0].contains("enable versioning") && told[0].contains("level=warn"), "{}", told[0]);
    let canaries = lines.iter().filter(|line| line.contains("S3 gave up replicating a canary")).count();
    assert_eq!(canaries, 1, "{lines:#?}");
    assert!(lines.iter().all(|line| !line.contains("invoice")), "no keys in the log: {lines:#?}");
}

#[test]
fn a_queue_is_told_of_when_it_becomes_unreadable_and_when_it_can_be_read_again() {
    let unread = |trouble, in_a_row| QueueNote::Unread { trouble, in_a_row, detail: "ReceiveMessage: no".to_owned() };
    let lines = logged(|| {
        let queue = queue("111111111111");
        let mut script = Script::new();
        script.add(0, route_with("orders", &queue));
        script.queue(&queue, QueueNote::Read);
        for in_a_row in 1..=2 {
            script.queue(&queue, unread(Trouble::TimedOut, in_a_row));
        }
        script.queue(&queue, QueueNote::Read);
        for in_a_row in 1..=5 {
            script.queue(&queue, unread(Trouble::AccessDenied, in_a_row));
        }
        script.queue(&queue, QueueNote::Read);
        script.queue(&queue, QueueNote::Read);
        for _ in 0..5 {
            let problem = Some("it is not JSON".to_owned());
            script.queue(&queue, QueueNote::Message { outcome: MessageOutcome::Unreadable, problem });
        }
    });
    let told: Vec<&String> = lines.iter().filter(|line| line.contains("queue=events")).collect();
    assert_eq!(told.len(), 3, "{lines:#?}");
    assert!(told[0].contains("sqs:ReceiveMessage") && told[0].contains("sqs:DeleteMessage"), "{}", told[0]);
    assert!(told[1].contains("can be read again") && told[1].contains("level=info"), "{}", told[1]);
    assert!(told[2].contains("redrive") && told[2].contains("it is not JSON"), "{}", told[2]);
}

#[test]
fn metrics_that_cannot_be_read_are_told_once_and_what_to_grant() {
    let mut script = Script::with_orders();
    let lines = logged(|| {
        for _ in 0..3 {
            script.unread(0, Place::Destination, Obstacle::Forbidden);
            script.unread(0, Place::Source, Obstacle::Incomplete);
        }
        script.unread(0, Place::Destination, Obstacle::NoAnswer(Trouble::TimedOut));
        for _ in 0..3 {
            script.readings(0, [1.0; 3], None);
        }
    });
    assert_eq!(lines.len(), 3, "{lines:#?}");
    assert!(lines[0].contains("level=warn") && lines[0].contains("cloudwatch:GetMetricData"), "{}", lines[0]);
    assert!(lines[1].contains("level=warn") && lines[1].contains("timed_out"), "{}", lines[1]);
    assert!(lines[2].contains("level=info") && lines[2].contains("read again"), "{}", lines[2]);
}
