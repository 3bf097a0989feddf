//! Canaries of an earlier run.

use super::driver::Run;
use super::world::{VERSION, World, route, secs};
use crate::domain::name::VersionId;
use crate::domain::observation::{Note, Side};
use crate::domain::probe::Found;
use crate::domain::verdict::Verdict;

#[test]
fn a_canary_found_at_the_source_is_judged_and_removed() {
    for (lag, found_at, verdict) in
        [(12.0, 300.0, Verdict::Replicated), (2000.0, 1000.0, Verdict::Late), (9000.0, 1000.0, Verdict::Lost)]
    {
        let mut world = World::healthy(route(1), lag);
        world.set_written(secs(0.02));
        let found = Found::AtSource(VersionId::new(VERSION));
        let journal = Run::adopted(world, found, secs(found_at)).finish();
        let report = journal.verdict();
        assert_eq!(report.verdict, verdict, "{lag}");
        if let Some(seen) = report.lag {
            assert!(seen.low <= secs(lag) && secs(lag) <= seen.high, "{seen:?}");
        }
        assert_eq!(journal.left, []);
    }
}

#[test]
fn replicas_without_a_source_are_removed_and_not_judged() {
    let mut world = World::healthy(route(2), 1.0);
    world.set_written(secs(0.0));
    world.remove_source(secs(50.0));
    let found = Found::ReplicasOnly(vec![(1, VersionId::new(VERSION))]);
    let journal = Run::adopted(world, found, secs(60.0)).finish();
    assert_eq!(journal.deleted(), [Side::Destination(1)]);
    assert!(journal.judged().is_empty());
    assert_eq!(journal.count(|note| *note == Note::Ended), 1);
    assert_eq!(journal.left, [Side::Destination(0)]);
}
