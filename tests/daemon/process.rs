//! Child processes and plain HTTP, bounded in time; every process ends with its test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The binary under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_replicanary");

/// A running process whose output is kept; ended when dropped.
pub(crate) struct Process {
    child: Child,
    output: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Process {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(BINARY)
            .args(arguments)
            .env_remove("REPLICANARY_CONFIG")
            .env_remove("REPLICANARY_LISTEN")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let output = Arc::new(Mutex::new(String::new()));
        let stdout = child.stdout.take().expect("piped");
        let stderr = child.stderr.take().expect("piped");
        let readers = vec![collect(stdout, Arc::clone(&output)), collect(stderr, Arc::clone(&output))];
        Self { child, output, readers }
    }

    /// All that it has written so far.
    pub(crate) fn output(&self) -> String {
        self.output.lock().unwrap().clone()
    }

    /// Sends a signal by name, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Waits for its end; all that it wrote is read then.
    pub(crate) fn wait(&mut self, limit: Duration) -> ExitStatus {
        let status = eventually(limit, || self.child.try_wait().expect("a child"))
            .unwrap_or_else(|| panic!("did not end within {limit:?}:\n{}", self.output()));
        for reader in self.readers.drain(..) {
            reader.join().expect("a reader ends with its pipe");
        }
        status
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn collect(stream: impl Read + Send + 'static, output: Arc<Mutex<String>>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let mut output = output.lock().unwrap();
            output.push_str(&line);
            output.push('\n');
        }
    })
}

/// A simulator with the configuration that it wrote.
pub(crate) struct Simulated {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
    pub(crate) config: PathBuf,
}

impl Simulated {
    pub(crate) fn start(name: &str, more: &[&str]) -> Self {
        let address = free_address();
        let config = scratch(name).join("replicanary.yaml");
        let (listen, file) = (address.to_string(), config.display().to_string());
        let mut arguments = vec!["sim", "--listen", &listen, "--write-config", &file];
        arguments.extend(more);
        let process = Process::start(&arguments);
        let up = eventually(Duration::from_secs(10), || get(address, "/_sim/world").ok());
        assert!(up.is_some_and(|answer| answer.status == 200), "the simulator answers:\n{}", process.output());
        Self { process, address, config }
    }

    pub(crate) fn set_fault(&self, route: &str, fault: &str, on: bool) {
        let body = serde_json::json!({"route": route, "fault": fault, "on": on}).to_string();
        let answer = request(self.address, "POST", "/_sim/faults", &body).expect("an answer");
        assert!(answer.status < 300, "{}: {}", answer.status, answer.body);
    }
}

/// A daemon on a configuration, waited for until it is ready.
pub(crate) fn daemon(config: &std::path::Path) -> (Process, SocketAddr) {
    let address = free_address();
    let process = Process::start(&["run", "--config", &config.display().to_string(), "--listen", &address.to_string()]);
    let ready =
        eventually(Duration::from_secs(20), || get(address, "/readyz").ok().filter(|answer| answer.status == 200));
    assert!(ready.is_some(), "the daemon becomes ready:\n{}", process.output());
    (process, address)
}

/// An answer over HTTP.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.body))
    }
}

pub(crate) fn get(address: SocketAddr, path: &str) -> std::io::Result<Answer> {
    request(address, "GET", path, "")
}

pub(crate) fn request(address: SocketAddr, method: &str, path: &str, body: &str) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(5))?;
    stream.set_read_timeout(Some(Duration::from_secs(15)))?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let body =
        if head.to_ascii_lowercase().contains("transfer-encoding: chunked") { unchunk(body) } else { body.into() };
    Ok(Answer { status, head: head.to_owned(), body })
}

fn unchunk(body: &str) -> String {
    let mut whole = String::new();
    let mut rest = body;
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        if size == 0 || size > after.len() {
            break;
        }
        whole.push_str(&after[..size]);
        rest = after[size..].trim_start_matches("\r\n");
    }
    whole
}

/// Asks again until there is an answer or the time is over.
pub(crate) fn eventually<T>(limit: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let began = now();
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if began.elapsed() > limit {
            return None;
        }
        pause(Duration::from_millis(50));
    }
}

pub(crate) fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port")
}

/// A folder of the test's own, empty.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _absent = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a scratch folder");
    folder
}

#[expect(clippy::disallowed_methods, reason = "a test of real processes lives in real time")]
fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "a test of real processes has no runtime to sleep on")]
fn pause(time: Duration) {
    std::thread::sleep(time);
}
