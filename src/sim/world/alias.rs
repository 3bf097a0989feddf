//! Aliases of KMS keys.

use super::identity::Caller;
use super::journal::Change;
use super::key::AliasInfo;
use super::moment::Moment;
use super::refusal::{Result, kms_not_found, validation};
use super::{World, WorldError, arn};

/// Calls of KMS on aliases. `region` is that of the signature; `key` an id, an ARN, an alias or an alias ARN.
impl World {
    /// KMS `CreateAlias`. It is asked of the alias and of the key (KMS Developer Guide, "Controlling access to
    /// aliases").
    ///
    /// # Errors
    /// `AlreadyExistsException`, `InvalidAliasNameException`, `NotAuthorizedException` for `alias/aws/`,
    /// `NotFoundException`.
    pub fn create_alias(&mut self, now: Moment, caller: &Caller, region: &str, alias: &str, key: &str) -> Result<()> {
        let now = self.enter(now);
        check_name(alias)?;
        let alias_arn = arn::kms_arn(region, &caller.account, alias);
        self.state.authorize_alias(caller, region, "kms:CreateAlias", &alias_arn, now)?;
        let key_arn = self.state.own_customer_key(caller, region, key, "kms:CreateAlias", now)?.info.arn.clone();
        if self.state.aliases.contains_key(&alias_arn) {
            let message = format!("An alias with the name {alias_arn} already exists");
            return Err(WorldError::new(400, "AlreadyExistsException", message));
        }
        self.commit(now, Change::AliasSet { arn: alias_arn, key_arn });
        Ok(())
    }

    /// KMS `UpdateAlias`: lets an alias name another key of the same account and Region. It is asked of the alias
    /// and of both keys.
    ///
    /// # Errors
    /// `NotFoundException` for alias or key, and those of [`World::create_alias`].
    pub fn update_alias(&mut self, now: Moment, caller: &Caller, region: &str, alias: &str, key: &str) -> Result<()> {
        let now = self.enter(now);
        check_name(alias)?;
        let action = "kms:UpdateAlias";
        let (arn, old) = self.own_alias(caller, region, alias, action, now)?;
        let key_arn = self.state.own_customer_key(caller, region, key, action, now)?.info.arn.clone();
        if old != key_arn && self.state.key_by_arn(&old, now).is_some() {
            self.state.own_key(caller, region, &old, action, now)?;
        }
        self.commit(now, Change::AliasSet { arn, key_arn });
        Ok(())
    }

    /// KMS `DeleteAlias`; the key stays. It is asked of the alias and of the key.
    ///
    /// # Errors
    /// `NotFoundException`, and those of [`World::create_alias`] about the name.
    pub fn delete_alias(&mut self, now: Moment, caller: &Caller, region: &str, alias: &str) -> Result<()> {
        let now = self.enter(now);
        check_name(alias)?;
        let action = "kms:DeleteAlias";
        let (arn, key_arn) = self.own_alias(caller, region, alias, action, now)?;
        if self.state.key_by_arn(&key_arn, now).is_some() {
            self.state.own_key(caller, region, &key_arn, action, now)?;
        }
        self.commit(now, Change::AliasDeleted { arn });
        Ok(())
    }

    /// KMS `ListAliases`: those of the caller's account in a Region, by name, or those of one key.
    ///
    /// # Errors
    /// `NotFoundException` and `AccessDeniedException` for the key.
    pub fn aliases(&mut self, now: Moment, caller: &Caller, region: &str, key: Option<&str>) -> Result<Vec<AliasInfo>> {
        let now = self.enter(now);
        let only = match key {
            None => {
                self.state.authorize_keys(caller, region, "kms:ListAliases", now)?;
                None
            }
            Some(key) => Some(self.state.own_key(caller, region, key, "kms:ListAliases", now)?.info.arn.clone()),
        };
        let home = arn::kms_arn(region, &caller.account, "");
        let row = |(alias, key_arn): (&String, &String)| {
            let name = alias.strip_prefix(&home)?;
            let key_id = key_arn.rsplit('/').next()?.to_owned();
            let wanted = only.as_ref().is_none_or(|only| only == key_arn);
            wanted.then(|| AliasInfo { arn: alias.clone(), name: name.to_owned(), key_id })
        };
        Ok(self.state.aliases.iter().filter_map(row).collect())
    }

    /// The ARNs of an alias and of its key, if the caller may do that to the alias.
    fn own_alias(
        &self,
        caller: &Caller,
        region: &str,
        alias: &str,
        action: &str,
        now: Moment,
    ) -> Result<(String, String)> {
        let arn = arn::kms_arn(region, &caller.account, alias);
        self.state.authorize_alias(caller, region, action, &arn, now)?;
        match self.state.aliases.get(&arn) {
            Some(key_arn) => Ok((arn, key_arn.clone())),
            None => Err(kms_not_found(format!("Alias {arn} is not found."))),
        }
    }
}

fn check_name(alias: &str) -> Result<()> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/_-".contains(&byte);
    let name = alias.strip_prefix("alias/").unwrap_or_default();
    if name.is_empty() || alias.len() > 256 || !name.bytes().all(allowed) {
        return Err(validation("InvalidAliasNameException", "Alias must start with the prefix \"alias/\""));
    }
    if name.starts_with("aws/") {
        return Err(WorldError::new(400, "NotAuthorizedException", ""));
    }
    Ok(())
}
