//! KMS keys: what a look at one shows, whether S3 can use it, and the words for it.

use std::fmt;
use std::sync::Arc;

use super::name::{AccountId, KmsKey, Region};
use super::object::Trouble;
use super::time::UnixMillis;

#[cfg(test)]
mod tests;

/// The spec and the usage that S3 needs ("Using server-side encryption with AWS KMS keys", S3 User Guide: only
/// symmetric encryption keys are supported).
const SYMMETRIC: (&str, &str) = ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");

/// What KMS says of a key (`KeyMetadata`, KMS API reference).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFacts {
    /// Its ARN: what an alias or an id stands for, and what S3 shows of objects.
    pub arn: KmsKey,
    /// The account that owns it.
    pub account: Option<AccountId>,
    /// Its Region.
    pub region: Option<Region>,
    /// Its state.
    pub state: KeyState,
    /// When it will be gone for good, where its deletion is scheduled.
    pub deletion: Option<UnixMillis>,
    /// Who manages it.
    pub manager: KeyManager,
    /// Its spec, such as `SYMMETRIC_DEFAULT`.
    pub spec: Option<String>,
    /// Its usage, such as `ENCRYPT_DECRYPT`.
    pub usage: Option<String>,
    /// Whether it belongs to a set of multi-Region keys; S3 treats it as any other.
    pub multi_region: bool,
}

/// The state of a key ("Key states of AWS KMS keys", KMS Developer Guide).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Being created.
    Creating,
    /// In use.
    Enabled,
    /// Disabled by somebody.
    Disabled,
    /// Waiting to be deleted.
    PendingDeletion,
    /// Without key material.
    PendingImport,
    /// A primary key that waits for its replica keys to be deleted.
    PendingReplicaDeletion,
    /// Cut off from its custom key store.
    Unavailable,
    /// A primary Region is being changed; the key works meanwhile.
    Updating,
    /// A state that this monitor does not know.
    Other,
}

/// Who manages a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyManager {
    /// The customer.
    Customer,
    /// AWS: the key of a service, such as `aws/s3`, whose policy cannot be changed.
    Aws,
    /// KMS did not say, or something unknown.
    Other,
}

/// Why S3 cannot use a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// It does not exist.
    Missing,
    /// Its state forbids it.
    State(KeyState),
    /// It is not a symmetric encryption key.
    Purpose,
}

/// What a look at a key came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyFound {
    /// KMS described it.
    Facts(Arc<KeyFacts>),
    /// KMS does not know it.
    Missing,
    /// The monitor may not look: nothing is known.
    Denied,
    /// KMS gave no answer: nothing is known.
    NoAnswer(Trouble),
}

/// A look at a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLook {
    /// The key as the configuration or the live rule names it: id, ARN, alias or alias ARN.
    pub named: KmsKey,
    /// What the look came to.
    pub found: KeyFound,
}

/// The key of a side, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyStatus {
    /// The key as the configuration or the live rule names it.
    pub named: KmsKey,
    /// What the last look came to; absent before the first.
    pub found: Option<KeyFound>,
    /// When that was.
    pub checked_at: Option<UnixMillis>,
}

/// The keys that a destination depends on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyPair {
    /// That of the source, where one is expected.
    pub source: Option<KeyStatus>,
    /// That of the replicas, where one is expected.
    pub destination: Option<KeyStatus>,
}

impl KeyFacts {
    /// Whether S3 can encrypt and decrypt with it; `None` in a state that this monitor does not know.
    #[must_use]
    pub fn usable(&self) -> Option<bool> {
        match self.defect() {
            None if self.state == KeyState::Other => None,
            defect => Some(defect.is_none()),
        }
    }

    /// Why S3 cannot use it.
    #[must_use]
    pub fn defect(&self) -> Option<Defect> {
        let differs = |shown: &Option<String>, needed: &str| shown.as_deref().is_some_and(|shown| shown != needed);
        if differs(&self.spec, SYMMETRIC.0) || differs(&self.usage, SYMMETRIC.1) {
            return Some(Defect::Purpose);
        }
        match self.state {
            KeyState::Enabled | KeyState::Updating | KeyState::Other => None,
            KeyState::Creating
            | KeyState::Disabled
            | KeyState::PendingDeletion
            | KeyState::PendingImport
            | KeyState::PendingReplicaDeletion
            | KeyState::Unavailable => Some(Defect::State(self.state)),
        }
    }
}

impl KeyState {
    /// Reads the name that KMS gives it.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.as_str() == text).unwrap_or(Self::Other)
    }

    /// Every state.
    pub const ALL: [Self; 9] = [
        Self::Creating,
        Self::Enabled,
        Self::Disabled,
        Self::PendingDeletion,
        Self::PendingImport,
        Self::PendingReplicaDeletion,
        Self::Unavailable,
        Self::Updating,
        Self::Other,
    ];

    /// The state as KMS names it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "Creating",
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::PendingDeletion => "PendingDeletion",
            Self::PendingImport => "PendingImport",
            Self::PendingReplicaDeletion => "PendingReplicaDeletion",
            Self::Unavailable => "Unavailable",
            Self::Updating => "Updating",
            Self::Other => "Other",
        }
    }
}

impl fmt::Display for KeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl KeyManager {
    /// Reads the name that KMS gives it.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "CUSTOMER" => Self::Customer,
            "AWS" => Self::Aws,
            _ => Self::Other,
        }
    }

    /// The manager as KMS names it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "CUSTOMER",
            Self::Aws => "AWS",
            Self::Other => "OTHER",
        }
    }
}

impl Defect {
    /// What S3 answers to everybody who needs such a key.
    #[must_use]
    pub fn trouble(self) -> Trouble {
        match self {
            Self::Missing => Trouble::KmsNotFound,
            Self::State(KeyState::Disabled) => Trouble::KmsDisabled,
            Self::State(_) | Self::Purpose => Trouble::KmsInvalidState,
        }
    }
}

impl KeyStatus {
    /// A key that nobody has looked at yet.
    #[must_use]
    pub fn unseen(named: &KmsKey) -> Self {
        Self { named: named.clone(), found: None, checked_at: None }
    }

    /// A key that was looked at.
    #[must_use]
    pub fn seen(look: &KeyLook, at: UnixMillis) -> Self {
        Self { named: look.named.clone(), found: Some(look.found.clone()), checked_at: Some(at) }
    }

    /// What KMS said of it, if the last look got that far.
    #[must_use]
    pub fn facts(&self) -> Option<&KeyFacts> {
        match &self.found {
            Some(KeyFound::Facts(facts)) => Some(facts),
            Some(KeyFound::Missing | KeyFound::Denied | KeyFound::NoAnswer(_)) | None => None,
        }
    }

    /// Whether S3 can use it; `None` while that is not known.
    #[must_use]
    pub fn usable(&self) -> Option<bool> {
        match &self.found {
            Some(KeyFound::Facts(facts)) => facts.usable(),
            Some(KeyFound::Missing) => Some(false),
            Some(KeyFound::Denied | KeyFound::NoAnswer(_)) | None => None,
        }
    }

    /// Why S3 cannot use it.
    #[must_use]
    pub fn defect(&self) -> Option<Defect> {
        match &self.found {
            Some(KeyFound::Facts(facts)) => facts.defect(),
            Some(KeyFound::Missing) => Some(Defect::Missing),
            Some(KeyFound::Denied | KeyFound::NoAnswer(_)) | None => None,
        }
    }

    /// What is wrong with it, or keeps the monitor from knowing, and what to do. `place` is the side that needs it.
    #[must_use]
    pub fn problem(&self, place: &str) -> Option<String> {
        let named = &self.named;
        match self.found.as_ref()? {
            KeyFound::Facts(facts) => facts.problem(place),
            KeyFound::Missing => Some(format!(
                "KMS key {named} of {place} does not exist in that account and Region: name one that does in the \
                 default encryption, the replication rule and kms_key"
            )),
            KeyFound::Denied => Some(format!(
                "the state of KMS key {named} of {place} is unknown, because the monitor may not look at it: grant it \
                 kms:DescribeKey on the key"
            )),
            KeyFound::NoAnswer(trouble) => Some(format!(
                "the state of KMS key {named} of {place} is unknown, because KMS gave no answer ({trouble}): it is \
                 asked again; check credentials, network and endpoint of that side, or set `keys: off` if its server \
                 has no KMS"
            )),
        }
    }
}

impl KeyFacts {
    fn problem(&self, place: &str) -> Option<String> {
        let next = match self.defect()? {
            Defect::Purpose => {
                let shown = |text: &Option<String>| text.clone().unwrap_or_else(|| "unknown".to_owned());
                let (spec, usage) = (shown(&self.spec), shown(&self.usage));
                format!("is no symmetric encryption key ({spec}, {usage}), and S3 takes no other: name one that is")
            }
            Defect::State(KeyState::Disabled) => "is Disabled: enable it".to_owned(),
            Defect::State(KeyState::PendingDeletion) => {
                let when = self.deletion.map_or_else(String::new, |at| format!(" on {}", at.date()));
                format!("is PendingDeletion and will be gone for good{when}: cancel the deletion, then enable it")
            }
            Defect::State(KeyState::PendingReplicaDeletion) => {
                "is PendingReplicaDeletion and will be deleted after its replica keys: cancel the deletion, then \
                 enable it"
                    .to_owned()
            }
            Defect::State(KeyState::PendingImport) => "is PendingImport: import its key material".to_owned(),
            Defect::State(KeyState::Unavailable) => "is Unavailable: connect its custom key store".to_owned(),
            Defect::State(state) => format!("is {state}: wait until it is Enabled"),
            Defect::Missing => "does not exist".to_owned(),
        };
        Some(format!("KMS key {} of {place} {next}", self.arn))
    }
}
