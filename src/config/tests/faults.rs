//! Golden messages: what a person reads for each fault and warning.
//!
//! A golden file holds cases: `=== title`, the YAML, `--->`, the messages. Run with `REPLICANARY_BLESS=1` to write the
//! messages anew, and read the difference before you commit it.

use std::fmt::Write;
use std::path::Path;

use super::read;

fn outcome(text: &str) -> String {
    let mut told = String::new();
    match read(text) {
        Ok(config) => config.warnings.iter().for_each(|warning| writeln!(told, "warning: {warning}").unwrap()),
        Err(faults) => faults.faults.iter().for_each(|fault| writeln!(told, "{fault}").unwrap()),
    }
    if told.is_empty() { "nothing\n".to_owned() } else { told }
}

fn golden(file: &str, least: usize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/tests").join(file);
    let kept = std::fs::read_to_string(&path).unwrap();
    let mut fresh = String::new();
    let mut count = 0;
    for case in kept.split("=== ").skip(1) {
        let (head, _) = case.split_once("--->\n").unwrap();
        let (title, yaml) = head.split_once('\n').unwrap();
        write!(fresh, "=== {title}\n{yaml}--->\n{}", outcome(yaml)).unwrap();
        count += 1;
    }
    if std::env::var_os("REPLICANARY_BLESS").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    let differing = fresh.lines().zip(kept.lines()).enumerate().find(|(_, (fresh, kept))| fresh != kept);
    assert_eq!(differing, None, "{file}");
    assert_eq!(fresh.len(), kept.len(), "{file}");
    assert!(count >= least, "{file} has {count} cases");
}

#[test]
fn value_faults_read_as_before() {
    golden("value_faults.txt", 90);
}

#[test]
fn shape_faults_read_as_before() {
    golden("shape_faults.txt", 20);
}

#[test]
fn warnings_read_as_before() {
    golden("warnings.txt", 6);
}

#[test]
fn faults_are_headed_by_the_file_and_their_number() {
    let faults = read("instance: Mine\nroutes: []\n").unwrap_err();
    let lines: Vec<String> = faults.to_string().lines().map(str::to_owned).collect();
    assert_eq!(lines[0], "replicanary.yaml: 2 faults");
    assert!(lines[1].starts_with("  instance: Mine is not a name; "), "{}", lines[1]);
    assert!(lines[2].starts_with("  routes: is empty; "), "{}", lines[2]);
    let one = read("routes: []\n").unwrap_err();
    assert!(one.to_string().starts_with("replicanary.yaml: 1 fault\n"));
}
