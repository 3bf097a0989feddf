//! What a replica must look like: everything that HEAD and GET show, against the canary, the configuration and the
//! source.

mod encryption;
mod key;

pub use key::{KeyMatch, compare_keys};

use super::canary::Canary;
use super::name::KmsKey;
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
    /// The key that is configured for the source: its ARN, once KMS told it.
    pub source_key: Option<&'a KmsKey>,
    /// The key that is configured for the destination: its ARN, once KMS told it.
    pub destination_key: Option<&'a KmsKey>,
    /// `ReplicaKmsKeyID` of the live rule: its ARN, once KMS told it.
    pub rule_key: Option<&'a KmsKey>,
    /// A key of the destination's account that is known to be an AWS managed one.
    pub managed_key: Option<&'a KmsKey>,
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
    encryption::differences(standard, &Encryption::of(seen), &mut found);
    storage_class(standard.destination, seen, &mut found);
    status(standard.shows_status, seen.replication_status, &mut found);
    found
}

/// Whether a replica has the key that it should have; nothing where no two keys could be compared.
#[must_use]
pub fn key_match(standard: &Standard<'_>, seen: &ObjectSeen) -> Option<bool> {
    encryption::key_match(standard, &Encryption::of(seen))
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

/// A server's text, cut to a length that fits a report.
fn cut(text: &str) -> &str {
    const LONGEST: usize = 256;
    text.char_indices().nth(LONGEST).map_or(text, |(end, _)| &text[..end])
}

fn mismatch(what: Aspect, expected: &str, seen: &str) -> Mismatch {
    Mismatch { what, expected: expected.into(), seen: cut(seen).into(), meaning: None }
}

#[cfg(test)]
mod tests;
