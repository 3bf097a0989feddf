//! Public statements: together with `RestrictPublicBuckets` they close a bucket to every other account.

use super::super::super::book::Book;
use super::super::super::facts::{Fact, PublicAccessBlock};
use super::super::super::finding::Severity;
use super::super::super::remedy::command;
use super::super::super::scene::{Leg, Scene};
use super::super::PUBLIC_POLICY;
use crate::domain::policy::document::Named;
use crate::domain::policy::{Document, Effect, Kind};

/// Looks for a public statement in a destination's policy.
pub(super) fn check(scene: &Scene<'_>, leg: &Leg<'_>, book: &mut Book) {
    let (place, bucket) = (leg.view.place, &leg.view.facts.bucket);
    if !leg.is_cross_account(scene) {
        return book.ok(&PUBLIC_POLICY, place, "both buckets belong to one account");
    }
    if matches!(&bucket.policy, Ok(None)) {
        return book.ok(&PUBLIC_POLICY, place, "no policy, so no public statement");
    }
    let open = bucket.policy.as_ref().ok().and_then(Option::as_deref).map(open_statements);
    let is_public = match (&bucket.policy_is_public, &open) {
        (Ok(status), _) => status.unwrap_or_default(),
        (Err(_), Some(open)) => !open.is_empty(),
        (Err(why), None) => {
            book.unread(&PUBLIC_POLICY, place, why);
            return;
        }
    };
    let quoted = open.unwrap_or_default();
    let quoted = if quoted.is_empty() { "not quoted".to_owned() } else { quoted.join(", ") };
    if !is_public {
        return book.ok(&PUBLIC_POLICY, place, "GetBucketPolicyStatus: IsPublic false");
    }
    let (of_bucket, of_account) = (&bucket.public_access, &leg.view.facts.account_public_access);
    let levels = [("bucket", of_bucket), ("account", of_account)];
    let restricting: Vec<_> =
        levels.iter().filter(|(_, level)| restricts(level)).map(|(name, _)| format!("true at the {name}")).collect();
    if restricting.is_empty() {
        if let Err(why) = of_bucket {
            book.unread(&PUBLIC_POLICY, place, why);
            return;
        }
        if let Err(why) = of_account {
            return book.unread(&PUBLIC_POLICY, place, why).weigh(Severity::Info);
        }
    }
    let said = if restricting.is_empty() { "false at bucket and account".to_owned() } else { restricting.join(", ") };
    let evidence = format!("the policy of {} is public ({quoted}); RestrictPublicBuckets {said}", leg.view.bucket);
    let words = format!("s3api get-bucket-policy --bucket {} --query Policy --output text", leg.view.bucket);
    let fix = format!(
        "Take the public statement out, or narrow its Principal: {} shows the policy, put-bucket-policy writes it.",
        command(&words, leg.view.region)
    );
    if !restricting.is_empty() {
        let title =
            format!("A public statement makes S3 close {} to all other accounts, the role's too", leg.view.bucket);
        book.fault(&PUBLIC_POLICY, place, title, evidence, fix);
    } else {
        let title = format!(
            "{} has a public statement: replication stops if its account restricts public buckets",
            leg.view.bucket
        );
        book.fault(&PUBLIC_POLICY, place, title, evidence, fix).weigh(Severity::Warning);
    }
}

fn restricts(level: &Fact<Option<PublicAccessBlock>>) -> bool {
    matches!(level, Ok(Some(block)) if block.restrict_public_buckets)
}

/// Statements that allow everybody something.
fn open_statements(text: &str) -> Vec<String> {
    let Ok(document) = Document::read(text, Kind::Bucket) else { return Vec::new() };
    let is_open = |principals: &crate::domain::policy::document::Listed<Named>| {
        principals.is_all_but || principals.items.contains(&Named::Anyone)
    };
    document
        .statements
        .iter()
        .filter(|statement| statement.effect == Effect::Allow && statement.conditions.is_empty())
        .filter(|statement| statement.principals.as_ref().is_some_and(is_open))
        .map(|statement| {
            let sid = statement.sid.clone().unwrap_or_else(|| statement.place.to_string());
            format!("statement {sid}: Principal \"*\", {}", statement.actions.items.join(", "))
        })
        .collect()
}
