//! What a snapshot shares, keeps and bounds, and what a route says beside its state.

use super::*;
use crate::domain::snapshot::REPORTS_MAX;

fn add(health: &mut Health, id: u32, name: &str, now: Moment) {
    health.observe(&Observation::RouteAdded(RouteId(id), Arc::new(route(name, 1))), now);
}

#[test]
fn routes_are_sorted_by_name_and_unchanged_ones_are_shared() {
    let mut health = Health::new();
    let now = Moment::default();
    for (id, name) in [(0, "c"), (1, "a"), (2, "b")] {
        add(&mut health, id, name, now);
    }
    let before = health.snapshot(now);
    let names: Vec<&str> = before.routes.iter().map(|route| route.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    health.observe(&Observation::Cycle { route: RouteId(2), delay: Duration::ZERO, at: now }, now);
    let after = health.snapshot(now);
    let shared: Vec<bool> = before.routes.iter().zip(&after.routes).map(|(a, b)| Arc::ptr_eq(a, b)).collect();
    assert_eq!(shared, [true, false, true]);
    assert_eq!(after.route("b").unwrap().last_cycle, Some(now.wall));
}

#[test]
fn calls_that_change_nothing_do_not_redraw_a_route() {
    let mut bench = Bench::healthy();
    let before = bench.shown();
    bench.contact(Side::Source, Ok(()));
    bench.contact(Side::Destination(0), Err(Trouble::TimedOut));
    bench.note(0, Note::Deleted { side: Side::Source });
    bench.note(0, Note::Ended);
    assert!(Arc::ptr_eq(&before, &bench.shown()));
}

#[test]
fn a_removed_route_is_gone_and_what_is_still_heard_of_it_is_ignored() {
    let mut bench = Bench::healthy();
    bench.send(1);
    bench.observe(&Observation::RouteRemoved(ROUTE));
    bench.judge(1, Verdict::Failed);
    bench.sleep(3 * 3600);
    assert!(bench.health.snapshot(bench.now).routes.is_empty());
    assert!(bench.health.due.is_empty());
    assert_eq!(bench.changes.len(), 1);
}

#[test]
fn a_route_can_be_replaced_by_one_of_its_name() {
    let mut health = Health::new();
    let now = Moment::default();
    add(&mut health, 0, "a", now);
    add(&mut health, 1, "a", now);
    assert_eq!(health.snapshot(now).routes.len(), 2);
    health.observe(&Observation::RouteRemoved(RouteId(0)), now);
    let snapshot = health.snapshot(now);
    assert_eq!(snapshot.routes.iter().map(|route| route.id).collect::<Vec<_>>(), [RouteId(1)]);
}

#[test]
fn the_newest_reports_are_kept_newest_first_and_replaced_by_their_final_form() {
    let mut bench = Bench::new(1);
    for canary in 0..60 {
        bench.send(canary);
        bench.sleep(1);
    }
    for canary in (0..60).rev() {
        bench.judge(canary, Verdict::Replicated);
    }
    let shown = bench.destination(0);
    let keys: Vec<ObjectKey> = shown.reports.iter().map(|report| report.key.clone()).collect();
    assert_eq!(keys, (10..60).rev().map(key).collect::<Vec<_>>());
    assert_eq!(keys.len(), REPORTS_MAX);
    let before = shown.verdicts;
    let last = Report { message: "cleaned".to_owned(), ..bench.report(42, 0, Verdict::Replicated) };
    bench.note(42, Note::Final(last.clone()));
    bench.note(3, Note::Final(bench.report(3, 0, Verdict::Replicated)));
    let shown = bench.destination(0);
    assert_eq!(**shown.report(&key(42)).unwrap(), last);
    assert_eq!((shown.reports.len(), shown.verdicts), (REPORTS_MAX, before));
}

#[test]
fn an_idle_routes_lags_age_by_time_alone() {
    let mut bench = Bench::healthy();
    assert_eq!(bench.destination(0).lag.unwrap().count, 1);
    bench.sleep(3539);
    assert_eq!(bench.destination(0).lag.unwrap().count, 1);
    bench.sleep(1);
    assert_eq!(bench.destination(0).lag, None);
    assert!(bench.health.due.is_empty());
}

#[test]
fn the_last_write_is_one_that_the_source_acknowledged() {
    let mut bench = Bench::healthy();
    let written = bench.shown().last_write;
    assert!(written.is_some());
    bench.sent.insert(1, bench.wall());
    bench.note(1, Note::WriteSent);
    bench.note(1, Note::WriteFailed { reason: Reason::Call(Trouble::AccessDenied) });
    assert_eq!(bench.shown().last_write, written);
}

#[test]
fn arrivals_without_any_status_warn_of_the_setting_until_a_status_is_seen() {
    let mut bench = Bench::new(1);
    // A status that is merely late is no reason to warn.
    bench.send(0);
    bench.note(0, Note::SourceStatus(None));
    bench.judge(0, Verdict::Replicated);
    assert_eq!(bench.shown().source_status, Some(None));
    bench.note(0, Note::SourceStatus(Some(ReplicationStatus::Completed)));
    bench.note(0, Note::Ended);
    assert_eq!(
        (bench.shown().warnings.len(), bench.shown().source_status),
        (0, Some(Some(ReplicationStatus::Completed)))
    );
    // Nor is an object that no rule took.
    bench.send(9);
    bench.note(9, Note::SourceStatus(None));
    bench.judge(9, Verdict::Uncovered);
    bench.note(9, Note::Ended);
    assert_eq!(bench.shown().warnings.len(), 0);
    bench.send(1);
    bench.note(1, Note::SourceStatus(None));
    bench.judge(1, Verdict::Replicated);
    bench.note(1, Note::Ended);
    let warnings = bench.shown().warnings.clone();
    assert!(warnings.len() == 1 && warnings[0].contains("`replication_status: none`"), "{warnings:?}");
    bench.send(2);
    bench.note(2, Note::SourceStatus(Some(ReplicationStatus::Pending)));
    assert_eq!(bench.shown().warnings.len(), 0);
}

#[test]
fn a_server_without_statuses_is_not_warned_of_but_what_cannot_be_told_is_said() {
    let mut route = route("orders", 1);
    route.replication_status = StatusSupport::None;
    let mut bench = Bench::of(route);
    bench.send(0);
    bench.note(0, Note::SourceStatus(None));
    bench.judge(0, Verdict::Replicated);
    bench.note(0, Note::Ended);
    assert_eq!(bench.shown().warnings.len(), 0);
    assert!(bench.shown().message.contains("cannot be told"), "{}", bench.shown().message);
}

#[test]
fn every_verdict_that_alarms_has_words_of_its_own_and_the_monitors_trouble_blames_nobody() {
    for verdict in [Verdict::Lost, Verdict::Failed, Verdict::Mismatched, Verdict::Uncovered] {
        for reason in Reason::all() {
            let mut bench = Bench::new(1);
            bench.send(0);
            let report = Report { reason, message: "as reported".to_owned(), ..bench.report(0, 0, verdict) };
            bench.note(0, Note::Judged(report));
            assert!(!bench.shown().message.is_empty());
        }
    }
    for trouble in Trouble::ALL {
        let mut bench = Bench::healthy();
        for canary in 1..=2 {
            bench.send(canary);
            let report = bench.report(canary, 0, Verdict::Unknown);
            bench.note(canary, Note::Judged(Report { reason: Reason::Call(trouble), ..report }));
        }
        let shown = bench.shown();
        assert!(shown.message.starts_with("The monitor cannot tell whether replication works"), "{}", shown.message);
        assert!(shown.message.contains("destination-0"), "{}", shown.message);
    }
}
