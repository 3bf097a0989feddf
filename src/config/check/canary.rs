//! What a route inherits from `defaults`: canary and polls, key by key, and the order of their times.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::fault::{Place, Wrong};
use super::super::shape::{CanaryShape, DefaultsShape, PollShape, RouteShape};
use super::super::text::Text;
use super::super::unit::{self, short};
use super::sheet::{Got, Path, Sheet, show};
use crate::domain::route::{CanarySpec, PollSpec};

/// The longest key that S3 takes, in bytes.
const KEY_MAX: usize = 1024;
/// Room for what follows instance and route in a canary's key: two slashes, milliseconds, sequence, nonce.
const KEY_TAIL: usize = 2 + 13 + 1 + 20 + 1 + 32;

/// The two places that canary and poll settings come from.
pub(super) struct Layers<'a> {
    route: Path<'a>,
    own_canary: Option<&'a CanaryShape>,
    own_poll: Option<&'a PollShape>,
    shared_canary: Option<&'a CanaryShape>,
    shared_poll: Option<&'a PollShape>,
}

impl<'a> Layers<'a> {
    pub(super) fn new(route: &Path<'a>, shape: &'a RouteShape, defaults: Option<&'a DefaultsShape>) -> Self {
        Self {
            route: *route,
            own_canary: shape.canary.as_ref(),
            own_poll: shape.poll.as_ref(),
            shared_canary: defaults.and_then(|defaults| defaults.canary.as_ref()),
            shared_poll: defaults.and_then(|defaults| defaults.poll.as_ref()),
        }
    }

    /// Calls `act` with the path of a key of `section`, in the route or in `defaults`.
    fn at<T>(&self, origin: Origin, section: &str, key: &str, act: impl FnOnce(&Path<'_>) -> T) -> T {
        match origin {
            Origin::Shared => act(&Path::ROOT.key("defaults").key(section).key(key)),
            Origin::Own | Origin::BuiltIn => act(&self.route.key(section).key(key)),
        }
    }

    fn canary<V>(&self, get: impl Fn(&'a CanaryShape) -> Option<V>) -> (Origin, Option<V>) {
        layered(self.own_canary, self.shared_canary, get)
    }

    fn poll<V>(&self, get: impl Fn(&'a PollShape) -> Option<V>) -> (Origin, Option<V>) {
        layered(self.own_poll, self.shared_poll, get)
    }
}

/// Where a setting was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Own,
    Shared,
    BuiltIn,
}

fn layered<'a, S, V>(
    own: Option<&'a S>,
    shared: Option<&'a S>,
    get: impl Fn(&'a S) -> Option<V>,
) -> (Origin, Option<V>) {
    let own = own.and_then(&get).map(|value| (Origin::Own, Some(value)));
    let shared = || shared.and_then(&get).map(|value| (Origin::Shared, Some(value)));
    own.or_else(shared).unwrap_or((Origin::BuiltIn, None))
}

/// A duration with what a message about it needs.
pub(super) struct Timing {
    value: Duration,
    shown: String,
    name: &'static str,
    section: &'static str,
    origin: Origin,
    place: Option<Place>,
}

/// Canary settings as far as they could be read.
pub(super) struct CanaryRead {
    prefix: Option<String>,
    interval: Option<Timing>,
    size: Option<u64>,
    pub(super) objective: Option<Timing>,
    deadline: Option<Timing>,
    abandon_after: Option<Timing>,
    tags: Option<BTreeMap<String, String>>,
    pub(super) send_key: Option<bool>,
    allow_retained: bool,
    max_pending: Option<u32>,
}

impl CanaryRead {
    /// The settings, if none had a fault.
    pub(super) fn finish(self) -> Option<CanarySpec> {
        Some(CanarySpec {
            prefix: self.prefix?,
            interval: self.interval?.value,
            size: self.size?,
            objective: self.objective?.value,
            deadline: self.deadline?.value,
            abandon_after: self.abandon_after?.value,
            tags: self.tags?,
            send_key: self.send_key?,
            allow_retained: self.allow_retained,
            max_pending: self.max_pending?,
        })
    }
}

/// Checks the settings of canaries; `names` is the length of instance and route name together.
pub(super) fn canary(sheet: &mut Sheet<'_>, layers: &Layers<'_>, names: usize) -> CanaryRead {
    let second = Duration::from_secs(1);
    let time = |sheet: &mut Sheet<'_>, name, text: (Origin, Option<&Text>), seconds, least| {
        timing(sheet, layers, "canary", name, text, Duration::from_secs(seconds), least)
    };
    let interval = time(sheet, "interval", layers.canary(|canary| canary.interval.as_ref()), 60, second);
    let objective = time(sheet, "objective", layers.canary(|canary| canary.objective.as_ref()), 900, second);
    let deadline = time(sheet, "deadline", layers.canary(|canary| canary.deadline.as_ref()), 3600, second);
    let abandon_after =
        time(sheet, "abandon_after", layers.canary(|canary| canary.abandon_after.as_ref()), 172_800, second);
    longer(sheet, layers, deadline.as_ref(), objective.as_ref(), |objective| objective * 4);
    longer(sheet, layers, abandon_after.as_ref(), deadline.as_ref(), |deadline| {
        (deadline * 2).max(Duration::from_secs(172_800))
    });
    let (origin, pending) = layers.canary(|canary| canary.max_pending);
    CanaryRead {
        prefix: prefix(sheet, layers, names),
        interval,
        size: size(sheet, layers),
        objective,
        deadline,
        abandon_after,
        tags: tags(sheet, layers),
        send_key: layers.canary(|canary| canary.send_key).1.or(Some(false)),
        allow_retained: layers.canary(|canary| canary.allow_retained).1.unwrap_or(false),
        max_pending: layers.at(origin, "canary", "max_pending", |path| sheet.within(path, pending, 100, 1, 10_000)),
    }
}

/// Checks the settings of polls against the objective.
pub(super) fn poll(sheet: &mut Sheet<'_>, layers: &Layers<'_>, objective: Option<&Timing>) -> Option<PollSpec> {
    let text = layers.poll(|poll| poll.floor.as_ref());
    let usual = |objective: Duration| (objective / 100).clamp(Duration::from_millis(10), Duration::from_secs(2));
    let default = objective.map_or(Duration::from_secs(2), |objective| usual(objective.value));
    let floor = timing(sheet, layers, "poll", "floor", text, default, Duration::from_millis(10));
    if let (Some(floor), Some(objective)) = (&floor, objective)
        && floor.value >= objective.value
    {
        let what = format!("is not shorter than the objective {}", objective.shown);
        let fix = format!("make it shorter, for example {}", short(usual(objective.value)));
        report(sheet, layers, floor, objective, Wrong::new(what, fix));
    }
    let (origin, text) = layers.poll(|poll| poll.resolution.as_ref());
    let resolution = layers.at(origin, "poll", "resolution", |path| sheet.read(path, text, unit::share)).or(Some(0.1));
    Some(PollSpec { floor: floor?.value, resolution: resolution? })
}

fn timing(
    sheet: &mut Sheet<'_>,
    layers: &Layers<'_>,
    section: &'static str,
    name: &'static str,
    (origin, text): (Origin, Option<&Text>),
    default: Duration,
    least: Duration,
) -> Option<Timing> {
    let read = |text: &str| {
        let duration = unit::duration(text)?;
        if duration < least {
            return Err(Wrong::new(
                format!("is shorter than {}", short(least)),
                format!("make it at least {}", short(least)),
            ));
        }
        Ok(duration)
    };
    let value = layers.at(origin, section, name, |path| sheet.read(path, text, read)).or(Some(default))?;
    let shown = text.map_or_else(|| short(value), |text| show(text.raw()));
    Some(Timing { value, shown, name, section, origin, place: text.and_then(Text::place) })
}

/// Demands that one time is longer than another; `example` is a value that would be.
fn longer(
    sheet: &mut Sheet<'_>,
    layers: &Layers<'_>,
    long: Option<&Timing>,
    brief: Option<&Timing>,
    example: impl FnOnce(Duration) -> Duration,
) {
    let (Some(long), Some(brief)) = (long, brief) else { return };
    if long.value > brief.value {
        return;
    }
    let example = short(example(brief.value));
    let what = format!("is not longer than the {} {}", brief.name, brief.shown);
    let fix = match long.origin {
        Origin::BuiltIn => format!("set it, for example to {example}"),
        Origin::Own | Origin::Shared => format!("make it longer, for example {example}"),
    };
    report(sheet, layers, long, brief, Wrong::new(what, fix));
}

/// Reports a fault between two times at the first; in `defaults` if nothing of it is the route's own.
fn report(sheet: &mut Sheet<'_>, layers: &Layers<'_>, first: &Timing, other: &Timing, wrong: Wrong) {
    let shared = first.origin != Origin::Own && other.origin != Origin::Own;
    let origin = if shared { Origin::Shared } else { Origin::Own };
    let shown = match first.origin {
        Origin::BuiltIn => format!("the default {}", first.shown),
        Origin::Own | Origin::Shared => first.shown.clone(),
    };
    layers.at(origin, first.section, first.name, |path| sheet.wrong(path, &shown, first.place, wrong));
}

fn size(sheet: &mut Sheet<'_>, layers: &Layers<'_>) -> Option<u64> {
    let (origin, text) = layers.canary(|canary| canary.size.as_ref());
    let read = |text: &str| match unit::size(text)? {
        0 => Err(Wrong::new("is empty", "make it at least 1B, for example 1KiB")),
        bytes if bytes > 5 * 1024 * 1024 => Err(Wrong::new("is more than 5MiB", "make it at most 5MiB")),
        bytes => Ok(bytes),
    };
    layers.at(origin, "canary", "size", |path| sheet.read(path, text, read)).or(Some(1024))
}

fn prefix(sheet: &mut Sheet<'_>, layers: &Layers<'_>, names: usize) -> Option<String> {
    let (origin, text) = layers.canary(|canary| canary.prefix.as_ref());
    let room = KEY_MAX.saturating_sub(KEY_TAIL + names);
    layers.at(origin, "canary", "prefix", |path| {
        let got = sheet.read(path, text, |text| legal_prefix(text, room).map(|()| text.to_owned()));
        if let Got::Good(prefix) = &got
            && !prefix.ends_with('/')
        {
            sheet
                .warn(path, "does not end with `/`: rules and policies for it also cover keys that merely begin alike");
        }
        got.or(Some("replicanary/".to_owned()))
    })
}

fn legal_prefix(text: &str, room: usize) -> Result<(), Wrong> {
    let example = "write it like replicanary/";
    if text.is_empty() {
        return Err(Wrong::new("is empty, and canaries would lie among your objects", example));
    }
    if text.starts_with('/') {
        return Err(Wrong::new("begins with `/`", format!("write {}", show(text.trim_start_matches('/')))));
    }
    if text.len() > room {
        return Err(Wrong::new("makes keys longer than 1024 bytes", format!("make it at most {room} bytes")));
    }
    if text.chars().any(|char| char.is_control() || matches!(char, '*' | '?' | '\\' | '$')) {
        return Err(Wrong::new(
            "holds a control character, `*`, `?`, `\\` or `$`, which mean something in policies",
            example,
        ));
    }
    if text.split('/').any(|part| matches!(part, "." | "..")) || text.contains("//") {
        return Err(Wrong::new("has an empty part, `.` or `..`, which clients may fold", example));
    }
    Ok(())
}

fn tags(sheet: &mut Sheet<'_>, layers: &Layers<'_>) -> Option<BTreeMap<String, String>> {
    let (origin, tags) = layers.canary(|canary| canary.tags.as_ref());
    layers.at(origin, "canary", "tags", |path| {
        let mut all = Some(BTreeMap::new());
        for (key, value) in tags.into_iter().flatten() {
            let path = path.key(key);
            if let Some(wrong) = wrong_tag(key, 1..=128) {
                sheet.wrong(&path, "the tag's key", value.place(), wrong);
                all = None;
            }
            let read = |text: &str| wrong_tag(text, 0..=256).map_or_else(|| Ok(text.to_owned()), Err);
            let value = sheet.read(&path, Some(value), read).or(None);
            all = all.zip(value).map(|(mut all, value)| {
                all.insert(key.clone(), value);
                all
            });
        }
        let count = tags.map_or(0, BTreeMap::len);
        if count > 10 {
            sheet.fault(path, None, format!("there are {count} tags"), "keep at most 10".to_owned());
            return None;
        }
        all
    })
}

/// S3's rules for keys and values of tags.
fn wrong_tag(text: &str, length: std::ops::RangeInclusive<usize>) -> Option<Wrong> {
    let legal =
        |char: char| char.is_alphanumeric() || matches!(char, ' ' | '+' | '-' | '=' | '.' | '_' | ':' | '/' | '@');
    if !length.contains(&text.chars().count()) {
        let what = format!("is not {} to {} characters long", length.start(), length.end());
        return Some(Wrong::new(what, "shorten it, or give it a value"));
    }
    if !text.chars().all(legal) {
        return Some(Wrong::new("has characters that S3 refuses", "use letters, digits, spaces and + - = . _ : / @"));
    }
    text.to_lowercase().starts_with("aws:").then(|| Wrong::new("begins with `aws:`, which is reserved", "rename it"))
}
