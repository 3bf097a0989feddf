//! What CloudWatch knows of replication: one series for each source, destination and rule, fed by every write.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::fault::Fault;
use super::moment::Moment;
use super::rule::ReplicationRule;
use super::state::State;
use super::timeline::Timeline;

/// The three dimensions of a replication metric.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeriesName {
    /// `SourceBucket`.
    pub source: String,
    /// `DestinationBucket`.
    pub destination: String,
    /// `RuleId`.
    pub rule: String,
}

/// One write on its way to one destination.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) written: Moment,
    pub(super) bytes: u64,
    /// When it arrived or failed, and whether it failed.
    pub(super) decided: Option<(Moment, bool)>,
}

/// Where a span is kept: series and place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SpanId {
    series: usize,
    place: usize,
}

/// Everything that happened under one name.
#[derive(Clone, Debug)]
pub(super) struct Series {
    pub(super) name: SeriesName,
    /// The source's account: it owns all four metrics.
    pub(super) account: String,
    pub(super) source_region: String,
    pub(super) destination_region: String,
    /// Whether the configuration in force has the rule, enabled and with Metrics.
    pub(super) enabled: Timeline<bool>,
    /// Whether the destination is missing, or a fault disables the rule.
    pub(super) muted: Timeline<bool>,
    /// When metrics were first enabled.
    pub(super) since: Option<Moment>,
    /// When something was first decided.
    pub(super) first_decided: Option<Moment>,
    /// In the order of writing.
    spans: Vec<Span>,
    open: BTreeSet<usize>,
    /// The longest that anything took that is decided.
    longest: Duration,
}

/// All series.
#[derive(Clone, Debug, Default)]
pub(super) struct Catalog {
    series: Vec<Series>,
    by_name: BTreeMap<SeriesName, usize>,
}

impl Catalog {
    pub(super) fn get(&self, name: &SeriesName) -> Option<&Series> {
        self.by_name.get(name).map(|index| &self.series[*index])
    }

    /// All series by name.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Series> {
        self.by_name.values().map(|index| &self.series[*index])
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Series> {
        self.series.iter_mut()
    }

    /// Notes a write; `None` when no configuration ever had such a rule.
    pub(super) fn begin(&mut self, name: &SeriesName, written: Moment, bytes: u64) -> Option<SpanId> {
        let index = *self.by_name.get(name)?;
        let place = self.series[index].begin(written, bytes);
        Some(SpanId { series: index, place })
    }

    pub(super) fn decide(&mut self, id: SpanId, at: Moment, failed: bool) {
        self.series[id.series].decide(id.place, at, failed);
    }

    fn index_of(&mut self, new: Series) -> usize {
        let next = self.series.len();
        let index = *self.by_name.entry(new.name.clone()).or_insert(next);
        if index == next {
            self.series.push(new);
        }
        index
    }
}

impl Series {
    pub(super) fn begin(&mut self, written: Moment, bytes: u64) -> usize {
        let place = self.spans.len();
        self.spans.push(Span { written, bytes, decided: None });
        self.open.insert(place);
        place
    }

    pub(super) fn decide(&mut self, place: usize, at: Moment, failed: bool) {
        self.open.remove(&place);
        self.spans[place].decided = Some((at, failed));
        self.longest = self.longest.max(at.since(self.spans[place].written));
        self.first_decided = Some(self.first_decided.map_or(at, |first| first.min(at)));
    }

    /// Every span that was undecided at `start` or begins later, in the order of writing, and perhaps some before.
    pub(super) fn spans_from(&self, start: Moment) -> impl Iterator<Item = &Span> {
        let tail = self.spans.partition_point(|span| span.written.plus(self.longest) < start);
        let before = self.open.range(..tail).map(|place| &self.spans[*place]);
        before.chain(&self.spans[tail..])
    }

    pub(super) fn enable(&mut self, from: Moment, on: bool) {
        if *self.enabled.latest() != on {
            self.enabled.set(from, on);
        }
        if on && self.since.is_none() {
            self.since = Some(from);
        }
    }
}

impl State {
    /// Opens a series for each rule of the configuration that holds from `from` on; the other rules' fall silent.
    pub(super) fn register_series(&mut self, from: Moment, source: &str, rules: &[ReplicationRule]) {
        let named = |series: &Series| rules.iter().any(|rule| rule.leads_along(&series.name));
        for series in self.catalog.iter_mut().filter(|series| series.name.source == source) {
            if !named(series) {
                series.enable(from, false);
            }
        }
        let Some(home) = self.buckets.get(source).map(|bucket| bucket.info.clone()) else { return };
        for rule in rules {
            let destination = rule.destination.bucket_name();
            let Some(there) = self.buckets.get(destination).map(|bucket| bucket.info.region.clone()) else { continue };
            let index = self.catalog.index_of(Series {
                name: rule.series_name(source),
                account: home.account.clone(),
                source_region: home.region.clone(),
                destination_region: there,
                enabled: Timeline::new(false),
                muted: Timeline::new(false),
                since: None,
                first_decided: None,
                spans: Vec::new(),
                open: BTreeSet::new(),
                longest: Duration::ZERO,
            });
            self.catalog.series[index].enable(from, rule.enabled && rule.has_metrics());
        }
    }

    /// Notes which series are muted from `at` on.
    pub(super) fn mute_series(&mut self, at: Moment) {
        let muted: Vec<bool> = self.catalog.series.iter().map(|series| self.is_muted(&series.name)).collect();
        for (series, muted) in self.catalog.series.iter_mut().zip(muted) {
            if *series.muted.latest() != muted {
                series.muted.set(at, muted);
            }
        }
    }

    fn is_muted(&self, name: &SeriesName) -> bool {
        let disabled = self.faults_between(&name.source, &name.destination).has(Fault::RuleDisabled);
        disabled || self.bucket(&name.destination).is_none()
    }
}

impl ReplicationRule {
    /// Whether replication metrics are enabled.
    pub fn has_metrics(&self) -> bool {
        self.destination.metrics.as_ref().is_some_and(|metrics| metrics.enabled)
    }

    /// Whether Replication Time Control is on.
    pub fn has_time_control(&self) -> bool {
        self.destination.time.as_ref().is_some_and(|time| time.enabled)
    }

    pub(super) fn series_name(&self, source: &str) -> SeriesName {
        SeriesName {
            source: source.to_owned(),
            destination: self.destination.bucket_name().to_owned(),
            rule: self.id.clone().unwrap_or_default(),
        }
    }

    fn leads_along(&self, name: &SeriesName) -> bool {
        self.id.as_ref() == Some(&name.rule) && self.destination.bucket_name() == name.destination
    }
}
