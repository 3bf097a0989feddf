//! Tests of who may call S3: sessions of roles, bucket policies, other accounts, keys.

use super::*;

const PHOTOS: &str = "photos";

/// A role of `account` with this one policy, and a session of it that calls in the Region of the source.
fn session(lab: &mut Lab, account: &str, statements: &str) -> Access {
    let root = lab.root(account, HERE).caller;
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{account}"}},
            "Action":"sts:AssumeRole"}}]}}"#
    );
    let request = CreateRole { name: "monitor".to_owned(), trust_policy: trust, ..CreateRole::default() };
    lab.world.create_role(lab.now, &root, request).unwrap();
    let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    lab.world.put_role_policy(lab.now, &root, "monitor", "all", &policy).unwrap();
    let request = AssumeRole {
        role_arn: format!("arn:aws:iam::{account}:role/monitor"),
        session_name: "canary".to_owned(),
        ..AssumeRole::default()
    };
    let assumed = lab.world.assume_role(lab.now, &root, &request).unwrap();
    Access::of(assumed.credential.caller, HERE.to_owned())
}

fn allow(actions: &str, resource: &str) -> String {
    format!(r#"{{"Effect":"Allow","Action":{actions},"Resource":"{resource}"}}"#)
}

fn photos(lab: &mut Lab) -> Access {
    let owner = lab.root(A, HERE);
    lab.world.create_bucket(lab.now, &owner, PHOTOS, Some(HERE), None).unwrap();
    lab.world.put_versioning(lab.now, &owner, PHOTOS, true).unwrap();
    owner
}

fn put_policy(lab: &mut Lab, owner: &Access, statements: &str) {
    let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    lab.world.put_bucket_policy(lab.now, owner, PHOTOS, &policy).unwrap();
}

fn head(lab: &mut Lab, access: &Access, key: &str, version: Option<&str>) -> Result<ObjectView, WorldError> {
    lab.world.head_object(lab.now, access, PHOTOS, key, version)
}

const DENIED: (u16, &str) = (403, "AccessDenied");

#[test]
fn a_session_may_do_what_its_role_may_and_no_more() {
    let mut lab = Lab::bare(1);
    photos(&mut lab);
    let statements = allow(r#"["s3:PutObject","s3:GetObjectVersion"]"#, "arn:aws:s3:::photos/canary/*");
    let monitor = session(&mut lab, A, &statements);
    let mut put = |key: &str| {
        let request = PutObject { key: key.to_owned(), ..canary() };
        lab.world.put_object(lab.now, &monitor, PHOTOS, request)
    };
    let written = put("canary/one").unwrap().version_id.unwrap();
    assert_eq!(code(put("elsewhere/one")), DENIED);
    assert!(head(&mut lab, &monitor, "canary/one", Some(&written)).is_ok());
    let unversioned = head(&mut lab, &monitor, "canary/one", None).unwrap_err();
    assert_eq!((unversioned.status, unversioned.code), DENIED);
    assert_eq!(
        unversioned.message,
        "User: arn:aws:sts::111111111111:assumed-role/monitor/canary is not authorized to perform: s3:GetObject on \
         resource: \"arn:aws:s3:::photos/canary/one\" because no identity-based policy allows the s3:GetObject action"
    );
    assert!(unversioned.headers.contains(&("x-amz-bucket-region", HERE.to_owned())));
    assert_eq!(code(lab.world.versioning(lab.now, &monitor, PHOTOS)), DENIED);
    assert_eq!(code(lab.world.bucket(lab.now, &monitor, PHOTOS)), DENIED);
    let deleted = lab.world.delete_object(lab.now, &monitor, PHOTOS, "canary/one", Some(&written));
    assert_eq!(code(deleted), DENIED);
}

#[test]
fn what_is_missing_is_told_only_to_those_who_may_list() {
    let read = allow(r#"["s3:GetObject","s3:GetObjectVersion"]"#, "arn:aws:s3:::photos/*");
    let list = |pattern: &str| {
        format!(
            r#",{{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::photos",
                "Condition":{{"StringLike":{{"s3:prefix":"{pattern}"}}}}}}"#
        )
    };
    for (listing, expected) in
        [(String::new(), DENIED), (list("canary/*"), (404, "NoSuchKey")), (list("other/*"), DENIED)]
    {
        let mut lab = Lab::bare(1);
        let owner = photos(&mut lab);
        let monitor = session(&mut lab, A, &format!("{read}{listing}"));
        assert_eq!(code(head(&mut lab, &monitor, "canary/none", None)), expected, "{listing}");
        let written = lab.world.put_object(lab.now, &owner, PHOTOS, PutObject { key: "canary/x".into(), ..canary() });
        let id = written.unwrap().version_id.unwrap();
        lab.world.delete_object(lab.now, &owner, PHOTOS, "canary/x", None).unwrap();
        assert_eq!(code(head(&mut lab, &monitor, "canary/x", None)), expected, "a marker is nothing, too");
        assert!(head(&mut lab, &monitor, "canary/x", Some(&id)).is_ok());
        lab.world.delete_object(lab.now, &owner, PHOTOS, "canary/x", Some(&id)).unwrap();
        let gone = if expected == DENIED { DENIED } else { (404, "NoSuchVersion") };
        assert_eq!(code(head(&mut lab, &monitor, "canary/x", Some(&id))), gone, "{listing}");
    }
}

#[test]
fn a_list_is_asked_about_its_prefix() {
    let mut lab = Lab::bare(1);
    photos(&mut lab);
    let statement = r#"{"Effect":"Allow","Action":["s3:ListBucket","s3:ListBucketVersions"],
        "Resource":"arn:aws:s3:::photos","Condition":{"StringLike":{"s3:prefix":"canary/*"}}}"#;
    let monitor = session(&mut lab, A, statement);
    let mut list = |prefix: &str| {
        let request = ListVersions { prefix: prefix.to_owned(), ..ListVersions::default() };
        let versions = lab.world.list_versions(lab.now, &monitor, PHOTOS, &request).map(|_| ());
        let request = ListObjects { prefix: prefix.to_owned(), ..ListObjects::default() };
        let objects = lab.world.list_objects(lab.now, &monitor, PHOTOS, &request);
        assert_eq!(objects.is_ok(), versions.is_ok());
        versions
    };
    assert_eq!(list("canary/a"), Ok(()));
    assert_eq!(code(list("")), DENIED);
}

#[test]
fn a_deny_in_the_bucket_policy_catches_the_owners_root_but_not_its_way_out() {
    let mut lab = Lab::bare(1);
    let owner = photos(&mut lab);
    let deny = r#"{"Effect":"Deny","Principal":"*","Action":"s3:*",
        "Resource":["arn:aws:s3:::photos","arn:aws:s3:::photos/*"],
        "Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}}"#;
    put_policy(&mut lab, &owner, deny);
    let refused = lab.world.versioning(lab.now, &owner, PHOTOS).unwrap_err();
    assert_eq!((refused.status, refused.code), DENIED);
    assert!(refused.message.ends_with("with an explicit deny in a resource-based policy"), "{refused}");
    assert_eq!(code(lab.world.put_object(lab.now, &owner, PHOTOS, canary())), DENIED);
    let monitor = session(&mut lab, A, &allow(r#""s3:*""#, "*"));
    assert_eq!(code(lab.world.bucket_policy(lab.now, &monitor, PHOTOS)), DENIED);
    assert!(lab.world.bucket_policy(lab.now, &owner, PHOTOS).is_ok());
    put_policy(&mut lab, &owner, deny);
    lab.world.delete_bucket_policy(lab.now, &owner, PHOTOS).unwrap();
    assert_eq!(lab.world.versioning(lab.now, &owner, PHOTOS), Ok(Versioning::Enabled));
    assert_eq!(lab.world.versioning(lab.now, &monitor, PHOTOS), Ok(Versioning::Enabled));
}

#[test]
fn other_accounts_need_both_sides() {
    let mut lab = Lab::bare(1);
    let owner = photos(&mut lab);
    let root = lab.root(B, HERE);
    let monitor = session(&mut lab, B, &allow(r#""s3:GetBucketVersioning""#, "arn:aws:s3:::photos"));
    let ask = |lab: &mut Lab| lab.world.versioning(lab.now, &monitor, PHOTOS).map_err(|error| error.message);
    assert_eq!(ask(&mut lab), Err("Access Denied".to_owned()), "the own role's policy is one side only");
    let granted = format!(
        r#"{{"Effect":"Allow","Principal":{{"AWS":"{B}"}},"Action":["s3:GetBucketVersioning","s3:ListBucket"],
            "Resource":"arn:aws:s3:::photos"}}"#
    );
    put_policy(&mut lab, &owner, &granted);
    assert_eq!(ask(&mut lab), Ok(Versioning::Enabled));
    assert_eq!(code(lab.world.bucket(lab.now, &monitor, PHOTOS)), DENIED, "the bucket's policy is one side only");
    assert!(lab.world.bucket(lab.now, &root, PHOTOS).is_ok(), "a root may do what the bucket lets its account do");
    assert_eq!(code(lab.world.bucket_policy(lab.now, &root, PHOTOS)), (405, "MethodNotAllowed"));
    let refused = lab.world.put_bucket_policy(lab.now, &root, PHOTOS, "{}");
    assert_eq!(code(refused), (405, "MethodNotAllowed"));
    let wrong = Access { expected_owner: Some(B.to_owned()), ..owner };
    assert_eq!(code(lab.world.bucket_policy(lab.now, &wrong, PHOTOS)), DENIED);
}

#[test]
fn a_restricted_bucket_with_a_public_statement_lets_no_other_account_in() {
    let mut lab = Lab::bare(1);
    let owner = photos(&mut lab);
    let open = PublicAccessBlock { block_public_policy: false, ..PublicAccessBlock::ALL };
    lab.world.put_public_access(lab.now, &owner, PHOTOS, open).unwrap();
    let named = format!(
        r#"{{"Effect":"Allow","Principal":{{"AWS":"{B}"}},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::photos"}}"#
    );
    let public = r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::photos/x"}"#;
    let root = lab.root(B, HERE);
    put_policy(&mut lab, &owner, &named);
    assert!(lab.world.bucket(lab.now, &root, PHOTOS).is_ok());
    put_policy(&mut lab, &owner, &format!("{named},{public}"));
    assert_eq!(code(lab.world.bucket(lab.now, &root, PHOTOS)), DENIED);
    assert!(lab.world.bucket(lab.now, &owner, PHOTOS).is_ok());
    lab.world.delete_public_access(lab.now, &owner, PHOTOS).unwrap();
    assert!(lab.world.bucket(lab.now, &root, PHOTOS).is_ok());
}

#[test]
fn who_does_not_pay_is_refused_where_requesters_pay() {
    let mut lab = Lab::bare(1);
    let owner = photos(&mut lab);
    let named = format!(
        r#"{{"Effect":"Allow","Principal":{{"AWS":"{B}"}},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::photos"}}"#
    );
    put_policy(&mut lab, &owner, &named);
    let root = lab.root(B, HERE);
    assert_eq!(lab.world.requester_pays(lab.now, &owner, PHOTOS), Ok(false));
    lab.world.put_requester_pays(lab.now, &owner, PHOTOS, true).unwrap();
    assert_eq!(lab.world.requester_pays(lab.now, &owner, PHOTOS), Ok(true));
    assert_eq!(code(lab.world.bucket(lab.now, &root, PHOTOS)), DENIED);
    assert!(lab.world.bucket(lab.now, &Access { pays: true, ..root }, PHOTOS).is_ok());
    assert!(lab.world.bucket(lab.now, &owner, PHOTOS).is_ok());
}

#[test]
fn headers_of_a_put_are_conditions_and_further_actions() {
    let mut lab = Lab::bare(1);
    photos(&mut lab);
    let statement = r#"{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::photos/*",
        "Condition":{"StringEquals":{"s3:x-amz-server-side-encryption":"AES256"}}}"#;
    let monitor = session(&mut lab, A, statement);
    let right = || PutObject { algorithm: Some("AES256".to_owned()), ..canary() };
    assert!(lab.world.put_object(lab.now, &monitor, PHOTOS, right()).is_ok());
    assert_eq!(code(lab.world.put_object(lab.now, &monitor, PHOTOS, canary())), DENIED);
    let tagged = PutObject { tags: vec![tag("a", "1")], ..right() };
    assert_eq!(code(lab.world.put_object(lab.now, &monitor, PHOTOS, tagged)), DENIED);
}

#[test]
fn the_key_has_a_say_in_what_is_written_and_read() {
    let through = |context: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":"kms:GenerateDataKey","Resource":"*","Condition":{{"StringEquals":{{
                "kms:ViaService":"s3.{HERE}.amazonaws.com","kms:EncryptionContext:aws:s3:arn":"{context}"}}}}}}"#
        )
    };
    let object = format!("arn:aws:s3:::{SOURCE}/{KEY}");
    let bucket = format!("arn:aws:s3:::{SOURCE}");
    for (context, bucket_key, expected) in
        [(&object, false, true), (&bucket, true, true), (&object, true, false), (&bucket, false, false)]
    {
        let mut lab = Lab::with(Physics { bucket_key_ttl: Duration::ZERO, ..physics(1) });
        lab.build(BucketEncryption { algorithm: Algorithm::Kms, key_id: None, bucket_key: false });
        let put_and_get = allow(r#"["s3:PutObject","s3:GetObject"]"#, &format!("{bucket}/*"));
        let monitor = session(&mut lab, A, &format!("{put_and_get},{}", through(context)));
        let request = PutObject { bucket_key: Some(bucket_key), ..canary() };
        let put = lab.world.put_object(lab.now, &monitor, SOURCE, request);
        assert_eq!(put.is_ok(), expected, "{context} {bucket_key}");
        if !expected {
            assert_eq!(code(put), DENIED);
            continue;
        }
        let read = lab.world.get_object(lab.now, &monitor, SOURCE, KEY, None).unwrap_err();
        assert_eq!((read.status, read.code), DENIED);
        assert!(read.message.contains("kms:Decrypt"), "{read}");
        assert!(lab.world.head_object(lab.now, &monitor, SOURCE, KEY, None).is_ok(), "HEAD asks nothing of KMS");
    }
}

#[test]
fn making_and_listing_buckets_and_passing_a_role_are_rights_of_their_own() {
    let mut lab = Lab::replicating(1);
    let statements = allow(r#""s3:PutReplicationConfiguration""#, &format!("arn:aws:s3:::{SOURCE}"));
    let monitor = session(&mut lab, A, &statements);
    assert_eq!(code(lab.world.create_bucket(lab.now, &monitor, PHOTOS, Some(HERE), None)), DENIED);
    assert_eq!(code(lab.world.buckets(lab.now, &monitor.caller)), DENIED);
    let role = format!("arn:aws:iam::{A}:role/replication");
    let configuration = ReplicationConfiguration { role: role.clone(), rules: vec![lab.rule("all", 1, TARGET)] };
    let refused = lab.world.put_replication(lab.now, &monitor, SOURCE, configuration.clone()).unwrap_err();
    assert!(refused.message.contains("iam:PassRole"), "{refused}");
    let root = lab.root(A, HERE).caller;
    let more =
        [allow(r#""iam:PassRole""#, &role), allow(r#"["s3:CreateBucket","s3:ListAllMyBuckets"]"#, "*")].join(",");
    let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{more}]}}"#);
    lab.world.put_role_policy(lab.now, &root, "monitor", "more", &policy).unwrap();
    lab.world.put_replication(lab.now, &monitor, SOURCE, configuration).unwrap();
    lab.world.create_bucket(lab.now, &monitor, PHOTOS, Some(HERE), None).unwrap();
    assert_eq!(lab.world.buckets(lab.now, &monitor.caller).unwrap().len(), 2);
}

#[test]
fn an_alias_is_asked_for_at_the_alias_and_at_the_key() {
    for (on_alias, on_key, expected) in [(true, true, true), (true, false, false), (false, true, false)] {
        let mut lab = Lab::bare(1);
        let root = lab.root(A, HERE).caller;
        let key = lab.world.create_key(lab.now, &root, HERE, CreateKey::default()).unwrap().arn;
        let other = lab.world.create_key(lab.now, &root, HERE, CreateKey::default()).unwrap().arn;
        let actions = r#"["kms:CreateAlias","kms:UpdateAlias","kms:DeleteAlias"]"#;
        let mut statements = vec![allow(r#""kms:ListAliases""#, "*")];
        statements.extend(on_alias.then(|| allow(actions, &format!("arn:aws:kms:{HERE}:{A}:alias/mine"))));
        statements.extend(on_key.then(|| allow(actions, &format!("arn:aws:kms:{HERE}:{A}:key/*"))));
        let session = session(&mut lab, A, &statements.join(",")).caller;
        let made = lab.world.create_alias(lab.now, &session, HERE, "alias/mine", &key);
        assert_eq!(made.is_ok(), expected, "{made:?}");
        let _exists = lab.world.create_alias(lab.now, &root, HERE, "alias/mine", &key);
        assert_eq!(lab.world.update_alias(lab.now, &session, HERE, "alias/mine", &other).is_ok(), expected);
        let deleted = lab.world.delete_alias(lab.now, &session, HERE, "alias/mine");
        assert_eq!(deleted.is_ok(), expected);
        if let Err(refused) = deleted {
            assert_eq!((refused.status, refused.code), (400, "AccessDeniedException"));
            let resource = if on_alias { "key/" } else { "alias/mine" };
            assert!(refused.message.contains(resource), "{}", refused.message);
        }
        assert!(lab.world.aliases(lab.now, &session, HERE, None).is_ok());
    }
}

#[test]
fn a_held_bucket_key_hides_a_broken_key_policy_from_callers_too() {
    let mut lab = Lab::with(Physics { bucket_key_ttl: Duration::from_secs(60), ..physics(1) });
    let bucket_key = BucketEncryption { algorithm: Algorithm::Kms, key_id: None, bucket_key: true };
    let key = lab.side(A, HERE, PHOTOS, &bucket_key);
    let rights = [allow(r#"["s3:*"]"#, "*"), allow(r#"["kms:*"]"#, "*")].join(",");
    let monitor = session(&mut lab, A, &rights);
    let version = lab.world.put_object(lab.now, &monitor, PHOTOS, canary()).unwrap().version_id.unwrap();
    let nobody = format!(
        r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{B}"}},"Action":"kms:*",
        "Resource":"*"}}]}}"#
    );
    lab.key_policy(&key, &nobody);
    lab.pass(59.0);
    let mut get = |now| lab.world.get_object(now, &monitor, PHOTOS, KEY, Some(&version));
    assert!(get(lab.now).is_ok(), "within its time KMS is not asked");
    let later = lab.now.plus(Duration::from_secs(1));
    assert_eq!(code(get(later)), DENIED);
    assert_eq!(code(lab.world.put_object(later, &monitor, PHOTOS, canary())), DENIED);
    let checked = lab.world.head_object_with_checksums(later, &monitor, PHOTOS, KEY, Some(&version));
    assert_eq!(code(checked), DENIED, "checksums need the key");
    assert!(lab.world.head_object(later, &monitor, PHOTOS, KEY, Some(&version)).is_ok(), "HEAD alone does not");
}
