//! Changes are told once, after two reads, as small as they are, and never because a read failed.

use super::*;
use crate::domain::audit::facts::{KeyDescription, Unread, Versioning};
use crate::domain::fixture;

/// A drift that knows the facts for certain.
fn settled(facts: &RouteFacts) -> Drift {
    let mut drift = Drift::default();
    assert_eq!(drift.take(facts), (Vec::new(), true));
    assert_eq!(drift.take(facts), (Vec::new(), false), "what is seen first is no change");
    drift
}

fn unread() -> Unread {
    let (operation, permission) = ("GetBucketVersioning".to_owned(), "s3:GetBucketVersioning".to_owned());
    Unread { operation, permission, trouble: "throttled".to_owned(), message: None }
}

fn suspended(destinations: usize) -> RouteFacts {
    let mut facts = fixture::facts(destinations);
    facts.destinations[0].bucket.versioning =
        Ok(Versioning { status: Some("Suspended".to_owned()), mfa_delete: false });
    facts
}

/// The changes after two reads of `after`, the first of which must tell none.
fn changes(before: &RouteFacts, after: &RouteFacts) -> Vec<Change> {
    let mut drift = settled(before);
    assert_eq!(drift.take(after), (Vec::new(), true));
    let (changes, again) = drift.take(after);
    assert!(!again);
    assert_eq!(drift.take(after), (Vec::new(), false), "told once");
    changes
}

fn short(changes: &[Change]) -> Vec<(&str, &str, &str, &str)> {
    let each = |it: &'static str| it;
    changes.iter().map(|it| (each(it.check), it.field.as_str(), it.before.as_str(), it.after.as_str())).collect()
}

#[test]
fn a_change_is_told_after_two_equal_reads_with_before_and_after() {
    let told = changes(&fixture::facts(2), &suspended(2));
    assert_eq!(short(&told), [("destination_versioning", "status", "Enabled", "Suspended")]);
    assert_eq!((told[0].destination, told[0].settles()), (Some(0), true));
}

#[test]
fn what_only_one_read_shows_is_read_again_and_forgotten() {
    let mut drift = settled(&fixture::facts(1));
    assert_eq!(drift.take(&suspended(1)), (Vec::new(), true));
    assert_eq!(drift.take(&fixture::facts(1)), (Vec::new(), false), "the read was stale");
    assert_eq!(drift.take(&suspended(1)), (Vec::new(), true), "and says nothing later");
}

#[test]
fn a_failed_read_is_no_change_and_hides_none() {
    let mut drift = settled(&fixture::facts(1));
    let mut failed = fixture::facts(1);
    failed.destinations[0].bucket.versioning = Err(unread());
    assert_eq!(drift.take(&failed), (Vec::new(), false));
    assert_eq!(drift.take(&suspended(1)), (Vec::new(), true));
    assert_eq!(drift.take(&failed).0, Vec::new());
    assert_eq!(drift.take(&suspended(1)).0.len(), 1, "told against what was known before");
}

#[test]
fn what_becomes_readable_is_no_change() {
    let mut blind = fixture::facts(1);
    blind.source.bucket.policy = Err(unread());
    let mut drift = settled(&blind);
    let mut seen = fixture::facts(1);
    seen.source.bucket.policy = Ok(Some(r#"{"Statement":[]}"#.to_owned()));
    assert_eq!(drift.take(&seen).0, Vec::new());
    assert_eq!(drift.take(&seen), (Vec::new(), false));
}

#[test]
fn a_policy_is_compared_statement_by_statement_and_not_by_its_spaces() {
    let policy = |text: &str| {
        let mut facts = fixture::facts(1);
        facts.destinations[0].bucket.policy = Ok(Some(text.to_owned()));
        facts
    };
    let before = policy(r#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow"},{"Effect":"Deny"}]}"#);
    let spaced =
        policy(r#"{ "Statement": [ {"Effect":"Allow", "Sid":"A"}, {"Effect":"Deny"}], "Version":"2012-10-17"}"#);
    assert_eq!(settled(&before).take(&spaced), (Vec::new(), false));
    let after = policy(r#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Deny"},{"Effect":"Deny"}]}"#);
    let told = changes(&before, &after);
    let (was, is) = (r#"{"Effect":"Allow","Sid":"A"}"#, r#"{"Effect":"Deny","Sid":"A"}"#);
    assert_eq!(short(&told), [("destination_policy", "statement A", was, is)]);
    let told = changes(&before, &fixture::facts(1));
    assert_eq!(told.len(), 3);
    assert!(told.iter().all(|change| change.after == ABSENT), "{told:?}");
    let told = changes(&before, &policy("no policy at all"));
    assert!(told.iter().any(|change| change.after == "no policy at all"), "{told:?}");
}

#[test]
fn a_rule_is_compared_field_by_field() {
    let mut after = fixture::facts(1);
    let rule = &mut after.replication.as_mut().unwrap().as_mut().unwrap().rules[0];
    rule.enabled = false;
    rule.replica_key = Some("alias/k".to_owned());
    let told = changes(&fixture::facts(1), &after);
    let expected = [
        ("replication_rule", "all enabled", "true", "false"),
        ("replication_rule", "all replica_key", ABSENT, "alias/k"),
    ];
    assert_eq!(short(&told), expected);
    let mut gone = fixture::facts(1);
    gone.replication = Ok(None);
    let told = changes(&fixture::facts(1), &gone);
    assert!(told.iter().any(|change| change.check == "replication_role" && change.after == ABSENT), "{told:?}");
}

#[test]
fn keys_and_roles_that_come_and_go_with_a_rule_are_no_changes_of_their_own() {
    let description = |state: &str| Ok(Some(KeyDescription { state: state.to_owned(), ..KeyDescription::default() }));
    let with_key = |state: &str| {
        let mut facts = fixture::facts(1);
        let read = KeyRead { description: description(state), policy: Ok("{}".to_owned()), grants: Ok(Vec::new()) };
        facts.destinations[0].keys.insert("alias/k".to_owned(), read);
        facts
    };
    assert_eq!(settled(&with_key("Enabled")).take(&fixture::facts(1)), (Vec::new(), false));
    let told = changes(&with_key("Enabled"), &with_key("Disabled"));
    assert_eq!(short(&told), [("destination_key", "alias/k state", "Enabled", "Disabled")]);
    assert!(!told[0].settles());
    let mut drift = settled(&with_key("Enabled"));
    let mut blind = fixture::facts(1);
    blind.replication = Err(unread());
    assert_eq!(drift.take(&blind).0, Vec::new());
    assert_eq!(drift.take(&with_key("Disabled")).0, Vec::new());
    assert_eq!(drift.take(&with_key("Disabled")).0.len(), 1, "an unread configuration forgets no key");
}

#[test]
fn long_values_are_told_shortened_and_compared_whole() {
    let long = |end: &str| {
        let mut facts = fixture::facts(1);
        facts.source.bucket.policy = Ok(Some(format!("{}{end}", "x".repeat(5_000))));
        facts
    };
    let told = changes(&long("a"), &long("b"));
    assert_eq!(told.len(), 1);
    assert!(told[0].before.chars().count() <= VALUE_CHARS_MAX + 4 && told[0].before.ends_with(" ..."));
}

#[test]
fn entries_of_one_name_are_told_apart() {
    let grants = |operations: &[&str]| {
        let grant = |operation: &&str| crate::domain::audit::facts::Grant {
            grantee: "arn:aws:iam::111111111111:role/r".to_owned(),
            operations: vec![(*operation).to_owned()],
            ..Default::default()
        };
        let mut facts = fixture::facts(1);
        let grants = Ok(operations.iter().map(grant).collect());
        let read = KeyRead { description: Ok(None), policy: Ok("{}".to_owned()), grants };
        facts.source.keys.insert("k".to_owned(), read);
        facts
    };
    assert_eq!(changes(&grants(&["Decrypt", "Encrypt"]), &grants(&["Decrypt"])).len(), 1);
    assert_eq!(changes(&grants(&["Decrypt", "Encrypt"]), &grants(&["Decrypt", "Verify"])).len(), 1);
}
