//! What a monitor reads of keys: policies, aliases, kinds and states, as the real client sees them.

use aws_sdk_kms::types::{KeyManagerType, KeySpec, KeyState, KeyUsageType, MultiRegionKeyType, OriginType};

use super::{HOME, ONE, Site, TWO, refusal};

#[tokio::test(start_paused = true)]
async fn a_key_policy_reads_as_it_was_written() {
    let site = Site::of("empty");
    let kms = site.kms(ONE, HOME);
    let plain = kms.create_key().send().await.unwrap().key_metadata.unwrap();
    let read = async |name: &str| kms.get_key_policy().key_id(name).send().await.map(|answer| answer.policy.unwrap());
    assert!(read(plain.key_id()).await.unwrap().contains("arn:aws:iam::111111111111:root"), "the default policy");
    let text = r#"{ "Statement": [ {"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"kms:*"} ] }"#;
    let shared = kms.create_key().policy(text).send().await.unwrap().key_metadata.unwrap();
    let arn = shared.arn().unwrap();
    assert_eq!(read(arn).await.unwrap(), text);
    kms.disable_key().key_id(arn).send().await.unwrap();
    assert_eq!(read(arn).await.unwrap(), text, "in every state");
    let put = kms.put_key_policy().key_id(arn).policy("{\"Statement\":[]}");
    assert_eq!(refusal(put.clone().send().await), (400, "MalformedPolicyDocumentException".into()), "a lockout");
    put.bypass_policy_lockout_safety_check(true).send().await.unwrap();
    assert_eq!(read(arn).await.unwrap(), "{\"Statement\":[]}");
    let stranger = site.kms(TWO, HOME).get_key_policy().key_id(arn).send().await;
    assert_eq!(refusal(stranger), (400, "AccessDeniedException".into()));
    let other_name = kms.get_key_policy().key_id(arn).policy_name("mine").send().await;
    assert_eq!(refusal(other_name), (400, "NotFoundException".into()));
    assert_eq!(refusal(kms.get_key_policy().key_id("alias/none").send().await), (400, "NotFoundException".into()));
}

#[tokio::test(start_paused = true)]
async fn aliases_are_listed_moved_and_deleted() {
    let site = Site::of("empty");
    let kms = site.kms(ONE, HOME);
    let key = async || kms.create_key().send().await.unwrap().key_metadata.unwrap();
    let (one, two) = (key().await, key().await);
    for (name, key) in [("alias/a", &one), ("alias/b", &two), ("alias/c", &two)] {
        kms.create_alias().alias_name(name).target_key_id(key.key_id()).send().await.unwrap();
    }
    let first = kms.list_aliases().limit(2).send().await.unwrap();
    assert_eq!((first.aliases().len(), first.truncated()), (2, true));
    let rest = kms.list_aliases().limit(2).set_marker(first.next_marker).send().await.unwrap();
    assert_eq!((rest.aliases().len(), rest.truncated()), (1, false));
    assert_eq!(rest.aliases()[0].alias_arn(), Some("arn:aws:kms:ap-south-1:111111111111:alias/c"));
    assert_eq!(rest.aliases()[0].target_key_id(), Some(two.key_id()));
    kms.update_alias().alias_name("alias/c").target_key_id(one.arn().unwrap()).send().await.unwrap();
    let of_one = kms.list_aliases().key_id(one.arn().unwrap()).send().await.unwrap();
    let names: Vec<_> = of_one.aliases().iter().filter_map(|alias| alias.alias_name()).collect();
    assert_eq!(names, ["alias/a", "alias/c"]);
    let alias_arn = "arn:aws:kms:ap-south-1:111111111111:alias/c";
    let found = kms.describe_key().key_id(alias_arn).send().await.unwrap().key_metadata.unwrap();
    assert_eq!(found.arn(), one.arn());
    kms.delete_alias().alias_name("alias/c").send().await.unwrap();
    assert_eq!(refusal(kms.describe_key().key_id(alias_arn).send().await), (400, "NotFoundException".into()));
    assert_eq!(refusal(kms.delete_alias().alias_name("alias/c").send().await), (400, "NotFoundException".into()));
    assert!(site.kms(TWO, HOME).list_aliases().send().await.unwrap().aliases().is_empty());
    assert_eq!(refusal(kms.list_aliases().marker("x").send().await), (400, "InvalidMarkerException".into()));
}

#[tokio::test(start_paused = true)]
async fn keys_show_their_kind_and_every_state() {
    let site = Site::of("empty");
    let kms = site.kms(ONE, HOME);
    let create = kms.create_key().multi_region(true).origin(OriginType::External);
    let imported = create.send().await.unwrap().key_metadata.unwrap();
    assert!(imported.key_id().starts_with("mrk-") && imported.key_id().len() == 36, "{}", imported.key_id());
    assert_eq!(imported.key_state(), Some(&KeyState::PendingImport));
    assert_eq!((imported.origin(), imported.enabled()), (Some(&OriginType::External), false));
    let kind = imported.multi_region_configuration().and_then(|multi| multi.multi_region_key_type());
    assert_eq!((imported.multi_region(), kind), (Some(true), Some(&MultiRegionKeyType::Primary)));
    let enable = kms.enable_key().key_id(imported.key_id()).send().await;
    assert_eq!(refusal(enable), (400, "KMSInvalidStateException".into()));
    let create = kms.create_key().key_spec(KeySpec::Rsa2048).key_usage(KeyUsageType::SignVerify);
    let signing = create.send().await.unwrap().key_metadata.unwrap();
    assert_eq!((signing.key_spec(), signing.key_usage()), (Some(&KeySpec::Rsa2048), Some(&KeyUsageType::SignVerify)));
    assert!(signing.encryption_algorithms().is_empty() && !signing.signing_algorithms().is_empty());
    assert_eq!(signing.key_manager(), Some(&KeyManagerType::Customer));
    let arn = signing.arn().unwrap();
    for (state, seen) in [
        (crate::sim::KeyState::Unavailable, KeyState::Unavailable),
        (crate::sim::KeyState::Creating, KeyState::Creating),
        (crate::sim::KeyState::Updating, KeyState::Updating),
        (crate::sim::KeyState::PendingReplicaDeletion, KeyState::PendingReplicaDeletion),
    ] {
        site.simulator.with_world(|world, now| world.set_key_state(now, arn, state));
        let found = kms.describe_key().key_id(arn).send().await.unwrap().key_metadata.unwrap();
        assert_eq!(found.key_state(), Some(&seen));
    }
}
