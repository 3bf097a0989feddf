//! IAM: customer managed policies, where they are attached, and permissions boundaries.

use super::identity::{Caller, CreatePolicy, ManagedPolicy, PolicyVersion};
use super::journal::{Change, RoleChange};
use super::moment::Moment;
use super::policy::PolicyKind;
use super::refusal::Result;
use super::role::{check_name, check_path, delete_conflict};
use super::state::State;
use super::{World, WorldError};
use crate::sim::random;

/// Calls of IAM on managed policies.
impl World {
    /// IAM `CreatePolicy`.
    ///
    /// # Errors
    /// `EntityAlreadyExists`, `MalformedPolicyDocument`, `ValidationError`.
    pub fn create_policy(&mut self, now: Moment, caller: &Caller, request: CreatePolicy) -> Result<ManagedPolicy> {
        let now = self.enter(now);
        check_name("policyName", &request.name, 128)?;
        check_path(request.path.as_deref())?;
        let path = request.path.unwrap_or_else(|| "/".to_owned());
        let arn = format!("arn:aws:iam::{}:policy{path}{}", caller.account, request.name);
        self.state.authorize_iam(caller, "iam:CreatePolicy", &arn, now)?;
        let same = |policy: &ManagedPolicy| policy.account == caller.account && policy.name == request.name;
        if self.state.policies.values().any(same) {
            let message = format!("A policy called {} already exists. Duplicate names are not allowed.", request.name);
            return Err(WorldError::new(409, "EntityAlreadyExists", message));
        }
        let document = self.state.bind_policy(PolicyKind::Identity, &request.document)?;
        let sequence = self.state.sequence.to_string();
        let policy = ManagedPolicy {
            account: caller.account.clone(),
            name: request.name,
            path,
            unique_id: format!("ANPA{}", self.state.draw(&["policy", &sequence]).text(random::BASE32, 17)),
            arn,
            created_at: now,
            description: request.description,
            document: document.clone(),
            default_version: 1,
            versions: vec![PolicyVersion { number: 1, document, created_at: now }],
            last_version: 1,
        };
        self.commit(now, Change::ManagedPolicySet(policy.clone()));
        Ok(policy)
    }

    /// IAM `GetPolicy`, `GetPolicyVersion` and `ListPolicyVersions`, by the action asked: the policy with all versions,
    /// and to how many roles it is attached.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn policy(&mut self, now: Moment, caller: &Caller, arn: &str, action: &str) -> Result<(ManagedPolicy, usize)> {
        let now = self.enter(now);
        self.state.authorize_iam(caller, action, arn, now)?;
        let policy = self.state.managed_policy(&caller.account, arn)?;
        let attached = self.state.roles.values().filter(|role| role.attached.iter().any(|attached| attached == arn));
        Ok((policy, attached.count()))
    }

    /// IAM `DeletePolicy`.
    ///
    /// # Errors
    /// `NoSuchEntity`; `DeleteConflict` while it is attached or a boundary, or has versions besides the default.
    pub fn delete_policy(&mut self, now: Moment, caller: &Caller, arn: &str) -> Result<()> {
        let (policy, attached) = self.policy(now, caller, arn, "iam:DeletePolicy")?;
        let limits = self.state.roles.values().any(|role| role.boundary.as_deref() == Some(arn));
        if attached > 0 || limits {
            return Err(delete_conflict("Cannot delete a policy attached to entities."));
        }
        if policy.versions.len() > 1 {
            let message = "This policy has more than one version. Before you delete a policy, you must delete the \
                           policy's versions. The default version is deleted with the policy.";
            return Err(delete_conflict(message));
        }
        self.commit(now, Change::ManagedPolicyDeleted { arn: policy.arn });
        Ok(())
    }

    /// IAM `AttachRolePolicy`; attaching again changes nothing.
    ///
    /// # Errors
    /// `NoSuchEntity` for role and policy.
    pub fn attach_role_policy(&mut self, now: Moment, caller: &Caller, name: &str, arn: &str) -> Result<()> {
        let role = self.role_for(now, caller, name, "iam:AttachRolePolicy")?;
        self.state.managed_policy(&caller.account, arn)?;
        self.change_role(now, role, RoleChange::Attached(arn.to_owned()));
        Ok(())
    }

    /// IAM `DetachRolePolicy`.
    ///
    /// # Errors
    /// `NoSuchEntity` for the role, and for a policy that is not attached to it.
    pub fn detach_role_policy(&mut self, now: Moment, caller: &Caller, name: &str, arn: &str) -> Result<()> {
        let role = self.role_for(now, caller, name, "iam:DetachRolePolicy")?;
        if !role.attached.iter().any(|attached| attached == arn) {
            let message = format!("Policy {arn} was not found.");
            return Err(WorldError::new(404, "NoSuchEntity", message));
        }
        self.change_role(now, role, RoleChange::Detached(arn.to_owned()));
        Ok(())
    }

    /// IAM `ListAttachedRolePolicies`: names and ARNs.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn attached_policies(&mut self, now: Moment, caller: &Caller, name: &str) -> Result<Vec<(String, String)>> {
        let role = self.role_for(now, caller, name, "iam:ListAttachedRolePolicies")?;
        let row = |arn: &String| (arn.rsplit('/').next().unwrap_or_default().to_owned(), arn.clone());
        Ok(role.attached.iter().map(row).collect())
    }

    /// IAM `PutRolePermissionsBoundary`, and without a policy `DeleteRolePermissionsBoundary`.
    ///
    /// # Errors
    /// `NoSuchEntity` for role and policy, and for a boundary that is not there.
    pub fn set_boundary(&mut self, now: Moment, caller: &Caller, name: &str, arn: Option<&str>) -> Result<()> {
        let action = if arn.is_some() { "iam:PutRolePermissionsBoundary" } else { "iam:DeleteRolePermissionsBoundary" };
        let role = self.role_for(now, caller, name, action)?;
        match arn {
            Some(arn) => {
                self.state.managed_policy(&caller.account, arn)?;
            }
            None if role.boundary.is_none() => {
                let message = format!("Role {name} does not have a permissions boundary.");
                return Err(WorldError::new(404, "NoSuchEntity", message));
            }
            None => {}
        }
        self.change_role(now, role, RoleChange::Boundary(arn.map(str::to_owned)));
        Ok(())
    }
}

impl State {
    pub(super) fn managed_policy(&self, account: &str, arn: &str) -> Result<ManagedPolicy> {
        let own = self.policies.get(arn).filter(|policy| policy.account == account);
        own.cloned().ok_or_else(|| no_such_policy(arn))
    }
}

fn no_such_policy(arn: &str) -> WorldError {
    if arn.starts_with("arn:") {
        WorldError::new(404, "NoSuchEntity", format!("Policy {arn} does not exist or is not attachable."))
    } else {
        WorldError::new(400, "InvalidInput", format!("ARN {arn} is not valid."))
    }
}
