//! The role's trust policy: whether S3 may assume it.

use std::sync::Arc;

use super::super::super::access::Access;
use super::super::super::book::Book;
use super::super::super::finding::Severity;
use super::super::super::scene::Scene;
use super::super::{ROLE_TRUST, ROLE_TRUST_FORM};
use super::documents;
use crate::domain::policy::replication_context::assume_role;
use crate::domain::policy::{Answer, Document, Guard, Kind, Policies, Set, evaluate};

/// The trust policy that lets S3 replicate.
pub(super) const RIGHT: &str = concat!(
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"#,
    r#""Action":"sts:AssumeRole"}]}"#,
);

/// Looks at the trust policy.
pub(super) fn check(scene: &Scene<'_>, access: &Access<'_>, book: &mut Book) {
    let facts = access.facts;
    let Some(role) = book.read(&ROLE_TRUST, None, &facts.role) else { return };
    let Some(role) = role else { return };
    let name = facts.arn.rsplit('/').next().unwrap_or(&facts.arn);
    let fix = format!("aws iam update-assume-role-policy --role-name {name} --policy-document '{RIGHT}'");
    let document = match Document::read(&role.trust, Kind::Trust) {
        Ok(document) => document,
        Err(flaw) => {
            let title = "The role's trust policy is no policy document";
            book.fault(&ROLE_TRUST_FORM, None, title, flaw.to_string(), fix);
            return;
        }
    };
    documents::form(&ROLE_TRUST_FORM, None, &[("the trust policy", &document)], book);
    let policies = Policies {
        identity: Set::none(),
        boundary: None,
        resource: Set::of("the trust policy", Arc::new(document)),
        owner: access.caller.role.account().unwrap_or_default().to_owned(),
        guard: Guard::Trust,
    };
    let source = scene.source();
    let request = assume_role(&facts.arn, scene.source_account().unwrap_or_default(), source.bucket);
    let answer = evaluate(&policies, &request);
    let evidence = format!("sts:AssumeRole by s3.amazonaws.com: {answer}; the trust policy: {}", role.trust);
    match answer {
        Answer::Allowed { .. } => book.ok(&ROLE_TRUST, None, evidence),
        Answer::Denied(_) => {
            let title = format!("S3 may not assume the role {}", facts.arn);
            book.fault(&ROLE_TRUST, None, title, evidence, fix);
        }
        Answer::Depends { .. } => {
            let title = "It depends on what nobody documents whether S3 may assume the role";
            book.open(&ROLE_TRUST, None, title, evidence, fix).weigh(Severity::Warning);
        }
    }
}
