//! Policy documents: the text as it was given, and its statements with principals bound by unique id.

mod condition;
mod pattern;
mod principal;
mod read;
mod span;

use std::sync::Arc;

use condition::Condition;
use pattern::{ArnPattern, Context, Pattern};
use principal::Who;

use super::identity::Caller;

pub(super) use read::PolicyKind;
pub(super) use span::Span;

/// A policy document attached to a role, key, queue or bucket. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The JSON as it was given.
    pub text: String,
    statements: Arc<[Statement]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Statement {
    allows: bool,
    who: Who,
    actions: Choice<Pattern>,
    resources: Choice<ArnPattern>,
    conditions: Vec<Condition>,
    /// Where it stands in the text.
    span: Span,
}

/// What a statement applies to: what is listed, or everything but that.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Choice<T> {
    Only(Vec<T>),
    AllBut(Vec<T>),
}

impl<T> Choice<T> {
    fn takes(&self, fits: impl Fn(&T) -> bool) -> bool {
        match self {
            Self::Only(listed) => listed.iter().any(fits),
            Self::AllBut(listed) => !listed.iter().any(fits),
        }
    }

    fn listed(&self) -> &[T] {
        match self {
            Self::Only(listed) | Self::AllBut(listed) => listed,
        }
    }
}

/// What a policy is asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request<'a> {
    pub(super) caller: &'a Caller,
    pub(super) action: &'a str,
    pub(super) resource: &'a str,
    /// Condition keys and their values.
    pub(super) context: Context<'a>,
}

/// What a policy answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Allow,
    Deny,
    /// No statement applies.
    Silent,
}

/// How a resource's policy names whom it allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grip {
    /// By account: the account's own policies have to allow it, too.
    Account,
    /// By role, or everybody.
    Principal,
    /// By session: a permissions boundary does not limit it.
    Session,
}

/// What a resource's policy answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Deny,
    Allow(Grip),
    Silent,
}

impl From<Answer> for Decision {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Deny => Self::Deny,
            Answer::Allow(_) => Self::Allow,
            Answer::Silent => Self::Silent,
        }
    }
}

/// A statement that took part in an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) allows: bool,
    pub(super) span: Span,
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
            who: Who::account(account),
            actions: Choice::Only(vec![Pattern::wild("kms:*", false)]),
            resources: Choice::Only(vec![ArnPattern::Any]),
            conditions: Vec::new(),
            span: Span::default(),
        };
        Self { text: text.to_string(), statements: [statement].into() }
    }

    /// Whether an AWS service may act: `s3.amazonaws.com` assuming a role, or sending to a queue.
    pub(super) fn allows_service(&self, service: &str, action: &str, context: Context<'_>) -> bool {
        let applies = |statement: &&Statement| {
            statement.who.names_service(service)
                && statement.covers_action(action)
                && statement.conditions_hold(context)
        };
        decide(self.statements.iter().filter(applies)) == Decision::Allow
    }

    /// What the policy of a resource says to a request; an explicit Deny wins.
    pub(super) fn decide(&self, request: &Request<'_>) -> Decision {
        self.answer(request).into()
    }

    /// The same, and by what name the caller is allowed.
    pub(super) fn answer(&self, request: &Request<'_>) -> Answer {
        let mut best: Option<Grip> = None;
        for statement in self.statements.iter().filter(|statement| statement.covers(request)) {
            match (statement.who.grip(request.caller), statement.allows) {
                (None, _) => {}
                (Some(_), false) => return Answer::Deny,
                (Some(grip), true) => best = best.max(Some(grip)),
            }
        }
        best.map_or(Answer::Silent, Answer::Allow)
    }

    /// What the policy of an identity says to a request: whoever it is attached to is meant.
    pub(super) fn decide_for_owner(&self, request: &Request<'_>) -> Decision {
        decide(self.statements.iter().filter(|statement| statement.covers(request)))
    }

    /// The statements of an identity's policy that apply to a request.
    pub(super) fn matches(&self, request: &Request<'_>) -> Vec<Match> {
        let found = self.statements.iter().filter(|statement| statement.covers(request));
        found.map(|statement| Match { allows: statement.allows, span: statement.span }).collect()
    }

    /// The condition keys that statements about this action and resource ask for.
    pub(super) fn wanted_keys(&self, request: &Request<'_>) -> Vec<&str> {
        let about = |statement: &&Statement| statement.covers_action(request.action);
        let mut keys = Vec::new();
        for statement in self.statements.iter().filter(about) {
            keys.extend(statement.resources.listed().iter().flat_map(ArnPattern::keys));
            if statement.resources.takes(|pattern| pattern.fits(request.resource, request.context)) {
                let conditions = statement.conditions.iter().filter(|condition| condition.wants_value());
                keys.extend(conditions.flat_map(Condition::keys));
            }
        }
        keys
    }

    /// Whether a statement lets everybody in, as S3 means it: `RestrictPublicBuckets` then shuts other accounts out.
    pub(super) fn is_public(&self) -> bool {
        let public = |statement: &Statement| {
            statement.allows && statement.who.is_everyone() && !statement.conditions.iter().any(Condition::narrows)
        };
        self.statements.iter().any(public)
    }
}

impl Statement {
    fn covers(&self, request: &Request<'_>) -> bool {
        self.covers_action(request.action)
            && self.resources.takes(|pattern| pattern.fits(request.resource, request.context))
            && self.conditions_hold(request.context)
    }

    fn covers_action(&self, action: &str) -> bool {
        self.actions.takes(|pattern| pattern.fits_in_any_case(action, &[]))
    }

    fn conditions_hold(&self, context: Context<'_>) -> bool {
        self.conditions.iter().all(|condition| condition.holds(context))
    }
}

fn decide<'a>(statements: impl Iterator<Item = &'a Statement>) -> Decision {
    statements.fold(Decision::Silent, |decision, statement| match decision {
        Decision::Deny => Decision::Deny,
        Decision::Allow | Decision::Silent if !statement.allows => Decision::Deny,
        Decision::Allow | Decision::Silent => Decision::Allow,
    })
}

#[cfg(test)]
mod tests;
