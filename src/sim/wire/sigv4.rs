//! Signature Version 4 as the server sees it: what a request claims, and the signature that claim must carry.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use http::request::Parts;

use super::text::{form_pairs, percent_decode, percent_encode, sha256_hex};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// What a request says about who signed it, when, and for which service and Region.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    pub(super) access_key: String,
    pub(super) region: String,
    pub(super) service: String,
    pub(super) signed_headers: Vec<String>,
    pub(super) signature: String,
    /// Time of signing, since the Unix epoch.
    pub(super) signed_at: Duration,
    pub(super) session_token: Option<String>,
    /// How long a presigned URL is valid; `None` for a signature in the header.
    pub(super) expires_after: Option<Duration>,
    date: String,
    timestamp: String,
}

/// Why a claim could not even be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum MalformedClaim {
    /// Another mechanism than Signature Version 4.
    #[error("The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.")]
    Unsupported,
    /// A field is missing or wrong.
    #[error("{0}")]
    Field(&'static str),
}

/// The signature a claim must carry, with what is needed to follow it into the chunks of a body.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) signature: String,
    key: Vec<u8>,
    timestamp: String,
    scope: String,
}

impl Claim {
    /// Reads the claim from the `Authorization` header or the query of a presigned URL; `None` is an anonymous request.
    pub(super) fn read(parts: &Parts) -> Result<Option<Self>, MalformedClaim> {
        if let Some(value) = header(parts, "authorization") {
            return Self::from_header(parts, value).map(Some);
        }
        let pairs = form_pairs(parts.uri.query().unwrap_or(""));
        let has = |wanted: &str| pairs.iter().any(|(name, _)| name == wanted);
        match (has("X-Amz-Signature"), has("AWSAccessKeyId")) {
            (true, _) => Self::from_query(&pairs).map(Some),
            (false, true) => Err(MalformedClaim::Unsupported),
            (false, false) => Ok(None),
        }
    }

    /// Signs the request anew with `secret` and returns the signature it should have had.
    pub(super) fn expected(&self, parts: &Parts, payload_hash: &str, secret: &str) -> Option<Expected> {
        let scope = format!("{}/{}/{}/aws4_request", self.date, self.region, self.service);
        let canonical = self.canonical_request(parts, payload_hash);
        let to_sign = format!("{ALGORITHM}\n{}\n{scope}\n{}", self.timestamp, sha256_hex(canonical.as_bytes()));
        let midnight = parse_timestamp(&format!("{}T000000Z", self.date))?;
        let day = system_time(midnight);
        let key = generate_signing_key(secret, day, &self.region, &self.service).as_ref().to_vec();
        let signature = calculate_signature(&key, to_sign.as_bytes());
        Some(Expected { signature, key, timestamp: self.timestamp.clone(), scope })
    }

    /// The first `x-amz-*` header that the signature does not cover, which S3 refuses.
    pub(super) fn unsigned_header(&self, parts: &Parts) -> Option<String> {
        let covered = |name: &str| self.signed_headers.iter().any(|signed| signed == name);
        let amz = parts.headers.keys().map(http::HeaderName::as_str).filter(|name| name.starts_with("x-amz-"));
        amz.chain(["host"]).find(|name| !covered(name)).map(str::to_owned)
    }

    fn from_header(parts: &Parts, value: &str) -> Result<Self, MalformedClaim> {
        let rest = value.strip_prefix(ALGORITHM).ok_or(MalformedClaim::Unsupported)?;
        let field = |wanted: &str| {
            rest.split(',').filter_map(|part| part.trim().split_once('=')).find(|(name, _)| *name == wanted)
        };
        let credential = field("Credential").ok_or(MalformedClaim::Field("Credential is missing"))?.1;
        let signed = field("SignedHeaders").ok_or(MalformedClaim::Field("SignedHeaders is missing"))?.1;
        let signature = field("Signature").ok_or(MalformedClaim::Field("Signature is missing"))?.1;
        let timestamp = header(parts, "x-amz-date").ok_or(MalformedClaim::Field("x-amz-date is missing"))?;
        let mut claim = Self::from_credential(credential, timestamp)?;
        claim.signed_headers = signed.split(';').map(str::to_ascii_lowercase).collect();
        signature.clone_into(&mut claim.signature);
        claim.session_token = header(parts, "x-amz-security-token").map(str::to_owned);
        Ok(claim)
    }

    fn from_query(pairs: &[(String, String)]) -> Result<Self, MalformedClaim> {
        let field = |wanted: &str| pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        if field("X-Amz-Algorithm") != Some(ALGORITHM) {
            return Err(MalformedClaim::Unsupported);
        }
        let credential = field("X-Amz-Credential").ok_or(MalformedClaim::Field("X-Amz-Credential is missing"))?;
        let timestamp = field("X-Amz-Date").ok_or(MalformedClaim::Field("X-Amz-Date is missing"))?;
        let signed = field("X-Amz-SignedHeaders").ok_or(MalformedClaim::Field("X-Amz-SignedHeaders is missing"))?;
        let seconds = field("X-Amz-Expires").and_then(|text| text.parse().ok());
        let mut claim = Self::from_credential(credential, timestamp)?;
        claim.signed_headers = signed.split(';').map(str::to_ascii_lowercase).collect();
        field("X-Amz-Signature").unwrap_or("").clone_into(&mut claim.signature);
        claim.session_token = field("X-Amz-Security-Token").map(str::to_owned);
        claim.expires_after = Some(Duration::from_secs(
            seconds.ok_or(MalformedClaim::Field("X-Amz-Expires is missing or not a number"))?,
        ));
        Ok(claim)
    }

    fn from_credential(credential: &str, timestamp: &str) -> Result<Self, MalformedClaim> {
        const SHAPE: MalformedClaim =
            MalformedClaim::Field("the Credential must be <access key>/<yyyymmdd>/<region>/<service>/aws4_request");
        let mut fields = credential.rsplit('/');
        let (Some("aws4_request"), Some(service), Some(region), Some(date)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(SHAPE);
        };
        let access_key = fields.next().filter(|key| !key.is_empty()).ok_or(SHAPE)?;
        let signed_at =
            parse_timestamp(timestamp).ok_or(MalformedClaim::Field("x-amz-date is not like 20260131T235959Z"))?;
        if timestamp.get(..8) != Some(date) {
            return Err(MalformedClaim::Field("the date in the Credential differs from x-amz-date"));
        }
        Ok(Self {
            access_key: access_key.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            signed_headers: Vec::new(),
            signature: String::new(),
            signed_at,
            session_token: None,
            expires_after: None,
            date: date.to_owned(),
            timestamp: timestamp.to_owned(),
        })
    }

    fn canonical_request(&self, parts: &Parts, payload_hash: &str) -> String {
        let path = if self.service == "s3" {
            percent_encode(&percent_decode(parts.uri.path()), true)
        } else {
            percent_encode(parts.uri.path().as_bytes(), true)
        };
        let headers: String =
            self.signed_headers.iter().map(|name| format!("{name}:{}\n", canonical_value(parts, name))).collect();
        let signed = self.signed_headers.join(";");
        let query = canonical_query(parts.uri.query().unwrap_or(""));
        format!("{}\n{path}\n{query}\n{headers}\n{signed}\n{payload_hash}", parts.method)
    }
}

impl Expected {
    /// The signature of the next chunk of an `aws-chunked` body.
    pub(super) fn chunk_signature(&self, previous: &str, chunk: &[u8]) -> String {
        let to_sign = format!(
            "AWS4-HMAC-SHA256-PAYLOAD\n{}\n{}\n{previous}\n{}\n{}",
            self.timestamp,
            self.scope,
            sha256_hex(b""),
            sha256_hex(chunk)
        );
        calculate_signature(&self.key, to_sign.as_bytes())
    }

    /// The signature of the trailing headers of an `aws-chunked` body.
    pub(super) fn trailer_signature(&self, previous: &str, trailer: &str) -> String {
        let to_sign = format!(
            "AWS4-HMAC-SHA256-TRAILER\n{}\n{}\n{previous}\n{}",
            self.timestamp,
            self.scope,
            sha256_hex(trailer.as_bytes())
        );
        calculate_signature(&self.key, to_sign.as_bytes())
    }
}

/// The value of a header, if it is there once and is text.
pub(super) fn header<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    parts.headers.get(name).and_then(|value| value.to_str().ok())
}

fn canonical_value(parts: &Parts, name: &str) -> String {
    let values = parts.headers.get_all(name).into_iter();
    let folded: Vec<String> = values
        .map(|value| String::from_utf8_lossy(value.as_bytes()).split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    folded.join(",")
}

fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (percent_encode(&percent_decode(name), false), percent_encode(&percent_decode(value), false))
        })
        .filter(|(name, _)| name != "X-Amz-Signature")
        .collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// Reads `20260131T235959Z` as time since the Unix epoch.
fn parse_timestamp(text: &str) -> Option<Duration> {
    if text.len() != 16 || !text.is_ascii() {
        return None;
    }
    let (date, time) = text.split_once('T')?;
    let (year, month, day) = (date.get(..4)?, date.get(4..6)?, date.get(6..8)?);
    let (hour, minute, second) = (time.get(..2)?, time.get(2..4)?, time.get(4..6)?);
    let rfc3339 = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z");
    humantime::parse_rfc3339(&rfc3339).ok()?.duration_since(UNIX_EPOCH).ok()
}

fn system_time(since_epoch: Duration) -> SystemTime {
    UNIX_EPOCH + since_epoch
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The "GET Object" example of the Signature Version 4 chapter of the Amazon S3 API reference.
    #[test]
    fn the_documented_example_has_its_documented_signature() {
        let request = http::Request::builder()
            .uri("/test.txt")
            .header("host", "examplebucket.s3.amazonaws.com")
            .header("range", "bytes=0-9")
            .header("x-amz-content-sha256", sha256_hex(b""))
            .header("x-amz-date", "20130524T000000Z")
            .header(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
                 SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,\
                 Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            )
            .body(())
            .unwrap();
        let parts = request.into_parts().0;
        let claim = Claim::read(&parts).unwrap().unwrap();
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let expected = claim.expected(&parts, &sha256_hex(b""), secret).unwrap();
        assert_eq!(expected.signature, claim.signature);
        assert_eq!(claim.unsigned_header(&parts), None);
        assert_ne!(claim.expected(&parts, &sha256_hex(b"x"), secret).unwrap().signature, claim.signature);
    }

    /// The "Transferring payload in multiple chunks" example of the same chapter.
    #[test]
    fn the_documented_chunks_have_their_documented_signatures() {
        let day = parse_timestamp("20130524T000000Z").unwrap();
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let key = generate_signing_key(secret, system_time(day), "us-east-1", "s3").as_ref().to_vec();
        let expected = Expected {
            signature: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9".into(),
            key,
            timestamp: "20130524T000000Z".into(),
            scope: "20130524/us-east-1/s3/aws4_request".into(),
        };
        let first = expected.chunk_signature(&expected.signature, &[b'a'; 65536]);
        assert_eq!(first, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648");
        let second = expected.chunk_signature(&first, &[b'a'; 1024]);
        assert_eq!(second, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497");
    }

    #[test]
    fn what_is_no_claim_is_refused_with_the_reason() {
        let read = |value: &str| {
            let request = http::Request::builder().header("authorization", value);
            let request = request.header("x-amz-date", "20130524T000000Z").body(()).unwrap();
            Claim::read(&request.into_parts().0).map(|_| ())
        };
        assert!(read("Basic abc").is_err());
        assert!(read("AWS4-HMAC-SHA256 Credential=A/20130524/r/s3, SignedHeaders=host, Signature=x").is_err());
        assert!(
            read("AWS4-HMAC-SHA256 Credential=A/20130525/r/s3/aws4_request, SignedHeaders=host, Signature=x").is_err()
        );
        assert!(
            read("AWS4-HMAC-SHA256 Credential=A/20130524/r/s3/aws4_request, SignedHeaders=host, Signature=x").is_ok()
        );
    }
}
