//! Whether the principals of a statement are the caller, and how closely they name it.

use super::document::{Listed, Named};
use super::request::Caller;
use super::truth::Truth;

/// How closely a statement names a caller: it decides what else must allow the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Closeness {
    /// Its account: the account may then allow it by an identity policy.
    Account,
    /// Itself: its ARN, its unique id, its service, or anyone.
    Itself,
    /// The very session of its role.
    Session,
}

/// The key that a unique id and a session's name hang on.
const USER_ID: &str = "aws:userid";
/// What the S3 id of an account hangs on.
const CANONICAL: &str = "CanonicalUser";

/// Every way in which the statement is about the caller, with whether it is.
pub(super) fn matches(principals: &Listed<Named>, caller: &Caller) -> Vec<(Closeness, Truth)> {
    let named: Vec<(Closeness, Truth)> = principals.items.iter().map(|named| is_named(named, caller)).collect();
    if principals.is_all_but { vec![(Closeness::Itself, is_not_excepted(&named, caller))] } else { named }
}

/// Whether `NotPrincipal` leaves the caller in. A caller is only out for certain when each ARN that stands for it is
/// listed: the account, the role and the session ("NotPrincipal", IAM User Guide).
fn is_not_excepted(named: &[(Closeness, Truth)], caller: &Caller) -> Truth {
    let at =
        |closeness| Truth::any(named.iter().filter(|(each, _)| *each == closeness).map(|(_, truth)| truth.clone()));
    let (account, itself, session) = (at(Closeness::Account), at(Closeness::Itself), at(Closeness::Session));
    let all = match caller {
        Caller::Service { .. } => return itself.negated(),
        Caller::Root { .. } => return account.or(itself).negated(),
        Caller::User { .. } => account.and(itself.clone()),
        Caller::Role { .. } => account.and(itself.clone()).and(session.clone()),
    };
    match (all, itself.or(session)) {
        (Truth::Yes, _) => Truth::No,
        (_, Truth::No) => Truth::Yes,
        (_, Truth::Depends(on)) => Truth::Depends(on),
        (_, Truth::Yes) => Truth::on("NotPrincipal"),
    }
}

fn is_named(named: &Named, caller: &Caller) -> (Closeness, Truth) {
    match named {
        Named::Anyone => (Closeness::Itself, Truth::Yes),
        Named::Aws(text) => is_aws(text, caller),
        Named::Service(text) => {
            let is_it = matches!(caller, Caller::Service { name } if name == text);
            (Closeness::Itself, is_it.into())
        }
        Named::Federated(_) => (Closeness::Itself, Truth::No),
        Named::CanonicalUser(_) => match caller {
            Caller::Service { .. } => (Closeness::Account, Truth::No),
            Caller::Role { .. } | Caller::User { .. } | Caller::Root { .. } => {
                (Closeness::Account, Truth::on(CANONICAL))
            }
        },
    }
}

fn is_aws(text: &str, caller: &Caller) -> (Closeness, Truth) {
    if let Some(account) = account_named(text) {
        return (Closeness::Account, (caller.account() == Some(account)).into());
    }
    match caller {
        Caller::Role { arn, account, unique_id, session } => {
            if text.starts_with("AROA") {
                return unique(text, unique_id.as_deref());
            }
            match session_named(text) {
                Some((named_account, role, name)) => {
                    let is_role = named_account == account && role == arn.rsplit('/').next().unwrap_or_default();
                    let is_session = session.as_ref().map_or_else(|| Truth::on(USER_ID), |own| (own == name).into());
                    (Closeness::Session, Truth::from(is_role).and(is_session))
                }
                None => (Closeness::Itself, (arn == text).into()),
            }
        }
        Caller::User { unique_id, .. } if text.starts_with("AIDA") => unique(text, unique_id.as_deref()),
        Caller::User { arn, .. } => (Closeness::Itself, (arn == text).into()),
        Caller::Root { .. } | Caller::Service { .. } => (Closeness::Itself, Truth::No),
    }
}

fn unique(text: &str, own: Option<&str>) -> (Closeness, Truth) {
    (Closeness::Itself, own.map_or_else(|| Truth::on(USER_ID), |own| (own == text).into()))
}

/// The account that a principal names: `111122223333` or `arn:aws:iam::111122223333:root`.
pub(super) fn account_named(text: &str) -> Option<&str> {
    let is_account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_account(text) {
        return Some(text);
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", account, "root"] if is_account(account) => Some(account),
        _ => None,
    }
}

/// Account, role and session of `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
fn session_named(text: &str) -> Option<(&str, &str, &str)> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", _, "sts", "", account, resource] = parts.as_slice() else { return None };
    let (role, session) = resource.strip_prefix("assumed-role/")?.split_once('/')?;
    Some((account, role, session))
}
