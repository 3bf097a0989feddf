//! Tests of the whole room: the shipped files, the messages, and what rendering writes.

mod faults;
mod hostile;
mod merge;
mod properties;
mod shapes;
mod shipped;

use super::{Config, Faults, parse};

/// A route of AWS without faults; `{}` stands for more keys of the route.
const ROUTE: &str = r#"
routes:
  - name: orders
    source: { bucket: orders-a, region: eu-west-1, account: "111111111111" }
    destinations: [{ bucket: orders-b, region: us-east-1, account: "222222222222" }]
"#;

fn env(name: &str) -> Option<String> {
    match name {
        "EXTERNAL_ID" => Some("hush-external".to_owned()),
        "EMPTY" => Some(String::new()),
        "BUCKET" => Some("orders-a".to_owned()),
        "WRONG" => Some("Not/A/Bucket".to_owned()),
        "ARCHIVE_ACCESS_KEY_ID" => Some("archive".to_owned()),
        "ARCHIVE_SECRET_ACCESS_KEY" => Some("hush-archive".to_owned()),
        _ => None,
    }
}

fn read(text: &str) -> Result<Config, Faults> {
    parse(text, "replicanary.yaml", &env)
}

/// The messages of a text that must have faults, one a line, without the heading.
fn messages(text: &str) -> Vec<String> {
    let faults = read(text).unwrap_err();
    faults.faults.iter().map(ToString::to_string).collect()
}
