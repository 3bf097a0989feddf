//! A route: its two or more sides against each other, and what it does.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::super::RouteConfig;
use super::super::fault::Wrong;
use super::super::shape::{DefaultsShape, DestinationShape, RouteShape};
use super::super::text::Text;
use super::super::{identifier, unit};
use super::sheet::{Path, Sheet, show};
use super::side::{Checked, Server, side, word};
use super::{canary, cloudwatch, wrong_name};
use crate::domain::connection::Connection;
use crate::domain::event::queue::EventQueue;
use crate::domain::name::{InstanceName, Region, RouteName};
use crate::domain::route::{Cleanup, Destination, Observe, Pause, Route, Source, StatusSupport, Verify};

/// How often keys are looked at by default.
const KEYS_EVERY: Duration = Duration::from_secs(5 * 60);

/// How often the set-up is audited by default.
const AUDIT_EVERY: Duration = Duration::from_secs(15 * 60);

/// The shortest time between two audits: each takes some forty calls.
const AUDIT_EVERY_MIN: Duration = Duration::from_secs(10);

/// Checks a route.
pub(super) fn route(
    sheet: &mut Sheet<'_>,
    path: &Path<'_>,
    shape: &RouteShape,
    defaults: Option<&DefaultsShape>,
    instance: Option<&InstanceName>,
) -> Option<RouteConfig> {
    let name = sheet.required(&path.key("name"), shape.name.as_ref(), "give the route a name", |text| {
        RouteName::new(text).ok_or_else(|| wrong_name(text))
    });
    let source = source(sheet, &path.key("source"), shape);
    let event_queue = event_queue(sheet, &path.key("source"), shape, source.as_ref());
    let status = replication_status(sheet, path, shape, source.as_ref());
    let destinations = destinations(sheet, &path.key("destinations"), shape, source.as_ref(), status);
    let key_room = instance.map_or(1, |name| name.as_str().len()) + name.as_ref().map_or(1, |name| name.as_str().len());
    let layers = canary::Layers::new(path, shape, defaults);
    let canary = canary::canary(sheet, &layers, key_room);
    let poll = canary::poll(sheet, &layers, canary.objective.as_ref());
    if canary.send_key.is_some_and(|on| on) && shape.source.as_ref().is_some_and(|source| source.kms_key.is_none()) {
        sheet.missing(&path.key("source").key("kms_key"), "name the key that send_key sends, or remove send_key");
    }
    let keys = keys(sheet, path, shape);
    let cloudwatch = cloudwatch::every(sheet, path, shape, status);
    let cloudwatch_account = cloudwatch::account(sheet, path, shape, cloudwatch);
    let pause = pause(sheet, path, shape);
    let audit = audit(sheet, path, shape, source.as_ref());
    let settle = sheet.read(&path.key("settle"), shape.settle.as_ref(), unit::duration);
    let settle = settle.or(Some(Duration::from_secs(15 * 60)));
    let source = source?;
    let (destinations, connections): (Vec<Destination>, Vec<Connection>) = destinations?.into_iter().unzip();
    let route = Route {
        name: name?,
        instance: instance?.clone(),
        source: Source {
            bucket: source.bucket?,
            region: source.region?,
            account: source.account?,
            kms_key: source.kms_key?,
            event_queue: event_queue?,
        },
        destinations,
        canary: canary.finish()?,
        poll: poll?,
        replication_status: status?,
        pause: pause?,
        keys: keys?,
        audit: audit?,
        cloudwatch: cloudwatch?,
        cloudwatch_account: cloudwatch_account?,
        settle: settle?,
    };
    Some(RouteConfig { route: Arc::new(route), source: source.connection?, destinations: connections })
}

fn source(sheet: &mut Sheet<'_>, path: &Path<'_>, shape: &RouteShape) -> Option<Checked> {
    if shape.source.is_none() {
        sheet.missing(path, "say which bucket canaries are written to");
    }
    shape.source.as_ref().map(|source| side(sheet, path, source.side()))
}

/// The queue of replication events. Where AWS answers, it has to be one of AWS, of the bucket's partition.
fn event_queue(
    sheet: &mut Sheet<'_>,
    path: &Path<'_>,
    shape: &RouteShape,
    source: Option<&Checked>,
) -> Option<Option<EventQueue>> {
    let text = shape.source.as_ref().and_then(|source| source.event_queue.as_ref());
    let aws = source.is_some_and(|source| source.server == Server::Aws);
    let partition = source.and_then(|source| source.partition);
    let region = source.and_then(|source| source.region.clone()).unwrap_or_else(|| Region::new("us-east-1"));
    let read = |text: &str| {
        if !aws {
            return identifier::any_queue(text, &region);
        }
        let (queue, home) = identifier::aws_queue(text)?;
        if let Some(partition) = partition.filter(|partition| *partition != home) {
            let what = format!("is in partition {}, the bucket in {}", home.as_str(), partition.as_str());
            return Err(Wrong::new(what, "use a queue in the bucket's partition"));
        }
        Ok(queue)
    };
    sheet.read(&path.key("event_queue"), text, read).optional()
}

fn replication_status(
    sheet: &mut Sheet<'_>,
    path: &Path<'_>,
    shape: &RouteShape,
    source: Option<&Checked>,
) -> Option<StatusSupport> {
    let path = path.key("replication_status");
    let words = [("aws", StatusSupport::Aws), ("none", StatusSupport::None)];
    let status = sheet.read(&path, shape.replication_status.as_ref(), |text| word(text, &words));
    let status = status.or(Some(StatusSupport::default()))?;
    if status == StatusSupport::None && source.is_some_and(|source| source.server == Server::Aws) {
        sheet.warn(&path, "AWS sends a status; with `none` failed and uncovered canaries are not recognised");
    }
    Some(status)
}

fn destinations(
    sheet: &mut Sheet<'_>,
    path: &Path<'_>,
    shape: &RouteShape,
    source: Option<&Checked>,
    status: Option<StatusSupport>,
) -> Option<Vec<(Destination, Connection)>> {
    let shapes = shape.destinations.as_deref().unwrap_or_default();
    if shapes.is_empty() {
        sheet.none(path, shape.destinations.is_some(), "say which buckets replicas are expected in");
        return None;
    }
    let mut seen = BTreeMap::new();
    let mut all = Some(Vec::with_capacity(shapes.len()));
    for (index, one) in shapes.iter().enumerate() {
        let path = path.item(index);
        let checked = side(sheet, &path, one.side());
        if let Some(source) = source {
            across(sheet, &path, one, &checked, source);
        }
        if let Some(bucket) = &checked.bucket {
            let first = *seen.entry(bucket.clone()).or_insert(index);
            if first != index {
                let what = format!("is already the bucket of destinations[{first}]");
                let fix = "remove one; destinations of a route are told apart by their bucket's name";
                wrong_bucket(sheet, &path, one, &Wrong::new(what, fix));
            }
        }
        let destination = destination(sheet, &path, one, checked, status);
        all = all.zip(destination).map(|(mut all, one)| {
            all.push(one);
            all
        });
    }
    all
}

/// What S3 does not do from this source to this destination.
fn across(sheet: &mut Sheet<'_>, path: &Path<'_>, shape: &DestinationShape, to: &Checked, from: &Checked) {
    let known = to.server != Server::Unclear;
    if known && to.server == from.server && to.bucket.is_some() && to.bucket == from.bucket {
        wrong_bucket(sheet, path, shape, &Wrong::new("is also the source", "name another bucket"));
    }
    if let (Some(there), Some(here)) = (to.partition, from.partition)
        && there != here
        && let Some(region) = &shape.region
    {
        let what = format!("is in partition {}, the source in {}", there.as_str(), here.as_str());
        let wrong = Wrong::new(what, "choose buckets of one partition; S3 does not replicate across them");
        sheet.wrong(&path.key("region"), &show(region.raw()), region.place(), wrong);
    }
}

fn wrong_bucket(sheet: &mut Sheet<'_>, path: &Path<'_>, shape: &DestinationShape, wrong: &Wrong) {
    if let Some(bucket) = &shape.bucket {
        sheet.wrong(&path.key("bucket"), &show(bucket.raw()), bucket.place(), wrong.clone());
    }
}

fn destination(
    sheet: &mut Sheet<'_>,
    path: &Path<'_>,
    shape: &DestinationShape,
    checked: Checked,
    status: Option<StatusSupport>,
) -> Option<(Destination, Connection)> {
    let aws = checked.server == Server::Aws;
    let class = |text: &str| storage_class(text, aws);
    let storage_class = sheet.read(&path.key("storage_class"), shape.storage_class.as_ref(), class).optional();
    let owner = sheet.read(&path.key("owner"), shape.owner.as_ref(), identifier::account).optional();
    let words = [("metadata", Verify::Metadata), ("content", Verify::Content)];
    let verify = sheet.read(&path.key("verify"), shape.verify.as_ref(), |text| word(text, &words));
    let words = [("replica", Observe::Replica), ("source-only", Observe::SourceOnly)];
    let observe = sheet.read(&path.key("observe"), shape.observe.as_ref(), |text| word(text, &words));
    let words = [("delete", Cleanup::Delete), ("lifecycle", Cleanup::Lifecycle)];
    let cleanup = sheet.read(&path.key("cleanup"), shape.cleanup.as_ref(), |text| word(text, &words));
    let (verify, observe, cleanup) =
        (verify.or(Some(Verify::Metadata)), observe.or(Some(Observe::Replica)), cleanup.or(Some(Cleanup::Delete)));
    if observe == Some(Observe::SourceOnly) {
        unseen(sheet, path, shape, verify, status);
    }
    let archived = |class: &String| matches!(class.as_str(), "GLACIER" | "DEEP_ARCHIVE");
    if verify == Some(Verify::Content) && storage_class.iter().flatten().any(archived) {
        sheet.warn(
            &path.key("verify"),
            "content cannot be read from an archive class, and will be shown as not verifiable",
        );
    }
    let destination = Destination {
        bucket: checked.bucket?,
        region: checked.region?,
        account: checked.account?,
        kms_key: checked.kms_key?,
        storage_class: storage_class?,
        owner: owner?,
        verify: verify?,
        observe: observe?,
        cleanup: cleanup?,
    };
    Some((destination, checked.connection?))
}

/// With `observe: source-only` nothing of the replica can be checked.
fn unseen(
    sheet: &mut Sheet<'_>,
    path: &Path<'_>,
    shape: &DestinationShape,
    verify: Option<Verify>,
    status: Option<StatusSupport>,
) {
    let observe = path.key("observe");
    let place = shape.observe.as_ref().and_then(Text::place);
    if status == Some(StatusSupport::None) {
        let wrong = Wrong::new("has nothing to observe with replication_status none", "observe the replica");
        sheet.wrong(&observe, "source-only", place, wrong);
    }
    if verify == Some(Verify::Content) {
        let wrong =
            Wrong::new("reads no replica, so verify: content is impossible", "observe the replica, or verify metadata");
        sheet.wrong(&observe, "source-only", place, wrong);
    }
    if shape.kms_key.is_some() {
        sheet.warn(&path.key("kms_key"), "is looked at in KMS, but not compared: observe is source-only");
    }
    let expectations = [("storage_class", &shape.storage_class), ("owner", &shape.owner)];
    for (key, _) in expectations.iter().filter(|(_, text)| text.is_some()) {
        sheet.warn(&path.key(key), "is not checked: observe is source-only");
    }
}

/// How often keys are looked at. An alias is only comparable once KMS told which key it stands for.
fn keys(sheet: &mut Sheet<'_>, path: &Path<'_>, shape: &RouteShape) -> Option<Option<Duration>> {
    let keys = path.key("keys");
    let every = sheet.read(&keys, shape.keys.as_ref(), unit::pace).or(Some(Some(KEYS_EVERY)))?;
    let source = shape.source.iter().map(|source| source.kms_key.as_ref());
    let destinations = shape.destinations.iter().flatten().map(|destination| destination.kms_key.as_ref());
    let named = source.chain(destinations).flatten();
    let is_alias = |text: &Text| sheet.expanded(Some(text)).is_some_and(|text| identifier::is_alias(&text));
    if every.is_none() && named.into_iter().any(is_alias) {
        sheet.warn(&keys, "without it KMS is not asked what an alias stands for, and replicas' keys are not compared");
    }
    Some(every)
}

/// How often the set-up is audited. Other servers than AWS replicate by other means than those that are audited.
fn audit(
    sheet: &mut Sheet<'_>,
    path: &Path<'_>,
    shape: &RouteShape,
    source: Option<&Checked>,
) -> Option<Option<Duration>> {
    let default = source.is_some_and(|source| source.server == Server::Aws).then_some(AUDIT_EVERY);
    let read = |text: &str| match unit::pace(text)? {
        Some(every) if every < AUDIT_EVERY_MIN => {
            Err(Wrong::new("is shorter than 10s", "make it at least 10s, or off"))
        }
        every => Ok(every),
    };
    sheet.read(&path.key("audit"), shape.audit.as_ref(), read).or(Some(default))
}

fn storage_class(text: &str, aws: bool) -> Result<String, Wrong> {
    const CLASSES: [&str; 8] = [
        "STANDARD",
        "REDUCED_REDUNDANCY",
        "STANDARD_IA",
        "ONEZONE_IA",
        "INTELLIGENT_TIERING",
        "GLACIER_IR",
        "GLACIER",
        "DEEP_ARCHIVE",
    ];
    if aws {
        let words: Vec<(&str, &str)> = CLASSES.iter().map(|class| (*class, *class)).collect();
        return word(text, &words).map(str::to_owned);
    }
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Wrong::new("is not a storage class", "write it like STANDARD"));
    }
    Ok(text.to_owned())
}

fn pause(sheet: &mut Sheet<'_>, path: &Path<'_>, shape: &RouteShape) -> Option<Option<Pause>> {
    let path = path.key("paused_until");
    let until = sheet.read(&path, shape.paused_until.as_ref(), unit::time).optional()?;
    match (shape.paused, until) {
        (Some(false), Some(_)) => {
            let fix = "remove one of the two".to_owned();
            sheet.fault(
                &path,
                shape.paused_until.as_ref().and_then(Text::place),
                "contradicts paused: false".to_owned(),
                fix,
            );
            None
        }
        (_, Some(end)) => Some(Some(Pause::Until(end))),
        (Some(true), None) => Some(Some(Pause::Always)),
        (Some(false) | None, None) => Some(None),
    }
}
