//! The log.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::dispatcher::with_default;
use tracing_subscriber::fmt::MakeWriter;

use super::script::{Script, key, report};
use crate::domain::key::{KeyFound, KeyState};
use crate::domain::name::ObjectKey;
use crate::domain::object::{ReplicationStatus, Trouble};
use crate::domain::observation::{Note, Observation, SelfTest, Side};
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
