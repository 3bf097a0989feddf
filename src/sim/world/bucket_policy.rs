//! Bucket policies: read, written and deleted, with what S3 itself demands of them.

use serde_json::Value;

use super::access::Ask;
use super::bucket::Bucket;
use super::journal::Setting;
use super::moment::Moment;
use super::policy::PolicyKind;
use super::refusal::{Result, access_denied};
use super::{Access, Policy, World, WorldError, actions};

/// The largest policy that a bucket takes (S3 User Guide, "Bucket policies").
const POLICY_BYTES_MAX: usize = 20 * 1024;

/// Calls of S3 on bucket policies.
impl World {
    /// S3 `GetBucketPolicy`: the JSON as it was given, deleted roles told by their unique ids.
    ///
    /// # Errors
    /// `NoSuchBucketPolicy`; `MethodNotAllowed` for callers of other accounts.
    pub fn bucket_policy(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<Policy> {
        let now = self.enter(now);
        let target = self.owned(access, bucket, "s3:GetBucketPolicy", "GET", now)?;
        let policy = target.policy.at(now).clone().ok_or_else(|| no_such_policy(bucket))?;
        Ok(self.state.as_shown(policy))
    }

    /// S3 `GetBucketPolicyStatus`: whether the policy is public.
    ///
    /// # Errors
    /// `NoSuchBucketPolicy`.
    pub fn policy_is_public(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<bool> {
        let ask = Ask::new("s3:GetBucketPolicyStatus");
        let status = |bucket: &Bucket, now| bucket.policy.at(now).as_ref().map(Policy::is_public);
        self.read(now, access, bucket, &ask, status)?.ok_or_else(|| no_such_policy(bucket))
    }

    /// S3 `PutBucketPolicy`.
    ///
    /// # Errors
    /// `MalformedPolicy` for what is no policy, names a principal that does not exist, or is about something else;
    /// `AccessDenied` for a public one where public policies are blocked; `MethodNotAllowed` for callers of other
    /// accounts.
    pub fn put_bucket_policy(&mut self, now: Moment, access: &Access, bucket: &str, text: &str) -> Result<()> {
        let now = self.enter(now);
        let target = self.owned(access, bucket, "s3:PutBucketPolicy", "PUT", now)?;
        let malformed = |problem: &str| WorldError::new(400, "MalformedPolicy", problem);
        if text.len() > POLICY_BYTES_MAX {
            return Err(malformed("Policy exceeds the maximum allowed document size."));
        }
        let policy = self.state.bind_policy(PolicyKind::Bucket(bucket), text)?;
        check_actions(bucket, text).map_err(malformed)?;
        if self.state.blocked_at(target, now).block_public_policy && policy.is_public() {
            let message = format!(
                "User: {} is not authorized to perform: s3:PutBucketPolicy on resource: \"arn:aws:s3:::{bucket}\" \
                 because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
                access.caller.arn
            );
            return Err(WorldError { message, ..access_denied() });
        }
        self.change_setting(now, bucket, Setting::Policy(Some(policy)))
    }

    /// S3 `DeleteBucketPolicy`; there need not be one.
    ///
    /// # Errors
    /// `MethodNotAllowed` for callers of other accounts.
    pub fn delete_bucket_policy(&mut self, now: Moment, access: &Access, bucket: &str) -> Result<()> {
        let now = self.enter(now);
        self.owned(access, bucket, "s3:DeleteBucketPolicy", "DELETE", now)?;
        self.change_setting(now, bucket, Setting::Policy(None))
    }

    /// The bucket, for a caller of its own account (API `GetBucketPolicy`).
    fn owned(
        &self,
        access: &Access,
        bucket: &str,
        action: &'static str,
        method: &'static str,
        now: Moment,
    ) -> Result<&Bucket> {
        let target = self.state.reach(access, bucket, now)?;
        if target.info.account != access.caller.account {
            let message = "The specified method is not allowed against this resource.";
            let error = WorldError::new(405, "MethodNotAllowed", message);
            return Err(error.element("Method", method).element("ResourceType", "BUCKETPOLICY"));
        }
        self.state.allow(access, target, &Ask::new(action), now)?;
        Ok(target)
    }
}

fn no_such_policy(bucket: &str) -> WorldError {
    WorldError::new(404, "NoSuchBucketPolicy", "The bucket policy does not exist").element("BucketName", bucket)
}

/// What S3 demands of a bucket's policy beyond the grammar of all policies: actions that it has, each of them on
/// something that the statement names.
fn check_actions(bucket: &str, text: &str) -> std::result::Result<(), &'static str> {
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    let statements = match document.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().collect(),
        Some(statement) => vec![statement],
        None => Vec::new(),
    };
    for statement in statements {
        let listed = |element: &str| statement.get(element).map_or_else(Vec::new, texts);
        if listed("Action").into_iter().chain(listed("NotAction")).any(|action| !actions::exists(action)) {
            return Err("Policy has invalid action");
        }
        let resources = listed("Resource");
        let applies = |action: &&str| resources.iter().any(|resource| actions::applies(action, resource, bucket));
        if !resources.is_empty() && !listed("Action").iter().all(applies) {
            return Err("Action does not apply to any resource(s) in statement");
        }
    }
    Ok(())
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
        Value::String(text) => vec![text],
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}
