//! Who calls: accounts, access keys, sessions and roles, as types.

use std::collections::BTreeMap;

use super::moment::Moment;
use super::policy::Policy;

/// An AWS account of the world, with the access key of its root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// `AKIA` and sixteen characters, derived from the account.
    pub access_key_id: String,
    /// Forty characters, derived from the account.
    pub secret_access_key: String,
}

/// An authenticated principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account that the credentials belong to.
    pub account: String,
    /// `arn:aws:iam::ACCOUNT:root` or `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
    pub arn: String,
    /// What `GetCallerIdentity` calls `UserId`: the account's id, or `AROA...:SESSION`.
    pub user_id: String,
    /// The role behind a session.
    pub role: Option<CallerRole>,
}

impl Caller {
    /// Who asks, in the eyes of Bucket Keys: sessions of one role are one requester, and so is an account's root.
    pub(super) fn requester(&self) -> &str {
        self.role.as_ref().map_or(&self.account, |role| &role.unique_id)
    }
}

/// The role that a session speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerRole {
    /// ARN of the role itself.
    pub arn: String,
    /// Its unique id, `AROA...`.
    pub unique_id: String,
    /// The policy that `AssumeRole` was given, which limits the session further.
    pub session_policy: Option<Policy>,
}

/// A key pair that requests are signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// `AKIA...` or, for sessions, `ASIA...`.
    pub access_key_id: String,
    /// What the signature is made with.
    pub secret_access_key: String,
    /// The token that every request of a session must carry.
    pub session_token: Option<String>,
    /// When the session ends.
    pub expires_at: Option<Moment>,
    /// Whom it authenticates.
    pub caller: Caller,
}

/// An IAM role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// The account that owns it.
    pub account: String,
    /// Name without path.
    pub name: String,
    /// `/` or `/some/path/`.
    pub path: String,
    /// Full ARN.
    pub arn: String,
    /// `AROA...`: another one after deletion and creation under the same name.
    pub unique_id: String,
    /// When it was made.
    pub created_at: Moment,
    /// `AssumeRolePolicyDocument`, principals bound by unique id.
    pub trust: Policy,
    /// Free text.
    pub description: Option<String>,
    /// Longest session in seconds, 3600 to 43200.
    pub max_session_seconds: u32,
    /// Inline policies by name.
    pub inline_policies: BTreeMap<String, Policy>,
    /// ARNs of managed policies, in the order in which they were attached.
    pub attached: Vec<String>,
    /// ARN of the managed policy that is its permissions boundary.
    pub boundary: Option<String>,
}

/// A customer managed policy of IAM. It has one version, `v1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedPolicy {
    /// The account that owns it.
    pub account: String,
    /// Name without path.
    pub name: String,
    /// `/` or `/some/path/`.
    pub path: String,
    /// Full ARN.
    pub arn: String,
    /// `ANPA...`.
    pub unique_id: String,
    /// When it was made.
    pub created_at: Moment,
    /// Free text.
    pub description: Option<String>,
    /// What its default version says: this is in force.
    pub document: Policy,
    /// Number of the default version.
    pub default_version: u32,
    /// All versions, in the order in which they were made.
    pub versions: Vec<PolicyVersion>,
    /// Number of the newest version ever made; numbers are not used again.
    pub last_version: u32,
}

/// One version of a managed policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyVersion {
    /// 1 for `v1`.
    pub number: u32,
    /// What it says.
    pub document: Policy,
    /// When it was made.
    pub created_at: Moment,
}

/// What `CreateRole` carries.
#[derive(Clone, Debug, Default)]
pub struct CreateRole {
    /// `RoleName`.
    pub name: String,
    /// `Path`, `/` when absent.
    pub path: Option<String>,
    /// `AssumeRolePolicyDocument`, JSON.
    pub trust_policy: String,
    /// `Description`.
    pub description: Option<String>,
    /// `MaxSessionDuration`, 3600 when absent.
    pub max_session_seconds: Option<u32>,
    /// `PermissionsBoundary`, the ARN of a managed policy.
    pub boundary: Option<String>,
}

/// What `CreatePolicy` carries.
#[derive(Clone, Debug, Default)]
pub struct CreatePolicy {
    /// `PolicyName`.
    pub name: String,
    /// `Path`, `/` when absent.
    pub path: Option<String>,
    /// `PolicyDocument`, JSON.
    pub document: String,
    /// `Description`.
    pub description: Option<String>,
}

/// What `AssumeRole` carries.
#[derive(Clone, Debug, Default)]
pub struct AssumeRole {
    /// `RoleArn`.
    pub role_arn: String,
    /// `RoleSessionName`.
    pub session_name: String,
    /// `DurationSeconds`, 3600 when absent.
    pub duration_seconds: Option<u32>,
    /// `ExternalId`.
    pub external_id: Option<String>,
    /// `Policy`, JSON: a session policy.
    pub policy: Option<String>,
}

/// What `AssumeRole` answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumedRole {
    /// The session's key pair, token and expiry.
    pub credential: Credential,
    /// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
    pub arn: String,
    /// `AROA...:SESSION`.
    pub id: String,
}
