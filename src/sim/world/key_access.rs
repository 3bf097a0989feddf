//! Who may use and manage a key: its policy, its grants and the caller's own policies.

use super::identity::Caller;
use super::key::{Key, KeyManager};
use super::moment::Moment;
use super::permission::{Call, Guard, Refused};
use super::refusal::{Result, kms_denied, kms_not_found};
use super::state::State;
use super::{WorldError, arn};

impl State {
    pub(super) fn own_key(&self, caller: &Caller, region: &str, named: &str, action: &str, at: Moment) -> Result<&Key> {
        if let Some(parts) = arn::kms(named).filter(|parts| parts.region != region) {
            return Err(kms_not_found(format!("Invalid arn {}", parts.region)));
        }
        let key_arn = self.resolve_key(named, &caller.account, region);
        let key = self.key_by_arn(&key_arn, at).ok_or_else(|| no_such_key(&key_arn))?;
        self.authorize_key(caller, key, action, &[("aws:RequestedRegion", region)], at).map(|()| key)
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

    /// Whether a caller may do that with a key, refused as KMS refuses.
    pub(super) fn authorize_key(
        &self,
        caller: &Caller,
        key: &Key,
        action: &str,
        context: &[(&str, &str)],
        at: Moment,
    ) -> Result<()> {
        let (resource, owner) = (key.info.arn.as_str(), key.info.account.as_str());
        let call = Call { caller, action, resource, owner, context, guard: Guard::None, at };
        self.ask_key(caller, key, action, context, at).map_err(|refused| refused.access_denied_exception(&call))
    }

    /// Asks the key's policy and grants and the caller's own policies. The root of the key's account is never refused,
    /// so that whatever was broken can be mended.
    pub(super) fn ask_key(
        &self,
        caller: &Caller,
        key: &Key,
        action: &str,
        context: &[(&str, &str)],
        at: Moment,
    ) -> std::result::Result<(), Refused> {
        if caller.role.is_none() && caller.account == key.info.account {
            return Ok(());
        }
        let mut context = context.to_vec();
        context.push(("kms:CallerAccount", &caller.account));
        let granted = key.grants.iter().any(|grant| grant.allows(caller, action, &context));
        let policy = key.policy.at(at);
        let guard = if granted { Guard::Granted(policy) } else { Guard::Gate(policy) };
        let (resource, owner) = (key.info.arn.as_str(), key.info.account.as_str());
        self.authorize(&Call { caller, action, resource, owner, context: &context, guard, at })
    }

    /// Whether a caller may do what concerns no key that exists: listing and making keys.
    pub(super) fn authorize_keys(&self, caller: &Caller, region: &str, action: &str, at: Moment) -> Result<()> {
        self.authorize_alias(caller, region, action, "*", at)
    }

    /// Whether the caller's own policies let it do that with an alias of its account: aliases have no policies.
    pub(super) fn authorize_alias(
        &self,
        caller: &Caller,
        region: &str,
        action: &str,
        alias_arn: &str,
        at: Moment,
    ) -> Result<()> {
        let context = [("aws:RequestedRegion", region), ("kms:CallerAccount", &*caller.account)];
        let owner = caller.account.as_str();
        let call = Call { caller, action, resource: alias_arn, owner, context: &context, guard: Guard::None, at };
        self.authorize(&call).map_err(|refused| refused.access_denied_exception(&call))
    }
}

pub(super) fn no_such_key(key_arn: &str) -> WorldError {
    match arn::kms(key_arn) {
        Some(parts) if parts.resource.starts_with("alias/") => kms_not_found(format!("Alias {key_arn} is not found.")),
        Some(_) | None => kms_not_found(format!("Key '{key_arn}' does not exist")),
    }
}
