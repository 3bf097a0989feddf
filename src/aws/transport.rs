//! The one HTTP transport beneath all clients: TLS, proxies, one connection pool, bounded answers.

use std::fmt;
use std::time::Duration;

use aws_smithy_async::rt::sleep::SharedAsyncSleep;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use http_body_util::Limited;

use super::{ANSWER_BYTES_MAX, CONNECT_TIMEOUT, LONG_POLL_TIMEOUT, READ_TIMEOUT};

/// How long an idle connection is kept. S3 closes them after some 20 s; a canary that meets a closing connection
/// would end as `unknown`, for nothing is tried twice.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);
/// How many idle connections are kept to one host.
const IDLE_PER_HOST_MAX: usize = 256;
/// Where IMDS, ECS and Pod Identity serve credentials to the machine itself; no proxy can reach these addresses.
const MACHINE_ADDRESSES: [&str; 2] = ["http://169.254.", "http://[fd00:ec2:"];
/// How long connecting to them may take: off EC2 nobody answers, and the chain has others to ask.
const MACHINE_CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long their answer may take.
const MACHINE_READ_TIMEOUT: Duration = Duration::from_secs(3);
/// How the request of a long poll says what it is.
const LONG_POLL: (&str, &str) = ("x-amz-target", "AmazonSQS.ReceiveMessage");

/// Builds the HTTPS transport: rustls on ring, one pool for all clients.
///
/// The connector is made here and once: left to the SDK, every client would parse all root certificates anew, and
/// clients with other time-outs would have pools of their own.
pub(super) fn https(trust: TrustStore, proxies: ProxyConfig, sleep: &SharedAsyncSleep) -> SharedHttpClient {
    let everywhere = settings(CONNECT_TIMEOUT, READ_TIMEOUT);
    let machine = settings(MACHINE_CONNECT_TIMEOUT, MACHINE_READ_TIMEOUT);
    let patient = settings(CONNECT_TIMEOUT, LONG_POLL_TIMEOUT);
    SharedHttpClient::new(Transport::Sockets(SharedHttpConnector::new(Bounded {
        patient: Some(connector(patient, trust.clone(), Some(proxies.clone()), sleep)),
        routed: connector(everywhere, trust, Some(proxies), sleep),
        direct: Some(connector(machine, TrustStore::empty(), None, sleep)),
    })))
}

/// Puts the bounds of this transport around another client's.
pub(super) fn bounded(inner: SharedHttpClient) -> SharedHttpClient {
    SharedHttpClient::new(Transport::Inner(inner))
}

/// An answer was longer than [`ANSWER_BYTES_MAX`].
#[derive(Debug)]
pub(super) struct AnswerTooLong;

impl fmt::Display for AnswerTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the answer is longer than {ANSWER_BYTES_MAX} bytes")
    }
}

impl std::error::Error for AnswerTooLong {}

#[derive(Debug)]
enum Transport {
    Sockets(SharedHttpConnector),
    Inner(SharedHttpClient),
}

impl HttpClient for Transport {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        match self {
            Self::Sockets(connector) => connector.clone(),
            Self::Inner(inner) => {
                let routed = inner.http_connector(settings, components);
                SharedHttpConnector::new(Bounded { routed, direct: None, patient: None })
            }
        }
    }
}

#[derive(Debug)]
struct Bounded {
    routed: SharedHttpConnector,
    /// For the addresses of the machine itself.
    direct: Option<SharedHttpConnector>,
    /// For long polls.
    patient: Option<SharedHttpConnector>,
}

impl HttpConnector for Bounded {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let uri = request.uri();
        let streamed = uri.contains("x-id=GetObject");
        let direct = self.direct.as_ref().filter(|_| is_of_machine(uri));
        let patient = self.patient.as_ref().filter(|_| request.headers().get(LONG_POLL.0) == Some(LONG_POLL.1));
        let connector = direct.or(patient).unwrap_or(&self.routed);
        let answer = connector.call(request);
        if streamed {
            return answer;
        }
        HttpConnectorFuture::new(async move { bound(answer.await?) })
    }
}

fn bound(answer: HttpResponse) -> Result<HttpResponse, ConnectorError> {
    let limit = u64::try_from(ANSWER_BYTES_MAX).unwrap_or(u64::MAX);
    match answer.body().content_length() {
        Some(length) if length <= limit => Ok(answer),
        Some(_) => Err(ConnectorError::other(AnswerTooLong.into(), None)),
        None => Ok(answer.map(|body| SdkBody::from_body_1_x(Limited::new(body, ANSWER_BYTES_MAX)))),
    }
}

fn is_of_machine(uri: &str) -> bool {
    MACHINE_ADDRESSES.iter().any(|address| uri.starts_with(address))
}

fn settings(connect: Duration, read: Duration) -> HttpConnectorSettings {
    HttpConnectorSettings::builder().connect_timeout(connect).read_timeout(read).build()
}

fn connector(
    settings: HttpConnectorSettings,
    trust: TrustStore,
    proxies: Option<ProxyConfig>,
    sleep: &SharedAsyncSleep,
) -> SharedHttpConnector {
    let mut builder = Connector::builder()
        .connector_settings(settings)
        .sleep_impl(sleep.clone())
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(IDLE_PER_HOST_MAX)
        .tls_provider(Provider::Rustls(CryptoMode::Ring));
    builder.set_proxy_config(proxies);
    if let Ok(context) = TlsContext::builder().with_trust_store(trust).build() {
        builder.set_tls_context(context);
    }
    SharedHttpConnector::new(builder.build())
}

#[cfg(test)]
mod tests {
    use super::is_of_machine;

    #[test]
    fn only_the_machine_itself_is_spared_the_proxy() {
        for uri in ["http://169.254.169.254/latest", "http://169.254.170.2/v2", "http://[fd00:ec2::254]/latest"] {
            assert!(is_of_machine(uri), "{uri}");
        }
        for uri in ["http://10.0.0.1/", "https://169.254.example.org/", "http://s3.example.org/169.254."] {
            assert!(!is_of_machine(uri), "{uri}");
        }
    }
}
