# Least-privilege policies for Replicanary. Two providers are needed: aws.source and aws.destination, one for each
# account. A bucket policy replaces the one that is there: merge the statements if there is one. Statements of key
# policies are locals, to be added to the policy of the key: a key policy without its administrator locks the key.

resource "aws_iam_role" "orders_monitor_source_trust" {
  provider = aws.source
  name     = "replicanary"
  path     = "/monitoring/"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "MonitorAssumesRole"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:root" }
        Action    = ["sts:AssumeRole"]
        Condition = {
          "StringEquals" = { "sts:ExternalId" = ["acme-7"] }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy" "orders_monitor_source_policy" {
  provider = aws.source
  name     = "replicanary-orders-monitor-source-policy"
  role     = aws_iam_role.orders_monitor_source_trust.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Canaries"
        Effect   = "Allow"
        Action   = ["s3:DeleteObjectVersion", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:PutObjectTagging"]
        Resource = ["arn:aws:s3:::acme-orders/replicanary/*"]
      },
      {
        Sid      = "SeeBucket"
        Effect   = "Allow"
        Action   = ["s3:ListBucket"]
        Resource = ["arn:aws:s3:::acme-orders"]
      },
      {
        Sid      = "ListCanaries"
        Effect   = "Allow"
        Action   = ["s3:ListBucketVersions"]
        Resource = ["arn:aws:s3:::acme-orders"]
        Condition = {
          "StringLike" = { "s3:prefix" = ["replicanary/*"] }
        }
      },
      {
        Sid      = "SetUp"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation", "s3:GetBucketNotification", "s3:GetBucketObjectLockConfiguration", "s3:GetBucketOwnershipControls", "s3:GetBucketPolicy", "s3:GetBucketPolicyStatus", "s3:GetBucketPublicAccessBlock", "s3:GetBucketRequestPayment", "s3:GetBucketVersioning", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration"]
        Resource = ["arn:aws:s3:::acme-orders"]
      },
      {
        Sid      = "AccountPublicAccess"
        Effect   = "Allow"
        Action   = ["s3:GetAccountPublicAccessBlock"]
        Resource = ["*"]
      },
      {
        Sid      = "EncryptCanaries"
        Effect   = "Allow"
        Action   = ["kms:GenerateDataKey"]
        Resource = ["arn:aws:kms:ap-south-1:111111111111:key/11111111-1111-4111-8111-111111111111"]
        Condition = {
          "StringEquals" = { "kms:ViaService" = ["s3.ap-south-1.amazonaws.com"] }
        }
      },
      {
        Sid      = "Key"
        Effect   = "Allow"
        Action   = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListGrants"]
        Resource = ["arn:aws:kms:ap-south-1:111111111111:key/11111111-1111-4111-8111-111111111111"]
      },
      {
        Sid      = "ReplicationRole"
        Effect   = "Allow"
        Action   = ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies", "iam:SimulatePrincipalPolicy"]
        Resource = ["arn:aws:iam::111111111111:role/REPLICATION_ROLE"]
      },
      {
        Sid      = "ReplicationRolePolicies"
        Effect   = "Allow"
        Action   = ["iam:GetPolicy", "iam:GetPolicyVersion"]
        Resource = ["arn:aws:iam::111111111111:policy/*", "arn:aws:iam::*:policy/*"]
      },
      {
        Sid      = "Metrics"
        Effect   = "Allow"
        Action   = ["cloudwatch:GetMetricData"]
        Resource = ["*"]
      },
      {
        Sid      = "Events"
        Effect   = "Allow"
        Action   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
        Resource = ["arn:aws:sqs:ap-south-1:111111111111:replication-events"]
      },
    ]
  })
}

resource "aws_iam_role" "orders_monitor_destination_trust_acme_orders_replica" {
  provider = aws.destination
  name     = "replicanary"
  path     = "/"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "MonitorAssumesRole"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:root" }
        Action    = ["sts:AssumeRole"]
      },
    ]
  })
}

resource "aws_iam_role_policy" "orders_monitor_destination_policy_acme_orders_replica" {
  provider = aws.destination
  name     = "replicanary-orders-monitor-destination-policy-acme-orders-replica"
  role     = aws_iam_role.orders_monitor_destination_trust_acme_orders_replica.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Canaries"
        Effect   = "Allow"
        Action   = ["s3:DeleteObjectVersion", "s3:GetObject", "s3:GetObjectVersion"]
        Resource = ["arn:aws:s3:::acme-orders-replica/replicanary/*"]
      },
      {
        Sid      = "SeeBucket"
        Effect   = "Allow"
        Action   = ["s3:ListBucket"]
        Resource = ["arn:aws:s3:::acme-orders-replica"]
      },
      {
        Sid      = "ListCanaries"
        Effect   = "Allow"
        Action   = ["s3:ListBucketVersions"]
        Resource = ["arn:aws:s3:::acme-orders-replica"]
        Condition = {
          "StringLike" = { "s3:prefix" = ["replicanary/*"] }
        }
      },
      {
        Sid      = "SetUp"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation", "s3:GetBucketNotification", "s3:GetBucketObjectLockConfiguration", "s3:GetBucketOwnershipControls", "s3:GetBucketPolicy", "s3:GetBucketPolicyStatus", "s3:GetBucketPublicAccessBlock", "s3:GetBucketRequestPayment", "s3:GetBucketVersioning", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration"]
        Resource = ["arn:aws:s3:::acme-orders-replica"]
      },
      {
        Sid      = "AccountPublicAccess"
        Effect   = "Allow"
        Action   = ["s3:GetAccountPublicAccessBlock"]
        Resource = ["*"]
      },
      {
        Sid      = "DecryptCanaries"
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = ["arn:aws:kms:us-east-1:222222222222:key/*"]
        Condition = {
          "ForAnyValue:StringEquals" = { "kms:ResourceAliases" = ["alias/orders"] }
          "StringEquals"             = { "kms:ViaService" = ["s3.us-east-1.amazonaws.com"] }
          "StringLike"               = { "kms:EncryptionContext:aws:s3:arn" = ["arn:aws:s3:::acme-orders-replica/replicanary/*", "arn:aws:s3:::acme-orders-replica"] }
        }
      },
      {
        Sid      = "Key"
        Effect   = "Allow"
        Action   = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListGrants"]
        Resource = ["arn:aws:kms:us-east-1:222222222222:key/*"]
        Condition = {
          "ForAnyValue:StringEquals" = { "kms:ResourceAliases" = ["alias/orders"] }
        }
      },
    ]
  })
}

resource "aws_iam_role" "orders_monitor_destination_trust_acme_orders_vault" {
  provider = aws.destination
  name     = "replicanary-destination"
  path     = "/"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "MonitorAssumesRole"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:root" }
        Action    = ["sts:AssumeRole"]
      },
    ]
  })
}

resource "aws_iam_role_policy" "orders_monitor_destination_policy_acme_orders_vault" {
  provider = aws.destination
  name     = "replicanary-orders-monitor-destination-policy-acme-orders-vault"
  role     = aws_iam_role.orders_monitor_destination_trust_acme_orders_vault.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "SeeBucket"
        Effect   = "Allow"
        Action   = ["s3:ListBucket"]
        Resource = ["arn:aws:s3:::acme-orders-vault"]
      },
      {
        Sid      = "ListCanaries"
        Effect   = "Allow"
        Action   = ["s3:ListBucketVersions"]
        Resource = ["arn:aws:s3:::acme-orders-vault"]
        Condition = {
          "StringLike" = { "s3:prefix" = ["replicanary/*"] }
        }
      },
      {
        Sid      = "SetUp"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation", "s3:GetBucketNotification", "s3:GetBucketObjectLockConfiguration", "s3:GetBucketOwnershipControls", "s3:GetBucketPolicy", "s3:GetBucketPolicyStatus", "s3:GetBucketPublicAccessBlock", "s3:GetBucketRequestPayment", "s3:GetBucketVersioning", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration"]
        Resource = ["arn:aws:s3:::acme-orders-vault"]
      },
      {
        Sid      = "AccountPublicAccess"
        Effect   = "Allow"
        Action   = ["s3:GetAccountPublicAccessBlock"]
        Resource = ["*"]
      },
    ]
  })
}

resource "aws_iam_role" "orders_replication_role_trust" {
  provider = aws.source
  name     = "REPLICATION_ROLE"
  path     = "/"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "S3AssumesRole"
        Effect    = "Allow"
        Principal = { Service = "s3.amazonaws.com" }
        Action    = ["sts:AssumeRole"]
      },
    ]
  })
}

resource "aws_iam_role_policy" "orders_replication_role_policy" {
  provider = aws.source
  name     = "replicanary-orders-replication-role-policy"
  role     = aws_iam_role.orders_replication_role_trust.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "SourceBucket"
        Effect   = "Allow"
        Action   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
        Resource = ["arn:aws:s3:::acme-orders"]
      },
      {
        Sid      = "SourceObjects"
        Effect   = "Allow"
        Action   = ["s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"]
        Resource = ["arn:aws:s3:::acme-orders/*"]
      },
      {
        Sid      = "SourceKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = ["arn:aws:kms:ap-south-1:111111111111:key/11111111-1111-4111-8111-111111111111"]
        Condition = {
          "StringEquals" = { "kms:ViaService" = ["s3.ap-south-1.amazonaws.com"] }
          "StringLike"   = { "kms:EncryptionContext:aws:s3:arn" = ["arn:aws:s3:::acme-orders/*", "arn:aws:s3:::acme-orders"] }
        }
      },
      {
        Sid      = "Replicas"
        Effect   = "Allow"
        Action   = ["s3:ObjectOwnerOverrideToBucketOwner", "s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"]
        Resource = ["arn:aws:s3:::acme-orders-replica/*"]
      },
      {
        Sid      = "ReplicaKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*"]
        Resource = ["arn:aws:kms:us-east-1:222222222222:key/*"]
        Condition = {
          "ForAnyValue:StringEquals" = { "kms:ResourceAliases" = ["alias/orders"] }
          "StringEquals"             = { "kms:ViaService" = ["s3.us-east-1.amazonaws.com"] }
          "StringLike"               = { "kms:EncryptionContext:aws:s3:arn" = ["arn:aws:s3:::acme-orders-replica/*", "arn:aws:s3:::acme-orders-replica"] }
        }
      },
      {
        Sid      = "Replicas2"
        Effect   = "Allow"
        Action   = ["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"]
        Resource = ["arn:aws:s3:::acme-orders-vault/*"]
      },
    ]
  })
}

# For the policy of the key arn:aws:kms:ap-south-1:111111111111:key/11111111-1111-4111-8111-111111111111.
locals {
  orders_source_key_statement = [
    {
      Sid       = "ReplicationDecrypts"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111111111111:role/REPLICATION_ROLE" }
      Action    = ["kms:Decrypt"]
      Resource  = ["*"]
      Condition = {
        "StringEquals" = { "kms:ViaService" = ["s3.ap-south-1.amazonaws.com"] }
        "StringLike"   = { "kms:EncryptionContext:aws:s3:arn" = ["arn:aws:s3:::acme-orders/*", "arn:aws:s3:::acme-orders"] }
      }
    },
  ]
}

# For the policy of the key alias/orders.
locals {
  orders_destination_key_statement_acme_orders_replica = [
    {
      Sid       = "ReplicationEncrypts"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111111111111:role/REPLICATION_ROLE" }
      Action    = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*"]
      Resource  = ["*"]
      Condition = {
        "StringEquals" = { "kms:ViaService" = ["s3.us-east-1.amazonaws.com"] }
        "StringLike"   = { "kms:EncryptionContext:aws:s3:arn" = ["arn:aws:s3:::acme-orders-replica/*", "arn:aws:s3:::acme-orders-replica"] }
      }
    },
  ]
}

resource "aws_s3_bucket_policy" "orders_destination_bucket_policy_acme_orders_replica" {
  provider = aws.destination
  bucket   = "acme-orders-replica"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "ReplicationWrites"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/REPLICATION_ROLE" }
        Action    = ["s3:ObjectOwnerOverrideToBucketOwner", "s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"]
        Resource  = ["arn:aws:s3:::acme-orders-replica/*"]
      },
      {
        Sid       = "ReplicationLooks"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/REPLICATION_ROLE" }
        Action    = ["s3:GetBucketVersioning", "s3:ListBucket"]
        Resource  = ["arn:aws:s3:::acme-orders-replica"]
      },
    ]
  })
}

resource "aws_s3_bucket_policy" "orders_destination_bucket_policy_acme_orders_vault" {
  provider = aws.destination
  bucket   = "acme-orders-vault"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "ReplicationWrites"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/REPLICATION_ROLE" }
        Action    = ["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"]
        Resource  = ["arn:aws:s3:::acme-orders-vault/*"]
      },
      {
        Sid       = "ReplicationLooks"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/REPLICATION_ROLE" }
        Action    = ["s3:GetBucketVersioning", "s3:ListBucket"]
        Resource  = ["arn:aws:s3:::acme-orders-vault"]
      },
    ]
  })
}
