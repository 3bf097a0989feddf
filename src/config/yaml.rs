//! YAML in and out: the one place that knows the YAML library.

use std::fmt;

use serde_saphyr::{DuplicateKeyPolicy, Error};

use super::fault::{Fault, Place};
use super::shape::FileShape;
use super::suggest::nearest;
use crate::config::FILE_MAX;

/// Reads the shape of a file.
///
/// # Errors
///
/// The first fault that the parser meets, with its place. No text of the file is quoted beyond names of keys: the
/// line at fault may hold a secret.
pub(super) fn read(text: &str) -> Result<FileShape, Fault> {
    if text.len() > FILE_MAX {
        return Err(Fault::of_file("the file is larger than 16 MiB", "split it over several monitors"));
    }
    let budget = serde_saphyr::budget! {
        max_depth: 32,
        max_documents: 2,
        flow_nesting_limit: 32,
        max_events: 8_000_000,
        max_nodes: 4_000_000,
        max_aliases: 100_000,
        max_anchors: 10_000,
        max_merge_keys: 100_000,
        max_recorded_anchor_events: 250_000,
        max_recorded_anchor_bytes: FILE_MAX,
        max_total_scalar_bytes: 4 * FILE_MAX,
        enforce_alias_anchor_ratio: false,
    };
    let options = serde_saphyr::options! {
        budget: budget,
        duplicate_keys: DuplicateKeyPolicy::Error,
        alias_limits: serde_saphyr::alias_limits! { max_replay_stack_depth: 8 },
        strict_booleans: true,
        reject_unsupported_tags: true,
        reject_tagged_field_names: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| fault(&error))
}

/// Writes a shape as YAML that [`super::parse`] reads back as the same; secrets are written out.
///
/// # Errors
///
/// If the serializer fails, which no shape is known to bring about.
pub fn render(shape: &FileShape) -> Result<String, fmt::Error> {
    let options = serde_saphyr::ser_options! { compact_list_indent: false, prefer_block_scalars: false };
    serde_saphyr::to_string_with_options(shape, options).map_err(|_| fmt::Error)
}

/// Translates the parser's error. Snippets are off and values are left out: they may be secrets.
fn fault(error: &Error) -> Fault {
    let (problem, fix) = explain(error.without_snippet());
    let place = error.location().map(|at| Place { line: at.line(), column: at.column() }).filter(|at| at.line > 0);
    Fault { path: String::new(), place, problem, fix }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the library's error is non-exhaustive")]
fn explain(error: &Error) -> (String, String) {
    let pair = |problem: &str, fix: &str| (problem.to_owned(), fix.to_owned());
    match error {
        Error::SerdeUnknownField { field, expected, .. } => (
            format!("the key `{field}` is not known here"),
            nearest(field, expected.iter().copied())
                .map_or_else(|| format!("known are {}", expected.join(", ")), |near| format!("did you mean `{near}`?")),
        ),
        Error::DuplicateMappingKey { key, .. } => (
            key.as_ref().map_or_else(|| "a key stands twice".to_owned(), |key| format!("the key `{key}` stands twice")),
            "remove one".to_owned(),
        ),
        Error::InvalidScalar { .. } => pair("the value is not a whole number", "write it like 100"),
        Error::InvalidBooleanStrict { .. } => pair("the value is not a boolean", "write true or false"),
        Error::NullIntoString { .. } => pair("the value is empty", "give it a value, or remove the key"),
        Error::SerdeInvalidType { expected, .. }
        | Error::SerdeInvalidValue { expected, .. }
        | Error::SerdeInvalidLength { expected, .. } => {
            (format!("the value has the wrong type, {expected} is expected"), "correct the value".to_owned())
        }
        Error::Unexpected { expected, .. } => {
            let expected = match *expected {
                "mapping start" => "a mapping of keys and values",
                "sequence start" => "a list",
                "string scalar" => "a text",
                other => other,
            };
            (format!("{expected} is expected here"), "correct the value or the indentation".to_owned())
        }
        Error::Eof { .. } => pair("the text ends too early", "complete it"),
        Error::MultipleDocuments { .. } => pair("a second document begins", "keep one document a file"),
        Error::UnknownAnchor { .. } => pair("the alias names no anchor", "quote the value if `*` belongs to it"),
        Error::UnsupportedTag { .. } | Error::TaggedStructFieldName { .. } => {
            pair("the tag is not known", "quote the value if `!` belongs to it")
        }
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. } => {
            pair("the document is too large, too deep or has too many aliases", "make it plainer")
        }
        Error::AliasError { error, .. } => explain(error.without_snippet()),
        Error::ExternalMessage { msg, .. } => (format!("this is not YAML: {msg}"), "correct the syntax".to_owned()),
        _ => pair("this cannot be read", "correct the syntax or the value"),
    }
}
