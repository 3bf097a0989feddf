//! A histogram with fixed bounds, written by one task.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus::proto::{self, MetricType};

use super::family::Samples;
use super::value::Sampled;

/// The upper bounds of a histogram's buckets, in seconds, ascending.
pub(super) trait Bounds {
    /// The bounds, without infinity.
    const SECONDS: &'static [f64];
}

/// Counts durations by size.
#[derive(Debug)]
pub(super) struct Histogram<B> {
    /// How many fell into each bucket; the last one is beyond all bounds.
    buckets: Box<[AtomicU64]>,
    /// The sum of all, in nanoseconds.
    sum: AtomicU64,
    bounds: PhantomData<B>,
}

impl<B: Bounds> Histogram<B> {
    pub(super) fn observe(&self, duration: Duration) {
        let seconds = duration.as_secs_f64();
        let place = B::SECONDS.partition_point(|bound| *bound < seconds);
        if let Some(bucket) = self.buckets.get(place) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.sum.fetch_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

impl<B: Bounds> Default for Histogram<B> {
    fn default() -> Self {
        let buckets = (0..=B::SECONDS.len()).map(|_| AtomicU64::new(0)).collect();
        Self { buckets, sum: AtomicU64::new(0), bounds: PhantomData }
    }
}

impl<B: Bounds> Sampled for Histogram<B> {
    const KIND: MetricType = MetricType::HISTOGRAM;

    fn sample(&self, samples: &mut Samples<'_>) {
        let mut total = 0;
        let mut counts = self.buckets.iter().map(|bucket| {
            total += bucket.load(Ordering::Relaxed);
            total
        });
        let buckets: Vec<proto::Bucket> = B::SECONDS.iter().zip(counts.by_ref()).map(proto_bucket).collect();
        let count = counts.last().unwrap_or(0);
        let mut histogram = proto::Histogram::default();
        histogram.set_bucket(buckets);
        histogram.set_sample_count(count);
        histogram.set_sample_sum(Duration::from_nanos(self.sum.load(Ordering::Relaxed)).as_secs_f64());
        samples.push_histogram(histogram);
    }
}

fn proto_bucket((bound, count): (&f64, u64)) -> proto::Bucket {
    let mut bucket = proto::Bucket::default();
    bucket.set_upper_bound(*bound);
    bucket.set_cumulative_count(count);
    bucket
}
