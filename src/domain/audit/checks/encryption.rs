//! Default encryption: the expected key, named by its ARN.

use super::super::book::Book;
use super::super::facts::DefaultEncryption;
use super::super::finding::Severity;
use super::super::remedy::command;
use super::super::scene::{Scene, View, is_same_key};
use super::{DESTINATION_ENCRYPTION, DESTINATION_ENCRYPTION_ALIAS, Pair, SOURCE_ENCRYPTION, SOURCE_ENCRYPTION_ALIAS};

const DEFAULT: Pair = Pair { source: &SOURCE_ENCRYPTION, destination: &DESTINATION_ENCRYPTION };
const BY_ARN: Pair = Pair { source: &SOURCE_ENCRYPTION_ALIAS, destination: &DESTINATION_ENCRYPTION_ALIAS };

/// Looks at the default encryption of both buckets.
pub(super) fn check(scene: &Scene<'_>, book: &mut Book) {
    for view in scene.sides() {
        expected(scene, &view, book);
        by_arn(&view, book);
    }
}

fn expected(scene: &Scene<'_>, view: &View<'_>, book: &mut Book) {
    let check = view.check(DEFAULT);
    let Some(default) = book.read(check, view.place, &view.facts.bucket.encryption) else { return };
    let shown = shown(default.as_ref());
    let evidence = format!("GetBucketEncryption of {}: {shown}", view.bucket);
    let is_kms = default.as_ref().is_some_and(DefaultEncryption::is_kms);
    let Some(key) = view.key else {
        if is_kms {
            return book.ok(check, view.place, format!("{evidence}; no key is configured to compare it with"));
        }
        let title = format!("{} does not encrypt with KMS by default", view.bucket);
        book.fault(check, view.place, title, evidence, "Nothing, if your objects need no key of your own.")
            .weigh(Severity::Info);
        return;
    };
    let named = default.as_ref().and_then(|default| default.key.as_deref());
    if is_kms && named.is_some_and(|named| is_same_key(view.resolve(named), view.resolve(key))) {
        return book.ok(check, view.place, evidence);
    }
    let title = format!("New objects of {} are not encrypted with the expected key by default", view.bucket);
    let words = format!(
        "s3api put-bucket-encryption --bucket {} --server-side-encryption-configuration \
         '{{\"Rules\":[{{\"ApplyServerSideEncryptionByDefault\":{{\"SSEAlgorithm\":\"aws:kms\",\"KMSMasterKeyID\":\
         \"{key}\"}},\"BucketKeyEnabled\":{}}}]}}'",
        view.bucket,
        default.as_ref().is_some_and(|default| default.bucket_key)
    );
    let evidence = format!("{evidence}; configured: {key}");
    let finding = book.fault(check, view.place, title, evidence, command(&words, view.region));
    if view.place.is_none() && scene.route.canary.send_key {
        finding.weigh(Severity::Warning);
    }
}

fn shown(default: Option<&DefaultEncryption>) -> String {
    let Some(default) = default else { return "none".to_owned() };
    let key = match &default.key {
        Some(key) => format!(" with {key}"),
        None if default.is_kms() => " with the AWS managed key aws/s3".to_owned(),
        None => String::new(),
    };
    let bucket_key = if default.bucket_key { ", Bucket Key on" } else { "" };
    format!("{}{key}{bucket_key}", default.algorithm)
}

fn by_arn(view: &View<'_>, book: &mut Book) {
    let check = view.check(BY_ARN);
    let Some(default) = book.read(check, view.place, &view.facts.bucket.encryption) else { return };
    let Some(key) = default.as_ref().and_then(|default| default.key.as_deref()) else {
        return book.ok(check, view.place, "the default encryption names no key");
    };
    let evidence = format!("GetBucketEncryption of {}: KMSMasterKeyID {key}", view.bucket);
    if !key.contains("alias/") && key.starts_with("arn:") {
        return book.ok(check, view.place, evidence);
    }
    let title = format!("The default encryption of {} names its key as {key}", view.bucket);
    let evidence = format!(
        "{evidence}: an alias or a bare id is looked up in the account of whoever writes, so that a writer of another \
         account gets another key or none"
    );
    let arn = view.resolve(key);
    let fix = if arn == key { "the ARN of the key (arn:...:key/...)" } else { arn };
    book.fault(
        check,
        view.place,
        title,
        evidence,
        format!("Name {fix} as KMSMasterKeyID, with put-bucket-encryption."),
    );
}
