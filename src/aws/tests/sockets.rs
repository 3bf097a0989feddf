//! Real sockets, real trouble: what the transport makes of servers that do not answer as they should.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_smithy_http_client::proxy::ProxyConfig;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::server::{OK, Server, read_request};
use super::*;
use crate::aws::{CALL_TIMEOUT, CONNECT_TIMEOUT, CallMeter, ClientPool, Environment, READ_TIMEOUT, S3Bucket};
use crate::cloud::CanaryStore;
use crate::domain::object::Trouble;

type Heads = Arc<Mutex<Vec<String>>>;

async fn bucket_at(url: &str) -> S3Bucket {
    let environment = Environment::with_network(ProxyConfig::disabled(), None).unwrap();
    let connection = Connection { endpoint_url: Some(url.to_owned()), path_style: true, ..connection() };
    ClientPool::new(environment, CallMeter::silent()).bucket(&connection, &bucket_name()).await
}

async fn put_at(server: &Server) -> Trouble {
    bucket_at(&server.url()).await.put(&canary()).await.unwrap_err().kind()
}

/// Writes `text` after a request has come in, then closes.
async fn saying(text: &'static str) -> Server {
    Server::talking(move |mut stream: TcpStream, heads: Heads| async move {
        if let Some(request) = read_request(&mut stream).await {
            heads.lock().unwrap().push(request);
            stream.write_all(text.as_bytes()).await.unwrap();
        }
    })
    .await
}

/// Writes `start`, then `more` again and again.
async fn flooding(start: &'static str, more: &'static str) -> Server {
    Server::talking(move |mut stream: TcpStream, _: Heads| async move {
        read_request(&mut stream).await;
        stream.write_all(start.as_bytes()).await.unwrap();
        let more = more.repeat(16 * 1024);
        while stream.write_all(more.as_bytes()).await.is_ok() {}
    })
    .await
}

#[tokio::test]
async fn connections_are_shared_and_kept() {
    let server = Server::answering(|_| OK.to_owned()).await;
    let bucket = bucket_at(&server.url()).await;
    bucket.put(&canary()).await.unwrap();
    bucket.head(&key(), None).await.unwrap();
    let requests = server.requests();
    assert!(requests[0].starts_with("PUT /orders/replicanary/"), "{requests:?}");
    assert!(requests[0].ends_with("tweet"), "{requests:?}");
}

#[tokio::test]
async fn a_refused_connection_was_never_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = bucket_at(&url).await.put(&canary()).await.unwrap_err();
    assert_eq!(error.kind(), Trouble::ConnectionFailed);
    assert!(!error.kind().leaves_write_open());
}

#[tokio::test]
async fn a_connection_that_is_never_taken_was_never_sent() {
    // Nobody accepts here, and the queue of those who wait is full: further attempts are not answered.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(address)).await {
        waiting.push(stream.unwrap());
    }
    let started = tokio::time::Instant::now();
    let error = bucket_at(&format!("http://{address}")).await.put(&canary()).await.unwrap_err();
    assert_eq!(error.kind(), Trouble::ConnectionFailed);
    assert!(started.elapsed() < CONNECT_TIMEOUT + Duration::from_secs(3));
}

#[tokio::test]
async fn a_name_that_does_not_resolve_was_never_sent() {
    let error = bucket_at("http://s3.invalid").await.put(&canary()).await.unwrap_err();
    assert_eq!(error.kind(), Trouble::ConnectionFailed);
}

#[tokio::test]
async fn something_that_speaks_no_tls_was_never_sent() {
    let server = saying("220 mail.example ESMTP\r\n").await;
    let error = bucket_at(&server.url().replace("http:", "https:")).await.put(&canary()).await.unwrap_err();
    assert_eq!(error.kind(), Trouble::ConnectionFailed);
}

#[tokio::test]
async fn a_connection_that_ends_leaves_the_write_open() {
    let server = saying("").await;
    let kind = put_at(&server).await;
    assert_eq!(kind, Trouble::ConnectionLost);
    assert!(kind.leaves_write_open());
    assert_eq!(server.requests().len(), 1, "nothing is tried twice");
    assert_eq!(put_at(&saying("HTTP/1.1 200 OK\r\net").await).await, Trouble::ConnectionLost);
    let truncated = saying("HTTP/1.1 403 Forbidden\r\ncontent-length: 100\r\n\r\n<Error>").await;
    assert_eq!(put_at(&truncated).await, Trouble::ConnectionLost);
}

#[tokio::test]
async fn a_truncated_object_has_no_digest() {
    let server =
        saying("HTTP/1.1 200 OK\r\netag: \"e\"\r\nx-amz-version-id: v1\r\ncontent-length: 100\r\n\r\ntweet").await;
    let error = bucket_at(&server.url()).await.get(&key(), &version(), 100).await.unwrap_err();
    assert_eq!(error.kind(), Trouble::ConnectionLost);
}

#[tokio::test]
async fn garbage_is_no_answer() {
    for garbage in ["SSH-2.0-OpenSSH_9.9\r\n\r\n", "\0\0\0\0\0\0\0\0", "HTTP/1.1 200 OK\r\nbad header\r\n\r\n"] {
        assert_eq!(put_at(&saying(garbage).await).await, Trouble::BadAnswer, "{garbage:?}");
    }
}

#[tokio::test]
async fn an_endless_head_is_cut_off() {
    let server = flooding("HTTP/1.1 200 OK\r\n", "x-amz-more: and more\r\n").await;
    assert_eq!(put_at(&server).await, Trouble::BadAnswer);
}

#[tokio::test]
async fn an_endless_body_is_cut_off() {
    let chunk = "5\r\n<a><b\r\n";
    let listing = flooding("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", chunk).await;
    let error = bucket_at(&listing.url()).await.versions(&key()).await.unwrap_err();
    assert_eq!(error.kind(), Trouble::BadAnswer);
    let announced = flooding("HTTP/1.1 500 No\r\ncontent-length: 999999999999\r\n\r\n", "no").await;
    assert_eq!(put_at(&announced).await, Trouble::BadAnswer);
    let object = flooding(
        "HTTP/1.1 200 OK\r\netag: \"e\"\r\ncontent-length: 999999999\r\nx-amz-version-id: v1\r\n\r\n",
        "tweet",
    )
    .await;
    let error = bucket_at(&object.url()).await.get(&key(), &version(), 1024).await.unwrap_err();
    assert_eq!(error.kind(), Trouble::BadAnswer);
}

/// Real time: sockets and a paused clock do not mix.
#[tokio::test]
async fn silence_ends_in_time_and_leaves_the_write_open() {
    let silent = Server::talking(|mut stream: TcpStream, heads: Heads| async move {
        let request = read_request(&mut stream).await.unwrap_or_default();
        heads.lock().unwrap().push(request);
        std::future::pending::<()>().await;
    })
    .await;
    let dripping = Server::talking(|mut stream: TcpStream, _: Heads| async move {
        read_request(&mut stream).await;
        let head = "HTTP/1.1 200 OK\r\netag: \"e\"\r\nx-amz-request-id: R\r\ncontent-length: 1000\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    })
    .await;
    let slack = Duration::from_secs(4);
    let (silent_bucket, dripping_bucket) = (bucket_at(&silent.url()).await, bucket_at(&dripping.url()).await);
    let canary = canary();
    let (key, version) = (key(), version());
    let put = tokio::time::timeout(READ_TIMEOUT + slack, silent_bucket.put(&canary));
    let list = tokio::time::timeout(CALL_TIMEOUT + slack, dripping_bucket.versions(&key));
    let get = tokio::time::timeout(CALL_TIMEOUT + slack, dripping_bucket.get(&key, &version, 2000));
    let (put, list, get) = tokio::join!(put, list, get);
    let kind = put.unwrap().unwrap_err().kind();
    assert_eq!(kind, Trouble::TimedOut);
    assert!(kind.leaves_write_open());
    assert_eq!(silent.requests().len(), 1, "nothing is tried twice");
    assert_eq!(list.unwrap().unwrap_err().kind(), Trouble::TimedOut);
    assert_eq!(get.unwrap().unwrap_err().kind(), Trouble::TimedOut);
}
