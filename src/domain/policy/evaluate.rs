//! Several policies together: who must allow what, within an account and across accounts.
//!
//! "Policy evaluation logic" (IAM User Guide), "Key policies" and "Allowing users in other accounts to use a KMS key"
//! (KMS Developer Guide).

use std::sync::Arc;

use super::answer::{Answer, Denial, Place, Side};
use super::condition;
use super::document::{Document, Effect, Statement};
use super::grant;
use super::pattern::{self, Pattern, Wildcards};
use super::principal::{self, Closeness};
use super::request::{Caller, Request};
use super::truth::Truth;
use super::worlds;
use crate::domain::audit::facts::Grant;

/// Everything that takes part in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policies {
    /// The caller's inline and attached policies; none for a service.
    pub identity: Set,
    /// Its permissions boundary, where it has one.
    pub boundary: Option<Set>,
    /// The policy of the resource.
    pub resource: Set,
    /// The account that owns the resource.
    pub owner: String,
    /// What the resource is.
    pub guard: Guard,
}

/// What a resource is: it decides whether its owner's identity policies can do without its policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    /// A bucket: within the account an identity policy suffices.
    Bucket,
    /// A KMS key: nothing is allowed but through the key policy, or through a grant.
    Key {
        /// The grants on the key.
        grants: Vec<Grant>,
    },
    /// A role's trust policy: nobody assumes the role but through it.
    Trust,
}

/// Policies of one side, each with the name that answers call it by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Set {
    documents: Vec<(String, Arc<Document>)>,
    unread: Vec<String>,
}

impl Set {
    /// No policy.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// One policy by name.
    #[must_use]
    pub fn of(name: &str, document: Arc<Document>) -> Self {
        Self::none().and(name, document)
    }

    /// One more policy.
    #[must_use]
    pub fn and(mut self, name: &str, document: Arc<Document>) -> Self {
        self.documents.push((name.to_owned(), document));
        self
    }

    /// One more policy, which could not be read: it may say anything.
    #[must_use]
    pub fn and_unread(mut self, name: &str) -> Self {
        self.unread.push(name.to_owned());
        self
    }

    /// The policies, by name.
    #[must_use]
    pub fn documents(&self) -> &[(String, Arc<Document>)] {
        &self.documents
    }
}

impl Policies {
    fn documents(&self) -> impl Iterator<Item = &(String, Arc<Document>)> {
        let sides = [Some(&self.identity), self.boundary.as_ref(), Some(&self.resource)];
        sides.into_iter().flatten().flat_map(|set| &set.documents)
    }

    /// Whether any of them names this context key.
    pub(super) fn mention(&self, key: &str) -> bool {
        self.documents().any(|(_, document)| document.mentions(key))
    }

    /// A context key as they write it, and the statements that name it.
    pub(super) fn mentions(&self, key: &str) -> (String, Vec<Place>) {
        let mut written = None;
        let mut places = Vec::new();
        for (name, document) in self.documents() {
            for statement in document.statements.iter().filter(|statement| statement.mentions(key)) {
                let keys = statement.conditions.iter().map(|condition| &condition.key);
                written = written.or_else(|| keys.clone().find(|own| own.eq_ignore_ascii_case(key)).cloned());
                places.push(place_of(name, statement));
            }
        }
        (written.unwrap_or_else(|| key.to_owned()), places)
    }
}

/// Whether the policies together allow the request. Where it is only unknown whether a value is sent, both ways are
/// judged, and the answer depends on it only if they differ.
#[must_use]
pub fn evaluate(policies: &Policies, request: &Request) -> Answer {
    worlds::judge(policies, request, &|request| evaluate_one(policies, request))
}

fn evaluate_one(policies: &Policies, request: &Request) -> Answer {
    let identity = Heard::of(&policies.identity, request, Side::Identity);
    let boundary = policies.boundary.as_ref().map(|boundary| Heard::of(boundary, request, Side::Boundary));
    let mut resource = Heard::of(&policies.resource, request, Side::Resource);
    if boundary.is_some() {
        resource.hits.extend(denials_by_exception(&policies.resource, request));
    }
    let sides = || [Some(&identity), boundary.as_ref(), Some(&resource)].into_iter().flatten();
    let denied = Truth::any(sides().map(Heard::denied));
    let granted = granted(policies, request, &identity, boundary.as_ref(), &resource);
    if denied == Truth::Yes
        && let Some(place) = sides().find_map(Heard::denying)
    {
        return Answer::Denied(Denial::Explicit(place));
    }
    match granted.clone().and(denied.negated()) {
        Truth::Yes => Answer::Allowed { by: sides().flat_map(|side| side.places(Effect::Allow, true)).collect() },
        Truth::No => Answer::Denied(Denial::Implicit { lacking: sides().filter_map(Heard::lacking).collect() }),
        Truth::Depends(on) => {
            let hanging = |effect| move |side: &Heard| side.places(effect, false);
            let mut statements: Vec<Place> = sides().flat_map(hanging(Effect::Deny)).collect();
            statements.extend(sides().flat_map(hanging(Effect::Allow)));
            Answer::Depends { on, statements }
        }
    }
}

/// Whether enough of the policies allow it, denials apart.
fn granted(
    policies: &Policies,
    request: &Request,
    identity: &Heard,
    boundary: Option<&Heard>,
    resource: &Heard,
) -> Truth {
    let named = resource.allowed(Closeness::Itself);
    let session = resource.allowed(Closeness::Session);
    let account = resource.allowed(Closeness::Account);
    let anyhow = named.clone().or(session.clone()).or(account.clone());
    if matches!(request.caller, Caller::Service { .. }) {
        return anyhow;
    }
    let bounded = boundary.map_or(Truth::Yes, |boundary| boundary.allowed(Closeness::Itself));
    let is_root = matches!(request.caller, Caller::Root { .. });
    // A boundary does not limit what a policy of the same account grants to a user by its ARN; it does for a role's.
    let named = if matches!(request.caller, Caller::User { .. }) { named } else { named.and(bounded.clone()) };
    let by_identity = if is_root { Truth::Yes } else { identity.allowed(Closeness::Itself) }.and(bounded.clone());
    let is_same_account = request.caller.account() == Some(policies.owner.as_str());
    match &policies.guard {
        Guard::Bucket if is_same_account => by_identity.or(named).or(session),
        Guard::Trust if is_same_account => by_identity.and(account).or(named).or(session),
        Guard::Bucket | Guard::Trust => by_identity.and(anyhow),
        Guard::Key { grants } => {
            // A grant suffices across accounts as well: the Auto Scaling guide has its role, whose policy says nothing
            // of KMS, use another account's key by one.
            let by_grant = grant::allows(grants, request).and(bounded);
            let by_policy =
                if is_same_account { by_identity.and(account).or(named).or(session) } else { by_identity.and(anyhow) };
            by_policy.or(by_grant)
        }
    }
}

/// What the policies of one side say of a request.
struct Heard {
    side: Side,
    hits: Vec<Hit>,
    unread: Truth,
}

/// A statement that is or may be about the request.
struct Hit {
    place: Place,
    effect: Effect,
    closeness: Closeness,
    truth: Truth,
}

impl Heard {
    fn of(set: &Set, request: &Request, side: Side) -> Self {
        let mut hits = Vec::new();
        for (name, document) in &set.documents {
            for statement in &document.statements {
                hits.extend(hits_of(name, document, statement, request, side));
            }
        }
        Self { side, hits, unread: Truth::any(set.unread.iter().map(|name| Truth::on(name))) }
    }

    fn denied(&self) -> Truth {
        self.any(|hit| hit.effect == Effect::Deny)
    }

    /// Whether a statement allows it that names the caller so closely; in identity policies all do as the caller.
    fn allowed(&self, closeness: Closeness) -> Truth {
        self.any(|hit| hit.effect == Effect::Allow && hit.closeness == closeness)
    }

    fn any(&self, which: impl Fn(&Hit) -> bool) -> Truth {
        let heard = Truth::any(self.hits.iter().filter(|hit| which(hit)).map(|hit| hit.truth.clone()));
        heard.or(self.unread.clone())
    }

    fn denying(&self) -> Option<Place> {
        let denying = |hit: &&Hit| hit.effect == Effect::Deny && hit.truth == Truth::Yes;
        self.hits.iter().find(denying).map(|hit| hit.place.clone())
    }

    /// The statements of an effect that hold for certain, or those that only may.
    fn places(&self, effect: Effect, for_certain: bool) -> Vec<Place> {
        let which = |hit: &&Hit| hit.effect == effect && (hit.truth == Truth::Yes) == for_certain;
        let mut places: Vec<Place> = self.hits.iter().filter(which).map(|hit| hit.place.clone()).collect();
        places.dedup();
        places
    }

    /// Its side, if nothing of it allows the request.
    fn lacking(&self) -> Option<Side> {
        (self.any(|hit| hit.effect == Effect::Allow) == Truth::No).then_some(self.side)
    }
}

fn hits_of(name: &str, document: &Document, statement: &Statement, request: &Request, side: Side) -> Vec<Hit> {
    let covered = covers(document, statement, request);
    if covered == Truth::No {
        return Vec::new();
    }
    let named = match (&statement.principals, side) {
        (Some(principals), Side::Resource) => principal::matches(principals, &request.caller),
        (None, Side::Resource) => Vec::new(),
        (_, Side::Identity | Side::Boundary) => vec![(Closeness::Itself, Truth::Yes)],
    };
    let hit = |(closeness, is_caller): (Closeness, Truth)| Hit {
        place: place_of(name, statement),
        effect: statement.effect,
        closeness,
        truth: is_caller.and(covered.clone()),
    };
    named.into_iter().map(hit).filter(|hit| hit.truth != Truth::No).collect()
}

/// `NotPrincipal` with `Deny` denies everyone who has a permissions boundary, even those whom it excepts ("Permissions
/// boundaries for IAM entities", IAM User Guide).
fn denials_by_exception(set: &Set, request: &Request) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (name, document) in &set.documents {
        let excepting = document.statements.iter().filter(|statement| {
            statement.effect == Effect::Deny && statement.principals.as_ref().is_some_and(|named| named.is_all_but)
        });
        for statement in excepting {
            hits.push(Hit {
                place: place_of(name, statement),
                effect: Effect::Deny,
                closeness: Closeness::Itself,
                truth: covers(document, statement, request),
            });
        }
    }
    hits.into_iter().filter(|hit| hit.truth != Truth::No).collect()
}

/// Whether a statement covers the request's action and resource, and its conditions hold.
fn covers(document: &Document, statement: &Statement, request: &Request) -> Truth {
    let is_listed = statement
        .actions
        .items
        .iter()
        .any(|action| Pattern::plain(action, Wildcards::Active).matches_without_case(&request.action));
    let mut covered = Truth::from(is_listed != statement.actions.is_all_but);
    if let Some(resources) = &statement.resources {
        let matched =
            pattern::resource_matches(&resources.items, &request.resource, &request.context, document.has_variables);
        covered = covered.and(if resources.is_all_but { matched.negated() } else { matched });
    }
    if covered == Truth::No {
        return covered;
    }
    let conditions = statement.conditions.iter();
    covered.and(Truth::all(
        conditions.map(|condition| condition::holds(condition, &request.context, document.has_variables)),
    ))
}

fn place_of(policy: &str, statement: &Statement) -> Place {
    Place { policy: policy.to_owned(), statement: statement.place, sid: statement.sid.clone() }
}
