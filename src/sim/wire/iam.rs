//! IAM: CreateRole and GetRole.

use axum::response::Response;

use super::auth::CallScope;
use super::query::{Form, answer, element, invalid};
use super::refusal::Refusal;
use super::sts::rfc3339_seconds;
use super::text::percent_encode;
use crate::sim::world::{CreateRole, Moment, Role, World};

/// The namespace of IAM answers.
pub(super) const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// Answers one IAM call.
///
/// # Errors
/// IAM's own refusals; 501 for operations that this world does not have.
pub(super) fn call(
    world: &mut World,
    now: Moment,
    scope: &CallScope,
    body: &[u8],
    request_id: &str,
) -> Result<Response, Refusal> {
    let form = Form::read(body);
    let (action, role) = match form.get("Action") {
        Some("CreateRole") => ("CreateRole", world.create_role(now, &scope.caller, create_role(&form)?)?),
        Some("GetRole") => ("GetRole", world.role(now, &scope.caller, form.required("RoleName")?)?),
        other => {
            let action = other.unwrap_or("a call without Action");
            return Err(Refusal::not_implemented(format!("{action} is not part of this simulation")));
        }
    };
    Ok(answer(action, NAMESPACE, &role_xml(&role), request_id))
}

fn create_role(form: &Form) -> Result<CreateRole, Refusal> {
    if form.get("PermissionsBoundary").is_some() {
        return Err(Refusal::not_implemented("PermissionsBoundary is not part of this simulation"));
    }
    let max_session_seconds = form.get("MaxSessionDuration").map(|text| {
        let seconds = text.parse().ok().filter(|seconds| (3600..=43_200).contains(seconds));
        seconds.ok_or_else(|| invalid("MaxSessionDuration must be between 3600 and 43200"))
    });
    Ok(CreateRole {
        name: form.required("RoleName")?.to_owned(),
        path: form.get("Path").map(str::to_owned),
        trust_policy: form.required("AssumeRolePolicyDocument")?.to_owned(),
        description: form.get("Description").map(str::to_owned),
        max_session_seconds: max_session_seconds.transpose()?,
    })
}

fn role_xml(role: &Role) -> String {
    let fields = [
        element("Path", &role.path),
        element("RoleName", &role.name),
        element("RoleId", &role.unique_id),
        element("Arn", &role.arn),
        element("CreateDate", &rfc3339_seconds(role.created_at)),
        element("AssumeRolePolicyDocument", &percent_encode(role.trust.text.as_bytes(), false)),
        role.description.as_deref().map(|text| element("Description", text)).unwrap_or_default(),
        element("MaxSessionDuration", &role.max_session_seconds.to_string()),
    ];
    format!("<Role>{}</Role>", fields.concat())
}
