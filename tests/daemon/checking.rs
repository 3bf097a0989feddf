//! `check`: exit codes against a simulated AWS, saved readings without secrets, and the same judgement offline.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use super::process::{Process, Simulated, scratch};

const PATIENCE: Duration = Duration::from_secs(30);

/// The route that is broken; the others are bystanders.
const ROUTE: &str = "orders";

/// What an ended `check` said.
struct Said {
    code: Option<i32>,
    output: String,
}

impl Said {
    fn findings(&self) -> Vec<Value> {
        let report: Value = serde_json::from_str(&self.output).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        let routes = report["routes"].as_array().expect("routes");
        routes.iter().flat_map(|route| route["findings"].as_array().expect("findings").clone()).collect()
    }

    /// The checks whose findings are faults of this severity.
    fn faults(&self, severity: &str) -> Vec<String> {
        let findings = self.findings();
        let is_one = |finding: &&Value| finding["outcome"] == "fault" && finding["severity"] == severity;
        findings.iter().filter(is_one).map(|finding| finding["id"].as_str().unwrap().to_owned()).collect()
    }
}

impl std::fmt::Debug for Said {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "exit code {:?}:\n{}", self.code, self.output)
    }
}

fn check(arguments: &[&str]) -> Said {
    let mut process = Process::start(&[&["check"], arguments].concat());
    let code = process.wait(PATIENCE).code();
    Said { code, output: process.output() }
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files of a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn a_healthy_world_is_0_and_a_broken_one_1_on_its_route_alone() {
    let simulated = Simulated::start("check-faults", &[]);
    let config = simulated.config.display().to_string();
    let healthy = check(&["--config", &config, "--fail-on", "warning"]);
    assert_eq!(healthy.code, Some(0), "{healthy:?}");
    assert!(healthy.output.contains("8 routes: nothing to repair"), "{healthy:?}");

    let broken = [
        ("versioning_suspended", "destination_versioning_enabled", "destination_versioning_off"),
        ("destination_key_disabled", "destination_key_enabled", "destination_key_disabled"),
    ];
    for (fault, id, cause) in broken {
        simulated.set_fault(ROUTE, fault, true);
        let said = check(&["--config", &config, "--route", ROUTE, "--format", "json"]);
        assert_eq!(said.code, Some(1), "{fault}: {said:?}");
        assert_eq!(said.faults("error"), [id], "{fault}: {said:?}");
        let report: Value = serde_json::from_str(&said.output).unwrap();
        assert_eq!(report["routes"][0]["cause"]["id"], cause, "{fault}: {said:?}");
        let other = check(&["--config", &config, "--route", "media"]);
        assert_eq!(other.code, Some(0), "{fault}: {other:?}");
        simulated.set_fault(ROUTE, fault, false);
    }
    let mended = check(&["--config", &config]);
    assert_eq!(mended.code, Some(0), "{mended:?}");
}

#[test]
fn keys_that_aws_refuses_are_2_and_wrong_usage_64() {
    let simulated = Simulated::start("check-credentials", &[]);
    let config = simulated.config.display().to_string();
    let secretless = simulated.config.with_file_name("wrong-secret.yaml");
    let written = text(&simulated.config);
    let lines = written.lines().map(|line| match line.split_once("secret_access_key:") {
        Some((indent, _)) => format!("{indent}secret_access_key: {}\n", "wrong".repeat(8)),
        None => format!("{line}\n"),
    });
    std::fs::write(&secretless, lines.collect::<String>()).unwrap();
    let said = check(&["--config", &secretless.display().to_string(), "--route", ROUTE]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.output.contains("monitor_credentials") && !said.output.contains("wrongwrong"), "{said:?}");

    let nowhere = check(&["--config", &config, "--route", "nowhere"]);
    assert_eq!(nowhere.code, Some(64), "{nowhere:?}");
    assert!(nowhere.output.contains("\"nowhere\"") && nowhere.output.contains(ROUTE), "{nowhere:?}");
    let faulty = simulated.config.with_file_name("faulty.yaml");
    std::fs::write(&faulty, written.replacen("routes:", "routez:", 1)).unwrap();
    let said = check(&["--config", &faulty.display().to_string()]);
    assert_eq!(said.code, Some(64), "{said:?}");
    assert!(said.output.contains("routez"), "{said:?}");
    for usage in [&[][..], &["--offline", "/nowhere"], &["--config", &config, "--format", "xml"]] {
        let said = check(usage);
        assert_eq!(said.code, Some(64), "{usage:?}: {said:?}");
    }
}

#[test]
fn what_is_saved_holds_no_secret_and_is_judged_alike_offline() {
    let simulated = Simulated::start("check-saved", &[]);
    let config = simulated.config.display().to_string();
    let folder = scratch("check-saved-readings");
    let dir = folder.display().to_string();
    simulated.set_fault(ROUTE, "versioning_suspended", true);
    let live = check(&["--config", &config, "--save", &dir, "--format", "json"]);
    assert_eq!(live.code, Some(1), "{live:?}");
    assert_eq!(files(&folder).len(), 8);

    let written = text(&simulated.config);
    let secrets: Vec<&str> =
        written.lines().filter_map(|line| Some(line.split_once("secret_access_key:")?.1.trim())).collect();
    assert!(secrets.len() >= 16, "{written}");
    for path in files(&folder) {
        let saved = text(&path);
        assert!(secrets.iter().all(|secret| !saved.contains(secret)), "{} holds a secret", path.display());
    }

    // Nothing is asked of anybody: the simulator is gone.
    drop(simulated);
    let offline = check(&["--offline", &dir, "--format", "json"]);
    assert_eq!((offline.code, &offline.output), (live.code, &live.output));
    let with_config = check(&["--offline", &dir, "--config", &config, "--format", "json"]);
    assert_eq!((with_config.code, &with_config.output), (live.code, &live.output));
    let bystander = check(&["--offline", &dir, "--route", "media"]);
    assert_eq!(bystander.code, Some(0), "{bystander:?}");
}

#[test]
fn a_warning_fails_only_whom_warnings_fail() {
    let simulated = Simulated::start("check-warning", &[]);
    let folder = scratch("check-warning-readings");
    let dir = folder.display().to_string();
    let config = simulated.config.display().to_string();
    let live = check(&["--config", &config, "--route", ROUTE, "--save", &dir]);
    assert_eq!(live.code, Some(0), "{live:?}");
    let path = folder.join(format!("{ROUTE}.json"));
    let mut saved: Value = serde_json::from_str(&text(&path)).unwrap();
    let block = saved.pointer_mut("/facts/source/bucket/public_access").expect("a block");
    assert_eq!(block["Ok"]["block_public_policy"], true);
    *block = serde_json::json!({ "Ok": null });
    std::fs::write(&path, saved.to_string()).unwrap();

    let lenient = check(&["--offline", &dir, "--format", "json"]);
    assert_eq!(lenient.code, Some(0), "{lenient:?}");
    assert_eq!(lenient.faults("warning").len(), 1, "{lenient:?}");
    let strict = check(&["--offline", &dir, "--fail-on", "warning"]);
    assert_eq!(strict.code, Some(1), "{strict:?}");
    assert!(strict.output.contains("1 route: 1 warning"), "{strict:?}");
}
