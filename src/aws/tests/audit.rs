//! Reads of the set-up: what is sent, what comes of each answer, and what is only not configured.

use super::*;
use crate::aws::S3Bucket;
use crate::cloud::{BucketSettings, KeyAudit, OwnIdentity, RoleAudit};
use crate::domain::audit::facts::{Fact, LifecycleRule, ObjectLock, Unread, Versioning};
use crate::domain::audit::questions::Question;

async fn bucket(canned: &Canned) -> S3Bucket {
    in_process(canned).bucket(&connection(), &bucket_name()).await
}

async fn answering(reply: Reply) -> S3Bucket {
    bucket(&Canned::always(reply)).await
}

fn xml(body: &str) -> Reply {
    Reply::s3(200).with("content-type", "application/xml").body(body)
}

fn json(status: u16, body: &str) -> Reply {
    Reply::status(status).with("content-type", "application/x-amz-json-1.1").body(body)
}

/// What every setting came to: nothing, something, or why not.
async fn all(bucket: &S3Bucket) -> Vec<(&'static str, Result<bool, Unread>)> {
    fn is_there<T: PartialEq + Default>(fact: Fact<T>) -> Result<bool, Unread> {
        fact.map(|it| it != T::default())
    }
    vec![
        ("s3:GetBucketVersioning", is_there(bucket.versioning().await)),
        ("s3:GetBucketPublicAccessBlock", is_there(bucket.public_access().await)),
        ("s3:GetBucketPolicyStatus", is_there(bucket.policy_is_public().await)),
        ("s3:GetEncryptionConfiguration", is_there(bucket.encryption().await)),
        ("s3:GetBucketPolicy", is_there(bucket.policy().await)),
        ("s3:GetBucketOwnershipControls", is_there(bucket.ownership().await)),
        ("s3:GetBucketObjectLockConfiguration", is_there(bucket.object_lock().await)),
        ("s3:GetBucketRequestPayment", is_there(bucket.requester_pays().await)),
        ("s3:GetLifecycleConfiguration", is_there(bucket.lifecycle().await)),
        ("s3:GetBucketNotification", is_there(bucket.notifications().await)),
    ]
}

#[tokio::test]
async fn what_is_not_configured_is_no_failure() {
    let canned = Canned::new(|seen| {
        let codes = [
            ("publicAccessBlock", "NoSuchPublicAccessBlockConfiguration"),
            ("policyStatus", "NoSuchBucketPolicy"),
            ("encryption", "ServerSideEncryptionConfigurationNotFoundError"),
            ("policy", "NoSuchBucketPolicy"),
            ("ownershipControls", "OwnershipControlsNotFoundError"),
            ("object-lock", "ObjectLockConfigurationNotFoundError"),
            ("lifecycle", "NoSuchLifecycleConfiguration"),
        ];
        let code = codes.iter().find(|(query, _)| seen.uri.contains(&format!("?{query}")));
        let empty = if seen.uri.contains("?requestPayment") {
            "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>"
        } else if seen.uri.contains("?notification") {
            "<NotificationConfiguration/>"
        } else {
            "<VersioningConfiguration/>"
        };
        Ok(code.map_or_else(|| xml(empty), |(_, code)| Reply::error(404, code, "none")))
    });
    for (permission, read) in all(&bucket(&canned).await).await {
        assert_eq!(read, Ok(false), "{permission}");
    }
    let seen = canned.seen();
    assert_eq!(seen.len(), 10, "one call each, and none repeated");
    assert!(seen.iter().all(|seen| seen.header("x-amz-expected-bucket-owner") == Some("111111111111")));
    let counted: Vec<_> = canned.records().iter().map(|record| (record.operation, record.outcome)).collect();
    assert!(counted.contains(&("GetBucketPolicy", Ok(()))), "{counted:?}");
}

#[tokio::test]
async fn what_cannot_be_read_says_what_to_grant() {
    for (status, code, trouble) in [(403, "AccessDenied", "access_denied"), (501, "NotImplemented", "refused")] {
        for (permission, read) in all(&answering(Reply::error(status, code, "because")).await).await {
            let unread = read.expect_err(permission);
            assert_eq!((unread.permission.as_str(), unread.trouble.as_str()), (permission, trouble));
            assert_eq!(unread.message, Some(format!("{code}: because")));
        }
    }
    let strange = answering(Reply::error(405, "MethodNotAllowed", "not yours")).await.policy().await.unwrap_err();
    assert!(strange.message.as_ref().unwrap().starts_with("only the account that owns the bucket"), "{strange:?}");
}

#[tokio::test(start_paused = true)]
async fn passing_trouble_is_met_once_more_and_each_try_is_counted() {
    let canned = Canned::always(Reply::error(503, "SlowDown", "slow"));
    assert_eq!(bucket(&canned).await.versioning().await.unwrap_err().trouble, "throttled");
    assert_eq!((canned.seen().len(), canned.records().len()), (2, 2));
}

#[tokio::test]
async fn each_setting_is_read_whole() {
    let canned = Canned::new(|seen| Ok(xml(settings(&seen.uri))));
    let bucket = bucket(&canned).await;
    let versioning = Versioning { status: Some("Suspended".to_owned()), mfa_delete: true };
    assert_eq!(bucket.versioning().await, Ok(versioning));
    let access = bucket.public_access().await.unwrap().unwrap();
    assert!(access.restrict_public_buckets && !access.block_public_acls);
    assert_eq!(bucket.policy_is_public().await, Ok(Some(true)));
    let encryption = bucket.encryption().await.unwrap().unwrap();
    let expected = ("aws:kms", Some("alias/a"), true);
    assert_eq!((encryption.algorithm.as_str(), encryption.key.as_deref(), encryption.bucket_key), expected);
    assert_eq!(bucket.ownership().await, Ok(Some("ObjectWriter".to_owned())));
    let lock = ObjectLock { default_mode: Some("GOVERNANCE".to_owned()), default_days: Some(730), default_hold: false };
    assert_eq!(bucket.object_lock().await, Ok(Some(lock)));
    assert_eq!(bucket.requester_pays().await, Ok(true));
    let rules = bucket.lifecycle().await.unwrap();
    let old = LifecycleRule { id: "old".to_owned(), prefix: "logs/".to_owned(), ..LifecycleRule::default() };
    let canaries = LifecycleRule {
        id: "canaries".to_owned(),
        enabled: true,
        prefix: "replicanary/".to_owned(),
        tags: [("a".to_owned(), "b".to_owned())].into(),
        larger_than: Some(5),
        smaller_than: None,
        expires_after_days: Some(3),
        noncurrent_expires_after_days: Some(1),
        transitions: vec![("GLACIER".to_owned(), 30)],
    };
    assert_eq!(rules, [canaries, old]);
    let notifications = bucket.notifications().await.unwrap();
    assert!(notifications.event_bridge);
    let target = &notifications.targets[0];
    let expected = ("arn:aws:sqs:ap-south-1:111111111111:q", "images/", ".png");
    assert_eq!((target.arn.as_str(), target.prefix.as_str(), target.suffix.as_str()), expected);
    assert_eq!(target.events, ["s3:ObjectCreated:*"]);
}

fn settings(uri: &str) -> &'static str {
    let bodies = [
        (
            "versioning",
            "<VersioningConfiguration><Status>Suspended</Status><MfaDelete>Enabled</MfaDelete>\
             </VersioningConfiguration>",
        ),
        (
            "publicAccessBlock",
            "<PublicAccessBlockConfiguration><RestrictPublicBuckets>true</RestrictPublicBuckets>\
             </PublicAccessBlockConfiguration>",
        ),
        ("policyStatus", "<PolicyStatus><IsPublic>true</IsPublic></PolicyStatus>"),
        (
            "encryption",
            "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
             <SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>alias/a</KMSMasterKeyID>\
             </ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule>\
             </ServerSideEncryptionConfiguration>",
        ),
        (
            "ownershipControls",
            "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>",
        ),
        (
            "object-lock",
            "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>\
             <Mode>GOVERNANCE</Mode><Years>2</Years></DefaultRetention></Rule></ObjectLockConfiguration>",
        ),
        ("requestPayment", "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>"),
        (
            "lifecycle",
            "<LifecycleConfiguration><Rule><ID>canaries</ID><Status>Enabled</Status><Filter><And>\
             <Prefix>replicanary/</Prefix><Tag><Key>a</Key><Value>b</Value></Tag>\
             <ObjectSizeGreaterThan>5</ObjectSizeGreaterThan></And></Filter><Expiration><Days>3</Days></Expiration>\
             <NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>\
             <Transition><Days>30</Days><StorageClass>GLACIER</StorageClass></Transition></Rule>\
             <Rule><ID>old</ID><Prefix>logs/</Prefix><Status>Disabled</Status></Rule></LifecycleConfiguration>",
        ),
        (
            "notification",
            "<NotificationConfiguration><QueueConfiguration><Queue>arn:aws:sqs:ap-south-1:111111111111:q</Queue>\
             <Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule><Name>prefix</Name><Value>images/</Value>\
             </FilterRule><FilterRule><Name>suffix</Name><Value>.png</Value></FilterRule></S3Key></Filter>\
             </QueueConfiguration><EventBridgeConfiguration/></NotificationConfiguration>",
        ),
    ];
    bodies.iter().find(|(query, _)| uri.contains(&format!("?{query}"))).expect(uri).1
}

#[tokio::test]
async fn the_region_and_the_owner_are_told_from_refusals_too() {
    let there = || Reply::s3(200).with("x-amz-bucket-region", "ap-south-1");
    let refused = || Reply::s3(403).with("x-amz-bucket-region", "ap-south-1");
    let elsewhere = || Reply::s3(301).with("x-amz-bucket-region", "eu-west-1");
    let rows = [
        (there(), there(), Ok(Some("ap-south-1")), Ok(true)),
        (there(), refused(), Ok(Some("ap-south-1")), Ok(false)),
        (refused(), refused(), Ok(Some("ap-south-1")), Err("access_denied")),
        (Reply::s3(403), Reply::s3(403), Err("access_denied"), Err("access_denied")),
        (elsewhere(), elsewhere(), Ok(Some("eu-west-1")), Err("wrong_region")),
        (Reply::s3(404), Reply::s3(404), Ok(None), Err("no_such_bucket")),
        (Reply::s3(200), Reply::s3(200), Ok(Some("ap-south-1")), Ok(true)),
        (Reply::s3(400), Reply::s3(400), Err("refused"), Err("refused")),
    ];
    for (anybodys, owned, region, ownership) in rows {
        let context = format!("{anybodys:?} {owned:?}");
        let canned = Canned::new(move |seen| {
            let asks_owner = seen.header("x-amz-expected-bucket-owner").is_some();
            Ok(if asks_owner { owned.clone() } else { anybodys.clone() })
        });
        let told = bucket(&canned).await.whereabouts().await;
        let trouble = |unread: Unread| unread.trouble;
        let region = region.map(|region| region.map(str::to_owned)).map_err(str::to_owned);
        assert_eq!(told.region.map_err(trouble), region, "{context}");
        assert_eq!(told.is_owned_as_configured.map_err(trouble), ownership.map_err(str::to_owned), "{context}");
    }
    let canned = Canned::always(there());
    let anonymous = Connection { account: None, ..connection() };
    let told = in_process(&canned).bucket(&anonymous, &bucket_name()).await.whereabouts().await;
    assert_eq!((told.is_owned_as_configured, canned.seen().len()), (Ok(true), 1));
}

#[tokio::test]
async fn keys_are_read_with_their_policies_and_every_page_of_grants() {
    const ARN: &str = "arn:aws:kms:ap-south-1:111111111111:key/k";
    let canned = Canned::new(|seen| {
        let described = format!(r#"{{"KeyMetadata":{{"KeyId":"k","Arn":"{ARN}","KeyState":"Enabled"}}}}"#);
        let more =
            r#"{"Truncated":true,"NextMarker":"m","Grants":[{"GranteePrincipal":"r","Operations":["Decrypt"]}]}"#;
        let last = r#"{"Truncated":false,"Grants":[{"GranteePrincipal":"s","Operations":["Encrypt"],
            "Constraints":{"EncryptionContextSubset":{"a":"b"}}}]}"#;
        Ok(match seen.header("x-amz-target").unwrap_or_default() {
            "TrentService.DescribeKey" => json(200, &described),
            "TrentService.GetKeyPolicy" => json(200, r#"{"Policy":"{}"}"#),
            _ if seen.body.contains(r#""Marker":"m""#) => json(200, last),
            _ => json(200, more),
        })
    });
    let bucket = bucket(&canned).await;
    let described = bucket.describe("alias/a").await.unwrap().unwrap();
    assert_eq!(
        (described.arn.as_str(), described.account.as_str(), described.region.as_str()),
        (ARN, "111111111111", "ap-south-1")
    );
    assert_eq!(bucket.key_policy(ARN).await, Ok("{}".to_owned()));
    let grants = bucket.grants(ARN, Some("r")).await.unwrap();
    assert_eq!(grants.iter().map(|grant| grant.grantee.as_str()).collect::<Vec<_>>(), ["r", "s"]);
    assert_eq!(grants[1].context_subset["a"], "b");
    assert!(canned.seen()[2].body.contains(r#""GranteePrincipal":"r""#), "{}", canned.seen()[2].body);
}

#[tokio::test]
async fn a_key_that_is_not_there_is_none_and_a_refusal_is_unread() {
    let missing = answering(json(400, r#"{"__type":"NotFoundException","message":"no"}"#)).await;
    assert_eq!(missing.describe("alias/a").await, Ok(None));
    assert_eq!(missing.key_policy("k").await.unwrap_err().trouble, "kms_not_found");
    let denied = answering(json(400, r#"{"__type":"AccessDeniedException","message":"no"}"#)).await;
    assert_eq!(denied.describe("k").await.unwrap_err().permission, "kms:DescribeKey");
    assert_eq!(denied.grants("k", None).await.unwrap_err().permission, "kms:ListGrants");
}

const ROLE: &str = "arn:aws:iam::111111111111:role/service-role/replication";

#[tokio::test]
async fn the_role_and_its_policies_are_decoded_and_asked_for_by_name() {
    let canned = Canned::new(|seen| Ok(xml(&iam(&seen.body))));
    let bucket = bucket(&canned).await;
    let role = bucket.role(ROLE).await.unwrap().unwrap();
    assert_eq!((role.unique_id.as_str(), role.trust.as_str()), ("AROA1", r#"{"a": "é%zz"}"#));
    assert_eq!(role.boundary.as_deref(), Some("arn:aws:iam::111111111111:policy/b"));
    let inline = bucket.inline_policies(ROLE).await.unwrap();
    assert_eq!((inline[0].name.as_str(), inline[0].document.as_str()), ("in", "{1}"));
    let attached = bucket.attached_policies(ROLE).await.unwrap();
    assert_eq!(
        (attached[0].name.as_str(), attached[0].document.as_str()),
        ("arn:aws:iam::111111111111:policy/at", "{2}")
    );
    let seen = canned.seen();
    assert!(seen[0].uri.starts_with("https://iam.amazonaws.com"), "{}", seen[0].uri);
    assert!(seen[0].body.contains("RoleName=replication&") || seen[0].body.ends_with("RoleName=replication"));
    assert!(canned.records().iter().all(|record| record.service == "iam" && record.outcome == Ok(())));
}

fn iam(body: &str) -> String {
    let action = body.strip_prefix("Action=").and_then(|rest| rest.split('&').next()).unwrap_or_default();
    let result = match action {
        "GetRole" => {
            "<Role><Path>/</Path><RoleName>replication</RoleName><RoleId>AROA1</RoleId><Arn>arn</Arn>\
             <CreateDate>2026-01-01T00:00:00Z</CreateDate>\
             <AssumeRolePolicyDocument>%7B%22a%22%3A%20%22%C3%A9%zz%22%7D</AssumeRolePolicyDocument>\
             <PermissionsBoundary><PermissionsBoundaryArn>arn:aws:iam::111111111111:policy/b</PermissionsBoundaryArn>\
             </PermissionsBoundary></Role>"
        }
        "ListRolePolicies" => "<PolicyNames><member>in</member></PolicyNames><IsTruncated>false</IsTruncated>",
        "GetRolePolicy" => {
            "<RoleName>replication</RoleName><PolicyName>in</PolicyName><PolicyDocument>%7B1%7D</PolicyDocument>"
        }
        "ListAttachedRolePolicies" => {
            "<AttachedPolicies><member><PolicyName>at</PolicyName>\
             <PolicyArn>arn:aws:iam::111111111111:policy/at</PolicyArn></member></AttachedPolicies>\
             <IsTruncated>false</IsTruncated>"
        }
        "GetPolicy" => "<Policy><DefaultVersionId>v2</DefaultVersionId></Policy>",
        "GetPolicyVersion" => "<PolicyVersion><Document>%7B2%7D</Document><VersionId>v2</VersionId></PolicyVersion>",
        "SimulatePrincipalPolicy" => {
            "<EvaluationResults><member><EvalActionName>s3:ReplicateObject</EvalActionName>\
             <EvalResourceName>arn:r</EvalResourceName><EvalDecision>implicitDeny</EvalDecision>\
             <MissingContextValues><member>aws:k</member></MissingContextValues></member></EvaluationResults>\
             <IsTruncated>false</IsTruncated>"
        }
        "GetCallerIdentity" => "<Arn>arn:me</Arn><UserId>u</UserId><Account>111111111111</Account>",
        other => panic!("{other}"),
    };
    format!("<{action}Response><{action}Result>{result}</{action}Result></{action}Response>")
}

#[tokio::test]
async fn roles_that_are_not_there_are_none_and_simulation_passes_the_context() {
    let error =
        |code: &str| format!("<ErrorResponse><Error><Code>{code}</Code><Message>m</Message></Error></ErrorResponse>");
    let reply = Reply::status(404).with("content-type", "text/xml").body(&error("NoSuchEntity"));
    let missing = answering(reply).await;
    assert_eq!(missing.role(ROLE).await, Ok(None));
    assert_eq!((missing.inline_policies(ROLE).await, missing.attached_policies(ROLE).await), (Ok(vec![]), Ok(vec![])));
    let reply = Reply::status(403).with("content-type", "text/xml").body(&error("AccessDenied"));
    assert_eq!(answering(reply).await.role(ROLE).await.unwrap_err().permission, "iam:GetRole");

    let canned = Canned::new(|seen| Ok(xml(&iam(&seen.body))));
    let question = Question {
        actions: vec!["s3:ReplicateObject"],
        resource: "arn:r".to_owned(),
        context: vec![("aws:SecureTransport".to_owned(), "true".to_owned())],
    };
    let answers = bucket(&canned).await.simulate(ROLE, &question).await.unwrap();
    assert_eq!(
        (answers[0].decision.as_str(), &answers[0].missing_context[..]),
        ("implicitDeny", &["aws:k".to_owned()][..])
    );
    let body = &canned.seen()[0].body;
    for part in
        ["ActionNames.member.1=s3%3AReplicateObject", "ContextKeyName=aws%3ASecureTransport", "ContextKeyType=boolean"]
    {
        assert!(body.contains(part), "{part}: {body}");
    }
    let identity = bucket(&canned).await.identity().await.unwrap();
    assert_eq!((identity.account.as_str(), identity.arn.as_str()), ("111111111111", "arn:me"));
}
