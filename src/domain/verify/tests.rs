//! Tests of the comparison of keys, and of what only a table of its own shows.

use super::*;
use crate::domain::canary::Nonce;
use crate::domain::fixture;
use crate::domain::name::{AccountId, Bucket, Region};
use crate::domain::time::UnixMillis;

const ARN: &str = "arn:aws:kms:us-east-1:222222222222:key/1234-ab";
const ALIAS: &str = "arn:aws:kms:us-east-1:222222222222:alias/replicas";

#[test]
fn keys_are_compared_by_arn_or_by_id() {
    use KeyMatch::{Differ, Same, Untold};
    for (expected, seen, result) in [
        (ARN, ARN, Same),
        (ARN, "arn:aws:kms:us-east-1:111111111111:key/1234-ab", Differ),
        (ARN, "arn:aws:kms:ap-south-1:222222222222:key/1234-ab", Differ),
        ("1234-ab", ARN, Same),
        ("key/1234-ab", ARN, Same),
        ("34-ab", ARN, Differ),
        (ARN, "1234-ab", Same),
        (ARN, "1234-ac", Differ),
        ("1234-ab", "1234-ab", Same),
        (ARN, "none", Differ),
        (ARN, "", Differ),
        (ALIAS, ARN, Untold),
        (ALIAS, "arn:aws:kms:us-east-1:111111111111:key/1234-ab", Differ),
        (ALIAS, "arn:aws:kms:ap-south-1:222222222222:key/1234-ab", Differ),
        ("alias/replicas", ARN, Untold),
        ("alias/replicas", ALIAS, Same),
        ("alias/other", ALIAS, Differ),
        (ALIAS, "none", Differ),
    ] {
        assert_eq!(compare_keys(expected, seen), result, "{expected} {seen}");
    }
}

fn source(key: Option<&str>) -> Source {
    Source {
        bucket: Bucket::new("a"),
        region: Region::new("ap-south-1"),
        account: Some(AccountId::new("111111111111")),
        kms_key: key.map(KmsKey::new),
        event_queue: None,
    }
}

fn destination(account: &str) -> Destination {
    Destination { account: Some(AccountId::new(account)), ..fixture::destination("b") }
}

fn kms(key: &str) -> Encryption {
    Encryption { algorithm: Some("aws:kms".into()), kms_key: Some(key.into()), bucket_key: false }
}

fn sse_s3() -> Encryption {
    Encryption { algorithm: Some("AES256".into()), kms_key: None, bucket_key: false }
}

/// What `replica` finds wrong with the encryption of a replica alone.
fn wrong(at_source: Option<Encryption>, rule: Option<&str>, account: &str, seen: &Encryption) -> Vec<Aspect> {
    let key = "p/default/orders/1-1-00000000000000000000000000000001";
    let key = crate::domain::canary::CanaryKey::parse("p/", key).unwrap();
    assert_eq!(key.nonce, Nonce(1_u128.to_be_bytes()));
    assert_eq!(key.written, UnixMillis(1));
    let canary = Canary::of_key(&key, 10, std::time::Duration::from_secs(1));
    let (source, destination) = (source(None), destination(account));
    let rule_key = rule.map(KmsKey::new);
    let standard = Standard {
        canary: &canary,
        source: &source,
        destination: &destination,
        source_key: None,
        destination_key: None,
        rule_key: rule_key.as_ref(),
        managed_key: None,
        at_source: at_source.as_ref(),
        shows_status: false,
    };
    let object = ObjectSeen {
        size: Some(10),
        metadata: canary.metadata().into_iter().collect(),
        algorithm: seen.algorithm.clone(),
        kms_key: seen.kms_key.clone(),
        bucket_key: seen.bucket_key,
        ..ObjectSeen::default()
    };
    replica(&standard, &object).into_iter().map(|each| each.what).collect()
}

#[test]
fn without_a_configured_key_the_rule_or_common_sense_decides() {
    let foreign = "arn:aws:kms:us-east-1:111111111111:key/cccc";
    let source_kms = || Some(kms(foreign));
    for (at_source, rule, account, seen, expected) in [
        (source_kms(), Some(ARN), "222222222222", kms(ARN), vec![]),
        (source_kms(), Some(ALIAS), "222222222222", kms(ARN), vec![]),
        (source_kms(), Some(ARN), "222222222222", kms(foreign), vec![Aspect::KmsKey]),
        (source_kms(), None, "222222222222", kms(ARN), vec![]),
        (source_kms(), None, "222222222222", kms(foreign), vec![Aspect::KmsKey]),
        (source_kms(), None, "111111111111", kms(foreign), vec![]),
        (source_kms(), None, "222222222222", sse_s3(), vec![Aspect::Algorithm]),
        (source_kms(), None, "222222222222", Encryption::default(), vec![Aspect::Algorithm]),
        (Some(sse_s3()), None, "222222222222", sse_s3(), vec![]),
        (Some(sse_s3()), Some(ARN), "222222222222", sse_s3(), vec![]),
        (None, Some(ARN), "222222222222", kms(foreign), vec![Aspect::KmsKey]),
        (None, None, "222222222222", Encryption::default(), vec![]),
    ] {
        let case = format!("{at_source:?} {rule:?} {account} {seen:?}");
        assert_eq!(wrong(at_source, rule, account, &seen), expected, "{case}");
    }
}

#[test]
fn long_lies_are_cut() {
    let lie = "k".repeat(100_000);
    assert_eq!(wrong(None, Some(ARN), "222222222222", &kms(&lie)), [Aspect::KmsKey]);
    assert!(cut(&lie).len() <= 256);
    assert_eq!(cut(&"ü".repeat(300)).chars().count(), 256);
}

/// What `replica` says of a replica's encryption, and whether its key is right.
fn told(standard: &Standard<'_>, seen: &Encryption) -> (Vec<(Aspect, Option<String>)>, Option<bool>) {
    let object = ObjectSeen {
        size: Some(standard.canary.size()),
        metadata: standard.canary.metadata().into_iter().collect(),
        algorithm: seen.algorithm.clone(),
        kms_key: seen.kms_key.clone(),
        ..ObjectSeen::default()
    };
    let differing = replica(standard, &object).into_iter().map(|each| (each.what, each.meaning)).collect();
    (differing, key_match(standard, &object))
}

#[test]
fn each_wrong_key_has_its_own_words() {
    let key = crate::domain::canary::CanaryKey::parse("p/", "p/default/orders/1-1-00000000000000000000000000000001");
    let canary = Canary::of_key(&key.unwrap(), 10, std::time::Duration::from_secs(1));
    let (source, destination) = (source(None), destination("222222222222"));
    let [expected, alias, managed] = [ARN, ALIAS, "arn:aws:kms:us-east-1:222222222222:key/aws-s3"].map(KmsKey::new);
    let own = "arn:aws:kms:ap-south-1:111111111111:key/source";
    let at_source = kms(own);
    let standard = Standard {
        canary: &canary,
        source: &source,
        destination: &destination,
        source_key: None,
        destination_key: Some(&expected),
        rule_key: None,
        managed_key: Some(&managed),
        at_source: Some(&at_source),
        shows_status: false,
    };
    assert_eq!(told(&standard, &kms(ARN)), (vec![], Some(true)));
    let dsse = Encryption { algorithm: Some("aws:kms:dsse".into()), ..kms(ARN) };
    for (seen, what, words) in [
        (kms(own), Aspect::KmsKey, "the source's own key"),
        (kms("arn:aws:kms:us-east-1:111111111111:key/x"), Aspect::KmsKey, "a key of the source's account 111111111111"),
        (kms(managed.as_str()), Aspect::KmsKey, "aws/s3, the AWS managed key of account 222222222222"),
        (sse_s3(), Aspect::Algorithm, "SSE-S3"),
        (dsse, Aspect::Algorithm, "DSSE-KMS"),
        (Encryption::default(), Aspect::Algorithm, "the server shows no encryption"),
    ] {
        let (differing, matches) = told(&standard, &seen);
        let meaning = differing.iter().find(|(each, _)| *each == what).and_then(|(_, meaning)| meaning.clone());
        assert!(meaning.as_ref().is_some_and(|meaning| meaning.contains(words)), "{seen:?}: {differing:?}");
        assert_eq!(matches, Some(false), "{seen:?}");
    }
    let (stranger, _) = told(&standard, &kms("arn:aws:kms:us-east-1:222222222222:key/other"));
    assert_eq!(stranger, [(Aspect::KmsKey, None)]);
    let unresolved = Standard { destination_key: Some(&alias), ..standard };
    assert_eq!(told(&unresolved, &kms(ARN)), (vec![], None));
}
