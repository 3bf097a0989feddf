//! How long replication takes: figures of the simulator, not promises of AWS.

use std::time::Duration;

use super::LatencyProfile;
use crate::sim::random::Draw;

impl LatencyProfile {
    /// Time from the write (or from the end of an outage) to the attempt.
    pub(super) fn attempt(self, draw: &mut Draw) -> Duration {
        match self {
            Self::Quick => seconds((0.55 * draw.normal()).exp().clamp(0.2, 6.0)),
            Self::Realistic => {
                let usual = 12.0 * (0.6 * draw.normal()).exp();
                let tail = if draw.unit() < 0.005 { 5.0 + 45.0 * draw.unit() } else { 1.0 };
                seconds((usual * tail).clamp(1.0, 3600.0))
            }
        }
    }

    /// Time from the replica's arrival to COMPLETED at the source.
    pub(super) fn completion(self, draw: &mut Draw) -> Duration {
        match self {
            Self::Quick => seconds(0.05 + 0.45 * draw.unit()),
            Self::Realistic => seconds(0.2 + 2.8 * draw.unit()),
        }
    }

    /// What `slow` adds.
    pub(super) const fn slowness(self) -> Duration {
        match self {
            Self::Quick => Duration::from_secs(12),
            Self::Realistic => Duration::from_secs(20 * 60),
        }
    }
}

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(profile: LatencyProfile) -> Vec<f64> {
        let mut all: Vec<f64> =
            (0..4000).map(|n: u32| profile.attempt(&mut Draw::new(1, &[&n.to_string()])).as_secs_f64()).collect();
        all.sort_by(f64::total_cmp);
        all
    }

    #[test]
    fn quick_is_about_a_second_and_never_over_six() {
        let all = sorted(LatencyProfile::Quick);
        assert!((0.9..1.1).contains(&all[2000]), "median {}", all[2000]);
        assert!(all[3999] <= 6.0);
    }

    #[test]
    fn realistic_is_about_twelve_seconds_with_a_heavy_tail() {
        let all = sorted(LatencyProfile::Realistic);
        assert!((11.0..13.0).contains(&all[2000]), "median {}", all[2000]);
        assert!(all[3990] > 60.0, "p99.75 {}", all[3990]);
    }

    #[test]
    fn completion_follows_within_half_a_second() {
        for n in 0..500 {
            let gap = LatencyProfile::Quick.completion(&mut Draw::new(n, &[]));
            assert!(gap > Duration::ZERO && gap <= Duration::from_millis(500));
        }
    }
}
