//! IAM: roles, their trust, and the policies on them.

use std::collections::BTreeMap;

use super::iam::HOUR_SECONDS;
use super::identity::{Caller, CreateRole, Role};
use super::journal::{Change, RoleChange};
use super::moment::Moment;
use super::permission::{Call, Guard};
use super::policy::{Policy, PolicyKind};
use super::refusal::{Result, validation};
use super::state::State;
use super::{World, WorldError};
use crate::sim::random;

/// Calls of IAM on roles. Everything happens in the caller's account. A change acts once it has propagated, and is read
/// back at once.
impl World {
    /// IAM `CreateRole`.
    ///
    /// # Errors
    /// `EntityAlreadyExists`, `MalformedPolicyDocument`, `ValidationError`; `NoSuchEntity` for the boundary;
    /// `AccessDenied`, as for every call here.
    pub fn create_role(&mut self, now: Moment, caller: &Caller, request: CreateRole) -> Result<Role> {
        let now = self.enter(now);
        check_role(&request)?;
        let arn = role_arn(&caller.account, &request);
        self.state.authorize_iam(caller, "iam:CreateRole", &arn, now)?;
        let id = (caller.account.clone(), request.name.clone());
        if self.state.roles.contains_key(&id) {
            let message = format!("Role with name {} already exists.", request.name);
            return Err(WorldError::new(409, "EntityAlreadyExists", message));
        }
        let trust = self.state.bind_trust(&request.trust_policy)?;
        if let Some(boundary) = &request.boundary {
            self.state.managed_policy(&caller.account, boundary)?;
        }
        self.commit(now, Change::RoleCreated { account: caller.account.clone(), request, trust });
        self.state.role_of(caller, &id.1)
    }

    /// IAM `GetRole`: its trust as AWS shows it now, see [`World::bucket_policy`].
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn role(&mut self, now: Moment, caller: &Caller, name: &str) -> Result<Role> {
        let role = self.role_for(now, caller, name, "iam:GetRole")?;
        Ok(self.state.role_as_shown(&role))
    }

    /// IAM `ListRoles`: those under a path, by name.
    ///
    /// # Errors
    /// None but `AccessDenied`.
    pub fn roles(&mut self, now: Moment, caller: &Caller, prefix: &str) -> Result<Vec<Role>> {
        let now = self.enter(now);
        self.state.authorize_iam(caller, "iam:ListRoles", &format!("arn:aws:iam::{}:role/", caller.account), now)?;
        let own = self.state.roles.values().filter(|role| role.account == caller.account);
        Ok(own.filter(|role| role.path.starts_with(prefix)).map(|role| self.state.role_as_shown(role)).collect())
    }

    /// IAM `DeleteRole`; a role created again under the same name is another one.
    ///
    /// # Errors
    /// `NoSuchEntity`; `DeleteConflict` while it has policies.
    pub fn delete_role(&mut self, now: Moment, caller: &Caller, name: &str) -> Result<()> {
        let role = self.role_for(now, caller, name, "iam:DeleteRole")?;
        if !role.attached.is_empty() {
            return Err(delete_conflict("Cannot delete entity, must detach all policies first."));
        }
        if !role.inline_policies.is_empty() {
            return Err(delete_conflict("Cannot delete entity, must delete policies first."));
        }
        self.commit(now, Change::RoleDeleted { account: role.account, name: role.name });
        Ok(())
    }

    /// IAM `UpdateAssumeRolePolicy`.
    ///
    /// # Errors
    /// `NoSuchEntity`, `MalformedPolicyDocument`.
    pub fn update_trust(&mut self, now: Moment, caller: &Caller, name: &str, text: &str) -> Result<()> {
        let role = self.role_for(now, caller, name, "iam:UpdateAssumeRolePolicy")?;
        let trust = self.state.bind_trust(text)?;
        self.change_role(now, role, RoleChange::Trust(trust));
        Ok(())
    }

    /// IAM `PutRolePolicy`.
    ///
    /// # Errors
    /// `NoSuchEntity`, `MalformedPolicyDocument`, `ValidationError` for the name.
    pub fn put_role_policy(
        &mut self,
        now: Moment,
        caller: &Caller,
        name: &str,
        policy_name: &str,
        text: &str,
    ) -> Result<()> {
        let role = self.role_for(now, caller, name, "iam:PutRolePolicy")?;
        check_name("policyName", policy_name, 128)?;
        let policy = self.state.bind_policy(PolicyKind::Identity, text)?;
        self.change_role(now, role, RoleChange::Inline(policy_name.to_owned(), Some(policy)));
        Ok(())
    }

    /// IAM `GetRolePolicy`: the text as it was given.
    ///
    /// # Errors
    /// `NoSuchEntity` for role and policy.
    pub fn role_policy(&mut self, now: Moment, caller: &Caller, name: &str, policy_name: &str) -> Result<String> {
        let role = self.role_for(now, caller, name, "iam:GetRolePolicy")?;
        let policies = self.state.inline_policies(&role, now);
        let policy = policies.get(policy_name).ok_or_else(|| no_such_policy(policy_name))?;
        Ok(policy.text.clone())
    }

    /// IAM `ListRolePolicies`: the names of inline policies.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn role_policies(&mut self, now: Moment, caller: &Caller, name: &str) -> Result<Vec<String>> {
        let role = self.role_for(now, caller, name, "iam:ListRolePolicies")?;
        Ok(self.state.inline_policies(&role, now).into_keys().collect())
    }

    /// IAM `DeleteRolePolicy`.
    ///
    /// # Errors
    /// `NoSuchEntity` for role and policy.
    pub fn delete_role_policy(&mut self, now: Moment, caller: &Caller, name: &str, policy_name: &str) -> Result<()> {
        let role = self.role_for(now, caller, name, "iam:DeleteRolePolicy")?;
        if !role.inline_policies.contains_key(policy_name) {
            return Err(no_such_policy(policy_name));
        }
        self.change_role(now, role, RoleChange::Inline(policy_name.to_owned(), None));
        Ok(())
    }

    /// The role of the caller's account, if the caller may do that to it.
    pub(super) fn role_for(&mut self, now: Moment, caller: &Caller, name: &str, action: &str) -> Result<Role> {
        let now = self.enter(now);
        let found = self.state.role_of(caller, name);
        let arn = found
            .as_ref()
            .map_or_else(|_| format!("arn:aws:iam::{}:role/{name}", caller.account), |role| role.arn.clone());
        self.state.authorize_iam(caller, action, &arn, now)?;
        found
    }

    pub(super) fn change_role(&mut self, now: Moment, role: Role, change: RoleChange) {
        self.commit(now, Change::RoleChanged { account: role.account, name: role.name, change });
    }
}

impl State {
    /// The part of the journal's fold that is about roles and managed policies.
    pub(super) fn change_identity(&mut self, at: Moment, change: Change) {
        let from = at.plus(self.physics.propagation);
        #[expect(clippy::wildcard_enum_match_arm, reason = "the rest of the journal is folded elsewhere")]
        match change {
            Change::RoleCreated { account, request, trust } => self.add_role(at, account, request, trust),
            Change::RoleDeleted { account, name } => {
                if let Some(role) = self.roles.remove(&(account, name)) {
                    self.authorities.remove(&role.unique_id);
                }
            }
            Change::RoleChanged { account, name, change } => {
                let id = (account, name);
                if let Some(role) = self.roles.get_mut(&id) {
                    role.change(change);
                    self.refresh_authority(&id, from);
                }
            }
            Change::ManagedPolicySet(policy) => self.set_managed_policy(policy, from),
            Change::ManagedPolicyDeleted { arn } => {
                self.policies.remove(&arn);
            }
            _ => {}
        }
    }

    fn add_role(&mut self, at: Moment, account: String, request: CreateRole, trust: Policy) {
        let sequence = self.sequence.to_string();
        let role = Role {
            arn: role_arn(&account, &request),
            unique_id: format!("AROA{}", self.draw(&["role", &sequence]).text(random::BASE32, 17)),
            account: account.clone(),
            name: request.name.clone(),
            path: request.path.unwrap_or_else(|| "/".to_owned()),
            created_at: at,
            trust,
            description: request.description,
            max_session_seconds: request.max_session_seconds.unwrap_or(HOUR_SECONDS),
            inline_policies: BTreeMap::new(),
            attached: Vec::new(),
            boundary: request.boundary,
        };
        let id = (account, request.name);
        self.roles.insert(id.clone(), role);
        self.refresh_authority(&id, at);
    }

    pub(super) fn role_of(&self, caller: &Caller, name: &str) -> Result<Role> {
        let id = (caller.account.clone(), name.to_owned());
        self.roles.get(&id).cloned().ok_or_else(|| no_such_role(name))
    }

    fn role_as_shown(&self, role: &Role) -> Role {
        let mut role = role.clone();
        role.trust.text = self.shown(&role.trust);
        role
    }

    fn bind_trust(&self, text: &str) -> Result<Policy> {
        self.bind_policy(PolicyKind::Trust, text)
    }

    /// Whether a caller may do that in IAM.
    pub(super) fn authorize_iam(&self, caller: &Caller, action: &str, resource: &str, at: Moment) -> Result<()> {
        let owner = caller.account.as_str();
        let call = Call { caller, action, resource, owner, context: &[], guard: Guard::None, at };
        self.authorize(&call).map_err(|refused| refused.access_denied(&call))
    }
}

impl Role {
    fn change(&mut self, change: RoleChange) {
        match change {
            RoleChange::Trust(trust) => self.trust = trust,
            RoleChange::Inline(name, Some(policy)) => {
                self.inline_policies.insert(name, policy);
            }
            RoleChange::Inline(name, None) => {
                self.inline_policies.remove(&name);
            }
            RoleChange::Attached(arn) => {
                if !self.attached.contains(&arn) {
                    self.attached.push(arn);
                }
            }
            RoleChange::Detached(arn) => self.attached.retain(|attached| *attached != arn),
            RoleChange::Boundary(arn) => self.boundary = arn,
        }
    }
}

pub(super) fn delete_conflict(message: &str) -> WorldError {
    WorldError::new(409, "DeleteConflict", message)
}

pub(super) fn no_such_role(name: &str) -> WorldError {
    WorldError::new(404, "NoSuchEntity", format!("The role with name {name} cannot be found."))
}

fn no_such_policy(name: &str) -> WorldError {
    WorldError::new(404, "NoSuchEntity", format!("The role policy with name {name} cannot be found."))
}

fn role_arn(account: &str, request: &CreateRole) -> String {
    format!("arn:aws:iam::{account}:role{}{}", request.path.as_deref().unwrap_or("/"), request.name)
}

/// The names that IAM takes for roles and policies.
pub(super) fn check_name(member: &str, name: &str, longest: usize) -> Result<()> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte);
    if name.is_empty() || name.len() > longest || !name.bytes().all(allowed) {
        let message = format!(
            "The specified value for {member} is invalid. It must contain only alphanumeric characters and/or the \
             following: +=,.@_-"
        );
        return Err(validation("ValidationError", message));
    }
    Ok(())
}

/// The paths that IAM takes.
pub(super) fn check_path(path: Option<&str>) -> Result<()> {
    if path.is_some_and(|path| !(path.starts_with('/') && path.ends_with('/') && path.len() <= 512)) {
        let message = "The specified value for path is invalid. It must begin and end with /";
        return Err(validation("ValidationError", message));
    }
    Ok(())
}

fn check_role(request: &CreateRole) -> Result<()> {
    check_name("roleName", &request.name, 64)?;
    check_path(request.path.as_deref())?;
    if request.max_session_seconds.is_some_and(|seconds| !(HOUR_SECONDS..=43_200).contains(&seconds)) {
        let message = "The specified value for maxSessionDuration is invalid. It must be between 3600 and 43200";
        return Err(validation("ValidationError", message));
    }
    Ok(())
}
