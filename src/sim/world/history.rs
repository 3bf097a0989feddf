//! The hour before a shipped world begins: a write about every minute, all replicated, of which only metrics remain.

use std::time::Duration;

use super::World;
use super::journal::Change;
use super::moment::Moment;
use super::state::State;
use super::timeline::Timeline;

const MINUTE: Duration = Duration::from_secs(60);
/// Minutes in which nothing is written, so that idle looks different from busy.
const IDLE_SHARE: f64 = 0.2;

impl World {
    /// Lets every series have begun at `from` and lived normally until `now`. It leaves nothing in any bucket.
    pub fn live_through(&mut self, now: Moment, from: Moment) {
        self.enter(now);
        self.commit(now, Change::HistoryLived { from });
    }
}

impl State {
    pub(super) fn live_through(&mut self, from: Moment, until: Moment) {
        let (seed, latency) = (self.physics.seed, self.physics.latency);
        for series in self.catalog.iter_mut().filter(|series| *series.enabled.latest()) {
            series.enabled = Timeline::new(false);
            series.enabled.set(from, true);
            series.since = Some(from);
            let name = series.name.clone();
            let mut minute = from;
            while minute < until {
                let parts = ["history", &name.source, &name.destination, &name.rule, &minute.to_string()];
                let mut draw = crate::sim::random::Draw::new(seed, &parts);
                let written = minute.plus(MINUTE.mul_f64(draw.unit()));
                let decided = written.plus(latency.attempt(&mut draw));
                let idle = draw.unit() < IDLE_SHARE;
                let [kilobytes] = draw.bytes::<1>();
                minute = minute.plus(MINUTE);
                if !idle && decided < until {
                    let place = series.begin(written, (u64::from(kilobytes) + 1) * 1024);
                    series.decide(place, decided, false);
                }
            }
        }
    }
}
