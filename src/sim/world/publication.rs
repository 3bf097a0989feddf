//! How far CloudWatch has got with publishing at an instant: figures of the simulator, not promises of AWS.

use std::time::Duration;

use super::LatencyProfile;
use super::moment::Moment;
use super::series::Series;
use super::state::State;

/// Every so often the quick profile publishes.
const QUICK_STEP: Duration = Duration::from_secs(5);
/// Every so often the realistic profile publishes a batch.
const BATCH_STEP: Duration = Duration::from_secs(180);
/// How far back the newest minute of a batch begins.
const BATCH_LAG: Duration = Duration::from_secs(120);
/// How much of its newest minute a batch has seen; the next batch revises it.
const BATCH_SEEN: Duration = Duration::from_secs(40);

impl State {
    /// What is published at `now` covers everything before this instant. The minute that it falls into is provisional.
    pub(super) fn horizon(&self, series: &Series, now: Moment) -> Moment {
        match self.physics.latency {
            LatencyProfile::Quick => now.floor(QUICK_STEP),
            LatencyProfile::Realistic => {
                let name = &series.name;
                let parts = ["publication", &name.source, &name.destination, &name.rule];
                let phase = BATCH_STEP.mul_f64(self.draw(&parts).unit());
                let batch = now.minus(phase).floor(BATCH_STEP).plus(phase);
                batch.floor(Duration::from_secs(60)).minus(BATCH_LAG).plus(BATCH_SEEN)
            }
        }
    }
}
