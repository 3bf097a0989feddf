//! Causes in snapshots and changes: from when to when, and who shares them.

use super::*;
use crate::domain::cause::CauseId;
use crate::domain::reading::{Look, Metric, Place, Point, RuleSeen, Window};

/// Several routes, each with one destination of its own in one Region.
struct Fleet {
    health: Health,
    now: Moment,
}

impl Fleet {
    fn new(names: &[&str]) -> Self {
        let now = Moment { mono: Monotonic(Duration::from_secs(1000)), wall: UnixMillis(EPOCH_MS) };
        let mut health = Health::new();
        for (slot, name) in (0..).zip(names) {
            let mut route = route(name, 1);
            route.source.bucket = Bucket::new(&format!("{name}-source"));
            health.observe(&Observation::RouteAdded(RouteId(slot), Arc::new(route)), now);
        }
        Self { health, now }
    }

    fn note(&mut self, slot: u32, note: Note) {
        let canary =
            CanaryObservation { route: RouteId(slot), key: key(slot), written_at: self.now.wall, at: self.now, note };
        self.health.observe(&Observation::Canary(canary), self.now);
    }

    /// A canary of a route is beyond its objective, and nothing arrived since.
    fn stall(&mut self, slot: u32) {
        self.note(slot, Note::WriteSent);
        self.note(slot, Note::BeyondObjective { destination: 0 });
    }

    /// A route cannot be written to, because its bucket is gone or its key is disabled.
    fn refuse(&mut self, slot: u32, trouble: Trouble) {
        self.note(slot, Note::WriteFailed { reason: Reason::Call(trouble) });
    }

    /// CloudWatch tells these of the newest minute.
    fn read(&mut self, slot: u32, values: &[(Metric, f64)]) {
        let (route, destination, at) = (RouteId(slot), 0, self.now);
        let rule = RuleSeen::Found { id: Arc::from("rule"), publishes_metrics: true };
        self.health.observe(&Observation::Rule { route, destination, rule, at }, at);
        let window = Window::ending(at.wall);
        let newest = window.end.minus(Duration::from_secs(60));
        let look = |value| Look::Complete { window, points: vec![Point { at: newest, value, samples: value }] };
        let looks = values.iter().map(|(metric, value)| (*metric, look(*value))).collect();
        let place = Place::Destination;
        self.health.observe(&Observation::Readings { route, destination, place, looks, at }, at);
    }

    fn causes(&mut self) -> Vec<Option<(CauseId, Vec<String>)>> {
        let snapshot = self.health.snapshot(self.now);
        let cause = |route: &Arc<RouteSnapshot>| {
            let cause = route.destinations[0].cause.as_deref()?;
            Some((cause.id, cause.shared_with.iter().map(ToString::to_string).collect()))
        };
        snapshot.routes.iter().map(cause).collect()
    }
}

#[test]
fn a_cause_comes_and_goes_with_the_trouble() {
    let mut bench = Bench::healthy();
    assert_eq!(bench.destination(0).cause, None);
    bench.note(1, Note::WriteFailed { reason: Reason::NoVersionId });
    let cause = bench.destination(0).cause.unwrap();
    assert_eq!(cause.id, CauseId::SourceVersioningOff);
    let change = bench.changes.last().unwrap();
    assert_eq!(change.cause.as_ref().map(|cause| cause.id), Some(cause.id), "the log says what the API says");
    bench.sleep(60);
    bench.arrive(2);
    bench.sleep(60);
    bench.arrive(3);
    assert_eq!(bench.destination(0).cause, None);
    assert_eq!(bench.changes.last().unwrap().cause, None);
}

#[test]
fn what_cloudwatch_tells_of_all_objects_explains_a_delay() {
    for (operations, bytes, expected) in
        [(1.0, 1_024.0, CauseId::S3Delay), (5_000.0, 1e6, CauseId::Throttling), (40.0, 9e9, CauseId::Backlog)]
    {
        let mut fleet = Fleet::new(&["a"]);
        fleet.stall(0);
        fleet.read(0, &[(Metric::OperationsPending, operations), (Metric::BytesPending, bytes)]);
        assert_eq!(fleet.causes()[0].as_ref().map(|(id, _)| *id), Some(expected), "{operations} {bytes}");
    }
}

#[test]
fn a_route_that_stands_still_alone_tells_of_itself_and_several_tell_of_the_region() {
    let mut fleet = Fleet::new(&["a", "b", "c"]);
    fleet.stall(0);
    assert_eq!(fleet.causes()[0], Some((CauseId::S3Delay, Vec::new())));
    fleet.stall(2);
    let shared = |other: &str| Some((CauseId::RegionalEvent, vec![other.to_owned()]));
    assert_eq!(fleet.causes(), [shared("c"), None, shared("a")]);
    fleet.health.observe(&Observation::RouteRemoved(RouteId(2)), fleet.now);
    assert_eq!(fleet.causes(), [Some((CauseId::S3Delay, Vec::new())), None]);
}

#[test]
fn routes_of_other_buckets_do_not_share_what_is_wrong_with_a_bucket() {
    let mut fleet = Fleet::new(&["a", "b"]);
    fleet.refuse(0, Trouble::NoSuchBucket);
    fleet.refuse(1, Trouble::NoSuchBucket);
    let alone = Some((CauseId::SourceBucketMissing, Vec::new()));
    assert_eq!(fleet.causes(), [alone.clone(), alone]);
}

#[test]
fn only_so_many_others_are_named() {
    let names: Vec<String> = (10..50).map(|number| format!("r{number}")).collect();
    let mut fleet = Fleet::new(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for slot in 0..40 {
        fleet.stall(slot);
    }
    let causes = fleet.causes();
    let (id, others) = causes[39].clone().unwrap();
    assert_eq!((id, others.len()), (CauseId::RegionalEvent, sharing::SHARED_MAX));
    assert_eq!(others[0], "r10");
    assert_eq!(causes[0].clone().unwrap().1[0], "r11");
}
