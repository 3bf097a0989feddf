//! The least-privilege policies that a configuration needs: for the monitor, and for replication itself.
//!
//! Made of the configuration alone, without a look at AWS. What each call needs: the S3 and KMS API references and
//! "Setting up permissions for live replication", S3 User Guide.

mod monitor;
mod replication;
mod statement;

use super::route::{Cleanup, Observe, Verify};

pub use self::statement::{Document, Statement};

/// What the policies of one route are made of.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The route's name.
    pub route: String,
    /// The source side.
    pub source: Side,
    /// The destination sides.
    pub destinations: Vec<Target>,
    /// The prefix of canaries.
    pub prefix: String,
    /// Whether canaries are tagged.
    pub tagged: bool,
    /// The replication role, by ARN.
    pub replication_role: String,
    /// Who assumes the monitor's roles, by ARN.
    pub principal: String,
    /// The queue that S3 sends replication events to, by ARN, where one is configured.
    pub queue: Option<String>,
}

/// One side of a route.
#[derive(Debug, Clone)]
pub struct Side {
    /// The bucket.
    pub bucket: String,
    /// Its Region.
    pub region: String,
    /// Its account; a word in its place towards S3-compatible servers, whose configuration tells none.
    pub account: String,
    /// Its KMS key as configured: key ARN, key id, alias or alias ARN.
    pub key: Option<String>,
    /// The role that the monitor assumes there, by ARN.
    pub role: String,
    /// The external id that the role's trust asks for.
    pub external_id: Option<String>,
}

/// A destination.
#[derive(Debug, Clone)]
pub struct Target {
    /// The side.
    pub side: Side,
    /// How much of a replica is verified.
    pub verify: Verify,
    /// Whether the replica is looked at.
    pub observe: Observe,
    /// Who removes it.
    pub cleanup: Cleanup,
}

/// For whom policies are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// Whoever looks.
    Monitor,
    /// Whoever replicates.
    Replication,
}

/// A policy with its name and its place.
#[derive(Debug, Clone)]
pub struct Named {
    /// The route.
    pub route: String,
    /// What it is, such as `monitor_source_policy`; with several destinations, theirs end in `.BUCKET`.
    pub name: String,
    /// Where it belongs.
    pub place: Place,
    /// The document.
    pub document: Document,
}

/// Where a policy belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A role's trust policy: the role's ARN.
    Trust(String),
    /// A role's permissions: the role's ARN.
    Role(String),
    /// A statement more in a key's policy: the key as configured.
    Key(String),
    /// A bucket's policy: the bucket's name. Statements are added to what is there.
    Bucket(String),
}

/// Which account's credentials can put a policy in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// The source's.
    Source,
    /// The destination's.
    Destination,
}

/// The policies of one route.
#[must_use]
pub fn policies(plan: &Plan, party: Party) -> Vec<Named> {
    match party {
        Party::Monitor => monitor::policies(plan),
        Party::Replication => replication::policies(plan),
    }
}

impl Named {
    /// Which account it belongs to.
    #[must_use]
    pub fn account(&self) -> Account {
        if self.name.contains("destination") { Account::Destination } else { Account::Source }
    }
}

impl Plan {
    fn named(&self, name: &str, place: Place, statements: Vec<Statement>) -> Named {
        Named { route: self.route.clone(), name: name.to_owned(), place, document: Document::new(statements) }
    }

    /// A name for what belongs to one of the destinations.
    fn name_at(&self, name: &str, target: &Target) -> String {
        match self.destinations.len() {
            1 => name.to_owned(),
            _ => format!("{name}.{}", target.side.bucket),
        }
    }
}

impl Side {
    /// The partition that its ARNs begin with.
    #[must_use]
    pub fn partition(&self) -> &'static str {
        if self.region.starts_with("cn-") {
            "aws-cn"
        } else if self.region.starts_with("us-gov-") {
            "aws-us-gov"
        } else {
            "aws"
        }
    }

    fn bucket_arn(&self) -> String {
        format!("arn:{}:s3:::{}", self.partition(), self.bucket)
    }

    fn objects(&self, prefix: &str) -> String {
        format!("{}/{prefix}*", self.bucket_arn())
    }

    /// The service that KMS sees S3 call it through.
    fn via_s3(&self) -> String {
        let suffix = if self.partition() == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
        format!("s3.{}.{suffix}", self.region)
    }

    /// Lets a statement apply to the side's key. IAM knows keys by their own ARN alone: an alias becomes a condition.
    fn on_key(&self, statement: Statement) -> Option<Statement> {
        let key = self.key.as_deref()?;
        let keys = format!("arn:{}:kms:{}:{}:key/", self.partition(), self.region, self.account);
        let alias = key.starts_with("alias/").then_some(key).or_else(|| {
            let (_, name) = key.split_once(":alias/")?;
            key.get(key.len() - name.len() - "alias/".len()..)
        });
        Some(match alias {
            Some(alias) => {
                statement.on(&format!("{keys}*")).when("ForAnyValue:StringEquals", "kms:ResourceAliases", &[alias])
            }
            None if key.starts_with("arn:") => statement.on(key),
            None => statement.on(&format!("{keys}{key}")),
        })
    }
}
