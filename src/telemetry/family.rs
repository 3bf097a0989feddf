//! Metric families: a metric is one field of one struct, and its doc comment is its HELP text.

use std::fmt;

use prometheus::proto::{self, LabelPair, Metric, MetricFamily, MetricType};

/// The labels that all series of one metric struct share.
pub(super) type Labels<'a> = &'a [(&'static str, &'a str)];

/// Takes the members of a group, each with its labels, one by one.
pub(super) type Visit<'a, M> = &'a mut dyn FnMut(Labels<'_>, &M);

/// A struct of metrics, declared with `metrics!`.
pub(super) trait MetricSet: Sized + 'static {
    /// Its metrics, in the order of declaration.
    const FAMILIES: &'static [Family<Self>];
}

/// One metric of a struct.
pub(super) struct Family<M> {
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    pub(super) kind: MetricType,
    pub(super) sample: fn(&M, &mut Samples<'_>),
}

impl<M> Family<M> {
    /// The family with a sample for each series of each member; nothing when there is no series.
    pub(super) fn collect(&self, members: impl FnOnce(Visit<'_, M>)) -> Option<MetricFamily> {
        let mut metrics = Vec::new();
        members(&mut |labels, member| {
            (self.sample)(member, &mut Samples { kind: self.kind, labels, metrics: &mut metrics });
        });
        if metrics.is_empty() {
            return None;
        }
        let mut family = MetricFamily::default();
        family.set_name(self.name.to_owned());
        family.set_help(self.help.to_owned());
        family.set_field_type(self.kind);
        family.set_metric(metrics);
        Some(family)
    }
}

impl<M> fmt::Debug for Family<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Family").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Takes the samples of one member of a family.
pub(super) struct Samples<'a> {
    kind: MetricType,
    labels: Labels<'a>,
    metrics: &'a mut Vec<Metric>,
}

impl Samples<'_> {
    /// A sample under the member's labels alone.
    pub(super) fn push(&mut self, value: f64) {
        self.push_labelled(&[], value);
    }

    /// A sample under one label more.
    pub(super) fn push_with(&mut self, label: (&'static str, &str), value: f64) {
        self.push_labelled(&[label], value);
    }

    /// A sample under any number of labels more.
    pub(super) fn push_labelled(&mut self, more: Labels<'_>, value: f64) {
        let mut metric = self.metric(more);
        if self.kind == MetricType::COUNTER {
            let mut counter = proto::Counter::default();
            counter.set_value(value);
            metric.set_counter(counter);
        } else {
            let mut gauge = proto::Gauge::default();
            gauge.set_value(value);
            metric.set_gauge(gauge);
        }
        self.metrics.push(metric);
    }

    /// A whole histogram.
    pub(super) fn push_histogram(&mut self, histogram: proto::Histogram) {
        let mut metric = self.metric(&[]);
        metric.set_histogram(histogram);
        self.metrics.push(metric);
    }

    fn metric(&self, more: Labels<'_>) -> Metric {
        Metric::from_label(self.labels.iter().chain(more).map(pair).collect())
    }
}

fn pair((name, value): &(&'static str, &str)) -> LabelPair {
    let mut pair = LabelPair::default();
    pair.set_name((*name).to_owned());
    pair.set_value((*value).to_owned());
    pair
}

/// Declares a struct of metrics: each field is a metric `replicanary_<field>`, its doc comment is the HELP text.
macro_rules! metrics {
    ($(#[$outer:meta])* struct $name:ident { $($(#[doc = $help:literal])+ $field:ident: $kind:ty,)+ }) => {
        $(#[$outer])*
        #[derive(Debug, Default)]
        pub(super) struct $name {
            $($(#[doc = $help])+ pub(super) $field: $kind,)+
        }

        impl $crate::telemetry::family::MetricSet for $name {
            const FAMILIES: &'static [$crate::telemetry::family::Family<Self>] = &[$(
                $crate::telemetry::family::Family {
                    name: concat!("replicanary_", stringify!($field)),
                    help: concat!($($help),+).trim_ascii(),
                    kind: <$kind as $crate::telemetry::value::Sampled>::KIND,
                    sample: |set, samples| $crate::telemetry::value::Sampled::sample(&set.$field, samples),
                },
            )+];
        }
    };
}
pub(super) use metrics;
