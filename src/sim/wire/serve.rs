//! The router on a TCP listener: HTTP/1.1 with bounds, dropped connections on demand, graceful stop.

use std::future::Future;
use std::io;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use super::ConnectionDropped;

/// A client must have sent its headers within this time.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// The most bytes that a request's line and headers may have; S3 itself allows 8 KiB of headers.
const HEADER_BYTES_MAX: usize = 64 * 1024;
/// Connections at once; more wait in the listener's queue.
const CONNECTIONS_MAX: usize = 4096;
/// How long requests in flight may take once a stop was asked for.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);
/// Wait after a failed accept (e.g. out of file descriptors).
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves `router` on `listener` until `shutdown` completes, then lets requests in flight finish for a while.
///
/// # Errors
/// None today; accept failures are logged and retried.
pub(super) async fn serve(
    router: Router,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stop, stopping) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        while connections.try_join_next().is_some() {}
        let full = connections.len() >= CONNECTIONS_MAX;
        tokio::select! {
            () = &mut shutdown => break,
            _ = connections.join_next(), if full => {}
            accepted = listener.accept(), if !full => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(router.clone(), stream, stopping.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "the simulator could not accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    drop(stop);
    let drained = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(DRAIN_TIMEOUT, drained).await.is_err() {
        tracing::debug!("requests were still open when the simulator stopped");
    }
    connections.shutdown().await;
    Ok(())
}

async fn connection(router: Router, stream: TcpStream, mut stopping: watch::Receiver<()>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY was refused");
    }
    let service = service_fn(move |request| answer(router.clone(), request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(HEADER_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = stopping.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection to the simulator ended early");
    }
}

/// An error here makes hyper close the connection without any answer, which is what a dropped connection is.
async fn answer(router: Router, request: Request<Incoming>) -> Result<Response, ConnectionDropped> {
    let response = match router.oneshot(request.map(Body::new)).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    match response.extensions().get::<ConnectionDropped>() {
        Some(dropped) => Err(*dropped),
        None => Ok(response),
    }
}
