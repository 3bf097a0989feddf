//! The policy documents of the shipped worlds: least privilege, after the S3 User Guide's pages on replication.

use serde_json::{Value, json};

use super::Side;

const VERSION: &str = "2012-10-17";

/// The trust policy of a replication role.
pub(super) fn trust() -> Value {
    json!({
        "Version": VERSION,
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }],
    })
}

/// What a replication role may do. The encryption context is the object's ARN, or the bucket's with Bucket Keys.
pub(super) fn role(source: &Side, destinations: &[Side]) -> Value {
    let mut statements = vec![
        json!({
            "Sid": "ReadSourceBucket", "Effect": "Allow",
            "Action": ["s3:GetReplicationConfiguration", "s3:ListBucket"],
            "Resource": source.arn(),
        }),
        json!({
            "Sid": "ReadSourceObjects", "Effect": "Allow",
            "Action": [
                "s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging",
            ],
            "Resource": source.objects(),
        }),
        json!({
            "Sid": "DecryptSource", "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": source.key_arn,
            "Condition": source.through_s3(),
        }),
        json!({
            "Sid": "WriteReplicas", "Effect": "Allow",
            "Action": [
                "s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags", "s3:ObjectOwnerOverrideToBucketOwner",
            ],
            "Resource": destinations.iter().map(Side::objects).collect::<Vec<_>>(),
        }),
    ];
    statements.extend(destinations.iter().enumerate().map(|(index, destination)| {
        json!({
            "Sid": format!("EncryptReplicas{index}"), "Effect": "Allow",
            "Action": ["kms:Encrypt", "kms:GenerateDataKey*", "kms:Decrypt"],
            "Resource": destination.key_arn,
            "Condition": destination.through_s3(),
        })
    }));
    json!({"Version": VERSION, "Statement": statements})
}

/// A destination bucket's policy for the replication role of another account.
pub(super) fn destination_bucket(destination: &Side, role_arn: &str) -> Value {
    json!({
        "Version": VERSION,
        "Statement": [
            {
                "Sid": "LetTheSourceReplicate", "Effect": "Allow",
                "Principal": {"AWS": role_arn},
                "Action": [
                    "s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags",
                    "s3:ObjectOwnerOverrideToBucketOwner",
                ],
                "Resource": destination.objects(),
            },
            {
                "Sid": "LetTheSourceLook", "Effect": "Allow",
                "Principal": {"AWS": role_arn},
                "Action": ["s3:List*", "s3:GetBucketVersioning", "s3:PutBucketVersioning"],
                "Resource": destination.arn(),
            },
        ],
    })
}

/// A key's policy: its account administers it, and the replication role of another account encrypts under it.
pub(super) fn key(account: &str, role_arn: Option<&str>) -> Value {
    let mut statements = vec![json!({
        "Sid": "EnableIamPolicies", "Effect": "Allow",
        "Principal": {"AWS": format!("arn:aws:iam::{account}:root")},
        "Action": "kms:*",
        "Resource": "*",
    })];
    statements.extend(role_arn.map(|role_arn| {
        json!({
            "Sid": "LetTheSourceEncrypt", "Effect": "Allow",
            "Principal": {"AWS": role_arn},
            "Action": ["kms:Encrypt", "kms:GenerateDataKey*", "kms:Decrypt"],
            "Resource": "*",
        })
    }));
    json!({"Version": VERSION, "Statement": statements})
}

impl Side {
    fn arn(&self) -> String {
        format!("arn:aws:s3:::{}", self.bucket)
    }

    fn objects(&self) -> String {
        format!("{}/*", self.arn())
    }

    fn through_s3(&self) -> Value {
        json!({
            "StringLike": {
                "kms:ViaService": format!("s3.{}.amazonaws.com", self.region),
                "kms:EncryptionContext:aws:s3:arn": [self.objects(), self.arn()],
            },
        })
    }
}
