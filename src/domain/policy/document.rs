//! What a policy document says, once it is read.

use super::flaw::{Flaw, Gravity};
use super::operator::Operator;

/// What a document is attached to: it decides which elements and which actions belong in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A role or user: its policies, and its permissions boundary.
    Identity,
    /// A role: who may assume it.
    Trust,
    /// An S3 bucket.
    Bucket,
    /// A KMS key.
    Key,
}

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What it is attached to.
    pub kind: Kind,
    /// Whether its version has policy variables (`2012-10-17` has, the default of `2008-10-17` has not).
    pub has_variables: bool,
    /// Its statements, those left out that cannot be understood.
    pub statements: Vec<Statement>,
    pub(super) flaws: Vec<Flaw>,
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its place in the document, counted from 1.
    pub place: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
    /// Whether it allows or denies.
    pub effect: Effect,
    /// Whom it is about; absent in the policy of an identity.
    pub principals: Option<Listed<Named>>,
    /// The actions that it covers.
    pub actions: Listed<String>,
    /// The resources that it covers; absent where they go without saying, as in a trust policy.
    pub resources: Option<Listed<String>>,
    /// What must all hold.
    pub conditions: Vec<Condition>,
}

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// It allows.
    Allow,
    /// It denies, whatever else allows.
    Deny,
}

/// A list, or everything but a list (`NotAction`, `NotResource`, `NotPrincipal`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// Whether it is everything else that is meant.
    pub is_all_but: bool,
    /// What is listed.
    pub items: Vec<T>,
}

/// A principal as a document names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// `*`, or `{"AWS": "*"}`, which means the same in resource policies.
    Anyone,
    /// `AWS`: an account, its root, a role, a user, a session, or a unique id.
    Aws(String),
    /// `Service`, such as `s3.amazonaws.com`.
    Service(String),
    /// `Federated`: an identity provider.
    Federated(String),
    /// `CanonicalUser`: an account by its S3 id.
    CanonicalUser(String),
}

/// One key of one operator of a statement's conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The operator as written, such as `ForAllValues:StringLike`.
    pub written: String,
    /// The context key as written.
    pub key: String,
    /// The values, of which one must match.
    pub values: Vec<String>,
    pub(super) operator: Option<Operator>,
}

impl Document {
    /// What is wrong with it, in the order of the text.
    #[must_use]
    pub fn flaws(&self) -> &[Flaw] {
        &self.flaws
    }

    /// Whether AWS would refuse to save it.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.flaws.iter().any(|flaw| flaw.gravity == Gravity::Refused)
    }

    /// Whether a condition or a policy variable of it names this context key.
    #[must_use]
    pub fn mentions(&self, key: &str) -> bool {
        self.statements.iter().any(|statement| statement.mentions(key))
    }
}

impl Statement {
    /// Whether a condition or a policy variable of it names this context key.
    #[must_use]
    pub fn mentions(&self, key: &str) -> bool {
        let key = key.to_ascii_lowercase();
        let variable = |text: &String| text.contains("${") && text.to_ascii_lowercase().contains(&key);
        self.conditions
            .iter()
            .any(|condition| condition.key.eq_ignore_ascii_case(&key) || condition.values.iter().any(variable))
            || self.resources.iter().flat_map(|resources| &resources.items).any(variable)
    }
}

impl Kind {
    /// As in sentences: `the bucket policy`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity policy",
            Self::Trust => "trust policy",
            Self::Bucket => "bucket policy",
            Self::Key => "key policy",
        }
    }
}
