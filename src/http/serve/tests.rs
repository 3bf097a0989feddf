//! The listener over real sockets.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{LIMITS, Limits, serve_within};

/// A running server, its address, and what ends it.
async fn start(limits: Limits, router: Router) -> (SocketAddr, oneshot::Sender<()>, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let mut tasks = JoinSet::new();
    tasks.spawn(serve_within(limits, listener, router, async { drop(stopped.await) }));
    (address, stop, tasks)
}

async fn read_all(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    drop(timeout(Duration::from_secs(10), stream.read_to_end(&mut answer)).await.expect("the server hangs up"));
    String::from_utf8(answer).unwrap()
}

async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    read_all(stream).await
}

fn hello() -> Router {
    Router::new().route("/", get(async || "hello"))
}

const CLOSING: &str = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn serves_and_stops() {
    let (address, stop, mut tasks) = start(LIMITS, hello()).await;
    let answer = exchange(address, CLOSING).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("hello"), "{answer}");
    let mut idle = TcpStream::connect(address).await.unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    idle.read_u8().await.unwrap();
    stop.send(()).unwrap();
    timeout(Duration::from_secs(4), tasks.join_next()).await.expect("an idle connection does not hold it up");
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_request_in_flight_is_finished() {
    let (begun, proceed) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (tell, wait) = (Arc::clone(&begun), Arc::clone(&proceed));
    let slow = async move || {
        tell.notify_one();
        wait.notified().await;
        "at last"
    };
    let (address, stop, mut tasks) = start(LIMITS, Router::new().route("/", get(slow))).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(CLOSING.as_bytes()).await.unwrap();
    begun.notified().await;
    stop.send(()).unwrap();
    tokio::task::yield_now().await;
    proceed.notify_one();
    assert!(read_all(stream).await.ends_with("at last"));
    tasks.join_next().await.unwrap().unwrap();
}

#[tokio::test]
async fn a_request_that_never_ends_is_cut_off() {
    let limits = Limits { drain: Duration::from_millis(50), ..LIMITS };
    let router = Router::new().route("/", get(std::future::pending::<&'static str>));
    let (address, stop, mut tasks) = start(limits, router).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(CLOSING.as_bytes()).await.unwrap();
    stop.send(()).unwrap();
    timeout(Duration::from_secs(5), tasks.join_next()).await.expect("the drain is bounded");
    assert_eq!(read_all(stream).await, "");
}

#[tokio::test]
async fn heads_are_bounded_in_size_and_time() {
    let limits = Limits { head_time: Duration::from_millis(100), ..LIMITS };
    let (address, _stop, _tasks) = start(limits, hello()).await;
    let huge = format!("GET / HTTP/1.1\r\nhost: x\r\nx-filler: {}\r\n\r\n", "a".repeat(20_000));
    let answer = exchange(address, &huge).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    let answer = exchange(address, "GET / HTTP/1.1\r\nhost: x\r\n").await;
    assert!(!answer.contains("200 OK"), "{answer}");
}

#[tokio::test]
async fn connections_are_bounded() {
    let (address, _stop, _tasks) = start(Limits { connections: 1, ..LIMITS }, hello()).await;
    let mut first = TcpStream::connect(address).await.unwrap();
    first.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    first.read_u8().await.unwrap();
    let mut second = TcpStream::connect(address).await.unwrap();
    second.write_all(CLOSING.as_bytes()).await.unwrap();
    assert!(timeout(Duration::from_millis(100), second.read_u8()).await.is_err(), "the second waits");
    drop(first);
    assert!(read_all(second).await.ends_with("hello"));
}
