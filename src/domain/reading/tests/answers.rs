//! Answers put together from pages.

use super::super::pages::{PAGES_MAX, Page, Pages, Part, ResultStatus};
use super::*;
use crate::domain::object::Trouble;

/// Asks for a pending metric, then for failures: one query and two.
fn request() -> Request {
    let rule = Arc::from("r");
    let dimensions = Dimensions { source: Bucket::new("a"), destination: Bucket::new("b"), rule };
    let dimensions = Arc::new(dimensions);
    let all = [Metric::BytesPending, Metric::OperationsFailed];
    let queries = all.into_iter().flat_map(|metric| metric.statistics().iter().map(move |each| (metric, *each)));
    let queries = queries.map(|(metric, statistic)| Query { dimensions: Arc::clone(&dimensions), metric, statistic });
    Request { queries: queries.collect(), window: Window::ending(minute(30)) }
}

fn part(query: usize, status: ResultStatus, points: &[(u64, f64)]) -> Part {
    Part { query, points: points.iter().map(|(at, value)| (minute(*at), *value)).collect(), status }
}

fn page(parts: Vec<Part>, next: Option<&str>) -> Page {
    Page { parts, next: next.map(str::to_owned) }
}

use ResultStatus::{Broken, Complete, Forbidden, Partial};

#[test]
fn pages_are_merged_by_query_whatever_their_order() {
    let request = request();
    let mut pages = Pages::new(&request);
    let first = page(vec![part(2, Partial, &[(9, 7.0)]), part(0, Complete, &[(9, 1.5)])], Some("t"));
    assert_eq!(pages.add(first).unwrap().as_deref(), Some("t"));
    let last = page(vec![part(1, Complete, &[(9, 2.0), (8, 0.0)]), part(2, Complete, &[(8, 4.0)])], None);
    assert_eq!(pages.add(last), Ok(None));
    let bytes =
        Look::Complete { window: request.window, points: vec![Point { at: minute(9), value: 1.5, samples: 1.0 }] };
    assert_eq!(pages.look(0), bytes);
    let failed =
        vec![Point { at: minute(8), value: 0.0, samples: 4.0 }, Point { at: minute(9), value: 2.0, samples: 7.0 }];
    assert_eq!(pages.look(1), Look::Complete { window: request.window, points: failed });
}

#[test]
fn what_is_not_whole_is_not_complete() {
    let incomplete = Look::Failed(Obstacle::Incomplete);
    let senseless = Look::Failed(Obstacle::NoAnswer(Trouble::BadAnswer));
    for (parts, look) in [
        (vec![], &incomplete),
        (vec![part(1, Complete, &[])], &incomplete),
        (vec![part(1, Complete, &[(9, 1.0)]), part(2, Complete, &[])], &incomplete),
        (vec![part(1, Partial, &[(9, 1.0)]), part(2, Complete, &[(9, 1.0)])], &incomplete),
        (vec![part(1, Complete, &[(9, 1.0)]), part(2, Broken, &[(9, 1.0)])], &incomplete),
        (vec![part(1, Broken, &[]), part(1, Complete, &[]), part(2, Complete, &[])], &incomplete),
        (vec![part(1, Forbidden, &[]), part(2, Complete, &[])], &Look::Failed(Obstacle::Forbidden)),
        (vec![part(1, Complete, &[(9, -1.0)]), part(2, Complete, &[(9, 1.0)])], &senseless),
        (vec![part(1, Complete, &[(9, f64::NAN)]), part(2, Complete, &[(9, 1.0)])], &senseless),
        (vec![part(1, Complete, &[(9, 1.0)]), part(2, Complete, &[(9, f64::INFINITY)])], &senseless),
    ] {
        let request = request();
        let mut pages = Pages::new(&request);
        let shown = format!("{parts:?}");
        pages.add(page(parts, None)).unwrap();
        assert_eq!(pages.look(1), *look, "{shown}");
    }
}

#[test]
fn minutes_that_were_not_asked_for_are_left_out() {
    let request = request();
    let mut pages = Pages::new(&request);
    pages.add(page(vec![part(0, Complete, &[(0, 1.0), (1, 2.0), (30, 3.0), (31, 4.0)])], None)).unwrap();
    let Look::Complete { points, .. } = pages.look(0) else { panic!("incomplete") };
    assert_eq!(points.iter().map(|point| point.value).collect::<Vec<_>>(), [2.0, 3.0]);
}

#[test]
fn tokens_that_lead_nowhere_and_strange_results_are_bad_answers() {
    let request = request();
    let mut pages = Pages::new(&request);
    pages.add(page(vec![], Some("t"))).unwrap();
    assert_eq!(pages.add(page(vec![], Some("t"))), Err(Trouble::BadAnswer));
    let mut pages = Pages::new(&request);
    assert_eq!(pages.add(page(vec![part(3, Complete, &[])], None)), Err(Trouble::BadAnswer));
    let mut pages = Pages::new(&request);
    let asked = (0..).take_while(|number| pages.add(page(vec![], Some(&number.to_string()))).is_ok()).count();
    assert_eq!(asked, PAGES_MAX - 1);
    assert_eq!(Pages::new(&request).add(page(vec![], Some(""))), Ok(None));
}
