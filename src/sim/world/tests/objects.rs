//! Tests of writing, reading and deleting objects.

use super::*;

fn read(lab: &mut Lab, version: Option<&str>) -> Result<ObjectView, WorldError> {
    let access = lab.owner_of(SOURCE);
    lab.world.head_object(lab.now, &access, SOURCE, KEY, version)
}

#[test]
fn a_conditional_put_writes_once() {
    let mut lab = Lab::replicating(1);
    let once = || PutObject { if_none_match: true, ..canary() };
    lab.put_with(once()).unwrap();
    assert_eq!(code(lab.put_with(once())), (412, "PreconditionFailed"));
    lab.delete(SOURCE, KEY, None);
    let outcome = lab.put_with(once()).unwrap();
    let matching = |etag: &str| PutObject { if_match: Some(etag.to_owned()), ..canary() };
    assert_eq!(code(lab.put_with(matching("other"))), (412, "PreconditionFailed"));
    lab.put_with(matching(&outcome.etag)).unwrap();
    let elsewhere = PutObject { key: "nothing".to_owned(), ..matching("any") };
    assert_eq!(code(lab.put_with(elsewhere)), (404, "NoSuchKey"));
}

#[test]
fn default_encryption_applies_unless_headers_say_otherwise() {
    let mut lab = Lab::replicating(1);
    let default = lab.default_key(SOURCE);
    let encryption = |lab: &mut Lab, algorithm: Option<&str>, key: Option<String>, bucket_key: Option<bool>| {
        let algorithm = algorithm.map(str::to_owned);
        let outcome = lab.put_with(PutObject { algorithm, kms_key_id: key, bucket_key, ..canary() })?;
        Ok((outcome.encryption.algorithm, outcome.encryption.key_arn, outcome.encryption.bucket_key))
    };
    assert_eq!(encryption(&mut lab, None, None, None), Ok((Algorithm::Kms, default.clone(), false)));
    assert_eq!(encryption(&mut lab, None, None, Some(true)), Ok((Algorithm::Kms, default.clone(), true)));
    assert_eq!(encryption(&mut lab, Some("AES256"), None, None), Ok((Algorithm::S3, None, false)));
    let id = default.as_ref().unwrap().rsplit('/').next().map(str::to_owned);
    assert_eq!(encryption(&mut lab, Some("aws:kms"), id, None), Ok((Algorithm::Kms, default.clone(), false)));
    let dsse = encryption(&mut lab, Some("aws:kms:dsse"), default.clone(), Some(true));
    assert_eq!(dsse, Ok((Algorithm::KmsDsse, default.clone(), false)));
    let managed = encryption(&mut lab, Some("aws:kms"), None, None).unwrap().1.unwrap();
    assert!(managed.starts_with(&format!("arn:aws:kms:{HERE}:{A}:key/")) && Some(&managed) != default.as_ref());
    assert_eq!(code(encryption(&mut lab, Some("rot13"), None, None)), (400, "InvalidEncryptionAlgorithmError"));
    assert_eq!(code(encryption(&mut lab, None, default.clone(), None)), (400, "InvalidArgument"));
    assert_eq!(code(encryption(&mut lab, Some("AES256"), default, None)), (400, "InvalidArgument"));
    let missing = format!("arn:aws:kms:{HERE}:{A}:key/none");
    let error = encryption(&mut lab, Some("aws:kms"), Some(missing.clone()), None).unwrap_err();
    assert_eq!((error.status, error.code), (400, "KMS.NotFoundException"));
    assert_eq!(error.message, format!("Key '{missing}' does not exist"));
    let elsewhere = format!("arn:aws:kms:eu-west-3:{A}:key/none");
    assert_eq!(
        encryption(&mut lab, Some("aws:kms"), Some(elsewhere), None).unwrap_err().message,
        "Invalid arn eu-west-3"
    );
}

#[test]
fn a_source_key_that_cannot_be_used_refuses_the_put() {
    let mut lab = Lab::replicating(1);
    let (access, key) = (lab.owner_of(SOURCE), lab.default_key(SOURCE).unwrap());
    let before = lab.put(KEY);
    lab.world.set_key_enabled(lab.now, &access.caller, HERE, &key, false).unwrap();
    let error = lab.put_with(canary()).unwrap_err();
    assert_eq!(
        (error.status, error.code, &*error.message),
        (400, "KMS.DisabledException", &*format!("{key} is disabled."))
    );
    assert!(read(&mut lab, Some(&before)).is_ok(), "HEAD asks nothing of KMS");
    assert_eq!(code(lab.world.get_object(lab.now, &access, SOURCE, KEY, None)), (400, "KMS.DisabledException"));
    lab.world.schedule_key_deletion(lab.now, &access.caller, HERE, &key, Some(7)).unwrap();
    assert_eq!(code(lab.put_with(canary())), (400, "KMS.KMSInvalidStateException"));
    lab.pass(7.0 * 86_400.0 + 1.0);
    assert_eq!(code(lab.put_with(canary())), (400, "KMS.NotFoundException"));
    assert_eq!(lab.reason(KEY, &before), Some("SrcKmsKeyInvalidState"));
}

#[test]
fn s3_refuses_what_s3_refuses() {
    let mut lab = Lab::replicating(1);
    let long = |length: usize| "x".repeat(length);
    let many: Vec<Tag> = (0..11).map(|n| tag(&n.to_string(), "")).collect();
    let cases = [
        (PutObject { key: long(1025), ..canary() }, (400, "KeyTooLongError")),
        (PutObject { metadata: [("m".to_owned(), long(2048))].into(), ..canary() }, (400, "MetadataTooLarge")),
        (PutObject { tags: many, ..canary() }, (400, "BadRequest")),
        (PutObject { tags: vec![tag("a", "1"), tag("a", "2")], ..canary() }, (400, "InvalidTag")),
        (PutObject { tags: vec![tag(&long(129), "1")], ..canary() }, (400, "InvalidTag")),
        (PutObject { storage_class: Some("COLD".to_owned()), ..canary() }, (400, "InvalidStorageClass")),
        (PutObject { canned_acl: Some("public-read".to_owned()), ..canary() }, (400, "AccessControlListNotSupported")),
    ];
    for (request, expected) in cases {
        assert_eq!(code(lab.put_with(request)), expected);
    }
    assert!(lab.world.contents(lab.now, SOURCE).is_empty());
}

#[test]
fn missing_objects_versions_and_markers_answer_each_in_their_way() {
    let mut lab = Lab::replicating(1);
    assert_eq!(code(read(&mut lab, None)), (404, "NoSuchKey"));
    let version = lab.put(KEY);
    let other = version_id::encode(99, 1);
    assert_eq!(code(read(&mut lab, Some(&other))), (404, "NoSuchVersion"));
    assert_eq!(code(read(&mut lab, Some("nonsense"))), (400, "InvalidArgument"));
    assert_eq!(code(read(&mut lab, Some(""))), (400, "InvalidArgument"));
    let marker = lab.delete(SOURCE, KEY, None).version_id.unwrap();
    let hidden = read(&mut lab, None).unwrap_err();
    assert_eq!((hidden.status, hidden.code), (404, "NoSuchKey"));
    assert!(hidden.headers.contains(&("x-amz-delete-marker", "true".to_owned())));
    let named = read(&mut lab, Some(&marker)).unwrap_err();
    assert_eq!((named.status, named.code), (405, "MethodNotAllowed"));
    assert!(named.headers.contains(&("x-amz-version-id", marker.clone())));
    assert!(read(&mut lab, Some(&version)).is_ok());
    let gone = lab.delete(SOURCE, KEY, Some(&marker));
    assert_eq!(gone, DeleteOutcome { version_id: Some(marker), delete_marker: true });
    assert_eq!(read(&mut lab, None).unwrap().version_id, Some(version));
    assert_eq!(lab.delete(SOURCE, "nothing", Some(&other)).version_id, Some(other));
}

#[test]
fn without_versioning_there_is_one_version_and_when_suspended_one_null_version() {
    let mut lab = Lab::bare(1);
    let access = lab.root(A, HERE);
    lab.world.create_bucket(lab.now, &access, SOURCE, Some(HERE), None).unwrap();
    for _ in 0..2 {
        assert_eq!(lab.put_with(canary()).unwrap().version_id, None);
    }
    assert_eq!(lab.world.contents(lab.now, SOURCE).len(), 1);
    assert_eq!(read(&mut lab, None).unwrap().version_id, None);
    lab.world.put_versioning(lab.now, &access, SOURCE, true).unwrap();
    let version = lab.put(KEY);
    assert_eq!(read(&mut lab, Some("null")).unwrap().version_id.as_deref(), Some("null"));
    lab.world.put_versioning(lab.now, &access, SOURCE, false).unwrap();
    for _ in 0..2 {
        assert_eq!(lab.put_with(canary()).unwrap().version_id, None);
    }
    let rows = lab.world.contents(lab.now, SOURCE);
    assert_eq!(rows.iter().map(|row| &*row.version_id).collect::<Vec<_>>(), ["null", &version]);
    let marker = lab.delete(SOURCE, KEY, None);
    assert_eq!((marker.version_id.as_deref(), marker.delete_marker), (Some("null"), true));
    assert_eq!(lab.world.contents(lab.now, SOURCE).len(), 2, "the marker took the null version's place");
}

#[test]
fn etags_are_md5_only_where_s3_has_them() {
    let mut lab = Lab::replicating(1);
    let plain = lab.put_with(PutObject { algorithm: Some("AES256".to_owned()), ..canary() }).unwrap();
    assert_eq!(plain.etag, "ae8d18f3b54f1d925974c618a4528a37");
    let kms = lab.put_with(canary()).unwrap();
    assert!(kms.etag.len() == 32 && kms.etag != plain.etag);
}

#[test]
fn strangers_wrong_regions_and_wrong_owners_are_turned_away() {
    let mut lab = Lab::replicating(1);
    let right = lab.owner_of(SOURCE);
    let mut refused = |access: Access| lab.world.bucket(lab.now, &access, SOURCE).unwrap_err();
    let stranger = refused(Access { caller: lab_caller(B), ..right.clone() });
    assert_eq!((stranger.status, stranger.code), (403, "AccessDenied"));
    let owner = refused(Access { expected_owner: Some(B.to_owned()), ..right.clone() });
    assert_eq!((owner.status, owner.code), (403, "AccessDenied"));
    let elsewhere = refused(Access { region: "eu-west-1".to_owned(), ..right.clone() });
    assert_eq!((elsewhere.status, elsewhere.code), (301, "PermanentRedirect"));
    let default = refused(Access { region: "us-east-1".to_owned(), ..right.clone() });
    assert_eq!((default.status, default.code), (400, "AuthorizationHeaderMalformed"));
    for error in [stranger, owner, elsewhere, default] {
        assert!(error.headers.contains(&("x-amz-bucket-region", HERE.to_owned())), "{error:?}");
    }
    let anywhere = Access { region: "eu-west-1".to_owned(), ..right };
    assert_eq!(lab.world.bucket_location(lab.now, &anywhere, SOURCE).unwrap().region, HERE);
}

fn lab_caller(account: &str) -> Caller {
    Lab::bare(0).root(account, HERE).caller
}
