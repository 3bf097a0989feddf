//! What this configuration needs the role to be allowed: action, resource, and how grave its absence is.

use super::super::super::access::{Access, called, canary_arn, encryption};
use super::super::super::finding::{Check, Severity};
use super::super::super::scene::{Leg, Scene, Sealed, View, key_arn};
use super::super::{
    DESTINATION_BUCKET_KEY, ROLE_ACL, ROLE_CHECK, ROLE_CONFIGURATION, ROLE_DECRYPT, ROLE_DELETE, ROLE_ENCRYPT,
    ROLE_GENERATE, ROLE_LIST, ROLE_LOCK, ROLE_OWNER, ROLE_READ, ROLE_REPLICATE, ROLE_TAGGING, ROLE_TAGS,
    SOURCE_BUCKET_KEY,
};
use crate::domain::policy::Request;
use crate::domain::replication::Rule;

/// One action on one resource.
#[derive(Debug)]
pub(in super::super) struct Need {
    /// The check that it belongs to.
    pub(in super::super) check: &'static Check,
    /// The destination, where it is about one.
    pub(in super::super) place: Option<usize>,
    /// What S3 asks.
    pub(in super::super) request: Request,
    /// The resource as a policy should name it.
    pub(in super::super) resource: String,
    /// How grave it is when it is missing.
    pub(in super::super) severity: Severity,
    /// The check that tells the cause of its absence, where one does.
    pub(in super::super) root: Option<&'static str>,
}

impl Need {
    /// In evidence.
    pub(in super::super) fn words(&self) -> String {
        format!("{} on {}", self.request.action, self.request.resource)
    }
}

/// What tags, markers and owners come to with a destination: how grave it is when the right is missing.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Gravity {
    /// `s3:ReplicateDelete`.
    pub(in super::super) deletes: Severity,
    /// `s3:ReplicateTags`.
    pub(in super::super) tags: Severity,
    /// `s3:ObjectOwnerOverrideToBucketOwner`; absent: not needed.
    pub(in super::super) owner: Option<Severity>,
}

impl Gravity {
    /// Of a leg.
    pub(in super::super) fn of(scene: &Scene<'_>, leg: &Leg<'_>) -> Self {
        let marks = leg.rule.is_some_and(|rule| rule.replicates_markers == Some(true));
        let changes_owner = leg.rule.is_some_and(|rule| rule.changes_owner);
        let enforced = match &leg.view.facts.bucket.ownership {
            Ok(Some(ownership)) => Some(ownership == "BucketOwnerEnforced"),
            Ok(None) => Some(false),
            Err(_) => None,
        };
        let owner = match enforced {
            Some(true) => Severity::Info,
            Some(false) => Severity::Error,
            None => Severity::Warning,
        };
        Self {
            deletes: if marks { Severity::Error } else { Severity::Info },
            tags: if has_tags(scene, leg.rule) { Severity::Error } else { Severity::Info },
            owner: changes_owner.then_some(owner),
        }
    }
}

fn has_tags(scene: &Scene<'_>, rule: Option<&Rule>) -> bool {
    !scene.route.canary.tags.is_empty() || rule.is_some_and(|rule| !rule.filter.tags.is_empty())
}

/// Every need, of the source first.
pub(in super::super) fn all(scene: &Scene<'_>, access: &Access<'_>) -> Vec<Need> {
    let mut needs = of_source(scene, access);
    needs.extend(source_key(scene, access));
    for leg in scene.legs() {
        needs.extend(of_destination(scene, access, &leg));
        needs.extend(destination_key(scene, access, &leg));
    }
    needs
}

/// What is read of the source bucket.
pub(in super::super) fn of_source(scene: &Scene<'_>, access: &Access<'_>) -> Vec<Need> {
    let source = scene.source();
    let (bucket, object) = (source.arn(), canary_arn(scene, &source));
    let rules = scene.replication().map(|replication| replication.rules.as_slice()).unwrap_or_default();
    let marks = rules.iter().any(|rule| rule.enabled && rule.replicates_markers == Some(true));
    let tagged = has_tags(scene, None) || scene.legs().any(|leg| has_tags(scene, leg.rule));
    let or_warning = |needed: bool| if needed { Severity::Error } else { Severity::Warning };
    let mut wanted = vec![
        (&ROLE_CONFIGURATION, "s3:GetReplicationConfiguration", &bucket, Severity::Error),
        (&ROLE_LIST, "s3:ListBucket", &bucket, or_warning(marks)),
        (&ROLE_READ, "s3:GetObjectVersionForReplication", &object, Severity::Error),
        (&ROLE_ACL, "s3:GetObjectVersionAcl", &object, Severity::Error),
        (&ROLE_TAGGING, "s3:GetObjectVersionTagging", &object, or_warning(tagged)),
    ];
    if scene.is_locked() {
        wanted.push((&ROLE_LOCK, "s3:GetObjectRetention", &object, Severity::Error));
        wanted.push((&ROLE_LOCK, "s3:GetObjectLegalHold", &object, Severity::Error));
    }
    let called = called(&source, scene.source_account());
    let need = |(check, action, on, severity): (&'static Check, &str, &String, Severity)| Need {
        check,
        place: None,
        request: access.caller.read(action, on, called),
        resource: if on == &bucket { bucket.clone() } else { format!("{bucket}/*") },
        severity,
        root: None,
    };
    wanted.into_iter().map(need).collect()
}

/// What is done in a destination bucket.
pub(in super::super) fn of_destination(scene: &Scene<'_>, access: &Access<'_>, leg: &Leg<'_>) -> Vec<Need> {
    let gravity = Gravity::of(scene, leg);
    let mut wanted = vec![
        (&ROLE_REPLICATE, "s3:ReplicateObject", Severity::Error),
        (&ROLE_DELETE, "s3:ReplicateDelete", gravity.deletes),
        (&ROLE_TAGS, "s3:ReplicateTags", gravity.tags),
    ];
    wanted.extend(gravity.owner.map(|owner| (&ROLE_OWNER, "s3:ObjectOwnerOverrideToBucketOwner", owner)));
    let object = canary_arn(scene, &leg.view);
    let need = |(check, action, severity): (&'static Check, &str, Severity)| Need {
        check,
        place: leg.view.place,
        request: access.caller.write(action, &object, called(&leg.view, leg.account()), encryption(scene, leg)),
        resource: format!("{}/*", leg.view.arn()),
        severity,
        root: None,
    };
    wanted.into_iter().map(need).collect()
}

/// The source's key that is decrypted with, by ARN.
pub(in super::super) fn source_key_arn<'a>(scene: &Scene<'a>) -> Option<&'a str> {
    let source = scene.source();
    let name = match scene.sealed() {
        Sealed::Kms(name) => name.or(source.key),
        Sealed::S3 | Sealed::Unknown => source.key,
    };
    let arn = source.resolve(name?);
    key_arn(arn).filter(|(.., named)| named.starts_with("key/")).map(|_| arn)
}

/// The key that replicas are put under, by ARN.
pub(in super::super) fn replica_key_arn<'a>(scene: &Scene<'a>, leg: &Leg<'a>) -> Option<&'a str> {
    let uses_kms = matches!(scene.sealed(), Sealed::Kms(_)) || scene.source().key.is_some();
    let arn = leg.view.resolve(leg.replica_key().filter(|_| uses_kms)?);
    key_arn(arn).filter(|(.., named)| named.starts_with("key/")).map(|_| arn)
}

/// The encryption contexts of a side: the one that canaries come with, and the other.
pub(in super::super) fn contexts(scene: &Scene<'_>, view: &View<'_>) -> [String; 2] {
    let (object, bucket) = (canary_arn(scene, view), view.arn());
    if scene.has_bucket_key() { [bucket, object] } else { [object, bucket] }
}

/// What is asked of the destination's key besides `kms:Encrypt`, and how grave its absence is in the role's policy
/// and in the key's ("Replicating encrypted objects", S3 User Guide).
pub(in super::super) fn beside_encrypt(scene: &Scene<'_>) -> [(&'static str, Severity, Severity); 2] {
    let [in_role, in_key] =
        if scene.has_bucket_key() { [Severity::Warning, Severity::Error] } else { [Severity::Info, Severity::Info] };
    [("kms:GenerateDataKey", Severity::Info, Severity::Info), ("kms:Decrypt", in_role, in_key)]
}

fn source_key(scene: &Scene<'_>, access: &Access<'_>) -> Vec<Need> {
    let Some(arn) = source_key_arn(scene) else { return Vec::new() };
    let source = scene.source();
    let [expected, other] = contexts(scene, &source);
    let ask = |context: &str| access.caller.key("kms:Decrypt", arn, called(&source, scene.source_account()), context);
    let root = access.own(&ask(&other)).is_allowed().then_some(SOURCE_BUCKET_KEY.id);
    vec![Need {
        check: &ROLE_DECRYPT,
        place: None,
        request: ask(&expected),
        resource: arn.to_owned(),
        severity: Severity::Error,
        root,
    }]
}

fn destination_key(scene: &Scene<'_>, access: &Access<'_>, leg: &Leg<'_>) -> Vec<Need> {
    let Some(arn) = replica_key_arn(scene, leg) else { return Vec::new() };
    let [expected, other] = contexts(scene, &leg.view);
    let called = called(&leg.view, leg.account());
    let [generate, check] = beside_encrypt(scene);
    let wanted = [
        (&ROLE_ENCRYPT, "kms:Encrypt", Severity::Error),
        (&ROLE_GENERATE, generate.0, generate.1),
        (&ROLE_CHECK, check.0, check.1),
    ];
    let need = |(role_check, action, severity): (&'static Check, &str, Severity)| {
        let by_other = access.own(&access.caller.key(action, arn, called, &other)).is_allowed();
        Need {
            check: role_check,
            place: leg.view.place,
            request: access.caller.key(action, arn, called, &expected),
            resource: arn.to_owned(),
            severity,
            root: by_other.then_some(DESTINATION_BUCKET_KEY.id),
        }
    };
    wanted.into_iter().map(need).collect()
}
