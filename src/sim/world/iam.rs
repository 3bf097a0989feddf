//! IAM and STS: access keys, roles, sessions.

use std::collections::BTreeMap;
use std::time::Duration;

use super::identity::{Account, AssumeRole, AssumedRole, Caller, CallerRole, CreateRole, Credential, Role};
use super::journal::Change;
use super::moment::Moment;
use super::policy::{Decision, Request};
use super::refusal::{Result, not_authorized, validation};
use super::state::State;
use super::{World, WorldError, arn};
use crate::sim::random;

const HOUR_SECONDS: u32 = 3600;

/// Calls of IAM and STS.
impl World {
    /// Opens an account; opening it again changes nothing.
    pub fn open_account(&mut self, now: Moment, id: &str) {
        if !self.state.accounts.contains_key(id) {
            self.commit(now, Change::AccountOpened { id: id.to_owned() });
        }
    }

    /// All accounts, by id.
    pub fn accounts(&self) -> Vec<Account> {
        self.state.accounts.values().cloned().collect()
    }

    /// The root of an account, as a caller.
    pub fn root(&self, account: &str) -> Option<Caller> {
        self.state.accounts.get(account).map(|account| Credential::of_root(account).caller)
    }

    /// The key pair with this access key id, expired or not. `None` is S3's `InvalidAccessKeyId`.
    pub fn credential(&self, access_key_id: &str) -> Option<Credential> {
        self.state.credentials.get(access_key_id).cloned()
    }

    /// IAM `CreateRole`.
    ///
    /// # Errors
    /// `EntityAlreadyExists`, `MalformedPolicyDocument`, `ValidationError`.
    pub fn create_role(&mut self, now: Moment, caller: &Caller, request: CreateRole) -> Result<Role> {
        let now = self.enter(now);
        check_role(&request)?;
        let id = (caller.account.clone(), request.name.clone());
        if self.state.roles.contains_key(&id) {
            let message = format!("Role with name {} already exists.", request.name);
            return Err(WorldError::new(409, "EntityAlreadyExists", message));
        }
        let malformed = |problem: String| WorldError::new(400, "MalformedPolicyDocument", problem);
        let trust = self.state.bind_policy(&request.trust_policy).map_err(malformed)?;
        self.commit(now, Change::RoleCreated { account: caller.account.clone(), request, trust });
        self.state.roles.get(&id).cloned().ok_or_else(|| no_such_role(&id.1))
    }

    /// IAM `GetRole`, by name, in the caller's account.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn role(&mut self, now: Moment, caller: &Caller, name: &str) -> Result<Role> {
        self.enter(now);
        let id = (caller.account.clone(), name.to_owned());
        self.state.roles.get(&id).cloned().ok_or_else(|| no_such_role(name))
    }

    /// IAM `DeleteRole`; a role created again under the same name is another one.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn delete_role(&mut self, now: Moment, caller: &Caller, name: &str) -> Result<()> {
        let role = self.role(now, caller, name)?;
        self.commit(now, Change::RoleDeleted { account: role.account, name: role.name });
        Ok(())
    }

    /// IAM `PutRolePolicy`.
    ///
    /// # Errors
    /// `NoSuchEntity`, `MalformedPolicyDocument`.
    pub fn put_role_policy(
        &mut self,
        now: Moment,
        caller: &Caller,
        name: &str,
        policy_name: &str,
        text: &str,
    ) -> Result<()> {
        let role = self.role(now, caller, name)?;
        let malformed = |problem: String| WorldError::new(400, "MalformedPolicyDocument", problem);
        let policy = self.state.bind_policy(text).map_err(malformed)?;
        let (account, name, policy_name) = (role.account, role.name, policy_name.to_owned());
        self.commit(now, Change::RolePolicySet { account, name, policy_name, policy });
        Ok(())
    }

    /// STS `AssumeRole`: the trust policy decides, `sts:ExternalId` included.
    ///
    /// # Errors
    /// `AccessDenied`, `ValidationError`.
    pub fn assume_role(&mut self, now: Moment, caller: &Caller, request: &AssumeRole) -> Result<AssumedRole> {
        let now = self.enter(now);
        check_session(request)?;
        let denied = || not_authorized(caller, "sts:AssumeRole", &request.role_arn);
        let role = self.state.assumable_role(&request.role_arn, now).ok_or_else(denied)?;
        let mut context = vec![("aws:PrincipalArn", caller.policy_arn()), ("aws:PrincipalAccount", &*caller.account)];
        context.extend(request.external_id.as_deref().map(|id| ("sts:ExternalId", id)));
        context.push(("sts:RoleSessionName", &request.session_name));
        let asked = Request { caller, action: "sts:AssumeRole", resource: &role.arn, context: &context };
        if role.trust.decide(&asked) != Decision::Allow {
            return Err(denied());
        }
        let seconds = session_seconds(caller, role, request)?;
        let credential = self.state.session_credential(role, request, now, seconds);
        let assumed = AssumedRole {
            arn: credential.caller.arn.clone(),
            id: credential.caller.user_id.clone(),
            credential: credential.clone(),
        };
        self.commit(now, Change::SessionIssued(credential));
        Ok(assumed)
    }
}

impl State {
    pub(super) fn add_role(&mut self, at: Moment, account: String, request: CreateRole, trust: super::Policy) {
        let path = request.path.unwrap_or_else(|| "/".to_owned());
        let sequence = self.sequence.to_string();
        let role = Role {
            arn: format!("arn:aws:iam::{account}:role{path}{}", request.name),
            unique_id: format!("AROA{}", self.draw(&["role", &sequence]).text(random::BASE32, 17)),
            account: account.clone(),
            name: request.name.clone(),
            path,
            created_at: at,
            trust,
            description: request.description,
            max_session_seconds: request.max_session_seconds.unwrap_or(HOUR_SECONDS),
            inline_policies: BTreeMap::new(),
        };
        self.roles.insert((account, request.name), role);
    }

    fn session_credential(&self, role: &Role, request: &AssumeRole, from: Moment, seconds: u32) -> Credential {
        let sequence = self.sequence.to_string();
        let session = &request.session_name;
        let mut draw = self.draw(&["session", &sequence]);
        let access_key_id = format!("ASIA{}", draw.text(random::BASE32, 16));
        let secret_access_key = draw.text(random::BASE64, 40);
        Credential {
            access_key_id,
            secret_access_key,
            session_token: Some(format!("IQoJb3JpZ2luX2Vj{}", draw.text(random::BASE64, 240))),
            expires_at: Some(from.plus(Duration::from_secs(seconds.into()))),
            caller: Caller {
                account: role.account.clone(),
                arn: format!("arn:aws:sts::{}:assumed-role/{}/{session}", role.account, role.name),
                user_id: format!("{}:{session}", role.unique_id),
                role: Some(CallerRole { arn: role.arn.clone(), unique_id: role.unique_id.clone() }),
            },
        }
    }
}

impl Role {
    /// Whether S3 may assume it.
    pub(super) fn trusts_s3(&self) -> bool {
        self.trust.allows_service("s3.amazonaws.com", "sts:AssumeRole", &[])
    }
}

impl Caller {
    /// What `aws:PrincipalArn` holds: the role behind a session, else the principal itself.
    fn policy_arn(&self) -> &str {
        self.role.as_ref().map_or(&self.arn, |role| &role.arn)
    }
}

impl Credential {
    /// The key pair of an account's root.
    pub(super) fn of_root(account: &Account) -> Self {
        Self {
            access_key_id: account.access_key_id.clone(),
            secret_access_key: account.secret_access_key.clone(),
            session_token: None,
            expires_at: None,
            caller: Caller {
                account: account.id.clone(),
                arn: format!("arn:aws:iam::{}:root", account.id),
                user_id: account.id.clone(),
                role: None,
            },
        }
    }

    /// Whether a request that carries `token` may be made now.
    ///
    /// # Errors
    /// `InvalidToken` and `ExpiredToken` as S3 words them (400); other services have other names for the same.
    pub fn check_token(&self, now: Moment, token: Option<&str>) -> Result<()> {
        if self.session_token.as_deref() != token {
            let message = "The provided token is malformed or otherwise invalid.";
            return Err(WorldError::new(400, "InvalidToken", message));
        }
        if self.expires_at.is_some_and(|end| end <= now) {
            return Err(WorldError::new(400, "ExpiredToken", "The provided token has expired."));
        }
        Ok(())
    }
}

fn no_such_role(name: &str) -> WorldError {
    WorldError::new(404, "NoSuchEntity", format!("The role with name {name} cannot be found."))
}

fn check_role(request: &CreateRole) -> Result<()> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte);
    if request.name.is_empty() || request.name.len() > 64 || !request.name.bytes().all(allowed) {
        let message = "The specified value for roleName is invalid. It must contain only alphanumeric characters \
                       and/or the following: +=,.@_-";
        return Err(validation("ValidationError", message));
    }
    if let Some(path) = &request.path
        && !(path.starts_with('/') && path.ends_with('/') && path.len() <= 512)
    {
        let message = "The specified value for path is invalid. It must begin and end with /";
        return Err(validation("ValidationError", message));
    }
    if request.max_session_seconds.is_some_and(|seconds| !(HOUR_SECONDS..=43_200).contains(&seconds)) {
        let message = "The specified value for maxSessionDuration is invalid. It must be between 3600 and 43200";
        return Err(validation("ValidationError", message));
    }
    Ok(())
}

fn check_session(request: &AssumeRole) -> Result<()> {
    let name = &request.session_name;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    if !(2..=64).contains(&name.len()) || !name.bytes().all(allowed) {
        let message = format!(
            "1 validation error detected: Value '{name}' at 'roleSessionName' failed to satisfy constraint: Member \
             must satisfy regular expression pattern: [\\w+=,.@-]*"
        );
        return Err(validation("ValidationError", message));
    }
    if arn::role_parts(&request.role_arn).is_none() {
        return Err(validation("ValidationError", format!("{} is invalid", request.role_arn)));
    }
    if request.external_id.as_ref().is_some_and(|id| !(2..=1224).contains(&id.len())) {
        let message = "1 validation error detected: Value at 'externalId' failed to satisfy constraint: Member must \
                       have length greater than or equal to 2";
        return Err(validation("ValidationError", message));
    }
    Ok(())
}

fn session_seconds(caller: &Caller, role: &Role, request: &AssumeRole) -> Result<u32> {
    let seconds = request.duration_seconds.unwrap_or(HOUR_SECONDS);
    if seconds < 900 {
        let message = format!(
            "1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy constraint: Member \
             must have value greater than or equal to 900"
        );
        return Err(validation("ValidationError", message));
    }
    if caller.role.is_some() && seconds > HOUR_SECONDS {
        let message =
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining";
        return Err(validation("ValidationError", message));
    }
    if seconds > role.max_session_seconds {
        let message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
        return Err(validation("ValidationError", message));
    }
    Ok(seconds)
}
