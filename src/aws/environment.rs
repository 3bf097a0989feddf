//! What the process gives to every client: transport, clocks, and the names it goes by.

use std::path::Path;

use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::transport;
use super::trust::{TrustError, trust_store};
use crate::domain::name::InstanceName;

/// The longest `RoleSessionName` that STS accepts.
const SESSION_NAME_MAX: usize = 64;

/// What the process gives to every client.
#[derive(Debug, Clone)]
pub struct Environment {
    pub(super) http: SharedHttpClient,
    pub(super) time: SharedTimeSource,
    pub(super) sleep: SharedAsyncSleep,
    /// Whether environment variables, shared configuration files and metadata services are consulted.
    pub(super) ambient: bool,
    /// How sessions of assumed roles are named, as CloudTrail shows them.
    pub(super) session_name: String,
}

impl Environment {
    /// Sockets and clocks of this machine, the proxies of `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, the
    /// system's certificate authorities and those of `AWS_CA_BUNDLE`.
    ///
    /// # Errors
    /// When `AWS_CA_BUNDLE` names a file that holds no certificates.
    pub fn real() -> Result<Self, TrustError> {
        let bundle = std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty());
        Self::with_network(ProxyConfig::from_env(), bundle.as_ref().map(Path::new))
    }

    /// A given HTTP client and given clocks; no environment variable and no file is read, so that only static keys
    /// and roles assumed with them work. For the simulator under virtual time.
    #[must_use]
    pub fn in_process(http: SharedHttpClient, time: SharedTimeSource, sleep: SharedAsyncSleep) -> Self {
        Self { http: transport::bounded(http), time, sleep, ambient: false, session_name: "replicanary".to_owned() }
    }

    /// Names the sessions of assumed roles after this monitor: `replicanary-<instance>`.
    #[must_use]
    pub fn named(mut self, instance: &InstanceName) -> Self {
        self.session_name = format!("replicanary-{instance}");
        self.session_name.truncate(SESSION_NAME_MAX);
        self
    }

    /// Sockets and clocks of this machine, with given proxies and authorities.
    pub(super) fn with_network(proxies: ProxyConfig, bundle: Option<&Path>) -> Result<Self, TrustError> {
        let sleep = SharedAsyncSleep::new(TokioSleep::new());
        Ok(Self {
            http: transport::https(trust_store(bundle)?, proxies, &sleep),
            time: SharedTimeSource::new(SystemTimeSource::new()),
            sleep,
            ambient: true,
            session_name: "replicanary".to_owned(),
        })
    }
}
