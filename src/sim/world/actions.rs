//! The actions of S3 that a bucket policy can name, and what each is about.

/// Actions on a bucket (Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3").
const ON_BUCKETS: &[&str] = &[
    "CreateBucket",
    "CreateBucketMetadataTableConfiguration",
    "DeleteBucket",
    "DeleteBucketMetadataTableConfiguration",
    "DeleteBucketOwnershipControls",
    "DeleteBucketPolicy",
    "DeleteBucketWebsite",
    "GetAccelerateConfiguration",
    "GetAnalyticsConfiguration",
    "GetBucketAbac",
    "GetBucketAcl",
    "GetBucketCORS",
    "GetBucketLocation",
    "GetBucketLogging",
    "GetBucketMetadataTableConfiguration",
    "GetBucketNotification",
    "GetBucketObjectLockConfiguration",
    "GetBucketOwnershipControls",
    "GetBucketPolicy",
    "GetBucketPolicyStatus",
    "GetBucketPublicAccessBlock",
    "GetBucketRequestPayment",
    "GetBucketTagging",
    "GetBucketVersioning",
    "GetBucketWebsite",
    "GetEncryptionConfiguration",
    "GetIntelligentTieringConfiguration",
    "GetInventoryConfiguration",
    "GetLifecycleConfiguration",
    "GetMetricsConfiguration",
    "GetReplicationConfiguration",
    "ListBucket",
    "ListBucketMultipartUploads",
    "ListBucketVersions",
    "ListTagsForResource",
    "PutAccelerateConfiguration",
    "PutAnalyticsConfiguration",
    "PutBucketAbac",
    "PutBucketAcl",
    "PutBucketCORS",
    "PutBucketLogging",
    "PutBucketNotification",
    "PutBucketObjectLockConfiguration",
    "PutBucketOwnershipControls",
    "PutBucketPolicy",
    "PutBucketPublicAccessBlock",
    "PutBucketRequestPayment",
    "PutBucketTagging",
    "PutBucketVersioning",
    "PutBucketWebsite",
    "PutEncryptionConfiguration",
    "PutIntelligentTieringConfiguration",
    "PutInventoryConfiguration",
    "PutLifecycleConfiguration",
    "PutMetricsConfiguration",
    "PutReplicationConfiguration",
    "TagResource",
    "UntagResource",
];
/// Actions on objects.
const ON_OBJECTS: &[&str] = &[
    "AbortMultipartUpload",
    "BypassGovernanceRetention",
    "DeleteObject",
    "DeleteObjectTagging",
    "DeleteObjectVersion",
    "DeleteObjectVersionTagging",
    "GetObject",
    "GetObjectAcl",
    "GetObjectAttributes",
    "GetObjectLegalHold",
    "GetObjectRetention",
    "GetObjectTagging",
    "GetObjectTorrent",
    "GetObjectVersion",
    "GetObjectVersionAcl",
    "GetObjectVersionAttributes",
    "GetObjectVersionForReplication",
    "GetObjectVersionTagging",
    "GetObjectVersionTorrent",
    "InitiateReplication",
    "ListMultipartUploadParts",
    "ObjectOwnerOverrideToBucketOwner",
    "PutObject",
    "PutObjectAcl",
    "PutObjectLegalHold",
    "PutObjectRetention",
    "PutObjectTagging",
    "PutObjectVersionAcl",
    "PutObjectVersionTagging",
    "RenameObject",
    "ReplicateDelete",
    "ReplicateObject",
    "ReplicateTags",
    "RestoreObject",
    "UpdateObjectEncryption",
];

/// Whether S3 has an action that fits the pattern.
pub(super) fn exists(pattern: &str) -> bool {
    ON_BUCKETS.iter().chain(ON_OBJECTS).any(|action| names(pattern, action))
}

/// Whether an action can act on what a resource pattern names.
pub(super) fn applies(pattern: &str, resource: &str, bucket: &str) -> bool {
    let any = |actions: &[&str]| actions.iter().any(|action| names(pattern, action));
    (any(ON_BUCKETS) && is_bucket(resource, bucket)) || (any(ON_OBJECTS) && is_objects(resource, bucket))
}

fn names(pattern: &str, action: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let Some((vendor, pattern)) = pattern.split_once(':') else { return false };
    vendor.eq_ignore_ascii_case("s3") && fits(&pattern.to_ascii_lowercase(), &action.to_ascii_lowercase())
}

fn is_bucket(resource: &str, bucket: &str) -> bool {
    fits(resource, &format!("arn:aws:s3:::{bucket}"))
}

/// Whether the pattern could fit some key: it fits the bucket and a slash, as far as it goes before its own wildcards.
fn is_objects(resource: &str, bucket: &str) -> bool {
    let objects = format!("arn:aws:s3:::{bucket}/");
    if let Some(key) = resource.strip_prefix(&objects) {
        return !key.is_empty();
    }
    let places = resource.match_indices(['*', '/']).map(|(at, found)| &resource[..at + found.len()]);
    places.filter(|head| head.ends_with('*') || head.len() < resource.len()).any(|head| fits(head, &objects))
}

/// Whether `text` fits `pattern`, in which `*` stands for anything and `?` for one character.
fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut seen) = (0, 0);
    // Where to go on if it does not fit: behind the last star, one byte of text further on.
    let mut retry: Option<(usize, usize)> = None;
    while seen < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                retry = Some((at + 1, seen));
                at += 1;
            }
            Some(wanted) if *wanted == b'?' || *wanted == text[seen] => {
                at += 1;
                seen += 1;
            }
            Some(_) | None => {
                let Some((star, from)) = retry else { return false };
                retry = Some((star, from + 1));
                (at, seen) = (star, from + 1);
            }
        }
    }
    pattern[at..].iter().all(|left| *left == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_known_by_name_and_pattern() {
        for known in ["s3:GetObject", "S3:getobject", "s3:*", "*", "s3:Replicate*", "s3:List*", "s3:Get?ucketPolicy"] {
            assert!(exists(known), "{known}");
        }
        for unknown in ["s3:ReplicateObjectTagsToBucketOwner", "s3>ListBucket", "kms:Decrypt", "GetObject", ""] {
            assert!(!exists(unknown), "{unknown}");
        }
    }

    #[test]
    fn each_action_is_about_bucket_or_objects() {
        let (bucket, objects) = ("arn:aws:s3:::photos", "arn:aws:s3:::photos/*");
        for (action, resource, expected) in [
            ("s3:GetObject", objects, true),
            ("s3:GetObject", bucket, false),
            ("s3:ListBucket", bucket, true),
            ("s3:ListBucket", objects, false),
            ("s3:*", bucket, true),
            ("s3:*", objects, true),
            ("s3:GetObject", "arn:aws:s3:::photos*", true),
            ("s3:ListBucket", "arn:aws:s3:::ph*", true),
            ("s3:GetObject", "*", true),
            ("s3:GetObject", "arn:aws:s3:::photos/a/b", true),
            ("s3:GetObject", "arn:aws:s3:::ph*s/x", true),
            ("s3:GetObject", "arn:aws:s3:::other/*", false),
            ("s3:GetObject", "arn:aws:s3::photos/*", false),
        ] {
            assert_eq!(applies(action, resource, "photos"), expected, "{action} {resource}");
        }
    }
}
