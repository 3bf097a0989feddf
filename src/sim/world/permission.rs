//! Who may do what: identity policies, permissions boundaries, sessions and the policies of resources, put together.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::error::WorldError;
use super::identity::Caller;
use super::moment::Moment;
use super::policy::{Answer, Decision, Grip, Policy, Request};
use super::state::State;

/// What stands behind a role: its documents as they are in force.
#[derive(Clone, Debug, Default)]
pub(super) struct Authority {
    pub(super) trust: Policy,
    /// Inline and managed policies.
    pub(super) documents: Vec<Policy>,
    pub(super) boundary: Option<Policy>,
}

/// What somebody wants to do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    pub(super) caller: &'a Caller,
    /// `s3:GetObject`, `kms:Decrypt`, ...
    pub(super) action: &'a str,
    /// ARN of the resource, `*` where an action has none.
    pub(super) resource: &'a str,
    /// Account that owns the resource.
    pub(super) owner: &'a str,
    /// Condition keys of this call. Those about the caller and the time are added: see [`State::authorize`].
    pub(super) context: &'a [(&'a str, &'a str)],
    pub(super) guard: Guard<'a>,
    pub(super) at: Moment,
}

/// What stands at the resource's side.
#[derive(Clone, Copy, Debug)]
pub(super) enum Guard<'a> {
    /// Nothing.
    None,
    /// A policy that can allow and deny: a bucket's.
    Policy(&'a Policy),
    /// A policy that has to allow, without which no policy of an identity counts: a key's or a role's trust.
    Gate(&'a Policy),
    /// The same, and a grant of KMS allows in its place.
    Granted(&'a Policy),
}

/// Why a call is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// An explicit Deny in this kind of policy.
    Explicit(Source),
    /// No policy of this kind allows it.
    Implicit(Source),
}

/// The kinds of policies, as AWS calls them in its refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Identity,
    Boundary,
    Session,
    Resource,
}

impl Source {
    const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity-based policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::Resource => "resource-based policy",
        }
    }
}

impl Refused {
    /// The sentence of the error body, for all services alike.
    pub(super) fn message(self, call: &Call<'_>) -> String {
        let Call { caller, action, resource, .. } = call;
        let begin = format!("User: {} is not authorized to perform: {action} on resource: {resource}", caller.arn);
        match self {
            Self::Explicit(source) => {
                let article = if source == Source::Identity { "an" } else { "a" };
                format!("{begin} with an explicit deny in {article} {}", source.name())
            }
            Self::Implicit(source) => format!("{begin} because no {} allows the {action} action", source.name()),
        }
    }

    /// As S3, IAM and STS refuse: `AccessDenied`, 403.
    pub(super) fn access_denied(self, call: &Call<'_>) -> WorldError {
        WorldError::new(403, "AccessDenied", self.message(call))
    }

    /// As KMS, SQS and CloudWatch refuse: `AccessDeniedException`, 400.
    pub(super) fn access_denied_exception(self, call: &Call<'_>) -> WorldError {
        WorldError::new(400, "AccessDeniedException", self.message(call))
    }
}

impl State {
    /// Decides a call as AWS does (IAM User Guide, "Policy evaluation logic"): an explicit Deny anywhere wins; within
    /// an account the policy of the identity or that of the resource is enough; across accounts both have to allow.
    /// The root of an account may do everything in it that no policy of a resource denies. Condition keys about the
    /// caller, the resource's account and the time are known; the Region, the network and the like come with the call.
    ///
    /// # Errors
    /// [`Refused`], out of which each service words its own refusal.
    pub(super) fn authorize(&self, call: &Call<'_>) -> Result<(), Refused> {
        let ambient = ambient(call);
        let mut context: Vec<(&str, &str)> = ambient.iter().map(|(key, value)| (*key, value.as_ref())).collect();
        context.extend_from_slice(call.context);
        let Call { caller, action, resource, .. } = *call;
        let request = Request { caller, action, resource, context: &context };
        let answer = match call.guard {
            Guard::None => Answer::Silent,
            Guard::Policy(policy) | Guard::Gate(policy) | Guard::Granted(policy) => policy.answer(&request),
        };
        let grip = match (answer, call.guard) {
            (Answer::Deny, _) => return Err(Refused::Explicit(Source::Resource)),
            (Answer::Allow(grip), Guard::Granted(_)) => Some(grip.max(Grip::Principal)),
            (_, Guard::Granted(_)) => Some(Grip::Principal),
            (Answer::Allow(grip), _) => Some(grip),
            (Answer::Silent, _) => None,
        };
        let same_account = caller.account == call.owner;
        let gated = matches!(call.guard, Guard::Gate(_) | Guard::Granted(_));
        let shut_out = grip.is_none() && (gated || !same_account);
        let shut_out = if shut_out { Err(Refused::Implicit(Source::Resource)) } else { Ok(()) };
        let Some(role) = &caller.role else { return shut_out };
        let nothing = Authority::default();
        let authority = self.authority_of(&role.unique_id, call.at).unwrap_or(&nothing);
        let identity = authority.decide(&request);
        let limits = [(Source::Boundary, authority.boundary.as_ref()), (Source::Session, role.session_policy.as_ref())];
        let limits = limits.map(|(source, policy)| (source, policy.map(|policy| policy.decide_for_owner(&request))));
        if identity == Decision::Deny {
            return Err(Refused::Explicit(Source::Identity));
        }
        if let Some((source, _)) = limits.iter().find(|(_, said)| *said == Some(Decision::Deny)) {
            return Err(Refused::Explicit(*source));
        }
        shut_out?;
        let limited = limits.iter().find(|(_, said)| *said == Some(Decision::Silent)).map(|(source, _)| *source);
        if same_account && grip == Some(Grip::Session) {
            return Ok(());
        }
        if identity != Decision::Allow && !(same_account && grip >= Some(Grip::Principal)) {
            return Err(Refused::Implicit(Source::Identity));
        }
        limited.map_or(Ok(()), |source| Err(Refused::Implicit(source)))
    }

    /// What stands behind the role with this unique id at `at`; `None` when it is gone.
    pub(super) fn authority_of(&self, unique_id: &str, at: Moment) -> Option<&Authority> {
        self.authorities.get(unique_id).map(|timeline| timeline.at(at).as_ref())
    }

    /// Puts what stands behind a role into force from `from` on, after any of its documents has changed.
    pub(super) fn refresh_authority(&mut self, id: &(String, String), from: Moment) {
        let Some(role) = self.roles.get(id) else { return };
        let managed = role.attached.iter().chain(&role.boundary);
        let managed: BTreeMap<&String, Policy> =
            managed.filter_map(|arn| Some((arn, self.policies.get(arn)?.document.clone()))).collect();
        let attached = role.attached.iter().filter_map(|arn| managed.get(arn).cloned());
        let authority = Authority {
            trust: role.trust.clone(),
            documents: role.inline_policies.values().cloned().chain(attached).collect(),
            boundary: role.boundary.as_ref().and_then(|arn| managed.get(arn).cloned()),
        };
        let unique_id = role.unique_id.clone();
        let authority = Arc::new(authority);
        match self.authorities.get_mut(&unique_id) {
            Some(timeline) => timeline.set(from, authority),
            None => {
                self.authorities.insert(unique_id, super::timeline::Timeline::new(authority));
            }
        }
    }
}

impl Authority {
    /// What the identity's own documents say.
    pub(super) fn decide(&self, request: &Request<'_>) -> Decision {
        self.documents.iter().fold(Decision::Silent, |decision, document| {
            match (decision, document.decide_for_owner(request)) {
                (Decision::Deny, _) | (_, Decision::Deny) => Decision::Deny,
                (Decision::Allow, _) | (_, Decision::Allow) => Decision::Allow,
                (Decision::Silent, Decision::Silent) => Decision::Silent,
            }
        })
    }
}

/// The condition keys that every call has.
fn ambient<'a>(call: &Call<'a>) -> Vec<(&'static str, Cow<'a, str>)> {
    let caller = call.caller;
    let kind = if caller.role.is_some() { "AssumedRole" } else { "Account" };
    vec![
        ("aws:PrincipalArn", caller.policy_arn().into()),
        ("aws:PrincipalAccount", caller.account.as_str().into()),
        ("aws:PrincipalType", kind.into()),
        ("aws:userid", caller.user_id.as_str().into()),
        ("aws:ResourceAccount", call.owner.into()),
        ("aws:SecureTransport", "true".into()),
        ("aws:ViaAWSService", "false".into()),
        ("aws:PrincipalIsAWSService", "false".into()),
        ("aws:CurrentTime", call.at.to_string().into()),
        ("aws:EpochTime", call.at.seconds().to_string().into()),
    ]
}
