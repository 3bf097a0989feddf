//! Tests of replication under policies: each broken piece gives S3's own reason.

use super::*;

const ROLE: &str = "arn:aws:iam::111111111111:role/replication";

/// The least that the role needs, as (action, resource, condition); `SRCKEY` and `DSTKEY` stand for the keys.
const NEEDED: &[(&str, &str, &str)] = &[
    ("s3:GetReplicationConfiguration", "arn:aws:s3:::source-bucket", ""),
    ("s3:ListBucket", "arn:aws:s3:::source-bucket", ""),
    ("s3:GetObjectVersionForReplication", "arn:aws:s3:::source-bucket/*", ""),
    ("s3:GetObjectVersionAcl", "arn:aws:s3:::source-bucket/*", ""),
    ("s3:GetObjectVersionTagging", "arn:aws:s3:::source-bucket/*", ""),
    ("s3:ReplicateObject", "arn:aws:s3:::target-bucket/*", ""),
    ("s3:ReplicateDelete", "arn:aws:s3:::target-bucket/*", ""),
    (
        "kms:Decrypt",
        "SRCKEY",
        r#""kms:ViaService":"s3.ap-south-1.amazonaws.com","kms:EncryptionContext:aws:s3:arn":
            "arn:aws:s3:::source-bucket/*""#,
    ),
    (
        "kms:Encrypt",
        "DSTKEY",
        r#""kms:ViaService":"s3.us-east-1.amazonaws.com","kms:EncryptionContext:aws:s3:arn":
            "arn:aws:s3:::target-bucket/*""#,
    ),
];

/// The least policy without one action.
fn role_without(lab: &Lab, missing: &str) -> String {
    let statements: Vec<String> = NEEDED
        .iter()
        .filter(|(action, ..)| *action != missing)
        .map(|(action, resource, condition)| {
            format!(
                r#"{{"Effect":"Allow","Action":"{action}","Resource":"{resource}",
                    "Condition":{{"StringLike":{{{condition}}}}}}}"#
            )
        })
        .collect();
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    text.replace("SRCKEY", &lab.default_key(SOURCE).unwrap()).replace("DSTKEY", &lab.default_key(TARGET).unwrap())
}

fn least() -> Lab {
    let mut lab = Lab::replicating(1);
    let text = role_without(&lab, "");
    lab.role_policy(&text);
    lab
}

/// Writes an object and says why it did not arrive.
fn fate(lab: &mut Lab, request: PutObject) -> Option<&'static str> {
    let key = request.key.clone();
    let version = lab.written(request);
    lab.pass(7.0);
    let reason = lab.reason(&key, &version);
    let expected = if reason.is_none() { ReplicationStatus::Completed } else { ReplicationStatus::Failed };
    assert_eq!(lab.status(&key, &version), Some(expected));
    reason
}

fn bucket_statement(lab: &mut Lab, bucket: &str, statement: &str) {
    let access = lab.owner_of(bucket);
    let old = lab.world.bucket_policy(lab.now, &access, bucket).map(|policy| policy.text);
    let mut document: serde_json::Value =
        old.map_or_else(|_| serde_json::json!({"Statement": []}), |text| serde_json::from_str(&text).unwrap());
    let statements = document["Statement"].as_array_mut().unwrap();
    statements.push(serde_json::from_str(statement).unwrap());
    lab.bucket_policy(bucket, &document.to_string());
}

#[test]
fn least_privilege_is_enough_and_each_action_is_missed() {
    assert_eq!(fate(&mut least(), canary()), None);
    let cases = [
        ("s3:GetObjectVersionForReplication", "SrcGetObjectNotPermitted"),
        ("s3:GetObjectVersionAcl", "SrcGetAclNotPermitted"),
        ("s3:ReplicateObject", "DstPutObjectNotPermitted"),
        ("kms:Decrypt", "SrcGetObjectNotPermitted"),
        ("kms:Encrypt", "DstPutObjectNotPermitted"),
    ];
    for (missing, reason) in cases {
        let mut lab = least();
        let text = role_without(&lab, missing);
        lab.role_policy(&text);
        assert_eq!(fate(&mut lab, canary()), Some(reason), "{missing}");
    }
}

#[test]
fn tags_stay_behind_without_the_right_to_read_them_and_fail_rules_that_filter_by_them() {
    let tagged = || PutObject { tags: vec![tag("a", "1")], ..canary() };
    let mut lab = least();
    let text = role_without(&lab, "s3:GetObjectVersionTagging");
    lab.role_policy(&text);
    let version = lab.put_with(tagged()).unwrap().version_id.unwrap();
    lab.pass(7.0);
    assert!(lab.head(TARGET, KEY, &version).unwrap().tags.is_empty());
    let mut rule = lab.rule("tagged", 1, TARGET);
    rule.filter = Some(RuleFilter::Tag(tag("a", "1")));
    lab.put_rules(vec![rule]);
    assert_eq!(fate(&mut lab, tagged()), Some("SrcGetTaggingNotPermitted"));
    let mut lab = least();
    bucket_statement(
        &mut lab,
        TARGET,
        r#"{"Effect":"Deny","Principal":"*","Action":"s3:ReplicateTags","Resource":"arn:aws:s3:::target-bucket/*"}"#,
    );
    assert_eq!(fate(&mut lab, canary()), None);
    assert_eq!(fate(&mut lab, tagged()), Some("DstPutTaggingNotPermitted"));
}

#[test]
fn markers_need_their_own_rights() {
    for (missing, reason) in [
        ("", None),
        ("s3:ReplicateDelete", Some("DstDelObjNotPermitted")),
        ("s3:ListBucket", Some("SrcHeadObjectNotPermitted")),
    ] {
        let mut lab = least();
        let text = role_without(&lab, missing);
        lab.role_policy(&text);
        let mut rule = lab.rule("all", 1, TARGET);
        rule.delete_markers = Some(true);
        lab.put_rules(vec![rule]);
        lab.put(KEY);
        let marker = lab.delete(SOURCE, KEY, None).version_id.unwrap();
        lab.pass(7.0);
        assert_eq!(lab.reason(KEY, &marker), reason, "{missing}");
    }
}

#[test]
fn a_trust_policy_is_evaluated_with_its_conditions() {
    let trust =
        |condition: &str| TRUST_S3.replace("sts:AssumeRole\"", &format!("sts:AssumeRole\",\"Condition\":{condition}"));
    let denied = Some("AssumeRoleNotPermitted");
    let cases = [
        (r#"{"StringEquals":{"aws:SourceAccount":"111111111111"}}"#, None),
        (r#"{"StringEquals":{"aws:SourceAccount":"999999999999"}}"#, denied),
        (r#"{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::source-*"}}"#, None),
        (r#"{"StringEquals":{"sts:ExternalId":"x"}}"#, denied),
    ];
    for (condition, expected) in cases {
        let mut lab = least();
        let root = lab.root(A, HERE).caller;
        lab.world.update_trust(lab.now, &root, "replication", &trust(condition)).unwrap();
        assert_eq!(fate(&mut lab, canary()), expected, "{condition}");
    }
}

#[test]
fn denies_in_bucket_policies_catch_replication_by_what_s3_sends() {
    let put = Some("DstPutObjectNotPermitted");
    let cases = [
        (TARGET, "s3:*", r#"{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}"#, put),
        (TARGET, "s3:*", r#"{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#, put),
        (TARGET, "s3:*", r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}"#, put),
        (TARGET, "s3:*", r#"{"Bool":{"aws:SecureTransport":"false"}}"#, None),
        (TARGET, "s3:*", r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#, put),
        (TARGET, "s3:*", r#"{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}"#, put),
        (TARGET, "s3:*", r#"{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/replication"}}"#, put),
        (TARGET, "s3:Replicate*", r#"{"StringNotEquals":{"s3:x-amz-server-side-encryption":"aws:kms"}}"#, None),
        (TARGET, "s3:Replicate*", r#"{"StringNotEquals":{"s3:x-amz-server-side-encryption":"AES256"}}"#, put),
        (TARGET, "s3:ReplicateObject", r#"{"Null":{"s3:x-amz-server-side-encryption-aws-kms-key-id":"true"}}"#, None),
        (TARGET, "s3:PutObject", "{}", None),
        (SOURCE, "s3:GetObjectVersionForReplication", "{}", Some("SrcGetObjectNotPermitted")),
        (SOURCE, "s3:GetObjectVersionAcl", "{}", Some("SrcGetAclNotPermitted")),
    ];
    for (bucket, action, condition, expected) in cases {
        let mut lab = least();
        let statement = format!(
            r#"{{"Effect":"Deny","Principal":"*","Action":"{action}","Resource":"arn:aws:s3:::{bucket}/*",
                "Condition":{condition}}}"#
        );
        bucket_statement(&mut lab, bucket, &statement);
        assert_eq!(fate(&mut lab, canary()), expected, "{action} {condition}");
    }
}

#[test]
fn across_accounts_bucket_and_key_have_to_allow_too() {
    let nobody =
        format!(r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{B}"}},"Action":"*","Resource":"RES"}}]}}"#);
    let mut lab = least();
    lab.bucket_policy(TARGET, &nobody.replace("\"*\"", "\"s3:*\"").replace("RES", "arn:aws:s3:::target-bucket/*"));
    assert_eq!(fate(&mut lab, canary()), Some("DstPutObjectNotPermitted"));
    let mut lab = least();
    let key = lab.default_key(TARGET).unwrap();
    lab.key_policy(&key, &nobody.replace("RES", "*"));
    assert_eq!(fate(&mut lab, canary()), Some("DstPutObjectNotPermitted"));
    // The whole account may be named in the role's place.
    lab.key_policy(&key, &nobody.replace("RES", "*").replace(&format!("\"{B}\""), &format!("[\"{A}\",\"{B}\"]")));
    assert_eq!(fate(&mut lab, canary()), None);
    // The source key's own account: its policy has to let the account's policies count.
    let key = lab.default_key(SOURCE).unwrap();
    lab.key_policy(&key, &nobody.replace("RES", "*"));
    assert_eq!(fate(&mut lab, canary()), Some("SrcGetObjectNotPermitted"));
}

#[test]
fn grants_stand_in_for_key_policies() {
    let mut lab = least();
    let (key, owner) = (lab.default_key(TARGET).unwrap(), lab.owner_of(TARGET).caller);
    let policy = format!(
        r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{B}"}},"Action":"kms:*","Resource":"*"}}]}}"#
    );
    lab.key_policy(&key, &policy);
    let grant = |pair: &str| CreateGrant {
        grantee: ROLE.to_owned(),
        operations: vec!["Encrypt".to_owned()],
        constraint: GrantConstraint::Equals(vec![("aws:s3:arn".to_owned(), pair.to_owned())]),
        ..CreateGrant::default()
    };
    let wrong = lab.world.create_grant(lab.now, &owner, THERE, &key, grant("arn:aws:s3:::target-bucket")).unwrap();
    assert_eq!(fate(&mut lab, canary()), Some("DstPutObjectNotPermitted"));
    let object = format!("arn:aws:s3:::{TARGET}/{KEY}");
    lab.world.create_grant(lab.now, &owner, THERE, &key, grant(&object)).unwrap();
    assert_eq!(fate(&mut lab, canary()), None);
    lab.world.revoke_grant(lab.now, &owner, THERE, &key, &wrong.id).unwrap();
    assert_eq!(lab.world.grants(lab.now, &owner, THERE, &key).unwrap().1.len(), 1);
}

#[test]
fn with_bucket_keys_the_context_is_the_bucket_and_the_key_must_let_decrypt() {
    let build = || {
        let mut lab = Lab::with(Physics { bucket_key_ttl: Duration::ZERO, ..physics(1) });
        lab.build(BucketEncryption { algorithm: Algorithm::Kms, key_id: None, bucket_key: true });
        lab
    };
    let mut lab = build();
    let text = role_without(&lab, "");
    lab.role_policy(&text);
    assert_eq!(fate(&mut lab, canary()), Some("SrcGetObjectNotPermitted"), "conditions on object ARNs");
    lab.role_policy(&text.replace("source-bucket/*\"}}", "source-bucket\"}}"));
    assert_eq!(fate(&mut lab, canary()), Some("DstPutObjectNotPermitted"));
    lab.role_policy(&text.replace("-bucket/*\"}}", "-bucket\"}}"));
    assert_eq!(fate(&mut lab, canary()), None, "without Decrypt in the role's own policy");
    let key = lab.default_key(TARGET).unwrap();
    let policy = |action: &str| {
        format!(
            r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{ROLE}"}},"Action":{action},"Resource":"*"}}]}}"#
        )
    };
    lab.key_policy(&key, &policy(r#"["kms:Encrypt","kms:GenerateDataKey"]"#));
    assert_eq!(fate(&mut lab, canary()), Some("DstPutObjectNotPermitted"), "no Decrypt in the replica key's policy");
    lab.key_policy(&key, &policy(r#"["kms:Encrypt","kms:Decrypt"]"#));
    assert_eq!(fate(&mut lab, canary()), None);
}

#[test]
fn a_bucket_key_is_held_for_its_requester_alone() {
    let mut lab = Lab::with(Physics { bucket_key_ttl: Duration::from_secs(3600), ..physics(1) });
    lab.build(BucketEncryption { algorithm: Algorithm::Kms, key_id: None, bucket_key: true });
    lab.role_policy(r#"{"Statement":[{"Effect":"Allow","Action":["s3:*","kms:Encrypt"],"Resource":"*"}]}"#);
    assert_eq!(fate(&mut lab, canary()), Some("SrcGetObjectNotPermitted"), "the writer's key is not the role's");
    lab.role_policy(r#"{"Statement":[{"Effect":"Allow","Action":["s3:*","kms:*"],"Resource":"*"}]}"#);
    assert_eq!(fate(&mut lab, canary()), None);
    lab.role_policy(r#"{"Statement":[{"Effect":"Allow","Action":["s3:*"],"Resource":"*"}]}"#);
    assert_eq!(fate(&mut lab, canary()), None, "now the role's own keys are held");
}

#[test]
fn a_held_bucket_key_hides_a_broken_key_policy() {
    let mut lab = Lab::with(Physics { bucket_key_ttl: Duration::from_secs(3600), ..physics(1) });
    lab.build(BucketEncryption { algorithm: Algorithm::Kms, key_id: None, bucket_key: true });
    assert_eq!(fate(&mut lab, canary()), None);
    let key = lab.default_key(TARGET).unwrap();
    lab.key_policy(&key, r#"{"Statement":[]}"#);
    assert_eq!(fate(&mut lab, canary()), None);
    lab.pass(3600.0);
    assert_eq!(fate(&mut lab, canary()), Some("DstPutObjectNotPermitted"));
}

#[test]
fn the_owner_override_needs_its_right_only_where_owners_differ() {
    for (ownership, expected) in [
        (ObjectOwnership::BucketOwnerEnforced, None),
        (ObjectOwnership::ObjectWriter, Some("DstPutObjectNotPermitted")),
    ] {
        let mut lab = least();
        let access = lab.owner_of(TARGET);
        lab.world.put_ownership(lab.now, &access, TARGET, ownership).unwrap();
        let mut rule = lab.rule("all", 1, TARGET);
        rule.destination.owner = Some("Destination".to_owned());
        lab.put_rules(vec![rule]);
        assert_eq!(fate(&mut lab, canary()), expected, "{ownership:?}");
    }
}

#[test]
fn a_boundary_limits_the_role_and_its_policy_can_be_managed() {
    let mut lab = least();
    let root = lab.root(A, HERE).caller;
    let document = r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#.to_owned();
    let request = CreatePolicy { name: "s3-only".to_owned(), document, ..CreatePolicy::default() };
    let policy = lab.world.create_policy(lab.now, &root, request).unwrap();
    lab.world.set_boundary(lab.now, &root, "replication", Some(&policy.arn)).unwrap();
    assert_eq!(fate(&mut lab, canary()), Some("SrcGetObjectNotPermitted"), "no KMS");
    assert_eq!(code(lab.world.delete_policy(lab.now, &root, &policy.arn)), (409, "DeleteConflict"));
    lab.world.set_boundary(lab.now, &root, "replication", None).unwrap();
    let document = role_without(&lab, "");
    let request = CreatePolicy { name: "rights".to_owned(), document, ..CreatePolicy::default() };
    let policy = lab.world.create_policy(lab.now, &root, request).unwrap();
    lab.world.delete_role_policy(lab.now, &root, "replication", "rights").unwrap();
    assert_eq!(fate(&mut lab, canary()), Some("SrcGetObjectNotPermitted"));
    lab.world.attach_role_policy(lab.now, &root, "replication", &policy.arn).unwrap();
    assert_eq!(fate(&mut lab, canary()), None);
    assert_eq!(code(lab.world.delete_role(lab.now, &root, "replication")), (409, "DeleteConflict"));
}

#[test]
fn a_public_statement_shuts_other_accounts_out_of_a_restricted_bucket() {
    let mut lab = least();
    let access = lab.owner_of(TARGET);
    let open =
        PublicAccessBlock { block_public_policy: false, restrict_public_buckets: false, ..PublicAccessBlock::ALL };
    lab.world.put_public_access(lab.now, &access, TARGET, open).unwrap();
    bucket_statement(
        &mut lab,
        TARGET,
        r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",
            "Resource":"arn:aws:s3:::target-bucket/public/*"}"#,
    );
    assert_eq!(fate(&mut lab, canary()), None);
    let restricted = PublicAccessBlock { restrict_public_buckets: true, ..open };
    lab.world.put_public_access(lab.now, &access, TARGET, restricted).unwrap();
    assert_eq!(fate(&mut lab, canary()), Some("DstPutObjectNotPermitted"));
    lab.world.put_public_access(lab.now, &access, TARGET, open).unwrap();
    assert_eq!(fate(&mut lab, canary()), None);
    let of_account = Some(PublicAccessBlock { restrict_public_buckets: true, ..PublicAccessBlock::NONE });
    lab.world.put_account_public_access(lab.now, &access.caller, B, of_account).unwrap();
    assert_eq!(fate(&mut lab, canary()), Some("DstPutObjectNotPermitted"), "the account restricts its buckets");
    lab.world.put_account_public_access(lab.now, &access.caller, B, None).unwrap();
    assert_eq!(fate(&mut lab, canary()), None);
}

#[test]
fn a_role_made_again_no_longer_matches_and_shows_as_its_id() {
    let mut lab = least();
    let key = lab.default_key(TARGET).unwrap();
    let text = role_without(&lab, "");
    let old = lab.world.role(lab.now, &lab.root(A, HERE).caller, "replication").unwrap().unique_id;
    lab.delete_role();
    lab.role("replication", TRUST_S3);
    lab.role_policy(&text);
    assert_eq!(fate(&mut lab, canary()), Some("DstPutObjectNotPermitted"));
    let access = lab.owner_of(TARGET);
    let shown = lab.world.bucket_policy(lab.now, &access, TARGET).unwrap().text;
    assert!(shown.contains(&old) && !shown.contains(ROLE), "{shown}");
    let shown_key = lab.world.key_policy(lab.now, &access.caller, THERE, &key, "default").unwrap();
    assert!(shown_key.contains(&old), "{shown_key}");
    // What is shown cannot be put back; the same document with the name can, and mends it.
    assert_eq!(code(lab.world.put_bucket_policy(lab.now, &access, TARGET, &shown)), (400, "MalformedPolicy"));
    let put = lab.world.put_key_policy(lab.now, &access.caller, THERE, &key, &shown_key, false);
    assert_eq!(code(put), (400, "MalformedPolicyDocumentException"));
    lab.bucket_policy(TARGET, &shown.replace(&old, ROLE));
    lab.key_policy(&key, &shown_key.replace(&old, ROLE));
    assert_eq!(fate(&mut lab, canary()), None);
}

#[test]
fn the_default_version_of_a_policy_is_in_force() {
    let mut lab = Lab::replicating(1);
    let root = lab.root(A, HERE).caller;
    let least = role_without(&lab, "");
    let broken = role_without(&lab, "s3:ReplicateObject");
    let request = CreatePolicy { name: "rights".to_owned(), document: least, ..CreatePolicy::default() };
    let arn = lab.world.create_policy(lab.now, &root, request).unwrap().arn;
    lab.world.attach_role_policy(lab.now, &root, "replication", &arn).unwrap();
    lab.world.delete_role_policy(lab.now, &root, "replication", "rights").unwrap();
    let second = lab.world.create_policy_version(lab.now, &root, &arn, &broken, false).unwrap();
    assert_eq!((second.id().as_str(), fate(&mut lab, canary())), ("v2", None));
    lab.world.set_default_policy_version(lab.now, &root, &arn, "v2").unwrap();
    assert_eq!(fate(&mut lab, canary()), Some("DstPutObjectNotPermitted"));
    assert_eq!(code(lab.world.delete_policy_version(lab.now, &root, &arn, "v2")), (409, "DeleteConflict"));
    lab.world.detach_role_policy(lab.now, &root, "replication", &arn).unwrap();
    assert_eq!(code(lab.world.delete_policy(lab.now, &root, &arn)), (409, "DeleteConflict"), "has versions");
    lab.world.delete_policy_version(lab.now, &root, &arn, "v1").unwrap();
    assert_eq!(code(lab.world.set_default_policy_version(lab.now, &root, &arn, "v1")), (404, "NoSuchEntity"));
    for expected in 3..=6 {
        let made = lab.world.create_policy_version(lab.now, &root, &arn, &broken, true).unwrap();
        assert_eq!(made.number, expected, "numbers are not used again");
    }
    let sixth = lab.world.create_policy_version(lab.now, &root, &arn, &broken, false);
    assert_eq!(code(sixth), (409, "LimitExceeded"));
}
