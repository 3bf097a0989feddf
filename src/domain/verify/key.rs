//! Whether two texts name the same KMS key: ARNs, bare ids, and aliases, of which HEAD tells nothing.

/// Whether the key that a server shows is the expected one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyMatch {
    /// It is.
    Same,
    /// It is not.
    Differ,
    /// An alias was expected, and the server shows the key behind it.
    Untold,
}

/// Compares an expected key with the one that a server shows.
///
/// AWS shows the key's ARN; S3-compatible servers show what they were given, often a bare id. So two ARNs must be
/// equal, and where either side is shorter than an ARN the ids decide.
#[must_use]
pub fn compare_keys(expected: &str, seen: &str) -> KeyMatch {
    if expected == seen {
        return KeyMatch::Same;
    }
    if seen.is_empty() || seen == "none" {
        return KeyMatch::Differ;
    }
    if is_alias(expected) {
        return compare_alias(expected, seen);
    }
    let both_full = expected.starts_with("arn:") && seen.starts_with("arn:");
    if !both_full && id(expected) == id(seen) { KeyMatch::Same } else { KeyMatch::Differ }
}

/// The account in a key's ARN.
pub(super) fn account(key: &str) -> Option<&str> {
    field(key, 4)
}

fn compare_alias(expected: &str, seen: &str) -> KeyMatch {
    if is_alias(seen) {
        return if id(expected) == id(seen) { KeyMatch::Same } else { KeyMatch::Differ };
    }
    let elsewhere = |place| matches!((field(expected, place), field(seen, place)), (Some(a), Some(b)) if a != b);
    if elsewhere(3) || elsewhere(4) { KeyMatch::Differ } else { KeyMatch::Untold }
}

fn is_alias(key: &str) -> bool {
    key.starts_with("alias/") || key.contains(":alias/")
}

/// The part after `key/` or `alias/`, or the whole text.
fn id(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or(key)
}

/// A field of an ARN: 3 is the Region, 4 the account.
fn field(key: &str, place: usize) -> Option<&str> {
    key.starts_with("arn:").then(|| key.split(':').nth(place)).flatten()
}
