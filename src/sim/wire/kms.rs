//! KMS: JSON 1.1, the operations that a set-up needs.

use axum::body::Body;
use axum::response::Response;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::auth::CallScope;
use super::refusal::Refusal;
use crate::sim::world::{CreateKey, KeyInfo, KeyManager, KeyState, Moment, World};

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
    let (caller, region) = (&scope.caller, scope.region.as_str());
    let output = match target {
        "TrentService.CreateKey" => {
            let key = world.create_key(now, caller, region, input.create_key()?)?;
            json!({ "KeyMetadata": metadata(&key) })
        }
        "TrentService.CreateAlias" => {
            world.create_alias(now, caller, region, input.required("AliasName")?, input.required("TargetKeyId")?)?;
            Value::Null
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
        other => return Err(Refusal::not_implemented(format!("{other} is not part of this simulation"))),
    };
    Ok(answer(&output))
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
        let body = if body.is_empty() { b"{}" } else { body };
        match serde_json::from_slice(body) {
            Ok(value @ Value::Object(_)) => Ok(Self(value)),
            Ok(_) | Err(_) => Err(Refusal::bad_request("SerializationException", "the body is not a JSON object")),
        }
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
        let plain = spec.is_none_or(|spec| spec == "SYMMETRIC_DEFAULT")
            && self.text("KeyUsage").is_none_or(|usage| usage == "ENCRYPT_DECRYPT")
            && self.text("Origin").is_none_or(|origin| origin == "AWS_KMS")
            && self.0.get("MultiRegion").is_none_or(|multi| multi.as_bool() != Some(true));
        if !plain {
            let message = "only single-Region symmetric encryption keys are part of this simulation";
            return Err(Refusal::not_implemented(message));
        }
        let (policy, description) = (self.text("Policy"), self.text("Description"));
        Ok(CreateKey { policy: policy.map(str::to_owned), description: description.map(str::to_owned) })
    }
}

fn metadata(key: &KeyInfo) -> Value {
    let mut metadata = json!({
        "AWSAccountId": key.account,
        "KeyId": key.id,
        "Arn": key.arn,
        "CreationDate": epoch_seconds(key.created_at),
        "Enabled": key.state == KeyState::Enabled,
        "Description": key.description,
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": key.state.as_str(),
        "Origin": "AWS_KMS",
        "KeyManager": match key.manager {
            KeyManager::Customer => "CUSTOMER",
            KeyManager::Aws => "AWS",
        },
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": false,
    });
    if let (Some(date), Some(fields)) = (deletion_date(key), metadata.as_object_mut()) {
        fields.insert(String::from("DeletionDate"), json!(date));
    }
    metadata
}

fn deletion_date(key: &KeyInfo) -> Option<f64> {
    match key.state {
        KeyState::PendingDeletion(at) => Some(epoch_seconds(at)),
        KeyState::Enabled | KeyState::Disabled => None,
    }
}

/// Seconds since the Unix epoch with milliseconds, as AWS JSON writes times.
fn epoch_seconds(at: Moment) -> f64 {
    at.since(Moment::from_micros(0)).as_millis() as f64 / 1000.0
}

fn invalid(message: String) -> Refusal {
    Refusal::bad_request("ValidationException", message)
}

/// An operation without output answers with an empty body, as KMS does.
fn answer(output: &Value) -> Response {
    let body = if output.is_null() { Body::empty() } else { Body::from(output.to_string()) };
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.1"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_or_impossible_is_named() {
        let input = Input::read(br#"{"PendingWindowInDays":3}"#).unwrap();
        assert!(input.required("KeyId").unwrap_err().message.contains("'keyId'"));
        assert_eq!(input.window().unwrap_err().code, "ValidationException");
        let rsa = Input::read(br#"{"KeySpec":"RSA_2048"}"#).unwrap();
        assert_eq!(rsa.create_key().unwrap_err().status, 501);
        assert_eq!(Input::read(b"[]").err().unwrap().code, "SerializationException");
        assert!(Input::read(b"").is_ok());
    }

    #[test]
    fn the_named_key_is_found() {
        assert_eq!(named_key(br#"{"KeyId":"alias/x"}"#).as_deref(), Some("alias/x"));
        assert_eq!(named_key(b"{}"), None);
    }
}
