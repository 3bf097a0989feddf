//! IAM: roles, their policies and boundaries, managed policies, and the policy simulator.
//!
//! Covered: CreateRole, GetRole, ListRoles, DeleteRole, UpdateAssumeRolePolicy, PutRolePolicy, GetRolePolicy,
//! ListRolePolicies, DeleteRolePolicy, CreatePolicy, GetPolicy, DeletePolicy, CreatePolicyVersion, GetPolicyVersion,
//! ListPolicyVersions, SetDefaultPolicyVersion, DeletePolicyVersion, AttachRolePolicy, DetachRolePolicy,
//! ListAttachedRolePolicies, PutRolePermissionsBoundary, DeleteRolePermissionsBoundary, SimulatePrincipalPolicy,
//! SimulateCustomPolicy. Users, groups and tags are not there.

mod policies;
mod simulation;

use axum::response::Response;

use super::auth::CallScope;
use super::query::{Form, answer, element, invalid, page};
use super::refusal::Refusal;
use super::sts::rfc3339_seconds;
use super::text::percent_encode;
use crate::sim::world::{Caller, CreateRole, Moment, Role, World};

/// The namespace of IAM answers.
pub(super) const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// A call of IAM: the world at an instant, who calls, and with what.
struct Call<'a> {
    world: &'a mut World,
    now: Moment,
    caller: &'a Caller,
    form: Form,
}

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
    let action = form.get("Action").unwrap_or("a call without Action").to_owned();
    let mut call = Call { world, now, caller: &scope.caller, form };
    let result = match call.role(&action).or_else(|| call.policy(&action)).or_else(|| call.simulation(&action)) {
        Some(result) => result?,
        None => return Err(Refusal::not_implemented(format!("{action} is not part of this simulation"))),
    };
    Ok(answer(&action, NAMESPACE, &result, request_id))
}

impl Call<'_> {
    /// The calls on roles; `None` for others.
    fn role(&mut self, action: &str) -> Option<Result<String, Refusal>> {
        let answer = match action {
            "CreateRole" => self.create_role(),
            "GetRole" => self.get_role(),
            "ListRoles" => self.list_roles(),
            "DeleteRole" => self.delete_role(),
            "UpdateAssumeRolePolicy" => self.update_trust(),
            "PutRolePermissionsBoundary" => self.put_boundary(),
            "DeleteRolePermissionsBoundary" => self.delete_boundary(),
            _ => return None,
        };
        Some(answer)
    }

    fn create_role(&mut self) -> Result<String, Refusal> {
        let form = &self.form;
        let max_session_seconds = form.get("MaxSessionDuration").map(|text| {
            let seconds = text.parse().ok().filter(|seconds| (3600..=43_200).contains(seconds));
            seconds.ok_or_else(|| invalid("MaxSessionDuration must be between 3600 and 43200"))
        });
        let request = CreateRole {
            name: form.required("RoleName")?.to_owned(),
            path: form.get("Path").map(str::to_owned),
            trust_policy: form.required("AssumeRolePolicyDocument")?.to_owned(),
            description: form.get("Description").map(str::to_owned),
            max_session_seconds: max_session_seconds.transpose()?,
            boundary: form.get("PermissionsBoundary").map(str::to_owned),
        };
        let role = self.world.create_role(self.now, self.caller, request)?;
        Ok(format!("<Role>{}</Role>", role_xml(&role)))
    }

    fn get_role(&mut self) -> Result<String, Refusal> {
        let role = self.world.role(self.now, self.caller, self.form.required("RoleName")?)?;
        Ok(format!("<Role>{}</Role>", role_xml(&role)))
    }

    fn list_roles(&mut self) -> Result<String, Refusal> {
        let roles = self.world.roles(self.now, self.caller, self.form.get("PathPrefix").unwrap_or("/"))?;
        page(&self.form, "Roles", &roles, role_xml)
    }

    fn delete_role(&mut self) -> Result<String, Refusal> {
        self.world.delete_role(self.now, self.caller, self.form.required("RoleName")?)?;
        Ok(String::new())
    }

    fn update_trust(&mut self) -> Result<String, Refusal> {
        let (name, document) = (self.form.required("RoleName")?, self.form.required("PolicyDocument")?);
        self.world.update_trust(self.now, self.caller, name, document)?;
        Ok(String::new())
    }

    fn put_boundary(&mut self) -> Result<String, Refusal> {
        let (name, arn) = (self.form.required("RoleName")?, self.form.required("PermissionsBoundary")?);
        self.world.set_boundary(self.now, self.caller, name, Some(arn))?;
        Ok(String::new())
    }

    fn delete_boundary(&mut self) -> Result<String, Refusal> {
        self.world.set_boundary(self.now, self.caller, self.form.required("RoleName")?, None)?;
        Ok(String::new())
    }
}

fn role_xml(role: &Role) -> String {
    let boundary = role.boundary.as_deref().map(|arn| {
        let fields = [element("PermissionsBoundaryType", "Policy"), element("PermissionsBoundaryArn", arn)];
        format!("<PermissionsBoundary>{}</PermissionsBoundary>", fields.concat())
    });
    [
        element("Path", &role.path),
        element("RoleName", &role.name),
        element("RoleId", &role.unique_id),
        element("Arn", &role.arn),
        element("CreateDate", &rfc3339_seconds(role.created_at)),
        element("AssumeRolePolicyDocument", &percent_encode(role.trust.text.as_bytes(), false)),
        role.description.as_deref().map(|text| element("Description", text)).unwrap_or_default(),
        element("MaxSessionDuration", &role.max_session_seconds.to_string()),
        boundary.unwrap_or_default(),
    ]
    .concat()
}
