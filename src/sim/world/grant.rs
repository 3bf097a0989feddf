//! Grants of KMS: a principal that may use a key without its policy saying so.

use super::identity::Caller;
use super::journal::Change;
use super::key::Key;
use super::moment::Moment;
use super::refusal::{Result, kms_denied, kms_not_found, validation};
use super::state::State;
use super::{World, WorldError};
use crate::sim::random;

/// A grant on a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// `GrantId`, 64 hexadecimal digits.
    pub id: String,
    /// `GrantToken`; every grant acts at once here, token or not.
    pub token: String,
    /// `Name`.
    pub name: Option<String>,
    /// When it was made.
    pub created_at: Moment,
    /// `GranteePrincipal` as it was given.
    pub grantee: String,
    /// Unique id of the role behind it, or the account whose root it is.
    pub(super) grantee_id: String,
    /// `RetiringPrincipal` as it was given.
    pub retiring: Option<String>,
    /// `IssuingAccount`.
    pub issuer: String,
    /// `Operations`: `Decrypt`, `GenerateDataKey`, ...
    pub operations: Vec<String>,
    /// `EncryptionContextEquals` and `EncryptionContextSubset`.
    pub constraint: GrantConstraint,
}

/// `Constraints` of a grant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum GrantConstraint {
    /// None.
    #[default]
    None,
    /// The encryption context is exactly this.
    Equals(Vec<(String, String)>),
    /// The encryption context has at least this in it.
    Subset(Vec<(String, String)>),
}

/// How KMS calls a pair of the encryption context among the condition keys.
const CONTEXT: &str = "kms:EncryptionContext:";

impl Grant {
    /// Whether it lets a caller do that, with these condition keys.
    pub(super) fn allows(&self, caller: &Caller, action: &str, context: &[(&str, &str)]) -> bool {
        let id = caller.role.as_ref().map_or(&caller.account, |role| &role.unique_id);
        let operation = action.strip_prefix("kms:").unwrap_or(action);
        *id == self.grantee_id
            && self.operations.iter().any(|allowed| allowed == operation)
            && self.constraint.holds(context)
    }
}

impl GrantConstraint {
    fn holds(&self, context: &[(&str, &str)]) -> bool {
        let given: Vec<(&str, &str)> =
            context.iter().filter_map(|(key, value)| Some((key.strip_prefix(CONTEXT)?, *value))).collect();
        let has = |pair: &(String, String)| given.contains(&(pair.0.as_str(), pair.1.as_str()));
        match self {
            Self::None => true,
            Self::Equals(pairs) => pairs.len() == given.len() && pairs.iter().all(has),
            Self::Subset(pairs) => pairs.iter().all(has),
        }
    }
}

/// What `CreateGrant` carries.
#[derive(Clone, Debug, Default)]
pub struct CreateGrant {
    /// `GranteePrincipal`.
    pub grantee: String,
    /// `RetiringPrincipal`.
    pub retiring: Option<String>,
    /// `Operations`.
    pub operations: Vec<String>,
    /// `Constraints`.
    pub constraint: GrantConstraint,
    /// `Name`.
    pub name: Option<String>,
}

/// The operations that a grant can allow (API `CreateGrant`).
const OPERATIONS: &[&str] = &[
    "CreateGrant",
    "Decrypt",
    "DeriveSharedSecret",
    "DescribeKey",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "GetPublicKey",
    "ReEncryptFrom",
    "ReEncryptTo",
    "RetireGrant",
    "Sign",
    "Verify",
    "VerifyMac",
];

/// Calls of KMS on grants.
impl World {
    /// KMS `CreateGrant`.
    ///
    /// # Errors
    /// `NotFoundException`, `AccessDeniedException`; `InvalidArnException` for a principal that does not exist;
    /// `ValidationException` for an operation that no grant allows.
    pub fn create_grant(
        &mut self,
        now: Moment,
        caller: &Caller,
        region: &str,
        key: &str,
        request: CreateGrant,
    ) -> Result<Grant> {
        let now = self.enter(now);
        let found = self.state.own_key(caller, region, key, "kms:CreateGrant", now)?.info.arn.clone();
        let unknown = |operation: &&String| !OPERATIONS.contains(&operation.as_str());
        if let Some(operation) = request.operations.iter().find(unknown) {
            let message = format!(
                "1 validation error detected: Value '[{operation}]' at 'operations' failed to satisfy constraint: \
                 Member must satisfy enum value set"
            );
            return Err(validation("ValidationException", message));
        }
        if request.operations.is_empty() {
            return Err(validation("ValidationException", "At least one operation must be given"));
        }
        let invalid = |arn: &str| WorldError::new(400, "InvalidArnException", format!("ARN is not valid: {arn}"));
        let grantee_id = self.state.grant_principal(&request.grantee).ok_or_else(|| invalid(&request.grantee))?;
        if let Some(retiring) = request.retiring.as_ref().filter(|arn| self.state.grant_principal(arn).is_none()) {
            return Err(invalid(retiring));
        }
        let mut draw = self.state.draw(&["grant", &self.state.sequence.to_string()]);
        let grant = Grant {
            id: random::hex(&draw.bytes::<32>()),
            token: draw.text(random::BASE64, 120),
            name: request.name,
            created_at: now,
            grantee: request.grantee,
            grantee_id,
            retiring: request.retiring,
            issuer: format!("arn:aws:iam::{}:root", caller.account),
            operations: request.operations,
            constraint: request.constraint,
        };
        self.commit(now, Change::GrantCreated { key: found, grant: grant.clone() });
        Ok(grant)
    }

    /// KMS `ListGrants`: the key's ARN, and its grants in the order in which they were made.
    ///
    /// # Errors
    /// `NotFoundException`, `AccessDeniedException`.
    pub fn grants(&mut self, now: Moment, caller: &Caller, region: &str, key: &str) -> Result<(String, Vec<Grant>)> {
        let now = self.enter(now);
        let key = self.state.own_key(caller, region, key, "kms:ListGrants", now)?;
        Ok((key.info.arn.clone(), key.grants.clone()))
    }

    /// KMS `RevokeGrant`.
    ///
    /// # Errors
    /// `NotFoundException` for key and grant, `AccessDeniedException`.
    pub fn revoke_grant(&mut self, now: Moment, caller: &Caller, region: &str, key: &str, id: &str) -> Result<()> {
        let now = self.enter(now);
        let key = self.state.own_key(caller, region, key, "kms:RevokeGrant", now)?;
        if key.grants.iter().all(|grant| grant.id != id) {
            return Err(no_such_grant(id));
        }
        let key = key.info.arn.clone();
        self.commit(now, Change::GrantRemoved { key, id: id.to_owned() });
        Ok(())
    }

    /// KMS `RetireGrant`, by token or by key ARN and id: allowed to the account's root, the retiring principal, and the
    /// grantee whose operations say so.
    ///
    /// # Errors
    /// `NotFoundException` for key and grant, `AccessDeniedException`.
    pub fn retire_grant(
        &mut self,
        now: Moment,
        caller: &Caller,
        token: Option<&str>,
        key_and_id: Option<(&str, &str)>,
    ) -> Result<()> {
        let now = self.enter(now);
        let mut all = self.state.keys.values().flat_map(|key| key.grants.iter().map(move |grant| (key, grant)));
        let named = |(key, grant): &(&Key, &Grant)| match key_and_id {
            Some((arn, id)) => key.info.arn == arn && grant.id == id,
            None => token == Some(&grant.token),
        };
        let id = key_and_id.map(|(_, id)| id).or(token).unwrap_or_default();
        let (key, grant) = all.find(named).ok_or_else(|| no_such_grant(id))?;
        let own_id = caller.role.as_ref().map_or(&caller.account, |role| &role.unique_id);
        let retiring = grant.retiring.as_deref().and_then(|arn| self.state.grant_principal(arn));
        let is_owner = caller.role.is_none() && caller.account == key.info.account;
        if !is_owner && retiring.as_ref() != Some(own_id) && !grant.allows(caller, "kms:RetireGrant", &[]) {
            return Err(kms_denied(caller, "kms:RetireGrant", &key.info.arn));
        }
        let (key, id) = (key.info.arn.clone(), grant.id.clone());
        self.commit(now, Change::GrantRemoved { key, id });
        Ok(())
    }
}

impl State {
    /// Whom an ARN in a grant means: a role by unique id, or an account by its id.
    fn grant_principal(&self, arn: &str) -> Option<String> {
        let root = arn.strip_prefix("arn:aws:iam::").and_then(|rest| rest.strip_suffix(":root"));
        match root {
            Some(account) => self.accounts.get(account).map(|account| account.id.clone()),
            None => self.role_by_arn(arn).map(|role| role.unique_id.clone()),
        }
    }
}

fn no_such_grant(id: &str) -> WorldError {
    kms_not_found(format!("Grant ID {id} not found"))
}
