//! The refusals of S3, KMS, IAM and STS that several calls share, each worded in one place.

use super::error::WorldError;
use super::identity::Caller;

/// What every call of the world answers.
pub(super) type Result<T> = std::result::Result<T, WorldError>;

pub(super) fn access_denied() -> WorldError {
    WorldError::new(403, "AccessDenied", "Access Denied")
}

pub(super) fn no_such_bucket(bucket: &str) -> WorldError {
    WorldError::new(404, "NoSuchBucket", "The specified bucket does not exist").element("BucketName", bucket)
}

pub(super) fn no_such_key(key: &str) -> WorldError {
    WorldError::new(404, "NoSuchKey", "The specified key does not exist.").element("Key", key)
}

pub(super) fn no_such_version(key: &str, version: &str) -> WorldError {
    WorldError::new(404, "NoSuchVersion", "The specified version does not exist.")
        .element("Key", key)
        .element("VersionId", version)
}

pub(super) fn invalid_argument(message: impl Into<String>, name: &str, value: &str) -> WorldError {
    WorldError::new(400, "InvalidArgument", message).element("ArgumentName", name).element("ArgumentValue", value)
}

pub(super) fn invalid_request(message: impl Into<String>) -> WorldError {
    WorldError::new(400, "InvalidRequest", message)
}

pub(super) fn malformed_xml() -> WorldError {
    WorldError::new(
        400,
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

/// KMS, asked directly.
pub(super) fn kms_not_found(what: impl Into<String>) -> WorldError {
    WorldError::new(400, "NotFoundException", what)
}

/// `ValidationException` of KMS and `ValidationError` of IAM and STS differ in name only.
pub(super) fn validation(code: &'static str, message: impl Into<String>) -> WorldError {
    WorldError::new(400, code, message)
}

/// IAM's and STS's way to refuse.
pub(super) fn not_authorized(caller: &Caller, action: &str, resource: &str) -> WorldError {
    let message = format!("User: {} is not authorized to perform: {action} on resource: {resource}", caller.arn);
    WorldError::new(403, "AccessDenied", message)
}

/// KMS's way to refuse.
pub(super) fn kms_denied(caller: &Caller, action: &str, key_arn: &str) -> WorldError {
    let message = format!(
        "User: {} is not authorized to perform: {action} on resource: {key_arn} because no resource-based policy \
         allows the {action} action",
        caller.arn
    );
    WorldError::new(400, "AccessDeniedException", message)
}
