//! The standard chain of credentials and settings: environment, profiles, web identity, containers, instance.

use std::sync::Arc;

use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::{Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use tokio::time::Instant;

use super::behavior_version;
use super::environment::Environment;
use super::error::{of_connector, of_status};
use super::meter::CallMeter;
use crate::domain::observation::CallRecord;

/// What the surroundings of the process say: settings, and credentials where there are any.
#[derive(Debug, Clone)]
pub(super) struct Surroundings {
    /// Settings such as `AWS_ENDPOINT_URL_S3`, `AWS_USE_FIPS_ENDPOINT`, and the same of a profile.
    pub(super) config: SdkConfig,
    /// The provider of credentials; nothing is asked before it is used.
    pub(super) provider: Option<SharedCredentialsProvider>,
}

/// Reads the surroundings, by a named profile or by the chain. `region` is the Region whose STS or SSO is asked
/// where neither environment nor profile name one; the instance's metadata service is not asked for a Region.
pub(super) async fn surroundings(
    environment: &Environment,
    meter: &CallMeter,
    profile: Option<&str>,
    region: &str,
) -> Surroundings {
    if !environment.ambient {
        return Surroundings { config: silent(environment), provider: None };
    }
    let http = SharedHttpClient::new(Metered {
        inner: environment.http.clone(),
        meter: meter.clone(),
        region: Arc::from(region),
    });
    let mut profile_region = ProfileFileRegionProvider::builder();
    if let Some(name) = profile {
        profile_region = profile_region.profile_name(name);
    }
    let regions = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(profile_region.build())
        .or_else(Region::new(region.to_owned()));
    let mut loader = aws_config::defaults(behavior_version())
        .http_client(http.clone())
        .time_source(environment.time.clone())
        .sleep_impl(environment.sleep.clone());
    if let Some(name) = profile {
        let settings = ProviderConfig::without_region()
            .with_region(regions.region().await)
            .with_http_client(http)
            .with_time_source(environment.time.clone())
            .with_sleep_impl(environment.sleep.clone());
        let provider = ProfileFileCredentialsProvider::builder().configure(&settings).profile_name(name).build();
        loader = loader.profile_name(name).credentials_provider(provider);
    }
    let config = loader.region(regions).load().await;
    let provider = config.credentials_provider();
    Surroundings { config, provider }
}

/// Nothing but what was given to the process.
fn silent(environment: &Environment) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(behavior_version())
        .time_source(environment.time.clone())
        .sleep_impl(environment.sleep.clone())
        .build()
}

/// Counts the AWS calls that the chain makes by clients of its own. Metadata services of the machine, of ECS and of
/// EKS are not AWS calls.
#[derive(Debug)]
struct Metered {
    inner: SharedHttpClient,
    meter: CallMeter,
    region: Arc<str>,
}

impl HttpClient for Metered {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(MeteredConnector {
            inner: self.inner.http_connector(settings, components),
            meter: self.meter.clone(),
            region: Arc::clone(&self.region),
        })
    }
}

#[derive(Debug)]
struct MeteredConnector {
    inner: SharedHttpConnector,
    meter: CallMeter,
    region: Arc<str>,
}

impl HttpConnector for MeteredConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Some((service, operation)) = credential_call(request.uri(), request.body().bytes()) else {
            return self.inner.call(request);
        };
        let (meter, region) = (self.meter.clone(), Arc::clone(&self.region));
        let started = Instant::now();
        let answer = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            let result = answer.await;
            let outcome = match &result {
                Ok(response) => of_status(response),
                Err(error) => Err(of_connector(error)),
            };
            meter.record(CallRecord { service, operation, region, duration: started.elapsed(), outcome });
            result
        })
    }
}

/// Which AWS call of a credentials provider this is.
pub(super) fn credential_call(uri: &str, body: Option<&[u8]>) -> Option<(&'static str, &'static str)> {
    let starts = |action: &str| body.is_some_and(|body| body.starts_with(action.as_bytes()));
    if starts("Action=AssumeRoleWithWebIdentity&") {
        return Some(("sts", "AssumeRoleWithWebIdentity"));
    }
    if starts("Action=AssumeRole&") {
        return Some(("sts", "AssumeRole"));
    }
    let (_, rest) = uri.split_once("://")?;
    let (host, path) = rest.split_once('/')?;
    if host.starts_with("portal.sso") && path.starts_with("federation/credentials") {
        return Some(("sso", "GetRoleCredentials"));
    }
    if host.starts_with("oidc.") && path.starts_with("token") {
        return Some(("sso-oidc", "CreateToken"));
    }
    None
}
