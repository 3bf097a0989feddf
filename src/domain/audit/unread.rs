//! The words for a fact that could not be read: what the server said, and what to grant.

use super::facts::Unread;
use super::remedy;

/// Why a read was refused, as far as the server's words tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// A policy of the resource itself denies the reader: no grant helps.
    ResourcePolicy,
    /// A service control policy denies it.
    Organization,
    /// The account has not enabled the Region.
    RegionDisabled,
    /// Another account owns the bucket, and S3 lets only the owner's account read this.
    OtherAccount,
    /// The reader's permissions do not reach.
    Permission,
    /// No refusal: throttling, network, credentials.
    Trouble,
}

/// Reads the reason out of the error ("Access denied error messages", IAM User Guide).
pub(super) fn refusal(why: &Unread) -> Refusal {
    let said = why.message.as_deref().unwrap_or_default().to_lowercase();
    let has = |text: &str| said.contains(text);
    let kind = why.trouble.to_lowercase().replace(['_', ' ', '-'], "");
    if has("service control policy") || has("resource control policy") {
        Refusal::Organization
    } else if ["optinrequired", "not opted in", "region is not enabled", "region is disabled"].into_iter().any(has)
        || kind.contains("optin")
        || kind.contains("regiondisabled")
    {
        Refusal::RegionDisabled
    } else if has("explicit deny in a resource")
        || has("denied by the bucket policy")
        || has("deny in the bucket policy")
    {
        Refusal::ResourcePolicy
    } else if kind.contains("methodnotallowed") || has("methodnotallowed") || has("method is not allowed") {
        Refusal::OtherAccount
    } else if kind.contains("denied") || kind.contains("forbidden") || has("not authorized") || has("access denied") {
        Refusal::Permission
    } else {
        Refusal::Trouble
    }
}

/// What the server said.
pub(super) fn evidence(why: &Unread) -> String {
    match &why.message {
        Some(message) => format!("{} answered {}: {message}", why.operation, why.trouble),
        None => format!("{} answered {}", why.operation, why.trouble),
    }
}

/// What to do in order to read it.
pub(super) fn remedy(why: &Unread) -> String {
    let grant = remedy::statement("LetTheMonitorRead", std::slice::from_ref(&why.permission), &["*".to_owned()], None);
    let deny = "a Deny in the resource's own policy catches the monitor, often a condition on a VPC endpoint, an \
                address or an organization: except the monitor's role there (as `ArnNotLike` on aws:PrincipalArn)";
    match refusal(why) {
        Refusal::ResourcePolicy => format!(
            "No grant helps: {deny}. While it catches everybody, only the root user of the account can still read \
             and change that policy."
        ),
        Refusal::Organization => format!(
            "A service control policy of the organization denies {}: let its administrators except the monitor's \
             role or the Region.",
            why.permission
        ),
        Refusal::RegionDisabled => {
            "Enable the Region for the account: `aws account enable-region --region-name REGION`.".to_owned()
        }
        Refusal::OtherAccount => format!(
            "Only the account that owns the bucket may ask for it: give the side credentials of that account with {}.",
            why.permission
        ),
        Refusal::Permission if why.operation == "GetBucketPolicy" => {
            format!("Grant the monitor {}: {grant}\nIf it has that already, {deny}.", why.permission)
        }
        Refusal::Permission => format!("Grant the monitor {}: {grant}", why.permission),
        Refusal::Trouble => format!(
            "Read it again; if it stays so, check credentials, network and endpoint of that side. It needs {}.",
            why.permission
        ),
    }
}
