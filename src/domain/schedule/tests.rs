//! Turns, blocks and requests of a schedule.

mod any_order;
mod blocks;
mod turns;

use std::collections::BTreeMap;

use super::*;
use crate::domain::name::{Bucket, InstanceName, Region, RouteName, VersionId};
use crate::domain::object::Trouble;
use crate::domain::observation::Side;
use crate::domain::reason::Reason;
use crate::domain::route::{CanarySpec, Cleanup, Destination, Observe, PollSpec, Source, StatusSupport, Verify};
use crate::domain::time::UnixMillis;

/// A route with an interval of 60 s, an objective of 15 min and two destinations.
fn route() -> Route {
    let destination = |name: &str| Destination {
        bucket: Bucket::new(name),
        region: Region::new("us-east-1"),
        account: None,
        kms_key: None,
        storage_class: None,
        owner: None,
        verify: Verify::Metadata,
        observe: Observe::Replica,
        cleanup: Cleanup::Delete,
    };
    Route {
        name: RouteName::new("orders").unwrap(),
        instance: InstanceName::new("default").unwrap(),
        source: Source {
            bucket: Bucket::new("source"),
            region: Region::new("ap-south-1"),
            account: None,
            kms_key: None,
        },
        destinations: vec![destination("one"), destination("two")],
        canary: CanarySpec {
            prefix: "replicanary/".to_owned(),
            interval: Duration::from_secs(60),
            size: 1024,
            objective: Duration::from_secs(900),
            deadline: Duration::from_secs(3600),
            abandon_after: Duration::from_secs(48 * 3600),
            tags: BTreeMap::new(),
            send_key: false,
            allow_retained: false,
            max_pending: 5,
        },
        poll: PollSpec { floor: Duration::from_secs(2), resolution: 0.1 },
        replication_status: StatusSupport::Aws,
        pause: None,
        keys: Some(Duration::from_secs(300)),
        settle: Duration::ZERO,
    }
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
