//! What could harm canaries, or be harmed by them.

use std::time::Duration;

use super::super::book::Book;
use super::super::facts::LifecycleRule;
use super::super::finding::Severity;
use super::super::remedy::command;
use super::super::scene::{Leg, Scene, View};
use super::{
    ARCHIVE, DESTINATION_BRIDGE, DESTINATION_LIFECYCLE, DESTINATION_MFA, DESTINATION_NOTIFIED, DESTINATION_RETAINED,
    DESTINATION_STRANGERS, EXPIRY, Pair, SOURCE_BRIDGE, SOURCE_LIFECYCLE, SOURCE_MFA, SOURCE_NOTIFIED, SOURCE_RETAINED,
    SOURCE_STRANGERS,
};
use crate::domain::route::Cleanup;

const RETAINED: Pair = Pair { source: &SOURCE_RETAINED, destination: &DESTINATION_RETAINED };
const MFA: Pair = Pair { source: &SOURCE_MFA, destination: &DESTINATION_MFA };
const LIFECYCLE: Pair = Pair { source: &SOURCE_LIFECYCLE, destination: &DESTINATION_LIFECYCLE };
const NOTIFIED: Pair = Pair { source: &SOURCE_NOTIFIED, destination: &DESTINATION_NOTIFIED };
const BRIDGE: Pair = Pair { source: &SOURCE_BRIDGE, destination: &DESTINATION_BRIDGE };
const STRANGERS: Pair = Pair { source: &SOURCE_STRANGERS, destination: &DESTINATION_STRANGERS };

/// Classes whose objects cannot be read without being restored first.
const ARCHIVES: &[&str] = &["GLACIER", "DEEP_ARCHIVE"];

/// Looks for what could harm canaries on each side.
pub(super) fn check(scene: &Scene<'_>, book: &mut Book) {
    for view in scene.sides() {
        let cleans_up = match view.place {
            None => true,
            Some(place) => scene.route.destinations.get(place).is_none_or(|there| there.cleanup == Cleanup::Delete),
        };
        retained(scene, &view, cleans_up, book);
        mfa(scene, &view, cleans_up, book);
        lifecycle(scene, &view, book);
        notified(scene, &view, book);
        strangers(scene, &view, book);
    }
    for leg in scene.legs() {
        expiry(scene, &leg, book);
        archive(&leg, book);
    }
}

/// How grave it is that a canary cannot be deleted.
fn gravity(scene: &Scene<'_>, cleans_up: bool) -> Severity {
    if scene.route.canary.allow_retained || !cleans_up { Severity::Info } else { Severity::Error }
}

fn retained(scene: &Scene<'_>, view: &View<'_>, cleans_up: bool, book: &mut Book) {
    let check = view.check(RETAINED);
    let Some(lock) = book.read(check, view.place, &view.facts.bucket.object_lock) else { return };
    let holds = lock.as_ref().is_some_and(|lock| lock.default_hold);
    let (evidence, fix) = match lock {
        Some(lock) if lock.default_mode.is_some() || holds => {
            let mode = lock.default_mode.as_deref().unwrap_or("none");
            let days = lock.default_days.unwrap_or_default();
            let evidence = format!(
                "GetObjectLockConfiguration of {}: DefaultRetention {mode}, {days} days; DefaultEventHold {holds}",
                view.bucket
            );
            (
                evidence,
                "Watch a bucket without default retention, or say `allow_retained: true` and `cleanup: lifecycle` \
                 with an expiry rule on the canary prefix: each canary is then kept until its retention ends.",
            )
        }
        Some(_) => return book.ok(check, view.place, "object lock without default retention"),
        None => return book.ok(check, view.place, "no object lock"),
    };
    let title = format!("Canaries cannot be deleted from {}: object lock retains every new version", view.bucket);
    book.fault(check, view.place, title, evidence, fix).weigh(gravity(scene, cleans_up));
}

fn mfa(scene: &Scene<'_>, view: &View<'_>, cleans_up: bool, book: &mut Book) {
    let check = view.check(MFA);
    let Some(versioning) = book.read(check, view.place, &view.facts.bucket.versioning) else { return };
    let evidence = format!("GetBucketVersioning of {}: MfaDelete {}", view.bucket, versioning.mfa_delete);
    if !versioning.mfa_delete {
        return book.ok(check, view.place, evidence);
    }
    let title = format!("Canaries cannot be deleted from {}: MFA Delete leaves that to the root user", view.bucket);
    let words = format!(
        "s3api put-bucket-versioning --bucket {} --versioning-configuration Status=Enabled,MFADelete=Disabled --mfa \
         'SERIAL CODE'",
        view.bucket
    );
    let fix = format!("As root: {}; or `allow_retained: true`", command(&words, view.region));
    book.fault(check, view.place, title, evidence, fix).weigh(gravity(scene, cleans_up));
}

/// Whether a lifecycle rule is about canaries.
fn takes(rule: &LifecycleRule, scene: &Scene<'_>) -> bool {
    let canary = &scene.route.canary;
    let size = i64::try_from(canary.size).unwrap_or(i64::MAX);
    let overlaps = canary.prefix.starts_with(&rule.prefix) || rule.prefix.starts_with(&canary.prefix);
    rule.enabled
        && overlaps
        && rule.tags.iter().all(|(key, value)| canary.tags.get(key) == Some(value))
        && rule.larger_than.is_none_or(|limit| size > limit)
        && rule.smaller_than.is_none_or(|limit| size < limit)
}

fn lifecycle(scene: &Scene<'_>, view: &View<'_>, book: &mut Book) {
    let check = view.check(LIFECYCLE);
    let Some(rules) = book.read(check, view.place, &view.facts.bucket.lifecycle) else { return };
    let life = match scene.route.destinations.get(view.place.unwrap_or(usize::MAX)) {
        Some(there) if there.cleanup == Cleanup::Lifecycle => scene.route.canary.deadline,
        Some(_) | None => scene.route.canary.abandon_after,
    };
    let is_soon = |days: i32| Duration::from_secs(u64::try_from(days).unwrap_or_default() * 86_400) <= life;
    let mut harm = Vec::new();
    for rule in rules.iter().filter(|rule| takes(rule, scene)) {
        let expires = rule.expires_after_days.filter(|days| is_soon(*days));
        harm.extend(expires.map(|days| format!("lifecycle rule {} expires them after {days} days", rule.id)));
        let moved = rule.transitions.iter().filter(|(_, days)| is_soon(*days));
        harm.extend(
            moved.map(|(class, days)| format!("lifecycle rule {} moves them to {class} after {days} days", rule.id)),
        );
    }
    if harm.is_empty() {
        return book.ok(
            check,
            view.place,
            format!("{} lifecycle rules, none of which takes canaries too soon", rules.len()),
        );
    }
    let title = format!("A lifecycle rule of {} takes canaries before they are given up", view.bucket);
    let fix = format!("Except the prefix {} from the rule, or let it wait for more days.", scene.route.canary.prefix);
    book.fault(check, view.place, title, harm.join("; "), fix);
}

fn expiry(scene: &Scene<'_>, leg: &Leg<'_>, book: &mut Book) {
    let (place, bucket, prefix) = (leg.view.place, leg.view.bucket, &scene.route.canary.prefix);
    if leg.destination.cleanup != Cleanup::Lifecycle {
        return book.ok(&EXPIRY, place, "the monitor deletes canaries itself");
    }
    let Some(rules) = book.read(&EXPIRY, place, &leg.view.facts.bucket.lifecycle) else { return };
    let covering = || rules.iter().filter(|rule| takes(rule, scene) && prefix.starts_with(&rule.prefix));
    let expires = covering().any(|rule| rule.expires_after_days.is_some());
    let cleans = covering().any(|rule| rule.noncurrent_expires_after_days.is_some());
    let evidence = format!(
        "{} lifecycle rules; Expiration on {prefix}: {expires}; NoncurrentVersionExpiration: {cleans}",
        rules.len()
    );
    if expires && cleans {
        return book.ok(&EXPIRY, place, evidence);
    }
    let title = format!("`cleanup: lifecycle` is configured, and no lifecycle rule of {bucket} removes canaries");
    let words = format!(
        "s3api put-bucket-lifecycle-configuration --bucket {bucket} --lifecycle-configuration '{{\"Rules\":[{{\"ID\":\
         \"replicanary\",\"Status\":\"Enabled\",\"Filter\":{{\"Prefix\":\"{prefix}\"}},\"Expiration\":{{\"Days\":3}},\
         \"NoncurrentVersionExpiration\":{{\"NoncurrentDays\":1}}}}]}}'"
    );
    let fix = format!("{} (together with the rules that are there)", command(&words, leg.view.region));
    book.fault(&EXPIRY, place, title, evidence, fix);
}

fn archive(leg: &Leg<'_>, book: &mut Book) {
    let class = leg.rule.and_then(|rule| rule.storage_class.as_deref()).or(leg.destination.storage_class.as_deref());
    let evidence = format!("storage class of replicas: {}", class.unwrap_or("that of the source"));
    if !class.is_some_and(|class| ARCHIVES.contains(&class)) {
        return book.ok(&ARCHIVE, leg.view.place, evidence);
    }
    let title = format!("Replicas in {} are archived: their content cannot be verified", leg.view.bucket);
    let fix = "Keep `verify: metadata`, and lengthen canary.interval: each replica is billed for 90 or 180 days.";
    book.fault(&ARCHIVE, leg.view.place, title, evidence, fix);
}

fn notified(scene: &Scene<'_>, view: &View<'_>, book: &mut Book) {
    let check = view.check(NOTIFIED);
    let Some(notifications) = book.read(check, view.place, &view.facts.bucket.notifications) else { return };
    let prefix = &scene.route.canary.prefix;
    let of_objects = |event: &String| !event.starts_with("s3:Replication:");
    let targets: Vec<_> = notifications
        .targets
        .iter()
        .filter(|target| target.events.iter().any(of_objects) && target.suffix.is_empty())
        .filter(|target| prefix.starts_with(&target.prefix) || target.prefix.starts_with(prefix.as_str()))
        .map(|target| format!("{} gets {} under \"{}\"", target.arn, target.events.join(", "), target.prefix))
        .collect();
    if targets.is_empty() {
        let evidence = format!("{} targets, none of which is told of {prefix}", notifications.targets.len());
        book.ok(check, view.place, evidence);
    } else {
        let title = format!("Every canary in {} notifies {} targets", view.bucket, targets.len());
        let fix = format!("Narrow their filters to other prefixes than {prefix}, or let them ignore its keys.");
        book.fault(check, view.place, title, targets.join("; "), fix);
    }
    let bridge = view.check(BRIDGE);
    let evidence =
        format!("GetBucketNotificationConfiguration of {}: EventBridge {}", view.bucket, notifications.event_bridge);
    if notifications.event_bridge {
        let title = format!("{} sends every canary to EventBridge, which has no filter at the bucket", view.bucket);
        let fix = format!(
            "Let the rules of EventBridge leave canaries out: \"detail\":{{\"object\":{{\"key\":[{{\"anything-but\":\
             {{\"prefix\":\"{prefix}\"}}}}]}}}}"
        );
        book.fault(bridge, view.place, title, evidence, fix);
    } else {
        book.ok(bridge, view.place, evidence);
    }
}

fn strangers(scene: &Scene<'_>, view: &View<'_>, book: &mut Book) {
    let check = view.check(STRANGERS);
    let Some(strangers) = book.read(check, view.place, &view.facts.bucket.strangers) else { return };
    let prefix = &scene.route.canary.prefix;
    if strangers.is_empty() {
        return book.ok(check, view.place, format!("nothing but canaries under {prefix}"));
    }
    let title = format!("There are other things than canaries under {prefix} in {}", view.bucket);
    let fix = "Choose a canary.prefix of its own, or move what is there: the monitor deletes only canaries.";
    book.fault(check, view.place, title, format!("found: {}", strangers.join(", ")), fix);
}
