//! The surroundings of a real process: proxies, certificate authorities, the chain of credentials.
//!
//! Each test runs this test binary again, with an environment of its own: changing the environment of a running
//! process is not sound.

use std::sync::{Arc, Mutex};

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio_rustls::TlsAcceptor;

use super::server::{OK, Server, read_request};
use super::*;
use crate::aws::{CallMeter, ClientPool, Environment};
use crate::cloud::CanaryStore;

const ENDPOINT: &str = "REPLICANARY_TEST_ENDPOINT";
const PROFILE: &str = "REPLICANARY_TEST_PROFILE";
const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKIDENV"), ("AWS_SECRET_ACCESS_KEY", "s")];

/// What the second process does: one HEAD, whose outcome and records it prints. Does nothing in the first.
#[tokio::test]
async fn child() {
    let Ok(endpoint) = std::env::var(ENDPOINT) else { return };
    let environment = match Environment::real() {
        Ok(environment) => environment,
        Err(error) => return println!("OUTCOME {error}"),
    };
    let connection = Connection {
        credentials: std::env::var(PROFILE).map_or(Credentials::Chain, Credentials::Profile),
        endpoint_url: Some(endpoint).filter(|url| !url.is_empty()),
        ..connection()
    };
    let meter = CallMeter::new(|record| println!("CALL {} {}", record.service, record.operation));
    let bucket = ClientPool::new(environment, meter).bucket(&connection, &bucket_name()).await;
    match bucket.head(&key(), None).await {
        Ok(_) => println!("OUTCOME seen"),
        Err(error) => println!("OUTCOME {}", error.kind()),
    }
}

/// Runs the child with this environment and no other; answers the lines that it printed.
async fn run(variables: &[(&str, &str)]) -> Vec<String> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "aws::tests::network::child", "--nocapture", "--test-threads=1"]);
    command.env_clear().env("AWS_EC2_METADATA_DISABLED", "true").env("HOME", "/nonexistent").env(ENDPOINT, "");
    command.envs(variables.iter().copied()).kill_on_drop(true);
    let output = command.output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    // The test harness prints its own words before the first line.
    let marked = |line: &str| line.find("CALL ").or_else(|| line.find("OUTCOME ")).map(|at| line[at..].to_owned());
    let lines: Vec<_> = text.lines().filter_map(marked).collect();
    assert!(!lines.is_empty(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    lines
}

fn with_keys<'a>(variables: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    KEYS.iter().chain(variables).copied().collect()
}

/// A file that is removed when dropped.
struct TempFile(std::path::PathBuf);

impl TempFile {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("replicanary-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[tokio::test]
async fn a_proxy_is_used_for_plain_endpoints_and_spared_where_told() {
    let proxy = Server::answering(|_| OK.to_owned()).await;
    let server = Server::answering(|_| OK.to_owned()).await;
    let (proxy_url, url) = (proxy.url(), server.url());
    let lines = run(&with_keys(&[("HTTP_PROXY", &proxy_url), (ENDPOINT, &url)])).await;
    assert_eq!(lines, ["CALL s3 HeadObject", "OUTCOME seen"]);
    assert!(
        proxy.requests()[0].starts_with(&format!("HEAD http://orders.{}", server.address)) || {
            proxy.requests()[0].starts_with(&format!("HEAD http://{}/orders", server.address))
        }
    );
    assert!(server.requests().is_empty());
    let lines =
        run(&with_keys(&[("HTTP_PROXY", &proxy_url), ("NO_PROXY", "example.org,127.0.0.1"), (ENDPOINT, &url)])).await;
    assert_eq!(lines.last().unwrap(), "OUTCOME seen");
    assert_eq!((proxy.requests().len(), server.requests().len()), (1, 1));
    assert!(server.requests()[0].contains("Credential=AKIDENV/"), "the chain begins with the environment");
}

/// A certificate for every bucket of a Region, and a proxy that tunnels to a server that shows it.
async fn tunnel() -> (String, Server) {
    let issued = rcgen::generate_simple_self_signed(["*.s3.ap-south-1.amazonaws.com".to_owned()]).unwrap();
    let certificate: CertificateDer<'static> = issued.cert.der().clone();
    let key = PrivateKeyDer::try_from(issued.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let proxy = Server::talking(move |mut stream: TcpStream, heads: Arc<Mutex<Vec<String>>>| {
        let acceptor = acceptor.clone();
        async move {
            let Some(connect) = read_request(&mut stream).await else { return };
            heads.lock().unwrap().push(connect);
            stream.write_all(b"HTTP/1.1 200 Established\r\n\r\n").await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            while let Some(request) = read_request(&mut stream).await {
                heads.lock().unwrap().push(request);
                stream.write_all(OK.as_bytes()).await.unwrap();
            }
        }
    })
    .await;
    (issued.cert.pem(), proxy)
}

#[tokio::test]
async fn https_goes_through_the_proxy_and_trusts_the_bundle() {
    let (certificate, proxy) = tunnel().await;
    let odd = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let bundle = TempFile::new("bundle.pem", &format!("# ours\n{odd}{certificate}"));
    let url = proxy.url();
    let trusting = with_keys(&[("HTTPS_PROXY", url.as_str()), ("AWS_CA_BUNDLE", bundle.path())]);
    assert_eq!(run(&trusting).await.last().unwrap(), "OUTCOME seen");
    let requests = proxy.requests();
    assert!(requests[0].starts_with("CONNECT orders.s3.ap-south-1.amazonaws.com:443 "), "{requests:?}");
    assert!(requests[1].starts_with("HEAD /replicanary/default/orders/1-1-a "), "{requests:?}");
    let strict = with_keys(&[("HTTPS_PROXY", url.as_str())]);
    assert_eq!(run(&strict).await.last().unwrap(), "OUTCOME connection_failed", "an unknown authority is refused");
    assert_eq!(proxy.requests().len(), 3, "{:?}", proxy.requests());
}

#[tokio::test]
async fn a_proxy_that_refuses_sent_nothing() {
    let refusing = "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
    let proxy = Server::answering(move |_| refusing.to_owned()).await;
    let lines = run(&with_keys(&[("HTTPS_PROXY", &proxy.url())])).await;
    assert_eq!(lines.last().unwrap(), "OUTCOME connection_failed");
    assert_eq!(proxy.requests().len(), 1);
}

#[tokio::test]
async fn a_bundle_without_certificates_is_refused() {
    let empty = TempFile::new("empty.pem", "no certificates here\n");
    let broken = TempFile::new("broken.pem", "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n");
    for (path, words) in [
        (empty.path(), "holds no usable certificate"),
        (broken.path(), "is not PEM"),
        ("/nonexistent/bundle.pem", "failed to read"),
    ] {
        let lines = run(&[("AWS_CA_BUNDLE", path)]).await;
        assert!(lines[0].contains(words) && lines[0].contains(path), "{lines:?}");
    }
}

#[tokio::test]
async fn endpoints_of_the_environment_are_honoured() {
    let server = Server::answering(|_| OK.to_owned()).await;
    let url = server.url();
    for name in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"] {
        assert_eq!(run(&with_keys(&[(name, &url)])).await.last().unwrap(), "OUTCOME seen", "{name}");
    }
    assert_eq!(server.requests().len(), 2);
    // What is configured goes before what the environment says.
    let unreachable = [("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9"), (ENDPOINT, url.as_str())];
    assert_eq!(run(&with_keys(&unreachable)).await.last().unwrap(), "OUTCOME seen");
}

#[tokio::test]
async fn a_named_profile_goes_before_the_environment() {
    let server = Server::answering(|_| OK.to_owned()).await;
    let file = TempFile::new("profiles", "[profile other]\naws_access_key_id = AKIDFILE\naws_secret_access_key = s\n");
    let url = server.url();
    let variables = [("AWS_CONFIG_FILE", file.path()), (PROFILE, "other"), (ENDPOINT, url.as_str())];
    assert_eq!(run(&with_keys(&variables)).await.last().unwrap(), "OUTCOME seen");
    assert!(server.requests()[0].contains("Credential=AKIDFILE/"), "{:?}", server.requests());
    let missing = [("AWS_CONFIG_FILE", file.path()), (PROFILE, "missing"), (ENDPOINT, url.as_str())];
    assert_eq!(run(&with_keys(&missing)).await.last().unwrap(), "OUTCOME no_credentials");
}

#[tokio::test]
async fn web_identity_is_counted_and_its_end_is_told() {
    let session = "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>\
        <AccessKeyId>ASIAWEB</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
        <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>\
        </AssumeRoleWithWebIdentityResponse>";
    let expired = "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredTokenException</Code>\
        <Message>Token expired</Message></Error><RequestId>r</RequestId></ErrorResponse>";
    let token = TempFile::new("token", "a.b.c");
    for (status, body, outcome) in [("200 OK", session, "seen"), ("400 No", expired, "expired_credentials")] {
        let sts =
            Server::answering(move |_| format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
                .await;
        let server = Server::answering(|_| OK.to_owned()).await;
        let (sts_url, url) = (sts.url(), server.url());
        let lines = run(&[
            ("AWS_ROLE_ARN", "arn:aws:iam::111111111111:role/pod"),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", token.path()),
            ("AWS_ENDPOINT_URL_STS", &sts_url),
            (ENDPOINT, &url),
        ])
        .await;
        let expected = ["CALL sts AssumeRoleWithWebIdentity", "CALL s3 HeadObject", &format!("OUTCOME {outcome}")];
        assert_eq!(lines, expected);
        assert!(sts.requests()[0].contains("WebIdentityToken=a.b.c"), "{:?}", sts.requests());
    }
}

#[tokio::test]
async fn credentials_of_containers_are_used_and_not_counted() {
    let agent = Server::answering(|_| {
        let body = r#"{"AccessKeyId":"ASIAPOD","SecretAccessKey":"s","Token":"t","Expiration":"2099-01-01T00:00:00Z"}"#;
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len())
    })
    .await;
    let server = Server::answering(|_| OK.to_owned()).await;
    let uri = format!("{}/v1/credentials", agent.url());
    let lines = run(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", &uri), (ENDPOINT, &server.url())]).await;
    assert_eq!(lines, ["CALL s3 HeadObject", "OUTCOME seen"]);
    assert!(server.requests()[0].contains("Credential=ASIAPOD/"), "{:?}", server.requests());
}

#[tokio::test]
async fn without_any_credentials_nothing_is_sent() {
    let server = Server::answering(|_| OK.to_owned()).await;
    assert_eq!(run(&[(ENDPOINT, &server.url())]).await, ["CALL s3 HeadObject", "OUTCOME no_credentials"]);
    assert!(server.requests().is_empty());
}
