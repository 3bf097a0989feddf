//! One replicated pair of the default world, changed as a person changes it: by calls of the SDK, with root's keys.

use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    BucketVersioningStatus, ObjectOwnership, OwnershipControls, OwnershipControlsRule, PublicAccessBlockConfiguration,
    ReplicationConfiguration, ReplicationRule, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule, VersioningConfiguration,
};
use replicanary::sim::Simulator;
use serde_json::Value;

/// The route that is changed.
pub(crate) const ROUTE: &str = "orders";
/// Its buckets.
pub(crate) const SOURCE: &str = "acme-orders-ap-south-1";
pub(crate) const REPLICA: &str = "acme-orders-replica-us-east-1";
/// The accounts that own them.
pub(crate) const SOURCE_ACCOUNT: &str = "111111111111";
pub(crate) const REPLICA_ACCOUNT: &str = "222222222222";
/// The role that S3 assumes.
pub(crate) const ROLE: &str = "s3-replication-orders";
/// Its only policy.
pub(crate) const ROLE_POLICY: &str = "replication";

macro_rules! client {
    ($sdk:ident, $simulator:expr, $account:expr, $region:expr) => {{
        let clock = *$simulator.clock();
        let config = $sdk::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .credentials_provider(root($simulator, $account))
            .region(Region::new($region))
            .endpoint_url("http://simulated")
            .http_client($simulator.http_client())
            .time_source(clock.time_source())
            .sleep_impl(clock.sleep_impl())
            .retry_config(RetryConfig::disabled());
        config
    }};
}

/// The set-up of the route, and clients of both its accounts.
pub(crate) struct Setup {
    pub(crate) simulator: Simulator,
    pub(crate) source: aws_sdk_s3::Client,
    pub(crate) replica: aws_sdk_s3::Client,
    pub(crate) source_kms: aws_sdk_kms::Client,
    pub(crate) replica_kms: aws_sdk_kms::Client,
    pub(crate) iam: aws_sdk_iam::Client,
    pub(crate) role: String,
    pub(crate) source_key: String,
    pub(crate) replica_key: String,
}

impl Setup {
    /// The set-up as the world ships it.
    pub(crate) async fn new(simulator: &Simulator) -> Self {
        let s3 = |account, region| {
            let config = client!(aws_sdk_s3, simulator, account, region).force_path_style(true).build();
            aws_sdk_s3::Client::from_conf(config)
        };
        let kms =
            |account, region| aws_sdk_kms::Client::from_conf(client!(aws_sdk_kms, simulator, account, region).build());
        let iam = aws_sdk_iam::Client::from_conf(client!(aws_sdk_iam, simulator, SOURCE_ACCOUNT, "us-east-1").build());
        let mut setup = Self {
            simulator: simulator.clone(),
            source: s3(SOURCE_ACCOUNT, "ap-south-1"),
            replica: s3(REPLICA_ACCOUNT, "us-east-1"),
            source_kms: kms(SOURCE_ACCOUNT, "ap-south-1"),
            replica_kms: kms(REPLICA_ACCOUNT, "us-east-1"),
            iam,
            role: String::new(),
            source_key: String::new(),
            replica_key: String::new(),
        };
        let configuration = setup.replication().await;
        let rule = &configuration.rules[0];
        let destination = rule.destination.as_ref().expect("a destination");
        setup.replica_key =
            destination.encryption_configuration.as_ref().and_then(|it| it.replica_kms_key_id.clone()).expect("a key");
        setup.role.clone_from(&configuration.role);
        setup.source_key = setup.default_key(&setup.source, SOURCE).await;
        setup
    }

    /// A KMS client of either account anywhere.
    pub(crate) fn kms_in(&self, account: &str, region: &'static str) -> aws_sdk_kms::Client {
        aws_sdk_kms::Client::from_conf(client!(aws_sdk_kms, &self.simulator, account, region).build())
    }

    /// An IAM client of either account.
    pub(crate) fn iam_in(&self, account: &str) -> aws_sdk_iam::Client {
        aws_sdk_iam::Client::from_conf(client!(aws_sdk_iam, &self.simulator, account, "us-east-1").build())
    }

    /// An S3 client of either account anywhere.
    pub(crate) fn s3_in(&self, account: &str, region: &'static str) -> aws_sdk_s3::Client {
        let config = client!(aws_sdk_s3, &self.simulator, account, region).force_path_style(true).build();
        aws_sdk_s3::Client::from_conf(config)
    }

    async fn replication(&self) -> ReplicationConfiguration {
        let answer = self.source.get_bucket_replication().bucket(SOURCE).send().await.expect("a configuration");
        answer.replication_configuration.expect("a configuration")
    }

    async fn default_key(&self, s3: &aws_sdk_s3::Client, bucket: &str) -> String {
        let answer = s3.get_bucket_encryption().bucket(bucket).send().await.expect("default encryption");
        let rules = answer.server_side_encryption_configuration.expect("default encryption").rules;
        let default = rules[0].apply_server_side_encryption_by_default.clone().expect("a default");
        default.kms_master_key_id.expect("a key")
    }

    /// Changes the only rule.
    pub(crate) async fn rule(&self, edit: impl FnOnce(&mut ReplicationRule)) {
        let mut configuration = self.replication().await;
        edit(&mut configuration.rules[0]);
        self.put_replication(configuration).await;
    }

    /// Changes the whole replication configuration.
    pub(crate) async fn configuration(&self, edit: impl FnOnce(&mut ReplicationConfiguration)) {
        let mut configuration = self.replication().await;
        edit(&mut configuration);
        self.put_replication(configuration).await;
    }

    /// Names another key for replicas in the rule.
    pub(crate) async fn rule_key(&self, key: &str) {
        self.rule(|rule| {
            let destination = rule.destination.as_mut();
            if let Some(encryption) = destination.and_then(|it| it.encryption_configuration.as_mut()) {
                encryption.replica_kms_key_id = Some(key.to_owned());
            }
        })
        .await;
    }

    /// Leads the rule to another versioned bucket of the destination's account.
    pub(crate) async fn other_destination(&self, bucket: &str) {
        self.replica.create_bucket().bucket(bucket).send().await.expect("a free name");
        let enabled = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
        let put = self.replica.put_bucket_versioning().bucket(bucket).versioning_configuration(enabled);
        put.send().await.expect("S3 enables versioning");
        self.rule(|rule| {
            if let Some(destination) = rule.destination.as_mut() {
                destination.bucket = format!("arn:aws:s3:::{bucket}");
            }
        })
        .await;
    }

    /// Deletes the role with its policy.
    pub(crate) async fn delete_role(&self) {
        let policy = self.iam.delete_role_policy().role_name(ROLE).policy_name(ROLE_POLICY);
        policy.send().await.expect("IAM removes the policy");
        self.iam.delete_role().role_name(ROLE).send().await.expect("IAM removes the role");
    }

    /// Deletes the role and creates it again as it was, as far as anybody sees.
    pub(crate) async fn recreate_role(&self) {
        let role = self.iam.get_role().role_name(ROLE).send().await.expect("the role").role.expect("the role");
        let policy =
            self.iam.get_role_policy().role_name(ROLE).policy_name(ROLE_POLICY).send().await.expect("a policy");
        self.delete_role().await;
        let trust = percent_decoded(role.assume_role_policy_document().expect("a trust policy"));
        let create = self.iam.create_role().role_name(ROLE).path(role.path()).assume_role_policy_document(trust);
        create.send().await.expect("IAM creates the role");
        let put = self.iam.put_role_policy().role_name(ROLE).policy_name(ROLE_POLICY);
        put.policy_document(percent_decoded(policy.policy_document())).send().await.expect("IAM takes the policy");
    }

    /// Blocks public access to the destination's whole account: S3's call of the same name, led to S3 Control.
    pub(crate) async fn block_account(&self, block: PublicAccessBlockConfiguration) {
        let put = self.replica.put_public_access_block().bucket(REPLICA).public_access_block_configuration(block);
        let led = put.customize().mutate_request(|request| {
            let control = "http://simulated/v20180820/configuration/publicAccessBlock";
            request.set_uri(control).expect("an address");
            request.headers_mut().insert("x-amz-account-id", REPLICA_ACCOUNT);
        });
        led.send().await.expect("S3 Control takes the block");
    }

    async fn put_replication(&self, configuration: ReplicationConfiguration) {
        let put = self.source.put_bucket_replication().bucket(SOURCE).replication_configuration(configuration);
        put.send().await.expect("S3 takes the configuration");
    }

    /// Changes what the role may do.
    pub(crate) async fn role_policy(&self, edit: impl FnOnce(&mut Value)) {
        let answer = self.iam.get_role_policy().role_name(ROLE).policy_name(ROLE_POLICY).send().await;
        let text = percent_decoded(answer.expect("the role's policy").policy_document());
        let put = self.iam.put_role_policy().role_name(ROLE).policy_name(ROLE_POLICY);
        put.policy_document(edited(&text, edit)).send().await.expect("IAM takes the policy");
    }

    /// Changes who may assume the role.
    pub(crate) async fn trust(&self, edit: impl FnOnce(&mut Value)) {
        let role = self.iam.get_role().role_name(ROLE).send().await.expect("the role").role.expect("the role");
        let text = percent_decoded(role.assume_role_policy_document().expect("a trust policy"));
        let update = self.iam.update_assume_role_policy().role_name(ROLE).policy_document(edited(&text, edit));
        update.send().await.expect("IAM takes the trust policy");
    }

    /// Bounds what the role may do.
    pub(crate) async fn boundary(&self, document: &Value) {
        let create = self.iam.create_policy().policy_name("boundary").policy_document(document.to_string());
        let policy = create.send().await.expect("a policy").policy.expect("a policy");
        let put = self.iam.put_role_permissions_boundary().role_name(ROLE);
        put.permissions_boundary(policy.arn().expect("an ARN")).send().await.expect("a boundary");
    }

    /// Changes the destination bucket's policy.
    pub(crate) async fn bucket_policy(&self, edit: impl FnOnce(&mut Value)) {
        let answer = self.replica.get_bucket_policy().bucket(REPLICA).send().await.expect("a bucket policy");
        let text = edited(answer.policy().expect("a document"), edit);
        self.replica.put_bucket_policy().bucket(REPLICA).policy(text).send().await.expect("S3 takes the policy");
    }

    /// Changes the policy of the source key.
    pub(crate) async fn source_key_policy(&self, edit: impl FnOnce(&mut Value)) {
        key_policy(&self.source_kms, &self.source_key, edit).await;
    }

    /// Changes the policy of the replicas' key.
    pub(crate) async fn replica_key_policy(&self, edit: impl FnOnce(&mut Value)) {
        key_policy(&self.replica_kms, &self.replica_key, edit).await;
    }

    /// Default encryption of a bucket.
    pub(crate) async fn encrypt(
        &self,
        s3: &aws_sdk_s3::Client,
        bucket: &str,
        algorithm: ServerSideEncryption,
        key: Option<&str>,
        bucket_key: bool,
    ) {
        let default = ServerSideEncryptionByDefault::builder()
            .sse_algorithm(algorithm)
            .set_kms_master_key_id(key.map(ToOwned::to_owned))
            .build()
            .expect("a default");
        let rule = ServerSideEncryptionRule::builder()
            .apply_server_side_encryption_by_default(default)
            .bucket_key_enabled(bucket_key)
            .build();
        let configuration = ServerSideEncryptionConfiguration::builder().rules(rule).build().expect("one rule");
        let put = s3.put_bucket_encryption().bucket(bucket).server_side_encryption_configuration(configuration);
        put.send().await.expect("S3 takes the encryption");
    }

    /// Lets whoever writes an object at the destination own it.
    pub(crate) async fn writers_own(&self) {
        let rule = OwnershipControlsRule::builder().object_ownership(ObjectOwnership::ObjectWriter).build();
        let controls = OwnershipControls::builder().rules(rule.expect("a rule")).build().expect("controls");
        let put = self.replica.put_bucket_ownership_controls().bucket(REPLICA);
        put.ownership_controls(controls).send().await.expect("S3 takes the controls");
    }

    /// Suspends versioning of the destination: S3 refuses that at a source.
    pub(crate) async fn suspend_versioning(&self) {
        let suspended = VersioningConfiguration::builder().status(BucketVersioningStatus::Suspended).build();
        let put = self.replica.put_bucket_versioning().bucket(REPLICA).versioning_configuration(suspended);
        put.send().await.expect("S3 suspends versioning");
    }

    /// Writes an object where canaries are written; answers its version, or S3's code.
    pub(crate) async fn write(&self, key: &str) -> Result<String, String> {
        let put = self.source.put_object().bucket(SOURCE).key(key).body(ByteStream::from_static(b"an object"));
        match put.send().await {
            Ok(answer) => Ok(answer.version_id.unwrap_or_default()),
            Err(error) => Err(aws_sdk_s3::error::ProvideErrorMetadata::code(&error).unwrap_or_default().to_owned()),
        }
    }
}

async fn key_policy(kms: &aws_sdk_kms::Client, key: &str, edit: impl FnOnce(&mut Value)) {
    let answer = kms.get_key_policy().key_id(key).policy_name("default").send().await.expect("a key policy");
    let text = edited(answer.policy().expect("a document"), edit);
    let put = kms.put_key_policy().key_id(key).policy_name("default").policy(text);
    put.bypass_policy_lockout_safety_check(true).send().await.expect("KMS takes the policy");
}

fn root(simulator: &Simulator, account: &str) -> Credentials {
    let accounts = simulator.with_world(|world, _| world.accounts());
    let account = accounts.into_iter().find(|each| each.id == account).expect("an account of the world");
    Credentials::from_keys(account.access_key_id, account.secret_access_key, None)
}

fn edited(text: &str, edit: impl FnOnce(&mut Value)) -> String {
    let mut document = serde_json::from_str(text).expect("a document");
    edit(&mut document);
    document.to_string()
}

/// IAM answers documents percent-encoded.
pub(crate) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = |hex: &[u8]| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok();
        match (first, tail) {
            (b'%', [high, low, after @ ..]) if code(&[*high, *low]).is_some() => {
                bytes.extend(code(&[*high, *low]));
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}
