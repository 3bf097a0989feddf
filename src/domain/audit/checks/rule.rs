//! The replication rule: that there is one, that it takes canaries, and how it treats them.

mod replica_key;

use super::super::book::Book;
use super::super::finding::Severity;
use super::super::remedy::rule as change;
use super::super::scene::{Leg, Scene, Sealed, is_same_key};
use super::{
    CONFIGURED, RULE_ACCOUNT, RULE_BREADTH, RULE_CLASS, RULE_CLASS_EXPECTED, RULE_COVERS, RULE_ENABLED, RULE_KMS,
    RULE_LEADS, RULE_MARKERS, RULE_METRICS, RULE_OWNER, RULE_PRIORITY, RULE_SYNC, RULE_TIME,
};
use crate::domain::replication::{Replication, Rule};

/// Storage classes with a least size and a least time to pay for ("Amazon S3 pricing").
const WITH_MINIMUM: &[&str] = &["STANDARD_IA", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"];

/// Looks at the configuration and at the rule to each destination.
pub(super) fn check(scene: &Scene<'_>, book: &mut Book) {
    let bucket = scene.source().bucket;
    let Some(read) = book.read(&CONFIGURED, None, &scene.facts.replication) else { return };
    let Some(replication) = read else {
        let title = format!("{bucket} has no replication configuration");
        let evidence = format!("GetBucketReplication of {bucket} answered ReplicationConfigurationNotFoundError");
        let fix = format!(
            "aws s3api put-bucket-replication --bucket {bucket} --replication-configuration file://replication.json \
             --region {}; what was written meanwhile needs S3 Batch Replication",
            scene.source().region
        );
        book.fault(&CONFIGURED, None, title, evidence, fix);
        return;
    };
    book.ok(&CONFIGURED, None, format!("GetBucketReplication of {bucket}: {}", listed(&replication.rules)));
    breadth(scene, replication, book);
    for leg in scene.legs() {
        if !leads(scene, replication, &leg, book) {
            continue;
        }
        let Some(rule) = leg.rule else { continue };
        shadowed(scene, replication, &leg, rule, book);
        account(scene, &leg, rule, book);
        kms(scene, &leg, rule, book);
        replica_key::check(scene, &leg, rule, book);
        options(&leg, rule, book);
        class(&leg, rule, bucket, book);
    }
}

fn listed(rules: &[Rule]) -> String {
    let shown: Vec<_> = rules.iter().map(shown).collect();
    if shown.is_empty() { "no rule".to_owned() } else { shown.join("; ") }
}

fn shown(rule: &Rule) -> String {
    let status = if rule.enabled { "Enabled" } else { "Disabled" };
    let priority = rule.priority.map_or_else(String::new, |priority| format!(", Priority {priority}"));
    let tags: Vec<_> = rule.filter.tags.iter().map(|(key, value)| format!(", tag {key}={value}")).collect();
    format!(
        "rule {} ({status}{priority}, Prefix \"{}\"{}) to {}",
        rule.id,
        rule.filter.prefix,
        tags.concat(),
        rule.bucket
    )
}

/// Whether canaries are taken to the destination.
fn leads(scene: &Scene<'_>, replication: &Replication, leg: &Leg<'_>, book: &mut Book) -> bool {
    let (place, bucket, source) = (leg.view.place, leg.view.bucket, scene.source().bucket);
    let to_here: Vec<&Rule> = replication.rules.iter().filter(|rule| rule.bucket == bucket).collect();
    let evidence = listed(&replication.rules);
    if to_here.is_empty() {
        let title = format!("No rule leads to {bucket}");
        let fix = change(source, &format!("set Destination.Bucket to {}", leg.view.arn()));
        book.fault(&RULE_LEADS, place, title, evidence, fix);
        return false;
    }
    book.ok(&RULE_LEADS, place, evidence.clone());
    let (prefix, tags) = (&scene.route.canary.prefix, &scene.route.canary.tags);
    let matching: Vec<&&Rule> = to_here.iter().filter(|rule| rule.filter.matches(prefix, tags)).collect();
    if to_here.iter().any(|rule| rule.enabled) && (matching.is_empty() || matching.iter().any(|rule| rule.enabled)) {
        book.ok(&RULE_ENABLED, place, evidence.clone());
    } else {
        let off = matching.first().copied().or_else(|| to_here.first());
        let id = off.map_or("", |rule| rule.id.as_str());
        let title = format!("Rule {id} to {bucket} is disabled");
        book.fault(&RULE_ENABLED, place, title, evidence, change(source, &format!("set Status of {id} to Enabled")));
    }
    covers(scene, leg, &to_here, book)
}

fn covers(scene: &Scene<'_>, leg: &Leg<'_>, to_here: &[&Rule], book: &mut Book) -> bool {
    let (place, bucket, source) = (leg.view.place, leg.view.bucket, scene.source().bucket);
    let canary = &scene.route.canary;
    if let Some(rule) = leg.rule {
        book.ok(&RULE_COVERS, place, format!("{} takes {}", shown(rule), canary.prefix));
        return true;
    }
    let rules: Vec<_> = to_here.iter().map(|rule| shown(rule)).collect();
    let tags: Vec<_> = canary.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let evidence = format!("canaries: prefix {}, tags [{}]; {}", canary.prefix, tags.join(", "), rules.join("; "));
    let fix = match to_here.iter().find(|rule| rule.enabled) {
        Some(rule) => format!(
            "Set canary.prefix below \"{}\" and canary.tags to the rule's tags in the configuration; or: {}",
            rule.filter.prefix,
            change(source, &format!("let the filter of {} take {}", rule.id, canary.prefix))
        ),
        None => change(source, "enable the rule"),
    };
    book.fault(&RULE_COVERS, place, format!("No enabled rule takes canaries to {bucket}"), evidence, fix);
    false
}

fn shadowed(scene: &Scene<'_>, replication: &Replication, leg: &Leg<'_>, winner: &Rule, book: &mut Book) {
    let canary = &scene.route.canary;
    let is_rival = |rule: &&Rule| {
        rule.enabled
            && !std::ptr::eq(*rule, winner)
            && rule.bucket == winner.bucket
            && rule.filter.matches(&canary.prefix, &canary.tags)
    };
    let differs = |rule: &&Rule| {
        let alike =
            Rule { id: rule.id.clone(), priority: rule.priority, filter: rule.filter.clone(), ..winner.clone() };
        alike != **rule
    };
    let rivals: Vec<&Rule> = replication.rules.iter().filter(is_rival).filter(differs).collect();
    let Some(rival) = rivals.first() else {
        return book.ok(&RULE_PRIORITY, leg.view.place, format!("{} takes canaries alone", shown(winner)));
    };
    let title = format!("Rule {} wins over {} for canaries, and treats them otherwise", winner.id, rival.id);
    let fix = change(
        scene.source().bucket,
        &format!("give {} a higher Priority than {}, or let their filters not overlap", rival.id, winner.id),
    );
    let told = book.fault(&RULE_PRIORITY, leg.view.place, title, format!("{}; {}", shown(winner), shown(rival)), fix);
    if !is_right(scene, leg, winner) && is_right(scene, leg, rival) {
        told.weigh(Severity::Error);
    }
}

/// Whether a rule treats canaries as they need it: takes what KMS encrypts, and puts it under the expected key.
fn is_right(scene: &Scene<'_>, leg: &Leg<'_>, rule: &Rule) -> bool {
    let takes = rule.takes_kms_objects == Some(true) || !matches!(scene.sealed(), Sealed::Kms(_));
    let is_expected = |key: &str| leg.view.key.is_none_or(|expected| is_same_key(leg.view.resolve(key), expected));
    takes && rule.replica_key.as_deref().is_none_or(is_expected)
}

fn account(scene: &Scene<'_>, leg: &Leg<'_>, rule: &Rule, book: &mut Book) {
    let (place, source) = (leg.view.place, scene.source().bucket);
    let said = rule.account.as_deref().unwrap_or("none");
    let evidence = format!("rule {}: Destination.Account {said}", rule.id);
    match (&rule.account, leg.view.account) {
        (Some(named), Some(account)) if named != account => {
            let title = format!("Rule {} names account {named}, and {} belongs to {account}", rule.id, rule.bucket);
            book.fault(&RULE_ACCOUNT, place, title, evidence, change(source, &format!("set Account to {account}")));
        }
        _ => book.ok(&RULE_ACCOUNT, place, evidence),
    }
    let evidence = format!("rule {}: AccessControlTranslation {}, Account {said}", rule.id, owner(rule));
    if rule.changes_owner && rule.account.is_none() {
        let title = format!("Rule {} changes the owner, and does not say to which account", rule.id);
        let account = leg.account().unwrap_or("ACCOUNT");
        book.fault(&RULE_OWNER, place, title, evidence, change(source, &format!("set Account to {account}")));
    } else {
        book.ok(&RULE_OWNER, place, evidence);
    }
}

fn owner(rule: &Rule) -> &'static str {
    if rule.changes_owner { "Owner=Destination" } else { "none" }
}

fn kms(scene: &Scene<'_>, leg: &Leg<'_>, rule: &Rule, book: &mut Book) {
    let place = leg.view.place;
    let said = match rule.takes_kms_objects {
        Some(true) => "Enabled",
        Some(false) => "Disabled",
        None => "not said",
    };
    let evidence = format!("rule {}: SseKmsEncryptedObjects {said}", rule.id);
    if rule.takes_kms_objects == Some(true) {
        return book.ok(&RULE_KMS, place, evidence);
    }
    let fix = change(
        scene.source().bucket,
        &format!(
            "add to {} \"SourceSelectionCriteria\":{{\"SseKmsEncryptedObjects\":{{\"Status\":\"Enabled\"}}}}",
            rule.id
        ),
    );
    match scene.sealed() {
        Sealed::Kms(_) => {
            let title = format!("Rule {} skips objects under SSE-KMS, and canaries are such", rule.id);
            book.fault(&RULE_KMS, place, title, evidence, fix);
        }
        Sealed::S3 => {
            let title = format!("Rule {} skips objects under SSE-KMS; canaries are not such", rule.id);
            book.fault(&RULE_KMS, place, title, evidence, fix).weigh(Severity::Info);
        }
        Sealed::Unknown => {
            let title = "Not known whether the source encrypts with KMS, which the rule does not take".to_owned();
            book.open(&RULE_KMS, place, title, evidence, fix);
        }
    }
}

fn options(leg: &Leg<'_>, rule: &Rule, book: &mut Book) {
    let place = leg.view.place;
    let told = |is_on: Option<bool>| is_on.map_or("not said", |is_on| if is_on { "Enabled" } else { "Disabled" });
    for (check, holds, field, value, title) in [
        (
            &RULE_METRICS,
            rule.publishes_metrics,
            "Metrics",
            Some(rule.publishes_metrics),
            "publishes no metrics: CloudWatch cannot confirm what canaries say, and no failure events are sent",
        ),
        (
            &RULE_TIME,
            rule.has_time_control,
            "ReplicationTime",
            Some(rule.has_time_control),
            "has no Replication Time Control: S3 promises no time of arrival",
        ),
        (
            &RULE_MARKERS,
            rule.replicates_markers == Some(true),
            "DeleteMarkerReplication",
            rule.replicates_markers,
            "leaves delete markers behind; deletions by version id and by lifecycle rules are never replicated at all",
        ),
        (
            &RULE_SYNC,
            rule.syncs_replicas != Some(true),
            "ReplicaModifications",
            rule.syncs_replicas,
            "takes changes of replicas' metadata back where the destination has a rule too: replicas may read \
             PENDING or FAILED",
        ),
    ] {
        let evidence = format!("rule {}: {field} {}", rule.id, told(value));
        if holds {
            book.ok(check, place, evidence);
        } else {
            book.fault(
                check,
                place,
                format!("Rule {} {title}", rule.id),
                evidence,
                "Nothing, if that is what you want.",
            );
        }
    }
}

fn class(leg: &Leg<'_>, rule: &Rule, source: &str, book: &mut Book) {
    let place = leg.view.place;
    let class = rule.storage_class.as_deref().unwrap_or("that of the source");
    let evidence = format!("rule {}: StorageClass {class}", rule.id);
    if WITH_MINIMUM.contains(&class) {
        let title = format!("Replicas in {class} are billed for a least size and time, however small canaries are");
        let fix = change(source, "give canaries a rule of their own without StorageClass and with a higher Priority");
        book.fault(&RULE_CLASS, place, title, evidence.clone(), fix);
    } else {
        book.ok(&RULE_CLASS, place, evidence.clone());
    }
    match leg.destination.storage_class.as_deref() {
        Some(expected) if expected != rule.storage_class.as_deref().unwrap_or("STANDARD") => {
            let title = format!("Replicas shall be in {expected}, and rule {} puts them in {class}", rule.id);
            let fix = change(source, &format!("set Destination.StorageClass to {expected}"));
            book.fault(&RULE_CLASS_EXPECTED, place, title, evidence, fix);
        }
        Some(_) | None => book.ok(&RULE_CLASS_EXPECTED, place, evidence),
    }
}

fn breadth(scene: &Scene<'_>, replication: &Replication, book: &mut Book) {
    let canary = &scene.route.canary;
    let is_ours = |rule: &Rule| scene.legs().any(|leg| leg.rule.is_some_and(|own| std::ptr::eq(own, rule)));
    let stands_for = |rule: &Rule| is_ours(rule) || rule.filter.matches(&canary.prefix, &canary.tags);
    let blind: Vec<_> = replication.rules.iter().filter(|rule| rule.enabled && !stands_for(rule)).map(shown).collect();
    if blind.is_empty() {
        return book.ok(&RULE_BREADTH, None, "every enabled rule takes canaries");
    }
    let title = format!("{} enabled rules take objects that no canary of this route stands for", blind.len());
    let fix = "Add a route whose canary.prefix and canary.tags these rules take, if their objects matter.";
    book.fault(&RULE_BREADTH, None, title, blind.join("; "), fix);
}
