//! The destination bucket's policy and ownership: what the other account lets the role do.

mod public;
mod removal;

use std::sync::Arc;

use super::super::access::{Access, by_bucket, is_explicit, near_misses};
use super::super::book::{Book, Place};
use super::super::finding::Severity;
use super::super::remedy::{command, statement};
use super::super::scene::{Leg, Scene};
use super::role::{self, Need};
use super::{
    Check, OWNERSHIP, POLICY_DELETE, POLICY_DENY, POLICY_FORM, POLICY_LIST, POLICY_OWNER, POLICY_PRESENT,
    POLICY_REPLICATE, POLICY_STALE, POLICY_TAGS,
};
use crate::domain::policy::{Answer, Document, Kind, Set, What};

const NAME: &str = "the destination bucket's policy";

/// Looks at the policy and the ownership of every destination bucket.
pub(super) fn check(scene: &Scene<'_>, book: &mut Book) {
    removal::check(scene, book);
    let access = Access::of(scene);
    for leg in scene.legs() {
        ownership(scene, &leg, book);
        public::check(scene, &leg, book);
        if let Some(access) = &access {
            policy(scene, access, &leg, book);
        }
    }
}

fn policy(scene: &Scene<'_>, access: &Access<'_>, leg: &Leg<'_>, book: &mut Book) {
    let place = leg.view.place;
    let Some(policy) = book.read(&POLICY_REPLICATE, place, &leg.view.facts.bucket.policy) else { return };
    let needs = role::of_destination(scene, access, leg);
    let Some(text) = policy else {
        if !leg.is_cross_account(scene) {
            return book.ok(&POLICY_PRESENT, place, "no policy, and none needed within one account");
        }
        let actions: Vec<_> = needs.iter().map(|need| need.request.action.clone()).collect();
        let title = format!("{} has no policy: nobody of another account may replicate into it", leg.view.bucket);
        let evidence = format!("GetBucketPolicy of {} answered NoSuchBucketPolicy", leg.view.bucket);
        book.fault(&POLICY_PRESENT, place, title, evidence, whole(access, leg, &actions));
        return;
    };
    book.ok(&POLICY_PRESENT, place, format!("GetBucketPolicy of {} was answered", leg.view.bucket));
    let document = match Document::read(text, Kind::Bucket) {
        Ok(document) => Arc::new(document),
        Err(flaw) => {
            let title = format!("The policy of {} is no policy document", leg.view.bucket);
            book.fault(&POLICY_FORM, place, title, flaw.to_string(), "Save it as one JSON object.");
            return;
        }
    };
    role::form(&POLICY_FORM, place, &[(NAME, &document)], book);
    let owner = leg.account().or_else(|| scene.source_account()).unwrap_or_default();
    let ask = |need: &Need| by_bucket(Set::of(NAME, Arc::clone(&document)), owner, &need.request);
    let answers: Vec<_> = needs.iter().map(|need| (need, ask(need))).collect();
    let said: Vec<_> = answers.iter().map(|(need, answer)| (need.words(), answer.clone())).collect();
    denials(&POLICY_DENY, place, NAME, &said, book);
    let lacks = answers.iter().any(|(need, answer)| need.severity == Severity::Error && answer.is_denied());
    stale(&POLICY_STALE, place, (NAME, &document), lacks, book);
    for (need, answer) in &answers {
        lets(access, leg, need, answer, &document, book);
    }
    looks(access, leg, &document, owner, book);
}

/// The check of the destination's policy that belongs to a need of the role.
fn check_of(need: &Need) -> &'static Check {
    match need.request.action.as_str() {
        "s3:ReplicateDelete" => &POLICY_DELETE,
        "s3:ReplicateTags" => &POLICY_TAGS,
        "s3:ObjectOwnerOverrideToBucketOwner" => &POLICY_OWNER,
        _ => &POLICY_REPLICATE,
    }
}

fn lets(access: &Access<'_>, leg: &Leg<'_>, need: &Need, answer: &Answer, document: &Arc<Document>, book: &mut Book) {
    let (check, place) = (check_of(need), leg.view.place);
    let action = &need.request.action;
    match answer {
        Answer::Allowed { .. } => book.ok(check, place, format!("{}: {answer}", need.words())),
        Answer::Denied(_) if is_explicit(answer) => {}
        Answer::Denied(_) => {
            let title = format!("The policy of {} does not let the role {action}", leg.view.bucket);
            let near = near_misses(&[(NAME, Arc::clone(document))], action);
            let evidence = format!("{}: {answer}; {}", need.words(), principals(document));
            let evidence = std::iter::once(evidence).chain(near).collect::<Vec<_>>().join("; ");
            let fix = grant(access, leg, std::slice::from_ref(action));
            book.fault(check, place, title, evidence, format!("Add to the policy of {}: {fix}", leg.view.bucket))
                .weigh(need.severity);
        }
        Answer::Depends { .. } => {
            let title = format!("It depends on what nobody documents whether the policy lets the role {action}");
            let fix = "Replace the condition by one on aws:PrincipalArn or aws:PrincipalAccount.";
            book.open(check, place, title, format!("{}: {answer}", need.words()), fix)
                .weigh(need.severity.min(Severity::Warning));
        }
    }
}

fn principals(document: &Document) -> String {
    let named = document.statements.iter().filter_map(|statement| statement.principals.as_ref());
    let shown: Vec<_> = named.flat_map(|listed| &listed.items).map(role::principal).collect();
    format!("the policy names {}", if shown.is_empty() { "nobody".to_owned() } else { shown.join(", ") })
}

fn grant(access: &Access<'_>, leg: &Leg<'_>, actions: &[String]) -> String {
    statement("LetTheSourceReplicate", actions, &[format!("{}/*", leg.view.arn())], Some(&access.facts.arn))
}

fn whole(access: &Access<'_>, leg: &Leg<'_>, actions: &[String]) -> String {
    let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, grant(access, leg, actions));
    command(&format!("s3api put-bucket-policy --bucket {} --policy '{policy}'", leg.view.bucket), leg.view.region)
}

/// What a policy denies for certain, told once; what only perhaps, told as such.
pub(super) fn denials(check: &'static Check, place: Place, name: &str, said: &[(String, Answer)], book: &mut Book) {
    let which = |keep: &dyn Fn(&Answer) -> bool| -> Vec<String> {
        said.iter().filter(|(_, answer)| keep(answer)).map(|(words, answer)| format!("{words}: {answer}")).collect()
    };
    let denied = which(&is_explicit);
    let depends = which(&|answer| matches!(answer, Answer::Depends { .. }));
    if !denied.is_empty() {
        let title = format!("A Deny in {name} catches the replication role");
        let fix = "Except the role from that Deny: \"Condition\":{\"ArnNotLike\":{\"aws:PrincipalArn\":\"ROLE ARN\"}}. \
                   Replication comes through no VPC endpoint, from no address that is promised, and as the role.";
        book.fault(check, place, title, denied.join("; "), fix);
    } else if !depends.is_empty() {
        let title = format!("It depends on what nobody documents whether {name} catches the replication role");
        let fix = "Except the role from it: \"Condition\":{\"ArnNotLike\":{\"aws:PrincipalArn\":\"ROLE ARN\"}}";
        book.open(check, place, title, depends.join("; "), fix).weigh(Severity::Warning);
    } else {
        book.ok(check, place, format!("no Deny of {name} catches what the role asks for"));
    }
}

/// Principals that are gone: a warning, and an error where something is missing for it.
pub(super) fn stale(
    check: &'static Check,
    place: Place,
    (name, document): (&str, &Document),
    lacks: bool,
    book: &mut Book,
) {
    let gone: Vec<_> = document.flaws().iter().filter(|flaw| flaw.what == What::StalePrincipal).collect();
    if gone.is_empty() {
        return book.ok(check, place, format!("no unique id in {name}"));
    }
    let shown: Vec<_> = gone.iter().map(|flaw| flaw.to_string()).collect();
    let title = format!("{name} names a principal that was deleted: {}", gone[0].quoted);
    let fix = "Write the role's ARN in its place and save the policy: a role that was deleted and made again is \
               another one, and policies stay bound to the one that is gone.";
    book.fault(check, place, title, shown.join("; "), fix).weigh(if lacks { Severity::Error } else { Severity::Info });
}

fn looks(access: &Access<'_>, leg: &Leg<'_>, document: &Arc<Document>, owner: &str, book: &mut Book) {
    let place = leg.view.place;
    let called = super::super::access::called(&leg.view, leg.account());
    let missing: Vec<String> = ["s3:ListBucket", "s3:GetBucketVersioning", "s3:PutBucketVersioning"]
        .into_iter()
        .filter(|action| {
            let request = access.caller.read(action, &leg.view.arn(), called);
            !by_bucket(Set::of(NAME, Arc::clone(document)), owner, &request).is_allowed()
        })
        .map(str::to_owned)
        .collect();
    if missing.is_empty() {
        return book.ok(&POLICY_LIST, place, "List and versioning are granted");
    }
    let title = format!("The policy of {} does not grant what AWS's sample grants on the bucket", leg.view.bucket);
    let fix = statement("LetTheSourceLook", &missing, &[leg.view.arn()], Some(&access.facts.arn));
    let evidence = format!("not granted: {}; replication commonly works without", missing.join(", "));
    book.fault(&POLICY_LIST, place, title, evidence, fix);
}

fn ownership(scene: &Scene<'_>, leg: &Leg<'_>, book: &mut Book) {
    let place = leg.view.place;
    let Some(ownership) = book.read(&OWNERSHIP, place, &leg.view.facts.bucket.ownership) else { return };
    let ownership = ownership.as_deref().unwrap_or("ObjectWriter");
    let changes = leg.rule.is_some_and(|rule| rule.changes_owner);
    let evidence = format!(
        "GetBucketOwnershipControls of {}: {ownership}; the rule changes the owner: {changes}",
        leg.view.bucket
    );
    if !leg.is_cross_account(scene) || changes || ownership == "BucketOwnerEnforced" || leg.rule.is_none() {
        return book.ok(&OWNERSHIP, place, evidence);
    }
    let title =
        format!("Replicas in {} belong to the source's account: the destination's cannot read them", leg.view.bucket);
    let words = format!(
        "s3api put-bucket-ownership-controls --bucket {} --ownership-controls \
         'Rules=[{{ObjectOwnership=BucketOwnerEnforced}}]'",
        leg.view.bucket
    );
    let finding = book.fault(&OWNERSHIP, place, title, evidence, command(&words, leg.view.region));
    let expected = leg.destination.owner.as_ref().map(|owner| owner.as_str());
    if expected.is_some() && expected != scene.source_account() {
        finding.weigh(Severity::Error);
    }
}
