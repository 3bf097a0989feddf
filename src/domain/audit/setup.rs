//! A right set-up for tests, after the policies that AWS's pages give: each test breaks one thing in it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::facts::{
    BucketFacts, DefaultEncryption, Identity, KeyDescription, KeyRead, NamedPolicy, Notifications, PublicAccessBlock,
    Role, RoleFacts, RouteFacts, SideFacts, Unread, Versioning,
};
use super::{Audit, audit};
use crate::domain::fixture;
use crate::domain::name::{AccountId, KmsKey};
use crate::domain::replication::{Filter, Replication, Rule};
use crate::domain::route::Route;
use crate::domain::time::UnixMillis;

pub(crate) const HERE: &str = "111111111111";
pub(crate) const THERE: &str = "222222222222";
pub(crate) const SOURCE_KEY: &str = "arn:aws:kms:ap-south-1:111111111111:key/11111111-aaaa-4aaa-8aaa-111111111111";
pub(crate) const REPLICA_KEY: &str = "arn:aws:kms:us-east-1:222222222222:key/22222222-bbbb-4bbb-8bbb-222222222222";
pub(crate) const ROLE: &str = "arn:aws:iam::111111111111:role/service-role/s3-replication";

/// A route and what was read of it.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    pub(crate) route: Route,
    pub(crate) facts: RouteFacts,
}

impl Setup {
    /// Everything as it should be: two accounts, two Regions, a customer managed key on each side.
    pub(crate) fn right() -> Self {
        let mut route = fixture::route("orders", 1);
        route.source.account = Some(AccountId::new(HERE));
        route.source.kms_key = Some(KmsKey::new(SOURCE_KEY));
        route.destinations[0].account = Some(AccountId::new(THERE));
        route.destinations[0].kms_key = Some(KmsKey::new(REPLICA_KEY));
        let facts = RouteFacts {
            route: "orders".to_owned(),
            source: side("source", "ap-south-1", HERE, SOURCE_KEY, None),
            replication: Ok(Some(Replication { role: ROLE.to_owned(), rules: vec![rule()] })),
            role: Some(role()),
            destinations: vec![side("destination-0", "us-east-1", THERE, REPLICA_KEY, Some(ROLE))],
        };
        Self { route, facts }
    }

    /// The same with something changed.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub(crate) fn audit(&self) -> Audit {
        audit(&self.route, &self.facts, UnixMillis(1_800_000_000_000))
    }

    pub(crate) fn source(&mut self) -> &mut BucketFacts {
        &mut self.facts.source.bucket
    }

    pub(crate) fn there(&mut self) -> &mut BucketFacts {
        &mut self.facts.destinations[0].bucket
    }

    pub(crate) fn rules(&mut self) -> &mut Vec<Rule> {
        &mut self.facts.replication.as_mut().unwrap().as_mut().unwrap().rules
    }

    pub(crate) fn rule(&mut self) -> &mut Rule {
        &mut self.rules()[0]
    }

    pub(crate) fn role(&mut self) -> &mut RoleFacts {
        self.facts.role.as_mut().unwrap()
    }

    pub(crate) fn trust(&mut self, document: &Value) {
        self.role().role.as_mut().unwrap().as_mut().unwrap().trust = document.to_string();
    }

    /// The role's policy, changed as JSON.
    pub(crate) fn role_policy(&mut self, change: impl FnOnce(&mut Value)) {
        let policy = &mut self.role().inline.as_mut().unwrap()[0].document;
        *policy = edited(policy, change);
    }

    /// The destination bucket's policy, changed as JSON.
    pub(crate) fn bucket_policy(&mut self, change: impl FnOnce(&mut Value)) {
        let policy = self.there().policy.as_mut().unwrap().as_mut().unwrap();
        *policy = edited(policy, change);
    }

    pub(crate) fn source_key(&mut self) -> &mut KeyRead {
        self.facts.source.keys.get_mut(SOURCE_KEY).unwrap()
    }

    pub(crate) fn replica_key(&mut self) -> &mut KeyRead {
        self.facts.destinations[0].keys.get_mut(REPLICA_KEY).unwrap()
    }
}

impl KeyRead {
    pub(crate) fn described(&mut self) -> &mut KeyDescription {
        self.description.as_mut().unwrap().as_mut().unwrap()
    }

    /// Its policy, changed as JSON.
    pub(crate) fn edit(&mut self, change: impl FnOnce(&mut Value)) {
        let policy = self.policy.as_mut().unwrap();
        *policy = edited(policy, change);
    }
}

/// Adds a statement.
pub(crate) fn add(policy: &mut Value, statement: Value) {
    policy["Statement"].as_array_mut().unwrap().push(statement);
}

/// Takes an action out of every statement.
pub(crate) fn take(policy: &mut Value, action: &str) {
    for statement in policy["Statement"].as_array_mut().unwrap() {
        let taken = statement["Action"].take();
        let actions = taken.as_array().cloned().unwrap_or_else(|| vec![taken]);
        let kept: Vec<_> = actions.into_iter().filter(|one| one != action).collect();
        statement["Action"] = if kept.is_empty() { json!("s3:GetBucketLocation") } else { json!(kept) };
    }
}

fn edited(text: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut policy = serde_json::from_str(text).unwrap();
    change(&mut policy);
    policy.to_string()
}

/// A fact that could not be read.
pub(crate) fn unread<T>(operation: &str, permission: &str, message: &str) -> Result<T, Unread> {
    Err(Unread {
        operation: operation.to_owned(),
        permission: permission.to_owned(),
        trouble: "access_denied".to_owned(),
        message: (!message.is_empty()).then(|| message.to_owned()),
    })
}

fn rule() -> Rule {
    Rule {
        id: "everything".to_owned(),
        enabled: true,
        priority: Some(1),
        filter: Filter::default(),
        bucket: "destination-0".to_owned(),
        account: Some(THERE.to_owned()),
        changes_owner: true,
        storage_class: None,
        replica_key: Some(REPLICA_KEY.to_owned()),
        takes_kms_objects: Some(true),
        syncs_replicas: None,
        replicates_markers: Some(false),
        publishes_metrics: true,
        has_time_control: false,
    }
}

fn side(bucket: &str, region: &str, account: &str, key: &str, writer: Option<&str>) -> SideFacts {
    let arn = format!("arn:aws:sts::{account}:assumed-role/replicanary-monitor/canaries");
    SideFacts {
        identity: Ok(Identity { account: account.to_owned(), arn }),
        bucket: BucketFacts {
            name: bucket.to_owned(),
            region: Ok(Some(region.to_owned())),
            is_owned_as_configured: Ok(true),
            versioning: Ok(Versioning { status: Some("Enabled".to_owned()), mfa_delete: false }),
            public_access: Ok(Some(PublicAccessBlock {
                block_public_acls: true,
                ignore_public_acls: true,
                block_public_policy: true,
                restrict_public_buckets: true,
            })),
            policy_is_public: Ok(writer.map(|_| false)),
            encryption: Ok(Some(DefaultEncryption {
                algorithm: "aws:kms".to_owned(),
                key: Some(key.to_owned()),
                bucket_key: false,
            })),
            policy: Ok(writer.map(|writer| bucket_policy(bucket, writer).to_string())),
            ownership: Ok(Some("BucketOwnerEnforced".to_owned())),
            object_lock: Ok(None),
            requester_pays: Ok(false),
            lifecycle: Ok(Vec::new()),
            notifications: Ok(Notifications::default()),
            strangers: Ok(Vec::new()),
        },
        keys: BTreeMap::from([(key.to_owned(), key_read(account, region, key, writer))]),
        account_public_access: Ok(None),
    }
}

fn key_read(account: &str, region: &str, arn: &str, writer: Option<&str>) -> KeyRead {
    let mut statements = vec![json!({
        "Sid": "EnableIamPolicies", "Effect": "Allow",
        "Principal": {"AWS": format!("arn:aws:iam::{account}:root")}, "Action": "kms:*", "Resource": "*",
    })];
    statements.extend(writer.map(|writer| {
        json!({
            "Sid": "LetTheSourceEncrypt", "Effect": "Allow", "Principal": {"AWS": writer},
            "Action": ["kms:Encrypt", "kms:GenerateDataKey", "kms:Decrypt"], "Resource": "*",
        })
    }));
    KeyRead {
        description: Ok(Some(KeyDescription {
            arn: arn.to_owned(),
            account: account.to_owned(),
            region: region.to_owned(),
            state: "Enabled".to_owned(),
            deletion_ms: None,
            manager: "CUSTOMER".to_owned(),
            spec: "SYMMETRIC_DEFAULT".to_owned(),
            usage: "ENCRYPT_DECRYPT".to_owned(),
            multi_region: false,
        })),
        policy: Ok(json!({"Version": "2012-10-17", "Statement": statements}).to_string()),
        grants: Ok(Vec::new()),
    }
}

fn bucket_policy(bucket: &str, writer: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {
            "Sid": "LetTheSourceReplicate", "Effect": "Allow", "Principal": {"AWS": writer},
            "Action": [
                "s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags", "s3:ObjectOwnerOverrideToBucketOwner",
            ],
            "Resource": format!("arn:aws:s3:::{bucket}/*"),
        },
        {
            "Sid": "LetTheSourceLook", "Effect": "Allow", "Principal": {"AWS": writer},
            "Action": ["s3:List*", "s3:GetBucketVersioning", "s3:PutBucketVersioning"],
            "Resource": format!("arn:aws:s3:::{bucket}"),
        },
    ]})
}

fn role() -> RoleFacts {
    RoleFacts {
        arn: ROLE.to_owned(),
        role: Ok(Some(Role {
            arn: ROLE.to_owned(),
            unique_id: "AROAEXAMPLEEXAMPLE001".to_owned(),
            trust: json!({"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole",
            }]})
            .to_string(),
            boundary: None,
            last_used_ms: None,
        })),
        inline: Ok(vec![NamedPolicy { name: "replication".to_owned(), document: role_policy().to_string() }]),
        attached: Ok(Vec::new()),
        boundary: Ok(None),
        simulated: Ok(Vec::new()),
    }
}

fn role_policy() -> Value {
    let through = |region: &str, bucket: &str| {
        json!({"StringLike": {
            "kms:ViaService": format!("s3.{region}.amazonaws.com"),
            "kms:EncryptionContext:aws:s3:arn":
                [format!("arn:aws:s3:::{bucket}/*"), format!("arn:aws:s3:::{bucket}")],
        }})
    };
    json!({"Version": "2012-10-17", "Statement": [
        {
            "Sid": "ReadSourceBucket", "Effect": "Allow",
            "Action": ["s3:GetReplicationConfiguration", "s3:ListBucket"], "Resource": "arn:aws:s3:::source",
        },
        {
            "Sid": "ReadSourceObjects", "Effect": "Allow",
            "Action": [
                "s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging",
            ],
            "Resource": "arn:aws:s3:::source/*",
        },
        {
            "Sid": "WriteReplicas", "Effect": "Allow",
            "Action": [
                "s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags", "s3:ObjectOwnerOverrideToBucketOwner",
            ],
            "Resource": "arn:aws:s3:::destination-0/*",
        },
        {
            "Sid": "DecryptSource", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": SOURCE_KEY,
            "Condition": through("ap-south-1", "source"),
        },
        {
            "Sid": "EncryptReplicas", "Effect": "Allow",
            "Action": ["kms:Encrypt", "kms:GenerateDataKey", "kms:Decrypt"], "Resource": REPLICA_KEY,
            "Condition": through("us-east-1", "destination-0"),
        },
    ]})
}
