//! The router on real sockets, on real time.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::sim::{Clock, Fault, Options, Simulator};

/// A simulator on an ephemeral port, with what stops it.
struct Served {
    simulator: Simulator,
    address: std::net::SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    server: JoinSet<std::io::Result<()>>,
}

impl Served {
    async fn start(world: &str) -> Self {
        let options = Options { world: world.to_owned(), ..Options::default() };
        let simulator = Simulator::new(&options, Clock::real()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let mut server = JoinSet::new();
        server.spawn(simulator.clone().serve(listener, async move { drop(stopped.await) }));
        Self { simulator, address, stop: Some(stop), server }
    }

    /// Sends text and reads until the other side closes.
    async fn talk(&self, text: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = String::new();
        let read = tokio::time::timeout(Duration::from_secs(10), stream.read_to_string(&mut answer)).await;
        let _closed_or_reset = read.expect("the connection closes");
        answer
    }

    async fn stop(mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        let ended = tokio::time::timeout(Duration::from_secs(10), self.server.join_next()).await;
        ended.expect("it stops in time").unwrap().unwrap().unwrap();
    }
}

#[tokio::test]
async fn it_answers_and_stops_with_an_idle_connection_open() {
    let served = Served::start("empty").await;
    let answer = served.talk("GET /_sim/world HTTP/1.1\r\nHost: sim\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\"endpoint\":\"http://sim\""), "{answer}");
    let idle = TcpStream::connect(served.address).await.unwrap();
    served.stop().await;
    drop(idle);
}

#[tokio::test]
async fn a_client_that_expects_it_is_told_to_continue() {
    let served = Served::start("empty").await;
    let answer = served
        .talk(
            "PUT /b/k HTTP/1.1\r\nHost: sim\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
        )
        .await;
    assert!(answer.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 Forbidden\r\n"), "{answer}");
    served.stop().await;
}

#[tokio::test]
async fn a_dropped_connection_closes_without_a_byte() {
    let served = Served::start("default").await;
    let route = served.simulator.routes().remove(0);
    served.simulator.set_fault(&route.name, None, Fault::DroppedConnections, true, None).unwrap();
    let request = format!("GET /{}/k HTTP/1.1\r\nHost: sim\r\n\r\n", route.source.bucket);
    assert_eq!(served.talk(&request).await, "");
    let other = served.talk("GET /_sim/faults HTTP/1.1\r\nHost: sim\r\nConnection: close\r\n\r\n").await;
    assert!(other.contains(&route.name), "{other}");
    served.stop().await;
}
