//! Under which key, and how, a replica and its source must be encrypted; and what it means when they are not.

use super::key::{self, KeyMatch, compare_keys};
use super::{Encryption, Standard, cut, mismatch};
use crate::domain::name::{AccountId, KmsKey};
use crate::domain::report::{Aspect, Mismatch};

const DSSE: &str = "aws:kms:dsse";

/// Every way in which source and replica are encrypted otherwise than they should be.
pub(super) fn differences(standard: &Standard<'_>, seen: &Encryption, found: &mut Vec<Mismatch>) {
    replica_key(standard, seen, found);
    let Some(at_source) = standard.at_source else { return };
    if let Some(expected) = standard.source_key {
        expect_key(expected, at_source, "at the source: ", found);
    }
    if !(at_source.is_kms() && seen.is_kms()) {
        return;
    }
    // S3 keeps the kind of KMS encryption ("Replicating encrypted objects", S3 User Guide).
    if at_source.is_dsse() != seen.is_dsse() {
        let mut differing = mismatch(Aspect::Algorithm, algorithm(at_source), algorithm(seen));
        differing.meaning = seen.meaning();
        found.push(differing);
    }
    // S3 keeps the flag of the source object. A flag that appears may be the destination's default.
    if at_source.bucket_key && !seen.bucket_key {
        found.push(mismatch(Aspect::BucketKey, "true", "false"));
    }
}

/// Whether the replica has the key that it should have; nothing where no two keys could be compared.
pub(super) fn key_match(standard: &Standard<'_>, seen: &Encryption) -> Option<bool> {
    let mut differing = Vec::new();
    differences(standard, seen, &mut differing);
    if differing.iter().any(|each| matches!(each.what, Aspect::KmsKey | Aspect::Algorithm)) {
        return Some(false);
    }
    let shown = seen.kms_key.as_deref().unwrap_or_default();
    match expected(standard) {
        Some(key) => (compare_keys(key.as_str(), shown) == KeyMatch::Same).then_some(true),
        None => standard.source_key.map(|_| true),
    }
}

/// The key that the configuration, or else the live rule, wants for a replica of what the source holds.
fn expected<'a>(standard: &Standard<'a>) -> Option<&'a KmsKey> {
    let from_kms = standard.at_source.is_none_or(Encryption::is_kms);
    standard.destination_key.or_else(|| standard.rule_key.filter(|_| from_kms))
}

/// S3 encrypts a replica as its source, and a KMS replica with the key that the rule names. Without either
/// expectation a KMS source must at least not come out unencrypted by KMS, or under a key that only the source's
/// account controls.
fn replica_key(standard: &Standard<'_>, seen: &Encryption, found: &mut Vec<Mismatch>) {
    let before = found.len();
    if let Some(expected) = expected(standard) {
        expect_key(expected, seen, "", found);
    } else if standard.at_source.is_some_and(Encryption::is_kms) {
        if !seen.is_kms() {
            found.push(mismatch(Aspect::Algorithm, "aws:kms, as at the source", algorithm(seen)));
        } else if let Some(foreign) = key_of_source_account(standard, seen) {
            let expected = match &standard.destination.account {
                Some(account) => format!("a key of account {account}"),
                None => "a key of the destination's account".into(),
            };
            found.push(mismatch(Aspect::KmsKey, &expected, foreign));
        }
    }
    for each in found.iter_mut().skip(before) {
        each.meaning = if each.what == Aspect::KmsKey { key_meaning(standard, seen) } else { seen.meaning() };
    }
}

fn expect_key(expected: &KmsKey, seen: &Encryption, place: &str, found: &mut Vec<Mismatch>) {
    if !seen.is_kms() {
        let (wanted, shown) = (format!("{place}aws:kms"), format!("{place}{}", algorithm(seen)));
        found.push(Mismatch { meaning: seen.meaning(), ..mismatch(Aspect::Algorithm, &wanted, &shown) });
    }
    let shown = seen.kms_key.as_deref().unwrap_or("none");
    if compare_keys(expected.as_str(), shown) == KeyMatch::Differ {
        found.push(mismatch(Aspect::KmsKey, &format!("{place}{expected}"), &format!("{place}{}", cut(shown))));
    }
}

/// Whose key it is, where that can be told.
fn key_meaning(standard: &Standard<'_>, seen: &Encryption) -> Option<String> {
    let shown = seen.kms_key.as_deref()?;
    let account = key::account(shown).unwrap_or("unknown");
    if standard.at_source.is_some_and(|source| source.kms_key.as_deref() == Some(shown)) {
        return Some("the source's own key: the rule's ReplicaKmsKeyID did not apply".to_owned());
    }
    if standard.managed_key.is_some_and(|managed| managed.as_str() == shown) {
        return Some(format!(
            "aws/s3, the AWS managed key of account {account}, whose policy nobody can change: no other account can \
             be given access"
        ));
    }
    key_of_source_account(standard, seen).map(|_| format!("a key of the source's account {account}"))
}

fn key_of_source_account<'a>(standard: &Standard<'_>, seen: &'a Encryption) -> Option<&'a str> {
    let own = |account: &Option<AccountId>| account.as_ref().map(|account| account.as_str().to_owned());
    let source = own(&standard.source.account)?;
    let key = seen.kms_key.as_deref()?;
    let foreign = key::account(key) == Some(source.as_str()) && own(&standard.destination.account) != Some(source);
    foreign.then_some(key)
}

fn algorithm(seen: &Encryption) -> &str {
    seen.algorithm.as_deref().map_or("none", cut)
}

impl Encryption {
    fn is_dsse(&self) -> bool {
        self.algorithm.as_deref() == Some(DSSE)
    }

    /// What the algorithm means, in the words of S3's documentation.
    fn meaning(&self) -> Option<String> {
        let words = match self.algorithm.as_deref() {
            Some("AES256") => "SSE-S3: encrypted with a key of S3's own, under no KMS key",
            Some(DSSE) => "DSSE-KMS: encrypted in two layers",
            Some("aws:kms") => "SSE-KMS: encrypted in one layer",
            Some(_) => return None,
            None => "the server shows no encryption",
        };
        Some(words.to_owned())
    }
}
