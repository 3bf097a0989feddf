//! What S3 sends when it replicates: the one table of context keys, by call.
//!
//! Known are the principal's keys, `aws:SecureTransport`, `aws:RequestedRegion` and the encryption headers; never sent
//! are the keys of VPC endpoints, of MFA and of service principals. What nobody documents, such as `aws:SourceIp`,
//! stays unknown, and an answer that hangs on it says so.

use super::request::{Caller, Context, Request, Value};

/// The service that assumes the replication role.
pub const S3: &str = "s3.amazonaws.com";

/// Keys that no call of a replication has: it comes by no VPC endpoint, with no MFA, from no federated user, and under
/// the role and not as a service principal.
const NEVER_SENT: &[&str] = &[
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:SourceVpcArn",
    "aws:VpcSourceIp",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "aws:VpceOrgPaths",
    "aws:MultiFactorAuthPresent",
    "aws:MultiFactorAuthAge",
    "aws:FederatedProvider",
];

/// Keys that only a call by a service principal has.
const OF_SERVICES: &[&str] = &[
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
];

/// The replication whose calls are judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replicating {
    /// The replication role.
    pub role: Caller,
    /// The organization of the role's account, where it is known.
    pub organization: Option<String>,
}

/// The side that is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Called<'a> {
    /// Its Region.
    pub region: &'a str,
    /// The account that owns the resource, where it is known.
    pub account: Option<&'a str>,
}

/// How a replica is to be encrypted: as its source is, under the rule's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption<'a> {
    /// The source is not encrypted: no header is sent.
    None,
    /// The source is encrypted under keys of S3: `AES256`.
    S3,
    /// The source is encrypted under a KMS key.
    Kms {
        /// `aws:kms` or `aws:kms:dsse`, as that of the source.
        algorithm: &'a str,
        /// The rule's `ReplicaKmsKeyID`; absent where the rule has none.
        key: Option<&'a str>,
    },
}

impl Replicating {
    /// A call to the source bucket, such as `s3:GetObjectVersionForReplication`.
    #[must_use]
    pub fn read(&self, action: &str, resource: &str, called: Called<'_>) -> Request {
        Request::new(self.role.clone(), action, resource, self.at(called))
    }

    /// A call to the destination bucket, such as `s3:ReplicateObject`.
    #[must_use]
    pub fn write(&self, action: &str, resource: &str, called: Called<'_>, encryption: Encryption<'_>) -> Request {
        let (algorithm, key) = match encryption {
            Encryption::None => (None, None),
            Encryption::S3 => (Some("AES256"), None),
            Encryption::Kms { algorithm, key } => (Some(algorithm), key),
        };
        let sent = |value: Option<&str>| value.map_or(Value::Absent, Value::one);
        let context = self
            .at(called)
            .with("s3:x-amz-server-side-encryption", sent(algorithm))
            .with("s3:x-amz-server-side-encryption-aws-kms-key-id", sent(key))
            .with("s3:x-amz-server-side-encryption-customer-algorithm", Value::Absent);
        Request::new(self.role.clone(), action, resource, context)
    }

    /// A call of KMS by S3 under the role, such as `kms:Decrypt`, with the encryption context of one object: its ARN,
    /// or its bucket's ARN with an S3 Bucket Key.
    #[must_use]
    pub fn key(&self, action: &str, key: &str, called: Called<'_>, context_arn: &str) -> Request {
        // The suffix of this value in China is not documented.
        let via = if called.region.starts_with("cn-") {
            Value::Unknown
        } else {
            Value::one(&format!("s3.{}.amazonaws.com", called.region))
        };
        let caller_account = self.role.account().map_or(Value::Unknown, Value::one);
        let context = self
            .at(called)
            .with("kms:ViaService", via)
            .with("kms:CallerAccount", caller_account)
            .with("kms:EncryptionContext:aws:s3:arn", Value::one(context_arn))
            .with("kms:EncryptionContextKeys", Value::one("aws:s3:arn"))
            .with("kms:EncryptionAlgorithm", Value::one("SYMMETRIC_DEFAULT"))
            .with("kms:GrantIsForAWSResource", Value::Absent);
        Request::new(self.role.clone(), action, key, context)
    }

    /// What holds of every call under the role.
    fn at(&self, called: Called<'_>) -> Context {
        let mut context = Context::open()
            .with("aws:SecureTransport", Value::one("true"))
            .with("aws:RequestedRegion", Value::one(called.region))
            .with("aws:ViaAWSService", Value::one("false"))
            .with("aws:PrincipalIsAWSService", Value::one("false"))
            .with("aws:username", Value::Absent)
            .with("aws:PrincipalOrgID", self.organization.as_deref().map_or(Value::Unknown, Value::one));
        for key in NEVER_SENT.iter().chain(OF_SERVICES) {
            context = context.with(key, Value::Absent);
        }
        match called.account {
            Some(account) => {
                let account = Value::one(account);
                context.with("aws:ResourceAccount", account.clone()).with("s3:ResourceAccount", account)
            }
            None => context,
        }
    }
}

/// S3 assuming the replication role. No page says that it sends the source's account and bucket here; if it does, their
/// values are known.
#[must_use]
pub fn assume_role(role: &str, source_account: &str, source_bucket: &str) -> Request {
    let mut context = Context::open()
        .with("aws:SecureTransport", Value::one("true"))
        .with("aws:SourceAccount", Value::perhaps(source_account))
        .with("aws:SourceArn", Value::perhaps(&format!("arn:aws:s3:::{source_bucket}")))
        .with("aws:PrincipalIsAWSService", Value::perhaps("true"))
        .with("aws:PrincipalServiceName", Value::perhaps(S3))
        .with("sts:ExternalId", Value::Absent);
    for key in NEVER_SENT {
        context = context.with(key, Value::Absent);
    }
    Request::new(Caller::service(S3), "sts:AssumeRole", role, context)
}
