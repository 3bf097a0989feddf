//! Version ids: 32 characters that look random and carry the order of writing.

use crate::sim::random::{BASE64_DOT, Draw};

/// The id of null versions.
pub(super) const NULL: &str = "null";

/// The version id of the write with this sequence number.
pub(super) fn encode(seed: u64, sequence: u64) -> String {
    let tail: [u8; 16] = Draw::new(seed, &["version", &sequence.to_string()]).bytes();
    let head = (sequence ^ mask(seed, &tail)).to_le_bytes();
    let bytes: Vec<u8> = head.into_iter().chain(tail).collect();
    bytes.chunks(3).flat_map(spell).collect()
}

/// The sequence number that a version id was made of. Any id of the right form decodes to something.
pub(super) fn decode(seed: u64, id: &str) -> Option<u64> {
    let digits: Vec<u8> = id.bytes().map(digit).collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks(4).flat_map(unspell).collect();
    let (head, tail) = bytes.split_first_chunk::<8>()?;
    let tail: &[u8; 16] = tail.try_into().ok()?;
    Some(u64::from_le_bytes(*head) ^ mask(seed, tail))
}

/// Whether S3 would take it for a version id at all.
pub(super) fn is_well_formed(id: &str) -> bool {
    id == NULL || (id.len() == 32 && id.bytes().all(|byte| digit(byte).is_some()))
}

fn mask(seed: u64, tail: &[u8; 16]) -> u64 {
    u64::from_le_bytes(Draw::new(seed, &["version mask", &crate::sim::random::hex(tail)]).bytes())
}

fn digit(byte: u8) -> Option<u8> {
    BASE64_DOT.iter().position(|letter| *letter == byte).and_then(|position| u8::try_from(position).ok())
}

fn spell(three: &[u8]) -> [char; 4] {
    let number = three.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    [18, 12, 6, 0].map(|shift| char::from(BASE64_DOT[(number >> shift & 63) as usize]))
}

fn unspell(four: &[u8]) -> [u8; 3] {
    let number = four.iter().fold(0_u32, |number, digit| number << 6 | u32::from(*digit));
    let [_, first, second, third] = number.to_be_bytes();
    [first, second, third]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_carry_their_order_and_differ_everywhere() {
        for sequence in [0, 1, 2, 77, u64::MAX] {
            let id = encode(7, sequence);
            assert!(is_well_formed(&id) && id.len() == 32, "{id}");
            assert_eq!(decode(7, &id), Some(sequence));
            assert_ne!(encode(8, sequence), id);
        }
        let (one, two) = (encode(7, 1), encode(7, 2));
        assert!(one.bytes().zip(two.bytes()).filter(|(a, b)| a == b).count() < 8, "{one} {two}");
    }

    #[test]
    fn what_is_no_version_id_is_told_apart() {
        assert!(is_well_formed("null"));
        for wrong in ["", "nul", "0123456789012345678901234567890", "0123456789012345678901234567890-"] {
            assert!(!is_well_formed(wrong), "{wrong}");
        }
    }
}
