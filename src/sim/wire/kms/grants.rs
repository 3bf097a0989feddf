//! KMS's calls on grants.

use serde_json::{Map, Value, json};

use super::super::auth::CallScope;
use super::super::refusal::Refusal;
use super::{Input, epoch_seconds, invalid};
use crate::sim::world::{CreateGrant, Grant, GrantConstraint, Moment, World};

/// Answers a call on grants; `None` for others.
///
/// # Errors
/// KMS's own refusals.
pub(super) fn call(
    world: &mut World,
    now: Moment,
    scope: &CallScope,
    target: &str,
    input: &Input,
) -> Result<Option<Value>, Refusal> {
    let (caller, region) = (&scope.caller, scope.region.as_str());
    let output = match target {
        "TrentService.CreateGrant" => {
            let grant = world.create_grant(now, caller, region, input.required("KeyId")?, input.create_grant()?)?;
            json!({ "GrantId": grant.id, "GrantToken": grant.token })
        }
        "TrentService.ListGrants" => {
            let (key, mut grants) = world.grants(now, caller, region, input.required("KeyId")?)?;
            grants.retain(|grant| {
                input.text("GrantId").is_none_or(|id| id == grant.id)
                    && input.text("GranteePrincipal").is_none_or(|principal| principal == grant.grantee)
            });
            input.page("Grants", &grants, |grant| &grant.id, |grant| row(grant, &key))?
        }
        "TrentService.RevokeGrant" => {
            world.revoke_grant(now, caller, region, input.required("KeyId")?, input.required("GrantId")?)?;
            Value::Null
        }
        "TrentService.RetireGrant" => {
            let named = input.text("KeyId").zip(input.text("GrantId"));
            if named.is_none() {
                input.required("GrantToken")?;
            }
            world.retire_grant(now, caller, input.text("GrantToken"), named)?;
            Value::Null
        }
        _ => return Ok(None),
    };
    Ok(Some(output))
}

impl Input {
    fn create_grant(&self) -> Result<CreateGrant, Refusal> {
        let operations = self.0.get("Operations").and_then(Value::as_array);
        let operations = operations.ok_or_else(|| invalid(String::from("Operations must be given")))?;
        let constraints = self.0.get("Constraints");
        let pairs = |name: &str| constraints.and_then(|constraints| constraints.get(name)).and_then(Value::as_object);
        Ok(CreateGrant {
            grantee: self.required("GranteePrincipal")?.to_owned(),
            retiring: self.text("RetiringPrincipal").map(str::to_owned),
            operations: operations.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            constraint: match (pairs("EncryptionContextEquals"), pairs("EncryptionContextSubset")) {
                (Some(equals), _) => GrantConstraint::Equals(texts(equals)),
                (None, Some(subset)) => GrantConstraint::Subset(texts(subset)),
                (None, None) => GrantConstraint::None,
            },
            name: self.text("Name").map(str::to_owned),
        })
    }
}

fn texts(pairs: &Map<String, Value>) -> Vec<(String, String)> {
    pairs.iter().filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

fn row(grant: &Grant, key: &str) -> Value {
    let mut row = json!({
        "KeyId": key,
        "GrantId": grant.id,
        "CreationDate": epoch_seconds(grant.created_at),
        "GranteePrincipal": grant.grantee,
        "IssuingAccount": grant.issuer,
        "Operations": grant.operations,
    });
    let Some(fields) = row.as_object_mut() else { return row };
    let constraint = match &grant.constraint {
        GrantConstraint::None => None,
        GrantConstraint::Equals(pairs) => Some(("EncryptionContextEquals", pairs)),
        GrantConstraint::Subset(pairs) => Some(("EncryptionContextSubset", pairs)),
    };
    if let Some((name, pairs)) = constraint {
        let pairs: Map<String, Value> = pairs.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
        fields.insert(String::from("Constraints"), json!({ name: pairs }));
    }
    for (name, value) in [("Name", &grant.name), ("RetiringPrincipal", &grant.retiring)] {
        if let Some(value) = value {
            fields.insert(String::from(name), json!(value));
        }
    }
    row
}
