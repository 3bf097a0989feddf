//! Reads the replication metrics of every route from CloudWatch, as often as its route says, many routes a call.
//!
//! Routes that are read as often as each other, in the same Region and as the same account, are due at the same
//! instants, counted from the start of the loop, so that their queries share calls. What found no answer is asked again
//! within a minute.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::cloud::ReadingSource;
use crate::domain::object::Trouble;
use crate::domain::observation::Observation;
use crate::domain::reading::pages::Pages;
use crate::domain::reading::{Dimensions, Look, Metric, Obstacle, Place, Query, Request, RuleSeen, Window, plan};
use crate::domain::route::RouteId;
use crate::domain::time::Monotonic;

use super::clock::Clock;
use super::reporter::Reporter;
use super::side::{Channel, ConnectionId, Permits};

/// How soon a look that found no answer is tried again.
const RETRY: Duration = Duration::from_secs(60);

/// When a call that never ended, because it broke, is given up.
const BROKEN: Duration = Duration::from_secs(5 * 60);

/// How often it is checked whether a look is due.
const TURN: Duration = Duration::from_secs(1);

/// How long the first looks wait for the rules of all routes, so that they share calls.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many calls run at once.
const AT_ONCE: usize = 8;

/// Where metrics are read: a Region as an account. Shared by all routes that are read there.
#[derive(Debug)]
pub struct Post<R> {
    /// CloudWatch.
    pub source: R,
    /// What a call needs.
    pub permits: Permits,
    /// Stands for how it is reached; equal ones are one post.
    pub connection: ConnectionId,
}

/// The metrics of one destination that stand in one place.
#[derive(Debug)]
pub struct Subject<S, R> {
    /// The route.
    pub channel: Arc<Channel<S>>,
    /// Which of its destinations.
    pub destination: usize,
    /// Where they stand.
    pub place: Place,
    /// Where they are read.
    pub post: Arc<Post<R>>,
}

/// Reads for as long as it is polled.
pub async fn keep_reading<S, R>(subjects: Vec<Subject<S, R>>, clock: Clock, reporter: Reporter)
where
    S: Send + Sync + 'static,
    R: ReadingSource,
{
    let mut watch = Watch::new(subjects, clock.now().mono);
    let mut calls = JoinSet::new();
    loop {
        let now = clock.now().mono;
        watch.queue_what_is_due(now);
        let until = now.plus(TURN);
        loop {
            while calls.len() < AT_ONCE
                && let Some(call) = watch.queue.pop()
            {
                calls.spawn(perform(call, clock.clone(), reporter.clone()));
            }
            tokio::select! {
                Some(done) = calls.join_next() => {
                    if let Ok(done) = done {
                        watch.note(&done, clock.now().mono);
                    }
                }
                () = clock.sleep_until(until) => break,
            }
        }
    }
}

/// What is watched, and what is to be called next.
struct Watch<S, R> {
    began: Monotonic,
    is_under_way: bool,
    subjects: Vec<Watched<S, R>>,
    queue: Vec<Call<R>>,
}

struct Watched<S, R> {
    subject: Subject<S, R>,
    every: Duration,
    /// When it is looked at next.
    due: Monotonic,
    /// The rule that was asked for last.
    rule: Option<Arc<str>>,
}

/// One GetMetricData, with whom it serves.
struct Call<R> {
    post: Arc<Post<R>>,
    queries: Vec<Query>,
    served: Vec<Served>,
}

/// A subject in a call.
struct Served {
    /// Its place in the watch.
    at: usize,
    route: RouteId,
    destination: usize,
    place: Place,
    /// The place of its first query.
    first: usize,
}

/// A subject whose time has come, by its place in the watch, and what to ask for.
type Due = (usize, Arc<Dimensions>);

/// The subjects of a call that ended, each with whether it was answered.
struct Done(Vec<(usize, bool)>);

impl<S, R> Watch<S, R> {
    fn new(subjects: Vec<Subject<S, R>>, began: Monotonic) -> Self {
        let subjects = subjects.into_iter().filter_map(|subject| {
            let every = subject.channel.route.cloudwatch?;
            Some(Watched { subject, every, due: began, rule: None })
        });
        Self { began, is_under_way: false, subjects: subjects.collect(), queue: Vec::new() }
    }

    /// Makes calls for everything whose time has come: one for as many as fit.
    fn queue_what_is_due(&mut self, now: Monotonic) {
        self.is_under_way |= now.since(self.began) >= PATIENCE
            || self.subjects.iter().all(|watched| watched.subject.channel.rules.is_tried());
        if !self.is_under_way {
            return;
        }
        let mut groups: BTreeMap<(ConnectionId, Duration), Vec<Due>> = BTreeMap::new();
        for (at, watched) in self.subjects.iter_mut().enumerate() {
            if let Some(dimensions) = watched.take_due(now) {
                let group = (watched.subject.post.connection, watched.every);
                groups.entry(group).or_default().push((at, Arc::new(dimensions)));
            }
        }
        for due in groups.into_values() {
            let places: Vec<Place> = due.iter().filter_map(|(at, _)| self.place(*at)).collect();
            let calls: Vec<Range<usize>> = plan::calls(&places);
            let calls: Vec<Call<R>> = calls.into_iter().filter_map(|range| self.call(due.get(range)?)).collect();
            self.queue.extend(calls);
        }
    }

    fn place(&self, at: usize) -> Option<Place> {
        Some(self.subjects.get(at)?.subject.place)
    }

    fn call(&self, due: &[Due]) -> Option<Call<R>> {
        let post = Arc::clone(&self.subjects.get(due.first()?.0)?.subject.post);
        let mut call = Call { post, queries: Vec::new(), served: Vec::with_capacity(due.len()) };
        for (at, dimensions) in due {
            let Subject { channel, destination, place, .. } = &self.subjects.get(*at)?.subject;
            let first = call.queries.len();
            call.served.push(Served { at: *at, route: channel.id, destination: *destination, place: *place, first });
            for metric in place.metrics() {
                let query = |statistic: &_| Query {
                    dimensions: Arc::clone(dimensions),
                    metric: *metric,
                    statistic: *statistic,
                };
                call.queries.extend(metric.statistics().iter().map(query));
            }
        }
        Some(call)
    }

    fn note(&mut self, done: &Done, now: Monotonic) {
        for (at, is_answered) in &done.0 {
            if let Some(watched) = self.subjects.get_mut(*at) {
                let next = next_round(self.began, watched.every, now);
                let again = now.plus(watched.every.min(RETRY));
                watched.due = if *is_answered { next } else { next.min(again) };
            }
        }
    }
}

impl<S, R> Watched<S, R> {
    /// What to ask for, if it is to be read now: its time has come, or its rule has only now been found.
    fn take_due(&mut self, now: Monotonic) -> Option<Dimensions> {
        let Subject { channel, destination, .. } = &self.subject;
        let configured = channel.route.destinations.get(*destination)?;
        if now < self.due && self.rule.is_some() {
            return None;
        }
        let RuleSeen::Found { id, publishes_metrics: true } = channel.rules.rule_to(&channel.route, configured) else {
            self.rule = None;
            return None;
        };
        self.rule = Some(Arc::clone(&id));
        self.due = now.plus(BROKEN);
        Some(Dimensions {
            source: channel.route.source.bucket.clone(),
            destination: configured.bucket.clone(),
            rule: id,
        })
    }
}

/// The first instant after `now` that is a whole number of intervals from the beginning.
fn next_round(began: Monotonic, every: Duration, now: Monotonic) -> Monotonic {
    let every = every.max(Duration::from_millis(1));
    let rounds = now.since(began).as_nanos() / every.as_nanos() + 1;
    let rounds = u32::try_from(rounds).unwrap_or(u32::MAX);
    began.plus(every.saturating_mul(rounds))
}

/// Asks CloudWatch, and tells everybody whom it concerns.
async fn perform<R: ReadingSource>(call: Call<R>, clock: Clock, reporter: Reporter) -> Done {
    let Call { post, queries, served } = call;
    let request = Request { queries, window: Window::ending(clock.now().wall) };
    let answer = ask(&post, &request).await;
    let mut done = Vec::with_capacity(served.len());
    for Served { at, route, destination, place, first } in served {
        let looks = looks(place, first, &answer);
        done.push((at, looks.iter().all(|(_, look)| !is_to_be_asked_again(look))));
        reporter.observe(Observation::Readings { route, destination, place, looks, at: clock.now() }).await;
    }
    Done(done)
}

fn looks(place: Place, first: usize, answer: &Result<Pages<'_>, Trouble>) -> Vec<(Metric, Look)> {
    let mut next = first;
    let mut looks = Vec::with_capacity(place.metrics().len());
    for metric in place.metrics() {
        let look = match answer {
            Ok(pages) => pages.look(next),
            Err(trouble) => Look::Failed(Obstacle::of(*trouble)),
        };
        looks.push((*metric, look));
        next += metric.statistics().len();
    }
    looks
}

/// Permissions do not come by asking; everything else may.
fn is_to_be_asked_again(look: &Look) -> bool {
    matches!(look, Look::Failed(Obstacle::Incomplete | Obstacle::NoAnswer(_)))
}

/// All pages of an answer.
async fn ask<'a, R: ReadingSource>(post: &Post<R>, request: &'a Request) -> Result<Pages<'a>, Trouble> {
    let mut pages = Pages::new(request);
    let mut token = None;
    loop {
        let page = {
            let _turn = post.permits.acquire_beside().await.ok_or(Trouble::ConnectionFailed)?;
            post.source.metric_data(request, token.as_deref()).await.map_err(|error| error.kind())?
        };
        token = pages.add(page)?;
        if token.is_none() {
            return Ok(pages);
        }
    }
}
