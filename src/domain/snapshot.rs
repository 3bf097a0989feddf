//! The health of all routes now: what metrics, API and page are drawn from.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::audit::drift::Change;
use super::audit::finding::Finding;
use super::cause::Cause;
use super::event::tally::EventTally;
use super::key::KeyPair;
use super::name::{ObjectKey, RouteName};
use super::object::ReplicationStatus;
use super::reading::Readings;
use super::reason::Reason;
use super::report::Report;
use super::route::{Route, RouteId};
use super::time::UnixMillis;
use super::verdict::{State, Verdict};

/// The health of all routes at one instant. Cheap to share: a route that did not change is the same `Arc` as before.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// When it was taken.
    pub at: UnixMillis,
    /// Every route, sorted by name.
    pub routes: Vec<Arc<RouteSnapshot>>,
}

impl Snapshot {
    /// The route of that name.
    #[must_use]
    pub fn route(&self, name: &str) -> Option<&Arc<RouteSnapshot>> {
        let place = self.routes.binary_search_by(|route| route.name.as_str().cmp(name)).ok()?;
        self.routes.get(place)
    }
}

/// The health of one route.
#[derive(Debug, Clone)]
pub struct RouteSnapshot {
    /// Its slot.
    pub id: RouteId,
    /// Its name.
    pub name: RouteName,
    /// Its configuration.
    pub route: Arc<Route>,
    /// The worst state among its destinations.
    pub state: State,
    /// Since when.
    pub since: UnixMillis,
    /// Why.
    pub reason: Reason,
    /// The same for a person.
    pub message: String,
    /// Its destinations, in the order of the configuration.
    pub destinations: Vec<DestinationSnapshot>,
    /// The oldest recovery point of its destinations, once each has one.
    pub recovery_point: Option<UnixMillis>,
    /// When the newest canary was written that the source acknowledged.
    pub last_write: Option<UnixMillis>,
    /// When the scheduler last started a canary.
    pub last_cycle: Option<UnixMillis>,
    /// What the source shows of the newest canary that it was asked about; `Some(None)`: no status at all.
    pub source_status: Option<Option<ReplicationStatus>>,
    /// What an operator should change although the state does not show it; usually empty.
    pub warnings: Vec<String>,
    /// The newest changes of its set-up, newest first; at most [`CHANGES_MAX`].
    pub changes: VecDeque<ChangeAt>,
    /// Whether its set-up changed so recently that alert rules wait.
    pub is_settling: bool,
}

/// The health of one destination.
#[derive(Debug, Clone)]
pub struct DestinationSnapshot {
    /// Its state.
    pub state: State,
    /// Since when.
    pub since: UnixMillis,
    /// Why.
    pub reason: Reason,
    /// The same for a person: what is seen, and what to do.
    pub message: String,
    /// How many legs ended how, since start, in the order of [`Verdict::ALL`].
    pub verdicts: [u64; Verdict::ALL.len()],
    /// How many canaries have not arrived and are still waited for.
    pub pending: u64,
    /// When the oldest of them was written.
    pub oldest_pending: Option<UnixMillis>,
    /// When the newest canary was written that arrived right with no older one undecided.
    pub recovery_point: Option<UnixMillis>,
    /// When the newest right arrival was seen.
    pub last_success: Option<UnixMillis>,
    /// Times that canaries do not prove replicated, oldest first.
    pub gaps: Vec<Gap>,
    /// The lag over the last hour, once something arrived in it.
    pub lag: Option<LagSummary>,
    /// The KMS keys that it depends on.
    pub keys: KeyPair,
    /// Why it is not as it should be, as far as that can be told; absent where nothing is wrong.
    pub cause: Option<Arc<Cause>>,
    /// What replication events have told of the user's objects.
    pub events: EventTally,
    /// What the last audit said of it, once there was one.
    pub audit: Option<Arc<AuditSummary>>,
    /// What CloudWatch tells of its replication.
    pub cloudwatch: Readings,
    /// The newest reports, newest first; at most [`REPORTS_MAX`].
    pub reports: VecDeque<Arc<Report>>,
}

impl DestinationSnapshot {
    /// How many legs ended with `verdict`.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> u64 {
        Verdict::ALL
            .iter()
            .zip(self.verdicts)
            .find_map(|(each, count)| (*each == verdict).then_some(count))
            .unwrap_or(0)
    }

    /// The report of a canary, while it is among the newest.
    #[must_use]
    pub fn report(&self, key: &ObjectKey) -> Option<&Arc<Report>> {
        self.reports.iter().find(|report| report.key == *key)
    }
}

/// The most reports that are kept a destination.
pub const REPORTS_MAX: usize = 50;

/// The most changes of its set-up that are kept a route.
pub const CHANGES_MAX: usize = 50;

/// What an audit said of one destination, of its source and of the whole route.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditSummary {
    /// When.
    pub at: UnixMillis,
    /// Every check that does not hold, or that could not be told.
    pub findings: Vec<Arc<Finding>>,
    /// How many checks hold.
    pub ok: usize,
}

/// A change of the set-up, and when it was certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeAt {
    /// When.
    pub at: UnixMillis,
    /// What changed.
    pub change: Arc<Change>,
}

/// The most gaps that are kept a destination; beyond it the two oldest are merged.
pub const GAPS_MAX: usize = 100;

/// A time that canaries do not prove replicated: from the last good write before a fault to the first good one after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The last good write before it; absent when there was none.
    pub from: Option<UnixMillis>,
    /// The first good write after it; absent while it is open.
    pub to: Option<UnixMillis>,
    /// The verdict that opened it.
    pub verdict: Verdict,
}

/// The lag over the last hour, from upper bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LagSummary {
    /// Half of the canaries arrived within it.
    pub p50: Duration,
    /// 95 % of the canaries arrived within it.
    pub p95: Duration,
    /// 99 % of the canaries arrived within it.
    pub p99: Duration,
    /// All of them arrived within it.
    pub max: Duration,
    /// How exactly the lags are known: the largest interval among them.
    pub resolution: Duration,
    /// How many canaries arrived.
    pub count: usize,
}
