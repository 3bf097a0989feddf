//! A property whose changes take effect at given instants.

use super::moment::Moment;

/// All values a property has had, each with the instant from which it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Timeline<T> {
    first: T,
    changes: Vec<(Moment, T)>,
}

impl<T> Timeline<T> {
    /// A property that has always been `first`.
    pub(super) const fn new(first: T) -> Self {
        Self { first, changes: Vec::new() }
    }

    /// Lets `value` hold from `at` on; calls come in the order of `at`.
    pub(super) fn set(&mut self, at: Moment, value: T) {
        self.changes.push((at, value));
    }

    /// The value in force at `at`.
    pub(super) fn at(&self, at: Moment) -> &T {
        self.changes.iter().rev().find(|(from, _)| *from <= at).map_or(&self.first, |(_, value)| value)
    }

    /// The value last set, in force or not yet.
    pub(super) fn latest(&self) -> &T {
        self.changes.last().map_or(&self.first, |(_, value)| value)
    }
}
