//! Reads the replication role and its policies, whose documents IAM sends URL-encoded.

use super::super::bucket::S3Bucket;
use super::keys::millis;
use super::{Read, simulation};
use crate::cloud::RoleAudit;
use crate::domain::audit::facts::{Fact, NamedPolicy, Role, Simulated};
use crate::domain::audit::questions::Question;
use crate::domain::object::Trouble;

const NO_SUCH: &[&str] = &["NoSuchEntity"];
const ROLE: Read = Read::iam("GetRole", "iam:GetRole", NO_SUCH);
const INLINE: Read = Read::iam("ListRolePolicies", "iam:ListRolePolicies", NO_SUCH);
const INLINE_ONE: Read = Read::iam("GetRolePolicy", "iam:GetRolePolicy", NO_SUCH);
const ATTACHED: Read = Read::iam("ListAttachedRolePolicies", "iam:ListAttachedRolePolicies", NO_SUCH);
const POLICY: Read = Read::iam("GetPolicy", "iam:GetPolicy", &[]);
const VERSION: Read = Read::iam("GetPolicyVersion", "iam:GetPolicyVersion", &[]);

/// The most pages of policies that are read of one role. IAM lists up to 100 a page, and attaches 20.
const PAGES_MAX: usize = 5;

impl RoleAudit for S3Bucket {
    async fn role(&self, arn: &str) -> Fact<Option<Role>> {
        let answer = self.read(ROLE, || self.iam().get_role().role_name(name(arn)).send()).await?;
        let Some(seen) = answer.and_then(|answer| answer.role) else { return Ok(None) };
        Ok(Some(Role {
            arn: seen.arn,
            unique_id: seen.role_id,
            trust: decoded(seen.assume_role_policy_document.as_deref().unwrap_or_default()),
            boundary: seen.permissions_boundary.and_then(|boundary| boundary.permissions_boundary_arn),
            last_used_ms: seen.role_last_used.and_then(|used| used.last_used_date).as_ref().and_then(millis),
        }))
    }

    async fn inline_policies(&self, arn: &str) -> Fact<Vec<NamedPolicy>> {
        let role = name(arn);
        let mut policies = Vec::new();
        let mut marker: Option<String> = None;
        for _ in 0..PAGES_MAX {
            let request = || self.iam().list_role_policies().role_name(role).set_marker(marker.clone()).send();
            let Some(page) = self.read(INLINE, request).await? else { return Ok(policies) };
            for policy in page.policy_names {
                let request = || self.iam().get_role_policy().role_name(role).policy_name(&policy).send();
                if let Some(answer) = self.read(INLINE_ONE, request).await? {
                    policies.push(NamedPolicy { name: policy, document: decoded(&answer.policy_document) });
                }
            }
            marker = page.marker.filter(|_| page.is_truncated);
            if marker.is_none() {
                return Ok(policies);
            }
        }
        Err(INLINE.unread(Trouble::BadAnswer, "the role has more inline policies than are read"))
    }

    async fn attached_policies(&self, arn: &str) -> Fact<Vec<NamedPolicy>> {
        let role = name(arn);
        let mut policies = Vec::new();
        let mut marker: Option<String> = None;
        for _ in 0..PAGES_MAX {
            let request = || self.iam().list_attached_role_policies().role_name(role).set_marker(marker.clone()).send();
            let Some(page) = self.read(ATTACHED, request).await? else { return Ok(policies) };
            for policy in page.attached_policies.unwrap_or_default() {
                if let Some(arn) = &policy.policy_arn {
                    policies.push(self.managed_policy(arn).await?);
                }
            }
            marker = page.marker.filter(|_| page.is_truncated);
            if marker.is_none() {
                return Ok(policies);
            }
        }
        Err(ATTACHED.unread(Trouble::BadAnswer, "the role has more attached policies than are read"))
    }

    async fn managed_policy(&self, arn: &str) -> Fact<NamedPolicy> {
        let answer = self.read_whole(POLICY, || self.iam().get_policy().policy_arn(arn).send()).await?;
        let version = answer.policy.and_then(|policy| policy.default_version_id);
        let version = version.ok_or_else(|| POLICY.unread(Trouble::BadAnswer, "success without a policy's version"))?;
        let request = || self.iam().get_policy_version().policy_arn(arn).version_id(&version).send();
        let answer = self.read_whole(VERSION, request).await?;
        let document = answer.policy_version.and_then(|version| version.document);
        let document = document.ok_or_else(|| VERSION.unread(Trouble::BadAnswer, "success without a document"))?;
        Ok(NamedPolicy { name: arn.to_owned(), document: decoded(&document) })
    }

    async fn simulate(&self, role: &str, question: &Question) -> Fact<Vec<Simulated>> {
        simulation::simulate(self, role, question).await
    }
}

/// The name at the end of a role's ARN, behind its path.
fn name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// A document as it was written: IAM encodes it by RFC 3986. What is no encoding stays as it is.
fn decoded(text: &str) -> String {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = match (first, tail) {
            (b'%', [high, low, after @ ..]) if digit(high).is_some() && digit(low).is_some() => {
                bytes.push(digit(high).unwrap_or_default() << 4 | digit(low).unwrap_or_default());
                after
            }
            _ => {
                bytes.push(*first);
                tail
            }
        };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}
