//! The one error of the world: code, status, message and the headers an AWS service would answer with.

/// A refusal exactly as the service would word it, so that the wire has nothing left to decide.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct WorldError {
    /// The service's error code: `NoSuchKey`, `KMS.DisabledException`, `AccessDenied`, ...
    pub code: &'static str,
    /// The HTTP status it comes with.
    pub status: u16,
    /// The sentence of the error body.
    pub message: String,
    /// Further elements of an S3 error body, by name: `BucketName`, `Key`, `VersionId`, `Region`, `Endpoint`.
    pub elements: Vec<(&'static str, String)>,
    /// Response headers that belong to the error: `x-amz-bucket-region`, `x-amz-delete-marker`, `x-amz-version-id`.
    pub headers: Vec<(&'static str, String)>,
}

impl WorldError {
    /// An error with neither further elements nor headers.
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { code, status, message: message.into(), elements: Vec::new(), headers: Vec::new() }
    }

    /// The same error with one more element in its S3 body.
    #[must_use]
    pub fn element(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.elements.push((name, value.into()));
        self
    }

    /// The same error with one more response header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
