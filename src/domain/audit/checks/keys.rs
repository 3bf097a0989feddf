//! The KMS keys themselves: there, enabled, symmetric, in the right Region and account, managed by the customer.

mod policy;

use super::super::book::Book;
use super::super::facts::{KeyDescription, KeyRead};
use super::super::finding::Severity;
use super::super::remedy::command;
use super::super::scene::{Scene, Sealed, View};
use super::{
    DESTINATION_KEY_ACCOUNT, DESTINATION_KEY_ENABLED, DESTINATION_KEY_EXISTS, DESTINATION_KEY_KEPT,
    DESTINATION_KEY_MANAGER, DESTINATION_KEY_REGION, DESTINATION_KEY_SYMMETRIC, DESTINATION_KEY_USAGE, Pair,
    SOURCE_KEY_ACCOUNT, SOURCE_KEY_ENABLED, SOURCE_KEY_EXISTS, SOURCE_KEY_KEPT, SOURCE_KEY_MANAGER, SOURCE_KEY_REGION,
    SOURCE_KEY_SYMMETRIC, SOURCE_KEY_USAGE,
};
use crate::domain::time::UnixMillis;

const EXISTS: Pair = Pair { source: &SOURCE_KEY_EXISTS, destination: &DESTINATION_KEY_EXISTS };
const KEPT: Pair = Pair { source: &SOURCE_KEY_KEPT, destination: &DESTINATION_KEY_KEPT };
const ENABLED: Pair = Pair { source: &SOURCE_KEY_ENABLED, destination: &DESTINATION_KEY_ENABLED };
const SYMMETRIC: Pair = Pair { source: &SOURCE_KEY_SYMMETRIC, destination: &DESTINATION_KEY_SYMMETRIC };
const USAGE: Pair = Pair { source: &SOURCE_KEY_USAGE, destination: &DESTINATION_KEY_USAGE };
const REGION: Pair = Pair { source: &SOURCE_KEY_REGION, destination: &DESTINATION_KEY_REGION };
const ACCOUNT: Pair = Pair { source: &SOURCE_KEY_ACCOUNT, destination: &DESTINATION_KEY_ACCOUNT };
const MANAGER: Pair = Pair { source: &SOURCE_KEY_MANAGER, destination: &DESTINATION_KEY_MANAGER };

/// Looks at the key of each side that canaries are put under.
pub(super) fn check(scene: &Scene<'_>, book: &mut Book) {
    let source = scene.source();
    let name = match scene.sealed() {
        Sealed::Kms(name) => name.or(source.key),
        Sealed::S3 | Sealed::Unknown => source.key,
    };
    if let Some(name) = name {
        key(scene, &source, name, scene.source_account(), book);
    }
    for leg in scene.legs() {
        if let Some(name) = leg.replica_key() {
            key(scene, &leg.view, name, leg.account(), book);
        }
    }
    policy::check(scene, book);
}

fn key(scene: &Scene<'_>, view: &View<'_>, name: &str, account: Option<&str>, book: &mut Book) {
    let exists = view.check(EXISTS);
    let Some(KeyRead { description, .. }) = view.key_read(name) else {
        book.open(exists, view.place, format!("Nothing was read of KMS key {name}"), "no DescribeKey was made", "");
        return;
    };
    let Some(described) = book.read(exists, view.place, description) else { return };
    let Some(key) = described else {
        let title = format!("There is no KMS key {name} for {}", view.name());
        let evidence = format!("DescribeKey of {name} in {} answered NotFoundException", view.region);
        let fix = format!(
            "Name a key that exists in {} in the default encryption, in the rule's ReplicaKmsKeyID and as kms_key; \
             `{}` shows those there are.",
            view.region,
            command("kms list-keys", view.region)
        );
        book.fault(exists, view.place, title, evidence, fix);
        return;
    };
    book.ok(exists, view.place, format!("DescribeKey of {name}: {}", key.arn));
    state(view, key, scene.now, book);
    purpose(view, key, book);
    location(view, key, account, book);
    let is_cross_account = account.is_some() && account != scene.source_account();
    manager(view, key, is_cross_account, book);
}

fn state(view: &View<'_>, key: &KeyDescription, now: UnixMillis, book: &mut Book) {
    let evidence = format!("DescribeKey of {}: KeyState {}", key.arn, key.state);
    let kept = view.check(KEPT);
    let cancel = command(&format!("kms cancel-key-deletion --key-id {}", key.arn), view.region);
    let enable = command(&format!("kms enable-key --key-id {}", key.arn), view.region);
    if key.state.starts_with("Pending") && key.state.ends_with("Deletion") {
        let days = |at: u64| UnixMillis(at).since(now).as_secs() / 86_400;
        let told = |at: u64| format!(" on {} (in {} days)", UnixMillis(at).date(), days(at));
        let when = key.deletion_ms.map_or_else(String::new, told);
        let title = format!("The KMS key of {} will be deleted{when}, and every object under it lost", view.name());
        let evidence = format!("{evidence}, DeletionDate{when}");
        book.fault(kept, view.place, title, evidence, format!("{cancel} && {enable}"));
    } else {
        book.ok(kept, view.place, evidence.clone());
    }
    let enabled = view.check(ENABLED);
    if ["Enabled", "Updating"].contains(&key.state.as_str()) {
        return book.ok(enabled, view.place, evidence);
    }
    let fix = match key.state.as_str() {
        "Disabled" => enable,
        "PendingImport" => format!("Import the key material: aws kms import-key-material --key-id {}", key.arn),
        "Unavailable" => "Connect the custom key store: aws kms connect-custom-key-store".to_owned(),
        "Creating" => "Wait until it is Enabled.".to_owned(),
        _ => format!("{cancel} && {enable}"),
    };
    let title = format!("The KMS key of {} is {}", view.name(), key.state);
    book.fault(enabled, view.place, title, evidence, fix);
}

fn purpose(view: &View<'_>, key: &KeyDescription, book: &mut Book) {
    for (pair, field, found, right) in
        [(SYMMETRIC, "KeySpec", &key.spec, "SYMMETRIC_DEFAULT"), (USAGE, "KeyUsage", &key.usage, "ENCRYPT_DECRYPT")]
    {
        let check = view.check(pair);
        let evidence = format!("DescribeKey of {}: {field} {found}", key.arn);
        if found == right {
            book.ok(check, view.place, evidence);
        } else if found.is_empty() {
            book.open(check, view.place, format!("KMS did not say the {field}"), evidence, "");
        } else {
            let title = format!("S3 cannot use the KMS key of {}: its {field} is {found}", view.name());
            let fix = command("kms create-key --key-spec SYMMETRIC_DEFAULT --key-usage ENCRYPT_DECRYPT", view.region);
            let fix = format!("{fix}, and name the new key in the default encryption and in the rule");
            book.fault(check, view.place, title, evidence, fix);
        }
    }
}

fn location(view: &View<'_>, key: &KeyDescription, account: Option<&str>, book: &mut Book) {
    let bucket_region = match &view.facts.bucket.region {
        Ok(Some(region)) => region.as_str(),
        Ok(None) | Err(_) => view.region,
    };
    let check = view.check(REGION);
    let evidence = format!("{} is in {}, {} in {bucket_region}", key.arn, key.region, view.bucket);
    if key.region == bucket_region {
        book.ok(check, view.place, evidence);
    } else {
        let title = format!("The KMS key of {} is in {}: S3 needs one in {bucket_region}", view.name(), key.region);
        let fix = format!("{}, and name it in place of {}", command("kms create-key", bucket_region), key.arn);
        book.fault(check, view.place, title, evidence, fix);
    }
    let check = view.check(ACCOUNT);
    let Some(account) = account else {
        return book.ok(check, view.place, format!("no account is configured to compare {} with", key.account));
    };
    let evidence = format!("{} belongs to account {}, {} to {account}", key.arn, key.account, view.bucket);
    if key.account == account {
        return book.ok(check, view.place, evidence);
    }
    let title = format!("The KMS key of {} belongs to account {}", view.name(), key.account);
    let fix = format!(
        "Name a customer managed key of account {account} in {}: with another account's key, {account} can neither \
         read its objects for certain nor keep them when that account takes the key away.",
        view.region
    );
    book.fault(check, view.place, title, evidence, fix);
}

fn manager(view: &View<'_>, key: &KeyDescription, is_cross_account: bool, book: &mut Book) {
    let check = view.check(MANAGER);
    let evidence = format!("DescribeKey of {}: KeyManager {}", key.arn, key.manager);
    if key.manager != "AWS" {
        return book.ok(check, view.place, evidence);
    }
    let title = format!("The key of {} is an AWS managed key, whose policy nobody can change", view.name());
    let fix = format!(
        "{}, let the role use it in its key policy, and name it in the rule and in the default encryption",
        command("kms create-key", view.region)
    );
    let finding = book.fault(check, view.place, title, evidence, fix);
    if !is_cross_account && view.place.is_some() {
        finding.weigh(Severity::Warning);
    }
}
