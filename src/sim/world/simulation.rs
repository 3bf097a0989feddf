//! IAM's policy simulator: what policies would say to actions, with no resource's policy and no call behind it.

use std::collections::BTreeSet;

use super::identity::Caller;
use super::moment::Moment;
use super::policy::{Decision, Policy, PolicyKind, Request};
use super::refusal::Result;
use super::{World, WorldError, arn};

/// What `SimulatePrincipalPolicy` and `SimulateCustomPolicy` carry.
#[derive(Clone, Debug, Default)]
pub struct Simulation {
    /// ARN of the role whose policies are evaluated; `None` for those given alone.
    pub principal: Option<String>,
    /// Further policies, JSON.
    pub documents: Vec<String>,
    /// Boundaries, JSON; the principal's own counts where none is given.
    pub boundaries: Vec<String>,
    /// Names of actions.
    pub actions: Vec<String>,
    /// ARNs; `*` when none is given.
    pub resources: Vec<String>,
    /// Condition keys, each with a value; a key with several values stands there several times.
    pub context: Vec<(String, String)>,
}

/// One row of the answer: an action on a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// The action.
    pub action: String,
    /// The resource.
    pub resource: String,
    /// `allowed`, `explicitDeny` or `implicitDeny`.
    pub decision: &'static str,
    /// The statements that decided.
    pub matched: Vec<MatchedStatement>,
    /// Condition keys that the policies ask for and nobody gave.
    pub missing: Vec<String>,
    /// Whether the boundary allows it, if there is one.
    pub within_boundary: Option<bool>,
}

/// A statement that took part in a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchedStatement {
    /// `SourcePolicyId`.
    pub policy: String,
    /// Line and column of its first character, from 1.
    pub start: (usize, usize),
    /// Line and column behind its last character.
    pub end: (usize, usize),
}

/// The policies of a simulation, by name.
struct Documents {
    named: Vec<(String, Policy)>,
    boundaries: Vec<Policy>,
}

impl World {
    /// IAM `SimulatePrincipalPolicy` and `SimulateCustomPolicy`: one row for each action and resource.
    ///
    /// # Errors
    /// `NoSuchEntity`, `InvalidInput` for what is no ARN of a role or no policy, `AccessDenied`.
    pub fn simulate(&mut self, now: Moment, caller: &Caller, request: &Simulation) -> Result<Vec<Evaluation>> {
        let now = self.enter(now);
        let (action, resource) = match &request.principal {
            Some(principal) => ("iam:SimulatePrincipalPolicy", principal.as_str()),
            None => ("iam:SimulateCustomPolicy", "*"),
        };
        self.state.authorize_iam(caller, action, resource, now)?;
        let documents = self.documents(caller, request, now)?;
        let (time, epoch) = (now.to_string(), now.seconds().to_string());
        let given: Vec<(&str, &str)> = request.context.iter().map(|(key, value)| (&**key, &**value)).collect();
        let known = |key: &str| given.iter().any(|(name, _)| name.eq_ignore_ascii_case(key));
        let mut context = given.clone();
        for (key, value) in [("aws:CurrentTime", time.as_str()), ("aws:EpochTime", epoch.as_str())] {
            if !known(key) {
                context.push((key, value));
            }
        }
        let everything = ["*".to_owned()];
        let resources = if request.resources.is_empty() { &everything[..] } else { &request.resources };
        let ask = |action: &String, resource: &String| {
            documents.evaluate(&Request { caller, action, resource, context: &context })
        };
        let rows = request.actions.iter().flat_map(|action| resources.iter().map(move |resource| (action, resource)));
        Ok(rows.map(|(action, resource)| ask(action, resource)).collect())
    }

    fn documents(&self, caller: &Caller, request: &Simulation, now: Moment) -> Result<Documents> {
        let read = |text: &String| {
            let bound = self.state.bind_policy(PolicyKind::Identity, text);
            bound.map_err(|flaw| WorldError::new(400, "InvalidInput", flaw.message))
        };
        let mut named = Vec::new();
        let mut own_boundary = None;
        if let Some(principal) = &request.principal {
            let invalid = || WorldError::new(400, "InvalidInput", format!("Invalid Entity Arn: {principal}"));
            let (account, name) = arn::role_parts(principal).ok_or_else(invalid)?;
            let role = self.state.role_of(caller, name)?;
            if account != caller.account || role.arn != *principal {
                return Err(super::role::no_such_role(name));
            }
            let inline = self.state.inline_policies(&role, now).into_iter();
            named.extend(inline.map(|(policy, document)| (format!("role_{name}_{policy}"), document)));
            let managed = role.attached.iter().filter_map(|arn| self.state.policies.get(arn));
            named.extend(managed.map(|policy| (policy.name.clone(), policy.document.clone())));
            own_boundary =
                role.boundary.and_then(|arn| self.state.policies.get(&arn)).map(|policy| policy.document.clone());
        }
        for (number, text) in (1..).zip(&request.documents) {
            named.push((format!("PolicyInputList.{number}"), read(text)?));
        }
        let boundaries: Vec<Policy> = request.boundaries.iter().map(read).collect::<Result<_>>()?;
        let boundaries = if boundaries.is_empty() { own_boundary.into_iter().collect() } else { boundaries };
        Ok(Documents { named, boundaries })
    }
}

impl Documents {
    fn evaluate(&self, request: &Request<'_>) -> Evaluation {
        let denies = |policy: &Policy| policy.decide_for_owner(request) == Decision::Deny;
        let allows = |policy: &Policy| policy.decide_for_owner(request) == Decision::Allow;
        let matched = self.named.iter().flat_map(|(name, policy)| {
            let row = |found: super::policy::Match| {
                (found.allows, MatchedStatement { policy: name.clone(), start: found.span.start, end: found.span.end })
            };
            policy.matches(request).into_iter().map(row)
        });
        let matched: Vec<(bool, MatchedStatement)> = matched.collect();
        let within = self.boundaries.iter().all(allows);
        let denied = self.named.iter().any(|(_, policy)| denies(policy)) || self.boundaries.iter().any(denies);
        let allowed = within && matched.iter().any(|(allows, _)| *allows);
        let decision = match (denied, allowed) {
            (true, _) => "explicitDeny",
            (false, true) => "allowed",
            (false, false) => "implicitDeny",
        };
        // A Deny is explained by the statements that deny.
        let explains = |row: &(bool, MatchedStatement)| row.0 != denied;
        let policies = self.named.iter().map(|(_, policy)| policy).chain(&self.boundaries);
        let wanted: BTreeSet<&str> = policies.flat_map(|policy| policy.wanted_keys(request)).collect();
        let given = |key: &str| request.context.iter().any(|(name, _)| name.eq_ignore_ascii_case(key));
        Evaluation {
            action: request.action.to_owned(),
            resource: request.resource.to_owned(),
            decision,
            matched: matched.into_iter().filter(explains).map(|(_, statement)| statement).collect(),
            missing: wanted.into_iter().filter(|key| !given(key)).map(str::to_owned).collect(),
            within_boundary: (!self.boundaries.is_empty()).then_some(within),
        }
    }
}
