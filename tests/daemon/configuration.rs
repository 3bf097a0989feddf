//! Bad configurations: every fault at once, exit code 64, and no port bound.

use std::net::TcpStream;
use std::time::Duration;

use super::process::{Process, free_address, scratch};

const BROKEN: &str = "
routes:
  - name: Orders
    source: { bucket: my-source, region: eu-west-1, account: '12345' }
    destinations: [{ bucket: my-destination, region: us-east-1, account: '222222222222' }]
    canary: { objective: 15m, deadline: 5m }
";

#[test]
fn every_fault_is_said_at_once_and_no_port_is_bound() {
    let file = scratch("faults").join("replicanary.yaml");
    std::fs::write(&file, BROKEN).unwrap();
    let address = free_address();
    let mut process =
        Process::start(&["run", "--config", &file.display().to_string(), "--listen", &address.to_string()]);
    let status = process.wait(Duration::from_secs(10));
    assert_eq!(status.code(), Some(64));
    let output = process.output();
    for path in ["routes[0].name", "routes[0].source.account", "routes[0].canary.deadline"] {
        assert!(output.contains(path), "{path} is not in:\n{output}");
    }
    assert!(TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_err());
}

#[test]
fn a_shape_fault_has_line_and_column() {
    let file = scratch("shape").join("replicanary.yaml");
    std::fs::write(&file, "instance: default\nroutez: []\n").unwrap();
    let mut process = Process::start(&["run", "--check-config", "--config", &file.display().to_string()]);
    assert_eq!(process.wait(Duration::from_secs(10)).code(), Some(64));
    let output = process.output();
    assert!(output.contains("routez") && output.contains("line 2, column 1"), "{output}");
}

#[test]
fn a_missing_file_is_said() {
    let mut process = Process::start(&["run", "--config", "/nowhere/replicanary.yaml"]);
    assert_eq!(process.wait(Duration::from_secs(10)).code(), Some(64));
    assert!(process.output().contains("/nowhere/replicanary.yaml"), "{}", process.output());
}

#[test]
fn wrong_usage_exits_64_and_version_0() {
    assert_eq!(Process::start(&["run"]).wait(Duration::from_secs(10)).code(), Some(64));
    assert_eq!(Process::start(&["fly"]).wait(Duration::from_secs(10)).code(), Some(64));
    let mut version = Process::start(&["--version"]);
    assert_eq!(version.wait(Duration::from_secs(10)).code(), Some(0));
    assert!(version.output().contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_shipped_example_is_valid() {
    let mut process = Process::start(&["schema"]);
    assert_eq!(process.wait(Duration::from_secs(10)).code(), Some(0));
    let schema: serde_json::Value = serde_json::from_str(&process.output()).unwrap();
    assert!(schema["properties"]["routes"].is_object());
}
