//! What checks look at: the configured route beside what was read of it.

use super::book::Place;
use super::checks::Pair;
use super::facts::{DefaultEncryption, KeyDescription, KeyRead, RouteFacts, SideFacts};
use super::finding::Check;
use crate::domain::replication::{Replication, Rule};
use crate::domain::route::{Destination, Route};
use crate::domain::time::UnixMillis;

/// A route and its facts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'a> {
    /// What is configured.
    pub(super) route: &'a Route,
    /// What was read.
    pub(super) facts: &'a RouteFacts,
    /// When it was read.
    pub(super) now: UnixMillis,
}

/// One side of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    /// The destination's place; `None`: the source.
    pub(super) place: Place,
    /// The bucket.
    pub(super) bucket: &'a str,
    /// The configured Region.
    pub(super) region: &'a str,
    /// The configured account.
    pub(super) account: Option<&'a str>,
    /// The configured key.
    pub(super) key: Option<&'a str>,
    /// What was read.
    pub(super) facts: &'a SideFacts,
}

/// A destination with all that leads there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leg<'a> {
    /// Its side.
    pub(super) view: View<'a>,
    /// What is configured of it.
    pub(super) destination: &'a Destination,
    /// The rule that takes canaries there, where there is one.
    pub(super) rule: Option<&'a Rule>,
}

/// How canaries are encrypted at the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sealed<'a> {
    /// With KMS, under the key of that name; `None`: `aws/s3`.
    Kms(Option<&'a str>),
    /// With S3's own keys.
    S3,
    /// Not known.
    Unknown,
}

impl<'a> Scene<'a> {
    /// The source.
    pub(super) fn source(&self) -> View<'a> {
        let source = &self.route.source;
        View {
            place: None,
            bucket: source.bucket.as_str(),
            region: source.region.as_str(),
            account: source.account.as_ref().map(|account| account.as_str()),
            key: source.kms_key.as_ref().map(|key| key.as_str()),
            facts: &self.facts.source,
        }
    }

    /// The destinations of which something was read.
    pub(super) fn legs(&self) -> impl Iterator<Item = Leg<'a>> {
        let scene = *self;
        scene.route.destinations.iter().zip(&scene.facts.destinations).enumerate().map(
            move |(place, (there, facts))| {
                let view = View {
                    place: Some(place),
                    bucket: there.bucket.as_str(),
                    region: there.region.as_str(),
                    account: there.account.as_ref().map(|account| account.as_str()),
                    key: there.kms_key.as_ref().map(|key| key.as_str()),
                    facts,
                };
                let rule = scene.replication().and_then(|replication| scene.route.rule_to(there, replication));
                Leg { view, destination: there, rule }
            },
        )
    }

    /// The source and every destination.
    pub(super) fn sides(&self) -> impl Iterator<Item = View<'a>> {
        std::iter::once(self.source()).chain(self.legs().map(|leg| leg.view))
    }

    /// The replication configuration, where one was read.
    pub(super) fn replication(&self) -> Option<&'a Replication> {
        self.facts.replication.as_ref().ok()?.as_ref()
    }

    /// The account that the source's role, bucket and key should belong to.
    pub(super) fn source_account(&self) -> Option<&'a str> {
        let identity = self.facts.source.identity.as_ref().ok();
        self.source().account.or_else(|| identity.map(|identity| identity.account.as_str()))
    }

    /// How canaries are encrypted at the source.
    pub(super) fn sealed(&self) -> Sealed<'a> {
        let source = self.source();
        if self.route.canary.send_key && source.key.is_some() {
            return Sealed::Kms(source.key);
        }
        match &source.facts.bucket.encryption {
            Ok(Some(default)) if default.is_kms() => Sealed::Kms(default.key.as_deref()),
            Ok(_) => Sealed::S3,
            Err(_) => Sealed::Unknown,
        }
    }

    /// Whether canaries come with a Bucket Key.
    pub(super) fn has_bucket_key(&self) -> bool {
        let default = self.facts.source.bucket.encryption.as_ref().ok().and_then(Option::as_ref);
        default.is_some_and(|default| default.algorithm == "aws:kms" && default.bucket_key)
    }

    /// Whether the source's bucket has object lock.
    pub(super) fn is_locked(&self) -> bool {
        matches!(&self.facts.source.bucket.object_lock, Ok(Some(_)))
    }
}

impl<'a> View<'a> {
    /// The check of a pair that is this side's.
    pub(super) fn check(&self, pair: Pair) -> &'static Check {
        if self.place.is_none() { pair.source } else { pair.destination }
    }

    /// In sentences: `the source bucket b`.
    pub(super) fn name(&self) -> String {
        let side = if self.place.is_none() { "source" } else { "destination" };
        format!("the {side} bucket {}", self.bucket)
    }

    /// The bucket's ARN.
    pub(super) fn arn(&self) -> String {
        format!("arn:{}:s3:::{}", self.partition(), self.bucket)
    }

    /// The partition of its Region.
    pub(super) fn partition(&self) -> &'static str {
        match self.region {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }

    /// What was read of a key, by the name that it goes by: as it is named, or by the ARN that a name stands for.
    pub(super) fn key_read(&self, name: &str) -> Option<&'a KeyRead> {
        let described = |read: &&KeyRead| description(read).is_some_and(|key| is_same_key(&key.arn, name));
        self.facts.keys.get(name).or_else(|| self.facts.keys.values().find(described))
    }

    /// The key ARN that a name stands for, as far as it is known.
    pub(super) fn resolve(&self, name: &'a str) -> &'a str {
        self.key_read(name).and_then(description).map_or(name, |key| key.arn.as_str())
    }
}

impl<'a> Leg<'a> {
    /// Whether it leads into another account.
    pub(super) fn is_cross_account(&self, scene: &Scene<'a>) -> bool {
        match (scene.source_account(), self.account()) {
            (Some(here), Some(there)) => here != there,
            (None, _) | (_, None) => false,
        }
    }

    /// The destination's account.
    pub(super) fn account(&self) -> Option<&'a str> {
        let identity = self.view.facts.identity.as_ref().ok();
        let named = self.rule.and_then(|rule| rule.account.as_deref());
        self.view.account.or(named).or_else(|| identity.map(|identity| identity.account.as_str()))
    }

    /// The key that replicas are put under, by name: the rule's, or the expected one while no rule names any.
    pub(super) fn replica_key(&self) -> Option<&'a str> {
        self.rule.and_then(|rule| rule.replica_key.as_deref()).or(self.view.key)
    }
}

impl DefaultEncryption {
    /// Whether KMS is asked.
    pub(super) fn is_kms(&self) -> bool {
        self.algorithm.starts_with("aws:kms")
    }
}

/// What KMS said of a key, where it said something.
pub(super) fn description(read: &KeyRead) -> Option<&KeyDescription> {
    read.description.as_ref().ok()?.as_ref()
}

/// Whether two names stand for one key as far as their texts tell: an id is the end of its ARN.
pub(super) fn is_same_key(one: &str, other: &str) -> bool {
    let id = |name: &str| name.rsplit_once(":key/").map(|(_, id)| id.to_owned());
    one == other || id(one).as_deref() == Some(other) || id(other).as_deref() == Some(one)
}

/// The parts of a KMS ARN: Region, account, and what it names, such as `key/...` or `alias/...`.
pub(super) fn key_arn(text: &str) -> Option<(&str, &str, &str)> {
    let mut parts = text.splitn(6, ':');
    let (arn, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (region, account, named) = (parts.next()?, parts.next()?, parts.next()?);
    let is_kms = arn == "arn" && partition.starts_with("aws") && service == "kms" && !region.is_empty();
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let has_name = named.strip_prefix("key/").or_else(|| named.strip_prefix("alias/")).is_some_and(|id| !id.is_empty());
    (is_kms && is_account && has_name).then_some((region, account, named))
}
