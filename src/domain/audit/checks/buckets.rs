//! The buckets: there, in the right Region and account, versioned, closed to the public, alike in object lock.

use super::super::book::Book;
use super::super::facts::Unread;
use super::super::finding::Severity;
use super::super::remedy::command;
use super::super::scene::{Leg, Scene, View};
use super::super::unread::{self, Refusal};
use super::{
    DESTINATION_ACCOUNT, DESTINATION_EXISTS, DESTINATION_PAYER, DESTINATION_PUBLIC, DESTINATION_REGION,
    DESTINATION_VERSIONING, OBJECT_LOCK, Pair, REGION_ENABLED, REGION_NOT_DENIED, REGIONS_DIFFER, SOURCE_ACCOUNT,
    SOURCE_EXISTS, SOURCE_PAYER, SOURCE_PUBLIC, SOURCE_REGION, SOURCE_VERSIONING,
};

const EXISTS: Pair = Pair { source: &SOURCE_EXISTS, destination: &DESTINATION_EXISTS };
const REGION: Pair = Pair { source: &SOURCE_REGION, destination: &DESTINATION_REGION };
const ACCOUNT: Pair = Pair { source: &SOURCE_ACCOUNT, destination: &DESTINATION_ACCOUNT };
const VERSIONING: Pair = Pair { source: &SOURCE_VERSIONING, destination: &DESTINATION_VERSIONING };
const PUBLIC: Pair = Pair { source: &SOURCE_PUBLIC, destination: &DESTINATION_PUBLIC };
const PAYER: Pair = Pair { source: &SOURCE_PAYER, destination: &DESTINATION_PAYER };

/// Looks at both buckets.
pub(super) fn check(scene: &Scene<'_>, book: &mut Book) {
    for view in scene.sides() {
        region(&view, book);
        account(&view, book);
        versioning(&view, book);
        public_access(&view, book);
        payer(&view, book);
        refused_regions(&view, book);
    }
    for leg in scene.legs() {
        regions_differ(scene, &leg, book);
        object_lock(scene, &leg, book);
    }
}

fn region(view: &View<'_>, book: &mut Book) {
    let (place, bucket) = (view.place, view.bucket);
    let exists = view.check(EXISTS);
    let Some(found) = book.read(exists, place, &view.facts.bucket.region) else { return };
    let Some(region) = found else {
        let title = format!("There is no bucket {bucket}");
        let fix = format!(
            "Create it, `{}`, enable versioning and give it back its encryption and policy; or correct the bucket's \
             name in the configuration and in the rule.",
            command(&create(view), view.region)
        );
        book.fault(exists, place, title, format!("HeadBucket of {bucket} answered 404"), fix);
        return;
    };
    book.ok(exists, place, format!("HeadBucket of {bucket} answered with Region {region}"));
    let check = view.check(REGION);
    if region == view.region {
        return book.ok(check, place, format!("{bucket} is in {region}"));
    }
    let title = format!("{bucket} is in {region}, not in {}", view.region);
    let evidence = format!("HeadBucket answered x-amz-bucket-region: {region}; configured: {}", view.region);
    let fix =
        format!("Write `region: {region}` for {bucket} in the configuration, if that is the bucket that is meant.");
    book.fault(check, place, title, evidence, fix);
}

fn create(view: &View<'_>) -> String {
    let bucket = view.bucket;
    match view.region {
        "us-east-1" => format!("s3api create-bucket --bucket {bucket}"),
        region => {
            format!("s3api create-bucket --bucket {bucket} --create-bucket-configuration LocationConstraint={region}")
        }
    }
}

fn account(view: &View<'_>, book: &mut Book) {
    let check = view.check(ACCOUNT);
    let Some(owned) = book.read(check, view.place, &view.facts.bucket.is_owned_as_configured) else { return };
    let account = view.account.unwrap_or("(none configured)");
    if *owned {
        return book.ok(check, view.place, format!("HeadBucket with expected owner {account} was answered"));
    }
    let title = format!("{} does not belong to account {account}", view.bucket);
    let evidence = format!("HeadBucket of {} with x-amz-expected-bucket-owner: {account} answered 403", view.bucket);
    let fix = format!(
        "Correct `account` of {} in the configuration, or the bucket's name: bucket names are global, and this one is \
         somebody else's.",
        view.bucket
    );
    book.fault(check, view.place, title, evidence, fix);
}

fn versioning(view: &View<'_>, book: &mut Book) {
    let check = view.check(VERSIONING);
    let Some(versioning) = book.read(check, view.place, &view.facts.bucket.versioning) else { return };
    let status = versioning.status.as_deref().unwrap_or("never enabled");
    let evidence = format!("GetBucketVersioning of {}: Status {status}", view.bucket);
    if status == "Enabled" {
        return book.ok(check, view.place, evidence);
    }
    let title = format!("Versioning of {} is {}: S3 replicates nothing without it", view.bucket, status.to_lowercase());
    let words =
        format!("s3api put-bucket-versioning --bucket {} --versioning-configuration Status=Enabled", view.bucket);
    book.fault(check, view.place, title, evidence, command(&words, view.region));
}

fn public_access(view: &View<'_>, book: &mut Book) {
    let check = view.check(PUBLIC);
    let Some(block) = book.read(check, view.place, &view.facts.bucket.public_access) else { return };
    let block = block.clone().unwrap_or_default();
    let settings = [
        ("BlockPublicAcls", block.block_public_acls),
        ("IgnorePublicAcls", block.ignore_public_acls),
        ("BlockPublicPolicy", block.block_public_policy),
        ("RestrictPublicBuckets", block.restrict_public_buckets),
    ];
    let shown: Vec<_> = settings.iter().map(|(name, is_on)| format!("{name}={is_on}")).collect();
    let evidence = format!("GetPublicAccessBlock of {}: {}", view.bucket, shown.join(", "));
    if settings.iter().all(|(_, is_on)| *is_on) {
        return book.ok(check, view.place, evidence);
    }
    let all: Vec<_> = settings.iter().map(|(name, _)| format!("{name}=true")).collect();
    let words = format!(
        "s3api put-public-access-block --bucket {} --public-access-block-configuration {}",
        view.bucket,
        all.join(",")
    );
    let title = format!("Public access to {} is not blocked by the bucket itself", view.bucket);
    book.fault(check, view.place, title, evidence, command(&words, view.region));
}

fn payer(view: &View<'_>, book: &mut Book) {
    let check = view.check(PAYER);
    let Some(requester_pays) = book.read(check, view.place, &view.facts.bucket.requester_pays) else { return };
    let payer = if *requester_pays { "Requester" } else { "BucketOwner" };
    let evidence = format!("GetBucketRequestPayment of {}: Payer {payer}", view.bucket);
    if !requester_pays {
        return book.ok(check, view.place, evidence);
    }
    let title = format!("{} is a Requester Pays bucket", view.bucket);
    let words = format!(
        "s3api put-bucket-request-payment --bucket {} --request-payment-configuration Payer=BucketOwner",
        view.bucket
    );
    book.fault(check, view.place, title, evidence, command(&words, view.region));
}

fn refused_regions(view: &View<'_>, book: &mut Book) {
    let told = view.unread();
    let first = |refusal: Refusal| told.iter().find(|why| unread::refusal(why) == refusal);
    for (check, refusal, words) in [
        (&REGION_ENABLED, Refusal::RegionDisabled, "is not enabled for the account"),
        (&REGION_NOT_DENIED, Refusal::Organization, "is denied by a policy of the organization"),
    ] {
        match first(refusal) {
            None => {
                book.ok(check, view.place, format!("no answer of {} said that {} {words}", view.bucket, view.region))
            }
            Some(why) => {
                let title = format!("{} {words}, as far as the monitor sees", view.region);
                book.open(check, view.place, title, unread::evidence(why), unread::remedy(why));
            }
        }
    }
}

fn regions_differ(scene: &Scene<'_>, leg: &Leg<'_>, book: &mut Book) {
    let place = leg.view.place;
    let [here, there] = [scene.source(), leg.view].map(|view| match &view.facts.bucket.region {
        Ok(Some(region)) => region.as_str(),
        Ok(None) | Err(_) => view.region,
    });
    if here != there {
        return book.ok(&REGIONS_DIFFER, place, format!("from {here} to {there}"));
    }
    let title = format!("Both buckets are in {here}: same-Region replication survives no failure of the Region");
    let evidence = format!("{} and {} are in {here}", scene.source().bucket, leg.view.bucket);
    book.fault(&REGIONS_DIFFER, place, title, evidence, "Nothing, if that is what you want.");
}

fn object_lock(scene: &Scene<'_>, leg: &Leg<'_>, book: &mut Book) {
    let place = leg.view.place;
    let Some(source) = book.read(&OBJECT_LOCK, place, &scene.facts.source.bucket.object_lock) else { return };
    if source.is_none() {
        return book.ok(&OBJECT_LOCK, place, "the source bucket has no object lock");
    }
    let Some(there) = book.read(&OBJECT_LOCK, place, &leg.view.facts.bucket.object_lock) else { return };
    if there.is_some() {
        return book.ok(&OBJECT_LOCK, place, "both buckets have object lock");
    }
    let title = format!("The source has object lock and {} has not: locked objects fail", leg.view.bucket);
    let words = format!(
        "s3api put-object-lock-configuration --bucket {} --object-lock-configuration ObjectLockEnabled=Enabled",
        leg.view.bucket
    );
    let evidence = format!("GetObjectLockConfiguration: the source is enabled, {} has none", leg.view.bucket);
    book.fault(&OBJECT_LOCK, place, title, evidence, command(&words, leg.view.region)).weigh(Severity::Error);
}

impl<'a> View<'a> {
    /// Every read of this side that came to nothing.
    pub(super) fn unread(&self) -> Vec<&'a Unread> {
        let bucket = &self.facts.bucket;
        let mut all: Vec<&Unread> = [
            self.facts.identity.as_ref().err(),
            bucket.region.as_ref().err(),
            bucket.is_owned_as_configured.as_ref().err(),
            bucket.versioning.as_ref().err(),
            bucket.public_access.as_ref().err(),
            bucket.policy_is_public.as_ref().err(),
            bucket.encryption.as_ref().err(),
            bucket.policy.as_ref().err(),
            bucket.ownership.as_ref().err(),
            bucket.object_lock.as_ref().err(),
            bucket.requester_pays.as_ref().err(),
            bucket.lifecycle.as_ref().err(),
            bucket.notifications.as_ref().err(),
            bucket.strangers.as_ref().err(),
        ]
        .into_iter()
        .flatten()
        .collect();
        for key in self.facts.keys.values() {
            let reads = [key.description.as_ref().err(), key.policy.as_ref().err(), key.grants.as_ref().err()];
            all.extend(reads.into_iter().flatten());
        }
        all
    }
}
