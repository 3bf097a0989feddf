//! Tests of the documents that a bucket keeps: policies, lifecycle, notifications, tags, and settings taken away.

use super::*;

fn lab() -> (Lab, Access) {
    let lab = Lab::replicating(1);
    let owner = lab.owner_of(TARGET);
    (lab, owner)
}

fn policy(principal: &str, action: &str, resource: &str, condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},
            "Action":"{action}","Resource":"{resource}"{condition}}}]}}"#
    )
}

#[test]
fn bucket_policies_are_about_their_bucket_and_actions_of_s3() {
    let (mut lab, owner) = lab();
    let everyone_here = format!(r#"{{"AWS":"{B}"}}"#);
    let (bucket, objects) = (format!("arn:aws:s3:::{TARGET}"), format!("arn:aws:s3:::{TARGET}/*"));
    let mut put = |principal: &str, action: &str, resource: &str| {
        let text = policy(principal, action, resource, "");
        lab.world.put_bucket_policy(lab.now, &owner, TARGET, &text).map_err(|error| {
            assert_eq!((error.status, error.code), (400, "MalformedPolicy"), "{error}");
            error.message
        })
    };
    assert_eq!(put(&everyone_here, "s3:GetObject", &objects), Ok(()));
    assert_eq!(put(&everyone_here, "s3:*", &bucket), Ok(()));
    let other = put(&everyone_here, "s3:GetObject", "arn:aws:s3:::other/*");
    assert_eq!(other, Err("Policy has invalid resource".to_owned()));
    let action = put(&everyone_here, "s3:ReplicateObjectTagsToBucketOwner", &objects);
    assert_eq!(action, Err("Policy has invalid action".to_owned()));
    let misplaced = Err("Action does not apply to any resource(s) in statement".to_owned());
    assert_eq!(put(&everyone_here, "s3:ReplicateObject", &bucket), misplaced);
    assert_eq!(put(&everyone_here, "s3:ListBucket", &objects), misplaced);
    let nobody = format!(r#"{{"AWS":"arn:aws:iam::{A}:role/nobody"}}"#);
    let nobody = put(&nobody, "s3:GetObject", &objects).unwrap_err();
    assert!(nobody.starts_with("Invalid principal in policy"), "{nobody}");
    let long = " ".repeat(20 * 1024);
    assert_eq!(code(lab.world.put_bucket_policy(lab.now, &owner, TARGET, &long)), (400, "MalformedPolicy"));
}

#[test]
fn public_policies_are_told_and_blocked() {
    let (mut lab, owner) = lab();
    let objects = format!("arn:aws:s3:::{TARGET}/*");
    let fixed =
        |operator: &str, key: &str, value: &str| format!(r#","Condition":{{"{operator}":{{"{key}":"{value}"}}}}"#);
    let text = policy(r#""*""#, "s3:GetObject", &objects, "");
    lab.world.delete_bucket_policy(lab.now, &owner, TARGET).unwrap();
    assert_eq!(code(lab.world.policy_is_public(lab.now, &owner, TARGET)), (404, "NoSuchBucketPolicy"));
    let blocked = lab.world.put_bucket_policy(lab.now, &owner, TARGET, &text).unwrap_err();
    assert_eq!((blocked.status, blocked.code), (403, "AccessDenied"));
    assert!(blocked.message.contains("BlockPublicPolicy"), "{blocked}");
    lab.world.delete_public_access(lab.now, &owner, TARGET).unwrap();
    for (condition, expected) in [
        (String::new(), true),
        (fixed("StringEquals", "aws:PrincipalOrgID", "o-abc"), false),
        (fixed("StringLike", "aws:PrincipalOrgID", "o-*"), true),
        (fixed("StringEquals", "aws:SourceVpce", "vpce-1"), false),
        (fixed("StringNotEquals", "aws:SourceVpce", "vpce-1"), true),
        (fixed("IpAddress", "aws:SourceIp", "203.0.113.0/24"), false),
        (fixed("IpAddress", "aws:SourceIp", "0.0.0.0/1"), true),
        (fixed("Bool", "aws:SecureTransport", "true"), true),
    ] {
        let text = policy(r#""*""#, "s3:GetObject", &objects, &condition);
        lab.world.put_bucket_policy(lab.now, &owner, TARGET, &text).unwrap();
        assert_eq!(lab.world.policy_is_public(lab.now, &owner, TARGET), Ok(expected), "{condition}");
    }
}

#[test]
fn settings_that_were_taken_away_are_not_found() {
    let (mut lab, owner) = lab();
    lab.world.delete_public_access(lab.now, &owner, TARGET).unwrap();
    let found = lab.world.public_access(lab.now, &owner, TARGET);
    assert_eq!(code(found), (404, "NoSuchPublicAccessBlockConfiguration"));
    lab.world.put_public_access(lab.now, &owner, TARGET, PublicAccessBlock::NONE).unwrap();
    assert_eq!(lab.world.public_access(lab.now, &owner, TARGET), Ok(PublicAccessBlock::NONE));
    lab.world.delete_ownership(lab.now, &owner, TARGET).unwrap();
    assert_eq!(code(lab.world.ownership(lab.now, &owner, TARGET)), (404, "OwnershipControlsNotFoundError"));
    lab.world.delete_encryption(lab.now, &owner, TARGET).unwrap();
    assert_eq!(lab.world.encryption(lab.now, &owner, TARGET), Ok(BucketEncryption::default()));
    let version = lab.put(KEY);
    lab.pass(7.0);
    assert_eq!(code(lab.head(TARGET, KEY, &version)), (403, "AccessDenied"), "without controls the writer owns it");
    assert_eq!(code(lab.world.bucket_tags(lab.now, &owner, TARGET)), (404, "NoSuchTagSet"));
    lab.world.put_bucket_tags(lab.now, &owner, TARGET, Some(vec![tag("team", "storage")])).unwrap();
    assert_eq!(lab.world.bucket_tags(lab.now, &owner, TARGET), Ok(vec![tag("team", "storage")]));
}

/// A change made to a lifecycle rule that would be right without it, and what S3 says to it.
type Refused = (fn(&mut LifecycleRule), &'static str, &'static str);

const REFUSED_RULES: &[Refused] = &[
    (|r| r.expiration = None, "InvalidRequest", "At least one action needs to be specified in a rule"),
    (|r| r.expiration = Some(LifecycleExpiration::Days(0)), "InvalidArgument", "'Days' for Expiration action"),
    (
        |r| r.expiration = Some(LifecycleExpiration::Date(Moment::from_micros(1))),
        "InvalidArgument",
        "'Date' must be at midnight GMT",
    ),
    (|r| r.prefix = Some("a".to_owned()), "MalformedXML", ""),
    (|r| r.filter = None, "MalformedXML", ""),
    (
        |r| r.filter = Some(LifecycleFilter { and: true, prefix: Some("a".to_owned()), ..LifecycleFilter::default() }),
        "MalformedXML",
        "",
    ),
    (
        |r| r.transitions = vec![transition(10, "STANDARD_IA")],
        "InvalidArgument",
        "'Days' in Transition action must be greater than or equal to 30 for storageClass 'STANDARD_IA'",
    ),
    (|r| r.transitions = vec![transition(10, "COLD")], "MalformedXML", ""),
    (|r| r.noncurrent_expiration = Some(NoncurrentExpiration::default()), "MalformedXML", ""),
    (|r| r.id = Some("x".repeat(256)), "InvalidArgument", "ID length should not exceed allowed limit of 255"),
];

fn transition(days: i32, class: &str) -> LifecycleTransition {
    LifecycleTransition { days: Some(days), storage_class: class.to_owned(), ..LifecycleTransition::default() }
}

fn expiring(id: Option<&str>) -> LifecycleRule {
    LifecycleRule {
        id: id.map(str::to_owned),
        enabled: true,
        filter: Some(LifecycleFilter { prefix: Some("replicanary/".to_owned()), ..LifecycleFilter::default() }),
        expiration: Some(LifecycleExpiration::Days(7)),
        ..LifecycleRule::default()
    }
}

#[test]
fn lifecycle_rules_are_checked_kept_and_shown() {
    let (mut lab, owner) = lab();
    assert_eq!(code(lab.world.lifecycle(lab.now, &owner, TARGET)), (404, "NoSuchLifecycleConfiguration"));
    let mut put = |rules: Vec<LifecycleRule>| {
        lab.world.put_lifecycle(lab.now, &owner, TARGET, LifecycleConfiguration { rules, minimum_size: None })
    };
    for (index, (spoil, code, message)) in REFUSED_RULES.iter().enumerate() {
        let mut rule = expiring(None);
        spoil(&mut rule);
        let error = put(vec![rule]).expect_err(&format!("case {index}"));
        assert_eq!((error.status, error.code), (400, *code), "case {index}: {error}");
        assert!(error.message.contains(message), "case {index}: {error}");
    }
    assert_eq!(code(put(vec![expiring(Some("a")), expiring(Some("a"))])), (400, "InvalidArgument"));
    assert_eq!(code(put(Vec::new())), (400, "MalformedXML"));
    put(vec![expiring(Some("a")), expiring(None)]).unwrap();
    let kept = lab.world.lifecycle(lab.now, &owner, TARGET).unwrap().rules;
    assert_eq!(kept[0], expiring(Some("a")));
    assert_eq!(kept[1].id.as_ref().map(String::len), Some(48));
    lab.world.delete_lifecycle(lab.now, &owner, TARGET).unwrap();
    assert_eq!(code(lab.world.lifecycle(lab.now, &owner, TARGET)), (404, "NoSuchLifecycleConfiguration"));
}

#[test]
fn notifications_of_every_kind_are_kept_and_may_not_overlap() {
    let (mut lab, owner) = lab();
    let entry = |target: String, event: &str, prefix: &str| Notification {
        target,
        events: vec![event.to_owned()],
        prefix: Some(prefix.to_owned()),
        ..Notification::default()
    };
    let topic = format!("arn:aws:sns:{THERE}:{B}:uploads");
    let function = format!("arn:aws:lambda:{THERE}:{B}:function:resize");
    let all = NotificationConfiguration {
        topics: vec![entry(topic.clone(), "s3:ObjectCreated:*", "")],
        functions: vec![entry(function, "s3:ObjectRemoved:*", "")],
        event_bridge: true,
        ..NotificationConfiguration::default()
    };
    lab.world.put_notifications(lab.now, &owner, TARGET, all.clone(), true).unwrap();
    let mut kept = lab.world.notifications(lab.now, &owner, TARGET).unwrap();
    for entry in kept.topics.iter_mut().chain(&mut kept.functions) {
        assert_eq!(entry.id.take().map(|id| id.len()), Some(48));
    }
    assert_eq!(kept, all);
    let mut put = |value| lab.world.put_notifications(lab.now, &owner, TARGET, value, true).unwrap_err();
    let mut overlapping = all.clone();
    overlapping.topics.push(entry(topic.clone(), "s3:ObjectCreated:Put", "a/"));
    assert!(put(overlapping).message.starts_with("Configurations overlap."));
    let mut elsewhere = all;
    elsewhere.topics[0].target = topic.replace(THERE, HERE);
    assert_eq!(put(elsewhere).message, "Unable to validate the following destination configurations");
}
