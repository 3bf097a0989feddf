//! `aws-chunked` uploads, signed and unsigned, with and without trailers.

use http::Request;

use super::super::sigv4::{Claim, Expected};
use super::{Answer, HOME, ONE, Site};

const UNSIGNED: &str = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
const SIGNED: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";

/// A PUT of "hello world" in chunks; `frame` writes the body, given the signer of the request.
async fn upload(site: &Site, kind: &str, frame: impl FnOnce(&Expected) -> String) -> Answer {
    let now = site.simulator.clock().now().system_time();
    let stamp = humantime::format_rfc3339_seconds(now).to_string().replace(['-', ':'], "");
    let day = &stamp[..8];
    let account = site.account(ONE);
    let signed = "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-trailer";
    let key = &account.access_key_id;
    let authorization = |signature: &str| {
        format!(
            "AWS4-HMAC-SHA256 Credential={key}/{day}/{HOME}/s3/aws4_request, SignedHeaders={signed}, \
             Signature={signature}"
        )
    };
    let request = |signature: &str| {
        Request::put("http://127.0.0.1:9000/photos/k")
            .header("host", "127.0.0.1:9000")
            .header("content-encoding", "aws-chunked")
            .header("x-amz-content-sha256", kind)
            .header("x-amz-date", &stamp)
            .header("x-amz-decoded-content-length", "11")
            .header("x-amz-trailer", "x-amz-checksum-crc32")
            .header("authorization", authorization(signature))
    };
    let parts = request("none").body(()).unwrap().into_parts().0;
    let claim = Claim::read(&parts).unwrap().unwrap();
    let expected = claim.expected(&parts, kind, &account.secret_access_key).unwrap();
    site.send(request(&expected.signature).body(frame(&expected)).unwrap()).await
}

fn signed_body(signer: &Expected, content: &str, checksum: &str) -> String {
    let first = signer.chunk_signature(&signer.signature, content.as_bytes());
    let last = signer.chunk_signature(&first, b"");
    let trailer = format!("x-amz-checksum-crc32:{checksum}\n");
    let signature = signer.trailer_signature(&last, &trailer);
    format!(
        "{:x};chunk-signature={first}\r\n{content}\r\n0;chunk-signature={last}\r\nx-amz-checksum-crc32:{checksum}\r\n\
         x-amz-trailer-signature:{signature}\r\n\r\n",
        content.len()
    )
}

#[tokio::test(start_paused = true)]
async fn unsigned_chunks_with_a_trailing_checksum_are_taken() {
    let site = Site::of("empty");
    let client = site.bucket(ONE, HOME, "photos").await;
    let body = "b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n";
    let answer = upload(&site, UNSIGNED, |_| body.into()).await;
    assert_eq!((answer.status, answer.header("x-amz-checksum-crc32")), (200, "DUoRhQ=="), "{}", answer.text);
    let got = client.get_object().bucket("photos").key("k").send().await.unwrap();
    assert_eq!(got.content_encoding(), None);
    assert_eq!(got.body.collect().await.unwrap().to_vec(), b"hello world");
    let wrong = upload(&site, UNSIGNED, |_| body.replace("DUoRhQ", "AAAAAA")).await;
    assert!(wrong.text.contains("<Code>BadDigest</Code>"), "{}", wrong.text);
    let short = upload(&site, UNSIGNED, |_| "5\r\nhello\r\n0\r\n\r\n".into()).await;
    assert!(short.text.contains("<Code>IncompleteBody</Code>"), "{}", short.text);
}

#[tokio::test(start_paused = true)]
async fn signed_chunks_must_carry_their_signatures() {
    let site = Site::of("empty");
    site.bucket(ONE, HOME, "photos").await;
    let good = upload(&site, SIGNED, |signer| signed_body(signer, "hello world", "DUoRhQ==")).await;
    assert_eq!(good.status, 200, "{}", good.text);
    let tampered =
        upload(&site, SIGNED, |signer| signed_body(signer, "hello world", "DUoRhQ==").replace("hello", "jello")).await;
    assert!(tampered.text.contains("<Code>SignatureDoesNotMatch</Code>"), "{}", tampered.text);
    let trailer =
        upload(&site, SIGNED, |signer| signed_body(signer, "hello world", "DUoRhQ==").replace("DUoR", "AAAA")).await;
    assert!(trailer.text.contains("<Code>SignatureDoesNotMatch</Code>"), "{}", trailer.text);
}
