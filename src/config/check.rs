//! From the shape of a file to a checked configuration: every value fault in one run.

use std::collections::BTreeMap;
use std::time::Duration;

use super::fault::{Fault, Wrong};
use super::shape::{FileShape, LimitsShape};
use super::{Config, Limits, RouteConfig, unit};
use crate::domain::name::{InstanceName, NAME_MAX};

mod canary;
mod cloudwatch;
mod route;
mod sheet;
mod side;

use sheet::{Path, Sheet, show};

/// Checks a file.
///
/// # Errors
///
/// Every fault of its values.
pub(super) fn file(shape: &FileShape, env: &dyn Fn(&str) -> Option<String>) -> Result<Config, Vec<Fault>> {
    let mut sheet = Sheet::new(env);
    let config = checked(&mut sheet, shape);
    sheet.finish(config)
}

fn checked(sheet: &mut Sheet<'_>, shape: &FileShape) -> Option<Config> {
    let root = Path::ROOT;
    let instance =
        sheet.read(&root.key("instance"), shape.instance.as_ref(), instance).or(InstanceName::new("default"));
    let listen = sheet.read(&root.key("listen"), shape.listen.as_ref(), unit::listen);
    let listen = listen.or(Some(([0, 0, 0, 0], 9977).into()));
    let grace = sheet.read(&root.key("shutdown_grace"), shape.shutdown_grace.as_ref(), unit::duration);
    let shutdown_grace = grace.or(Some(Duration::from_secs(25)));
    let limits = limits(sheet, &root.key("limits"), shape.limits.as_ref());
    let routes = routes(sheet, &root.key("routes"), shape, instance.as_ref());
    Some(Config {
        instance: instance?,
        listen: listen?,
        shutdown_grace: shutdown_grace?,
        limits: limits?,
        routes: routes?,
        warnings: Vec::new(),
    })
}

fn instance(text: &str) -> Result<InstanceName, Wrong> {
    InstanceName::new(text).ok_or_else(|| wrong_name(text))
}

/// What is wrong with the name of an instance or a route.
fn wrong_name(text: &str) -> Wrong {
    if text.len() > NAME_MAX {
        return Wrong::new(format!("is longer than {NAME_MAX} characters"), "shorten it");
    }
    Wrong::new("is not a name", "use lower-case letters, digits, `.`, `_` and `-`, beginning with a letter or a digit")
}

fn limits(sheet: &mut Sheet<'_>, path: &Path<'_>, shape: Option<&LimitsShape>) -> Option<Limits> {
    let calls = shape.and_then(|limits| limits.calls);
    let calls_per_account = shape.and_then(|limits| limits.calls_per_account);
    let calls = sheet.within(&path.key("calls"), calls, 512, 1, 10_000);
    let per_account = path.key("calls_per_account");
    let fitting = calls.map_or(256, |calls| calls.min(256));
    let calls_per_account = sheet.within(&per_account, calls_per_account, fitting, 1, 10_000);
    let (calls, calls_per_account) = (calls?, calls_per_account?);
    if calls_per_account > calls {
        let wrong = Wrong::new(format!("is more than calls, {calls}"), format!("make it at most {calls}"));
        sheet.wrong(&per_account, &calls_per_account.to_string(), None, wrong);
        return None;
    }
    Some(Limits { calls, calls_per_account })
}

fn routes(
    sheet: &mut Sheet<'_>,
    path: &Path<'_>,
    shape: &FileShape,
    instance: Option<&InstanceName>,
) -> Option<Vec<RouteConfig>> {
    let shapes = shape.routes.as_deref().unwrap_or_default();
    if shapes.is_empty() {
        sheet.none(path, shape.routes.is_some(), "add at least one route, with name, source and destinations");
        return None;
    }
    let mut seen = BTreeMap::new();
    let mut routes = Some(Vec::with_capacity(shapes.len()));
    for (index, one) in shapes.iter().enumerate() {
        let path = path.item(index);
        let route = route::route(sheet, &path, one, shape.defaults.as_ref(), instance);
        if let (Some(name), Some(text)) = (sheet.expanded(one.name.as_ref()), &one.name) {
            let first = *seen.entry(name).or_insert(index);
            if first != index {
                let what = format!("is already the name of routes[{first}]");
                let wrong = Wrong::new(what, "give each route its own name");
                sheet.wrong(&path.key("name"), &show(text.raw()), text.place(), wrong);
            }
        }
        routes = routes.zip(route).map(|(mut routes, route)| {
            routes.push(route);
            routes
        });
    }
    routes
}
