//! The words of policies: known actions by service, and known context keys.
//!
//! "Actions, resources, and condition keys for AWS services" (Service Authorization Reference) and "AWS global
//! condition context keys" (IAM User Guide).

/// What an S3 action acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ActsOn {
    Bucket,
    Object,
}

/// The actions of a service.
#[derive(Debug)]
pub(super) struct Service {
    /// The prefix of its actions.
    pub(super) prefix: &'static str,
    /// Their names, separated by blanks.
    pub(super) actions: &'static str,
    /// Whether those are all that there are, so that another name is a mistake.
    pub(super) is_complete: bool,
}

/// The actions of S3 on objects.
const S3_OBJECT: &str = "AbortMultipartUpload BypassGovernanceRetention DeleteObject DeleteObjectTagging \
    DeleteObjectVersion DeleteObjectVersionTagging GetObject GetObjectAcl GetObjectAttributes GetObjectLegalHold \
    GetObjectRetention GetObjectTagging GetObjectTorrent GetObjectVersion GetObjectVersionAcl \
    GetObjectVersionAttributes GetObjectVersionForReplication GetObjectVersionTagging GetObjectVersionTorrent \
    InitiateReplication ListMultipartUploadParts ObjectOwnerOverrideToBucketOwner PutObject PutObjectAcl \
    PutObjectLegalHold PutObjectRetention PutObjectTagging PutObjectVersionAcl PutObjectVersionTagging \
    ReplicateDelete ReplicateObject ReplicateTags RestoreObject UpdateObjectEncryption";

/// The actions of S3 on buckets.
const S3_BUCKET: &str = "CreateBucket CreateBucketMetadataTableConfiguration DeleteBucket \
    DeleteBucketMetadataTableConfiguration DeleteBucketPolicy DeleteBucketWebsite \
    GetAccelerateConfiguration GetAnalyticsConfiguration GetBucketAbac GetBucketAcl GetBucketCORS GetBucketLocation \
    GetBucketLogging GetBucketMetadataTableConfiguration GetBucketNotification GetBucketObjectLockConfiguration \
    GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus GetBucketPublicAccessBlock \
    GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite GetEncryptionConfiguration \
    GetIntelligentTieringConfiguration GetInventoryConfiguration GetLifecycleConfiguration GetMetricsConfiguration \
    GetReplicationConfiguration ListBucket ListBucketMultipartUploads ListBucketVersions PauseReplication \
    PutAccelerateConfiguration \
    PutAnalyticsConfiguration PutBucketAbac PutBucketAcl PutBucketCORS PutBucketLogging PutBucketNotification \
    PutBucketObjectLockConfiguration PutBucketOwnershipControls PutBucketPolicy PutBucketPublicAccessBlock \
    PutBucketRequestPayment PutBucketTagging PutBucketVersioning PutBucketWebsite PutEncryptionConfiguration \
    PutIntelligentTieringConfiguration PutInventoryConfiguration PutLifecycleConfiguration PutMetricsConfiguration \
    PutReplicationConfiguration UpdateBucketMetadataInventoryTableConfiguration \
    UpdateBucketMetadataJournalTableConfiguration";

/// The actions of S3 on neither: accounts, access points, jobs.
const S3_OTHER: &str = "AssociateAccessGrantsIdentityCenter CreateAccessGrant CreateAccessGrantsInstance \
    CreateAccessGrantsLocation CreateAccessPoint CreateAccessPointForObjectLambda CreateJob \
    CreateMultiRegionAccessPoint CreateStorageLensGroup DeleteAccessGrant DeleteAccessGrantsInstance \
    DeleteAccessGrantsInstanceResourcePolicy DeleteAccessGrantsLocation DeleteAccessPoint \
    DeleteAccessPointForObjectLambda DeleteAccessPointPolicy DeleteAccessPointPolicyForObjectLambda DeleteJobTagging \
    DeleteMultiRegionAccessPoint DeleteStorageLensConfiguration DeleteStorageLensConfigurationTagging \
    DeleteStorageLensGroup DescribeJob DescribeMultiRegionAccessPointOperation DissociateAccessGrantsIdentityCenter \
    GetAccessGrant GetAccessGrantsInstance GetAccessGrantsInstanceForPrefix GetAccessGrantsInstanceResourcePolicy \
    GetAccessGrantsLocation GetAccessPoint GetAccessPointConfigurationForObjectLambda GetAccessPointForObjectLambda \
    GetAccessPointPolicy GetAccessPointPolicyForObjectLambda GetAccessPointPolicyStatus \
    GetAccessPointPolicyStatusForObjectLambda GetAccountPublicAccessBlock GetDataAccess GetJobTagging \
    GetMultiRegionAccessPoint GetMultiRegionAccessPointPolicy GetMultiRegionAccessPointPolicyStatus \
    GetMultiRegionAccessPointRoutes GetStorageLensConfiguration GetStorageLensConfigurationTagging \
    GetStorageLensDashboard GetStorageLensGroup ListAccessGrants ListAccessGrantsInstances \
    ListAccessGrantsLocations ListAccessPoints ListAccessPointsForObjectLambda ListAllMyBuckets \
    ListCallerAccessGrants ListJobs ListMultiRegionAccessPoints ListStorageLensConfigurations \
    ListStorageLensGroups ListTagsForResource PutAccessGrantsInstanceResourcePolicy \
    PutAccessPointConfigurationForObjectLambda PutAccessPointPolicy PutAccessPointPolicyForObjectLambda \
    PutAccessPointPublicAccessBlock PutAccountPublicAccessBlock PutJobTagging PutMultiRegionAccessPointPolicy \
    PutStorageLensConfiguration PutStorageLensConfigurationTagging SubmitMultiRegionAccessPointRoutes TagResource \
    UntagResource UpdateAccessGrantsLocation UpdateJobPriority UpdateJobStatus UpdateStorageLensGroup";

/// Services whose actions matter here; S3 comes in three rows.
pub(super) const SERVICES: &[Service] = &[
    Service { prefix: "s3", actions: S3_OBJECT, is_complete: true },
    Service { prefix: "s3", actions: S3_BUCKET, is_complete: true },
    Service { prefix: "s3", actions: S3_OTHER, is_complete: true },
    Service {
        prefix: "kms",
        actions: "CancelKeyDeletion ConnectCustomKeyStore CreateAlias CreateCustomKeyStore CreateGrant CreateKey \
            Decrypt DeleteAlias DeleteCustomKeyStore DeleteImportedKeyMaterial DeriveSharedSecret \
            DescribeCustomKeyStores DescribeKey DisableKey DisableKeyRotation DisconnectCustomKeyStore EnableKey \
            EnableKeyRotation Encrypt GenerateDataKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext \
            GenerateDataKeyWithoutPlaintext GenerateMac GenerateRandom GetKeyPolicy GetKeyRotationStatus \
            GetParametersForImport GetPublicKey ImportKeyMaterial ListAliases ListGrants ListKeyPolicies \
            ListKeyRotations ListKeys ListResourceTags ListRetirableGrants PutKeyPolicy ReEncryptFrom ReEncryptTo \
            ReplicateKey RetireGrant RevokeGrant RotateKeyOnDemand ScheduleKeyDeletion Sign SynchronizeMultiRegionKey \
            TagResource UntagResource UpdateAlias UpdateCustomKeyStore UpdateKeyDescription UpdatePrimaryRegion \
            Verify VerifyMac",
        is_complete: true,
    },
    Service {
        prefix: "sts",
        actions: "AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity AssumeRoot DecodeAuthorizationMessage \
            GetAccessKeyInfo GetCallerIdentity GetDelegatedAccessToken GetFederationToken GetServiceBearerToken \
            GetSessionToken GetWebIdentityToken SetContext SetSourceIdentity TagGetWebIdentityToken TagSession",
        is_complete: true,
    },
    Service {
        prefix: "sqs",
        actions: "AddPermission CancelMessageMoveTask ChangeMessageVisibility CreateQueue DeleteMessage DeleteQueue \
            GetQueueAttributes GetQueueUrl ListDeadLetterSourceQueues ListMessageMoveTasks ListQueueTags ListQueues \
            PurgeQueue ReceiveMessage RemovePermission SendMessage SetQueueAttributes StartMessageMoveTask TagQueue \
            UntagQueue",
        is_complete: true,
    },
    Service {
        prefix: "cloudwatch",
        actions: "DescribeAlarms GetMetricData GetMetricStatistics ListMetrics PutMetricData",
        is_complete: false,
    },
    Service {
        prefix: "iam",
        actions: "GetPolicy GetPolicyVersion GetRole GetRolePolicy ListAttachedRolePolicies ListRolePolicies \
            PassRole SimulateCustomPolicy SimulatePrincipalPolicy",
        is_complete: false,
    },
];

/// Global context keys; those that end in `/` go on with a tag's key.
pub(super) const GLOBAL_KEYS: &str = "aws:CalledVia aws:CalledViaFirst aws:CalledViaLast aws:ChatbotSourceArn \
    aws:CurrentTime aws:Ec2InstanceSourceVPC aws:Ec2InstanceSourcePrivateIPv4 aws:EpochTime aws:FederatedProvider \
    aws:IsMcpServiceAction aws:MultiFactorAuthAge aws:MultiFactorAuthPresent aws:PrincipalAccount aws:PrincipalArn \
    aws:PrincipalIsAWSService aws:PrincipalOrgID aws:PrincipalOrgPaths aws:PrincipalServiceName \
    aws:PrincipalServiceNamesList aws:PrincipalTag/ aws:PrincipalType aws:Referer aws:RequestTag/ \
    aws:RequestedRegion aws:ResourceAccount aws:ResourceOrgID aws:ResourceOrgPaths aws:ResourceTag/ \
    aws:SecureTransport aws:SourceAccount aws:SourceArn aws:SourceIdentity aws:SourceIp aws:SourceOrgID \
    aws:SourceOrgPaths aws:SourceVpc aws:SourceVpcArn aws:SourceVpce aws:TagKeys aws:TokenIssueTime aws:UserAgent \
    aws:userid aws:username aws:ViaAWSService aws:ViaAWSMCPService aws:CalledViaAWSMCP aws:VpceAccount aws:VpceOrgID \
    aws:VpceOrgPaths aws:VpcSourceIp aws:AssumedRoot aws:SignInSessionArn ec2:RoleDelivery ec2:SourceInstanceArn \
    glue:CredentialIssuingService lambda:SourceFunctionArn ssm:SourceInstanceArn identitystore:UserId";

/// Context keys of KMS; those that end in `:` go on with the key of an encryption context.
pub(super) const KMS_KEYS: &str = "kms:BypassPolicyLockoutSafetyCheck kms:CallerAccount \
    kms:CustomerMasterKeySpec kms:CustomerMasterKeyUsage kms:DataKeyPairSpec kms:EncryptionAlgorithm \
    kms:EncryptionContext: kms:EncryptionContextKeys kms:ExpirationModel kms:GrantConstraintType \
    kms:GrantIsForAWSResource kms:GrantOperations kms:GranteePrincipal kms:KeyAgreementAlgorithm kms:KeyOrigin \
    kms:KeySpec kms:KeyUsage kms:MacAlgorithm kms:MessageType kms:MultiRegion kms:MultiRegionKeyType \
    kms:PrimaryRegion kms:ReEncryptOnSameKey kms:RecipientAttestation: kms:ReplicaRegion kms:RequestAlias \
    kms:ResourceAliases kms:RetiringPrincipal kms:RotationPeriodInDays kms:ScheduleKeyDeletionPendingWindowInDays \
    kms:SigningAlgorithm kms:ValidTo kms:ViaService kms:WrappingAlgorithm kms:WrappingKeySpec";

/// Context keys of S3; those that end in `/` go on with a tag's key.
pub(super) const S3_KEYS: &str = "s3:AccessGrantScope s3:AccessGrantsInstanceArn s3:AccessGrantsLocationScope \
    s3:AccessPointNetworkOrigin s3:AccessPointTag/ s3:BucketTag/ s3:DataAccessPointAccount s3:DataAccessPointArn \
    s3:ExistingJobOperation s3:ExistingJobPriority s3:ExistingObjectTag/ s3:InventoryAccessibleOptionalFields \
    s3:JobSuspendedCause s3:LocationConstraint s3:ObjectCreationOperation s3:RequestJobOperation \
    s3:RequestJobPriority s3:RequestObjectTag/ s3:RequestObjectTagKeys s3:ResourceAccount s3:TlsVersion s3:VersionId \
    s3:authType s3:delimiter s3:destinationRegion s3:if-match s3:if-none-match s3:isReplicationPauseRequest \
    s3:max-keys s3:object-lock-legal-hold s3:object-lock-mode s3:object-lock-remaining-retention-days \
    s3:object-lock-retain-until-date s3:prefix s3:signatureAge s3:signatureversion s3:x-amz-acl \
    s3:x-amz-bucket-namespace s3:x-amz-content-sha256 s3:x-amz-copy-source s3:x-amz-grant-full-control \
    s3:x-amz-grant-read s3:x-amz-grant-read-acp s3:x-amz-grant-write s3:x-amz-grant-write-acp \
    s3:x-amz-metadata-directive s3:x-amz-object-ownership s3:x-amz-server-side-encryption \
    s3:x-amz-server-side-encryption-aws-kms-key-id s3:x-amz-server-side-encryption-customer-algorithm \
    s3:x-amz-storage-class s3:x-amz-website-redirect-location";

/// The actions of a service, by the prefix in lower case.
pub(super) fn actions(prefix: &str) -> impl Iterator<Item = &'static str> {
    let rows = SERVICES.iter().filter(move |service| service.prefix.eq_ignore_ascii_case(prefix));
    rows.flat_map(|service| service.actions.split_whitespace()).collect::<Vec<_>>().into_iter()
}

/// Whether all actions of a service are known, so that another name is a mistake.
pub(super) fn is_complete(prefix: &str) -> bool {
    SERVICES.iter().any(|service| service.is_complete && service.prefix.eq_ignore_ascii_case(prefix))
}

/// What an S3 action without wildcards acts on; `None`: on neither, or it is unknown.
pub(super) fn acts_on(action: &str) -> Option<ActsOn> {
    let (prefix, name) = action.split_once(':')?;
    let is_in = |names: &str| names.split_whitespace().any(|each| each.eq_ignore_ascii_case(name));
    match prefix.eq_ignore_ascii_case("s3") {
        true if is_in(S3_OBJECT) => Some(ActsOn::Object),
        true if is_in(S3_BUCKET) => Some(ActsOn::Bucket),
        true | false => None,
    }
}
