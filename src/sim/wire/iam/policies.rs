//! IAM's calls on policies: inline, managed and attached. Documents come URL-encoded, as IAM sends them.

use super::super::query::{element, page};
use super::super::refusal::Refusal;
use super::super::sts::rfc3339_seconds;
use super::super::text::percent_encode;
use super::Call;
use crate::sim::world::{CreatePolicy, ManagedPolicy, PolicyVersion};

impl Call<'_> {
    /// The calls on policies; `None` for others.
    pub(super) fn policy(&mut self, action: &str) -> Option<Result<String, Refusal>> {
        let answer = match action {
            "PutRolePolicy" => self.put_role_policy(),
            "GetRolePolicy" => self.get_role_policy(),
            "ListRolePolicies" => self.list_role_policies(),
            "DeleteRolePolicy" => self.delete_role_policy(),
            "CreatePolicy" => self.create_policy(),
            "GetPolicy" => self.get_policy(),
            "GetPolicyVersion" => self.get_policy_version(),
            "CreatePolicyVersion" => self.create_policy_version(),
            "SetDefaultPolicyVersion" => self.set_default_policy_version(),
            "ListPolicyVersions" => self.list_policy_versions(),
            "DeletePolicyVersion" => self.delete_policy_version(),
            "DeletePolicy" => self.delete_policy(),
            "AttachRolePolicy" => self.attach(true),
            "DetachRolePolicy" => self.attach(false),
            "ListAttachedRolePolicies" => self.list_attached(),
            _ => return None,
        };
        Some(answer)
    }

    fn put_role_policy(&mut self) -> Result<String, Refusal> {
        let form = &self.form;
        let (role, name) = (form.required("RoleName")?, form.required("PolicyName")?);
        self.world.put_role_policy(self.now, self.caller, role, name, form.required("PolicyDocument")?)?;
        Ok(String::new())
    }

    fn get_role_policy(&mut self) -> Result<String, Refusal> {
        let (role, name) = (self.form.required("RoleName")?, self.form.required("PolicyName")?);
        let text = self.world.role_policy(self.now, self.caller, role, name)?;
        let document = element("PolicyDocument", &percent_encode(text.as_bytes(), false));
        Ok([element("RoleName", role), element("PolicyName", name), document].concat())
    }

    fn list_role_policies(&mut self) -> Result<String, Refusal> {
        let names = self.world.role_policies(self.now, self.caller, self.form.required("RoleName")?)?;
        page(&self.form, "PolicyNames", &names, |name| super::super::text::xml_escape(name))
    }

    fn delete_role_policy(&mut self) -> Result<String, Refusal> {
        let (role, name) = (self.form.required("RoleName")?, self.form.required("PolicyName")?);
        self.world.delete_role_policy(self.now, self.caller, role, name)?;
        Ok(String::new())
    }

    fn create_policy(&mut self) -> Result<String, Refusal> {
        let form = &self.form;
        let request = CreatePolicy {
            name: form.required("PolicyName")?.to_owned(),
            path: form.get("Path").map(str::to_owned),
            document: form.required("PolicyDocument")?.to_owned(),
            description: form.get("Description").map(str::to_owned),
        };
        let policy = self.world.create_policy(self.now, self.caller, request)?;
        Ok(policy_xml(&policy, 0))
    }

    fn get_policy(&mut self) -> Result<String, Refusal> {
        let arn = self.form.required("PolicyArn")?;
        let (policy, attached) = self.world.policy(self.now, self.caller, arn, "iam:GetPolicy")?;
        Ok(policy_xml(&policy, attached))
    }

    fn get_policy_version(&mut self) -> Result<String, Refusal> {
        let (arn, id) = (self.form.required("PolicyArn")?, self.form.required("VersionId")?);
        let (policy, _) = self.world.policy(self.now, self.caller, arn, "iam:GetPolicyVersion")?;
        let version = policy.version(id)?;
        let document = element("Document", &percent_encode(version.document.text.as_bytes(), false));
        Ok(format!("<PolicyVersion>{document}{}</PolicyVersion>", version_xml(version, policy.default_version)))
    }

    fn create_policy_version(&mut self) -> Result<String, Refusal> {
        let (arn, document) = (self.form.required("PolicyArn")?, self.form.required("PolicyDocument")?);
        let as_default = self.form.get("SetAsDefault") == Some("true");
        let version = self.world.create_policy_version(self.now, self.caller, arn, document, as_default)?;
        let default = if as_default { version.number } else { 0 };
        Ok(format!("<PolicyVersion>{}</PolicyVersion>", version_xml(&version, default)))
    }

    fn set_default_policy_version(&mut self) -> Result<String, Refusal> {
        let (arn, id) = (self.form.required("PolicyArn")?, self.form.required("VersionId")?);
        self.world.set_default_policy_version(self.now, self.caller, arn, id)?;
        Ok(String::new())
    }

    fn list_policy_versions(&mut self) -> Result<String, Refusal> {
        let arn = self.form.required("PolicyArn")?;
        let (policy, _) = self.world.policy(self.now, self.caller, arn, "iam:ListPolicyVersions")?;
        let newest_first: Vec<PolicyVersion> = policy.versions.into_iter().rev().collect();
        page(&self.form, "Versions", &newest_first, |version| version_xml(version, policy.default_version))
    }

    fn delete_policy_version(&mut self) -> Result<String, Refusal> {
        let (arn, id) = (self.form.required("PolicyArn")?, self.form.required("VersionId")?);
        self.world.delete_policy_version(self.now, self.caller, arn, id)?;
        Ok(String::new())
    }

    fn delete_policy(&mut self) -> Result<String, Refusal> {
        self.world.delete_policy(self.now, self.caller, self.form.required("PolicyArn")?)?;
        Ok(String::new())
    }

    fn attach(&mut self, on: bool) -> Result<String, Refusal> {
        let (role, arn) = (self.form.required("RoleName")?, self.form.required("PolicyArn")?);
        if on {
            self.world.attach_role_policy(self.now, self.caller, role, arn)?;
        } else {
            self.world.detach_role_policy(self.now, self.caller, role, arn)?;
        }
        Ok(String::new())
    }

    fn list_attached(&mut self) -> Result<String, Refusal> {
        let attached = self.world.attached_policies(self.now, self.caller, self.form.required("RoleName")?)?;
        page(&self.form, "AttachedPolicies", &attached, |(name, arn)| {
            [element("PolicyName", name), element("PolicyArn", arn)].concat()
        })
    }
}

fn version_xml(version: &PolicyVersion, default: u32) -> String {
    let is_default = if version.number == default { "true" } else { "false" };
    let fields = [
        element("VersionId", &version.id()),
        element("IsDefaultVersion", is_default),
        element("CreateDate", &rfc3339_seconds(version.created_at)),
    ];
    fields.concat()
}

fn policy_xml(policy: &ManagedPolicy, attached: usize) -> String {
    let created = rfc3339_seconds(policy.created_at);
    let updated = policy.versions.last().map_or(policy.created_at, |version| version.created_at);
    let fields = [
        element("PolicyName", &policy.name),
        element("PolicyId", &policy.unique_id),
        element("Arn", &policy.arn),
        element("Path", &policy.path),
        element("DefaultVersionId", &format!("v{}", policy.default_version)),
        element("AttachmentCount", &attached.to_string()),
        element("IsAttachable", "true"),
        policy.description.as_deref().map(|text| element("Description", text)).unwrap_or_default(),
        element("CreateDate", &created),
        element("UpdateDate", &rfc3339_seconds(updated)),
    ];
    format!("<Policy>{}</Policy>", fields.concat())
}
