//! AWS identifiers as a person writes them: Regions, accounts, buckets, ARNs, endpoints.

mod queue;

use http::Uri;

use super::fault::Wrong;
use super::suggest::nearest;
use crate::domain::name::{AccountId, Bucket, Region};

pub(super) use queue::{any_queue, aws_queue};

/// The Regions that a typing error is compared with; others of the right form are accepted.
const REGIONS: [&str; 38] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

/// What the middle of a Region's name may be.
const BEARINGS: [&str; 9] =
    ["north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest", "central"];

/// A world of AWS with its own accounts: S3 replicates only within one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Partition {
    Aws,
    China,
    Government,
}

impl Partition {
    /// The partition as ARNs name it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::China => "aws-cn",
            Self::Government => "aws-us-gov",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Aws, Self::China, Self::Government].into_iter().find(|partition| partition.as_str() == text)
    }

    /// The partition that a Region lies in, where the Region has the form of AWS's and the partition is known.
    pub(super) fn of(region: &str) -> Option<Self> {
        let parts: Vec<&str> = region.split('-').collect();
        let letters = |part: &str| part.bytes().all(|byte| byte.is_ascii_lowercase());
        let bearing = |part: &str| BEARINGS.contains(&part);
        let number = |part: &str| matches!(part.len(), 1 | 2) && part.bytes().all(|byte| byte.is_ascii_digit());
        match parts[..] {
            ["us", "gov", place, digit] if bearing(place) && number(digit) => Some(Self::Government),
            ["cn", place, digit] if bearing(place) && number(digit) => Some(Self::China),
            [area, place, digit] if area.len() == 2 && letters(area) && bearing(place) && number(digit) => {
                Some(Self::Aws)
            }
            _ => None,
        }
    }
}

/// Reads a Region of AWS.
pub(super) fn aws_region(text: &str) -> Result<Region, Wrong> {
    if Partition::of(text).is_some() {
        return Ok(Region::new(text));
    }
    if ["us-iso", "eu-iso", "eusc-"].iter().any(|prefix| text.starts_with(prefix)) {
        return Err(Wrong::new("lies in a partition that is not supported", "use aws, aws-cn or aws-us-gov"));
    }
    let fix = nearest(text, REGIONS)
        .map_or_else(|| "write it like us-east-1".to_owned(), |region| format!("did you mean {region}?"));
    Err(Wrong::new("is not a Region", fix))
}

/// Reads a Region of a server that is not AWS: any name that can stand in a signature.
pub(super) fn any_region(text: &str) -> Result<Region, Wrong> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if (1..=63).contains(&text.len()) && text.bytes().all(legal) {
        return Ok(Region::new(text));
    }
    Err(Wrong::new("is not a Region", "use letters, digits, `-`, `_` and `.`, at most 63"))
}

/// Reads an account id.
pub(super) fn account(text: &str) -> Result<AccountId, Wrong> {
    if is_account(text) {
        return Ok(AccountId::new(text));
    }
    let bare: String = text.chars().filter(|char| *char != '-' && *char != ' ').collect();
    let fix = if is_account(&bare) { format!("write \"{bare}\"") } else { "write 12 digits in quotes".to_owned() };
    Err(Wrong::new("is not an account id", fix))
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Reads the name of a bucket of AWS.
///
/// Rules: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>.
pub(super) fn aws_bucket(text: &str) -> Result<Bucket, Wrong> {
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let wrong = |what: &str, fix: &str| Err(Wrong::new(what, fix));
    if text.starts_with("arn:") {
        return wrong("is an ARN", "name the bucket alone");
    }
    if text.starts_with("s3://") || text.contains('/') {
        return wrong("is not the name of a bucket", "name the bucket alone; prefixes belong to canary.prefix");
    }
    if !(3..=63).contains(&text.len()) {
        return wrong("is not 3 to 63 characters long", "use the bucket's name");
    }
    if !text.bytes().all(|byte| legal(byte) || matches!(byte, b'.' | b'-')) {
        return wrong("is not the name of a bucket", "use lower-case letters, digits, `.` and `-`");
    }
    if !(text.starts_with(|char: char| char.is_ascii_alphanumeric())
        && text.ends_with(|char: char| char.is_ascii_alphanumeric()))
    {
        return wrong("is not the name of a bucket", "begin and end it with a letter or a digit");
    }
    if text.contains("..") || text.parse::<std::net::Ipv4Addr>().is_ok() {
        return wrong("is not the name of a bucket", "use neither two dots in a row nor an IP address");
    }
    if ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"].iter().any(|suffix| text.ends_with(suffix)) {
        return wrong("names an access point or a directory bucket", "name the general purpose bucket behind it");
    }
    Ok(Bucket::new(text))
}

/// Reads the name of a bucket of a server that is not AWS.
pub(super) fn any_bucket(text: &str) -> Result<Bucket, Wrong> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if (1..=255).contains(&text.len()) && text.bytes().all(legal) && !text.bytes().all(|byte| byte == b'.') {
        return Ok(Bucket::new(text));
    }
    Err(Wrong::new("is not the name of a bucket", "use letters, digits, `.`, `-` and `_`"))
}

/// The parts of an ARN that are compared with the side it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Arn {
    /// The partition.
    pub(super) partition: Partition,
    /// The service, such as `kms`.
    pub(super) service: String,
    /// The Region; empty for global services.
    pub(super) region: String,
    /// The account.
    pub(super) account: String,
    /// What follows.
    pub(super) resource: String,
}

/// Reads an ARN of any service that names an account.
pub(super) fn arn(text: &str) -> Result<Arn, Wrong> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [scheme, partition, service, region, account, resource] = parts[..] else {
        return Err(Wrong::new("is not an ARN", "write it like arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE"));
    };
    let partition = Partition::parse(partition).filter(|_| scheme == "arn").ok_or_else(|| {
        Wrong::new("is not an ARN of a known partition", "begin it with arn:aws:, arn:aws-cn: or arn:aws-us-gov:")
    })?;
    if !is_account(account) {
        return Err(Wrong::new(
            "names no 12-digit account",
            "write the account after the Region, as AWS shows the ARN",
        ));
    }
    Ok(Arn {
        partition,
        service: service.to_owned(),
        region: region.to_owned(),
        account: account.to_owned(),
        resource: resource.to_owned(),
    })
}

/// Reads the ARN of a role.
pub(super) fn role(text: &str) -> Result<Arn, Wrong> {
    let example = "write it like arn:aws:iam::111111111111:role/NAME";
    let arn = arn(text).map_err(|wrong| Wrong::new(wrong.what, example))?;
    if arn.service == "sts" {
        return Err(Wrong::new("is the ARN of a session", "name the role itself: arn:aws:iam::ACCOUNT:role/NAME"));
    }
    let name = arn.resource.strip_prefix("role/").unwrap_or_default();
    let legal = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'*' | b':');
    if arn.service != "iam"
        || !arn.region.is_empty()
        || name.is_empty()
        || name.ends_with('/')
        || !name.bytes().all(legal)
    {
        return Err(Wrong::new("is not the ARN of a role", example));
    }
    Ok(arn)
}

/// A KMS key as configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// Its ARN, where it is named by one.
    pub(super) arn: Option<Arn>,
    /// Whether the id has the form of AWS's.
    pub(super) usual: bool,
}

/// Whether a text names a key by alias or by the ARN of an alias.
pub(super) fn is_alias(text: &str) -> bool {
    text.starts_with("alias/") || text.contains(":alias/")
}

/// Reads a key: key ARN, key id, alias or alias ARN.
pub(super) fn key(text: &str) -> Result<Key, Wrong> {
    if is_alias(text) {
        return alias(text);
    }
    let example = "write it like arn:aws:kms:REGION:ACCOUNT:key/ID";
    let (arn, id) = if text.starts_with("arn:") {
        let arn = arn(text).map_err(|wrong| Wrong::new(wrong.what, example))?;
        let id = arn.resource.strip_prefix("key/").unwrap_or_default().to_owned();
        if arn.service != "kms" || arn.region.is_empty() || id.is_empty() {
            return Err(Wrong::new("is not the ARN of a KMS key", example));
        }
        (Some(arn), id)
    } else {
        (None, text.to_owned())
    };
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')) {
        return Err(Wrong::new("is not a KMS key", example));
    }
    Ok(Key { arn, usual: is_key_id(&id) })
}

/// Names of aliases: the KMS API reference, `CreateAlias`.
fn alias(text: &str) -> Result<Key, Wrong> {
    let example = "write it like alias/NAME or arn:aws:kms:REGION:ACCOUNT:alias/NAME";
    let (arn, resource) = if text.starts_with("arn:") {
        let arn = arn(text).map_err(|wrong| Wrong::new(wrong.what, example))?;
        let resource = arn.resource.clone();
        (Some(arn), resource)
    } else {
        (None, text.to_owned())
    };
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-');
    let named = resource.strip_prefix("alias/").is_some_and(|name| !name.is_empty() && name.bytes().all(legal));
    let of_kms = arn.as_ref().is_none_or(|arn| arn.service == "kms" && !arn.region.is_empty());
    if !named || !of_kms || resource.len() > 256 {
        return Err(Wrong::new("is not an alias of a KMS key", example));
    }
    Ok(Key { arn, usual: true })
}

/// Whether `id` is a UUID or the id of a multi-Region key.
fn is_key_id(id: &str) -> bool {
    let hex = |part: &str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let groups: Vec<&str> = id.split('-').collect();
    match groups[..] {
        ["mrk", digits] => hex(digits, 32),
        [a, b, c, d, e] => hex(a, 8) && [b, c, d].iter().all(|part| hex(part, 4)) && hex(e, 12),
        _ => false,
    }
}

/// An endpoint in one spelling, so that two can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// Scheme, host and port: lower case, without a default port, without a path.
    pub(super) url: String,
    /// Whether it is AWS's own, reached under another name.
    pub(super) is_aws: bool,
}

/// Reads an endpoint.
pub(super) fn endpoint(text: &str) -> Result<Endpoint, Wrong> {
    if text.contains(['@', '?', '#']) { Err(ornate(text).hidden()) } else { plain_endpoint(text) }
}

fn ornate(text: &str) -> Wrong {
    if text.contains('@') {
        return Wrong::new("holds credentials", "use access_key_id and secret_access_key");
    }
    Wrong::new("has a query or a fragment", "end it after host and port")
}

fn plain_endpoint(text: &str) -> Result<Endpoint, Wrong> {
    let example = "write it like http://127.0.0.1:9000";
    let uri: Uri = text.parse().map_err(|_| Wrong::new("is not a URL", example))?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(Wrong::new("is not a URL with a scheme", example));
    };
    let default_port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return Err(Wrong::new("is neither http nor https", example)),
    };
    if !matches!(uri.path(), "" | "/") {
        return Err(Wrong::new("has a path", "end it after host and port"));
    }
    let host = authority.host().to_ascii_lowercase();
    let port = match authority.port_u16() {
        None if authority.as_str().len() != host.len() => return Err(Wrong::new("has no legal port", example)),
        None => String::new(),
        Some(port) if port == default_port => String::new(),
        Some(port) => format!(":{port}"),
    };
    if host.is_empty() {
        return Err(Wrong::new("names no host", example));
    }
    let is_aws = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"].iter().any(|suffix| host.ends_with(suffix));
    Ok(Endpoint { url: format!("{scheme}://{host}{port}"), is_aws })
}

#[cfg(test)]
mod tests;
