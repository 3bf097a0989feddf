//! The one place where an error of the SDK becomes a [`CloudError`]: what was answered, or where the call broke.

use std::error::Error as StdError;
use std::time::Duration;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::types::error::ExpiredTokenException;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use http_body_util::LengthLimitError;

use super::credentials::LoadFailure;
use super::transport::AnswerTooLong;
use crate::cloud::{CloudError, Detail};
use crate::domain::object::Trouble;

mod answer;
mod codes;
#[cfg(test)]
mod tests;

use answer::Answer;

/// The SDK gives this code to every 404 without a body; no server said it.
const INVENTED: &str = "NotFound";

type BoxError = Box<dyn StdError + Send + Sync>;

/// Sorts a failed SDK call. `region` is the Region that was called.
pub(super) fn from_sdk<E>(operation: &'static str, region: &str, error: SdkError<E, HttpResponse>) -> CloudError
where
    E: StdError + ProvideErrorMetadata + Send + Sync + 'static,
{
    let mut detail = empty(operation, Trouble::Internal);
    if let Some(response) = error.raw_response() {
        let answer = Answer::new(response);
        detail.status = Some(answer.status);
        detail.request_id = answer.request_id();
        detail.retry_after = answer.retry_after();
    }
    if let Some(served) = error.as_service_error() {
        detail.code = served.code().filter(|code| *code != INVENTED).map(str::to_owned);
        detail.message = served.message().filter(|message| !message.is_empty()).map(str::to_owned);
    }
    detail.kind = match &error {
        SdkError::ServiceError(context) => Answer::new(context.raw()).trouble(detail.code.as_deref(), region),
        SdkError::ResponseError(_) => of_broken_body(&error).unwrap_or(Trouble::BadAnswer),
        SdkError::TimeoutError(_) => Trouble::TimedOut,
        SdkError::DispatchFailure(failure) => of_dispatch(failure.as_connector_error(), &error),
        SdkError::ConstructionFailure(_) => of_credentials(&error).unwrap_or(Trouble::Internal),
        _ => Trouble::Internal,
    };
    detail.source = Some(source_of(error));
    CloudError::new(detail)
}

/// The answer's body broke off, or was not what was announced.
pub(super) fn broken_body(operation: &'static str, error: impl StdError + Send + Sync + 'static) -> CloudError {
    let kind = of_broken_body(&error).unwrap_or(Trouble::ConnectionLost);
    CloudError::new(Detail { source: Some(Box::new(error)), ..empty(operation, kind) })
}

/// The server answered with success, but not as S3 does.
pub(super) fn bad_answer(operation: &'static str, what: &str) -> CloudError {
    CloudError::new(Detail { message: Some(what.to_owned()), ..empty(operation, Trouble::BadAnswer) })
}

/// The server refused a part of what was asked, with a code of its own.
pub(super) fn coded(operation: &'static str, code: &str, message: Option<&str>) -> CloudError {
    let kind = codes::trouble(code).unwrap_or(Trouble::Refused);
    let (code, message) = (Some(code.to_owned()), message.map(str::to_owned));
    CloudError::new(Detail { code, message, ..empty(operation, kind) })
}

/// No complete answer in time.
pub(super) fn timed_out(operation: &'static str) -> CloudError {
    CloudError::new(empty(operation, Trouble::TimedOut))
}

/// The call was not even tried: it would not have meant what the caller wants.
pub(super) fn not_sent(operation: &'static str, what: &str) -> CloudError {
    CloudError::new(Detail { message: Some(what.to_owned()), ..empty(operation, Trouble::Internal) })
}

/// What an error of a credentials provider says about the credentials.
pub(super) fn of_credentials_error(error: &CredentialsError) -> Trouble {
    of_credentials(error).unwrap_or(Trouble::NoCredentials)
}

/// What an HTTP status alone says of a call, where nothing else is known.
pub(super) fn of_status(response: &HttpResponse) -> Result<(), Trouble> {
    if response.status().is_success() { Ok(()) } else { Err(Answer::new(response).trouble(None, "")) }
}

/// What a failure to get an answer says of a call.
pub(super) fn of_connector(error: &ConnectorError) -> Trouble {
    of_dispatch(Some(error), error)
}

fn empty(operation: &'static str, kind: Trouble) -> Detail {
    Detail {
        kind,
        operation,
        status: None,
        code: None,
        message: None,
        request_id: None,
        retry_after: None::<Duration>,
        source: None,
    }
}

/// The error beneath an SDK error: its outermost layer only says "service error".
fn source_of<E>(error: SdkError<E, HttpResponse>) -> BoxError
where
    E: StdError + Send + Sync + 'static,
{
    match error.into_source() {
        Ok(source) => source,
        Err(error) => Box::new(error),
    }
}

fn of_dispatch(connector: Option<&ConnectorError>, error: &(dyn StdError + 'static)) -> Trouble {
    if let Some(trouble) = of_credentials(error) {
        return trouble;
    }
    if find::<hyper_util::client::legacy::Error>(error).is_some_and(hyper_util::client::legacy::Error::is_connect) {
        return Trouble::ConnectionFailed;
    }
    if let Some(trouble) = of_broken_body(error) {
        return trouble;
    }
    match connector {
        Some(connector) if connector.is_timeout() => Trouble::TimedOut,
        Some(connector) if connector.is_user() => Trouble::Internal,
        _ => Trouble::ConnectionLost,
    }
}

/// `None` when the error does not stem from HTTP itself.
fn of_broken_body(error: &(dyn StdError + 'static)) -> Option<Trouble> {
    if find::<AnswerTooLong>(error).is_some() || find::<LengthLimitError>(error).is_some() {
        return Some(Trouble::BadAnswer);
    }
    let http = find::<hyper::Error>(error)?;
    Some(match http {
        _ if http.is_parse() || http.is_parse_too_large() => Trouble::BadAnswer,
        _ if http.is_timeout() => Trouble::TimedOut,
        _ => Trouble::ConnectionLost,
    })
}

/// `None` when the error does not stem from credentials.
fn of_credentials(error: &(dyn StdError + 'static)) -> Option<Trouble> {
    if let Some(failure) = find::<LoadFailure>(error) {
        return Some(failure.trouble());
    }
    find::<CredentialsError>(error)?;
    Some(match find::<ExpiredTokenException>(error) {
        Some(_) => Trouble::ExpiredCredentials,
        None => Trouble::NoCredentials,
    })
}

/// The first error of this type in the chain. An `io::Error` hides its payload from `source`, so that is looked into.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<std::io::Error>() {
        Some(io) => io.get_ref().map(|inner| inner as &(dyn StdError + 'static)),
        None => error.source(),
    })
    .find_map(|error| error.downcast_ref())
}
