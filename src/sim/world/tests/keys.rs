//! Tests of KMS, and of Bucket Keys.

use super::*;

#[test]
fn keys_go_through_their_states() {
    let mut lab = Lab::bare(1);
    let root = lab.root(A, HERE).caller;
    let key = lab.world.create_key(lab.now, &root, HERE, CreateKey::default()).unwrap();
    assert_eq!(key.arn, format!("arn:aws:kms:{HERE}:{A}:key/{}", key.id));
    let state = |lab: &mut Lab| lab.world.describe_key(lab.now, &root, HERE, &key.id).map(|key| key.state);
    assert_eq!(state(&mut lab), Ok(KeyState::Enabled));
    lab.world.set_key_enabled(lab.now, &root, HERE, &key.arn, false).unwrap();
    assert_eq!(state(&mut lab), Ok(KeyState::Disabled));
    lab.world.set_key_enabled(lab.now, &root, HERE, &key.id, true).unwrap();
    assert_eq!(state(&mut lab), Ok(KeyState::Enabled));
    assert_eq!(code(lab.world.cancel_key_deletion(lab.now, &root, HERE, &key.id)), (400, "KMSInvalidStateException"));
    for days in [6, 31] {
        let refused = lab.world.schedule_key_deletion(lab.now, &root, HERE, &key.id, Some(days));
        assert_eq!(code(refused), (400, "ValidationException"));
    }
    let scheduled = lab.world.schedule_key_deletion(lab.now, &root, HERE, &key.id, None).unwrap();
    let KeyState::PendingDeletion(end) = scheduled.state else { panic!("{scheduled:?}") };
    assert!(end.since(lab.now) >= Duration::from_secs(30 * 86_400));
    let refused = lab.world.set_key_enabled(lab.now, &root, HERE, &key.id, true);
    assert_eq!(code(refused), (400, "KMSInvalidStateException"));
    let again = lab.world.schedule_key_deletion(lab.now, &root, HERE, &key.id, None);
    assert_eq!(code(again), (400, "KMSInvalidStateException"));
    assert_eq!(lab.world.cancel_key_deletion(lab.now, &root, HERE, &key.id).unwrap().state, KeyState::Disabled);
    lab.world.schedule_key_deletion(lab.now, &root, HERE, &key.id, Some(7)).unwrap();
    lab.pass(7.0 * 86_400.0 + 1.0);
    assert_eq!(state(&mut lab).unwrap_err().code, "NotFoundException");
    assert!(lab.world.description(lab.now).keys.is_empty());
}

#[test]
fn keys_are_named_by_id_arn_and_alias_in_their_own_account_and_region() {
    let mut lab = Lab::bare(1);
    let (root, other) = (lab.root(A, HERE).caller, lab.root(B, HERE).caller);
    let key = lab.world.create_key(lab.now, &root, HERE, CreateKey::default()).unwrap();
    lab.world.create_alias(lab.now, &root, HERE, "alias/orders", &key.id).unwrap();
    let alias_arn = format!("arn:aws:kms:{HERE}:{A}:alias/orders");
    for named in [&*key.id, &*key.arn, "alias/orders", &*alias_arn] {
        assert_eq!(lab.world.describe_key(lab.now, &root, HERE, named).unwrap(), key, "{named}");
    }
    let mut refused =
        |caller: &Caller, region: &str, named: &str| code(lab.world.describe_key(lab.now, caller, region, named));
    assert_eq!(refused(&root, "eu-west-1", &key.id), (400, "NotFoundException"));
    assert_eq!(refused(&root, "eu-west-1", &key.arn), (400, "NotFoundException"));
    assert_eq!(refused(&root, HERE, "alias/none"), (400, "NotFoundException"));
    assert_eq!(refused(&other, HERE, &key.id), (400, "NotFoundException"));
    assert_eq!(refused(&other, HERE, &key.arn), (400, "AccessDeniedException"));
    let mut alias = |name: &str| code(lab.world.create_alias(lab.now, &root, HERE, name, &key.id));
    assert_eq!(alias("alias/orders"), (400, "AlreadyExistsException"));
    assert_eq!(alias("orders"), (400, "InvalidAliasNameException"));
    assert_eq!(alias("alias/aws/mine"), (400, "NotAuthorizedException"));
    let managed = lab.world.describe_key(lab.now, &root, HERE, "alias/aws/s3").unwrap();
    assert_eq!(managed.manager, KeyManager::Aws);
    let refused = lab.world.set_key_enabled(lab.now, &root, HERE, &managed.arn, false);
    assert_eq!(code(refused), (400, "AccessDeniedException"));
}

#[test]
fn a_key_policy_opens_a_key_to_another_account() {
    let mut lab = Lab::bare(1);
    let (root, other) = (lab.root(A, HERE).caller, lab.root(B, HERE).caller);
    let policy = |principal: &str| {
        format!(
            r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},
                "Action":["kms:Describe*"],"Resource":"*"}}]}}"#
        )
    };
    let request = |text| CreateKey { policy: Some(text), ..CreateKey::default() };
    let refused = lab.world.create_key(lab.now, &root, HERE, request(policy("arn:aws:iam::111111111111:role/none")));
    assert_eq!(code(refused), (400, "MalformedPolicyDocumentException"));
    let key = lab.world.create_key(lab.now, &root, HERE, request(policy(B))).unwrap();
    assert!(lab.world.describe_key(lab.now, &other, HERE, &key.arn).is_ok());
    let refused = lab.world.set_key_enabled(lab.now, &other, HERE, &key.arn, false);
    assert_eq!(code(refused), (400, "AccessDeniedException"));
}

#[test]
fn an_alias_arn_in_a_rule_leads_to_its_key() {
    let mut lab = Lab::replicating(1);
    let (owner, key) = (lab.owner_of(TARGET).caller, lab.default_key(TARGET).unwrap());
    lab.world.create_alias(lab.now, &owner, THERE, "alias/replicas", &key).unwrap();
    let mut rule = lab.rule("all", 1, TARGET);
    let alias = format!("arn:aws:kms:{THERE}:{B}:alias/replicas");
    rule.destination.encryption = Some(ReplicaEncryption { replica_kms_key_id: Some(alias) });
    lab.put_rules(vec![rule]);
    let version = lab.put(KEY);
    lab.pass(7.0);
    assert_eq!(lab.head(TARGET, KEY, &version).unwrap().data.encryption.key_arn, Some(key));
}

#[test]
fn the_sources_own_key_in_the_destinations_region_arrives_and_the_wrong_key_shows() {
    let mut lab = Lab::replicating(1);
    let root = lab.root(A, THERE).caller;
    let own = lab.world.create_key(lab.now, &root, THERE, CreateKey::default()).unwrap().arn;
    let managed = lab.world.describe_key(lab.now, &lab.owner_of(TARGET).caller, THERE, "alias/aws/s3").unwrap().arn;
    for (key, reason) in [(own, None), (managed, Some("DstPutObjectNotPermitted"))] {
        let mut rule = lab.rule("all", 1, TARGET);
        rule.destination.encryption = Some(ReplicaEncryption { replica_kms_key_id: Some(key.clone()) });
        lab.put_rules(vec![rule]);
        let version = lab.put(KEY);
        lab.pass(7.0);
        assert_eq!(lab.reason(KEY, &version), reason);
        if reason.is_none() {
            assert_eq!(lab.head(TARGET, KEY, &version).unwrap().data.encryption.key_arn, Some(key));
        }
    }
}

#[test]
fn a_bucket_key_hides_a_disabled_key_until_it_is_fetched_again() {
    let mut lab = Lab::bare(1);
    lab.build(BucketEncryption { algorithm: Algorithm::Kms, key_id: None, bucket_key: true });
    let (owner, key) = (lab.owner_of(SOURCE).caller, lab.default_key(SOURCE).unwrap());
    let version = lab.put(KEY);
    assert!(lab.head(SOURCE, KEY, &version).unwrap().data.encryption.bucket_key);
    lab.world.set_key_enabled(lab.now, &owner, HERE, &key, false).unwrap();
    lab.pass(2.0);
    lab.put(KEY);
    // Use does not prolong it: three seconds after it was fetched KMS is asked.
    lab.pass(1.1);
    assert_eq!(code(lab.put_with(canary())), (400, "KMS.DisabledException"));
    lab.world.set_key_enabled(lab.now, &owner, HERE, &key, true).unwrap();
    let version = lab.put(KEY);
    lab.pass(7.0);
    assert!(lab.head(TARGET, KEY, &version).unwrap().data.encryption.bucket_key, "the flag is the source's");
}

#[test]
fn a_held_bucket_key_hides_a_disabled_key_from_readers_as_well() {
    let mut lab = Lab::with(Physics { bucket_key_ttl: Duration::from_secs(60), ..physics(1) });
    lab.build(BucketEncryption { algorithm: Algorithm::Kms, key_id: None, bucket_key: true });
    let (reader, key) = (lab.owner_of(TARGET), lab.default_key(TARGET).unwrap());
    let version = lab.put(KEY);
    lab.pass(7.0);
    lab.world.set_key_enabled(lab.now, &reader.caller, THERE, &key, false).unwrap();
    let get = |lab: &mut Lab| lab.world.get_object(lab.now, &reader, TARGET, KEY, Some(&version)).map(|_| ());
    get(&mut lab).unwrap();
    lab.pass(60.0);
    assert_eq!(code(get(&mut lab)), (400, "KMS.DisabledException"));
}

#[test]
fn without_bucket_keys_a_disabled_key_acts_at_once() {
    let mut lab = Lab::replicating(1);
    let (owner, key) = (lab.owner_of(TARGET).caller, lab.default_key(TARGET).unwrap());
    let before = lab.put(KEY);
    lab.world.set_key_enabled(lab.now, &owner, THERE, &key, false).unwrap();
    lab.pass(7.0);
    assert_eq!(lab.reason(KEY, &before), Some("DstKmsKeyInvalidState"));
}

#[test]
fn unusable_keys_stop_writes_and_replicas_each_in_its_way() {
    let mut lab = Lab::replicating(1);
    let (here, there) = (lab.default_key(SOURCE).unwrap(), lab.default_key(TARGET).unwrap());
    lab.world.set_key_state(lab.now, &there, KeyState::PendingImport);
    let version = lab.put(KEY);
    lab.pass(7.0);
    assert_eq!(lab.reason(KEY, &version), Some("DstKmsKeyInvalidState"));
    lab.world.set_key_state(lab.now, &there, KeyState::Updating);
    lab.world.set_key_state(lab.now, &here, KeyState::Unavailable);
    assert_eq!(code(lab.put_with(canary())), (400, "KMS.KMSInvalidStateException"));
    lab.world.set_key_state(lab.now, &here, KeyState::Enabled);
    let version = lab.put(KEY);
    lab.pass(7.0);
    assert_eq!(lab.status(KEY, &version), Some(ReplicationStatus::Completed), "updating keys work");
}
