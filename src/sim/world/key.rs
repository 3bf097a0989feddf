//! KMS keys, as types.

use super::arn;
use super::grant::Grant;
use super::moment::Moment;
use super::policy::Policy;
use super::timeline::Timeline;

/// `KeyState` of KMS, as far as this world has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// `Enabled`.
    Enabled,
    /// `Disabled`.
    Disabled,
    /// `PendingDeletion`, until the instant given.
    PendingDeletion(Moment),
    /// `PendingImport`: a key of origin EXTERNAL without material.
    PendingImport,
    /// `Unavailable`: the key store behind it cannot be reached.
    Unavailable,
    /// `Creating`.
    Creating,
    /// `Updating`.
    Updating,
    /// `PendingReplicaDeletion`: a multi-Region primary key that waits for its replicas to go.
    PendingReplicaDeletion,
}

impl KeyState {
    /// As in `KeyMetadata`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::PendingDeletion(_) => "PendingDeletion",
            Self::PendingImport => "PendingImport",
            Self::Unavailable => "Unavailable",
            Self::Creating => "Creating",
            Self::Updating => "Updating",
            Self::PendingReplicaDeletion => "PendingReplicaDeletion",
        }
    }

    /// Whether cryptographic operations succeed (KMS Developer Guide, "Key states of AWS KMS keys").
    pub(super) const fn usable(self) -> Result<(), KeyProblem> {
        match self {
            Self::Enabled | Self::Updating => Ok(()),
            Self::Disabled => Err(KeyProblem::Disabled),
            Self::PendingDeletion(_) => Err(KeyProblem::InvalidState("pending deletion")),
            Self::PendingImport => Err(KeyProblem::InvalidState("pending import")),
            Self::Unavailable => Err(KeyProblem::InvalidState("unavailable")),
            Self::Creating => Err(KeyProblem::InvalidState("creating")),
            Self::PendingReplicaDeletion => Err(KeyProblem::InvalidState("pending replica deletion")),
        }
    }
}

/// `Origin`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyOrigin {
    /// `AWS_KMS`.
    #[default]
    Kms,
    /// `EXTERNAL`: imported material, of which there is none at first.
    External,
}

impl KeyOrigin {
    /// As in `KeyMetadata`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kms => "AWS_KMS",
            Self::External => "EXTERNAL",
        }
    }
}

/// `KeySpec` and `KeyUsage` of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyKind {
    /// `SYMMETRIC_DEFAULT`, `RSA_2048`, `HMAC_256`, ...
    pub spec: String,
    /// `ENCRYPT_DECRYPT`, `SIGN_VERIFY` or `GENERATE_VERIFY_MAC`.
    pub usage: String,
}

impl Default for KeyKind {
    fn default() -> Self {
        Self { spec: SYMMETRIC.to_owned(), usage: ENCRYPT.to_owned() }
    }
}

const SYMMETRIC: &str = "SYMMETRIC_DEFAULT";
const ENCRYPT: &str = "ENCRYPT_DECRYPT";

impl KeyKind {
    /// The kind that `CreateKey` asks for; `None` when spec and usage do not go together or are unknown here.
    pub fn new(spec: Option<&str>, usage: Option<&str>) -> Option<Self> {
        let spec = spec.unwrap_or(SYMMETRIC);
        let usages: &[&str] = match spec {
            SYMMETRIC => &[ENCRYPT],
            "RSA_2048" | "RSA_3072" | "RSA_4096" => &[ENCRYPT, "SIGN_VERIFY"],
            "ECC_NIST_P256" | "ECC_NIST_P384" | "ECC_NIST_P521" => &["SIGN_VERIFY"],
            "HMAC_224" | "HMAC_256" | "HMAC_384" | "HMAC_512" => &["GENERATE_VERIFY_MAC"],
            _ => return None,
        };
        let usage = usage.unwrap_or(ENCRYPT);
        usages.contains(&usage).then(|| Self { spec: spec.to_owned(), usage: usage.to_owned() })
    }

    /// Whether S3 can encrypt objects under such a key.
    pub fn is_symmetric(&self) -> bool {
        self.spec == SYMMETRIC
    }
}

/// `KeyManager`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyManager {
    /// Made by the account itself.
    Customer,
    /// The AWS managed key `alias/aws/s3`.
    Aws,
}

/// `KeyMetadata` of `DescribeKey`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// Key id, a UUID.
    pub id: String,
    /// Full ARN.
    pub arn: String,
    /// Owner's account id.
    pub account: String,
    /// AWS Region.
    pub region: String,
    /// When it was made.
    pub created_at: Moment,
    /// Free text.
    pub description: String,
    /// State now.
    pub state: KeyState,
    /// Who manages it.
    pub manager: KeyManager,
    /// Spec and usage.
    pub kind: KeyKind,
    /// Where its material comes from.
    pub origin: KeyOrigin,
    /// Whether it is a multi-Region primary key.
    pub multi_region: bool,
}

impl KeyInfo {
    /// A key that is made now.
    pub(super) fn new(id: String, account: &str, region: &str, now: Moment) -> Self {
        Self {
            arn: arn::kms_arn(region, account, &format!("key/{id}")),
            id,
            account: account.to_owned(),
            region: region.to_owned(),
            created_at: now,
            description: String::new(),
            state: KeyState::Enabled,
            manager: KeyManager::Customer,
            kind: KeyKind::default(),
            origin: KeyOrigin::Kms,
            multi_region: false,
        }
    }
}

/// What `CreateKey` carries.
#[derive(Clone, Debug, Default)]
pub struct CreateKey {
    /// `Policy`, JSON; the default policy (root may do everything) when absent.
    pub policy: Option<String>,
    /// `Description`.
    pub description: Option<String>,
    /// `KeySpec` and `KeyUsage`.
    pub kind: KeyKind,
    /// `Origin`.
    pub origin: KeyOrigin,
    /// `MultiRegion`.
    pub multi_region: bool,
}

/// One row of `ListAliases`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AliasInfo {
    /// `AliasArn`.
    pub arn: String,
    /// `AliasName`, with `alias/`.
    pub name: String,
    /// `TargetKeyId`: the id of the key, not its ARN.
    pub key_id: String,
}

/// A stored key.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) info: KeyInfo,
    pub(super) states: Timeline<KeyState>,
    pub(super) policy: Timeline<Policy>,
    pub(super) grants: Vec<Grant>,
}

/// Why KMS does not let a key be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyProblem {
    Missing,
    Disabled,
    /// In a state, of which these are the words, in which it cannot be used.
    InvalidState(&'static str),
    /// Not symmetric.
    WrongUsage,
}

impl Key {
    /// Whether its waiting period has passed.
    pub(super) fn is_deleted(&self, at: Moment) -> bool {
        matches!(self.states.at(at), KeyState::PendingDeletion(end) if *end <= at)
    }
}
