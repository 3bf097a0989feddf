//! What the world tells about itself.

use serde::Serialize;

use super::fault::Fault;

/// The body of `GET /_sim/world`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Description {
    /// Where it is served; empty until known.
    pub endpoint: String,
    /// Accounts with the keys of their roots.
    pub accounts: Vec<AccountRow>,
    /// Buckets that exist now.
    pub buckets: Vec<BucketRow>,
    /// Customer managed keys that exist now.
    pub keys: Vec<KeyRow>,
    /// One row for each destination of each route.
    pub routes: Vec<RouteRow>,
}

impl Description {
    /// The same description, served at `endpoint`.
    #[must_use]
    pub fn at(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = endpoint.into();
        self
    }
}

/// An account in a [`Description`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountRow {
    /// Twelve digits.
    pub id: String,
    /// Access key of its root.
    pub access_key_id: String,
    /// Secret of that key.
    pub secret_access_key: String,
}

/// A bucket in a [`Description`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BucketRow {
    /// Its name.
    pub name: String,
    /// Owner's account id.
    pub account: String,
    /// AWS Region.
    pub region: String,
}

/// A key in a [`Description`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyRow {
    /// Full ARN.
    pub arn: String,
    /// Owner's account id.
    pub account: String,
    /// AWS Region.
    pub region: String,
}

/// A route's destination in a [`Description`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RouteRow {
    /// Name of the route.
    pub name: String,
    /// Source bucket.
    pub source_bucket: String,
    /// Destination bucket.
    pub destination_bucket: String,
}

/// All that a writer of configurations needs to know of a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteInfo {
    /// Name of the route.
    pub name: String,
    /// Where objects are written.
    pub source: SideInfo,
    /// Where replicas arrive.
    pub destinations: Vec<SideInfo>,
    /// Prefix of the canaries.
    pub prefix: String,
    /// Faults that are on, each with the destination it is limited to.
    pub faults: Vec<(Fault, Option<String>)>,
}

/// One side of a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SideInfo {
    /// Bucket.
    pub bucket: String,
    /// AWS Region of the bucket.
    pub region: String,
    /// Owner's account id.
    pub account: String,
    /// KMS key that objects there are encrypted under, if any.
    pub key_arn: Option<String>,
    /// Access key of the account's root.
    pub access_key_id: String,
    /// Secret of that key.
    pub secret_access_key: String,
}
