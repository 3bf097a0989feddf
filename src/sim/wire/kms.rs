//! KMS over JSON 1.1: keys, their policies and states, and aliases.
//!
//! Covered: CreateKey, DescribeKey, EnableKey, DisableKey, ScheduleKeyDeletion, CancelKeyDeletion, GetKeyPolicy,
//! PutKeyPolicy, ListKeys, CreateAlias, UpdateAlias, DeleteAlias, ListAliases, CreateGrant, ListGrants, RevokeGrant,
//! RetireGrant. Nothing is encrypted with a key here: S3 does that inside the world. Custom key stores, tags and
//! rotation are not there.

mod grants;

use axum::response::Response;
use serde_json::{Value, json};

use super::auth::CallScope;
use super::json;
use super::refusal::Refusal;
use crate::sim::world::{AliasInfo, CreateKey, KeyInfo, KeyKind, KeyManager, KeyOrigin, KeyState, Moment, World};

/// Where KMS keys without a `PendingWindowInDays` wait before they go, in days.
const DEFAULT_WINDOW_DAYS: u32 = 30;

/// Answers one KMS call.
///
/// # Errors
/// KMS's own refusals; 501 for operations and key kinds that this world does not have.
pub(super) fn call(
    world: &mut World,
    now: Moment,
    scope: &CallScope,
    target: &str,
    body: &[u8],
) -> Result<Response, Refusal> {
    let input = Input::read(body)?;
    let parts = [keys, policies_and_aliases, grants::call];
    let mut outputs = parts.iter().filter_map(|part| part(world, now, scope, target, &input).transpose());
    match outputs.next() {
        Some(output) => Ok(answer(&output?)),
        None => Err(Refusal::not_implemented(format!("{target} is not part of this simulation"))),
    }
}

/// Answers a call on keys and their states; nothing for any other.
fn keys(
    world: &mut World,
    now: Moment,
    scope: &CallScope,
    target: &str,
    input: &Input,
) -> Result<Option<Value>, Refusal> {
    let (caller, region) = (&scope.caller, scope.region.as_str());
    let output = match target {
        "TrentService.CreateKey" => {
            let key = world.create_key(now, caller, region, input.create_key()?)?;
            json!({ "KeyMetadata": metadata(&key) })
        }
        "TrentService.ListKeys" => {
            let keys = world.keys(now, caller, region)?;
            input.page("Keys", &keys, |key| &key.id, |key| json!({ "KeyId": key.id, "KeyArn": key.arn }))?
        }
        "TrentService.DescribeKey" => {
            let key = world.describe_key(now, caller, region, input.required("KeyId")?)?;
            json!({ "KeyMetadata": metadata(&key) })
        }
        "TrentService.EnableKey" | "TrentService.DisableKey" => {
            let enabled = target == "TrentService.EnableKey";
            world.set_key_enabled(now, caller, region, input.required("KeyId")?, enabled)?;
            Value::Null
        }
        "TrentService.ScheduleKeyDeletion" => {
            let days = input.window()?;
            let key = world.schedule_key_deletion(now, caller, region, input.required("KeyId")?, days)?;
            json!({
                "KeyId": key.arn,
                "DeletionDate": deletion_date(&key),
                "KeyState": key.state.as_str(),
                "PendingWindowInDays": days.unwrap_or(DEFAULT_WINDOW_DAYS),
            })
        }
        "TrentService.CancelKeyDeletion" => {
            let key = world.cancel_key_deletion(now, caller, region, input.required("KeyId")?)?;
            json!({ "KeyId": key.arn })
        }
        _ => return Ok(None),
    };
    Ok(Some(output))
}

/// Answers a call on the policies and aliases of keys; nothing for any other.
fn policies_and_aliases(
    world: &mut World,
    now: Moment,
    scope: &CallScope,
    target: &str,
    input: &Input,
) -> Result<Option<Value>, Refusal> {
    let (caller, region) = (&scope.caller, scope.region.as_str());
    let output = match target {
        "TrentService.GetKeyPolicy" => {
            let name = input.text("PolicyName").unwrap_or("default");
            let policy = world.key_policy(now, caller, region, input.required("KeyId")?, name)?;
            json!({ "Policy": policy, "PolicyName": name })
        }
        "TrentService.PutKeyPolicy" => {
            let (key, policy) = (input.required("KeyId")?, input.required("Policy")?);
            let bypass = input.0.get("BypassPolicyLockoutSafetyCheck").and_then(Value::as_bool) == Some(true);
            world.put_key_policy(now, caller, region, key, policy, bypass)?;
            Value::Null
        }
        "TrentService.CreateAlias" => {
            world.create_alias(now, caller, region, input.required("AliasName")?, input.required("TargetKeyId")?)?;
            Value::Null
        }
        "TrentService.UpdateAlias" => {
            world.update_alias(now, caller, region, input.required("AliasName")?, input.required("TargetKeyId")?)?;
            Value::Null
        }
        "TrentService.DeleteAlias" => {
            world.delete_alias(now, caller, region, input.required("AliasName")?)?;
            Value::Null
        }
        "TrentService.ListAliases" => {
            let aliases = world.aliases(now, caller, region, input.text("KeyId"))?;
            input.page("Aliases", &aliases, |alias| &alias.name, alias_row)?
        }
        _ => return Ok(None),
    };
    Ok(Some(output))
}

/// The key that a call's body names, for faults that act on the key's owner.
pub(super) fn named_key(body: &[u8]) -> Option<String> {
    let input: Value = serde_json::from_slice(body).ok()?;
    let name = input.get("KeyId").or_else(|| input.get("TargetKeyId"))?;
    name.as_str().map(str::to_owned)
}

struct Input(Value);

impl Input {
    fn read(body: &[u8]) -> Result<Self, Refusal> {
        json::object(body).map(Self)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.text(name).filter(|text| !text.is_empty()).ok_or_else(|| {
            let member =
                format!("{}{}", name.get(..1).unwrap_or_default().to_lowercase(), name.get(1..).unwrap_or_default());
            invalid(format!(
                "1 validation error detected: Value null at '{member}' failed to satisfy constraint: \
                             Member must not be null"
            ))
        })
    }

    fn window(&self) -> Result<Option<u32>, Refusal> {
        let Some(value) = self.0.get("PendingWindowInDays").filter(|value| !value.is_null()) else { return Ok(None) };
        let days = value.as_u64().and_then(|days| u32::try_from(days).ok()).filter(|days| (7..=30).contains(days));
        days.map(Some).ok_or_else(|| invalid(String::from("PendingWindowInDays must be between 7 and 30")))
    }

    fn create_key(&self) -> Result<CreateKey, Refusal> {
        let spec = self.text("KeySpec").or_else(|| self.text("CustomerMasterKeySpec"));
        let origin = match self.text("Origin") {
            None | Some("AWS_KMS") => KeyOrigin::Kms,
            Some("EXTERNAL") => KeyOrigin::External,
            Some(_) => return Err(Refusal::not_implemented("custom key stores are not part of this simulation")),
        };
        let kind = KeyKind::new(spec, self.text("KeyUsage")).ok_or_else(|| {
            invalid(String::from("The specified KeySpec is not known here, or does not support the KeyUsage."))
        })?;
        let multi_region = self.0.get("MultiRegion").and_then(Value::as_bool) == Some(true);
        let (policy, description) = (self.text("Policy"), self.text("Description"));
        let (policy, description) = (policy.map(str::to_owned), description.map(str::to_owned));
        Ok(CreateKey { policy, description, kind, origin, multi_region })
    }

    /// The page of a list that `Limit` and `Marker` ask for, under the name `list`; the marker is what `name` gives of
    /// the last row of the page before.
    fn page<T>(
        &self,
        list: &str,
        rows: &[T],
        name: impl Fn(&T) -> &str,
        row: impl Fn(&T) -> Value,
    ) -> Result<Value, Refusal> {
        let limit = match self.0.get("Limit").filter(|limit| !limit.is_null()) {
            None => 50,
            Some(limit) => limit
                .as_u64()
                .and_then(|limit| usize::try_from(limit).ok())
                .filter(|limit| (1..=100).contains(limit))
                .ok_or_else(|| invalid(String::from("Limit must be between 1 and 100")))?,
        };
        let first = match self.text("Marker") {
            None => 0,
            Some(marker) => {
                let last = rows.iter().position(|row| name(row) == marker);
                let message = "Could not deserialize marker";
                last.ok_or_else(|| Refusal::bad_request("InvalidMarkerException", message))? + 1
            }
        };
        let page: Vec<&T> = rows.iter().skip(first).take(limit).collect();
        let truncated = first + page.len() < rows.len();
        let shown: Vec<Value> = page.iter().map(|found| row(found)).collect();
        let mut output = json!({ list: shown, "Truncated": truncated });
        if let (true, Some(last), Some(fields)) = (truncated, page.last(), output.as_object_mut()) {
            fields.insert(String::from("NextMarker"), json!(name(last)));
        }
        Ok(output)
    }
}

fn alias_row(alias: &AliasInfo) -> Value {
    json!({ "AliasName": alias.name, "AliasArn": alias.arn, "TargetKeyId": alias.key_id })
}

fn metadata(key: &KeyInfo) -> Value {
    let mut metadata = json!({
        "AWSAccountId": key.account,
        "KeyId": key.id,
        "Arn": key.arn,
        "CreationDate": epoch_seconds(key.created_at),
        "Enabled": key.state == KeyState::Enabled,
        "Description": key.description,
        "KeyUsage": key.kind.usage,
        "KeyState": key.state.as_str(),
        "Origin": key.origin.as_str(),
        "KeyManager": match key.manager {
            KeyManager::Customer => "CUSTOMER",
            KeyManager::Aws => "AWS",
        },
        "CustomerMasterKeySpec": key.kind.spec,
        "KeySpec": key.kind.spec,
        "MultiRegion": key.multi_region,
    });
    let Some(fields) = metadata.as_object_mut() else { return metadata };
    let (member, algorithms) = algorithms(key);
    fields.insert(String::from(member), algorithms);
    if let Some(date) = deletion_date(key) {
        fields.insert(String::from("DeletionDate"), json!(date));
    }
    if key.multi_region {
        let primary = json!({ "Arn": key.arn, "Region": key.region });
        let configuration = json!({ "MultiRegionKeyType": "PRIMARY", "PrimaryKey": primary, "ReplicaKeys": [] });
        fields.insert(String::from("MultiRegionConfiguration"), configuration);
    }
    metadata
}

/// What a key can do, and the member of the metadata that says so.
fn algorithms(key: &KeyInfo) -> (&'static str, Value) {
    let spec = key.kind.spec.as_str();
    match key.kind.usage.as_str() {
        "GENERATE_VERIFY_MAC" => ("MacAlgorithms", json!([spec.replace("HMAC_", "HMAC_SHA_")])),
        "SIGN_VERIFY" if spec.starts_with("RSA_") => {
            let all = ["RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_384", "RSASSA_PSS_SHA_512"];
            ("SigningAlgorithms", json!(all))
        }
        "SIGN_VERIFY" => {
            let bits = spec.rsplit('P').next().unwrap_or_default().replace("521", "512");
            ("SigningAlgorithms", json!([format!("ECDSA_SHA_{bits}")]))
        }
        _ if key.kind.is_symmetric() => ("EncryptionAlgorithms", json!(["SYMMETRIC_DEFAULT"])),
        _ => ("EncryptionAlgorithms", json!(["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"])),
    }
}

fn deletion_date(key: &KeyInfo) -> Option<f64> {
    match key.state {
        KeyState::PendingDeletion(at) => Some(epoch_seconds(at)),
        KeyState::Enabled
        | KeyState::Disabled
        | KeyState::PendingImport
        | KeyState::Unavailable
        | KeyState::Creating
        | KeyState::Updating
        | KeyState::PendingReplicaDeletion => None,
    }
}

/// Seconds since the Unix epoch with milliseconds, as AWS JSON writes times.
fn epoch_seconds(at: Moment) -> f64 {
    at.since(Moment::from_micros(0)).as_millis() as f64 / 1000.0
}

fn invalid(message: String) -> Refusal {
    Refusal::bad_request("ValidationException", message)
}

fn answer(output: &Value) -> Response {
    json::answer("application/x-amz-json-1.1", output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_or_impossible_is_named() {
        let input = Input::read(br#"{"PendingWindowInDays":3}"#).unwrap();
        assert!(input.required("KeyId").unwrap_err().message.contains("'keyId'"));
        assert_eq!(input.window().unwrap_err().code, "ValidationException");
        let rsa = Input::read(br#"{"KeySpec":"HMAC_256","KeyUsage":"ENCRYPT_DECRYPT"}"#).unwrap();
        assert_eq!(rsa.create_key().unwrap_err().code, "ValidationException");
        let store = Input::read(br#"{"Origin":"AWS_CLOUDHSM"}"#).unwrap();
        assert_eq!(store.create_key().unwrap_err().status, 501);
        assert_eq!(Input::read(b"[]").err().unwrap().code, "SerializationException");
        assert!(Input::read(b"").is_ok());
    }

    #[test]
    fn the_named_key_is_found() {
        assert_eq!(named_key(br#"{"KeyId":"alias/x"}"#).as_deref(), Some("alias/x"));
        assert_eq!(named_key(b"{}"), None);
    }
}
