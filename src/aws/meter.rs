//! Counting: every AWS call ends in one record, whoever made it.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use tokio::time::Instant;

use crate::cloud::CloudError;
use crate::domain::observation::CallRecord;

/// Where records of AWS calls go. Cheap to clone; must not block.
#[derive(Clone)]
pub struct CallMeter(Arc<dyn Fn(CallRecord) + Send + Sync>);

impl CallMeter {
    /// Sends every record to `sink`.
    pub fn new(sink: impl Fn(CallRecord) + Send + Sync + 'static) -> Self {
        Self(Arc::new(sink))
    }

    /// Counts nothing.
    #[must_use]
    pub fn silent() -> Self {
        Self::new(|_| {})
    }

    /// Hands over one record.
    pub(super) fn record(&self, record: CallRecord) {
        (self.0)(record);
    }

    /// Performs a call and records how long it took and how it ended.
    pub(super) async fn measure<T>(
        &self,
        call: Call<'_>,
        work: impl Future<Output = Result<T, CloudError>>,
    ) -> Result<T, CloudError> {
        let started = Instant::now();
        let result = work.await;
        self.record(CallRecord {
            service: call.service,
            operation: call.operation,
            region: Arc::clone(call.region),
            duration: started.elapsed(),
            outcome: result.as_ref().map(|_| ()).map_err(CloudError::kind),
        });
        result
    }
}

impl fmt::Debug for CallMeter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallMeter(..)")
    }
}

/// What is called, for the record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'a> {
    /// The service, such as `s3`.
    pub(super) service: &'static str,
    /// The operation, such as `HeadObject`.
    pub(super) operation: &'static str,
    /// The Region.
    pub(super) region: &'a Arc<str>,
}
