//! Tests of the HTTP room: every path, driven through the router without a socket.

mod api;
mod errors;
mod health;
mod page;
mod probe;
mod world;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use tokio::sync::{mpsc, watch};
use tower::ServiceExt;

use super::{HttpState, Liveness, ProbeRequest, router};
use crate::domain::snapshot::Snapshot;
use crate::domain::time::Moment;
use crate::telemetry::{BuildInfo, Telemetry};

/// An answer, read to its end.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> serde_json::Value {
        assert_eq!(self.header("content-type"), "application/json");
        serde_json::from_str(&self.body).unwrap()
    }

    /// The body, indented, with its fields in their own order.
    fn pretty(&self) -> String {
        let mut pretty = String::new();
        let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
        for character in self.body.chars() {
            if quoted {
                pretty.push(character);
                quoted = escaped || character != '"';
                escaped = !escaped && character == '\\';
                continue;
            }
            match character {
                '{' | '[' => depth += 1,
                '}' | ']' => depth -= 1,
                '"' => quoted = true,
                _ => {}
            }
            let indent = format!("\n{}", "  ".repeat(depth));
            match character {
                '{' | '[' | ',' => pretty.extend([character.to_string(), indent]),
                '}' | ']' => pretty.extend([indent, character.to_string()]),
                ':' => pretty.push_str(": "),
                _ => pretty.push(character),
            }
        }
        pretty + "\n"
    }
}

async fn ask(state: HttpState, method: Method, uri: &str) -> Answer {
    let request = Request::builder().method(method).uri(uri).body(Body::empty()).unwrap();
    let response = router(state).oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    Answer { status: parts.status, headers: parts.headers, body }
}

async fn get(state: HttpState, uri: &str) -> Answer {
    ask(state, Method::GET, uri).await
}

/// A server over a snapshot, and the prober's end of its requests.
fn server(snapshot: Snapshot) -> (HttpState, mpsc::Receiver<ProbeRequest>) {
    let build = BuildInfo { version: "1.2.3".to_owned(), revision: "abc".to_owned() };
    let (_, handles) = Telemetry::new(Moment::default, build.clone());
    let (probes, requests) = mpsc::channel(1);
    let state = HttpState {
        snapshots: watch::channel(Arc::new(snapshot)).1,
        metrics: handles.metrics,
        readiness: watch::channel(true).1,
        liveness: Arc::new(|| Liveness::Alive),
        probes,
        build,
        clock: Arc::new(Moment::default),
    };
    (state, requests)
}

/// Compares with a stored page; `UPDATE_GOLDEN=1` stores what is now.
fn golden(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/tests").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, actual).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == actual, "{name} differs; UPDATE_GOLDEN=1 stores what is now:\n{actual}");
}
