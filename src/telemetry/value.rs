//! The values that metrics are made of: written by one task through a handle, read by any scrape.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use prometheus::proto::MetricType;

use super::family::Samples;
use super::label::{Closed, Label};
use crate::domain::time::UnixMillis;

/// A value that a scrape can sample.
pub(super) trait Sampled {
    /// What Prometheus calls it.
    const KIND: MetricType;

    /// Adds a sample for each series that exists.
    fn sample(&self, samples: &mut Samples<'_>);
}

/// Counts up.
#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn increment(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Sampled for Counter {
    const KIND: MetricType = MetricType::COUNTER;

    fn sample(&self, samples: &mut Samples<'_>) {
        samples.push(whole(self.0.load(Ordering::Relaxed)));
    }
}

/// A whole number that goes up and down.
#[derive(Debug, Default)]
pub(super) struct Gauge(AtomicU64);

impl Gauge {
    pub(super) fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }
}

impl Sampled for Gauge {
    const KIND: MetricType = MetricType::GAUGE;

    fn sample(&self, samples: &mut Samples<'_>) {
        samples.push(whole(self.0.load(Ordering::Relaxed)));
    }
}

/// A number that is mostly 0 and has no series then: for what should not be, so that it costs nothing while it is not.
#[derive(Debug, Default)]
pub(super) struct Rare(AtomicU64);

impl Rare {
    pub(super) fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    pub(super) fn increment(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Sampled for Rare {
    const KIND: MetricType = MetricType::GAUGE;

    fn sample(&self, samples: &mut Samples<'_>) {
        match self.0.load(Ordering::Relaxed) {
            0 => {}
            value => samples.push(whole(value)),
        }
    }
}

/// A number that may be unknown; without a value there is no series. The bits of NaN stand for unknown.
#[derive(Debug)]
pub(super) struct Known(AtomicU64);

impl Known {
    pub(super) fn set(&self, value: Option<f64>) {
        self.0.store(value.unwrap_or(f64::NAN).to_bits(), Ordering::Relaxed);
    }

    fn get(&self) -> Option<f64> {
        Some(f64::from_bits(self.0.load(Ordering::Relaxed))).filter(|value| !value.is_nan())
    }

    pub(super) fn set_flag(&self, flag: bool) {
        self.set(Some(if flag { 1.0 } else { 0.0 }));
    }

    pub(super) fn set_time(&self, time: Option<UnixMillis>) {
        self.set(time.map(UnixMillis::as_seconds));
    }
}

impl Default for Known {
    fn default() -> Self {
        Self(AtomicU64::new(f64::NAN.to_bits()))
    }
}

impl Sampled for Known {
    const KIND: MetricType = MetricType::GAUGE;

    fn sample(&self, samples: &mut Samples<'_>) {
        if let Some(value) = self.get() {
            samples.push(value);
        }
    }
}

/// One counter for each value of a closed label: all of them exist, at 0, from the start.
#[derive(Debug)]
pub(super) struct CounterOfEach<L>(Box<[AtomicU64]>, PhantomData<L>);

impl<L: Closed> CounterOfEach<L> {
    /// Takes over counts that are kept elsewhere, in the order of the closed set.
    pub(super) fn set(&self, counts: &[u64]) {
        for (counter, count) in self.0.iter().zip(counts) {
            counter.store(*count, Ordering::Relaxed);
        }
    }

    pub(super) fn increment(&self, label: L) {
        if let Some((_, counter)) = L::ALL.iter().zip(&self.0).find(|(each, _)| **each == label) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl<L: Closed> Default for CounterOfEach<L> {
    fn default() -> Self {
        Self(L::ALL.iter().map(|_| AtomicU64::new(0)).collect(), PhantomData)
    }
}

impl<L: Closed> Sampled for CounterOfEach<L> {
    const KIND: MetricType = MetricType::COUNTER;

    fn sample(&self, samples: &mut Samples<'_>) {
        for (counter, label) in self.0.iter().zip(L::ALL) {
            samples.push_with((L::NAME, label.value()), whole(counter.load(Ordering::Relaxed)));
        }
    }
}

/// One gauge for each value of a closed label: 1 for the one that holds, 0 for all others.
#[derive(Debug)]
pub(super) struct OneOf<L>(AtomicUsize, PhantomData<L>);

impl<L: Closed> OneOf<L> {
    pub(super) fn set(&self, value: L) {
        let place = L::ALL.iter().position(|each| *each == value).unwrap_or(usize::MAX);
        self.0.store(place, Ordering::Relaxed);
    }
}

impl<L: Closed> Default for OneOf<L> {
    fn default() -> Self {
        Self(AtomicUsize::new(usize::MAX), PhantomData)
    }
}

impl<L: Closed> Sampled for OneOf<L> {
    const KIND: MetricType = MetricType::GAUGE;

    fn sample(&self, samples: &mut Samples<'_>) {
        let holds = self.0.load(Ordering::Relaxed);
        for (place, label) in L::ALL.iter().enumerate() {
            samples.push_with((L::NAME, label.value()), if place == holds { 1.0 } else { 0.0 });
        }
    }
}

/// The one value of a closed label that holds: always 1; no series before the first.
#[derive(Debug)]
pub(super) struct Shown<L>(AtomicUsize, PhantomData<L>);

impl<L: Closed> Shown<L> {
    pub(super) fn set(&self, value: L) {
        let place = L::ALL.iter().position(|each| *each == value).unwrap_or(usize::MAX);
        self.0.store(place, Ordering::Relaxed);
    }
}

impl<L: Closed> Default for Shown<L> {
    fn default() -> Self {
        Self(AtomicUsize::new(usize::MAX), PhantomData)
    }
}

impl<L: Closed> Sampled for Shown<L> {
    const KIND: MetricType = MetricType::GAUGE;

    fn sample(&self, samples: &mut Samples<'_>) {
        if let Some(label) = L::ALL.get(self.0.load(Ordering::Relaxed)) {
            samples.push_with((L::NAME, label.value()), 1.0);
        }
    }
}

/// A number that may be unknown, for each value of a closed label.
#[derive(Debug)]
pub(super) struct KnownOfEach<L>(Box<[Known]>, PhantomData<L>);

impl<L: Closed> KnownOfEach<L> {
    pub(super) fn set_time(&self, label: L, time: Option<UnixMillis>) {
        if let Some((known, _)) = self.0.iter().zip(L::ALL).find(|(_, each)| **each == label) {
            known.set_time(time);
        }
    }
}

impl<L: Closed> Default for KnownOfEach<L> {
    fn default() -> Self {
        Self(L::ALL.iter().map(|_| Known::default()).collect(), PhantomData)
    }
}

impl<L: Closed> Sampled for KnownOfEach<L> {
    const KIND: MetricType = MetricType::GAUGE;

    fn sample(&self, samples: &mut Samples<'_>) {
        for (known, label) in self.0.iter().zip(L::ALL) {
            if let Some(value) = known.get() {
                samples.push_with((L::NAME, label.value()), value);
            }
        }
    }
}

/// One counter for each value of a larger label; a series is born when its value first occurs.
#[derive(Debug)]
pub(super) struct CounterOfSeen<L>(Mutex<BTreeMap<L, u64>>);

impl<L: Label> CounterOfSeen<L> {
    pub(super) fn increment(&self, label: L) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(label).or_insert(0) += 1;
    }
}

impl<L> Default for CounterOfSeen<L> {
    fn default() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }
}

impl<L: Label> Sampled for CounterOfSeen<L> {
    const KIND: MetricType = MetricType::COUNTER;

    fn sample(&self, samples: &mut Samples<'_>) {
        for (label, count) in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            samples.push_with((L::NAME, label.value()), whole(*count));
        }
    }
}

/// The one value of a larger label that holds, if any: its series, always 1, exists only as long.
#[derive(Debug)]
pub(super) struct InfoOf<L>(Mutex<Option<L>>);

impl<L: Label> InfoOf<L> {
    pub(super) fn set(&self, value: Option<L>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = value;
    }
}

impl<L> Default for InfoOf<L> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<L: Label> Sampled for InfoOf<L> {
    const KIND: MetricType = MetricType::GAUGE;

    fn sample(&self, samples: &mut Samples<'_>) {
        let value = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(label) = value {
            samples.push_with((L::NAME, label.value()), 1.0);
        }
    }
}

/// One flag for each value of a larger label; a series is born when its value is first false, and is absent while it is
/// not known.
#[derive(Debug)]
pub(super) struct FlagOfSeen<L>(Mutex<BTreeMap<L, Option<bool>>>);

impl<L: Label> FlagOfSeen<L> {
    /// Takes over which are false now and which are not known; all others hold.
    pub(super) fn set(&self, are_false: &[L], are_unknown: &[L]) {
        let mut flags = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (label, flag) in flags.iter_mut() {
            *flag = (!are_unknown.contains(label)).then_some(true);
        }
        flags.extend(are_false.iter().map(|label| (*label, Some(false))));
    }
}

impl<L> Default for FlagOfSeen<L> {
    fn default() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }
}

impl<L: Label> Sampled for FlagOfSeen<L> {
    const KIND: MetricType = MetricType::GAUGE;

    fn sample(&self, samples: &mut Samples<'_>) {
        for (label, flag) in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            if let Some(flag) = flag {
                samples.push_with((L::NAME, label.value()), if *flag { 1.0 } else { 0.0 });
            }
        }
    }
}

/// A count as Prometheus carries it; exact up to 2^53.
#[expect(clippy::cast_precision_loss, reason = "Prometheus has no integers")]
pub(super) fn whole(count: u64) -> f64 {
    count as f64
}
