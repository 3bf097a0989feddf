//! Flaws of actions: a prefix that is missing, a name that does not exist, a service that has no business there.

use super::{Gravity, Notes, What};
use crate::domain::policy::document::Kind;
use crate::domain::policy::nearest::nearest;
use crate::domain::policy::pattern::{Pattern, Wildcards};
use crate::domain::policy::vocabulary::{self, SERVICES};

/// Notes what is wrong with one action.
pub(in crate::domain::policy) fn check(notes: &mut Notes, kind: Kind, place: &str, action: &str) {
    if action == "*" {
        return;
    }
    let Some((prefix, name)) = action.split_once(':').filter(|(prefix, name)| is_word(prefix) && !name.is_empty())
    else {
        notes.add(What::ActionShape, Gravity::Refused, action, place, format!("write {}", with_prefix(kind, action)));
        return;
    };
    if !belongs(kind, prefix) {
        foreign(notes, kind, place, action);
        return;
    }
    let pattern = Pattern::plain(name, Wildcards::Active);
    let is_known = vocabulary::actions(prefix).any(|known| pattern.matches_without_case(known));
    if vocabulary::is_complete(prefix) && !is_known {
        unknown(notes, kind, place, action);
    }
}

fn unknown(notes: &mut Notes, kind: Kind, place: &str, action: &str) {
    let (prefix, name) = action.split_once(':').unwrap_or_default();
    let proposed: Vec<String> = nearest(name, vocabulary::actions(prefix))
        .into_iter()
        .map(|known| format!("\"{}:{known}\"", prefix.to_ascii_lowercase()))
        .collect();
    let right = if proposed.is_empty() {
        format!("no action of {prefix} is called so: remove it")
    } else {
        format!("write {}: no action is called \"{action}\"", proposed.join(" or "))
    };
    // S3 refuses a bucket policy for it ("Policy has invalid action"); IAM saves it without a word.
    let gravity = if kind == Kind::Bucket { Gravity::Refused } else { Gravity::Ineffective };
    notes.add(What::UnknownAction, gravity, action, place, right);
}

fn foreign(notes: &mut Notes, kind: Kind, place: &str, action: &str) {
    let service = service_of(kind).unwrap_or_default();
    let gravity = if kind == Kind::Key { Gravity::Ineffective } else { Gravity::Refused };
    let right = format!("a {} is about actions of {service} alone: move it to the policy of a role", kind.as_str());
    notes.add(What::ForeignAction, gravity, action, place, right);
}

fn belongs(kind: Kind, prefix: &str) -> bool {
    service_of(kind).is_none_or(|service| prefix.eq_ignore_ascii_case(service))
}

/// The one service whose actions a kind of policy is about.
fn service_of(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Identity => None,
        Kind::Trust => Some("sts"),
        Kind::Bucket => Some("s3"),
        Kind::Key => Some("kms"),
    }
}

fn is_word(prefix: &str) -> bool {
    !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The action with its prefix set right: `s3>ListBucket` and `ListBucket` are `s3:ListBucket`.
fn with_prefix(kind: Kind, action: &str) -> String {
    let parts: Vec<&str> = action.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '*').collect();
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let by_prefix = |prefix: &str, name: &str| {
        let known = SERVICES.iter().find(|service| service.prefix.eq_ignore_ascii_case(prefix))?;
        Some(format!("\"{}:{name}\"", known.prefix))
    };
    let written = match parts.as_slice() {
        [prefix, rest @ ..] if !rest.is_empty() => by_prefix(prefix, &rest.concat()),
        [name] => {
            let owner = SERVICES
                .iter()
                .find(|service| service.actions.split_whitespace().any(|known| known.eq_ignore_ascii_case(name)));
            owner.map(|owner| format!("\"{}:{name}\"", owner.prefix))
        }
        _ => None,
    };
    let service = service_of(kind).unwrap_or("s3");
    written.unwrap_or_else(|| format!("\"{service}:\" before the name: an action is SERVICE:NAME"))
}
