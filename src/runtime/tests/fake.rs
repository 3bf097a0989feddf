//! A replicated pair of buckets in memory, for tests of the loops: what it does wrong is scripted.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

use crate::cloud::{CanaryStore, CloudError, Detail, Page, PageMark, PutCanary};
use crate::domain::name::{ObjectKey, VersionId};
use crate::domain::object::{ContentSeen, ListedVersion, ObjectSeen, ReplicationStatus, Trouble};

/// What a pair does wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Fault {
    #[default]
    Nothing,
    /// Replication never happens: the source stays PENDING.
    Outage,
    /// The first HEAD of the replica breaks the caller.
    PanicOnce,
    /// Every HEAD of a replica breaks the caller.
    PanicAlways,
    /// HEAD and LIST of anything are refused.
    Refused,
    /// The secret is wrong: HEAD is refused without a word, and what has a body says why.
    WrongSecret,
}

/// How long replication takes here.
pub(super) const LATENCY: Duration = Duration::from_secs(2);

/// A source and a destination.
#[derive(Debug, Clone, Default)]
pub(super) struct Pair(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    objects: Mutex<BTreeMap<String, Object>>,
    fault: Mutex<Fault>,
    panicked: AtomicUsize,
    calls: AtomicUsize,
    calls_max: AtomicUsize,
    puts: AtomicUsize,
}

#[derive(Debug, Clone)]
struct Object {
    written: Instant,
    metadata: BTreeMap<String, String>,
    body: Vec<u8>,
    version: VersionId,
    at_source: bool,
    at_destination: bool,
}

impl Pair {
    pub(super) fn broken_by(fault: Fault) -> Self {
        let pair = Self::default();
        *pair.0.fault.lock().unwrap() = fault;
        pair
    }

    pub(super) fn mend(&self) {
        *self.0.fault.lock().unwrap() = Fault::Nothing;
    }

    pub(super) fn source(&self) -> Store {
        Store { pair: self.clone(), is_source: true }
    }

    pub(super) fn destination(&self) -> Store {
        Store { pair: self.clone(), is_source: false }
    }

    pub(super) fn puts(&self) -> usize {
        self.0.puts.load(Ordering::SeqCst)
    }

    /// The most calls that were under way at once.
    pub(super) fn calls_max(&self) -> usize {
        self.0.calls_max.load(Ordering::SeqCst)
    }

    /// Keys that exist on either side.
    pub(super) fn left(&self) -> Vec<String> {
        let objects = self.0.objects.lock().unwrap();
        let exists = |object: &Object| object.at_source || (object.at_destination && self.has_arrived(object));
        objects.iter().filter(|(_, object)| exists(object)).map(|(key, _)| key.clone()).collect()
    }

    fn object(&self, key: &ObjectKey) -> Option<Object> {
        self.0.objects.lock().unwrap().get(key.as_str()).cloned()
    }

    fn has_arrived(&self, object: &Object) -> bool {
        *self.0.fault.lock().unwrap() != Fault::Outage && object.written.elapsed() >= LATENCY
    }
}

/// One side of a pair.
#[derive(Debug, Clone)]
pub(super) struct Store {
    pair: Pair,
    is_source: bool,
}

impl Store {
    async fn call(&self) {
        let under_way = self.pair.0.calls.fetch_add(1, Ordering::SeqCst) + 1;
        self.pair.0.calls_max.fetch_max(under_way, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(20)).await;
        self.pair.0.calls.fetch_sub(1, Ordering::SeqCst);
    }

    fn find(&self, key: &ObjectKey) -> Result<Object, CloudError> {
        let object = self.pair.object(key);
        object
            .filter(|object| {
                if self.is_source { object.at_source } else { object.at_destination && self.pair.has_arrived(object) }
            })
            .ok_or_else(|| error("HeadObject", Trouble::NotFound))
    }

    fn break_if_scripted(&self) {
        let fault = *self.pair.0.fault.lock().unwrap();
        let first = !self.is_source && self.pair.0.panicked.fetch_add(1, Ordering::SeqCst) == 0;
        let breaks = !self.is_source && (fault == Fault::PanicAlways || (fault == Fault::PanicOnce && first));
        assert!(!breaks, "scripted");
    }
}

impl CanaryStore for Store {
    async fn put(&self, canary: &PutCanary) -> Result<Option<VersionId>, CloudError> {
        self.call().await;
        let count = self.pair.0.puts.fetch_add(1, Ordering::SeqCst);
        let version = VersionId::new(&format!("v{count}"));
        let object = Object {
            written: Instant::now(),
            metadata: canary.metadata.iter().cloned().collect(),
            body: canary.body.to_vec(),
            version: version.clone(),
            at_source: true,
            at_destination: true,
        };
        self.pair.0.objects.lock().unwrap().insert(canary.key.as_str().to_owned(), object);
        Ok(Some(version))
    }

    async fn head(&self, key: &ObjectKey, version: Option<&VersionId>) -> Result<ObjectSeen, CloudError> {
        self.call().await;
        if matches!(*self.pair.0.fault.lock().unwrap(), Fault::Refused | Fault::WrongSecret) {
            return Err(error("HeadObject", Trouble::AccessDenied));
        }
        if version.is_some() {
            self.break_if_scripted();
        }
        let object = self.find(key)?;
        let status = match (self.is_source, self.pair.has_arrived(&object)) {
            (false, _) => ReplicationStatus::Replica,
            (true, true) => ReplicationStatus::Completed,
            (true, false) => ReplicationStatus::Pending,
        };
        Ok(ObjectSeen {
            version_id: Some(object.version),
            size: Some(object.body.len() as u64),
            metadata: object.metadata,
            replication_status: Some(status),
            ..ObjectSeen::default()
        })
    }

    async fn get(&self, key: &ObjectKey, _: &VersionId, _: u64) -> Result<ContentSeen, CloudError> {
        self.call().await;
        let object = self.find(key)?;
        let sha256 = object.metadata.get("replicanary-sha256").cloned().unwrap_or_default();
        Ok(ContentSeen { sha256, size: object.body.len() as u64 })
    }

    async fn versions(&self, key: &ObjectKey) -> Result<Vec<ListedVersion>, CloudError> {
        self.call().await;
        if *self.pair.0.fault.lock().unwrap() == Fault::Refused {
            return Err(error("ListObjectVersions", Trouble::AccessDenied));
        }
        if *self.pair.0.fault.lock().unwrap() == Fault::WrongSecret {
            return Err(error("ListObjectVersions", Trouble::BadCredentials));
        }
        let listed = |object: Object| ListedVersion { version_id: object.version, delete_marker: false, owner: None };
        Ok(self.find(key).map(listed).into_iter().collect())
    }

    async fn page(&self, prefix: &str, _: Option<&PageMark>) -> Result<Page, CloudError> {
        self.call().await;
        let keys: Vec<String> = self.pair.0.objects.lock().unwrap().keys().cloned().collect();
        let mut page = Page::default();
        for key in keys.iter().filter(|key| key.starts_with(prefix)).map(|key| ObjectKey::new(key)) {
            if let Ok(object) = self.find(&key) {
                let listed = ListedVersion { version_id: object.version, delete_marker: false, owner: None };
                page.versions.push((key, listed));
            }
        }
        Ok(page)
    }

    async fn delete(&self, key: &ObjectKey, _: &VersionId) -> Result<(), CloudError> {
        self.call().await;
        if let Some(object) = self.pair.0.objects.lock().unwrap().get_mut(key.as_str()) {
            if self.is_source {
                object.at_source = false;
            } else {
                object.at_destination = false;
            }
        }
        Ok(())
    }
}

fn error(operation: &'static str, kind: Trouble) -> CloudError {
    CloudError::new(Detail {
        kind,
        operation,
        status: None,
        code: None,
        message: None,
        request_id: None,
        retry_after: None,
        source: None,
    })
}
