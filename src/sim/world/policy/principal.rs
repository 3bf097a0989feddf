//! Whom a statement is about: principals bound by unique id when the policy is saved, and how they show later.

use serde_json::Value;

use super::super::arn;
use super::super::identity::Caller;
use super::super::state::State;
use super::read::{Flaw, texts};
use super::{Grip, Policy};

/// The principals of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Whoever the policy is attached to.
    Owner,
    Named(Vec<Principal>),
    /// `NotPrincipal`.
    AllBut(Vec<Principal>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Principal {
    Everyone,
    Account(String),
    /// A role, by the unique id that it had when the policy was saved, and by the ARN that was written.
    Role {
        unique_id: String,
        arn: String,
    },
    Session(String),
    Service(String),
    /// A federated or canonical user: nobody in this world.
    Stranger,
}

impl Who {
    pub(super) fn account(account: &str) -> Self {
        Self::Named(vec![Principal::Account(account.to_owned())])
    }

    /// By what name a caller is meant; `None` when it is not.
    pub(super) fn grip(&self, caller: &Caller) -> Option<Grip> {
        match self {
            Self::Owner => None,
            Self::Named(principals) => principals.iter().filter_map(|principal| principal.grip(caller)).max(),
            // An account in the list stands for its root alone.
            Self::AllBut(principals) => {
                let spared = principals.iter().filter_map(|principal| principal.grip(caller)).max();
                if spared >= Some(Grip::Principal) { None } else { Some(Grip::Principal) }
            }
        }
    }

    pub(super) fn names_service(&self, service: &str) -> bool {
        let named = |principals: &[Principal]| principals.iter().any(|principal| principal.is_service(service));
        match self {
            Self::Owner => false,
            Self::Named(principals) => named(principals),
            Self::AllBut(principals) => !named(principals),
        }
    }

    pub(super) fn is_everyone(&self) -> bool {
        match self {
            Self::Owner => false,
            Self::Named(principals) => principals.contains(&Principal::Everyone),
            Self::AllBut(_) => true,
        }
    }
}

impl Principal {
    fn grip(&self, caller: &Caller) -> Option<Grip> {
        let is_root = caller.role.is_none();
        match self {
            Self::Everyone => Some(Grip::Principal),
            Self::Account(account) => {
                let grip = if is_root { Grip::Principal } else { Grip::Account };
                (*account == caller.account).then_some(grip)
            }
            Self::Role { unique_id, .. } => {
                let same = caller.role.as_ref().is_some_and(|role| role.unique_id == *unique_id);
                same.then_some(Grip::Principal)
            }
            Self::Session(arn) => (*arn == caller.arn).then_some(Grip::Session),
            Self::Service(_) | Self::Stranger => None,
        }
    }

    fn is_service(&self, service: &str) -> bool {
        match self {
            Self::Everyone => true,
            Self::Service(name) => name == service,
            Self::Account(_) | Self::Role { .. } | Self::Session(_) | Self::Stranger => false,
        }
    }
}

impl State {
    /// Binds `Principal` or `NotPrincipal` to what exists now.
    pub(super) fn bind_principals(&self, value: &Value) -> Result<Vec<Principal>, Flaw> {
        let named = match value {
            Value::String(everyone) if everyone == "*" => return Ok(vec![Principal::Everyone]),
            Value::Object(named) if !named.is_empty() => named,
            Value::String(text) => return Err(Flaw::Principal { kind: "AWS".to_owned(), name: text.clone() }),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                return Err(Flaw::Syntax);
            }
        };
        let mut principals = Vec::new();
        for (kind, names) in named {
            for name in texts(names).ok_or(Flaw::Syntax)? {
                let nobody = || Flaw::Principal { kind: kind.clone(), name: name.clone() };
                principals.push(match kind.as_str() {
                    "AWS" => self.bind_principal(&name).ok_or_else(nobody)?,
                    "Service" if is_service(&name) => Principal::Service(name),
                    "Service" => return Err(nobody()),
                    "Federated" | "CanonicalUser" => Principal::Stranger,
                    _ => return Err(Flaw::Syntax),
                });
            }
        }
        Ok(principals)
    }

    fn bind_principal(&self, name: &str) -> Option<Principal> {
        if name == "*" {
            return Some(Principal::Everyone);
        }
        let root = name.strip_prefix("arn:aws:iam::").and_then(|rest| rest.strip_suffix(":root"));
        let account = root.unwrap_or(name);
        if arn::is_account(account) {
            return self.accounts.get(account).map(|known| Principal::Account(known.id.clone()));
        }
        if let Some((account, rest)) = name.strip_prefix("arn:aws:sts::").and_then(|rest| rest.split_once(':')) {
            let (role, session) = rest.strip_prefix("assumed-role/")?.split_once('/')?;
            let known = self.roles.contains_key(&(account.to_owned(), role.to_owned()));
            return (known && !session.is_empty() && !session.contains(['*', '?']))
                .then(|| Principal::Session(name.to_owned()));
        }
        // A unique id is taken as long as it is somebody's; one that was left behind by a deleted role is not.
        let role = self.role_by_arn(name).or_else(|| self.roles.values().find(|role| role.unique_id == name));
        role.map(|role| Principal::Role { unique_id: role.unique_id.clone(), arn: name.to_owned() })
    }

    /// A policy with the text that AWS shows now, see [`State::shown`].
    pub(in crate::sim::world) fn as_shown(&self, policy: Policy) -> Policy {
        Policy { text: self.shown(&policy), ..policy }
    }

    /// The text of a policy as AWS shows it now: a role that is gone, even if another one has its name, is told by its
    /// unique id.
    pub(in crate::sim::world) fn shown(&self, policy: &Policy) -> String {
        let is_stale = |principal: &&Principal| match principal {
            Principal::Role { unique_id, arn } => self.role_by_arn(arn).is_none_or(|role| role.unique_id != *unique_id),
            Principal::Everyone
            | Principal::Account(_)
            | Principal::Session(_)
            | Principal::Service(_)
            | Principal::Stranger => false,
        };
        let bound = policy.statements.iter().map(|statement| match &statement.who {
            Who::Owner => [].as_slice(),
            Who::Named(principals) | Who::AllBut(principals) => principals.as_slice(),
        });
        let stale: Vec<Vec<&Principal>> =
            bound.map(|principals| principals.iter().filter(is_stale).collect()).collect();
        if stale.iter().all(Vec::is_empty) {
            return policy.text.clone();
        }
        let Ok(mut document) = serde_json::from_str::<Value>(&policy.text) else { return policy.text.clone() };
        let statements = match document.get_mut("Statement") {
            Some(Value::Array(statements)) => statements.iter_mut().collect(),
            Some(statement) => vec![statement],
            None => Vec::new(),
        };
        for (statement, stale) in statements.into_iter().zip(stale) {
            for element in ["Principal", "NotPrincipal"] {
                if let Some(names) = statement.get_mut(element).and_then(|named| named.get_mut("AWS")) {
                    rename(names, &stale);
                }
            }
        }
        document.to_string()
    }
}

fn rename(names: &mut Value, stale: &[&Principal]) {
    match names {
        Value::Array(names) => names.iter_mut().for_each(|name| rename(name, stale)),
        Value::String(name) => {
            let unique_id = stale.iter().find_map(|principal| match principal {
                Principal::Role { unique_id, arn } if arn == name => Some(unique_id),
                Principal::Role { .. }
                | Principal::Everyone
                | Principal::Account(_)
                | Principal::Session(_)
                | Principal::Service(_)
                | Principal::Stranger => None,
            });
            if let Some(unique_id) = unique_id {
                name.clone_from(unique_id);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {}
    }
}

fn is_service(name: &str) -> bool {
    name.strip_suffix(".amazonaws.com").is_some_and(|name| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
    })
}
