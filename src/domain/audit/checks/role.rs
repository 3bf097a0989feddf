//! The replication role: there, trusted, and allowed all that this configuration needs.

mod documents;
mod needs;
mod simulation;
mod trust;

pub(super) use self::documents::{form, principal};
pub(super) use self::needs::{Need, beside_encrypt, contexts, of_destination, replica_key_arn, source_key_arn};
use super::super::access::{Access, is_explicit, near_misses};
use super::super::book::Book;
use super::super::finding::Severity;
use super::super::remedy::statement;
use super::super::scene::Scene;
use super::{ROLE_ACCOUNT, ROLE_BOUNDARY, ROLE_DENY, ROLE_EXISTS, ROLE_POLICY_PRESENT};
use crate::domain::policy::Answer;

/// Looks at the role.
pub(super) fn check(scene: &Scene<'_>, book: &mut Book) {
    let Some(replication) = scene.replication() else {
        if let Err(why) = &scene.facts.replication {
            book.unread(&ROLE_EXISTS, None, why);
        }
        return;
    };
    let Some(access) = Access::of(scene) else {
        let evidence = format!("the replication configuration names the role \"{}\"", replication.role);
        book.open(&ROLE_EXISTS, None, "Nothing was read of the replication role", evidence, "");
        return;
    };
    documents::source_policy(scene, &access, book);
    if !exists(scene, &access, book) {
        return;
    }
    trust::check(scene, &access, book);
    let needs = needs::all(scene, &access);
    let flaws = documents::check(&access, &needs, book);
    if present(&access, book) {
        permissions(&access, &needs, &flaws, book);
        simulation::check(&access, &needs, book);
    }
    documents::breadth(&access, book);
}

fn exists(scene: &Scene<'_>, access: &Access<'_>, book: &mut Book) -> bool {
    let arn = &access.facts.arn;
    let account = access.caller.role.account().unwrap_or_default();
    match scene.source_account() {
        Some(expected) if expected != account => {
            let title = format!("The replication role belongs to account {account}, the source to {expected}");
            let fix = format!("Make the role in account {expected} and name it in the replication configuration.");
            book.fault(&ROLE_ACCOUNT, None, title, format!("Role {arn}"), fix);
        }
        Some(_) | None => book.ok(&ROLE_ACCOUNT, None, format!("Role {arn}")),
    }
    let Some(role) = book.read(&ROLE_EXISTS, None, &access.facts.role) else { return true };
    if role.is_some() {
        book.ok(&ROLE_EXISTS, None, format!("GetRole of {arn} was answered"));
        return true;
    }
    let name = arn.rsplit('/').next().unwrap_or(arn);
    let fix = format!(
        "aws iam create-role --role-name {name} --assume-role-policy-document '{}', give it its policy (`replicanary \
         policies --for replication` prints both), and save the key policies and the bucket policy of the destination \
         again, which still name the unique id of the role that is gone",
        trust::RIGHT
    );
    let title = format!("There is no role {arn}");
    book.fault(&ROLE_EXISTS, None, title, format!("GetRole of {arn} answered NoSuchEntity"), fix);
    false
}

fn present(access: &Access<'_>, book: &mut Book) -> bool {
    let is_empty = |fact: &super::super::facts::Fact<Vec<_>>| matches!(fact, Ok(policies) if policies.is_empty());
    if is_empty(&access.facts.inline) && is_empty(&access.facts.attached) {
        let title = format!("The role {} has no policy: it may do nothing", access.facts.arn);
        let fix = "aws iam put-role-policy --policy-name replication --policy-document file://policy.json \
                   --role-name ROLE, with what `replicanary policies --for replication` prints";
        book.fault(&ROLE_POLICY_PRESENT, None, title, "ListRolePolicies and ListAttachedRolePolicies are empty", fix);
        return false;
    }
    let count = access.documents.len() + access.broken.len();
    book.ok(&ROLE_POLICY_PRESENT, None, format!("{count} policies were read"));
    true
}

/// What every need comes to; denials and the boundary are told once for all.
fn permissions(access: &Access<'_>, needs: &[Need], flaws: &documents::Flaws, book: &mut Book) {
    let mut denied = Vec::new();
    let mut bounded = Vec::new();
    let mut missing: Vec<(&Need, Answer)> = Vec::new();
    let mut settled: Vec<(&'static str, Option<usize>)> = Vec::new();
    for need in needs {
        let answer = access.own(&need.request);
        match &answer {
            Answer::Allowed { .. } => match access.bounded(&need.request) {
                Answer::Denied(why) => bounded.push(format!("{}: {}", need.words(), Answer::Denied(why))),
                depends @ Answer::Depends { .. } => open(access, need, &depends, book),
                Answer::Allowed { .. } => {}
            },
            Answer::Denied(_) if is_explicit(&answer) => denied.push(format!("{}: {answer}", need.words())),
            Answer::Denied(_) => missing.push((need, answer.clone())),
            Answer::Depends { .. } => open(access, need, &answer, book),
        }
        let is_ok = answer.is_allowed() && access.bounded(&need.request).is_allowed();
        let others = needs.iter().filter(|other| other.check.id == need.check.id && other.place == need.place);
        let all_ok = others.clone().all(|other| access.bounded(&other.request).is_allowed());
        if is_ok && all_ok && !settled.contains(&(need.check.id, need.place)) {
            settled.push((need.check.id, need.place));
            let all: Vec<_> = others.map(Need::words).collect();
            book.ok(need.check, need.place, format!("{}: {answer}", all.join(", ")));
        }
    }
    tell_missing(access, &missing, flaws, book);
    tell_all(
        &ROLE_DENY,
        &denied,
        "The role's own policies deny what replication needs",
        "Take the Deny out of the policy, or except these actions and resources from it.",
        book,
    );
    tell_all(
        &ROLE_BOUNDARY,
        &bounded,
        "The role's permissions boundary keeps back what its policies allow",
        "Add these actions and resources to the boundary, or take it off: `aws iam \
         delete-role-permissions-boundary --role-name ROLE`.",
        book,
    );
}

fn open(access: &Access<'_>, need: &Need, answer: &Answer, book: &mut Book) {
    if let Some(why) = access.unread() {
        book.unread(need.check, need.place, why);
        return;
    }
    let title = format!("It depends on what nobody documents whether the role may {}", need.request.action);
    let fix = "Take the condition out, or replace it by one on aws:PrincipalArn or aws:PrincipalAccount.";
    let severity = need.severity.min(Severity::Warning);
    book.open(need.check, need.place, title, format!("{}: {answer}", need.words()), fix).weigh(severity);
}

fn tell_missing(access: &Access<'_>, missing: &[(&Need, Answer)], flaws: &documents::Flaws, book: &mut Book) {
    let mut told: Vec<(&'static str, Option<usize>)> = Vec::new();
    for (need, _) in missing {
        let here = (need.check.id, need.place);
        if told.contains(&here) {
            continue;
        }
        told.push(here);
        let alike: Vec<_> = missing.iter().filter(|(other, _)| (other.check.id, other.place) == here).collect();
        let actions: Vec<_> = alike.iter().map(|(other, _)| other.request.action.clone()).collect();
        let evidence: Vec<_> = alike
            .iter()
            .flat_map(|(other, answer)| {
                let near = near_misses(&access.documents, &other.request.action);
                std::iter::once(format!("{}: {answer}", other.words())).chain(near)
            })
            .collect();
        let title = format!("The role may not {} on {}", actions.join(", "), need.resource);
        let fix = statement("Replication", &actions, std::slice::from_ref(&need.resource), None);
        let fix = format!("Add to a policy of {}: {fix}", access.facts.arn);
        let finding = book.fault(need.check, need.place, title, evidence.join("; "), fix);
        finding.weigh(need.severity);
        if let Some(root) = flaws.cause(need).or(need.root) {
            finding.weigh(Severity::Info);
            finding.because = Some(root);
        }
    }
}

fn tell_all(check: &'static super::Check, what: &[String], title: &str, fix: &str, book: &mut Book) {
    if what.is_empty() {
        book.ok(check, None, "nothing that is needed is kept back");
    } else {
        book.fault(check, None, title, what.join("; "), fix);
    }
}
