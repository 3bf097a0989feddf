//! An HTTP client that answers from a function and remembers what it was asked.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;

use crate::aws::{CallMeter, ClientPool, Environment};
use crate::domain::observation::CallRecord;

/// A pool over canned answers, on a clock that the test moves.
pub(in crate::aws) fn in_process(canned: &Canned) -> ClientPool {
    let http = SharedHttpClient::new(canned.clone());
    let time = SharedTimeSource::new(canned.clone());
    let environment = Environment::in_process(http, time, SharedAsyncSleep::new(TokioSleep::new()));
    let records = Arc::clone(&canned.0);
    ClientPool::new(environment, CallMeter::new(move |record| records.records.lock().unwrap().push(record)))
}

/// The client, its clock, and what it saw.
#[derive(Clone)]
pub(in crate::aws) struct Canned(Arc<Inner>);

type Answer = dyn Fn(&Seen) -> Result<Reply, ConnectorError> + Send + Sync;

struct Inner {
    answer: Box<Answer>,
    seen: Mutex<Vec<Seen>>,
    records: Mutex<Vec<CallRecord>>,
    now: Mutex<SystemTime>,
}

/// A request as it was sent.
#[derive(Debug, Clone)]
pub(in crate::aws) struct Seen {
    pub(in crate::aws) method: String,
    pub(in crate::aws) uri: String,
    pub(in crate::aws) headers: Vec<(String, String)>,
    pub(in crate::aws) body: String,
}

/// An answer.
#[derive(Debug, Clone)]
pub(in crate::aws) struct Reply {
    pub(in crate::aws) status: u16,
    pub(in crate::aws) headers: Vec<(&'static str, String)>,
    pub(in crate::aws) body: Vec<u8>,
}

impl Canned {
    pub(in crate::aws) fn new(answer: impl Fn(&Seen) -> Result<Reply, ConnectorError> + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner {
            answer: Box::new(answer),
            seen: Mutex::default(),
            records: Mutex::default(),
            now: Mutex::new(UNIX_EPOCH + Duration::from_secs(1_790_000_000)),
        }))
    }

    pub(in crate::aws) fn always(reply: Reply) -> Self {
        Self::new(move |_| Ok(reply.clone()))
    }

    pub(in crate::aws) fn seen(&self) -> Vec<Seen> {
        self.0.seen.lock().unwrap().clone()
    }

    pub(in crate::aws) fn records(&self) -> Vec<CallRecord> {
        self.0.records.lock().unwrap().clone()
    }

    pub(in crate::aws) fn clock(&self) -> SystemTime {
        *self.0.now.lock().unwrap()
    }

    pub(in crate::aws) fn advance(&self, by: Duration) {
        *self.0.now.lock().unwrap() += by;
    }
}

impl Seen {
    pub(in crate::aws) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    pub(in crate::aws) fn is_sts(&self) -> bool {
        self.body.starts_with("Action=AssumeRole&")
    }
}

impl Reply {
    pub(in crate::aws) fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    /// What every answer of S3 bears.
    pub(in crate::aws) fn s3(status: u16) -> Self {
        Self::status(status).with("x-amz-request-id", "REQ1")
    }

    /// An S3 error with a body.
    pub(in crate::aws) fn error(status: u16, code: &str, message: &str) -> Self {
        let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
        Self::s3(status).with("content-type", "application/xml").body(&body)
    }

    pub(in crate::aws) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(in crate::aws) fn body(mut self, body: &str) -> Self {
        self.body = body.as_bytes().to_vec();
        self
    }

    pub(in crate::aws) fn bytes(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self
    }
}

impl HttpConnector for Canned {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let seen = Seen {
            method: request.method().to_owned(),
            uri: request.uri().to_owned(),
            headers: request.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            body: String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned(),
        };
        let answer = (self.0.answer)(&seen);
        self.0.seen.lock().unwrap().push(seen);
        HttpConnectorFuture::ready(answer.map(|reply| {
            let mut response = http::Response::builder().status(reply.status);
            for (name, value) in reply.headers {
                response = response.header(name, value);
            }
            HttpResponse::try_from(response.body(SdkBody::from(reply.body)).unwrap()).unwrap()
        }))
    }
}

impl HttpClient for Canned {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl TimeSource for Canned {
    fn now(&self) -> SystemTime {
        self.clock()
    }
}

impl fmt::Debug for Canned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Canned")
    }
}
