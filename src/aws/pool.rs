//! Connections become clients: one for each, shared by all routes whose connections are equal.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use aws_config::Region;
use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::Credentials as Keys;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future};
use aws_sdk_s3::config::{
    AppName, IdentityCache, RequestChecksumCalculation, ResponseChecksumValidation, StalledStreamProtectionConfig,
};
use tokio::sync::Mutex;

use super::bucket::{Reached, S3Bucket};
use super::chain::{Surroundings, surroundings};
use super::cloudwatch::CloudWatch;
use super::credentials::{Origin, Session};
use super::environment::Environment;
use super::meter::CallMeter;
use super::queue::SqsQueue;
use super::role::AssumeRole;
use super::{CALL_TIMEOUT, CREDENTIALS_TIMEOUT, behavior_version};
use crate::domain::connection::{AssumedRole, Checksums, Connection, Credentials};
use crate::domain::event::queue::EventQueue;
use crate::domain::name::Bucket;

/// How the user agent of every request names us.
const APP_NAME: &str = concat!("replicanary-", env!("CARGO_PKG_VERSION"));

/// The settings of a client whose calls are single attempts, within these time-outs.
macro_rules! settings {
    ($sdk:ident, $environment:expr, $connection:expr, $config:expr, $keys:expr, $timeouts:expr) => {{
        let mut builder = $sdk::config::Builder::from($config)
            .retry_config(RetryConfig::disabled())
            .timeout_config($timeouts)
            .sleep_impl($environment.sleep.clone());
        if let Some(url) = &$connection.endpoint_url {
            builder.set_endpoint_url(Some(url.clone()));
        }
        builder.set_credentials_provider(Some($keys));
        builder.build()
    }};
}

/// Makes clients of connections and shares them. One for each process; cheap to clone.
#[derive(Debug, Clone)]
pub struct ClientPool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    environment: Environment,
    meter: CallMeter,
    made: Mutex<Made>,
}

#[derive(Debug, Default)]
struct Made {
    /// Clients in use; a client goes with the last bucket that holds it.
    clients: HashMap<Connection, Weak<Reached>>,
    /// What was read of the environment, by profile.
    surroundings: HashMap<Option<String>, Base>,
}

/// Credentials that sessions start from, and the settings that go with them.
#[derive(Debug, Clone)]
struct Base {
    config: SdkConfig,
    session: Option<Session>,
}

impl ClientPool {
    /// A pool without clients. Every AWS call is recorded by `meter`.
    #[must_use]
    pub fn new(environment: Environment, meter: CallMeter) -> Self {
        Self(Arc::new(Inner { environment, meter, made: Mutex::default() }))
    }

    /// A bucket as this connection reaches it. Reads configuration files where needed, but makes no AWS call:
    /// whatever is wrong with the credentials shows with the first call.
    pub async fn bucket(&self, connection: &Connection, bucket: &Bucket) -> S3Bucket {
        let reached = self.reached(connection).await;
        S3Bucket::new(reached, bucket, connection.account.as_ref())
    }

    /// A queue as this connection reaches it, in the queue's own Region. Makes no AWS call.
    pub async fn queue(&self, connection: &Connection, queue: &EventQueue) -> SqsQueue {
        let connection = Connection { region: queue.region.clone(), ..connection.clone() };
        let reached = self.reached(&connection).await;
        let base = self.base(&mut *self.0.made.lock().await, &connection).await;
        let environment = &self.0.environment;
        let config = shared_settings(environment, &connection, &base.config);
        // Its calls bring their own time-outs: a long poll is to last.
        let settings =
            settings!(aws_sdk_sqs, environment, connection, &config, reached.keys.clone(), TimeoutConfig::disabled());
        SqsQueue::new(reached, aws_sdk_sqs::Client::from_conf(settings), queue)
    }

    /// CloudWatch as this connection reaches it, in its Region. Makes no AWS call.
    pub async fn cloudwatch(&self, connection: &Connection) -> CloudWatch {
        CloudWatch::new(self.reached(connection).await)
    }

    async fn reached(&self, connection: &Connection) -> Arc<Reached> {
        // The account is no matter of the client: it is sent with each call.
        let key = Connection { account: None, ..connection.clone() };
        let mut made = self.0.made.lock().await;
        if let Some(reached) = made.clients.get(&key).and_then(Weak::upgrade) {
            return reached;
        }
        let base = self.base(&mut made, connection).await;
        let reached = Arc::new(self.reach(connection, &base));
        made.clients.retain(|_, reached| reached.strong_count() > 0);
        made.clients.insert(key, Arc::downgrade(&reached));
        reached
    }

    async fn base(&self, made: &mut Made, connection: &Connection) -> Base {
        let profile = match &connection.credentials {
            Credentials::Profile(name) => Some(name.clone()),
            Credentials::Chain | Credentials::Static { .. } => None,
        };
        if let Some(base) = made.surroundings.get(&profile) {
            return base.clone();
        }
        let Inner { environment, meter, .. } = &*self.0;
        let region = connection.region.as_str();
        let Surroundings { config, provider } = surroundings(environment, meter, profile.as_deref(), region).await;
        let session = provider.map(|provider| Session::new(Origin::Provider(provider), environment.time.clone()));
        let base = Base { config, session };
        made.surroundings.insert(profile, base.clone());
        base
    }

    fn reach(&self, connection: &Connection, base: &Base) -> Reached {
        let Inner { environment, meter, .. } = &*self.0;
        let region: Arc<str> = Arc::from(connection.region.as_str());
        let config = shared_settings(environment, connection, &base.config);
        let (keys, base_session) = match &connection.credentials {
            Credentials::Static { access_key_id, secret_access_key } => {
                let keys = Keys::new(access_key_id, secret_access_key.reveal(), None, None, "configuration");
                (SharedCredentialsProvider::new(keys), None)
            }
            Credentials::Chain | Credentials::Profile(_) => match &base.session {
                Some(session) => (SharedCredentialsProvider::new(session.clone()), Some(session.clone())),
                None => (SharedCredentialsProvider::new(NoSurroundings), None),
            },
        };
        let (keys, session) = match &connection.role {
            None => (keys, base_session),
            Some(role) => {
                let session = self.assume(connection, role, &config, keys, base_session);
                (SharedCredentialsProvider::new(session.clone()), Some(session))
            }
        };
        let kms = aws_sdk_kms::Client::from_conf(settings!(
            aws_sdk_kms,
            environment,
            connection,
            &config,
            keys.clone(),
            in_time()
        ));
        let cloudwatch = aws_sdk_cloudwatch::Client::from_conf(settings!(
            aws_sdk_cloudwatch,
            environment,
            connection,
            &config,
            keys.clone(),
            in_time()
        ));
        let settings = s3_settings(environment, connection, &config, keys.clone());
        let client = aws_sdk_s3::Client::from_conf(settings);
        let iam = aws_sdk_iam::Client::from_conf(settings!(
            aws_sdk_iam,
            environment,
            connection,
            &config,
            keys.clone(),
            in_time()
        ));
        let sts = aws_sdk_sts::Client::from_conf(settings!(
            aws_sdk_sts,
            environment,
            connection,
            &config,
            keys.clone(),
            in_time()
        ));
        Reached { client, kms, cloudwatch, iam, sts, keys, session, region, meter: meter.clone() }
    }

    fn assume(
        &self,
        connection: &Connection,
        role: &AssumedRole,
        config: &SdkConfig,
        keys: SharedCredentialsProvider,
        base: Option<Session>,
    ) -> Session {
        let Inner { environment, meter, .. } = &*self.0;
        let mut builder = aws_sdk_sts::config::Builder::from(config)
            .retry_config(retries(environment))
            .timeout_config(TimeoutConfig::builder().operation_timeout(CREDENTIALS_TIMEOUT).build());
        if let Some(url) = &connection.endpoint_url {
            builder.set_endpoint_url(Some(url.clone()));
        }
        builder.set_credentials_provider(Some(keys));
        let role = AssumeRole {
            client: aws_sdk_sts::Client::from_conf(builder.build()),
            base,
            role: role.clone(),
            session_name: environment.session_name.clone(),
            meter: meter.clone(),
            region: Arc::from(connection.region.as_str()),
        };
        Session::new(Origin::Role(Box::new(role)), environment.time.clone())
    }
}

/// What every client of this side has in common.
fn shared_settings(environment: &Environment, connection: &Connection, base: &SdkConfig) -> SdkConfig {
    // A FIPS or dual-stack variant of an explicit endpoint does not exist: settings of the environment then yield.
    let from_base = |setting: Option<bool>| connection.endpoint_url.is_none() && setting.unwrap_or_default();
    let mut builder = base
        .to_builder()
        .behavior_version(behavior_version())
        .region(Region::new(connection.region.as_str().to_owned()))
        .http_client(environment.http.clone())
        .time_source(environment.time.clone())
        .sleep_impl(environment.sleep.clone())
        .identity_cache(IdentityCache::no_cache())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .use_fips(connection.use_fips || from_base(base.use_fips()))
        .use_dual_stack(connection.use_dual_stack || from_base(base.use_dual_stack()));
    builder.set_app_name(AppName::new(APP_NAME).ok());
    builder.set_token_provider(None);
    builder.build()
}

fn s3_settings(
    environment: &Environment,
    connection: &Connection,
    config: &SdkConfig,
    keys: SharedCredentialsProvider,
) -> aws_sdk_s3::Config {
    let mut builder = aws_sdk_s3::config::Builder::from(config)
        .force_path_style(connection.path_style)
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().operation_timeout(CALL_TIMEOUT).build())
        // What is read is judged by its SHA-256. A second opinion of the SDK would turn a corrupted replica into an
        // answer that could not be read.
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .sleep_impl(environment.sleep.clone());
    if connection.checksums == Checksums::WhenRequired {
        builder = builder.request_checksum_calculation(RequestChecksumCalculation::WhenRequired);
    }
    if let Some(url) = &connection.endpoint_url {
        builder.set_endpoint_url(Some(url.clone()));
    }
    builder.set_credentials_provider(Some(keys));
    builder.build()
}

/// A call ends within the time that every call has.
fn in_time() -> TimeoutConfig {
    TimeoutConfig::builder().operation_timeout(CALL_TIMEOUT).build()
}

/// Calls that are no canary's may be repeated; in virtual time without chance.
fn retries(environment: &Environment) -> RetryConfig {
    RetryConfig::standard().with_use_static_exponential_base(!environment.ambient)
}

/// Stands for the credentials of surroundings that are not consulted.
#[derive(Debug)]
struct NoSurroundings;

impl ProvideCredentials for NoSurroundings {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Err(CredentialsError::not_loaded(
            "credentials of the environment are not consulted in process",
        )))
    }
}
