//! Policies: of the role, of keys, of buckets.

use serde_json::json;

use super::super::super::facts::{Grant, NamedPolicy, PublicAccessBlock, Simulated};
use super::super::super::setup::{REPLICA_KEY, ROLE, SOURCE_KEY, Setup, add, take, unread};
use super::Case;

#[test]
fn told_as_such() {
    super::hold(CASES);
}

/// A Deny of everything for everybody, with a condition.
fn deny_if(condition: &serde_json::Value) -> serde_json::Value {
    json!({"Sid": "Fence", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": ["arn:aws:s3:::destination-0", "arn:aws:s3:::destination-0/*"], "Condition": condition})
}

fn boundary(setup: &mut Setup, actions: &serde_json::Value) {
    let document = json!({"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]});
    setup.role().boundary = Ok(Some(NamedPolicy { name: "boundary".to_owned(), document: document.to_string() }));
}

fn simulated(setup: &mut Setup, decision: &str) {
    setup.role().simulated = Ok(vec![Simulated {
        action: "s3:ReplicateObject".to_owned(),
        resource: "arn:aws:s3:::destination-0/*".to_owned(),
        decision: decision.to_owned(),
        missing_context: Vec::new(),
    }]);
}

/// Replaces the encryption contexts that a statement of the role's policy asks for.
fn context(setup: &mut Setup, statement: usize, arn: &str) {
    setup.role_policy(|p| {
        p["Statement"][statement]["Condition"]["StringLike"]["kms:EncryptionContext:aws:s3:arn"] = json!(arn);
    });
}

pub(super) const CASES: &[Case] = &[
    ("role gone", &["role_exists"], |s| s.role().role = Ok(None)),
    ("trust of EC2", &["role_trusts_s3"], |s| {
        s.trust(&json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}));
    }),
    ("trust of Batch only", &["role_trusts_s3"], |s| {
        s.trust(&json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": {"Service": "batchoperations.s3.amazonaws.com"}, "Action": "sts:AssumeRole"}]}));
    }),
    ("trust with an external id", &["role_trusts_s3"], |s| {
        s.trust(&json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "x"}}}]}));
    }),
    ("trust for the right source account", &["open role_trusts_s3"], |s| {
        s.trust(&json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": "111111111111"}}}]}));
    }),
    ("trust for a wrong source account", &["role_trusts_s3"], |s| {
        s.trust(&json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": "999999999999"}}}]}));
    }),
    ("no policy at all", &["role_policy_present"], |s| s.role().inline = Ok(Vec::new())),
    ("no configuration right", &["role_reads_configuration"], |s| {
        s.role_policy(|p| take(p, "s3:GetReplicationConfiguration"));
    }),
    ("no list", &["warning role_lists_source"], |s| s.role_policy(|p| take(p, "s3:ListBucket"))),
    ("no list, with markers", &["role_lists_source"], |s| {
        s.role_policy(|p| take(p, "s3:ListBucket"));
        s.rule().replicates_markers = Some(true);
    }),
    ("no read", &["role_reads_objects"], |s| s.role_policy(|p| take(p, "s3:GetObjectVersionForReplication"))),
    ("GetObjectVersion instead", &["role_reads_objects"], |s| {
        s.role_policy(|p| {
            take(p, "s3:GetObjectVersionForReplication");
            add(p, json!({"Effect": "Allow", "Action": "s3:GetObjectVersion", "Resource": "arn:aws:s3:::source/*"}));
        });
    }),
    ("no ACL", &["role_reads_acls"], |s| s.role_policy(|p| take(p, "s3:GetObjectVersionAcl"))),
    ("no tagging", &["warning role_reads_tags"], |s| s.role_policy(|p| take(p, "s3:GetObjectVersionTagging"))),
    ("no replicate", &["role_replicates_objects"], |s| s.role_policy(|p| take(p, "s3:ReplicateObject"))),
    ("replicate on the bucket, not its objects", &["role_policy_well_formed"], |s| {
        s.role_policy(|p| p["Statement"][2]["Resource"] = json!("arn:aws:s3:::destination-0"));
    }),
    ("no delete, with markers", &["role_replicates_deletes"], |s| {
        s.role_policy(|p| take(p, "s3:ReplicateDelete"));
        s.rule().replicates_markers = Some(true);
    }),
    ("no delete, without markers", &[], |s| s.role_policy(|p| take(p, "s3:ReplicateDelete"))),
    ("no owner override, owner enforced", &[], |s| {
        s.role_policy(|p| take(p, "s3:ObjectOwnerOverrideToBucketOwner"));
    }),
    ("no owner override, owner is the writer", &["role_changes_owner"], |s| {
        s.role_policy(|p| take(p, "s3:ObjectOwnerOverrideToBucketOwner"));
        s.there().ownership = Ok(Some("ObjectWriter".to_owned()));
    }),
    ("no decrypt", &["role_decrypts_source"], |s| {
        s.role_policy(|p| {
            p["Statement"].as_array_mut().unwrap().remove(3);
        });
    }),
    ("no encrypt", &["role_encrypts_destination"], |s| s.role_policy(|p| take(p, "kms:Encrypt"))),
    ("encrypt through the wrong Region", &["role_encrypts_destination"], |s| {
        s.role_policy(|p| {
            p["Statement"][4]["Condition"]["StringLike"]["kms:ViaService"] = json!("s3.ap-south-1.amazonaws.com");
        });
    }),
    ("a Deny in the role", &["role_no_deny"], |s| {
        s.role_policy(|p| add(p, json!({"Effect": "Deny", "Action": "s3:Replicate*", "Resource": "*"})));
    }),
    ("a boundary without KMS", &["role_boundary_allows"], |s| boundary(s, &json!(["s3:*"]))),
    ("a boundary that lets through", &[], |s| boundary(s, &json!(["s3:*", "kms:*"]))),
    ("denied above the account", &["role_not_denied_by_organization"], |s| simulated(s, "explicitDeny")),
    ("not allowed by the simulation", &["warning role_simulation_agrees"], |s| simulated(s, "implicitDeny")),
    ("too much for the role", &[], |s| {
        s.role_policy(|p| add(p, json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})));
    }),
    ("Bucket Key against an object ARN, source", &["source_bucket_key_consistent"], |s| {
        s.source().encryption.as_mut().unwrap().as_mut().unwrap().bucket_key = true;
        context(s, 3, "arn:aws:s3:::source/*");
    }),
    ("Bucket Key against an object ARN, destination", &["destination_bucket_key_consistent"], |s| {
        s.source().encryption.as_mut().unwrap().as_mut().unwrap().bucket_key = true;
        context(s, 4, "arn:aws:s3:::destination-0/*");
    }),
    ("bucket ARN without Bucket Key", &["source_bucket_key_consistent"], |s| context(s, 3, "arn:aws:s3:::source")),
    ("Bucket Key without Decrypt in the key policy", &["destination_key_lets_role_decrypt"], |s| {
        s.source().encryption.as_mut().unwrap().as_mut().unwrap().bucket_key = true;
        s.replica_key().edit(|p| take(p, "kms:Decrypt"));
    }),
    ("source key without the account", &["source_key_lets_role_decrypt"], |s| {
        s.source_key()
            .edit(|p| p["Statement"][0]["Principal"] = json!({"AWS": "arn:aws:iam::111111111111:role/admin"}));
    }),
    ("source key by grant", &[], |s| {
        s.source_key()
            .edit(|p| p["Statement"][0]["Principal"] = json!({"AWS": "arn:aws:iam::111111111111:role/admin"}));
        s.source_key().grants =
            Ok(vec![Grant { grantee: ROLE.to_owned(), operations: vec!["Decrypt".to_owned()], ..Grant::default() }]);
    }),
    ("replica key without the role", &["destination_key_lets_role_encrypt"], |s| {
        s.replica_key().edit(|p| {
            p["Statement"].as_array_mut().unwrap().pop();
        });
    }),
    ("replica key with a Deny", &["destination_key_no_deny"], |s| {
        s.replica_key().edit(|p| {
            add(p, json!({"Effect": "Deny", "Principal": {"AWS": ROLE}, "Action": "kms:*", "Resource": "*"}));
        });
    }),
    ("replica key for the old role", &["destination_key_no_stale_principal"], |s| {
        s.replica_key().edit(|p| p["Statement"][1]["Principal"] = json!({"AWS": "AROAOLDOLDOLDOLDOLDOL"}));
    }),
    ("bucket policy for the old role", &["destination_policy_no_stale_principal"], |s| {
        s.bucket_policy(|p| p["Statement"][0]["Principal"] = json!({"AWS": "AROAOLDOLDOLDOLDOLDOL"}));
    }),
    ("no bucket policy", &["destination_policy_present"], |s| {
        s.there().policy = Ok(None);
        s.there().policy_is_public = Ok(None);
    }),
    ("bucket policy for another role", &["destination_policy_lets_replicate"], |s| {
        s.bucket_policy(|p| p["Statement"][0]["Principal"] = json!({"AWS": "arn:aws:iam::111111111111:role/other"}));
    }),
    ("bucket policy for the role without its path", &["destination_policy_lets_replicate"], |s| {
        s.bucket_policy(|p| {
            p["Statement"][0]["Principal"] = json!({"AWS": "arn:aws:iam::111111111111:role/s3-replication"});
        });
    }),
    ("bucket policy without deletes, with markers", &["destination_policy_lets_replicate_deletes"], |s| {
        s.bucket_policy(|p| take(p, "s3:ReplicateDelete"));
        s.rule().replicates_markers = Some(true);
    }),
    ("bucket policy without what AWS's sample has", &[], |s| {
        s.bucket_policy(|p| {
            p["Statement"].as_array_mut().unwrap().pop();
        });
    }),
    ("bucket policy denies Replicate*", &["destination_policy_no_deny"], |s| {
        s.bucket_policy(|p| {
            add(
                p,
                json!({"Effect": "Deny", "Principal": {"AWS": ROLE}, "Action": "s3:Replicate*",
                "Resource": "arn:aws:s3:::destination-0/*"}),
            );
        });
    }),
    ("fenced by VPC endpoint", &["destination_policy_no_deny", "open destination_lets_delete_canaries"], |s| {
        s.bucket_policy(|p| add(p, deny_if(&json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}))));
    }),
    (
        "fenced by address",
        &[
            "open destination_policy_no_deny",
            "open destination_policy_lets_replicate",
            "open destination_lets_delete_canaries",
        ],
        |s| {
            s.bucket_policy(|p| add(p, deny_if(&json!({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))));
        },
    ),
    ("TLS demanded", &[], |s| {
        s.bucket_policy(|p| add(p, deny_if(&json!({"Bool": {"aws:SecureTransport": "false"}}))));
    }),
    ("another key's header demanded", &["destination_policy_no_deny"], |s| {
        s.bucket_policy(|p| {
            add(
                p,
                json!({"Effect": "Deny", "Principal": "*", "Action": "s3:ReplicateObject",
                "Resource": "arn:aws:s3:::destination-0/*",
                "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": SOURCE_KEY}}}),
            );
        });
    }),
    ("the right header demanded", &[], |s| {
        s.bucket_policy(|p| {
            add(
                p,
                json!({"Effect": "Deny", "Principal": "*", "Action": "s3:ReplicateObject",
                "Resource": "arn:aws:s3:::destination-0/*",
                "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": REPLICA_KEY}}}),
            );
        });
    }),
    ("PutObject denied", &[], |s| {
        s.bucket_policy(|p| {
            add(
                p,
                json!({"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
                "Resource": "arn:aws:s3:::destination-0/*"}),
            );
        });
    }),
    ("deletion denied", &["destination_lets_delete_canaries"], |s| {
        s.bucket_policy(|p| {
            add(
                p,
                json!({"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObjectVersion",
                "Resource": "arn:aws:s3:::destination-0/*"}),
            );
        });
    }),
    ("a public statement that is restricted", &["public_policy_not_restricted"], |s| {
        public(s);
        s.facts.destinations[0].account_public_access = unread("GetPublicAccessBlock", "", "");
    }),
    (
        "a public statement that the account alone restricts",
        &["public_policy_not_restricted", "warning destination_public_access_blocked"],
        |s| {
            public(s);
            s.there().public_access.as_mut().unwrap().as_mut().unwrap().restrict_public_buckets = false;
            s.facts.destinations[0].account_public_access =
                Ok(Some(PublicAccessBlock { restrict_public_buckets: true, ..PublicAccessBlock::default() }));
        },
    ),
    (
        "a public statement that nobody restricts",
        &["warning public_policy_not_restricted", "warning destination_public_access_blocked"],
        |s| {
            public(s);
            s.there().public_access.as_mut().unwrap().as_mut().unwrap().restrict_public_buckets = false;
        },
    ),
    ("the source bucket denies the role", &["source_policy_no_deny"], |s| {
        s.source().policy = Ok(Some(
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny",
            "Principal": {"AWS": ROLE}, "Action": "s3:GetObject*", "Resource": "arn:aws:s3:::source/*"}]})
            .to_string(),
        ));
    }),
    ("bucket policy is no JSON", &["destination_policy_well_formed"], |s| s.there().policy = Ok(Some("{".to_owned()))),
    ("trust is no JSON", &["role_trust_well_formed"], |s| {
        s.role().role.as_mut().unwrap().as_mut().unwrap().trust = String::new();
    }),
    ("key policy is no JSON", &["destination_key_policy_well_formed"], |s| {
        s.replica_key().policy = Ok("no".to_owned())
    }),
];

/// Lets everybody read a part of the destination bucket.
fn public(setup: &mut Setup) {
    setup.there().policy_is_public = Ok(Some(true));
    setup.bucket_policy(|policy| {
        add(
            policy,
            json!({"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::destination-0/public/*"}),
        );
    });
}
