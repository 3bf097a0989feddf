//! Every row of the error mapping, through the real SDK.

use std::error::Error as StdError;

use aws_smithy_runtime_api::client::result::ConnectorError;

use crate::aws::tests::{Canned, Reply, bucket_name, canary, connection, in_process, key, version};
use crate::cloud::{CanaryStore, CloudError};
use crate::domain::object::Trouble;

async fn put_meets(reply: Reply) -> CloudError {
    let bucket = in_process(&Canned::always(reply)).bucket(&connection(), &bucket_name()).await;
    bucket.put(&canary()).await.expect_err("an error was answered")
}

async fn head_meets(reply: Reply) -> CloudError {
    let bucket = in_process(&Canned::always(reply)).bucket(&connection(), &bucket_name()).await;
    bucket.head(&key(), Some(&version())).await.expect_err("an error was answered")
}

#[tokio::test]
async fn codes_in_bodies_decide() {
    use Trouble as T;
    let rows = [
        (404, "NoSuchBucket", T::NoSuchBucket),
        (404, "NoSuchKey", T::NotFound),
        (404, "NoSuchVersion", T::NotFound),
        (404, "NotFound", T::NotFound),
        (403, "AccessDenied", T::AccessDenied),
        (403, "InvalidAccessKeyId", T::BadCredentials),
        (403, "SignatureDoesNotMatch", T::BadCredentials),
        (400, "InvalidToken", T::BadCredentials),
        (400, "ExpiredToken", T::ExpiredCredentials),
        (400, "TokenRefreshRequired", T::ExpiredCredentials),
        (403, "RequestTimeTooSkewed", T::ClockSkew),
        (301, "PermanentRedirect", T::WrongRegion),
        (307, "TemporaryRedirect", T::WrongRegion),
        (400, "AuthorizationHeaderMalformed", T::WrongRegion),
        (400, "IllegalLocationConstraintException", T::WrongRegion),
        (503, "SlowDown", T::Throttled),
        (503, "RequestLimitExceeded", T::Throttled),
        (400, "KMS.ThrottlingException", T::Throttled),
        (400, "ThrottlingException", T::Throttled),
        (412, "PreconditionFailed", T::Exists),
        (409, "ConditionalRequestConflict", T::ServerError),
        (409, "InvalidBucketState", T::Refused),
        (500, "InternalError", T::ServerError),
        (503, "ServiceUnavailable", T::ServerError),
        (501, "NotImplemented", T::Refused),
        (405, "MethodNotAllowed", T::MethodNotAllowed),
        (400, "KMS.DisabledException", T::KmsDisabled),
        (400, "KMS.NotFoundException", T::KmsNotFound),
        (400, "KMS.KMSInvalidStateException", T::KmsInvalidState),
        (403, "InvalidObjectState", T::Archived),
        (400, "RequestTimeout", T::TimedOut),
        (400, "InvalidArgument", T::Refused),
        (418, "Unheard", T::Refused),
        (599, "Unheard", T::ServerError),
    ];
    for (status, code, expected) in rows {
        let error = put_meets(Reply::error(status, code, "why")).await;
        assert_eq!(error.kind(), expected, "{status} {code}");
        assert_eq!(error.detail().status, Some(status), "{code}");
        assert_eq!(error.detail().message.as_deref(), Some("why"), "{code}");
        assert_eq!(error.detail().request_id.as_deref(), Some("REQ1"), "{code}");
    }
}

#[tokio::test]
async fn statuses_decide_where_there_is_no_body() {
    use Trouble as T;
    let s3 = |status| Reply::s3(status).with("content-type", "application/xml");
    let rows = [
        (s3(404), T::NotFound),
        (s3(403), T::AccessDenied),
        (s3(401), T::BadCredentials),
        (s3(405).with("x-amz-delete-marker", "true"), T::MethodNotAllowed),
        (s3(400), T::Refused),
        (s3(400).with("x-amz-bucket-region", "ap-south-1"), T::Refused),
        (s3(400).with("x-amz-bucket-region", "eu-west-1"), T::WrongRegion),
        (s3(301).with("x-amz-bucket-region", "eu-west-1"), T::WrongRegion),
        (s3(307), T::WrongRegion),
        (s3(302), T::BadAnswer),
        (s3(412), T::Exists),
        (s3(429), T::Throttled),
        (s3(503), T::Throttled),
        (s3(500), T::ServerError),
        (s3(502), T::ServerError),
        (s3(501), T::Refused),
        (s3(416), T::Refused),
        // Simple servers send nothing but a status.
        (Reply::status(404), T::NotFound),
        (Reply::status(403), T::AccessDenied),
        (Reply::status(503), T::ServerError),
        (Reply::status(407), T::ConnectionFailed),
    ];
    for (reply, expected) in rows {
        let error = head_meets(reply.clone()).await;
        assert_eq!(error.kind(), expected, "{reply:?}");
        assert_eq!(error.detail().status, Some(reply.status), "{reply:?}");
        assert_eq!(error.detail().code, None, "{reply:?}");
    }
}

#[tokio::test]
async fn a_page_for_people_says_nothing_about_the_object() {
    use Trouble as T;
    let rows = [
        (404, T::BadAnswer),
        (403, T::BadAnswer),
        (302, T::BadAnswer),
        (301, T::BadAnswer),
        (407, T::ConnectionFailed),
        (502, T::ServerError),
        (503, T::ServerError),
    ];
    for (status, expected) in rows {
        let page = Reply::status(status).with("content-type", "Text/HTML; charset=utf-8");
        assert_eq!(head_meets(page.clone()).await.kind(), expected, "HEAD {status}");
        assert_eq!(put_meets(page.body("<html><body>No</body></html>")).await.kind(), expected, "PUT {status}");
        let text = Reply::status(status).with("content-type", "text/plain");
        assert_eq!(put_meets(text.body("404 page not found")).await.kind(), expected, "PUT {status}, plain");
    }
}

#[tokio::test]
async fn the_words_of_a_refusal_are_kept() {
    let message = "User: u is not authorized to perform: kms:GenerateDataKey on this resource";
    let error = put_meets(Reply::error(403, "AccessDenied", message)).await;
    assert_eq!(error.kind(), Trouble::AccessDenied);
    assert_eq!(
        error.to_string(),
        format!("PutObject: access_denied, status 403, code AccessDenied, \"{message}\", request REQ1")
    );
}

#[tokio::test]
async fn a_wish_to_wait_is_kept() {
    let error = put_meets(Reply::error(503, "SlowDown", "slow").with("retry-after", "7")).await;
    assert_eq!(error.detail().retry_after, Some(std::time::Duration::from_secs(7)));
    let error = put_meets(Reply::error(503, "SlowDown", "slow").with("retry-after", "Wed, 21 Oct 2026")).await;
    assert_eq!(error.detail().retry_after, None);
}

#[tokio::test]
async fn connections_that_break_are_told_apart() {
    type Make = fn(Box<std::io::Error>) -> ConnectorError;
    let io = || Box::new(std::io::Error::from(std::io::ErrorKind::ConnectionReset));
    let rows: [(Make, Trouble); 4] = [
        (|error| ConnectorError::io(error), Trouble::ConnectionLost),
        (|error| ConnectorError::timeout(error), Trouble::TimedOut),
        (|error| ConnectorError::user(error), Trouble::Internal),
        (|error| ConnectorError::other(error, None), Trouble::ConnectionLost),
    ];
    for (make, expected) in rows {
        let canned = Canned::new(move |_| Err(make(io())));
        let bucket = in_process(&canned).bucket(&connection(), &bucket_name()).await;
        let error = bucket.put(&canary()).await.expect_err("nothing was answered");
        assert_eq!(error.kind(), expected);
        assert_eq!(error.detail().status, None);
        assert!(error.source().is_some());
        assert_eq!(canned.seen().len(), 1, "nothing is tried twice");
    }
}
