//! A route's places in time: a grid as wide as its interval, shifted by its name.

use std::time::Duration;

use crate::domain::time::{Moment, Monotonic};

/// The instants `first + n * interval` of the monotonic clock, which no correction of the wall clock moves.
#[derive(Debug)]
pub(super) struct Grid {
    first: Monotonic,
    interval: Duration,
}

impl Grid {
    /// The grid of a route: on the wall clock its places are the same after every restart.
    pub(super) fn new(name: &str, interval: Duration, now: Moment) -> Self {
        let width = interval.as_nanos().max(1);
        let wall = u128::from(now.wall.0) * 1_000_000;
        let since_place = (wall + width - phase(name, width)) % width;
        let wait = (width - since_place) % width;
        Self { first: now.mono.plus(nanos(wait)), interval }
    }

    /// The first place at `earliest` or later.
    pub(super) fn from(&self, earliest: Monotonic) -> Monotonic {
        let places = earliest.since(self.first).as_nanos().div_ceil(self.interval.as_nanos().max(1));
        Monotonic(self.first.0.saturating_add(nanos(self.interval.as_nanos().saturating_mul(places))))
    }
}

/// Where in an interval of `width` a name lies.
fn phase(name: &str, width: u128) -> u128 {
    (u128::from(hash(name)) * width) >> 64
}

/// FNV-1a with the finaliser of MurmurHash3: stable across builds and machines, unlike the standard library's, and
/// even in its high bits for names that differ in their last letter alone.
fn hash(name: &str) -> u64 {
    let mut hash = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    for multiplier in [0xff51_afd7_ed55_8ccd, 0xc4ce_b9fe_1a85_ec53] {
        hash = (hash ^ (hash >> 33)).wrapping_mul(multiplier);
    }
    hash ^ (hash >> 33)
}

fn nanos(count: u128) -> Duration {
    Duration::from_nanos(u64::try_from(count).unwrap_or(u64::MAX))
}
