//! The state of a world: what the journal so far and the passing of time have made of it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::agenda::{Agenda, Event};
use super::binding::Written;
use super::bucket::{Bucket, BucketInfo, PublicAccessBlock, Versioning};
use super::fault::{Fault, FaultSet};
use super::fault_table::FaultTable;
use super::identity::{Account, Credential, ManagedPolicy, Role};
use super::journal::{Change, Setting};
use super::key::Key;
use super::ledger::{Ledger, LegId};
use super::moment::Moment;
use super::permission::Authority;
use super::queue::Queue;
use super::series::Catalog;
use super::timeline::Timeline;
use super::{Physics, arn};
use crate::sim::random::{self, Draw};

/// Everything there is. Changes come only through [`State::apply`] and [`State::settle`].
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) physics: Physics,
    /// Instant of the last change.
    pub(super) now: Moment,
    /// Number of changes so far; ids are made of it.
    pub(super) sequence: u64,
    pub(super) accounts: BTreeMap<String, Account>,
    /// The public access blocks of accounts that ever had one.
    pub(super) account_blocks: BTreeMap<String, Timeline<Option<PublicAccessBlock>>>,
    pub(super) credentials: HashMap<String, Credential>,
    /// By account and name.
    pub(super) roles: BTreeMap<(String, String), Role>,
    /// What is in force behind each role, by unique id.
    pub(super) authorities: HashMap<String, Timeline<Arc<Authority>>>,
    /// Managed policies by ARN.
    pub(super) policies: BTreeMap<String, ManagedPolicy>,
    pub(super) buckets: BTreeMap<String, Bucket>,
    /// By ARN.
    pub(super) keys: BTreeMap<String, Key>,
    /// Alias ARN to key ARN.
    pub(super) aliases: BTreeMap<String, String>,
    /// Named routes: name to source bucket.
    pub(super) routes: BTreeMap<String, String>,
    pub(super) faults: FaultTable,
    pub(super) ledger: Ledger,
    pub(super) catalog: Catalog,
    /// SQS queues by ARN.
    pub(super) queues: BTreeMap<String, Queue>,
    pub(super) agenda: Agenda,
    /// Attempts that wait for the end of an outage.
    pub(super) held: Vec<LegId>,
}

impl State {
    pub(super) fn new(physics: Physics) -> Self {
        Self {
            physics,
            now: Moment::default(),
            sequence: 0,
            accounts: BTreeMap::new(),
            account_blocks: BTreeMap::new(),
            credentials: HashMap::new(),
            roles: BTreeMap::new(),
            authorities: HashMap::new(),
            policies: BTreeMap::new(),
            buckets: BTreeMap::new(),
            keys: BTreeMap::new(),
            aliases: BTreeMap::new(),
            routes: BTreeMap::new(),
            faults: FaultTable::default(),
            ledger: Ledger::default(),
            catalog: Catalog::default(),
            queues: BTreeMap::new(),
            agenda: Agenda::default(),
            held: Vec::new(),
        }
    }

    /// Lets everything happen that is due before `limit`, in the order of time. What is due at `limit` itself stays
    /// open, because a change at that very instant comes before it: so asking never decides anything early.
    pub(super) fn settle(&mut self, limit: Moment) {
        while let Some((at, event)) = self.agenda.take_before(limit) {
            match event {
                Event::Attempt(leg) => self.attempt(leg, at),
                Event::Threshold(leg) => self.pass_threshold(leg, at),
                Event::Untracked(bucket) => self.tell_untracked(&bucket, at),
                Event::Delivery(queue, body) => self.put_message(at, &queue, body, at),
                Event::FaultEnds(fault, route, destination) => {
                    if self.faults.ends_of(fault, &route, destination.as_deref()) == Some(at) {
                        self.end_fault(fault, &route, destination.as_deref(), at);
                    }
                }
            }
        }
    }

    /// Folds one change of the journal, made at `at`, into the state.
    pub(super) fn apply(&mut self, at: Moment, change: Change) {
        self.settle(at);
        self.now = at;
        self.sequence += 1;
        match change {
            Change::AccountOpened { id } => self.open_account(id),
            Change::AccountBlockSet { account, value } => self.set_account_block(at, account, value),
            Change::RoleCreated { .. }
            | Change::RoleDeleted { .. }
            | Change::RoleChanged { .. }
            | Change::ManagedPolicySet(_)
            | Change::ManagedPolicyDeleted { .. } => self.change_identity(at, change),
            Change::SessionIssued(credential) => {
                self.credentials.insert(credential.access_key_id.clone(), credential);
            }
            Change::BucketCreated { name, account, region, ownership, with_lock } => {
                let info = BucketInfo { name: name.clone(), account, region, created_at: at };
                self.buckets.insert(name, Bucket::new(info, self.sequence, ownership, with_lock));
                self.mute_series(at);
            }
            Change::BucketDeleted { name } => {
                self.buckets.remove(&name);
                self.register_series(at, &name, &[]);
                self.refresh_faults(at);
            }
            Change::SettingChanged { bucket, setting } => self.change_setting(at, &bucket, setting),
            Change::ObjectWritten { bucket, key, written } => self.write_version(at, &bucket, key, written),
            Change::MarkerMade { bucket, key, owner } => {
                self.write_version(at, &bucket, key, Written { owner, ..Written::default() });
            }
            Change::VersionLocked { bucket, key, version, lock } => self.lock_version(&bucket, &key, &version, lock),
            Change::VersionDeleted { bucket, key, version } => self.remove_version(&bucket, &key, &version),
            Change::KeyCreated { .. }
            | Change::KeyPolicySet { .. }
            | Change::KeyStateSet { .. }
            | Change::GrantCreated { .. }
            | Change::GrantRemoved { .. }
            | Change::AliasSet { .. }
            | Change::AliasDeleted { .. } => self.change_key(at, change),
            Change::FaultSet { fault, route, destination, ends } => {
                self.begin_fault(at, fault, route, destination, ends);
            }
            Change::FaultCleared { fault, route, destination } => {
                self.end_fault(fault, &route, destination.as_deref(), at);
            }
            Change::HistoryLived { from } => self.live_through(from, at),
            Change::RouteNamed { name, source } => {
                self.routes.insert(name, source);
            }
            Change::QueueCreated { .. }
            | Change::QueueSet { .. }
            | Change::QueuePurged { .. }
            | Change::MessageSent { .. }
            | Change::MessagesReceived { .. }
            | Change::MessagesBuried { .. }
            | Change::MessageDeleted { .. }
            | Change::VisibilitySet { .. } => self.change_queue(at, change),
        }
    }

    /// The bucket, unless it is missing or a fault hides it.
    pub(super) fn bucket(&self, name: &str) -> Option<&Bucket> {
        let hidden = self.faults.of_bucket(name).has(Fault::DestinationBucketDeleted);
        self.buckets.get(name).filter(|_| !hidden)
    }

    /// Versioning in force, faults included.
    pub(super) fn versioning(&self, bucket: &Bucket, at: Moment) -> Versioning {
        if self.faults.of_bucket(&bucket.info.name).has(Fault::VersioningSuspended) {
            return Versioning::Suspended;
        }
        *bucket.versioning.at(at)
    }

    /// The faults on the way from one bucket to another.
    pub(super) fn faults_between(&self, source: &str, destination: &str) -> FaultSet {
        self.faults.of_leg(source, destination)
    }

    /// A source of numbers for this purpose and these parts.
    pub(super) fn draw(&self, parts: &[&str]) -> Draw {
        Draw::new(self.physics.seed, parts)
    }

    fn open_account(&mut self, id: String) {
        let account = Account {
            access_key_id: format!("AKIA{}", Draw::new(0, &["access key", &id]).text(random::BASE32, 16)),
            secret_access_key: Draw::new(0, &["secret key", &id]).text(random::BASE64, 40),
            id: id.clone(),
        };
        let credential = Credential::of_root(&account);
        self.credentials.insert(account.access_key_id.clone(), credential);
        self.accounts.insert(id, account);
    }

    fn change_setting(&mut self, at: Moment, name: &str, setting: Setting) {
        let from = at.plus(self.physics.propagation);
        let rules = match &setting {
            Setting::Replication(value) => Some(value.as_ref().map_or_else(Vec::new, |given| given.rules.clone())),
            Setting::Versioning(_)
            | Setting::MfaDelete(_)
            | Setting::Encryption(_)
            | Setting::PublicAccess(_)
            | Setting::Ownership(_)
            | Setting::Policy(_)
            | Setting::Notifications(_)
            | Setting::ObjectLock(_)
            | Setting::Lifecycle(_)
            | Setting::RequesterPays(_)
            | Setting::Tags(_) => None,
        };
        let Some(bucket) = self.buckets.get_mut(name) else { return };
        bucket.set(from, setting);
        if let Some(rules) = rules {
            self.register_series(from, name, &rules);
            self.agenda.add(from, Event::Untracked(name.to_owned()));
            self.refresh_faults(at);
        }
    }

    /// The role behind an ARN.
    pub(super) fn role_by_arn(&self, role_arn: &str) -> Option<&Role> {
        let (account, name) = arn::role_parts(role_arn)?;
        self.roles.get(&(account.to_owned(), name.to_owned())).filter(|role| role.arn == role_arn)
    }

    /// The role behind an ARN, once STS knows it too.
    pub(super) fn assumable_role(&self, role_arn: &str, at: Moment) -> Option<&Role> {
        self.role_by_arn(role_arn).filter(|role| role.created_at.plus(self.physics.propagation) <= at)
    }

    /// The key behind an ARN, deleted ones excepted.
    pub(super) fn key_by_arn(&self, key_arn: &str, at: Moment) -> Option<&Key> {
        self.keys.get(key_arn).filter(|key| !key.is_deleted(at))
    }
}
