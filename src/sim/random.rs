//! Everything that looks random: ids, secrets and latencies, each a pure function of the seed and of what it is for.

use sha2::{Digest, Sha256};

/// A stream of numbers and letters that depends on nothing but the parts it was made of.
#[derive(Clone, Debug)]
pub(crate) struct Draw {
    origin: Sha256,
    block: [u8; 32],
    used: usize,
    blocks: u64,
}

impl Draw {
    /// The stream for `parts`; other parts, or the same ones cut differently, give an unrelated stream.
    pub(crate) fn new(seed: u64, parts: &[&str]) -> Self {
        let mut origin = Sha256::new();
        origin.update(seed.to_le_bytes());
        for part in parts {
            origin.update((part.len() as u64).to_le_bytes());
            origin.update(part.as_bytes());
        }
        Self { origin, block: [0; 32], used: 32, blocks: 0 }
    }

    fn byte(&mut self) -> u8 {
        if self.used == self.block.len() {
            let mut next = self.origin.clone();
            next.update(self.blocks.to_le_bytes());
            self.block = next.finalize().into();
            self.blocks += 1;
            self.used = 0;
        }
        self.used += 1;
        self.block[self.used - 1]
    }

    /// The next bytes.
    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.byte())
    }

    /// A number in the open interval (0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        let bits = u64::from_le_bytes(self.bytes()) >> 11;
        (bits as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// A number of the standard normal distribution (Box and Muller).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.unit().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// `length` characters out of `alphabet`, which has a power of two of them.
    pub(crate) fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length).map(|_| char::from(alphabet[usize::from(self.byte()) % alphabet.len()])).collect()
    }

    /// A UUID (version 4 in form).
    pub(crate) fn uuid(&mut self) -> String {
        let mut bytes: [u8; 16] = self.bytes();
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        let hex = hex(&bytes);
        [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
    }
}

/// Upper-case letters and digits, as in access key ids and unique ids.
pub(crate) const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// As in secret keys and tokens.
pub(crate) const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// As in version ids.
pub(crate) const BASE64_DOT: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]))
        .collect()
}
