//! The `aws-chunked` encoding of upload bodies: chunks, their signatures, and trailing headers.

use bytes::Bytes;

use super::sigv4::Expected;

/// What an `aws-chunked` body held.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Decoded {
    pub(super) content: Bytes,
    /// Trailing headers, names in lower case.
    pub(super) trailers: Vec<(String, String)>,
}

/// Why a body could not be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum ChunkError {
    #[error("the body is not a sequence of aws-chunked chunks")]
    Malformed,
    #[error("a chunk's signature does not match")]
    Signature,
}

/// Decodes `body`; with `signer`, every chunk and the trailer must carry its signature.
pub(super) fn decode(body: &[u8], signer: Option<&Expected>) -> Result<Decoded, ChunkError> {
    let mut rest = body;
    let mut content = Vec::with_capacity(body.len());
    let mut previous = signer.map(|expected| expected.signature.clone()).unwrap_or_default();
    loop {
        let (head, after) = split_line(rest).ok_or(ChunkError::Malformed)?;
        let (size, extension) = head.split_once(';').unwrap_or((head, ""));
        let size = usize::from_str_radix(size.trim(), 16).map_err(|_| ChunkError::Malformed)?;
        let chunk = after.get(..size).ok_or(ChunkError::Malformed)?;
        if let Some(signer) = signer {
            let signature = signer.chunk_signature(&previous, chunk);
            if extension.trim().strip_prefix("chunk-signature=") != Some(signature.as_str()) {
                return Err(ChunkError::Signature);
            }
            previous = signature;
        }
        rest = after.get(size..).unwrap_or_default();
        if size == 0 {
            break;
        }
        content.extend_from_slice(chunk);
        rest = rest.strip_prefix(b"\r\n").ok_or(ChunkError::Malformed)?;
    }
    let trailers = read_trailers(rest, signer, &previous)?;
    Ok(Decoded { content: content.into(), trailers })
}

fn read_trailers(
    mut rest: &[u8],
    signer: Option<&Expected>,
    previous: &str,
) -> Result<Vec<(String, String)>, ChunkError> {
    let mut trailers = Vec::new();
    let mut signature = None;
    while let Some((line, after)) = split_line(rest) {
        rest = after;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or(ChunkError::Malformed)?;
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().to_owned());
        if name == "x-amz-trailer-signature" {
            signature = Some(value);
        } else {
            trailers.push((name, value));
        }
    }
    if let Some(signer) = signer.filter(|_| !trailers.is_empty()) {
        let text: String = trailers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        if signature != Some(signer.trailer_signature(previous, &text)) {
            return Err(ChunkError::Signature);
        }
    }
    Ok(trailers)
}

/// Splits off a line; a last line may end with the body.
fn split_line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    if bytes.is_empty() {
        return None;
    }
    let end = bytes.windows(2).position(|pair| pair == b"\r\n").unwrap_or(bytes.len());
    let line = std::str::from_utf8(bytes.get(..end)?).ok()?;
    Some((line.trim_end_matches('\n'), bytes.get(end + 2..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined_and_trailers_kept() {
        let body = b"5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n";
        let decoded = decode(body, None).unwrap();
        assert_eq!(decoded.content, "hello world");
        assert_eq!(decoded.trailers, [("x-amz-checksum-crc32".to_owned(), "DUoRhQ==".to_owned())]);
    }

    #[test]
    fn an_empty_body_is_one_last_chunk() {
        assert_eq!(decode(b"0\r\n\r\n", None), Ok(Decoded::default()));
        assert_eq!(decode(b"0\r\n", None), Ok(Decoded::default()));
    }

    #[test]
    fn a_body_cut_short_is_malformed() {
        assert_eq!(decode(b"5\r\nhel", None), Err(ChunkError::Malformed));
        assert_eq!(decode(b"5\r\nhello\r\n", None), Err(ChunkError::Malformed));
        assert_eq!(decode(b"zz\r\n", None), Err(ChunkError::Malformed));
    }
}
