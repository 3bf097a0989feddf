//! The public access block of an account, over the wire.

use http::Request;

use super::{Answer, HOME, ONE, Site, TWO, refusal};

const ADDRESS: &str = "http://anything.example/v20180820/configuration/publicAccessBlock";
const RESTRICTED: &str = r#"<PublicAccessBlockConfiguration xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/">
    <BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets>
    </PublicAccessBlockConfiguration>"#;

async fn call(site: &Site, caller: &str, account: &str, method: &str, body: &str) -> Answer {
    let request = Request::builder().method(method).uri(ADDRESS).header("x-amz-account-id", account);
    let request = request.body(body.to_owned()).unwrap();
    site.send(site.signed(caller, "s3", HOME, request)).await
}

#[tokio::test(start_paused = true)]
async fn an_account_has_a_block_of_its_own_to_put_read_and_delete() {
    let site = Site::of("empty");
    let none = call(&site, ONE, ONE, "GET", "").await;
    assert_eq!(none.status, 404);
    assert!(none.text.contains("<ErrorResponse><Error><Code>NoSuchPublicAccessBlockConfiguration</Code>"), "{none:?}");
    assert!(none.text.contains(&format!("<AccountId>{ONE}</AccountId></Error><RequestId>")), "{none:?}");
    assert_eq!(call(&site, ONE, ONE, "PUT", RESTRICTED).await.status, 200);
    let block = call(&site, ONE, ONE, "GET", "").await;
    assert_eq!((block.status, block.header("content-type")), (200, "application/xml"));
    let fields = "<BlockPublicAcls>false</BlockPublicAcls><IgnorePublicAcls>false</IgnorePublicAcls>\
                  <BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets>";
    assert!(block.text.contains(fields), "{block:?}");
    for method in ["GET", "PUT", "DELETE"] {
        let body = if method == "PUT" { RESTRICTED } else { "" };
        let foreign = call(&site, TWO, ONE, method, body).await;
        assert_eq!(foreign.status, 403, "{method}");
        assert!(foreign.text.contains("<Code>AccessDenied</Code>"), "{foreign:?}");
    }
    assert_eq!(call(&site, ONE, ONE, "PUT", "<Nonsense/>").await.status, 400);
    assert_eq!(call(&site, ONE, ONE, "DELETE", "").await.status, 204);
    assert_eq!(call(&site, ONE, ONE, "GET", "").await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn what_the_account_blocks_is_blocked_at_its_buckets() {
    let site = Site::of("empty");
    let owner = site.bucket(ONE, HOME, "photos").await;
    owner.delete_public_access_block().bucket("photos").send().await.unwrap();
    let public = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*",
        "Action":"s3:ListBucket","Resource":"arn:aws:s3:::photos"}}"#;
    let open = || owner.put_bucket_policy().bucket("photos").policy(public).send();
    open().await.unwrap();
    let stranger = site.s3(TWO, HOME);
    stranger.head_bucket().bucket("photos").send().await.unwrap();
    assert_eq!(call(&site, ONE, ONE, "PUT", RESTRICTED).await.status, 200);
    assert_eq!(refusal(stranger.head_bucket().bucket("photos").send().await).0, 403);
    assert_eq!(refusal(open().await), (403, "AccessDenied".into()));
    owner.head_bucket().bucket("photos").send().await.unwrap();
    assert_eq!(call(&site, ONE, ONE, "DELETE", "").await.status, 204);
    stranger.head_bucket().bucket("photos").send().await.unwrap();
}
