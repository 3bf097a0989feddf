//! Amazon Resource Names, taken apart and put together.

/// `arn:aws:iam::ACCOUNT:role/PATH/NAME` as account and name.
pub(super) fn role_parts(arn: &str) -> Option<(&str, &str)> {
    let (account, path) = arn.strip_prefix("arn:aws:iam::")?.split_once(":role/")?;
    let name = path.rsplit('/').next()?;
    (is_account(account) && !name.is_empty()).then_some((account, name))
}

/// Name of the bucket behind an ARN.
pub(super) fn bucket_name(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:aws:s3:::").filter(|name| !name.is_empty() && !name.contains(['/', ':']))
}

/// A KMS ARN taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KmsArn<'a> {
    pub(super) region: &'a str,
    pub(super) account: &'a str,
    /// `key/ID` or `alias/NAME`.
    pub(super) resource: &'a str,
}

/// Takes a key ARN or alias ARN apart.
pub(super) fn kms(arn: &str) -> Option<KmsArn<'_>> {
    let mut parts = arn.strip_prefix("arn:aws:kms:")?.splitn(3, ':');
    let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
    let named =
        ["key/", "alias/"].into_iter().any(|kind| resource.strip_prefix(kind).is_some_and(|name| !name.is_empty()));
    (is_region(region) && is_account(account) && named).then_some(KmsArn { region, account, resource })
}

/// The ARN of a key or alias; `resource` is `key/ID` or `alias/NAME`.
pub(super) fn kms_arn(region: &str, account: &str, resource: &str) -> String {
    format!("arn:aws:kms:{region}:{account}:{resource}")
}

/// Twelve digits.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The form of a Region's name: `eu-central-1`, `ap-south-1`, `us-gov-west-1`.
pub(super) fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let Some((number, words)) = parts.split_last() else { return false };
    let is_word = |word: &&str| word.len() >= 2 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    words.len() >= 2 && words.iter().all(is_word) && number.len() == 1 && number.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_are_taken_apart() {
        assert_eq!(role_parts("arn:aws:iam::111111111111:role/service-role/crr"), Some(("111111111111", "crr")));
        assert_eq!(role_parts("arn:aws:iam::111111111111:role/"), None);
        assert_eq!(role_parts("arn:aws:iam::1:role/crr"), None);
        assert_eq!(bucket_name("arn:aws:s3:::orders"), Some("orders"));
        assert_eq!(bucket_name("arn:aws:s3:::orders/key"), None);
        let arn = kms("arn:aws:kms:eu-west-1:111111111111:alias/orders").unwrap();
        assert_eq!((arn.region, arn.account, arn.resource), ("eu-west-1", "111111111111", "alias/orders"));
        for wrong in ["", "orders", "arn:aws:kms::111111111111:key/1", "arn:aws:kms:eu-west-1:111111111111:thing/1"] {
            assert_eq!(kms(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn regions_have_a_form() {
        for right in ["us-east-1", "ap-southeast-2", "us-gov-west-1"] {
            assert!(is_region(right), "{right}");
        }
        for wrong in ["", "us", "us-east", "us-east-one", "US-EAST-1", "us-east-1a", "s3"] {
            assert!(!is_region(wrong), "{wrong}");
        }
    }
}
