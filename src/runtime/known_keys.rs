//! What is known of the KMS keys at one bucket: which one the live rule names, which key a name stands for, and
//! whether another one that was seen on objects is a key of AWS's own.

use crate::domain::key::{KeyFacts, KeyManager};
use crate::domain::name::KmsKey;

/// What is known of the keys at one bucket.
#[derive(Debug, Default)]
pub struct KnownKeys {
    /// The key that the live rule names for replicas.
    pub rule: Option<KmsKey>,
    /// A name of a key, and the ARN of the key that it stands for.
    resolved: Option<(KmsKey, KmsKey)>,
    stranger: Option<Stranger>,
}

/// A key that was seen on an object, and is not the expected one.
#[derive(Debug)]
struct Stranger {
    arn: KmsKey,
    is_asked: bool,
    is_managed: bool,
}

impl KnownKeys {
    /// Keeps which key a name stands for.
    pub fn resolve(&mut self, named: &KmsKey, facts: &KeyFacts) {
        self.resolved = Some((named.clone(), facts.arn.clone()));
    }

    /// The ARN of the key that a name stands for, once KMS told it.
    #[must_use]
    pub fn arn(&self, named: &KmsKey) -> Option<KmsKey> {
        self.resolved.as_ref().filter(|(name, _)| name == named).map(|(_, arn)| arn.clone())
    }

    /// Notes the key of an object: one that is not the expected one is a stranger until KMS tells whose it is.
    pub fn saw(&mut self, key: &str) {
        let is_expected = self.resolved.as_ref().is_none_or(|(_, arn)| arn.as_str() == key);
        let is_known = self.stranger.as_ref().is_some_and(|stranger| stranger.arn.as_str() == key);
        if !is_expected && !is_known && key.starts_with("arn:") {
            self.stranger = Some(Stranger { arn: KmsKey::new(key), is_asked: false, is_managed: false });
        }
    }

    /// A stranger that KMS was not asked about; it counts as asked from now on.
    pub fn ask_of_stranger(&mut self) -> Option<KmsKey> {
        let stranger = self.stranger.as_mut().filter(|stranger| !stranger.is_asked)?;
        stranger.is_asked = true;
        Some(stranger.arn.clone())
    }

    /// Keeps what KMS told of a stranger.
    pub fn know_stranger(&mut self, facts: &KeyFacts) {
        if let Some(stranger) = self.stranger.as_mut().filter(|stranger| stranger.arn == facts.arn) {
            stranger.is_managed = facts.manager == KeyManager::Aws;
        }
    }

    /// The AWS managed key that was seen on objects here, once KMS told that it is one.
    #[must_use]
    pub fn managed(&self) -> Option<KmsKey> {
        self.stranger.as_ref().filter(|stranger| stranger.is_managed).map(|stranger| stranger.arn.clone())
    }
}
