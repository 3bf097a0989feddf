//! Flaws of conditions: operators and context keys that do not exist.

use super::{Gravity, Notes, What};
use crate::domain::policy::document::{Condition, Kind};
use crate::domain::policy::nearest::nearest;
use crate::domain::policy::operator::OPERATORS;
use crate::domain::policy::vocabulary::{GLOBAL_KEYS, KMS_KEYS, S3_KEYS};

/// The encryption context that S3 sends.
const S3_CONTEXT: &str = "aws:s3:arn";

/// Notes what is wrong with one key of one operator.
pub(in crate::domain::policy) fn check(notes: &mut Notes, kind: Kind, place: &str, condition: &Condition) {
    if condition.operator.is_none() {
        operator(notes, place, &condition.written);
    }
    key(notes, kind, place, &condition.key);
}

fn operator(notes: &mut Notes, place: &str, written: &str) {
    let (prefix, rest) = written.split_once(':').map_or(("", written), |(prefix, rest)| (prefix, rest));
    let (base, suffix) = match rest.to_ascii_lowercase().strip_suffix("ifexists") {
        Some(base) => (rest.get(..base.len()).unwrap_or(rest), "IfExists"),
        None => (rest, ""),
    };
    let known = OPERATORS.iter().map(|(name, ..)| *name);
    let exact = known.clone().find(|name| name.eq_ignore_ascii_case(base));
    let Some(base) = exact.or_else(|| nearest(base, known).into_iter().next()) else {
        let right = "write an operator such as StringEquals, StringLike or ArnLike".to_owned();
        notes.add(What::UnknownOperator, Gravity::Refused, written, place, right);
        return;
    };
    let prefix = if prefix.is_empty() {
        ""
    } else if nearest(prefix, ["ForAllValues", "ForAnyValue"]).first() == Some(&"ForAllValues") {
        "ForAllValues:"
    } else {
        "ForAnyValue:"
    };
    let right = if base == "Null" {
        "write \"Null\": it has no prefix and no suffix".to_owned()
    } else {
        format!("write \"{prefix}{base}{suffix}\"")
    };
    notes.add(What::UnknownOperator, Gravity::Refused, written, place, right);
}

fn key(notes: &mut Notes, kind: Kind, place: &str, key: &str) {
    let Some((vendor, _)) = key.split_once(':') else {
        let known = GLOBAL_KEYS.split_whitespace();
        let mut candidates =
            known.filter(|known| known.split(':').nth(1).is_some_and(|name| name.eq_ignore_ascii_case(key)));
        let right = candidates.next().map_or_else(
            || "a context key is SERVICE:NAME, such as aws:SourceIp".to_owned(),
            |known| format!("write \"{known}\""),
        );
        notes.add(What::UnknownKey, Gravity::Refused, key, place, right);
        return;
    };
    if let Some(right) = misspelt_context(key) {
        notes.add(What::UnknownKey, Gravity::Ineffective, key, place, right);
        return;
    }
    let known = match vendor.to_ascii_lowercase().as_str() {
        "aws" => GLOBAL_KEYS,
        "kms" => KMS_KEYS,
        "s3" => S3_KEYS,
        _ => return,
    };
    if !known.split_whitespace().any(|known| is_key(key, known)) {
        let proposed = nearest(key, known.split_whitespace());
        let right = proposed.first().map_or_else(
            || "no context key is called so: remove it".to_owned(),
            |known| format!("write \"{known}\": no context key is called \"{key}\""),
        );
        let gravity = if kind == Kind::Bucket { Gravity::Refused } else { Gravity::Ineffective };
        notes.add(What::UnknownKey, gravity, key, place, right);
    }
}

/// Whether a key is a known one, or goes on where a known one ends in `/` or `:`.
fn is_key(key: &str, known: &str) -> bool {
    let begins = key.get(..known.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(known));
    begins && (key.len() == known.len()) != known.ends_with(['/', ':'])
}

/// The right spelling of a key that means the encryption context of S3 and does not say so.
fn misspelt_context(key: &str) -> Option<String> {
    let stem = "kms:EncryptionContext";
    let beginning = key.get(..stem.len())?;
    let rest = key.get(stem.len()..)?;
    if !beginning.eq_ignore_ascii_case(stem) || rest.eq_ignore_ascii_case("Keys") {
        return None;
    }
    let name = rest.strip_prefix(':').unwrap_or(rest);
    let lower = name.to_ascii_lowercase();
    let is_meant = name.is_empty()
        || lower.starts_with("arn:")
        || matches!(lower.as_str(), "aws:arn" | "s3:arn" | "arn")
        || (lower.starts_with("aws:s3") && lower != S3_CONTEXT)
        || (lower == S3_CONTEXT && !rest.starts_with(':'));
    is_meant.then(|| format!("write \"{stem}:{S3_CONTEXT}\": that is what S3 sends"))
}
