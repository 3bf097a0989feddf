//! The clock of a simulated world: a wall-clock start and the time that tokio says has passed since.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use tokio::time::Instant;

use super::world::Moment;

/// Time of a simulated world. It follows tokio's clock: real, or virtual where a test has paused it.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    base: Moment,
    started: Instant,
}

impl Clock {
    /// A clock that shows `unix` (time since the Unix epoch) now.
    pub fn starting_at(unix: Duration) -> Self {
        Self { base: Moment::from_unix(unix), started: Instant::now() }
    }

    /// A clock that shows the time of day.
    pub fn real() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the simulator has a clock of its own; this is where it is set")]
        let now = SystemTime::now();
        Self::starting_at(now.duration_since(UNIX_EPOCH).unwrap_or_default())
    }

    /// The instant it shows.
    pub fn now(&self) -> Moment {
        self.base.plus(self.started.elapsed())
    }

    /// This clock as the time source of an SDK client.
    pub fn time_source(&self) -> SharedTimeSource {
        SharedTimeSource::new(*self)
    }

    /// Sleep for an SDK client that passes with this clock.
    pub fn sleep_impl(&self) -> SharedAsyncSleep {
        SharedAsyncSleep::new(TokioSleep::new())
    }
}

impl TimeSource for Clock {
    fn now(&self) -> SystemTime {
        Self::now(self).system_time()
    }
}
