//! Checked names: instances and routes, and the plain AWS identifiers that travel with them.

use std::fmt;
use std::sync::Arc;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest instance or route name, in characters.
pub const NAME_MAX: usize = 63;

/// Whether `text` may name an instance or a route: `[a-z0-9][a-z0-9._-]{0,62}`.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.len() <= NAME_MAX
        && bytes.next().is_some_and(alphanumeric)
        && bytes.all(|byte| alphanumeric(byte) || matches!(byte, b'.' | b'_' | b'-'))
}

/// A text with a type of its own, cheap to clone.
macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The same as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    };
}

macro_rules! checked_name {
    ($(#[$doc:meta])* $name:ident) => {
        text_type! { $(#[$doc])* $name }

        impl $name {
            /// The name, or `None` when it does not match `[a-z0-9][a-z0-9._-]{0,62}`.
            #[must_use]
            pub fn new(text: &str) -> Option<Self> {
                is_name(text).then(|| Self(text.into()))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::new(&text).ok_or_else(|| D::Error::custom(format!("{text:?} is not a name")))
            }
        }
    };
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        text_type! { $(#[$doc])* $name }

        impl $name {
            /// Wraps a text that was checked, or that a server sent.
            #[must_use]
            pub fn new(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(|text| Self(text.into()))
            }
        }
    };
}

checked_name! {
    /// Names one monitor's canaries, so that several monitors can share a bucket.
    InstanceName
}
checked_name! {
    /// Names a route: one source bucket and the destinations its canaries replicate to.
    RouteName
}
identifier! {
    /// The name of a bucket.
    Bucket
}
identifier! {
    /// An AWS Region, such as `ap-south-1`.
    Region
}
identifier! {
    /// A 12-digit AWS account id.
    AccountId
}
identifier! {
    /// A KMS key as configured or as a server reports it: on AWS a key ARN.
    KmsKey
}
identifier! {
    /// The id of one version of an object; opaque, `null` for unversioned writes.
    VersionId
}
identifier! {
    /// The key of an object.
    ObjectKey
}
