//! Tables of cases, documented examples, the tutorial as printed and as corrected, and properties.

use std::sync::Arc;

use super::*;

mod conditions;
mod evaluation;
mod flaws;
mod properties;
mod replication;
mod tutorial;

pub(super) const A: &str = "111122223333";
pub(super) const B: &str = "444455556666";
pub(super) const ROLE: &str = "arn:aws:iam::111122223333:role/service-role/replication";
pub(super) const ROLE_ID: &str = "AROAEXAMPLEROLE000001";
pub(super) const OBJECT: &str = "arn:aws:s3:::dst/canary/1";
pub(super) const KEY: &str = "arn:aws:kms:us-east-1:444455556666:key/1234abcd";

pub(super) fn document(text: &str, kind: Kind) -> Arc<Document> {
    Arc::new(Document::read(text, kind).unwrap_or_else(|flaw| panic!("{flaw}\n{text}")))
}

/// A document of these statements, separated by commas.
pub(super) fn of(statements: &str, kind: Kind) -> Arc<Document> {
    document(&format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#), kind)
}

pub(super) fn role() -> Caller {
    Caller::role(ROLE, Some(ROLE_ID))
}

/// What everything is judged by: `Y` allowed, `N` denied, `D` depends.
pub(super) fn letter(answer: &Answer) -> char {
    match answer {
        Answer::Allowed { .. } => 'Y',
        Answer::Denied(_) => 'N',
        Answer::Depends { .. } => 'D',
    }
}

/// Policies of a bucket of an account: empty texts are no policies.
pub(super) fn bucket(identity: &str, boundary: &str, resource: &str, owner: &str) -> Policies {
    guarded(Guard::Bucket, Kind::Bucket, (identity, boundary, resource), owner)
}

pub(super) fn guarded(
    guard: Guard,
    kind: Kind,
    (identity, boundary, resource): (&str, &str, &str),
    owner: &str,
) -> Policies {
    let set = |name: &str, text: &str, kind| if text.is_empty() { Set::none() } else { Set::of(name, of(text, kind)) };
    Policies {
        identity: set("role policy", identity, Kind::Identity),
        boundary: (!boundary.is_empty()).then(|| set("boundary", boundary, Kind::Identity)),
        resource: set("resource policy", resource, kind),
        owner: owner.to_owned(),
        guard,
    }
}
