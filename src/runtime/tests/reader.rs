//! Readings on paused time: what is asked, how often, in how many calls, and what is told of it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;

use super::*;
use crate::cloud::{CloudError, Detail, ReadingSource};
use crate::domain::connection::{Checksums, Connection, Credentials};
use crate::domain::name::Region;
use crate::domain::reading::forecast::{Forecast, Sides, forecast};
use crate::domain::reading::pages::{Page, Part, ResultStatus};
use crate::domain::reading::{Look, Metric, Obstacle, Place, Request, plan};
use crate::domain::replication::{Replication, Rule};
use crate::runtime::reader::{Post, Subject, keep_reading};

/// A CloudWatch that answers as it is told, and remembers what it was asked.
#[derive(Debug, Clone, Default)]
struct Source(Arc<Mutex<Asked>>);

#[derive(Debug, Default)]
struct Asked {
    calls: u64,
    /// Statistics of one metric in one call count once.
    metrics: u64,
    queries_max: usize,
    trouble: Option<Trouble>,
    /// How many pages an answer has.
    pages: u64,
}

impl ReadingSource for Source {
    async fn metric_data(&self, request: &Request, from: Option<&str>) -> Result<Page, CloudError> {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let mut asked = self.0.lock().unwrap();
        asked.calls += 1;
        let metrics: BTreeSet<_> =
            request.queries.iter().map(|query| (query.dimensions.source.as_str(), query.metric)).collect();
        asked.metrics += u64::try_from(metrics.len()).unwrap();
        asked.queries_max = asked.queries_max.max(request.queries.len());
        if let Some(kind) = asked.trouble {
            return Err(error(kind));
        }
        let page: u64 = from.map_or(0, |token| token.parse().unwrap());
        let next = (page + 1 < asked.pages).then(|| (page + 1).to_string());
        let status = if next.is_some() { ResultStatus::Partial } else { ResultStatus::Complete };
        let at = request.window.start.plus(Duration::from_secs(60 * page));
        let parts = (0..request.queries.len()).map(|query| Part { query, points: vec![(at, 1.0)], status });
        Ok(Page { parts: parts.collect(), next })
    }
}

fn error(kind: Trouble) -> CloudError {
    CloudError::new(Detail {
        kind,
        operation: "GetMetricData",
        status: None,
        code: None,
        message: None,
        request_id: None,
        retry_after: None,
        source: None,
    })
}

fn connection(region: u32) -> Connection {
    Connection {
        region: Region::new(&format!("region-{region}")),
        account: None,
        credentials: Credentials::Chain,
        role: None,
        endpoint_url: None,
        path_style: false,
        checksums: Checksums::default(),
        use_fips: false,
        use_dual_stack: false,
    }
}

/// A route from one Region to another, whose rule is known.
fn known(id: u32, every: u64, (from, to): (u32, u32)) -> Arc<Channel<()>> {
    let permits = Permits::new(Arc::new(Semaphore::new(9)), Arc::new(Semaphore::new(9)));
    let mut route = Route { cloudwatch: Some(Duration::from_secs(every)), ..fixture::route(&format!("r{id}"), 1) };
    route.source.bucket = crate::domain::name::Bucket::new(&format!("source-{id}"));
    route.source.region = Region::new(&format!("region-{from}"));
    route.destinations[0].region = Region::new(&format!("region-{to}"));
    let channel = Channel {
        id: RouteId(id),
        source: Gate::new((), permits.clone(), ConnectionId(0)),
        destinations: vec![Gate::new((), permits, ConnectionId(0))],
        rules: LiveRules::default(),
        route: Arc::new(route),
    };
    channel.rules.learn(Ok(replication(true)));
    Arc::new(channel)
}

fn replication(publishes_metrics: bool) -> Replication {
    let (id, bucket) = ("rule".to_owned(), "destination-0".to_owned());
    let rule = Rule { id, bucket, enabled: true, publishes_metrics, ..Rule::default() };
    Replication { role: String::new(), rules: vec![rule] }
}

/// What was told of a route's metrics in one place.
type Told = (u32, Place, Vec<(Metric, Look)>);

/// The posts of every Region, and the reading of all routes.
struct Bench {
    sources: HashMap<Connection, Source>,
    observed: mpsc::Receiver<Observation>,
    reading: JoinHandle<()>,
}

impl Bench {
    fn start(channels: &[Arc<Channel<()>>]) -> Self {
        let permits = Permits::new(Arc::new(Semaphore::new(9)), Arc::new(Semaphore::new(9)));
        let mut posts: HashMap<Connection, Arc<Post<Source>>> = HashMap::new();
        let mut subjects = Vec::new();
        for channel in channels {
            let (from, to) = sides(channel);
            for place in [Place::Destination, Place::Source] {
                let connection = plan::connection(&channel.route, place, &from, &to);
                let next = ConnectionId(u32::try_from(posts.len()).unwrap());
                let fresh = || Post { source: Source::default(), permits: permits.clone(), connection: next };
                let post = Arc::clone(posts.entry(connection).or_insert_with(|| Arc::new(fresh())));
                subjects.push(Subject { channel: Arc::clone(channel), destination: 0, place, post });
            }
        }
        let sources = posts.iter().map(|(connection, post)| (connection.clone(), post.source.clone())).collect();
        let (observations, observed) = mpsc::channel(1_000_000);
        let reading = spawn(keep_reading(subjects, clock(), Reporter::new(observations)));
        Self { sources, observed, reading }
    }

    fn calls(&self) -> u64 {
        self.sources.values().map(|source| source.0.lock().unwrap().calls).sum()
    }

    fn set(&self, change: impl Fn(&mut Asked)) {
        self.sources.values().for_each(|source| change(&mut source.0.lock().unwrap()));
    }

    fn looks(&mut self) -> Vec<Told> {
        let mut all = Vec::new();
        while let Ok(observation) = self.observed.try_recv() {
            let Observation::Readings { route, place, looks, .. } = observation else { panic!("{observation:?}") };
            all.push((route.0, place, looks));
        }
        all
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

fn sides(channel: &Channel<()>) -> (Connection, Connection) {
    let region = |name: &Region| connection(name.as_str().strip_prefix("region-").unwrap().parse().unwrap());
    (region(&channel.route.source.region), region(&channel.route.destinations[0].region))
}

async fn sleep(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

/// What was asked in an hour, by Region, must be what was forecast.
async fn an_hour(channels: Vec<Arc<Channel<()>>>) -> Forecast {
    let bench = Bench::start(&channels);
    let hour = Duration::from_secs(3_600);
    tokio::time::sleep(hour.checked_sub(Duration::from_millis(500)).unwrap()).await;
    let reached: Vec<(Connection, Connection)> = channels.iter().map(|channel| sides(channel)).collect();
    let all = channels.iter().zip(&reached).map(|(channel, (source, destination))| Sides {
        route: &channel.route,
        source,
        destinations: std::slice::from_ref(destination),
    });
    let forecast = forecast(all, hour);
    assert_eq!(forecast.len(), bench.sources.len());
    let mut total = Forecast::default();
    for (connection, source) in &bench.sources {
        let asked = source.0.lock().unwrap();
        let real = Forecast { calls: asked.calls, metrics: asked.metrics };
        assert_eq!(real, forecast[connection], "{}", connection.region);
        assert!(asked.queries_max <= plan::QUERIES_MAX);
        total = Forecast { calls: total.calls + real.calls, metrics: total.metrics + real.metrics };
    }
    total
}

#[tokio::test(start_paused = true)]
async fn an_hour_of_a_thousand_routes_in_ten_regions_is_as_forecast() {
    let channels = (0..1_000).map(|id| known(id, 300, (id % 10, (id + 3) % 10))).collect();
    // Twelve reads; each Region has the queries of a hundred destinations and a hundred sources: five hundred.
    assert_eq!(an_hour(channels).await, Forecast { calls: 12 * 10, metrics: 12 * 4_000 });
}

#[tokio::test(start_paused = true)]
async fn an_hour_at_several_paces_is_as_forecast() {
    let paces = [60, 300, 7, 900];
    let pace = |id: u32| paces[usize::try_from(id % 4).unwrap()];
    let channels = (0..1_000).map(|id| known(id, pace(id), (id % 10, (id / 10) % 10))).collect();
    let reads = [60, 12, 515, 4].map(|rounds| rounds * 250 * 4).iter().sum::<u64>();
    assert_eq!(an_hour(channels).await.metrics, reads);
}

#[tokio::test(start_paused = true)]
async fn troubles_are_asked_about_again_within_a_minute_and_refusals_are_not() {
    for (trouble, obstacle, again) in [
        (Trouble::Throttled, Obstacle::NoAnswer(Trouble::Throttled), 60),
        (Trouble::TimedOut, Obstacle::NoAnswer(Trouble::TimedOut), 60),
        (Trouble::AccessDenied, Obstacle::Forbidden, 300),
    ] {
        let mut bench = Bench::start(&[known(0, 300, (0, 1))]);
        bench.set(|asked| asked.trouble = Some(trouble));
        sleep(again - 2).await;
        assert_eq!(bench.calls(), 2, "{trouble}");
        for (_, place, looks) in bench.looks() {
            assert_eq!(looks, place.metrics().iter().map(|each| (*each, Look::Failed(obstacle))).collect::<Vec<_>>());
        }
        bench.set(|asked| asked.trouble = None);
        sleep(4).await;
        assert_eq!(bench.calls(), 4, "{trouble}");
        assert!(
            bench.looks().iter().flat_map(|(.., looks)| looks).all(|(_, look)| matches!(look, Look::Complete { .. }))
        );
        sleep(301 - again).await;
        assert_eq!(bench.calls(), if again == 300 { 4 } else { 6 }, "{trouble}: back in the round");
    }
}

#[tokio::test(start_paused = true)]
async fn all_pages_are_asked_for_but_not_for_ever() {
    let mut bench = Bench::start(&[known(0, 300, (0, 0))]);
    bench.set(|asked| asked.pages = 5);
    sleep(10).await;
    assert_eq!(bench.calls(), 5, "both places share the calls of their Region");
    for (_, _, looks) in bench.looks() {
        for (metric, look) in looks {
            let Look::Complete { points, .. } = look else { panic!("{metric:?}: {look:?}") };
            assert_eq!(points.len(), 5, "{metric:?}");
        }
    }
    bench.set(|asked| asked.pages = u64::MAX);
    sleep(300).await;
    let failed = Look::Failed(Obstacle::NoAnswer(Trouble::BadAnswer));
    assert!(bench.looks().iter().flat_map(|(.., looks)| looks).all(|(_, look)| *look == failed));
    assert_eq!(bench.calls(), 5 + 32);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_without_a_rule_that_publishes_and_at_once_with_one() {
    let channel = known(0, 300, (0, 1));
    for replication in [Replication::default(), replication(false)] {
        channel.rules.learn(Ok(replication));
        let mut bench = Bench::start(&[Arc::clone(&channel)]);
        sleep(700).await;
        assert_eq!((bench.calls(), bench.looks().len()), (0, 0));
        channel.rules.learn(Ok(self::replication(true)));
        sleep(2).await;
        assert_eq!((bench.calls(), bench.looks().len()), (2, 2));
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_read_waits_a_little_for_all_rules_and_for_no_one_for_ever() {
    let late = known(1, 300, (0, 1));
    let unread = Arc::new(Channel {
        id: RouteId(1),
        route: Arc::clone(&late.route),
        source: Gate::new((), late.source.permits(), ConnectionId(0)),
        destinations: vec![Gate::new((), late.source.permits(), ConnectionId(0))],
        rules: LiveRules::default(),
    });
    let mut bench = Bench::start(&[known(0, 300, (0, 1)), Arc::clone(&unread)]);
    sleep(8).await;
    assert_eq!(bench.calls(), 0);
    sleep(4).await;
    assert_eq!((bench.calls(), bench.looks().len()), (2, 2));
    unread.rules.learn(Ok(replication(true)));
    sleep(2).await;
    assert_eq!((bench.calls(), bench.looks().len()), (4, 2));
    sleep(300).await;
    assert_eq!((bench.calls(), bench.looks().len()), (6, 4), "from then on together");
}
