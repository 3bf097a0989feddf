//! Reading policy documents, and what AWS says to those that are none.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::super::WorldError;
use super::super::state::State;
use super::condition::Condition;
use super::pattern::{ArnPattern, Pattern, arn_parts};
use super::principal::Who;
use super::{Choice, Policy, Statement, span};

/// What a policy is for, which decides its grammar and who refuses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sim::world) enum PolicyKind<'a> {
    /// Inline, managed, boundary or session policy of IAM.
    Identity,
    /// Trust policy of a role.
    Trust,
    /// Key policy of KMS.
    Key,
    /// Policy of the bucket of this name.
    Bucket(&'a str),
    /// Policy of a queue.
    Queue,
}

/// What is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    NotJson,
    Syntax,
    Version,
    Missing(&'static str),
    Unexpected(&'static str),
    Effect(String),
    Vendor(String),
    NotAnArn(String),
    Partition { resource: String, partition: String },
    WrongBucket,
    DuplicateSid,
    Principal { kind: String, name: String },
}

impl State {
    /// Reads a policy document and binds its principals to what exists now.
    ///
    /// # Errors
    /// `MalformedPolicyDocument` (IAM), `MalformedPolicy` (S3), `MalformedPolicyDocumentException` (KMS), each in the
    /// words of its service.
    pub(in crate::sim::world) fn bind_policy(&self, kind: PolicyKind<'_>, text: &str) -> Result<Policy, WorldError> {
        self.read_policy(kind, text).map_err(|flaw| kind.refuse(&flaw))
    }

    fn read_policy(&self, kind: PolicyKind<'_>, text: &str) -> Result<Policy, Flaw> {
        let document: Value = serde_json::from_str(text).map_err(|_| Flaw::NotJson)?;
        let document = document.as_object().ok_or(Flaw::Syntax)?;
        let variables = match document.get("Version").map(Value::as_str) {
            None => false,
            Some(Some("2012-10-17")) => true,
            Some(Some("2008-10-17")) => false,
            Some(_) => return Err(Flaw::Version),
        };
        if document.keys().any(|element| !["Version", "Id", "Statement"].contains(&element.as_str())) {
            return Err(Flaw::Syntax);
        }
        let statements: Vec<&Value> = match document.get("Statement") {
            Some(Value::Array(statements)) => statements.iter().collect(),
            Some(statement @ Value::Object(_)) => vec![statement],
            Some(_) => return Err(Flaw::Syntax),
            None => return Err(Flaw::Missing("Statement")),
        };
        if statements.is_empty() && !matches!(kind, PolicyKind::Key | PolicyKind::Queue) {
            return Err(Flaw::Syntax);
        }
        let spans = span::statements(text);
        let mut sids = BTreeSet::new();
        let mut bound = Vec::with_capacity(statements.len());
        for (index, statement) in statements.into_iter().enumerate() {
            let elements = statement.as_object().ok_or(Flaw::Syntax)?;
            let sid = elements.get("Sid").map(|sid| sid.as_str().ok_or(Flaw::Syntax)).transpose()?;
            if sid.is_some_and(|sid| !sid.is_empty() && !sids.insert(sid.to_owned())) {
                return Err(Flaw::DuplicateSid);
            }
            let span = spans.get(index).copied().unwrap_or_default();
            bound.push(Statement { span, ..self.read_statement(kind, elements, variables)? });
        }
        Ok(Policy { text: text.to_owned(), statements: bound.into() })
    }

    fn read_statement(
        &self,
        kind: PolicyKind<'_>,
        elements: &Map<String, Value>,
        variables: bool,
    ) -> Result<Statement, Flaw> {
        if elements.keys().any(|element| !ELEMENTS.contains(&element.as_str())) {
            return Err(Flaw::Syntax);
        }
        let allows = match elements.get("Effect").map(Value::as_str) {
            Some(Some("Allow")) => true,
            Some(Some("Deny")) => false,
            Some(Some(other)) => return Err(Flaw::Effect(other.to_owned())),
            Some(None) => return Err(Flaw::Syntax),
            None => return Err(Flaw::Missing("Effect")),
        };
        let who = match (either(elements, "Principal", "NotPrincipal")?, kind) {
            (None, PolicyKind::Identity) => Who::Owner,
            (Some(_), PolicyKind::Identity) => return Err(Flaw::Unexpected("Principal")),
            (None, _) => return Err(Flaw::Missing("Principal")),
            (Some((value, false)), _) => Who::Named(self.bind_principals(value)?),
            (Some((value, true)), _) => Who::AllBut(self.bind_principals(value)?),
        };
        let (actions, but) = either(elements, "Action", "NotAction")?.ok_or(Flaw::Missing("Action"))?;
        let actions = nonempty(actions)?;
        actions.iter().try_for_each(|action| check_action(action))?;
        let actions = actions.iter().map(|action| Pattern::wild(action, false)).collect();
        let resources = match (either(elements, "Resource", "NotResource")?, kind) {
            (Some(_), PolicyKind::Trust) => return Err(Flaw::Unexpected("Resource")),
            (None, PolicyKind::Trust | PolicyKind::Queue) => Choice::AllBut(Vec::new()),
            // KMS takes such a statement, and it applies to no key.
            (None, PolicyKind::Key) => Choice::Only(Vec::new()),
            (None, PolicyKind::Identity | PolicyKind::Bucket(_)) => return Err(Flaw::Missing("Resource")),
            (Some((value, but)), _) => {
                let resources = nonempty(value)?;
                resources.iter().try_for_each(|resource| check_resource(kind, resource))?;
                let patterns = resources.iter().map(|resource| ArnPattern::read(resource, variables)).collect();
                choice(patterns, but)
            }
        };
        let conditions =
            elements.get("Condition").map_or_else(|| Ok(Vec::new()), |block| conditions(block, variables))?;
        Ok(Statement { allows, who, actions: choice(actions, but), resources, conditions, span: span::Span::default() })
    }
}

const ELEMENTS: &[&str] =
    &["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

fn choice<T>(listed: Vec<T>, but: bool) -> Choice<T> {
    if but { Choice::AllBut(listed) } else { Choice::Only(listed) }
}

/// An element, or its negation (`true`); both together are none.
fn either<'a>(elements: &'a Map<String, Value>, plain: &str, negated: &str) -> Result<Option<(&'a Value, bool)>, Flaw> {
    match (elements.get(plain), elements.get(negated)) {
        (Some(_), Some(_)) => Err(Flaw::Syntax),
        (Some(value), None) => Ok(Some((value, false))),
        (None, Some(value)) => Ok(Some((value, true))),
        (None, None) => Ok(None),
    }
}

/// A text or a list of texts; booleans and numbers count as theirs.
pub(super) fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Array(values) => {
            let texts: Option<Vec<Vec<String>>> =
                values.iter().map(|value| if value.is_array() { None } else { texts(value) }).collect();
            texts.map(|texts| texts.concat())
        }
        Value::String(text) => Some(vec![text.clone()]),
        Value::Bool(_) | Value::Number(_) => Some(vec![value.to_string()]),
        Value::Null | Value::Object(_) => None,
    }
}

fn nonempty(value: &Value) -> Result<Vec<String>, Flaw> {
    texts(value).filter(|texts| !texts.is_empty()).ok_or(Flaw::Syntax)
}

/// Any vendor and any name will do: IAM takes actions that do not exist without a word.
fn check_action(action: &str) -> Result<(), Flaw> {
    let vendor = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match action.split_once(':') {
        Some((name, rest)) if vendor(name) && !rest.is_empty() => Ok(()),
        None if action == "*" => Ok(()),
        Some(_) | None => Err(Flaw::Vendor(action.to_owned())),
    }
}

fn check_resource(kind: PolicyKind<'_>, resource: &str) -> Result<(), Flaw> {
    if resource == "*" {
        return Ok(());
    }
    let parts = arn_parts(resource);
    if parts.len() < 6 || parts[0] != "arn" {
        return Err(Flaw::NotAnArn(resource.to_owned()));
    }
    if !["aws", "aws-cn", "aws-us-gov", "*"].contains(&parts[1]) {
        return Err(Flaw::Partition { resource: resource.to_owned(), partition: parts[1].to_owned() });
    }
    match kind {
        PolicyKind::Bucket(bucket) => {
            let named = parts[5].split('/').next().unwrap_or_default();
            let fits = parts[2] == "s3" && Pattern::wild(named, true).fits(bucket, &[]);
            if fits || named.contains("${") { Ok(()) } else { Err(Flaw::WrongBucket) }
        }
        PolicyKind::Identity | PolicyKind::Trust | PolicyKind::Key | PolicyKind::Queue => Ok(()),
    }
}

fn conditions(block: &Value, variables: bool) -> Result<Vec<Condition>, Flaw> {
    let mut conditions = Vec::new();
    for (operator, keys) in block.as_object().ok_or(Flaw::Syntax)? {
        for (key, values) in keys.as_object().ok_or(Flaw::Syntax)? {
            let values = texts(values).ok_or(Flaw::Syntax)?;
            conditions.push(Condition::read(operator, key, &values, variables).ok_or(Flaw::Syntax)?);
        }
    }
    Ok(conditions)
}

impl PolicyKind<'_> {
    fn refuse(self, flaw: &Flaw) -> WorldError {
        match self {
            Self::Identity | Self::Trust => WorldError::new(400, "MalformedPolicyDocument", self.iam_says(flaw)),
            Self::Bucket(_) => WorldError::new(400, "MalformedPolicy", s3_says(flaw)),
            Self::Queue => WorldError::new(400, "InvalidAttributeValue", "Invalid value for the parameter Policy."),
            Self::Key => {
                let message = match flaw {
                    Flaw::Principal { .. } => {
                        "Policy contains a statement with one or more invalid principals.".to_owned()
                    }
                    Flaw::NotJson
                    | Flaw::Syntax
                    | Flaw::Version
                    | Flaw::Missing(_)
                    | Flaw::Unexpected(_)
                    | Flaw::Effect(_)
                    | Flaw::Vendor(_)
                    | Flaw::NotAnArn(_)
                    | Flaw::Partition { .. }
                    | Flaw::WrongBucket
                    | Flaw::DuplicateSid => self.iam_says(flaw),
                };
                WorldError::new(400, "MalformedPolicyDocumentException", message)
            }
        }
    }

    fn iam_says(self, flaw: &Flaw) -> String {
        match flaw {
            Flaw::NotJson if self == Self::Trust => "This policy contains invalid Json".to_owned(),
            Flaw::NotJson | Flaw::Syntax | Flaw::Effect(_) | Flaw::Missing("Effect" | "Statement") => {
                "Syntax errors in policy.".to_owned()
            }
            Flaw::Version => "Policy document must be version 2012-10-17 or greater.".to_owned(),
            Flaw::Missing("Action") => "Policy statement must contain actions.".to_owned(),
            Flaw::Missing("Resource") => "Policy statement must contain resources.".to_owned(),
            Flaw::Missing(element) => format!("Missing required field {element}"),
            Flaw::Unexpected("Principal") => "Policy document should not specify a principal.".to_owned(),
            Flaw::Unexpected(element) => format!("Has prohibited field {element}"),
            Flaw::Vendor(action) => match action.split_once(':') {
                Some((vendor, name)) if !vendor.is_empty() && !name.is_empty() => {
                    format!("Vendor {vendor} is not valid")
                }
                Some(_) | None => {
                    "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".to_owned()
                }
            },
            Flaw::NotAnArn(resource) => format!("Resource {resource} must be in ARN format or \"*\"."),
            Flaw::Partition { resource, partition } => {
                format!("Partition \"{partition}\" is not valid for resource \"{resource}\".")
            }
            Flaw::WrongBucket => "Policy has invalid resource".to_owned(),
            Flaw::DuplicateSid => "Statement IDs (SID) in a single policy must be unique.".to_owned(),
            Flaw::Principal { kind, name } => format!("Invalid principal in policy: \"{kind}\":\"{name}\""),
        }
    }
}

fn s3_says(flaw: &Flaw) -> String {
    match flaw {
        Flaw::NotJson => "Policies must be valid JSON and the first byte must be '{'".to_owned(),
        Flaw::Syntax => "Invalid policy syntax.".to_owned(),
        Flaw::Version => "The policy must contain a valid version string".to_owned(),
        Flaw::Missing(element) => format!("Missing required field {element}"),
        Flaw::Unexpected(element) => format!("Has prohibited field {element}"),
        Flaw::Effect(effect) => format!("Invalid effect: {effect}"),
        Flaw::Vendor(_) => "Policy has invalid action".to_owned(),
        Flaw::NotAnArn(_) | Flaw::Partition { .. } | Flaw::WrongBucket => "Policy has invalid resource".to_owned(),
        Flaw::DuplicateSid => "Statement IDs (SID) in a single policy must be unique.".to_owned(),
        Flaw::Principal { .. } => "Invalid principal in policy".to_owned(),
    }
}
