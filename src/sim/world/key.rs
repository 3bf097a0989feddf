//! KMS keys, as types.

use super::arn;
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
}

impl KeyState {
    /// As in `KeyMetadata`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::PendingDeletion(_) => "PendingDeletion",
        }
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
}

/// A stored key.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) info: KeyInfo,
    pub(super) states: Timeline<KeyState>,
    pub(super) policy: Timeline<Policy>,
}

/// Why KMS does not let a key be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyProblem {
    Missing,
    Disabled,
    PendingDeletion,
}

impl Key {
    /// Whether its waiting period has passed.
    pub(super) fn is_deleted(&self, at: Moment) -> bool {
        matches!(self.states.at(at), KeyState::PendingDeletion(end) if *end <= at)
    }
}
