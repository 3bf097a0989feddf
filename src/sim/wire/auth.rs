//! Who calls: signature, session, expiry, clock skew and payload of a request, checked in that order.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::request::Parts;

use super::checksum::{self, Upload};
use super::chunked::{self, ChunkError};
use super::refusal::{Dialect, Refusal};
use super::sigv4::{Claim, Expected, MalformedClaim, header};
use super::text::sha256_hex;
use crate::sim::world::{Caller, Credential, Moment};

/// AWS refuses requests signed further than this from its own clock.
const SKEW_LIMIT: Duration = Duration::from_secs(15 * 60);
/// The longest life of a presigned URL.
const PRESIGNED_LIMIT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The authenticated caller of a request and what it called; operations find it in the request's extensions.
#[derive(Debug, Clone)]
pub(super) struct CallScope {
    pub(super) caller: Caller,
    /// The Region in the scope of the signature: the endpoint that was called.
    pub(super) region: String,
}

/// Checks everything about `parts` and `body` that a signature protects.
///
/// `now` is the clock of the world as this request sees it.
///
/// # Errors
/// The refusal that AWS gives, in the codes of `dialect`'s services.
pub(super) fn authenticate(
    claim: &Claim,
    parts: &Parts,
    body: Bytes,
    credential: Option<Credential>,
    now: Moment,
    dialect: Dialect,
) -> Result<(CallScope, Upload), Refusal> {
    let Some(credential) = credential else { return Err(unknown_key(dialect)) };
    check_session(claim, &credential, now, dialect)?;
    let payload = Payload::of(claim, parts, &body)?;
    let expected = claim.expected(parts, payload.signed_as(), &credential.secret_access_key);
    let Some(expected) = expected.filter(|expected| expected.signature == claim.signature) else {
        return Err(wrong_signature(dialect));
    };
    if let Some(name) = claim.unsigned_header(parts).filter(|_| dialect == Dialect::RestXml) {
        let message = "There were headers present in the request which were not signed";
        return Err(Refusal::forbidden("AccessDenied", message).with_field("HeadersNotSigned", name));
    }
    check_time(claim, now, dialect)?;
    let upload = payload.verify(parts, body, &expected)?;
    Ok((CallScope { caller: credential.caller, region: claim.region.clone() }, upload))
}

/// The refusal of a request that nobody signed.
pub(super) fn anonymous(dialect: Dialect) -> Refusal {
    let message = "Request is missing Authentication Token";
    match dialect {
        Dialect::RestXml => Refusal::forbidden("AccessDenied", "Access Denied"),
        Dialect::Query(_) => Refusal::forbidden("MissingAuthenticationToken", message),
        Dialect::Json(_) | Dialect::Cbor => Refusal::bad_request("MissingAuthenticationTokenException", message),
    }
}

/// The refusal of a claim that cannot be read.
pub(super) fn malformed(dialect: Dialect, claim: &MalformedClaim) -> Refusal {
    let reason = claim.to_string();
    match (dialect, claim) {
        (Dialect::RestXml, MalformedClaim::Unsupported) => Refusal::bad_request("InvalidRequest", reason),
        (Dialect::RestXml, MalformedClaim::Field(_)) => {
            let message = format!("The authorization header is malformed; {reason}");
            Refusal::bad_request("AuthorizationHeaderMalformed", message)
        }
        (Dialect::Query(_), _) => Refusal::forbidden("IncompleteSignature", reason),
        (Dialect::Json(_) | Dialect::Cbor, _) => Refusal::bad_request("IncompleteSignatureException", reason),
    }
}

/// The refusal of temporary credentials whose time is over.
pub(super) fn expired_token(dialect: Dialect) -> Refusal {
    match dialect {
        Dialect::RestXml => Refusal::bad_request("ExpiredToken", "The provided token has expired."),
        Dialect::Query(_) => {
            Refusal::forbidden("ExpiredToken", "The security token included in the request is expired")
        }
        Dialect::Json(_) | Dialect::Cbor => {
            Refusal::bad_request("ExpiredTokenException", "The security token included in the request is expired")
        }
    }
}

fn unknown_key(dialect: Dialect) -> Refusal {
    let message = "The security token included in the request is invalid.";
    match dialect {
        Dialect::RestXml => Refusal::forbidden(
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
        ),
        Dialect::Query(_) => Refusal::forbidden("InvalidClientTokenId", message),
        Dialect::Json(_) | Dialect::Cbor => Refusal::bad_request("UnrecognizedClientException", message),
    }
}

fn wrong_signature(dialect: Dialect) -> Refusal {
    let message = "The request signature we calculated does not match the signature you provided. Check your key and \
                   signing method.";
    match dialect {
        Dialect::RestXml | Dialect::Query(_) => Refusal::forbidden("SignatureDoesNotMatch", message),
        Dialect::Json(_) | Dialect::Cbor => Refusal::bad_request("InvalidSignatureException", message),
    }
}

fn check_session(claim: &Claim, credential: &Credential, now: Moment, dialect: Dialect) -> Result<(), Refusal> {
    if claim.session_token.is_none() && credential.session_token.is_some() {
        // Without its token the key of a session is the key of nobody.
        return Err(unknown_key(dialect));
    }
    if claim.session_token != credential.session_token {
        return Err(invalid_token(dialect));
    }
    match credential.expires_at {
        Some(end) if end <= now => Err(expired_token(dialect)),
        Some(_) | None => Ok(()),
    }
}

fn invalid_token(dialect: Dialect) -> Refusal {
    match dialect {
        Dialect::RestXml => {
            Refusal::bad_request("InvalidToken", "The provided token is malformed or otherwise invalid.")
        }
        Dialect::Query(_) | Dialect::Json(_) | Dialect::Cbor => unknown_key(dialect),
    }
}

fn check_time(claim: &Claim, now: Moment, dialect: Dialect) -> Result<(), Refusal> {
    let signed_at = Moment::from_unix(claim.signed_at);
    if let Some(valid) = claim.expires_after {
        if valid > PRESIGNED_LIMIT {
            let message = "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must \
                           be less than 604800 seconds";
            return Err(Refusal::bad_request("AuthorizationQueryParametersError", message));
        }
        let early = signed_at > now.plus(SKEW_LIMIT);
        let message = if early { "Request is not valid yet" } else { "Request has expired" };
        let timely = !early && now <= signed_at.plus(valid);
        return if timely { Ok(()) } else { Err(Refusal::forbidden("AccessDenied", message)) };
    }
    if signed_at.since(now).max(now.since(signed_at)) <= SKEW_LIMIT {
        return Ok(());
    }
    let expired = "Signature expired: the time of signing is more than 15 minutes from the server's clock";
    Err(match dialect {
        Dialect::RestXml => Refusal::forbidden(
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
        )
        .with_field("MaxAllowedSkewMilliseconds", SKEW_LIMIT.as_millis().to_string()),
        Dialect::Query(_) => Refusal::forbidden("SignatureDoesNotMatch", expired),
        Dialect::Json(_) | Dialect::Cbor => Refusal::bad_request("InvalidSignatureException", expired),
    })
}

/// How the signature covers the body.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Payload {
    /// By its digest.
    Hashed(String),
    /// Not at all.
    Unsigned,
    /// In `aws-chunked` encoding, with the words of `x-amz-content-sha256`; each chunk signed, or none.
    Chunked { words: String, signed: bool },
}

impl Payload {
    fn of(claim: &Claim, parts: &Parts, body: &[u8]) -> Result<Self, Refusal> {
        let Some(words) = header(parts, "x-amz-content-sha256") else {
            let presigned = claim.expires_after.is_some();
            return match (claim.service.as_str(), presigned) {
                ("s3", true) => Ok(Self::Unsigned),
                ("s3", false) => {
                    let message = "Missing required header for this request: x-amz-content-sha256";
                    Err(Refusal::bad_request("InvalidRequest", message))
                }
                (_, _) => Ok(Self::Hashed(sha256_hex(body))),
            };
        };
        match words {
            "UNSIGNED-PAYLOAD" => Ok(Self::Unsigned),
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => Ok(Self::Chunked { words: words.to_owned(), signed: false }),
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" | "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => {
                Ok(Self::Chunked { words: words.to_owned(), signed: true })
            }
            hash if hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                Ok(Self::Hashed(hash.to_owned()))
            }
            _ => {
                let message = "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, \
                               STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a \
                               valid sha256 value.";
                Err(Refusal::bad_request("InvalidArgument", message))
            }
        }
    }

    fn signed_as(&self) -> &str {
        match self {
            Self::Hashed(hash) => hash,
            Self::Unsigned => "UNSIGNED-PAYLOAD",
            Self::Chunked { words, .. } => words,
        }
    }

    fn verify(&self, parts: &Parts, body: Bytes, expected: &Expected) -> Result<Upload, Refusal> {
        match self {
            Self::Unsigned => checksum::verify(parts, &[], body),
            Self::Hashed(hash) => {
                if *hash != sha256_hex(&body) {
                    let message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
                    return Err(Refusal::bad_request("XAmzContentSHA256Mismatch", message));
                }
                checksum::verify(parts, &[], body)
            }
            Self::Chunked { signed, .. } => {
                let decoded = chunked::decode(&body, signed.then_some(expected)).map_err(broken_chunks)?;
                let promised =
                    header(parts, "x-amz-decoded-content-length").and_then(|text| text.parse::<usize>().ok());
                match promised {
                    None => Err(Refusal::new(
                        StatusCode::LENGTH_REQUIRED,
                        "MissingContentLength",
                        "You must provide the Content-Length HTTP header.",
                    )),
                    Some(length) if length != decoded.content.len() => Err(broken_chunks(ChunkError::Malformed)),
                    Some(_) => checksum::verify(parts, &decoded.trailers, decoded.content),
                }
            }
        }
    }
}

fn broken_chunks(error: ChunkError) -> Refusal {
    match error {
        ChunkError::Malformed => Refusal::bad_request(
            "IncompleteBody",
            "You did not provide the number of bytes specified by the Content-Length HTTP header.",
        ),
        ChunkError::Signature => wrong_signature(Dialect::RestXml),
    }
}
