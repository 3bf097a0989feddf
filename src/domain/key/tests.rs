//! Which keys S3 can use, and what a person is told of the others.

use super::*;

const ARN: &str = "arn:aws:kms:us-east-1:222222222222:key/a";

fn facts(state: KeyState) -> KeyFacts {
    KeyFacts {
        arn: KmsKey::new(ARN),
        account: Some(AccountId::new("222222222222")),
        region: Some(Region::new("us-east-1")),
        state,
        deletion: None,
        manager: KeyManager::Customer,
        spec: Some("SYMMETRIC_DEFAULT".to_owned()),
        usage: Some("ENCRYPT_DECRYPT".to_owned()),
        multi_region: false,
    }
}

fn status(found: KeyFound) -> KeyStatus {
    KeyStatus::seen(&KeyLook { named: KmsKey::new("alias/a"), found }, UnixMillis(1))
}

#[test]
fn states_decide_unless_nobody_knows_them() {
    use KeyState::*;
    for (state, usable, trouble) in [
        (Creating, Some(false), Some(Trouble::KmsInvalidState)),
        (Enabled, Some(true), None),
        (Disabled, Some(false), Some(Trouble::KmsDisabled)),
        (PendingDeletion, Some(false), Some(Trouble::KmsInvalidState)),
        (PendingImport, Some(false), Some(Trouble::KmsInvalidState)),
        (PendingReplicaDeletion, Some(false), Some(Trouble::KmsInvalidState)),
        (Unavailable, Some(false), Some(Trouble::KmsInvalidState)),
        (Updating, Some(true), None),
        (Other, None, None),
    ] {
        let facts = facts(state);
        assert_eq!((facts.usable(), facts.defect().map(Defect::trouble)), (usable, trouble), "{state}");
        assert_eq!(KeyState::parse(state.as_str()), state);
        let problem = status(KeyFound::Facts(Arc::new(facts))).problem("the source a");
        assert_eq!(problem.is_some(), usable == Some(false), "{state}");
        if let Some(problem) = problem {
            assert!(problem.contains(ARN) && problem.contains(state.as_str()), "{problem}");
            assert!(problem.contains("of the source a") && problem.contains(": "), "{problem}");
        }
    }
    assert_eq!(KeyState::parse("Molten"), Other);
}

#[test]
fn a_key_for_another_purpose_is_of_no_use() {
    for (spec, usage, usable) in [
        (Some("RSA_2048"), Some("ENCRYPT_DECRYPT"), false),
        (Some("SYMMETRIC_DEFAULT"), Some("SIGN_VERIFY"), false),
        (Some("HMAC_256"), Some("GENERATE_VERIFY_MAC"), false),
        (None, None, true),
    ] {
        let shown = |text: Option<&str>| text.map(str::to_owned);
        let facts = KeyFacts { spec: shown(spec), usage: shown(usage), ..facts(KeyState::Enabled) };
        assert_eq!(facts.usable(), Some(usable), "{spec:?} {usage:?}");
        let problem = status(KeyFound::Facts(Arc::new(facts))).problem("x");
        assert_eq!(problem.is_some_and(|problem| problem.contains("no symmetric encryption key")), !usable);
    }
}

#[test]
fn a_deletion_is_told_with_its_date() {
    let facts = KeyFacts { deletion: Some(UnixMillis(1_801_353_600_000)), ..facts(KeyState::PendingDeletion) };
    let problem = status(KeyFound::Facts(Arc::new(facts))).problem("the destination b").unwrap();
    assert!(problem.contains("gone for good on 2027-01-31: cancel the deletion"), "{problem}");
}

#[test]
fn what_is_unknown_is_neither_usable_nor_broken() {
    for (found, words) in
        [(KeyFound::Denied, "grant it kms:DescribeKey"), (KeyFound::NoAnswer(Trouble::TimedOut), "timed_out")]
    {
        let status = status(found);
        assert_eq!((status.usable(), status.defect(), status.facts()), (None, None, None));
        let problem = status.problem("the source a").unwrap();
        assert!(problem.contains(words) && problem.contains("unknown") && problem.contains("alias/a"), "{problem}");
    }
    let missing = status(KeyFound::Missing);
    assert_eq!((missing.usable(), missing.defect()), (Some(false), Some(Defect::Missing)));
    assert!(missing.problem("the source a").unwrap().contains("does not exist"));
    let unseen = KeyStatus::unseen(&KmsKey::new(ARN));
    assert_eq!((unseen.usable(), unseen.problem("x")), (None, None));
}
