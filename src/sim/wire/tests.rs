//! The whole wire under the real SDK, in process, on paused time.

mod account;
mod cloudwatch;
mod determinism;
mod documents;
mod edge;
mod identities;
mod keys;
mod listing;
mod locks;
mod notices;
mod objects;
mod queues;
mod refusals;
mod rights;
mod services;
mod settings;
mod tcp;
mod uploads;

use std::time::Duration;

use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{Credentials, Region};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketLocationConstraint, BucketVersioningStatus};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use axum::body::Body;
use axum::response::Response;
use http::Request;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::sim::world::Account;
use crate::sim::{Clock, Options, Simulator};

pub(super) const ONE: &str = "111111111111";
pub(super) const TWO: &str = "222222222222";
pub(super) const HOME: &str = "ap-south-1";
pub(super) const AWAY: &str = "us-east-1";

/// A simulator with what tests ask of it again and again.
pub(super) struct Site {
    pub(super) simulator: Simulator,
}

/// A client of one of the SDK's crates, in process and on the simulator's clock, that tries once.
macro_rules! client {
    ($sdk:ident, $site:expr, $credentials:expr, $region:expr) => {{
        let simulator = &$site.simulator;
        let config = $sdk::Config::builder()
            .behavior_version($sdk::config::BehaviorVersion::v2026_01_12())
            .credentials_provider($credentials)
            .region(Region::new($region))
            .endpoint_url("http://127.0.0.1:9000")
            .http_client(simulator.http_client())
            .time_source(simulator.clock().time_source())
            .sleep_impl(simulator.clock().sleep_impl())
            .retry_config(RetryConfig::disabled())
            .build();
        $sdk::Client::from_conf(config)
    }};
}

impl Site {
    /// A world, at a fixed time.
    pub(super) fn of(world: &str) -> Self {
        let options = Options { world: world.to_owned(), seed: 7, ..Options::default() };
        let clock = Clock::starting_at(Duration::from_secs(1_780_000_000));
        let simulator = Simulator::new(&options, clock).unwrap();
        Self { simulator }
    }

    pub(super) fn account(&self, id: &str) -> Account {
        self.simulator.with_world(|world, _| world.accounts()).into_iter().find(|account| account.id == id).unwrap()
    }

    fn root(&self, account: &str) -> Credentials {
        let account = self.account(account);
        Credentials::from_keys(account.access_key_id, account.secret_access_key, None)
    }

    /// An S3 client of an account's root.
    pub(super) fn s3(&self, account: &str, region: &'static str) -> aws_sdk_s3::Client {
        self.s3_as(self.root(account), region)
    }

    pub(super) fn s3_as(&self, credentials: Credentials, region: &'static str) -> aws_sdk_s3::Client {
        client!(aws_sdk_s3, self, credentials, region)
    }

    pub(super) fn kms(&self, account: &str, region: &'static str) -> aws_sdk_kms::Client {
        client!(aws_sdk_kms, self, self.root(account), region)
    }

    pub(super) fn cloudwatch(&self, account: &str, region: &'static str) -> aws_sdk_cloudwatch::Client {
        client!(aws_sdk_cloudwatch, self, self.root(account), region)
    }

    pub(super) fn sts(&self, account: &str) -> aws_sdk_sts::Client {
        client!(aws_sdk_sts, self, self.root(account), HOME)
    }

    /// A client of `account` in its Region, and a versioned bucket of that account.
    pub(super) async fn bucket(&self, account: &str, region: &'static str, name: &str) -> aws_sdk_s3::Client {
        let client = self.s3(account, region);
        let place = aws_sdk_s3::types::CreateBucketConfiguration::builder()
            .location_constraint(BucketLocationConstraint::from(region))
            .build();
        let place = (region != "us-east-1").then_some(place);
        client.create_bucket().bucket(name).set_create_bucket_configuration(place).send().await.unwrap();
        let versioning =
            aws_sdk_s3::types::VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
        client.put_bucket_versioning().bucket(name).versioning_configuration(versioning).send().await.unwrap();
        client
    }

    /// Creates a role with this trust policy through IAM and returns the answer's text.
    pub(super) async fn create_role(&self, account: &str, name: &str, trust: &str) -> Answer {
        let document = super::text::percent_encode(trust.as_bytes(), false);
        let body = format!("Action=CreateRole&Version=2010-05-08&RoleName={name}&AssumeRolePolicyDocument={document}");
        self.form(account, "iam", &body).await
    }

    /// Gives a role an inline policy through IAM.
    pub(super) async fn put_role_policy(&self, account: &str, role: &str, policy: &str) -> Answer {
        let document = super::text::percent_encode(policy.as_bytes(), false);
        let names = format!("RoleName={role}&PolicyName=inline");
        let body = format!("Action=PutRolePolicy&Version=2010-05-08&{names}&PolicyDocument={document}");
        self.form(account, "iam", &body).await
    }

    /// Sends a form to a query service, signed by an account's root.
    pub(super) async fn form(&self, account: &str, service: &str, body: &str) -> Answer {
        let request = Request::post("http://127.0.0.1:9000/")
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .body(body.to_owned())
            .unwrap();
        self.send(self.signed(account, service, "eu-west-1", request)).await
    }

    /// Signs a request with an account's root key.
    pub(super) fn signed(
        &self,
        account: &str,
        service: &str,
        region: &str,
        mut request: Request<String>,
    ) -> Request<String> {
        let identity = self.root(account).into();
        let mut settings = SigningSettings::default();
        if service == "s3" {
            settings.percent_encoding_mode = aws_sigv4::http_request::PercentEncodingMode::Single;
            settings.payload_checksum_kind = aws_sigv4::http_request::PayloadChecksumKind::XAmzSha256;
        }
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(service)
            .time(self.simulator.clock().now().system_time())
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let headers: Vec<(String, String)> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap().to_owned()))
            .collect();
        let signable = SignableRequest::new(
            request.method().as_str(),
            request.uri().to_string(),
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str())),
            SignableBody::Bytes(request.body().as_bytes()),
        )
        .unwrap();
        let (instructions, _) = sign(signable, &params).unwrap().into_parts();
        instructions.apply_to_request_http1x(&mut request);
        request
    }

    /// Sends a request through the router, with the `Host` that a socket client would send.
    pub(super) async fn send(&self, mut request: Request<String>) -> Answer {
        if let Some(authority) = request.uri().authority().map(ToString::to_string) {
            request.headers_mut().insert("host", authority.parse().unwrap());
        }
        let response = self.simulator.router().oneshot(request.map(Body::from)).await.unwrap();
        Answer::read(response).await
    }

    /// A control call.
    pub(super) async fn control(&self, method: &str, path: &str, body: &str) -> Answer {
        let request = Request::builder().method(method).uri(path).header("host", "127.0.0.1:9000");
        self.send(request.body(body.to_owned()).unwrap()).await
    }
}

/// An answer with its body as text.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: http::HeaderMap,
    pub(super) text: String,
    pub(super) dropped: bool,
}

impl Answer {
    async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Self {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
            dropped: parts.extensions.get::<super::ConnectionDropped>().is_some(),
        }
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

/// Status and code of a refused call.
pub(super) fn refusal<T: std::fmt::Debug, E>(
    result: Result<T, SdkError<E, aws_smithy_runtime_api::client::orchestrator::HttpResponse>>,
) -> (u16, String)
where
    E: ProvideErrorMetadata + std::fmt::Debug,
{
    let error = result.unwrap_err();
    let status = error.raw_response().map(|response| response.status().as_u16()).unwrap_or_default();
    (status, error.code().unwrap_or_default().to_owned())
}

pub(super) fn body(text: &'static str) -> ByteStream {
    ByteStream::from_static(text.as_bytes())
}
