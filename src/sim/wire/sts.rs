//! STS: AssumeRole and GetCallerIdentity.

use axum::response::Response;

use super::auth::CallScope;
use super::query::{Form, answer, element, invalid};
use super::refusal::Refusal;
use crate::sim::world::{AssumeRole, Moment, World};

/// The namespace of STS answers.
pub(super) const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";
/// The range of `DurationSeconds` (API AssumeRole).
const DURATION_SECONDS: std::ops::RangeInclusive<u32> = 900..=43_200;

/// Answers one STS call.
///
/// # Errors
/// STS's own refusals; 501 for operations that this world does not have.
pub(super) fn call(
    world: &mut World,
    now: Moment,
    scope: &CallScope,
    body: &[u8],
    request_id: &str,
) -> Result<Response, Refusal> {
    let form = Form::read(body);
    match form.get("Action") {
        Some("AssumeRole") => assume_role(world, now, scope, &form, request_id),
        Some("GetCallerIdentity") => Ok(caller_identity(scope, request_id)),
        other => {
            let action = other.unwrap_or("a call without Action");
            Err(Refusal::not_implemented(format!("{action} is not part of this simulation")))
        }
    }
}

/// The role that a call's body names, for faults that act on who names it.
pub(super) fn named_role(body: &[u8]) -> Option<String> {
    let form = Form::read(body);
    let names = ["RoleArn", "RoleName", "PolicySourceArn"];
    names.iter().find_map(|name| form.get(name)).map(str::to_owned)
}

fn assume_role(
    world: &mut World,
    now: Moment,
    scope: &CallScope,
    form: &Form,
    request_id: &str,
) -> Result<Response, Refusal> {
    for unsupported in ["PolicyArns.member.1.arn", "SerialNumber", "TokenCode", "Tags.member.1.Key"] {
        if form.get(unsupported).is_some() {
            return Err(Refusal::not_implemented(format!("{unsupported} is not part of this simulation")));
        }
    }
    let request = AssumeRole {
        role_arn: form.required("RoleArn")?.to_owned(),
        session_name: name(form.required("RoleSessionName")?, "roleSessionName", 64)?,
        duration_seconds: form.get("DurationSeconds").map(duration).transpose()?,
        external_id: form.get("ExternalId").map(|id| name(id, "externalId", 1224)).transpose()?,
        policy: form.get("Policy").map(str::to_owned),
    };
    let assumed = world.assume_role(now, &scope.caller, &request)?;
    let credential = &assumed.credential;
    let expiration = credential.expires_at.map(rfc3339_seconds).unwrap_or_default();
    let credentials = [
        element("AccessKeyId", &credential.access_key_id),
        element("SecretAccessKey", &credential.secret_access_key),
        element("SessionToken", credential.session_token.as_deref().unwrap_or_default()),
        element("Expiration", &expiration),
    ]
    .concat();
    let user = [element("AssumedRoleId", &assumed.id), element("Arn", &assumed.arn)].concat();
    let result = format!("<Credentials>{credentials}</Credentials><AssumedRoleUser>{user}</AssumedRoleUser>");
    Ok(answer("AssumeRole", NAMESPACE, &result, request_id))
}

fn caller_identity(scope: &CallScope, request_id: &str) -> Response {
    let caller = &scope.caller;
    let result =
        [element("Arn", &caller.arn), element("UserId", &caller.user_id), element("Account", &caller.account)].concat();
    answer("GetCallerIdentity", NAMESPACE, &result, request_id)
}

fn duration(text: &str) -> Result<u32, Refusal> {
    let seconds = text.parse().ok().filter(|seconds| DURATION_SECONDS.contains(seconds));
    seconds.ok_or_else(|| {
        invalid(format!(
            "1 validation error detected: Value '{text}' at 'durationSeconds' failed to satisfy constraint: Member \
             must have value between {} and {}",
            DURATION_SECONDS.start(),
            DURATION_SECONDS.end()
        ))
    })
}

/// Checks a session name or external id: 2 to `most` characters of STS's alphabet (API AssumeRole).
fn name(text: &str, member: &str, most: usize) -> Result<String, Refusal> {
    let extra = if member == "externalId" { ":/" } else { "" };
    let legal = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c) || extra.contains(c);
    if (2..=most).contains(&text.len()) && text.chars().all(legal) {
        return Ok(text.to_owned());
    }
    Err(invalid(format!(
        "1 validation error detected: Value '{text}' at '{member}' failed to satisfy constraint: Member must satisfy \
         regular expression pattern: [\\w+=,.@{extra}-]{{2,{most}}}"
    )))
}

/// An instant in RFC 3339 with whole seconds.
pub(super) fn rfc3339_seconds(at: Moment) -> String {
    humantime::format_rfc3339_seconds(at.system_time()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_durations_have_limits() {
        assert!(name("x", "roleSessionName", 64).is_err());
        assert!(name("a b", "roleSessionName", 64).is_err());
        assert!(name("a:b", "roleSessionName", 64).is_err());
        assert!(name("a:b/c", "externalId", 1224).is_ok());
        assert!(duration("899").is_err());
        assert!(duration("43201").is_err());
        assert_eq!(duration("900").unwrap(), 900);
    }
}
