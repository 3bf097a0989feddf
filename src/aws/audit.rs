//! Reads what an audit needs: settings of a bucket, keys, the replication role, and whom the calls are made by.
//!
//! Every read is repeated once when it met trouble that passes, and each try is counted by itself. What is not
//! configured is an answer; everything else that gave nothing says what the monitor needs in order to read it.

mod account_block;
mod encryption;
mod identity;
mod keys;
mod lifecycle;
mod lock;
mod notifications;
mod role;
mod settings;
mod simulation;
mod whereabouts;

use std::future::Future;
use std::time::Duration;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::bucket::S3Bucket;
use crate::cloud::CloudError;
use crate::domain::audit::facts::{Fact, Unread};
use crate::domain::object::Trouble;

/// How long to wait before a read is repeated.
const PAUSE: Duration = Duration::from_millis(500);

/// How often a read is tried.
const TRIES: u32 = 2;

/// What is read, and what reading it takes.
#[derive(Debug, Clone, Copy)]
struct Read {
    service: &'static str,
    operation: &'static str,
    permission: &'static str,
    /// The codes that say that there is nothing to read, and that this is no failure.
    absent: &'static [&'static str],
}

impl Read {
    const fn s3(operation: &'static str, permission: &'static str, absent: &'static [&'static str]) -> Self {
        Self { service: "s3", operation, permission, absent }
    }

    const fn kms(operation: &'static str, permission: &'static str, absent: &'static [&'static str]) -> Self {
        Self { service: "kms", operation, permission, absent }
    }

    const fn iam(operation: &'static str, permission: &'static str, absent: &'static [&'static str]) -> Self {
        Self { service: "iam", operation, permission, absent }
    }

    /// What the read says of a failure.
    fn unread(&self, trouble: Trouble, message: &str) -> Unread {
        Unread {
            operation: self.operation.to_owned(),
            permission: self.permission.to_owned(),
            trouble: trouble.as_str().to_owned(),
            message: Some(message.to_owned()),
        }
    }
}

impl S3Bucket {
    /// Performs a read; `None` where there is nothing to read.
    async fn read<T, E, W>(&self, read: Read, send: impl Fn() -> W + Send + Sync) -> Fact<Option<T>>
    where
        W: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
        T: Send,
    {
        let mut tries = 1;
        loop {
            match self.try_read(read, Box::pin(send())).await {
                Err(error) if tries < TRIES && passes(error.kind()) => {
                    tries += 1;
                    tokio::time::sleep(PAUSE).await;
                }
                answer => return answer.map_err(|error| error.unread(read.permission)),
            }
        }
    }

    async fn try_read<T, E>(
        &self,
        read: Read,
        sent: impl Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
    ) -> Result<Option<T>, CloudError>
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        self.call_service(read.service, read.operation, async {
            match sent.await {
                Ok(answer) => Ok(Some(answer)),
                Err(error) if is_absence(&error, read.absent) => Ok(None),
                Err(error) => Err(self.sort(read.operation, error)),
            }
        })
        .await
    }

    /// Performs a read of what is always there.
    async fn read_whole<T, E, W>(&self, read: Read, send: impl Fn() -> W + Send + Sync) -> Fact<T>
    where
        W: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
        T: Send,
    {
        let answer = self.read(Read { absent: &[], ..read }, send).await?;
        answer.ok_or_else(|| read.unread(Trouble::BadAnswer, "an answer without content"))
    }
}

fn is_absence<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>, absent: &[&str]) -> bool {
    error.code().is_some_and(|code| absent.contains(&code))
}

/// Whether trouble may be gone a moment later.
fn passes(trouble: Trouble) -> bool {
    matches!(trouble, Trouble::Throttled | Trouble::ServerError | Trouble::ConnectionLost)
}
