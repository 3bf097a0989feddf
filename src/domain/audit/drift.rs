//! Drift: what became another in a route's set-up, told once two reads in a row agree on it.
//!
//! A setting that could not be read says nothing: what was known of it is kept and compared with the next answer.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value as Json;

use super::facts::{BucketFacts, Fact, KeyRead, NamedPolicy, RoleFacts, RouteFacts, SideFacts};
use crate::domain::replication::Replication;

#[cfg(test)]
mod tests;

/// The most characters of a value that are kept and told.
pub const VALUE_CHARS_MAX: usize = 480;

/// How what is not there is told.
pub const ABSENT: &str = "absent";

/// A change of the set-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What changed, one of a closed set fit for a label, such as `destination_versioning`.
    pub check: &'static str,
    /// The destination that it is about, by its place; absent: the source or the whole route.
    pub destination: Option<usize>,
    /// The field that changed, such as `versioning.status`.
    pub field: String,
    /// What it was, shortened; [`ABSENT`] where it was not there.
    pub before: String,
    /// What it is, shortened; [`ABSENT`] where it is not there any more.
    pub after: String,
}

/// What two reads in a row agreed on, and what only the last one said.
#[derive(Debug, Default)]
pub struct Drift {
    settled: BTreeMap<Place, Fields>,
    fresh: BTreeMap<Place, Fields>,
}

/// A setting: what it is called, at which destination, and of which key, where it is a key's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    check: &'static str,
    destination: Option<usize>,
    of: String,
}

/// A setting taken apart.
type Fields = BTreeMap<String, Value>;

/// The value of a field: the whole of it for comparing, the beginning for telling.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Value {
    digest: u64,
    shown: Box<str>,
}

impl Change {
    /// Whether replication may act on it only after a while (SEMANTICS 3.7: rule, versioning, policies).
    #[must_use]
    pub fn settles(&self) -> bool {
        self.check.contains("versioning")
            || self.check.contains("polic")
            || self.check.starts_with("replication")
            || self.check.starts_with("role")
    }
}

impl Drift {
    /// Takes in what was read; answers what changed for certain, and whether something is to be read once more before
    /// it can be told.
    pub fn take(&mut self, facts: &RouteFacts) -> (Vec<Change>, bool) {
        let mut flat = Flat::default();
        flat.route(facts);
        let mut changes = Vec::new();
        let mut fresh = BTreeMap::new();
        // A place that is gone was a consequence of another change; what hangs on an unread configuration is kept.
        if facts.replication.is_ok() {
            self.settled.retain(|place, _| flat.0.contains_key(place));
        }
        for (place, read) in flat.0 {
            let before = self.fresh.remove(&place);
            let Some(read) = read else {
                if let Some(before) = before {
                    fresh.insert(place, before);
                }
                continue;
            };
            let settled = self.settled.get(&place);
            if settled == Some(&read) {
                continue;
            }
            if before.as_ref() != Some(&read) {
                fresh.insert(place, read);
                continue;
            }
            if let Some(settled) = settled {
                changes.extend(differences(&place, settled, &read));
            }
            self.settled.insert(place, read);
        }
        let again = !fresh.is_empty();
        self.fresh = fresh;
        (changes, again)
    }
}

fn differences(place: &Place, before: &Fields, after: &Fields) -> Vec<Change> {
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    let told = |value: Option<&Value>| value.map_or_else(|| ABSENT.to_owned(), |value| value.shown.to_string());
    names
        .filter(|name| before.get(*name) != after.get(*name))
        .map(|name| Change {
            check: place.check,
            destination: place.destination,
            field: [place.of.as_str(), name].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "),
            before: told(before.get(name)),
            after: told(after.get(name)),
        })
        .collect()
}

/// The settings of a route, each taken apart; `None`: not read.
#[derive(Default)]
struct Flat(BTreeMap<Place, Option<Fields>>);

/// How the settings of a side are called: at the source, and at a destination.
type Names = (&'static str, &'static str);

impl Flat {
    fn route(&mut self, facts: &RouteFacts) {
        self.side(None, &facts.source);
        for (place, side) in facts.destinations.iter().enumerate() {
            self.side(Some(place), side);
        }
        self.replication(&facts.replication);
        if let Some(role) = &facts.role {
            self.role(role);
        }
    }

    fn put(&mut self, check: &'static str, destination: Option<usize>, of: &str, fields: Option<Fields>) {
        self.0.insert(Place { check, destination, of: of.to_owned() }, fields);
    }

    /// A setting that is one value or one struct.
    fn fact<T: serde::Serialize>(&mut self, names: Names, at: Option<usize>, of: &str, fact: &Fact<T>) {
        let fields = fact.as_ref().ok().map(|value| fields(serde_json::to_value(value).unwrap_or_default()));
        self.put(name(names, at), at, of, fields);
    }

    /// A setting that is a policy document.
    fn document(&mut self, names: Names, at: Option<usize>, of: &str, fact: &Fact<Option<String>>) {
        let fields =
            fact.as_ref().ok().map(|text| text.as_deref().map(|text| statements("", text)).unwrap_or_default());
        self.put(name(names, at), at, of, fields);
    }

    fn side(&mut self, at: Option<usize>, side: &SideFacts) {
        self.fact(("source_identity", "destination_identity"), at, "", &side.identity);
        let account = ("source_account_public_access", "destination_account_public_access");
        self.fact(account, at, "", &side.account_public_access);
        self.bucket(at, &side.bucket);
        for (key, read) in &side.keys {
            self.key(at, key, read);
        }
    }

    fn bucket(&mut self, at: Option<usize>, bucket: &BucketFacts) {
        self.fact(("source_region", "destination_region"), at, "", &bucket.region);
        self.fact(("source_owner", "destination_owner"), at, "", &bucket.is_owned_as_configured);
        self.fact(("source_versioning", "destination_versioning"), at, "", &bucket.versioning);
        self.fact(("source_public_access", "destination_public_access"), at, "", &bucket.public_access);
        self.fact(("source_policy_status", "destination_policy_status"), at, "", &bucket.policy_is_public);
        self.fact(("source_encryption", "destination_encryption"), at, "", &bucket.encryption);
        self.document(("source_policy", "destination_policy"), at, "", &bucket.policy);
        self.fact(("source_ownership", "destination_ownership"), at, "", &bucket.ownership);
        self.fact(("source_object_lock", "destination_object_lock"), at, "", &bucket.object_lock);
        self.fact(("source_requester_pays", "destination_requester_pays"), at, "", &bucket.requester_pays);
        self.fact(("source_lifecycle", "destination_lifecycle"), at, "", &bucket.lifecycle);
        self.fact(("source_notifications", "destination_notifications"), at, "", &bucket.notifications);
    }

    fn key(&mut self, at: Option<usize>, key: &str, read: &KeyRead) {
        self.fact(("source_key", "destination_key"), at, key, &read.description);
        let policy = read.policy.clone().map(Some);
        self.document(("source_key_policy", "destination_key_policy"), at, key, &policy);
        self.fact(("source_key_grants", "destination_key_grants"), at, key, &read.grants);
    }

    fn replication(&mut self, replication: &Fact<Option<Replication>>) {
        let read = replication.as_ref().ok().map(Option::as_ref);
        let role = read.map(|it| it.map(|it| fields(Json::String(it.role.clone()))).unwrap_or_default());
        self.put("replication_role", None, "", role);
        let rules = read.map(|it| {
            let rules = it.map(|it| it.rules.as_slice()).unwrap_or_default().iter().enumerate();
            let each = rules.flat_map(|(place, rule)| {
                let head = if rule.id.is_empty() { format!("rule {place}") } else { rule.id.clone() };
                prefixed(&head, fields(serde_json::to_value(rule).unwrap_or_default()))
            });
            each.collect()
        });
        self.put("replication_rule", None, "", rules);
    }

    fn role(&mut self, role: &RoleFacts) {
        let read = role.role.as_ref().ok().map(Option::as_ref);
        let identity = read.map(|it| {
            let of = |it: &super::facts::Role| {
                let parts =
                    [("arn", Some(&it.arn)), ("unique_id", Some(&it.unique_id)), ("boundary", it.boundary.as_ref())];
                let known = parts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::of(value?))));
                known.collect::<Fields>()
            };
            it.map(of).unwrap_or_default()
        });
        self.put("role", None, "", identity);
        let trust = role.role.clone().map(|role| role.map(|role| role.trust));
        self.document(("role_trust", "role_trust"), None, "", &trust);
        let policies = |policies: &Fact<Vec<NamedPolicy>>| {
            let all = policies.as_ref().ok()?.iter();
            Some(all.flat_map(|policy| statements(&policy.name, &policy.document)).collect::<Fields>())
        };
        self.put("role_inline_policies", None, "", policies(&role.inline));
        self.put("role_attached_policies", None, "", policies(&role.attached));
        let boundary = role.boundary.clone().map(|boundary| boundary.into_iter().collect());
        self.put("role_boundary", None, "", policies(&boundary));
        self.fact(("role_simulation", "role_simulation"), None, "", &role.simulated);
    }
}

impl Value {
    fn of(text: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let mut shown: String = text.chars().take(VALUE_CHARS_MAX).collect();
        if shown.len() < text.len() {
            shown.push_str(" ...");
        }
        Self { digest: hasher.finish(), shown: shown.into() }
    }
}

fn name((source, destination): Names, at: Option<usize>) -> &'static str {
    if at.is_some() { destination } else { source }
}

/// A struct field by field, a list entry by entry, anything else whole. What is null is not there.
fn fields(value: Json) -> Fields {
    match value {
        Json::Null => Fields::new(),
        Json::Object(object) => {
            let present = object.into_iter().filter(|(_, value)| !value.is_null());
            present.map(|(name, value)| (name, Value::of(&text(&value)))).collect()
        }
        Json::Array(entries) => {
            let named = |(place, entry): (usize, Json)| {
                let name = ["id", "arn", "grantee"].iter().find_map(|key| entry.get(key)?.as_str());
                let name = name.filter(|name| !name.is_empty()).map(str::to_owned);
                let action =
                    entry.get("action").and_then(Json::as_str).zip(entry.get("resource").and_then(Json::as_str));
                let action = action.map(|(action, resource)| format!("{action} {resource}"));
                (name.or(action).unwrap_or_else(|| place.to_string()), Value::of(&text(&entry)))
            };
            collected(entries.into_iter().enumerate().map(named))
        }
        whole @ (Json::Bool(_) | Json::Number(_) | Json::String(_)) => {
            Fields::from([(String::new(), Value::of(&text(&whole)))])
        }
    }
}

/// A policy statement by statement, so that a change is told as small as it is. What is no policy is told whole.
fn statements(of: &str, document: &str) -> Fields {
    let Ok(Json::Object(mut policy)) = serde_json::from_str::<Json>(document) else {
        return prefixed(of, Fields::from([(String::new(), Value::of(document))]));
    };
    let all = match policy.remove("Statement") {
        Some(Json::Array(all)) => all,
        Some(one) => vec![one],
        None => Vec::new(),
    };
    let statement = |(place, statement): (usize, Json)| {
        let sid = statement.get("Sid").and_then(Json::as_str).filter(|sid| !sid.is_empty());
        let name = sid.map_or_else(|| format!("statement {place}"), |sid| format!("statement {sid}"));
        (name, Value::of(&statement.to_string()))
    };
    let mut fields = collected(all.into_iter().enumerate().map(statement));
    fields.extend(policy.into_iter().map(|(name, value)| (name, Value::of(&text(&value)))));
    prefixed(of, fields)
}

/// Entries of the same name are told apart by a number.
fn collected(entries: impl Iterator<Item = (String, Value)>) -> Fields {
    let mut fields = Fields::new();
    for (name, value) in entries {
        let same = fields.keys().filter(|other| *other == &name || other.starts_with(&format!("{name} #"))).count();
        let name = if same == 0 { name } else { format!("{name} #{}", same + 1) };
        fields.insert(name, value);
    }
    fields
}

fn prefixed(head: &str, fields: Fields) -> Fields {
    let under = |name: String| match (head.is_empty(), name.is_empty()) {
        (true, _) => name,
        (false, true) => head.to_owned(),
        (false, false) => format!("{head} {name}"),
    };
    fields.into_iter().map(|(name, value)| (under(name), value)).collect()
}

fn text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
