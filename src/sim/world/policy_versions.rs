//! IAM: the versions of managed policies, of which one is in force.

use super::identity::{Caller, ManagedPolicy, PolicyVersion};
use super::journal::Change;
use super::moment::Moment;
use super::policy::PolicyKind;
use super::refusal::Result;
use super::role::delete_conflict;
use super::state::State;
use super::{World, WorldError};

/// The most versions of a policy (IAM User Guide, "IAM and AWS STS quotas").
const VERSIONS_MAX: usize = 5;

/// Calls of IAM on the versions of a managed policy.
impl World {
    /// IAM `CreatePolicyVersion`: the new version, which may become the default.
    ///
    /// # Errors
    /// `NoSuchEntity`, `MalformedPolicyDocument`; `LimitExceeded` beside five others.
    pub fn create_policy_version(
        &mut self,
        now: Moment,
        caller: &Caller,
        arn: &str,
        text: &str,
        as_default: bool,
    ) -> Result<PolicyVersion> {
        let (mut policy, _) = self.policy(now, caller, arn, "iam:CreatePolicyVersion")?;
        let now = self.enter(now);
        let document = self.state.bind_policy(PolicyKind::Identity, text)?;
        if policy.versions.len() >= VERSIONS_MAX {
            let message = "A managed policy can have up to 5 versions. Before you create a new version, you must \
                           delete an existing version.";
            return Err(WorldError::new(409, "LimitExceeded", message));
        }
        policy.last_version += 1;
        let version = PolicyVersion { number: policy.last_version, document, created_at: now };
        policy.versions.push(version.clone());
        if as_default {
            policy.put_in_force(&version);
        }
        self.commit(now, Change::ManagedPolicySet(policy));
        Ok(version)
    }

    /// IAM `SetDefaultPolicyVersion`.
    ///
    /// # Errors
    /// `NoSuchEntity` for policy and version.
    pub fn set_default_policy_version(&mut self, now: Moment, caller: &Caller, arn: &str, id: &str) -> Result<()> {
        let (mut policy, _) = self.policy(now, caller, arn, "iam:SetDefaultPolicyVersion")?;
        let version = policy.version(id)?.clone();
        policy.put_in_force(&version);
        self.commit(now, Change::ManagedPolicySet(policy));
        Ok(())
    }

    /// IAM `DeletePolicyVersion`.
    ///
    /// # Errors
    /// `NoSuchEntity` for policy and version; `DeleteConflict` for the default.
    pub fn delete_policy_version(&mut self, now: Moment, caller: &Caller, arn: &str, id: &str) -> Result<()> {
        let (mut policy, _) = self.policy(now, caller, arn, "iam:DeletePolicyVersion")?;
        let number = policy.version(id)?.number;
        if number == policy.default_version {
            return Err(delete_conflict("Cannot delete the default version of a policy."));
        }
        policy.versions.retain(|version| version.number != number);
        self.commit(now, Change::ManagedPolicySet(policy));
        Ok(())
    }
}

impl ManagedPolicy {
    /// The version with an id like `v1`.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn version(&self, id: &str) -> Result<&PolicyVersion> {
        self.versions.iter().find(|version| version.id() == id).ok_or_else(|| {
            let message = format!("Policy {} version {id} does not exist or is not attachable.", self.arn);
            WorldError::new(404, "NoSuchEntity", message)
        })
    }

    fn put_in_force(&mut self, version: &PolicyVersion) {
        self.default_version = version.number;
        self.document = version.document.clone();
    }
}

impl PolicyVersion {
    /// `v1` and so on.
    pub fn id(&self) -> String {
        format!("v{}", self.number)
    }
}

impl State {
    /// Keeps a managed policy, and puts it into force from `from` on for every role that has it.
    pub(super) fn set_managed_policy(&mut self, policy: ManagedPolicy, from: Moment) {
        let arn = policy.arn.clone();
        self.policies.insert(arn.clone(), policy);
        let has = |role: &super::Role| role.attached.contains(&arn) || role.boundary.as_ref() == Some(&arn);
        let ids: Vec<_> = self.roles.iter().filter(|(_, role)| has(role)).map(|(id, _)| id.clone()).collect();
        ids.iter().for_each(|id| self.refresh_authority(id, from));
    }
}
