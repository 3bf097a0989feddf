//! Tests of the world: a laboratory with two or three accounts, and what they all use.

mod access;
mod delays;
mod documents;
mod faults;
mod identity;
mod keys;
mod listing;
mod locks;
mod objects;
mod policies;
mod purity;
mod replication;
mod settings;

use super::*;

const A: &str = "111111111111";
const B: &str = "222222222222";
const SOURCE: &str = "source-bucket";
const TARGET: &str = "target-bucket";
const HERE: &str = "ap-south-1";
const THERE: &str = "us-east-1";
const KEY: &str = "replicanary/one";
const TRUST_S3: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Principal":{"Service":"s3.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

/// A world, the time in it, and short ways to do things as the roots of its accounts.
struct Lab {
    world: World,
    now: Moment,
}

impl Lab {
    /// Two accounts and nothing in them.
    fn bare(seed: u64) -> Self {
        Self::with(physics(seed))
    }

    fn with(physics: Physics) -> Self {
        let mut lab = Self { world: World::new(physics), now: Moment::from_micros(1_800_000_000_000_000) };
        for account in [A, B] {
            lab.world.open_account(lab.now, account);
        }
        lab
    }

    /// A source with a target in another account and Region, SSE-KMS on both sides, all as it should be.
    fn replicating(seed: u64) -> Self {
        let mut lab = Self::bare(seed);
        lab.build(BucketEncryption { algorithm: Algorithm::Kms, key_id: None, bucket_key: false });
        lab
    }

    fn build(&mut self, encryption: BucketEncryption) {
        self.role("replication", TRUST_S3);
        self.side(A, HERE, SOURCE, &encryption);
        self.side(B, THERE, TARGET, &encryption);
        self.permit(TARGET);
        let rule = self.rule("all", 1, TARGET);
        self.put_rules(vec![rule]);
    }

    /// Lets the replication role do everything it needs, and more, towards a bucket.
    fn permit(&mut self, bucket: &str) {
        let role = format!("arn:aws:iam::{A}:role/replication");
        self.role_policy(r#"{"Statement":[{"Effect":"Allow","Action":["s3:*","kms:*"],"Resource":"*"}]}"#);
        self.bucket_policy(
            bucket,
            &format!(
                r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{role}"}},"Action":["s3:Replicate*",
                    "s3:ObjectOwnerOverrideToBucketOwner"],"Resource":"arn:aws:s3:::{bucket}/*"}}]}}"#
            ),
        );
        if let Some(key) = self.default_key(bucket) {
            self.key_policy(
                &key,
                &format!(
                    r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":["{B}","{role}"]}},"Action":"kms:*",
                        "Resource":"*"}}]}}"#
                ),
            );
        }
    }

    /// Deletes the replication role with its policy.
    fn delete_role(&mut self) {
        let root = self.root(A, HERE).caller;
        self.world.delete_role_policy(self.now, &root, "replication", "rights").unwrap();
        self.world.delete_role(self.now, &root, "replication").unwrap();
    }

    /// Replaces the replication role's only policy.
    fn role_policy(&mut self, text: &str) {
        let root = self.root(A, HERE).caller;
        self.world.put_role_policy(self.now, &root, "replication", "rights", text).unwrap();
    }

    fn bucket_policy(&mut self, bucket: &str, text: &str) {
        let access = self.owner_of(bucket);
        self.world.put_bucket_policy(self.now, &access, bucket, text).unwrap();
    }

    fn key_policy(&mut self, key: &str, text: &str) {
        let parts = arn::kms(key).unwrap();
        let root = self.root(parts.account, parts.region).caller;
        self.world.put_key_policy(self.now, &root, parts.region, key, text, true).unwrap();
    }

    /// A versioned bucket; KMS encryption without a key gets a key of the bucket's own.
    fn side(&mut self, account: &str, region: &str, bucket: &str, encryption: &BucketEncryption) -> String {
        let access = self.root(account, region);
        let location = Some(region).filter(|region| *region != "us-east-1");
        self.world.create_bucket(self.now, &access, bucket, location, None).unwrap();
        self.world.put_versioning(self.now, &access, bucket, true).unwrap();
        let key = self.world.create_key(self.now, &access.caller, region, CreateKey::default()).unwrap().arn;
        let mut encryption = encryption.clone();
        if encryption.algorithm.uses_kms() && encryption.key_id.is_none() {
            encryption.key_id = Some(key.clone());
        }
        self.world.put_encryption(self.now, &access, bucket, encryption).unwrap();
        key
    }

    fn role(&mut self, name: &str, trust: &str) -> Role {
        let request = CreateRole { name: name.to_owned(), trust_policy: trust.to_owned(), ..CreateRole::default() };
        let caller = self.root(A, HERE).caller;
        self.world.create_role(self.now, &caller, request).unwrap()
    }

    /// A rule for everything towards a bucket that exists, under the key of that bucket's default encryption.
    fn rule(&mut self, id: &str, priority: i32, bucket: &str) -> ReplicationRule {
        let info = self.world.state.buckets[bucket].info.clone();
        let key = self.default_key(bucket);
        ReplicationRule {
            id: Some(id.to_owned()),
            priority: Some(priority),
            enabled: true,
            filter: Some(RuleFilter::Prefix(String::new())),
            delete_markers: Some(false),
            source_selection: key
                .as_ref()
                .map(|_| SourceSelection { sse_kms_objects: Some(true), replica_modifications: None }),
            destination: RuleDestination {
                bucket: format!("arn:aws:s3:::{bucket}"),
                account: Some(info.account),
                encryption: key.map(|key| ReplicaEncryption { replica_kms_key_id: Some(key) }),
                ..RuleDestination::default()
            },
            ..ReplicationRule::default()
        }
    }

    fn default_key(&self, bucket: &str) -> Option<String> {
        self.world.state.buckets[bucket].encryption.latest().key_id.clone()
    }

    fn put_rules(&mut self, rules: Vec<ReplicationRule>) {
        self.try_rules(rules).unwrap();
    }

    fn try_rules(&mut self, rules: Vec<ReplicationRule>) -> Result<(), WorldError> {
        let role = format!("arn:aws:iam::{A}:role/replication");
        let access = self.root(A, HERE);
        self.world.put_replication(self.now, &access, SOURCE, ReplicationConfiguration { role, rules })
    }

    fn root(&self, account: &str, region: &str) -> Access {
        Access::of_root(&self.world, account, region)
    }

    fn owner_of(&self, bucket: &str) -> Access {
        let info = &self.world.state.buckets[bucket].info;
        self.root(&info.account, &info.region)
    }

    fn put(&mut self, key: &str) -> String {
        self.written(PutObject { key: key.to_owned(), ..canary() })
    }

    /// The version that a PUT makes, which must succeed.
    fn written(&mut self, request: PutObject) -> String {
        self.put_with(request).unwrap().version_id.unwrap()
    }

    fn put_with(&mut self, request: PutObject) -> Result<PutOutcome, WorldError> {
        let access = self.owner_of(SOURCE);
        self.world.put_object(self.now, &access, SOURCE, request)
    }

    fn head(&mut self, bucket: &str, key: &str, version: &str) -> Result<ObjectView, WorldError> {
        let access = self.owner_of(bucket);
        self.world.head_object(self.now, &access, bucket, key, Some(version))
    }

    fn status(&mut self, key: &str, version: &str) -> Option<ReplicationStatus> {
        self.head(SOURCE, key, version).unwrap().replication_status
    }

    fn delete(&mut self, bucket: &str, key: &str, version: Option<&str>) -> DeleteOutcome {
        let access = self.owner_of(bucket);
        self.world.delete_object(self.now, &access, bucket, key, version).unwrap()
    }

    fn truth(&mut self, key: &str, version: &str) -> Truth {
        self.world.truth(self.now, SOURCE, key, version).unwrap()
    }

    /// Why the only destination refused.
    fn reason(&mut self, key: &str, version: &str) -> Option<&'static str> {
        self.truth(key, version).destinations[0].reason
    }

    fn fault(&mut self, fault: Fault, on: bool) {
        self.world.set_fault(self.now, SOURCE, None, fault, on, None).unwrap();
    }

    fn pass(&mut self, seconds: f64) {
        self.now = self.now.plus(Duration::from_secs_f64(seconds));
    }
}

fn physics(seed: u64) -> Physics {
    Physics {
        seed,
        latency: LatencyProfile::Quick,
        propagation: Duration::ZERO,
        bucket_key_ttl: Duration::from_secs(3),
    }
}

/// A small object with metadata, under [`KEY`].
fn canary() -> PutObject {
    PutObject {
        key: KEY.to_owned(),
        body: bytes::Bytes::from_static(b"tweet"),
        metadata: [("replicanary-format".to_owned(), "1".to_owned())].into(),
        checksums: [("crc32".to_owned(), "AAAAAA==".to_owned())].into(),
        ..PutObject::default()
    }
}

fn tag(key: &str, value: &str) -> Tag {
    Tag { key: key.to_owned(), value: value.to_owned() }
}

fn code<T: std::fmt::Debug>(result: Result<T, WorldError>) -> (u16, &'static str) {
    let error = result.unwrap_err();
    (error.status, error.code)
}
