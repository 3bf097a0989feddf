//! A model of S3 on virtual time: one canary, its replication as scripted, and what each call shows of it.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::canary::{Canary, Nonce};
use crate::domain::fixture;
use crate::domain::name::{AccountId, Bucket, KmsKey, Region, VersionId};
use crate::domain::object::{ContentSeen, ListedVersion, ObjectSeen, ReplicationStatus, Trouble};
use crate::domain::observation::Side;
use crate::domain::probe::{Absence, Action, DestinationExpectations, Expectations, Reply};
use crate::domain::route::{CanarySpec, Destination, Route, Source, StatusSupport};
use crate::domain::time::UnixMillis;

pub(super) const SOURCE_KEY: &str = "arn:aws:kms:ap-south-1:111111111111:key/aaaa";
pub(super) const REPLICA_KEY: &str = "arn:aws:kms:us-east-1:222222222222:key/bbbb";
pub(super) const VERSION: &str = "v1";
pub(super) const START: UnixMillis = UnixMillis(1_700_000_000_000);

pub(super) fn secs(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

pub(super) fn route(destinations: usize) -> Route {
    Route {
        source: Source {
            bucket: Bucket::new("source"),
            region: Region::new("ap-south-1"),
            account: Some(AccountId::new("111111111111")),
            kms_key: Some(KmsKey::new(SOURCE_KEY)),
            event_queue: None,
        },
        destinations: (0..destinations).map(destination).collect(),
        canary: CanarySpec { size: 100, ..fixture::canary() },
        keys: None,
        settle: secs(900.0),
        ..fixture::route("orders", 0)
    }
}

fn destination(place: usize) -> Destination {
    Destination {
        account: Some(AccountId::new("222222222222")),
        kms_key: Some(KmsKey::new(REPLICA_KEY)),
        ..fixture::destination(&format!("replica-{place}"))
    }
}

/// What a call meets instead of the answer that the model would give.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fault {
    /// The call is not carried out.
    Refused(Trouble),
    /// The call is carried out, but its answer is lost.
    Lost(Trouble),
    /// The call is carried out, and the answer is this.
    Lie(Reply),
}

type Faults = Box<dyn FnMut(Duration, Side, &Action) -> Option<Fault>>;

/// The world of one canary. Times of the script count from the write.
pub(super) struct World {
    pub(super) route: Route,
    pub(super) expected: Expectations,
    /// How long a call takes.
    pub(super) latency: Duration,
    /// At which share of that time calls are carried out, in turn.
    pub(super) reach: Vec<f64>,
    /// The version id that a PUT answers.
    pub(super) put_version: Option<&'static str>,
    /// The source's status, each from an age on.
    pub(super) statuses: Vec<(Duration, Option<ReplicationStatus>)>,
    pub(super) replicas: Vec<Replica>,
    pub(super) source_owner: &'static str,
    pub(super) source: ObjectSeen,
    pub(super) faults: Faults,
    canary: Canary,
    written: Option<Duration>,
    source_gone: Option<Duration>,
}

/// A replica as scripted.
pub(super) struct Replica {
    /// Its lag; none: it never comes.
    pub(super) arrives: Option<Duration>,
    pub(super) version: &'static str,
    pub(super) owner: &'static str,
    pub(super) seen: ObjectSeen,
    pub(super) sha256: Option<String>,
    /// Whether HEAD refuses, there or not.
    pub(super) unreadable: bool,
    pub(super) deleted: bool,
}

impl World {
    /// A healthy world: every replica arrives at `lag`, COMPLETED follows half a second later.
    pub(super) fn healthy(route: Route, lag: f64) -> Self {
        let completed = secs(lag + 0.5);
        let mut world = Self::pending(route);
        world.replicas.iter_mut().for_each(|replica| replica.arrives = Some(secs(lag)));
        world.statuses.push((completed, Some(ReplicationStatus::Completed)));
        world
    }

    /// A world in which nothing ever arrives, and the source stays PENDING.
    pub(super) fn pending(route: Route) -> Self {
        let canary = Canary::new(&route, START, 7, Nonce(*b"0123456789abcdef"));
        let destinations: Vec<_> = route.destinations.iter().map(|_| expectations()).collect();
        let plain = ObjectSeen {
            size: Some(canary.size()),
            metadata: canary.metadata().into_iter().collect(),
            algorithm: Some("aws:kms".into()),
            bucket_key: true,
            ..ObjectSeen::default()
        };
        let replica = || Replica {
            arrives: None,
            version: VERSION,
            owner: "canonical-b",
            seen: ObjectSeen {
                kms_key: Some(REPLICA_KEY.into()),
                replication_status: Some(ReplicationStatus::Replica),
                ..plain.clone()
            },
            sha256: None,
            unreadable: false,
            deleted: false,
        };
        Self {
            expected: Expectations {
                source: Absence::SeesAbsence,
                source_key: None,
                destinations: Arc::from(destinations),
            },
            latency: Duration::from_millis(40),
            reach: vec![0.5],
            put_version: Some(VERSION),
            statuses: vec![(Duration::ZERO, Some(ReplicationStatus::Pending))],
            replicas: route.destinations.iter().map(|_| replica()).collect(),
            source_owner: "canonical-a",
            source: ObjectSeen { kms_key: Some(SOURCE_KEY.into()), ..plain.clone() },
            faults: Box::new(|_, _, _| None),
            canary,
            written: None,
            source_gone: None,
            route,
        }
    }

    /// The same with other statuses, each from an age in seconds on.
    pub(super) fn with_statuses(mut self, statuses: &[(f64, Option<ReplicationStatus>)]) -> Self {
        self.statuses = statuses.iter().map(|(age, status)| (secs(*age), *status)).collect();
        self
    }

    /// The same with faults.
    pub(super) fn with_faults(
        mut self,
        faults: impl FnMut(Duration, Side, &Action) -> Option<Fault> + 'static,
    ) -> Self {
        self.faults = Box::new(faults);
        self
    }

    pub(super) fn canary(&self) -> &Canary {
        &self.canary
    }

    /// The canary exists at the source since `written`, from an earlier run.
    pub(super) fn set_written(&mut self, written: Duration) {
        self.written = Some(written);
    }

    pub(super) fn remove_source(&mut self, now: Duration) {
        self.source_gone = Some(now);
    }

    /// The true lag of a replica.
    pub(super) fn lag(&self, place: usize) -> Option<Duration> {
        self.replicas[place].arrives
    }

    pub(super) fn status(&self, now: Duration) -> Option<ReplicationStatus> {
        let age = now.saturating_sub(self.written?);
        self.statuses.iter().rev().find(|(from, _)| *from <= age).and_then(|(_, status)| *status)
    }

    /// Whether S3 may still replicate it: PENDING, or, without a status, not yet there.
    pub(super) fn may_still_replicate(&self, now: Duration) -> bool {
        let on_its_way =
            |place| self.lag(place).is_some() && !self.is_there(place, now) && !self.replicas[place].deleted;
        match self.route.replication_status {
            StatusSupport::Aws => self.status(now) == Some(ReplicationStatus::Pending),
            StatusSupport::None => (0..self.replicas.len()).any(on_its_way),
        }
    }

    /// The sides that hold something at `now`.
    pub(super) fn left(&self, now: Duration) -> Vec<Side> {
        let source = (self.written.is_some() && self.source_gone.is_none()).then_some(Side::Source);
        let replicas = (0..self.replicas.len()).filter(|place| self.is_there(*place, now));
        source.into_iter().chain(replicas.map(Side::Destination)).collect()
    }

    fn is_there(&self, place: usize, now: Duration) -> bool {
        let replica = &self.replicas[place];
        let arrival = self.written.zip(replica.arrives).map(|(written, lag)| written + lag);
        let last = self.source_gone.unwrap_or(Duration::MAX).min(now);
        arrival.is_some_and(|at| at <= last) && !replica.deleted
    }

    /// Carries out a call at `now`.
    pub(super) fn answer(&mut self, now: Duration, side: Side, action: &Action) -> Result<Reply, Trouble> {
        match side {
            Side::Source => self.at_source(now, action),
            Side::Destination(place) => self.at_destination(now, place, action),
        }
    }

    fn at_source(&mut self, now: Duration, action: &Action) -> Result<Reply, Trouble> {
        if *action == Action::Put {
            assert_eq!(self.written, None, "a PUT is never repeated");
            self.written = Some(now);
            return Ok(Reply::Written(self.put_version.map(VersionId::new)));
        }
        let there = self.written.is_some() && self.source_gone.is_none();
        let version = VersionId::new(self.put_version.unwrap_or("null"));
        match action {
            Action::Delete(asked) if *asked == version => {
                self.source_gone.get_or_insert(now);
                Ok(Reply::Deleted)
            }
            Action::Delete(_) => Ok(Reply::Deleted),
            Action::List => {
                let owner = Some(self.source_owner.into());
                let listed = ListedVersion { version_id: version, delete_marker: false, owner };
                Ok(Reply::Versions(if there { vec![listed] } else { Vec::new() }))
            }
            Action::Head(asked) if there && asked.as_ref().is_none_or(|asked| *asked == version) => {
                let replication_status = self.status(now);
                let seen = ObjectSeen { version_id: Some(version), replication_status, ..self.source.clone() };
                Ok(Reply::Object(Box::new(seen)))
            }
            Action::Head(_) | Action::Get(_) | Action::Put => Err(Trouble::NotFound),
        }
    }

    fn at_destination(&mut self, now: Duration, place: usize, action: &Action) -> Result<Reply, Trouble> {
        let there = self.is_there(place, now);
        let replica = &mut self.replicas[place];
        let version = VersionId::new(replica.version);
        match action {
            Action::Delete(asked) => {
                replica.deleted |= there && *asked == version;
                Ok(Reply::Deleted)
            }
            Action::List => {
                let owner = Some(replica.owner.into());
                let listed = ListedVersion { version_id: version, delete_marker: false, owner };
                Ok(Reply::Versions(if there { vec![listed] } else { Vec::new() }))
            }
            Action::Head(_) if replica.unreadable => Err(Trouble::AccessDenied),
            Action::Head(asked) if there && asked.as_ref() == Some(&version) => {
                Ok(Reply::Object(Box::new(ObjectSeen { version_id: Some(version), ..replica.seen.clone() })))
            }
            Action::Get(asked) if there && *asked == version => {
                let sha256 = replica.sha256.clone().unwrap_or_else(|| self.canary.sha256().into());
                Ok(Reply::Content(ContentSeen { sha256, size: self.canary.size() }))
            }
            Action::Head(_) | Action::Get(_) | Action::Put => Err(Trouble::NotFound),
        }
    }
}

fn expectations() -> DestinationExpectations {
    DestinationExpectations { absence: Absence::SeesAbsence, ..Default::default() }
}
