//! What the replication role may do, by its own policies and by those of buckets and keys.

use std::sync::Arc;

use super::facts::{Fact, Grant, NamedPolicy, RoleFacts, Unread};
use super::scene::{Leg, Scene, Sealed, View};
use crate::domain::policy::replication_context::{Called, Encryption, Replicating};
use crate::domain::policy::{Answer, Caller, Denial, Document, Effect, Guard, Kind, Policies, Request, Set, evaluate};

/// Allows everything: stands for the side of a policy that is not asked about.
const EVERYTHING: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// The role as its own policies have it.
#[derive(Debug)]
pub(super) struct Access<'a> {
    /// What was read of it.
    pub(super) facts: &'a RoleFacts,
    /// Who calls.
    pub(super) caller: Replicating,
    /// Its inline and attached policies, by name, with their text.
    pub(super) documents: Vec<(&'a str, Arc<Document>)>,
    /// The documents that are no policies at all.
    pub(super) broken: Vec<(&'a str, crate::domain::policy::Flaw)>,
    identity: Set,
    boundary: Option<Set>,
    account: String,
}

impl<'a> Access<'a> {
    /// The role that the configuration names, as far as it was read.
    pub(super) fn of(scene: &Scene<'a>) -> Option<Self> {
        let facts = scene.facts.role.as_ref()?;
        let role = facts.role.as_ref().ok().and_then(Option::as_ref);
        let caller = Caller::role(&facts.arn, role.map(|role| role.unique_id.as_str()).filter(|id| !id.is_empty()));
        let mut access = Self {
            facts,
            account: caller.account().unwrap_or_default().to_owned(),
            caller: Replicating { role: caller, organization: None },
            documents: Vec::new(),
            broken: Vec::new(),
            identity: Set::none(),
            boundary: None,
        };
        for (fact, name) in [(&facts.inline, "the inline policies"), (&facts.attached, "the attached policies")] {
            access.add(fact, name);
        }
        access.boundary = match &facts.boundary {
            Ok(None) => None,
            Ok(Some(policy)) => Some(match Document::read(&policy.document, Kind::Identity) {
                Ok(document) => Set::of(&policy.name, Arc::new(document)),
                Err(_) => Set::none(),
            }),
            Err(_) => Some(Set::none().and_unread("the permissions boundary")),
        };
        Some(access)
    }

    fn add(&mut self, fact: &'a Fact<Vec<NamedPolicy>>, name: &str) {
        let Ok(policies) = fact else {
            self.identity = std::mem::take(&mut self.identity).and_unread(name);
            return;
        };
        for policy in policies {
            match Document::read(&policy.document, Kind::Identity) {
                Ok(document) => {
                    let document = Arc::new(document);
                    self.identity = std::mem::take(&mut self.identity).and(&policy.name, Arc::clone(&document));
                    self.documents.push((&policy.name, document));
                }
                Err(flaw) => self.broken.push((&policy.name, flaw)),
            }
        }
    }

    /// Why its policies are not all known.
    pub(super) fn unread(&self) -> Option<&'a Unread> {
        let facts = self.facts;
        [facts.inline.as_ref().err(), facts.attached.as_ref().err(), facts.boundary.as_ref().err()]
            .into_iter()
            .flatten()
            .next()
    }

    /// By its inline and attached policies alone.
    pub(super) fn own(&self, request: &Request) -> Answer {
        self.ask(None, request)
    }

    /// By these and its permissions boundary.
    pub(super) fn bounded(&self, request: &Request) -> Answer {
        self.ask(self.boundary.clone(), request)
    }

    fn ask(&self, boundary: Option<Set>, request: &Request) -> Answer {
        let policies = Policies {
            identity: self.identity.clone(),
            boundary,
            resource: Set::none(),
            owner: self.account.clone(),
            guard: Guard::Bucket,
        };
        evaluate(&policies, request)
    }
}

/// By a bucket's policy alone.
pub(super) fn by_bucket(policy: Set, owner: &str, request: &Request) -> Answer {
    by_resource(policy, owner, Guard::Bucket, request)
}

/// By a key's policy and grants alone.
pub(super) fn by_key(policy: Set, owner: &str, grants: Vec<Grant>, request: &Request) -> Answer {
    by_resource(policy, owner, Guard::Key { grants }, request)
}

fn by_resource(resource: Set, owner: &str, guard: Guard, request: &Request) -> Answer {
    let everything = match Document::read(EVERYTHING, Kind::Identity) {
        Ok(document) => Set::of("everything", Arc::new(document)),
        Err(_) => Set::none(),
    };
    evaluate(&Policies { identity: everything, boundary: None, resource, owner: owner.to_owned(), guard }, request)
}

/// Whether it is denied by a statement, and not only not allowed.
pub(super) fn is_explicit(answer: &Answer) -> bool {
    matches!(answer, Answer::Denied(Denial::Explicit(_)))
}

/// The ARN of a canary, as far as policies can tell one from another.
pub(super) fn canary_arn(scene: &Scene<'_>, view: &View<'_>) -> String {
    format!("{}/{}canary", view.arn(), scene.route.canary.prefix)
}

/// The call of one side.
pub(super) fn called<'a>(view: &View<'a>, account: Option<&'a str>) -> Called<'a> {
    Called { region: view.region, account }
}

/// What S3 sends of the replica's encryption.
pub(super) fn encryption<'a>(scene: &Scene<'a>, leg: &Leg<'a>) -> Encryption<'a> {
    let default = scene.facts.source.bucket.encryption.as_ref().ok().and_then(Option::as_ref);
    match scene.sealed() {
        Sealed::Kms(_) => {
            let algorithm = default.filter(|default| default.is_kms()).map_or("aws:kms", |d| d.algorithm.as_str());
            Encryption::Kms { algorithm, key: leg.rule.and_then(|rule| rule.replica_key.as_deref()) }
        }
        Sealed::S3 | Sealed::Unknown => Encryption::S3,
    }
}

/// The statements that allow an action, on whatever: where a grant misses its resource, they show how.
pub(super) fn near_misses(documents: &[(&str, Arc<Document>)], action: &str) -> Vec<String> {
    let mut shown = Vec::new();
    for (name, document) in documents {
        for statement in document.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
            let names = statement.actions.items.iter().any(|item| item.eq_ignore_ascii_case(action));
            let resources = statement.resources.as_ref().map(|listed| listed.items.join(", ")).unwrap_or_default();
            let conditions: Vec<_> = statement
                .conditions
                .iter()
                .map(|condition| format!("{} {} = {}", condition.written, condition.key, condition.values.join(" | ")))
                .collect();
            if names {
                let given =
                    if conditions.is_empty() { String::new() } else { format!(" if {}", conditions.join(", ")) };
                let sid = statement.sid.clone().unwrap_or_else(|| statement.place.to_string());
                shown.push(format!("statement {sid} of {name} allows {action} on {resources}{given}"));
            }
        }
    }
    shown
}
