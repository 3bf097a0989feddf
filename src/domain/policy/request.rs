//! A request: who asks for what on which resource, and what is known of its context.

use std::collections::BTreeMap;

/// A request to judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who asks.
    pub caller: Caller,
    /// For what, such as `s3:ReplicateObject`.
    pub action: String,
    /// On what: an ARN.
    pub resource: String,
    /// What else is known of it.
    pub context: Context,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A session of a role.
    Role {
        /// The role's ARN with its path.
        arn: String,
        /// Its account.
        account: String,
        /// Its unique id, `AROA...`; absent: unknown.
        unique_id: Option<String>,
        /// The session's name; absent: unknown.
        session: Option<String>,
    },
    /// A user.
    User {
        /// The user's ARN with its path.
        arn: String,
        /// Its account.
        account: String,
        /// Its unique id, `AIDA...`; absent: unknown.
        unique_id: Option<String>,
    },
    /// The root of an account.
    Root {
        /// The account.
        account: String,
    },
    /// A service itself, such as `s3.amazonaws.com`.
    Service {
        /// Its principal.
        name: String,
    },
}

/// What is known of a context key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// It is sent, with these values.
    Known(Vec<String>),
    /// It is not sent.
    Absent,
    /// Nobody documents whether it is sent, or its value cannot be known.
    Unknown,
    /// Nobody documents whether it is sent; if it is, it has these values.
    Perhaps(Vec<String>),
}

/// The context of a request. Keys are compared without case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    values: BTreeMap<String, Value>,
    others: Value,
}

impl Request {
    /// A request whose context also has what follows from the caller: `aws:PrincipalArn`, `aws:PrincipalAccount` and
    /// `aws:PrincipalType` ("AWS global condition context keys", IAM User Guide), unless they are given.
    #[must_use]
    pub fn new(caller: Caller, action: &str, resource: &str, context: Context) -> Self {
        let mut full = context.clone();
        let (arn, kind) = match &caller {
            Caller::Role { arn, .. } => (Some(arn.clone()), Some("AssumedRole")),
            Caller::User { arn, .. } => (Some(arn.clone()), Some("User")),
            Caller::Root { account } => (Some(format!("arn:aws:iam::{account}:root")), Some("Account")),
            Caller::Service { .. } => (None, None),
        };
        let implied = [
            ("aws:PrincipalArn", arn),
            ("aws:PrincipalAccount", caller.account().map(str::to_owned)),
            ("aws:PrincipalType", kind.map(str::to_owned)),
        ];
        for (key, value) in implied {
            if let (Some(value), false) = (value, context.has(key)) {
                full = full.with(key, Value::one(&value));
            }
        }
        Self { caller, action: action.to_owned(), resource: resource.to_owned(), context: full }
    }
}

impl Caller {
    /// A role by its ARN, whose account the ARN names.
    #[must_use]
    pub fn role(arn: &str, unique_id: Option<&str>) -> Self {
        Self::Role {
            arn: arn.to_owned(),
            account: arn.split(':').nth(4).unwrap_or_default().to_owned(),
            unique_id: unique_id.map(str::to_owned),
            session: None,
        }
    }

    /// A service by its principal.
    #[must_use]
    pub fn service(name: &str) -> Self {
        Self::Service { name: name.to_owned() }
    }

    /// Its account; a service has none.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Role { account, .. } | Self::User { account, .. } | Self::Root { account } => Some(account),
            Self::Service { .. } => None,
        }
    }
}

impl Context {
    /// A context of which nothing is known but what is added.
    #[must_use]
    pub fn open() -> Self {
        Self { values: BTreeMap::new(), others: Value::Unknown }
    }

    /// A context that has nothing but what is added.
    #[must_use]
    pub fn closed() -> Self {
        Self { values: BTreeMap::new(), others: Value::Absent }
    }

    /// This context with one more key, or with another value for it.
    #[must_use]
    pub fn with(mut self, key: &str, value: Value) -> Self {
        self.values.insert(key.to_ascii_lowercase(), value);
        self
    }

    /// What is known of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> &Value {
        self.values.get(&key.to_ascii_lowercase()).unwrap_or(&self.others)
    }

    /// Whether something was said of a key.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.values.contains_key(&key.to_ascii_lowercase())
    }

    /// Every key of which something was said, in lower case, with what is known of it.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(key, value)| (key.as_str(), value))
    }
}

impl Value {
    /// One known value.
    #[must_use]
    pub fn one(value: &str) -> Self {
        Self::Known(vec![value.to_owned()])
    }

    /// One value, if it is sent at all.
    #[must_use]
    pub fn perhaps(value: &str) -> Self {
        Self::Perhaps(vec![value.to_owned()])
    }
}
