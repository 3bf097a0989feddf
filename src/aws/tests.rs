//! Tests of the adapter as a whole: what is sent, and what comes of each answer.

mod account_block;
mod answers;
mod audit;
mod canned;
mod cloudwatch;
mod keys;
mod network;
mod queue;
mod requests;
mod server;
mod sessions;
mod sockets;

use crate::cloud::PutCanary;
use crate::domain::connection::{Checksums, Connection, Credentials, Secret};
use crate::domain::name::{AccountId, Bucket, ObjectKey, Region, VersionId};

pub(super) use canned::{Canned, Reply, Seen, in_process};

/// A connection with a static key to AWS itself.
pub(super) fn connection() -> Connection {
    Connection {
        region: Region::new("ap-south-1"),
        account: Some(AccountId::new("111111111111")),
        credentials: Credentials::Static {
            access_key_id: "AKIDSTATIC".to_owned(),
            secret_access_key: Secret::new("secret".to_owned()),
        },
        role: None,
        endpoint_url: None,
        path_style: false,
        checksums: Checksums::WhenSupported,
        use_fips: false,
        use_dual_stack: false,
    }
}

pub(super) fn bucket_name() -> Bucket {
    Bucket::new("orders")
}

pub(super) fn key() -> ObjectKey {
    ObjectKey::new("replicanary/default/orders/1-1-a")
}

pub(super) fn version() -> VersionId {
    VersionId::new("v1")
}

pub(super) fn canary() -> PutCanary {
    PutCanary {
        key: key(),
        body: bytes::Bytes::from_static(b"tweet"),
        metadata: vec![("replicanary-format".to_owned(), "1".to_owned())],
        tags: Vec::new(),
        kms_key: None,
    }
}
