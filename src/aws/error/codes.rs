//! The error codes of S3, STS, KMS (as S3 passes them on) and SQS, and the kind of each.

use crate::domain::object::Trouble;

/// The kind of a known code; `None` leaves the decision to the HTTP status.
///
/// Sources: the S3 API reference, "List of error codes"; the common errors of the AWS query and JSON protocols.
pub(super) fn trouble(code: &str) -> Option<Trouble> {
    Some(match code {
        "NoSuchBucket" => Trouble::NoSuchBucket,
        "NoSuchKey" | "NoSuchVersion" => Trouble::NotFound,
        "MethodNotAllowed" => Trouble::MethodNotAllowed,
        "AccessDenied"
        | "AccessDeniedException"
        | "KMS.AccessDeniedException"
        | "AllAccessDisabled"
        | "AccountProblem"
        | "UnauthorizedAccess"
        | "InvalidPayer"
        | "NotSignedUp"
        | "AuthFailure"
        | "OptInRequired" => Trouble::AccessDenied,
        "InvalidAccessKeyId"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "IncompleteSignature"
        | "InvalidToken"
        | "InvalidIdentityToken"
        | "MissingAuthenticationToken"
        | "MissingSecurityHeader" => Trouble::BadCredentials,
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => Trouble::ExpiredCredentials,
        "RequestTimeTooSkewed" | "RequestExpired" | "RequestInTheFuture" => Trouble::ClockSkew,
        "PermanentRedirect"
        | "TemporaryRedirect"
        | "Redirect"
        | "AuthorizationHeaderMalformed"
        | "IllegalLocationConstraintException"
        | "IllegalLocationConstraint" => Trouble::WrongRegion,
        "SlowDown"
        | "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "RequestLimitExceeded"
        | "TooManyRequests"
        | "TooManyRequestsException"
        | "BandwidthLimitExceeded"
        | "LimitExceededException"
        | "KMS.ThrottlingException"
        | "KMS.LimitExceededException" => Trouble::Throttled,
        "PreconditionFailed" => Trouble::Exists,
        // Another write of the key was under way; S3 says to try again, and does not say which write won.
        "ConditionalRequestConflict"
        | "OperationAborted"
        | "InternalError"
        | "InternalFailure"
        | "ServiceUnavailable"
        | "KMS.KMSInternalException"
        | "KMS.DependencyTimeoutException" => Trouble::ServerError,
        "KMS.DisabledException" | "DisabledException" => Trouble::KmsDisabled,
        "KMS.NotFoundException" | "NotFoundException" => Trouble::KmsNotFound,
        "KMS.KMSInvalidStateException"
        | "KMSInvalidStateException"
        | "KMS.InvalidStateException"
        | "KMS.InvalidKeyUsageException"
        | "KMS.KeyUnavailableException" => Trouble::KmsInvalidState,
        "InvalidObjectState" => Trouble::Archived,
        "RequestTimeout" => Trouble::TimedOut,
        "NotImplemented" => Trouble::Refused,
        _ => return of_queue(code),
    })
}

/// The codes of SQS alone; those that begin with `Kms` are about the queue's own key.
///
/// Source: API ReceiveMessage, DeleteMessageBatch.
fn of_queue(code: &str) -> Option<Trouble> {
    Some(match code {
        "QueueDoesNotExist" | "AWS.SimpleQueueService.NonExistentQueue" => Trouble::NoSuchQueue,
        "KmsAccessDenied" | "KmsOptInRequired" => Trouble::AccessDenied,
        "KmsThrottled" | "OverLimit" => Trouble::Throttled,
        "KmsDisabled" => Trouble::KmsDisabled,
        "KmsNotFound" => Trouble::KmsNotFound,
        "KmsInvalidState" | "KmsInvalidKeyUsage" => Trouble::KmsInvalidState,
        _ => return None,
    })
}
