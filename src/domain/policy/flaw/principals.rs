//! Flaws of principals: placeholders, unique ids of deleted ones, wildcards and other things that are none.

use super::{Gravity, Notes, What, is_placeholder};
use crate::domain::policy::document::Named;

/// What unique ids of principals begin with ("IAM identifiers", IAM User Guide).
const UNIQUE_ID_PREFIXES: [&str; 4] = ["AROA", "AIDA", "AGPA", "ANPA"];
/// The shortest text that is taken for a unique id.
const UNIQUE_ID_MIN: usize = 16;

/// Notes what is wrong with one principal.
pub(in crate::domain::policy) fn check(notes: &mut Notes, place: &str, named: &Named) {
    match named {
        Named::Aws(text) => aws(notes, place, text),
        Named::Service(text) => service(notes, place, text),
        Named::Anyone | Named::Federated(_) | Named::CanonicalUser(_) => {}
    }
}

/// Whether a principal is the unique id of something that was deleted.
pub(in crate::domain::policy) fn is_unique_id(text: &str) -> bool {
    text.len() >= UNIQUE_ID_MIN
        && UNIQUE_ID_PREFIXES.iter().any(|prefix| text.starts_with(prefix))
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn aws(notes: &mut Notes, place: &str, text: &str) {
    let is_account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_account(text) {
        return;
    }
    if is_unique_id(text) {
        let right = "write the ARN of the role or user again: it was deleted, and one created again under its name is \
                     another to AWS"
            .to_owned();
        notes.add(What::StalePrincipal, Gravity::Ineffective, text, place, right);
        return;
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, service @ ("iam" | "sts"), "", account, name] = parts.as_slice() else {
        shapeless(notes, place, text);
        return;
    };
    if !is_account(account) {
        let right = format!("write the account's 12 digits: \"arn:{partition}:{service}::111122223333:{name}\"");
        notes.add(What::Placeholder, Gravity::Refused, text, place, right);
    } else if name.contains(['*', '?']) {
        let right = format!(
            "a principal has no wildcards: name \"arn:{partition}:iam::{account}:root\" and add the condition \
             {{\"ArnLike\": {{\"aws:PrincipalArn\": \"{text}\"}}}}"
        );
        notes.add(What::WrongPrincipal, Gravity::Refused, text, place, right);
    } else if is_placeholder(name) {
        notes.add(What::Placeholder, Gravity::Refused, text, place, "write the real name in its place".to_owned());
    } else if let Some(right) = misnamed(partition, service, account, name) {
        notes.add(What::WrongPrincipal, Gravity::Refused, text, place, right);
    }
}

fn shapeless(notes: &mut Notes, place: &str, text: &str) {
    if is_placeholder(text) {
        let right = "write the ARN of the role, arn:aws:iam::111122223333:role/NAME, in its place".to_owned();
        notes.add(What::Placeholder, Gravity::Refused, text, place, right);
    } else if text.ends_with(".amazonaws.com") {
        let right = format!("write {{\"Service\": \"{text}\"}}");
        notes.add(What::WrongPrincipal, Gravity::Refused, text, place, right);
    } else {
        let right = "write an account's 12 digits or an ARN: arn:aws:iam::111122223333:role/NAME".to_owned();
        notes.add(What::ArnShape, Gravity::Refused, text, place, right);
    }
}

/// What to write instead of a resource that is no principal.
fn misnamed(partition: &str, service: &str, account: &str, name: &str) -> Option<String> {
    let (kind, rest) = name.split_once('/').unwrap_or((name, ""));
    match (service, kind) {
        ("iam", "root") if rest.is_empty() => None,
        ("iam", "role" | "user" | "saml-provider" | "oidc-provider") if !rest.is_empty() => None,
        ("sts", "assumed-role") if rest.contains('/') => None,
        ("sts", "federated-user") if !rest.is_empty() => None,
        ("sts", "assumed-role") => Some(format!(
            "write \"arn:{partition}:iam::{account}:role/{rest}\", or the session's name after the role's"
        )),
        ("iam", "group") => Some("a group is no principal: name its users or a role".to_owned()),
        _ => Some(format!("write \"arn:{partition}:iam::{account}:role/NAME\"")),
    }
}

fn service(notes: &mut Notes, place: &str, text: &str) {
    let is_service = (text.ends_with(".amazonaws.com") || text.ends_with(".amazonaws.com.cn"))
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    if !is_service && !text.ends_with(".aws.internal") && !text.ends_with(".aws.com") {
        let stem = text.split('.').next().unwrap_or_default().to_ascii_lowercase();
        let right = format!("write \"{stem}.amazonaws.com\"");
        notes.add(What::WrongPrincipal, Gravity::Refused, text, place, right);
    }
}
