//! The one place where time is read: monotonic for lag, wall clock for keys and timestamps.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::domain::time::{Moment, Monotonic, UnixMillis};

/// Reads both clocks. The monotonic one is tokio's, so that tests run on paused time.
#[derive(Clone)]
pub struct Clock {
    origin: Instant,
    wall: Arc<dyn Fn() -> UnixMillis + Send + Sync>,
}

impl Clock {
    /// The machine's clocks.
    #[must_use]
    pub fn system() -> Self {
        Self::with_wall(read_system_time)
    }

    /// Tokio's monotonic clock beside a wall clock of the caller's.
    #[must_use]
    pub fn with_wall(wall: impl Fn() -> UnixMillis + Send + Sync + 'static) -> Self {
        Self { origin: Instant::now(), wall: Arc::new(wall) }
    }

    /// Now, on both clocks.
    #[must_use]
    pub fn now(&self) -> Moment {
        Moment { mono: Monotonic(self.origin.elapsed()), wall: (self.wall)() }
    }

    /// Waits until an instant of the monotonic clock; an instant too far to express is never reached.
    pub async fn sleep_until(&self, at: Monotonic) {
        match self.origin.checked_add(at.0) {
            Some(instant) => tokio::time::sleep_until(instant).await,
            None => std::future::pending().await,
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").field("origin", &self.origin).finish_non_exhaustive()
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn read_system_time() -> UnixMillis {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    UnixMillis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
}
