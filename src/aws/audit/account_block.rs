//! Reads the public access block of a whole account: a call of S3 Control, sent as the S3 call of the same name.
//!
//! Both calls answer with the same document and are signed alike. So S3's client makes this one too, after its request
//! was led to S3 Control; a second SDK crate for one call would be large.

use aws_sdk_s3::error::{ErrorMetadata, ProvideErrorMetadata as _, SdkError};
use aws_sdk_s3::operation::get_public_access_block::GetPublicAccessBlockError;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::http::HttpError;
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;
use quick_xml::name::QName;

use super::super::bucket::S3Bucket;
use super::Read;
use super::settings::public_access;
use crate::domain::audit::facts::{Fact, PublicAccessBlock};
use crate::domain::object::Trouble;

const ACCOUNT_BLOCK: Read = Read {
    service: "s3control",
    operation: "GetPublicAccessBlock",
    permission: "s3:GetAccountPublicAccessBlock",
    absent: &["NoSuchPublicAccessBlockConfiguration"],
};
/// Where the configuration is (`GetPublicAccessBlock`, S3 Control API reference).
const PATH: &str = "/v20180820/configuration/publicAccessBlock";
const ACCOUNT_ID: &str = "x-amz-account-id";

pub(super) async fn account_public_access(bucket: &S3Bucket) -> Fact<Option<PublicAccessBlock>> {
    let Some(account) = bucket.owner() else {
        return Err(ACCOUNT_BLOCK.unread(Trouble::Internal, "no account is configured for this side"));
    };
    let request = || async {
        let (name, region, account) = (bucket.name().to_owned(), bucket.region().to_owned(), account.clone());
        let lead = move |request| led(request, &name, &region, &account);
        let request = bucket.client().get_public_access_block().bucket(bucket.name());
        request.customize().map_request(lead).send().await.map_err(unwrapped)
    };
    let Some(answer) = bucket.read(ACCOUNT_BLOCK, request).await? else { return Ok(None) };
    let block = answer.public_access_block_configuration.map(|seen| public_access(&seen));
    block.map(Some).ok_or_else(|| ACCOUNT_BLOCK.unread(Trouble::BadAnswer, "an answer without content"))
}

/// Leads the request to S3 Control, before it is signed.
fn led(mut request: HttpRequest, bucket: &str, region: &str, account: &str) -> Result<HttpRequest, HttpError> {
    let address = address(request.uri(), bucket, region, account);
    request.set_uri(address)?;
    request.headers_mut().try_insert(ACCOUNT_ID, account.to_owned())?;
    Ok(request)
}

/// S3's address of `bucket` as S3 Control's address of the account. A host that is not AWS's own stays, less the
/// bucket; the account is then in the header alone.
fn address(of_bucket: &str, bucket: &str, region: &str, account: &str) -> String {
    let (scheme, rest) = of_bucket.split_once("://").unwrap_or(("https", of_bucket));
    let whole = rest.split('?').next().unwrap_or_default();
    let (authority, path) = whole.split_once('/').unwrap_or((whole, ""));
    let in_host = authority.strip_prefix(bucket).and_then(|host| host.strip_prefix('.'));
    let host = in_host.filter(|_| path.trim_end_matches('/') != bucket).unwrap_or(authority);
    match of_aws(host, region) {
        Some((service, place)) => format!("{scheme}://{account}.{service}.{place}{PATH}"),
        None => format!("{scheme}://{host}{PATH}"),
    }
}

/// S3 Control's name in place of S3's, and what follows it in a host of AWS.
fn of_aws<'a>(host: &'a str, region: &str) -> Option<(&'static str, &'a str)> {
    let (service, place) = host.split_once('.')?;
    let suffix = place.strip_prefix("dualstack.").unwrap_or(place).strip_prefix(region)?;
    let service = match service {
        "s3" => "s3-control",
        "s3-fips" => "s3-control-fips",
        _ => return None,
    };
    matches!(suffix, ".amazonaws.com" | ".amazonaws.com.cn").then_some((service, place))
}

/// S3 Control wraps its errors in one element more than S3 does, where the client of S3 finds no code.
fn unwrapped(
    error: SdkError<GetPublicAccessBlockError, HttpResponse>,
) -> SdkError<GetPublicAccessBlockError, HttpResponse> {
    let SdkError::ServiceError(context) = error else { return error };
    let said = context.raw().body().bytes().filter(|_| context.err().code().is_none()).and_then(metadata);
    match said {
        Some(said) => SdkError::service_error(GetPublicAccessBlockError::generic(said), context.into_raw()),
        None => SdkError::ServiceError(context),
    }
}

/// Code and message of an error, however deep they are.
fn metadata(body: &[u8]) -> Option<ErrorMetadata> {
    let text = std::str::from_utf8(body).ok()?;
    let mut reader = Reader::from_str(text);
    let (mut code, mut message) = (None, None);
    loop {
        let event = reader.read_event().ok()?;
        if matches!(event, Event::Eof) {
            break;
        }
        let Event::Start(start) = event else { continue };
        let wanted = match start.name() {
            QName("Code") => &mut code,
            QName("Message") => &mut message,
            _ => continue,
        };
        let said = reader.read_text(start.name()).ok()?;
        *wanted = Some(unescape(&said).ok()?.into_owned());
    }
    let (code, message) = (code?, message.unwrap_or_default());
    Some(ErrorMetadata::builder().code(code).message(message).build())
}
