//! Tests of keys, bodies and metadata.

use proptest::prelude::*;

use super::*;

fn key(written: u64, sequence: u64, nonce: u128) -> CanaryKey {
    CanaryKey {
        prefix: "replicanary/".into(),
        instance: InstanceName::new("default").unwrap(),
        route: RouteName::new("orders").unwrap(),
        written: UnixMillis(written),
        sequence,
        nonce: Nonce(nonce.to_be_bytes()),
    }
}

fn canary(nonce: u128, size: u64) -> Canary {
    Canary::of_key(&key(1_700_000_000_000, 7, nonce), size, Duration::from_millis(172_800_999))
}

#[test]
fn a_key_reads_as_documented() {
    let text = key(1_700_000_000_123, 42, 0xab).to_string();
    assert_eq!(text, "replicanary/default/orders/1700000000123-42-000000000000000000000000000000ab");
}

#[test]
fn other_keys_are_not_taken_for_canaries() {
    let nonce = "000000000000000000000000000000ab";
    for text in [
        String::new(),
        "replicanary/default/orders/".into(),
        format!("other/default/orders/1-2-{nonce}"),
        format!("replicanary/Default/orders/1-2-{nonce}"),
        format!("replicanary/default/1-2-{nonce}"),
        format!("replicanary/default/orders/1-2-{nonce}/x"),
        format!("replicanary/default/orders/1-2-{nonce}-3"),
        format!("replicanary/default/orders/01-2-{nonce}"),
        format!("replicanary/default/orders/+1-2-{nonce}"),
        format!("replicanary/default/orders/-2-{nonce}"),
        "replicanary/default/orders/1-2-00AB".into(),
        format!("replicanary/default/orders/1-2-{}", nonce.to_uppercase()),
        format!("replicanary/default/orders/99999999999999999999999-2-{nonce}"),
    ] {
        assert_eq!(CanaryKey::parse("replicanary/", &text), None, "{text}");
    }
}

#[test]
fn metadata_is_as_documented() {
    let canary = canary(1, 1024);
    let expected =
        [("replicanary-format", "1"), ("replicanary-sha256", canary.sha256()), ("replicanary-abandon-after", "172800")];
    assert_eq!(canary.metadata(), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

proptest! {
    #[test]
    fn a_key_parses_back(written: u64, sequence: u64, nonce: u128) {
        let key = key(written, sequence, nonce);
        prop_assert_eq!(CanaryKey::parse("replicanary/", &key.to_string()), Some(key));
    }

    #[test]
    fn a_body_has_its_size_and_digest(nonce: u128, size in 0_u64..5000) {
        let canary = canary(nonce, size);
        let body = canary.body();
        prop_assert_eq!(body.len() as u64, size);
        prop_assert_eq!(hex(&Sha256::digest(&body)), canary.sha256());
    }

    #[test]
    fn bodies_differ_with_the_nonce(one: u128, other: u128) {
        prop_assume!(one != other);
        prop_assert_ne!(canary(one, 64).body(), canary(other, 64).body());
    }
}
