//! The architecture and the habits of the code, as tests: what is written down in `src/lib.rs` fails here when broken.

#![expect(clippy::expect_used, reason = "a test fails by panicking, in its helpers as well")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The most lines a source file may have.
const FILE_LINES_MAX: usize = 400;
/// The most lines a function may have, its signature and closing brace included.
const FUNCTION_LINES_MAX: usize = 72;
/// The most characters a line may have.
const LINE_LENGTH_MAX: usize = 120;

/// What a room must not name: other rooms, and words of libraries and of the language.
struct Edges {
    room: &'static str,
    rooms: &'static str,
    words: &'static [&'static str],
}

/// The crates of the SDK.
const SDK: &str = "aws_sdk_ aws_smithy_ aws_config aws_types aws_credential_types";

/// What the pure core must not name.
const IMPURE: &str =
    "tokio:: axum tracing:: getrandom rand:: Instant SystemTime std::fs std::net std::env async println!";

/// The forbidden edges. A room is a file `src/ROOM.rs` and the folder `src/ROOM/`.
const FORBIDDEN: &[Edges] = &[
    Edges { room: "domain", rooms: "app aws cli cloud config http runtime sim telemetry", words: &[IMPURE, SDK] },
    Edges { room: "sim", rooms: "app aws cli cloud config domain http runtime telemetry", words: &[] },
    Edges { room: "cloud", rooms: "app aws cli config http runtime sim telemetry", words: &["tokio::", SDK] },
    Edges { room: "aws", rooms: "app cli config http runtime sim telemetry", words: &[] },
    Edges { room: "runtime", rooms: "app aws cli config http sim telemetry", words: &["axum", SDK] },
    Edges { room: "telemetry", rooms: "app aws cli cloud config http runtime sim", words: &["axum", SDK] },
    Edges { room: "http", rooms: "app aws cli cloud config runtime sim", words: &[SDK] },
    Edges { room: "config", rooms: "app aws cli cloud http runtime sim telemetry", words: &["tokio:: axum", SDK] },
    Edges { room: "app", rooms: "cli", words: &[] },
];

/// The one room that may name the metrics library.
const METRICS_ROOM: &str = "telemetry";

#[test]
fn rooms_name_only_the_rooms_they_may() {
    let mut faults = Vec::new();
    for Edges { room, rooms, words } in FORBIDDEN {
        let rooms = rooms.split(' ').map(|other| format!("crate::{other}"));
        let words = words.iter().flat_map(|words| words.split(' ')).map(str::to_owned);
        let forbidden: Vec<String> = rooms.chain(words).collect();
        let is_named =
            |code: &str, name: &str| if SDK.contains(name) { names_crate(code, name) } else { names(code, name) };
        for (path, text) in sources_of(room) {
            for (number, line) in production_lines(&path, &text) {
                let code = line.split("//").next().unwrap_or_default();
                for name in forbidden.iter().filter(|name| is_named(code, name)) {
                    faults.push(format!("{}:{number}: {room} names {name}: {}", path.display(), line.trim()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "forbidden edges:\n{}", faults.join("\n"));
}

#[test]
fn the_metrics_library_is_named_in_one_room() {
    for (path, text) in all_sources().into_iter().filter(|(path, _)| room_of(path) != METRICS_ROOM) {
        for (number, line) in production_lines(&path, &text) {
            assert!(!names(line, "prometheus::"), "{}:{number}: {}", path.display(), line.trim());
        }
    }
}

#[test]
fn the_sdk_is_named_only_where_clients_are_built() {
    let allowed = ["aws", "cli", "app"];
    let mut faults = Vec::new();
    for (path, text) in all_sources() {
        let room = room_of(&path);
        for (number, line) in production_lines(&path, &text) {
            if names_crate(line, "aws_sdk_") && !allowed.contains(&room.as_str()) {
                faults.push(format!("{}:{number}: {}", path.display(), line.trim()));
            }
        }
    }
    assert!(faults.is_empty(), "the SDK outside its room:\n{}", faults.join("\n"));
}

#[test]
fn every_file_opens_with_what_lives_in_it() {
    let silent: Vec<String> = all_files("src")
        .into_iter()
        .chain(all_files("tests"))
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter(|path| !read(path).starts_with("//! "))
        .map(|path| path.display().to_string())
        .collect();
    assert!(silent.is_empty(), "files without an opening `//!` sentence: {silent:#?}");
}

#[test]
fn files_lines_and_functions_are_short() {
    let mut faults = Vec::new();
    for (path, text) in all_sources() {
        let is_test = is_test_file(&path);
        let lines: Vec<&str> = text.lines().collect();
        if lines.len() > FILE_LINES_MAX && !is_test {
            faults.push(format!("{}: {} lines", path.display(), lines.len()));
        }
        for (number, line) in lines.iter().enumerate() {
            if line.chars().count() > LINE_LENGTH_MAX {
                faults.push(format!("{}:{}: {} characters", path.display(), number + 1, line.chars().count()));
            }
        }
        if !is_test {
            faults.extend(long_functions(&path, &lines));
        }
    }
    assert!(faults.is_empty(), "too long:\n{}", faults.join("\n"));
}

#[test]
fn nothing_is_unfinished_or_silenced() {
    // Put together from halves, so that this file does not find itself.
    let words = [["TO", "DO"], ["FIX", "ME"], ["XX", "X"], ["todo", "!"], ["unimplemented", "!"], ["#[allow", "("]]
        .map(|halves| halves.concat());
    let mut faults = Vec::new();
    for path in all_files("src").into_iter().chain(all_files("tests")).chain(all_files("config")) {
        if path.extension().is_some_and(|extension| extension == "proptest-regressions") {
            continue;
        }
        for (number, line) in read(&path).lines().enumerate() {
            for word in words.iter().filter(|word| line.contains(word.as_str())) {
                faults.push(format!("{}:{}: {word}", path.display(), number + 1));
            }
        }
    }
    assert!(faults.is_empty(), "unfinished or silenced:\n{}", faults.join("\n"));
}

#[test]
fn modules_are_files_beside_their_folders() {
    let old: Vec<PathBuf> =
        all_files("src").into_iter().filter(|path| path.file_name().is_some_and(|name| name == "mod.rs")).collect();
    assert!(old.is_empty(), "foo.rs beside foo/, not foo/mod.rs: {old:?}");
}

#[test]
fn every_metric_is_documented() {
    let documented = read(Path::new("deploy/metrics.md"));
    let missing: BTreeSet<String> =
        metric_names().into_iter().filter(|name| !documented.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "deploy/metrics.md does not mention: {missing:#?}");
    let known = metric_names();
    let vanished: BTreeSet<&str> = documented
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| name.starts_with("replicanary_") && !name.contains(['{', ' ', '*']))
        .filter(|name| !known.contains(*name))
        .collect();
    assert!(vanished.is_empty(), "deploy/metrics.md mentions what does not exist: {vanished:#?}");
}

#[test]
fn shipped_configurations_parse() {
    let lookup = |name: &str| {
        let is_address = name.contains("ENDPOINT") || name.contains("URL");
        Some(if is_address { "http://127.0.0.1:9000" } else { "example" }.to_owned())
    };
    for name in ["config/replicanary.yaml", "config/demo.yaml"] {
        let config = replicanary::config::load(Path::new(name), &lookup);
        assert!(config.is_ok(), "{name}: {}", config.err().map(|faults| faults.to_string()).unwrap_or_default());
    }
}

#[test]
fn the_readme_is_a_front_door() {
    let readme = read(Path::new("README.md"));
    let lines = readme.lines().count();
    assert!(lines <= 150, "README.md has {lines} lines; a front door has at most 150");
    assert!(readme.contains("cargo run --release -- demo"));
}

/// The names that the metrics page can show, taken from the golden page that the telemetry tests compare.
fn metric_names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for path in all_files("src/telemetry") {
        for part in read(&path).split(|letter: char| !(letter.is_ascii_lowercase() || letter == '_')) {
            if let Some(name) = part.strip_prefix("replicanary_")
                && !name.is_empty()
                && !["_bucket", "_sum", "_count"].iter().any(|suffix| name.ends_with(suffix))
            {
                names.insert(format!("replicanary_{name}"));
            }
        }
    }
    names
}

fn long_functions(path: &Path, lines: &[&str]) -> Vec<String> {
    let mut faults = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let is_function = ["fn ", "pub fn ", "async fn ", "pub async fn ", "const fn ", "pub const fn "]
            .iter()
            .any(|opening| code.starts_with(opening))
            || (code.starts_with("pub(") && code.contains(" fn "));
        if !is_function || !has_body(lines.get(start..).unwrap_or_default()) {
            continue;
        }
        let indent = line.len() - code.len();
        let closing = format!("{}}}", " ".repeat(indent));
        let end = lines.iter().enumerate().skip(start).find(|(_, each)| **each == closing).map(|(place, _)| place);
        if let Some(length) = end.map(|end| end - start + 1)
            && length > FUNCTION_LINES_MAX
        {
            faults.push(format!("{}:{}: a function of {length} lines", path.display(), start + 1));
        }
    }
    faults
}

/// Whether a signature is followed by a body, and not by a semicolon as in a trait.
fn has_body(lines: &[&str]) -> bool {
    let end = lines.iter().map(|line| line.trim_end()).find(|line| line.ends_with(['{', '}', ';']));
    end.is_some_and(|line| line.ends_with('{'))
}

/// Whether a line uses a crate whose name begins so, as opposed to mentioning one.
fn names_crate(line: &str, beginning: &str) -> bool {
    line.match_indices(beginning).any(|(at, _)| {
        let rest = line.get(at..).unwrap_or_default();
        rest.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric() || letter == '_').starts_with("::")
    })
}

/// Whether `code` names `name` as a word of its own, or as the beginning of one when it ends in `_` or `::`.
fn names(code: &str, name: &str) -> bool {
    let word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    code.match_indices(name).any(|(at, _)| {
        let before = code.get(..at).and_then(|text| text.chars().next_back());
        let after = code.get(at + name.len()..).and_then(|text| text.chars().next());
        let opens = before.is_none_or(|letter| !word(letter));
        let closes = name.ends_with(['_', ':', '!', ' ']) || after.is_none_or(|letter| !word(letter));
        opens && closes
    })
}

/// The lines before a file's own tests begin; none of a test file.
fn production_lines<'a>(path: &Path, text: &'a str) -> Vec<(usize, &'a str)> {
    if is_test_file(path) {
        return Vec::new();
    }
    let own_tests = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let production = text.get(..own_tests).unwrap_or(text);
    production.lines().enumerate().map(|(place, line)| (place + 1, line)).collect()
}

fn is_test_file(path: &Path) -> bool {
    let text = path.display().to_string();
    text.contains("/tests/") || text.ends_with("tests.rs") || text.starts_with("tests/")
}

fn room_of(path: &Path) -> String {
    let inner = path.strip_prefix("src").unwrap_or(path);
    let first = inner.components().next().map(|part| part.as_os_str().to_string_lossy().into_owned());
    first.unwrap_or_default().trim_end_matches(".rs").to_owned()
}

fn sources_of(room: &str) -> Vec<(PathBuf, String)> {
    let sources: Vec<_> = all_sources().into_iter().filter(|(path, _)| room_of(path) == room).collect();
    assert!(!sources.is_empty(), "the room {room} is empty");
    sources
}

fn all_sources() -> Vec<(PathBuf, String)> {
    all_files("src")
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| (path.clone(), read(&path)))
        .collect()
}

fn all_files(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the repository is the working directory") {
            let path = entry.expect("a readable folder").path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if path.is_dir() {
                if name != "__pycache__" {
                    folders.push(path);
                }
            } else if !name.ends_with(".pyc") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()
}
