//! Removal: when it may begin, what it does about refusals, and what a stop and the end of the canary's time leave.

use super::driver::{Journal, Run, run};
use super::world::{Fault, World, route, secs};
use crate::domain::object::{ReplicationStatus, Trouble};
use crate::domain::observation::{Note, Side};
use crate::domain::probe::Action;
use crate::domain::report::Stage;
use crate::domain::route::{Cleanup, StatusSupport};
use crate::domain::verdict::Verdict;

fn delete_failures(journal: &Journal) -> Vec<(Side, bool)> {
    let failure = |note: &Note| {
        if let Note::DeleteFailed { side, refused, .. } = note { Some((*side, *refused)) } else { None }
    };
    journal.notes.iter().filter_map(|(_, note)| failure(note)).collect()
}

fn refusing(world: World, side: Side, until: f64) -> World {
    world.with_faults(move |now, at, action| {
        let refused = at == side && matches!(action, Action::Delete(_)) && now < secs(until);
        refused.then_some(Fault::Refused(Trouble::AccessDenied))
    })
}

#[test]
fn nothing_is_removed_while_the_source_is_pending() {
    let mut world = World::healthy(route(2), 5.0);
    world.replicas[1].arrives = Some(secs(500.0));
    world =
        world.with_statuses(&[(0.0, Some(ReplicationStatus::Pending)), (501.0, Some(ReplicationStatus::Completed))]);
    let journal = run(world);
    let deletes = journal.times(|_, action| matches!(action, Action::Delete(_)));
    assert_eq!(deletes.len(), 3);
    assert!(deletes.iter().all(|at| *at > secs(501.0)), "{deletes:?}");
    assert_eq!(journal.left, []);
}

#[test]
fn a_refused_deletion_is_proven_and_tried_again_every_ten_minutes() {
    let journal = run(refusing(World::healthy(route(1), 5.0), Side::Destination(0), 2000.0));
    let side = Side::Destination(0);
    assert_eq!(delete_failures(&journal)[..2], [(side, false), (side, true)]);
    let deletes = journal.times(|side, action| side == Side::Destination(0) && matches!(action, Action::Delete(_)));
    assert!(deletes[2] - deletes[1] >= secs(600.0) && deletes[2] - deletes[1] < secs(601.0));
    assert_eq!(journal.left, []);
    assert_eq!(journal.deleted(), [Side::Source, Side::Destination(0)]);
}

#[test]
fn credentials_that_refuse_everything_do_not_make_a_canary_undeletable() {
    let world = World::healthy(route(1), 5.0).with_faults(|now, side, _| {
        let locked_out = side == Side::Destination(0) && now > secs(6.05) && now < secs(300.0);
        locked_out.then_some(Fault::Refused(Trouble::AccessDenied))
    });
    let journal = run(world);
    assert!(!delete_failures(&journal).is_empty());
    assert!(delete_failures(&journal).iter().all(|(_, refused)| !refused));
    assert_eq!(journal.left, []);
}

#[test]
fn an_undeletable_canary_is_followed_past_its_time_until_the_stop() {
    let running = Run::new(refusing(World::healthy(route(1), 5.0), Side::Source, f64::from(u32::MAX)));
    let running = running.until(secs(200_000.0));
    assert_eq!(running.journal.count(|note| matches!(note, Note::Leaked { .. } | Note::Ended)), 0);
    let journal = running.stop().finish();
    assert_eq!(journal.count(|note| *note == Note::Leaked { side: Side::Source }), 1);
    assert!(journal.end < secs(200_001.0));
}

#[test]
fn accepted_retention_gives_up_at_once() {
    let mut route = route(1);
    route.canary.allow_retained = true;
    let journal = run(refusing(World::healthy(route, 5.0), Side::Source, f64::from(u32::MAX)));
    assert_eq!(journal.count(|note| *note == Note::Leaked { side: Side::Source }), 1);
    assert!(journal.end < secs(60.0));
}

#[test]
fn a_deletion_without_answer_is_tried_ever_more_rarely_until_the_canarys_time_is_over() {
    let world = World::healthy(route(1), 5.0).with_faults(|_, side, action| {
        (side == Side::Source && matches!(action, Action::Delete(_))).then_some(Fault::Refused(Trouble::TimedOut))
    });
    let journal = run(world);
    let deletes = journal.times(|side, action| side == Side::Source && matches!(action, Action::Delete(_)));
    let gaps: Vec<_> = deletes.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps.is_sorted() && gaps[0] < secs(2.0) && gaps.iter().all(|gap| *gap < secs(601.0)), "{gaps:?}");
    assert!(delete_failures(&journal).iter().all(|(_, refused)| !refused));
    assert_eq!(journal.count(|note| *note == Note::Leaked { side: Side::Source }), 1);
    assert_eq!(journal.deleted(), [Side::Destination(0)]);
}

#[test]
fn what_is_gone_already_counts_as_deleted() {
    let world = World::healthy(route(1), 5.0)
        .with_faults(|_, _, action| matches!(action, Action::Delete(_)).then_some(Fault::Lost(Trouble::NotFound)));
    assert_eq!(run(world).deleted(), [Side::Source, Side::Destination(0)]);
}

#[test]
fn lifecycle_cleans_where_nobody_may_delete() {
    let mut route = route(1);
    route.destinations[0].cleanup = Cleanup::Lifecycle;
    let journal = run(World::healthy(route, 5.0));
    assert_eq!(journal.deleted(), [Side::Source]);
    assert_eq!(journal.left, [Side::Destination(0)]);
    assert_eq!(journal.count(|note| matches!(note, Note::Leaked { .. })), 0);
    let cleaned =
        |note: &Note| matches!(note, Note::Final(it) if it.stages.iter().any(|at| at.stage == Stage::Cleaned));
    assert_eq!(journal.count(cleaned), 0);
}

#[test]
fn a_stop_leaves_what_is_pending() {
    let journal = Run::new(World::pending(route(1))).until(secs(60.0)).stop().finish();
    let last: Vec<&Note> = journal.notes.iter().rev().take(3).map(|(_, note)| note).collect();
    assert_eq!(last, [&Note::Ended, &Note::LegClosed { destination: 0 }, &Note::LeftPending], "left before closed");
    assert_eq!(journal.count(|note| *note == Note::LeftPending), 1);
    assert_eq!(journal.count(|note| matches!(note, Note::LegClosed { .. })), 1);
    assert!(journal.judged().is_empty());
    assert_eq!(journal.left, [Side::Source]);
    assert!(journal.end <= secs(60.1));
}

#[test]
fn a_stop_removes_what_is_completed_on_every_side() {
    let mut world = World::pending(route(2)).with_statuses(&[(0.0, Some(ReplicationStatus::Completed))]);
    world.replicas[0].arrives = Some(secs(1.0));
    world.replicas[1].arrives = Some(secs(1.0));
    let silent = |_, side, action: &Action| {
        let silent = side == Side::Destination(1) && matches!(action, Action::Head(_));
        silent.then_some(Fault::Refused(Trouble::TimedOut))
    };
    let journal = Run::new(world.with_faults(silent)).until(secs(20.0)).stop().finish();
    assert_eq!(journal.deleted(), [Side::Source, Side::Destination(0), Side::Destination(1)]);
    assert_eq!(journal.left, []);
    assert!(journal.end < secs(21.0));
    assert_eq!(journal.count(|note| matches!(note, Note::LegClosed { .. })), 2);
    assert_eq!(journal.verdict().verdict, Verdict::Replicated);
}

#[test]
fn a_stop_without_answers_gives_up_after_a_few_tries() {
    let world = World::healthy(route(1), 5.0)
        .with_faults(|_, _, action| matches!(action, Action::Delete(_)).then_some(Fault::Refused(Trouble::TimedOut)));
    let journal = Run::new(world).until(secs(30.0)).stop().finish();
    assert_eq!(journal.count(|note| matches!(note, Note::Leaked { .. })), 2);
    assert!(journal.end < secs(31.0));
}

#[test]
fn without_statuses_the_source_goes_once_the_replica_came() {
    let mut route = route(1);
    route.replication_status = StatusSupport::None;
    let journal = run(World::healthy(route, 4000.0).with_statuses(&[]));
    assert_eq!(journal.verdict().verdict, Verdict::Lost);
    assert_eq!(journal.count(|note| matches!(note, Note::ArrivedLate(_))), 1);
    assert_eq!(journal.left, []);
}
