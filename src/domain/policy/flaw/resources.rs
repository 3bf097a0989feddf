//! Flaws of resources: ARNs of the wrong shape, aliases, and resources that the actions do not act on.

use super::{Gravity, Notes, What, is_placeholder};
use crate::domain::policy::document::{Kind, Listed};
use crate::domain::policy::vocabulary::{ActsOn, acts_on};

/// Notes what is wrong with one resource.
pub(in crate::domain::policy) fn check(notes: &mut Notes, kind: Kind, place: &str, resource: &str) {
    if resource == "*" {
        return;
    }
    if let Some(right) = reshaped(resource) {
        notes.add(What::ArnShape, Gravity::Refused, resource, place, right);
    } else {
        within_shape(notes, kind, place, resource);
    }
    if is_placeholder(resource) {
        let right = "write the real name in its place".to_owned();
        notes.add(What::Placeholder, Gravity::Ineffective, resource, place, right);
    }
}

/// What is wrong with a text that has an ARN's shape.
fn within_shape(notes: &mut Notes, kind: Kind, place: &str, resource: &str) {
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    let [_, partition, service, region, account, name] = parts.as_slice() else { return };
    match *service {
        "s3" => s3(notes, place, resource, partition, (region, account), name),
        "kms" => kms(notes, place, resource, name),
        _ => {}
    }
    if kind == Kind::Bucket && *service != "s3" && !service.contains('*') {
        let right = "a bucket policy is about its own bucket: arn:aws:s3:::BUCKET and arn:aws:s3:::BUCKET/*".to_owned();
        notes.add(What::WrongResource, Gravity::Refused, resource, place, right);
    }
}

fn s3(notes: &mut Notes, place: &str, resource: &str, partition: &str, owner: (&str, &str), name: &str) {
    let has_account = ["accesspoint/", "job/", "storage-lens/", "access-grants/", "storage-lens-group/"];
    let is_bucket = !has_account.iter().any(|kind| name.starts_with(kind));
    let (region, account) = owner;
    if is_bucket && !(region.trim_matches('*').is_empty() && account.trim_matches('*').is_empty()) {
        let right = format!("write \"arn:{partition}:s3:::{name}\": the ARN of a bucket has no Region and no account");
        notes.add(What::ArnShape, Gravity::Ineffective, resource, place, right);
    } else if is_bucket && name.ends_with('/') && name.matches('/').count() == 1 {
        let right = format!("write \"{resource}*\": as it stands it means only an object whose name is empty");
        notes.add(What::ArnShape, Gravity::Ineffective, resource, place, right);
    }
}

fn kms(notes: &mut Notes, place: &str, resource: &str, name: &str) {
    if name.starts_with("alias/") {
        let right =
            "write the ARN of the key: the ARN of an alias never allows the use of its key; only the condition \
                     key kms:ResourceAliases does"
                .to_owned();
        notes.add(What::Alias, Gravity::Ineffective, resource, place, right);
    } else if !name.starts_with("key/") && !name.contains('*') && !name.contains("${") {
        let stem = resource.strip_suffix(name).unwrap_or_default();
        notes.add(What::ArnShape, Gravity::Ineffective, resource, place, format!("write \"{stem}key/{name}\""));
    }
}

/// The right shape of a text that has not that of an ARN; `None` where it has.
fn reshaped(resource: &str) -> Option<String> {
    if resource.trim() != resource {
        return Some(format!("write \"{}\" without blanks around it", resource.trim()));
    }
    if let Some(name) = resource.strip_prefix("s3://") {
        return Some(format!("write \"arn:aws:s3:::{name}\""));
    }
    let parts: Vec<&str> = resource.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "s3", "", name] if !name.is_empty() => Some(colons(&parts, name, "one colon too few")),
        ["arn", _, "s3", name] if !name.is_empty() && *name != "*" => Some(colons(&parts, name, "two colons too few")),
        ["arn", _, "s3", "", "", "", .., name] if !name.is_empty() => Some(colons(&parts, name, "a colon too many")),
        ["arn", "s3" | "kms", ..] => {
            let fixed = resource.replacen("arn:", "arn:aws:", 1);
            Some(format!("write \"{fixed}\": the partition, such as aws, is missing"))
        }
        ["arn", partition, ..] if !(partition.starts_with("aws") || partition.contains(['*', '<'])) => {
            Some(format!("an ARN begins with \"arn:aws:\", not with \"arn:{partition}:\""))
        }
        ["arn", _, _, _, _, _, ..] => None,
        ["arn", ..] if parts.last().is_some_and(|last| last.contains('*')) => None,
        ["arn", ..] => Some("an ARN has six parts: arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE".to_owned()),
        [name] if is_bucket_like(name) => Some(format!("write \"arn:aws:s3:::{name}\"")),
        _ if resource.starts_with("${") || is_placeholder(resource) => None,
        _ => Some("write an ARN, arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE, or \"*\"".to_owned()),
    }
}

fn colons(parts: &[&str], name: &str, what: &str) -> String {
    let partition = parts.get(1).copied().unwrap_or("aws");
    format!("write \"arn:{partition}:s3:::{name}\": {what}")
}

fn is_bucket_like(name: &str) -> bool {
    let bucket = name.split('/').next().unwrap_or_default();
    bucket.len() >= 3
        && bucket.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
}

/// Notes every S3 action that acts on none of the statement's resources: an action on objects beside nothing but
/// buckets, or one on the bucket beside nothing but objects.
pub(in crate::domain::policy) fn check_together(
    notes: &mut Notes,
    kind: Kind,
    place: &str,
    actions: &Listed<String>,
    resources: &Listed<String>,
) {
    if actions.is_all_but || resources.is_all_but {
        return;
    }
    let names: Option<Vec<&str>> = resources.items.iter().map(|resource| resource.split(":::").nth(1)).collect();
    let Some(names) = names.filter(|names| !names.is_empty() && names.iter().all(|name| !name.contains("${"))) else {
        return;
    };
    let are_buckets = names.iter().all(|name| !name.contains(['/', '*', '?']));
    let are_objects = names.iter().all(|name| name.contains('/'));
    for action in &actions.items {
        let right = match acts_on(action) {
            Some(ActsOn::Object) if are_buckets => "acts on objects: add \"/*\" to the ARN of the bucket",
            Some(ActsOn::Bucket) if are_objects => "acts on the bucket: name its ARN without \"/*\"",
            Some(ActsOn::Object | ActsOn::Bucket) | None => continue,
        };
        // S3 refuses it: "Action does not apply to any resource(s) in statement"; IAM saves it without a word.
        let gravity = if kind == Kind::Bucket { Gravity::Refused } else { Gravity::Ineffective };
        let quoted = format!("{action} on {}", resources.items.join(", "));
        notes.add(What::WrongResource, gravity, &quoted, place, format!("{action} {right}"));
    }
}
