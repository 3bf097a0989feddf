//! The checksums that clients send with a body: found in headers or trailers, verified, and computed where absent.

use aws_smithy_types::base64;
use bytes::Bytes;
use http::request::Parts;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Md5, Sha1, Sha256};

use super::refusal::Refusal;
use super::sigv4::header;

/// The algorithms S3 knows, with the name that header and error messages use.
const ALGORITHMS: [Algorithm; 5] =
    [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme, Algorithm::Sha1, Algorithm::Sha256];

/// A checksum algorithm of S3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

/// A body whose checksums were verified, on its way to the operation.
#[derive(Debug, Clone)]
pub(super) struct Upload {
    pub(super) content: Bytes,
    /// What the client sent, or CRC-64/NVME, which S3 computes itself where a client sends none.
    pub(super) algorithm: Algorithm,
    /// The checksum in base64.
    pub(super) checksum: String,
}

impl Algorithm {
    /// The algorithm's name as S3 spells it, e.g. `CRC64NVME`.
    fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// The last part of the header that carries it, e.g. `crc64nvme`.
    pub(super) fn field(self) -> &'static str {
        match self {
            Self::Crc32 => "crc32",
            Self::Crc32c => "crc32c",
            Self::Crc64Nvme => "crc64nvme",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }

    fn header_name(self) -> String {
        format!("x-amz-checksum-{}", self.field())
    }

    fn compute(self, content: &[u8]) -> Vec<u8> {
        match self {
            Self::Crc32 => Crc32::checksum(content).to_vec(),
            Self::Crc32c => Crc32c::checksum(content).to_vec(),
            Self::Crc64Nvme => Crc64Nvme::checksum(content).to_vec(),
            Self::Sha1 => Sha1::checksum(content).to_vec(),
            Self::Sha256 => <Sha256 as s3s::crypto::Checksum>::checksum(content).as_ref().to_vec(),
        }
    }
}

/// Verifies every checksum that came with `content`, in a header or a trailer.
///
/// # Errors
/// `BadDigest`, `InvalidDigest` or `InvalidRequest`, all 400, with S3's words.
pub(super) fn verify(parts: &Parts, trailers: &[(String, String)], content: Bytes) -> Result<Upload, Refusal> {
    verify_md5(parts, &content)?;
    let claimed = claimed(parts, trailers)?;
    let algorithm = claimed.as_ref().map_or(Algorithm::Crc64Nvme, |(algorithm, _)| *algorithm);
    let computed = algorithm.compute(&content);
    if let Some((_, value)) = claimed {
        let given = base64::decode(value.trim()).unwrap_or_default();
        if given.len() != computed.len() {
            let message = format!("Value for {} header is invalid.", algorithm.header_name());
            return Err(Refusal::bad_request("InvalidRequest", message));
        }
        if given != computed {
            let name = algorithm.name();
            let message = format!("The {name} you specified did not match the calculated checksum.");
            return Err(Refusal::bad_request("BadDigest", message));
        }
    }
    Ok(Upload { content, algorithm, checksum: base64::encode(computed) })
}

fn verify_md5(parts: &Parts, content: &[u8]) -> Result<(), Refusal> {
    let Some(value) = header(parts, "content-md5") else { return Ok(()) };
    let given = base64::decode(value.trim()).unwrap_or_default();
    if given.len() != 16 {
        return Err(Refusal::bad_request("InvalidDigest", "The Content-MD5 you specified was invalid."));
    }
    let computed = Md5::checksum(content);
    let equal = given.as_slice() == <_ as AsRef<[u8]>>::as_ref(&computed);
    if equal {
        return Ok(());
    }
    Err(Refusal::bad_request("BadDigest", "The Content-MD5 you specified did not match what we received."))
}

fn claimed(parts: &Parts, trailers: &[(String, String)]) -> Result<Option<(Algorithm, String)>, Refusal> {
    let mut found = Vec::new();
    for algorithm in ALGORITHMS {
        let name = algorithm.header_name();
        let trailing = trailers.iter().find(|(trailer, _)| *trailer == name).map(|(_, value)| value.as_str());
        if let Some(value) = header(parts, &name).or(trailing) {
            found.push((algorithm, value.to_owned()));
        }
    }
    if found.len() > 1 {
        let message = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
        return Err(Refusal::bad_request("InvalidRequest", message));
    }
    let found = found.pop();
    if found.is_none() && header(parts, "x-amz-sdk-checksum-algorithm").is_some() {
        let message = "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or \
                       x-amz-trailer headers were found.";
        return Err(Refusal::bad_request("InvalidRequest", message));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(&str, &str)], trailers: &[(&str, &str)]) -> Result<Upload, &'static str> {
        let mut request = http::Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let trailers: Vec<_> = trailers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let parts = request.body(()).map_err(|_| "not a request")?.into_parts().0;
        verify(&parts, &trailers, Bytes::from_static(b"hello world")).map_err(|refusal| refusal.code)
    }

    #[test]
    fn right_checksums_pass_from_header_and_trailer() {
        assert_eq!(check(&[("x-amz-checksum-crc32", "DUoRhQ==")], &[]).unwrap().algorithm, Algorithm::Crc32);
        assert_eq!(check(&[], &[("x-amz-checksum-crc32c", "yZRlqg==")]).unwrap().algorithm, Algorithm::Crc32c);
        assert_eq!(check(&[("content-md5", "XrY7u+Ae7tCTyyK7j1rNww==")], &[]).unwrap().algorithm, Algorithm::Crc64Nvme);
        let sha1 = check(&[("x-amz-checksum-sha1", "Kq5sNclPz7QV2+lfQIuc6R7oRu0=")], &[]);
        assert_eq!(sha1.unwrap().checksum, "Kq5sNclPz7QV2+lfQIuc6R7oRu0=");
    }

    #[test]
    fn wrong_checksums_are_refused_with_the_code_of_s3() {
        assert_eq!(check(&[("x-amz-checksum-crc32", "DUoRhA==")], &[]).unwrap_err(), "BadDigest");
        assert_eq!(check(&[("x-amz-checksum-crc32", "nonsense")], &[]).unwrap_err(), "InvalidRequest");
        assert_eq!(check(&[("content-md5", "XrY7u+Ae7tCTyyK7j1rNwA==")], &[]).unwrap_err(), "BadDigest");
        assert_eq!(check(&[("content-md5", "short")], &[]).unwrap_err(), "InvalidDigest");
        assert_eq!(check(&[("x-amz-sdk-checksum-algorithm", "CRC32")], &[]).unwrap_err(), "InvalidRequest");
        let both = [("x-amz-checksum-crc32", "DUoRhQ=="), ("x-amz-checksum-crc32c", "yZRlqg==")];
        assert_eq!(check(&both, &[]).unwrap_err(), "InvalidRequest");
    }
}
