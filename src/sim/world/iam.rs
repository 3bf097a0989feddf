//! IAM and STS: access keys and sessions.

use std::time::Duration;

use super::identity::{Account, AssumeRole, AssumedRole, Caller, CallerRole, Credential, Role};
use super::journal::Change;
use super::moment::Moment;
use super::permission::{Authority, Call, Guard};
use super::policy::{Policy, PolicyKind};
use super::refusal::{Result, not_authorized, validation};
use super::state::State;
use super::{World, WorldError, arn};
use crate::sim::random;

pub(super) const HOUR_SECONDS: u32 = 3600;

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

    /// STS `AssumeRole`: the trust policy decides, `sts:ExternalId` included.
    ///
    /// # Errors
    /// `AccessDenied`, `ValidationError`.
    pub fn assume_role(&mut self, now: Moment, caller: &Caller, request: &AssumeRole) -> Result<AssumedRole> {
        let now = self.enter(now);
        check_session(request)?;
        let denied = || not_authorized(caller, "sts:AssumeRole", &request.role_arn);
        let role = self.state.assumable_role(&request.role_arn, now).ok_or_else(denied)?;
        let nothing = Authority::default();
        let authority = self.state.authority_of(&role.unique_id, now).unwrap_or(&nothing);
        let mut context = vec![("sts:RoleSessionName", request.session_name.as_str())];
        context.extend(request.external_id.as_deref().map(|id| ("sts:ExternalId", id)));
        let call = Call {
            caller,
            action: "sts:AssumeRole",
            resource: &role.arn,
            owner: &role.account,
            context: &context,
            guard: Guard::Gate(&authority.trust),
            at: now,
        };
        self.state.authorize(&call).map_err(|_| denied())?;
        let session_policy = request.policy.as_deref().map(|text| self.state.bind_policy(PolicyKind::Identity, text));
        let session_policy = session_policy.transpose()?;
        let seconds = session_seconds(caller, role, request)?;
        let credential = self.state.session_credential(role, request, session_policy, now, seconds);
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
    fn session_credential(
        &self,
        role: &Role,
        request: &AssumeRole,
        session_policy: Option<Policy>,
        from: Moment,
        seconds: u32,
    ) -> Credential {
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
                role: Some(CallerRole { arn: role.arn.clone(), unique_id: role.unique_id.clone(), session_policy }),
            },
        }
    }
}

impl Caller {
    /// What `aws:PrincipalArn` holds: the role behind a session, else the principal itself.
    pub(super) fn policy_arn(&self) -> &str {
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
