//! Turns, blocks and requests of a schedule.

mod any_order;
mod blocks;
mod turns;

use super::*;
use crate::domain::fixture;
use crate::domain::name::{RouteName, VersionId};
use crate::domain::object::Trouble;
use crate::domain::observation::Side;
use crate::domain::reason::Reason;
use crate::domain::route::{CanarySpec, Cleanup};
use crate::domain::time::UnixMillis;

/// A route with an interval of 60 s, an objective of 15 min and two destinations.
fn route() -> Route {
    Route { canary: CanarySpec { max_pending: 5, ..fixture::canary() }, ..fixture::route("orders", 2) }
}

/// A schedule, and a clock that the test moves.
struct Bench {
    schedule: Schedule,
    now: Moment,
    canaries: u32,
}

impl Bench {
    fn of(route: &Route) -> Self {
        let now = Moment { mono: Monotonic(Duration::from_secs(500)), wall: UnixMillis(1_700_000_012_345) };
        Self { schedule: Schedule::new(route, now), now, canaries: 0 }
    }

    /// A bench whose first canary came and went.
    fn passed(route: &Route) -> Self {
        let mut bench = Self::of(route);
        let first = bench.write(State::Unknown);
        bench.live_and_die(&first);
        bench
    }

    fn sleep(&mut self, duration: Duration) {
        self.now.mono = self.now.mono.plus(duration);
        self.now.wall = self.now.wall.plus(duration);
    }

    fn next(&mut self, state: State) -> Turn {
        self.schedule.next(self.now, state)
    }

    /// Waits for the next turn, and takes it.
    fn write(&mut self, state: State) -> ObjectKey {
        if let Turn::WaitUntil(until) = self.next(state) {
            assert!(until > self.now.mono);
            self.sleep(until.since(self.now.mono));
        }
        let Turn::Write { planned } = self.next(state) else { panic!("{:?}", self.next(state)) };
        assert_eq!(planned, self.now.mono);
        self.start()
    }

    fn start(&mut self) -> ObjectKey {
        self.canaries += 1;
        let key = ObjectKey::new(&format!("canary-{}", self.canaries));
        self.schedule.started(&key, self.now);
        key
    }

    fn note(&mut self, key: &ObjectKey, note: &Note) {
        self.schedule.observe(key, note);
    }

    fn written(&mut self, key: &ObjectKey) {
        self.note(key, &Note::Written { version_id: VersionId::new("v") });
    }

    fn deleted(&mut self, key: &ObjectKey, sides: &[Side]) {
        for side in sides {
            self.note(key, &Note::Deleted { side: *side });
        }
    }

    fn closed(&mut self, key: &ObjectKey) {
        self.note(key, &Note::LegClosed { destination: 0 });
        self.note(key, &Note::LegClosed { destination: 1 });
    }

    fn live_and_die(&mut self, key: &ObjectKey) {
        self.written(key);
        self.closed(key);
        self.deleted(key, &ALL_SIDES);
    }

    fn refused(&mut self, key: &ObjectKey, side: Side) {
        self.note(key, &Note::DeleteFailed { side, trouble: Trouble::AccessDenied, refused: true });
    }
}

const ALL_SIDES: [Side; 3] = [Side::Source, Side::Destination(0), Side::Destination(1)];

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}
