//! KMS: keys and key states; and what S3 finds when it asks KMS for a key.

use std::time::Duration;

use super::bucket::Bucket;
use super::fault::Fault;
use super::identity::Caller;
use super::journal::Change;
use super::key::{CreateKey, Key, KeyInfo, KeyManager, KeyOrigin, KeyProblem, KeyState};
use super::key_access::no_such_key;
use super::moment::Moment;
use super::permission::{Call, Guard};
use super::policy::{Policy, PolicyKind};
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
        self.state.authorize_keys(caller, region, "kms:CreateKey", now)?;
        let policy = match &request.policy {
            None => Policy::of_key_default(&caller.account),
            Some(text) => self.state.bind_policy(PolicyKind::Key, text)?,
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
        Ok(self.state.shown(key.policy.at(now)))
    }

    /// KMS `PutKeyPolicy`. It acts once it has propagated. Unless `bypass` is set, a policy is refused under which the
    /// caller could not put another one (`BypassPolicyLockoutSafetyCheck`).
    ///
    /// # Errors
    /// As for [`World::create_key`]; `NotFoundException`, `AccessDeniedException`.
    pub fn put_key_policy(
        &mut self,
        now: Moment,
        caller: &Caller,
        region: &str,
        key: &str,
        text: &str,
        bypass: bool,
    ) -> Result<()> {
        let now = self.enter(now);
        let action = "kms:PutKeyPolicy";
        let info = &self.state.own_customer_key(caller, region, key, action, now)?.info;
        let (arn, owner) = (info.arn.clone(), info.account.clone());
        let policy = self.state.bind_policy(PolicyKind::Key, text)?;
        let context = [("aws:RequestedRegion", region), ("kms:CallerAccount", caller.account.as_str())];
        let guard = Guard::Gate(&policy);
        let call = Call { caller, action, resource: &arn, owner: &owner, context: &context, guard, at: now };
        if !bypass && self.state.authorize(&call).is_err() {
            let message = "The new key policy will not allow you to update the key policy in the future.";
            return Err(WorldError::new(400, "MalformedPolicyDocumentException", message));
        }
        self.commit(now, Change::KeyPolicySet { arn, policy });
        Ok(())
    }

    /// KMS `ListKeys`: those of the caller's account in a Region, by ARN.
    ///
    /// # Errors
    /// `AccessDeniedException`.
    pub fn keys(&mut self, now: Moment, caller: &Caller, region: &str) -> Result<Vec<KeyInfo>> {
        let now = self.enter(now);
        self.state.authorize_keys(caller, region, "kms:ListKeys", now)?;
        let own = self.state.keys.values().filter(|key| !key.is_deleted(now)).map(|key| &key.info);
        Ok(own.filter(|info| info.account == caller.account && info.region == region).cloned().collect())
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
                self.keys.insert(info.arn.clone(), Key { info, states, policy, grants: Vec::new() });
            }
            Change::KeyPolicySet { arn, policy } => {
                if let Some(key) = self.keys.get_mut(&arn) {
                    key.policy.set(from, policy);
                }
            }
            Change::GrantCreated { key, grant } => {
                if let Some(key) = self.keys.get_mut(&key) {
                    key.grants.push(grant);
                }
            }
            Change::GrantRemoved { key, id } => {
                if let Some(key) = self.keys.get_mut(&key) {
                    key.grants.retain(|grant| grant.id != id);
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
        requester: &str,
        key_arn: &str,
        bucket_key: bool,
        at: Moment,
    ) -> std::result::Result<bool, KeyProblem> {
        if self.holds_bucket_key(bucket, requester, key_arn, bucket_key, at) {
            return Ok(false);
        }
        let key = self.key_by_arn(key_arn, at).ok_or(KeyProblem::Missing)?;
        if !key.info.kind.is_symmetric() {
            return Err(KeyProblem::WrongUsage);
        }
        self.key_state(key, at).usable().map(|()| true)
    }

    /// Whether S3 holds a bucket-level key, so that it asks KMS for nothing: neither for the key nor for permission.
    /// It fetches one "at least once per requester" (S3 User Guide, "Reducing the cost of SSE-KMS with Bucket Keys").
    pub(super) fn holds_bucket_key(
        &self,
        bucket: &Bucket,
        requester: &str,
        key_arn: &str,
        bucket_key: bool,
        at: Moment,
    ) -> bool {
        let ttl = self.physics.bucket_key_ttl;
        let held = || bucket.bucket_keys.get(requester)?.get(key_arn);
        bucket_key && held().is_some_and(|fetched| at < fetched.plus(ttl))
    }

    /// Whether S3 holds a bucket-level key for any requester.
    pub(super) fn anybody_holds_bucket_key(&self, bucket: &Bucket, key_arn: &str, at: Moment) -> bool {
        bucket.bucket_keys.keys().any(|requester| self.holds_bucket_key(bucket, requester, key_arn, true, at))
    }

    /// Remembers that S3 fetched a bucket-level key, unless it still has one: use does not prolong it.
    pub(super) fn note_bucket_key(&mut self, bucket: &str, requester: &str, key_arn: &str, at: Moment) {
        let ttl = self.physics.bucket_key_ttl;
        let Some(bucket) = self.buckets.get_mut(bucket) else { return };
        let held = bucket.bucket_keys.entry(requester.to_owned()).or_default();
        if held.get(key_arn).is_none_or(|fetched| at >= fetched.plus(ttl)) {
            held.insert(key_arn.to_owned(), at);
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
}

fn invalid_state(message: String) -> WorldError {
    WorldError::new(400, "KMSInvalidStateException", message)
}
