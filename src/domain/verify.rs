//! What a replica must look like: everything that HEAD and GET show, against the canary, the configuration and the
//! source.

mod key;

pub use key::{KeyMatch, compare_keys};

use super::canary::Canary;
use super::name::{AccountId, KmsKey};
use super::object::{ContentSeen, ObjectSeen, ReplicationStatus};
use super::report::{Aspect, Mismatch};
use super::route::{Destination, Source};

/// The storage class that servers leave out.
const STANDARD: &str = "STANDARD";

/// How an object is encrypted, as HEAD shows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Encryption {
    /// `AES256`, `aws:kms` or `aws:kms:dsse`; absent where the server shows none.
    pub algorithm: Option<String>,
    /// The KMS key.
    pub kms_key: Option<String>,
    /// The Bucket Key flag.
    pub bucket_key: bool,
}

impl Encryption {
    /// The encryption of an object.
    #[must_use]
    pub fn of(seen: &ObjectSeen) -> Self {
        Self { algorithm: seen.algorithm.clone(), kms_key: seen.kms_key.clone(), bucket_key: seen.bucket_key }
    }

    /// Whether a KMS key encrypts it.
    #[must_use]
    pub fn is_kms(&self) -> bool {
        self.algorithm.as_deref().is_some_and(|algorithm| algorithm.starts_with("aws:kms"))
    }
}

/// What a replica is held against.
#[derive(Debug, Clone, Copy)]
pub struct Standard<'a> {
    /// The canary that was written.
    pub canary: &'a Canary,
    /// The source's configuration.
    pub source: &'a Source,
    /// The destination's configuration.
    pub destination: &'a Destination,
    /// `ReplicaKmsKeyID` of the live rule.
    pub rule_key: Option<&'a KmsKey>,
    /// How the source encrypted the canary, where it was seen.
    pub at_source: Option<&'a Encryption>,
    /// Whether the source shows replication statuses, so that replicas must too.
    pub shows_status: bool,
}

/// Every way in which a replica differs from what HEAD should show.
#[must_use]
pub fn replica(standard: &Standard<'_>, seen: &ObjectSeen) -> Vec<Mismatch> {
    let mut found = Vec::new();
    size(standard.canary, seen.size, &mut found);
    metadata(standard.canary, seen, &mut found);
    let encryption = Encryption::of(seen);
    replica_key(standard, &encryption, &mut found);
    if let Some(at_source) = standard.at_source {
        source_key(standard.source, at_source, &mut found);
        // S3 keeps the flag of the source object. A flag that appears may be the destination's default.
        if at_source.is_kms() && encryption.is_kms() && at_source.bucket_key && !encryption.bucket_key {
            found.push(mismatch(Aspect::BucketKey, "true", "false"));
        }
    }
    storage_class(standard.destination, seen, &mut found);
    status(standard.shows_status, seen.replication_status, &mut found);
    found
}

/// Every way in which the bytes differ.
#[must_use]
pub fn content(canary: &Canary, seen: &ContentSeen) -> Vec<Mismatch> {
    let mut found = Vec::new();
    if seen.sha256 != canary.sha256() {
        let [expected, seen] = [canary.sha256(), &seen.sha256].map(|digest| format!("sha256 {digest}"));
        found.push(mismatch(Aspect::Content, &expected, &seen));
    }
    size(canary, Some(seen.size), &mut found);
    found
}

/// Whether the bytes of an object in this storage class cannot be read without restoring them first.
#[must_use]
pub fn is_archived(storage_class: Option<&str>) -> bool {
    matches!(storage_class, Some("GLACIER" | "DEEP_ARCHIVE"))
}

fn size(canary: &Canary, seen: Option<u64>, found: &mut Vec<Mismatch>) {
    if let Some(seen) = seen.filter(|seen| *seen != canary.size()) {
        found.push(mismatch(Aspect::Size, &format!("{} bytes", canary.size()), &format!("{seen} bytes")));
    }
}

fn metadata(canary: &Canary, seen: &ObjectSeen, found: &mut Vec<Mismatch>) {
    let differing: Vec<_> =
        canary.metadata().into_iter().filter(|(name, value)| seen.metadata.get(name) != Some(value)).collect();
    if differing.is_empty() {
        return;
    }
    let show = |name: &str, value: Option<&str>| format!("{name}: {}", value.map_or("none", cut));
    let expected: Vec<_> = differing.iter().map(|(name, value)| show(name, Some(value))).collect();
    let seen: Vec<_> =
        differing.iter().map(|(name, _)| show(name, seen.metadata.get(name).map(String::as_str))).collect();
    found.push(mismatch(Aspect::Metadata, &expected.join(", "), &seen.join(", ")));
}

/// S3 encrypts a replica as its source, and a KMS replica with the key that the rule names. Without either
/// expectation a KMS source must at least not come out unencrypted by KMS, or under a key that only the source's
/// account controls.
fn replica_key(standard: &Standard<'_>, seen: &Encryption, found: &mut Vec<Mismatch>) {
    let from_kms = standard.at_source.is_none_or(Encryption::is_kms);
    let rule_key = standard.rule_key.filter(|_| from_kms);
    if let Some(expected) = standard.destination.kms_key.as_ref().or(rule_key) {
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
}

fn source_key(source: &Source, seen: &Encryption, found: &mut Vec<Mismatch>) {
    if let Some(expected) = &source.kms_key {
        expect_key(expected, seen, "at the source: ", found);
    }
}

fn expect_key(expected: &KmsKey, seen: &Encryption, place: &str, found: &mut Vec<Mismatch>) {
    if !seen.is_kms() {
        let (wanted, shown) = (format!("{place}aws:kms"), format!("{place}{}", algorithm(seen)));
        found.push(mismatch(Aspect::Algorithm, &wanted, &shown));
    }
    let shown = seen.kms_key.as_deref().unwrap_or("none");
    if compare_keys(expected.as_str(), shown) == KeyMatch::Differ {
        found.push(mismatch(Aspect::KmsKey, &format!("{place}{expected}"), &format!("{place}{}", cut(shown))));
    }
}

fn key_of_source_account<'a>(standard: &Standard<'_>, seen: &'a Encryption) -> Option<&'a str> {
    let own = |account: &Option<AccountId>| account.as_ref().map(|account| account.as_str().to_owned());
    let source = own(&standard.source.account)?;
    let key = seen.kms_key.as_deref()?;
    let foreign = key::account(key) == Some(source.as_str()) && own(&standard.destination.account) != Some(source);
    foreign.then_some(key)
}

fn storage_class(destination: &Destination, seen: &ObjectSeen, found: &mut Vec<Mismatch>) {
    let shown = seen.storage_class.as_deref().unwrap_or(STANDARD);
    if let Some(expected) = destination.storage_class.as_deref().filter(|expected| *expected != shown) {
        found.push(mismatch(Aspect::StorageClass, expected, shown));
    }
}

/// PENDING and FAILED are seen on replicas too, while replica modifications are synchronised.
fn status(shows_status: bool, seen: Option<ReplicationStatus>, found: &mut Vec<Mismatch>) {
    let right = match seen {
        Some(ReplicationStatus::Replica | ReplicationStatus::Pending | ReplicationStatus::Failed) => true,
        Some(ReplicationStatus::Completed | ReplicationStatus::Other) | None => !shows_status,
    };
    if !right {
        let shown = seen.map_or("none", ReplicationStatus::as_str);
        found.push(mismatch(Aspect::ReplicationStatus, ReplicationStatus::Replica.as_str(), shown));
    }
}

fn algorithm(seen: &Encryption) -> &str {
    seen.algorithm.as_deref().map_or("none", cut)
}

/// A server's text, cut to a length that fits a report.
fn cut(text: &str) -> &str {
    const LONGEST: usize = 256;
    text.char_indices().nth(LONGEST).map_or(text, |(end, _)| &text[..end])
}

fn mismatch(what: Aspect, expected: &str, seen: &str) -> Mismatch {
    Mismatch { what, expected: expected.into(), seen: cut(seen).into() }
}

#[cfg(test)]
mod tests;
