//! A script of observations, played to the single writer without its loop.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::domain::audit::Audit;
use crate::domain::audit::drift::Change;
use crate::domain::audit::finding::Finding;
use crate::domain::event::queue::{EventQueue, QueueNote, QueueObservation};
use crate::domain::event::{EventKind, EventObservation, Identity, ReplicationEvent};
use crate::domain::fixture;
use crate::domain::key::{KeyFacts, KeyFound, KeyLook, KeyManager, KeyState};
use crate::domain::name::{Bucket, KmsKey, ObjectKey, Region, VersionId};
use crate::domain::object::Trouble;
use crate::domain::observation::{CallRecord, CanaryObservation, Note, Observation, Side};
use crate::domain::reading::{Look, Metric, Obstacle, Place, Point, RuleSeen, Window};
use crate::domain::reason::Reason;
use crate::domain::report::{Lag, Report, Stage, StageAt};
use crate::domain::route::{Route, RouteId, Verify};
use crate::domain::time::{Moment, Monotonic, UnixMillis};
use crate::domain::verdict::Verdict;
use crate::telemetry::{BuildInfo, Handles, Telemetry, sample};

/// 2026-05-04 12:00:00 UTC.
pub(super) const NOON: UnixMillis = UnixMillis(1_777_896_000_000);

/// The single writer under a clock that the script turns.
pub(super) struct Script {
    pub(super) telemetry: Telemetry,
    pub(super) handles: Handles,
    clock: Arc<AtomicU64>,
}

impl Script {
    pub(super) fn new() -> Self {
        let clock = Arc::new(AtomicU64::new(0));
        let read = Arc::clone(&clock);
        let build = BuildInfo { version: "1.2.3".to_owned(), revision: "abc".to_owned() };
        let (telemetry, handles) = Telemetry::new(move || moment(read.load(Ordering::Relaxed)), build);
        Self { telemetry, handles, clock }
    }

    /// With a route `orders` to one destination whose content is verified, in slot 0.
    pub(super) fn with_orders() -> Self {
        let mut script = Self::new();
        let mut orders = sample::route("orders", 1);
        orders.destinations[0].verify = Verify::Content;
        script.add(0, orders);
        script
    }

    pub(super) fn add(&mut self, slot: u32, route: Route) {
        self.play(&Observation::RouteAdded(RouteId(slot), Arc::new(route)));
    }

    pub(super) fn play(&mut self, observation: &Observation) {
        let now = self.now();
        self.telemetry.observe(observation, now);
    }

    /// Something about canary `number` of a route, which is written `number` seconds after noon.
    pub(super) fn note(&mut self, slot: u32, number: u64, note: Note) {
        let at = self.now();
        self.play(&canary(slot, number, note, at));
    }

    pub(super) fn call(&mut self, operation: &'static str, outcome: Result<(), Trouble>) {
        let region = Arc::from("ap-south-1");
        let duration = Duration::from_millis(40);
        self.play(&Observation::Call(CallRecord { service: "s3", operation, region, duration, outcome }));
    }

    /// A look at the key of a side.
    pub(super) fn look(&mut self, slot: u32, side: Side, found: KeyFound) {
        let look = Some(KeyLook { named: KmsKey::new("alias/orders"), found });
        let at = self.now();
        self.play(&Observation::Key { route: RouteId(slot), side, look, at });
    }

    /// An audit of a route.
    pub(super) fn audit(&mut self, slot: u32, findings: &[Finding]) {
        let (audit, facts) = (Arc::new(Audit { findings: findings.to_vec() }), Arc::new(fixture::facts(1)));
        let at = self.now();
        self.play(&Observation::Audited { route: RouteId(slot), audit, facts, at });
    }

    /// The versioning of the first destination was suspended.
    pub(super) fn drift(&mut self, slot: u32) {
        let (check, field) = ("destination_versioning", "status".to_owned());
        let (before, after) = ("Enabled".to_owned(), "Suspended".to_owned());
        let change = Arc::new(Change { check, destination: Some(0), field, before, after });
        let at = self.now();
        self.play(&Observation::Drift { route: RouteId(slot), change, at });
    }

    /// A replication event of a kind, about an object of the user's or about a canary.
    pub(super) fn event(&mut self, slot: u32, destination: usize, is_canary: bool, kind: EventKind) {
        let event = Arc::new(ReplicationEvent {
            kind,
            source: Bucket::new("source"),
            key: if is_canary { object_key(50) } else { ObjectKey::new("secret/invoice.pdf") },
            version_id: None,
            destination: Bucket::new("destination"),
            rule: None,
            operation: None,
            at: None,
            requested_at: None,
            identity: Identity([0; 16]),
        });
        let (route, at) = (RouteId(slot), self.now());
        self.play(&Observation::Event(EventObservation { route, destination, is_canary, event, at }));
    }

    /// Something about a queue.
    pub(super) fn queue(&mut self, queue: &EventQueue, note: QueueNote) {
        let (queue, at) = (queue.clone(), self.now());
        self.play(&Observation::Queue(QueueObservation { queue, at, note }));
    }

    /// CloudWatch's rule is known, and of each minute of the last half hour it told these values, but of failures.
    pub(super) fn readings(&mut self, slot: u32, values: [f64; 3], failures: Option<f64>) {
        let (route, destination, at) = (RouteId(slot), 0, self.now());
        let rule = RuleSeen::Found { id: Arc::from("rule-1"), publishes_metrics: true };
        self.play(&Observation::Rule { route, destination, rule, at });
        let window = Window::ending(at.wall);
        let newest = window.end.minus(Duration::from_secs(180));
        let look =
            |value: f64| Look::Complete { window, points: vec![Point { at: newest, value, samples: 2.0 * value }] };
        let looks = Place::Destination.metrics().iter().copied().zip(values.map(look)).collect();
        self.play(&Observation::Readings { route, destination, place: Place::Destination, looks, at });
        let failed = failures.map_or(Look::Complete { window, points: Vec::new() }, look);
        let looks = vec![(Metric::OperationsFailed, failed)];
        self.play(&Observation::Readings { route, destination, place: Place::Source, looks, at });
    }

    /// A look at the metrics of a place that came to nothing.
    pub(super) fn unread(&mut self, slot: u32, place: Place, obstacle: Obstacle) {
        let (route, destination, at) = (RouteId(slot), 0, self.now());
        let looks = place.metrics().iter().map(|metric| (*metric, Look::Failed(obstacle))).collect();
        self.play(&Observation::Readings { route, destination, place, looks, at });
    }

    /// Everything that happens to a canary that arrives, from PUT to removal.
    pub(super) fn arrival(&mut self, slot: u32, number: u64, report: Report) {
        self.wait(Duration::from_secs(1));
        self.note(slot, number, Note::WriteSent);
        self.note(slot, number, Note::Written { version_id: VersionId::new("v") });
        self.wait(Duration::from_secs(11));
        let destination = report.destination;
        self.note(slot, number, Note::Judged(report));
        self.note(slot, number, Note::LegClosed { destination });
        self.note(slot, number, Note::Deleted { side: Side::Destination(destination) });
        self.note(slot, number, Note::Deleted { side: Side::Source });
        self.note(slot, number, Note::Ended);
    }

    pub(super) fn wait(&self, duration: Duration) {
        self.clock.fetch_add(u64::try_from(duration.as_millis()).unwrap(), Ordering::Relaxed);
    }

    pub(super) fn now(&self) -> Moment {
        moment(self.clock.load(Ordering::Relaxed))
    }

    /// The metrics page, without what the process tells of itself.
    pub(super) fn page(&mut self) -> String {
        self.telemetry.publish();
        let page = self.handles.metrics.render();
        let ours = |line: &&str| !line.contains("process_");
        page.lines().filter(ours).map(|line| format!("{line}\n")).collect()
    }

    /// The value of a series, by its whole name with labels.
    pub(super) fn value(&mut self, series: &str) -> Option<f64> {
        let page = self.page();
        let line = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))?;
        Some(line.parse().unwrap())
    }
}

fn moment(milliseconds: u64) -> Moment {
    Moment { mono: Monotonic(Duration::from_millis(milliseconds)), wall: UnixMillis(NOON.0 + milliseconds) }
}

/// What KMS says of a key in a state; a deletion is on 2027-01-31.
pub(super) fn key(state: KeyState) -> KeyFound {
    KeyFound::Facts(Arc::new(KeyFacts {
        arn: KmsKey::new("arn:aws:kms:us-east-1:222222222222:key/a"),
        account: None,
        region: None,
        state,
        deletion: (state == KeyState::PendingDeletion).then_some(UnixMillis(1_801_353_600_000)),
        manager: KeyManager::Customer,
        spec: None,
        usage: None,
        multi_region: false,
    }))
}

pub(super) fn canary(slot: u32, number: u64, note: Note, at: Moment) -> Observation {
    let (key, written_at) = (object_key(number), written(number));
    Observation::Canary(CanaryObservation { route: RouteId(slot), key, written_at, at, note })
}

fn object_key(number: u64) -> ObjectKey {
    ObjectKey::new(&format!("replicanary/default/orders/{number}"))
}

fn written(number: u64) -> UnixMillis {
    NOON.plus(Duration::from_secs(number))
}

/// The report of canary `number`; arrivals took between 9.5 and 11.5 s and were verified.
pub(super) fn report(number: u64, destination: usize, verdict: Verdict) -> Report {
    let lag = Lag { low: Duration::from_millis(9_500), high: Duration::from_millis(11_500) };
    let verified = StageAt { stage: Stage::Verified, at: written(number) };
    let arrived = verdict.is_arrival() || verdict == Verdict::Mismatched;
    Report {
        destination,
        key: object_key(number),
        version_id: Some(VersionId::new("v")),
        written_at: written(number),
        verdict,
        reason: Reason::of(verdict),
        message: "as seen".to_owned(),
        mismatches: Vec::new(),
        key_match: verdict.is_arrival().then_some(true),
        lag: arrived.then_some(lag),
        stages: if verdict.is_arrival() { vec![verified] } else { Vec::new() },
    }
}

/// The queue `events` of an account.
pub(super) fn queue(account: &str) -> EventQueue {
    EventQueue::new(&format!("https://sqs.ap-south-1.amazonaws.com/{account}/events"), Region::new("ap-south-1"))
}

/// The route `name` with that queue.
pub(super) fn route_with(name: &str, queue: &EventQueue) -> Route {
    let mut route = sample::route(name, 1);
    route.source.event_queue = Some(queue.clone());
    route
}
