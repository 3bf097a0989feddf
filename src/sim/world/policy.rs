//! Policy documents: the text as it was given, and its statements with principals bound by unique id.

use serde_json::{Map, Value};

use super::arn;
use super::identity::Caller;
use super::state::State;

/// A policy document attached to a role, key or bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The JSON as it was given.
    pub text: String,
    statements: Vec<Statement>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Statement {
    allows: bool,
    principals: Vec<Principal>,
    actions: Vec<String>,
    resources: Vec<String>,
    conditions: Vec<Condition>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Principal {
    Everyone,
    Account(String),
    /// A role, by the unique id that it had when the policy was saved.
    Role(String),
    Session(String),
    Service(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Condition {
    operator: String,
    key: String,
    values: Vec<String>,
}

/// What a policy is asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request<'a> {
    pub(super) caller: &'a Caller,
    pub(super) action: &'a str,
    pub(super) resource: &'a str,
    /// Condition keys and their values.
    pub(super) context: &'a [(&'a str, &'a str)],
}

/// What a policy answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Allow,
    Deny,
    /// No statement applies.
    Silent,
}

impl Policy {
    /// The key policy that KMS gives when none is sent: the account's root may do everything.
    pub(super) fn of_key_default(account: &str) -> Self {
        let root = format!("arn:aws:iam::{account}:root");
        let text = serde_json::json!({
            "Version": "2012-10-17",
            "Id": "key-default-1",
            "Statement": [{
                "Sid": "Enable IAM User Permissions", "Effect": "Allow", "Principal": {"AWS": root},
                "Action": "kms:*", "Resource": "*",
            }],
        });
        let statement = Statement {
            allows: true,
            principals: vec![Principal::Account(account.to_owned())],
            actions: vec!["kms:*".to_owned()],
            resources: vec!["*".to_owned()],
            conditions: Vec::new(),
        };
        Self { text: text.to_string(), statements: vec![statement] }
    }

    /// Whether an AWS service may act: `s3.amazonaws.com` assuming a role, or sending to a queue.
    pub(super) fn allows_service(&self, service: &str, action: &str, context: &[(&str, &str)]) -> bool {
        let applies = |statement: &&Statement| {
            let named = |principal: &Principal| match principal {
                Principal::Everyone => !statement.allows,
                Principal::Service(name) => name == service,
                Principal::Account(_) | Principal::Role(_) | Principal::Session(_) => false,
            };
            statement.principals.iter().any(named)
                && statement.covers_action(action)
                && statement.conditions_hold(context).unwrap_or(!statement.allows)
        };
        decide(self.statements.iter().filter(applies)) == Decision::Allow
    }

    /// What the document says to a request; an explicit Deny wins.
    pub(super) fn decide(&self, request: &Request<'_>) -> Decision {
        let applies = |statement: &&Statement| {
            statement.principals.iter().any(|principal| principal.is(request.caller))
                && statement.covers_action(request.action)
                && statement.covers_resource(request.resource)
                && statement.conditions_hold(request.context).unwrap_or(!statement.allows)
        };
        decide(self.statements.iter().filter(applies))
    }
}

impl State {
    /// Reads a policy document and binds its principals to what exists now.
    ///
    /// # Errors
    /// A sentence that says what is wrong: no policy document, or a principal that does not exist.
    pub(super) fn bind_policy(&self, text: &str) -> Result<Policy, String> {
        let document: Value = serde_json::from_str(text).map_err(|_| "This policy contains invalid Json".to_owned())?;
        let statements = match document.get("Statement") {
            Some(Value::Array(statements)) => statements.iter().collect(),
            Some(statement @ Value::Object(_)) => vec![statement],
            Some(_) | None => return Err("Syntax errors in policy.".to_owned()),
        };
        let statements = statements.into_iter().map(|statement| self.bind_statement(statement));
        Ok(Policy { text: text.to_owned(), statements: statements.collect::<Result<_, _>>()? })
    }

    fn bind_statement(&self, statement: &Value) -> Result<Statement, String> {
        let syntax = || "Syntax errors in policy.".to_owned();
        let allows = match statement.get("Effect").and_then(Value::as_str) {
            Some("Allow") => true,
            Some("Deny") => false,
            Some(_) | None => return Err(syntax()),
        };
        let unsupported =
            ["NotPrincipal", "NotAction", "NotResource"].into_iter().find(|key| statement.get(key).is_some());
        if let Some(element) = unsupported {
            return Err(format!("The simulator does not evaluate {element}."));
        }
        let principals = match statement.get("Principal") {
            None => Vec::new(),
            Some(Value::String(everyone)) if everyone == "*" => vec![Principal::Everyone],
            Some(Value::Object(named)) => self.bind_principals(named)?,
            Some(_) => return Err(syntax()),
        };
        let actions = texts(statement.get("Action").ok_or_else(syntax)?);
        if actions.iter().any(|action| action != "*" && !action.contains(':')) {
            return Err("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".to_owned());
        }
        let resources = statement.get("Resource").map_or_else(|| vec!["*".to_owned()], texts);
        let conditions = statement.get("Condition").map_or_else(|| Ok(Vec::new()), conditions)?;
        Ok(Statement { allows, principals, actions, resources, conditions })
    }

    fn bind_principals(&self, named: &Map<String, Value>) -> Result<Vec<Principal>, String> {
        let mut principals = Vec::new();
        for (kind, names) in named {
            for name in texts(names) {
                match kind.as_str() {
                    "Service" => principals.push(Principal::Service(name)),
                    "AWS" => principals.push(self.bind_principal(&name)?),
                    _ => return Err(format!("The simulator does not know principals of the kind {kind}.")),
                }
            }
        }
        Ok(principals)
    }

    fn bind_principal(&self, name: &str) -> Result<Principal, String> {
        let missing = || format!("Invalid principal in policy: \"AWS\":\"{name}\"");
        if name == "*" {
            return Ok(Principal::Everyone);
        }
        let root = name.strip_prefix("arn:aws:iam::").and_then(|rest| rest.strip_suffix(":root"));
        let account = root.unwrap_or(name);
        if arn::is_account(account) {
            return self.accounts.get(account).map(|known| Principal::Account(known.id.clone())).ok_or_else(missing);
        }
        if name.starts_with("arn:aws:sts::") && name.contains(":assumed-role/") {
            return Ok(Principal::Session(name.to_owned()));
        }
        self.role_by_arn(name).map(|role| Principal::Role(role.unique_id.clone())).ok_or_else(missing)
    }
}

impl Principal {
    fn is(&self, caller: &Caller) -> bool {
        match self {
            Self::Everyone => true,
            Self::Account(account) => *account == caller.account,
            Self::Role(unique_id) => caller.role.as_ref().is_some_and(|role| role.unique_id == *unique_id),
            Self::Session(arn) => *arn == caller.arn,
            Self::Service(_) => false,
        }
    }
}

impl Statement {
    fn covers_action(&self, action: &str) -> bool {
        self.actions.iter().any(|pattern| like(&pattern.to_ascii_lowercase(), &action.to_ascii_lowercase()))
    }

    fn covers_resource(&self, resource: &str) -> bool {
        self.resources.iter().any(|pattern| like(pattern, resource))
    }

    /// Whether all conditions hold; `None` when one of them uses an operator that is not evaluated here.
    fn conditions_hold(&self, context: &[(&str, &str)]) -> Option<bool> {
        let answers: Option<Vec<bool>> = self.conditions.iter().map(|condition| condition.holds(context)).collect();
        answers.map(|answers| answers.into_iter().all(|holds| holds))
    }
}

impl Condition {
    fn holds(&self, context: &[(&str, &str)]) -> Option<bool> {
        let value = context.iter().find(|(key, _)| key.eq_ignore_ascii_case(&self.key)).map(|(_, value)| *value);
        let (operator, if_exists) = match self.operator.strip_suffix("IfExists") {
            Some(operator) => (operator, true),
            None => (self.operator.as_str(), false),
        };
        let any = |same: fn(&str, &str) -> bool| match value {
            Some(value) => self.values.iter().any(|wanted| same(wanted, value)),
            None => if_exists,
        };
        let none =
            |same: fn(&str, &str) -> bool| !value.is_some_and(|v| self.values.iter().any(|wanted| same(wanted, v)));
        match operator {
            "StringEquals" => Some(any(|wanted, value| wanted == value)),
            "StringNotEquals" => Some(none(|wanted, value| wanted == value)),
            "StringEqualsIgnoreCase" | "Bool" => Some(any(|wanted, value| wanted.eq_ignore_ascii_case(value))),
            "StringLike" | "ArnLike" | "ArnEquals" => Some(any(like)),
            "StringNotLike" | "ArnNotLike" | "ArnNotEquals" => Some(none(like)),
            "Null" => Some(self.values.iter().any(|wanted| (wanted == "true") == value.is_none())),
            _ => None,
        }
    }
}

fn decide<'a>(statements: impl Iterator<Item = &'a Statement>) -> Decision {
    statements.fold(Decision::Silent, |decision, statement| match decision {
        Decision::Deny => Decision::Deny,
        Decision::Allow | Decision::Silent if !statement.allows => Decision::Deny,
        Decision::Allow | Decision::Silent => Decision::Allow,
    })
}

/// Whether `text` fits `pattern`, in which `*` stands for anything and `?` for one character.
fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let mut reachable = vec![false; text.len() + 1];
    reachable[0] = true;
    for wanted in pattern {
        if wanted == '*' {
            let first = reachable.iter().position(|reached| *reached).unwrap_or(reachable.len());
            reachable.iter_mut().skip(first).for_each(|reached| *reached = true);
        } else {
            for end in (1..=text.len()).rev() {
                reachable[end] = reachable[end - 1] && (wanted == '?' || wanted == text[end - 1]);
            }
            reachable[0] = false;
        }
    }
    reachable[text.len()]
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        Value::Bool(_) | Value::Number(_) => vec![value.to_string()],
        Value::Null | Value::Object(_) => Vec::new(),
    }
}

fn conditions(block: &Value) -> Result<Vec<Condition>, String> {
    let syntax = || "Syntax errors in policy.".to_owned();
    let mut conditions = Vec::new();
    for (operator, keys) in block.as_object().ok_or_else(syntax)? {
        for (key, values) in keys.as_object().ok_or_else(syntax)? {
            conditions.push(Condition { operator: operator.clone(), key: key.clone(), values: texts(values) });
        }
    }
    Ok(conditions)
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn patterns_fit_as_in_iam() {
        for (pattern, text) in [("*", ""), ("s3:*", "s3:GetObject"), ("a?c*", "abcdef"), ("a*b*c", "aXbYc"), ("", "")] {
            assert!(like(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("", "a"), ("s3:Get", "s3:GetObject"), ("a?", "a"), ("*b", "a")] {
            assert!(!like(pattern, text), "{pattern} {text}");
        }
    }
}
