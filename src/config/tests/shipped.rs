//! The annotated reference, the demo's file, the schema and the code say the same.

use serde_json::Value;

use crate::config::{Config, parse, render, schema, yaml};

const REFERENCE: &str = include_str!("../../../config/replicanary.yaml");
const DEMO: &str = include_str!("../../../config/demo.yaml");

fn reference() -> Config {
    parse(REFERENCE, "replicanary.yaml", &super::env).unwrap_or_else(|faults| panic!("{faults}"))
}

/// Every key of the schema: the object it belongs to, its name, its description.
fn keys(schema: &Value) -> Vec<(String, String, Value)> {
    let objects = schema["$defs"].as_object().unwrap().iter().map(|(name, object)| (name.as_str(), object));
    let of_object = |(name, object): (&str, &Value)| {
        let properties = object["properties"].as_object().unwrap();
        properties.iter().map(|(key, property)| (name.to_owned(), key.clone(), property.clone())).collect::<Vec<_>>()
    };
    std::iter::once(("FileShape", schema)).chain(objects).flat_map(of_object).collect()
}

#[test]
fn the_reference_has_neither_faults_nor_warnings() {
    assert_eq!(reference().warnings, []);
    assert_eq!(reference().routes.len(), 2);
}

#[test]
fn the_reference_names_every_key_of_the_schema() {
    for (object, key, property) in keys(&schema()) {
        let named = REFERENCE.lines().any(|line| line.trim_start_matches([' ', '-']).starts_with(&format!("{key}:")));
        assert!(named, "{object}.{key} is not in the reference");
        assert!(
            property["description"].as_str().is_some_and(|text| text.len() > 10),
            "{object}.{key} is not described"
        );
    }
}

#[test]
fn the_reference_states_the_defaults_of_the_schema() {
    for (object, key, property) in keys(&schema()) {
        let Some(default) = property.get("default").filter(|default| !default.is_null()) else { continue };
        let default = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
        let lines: Vec<&str> = REFERENCE.lines().collect();
        let stated = lines.iter().enumerate().any(|(at, line)| {
            let comment = |line: &&&str| line.trim_start().starts_with('#');
            let above = lines[..at].iter().rev().take_while(comment).copied();
            let told = format!("Default: {default}");
            line.trim_start().starts_with(&format!("{key}:")) && above.chain([*line]).any(|line| line.ends_with(&told))
        });
        assert!(stated, "the reference does not say that the default of {object}.{key} is {default}");
    }
}

/// A file with one key set, everything else as short as it can be.
fn with_key(object: &str, key: &str, value: &Value) -> String {
    let set = |name: &str| if name == object { format!(", {key}: {value}") } else { String::new() };
    let alone = |name: &str| if name == object { format!("{{ {key}: {value} }}") } else { "{}".to_owned() };
    let top = if object == "FileShape" { format!("{key}: {value}\n") } else { String::new() };
    format!(
        "{top}limits: {}\ndefaults: {{ canary: {}, poll: {} }}\nroutes:\n  - {{ name: orders, \
         source: {{ bucket: orders-a, region: eu-west-1, account: \"111111111111\"{} }}, \
         destinations: [{{ bucket: orders-b, region: us-east-1, account: \"222222222222\"{} }}]{} }}\n",
        alone("LimitsShape"),
        alone("CanaryShape"),
        alone("PollShape"),
        set("SourceShape"),
        set("DestinationShape"),
        set("RouteShape"),
    )
}

#[test]
fn the_defaults_of_the_schema_are_those_of_the_code() {
    let bare = super::read(super::ROUTE).unwrap();
    let mut tried = 0;
    for (object, key, property) in keys(&schema()) {
        let Some(default) = property.get("default").filter(|default| !default.is_null()) else { continue };
        let text = with_key(&object, &key, default);
        assert_eq!(super::read(&text).unwrap_or_else(|faults| panic!("{text}{faults}")), bare, "{object}.{key}");
        tried += 1;
    }
    assert!(tried >= 25, "only {tried} defaults are in the schema");
}

#[test]
fn the_demos_file_is_valid_with_its_variables() {
    let env = |name: &str| {
        Some(match name {
            "DEMO_ENDPOINT" => "http://127.0.0.1:4566".to_owned(),
            name if name.starts_with("DEMO_KEY_") => "11111111-1111-1111-1111-111111111111".to_owned(),
            _ => "placeholder".to_owned(),
        })
    };
    let config = parse(DEMO, "demo.yaml", &env).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(config.warnings, []);
    assert!(config.routes.len() >= 6);
}

#[test]
fn the_schema_in_the_repository_is_the_codes() {
    let fresh = format!("{:#}\n", schema());
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/config/replicanary.schema.json");
    if std::env::var_os("REPLICANARY_BLESS").is_some() {
        std::fs::write(file, &fresh).unwrap();
    }
    let kept = std::fs::read_to_string(file).unwrap();
    assert!(fresh == kept, "the schema has changed: run this test with REPLICANARY_BLESS=1 and commit {file}");
}

#[test]
fn rendering_the_shipped_files_changes_nothing() {
    for text in [REFERENCE, DEMO] {
        let shape = yaml::read(text).unwrap();
        assert_eq!(yaml::read(&render(&shape).unwrap()).unwrap(), shape);
    }
}
