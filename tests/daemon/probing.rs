//! `probe` and `healthcheck`: exit codes and what they print.

use std::time::Duration;

use super::process::{Process, Simulated, daemon, free_address, get};

const PATIENCE: Duration = Duration::from_secs(60);

fn first_route(simulated: &Simulated) -> String {
    let world = get(simulated.address, "/_sim/world").unwrap().json();
    world["routes"][0]["name"].as_str().unwrap().to_owned()
}

#[test]
fn probe_tells_replicated_fault_and_unknown() {
    let simulated = Simulated::start("probe", &[]);
    let config = simulated.config.display().to_string();
    let route = first_route(&simulated);
    let arguments = ["probe", "--config", &config, "--route", &route, "--json"];

    let mut healthy = Process::start(&arguments);
    assert_eq!(healthy.wait(PATIENCE).code(), Some(0), "{}", healthy.output());
    let output = healthy.output();
    let report: serde_json::Value = output
        .lines()
        .rfind(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap())
        .unwrap_or_else(|| panic!("no report in {output}"));
    assert_eq!(report["verdict"], "replicated");
    assert!(report["version_id"].is_string() && report["key"].is_string(), "{report}");

    simulated.set_fault(&route, "role_denied", true);
    let mut broken = Process::start(&arguments);
    assert_eq!(broken.wait(PATIENCE).code(), Some(1), "{}", broken.output());
    simulated.set_fault(&route, "role_denied", false);

    simulated.set_fault(&route, "access_denied", true);
    let mut blind = Process::start(&arguments);
    assert_eq!(blind.wait(PATIENCE).code(), Some(2), "{}", blind.output());

    let mut nowhere = Process::start(&["probe", "--config", &config, "--route", "nowhere"]);
    assert_eq!(nowhere.wait(PATIENCE).code(), Some(64), "{}", nowhere.output());
}

#[test]
fn healthcheck_follows_the_daemon() {
    let simulated = Simulated::start("healthcheck", &[]);
    let (mut process, address) = daemon(&simulated.config);
    let check = |address: &str| Process::start(&["healthcheck", "--listen", address]).wait(PATIENCE).code();
    assert_eq!(check(&address.to_string()), Some(0));
    assert_eq!(check(&free_address().to_string()), Some(1));
    process.signal("TERM");
    assert_eq!(process.wait(PATIENCE).code(), Some(0), "{}", process.output());
}
