//! How one side of a route is reached: endpoint, Region, credentials. Plain data; the adapter makes clients of it.

use std::fmt;

use super::name::{AccountId, Region};

/// How one side of a route is reached. Equal connections share a client.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Connection {
    /// The Region that is called, and that requests are signed for.
    pub region: Region,
    /// Sent as the expected bucket owner on every call, where known.
    pub account: Option<AccountId>,
    /// Where the credentials come from.
    pub credentials: Credentials,
    /// A role to assume with them.
    pub role: Option<AssumedRole>,
    /// The endpoint of every service called for this side; absent: AWS's own.
    pub endpoint_url: Option<String>,
    /// Whether the bucket is named in the path instead of the host.
    pub path_style: bool,
    /// When request checksums are sent and response checksums are checked.
    pub checksums: Checksums,
    /// Whether FIPS endpoints are used.
    pub use_fips: bool,
    /// Whether dual-stack endpoints are used.
    pub use_dual_stack: bool,
}

/// Where credentials come from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Credentials {
    /// The standard chain: environment, profile, web identity, container, instance.
    Chain,
    /// A named profile of the shared configuration files.
    Profile(String),
    /// A static key: for S3-compatible servers and the simulator.
    Static {
        /// The access key id.
        access_key_id: String,
        /// The secret.
        secret_access_key: Secret,
    },
}

/// A role that is assumed before the first call.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AssumedRole {
    /// Its ARN.
    pub arn: String,
    /// The external id that its trust policy asks for.
    pub external_id: Option<Secret>,
}

/// When the SDK sends and checks checksums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Checksums {
    /// Whenever the operation supports them.
    #[default]
    WhenSupported,
    /// Only where the operation demands them: for servers that refuse trailers.
    WhenRequired,
}

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret itself, for the one place that signs with it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
