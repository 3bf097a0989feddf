//! One side of a route: bucket, Region, account, key, and how they are reached.

use super::super::fault::Wrong;
use super::super::identifier::{self, Arn, Endpoint, Partition};
use super::super::shape::Side;
use super::super::suggest::nearest;
use super::super::text::Text;
use super::sheet::{Got, Path, Sheet, show};
use crate::domain::connection::{AssumedRole, Checksums, Connection, Credentials};
use crate::domain::name::{AccountId, Bucket, KmsKey, Region};

/// A side as far as it could be read; what has a fault is absent.
pub(super) struct Checked {
    /// The bucket.
    pub(super) bucket: Option<Bucket>,
    /// The Region.
    pub(super) region: Option<Region>,
    /// The account, if it has one.
    pub(super) account: Option<Option<AccountId>>,
    /// The key, if it names one.
    pub(super) kms_key: Option<Option<KmsKey>>,
    /// How it is reached.
    pub(super) connection: Option<Connection>,
    /// Which server it is.
    pub(super) server: Server,
    /// The partition of the Region, where the side belongs to one.
    pub(super) partition: Option<Partition>,
}

/// What answers for a side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Server {
    /// AWS, under whatever name.
    Aws,
    /// Another server, at this endpoint.
    Other(String),
    /// Unknown: the endpoint has a fault.
    Unclear,
}

/// Checks a side, beginning with what decides the other rules: which server it is.
pub(super) fn side(sheet: &mut Sheet<'_>, path: &Path<'_>, side: Side<'_>) -> Checked {
    let endpoint = sheet.read(&path.key("endpoint_url"), side.endpoint_url, identifier::endpoint);
    let server = match &endpoint {
        Got::Absent | Got::Good(Endpoint { is_aws: true, .. }) => Server::Aws,
        Got::Good(Endpoint { url, .. }) => Server::Other(url.clone()),
        Got::Bad => Server::Unclear,
    };
    let aws = server == Server::Aws;
    let bucket_rule = if aws { identifier::aws_bucket } else { identifier::any_bucket };
    let region_rule = if aws { identifier::aws_region } else { identifier::any_region };
    let bucket = sheet.required(&path.key("bucket"), side.bucket, "name the bucket", bucket_rule);
    let region = sheet.required(&path.key("region"), side.region, "name the bucket's Region", region_rule);
    if aws && side.account.is_none() {
        sheet.missing(&path.key("account"), "give the 12-digit account that owns the bucket");
    }
    let account = sheet.read(&path.key("account"), side.account, identifier::account).optional();
    let home = Home { region: region.as_ref(), account: account.as_ref().and_then(Option::as_ref) };
    let role = role(sheet, path, side, &home);
    let (kms_key, key_arn) = kms_key(sheet, path, side, &home, aws);
    let in_partition = aws || home.account.is_some() || side.role_arn.is_some() || key_arn;
    let partition = home.partition().filter(|_| in_partition);
    if side.endpoint_url.is_some() {
        endpoint_variants(sheet, path, side);
    }
    let credentials = credentials(sheet, path, side, aws);
    let checksums = checksums(sheet, path, side.checksums);
    let connection = || {
        Some(Connection {
            region: region.clone()?,
            account: account.clone()?,
            credentials: credentials?,
            role: role?,
            endpoint_url: endpoint.optional()?.map(|endpoint| endpoint.url),
            path_style: side.path_style.unwrap_or_else(|| side.endpoint_url.is_some()),
            checksums: checksums?,
            use_fips: side.use_fips,
            use_dual_stack: side.use_dual_stack,
        })
    };
    let connection = connection();
    Checked { bucket, region, account, kms_key, connection, server, partition }
}

/// Reads one of a few words.
pub(super) fn word<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, Wrong> {
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
        return Ok(*value);
    }
    let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let fix = nearest(text, names.iter().copied())
        .map_or_else(|| format!("choose {}", names.join(" or ")), |near| format!("did you mean {near}?"));
    Err(Wrong::new("is not a choice here", fix))
}

/// Where a side lives; ARNs are compared with it.
struct Home<'a> {
    region: Option<&'a Region>,
    account: Option<&'a AccountId>,
}

impl Home<'_> {
    fn partition(&self) -> Option<Partition> {
        self.region.and_then(|region| Partition::of(region.as_str()))
    }

    /// What of an ARN belongs to another side.
    fn foreign(&self, arn: &Arn) -> Option<Wrong> {
        if let Some(region) = self.region
            && !arn.region.is_empty()
            && arn.region != region.as_str()
        {
            let what = format!("is in Region {}, the bucket in {region}", arn.region);
            return Some(Wrong::new(what, format!("name the one in {region}")));
        }
        if let Some(partition) = self.partition()
            && arn.partition != partition
        {
            let what = format!("is in partition {}, the Region in {}", arn.partition.as_str(), partition.as_str());
            return Some(Wrong::new(what, format!("begin it with arn:{}:", partition.as_str())));
        }
        let account = self.account?;
        (arn.account != account.as_str()).then(|| {
            let what = format!("belongs to account {}, the bucket to {account}", arn.account);
            Wrong::new(what, format!("name the one in {account}"))
        })
    }
}

fn role(sheet: &mut Sheet<'_>, path: &Path<'_>, side: Side<'_>, home: &Home<'_>) -> Option<Option<AssumedRole>> {
    let secret = sheet.secret(&path.key("external_id"), side.external_id);
    let Some(text) = side.role_arn else {
        if side.external_id.is_some() {
            let fix = "add the ARN of the role that asks for the external id, or remove external_id";
            sheet.missing(&path.key("role_arn"), fix);
            return None;
        }
        return Some(None);
    };
    let path = path.key("role_arn");
    let read = |text: &str| {
        let arn = identifier::role(text)?;
        home.foreign(&arn).map_or_else(|| Ok(text.to_owned()), Err)
    };
    let arn = sheet.read(&path, Some(text), read).or(None)?;
    Some(Some(AssumedRole { arn, external_id: secret.optional()? }))
}

/// The key, and whether it is named by ARN.
fn kms_key(
    sheet: &mut Sheet<'_>,
    path: &Path<'_>,
    side: Side<'_>,
    home: &Home<'_>,
    aws: bool,
) -> (Option<Option<KmsKey>>, bool) {
    let path = path.key("kms_key");
    let free = !aws && home.account.is_none();
    let read = |text: &str| {
        if free && !text.is_empty() && !text.starts_with("arn:") {
            return Ok((KmsKey::new(text), false, true));
        }
        let key = identifier::key(text)?;
        match key.arn.as_ref().and_then(|arn| home.foreign(arn)) {
            Some(wrong) => Err(wrong),
            None => Ok((KmsKey::new(text), key.arn.is_some(), key.usual)),
        }
    };
    match sheet.read(&path, side.kms_key, read) {
        Got::Absent => (Some(None), false),
        Got::Bad => (None, false),
        Got::Good((key, by_arn, usual)) => {
            if !usual && let Some(text) = side.kms_key {
                let shown = show(text.raw());
                sheet.warn(&path, format!("{shown} does not end in a UUID or `mrk-` and 32 digits, as ids of AWS do"));
            }
            (Some(Some(key)), by_arn)
        }
    }
}

/// AWS's endpoint rules refuse a custom endpoint together with these.
fn endpoint_variants(sheet: &mut Sheet<'_>, path: &Path<'_>, side: Side<'_>) {
    for (key, on) in [("use_fips", side.use_fips), ("use_dual_stack", side.use_dual_stack)] {
        if on {
            let wrong = Wrong::new("cannot be combined with endpoint_url", "remove one of the two");
            sheet.wrong(&path.key(key), key, None, wrong);
        }
    }
}

fn credentials(sheet: &mut Sheet<'_>, path: &Path<'_>, side: Side<'_>, aws: bool) -> Option<Credentials> {
    let filled = |text: &str| match text.trim() {
        "" => Err(Wrong::new("is empty", "give it a value, or remove the key")),
        _ => Ok(text.to_owned()),
    };
    let profile = sheet.read(&path.key("profile"), side.profile, filled).optional();
    let id = sheet.read(&path.key("access_key_id"), side.access_key_id, filled);
    let secret = sheet.secret(&path.key("secret_access_key"), side.secret_access_key);
    let with = "access_key_id and secret_access_key belong together: add it, or remove the other";
    match (side.access_key_id, side.secret_access_key) {
        (Some(_), None) => {
            sheet.missing(&path.key("secret_access_key"), with);
            return None;
        }
        (None, Some(_)) => {
            sheet.missing(&path.key("access_key_id"), with);
            return None;
        }
        (None, None) => return Some(profile?.map_or(Credentials::Chain, Credentials::Profile)),
        (Some(_), Some(_)) => {}
    }
    if let Some(text) = side.profile {
        let wrong = Wrong::new("cannot be combined with access_key_id", "keep one of the two");
        sheet.wrong(&path.key("profile"), &show(text.raw()), text.place(), wrong);
    }
    if aws {
        let message = "a static key towards AWS lives until someone rotates it; prefer role_arn, profile or the \
                       standard credential chain";
        sheet.warn(&path.key("access_key_id"), message);
    }
    Some(Credentials::Static { access_key_id: id.or(None)?, secret_access_key: secret.or(None)? })
}

fn checksums(sheet: &mut Sheet<'_>, path: &Path<'_>, text: Option<&Text>) -> Option<Checksums> {
    let words = [("when_supported", Checksums::WhenSupported), ("when_required", Checksums::WhenRequired)];
    sheet.read(&path.key("checksums"), text, |text| word(text, &words)).or(Some(Checksums::default()))
}
