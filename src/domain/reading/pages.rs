//! Puts the pages of an answer together: by query, whatever the order, the size and the number of pages.

use std::collections::{BTreeMap, BTreeSet};

use super::{Look, Metric, Obstacle, Point, Query, Request};
use crate::domain::object::Trouble;
use crate::domain::time::UnixMillis;

/// The most pages that are asked for; an answer fits into one (100,800 datapoints, CloudWatch API reference).
pub const PAGES_MAX: usize = 32;

/// How CloudWatch itself calls a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultStatus {
    /// Whole, or the end of it.
    Complete,
    /// More of it follows on the next page, or is missing.
    Partial,
    /// CloudWatch failed, or said something of which we know nothing.
    Broken,
    /// Refused.
    Forbidden,
}

/// A page's part of the answer to one query.
#[derive(Debug, Clone)]
pub struct Part {
    /// The query, by its place in the request.
    pub query: usize,
    /// The datapoints in any order: the start of the minute, and the value.
    pub points: Vec<(UnixMillis, f64)>,
    /// How CloudWatch calls it.
    pub status: ResultStatus,
}

/// A page of an answer.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The parts.
    pub parts: Vec<Part>,
    /// The token of the next page, if there is one.
    pub next: Option<String>,
}

/// An answer as it comes in.
#[derive(Debug)]
pub struct Pages<'a> {
    request: &'a Request,
    results: Vec<Merged>,
    tokens: BTreeSet<String>,
}

#[derive(Debug, Clone, Default)]
struct Merged {
    points: BTreeMap<UnixMillis, f64>,
    status: Option<ResultStatus>,
    is_senseless: bool,
}

impl<'a> Pages<'a> {
    /// Nothing has come yet.
    #[must_use]
    pub fn new(request: &'a Request) -> Self {
        let results = vec![Merged::default(); request.queries.len()];
        Self { request, results, tokens: BTreeSet::new() }
    }

    /// Takes in a page, and answers the token of the next one.
    ///
    /// # Errors
    ///
    /// [`Trouble::BadAnswer`] when a token comes again, or too many pages do, or a result is to no query.
    pub fn add(&mut self, page: Page) -> Result<Option<String>, Trouble> {
        let window = self.request.window;
        for part in page.parts {
            let merged = self.results.get_mut(part.query).ok_or(Trouble::BadAnswer)?;
            let is_final = matches!(merged.status, Some(ResultStatus::Broken | ResultStatus::Forbidden));
            if !is_final {
                merged.status = Some(part.status);
            }
            merged.is_senseless |= part.points.iter().any(|(_, value)| !value.is_finite() || *value < 0.0);
            merged.points.extend(part.points.into_iter().filter(|(at, _)| window.contains(*at)));
        }
        let Some(token) = page.next.filter(|token| !token.is_empty()) else { return Ok(None) };
        if self.tokens.len() + 1 >= PAGES_MAX || !self.tokens.insert(token.clone()) {
            return Err(Trouble::BadAnswer);
        }
        Ok(Some(token))
    }

    /// What the answer says of a metric whose queries stand at `first` and after.
    #[must_use]
    pub fn look(&self, first: usize) -> Look {
        let Some(Query { metric, .. }) = self.request.queries.get(first) else {
            return Look::Failed(Obstacle::Incomplete);
        };
        let results = self.results.get(first..first + metric.statistics().len()).unwrap_or_default();
        if let Some(obstacle) = results.iter().find_map(Merged::obstacle) {
            return Look::Failed(obstacle);
        }
        let points = match (metric, results) {
            (Metric::OperationsFailed, [sum, count]) => with_samples(sum, count),
            (_, [only]) => Some(only.points.iter().map(|(at, value)| point(*at, *value, 1.0)).collect()),
            _ => None,
        };
        points
            .map_or(Look::Failed(Obstacle::Incomplete), |points| Look::Complete { window: self.request.window, points })
    }
}

impl Merged {
    fn obstacle(&self) -> Option<Obstacle> {
        match self.status {
            Some(ResultStatus::Forbidden) => Some(Obstacle::Forbidden),
            _ if self.is_senseless => Some(Obstacle::NoAnswer(Trouble::BadAnswer)),
            Some(ResultStatus::Complete) => None,
            Some(ResultStatus::Partial | ResultStatus::Broken) | None => Some(Obstacle::Incomplete),
        }
    }
}

/// Both statistics of each minute; nothing when one has minutes that the other lacks: then the answer is not whole.
fn with_samples(sum: &Merged, count: &Merged) -> Option<Vec<Point>> {
    let is_whole = sum.points.keys().eq(count.points.keys());
    let both = sum.points.iter().zip(count.points.values());
    is_whole.then(|| both.map(|((at, failures), samples)| point(*at, *failures, *samples)).collect())
}

fn point(at: UnixMillis, value: f64, samples: f64) -> Point {
    Point { at, value, samples }
}
