//! Percent-encoding, form decoding, XML escaping and hex: the small alphabets of the wire.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// Percent-encodes as Signature Version 4 demands: only unreserved characters (and, where asked, `/`) stay.
pub(super) fn percent_encode(text: &[u8], keep_slash: bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for &byte in text {
        let plain = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        if plain || (keep_slash && byte == b'/') {
            encoded.push(char::from(byte));
        } else {
            push_hex(&mut encoded, '%', byte);
        }
    }
    encoded
}

/// Decodes `%XX` escapes; anything that is not one stays as it is.
pub(super) fn percent_decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escape = (byte == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escape {
            Some(value) => {
                decoded.push(value);
                at += 3;
            }
            None => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    decoded
}

/// Decodes `application/x-www-form-urlencoded` text into pairs, in their order.
pub(super) fn form_pairs(text: &str) -> Vec<(String, String)> {
    let decode = |part: &str| String::from_utf8_lossy(&percent_decode(&part.replace('+', " "))).into_owned();
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

/// Escapes text for an XML element.
pub(super) fn xml_escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The lower-case hex SHA-256 of `bytes`.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

fn push_hex(text: &mut String, prefix: char, byte: u8) {
    let _infallible = write!(text, "{prefix}{byte:02X}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_keeps_only_what_signing_keeps() {
        assert_eq!(percent_encode(b"a b+c/d~", true), "a%20b%2Bc/d~");
        assert_eq!(percent_encode("ü/".as_bytes(), false), "%C3%BC%2F");
    }

    #[test]
    fn decoding_leaves_what_is_no_escape() {
        assert_eq!(percent_decode("a%20b%2B%zz%"), b"a b+%zz%");
        assert_eq!(
            form_pairs("A=1&B=x+y%26&C"),
            [("A", "1"), ("B", "x y&"), ("C", "")].map(|(a, b)| (a.into(), b.into()))
        );
    }
}
