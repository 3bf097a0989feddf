//! Why S3 gives up replicating a version: its own list of reasons, each with what it means and what to do.
//!
//! Source: Amazon S3 User Guide, "Amazon S3 replication failure reasons".

use std::fmt;

macro_rules! reasons {
    ($($name:ident => $meaning:literal, $remedy:literal;)+) => {
        /// A reason of S3's list, or one that is not on it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FailureReason {
            $(
                #[doc = concat!("S3 says so when ", $meaning, ".")]
                $name,
            )+
            /// A reason that this version of the monitor does not know.
            Other,
        }

        impl FailureReason {
            /// Every reason, the unlisted last.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+ Self::Other];

            /// The reason as S3 spells it; `other` for one that is not listed.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                    Self::Other => "other",
                }
            }

            /// What it means: a clause.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => $meaning,)+
                    Self::Other => "S3 gives a reason that this monitor does not know",
                }
            }

            /// What to do about it: a clause.
            #[must_use]
            pub fn remedy(self) -> &'static str {
                match self {
                    $(Self::$name => $remedy,)+
                    Self::Other => "look it up in the S3 User Guide under replication failure reasons",
                }
            }
        }
    };
}

reasons! {
    AssumeRoleNotPermitted =>
        "S3 cannot assume the replication role",
        "let the role's trust policy name s3.amazonaws.com, and check that the role exists and that no policy of the \
         organisation denies it";
    DstBucketInvalidRegion =>
        "the destination bucket is not in the Region of the S3 Batch Replication job",
        "correct the job or the destination of the rule";
    DstBucketNotFound =>
        "the destination bucket does not exist",
        "create the bucket, or correct the destination of the replication rule";
    DstBucketObjectLockConfigMissing =>
        "the source bucket has Object Lock and the destination bucket has not",
        "enable Object Lock on the destination bucket";
    DstBucketUnversioned =>
        "versioning is off or suspended at the destination bucket",
        "enable versioning on the destination bucket";
    DstDelObjNotPermitted =>
        "the replication role may not replicate delete markers",
        "grant s3:ReplicateDelete on the destination bucket to the role, in its policy and in the bucket's";
    DstKmsKeyInvalidState =>
        "the destination's KMS key cannot be used: it is disabled, pending deletion or unavailable",
        "enable the key or cancel its deletion, or set another ReplicaKmsKeyID";
    DstKmsKeyNotFound =>
        "the KMS key that the rule names for replicas does not exist",
        "correct the rule's ReplicaKmsKeyID to the ARN of a key in the destination's Region";
    DstMultipartCompleteNotPermitted =>
        "the replication role may not complete a multipart upload at the destination",
        "grant s3:ReplicateObject on the destination bucket to the role, in its policy and in the bucket's";
    DstMultipartInitNotPermitted =>
        "the replication role may not begin a multipart upload at the destination",
        "grant s3:ReplicateObject on the destination bucket to the role, in its policy and in the bucket's";
    DstMultipartUploadNotPermitted =>
        "the replication role may not upload parts at the destination",
        "grant s3:ReplicateObject on the destination bucket to the role, in its policy and in the bucket's";
    DstObjectHardDeleted =>
        "the version was deleted for good at the destination, and S3 Batch Replication does not restore it",
        "copy the object in place at the source, so that a new version is replicated";
    DstPutAclNotPermitted =>
        "the replication role may not write the replica's ACL",
        "grant s3:ReplicateObject on the destination bucket to the role, in its policy and in the bucket's";
    DstPutLegalHoldNotPermitted =>
        "the replication role may not put the replica under a legal hold",
        "grant s3:PutObjectLegalHold on the destination bucket to the role";
    DstPutObjectNotPermitted =>
        "the replication role may not write the replica: the destination bucket refuses it, or its KMS key does",
        "grant the role s3:ReplicateObject (and s3:ObjectOwnerOverrideToBucketOwner where the owner changes) in its \
         policy and in the destination bucket's, and kms:Encrypt, kms:GenerateDataKey* and kms:Decrypt in its policy \
         and in the destination key's";
    DstPutRetentionNotPermitted =>
        "the replication role may not set the replica's retention",
        "grant s3:PutObjectRetention on the destination bucket to the role";
    DstPutTaggingNotPermitted =>
        "the replication role may not write the replica's tags",
        "grant s3:ReplicateTags on the destination bucket to the role, in its policy and in the bucket's";
    DstVersionNotFound =>
        "the version whose metadata changed is not at the destination",
        "replicate the object itself first, with S3 Batch Replication";
    InitiateReplicationNotPermitted =>
        "the role of the S3 Batch Replication job may not start the replication of objects",
        "grant s3:InitiateReplication on the source bucket's objects to the job's role";
    SrcBucketInvalidRegion =>
        "the source bucket is not in the Region of the S3 Batch Replication job",
        "create the job in the source bucket's Region";
    SrcBucketNotFound =>
        "the source bucket does not exist",
        "find out who deleted it, and remove the route if that was meant";
    SrcBucketReplicationConfigMissing =>
        "the replication configuration of the source bucket was removed meanwhile",
        "put the replication configuration back";
    SrcGetAclNotPermitted =>
        "the replication role may not read the object's ACL, or the object belongs to another account",
        "grant s3:GetObjectVersionAcl on the source bucket to the role, and let the bucket own its objects \
         (BucketOwnerEnforced)";
    SrcGetLegalHoldNotPermitted =>
        "the replication role may not read the object's legal hold",
        "grant s3:GetObjectLegalHold on the source bucket to the role";
    SrcGetObjectNotPermitted =>
        "the replication role may not read the object: the source bucket refuses it, or its KMS key does",
        "grant the role s3:GetObjectVersionForReplication on the source bucket, and kms:Decrypt in its policy and in \
         the source key's";
    SrcGetRetentionNotPermitted =>
        "the replication role may not read the object's retention",
        "grant s3:GetObjectRetention on the source bucket to the role";
    SrcGetTaggingNotPermitted =>
        "the replication role may not read the object's tags",
        "grant s3:GetObjectVersionTagging on the source bucket to the role";
    SrcHeadObjectNotPermitted =>
        "the replication role may not look at the object",
        "grant s3:GetObjectVersionForReplication on the source bucket to the role";
    SrcKeyNotFound =>
        "the object was deleted at the source before it was replicated",
        "find out who deletes objects before they are replicated; this one cannot be replicated any more";
    SrcKmsKeyInvalidState =>
        "the source's KMS key cannot be used: it is disabled, pending deletion or unavailable",
        "enable the key or cancel its deletion";
    SrcObjectNotEligible =>
        "the object cannot be replicated: its storage class or its tags do not fit the rule",
        "check the object's storage class (archives are not replicated) and the rule's filter";
    SrcObjectNotFound =>
        "the object was deleted at the source before it was replicated",
        "find out who deletes objects before they are replicated; this one cannot be replicated any more";
    SrcReplicationNotPending =>
        "the version was replicated already",
        "nothing: the object is at the destination";
    SrcVersionNotFound =>
        "the version was deleted at the source before it was replicated",
        "find out who deletes versions before they are replicated; this one cannot be replicated any more";
}

impl FailureReason {
    /// The reason of that spelling; anything else is [`FailureReason::Other`].
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let listed = Self::ALL.iter().filter(|reason| **reason != Self::Other);
        listed.copied().find(|reason| reason.as_str() == text).unwrap_or(Self::Other)
    }
}

impl fmt::Display for FailureReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
