//! The rule's `ReplicaKmsKeyID`: S3 accepts any, and fails later.

use super::super::super::book::Book;
use super::super::super::finding::Severity;
use super::super::super::remedy::rule as change;
use super::super::super::scene::{Leg, Scene, description, is_same_key, key_arn};
use super::super::{
    RULE_KEY, RULE_KEY_ACCOUNT, RULE_KEY_ALIAS, RULE_KEY_ARN, RULE_KEY_EXPECTED, RULE_KEY_MANAGER, RULE_KEY_MULTI,
    RULE_KEY_REGION,
};
use crate::domain::replication::Rule;

/// Looks at the key that a rule names.
pub(super) fn check(scene: &Scene<'_>, leg: &Leg<'_>, rule: &Rule, book: &mut Book) {
    let (place, source) = (leg.view.place, scene.source().bucket);
    let right = leg.view.key.unwrap_or("the ARN of a customer managed key of the destination's account and Region");
    let fix = change(source, &format!("set EncryptionConfiguration.ReplicaKmsKeyID of {} to {right}", rule.id));
    let Some(key) = rule.replica_key.as_deref() else {
        let evidence = format!("rule {}: no EncryptionConfiguration", rule.id);
        if rule.takes_kms_objects == Some(true) {
            let title = format!("Rule {} takes objects under SSE-KMS and names no key for their replicas", rule.id);
            book.fault(&RULE_KEY, place, title, evidence, fix);
        } else {
            book.ok(&RULE_KEY, place, format!("{evidence}, and it takes no objects under SSE-KMS"));
        }
        return;
    };
    let evidence = format!("rule {}: ReplicaKmsKeyID {key}", rule.id);
    book.ok(&RULE_KEY, place, evidence.clone());
    let Some((region, account, named)) = key_arn(key) else {
        let title = format!("ReplicaKmsKeyID of rule {} is not the ARN of a KMS key: {key}", rule.id);
        book.fault(&RULE_KEY_ARN, place, title, evidence, fix);
        return;
    };
    book.ok(&RULE_KEY_ARN, place, evidence.clone());
    manager(leg, key, (&evidence, &fix), scene, book);
    alias(leg, key, named, (&evidence, &fix), book);
    location(leg, (region, account, named), (&evidence, &fix), book);
    expected(leg, key, (&evidence, &fix), book);
}

fn manager(leg: &Leg<'_>, key: &str, (evidence, fix): (&str, &str), scene: &Scene<'_>, book: &mut Book) {
    let place = leg.view.place;
    let is_aws = leg.view.key_read(key).and_then(description).is_some_and(|key| key.manager == "AWS");
    if !is_aws && !key.ends_with(":alias/aws/s3") {
        return book.ok(&RULE_KEY_MANAGER, place, evidence);
    }
    let title = "Replicas are put under aws/s3, which no other account can use and whose policy nobody can change";
    let finding = book.fault(&RULE_KEY_MANAGER, place, title, evidence, fix);
    if !leg.is_cross_account(scene) {
        finding.weigh(Severity::Warning);
    }
}

fn alias(leg: &Leg<'_>, key: &str, named: &str, (evidence, fix): (&str, &str), book: &mut Book) {
    let place = leg.view.place;
    if !named.starts_with("alias/") {
        return book.ok(&RULE_KEY_ALIAS, place, evidence);
    }
    let title = format!("The rule names its key by alias: {key}");
    let evidence = format!(
        "{evidence}: whoever moves the alias changes the key of all replicas, policies that name the alias allow \
         nothing, and not everybody found S3 to take one"
    );
    book.fault(&RULE_KEY_ALIAS, place, title, evidence, fix);
}

fn location(
    leg: &Leg<'_>,
    (region, account, named): (&str, &str, &str),
    (evidence, fix): (&str, &str),
    book: &mut Book,
) {
    let place = leg.view.place;
    let there = match &leg.view.facts.bucket.region {
        Ok(Some(region)) => region.as_str(),
        Ok(None) | Err(_) => leg.view.region,
    };
    let is_multi = named.starts_with("key/mrk-");
    if region == there {
        book.ok(&RULE_KEY_REGION, place, evidence);
        book.ok(&RULE_KEY_MULTI, place, evidence);
    } else if is_multi {
        let title = format!("ReplicaKmsKeyID is the multi-Region key of {region}: S3 treats it as any key of {region}");
        let same = format!("{fix} (the replica of that key in {there} has the same id and Region {there} in its ARN)");
        book.fault(&RULE_KEY_MULTI, place, title, evidence, same);
        let title = format!("ReplicaKmsKeyID is in {region}, the destination in {there}");
        book.fault(&RULE_KEY_REGION, place, title, evidence, fix);
    } else {
        let title = format!("ReplicaKmsKeyID is in {region}, the destination in {there}");
        book.fault(&RULE_KEY_REGION, place, title, evidence, fix);
        book.ok(&RULE_KEY_MULTI, place, evidence);
    }
    match leg.account() {
        Some(owner) if owner != account => {
            let title = format!("ReplicaKmsKeyID belongs to account {account}, the destination to {owner}");
            book.fault(&RULE_KEY_ACCOUNT, place, title, evidence, fix);
        }
        Some(_) | None => book.ok(&RULE_KEY_ACCOUNT, place, evidence),
    }
}

fn expected(leg: &Leg<'_>, key: &str, (evidence, fix): (&str, &str), book: &mut Book) {
    let place = leg.view.place;
    let Some(expected) = leg.view.key else {
        return book.ok(&RULE_KEY_EXPECTED, place, format!("{evidence}; no key is configured to compare it with"));
    };
    let (resolved, right) = (leg.view.resolve(key), leg.view.resolve(expected));
    if is_same_key(resolved, right) {
        return book.ok(&RULE_KEY_EXPECTED, place, evidence);
    }
    let evidence = format!("{evidence} ({resolved}); configured: {expected}");
    if [resolved, right].iter().any(|name| name.contains("alias/")) {
        let title = "Not known whether the rule's key is the expected one: an alias could not be looked up";
        book.open(&RULE_KEY_EXPECTED, place, title, evidence, "Grant the monitor kms:DescribeKey on both.");
        return;
    }
    let title = "The rule puts replicas under another key than the expected one";
    book.fault(&RULE_KEY_EXPECTED, place, title, evidence, fix);
}
