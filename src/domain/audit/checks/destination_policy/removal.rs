//! Whether bucket policies let the monitor delete its canaries.

use std::sync::Arc;

use super::super::super::access::{by_bucket, canary_arn, is_explicit};
use super::super::super::book::Book;
use super::super::super::facts::Identity;
use super::super::super::finding::Severity;
use super::super::super::scene::{Scene, View};
use super::super::{DESTINATION_DELETABLE, Pair, SOURCE_DELETABLE};
use crate::domain::policy::{Answer, Caller, Context, Document, Kind, Request, Set, Value};
use crate::domain::route::Cleanup;

const DELETABLE: Pair = Pair { source: &SOURCE_DELETABLE, destination: &DESTINATION_DELETABLE };

/// Looks for a Deny on `s3:DeleteObjectVersion` on both sides.
pub(super) fn check(scene: &Scene<'_>, book: &mut Book) {
    for view in scene.sides() {
        side(scene, &view, book);
    }
}

fn side(scene: &Scene<'_>, view: &View<'_>, book: &mut Book) {
    let check = view.check(DELETABLE);
    let Some(policy) = book.read(check, view.place, &view.facts.bucket.policy) else { return };
    let Some(text) = policy else { return book.ok(check, view.place, "the bucket has no policy") };
    let Some(identity) = book.read(check, view.place, &view.facts.identity) else { return };
    let Ok(document) = Document::read(text, Kind::Bucket) else {
        book.open(check, view.place, "The bucket's policy cannot be understood", text.clone(), "");
        return;
    };
    let context = Context::open()
        .with("aws:SecureTransport", Value::one("true"))
        .with("aws:RequestedRegion", Value::one(view.region));
    let request = Request::new(caller(identity), "s3:DeleteObjectVersion", &canary_arn(scene, view), context);
    let name = format!("the policy of {}", view.bucket);
    let owner = view.account.unwrap_or(&identity.account);
    let answer = by_bucket(Set::of(&name, Arc::new(document)), owner, &request);
    let cleans_up = match view.place {
        None => true,
        Some(place) => scene.route.destinations.get(place).is_none_or(|there| there.cleanup == Cleanup::Delete),
    };
    let is_needed = cleans_up && !scene.route.canary.allow_retained;
    let evidence = format!("s3:DeleteObjectVersion by {}: {answer}", identity.arn);
    let fix = "Except the monitor's role and the canary prefix from that Deny; or say `cleanup: lifecycle` for that \
               destination and let an expiry rule remove canaries; or `allow_retained: true`.";
    match &answer {
        Answer::Denied(_) if is_explicit(&answer) => {
            let title = format!("A Deny in {name} keeps the monitor from deleting canaries");
            let severity = if is_needed { Severity::Error } else { Severity::Info };
            book.fault(check, view.place, title, evidence, fix).weigh(severity);
        }
        Answer::Depends { .. } => {
            let title = format!("It depends on where the monitor calls from whether {name} lets it delete canaries");
            let severity = if is_needed { Severity::Warning } else { Severity::Info };
            book.open(check, view.place, title, evidence, fix).weigh(severity);
        }
        Answer::Denied(_) | Answer::Allowed { .. } => book.ok(check, view.place, evidence),
    }
}

/// The caller of an ARN as `GetCallerIdentity` shows it; a session shows no path of its role.
fn caller(identity: &Identity) -> Caller {
    let (account, arn) = (identity.account.clone(), identity.arn.clone());
    let named = arn.splitn(6, ':').nth(5).unwrap_or_default().to_owned();
    if let Some(session) = named.strip_prefix("assumed-role/") {
        let (role, session) = session.split_once('/').unwrap_or((session, ""));
        let partition = arn.split(':').nth(1).unwrap_or("aws");
        Caller::Role {
            arn: format!("arn:{partition}:iam::{account}:role/{role}"),
            account,
            unique_id: None,
            session: (!session.is_empty()).then(|| session.to_owned()),
        }
    } else if named.starts_with("user/") {
        Caller::User { arn, account, unique_id: None }
    } else if named.starts_with("role/") {
        Caller::Role { arn, account, unique_id: None, session: None }
    } else {
        Caller::Root { account }
    }
}
