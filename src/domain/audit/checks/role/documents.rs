//! The role's documents as texts: what is malformed in them, and what goes too far.

use std::sync::Arc;

use super::super::super::access::{self, Access};
use super::super::super::book::{Book, Place};
use super::super::super::finding::Severity;
use super::super::super::scene::Scene;
use super::super::{Check, ROLE_ALIAS, ROLE_BREADTH, ROLE_POLICY_FORM, SOURCE_POLICY_DENY, SOURCE_POLICY_FORM};
use super::needs::{self, Need};
use crate::domain::policy::document::Named;
use crate::domain::policy::{Document, Effect, Flaw, Gravity, Kind, Set, What};

/// The flaws of the role's policies.
#[derive(Debug)]
pub(super) struct Flaws(Vec<Flaw>);

impl Flaws {
    /// The check that tells why a right is missing, if a flaw explains it.
    pub(super) fn cause(&self, need: &Need) -> Option<&'static str> {
        let is_why = |flaw: &&Flaw| explains(flaw, need);
        self.0.iter().find(is_why).map(|_| ROLE_POLICY_FORM.id)
    }
}

fn explains(flaw: &Flaw, need: &Need) -> bool {
    let action = need.request.action.to_lowercase();
    let right = flaw.right.to_lowercase();
    let bare = action.split(':').nth(1).unwrap_or(&action);
    let name = need.resource.rsplit(':').next().unwrap_or_default();
    let name = name.split('/').next().unwrap_or_default();
    match flaw.what {
        What::ActionShape => right.contains(&action) || flaw.quoted.to_lowercase().contains(bare),
        What::UnknownAction | What::ForeignAction => right.contains(&action),
        What::ArnShape | What::WrongResource => !name.is_empty() && flaw.quoted.contains(name),
        What::NotJson | What::TextAfterTheEnd | What::Placeholder => true,
        What::Missing
        | What::Misplaced
        | What::WrongValue
        | What::StalePrincipal
        | What::WrongPrincipal
        | What::UnknownOperator
        | What::UnknownKey
        | What::NoAdministrator
        | What::Alias => false,
    }
}

/// Looks at the role's policies, and tells their flaws.
pub(super) fn check(access: &Access<'_>, needs: &[Need], book: &mut Book) -> Flaws {
    let mut flaws: Vec<Flaw> = access.broken.iter().map(|(_, flaw)| flaw.clone()).collect();
    let mut told: Vec<String> = access.broken.iter().map(|(name, flaw)| format!("{name}: {flaw}")).collect();
    let (mut aliases, mut worst) = (Vec::new(), told.first().map(|_| Severity::Error));
    let missing: Vec<&Need> = needs.iter().filter(|need| access.own(&need.request).is_denied()).collect();
    for (name, document) in &access.documents {
        for flaw in document.flaws() {
            if flaw.what == What::Alias {
                aliases.push(format!("{name}: {flaw}"));
                continue;
            }
            let is_felt = missing.iter().any(|need| need.severity == Severity::Error && explains(flaw, need));
            worst = worst.max(Some(if is_felt { Severity::Error } else { weight(flaw) }));
            told.push(format!("{name}: {flaw}"));
            flaws.push(flaw.clone());
        }
    }
    tell(&ROLE_POLICY_FORM, None, &told, worst, "The role's policies are malformed", book);
    if aliases.is_empty() {
        book.ok(&ROLE_ALIAS, None, "no resource is an alias");
    } else {
        let title = "The role's policies name KMS keys by alias, which never allows to use them";
        book.fault(&ROLE_ALIAS, None, title, aliases.join("; "), "Name the key's ARN as Resource.");
    }
    Flaws(flaws)
}

/// How grave a flaw is by itself.
fn weight(flaw: &Flaw) -> Severity {
    match flaw.gravity {
        Gravity::Refused => Severity::Error,
        Gravity::Ineffective => Severity::Warning,
        Gravity::Risky => Severity::Info,
    }
}

/// Tells what is malformed in documents other than the role's.
pub(in super::super) fn form(check: &'static Check, place: Place, documents: &[(&str, &Document)], book: &mut Book) {
    let (mut told, mut worst) = (Vec::new(), None);
    for (name, document) in documents {
        let others = |flaw: &&Flaw| !matches!(flaw.what, What::StalePrincipal | What::Alias);
        for flaw in document.flaws().iter().filter(others) {
            worst = worst.max(Some(weight(flaw)));
            told.push(format!("{name}: {flaw}"));
        }
    }
    let title = documents.first().map_or_else(String::new, |(name, _)| format!("Flaws in {name}"));
    tell(check, place, &told, worst, &title, book);
}

fn tell(check: &'static Check, place: Place, told: &[String], worst: Option<Severity>, title: &str, book: &mut Book) {
    match worst {
        None => book.ok(check, place, "no flaw"),
        Some(worst) => {
            let fix = "Write the right text in place of the quoted one, and save the document.";
            book.fault(check, place, title, told.join("\n"), fix).weigh(worst);
        }
    }
}

/// The source bucket's own policy: only its denials matter, since the role is of the same account.
pub(super) fn source_policy(scene: &Scene<'_>, access: &Access<'_>, book: &mut Book) {
    let Some(policy) = book.read(&SOURCE_POLICY_DENY, None, &scene.facts.source.bucket.policy) else { return };
    let Some(text) = policy else {
        return book.ok(&SOURCE_POLICY_DENY, None, "the source bucket has no policy");
    };
    let name = "the source bucket's policy";
    let document = match Document::read(text, Kind::Bucket) {
        Ok(document) => Arc::new(document),
        Err(flaw) => {
            let title = "The source bucket's policy is no policy document";
            book.fault(&SOURCE_POLICY_FORM, None, title, flaw.to_string(), "Save it as one JSON object.");
            return;
        }
    };
    form(&SOURCE_POLICY_FORM, None, &[(name, &document)], book);
    let owner = scene.source_account().unwrap_or_default();
    let ask = |need: &Need| access::by_bucket(Set::of(name, Arc::clone(&document)), owner, &need.request);
    let answers: Vec<_> = needs::of_source(scene, access).iter().map(|need| (need.words(), ask(need))).collect();
    super::super::destination_policy::denials(&SOURCE_POLICY_DENY, None, name, &answers, book);
}

/// What the role may do beyond what it needs.
pub(super) fn breadth(access: &Access<'_>, book: &mut Book) {
    let mut broad = Vec::new();
    for (name, document) in &access.documents {
        for statement in document.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
            let actions: Vec<_> = statement.actions.items.iter().filter(|item| is_broad(item)).cloned().collect();
            let everywhere = statement.resources.as_ref().is_some_and(|listed| listed.items.iter().any(|it| it == "*"));
            let sid = statement.sid.clone().unwrap_or_else(|| statement.place.to_string());
            if !actions.is_empty() || statement.actions.is_all_but {
                broad.push(format!("statement {sid} of {name} allows {}", actions.join(", ")));
            }
            if everywhere {
                broad.push(format!("statement {sid} of {name} allows it on every resource"));
            }
        }
    }
    if broad.is_empty() {
        return book.ok(&ROLE_BREADTH, None, "no statement allows everything of a service or on every resource");
    }
    let fix = "Narrow it to what `replicanary policies --for replication` prints.";
    book.fault(&ROLE_BREADTH, None, "The role may do more than replication needs", broad.join("; "), fix);
}

fn is_broad(action: &str) -> bool {
    let tail = action.split(':').nth(1).unwrap_or(action);
    tail == "*" || ["kms:ReEncrypt*", "s3:Put*", "s3:Get*", "s3:Delete*"].contains(&action)
}

/// A principal as evidence shows it.
pub(in super::super) fn principal(named: &Named) -> String {
    match named {
        Named::Anyone => "*".to_owned(),
        Named::Aws(name) | Named::Service(name) | Named::Federated(name) | Named::CanonicalUser(name) => name.clone(),
    }
}
