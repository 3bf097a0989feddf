//! Tests of AWS identifiers: what is accepted. What is refused stands in the golden files.

use proptest::prelude::*;

use super::{Partition, account, any_bucket, any_region, arn, aws_bucket, aws_region, endpoint, key, role};

#[test]
fn regions_of_three_partitions_are_known_by_their_form() {
    for region in super::REGIONS {
        assert!(aws_region(region).is_ok(), "{region}");
    }
    for (region, partition) in [
        ("us-east-1", Some(Partition::Aws)),
        ("xx-northwest-12", Some(Partition::Aws)),
        ("cn-north-1", Some(Partition::China)),
        ("us-gov-west-1", Some(Partition::Government)),
        ("us-iso-east-1", None),
        ("eusc-de-east-1", None),
        ("default", None),
        ("us-east", None),
        ("US-EAST-1", None),
    ] {
        assert_eq!(Partition::of(region), partition, "{region}");
    }
    assert!(any_region("default").is_ok());
}

#[test]
fn buckets_are_accepted_as_s3_names_them() {
    for bucket in ["abc", "a.b-c", "1bucket", "logs.example.com", &"a".repeat(63)] {
        assert!(aws_bucket(bucket).is_ok(), "{bucket}");
    }
    for bucket in ["a..b", "-ab", "ab-", "my_bucket", "b-s3alias", &"a".repeat(64)] {
        assert!(aws_bucket(bucket).is_err(), "{bucket}");
    }
    assert!(any_bucket("My_Bucket").is_ok() && any_bucket("..").is_err() && any_bucket("a/b").is_err());
}

#[test]
fn roles_have_paths_and_odd_characters() {
    for text in ["arn:aws:iam::111111111111:role/r", "arn:aws-cn:iam::111111111111:role/a/b/c+=,.@-_"] {
        assert!(role(text).is_ok(), "{text}");
    }
    for text in
        ["arn:aws:iam::111111111111:role/", "arn:aws:iam:eu-west-1:111111111111:role/r", "arn:aws:iam::1:role/r"]
    {
        assert!(role(text).is_err(), "{text}");
    }
}

#[test]
fn keys_are_ids_and_arns() {
    let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
    let multi = "mrk-1234abcd12ab34cd56ef1234567890ab";
    for (text, by_arn, usual) in [
        (id.to_owned(), false, true),
        (multi.to_owned(), false, true),
        (format!("arn:aws:kms:eu-west-1:111111111111:key/{id}"), true, true),
        (format!("arn:aws:kms:eu-west-1:111111111111:key/{multi}"), true, true),
        ("testkey-1".to_owned(), false, false),
        ("alias/a/b_c-1".to_owned(), false, true),
        ("arn:aws:kms:eu-west-1:111111111111:alias/orders".to_owned(), true, true),
    ] {
        let key = key(&text).unwrap();
        assert_eq!((key.arn.is_some(), key.usual), (by_arn, usual), "{text}");
    }
}

#[test]
fn aliases_have_names() {
    for text in [
        "alias/",
        "alias/a b",
        "arn:aws:kms:eu-west-1:111111111111:alias/",
        "arn:aws:kms::111111111111:alias/a",
        "arn:aws:s3:eu-west-1:111111111111:alias/a",
        &format!("alias/{}", "a".repeat(256)),
    ] {
        assert!(key(text).is_err(), "{text}");
    }
}

#[test]
fn endpoints_have_one_spelling() {
    for (text, url, is_aws) in [
        ("http://localhost:80/", "http://localhost", false),
        ("HTTPS://S3.Example.com:443", "https://s3.example.com", false),
        ("https://s3.example.com:80", "https://s3.example.com:80", false),
        ("http://[::1]:9000", "http://[::1]:9000", false),
        ("https://s3.eu-west-1.amazonaws.com", "https://s3.eu-west-1.amazonaws.com", true),
        ("https://s3.cn-north-1.amazonaws.com.cn", "https://s3.cn-north-1.amazonaws.com.cn", true),
        ("https://amazonaws.com.example.org", "https://amazonaws.com.example.org", false),
    ] {
        let endpoint = endpoint(text).unwrap();
        assert_eq!((endpoint.url.as_str(), endpoint.is_aws), (url, is_aws), "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in ".{0,60}") {
        let _ = (aws_region(&text), account(&text), aws_bucket(&text), any_bucket(&text), any_region(&text));
        let _ = (arn(&text), role(&text), key(&text), endpoint(&text));
    }

    #[test]
    fn an_endpoint_read_twice_is_the_same(
        host in "[a-zA-Z0-9.-]{1,12}",
        port in 0_u16..,
        scheme in "(http|https|HTTP)",
    ) {
        if let Ok(once) = endpoint(&format!("{scheme}://{host}:{port}")) {
            prop_assert_eq!(endpoint(&once.url).unwrap(), once);
        }
    }
}
