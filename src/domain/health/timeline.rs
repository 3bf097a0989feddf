//! The canaries of one destination in the order in which they were written: the recovery point, and the gaps.
//!
//! Neighbours of one kind are one mark, so that a healthy destination holds two marks however long it runs. What was
//! written between two marks of a kind can be told apart no more; everything derived here claims less, never more.

use crate::domain::name::ObjectKey;
use crate::domain::snapshot::{GAPS_MAX, Gap};
use crate::domain::time::UnixMillis;
use crate::domain::verdict::Verdict;

/// The canaries of one destination, by the time of their writes.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    marks: Vec<Mark>,
}

/// A run of canaries that ended alike, or one that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mark {
    first: UnixMillis,
    last: UnixMillis,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Undecided(ObjectKey),
    Good,
    Fault {
        /// The verdict of the oldest.
        verdict: Verdict,
        /// The newest write in the run that arrived right after all.
        arrived: Option<UnixMillis>,
    },
}

impl Timeline {
    /// A canary is being written: until it is decided, the recovery point stays before it.
    pub(super) fn begin(&mut self, key: &ObjectKey, written: UnixMillis) {
        self.insert(Mark { first: written, last: written, kind: Kind::Undecided(key.clone()) });
    }

    /// A canary is decided. `Unknown` proves nothing either way.
    pub(super) fn decide(&mut self, key: &ObjectKey, written: UnixMillis, verdict: Verdict) {
        let kind = match verdict {
            Verdict::Replicated | Verdict::Late => Kind::Good,
            Verdict::Lost | Verdict::Failed | Verdict::Mismatched | Verdict::Uncovered => {
                Kind::Fault { verdict, arrived: None }
            }
            Verdict::Unknown => return self.forget(key, written),
        };
        match self.find(key, written).and_then(|place| Some((place, self.marks.get_mut(place)?))) {
            Some((place, mark)) => {
                mark.kind = kind;
                self.join(place + 1);
                self.join(place);
            }
            None => self.insert(Mark { first: written, last: written, kind }),
        }
        self.bound();
    }

    /// A canary will never be decided, or proves nothing.
    pub(super) fn forget(&mut self, key: &ObjectKey, written: UnixMillis) {
        if let Some(place) = self.find(key, written) {
            self.marks.remove(place);
            self.join(place);
        }
    }

    /// A canary that had been lost arrived right after all. Its gap stays: it was not there in time.
    pub(super) fn arrived_after_all(&mut self, written: UnixMillis) {
        let place = self.marks.partition_point(|mark| mark.last < written);
        for mark in self.marks.iter_mut().skip(place).take_while(|mark| mark.first <= written) {
            if let Kind::Fault { arrived, .. } = &mut mark.kind {
                *arrived = (*arrived).max(Some(written));
            }
        }
    }

    /// When the newest canary was written that arrived right with no older one undecided.
    pub(super) fn recovery_point(&self) -> Option<UnixMillis> {
        self.marks
            .iter()
            .map_while(|mark| match mark.kind {
                Kind::Undecided(_) => None,
                Kind::Good => Some(Some(mark.last)),
                Kind::Fault { arrived, .. } => Some(arrived),
            })
            .max()
            .flatten()
    }

    /// From the last good write before each fault to the first good one after it; ordered, disjoint.
    pub(super) fn gaps(&self) -> Vec<Gap> {
        let mut gaps = Vec::new();
        let mut open: Option<Gap> = None;
        let mut good = None;
        for mark in &self.marks {
            match mark.kind {
                Kind::Undecided(_) => {}
                Kind::Good => {
                    gaps.extend(open.take().map(|gap| Gap { to: Some(mark.first), ..gap }));
                    good = Some(mark.last);
                }
                Kind::Fault { verdict, .. } => {
                    open.get_or_insert(Gap { from: good, to: None, verdict });
                }
            }
        }
        gaps.extend(open);
        gaps
    }

    /// Where an undecided canary is.
    fn find(&self, key: &ObjectKey, written: UnixMillis) -> Option<usize> {
        let from = self.marks.partition_point(|mark| mark.first < written);
        let same = self.marks.iter().skip(from).take_while(|mark| mark.first == written);
        same.zip(from..).find_map(|(mark, place)| match &mark.kind {
            Kind::Undecided(held) if held == key => Some(place),
            Kind::Undecided(_) | Kind::Good | Kind::Fault { .. } => None,
        })
    }

    /// Merges the two oldest gaps while there are too many, by forgetting the good writes between them.
    fn bound(&mut self) {
        while self.gap_count() > GAPS_MAX {
            let is_fault = |mark: &Mark| matches!(mark.kind, Kind::Fault { .. });
            let Some(fault) = self.marks.iter().position(is_fault) else { return };
            let Some(good) = self.marks.iter().skip(fault).position(|mark| mark.kind == Kind::Good) else { return };
            let gone = self.marks.remove(fault + good);
            let next = self.marks.iter_mut().skip(fault + good).find_map(|mark| match &mut mark.kind {
                Kind::Fault { arrived, .. } => Some(arrived),
                Kind::Undecided(_) | Kind::Good => None,
            });
            if let Some(arrived) = next {
                *arrived = (*arrived).max(Some(gone.last));
            }
            self.join(fault + good);
        }
    }

    fn gap_count(&self) -> usize {
        let mut open = false;
        let mut count = 0;
        for mark in &self.marks {
            match mark.kind {
                Kind::Undecided(_) => {}
                Kind::Good => open = false,
                Kind::Fault { .. } => {
                    count += usize::from(!open);
                    open = true;
                }
            }
        }
        count
    }

    /// Puts a mark of one instant in its place; what it falls into is parted, or swallows it.
    fn insert(&mut self, mark: Mark) {
        let place = self.marks.partition_point(|each| each.first <= mark.first);
        if let Some(before) = place.checked_sub(1).and_then(|before| self.marks.get_mut(before))
            && before.last > mark.first
        {
            if before.absorb(&mark) {
                return;
            }
            let rest = before.part(mark.first);
            self.marks.insert(place, rest);
        }
        self.marks.insert(place, mark);
        self.join(place + 1);
        self.join(place);
    }

    /// Joins the mark at `place` with the one before it, where both are of one kind.
    fn join(&mut self, place: usize) {
        let (Some(before), true) = (place.checked_sub(1), place < self.marks.len()) else { return };
        let mark = self.marks.remove(place);
        let joined = self.marks.get_mut(before).is_some_and(|before| before.absorb(&mark));
        if !joined {
            self.marks.insert(place, mark);
        }
    }
}

impl Mark {
    /// Takes a mark of its own kind in; answers whether it did.
    fn absorb(&mut self, other: &Self) -> bool {
        match (&mut self.kind, &other.kind) {
            (Kind::Good, Kind::Good) => {}
            (Kind::Fault { arrived, .. }, Kind::Fault { arrived: other, .. }) => *arrived = (*arrived).max(*other),
            _ => return false,
        }
        self.last = self.last.max(other.last);
        true
    }

    /// Ends this run before `at`, and answers the run after it. Of good writes only the two ends are known; faults may
    /// lie anywhere between.
    fn part(&mut self, at: UnixMillis) -> Self {
        let mut rest = self.clone();
        match (&mut self.kind, &mut rest.kind) {
            (Kind::Fault { arrived: before, .. }, Kind::Fault { arrived: after, .. }) => {
                *before = before.filter(|arrived| *arrived < at);
                *after = after.filter(|arrived| *arrived >= at);
                self.last = at;
                rest.first = at;
            }
            _ => {
                self.last = self.first;
                rest.first = rest.last;
            }
        }
        rest
    }
}

#[cfg(test)]
mod tests;
