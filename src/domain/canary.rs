//! The canary: its key, which tells all that a restart must know, its body, which nobody can guess, and its metadata.

use std::fmt;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::name::{InstanceName, ObjectKey, RouteName};
use super::route::Route;
use super::time::UnixMillis;

/// Metadata: the version of this format.
pub const FORMAT: &str = "replicanary-format";
/// Metadata: the lower-case hexadecimal SHA-256 of the body. It identifies the canary, for the body follows from its
/// nonce.
pub const SHA256: &str = "replicanary-sha256";
/// Metadata: after how many whole seconds since its write the canary is given up, and anybody may remove it.
pub const ABANDON_AFTER: &str = "replicanary-abandon-after";

/// The version of the format that this monitor writes.
const FORMAT_VERSION: &str = "1";

/// The object that proves replication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canary {
    key: ObjectKey,
    written: UnixMillis,
    nonce: Nonce,
    size: u64,
    sha256: String,
    abandon_after: Duration,
}

impl Canary {
    /// A new canary of a route. `written` is the wall clock's now, `sequence` tells canaries of one millisecond
    /// apart.
    #[must_use]
    pub fn new(route: &Route, written: UnixMillis, sequence: u64, nonce: Nonce) -> Self {
        let key = CanaryKey {
            prefix: route.canary.prefix.clone(),
            instance: route.instance.clone(),
            route: route.name.clone(),
            written,
            sequence,
            nonce,
        };
        Self::of_key(&key, route.canary.size, route.canary.abandon_after)
    }

    /// The canary that a key found in a bucket stands for.
    #[must_use]
    pub fn of_key(key: &CanaryKey, size: u64, abandon_after: Duration) -> Self {
        let name = ObjectKey::new(&key.to_string());
        let mut digest = Sha256::new();
        for_each_block(key.nonce, &name, size, |block| digest.update(block));
        Self { key: name, written: key.written, nonce: key.nonce, size, sha256: hex(&digest.finalize()), abandon_after }
    }

    /// Its key, the same on every side.
    #[must_use]
    pub fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// When it was made, just before its PUT.
    #[must_use]
    pub fn written_at(&self) -> UnixMillis {
        self.written
    }

    /// The size of its body, in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The lower-case hexadecimal SHA-256 of its body.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Its body: SHA-256 in counter mode over nonce and key, so that a server cannot make it up.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(usize::try_from(self.size).unwrap_or(0));
        for_each_block(self.nonce, &self.key, self.size, |block| body.extend_from_slice(block));
        body
    }

    /// Its user metadata.
    #[must_use]
    pub fn metadata(&self) -> Vec<(String, String)> {
        vec![
            (FORMAT.into(), FORMAT_VERSION.into()),
            (SHA256.into(), self.sha256.clone()),
            (ABANDON_AFTER.into(), self.abandon_after.as_secs().to_string()),
        ]
    }
}

fn for_each_block(nonce: Nonce, key: &ObjectKey, size: u64, mut consume: impl FnMut(&[u8])) {
    let seed = Sha256::new().chain_update(nonce.0).chain_update(key.as_str());
    let mut left = size;
    let mut counter: u64 = 0;
    while left > 0 {
        let block = seed.clone().chain_update(counter.to_be_bytes()).finalize();
        let take = usize::try_from(left).map_or(block.len(), |left| left.min(block.len()));
        consume(&block[..take]);
        left -= take as u64;
        counter += 1;
    }
}

/// A canary's key, taken apart: `<prefix><instance>/<route>/<unix-ms>-<sequence>-<nonce>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanaryKey {
    /// The configured prefix; usually ends in a slash.
    pub prefix: String,
    /// The monitor that wrote it.
    pub instance: InstanceName,
    /// The route that it was written for.
    pub route: RouteName,
    /// When it was made, just before its PUT.
    pub written: UnixMillis,
    /// Its number.
    pub sequence: u64,
    /// What nobody can guess.
    pub nonce: Nonce,
}

impl CanaryKey {
    /// Takes a key apart that was found under `prefix`; `None` when it is not the key of a canary.
    #[must_use]
    pub fn parse(prefix: &str, key: &str) -> Option<Self> {
        let mut parts = key.strip_prefix(prefix)?.split('/');
        let instance = InstanceName::new(parts.next()?)?;
        let route = RouteName::new(parts.next()?)?;
        let mut numbers = parts.next()?.split('-');
        let written = UnixMillis(number(numbers.next()?)?);
        let sequence = number(numbers.next()?)?;
        let nonce = Nonce::parse(numbers.next()?)?;
        let nothing_follows = parts.next().is_none() && numbers.next().is_none();
        nothing_follows.then(|| Self { prefix: prefix.into(), instance, route, written, sequence, nonce })
    }
}

impl fmt::Display for CanaryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { prefix, instance, route, written, sequence, nonce } = self;
        write!(f, "{prefix}{instance}/{route}/{}-{sequence}-{nonce}", written.0)
    }
}

/// A decimal number as this monitor writes it: no sign, no leading zero.
fn number(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

/// 128 unpredictable bits; 32 lower-case hexadecimal digits as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nonce(pub [u8; 16]);

impl Nonce {
    /// Reads the 32 digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let value = if digits { u128::from_str_radix(text, 16).ok()? } else { return None };
        Some(Self(value.to_be_bytes()))
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]).collect()
}

#[cfg(test)]
mod tests;
