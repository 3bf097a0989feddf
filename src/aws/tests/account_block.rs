//! The public access block of an account: where it is asked for, and what comes of each answer.

use super::*;
use crate::cloud::BucketSettings;
use crate::domain::audit::facts::PublicAccessBlock;

const PATH: &str = "/v20180820/configuration/publicAccessBlock";

fn shown() -> Reply {
    Reply::s3(200).with("content-type", "application/xml").body(
        "<PublicAccessBlockConfiguration xmlns=\"http://awss3control.amazonaws.com/doc/2018-08-20/\">\
         <BlockPublicAcls>false</BlockPublicAcls><RestrictPublicBuckets>true</RestrictPublicBuckets>\
         </PublicAccessBlockConfiguration>",
    )
}

fn wrapped(status: u16, code: &str) -> Reply {
    let body = format!(
        "<?xml version=\"1.0\"?>\n<ErrorResponse><Error><Code>{code}</Code><Message>so &amp; so</Message>\
         <AccountId>111111111111</AccountId></Error><RequestId>R</RequestId></ErrorResponse>"
    );
    Reply::s3(status).with("content-type", "application/xml").body(&body)
}

async fn asked(canned: &Canned, connection: &Connection) -> Result<Option<PublicAccessBlock>, (String, String)> {
    let bucket = in_process(canned).bucket(connection, &bucket_name()).await;
    let unread = |unread: crate::domain::audit::facts::Unread| {
        assert_eq!(unread.permission, "s3:GetAccountPublicAccessBlock");
        (unread.trouble, unread.message.unwrap_or_default())
    };
    bucket.account_public_access().await.map_err(unread)
}

#[tokio::test]
async fn it_is_read_of_the_account_and_counted() {
    let canned = Canned::always(shown());
    let block = PublicAccessBlock { restrict_public_buckets: true, ..PublicAccessBlock::default() };
    assert_eq!(asked(&canned, &connection()).await, Ok(Some(block)));
    let seen = &canned.seen()[0];
    assert_eq!((seen.method.as_str(), seen.header("x-amz-account-id")), ("GET", Some("111111111111")));
    let signature = seen.header("authorization").unwrap();
    assert!(signature.contains("/ap-south-1/s3/aws4_request"), "{signature}");
    assert!(signature.contains("host;") && signature.contains("x-amz-account-id;"), "{signature}");
    let record = &canned.records()[0];
    assert_eq!((record.service, record.operation, record.outcome), ("s3control", "GetPublicAccessBlock", Ok(())));
}

#[tokio::test]
async fn it_is_asked_for_at_s3_control_or_at_the_given_endpoint() {
    let plain = connection();
    let fips = Connection { region: Region::new("us-east-1"), use_fips: true, use_dual_stack: true, ..connection() };
    let china = Connection { region: Region::new("cn-north-1"), ..connection() };
    let given = Connection { endpoint_url: Some("http://s3.example.org:9000".to_owned()), ..connection() };
    let in_path = Connection { path_style: true, ..given.clone() };
    let namesake = Connection { endpoint_url: Some("http://orders.example.org".to_owned()), ..in_path.clone() };
    let aws_path = Connection { path_style: true, ..connection() };
    for (connection, host) in [
        (plain, "https://111111111111.s3-control.ap-south-1.amazonaws.com"),
        (aws_path, "https://111111111111.s3-control.ap-south-1.amazonaws.com"),
        (fips, "https://111111111111.s3-control-fips.dualstack.us-east-1.amazonaws.com"),
        (china, "https://111111111111.s3-control.cn-north-1.amazonaws.com.cn"),
        (given, "http://s3.example.org:9000"),
        (in_path, "http://s3.example.org:9000"),
        (namesake, "http://orders.example.org"),
    ] {
        let canned = Canned::always(shown());
        asked(&canned, &connection).await.unwrap();
        assert_eq!(canned.seen()[0].uri, format!("{host}{PATH}"));
    }
}

#[tokio::test]
async fn none_is_an_answer_and_refusals_are_told() {
    let none = "NoSuchPublicAccessBlockConfiguration";
    for reply in [wrapped(404, none), Reply::error(404, none, "none")] {
        assert_eq!(asked(&Canned::always(reply), &connection()).await, Ok(None));
    }
    let denied = asked(&Canned::always(wrapped(403, "AccessDenied")), &connection()).await;
    assert_eq!(denied, Err(("access_denied".to_owned(), "AccessDenied: so & so".to_owned())));
    let page = Reply::s3(404).body("<html><body>nothing here</body>");
    assert!(asked(&Canned::always(page), &connection()).await.is_err(), "a page of something else is no answer");
    let nobody = Connection { account: None, ..connection() };
    let canned = Canned::always(shown());
    assert_eq!(asked(&canned, &nobody).await.unwrap_err().1, "no account is configured for this side");
    assert!(canned.seen().is_empty());
}
