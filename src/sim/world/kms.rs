//! KMS: keys and key states; and what S3 finds when it asks KMS for a key.

use std::time::Duration;

use super::bucket::Bucket;
use super::fault::Fault;
use super::identity::Caller;
use super::journal::Change;
use super::key::{CreateKey, Key, KeyInfo, KeyManager, KeyOrigin, KeyProblem, KeyState};
use super::moment::Moment;
use super::policy::{Decision, Policy, Request};
use super::refusal::{Result, kms_denied, kms_not_found, validation};
use super::state::State;
use super::timeline::Timeline;
use super::{World, WorldError, arn};

const DAY: Duration = Duration::from_secs(86_400);
/// What `destination_key_pending_deletion` shows as waiting period.
const FAULT_WAITING_DAYS: u32 = 7;

/// Calls of KMS on keys. `region` is that of the signature; `key` an id, an ARN, an alias or an alias ARN.
impl World {
    /// KMS `CreateKey`. A key of origin EXTERNAL waits for its material.
    ///
    /// # Errors
    /// `MalformedPolicyDocumentException` for a policy that is none or names a principal that does not exist.
    pub fn create_key(&mut self, now: Moment, caller: &Caller, region: &str, request: CreateKey) -> Result<KeyInfo> {
        let now = self.enter(now);
        let policy = match &request.policy {
            None => Policy::of_key_default(&caller.account),
            Some(text) => self
                .state
                .bind_policy(text)
                .map_err(|problem| WorldError::new(400, "MalformedPolicyDocumentException", problem))?,
        };
        let id = self.state.draw(&["key", &self.state.sequence.to_string()]).uuid();
        let id = if request.multi_region { format!("mrk-{}", id.replace('-', "")) } else { id };
        let info = KeyInfo {
            description: request.description.unwrap_or_default(),
            state: match request.origin {
                KeyOrigin::Kms => KeyState::Enabled,
                KeyOrigin::External => KeyState::PendingImport,
            },
            kind: request.kind,
            origin: request.origin,
            multi_region: request.multi_region,
            ..KeyInfo::new(id, &caller.account, region, now)
        };
        self.commit(now, Change::KeyCreated { info: info.clone(), policy });
        Ok(info)
    }

    /// KMS `DescribeKey`. The AWS managed key `alias/aws/s3` comes into being when it is first needed.
    ///
    /// # Errors
    /// `NotFoundException`, `AccessDeniedException` for keys of other accounts.
    pub fn describe_key(&mut self, now: Moment, caller: &Caller, region: &str, key: &str) -> Result<KeyInfo> {
        let now = self.enter(now);
        if key == AWS_S3_ALIAS {
            self.aws_managed_key(now, &caller.account, region);
        }
        let found = self.state.own_key(caller, region, key, "kms:DescribeKey", now)?;
        self.state.describe(&found.info.arn, now)
    }

    /// KMS `GetKeyPolicy`: the text as it was stored, in every state of the key.
    ///
    /// # Errors
    /// `NotFoundException` also for a policy name other than `default`; `AccessDeniedException` for keys of other
    /// accounts, whatever their policies say.
    pub fn key_policy(&mut self, now: Moment, caller: &Caller, region: &str, key: &str, name: &str) -> Result<String> {
        let now = self.enter(now);
        let key = self.state.own_key(caller, region, key, "kms:GetKeyPolicy", now)?;
        if key.info.account != caller.account {
            return Err(kms_denied(caller, "kms:GetKeyPolicy", &key.info.arn));
        }
        if name != "default" {
            return Err(kms_not_found("No such policy exists"));
        }
        Ok(key.policy.at(now).text.clone())
    }

    /// KMS `PutKeyPolicy`. It acts once it has propagated.
    ///
    /// # Errors
    /// As for [`World::create_key`]; `NotFoundException`, `AccessDeniedException`.
    pub fn put_key_policy(&mut self, now: Moment, caller: &Caller, region: &str, key: &str, text: &str) -> Result<()> {
        let now = self.enter(now);
        let arn = self.state.own_customer_key(caller, region, key, "kms:PutKeyPolicy", now)?.info.arn.clone();
        let malformed = |problem| WorldError::new(400, "MalformedPolicyDocumentException", problem);
        let policy = self.state.bind_policy(text).map_err(malformed)?;
        self.commit(now, Change::KeyPolicySet { arn, policy });
        Ok(())
    }

    /// Puts a key into a state that no call of KMS leads to here: `Unavailable`, `Creating`, `Updating` and the like.
    pub fn set_key_state(&mut self, now: Moment, key_arn: &str, state: KeyState) {
        let now = self.enter(now);
        self.commit(now, Change::KeyStateSet { arn: key_arn.to_owned(), state });
    }

    /// KMS `EnableKey` and `DisableKey`.
    ///
    /// # Errors
    /// `NotFoundException`, `AccessDeniedException`, `KMSInvalidStateException` in a state that is neither.
    pub fn set_key_enabled(
        &mut self,
        now: Moment,
        caller: &Caller,
        region: &str,
        key: &str,
        enabled: bool,
    ) -> Result<()> {
        let now = self.enter(now);
        let action = if enabled { "kms:EnableKey" } else { "kms:DisableKey" };
        let key = self.state.own_customer_key(caller, region, key, action, now)?;
        if let Err(KeyProblem::InvalidState(state)) = key.states.latest().usable() {
            return Err(invalid_state(format!("{} is {state}.", key.info.arn)));
        }
        let arn = key.info.arn.clone();
        let state = if enabled { KeyState::Enabled } else { KeyState::Disabled };
        self.commit(now, Change::KeyStateSet { arn, state });
        Ok(())
    }

    /// KMS `ScheduleKeyDeletion`; after 30 days when `days` is absent.
    ///
    /// # Errors
    /// `ValidationException` outside 7 to 30 days, `KMSInvalidStateException` when already scheduled.
    pub fn schedule_key_deletion(
        &mut self,
        now: Moment,
        caller: &Caller,
        region: &str,
        key: &str,
        days: Option<u32>,
    ) -> Result<KeyInfo> {
        let now = self.enter(now);
        let days = days.unwrap_or(30);
        if !(7..=30).contains(&days) {
            return Err(validation("ValidationException", "PendingWindowInDays must be between 7 and 30"));
        }
        let key = self.state.own_customer_key(caller, region, key, "kms:ScheduleKeyDeletion", now)?;
        if matches!(key.states.latest(), KeyState::PendingDeletion(_)) {
            return Err(invalid_state(format!("{} is pending deletion.", key.info.arn)));
        }
        let arn = key.info.arn.clone();
        let state = KeyState::PendingDeletion(now.plus(DAY * days));
        self.commit(now, Change::KeyStateSet { arn: arn.clone(), state });
        Ok(KeyInfo { state, ..self.state.describe(&arn, self.state.now)? })
    }

    /// KMS `CancelKeyDeletion`: the key is disabled afterwards.
    ///
    /// # Errors
    /// `KMSInvalidStateException` when no deletion is pending.
    pub fn cancel_key_deletion(&mut self, now: Moment, caller: &Caller, region: &str, key: &str) -> Result<KeyInfo> {
        let now = self.enter(now);
        let key = self.state.own_customer_key(caller, region, key, "kms:CancelKeyDeletion", now)?;
        if !matches!(key.states.latest(), KeyState::PendingDeletion(_)) {
            return Err(invalid_state(format!("{} is not pending deletion.", key.info.arn)));
        }
        let arn = key.info.arn.clone();
        self.commit(now, Change::KeyStateSet { arn: arn.clone(), state: KeyState::Disabled });
        Ok(KeyInfo { state: KeyState::Disabled, ..self.state.describe(&arn, self.state.now)? })
    }

    /// The ARN of the account's AWS managed key for S3, which is made when it is first needed.
    pub(super) fn aws_managed_key(&mut self, now: Moment, account: &str, region: &str) -> String {
        let alias = arn::kms_arn(region, account, AWS_S3_ALIAS);
        if let Some(key) = self.state.aliases.get(&alias) {
            return key.clone();
        }
        let id = self.state.draw(&["aws/s3", account, region]).uuid();
        let description = "Default key that protects my S3 objects when no other key is defined".to_owned();
        let manager = KeyManager::Aws;
        let info = KeyInfo { description, manager, ..KeyInfo::new(id, account, region, now) };
        let key_arn = info.arn.clone();
        self.commit(now, Change::KeyCreated { info, policy: Policy::of_key_default(account) });
        self.commit(now, Change::AliasSet { arn: alias, key_arn: key_arn.clone() });
        key_arn
    }
}

/// Alias of the AWS managed key for S3.
pub(super) const AWS_S3_ALIAS: &str = "alias/aws/s3";

impl State {
    /// The part of the journal's fold that is about keys and aliases; other changes are none of its business.
    pub(super) fn change_key(&mut self, at: Moment, change: Change) {
        let from = at.plus(self.physics.propagation);
        #[expect(clippy::wildcard_enum_match_arm, reason = "the rest of the journal is folded elsewhere")]
        match change {
            Change::KeyCreated { info, policy } => {
                let (states, policy) = (Timeline::new(info.state), Timeline::new(policy));
                self.keys.insert(info.arn.clone(), Key { info, states, policy });
            }
            Change::KeyPolicySet { arn, policy } => {
                if let Some(key) = self.keys.get_mut(&arn) {
                    key.policy.set(from, policy);
                }
            }
            Change::AliasSet { arn, key_arn } => {
                self.aliases.insert(arn, key_arn);
            }
            Change::AliasDeleted { arn } => {
                self.aliases.remove(&arn);
            }
            Change::KeyStateSet { arn, state } => {
                if let Some(key) = self.keys.get_mut(&arn) {
                    key.states.set(from, state);
                }
            }
            _ => {}
        }
    }

    /// Asks KMS for a key on behalf of a bucket; `false` when a cached bucket-level key made asking needless.
    pub(super) fn use_key(
        &self,
        bucket: &Bucket,
        key_arn: &str,
        bucket_key: bool,
        at: Moment,
    ) -> std::result::Result<bool, KeyProblem> {
        let ttl = self.physics.bucket_key_ttl;
        if bucket_key && bucket.bucket_keys.get(key_arn).is_some_and(|fetched| at < fetched.plus(ttl)) {
            return Ok(false);
        }
        let key = self.key_by_arn(key_arn, at).ok_or(KeyProblem::Missing)?;
        if !key.info.kind.is_symmetric() {
            return Err(KeyProblem::WrongUsage);
        }
        self.key_state(key, at).usable().map(|()| true)
    }

    /// Remembers that S3 fetched a bucket-level key, unless it still has one: use does not prolong it.
    pub(super) fn note_bucket_key(&mut self, bucket: &str, key_arn: Option<&str>, at: Moment) {
        let ttl = self.physics.bucket_key_ttl;
        let (Some(bucket), Some(key_arn)) = (self.buckets.get_mut(bucket), key_arn) else { return };
        if bucket.bucket_keys.get(key_arn).is_none_or(|fetched| at >= fetched.plus(ttl)) {
            bucket.bucket_keys.insert(key_arn.to_owned(), at);
        }
    }

    /// State in force, faults included.
    pub(super) fn key_state(&self, key: &Key, at: Moment) -> KeyState {
        let faults = self.faults.of_key(&key.info.arn);
        if faults.has(Fault::DestinationKeyPendingDeletion) {
            KeyState::PendingDeletion(at.plus(DAY * FAULT_WAITING_DAYS))
        } else if faults.has(Fault::DestinationKeyDisabled) {
            KeyState::Disabled
        } else {
            *key.states.at(at)
        }
    }

    fn describe(&self, key_arn: &str, at: Moment) -> Result<KeyInfo> {
        let key = self.key_by_arn(key_arn, at).ok_or_else(|| no_such_key(key_arn))?;
        Ok(KeyInfo { state: self.key_state(key, at), ..key.info.clone() })
    }

    /// What a key id, key ARN, alias or alias ARN names, as a key ARN, seen from an account and Region. What names
    /// nothing comes back as an ARN that does not exist.
    pub(super) fn resolve_key(&self, named: &str, account: &str, region: &str) -> String {
        if named.starts_with("arn:") {
            return self.resolve_alias_arn(named);
        }
        let resource = if named.starts_with("alias/") { named.to_owned() } else { format!("key/{named}") };
        self.resolve_alias_arn(&arn::kms_arn(region, account, &resource))
    }

    /// The key ARN behind an alias ARN; anything else unchanged.
    pub(super) fn resolve_alias_arn(&self, arn: &str) -> String {
        self.aliases.get(arn).cloned().unwrap_or_else(|| arn.to_owned())
    }

    /// The ARN of a key that is named without saying whose it is; the text itself when there is none.
    pub(super) fn key_arn_of_text(&self, named: &str) -> String {
        if named.starts_with("arn:") {
            return self.resolve_alias_arn(named);
        }
        let ends = |arn: &str| arn.strip_suffix(named).is_some_and(|rest| rest.ends_with([':', '/']));
        let alias = self.aliases.iter().find(|(alias, _)| ends(alias)).map(|(_, key)| key);
        alias.or_else(|| self.keys.keys().find(|arn| ends(arn))).cloned().unwrap_or_else(|| named.to_owned())
    }

    pub(super) fn own_key(&self, caller: &Caller, region: &str, named: &str, action: &str, at: Moment) -> Result<&Key> {
        if let Some(parts) = arn::kms(named).filter(|parts| parts.region != region) {
            return Err(kms_not_found(format!("Invalid arn {}", parts.region)));
        }
        let key_arn = self.resolve_key(named, &caller.account, region);
        let key = self.key_by_arn(&key_arn, at).ok_or_else(|| no_such_key(&key_arn))?;
        if self.may_use(caller, key, action, at) { Ok(key) } else { Err(kms_denied(caller, action, &key_arn)) }
    }

    pub(super) fn own_customer_key(
        &self,
        caller: &Caller,
        region: &str,
        named: &str,
        action: &str,
        at: Moment,
    ) -> Result<&Key> {
        let key = self.own_key(caller, region, named, action, at)?;
        let theirs = key.info.account == caller.account && key.info.manager == KeyManager::Customer;
        if theirs { Ok(key) } else { Err(kms_denied(caller, action, &key.info.arn)) }
    }

    /// Whether a caller may use a key: in its own account always, elsewhere when the key's policy says so.
    pub(super) fn may_use(&self, caller: &Caller, key: &Key, action: &str, at: Moment) -> bool {
        let request = Request { caller, action, resource: &key.info.arn, context: &[] };
        key.info.account == caller.account || key.policy.at(at).decide(&request) == Decision::Allow
    }
}

fn no_such_key(key_arn: &str) -> WorldError {
    match arn::kms(key_arn) {
        Some(parts) if parts.resource.starts_with("alias/") => kms_not_found(format!("Alias {key_arn} is not found.")),
        Some(_) | None => kms_not_found(format!("Key '{key_arn}' does not exist")),
    }
}

fn invalid_state(message: String) -> WorldError {
    WorldError::new(400, "KMSInvalidStateException", message)
}
