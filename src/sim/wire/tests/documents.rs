//! The documents of a bucket over the wire: policy, lifecycle, notifications, tags, and what is not there.

use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, Event, EventBridgeConfiguration, ExpirationStatus, FilterRule, FilterRuleName,
    LambdaFunctionConfiguration, LifecycleExpiration, LifecycleRule, LifecycleRuleAndOperator, LifecycleRuleFilter,
    NoncurrentVersionExpiration, NotificationConfiguration, NotificationConfigurationFilter, Permission, S3KeyFilter,
    Tag, Tagging, TopicConfiguration, Transition, TransitionStorageClass,
};

use super::{HOME, ONE, Site, TWO, refusal};

const PRIVATE: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Look","Effect":"Allow",
    "Principal":{"AWS":"222222222222"},"Action":"s3:ListBucket","Resource":"arn:aws:s3:::photos"}]}"#;
const PUBLIC: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
    "Action":"s3:GetObject","Resource":"arn:aws:s3:::photos/*"}]}"#;

#[tokio::test(start_paused = true)]
async fn a_bucket_policy_goes_around_and_away() {
    let site = Site::of("empty");
    let client = site.bucket(ONE, HOME, "photos").await;
    let get = || client.get_bucket_policy().bucket("photos");
    let put = |policy: &str| client.put_bucket_policy().bucket("photos").policy(policy).send();
    assert_eq!(refusal(get().send().await), (404, "NoSuchBucketPolicy".into()));
    put(PRIVATE).await.unwrap();
    assert_eq!(get().send().await.unwrap().policy(), Some(PRIVATE));
    assert_eq!(refusal(get().expected_bucket_owner(TWO).send().await), (403, "AccessDenied".into()));
    let status = client.get_bucket_policy_status().bucket("photos").send().await.unwrap();
    assert_eq!(status.policy_status().unwrap().is_public(), Some(false));
    assert_eq!(refusal(put(PUBLIC).await), (403, "AccessDenied".into()));
    client.delete_public_access_block().bucket("photos").send().await.unwrap();
    let block = client.get_public_access_block().bucket("photos").send().await;
    assert_eq!(refusal(block), (404, "NoSuchPublicAccessBlockConfiguration".into()));
    put(PUBLIC).await.unwrap();
    let status = client.get_bucket_policy_status().bucket("photos").send().await.unwrap();
    assert_eq!(status.policy_status().unwrap().is_public(), Some(true));
    assert_eq!(refusal(put("{").await), (400, "MalformedPolicy".into()));
    client.delete_bucket_policy().bucket("photos").send().await.unwrap();
    assert_eq!(refusal(get().send().await), (404, "NoSuchBucketPolicy".into()));
}

#[tokio::test(start_paused = true)]
async fn ownership_encryption_tags_and_acl_are_told() {
    let site = Site::of("empty");
    let client = site.bucket(ONE, HOME, "photos").await;
    client.delete_bucket_ownership_controls().bucket("photos").send().await.unwrap();
    let controls = client.get_bucket_ownership_controls().bucket("photos").send().await;
    assert_eq!(refusal(controls), (404, "OwnershipControlsNotFoundError".into()));
    client.delete_bucket_encryption().bucket("photos").send().await.unwrap();
    client.get_bucket_encryption().bucket("photos").send().await.unwrap();
    let tags = client.get_bucket_tagging().bucket("photos").send().await;
    assert_eq!(refusal(tags), (404, "NoSuchTagSet".into()));
    let tag = Tag::builder().key("team").value("storage").build().unwrap();
    let tagging = Tagging::builder().tag_set(tag.clone()).build().unwrap();
    client.put_bucket_tagging().bucket("photos").tagging(tagging).send().await.unwrap();
    let tags = client.get_bucket_tagging().bucket("photos").send().await.unwrap();
    assert_eq!(tags.tag_set(), [tag]);
    client.delete_bucket_tagging().bucket("photos").send().await.unwrap();
    let acl = client.get_bucket_acl().bucket("photos").send().await.unwrap();
    assert_eq!(acl.grants()[0].permission(), Some(&Permission::FullControl));
    assert_eq!(acl.grants()[0].grantee().unwrap().id(), acl.owner().unwrap().id());
    let stranger = site.s3(TWO, HOME).get_bucket_acl().bucket("photos").send().await;
    assert_eq!(refusal(stranger), (403, "AccessDenied".into()));
    let unknown = client.get_bucket_cors().bucket("photos").send().await;
    assert_eq!(refusal(unknown), (501, "NotImplemented".into()));
}

#[tokio::test(start_paused = true)]
async fn a_lifecycle_configuration_goes_around() {
    let site = Site::of("empty");
    let client = site.bucket(ONE, HOME, "photos").await;
    let get = || client.get_bucket_lifecycle_configuration().bucket("photos").send();
    assert_eq!(refusal(get().await), (404, "NoSuchLifecycleConfiguration".into()));
    let tag = Tag::builder().key("team").value("storage").build().unwrap();
    let and = LifecycleRuleAndOperator::builder().prefix("canary/").tags(tag).object_size_less_than(1024).build();
    let rule = |id: &str| LifecycleRule::builder().id(id).status(ExpirationStatus::Enabled);
    let rules = [
        rule("canaries")
            .filter(LifecycleRuleFilter::builder().prefix("canary/").build())
            .expiration(LifecycleExpiration::builder().days(1).build())
            .noncurrent_version_expiration(NoncurrentVersionExpiration::builder().noncurrent_days(1).build())
            .build()
            .unwrap(),
        rule("archive")
            .filter(LifecycleRuleFilter::builder().and(and).build())
            .transitions(Transition::builder().days(30).storage_class(TransitionStorageClass::StandardIa).build())
            .build()
            .unwrap(),
    ];
    let put = |rules: Vec<LifecycleRule>| {
        let configuration = BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build().unwrap();
        client.put_bucket_lifecycle_configuration().bucket("photos").lifecycle_configuration(configuration).send()
    };
    put(rules.to_vec()).await.unwrap();
    assert_eq!(get().await.unwrap().rules(), rules);
    let idle = rule("idle").filter(LifecycleRuleFilter::builder().prefix("").build()).build().unwrap();
    assert_eq!(refusal(put(vec![idle]).await), (400, "InvalidRequest".into()));
    client.delete_bucket_lifecycle().bucket("photos").send().await.unwrap();
    assert_eq!(refusal(get().await), (404, "NoSuchLifecycleConfiguration".into()));
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_notification_goes_around() {
    let site = Site::of("empty");
    let client = site.bucket(ONE, HOME, "photos").await;
    let rule = FilterRule::builder().name(FilterRuleName::Prefix).value("canary/").build();
    let key = S3KeyFilter::builder().filter_rules(rule).build();
    let topic = TopicConfiguration::builder()
        .id("topic")
        .topic_arn(format!("arn:aws:sns:{HOME}:{ONE}:uploads"))
        .events(Event::S3ObjectCreated)
        .filter(NotificationConfigurationFilter::builder().key(key).build())
        .build()
        .unwrap();
    let function = LambdaFunctionConfiguration::builder()
        .id("function")
        .lambda_function_arn(format!("arn:aws:lambda:{HOME}:{ONE}:function:resize"))
        .events(Event::S3ObjectRemoved)
        .build()
        .unwrap();
    let configuration = NotificationConfiguration::builder()
        .topic_configurations(topic.clone())
        .lambda_function_configurations(function.clone())
        .event_bridge_configuration(EventBridgeConfiguration::builder().build())
        .build();
    let put = client.put_bucket_notification_configuration().bucket("photos");
    put.notification_configuration(configuration).send().await.unwrap();
    let read = client.get_bucket_notification_configuration().bucket("photos").send().await.unwrap();
    // S3 writes `Prefix` where clients write `prefix`.
    let [shown] = read.topic_configurations() else { panic!("{read:?}") };
    assert_eq!((shown.id(), shown.topic_arn(), shown.events()), (topic.id(), topic.topic_arn(), topic.events()));
    let rules = shown.filter().unwrap().key().unwrap().filter_rules();
    assert_eq!((rules[0].name().unwrap().as_str(), rules[0].value()), ("Prefix", Some("canary/")));
    assert_eq!(read.lambda_function_configurations(), [function]);
    assert!(read.event_bridge_configuration().is_some() && read.queue_configurations().is_empty());
}
