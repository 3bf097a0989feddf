//! How the scripted fault `role_denied` shows to who reads the role: an inline policy that denies what it refuses.

use std::collections::BTreeMap;

use serde_json::json;

use super::fault::Fault;
use super::identity::Role;
use super::moment::Moment;
use super::policy::{Policy, PolicyKind};
use super::state::State;

/// The name of that policy.
const NAME: &str = "role-denied";

impl State {
    /// The inline policies of a role as IAM shows them, with that of the fault while it is on.
    pub(super) fn inline_policies(&self, role: &Role, at: Moment) -> BTreeMap<String, Policy> {
        let mut policies = role.inline_policies.clone();
        policies.extend(self.scripted_denial(role, at).map(|policy| (NAME.to_owned(), policy)));
        policies
    }

    fn scripted_denial(&self, role: &Role, at: Moment) -> Option<Policy> {
        let mut refused = Vec::new();
        for bucket in self.buckets.values() {
            let configured = bucket.replication.at(at).as_ref().filter(|replication| replication.role == role.arn);
            for rule in configured.into_iter().flat_map(|replication| &replication.rules) {
                let destination = rule.destination.bucket_name();
                if self.faults_between(&bucket.info.name, destination).has(Fault::RoleDenied) {
                    refused.push(format!("arn:aws:s3:::{destination}/*"));
                }
            }
        }
        if refused.is_empty() {
            return None;
        }
        let actions = ["s3:ReplicateDelete", "s3:ReplicateObject"];
        let statement = json!({ "Sid": "Denied", "Effect": "Deny", "Action": actions, "Resource": refused });
        let document = json!({ "Version": "2012-10-17", "Statement": [statement] });
        self.bind_policy(PolicyKind::Identity, &document.to_string()).ok()
    }
}
