//! Audits on paused time: when, what is read of which side, and what leaves as observations.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::fake::{Pair, Store};
use super::*;
use crate::cloud::{
    BucketSettings, CanaryStore, CloudError, KeyAudit, OwnIdentity, Page, PageMark, PutCanary, RoleAudit, SetupSource,
    Whereabouts,
};
use crate::domain::audit::facts::{
    BucketFacts, DefaultEncryption, Fact, Grant, Identity, KeyDescription, LifecycleRule, NamedPolicy, Notifications,
    ObjectLock, PublicAccessBlock, Role, RouteFacts, Simulated, Unread, Versioning,
};
use crate::domain::audit::questions::Question;
use crate::domain::name::{KmsKey, ObjectKey, VersionId};
use crate::domain::object::{ContentSeen, ListedVersion, ObjectSeen};
use crate::domain::replication::Replication;
use crate::runtime::auditor;
use crate::runtime::live_rules::LiveRules;

/// One side that shows what the test says; both sides write down what they are asked.
#[derive(Debug, Clone)]
struct Shown {
    store: Store,
    is_source: bool,
    facts: Arc<Mutex<RouteFacts>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Shown {
    fn ask<T>(&self, what: &str, pick: impl Fn(&BucketFacts) -> T) -> T {
        self.note(what);
        let facts = self.facts.lock().unwrap();
        pick(if self.is_source { &facts.source.bucket } else { &facts.destinations[0].bucket })
    }

    fn note(&self, what: &str) {
        let side = if self.is_source { "source" } else { "destination" };
        self.asked.lock().unwrap().push(format!("{side} {what}"));
    }
}

impl BucketSettings for Shown {
    async fn whereabouts(&self) -> Whereabouts {
        self.ask("whereabouts", |it| Whereabouts {
            region: it.region.clone(),
            is_owned_as_configured: it.is_owned_as_configured.clone(),
        })
    }
    async fn versioning(&self) -> Fact<Versioning> {
        self.ask("versioning", |it| it.versioning.clone())
    }
    async fn public_access(&self) -> Fact<Option<PublicAccessBlock>> {
        self.ask("public_access", |it| it.public_access.clone())
    }
    async fn account_public_access(&self) -> Fact<Option<PublicAccessBlock>> {
        self.note("account_public_access");
        let facts = self.facts.lock().unwrap();
        let side = if self.is_source { &facts.source } else { &facts.destinations[0] };
        side.account_public_access.clone()
    }
    async fn policy_is_public(&self) -> Fact<Option<bool>> {
        self.ask("policy_is_public", |it| it.policy_is_public.clone())
    }
    async fn encryption(&self) -> Fact<Option<DefaultEncryption>> {
        self.ask("encryption", |it| it.encryption.clone())
    }
    async fn policy(&self) -> Fact<Option<String>> {
        self.ask("policy", |it| it.policy.clone())
    }
    async fn ownership(&self) -> Fact<Option<String>> {
        self.ask("ownership", |it| it.ownership.clone())
    }
    async fn object_lock(&self) -> Fact<Option<ObjectLock>> {
        self.ask("object_lock", |it| it.object_lock.clone())
    }
    async fn requester_pays(&self) -> Fact<bool> {
        self.ask("requester_pays", |it| it.requester_pays.clone())
    }
    async fn lifecycle(&self) -> Fact<Vec<LifecycleRule>> {
        self.ask("lifecycle", |it| it.lifecycle.clone())
    }
    async fn notifications(&self) -> Fact<Notifications> {
        self.ask("notifications", |it| it.notifications.clone())
    }
}

impl SetupSource for Shown {
    async fn replication(&self) -> Result<Option<Replication>, CloudError> {
        self.note("replication");
        Ok(self.facts.lock().unwrap().replication.clone().unwrap())
    }
}

impl KeyAudit for Shown {
    async fn describe(&self, key: &str) -> Fact<Option<KeyDescription>> {
        self.note(&format!("describe {key}"));
        Ok((key != "alias/none").then(|| KeyDescription { arn: format!("arn of {key}"), ..KeyDescription::default() }))
    }
    async fn key_policy(&self, key: &str) -> Fact<String> {
        self.note(&format!("key_policy {key}"));
        Ok("{}".to_owned())
    }
    async fn grants(&self, key: &str, grantee: Option<&str>) -> Fact<Vec<Grant>> {
        self.note(&format!("grants {key} {}", grantee.unwrap_or("anybody")));
        Ok(Vec::new())
    }
}

impl RoleAudit for Shown {
    async fn role(&self, arn: &str) -> Fact<Option<Role>> {
        self.note("role");
        Ok(Some(Role { arn: arn.to_owned(), boundary: Some("boundary".to_owned()), ..Role::default() }))
    }
    async fn inline_policies(&self, _: &str) -> Fact<Vec<NamedPolicy>> {
        Ok(Vec::new())
    }
    async fn attached_policies(&self, _: &str) -> Fact<Vec<NamedPolicy>> {
        Ok(Vec::new())
    }
    async fn managed_policy(&self, arn: &str) -> Fact<NamedPolicy> {
        Ok(NamedPolicy { name: arn.to_owned(), document: "{}".to_owned() })
    }
    async fn simulate(&self, _: &str, _: &Question) -> Fact<Vec<Simulated>> {
        self.note("simulate");
        let operation = "SimulatePrincipalPolicy".to_owned();
        let (permission, trouble) = ("iam:SimulatePrincipalPolicy".to_owned(), "access_denied".to_owned());
        Err(Unread { operation, permission, trouble, message: None })
    }
}

impl OwnIdentity for Shown {
    async fn identity(&self) -> Fact<Identity> {
        self.note("identity");
        Ok(Identity { account: "111111111111".to_owned(), arn: "arn:me".to_owned() })
    }
}

impl CanaryStore for Shown {
    async fn put(&self, canary: &PutCanary) -> Result<Option<VersionId>, CloudError> {
        self.store.put(canary).await
    }
    async fn head(&self, key: &ObjectKey, version: Option<&VersionId>) -> Result<ObjectSeen, CloudError> {
        self.store.head(key, version).await
    }
    async fn get(&self, key: &ObjectKey, version: &VersionId, limit: u64) -> Result<ContentSeen, CloudError> {
        self.store.get(key, version, limit).await
    }
    async fn versions(&self, key: &ObjectKey) -> Result<Vec<ListedVersion>, CloudError> {
        self.store.versions(key).await
    }
    async fn page(&self, _: &str, _: Option<&PageMark>) -> Result<Page, CloudError> {
        let version = || ListedVersion { version_id: VersionId::new("v"), delete_marker: false, owner: None };
        let canary = format!("replicanary/default/orders/1-1-{:032x}", 7);
        let keys = [canary.as_str(), "replicanary/report.csv", "replicanary/report.csv"];
        Ok(Page { versions: keys.iter().map(|key| (ObjectKey::new(key), version())).collect(), next: None })
    }
    async fn delete(&self, key: &ObjectKey, version: &VersionId) -> Result<(), CloudError> {
        self.store.delete(key, version).await
    }
}

/// A route that is audited every so many seconds.
struct Audits {
    channel: Arc<Channel<Shown>>,
    facts: Arc<Mutex<RouteFacts>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Audits {
    fn every(seconds: u64) -> Self {
        let facts = Arc::new(Mutex::new(fixture::facts(1)));
        let asked = Arc::new(Mutex::default());
        let pair = Pair::default();
        let permits = Permits::new(Arc::new(Semaphore::new(4)), Arc::new(Semaphore::new(4)));
        let gate = |store: Store, is_source: bool| {
            let shown = Shown { store, is_source, facts: Arc::clone(&facts), asked: Arc::clone(&asked) };
            Gate::new(shown, permits.clone(), ConnectionId(u32::from(is_source)))
        };
        let mut route = fixture::route("orders", 1);
        route.audit = (seconds > 0).then(|| Duration::from_secs(seconds));
        route.destinations[0].kms_key = Some(KmsKey::new("alias/none"));
        let (source, destinations) = (gate(pair.source(), true), vec![gate(pair.destination(), false)]);
        let channel = Arc::new(Channel {
            id: RouteId(0),
            route: Arc::new(route),
            source,
            destinations,
            rules: LiveRules::default(),
        });
        Self { channel, facts, asked }
    }

    fn start(&self) -> mpsc::Receiver<Observation> {
        let (observations, observed) = mpsc::channel(1_000);
        let reporter = Reporter::new(observations);
        drop(spawn(auditor::keep_auditing(vec![Arc::clone(&self.channel)], clock(), reporter)));
        observed
    }

    fn reads(&self) -> usize {
        std::mem::take(&mut *self.asked.lock().unwrap()).iter().filter(|asked| *asked == "source versioning").count()
    }

    fn suspend(&self) {
        let versioning = Versioning { status: Some("Suspended".to_owned()), mfa_delete: false };
        self.facts.lock().unwrap().destinations[0].bucket.versioning = Ok(versioning);
    }
}

/// What was observed, in short.
fn told(observed: &mut mpsc::Receiver<Observation>) -> Vec<String> {
    let mut told = Vec::new();
    while let Ok(observation) = observed.try_recv() {
        if let Observation::Drift { change, .. } = observation {
            told.push(format!("{} {} {}", change.check, change.before, change.after));
        } else {
            assert!(matches!(observation, Observation::Audited { .. }), "{observation:?}");
            told.push("audited".to_owned());
        }
    }
    told
}

async fn sleep(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn everything_is_read_and_every_key_that_is_named() {
    let audits = Audits::every(0);
    {
        let mut facts = audits.facts.lock().unwrap();
        let encryption =
            DefaultEncryption { algorithm: "aws:kms".to_owned(), key: Some("k".to_owned()), bucket_key: false };
        facts.source.bucket.encryption = Ok(Some(encryption));
        facts.replication.as_mut().unwrap().as_mut().unwrap().rules[0].replica_key = Some("replica".to_owned());
    }
    let gathered = auditor::gather(&audits.channel).await;
    let expected = audits.facts.lock().unwrap().clone();
    assert_eq!(gathered.replication, expected.replication);
    let strangers = Ok(vec!["replicanary/report.csv".to_owned()]);
    assert_eq!(gathered.source.bucket, BucketFacts { strangers, ..expected.source.bucket });
    assert_eq!(gathered.source.keys.keys().collect::<Vec<_>>(), ["k"]);
    assert_eq!(gathered.destinations[0].keys.keys().collect::<Vec<_>>(), ["alias/none", "replica"]);
    let missing = &gathered.destinations[0].keys["alias/none"];
    assert_eq!((&missing.description, missing.policy.is_err()), (&Ok(None), true));
    let role = gathered.role.unwrap();
    assert_eq!(role.boundary.unwrap().unwrap().name, "boundary");
    assert_eq!(role.simulated.unwrap_err().permission, "iam:SimulatePrincipalPolicy");
    let asked = audits.asked.lock().unwrap().clone();
    let mut count = BTreeMap::new();
    asked.iter().for_each(|asked| *count.entry(asked.as_str()).or_insert(0) += 1);
    assert!(count.values().all(|count| *count == 1), "nothing twice, and no question after a refusal: {count:?}");
    for expected in [
        "source role",
        "source simulate",
        "destination describe replica",
        "destination key_policy arn of replica",
        "source grants arn of k arn:aws:iam::111111111111:role/r",
        "destination identity",
    ] {
        assert!(count.contains_key(expected), "{expected}: {count:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_is_read_again_soon_and_told_then() {
    let audits = Audits::every(300);
    let mut observed = audits.start();
    sleep(2).await;
    assert_eq!((audits.reads(), told(&mut observed)), (1, vec![]), "one read proves nothing");
    sleep(6).await;
    assert_eq!((audits.reads(), told(&mut observed)), (1, vec!["audited".to_owned()]));
    audits.suspend();
    sleep(280).await;
    assert_eq!(audits.reads(), 0, "the schedule is slow");
    sleep(20).await;
    assert_eq!((audits.reads(), told(&mut observed)), (1, vec![]));
    sleep(6).await;
    let change = "destination_versioning Enabled Suspended".to_owned();
    assert_eq!((audits.reads(), told(&mut observed)), (1, vec![change, "audited".to_owned()]));
    sleep(280).await;
    assert_eq!(audits.reads(), 0);
    sleep(30).await;
    assert_eq!((audits.reads(), told(&mut observed)), (1, vec!["audited".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn what_changes_all_the_time_is_audited_no_oftener_for_it() {
    let audits = Audits::every(60);
    let mut observed = audits.start();
    for count in 0..600 {
        let versioning = Versioning { status: Some(format!("{count}")), mfa_delete: false };
        audits.facts.lock().unwrap().source.bucket.versioning = Ok(versioning);
        sleep(1).await;
    }
    let reads = audits.reads();
    assert!((20..=40).contains(&reads), "{reads}");
    let told = told(&mut observed);
    assert!(told.len() >= 7 && told.iter().all(|told| told == "audited"), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn nobody_reads_where_no_audit_is_wanted() {
    let audits = Audits::every(0);
    let mut observed = audits.start();
    sleep(3_600).await;
    assert_eq!((audits.reads(), told(&mut observed)), (0, vec![]));
}
