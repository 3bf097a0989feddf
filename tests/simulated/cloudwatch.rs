//! CloudWatch: what the daemon shows of the replication metrics is what really happened, late and revised or not.

use std::time::Duration;

use replicanary::cli::written::Pace;
use replicanary::config::FileShape;
use replicanary::domain::reading::cross_check::CrossCheck;
use replicanary::domain::reading::{Metric, Place, Reading, Readings, RuleSeen, STALE, Status, WINDOW, words};
use replicanary::domain::verdict::State;
use replicanary::sim::{self, Access, Datapoint, Fault, LatencyProfile, MetricWindow, Moment, Options, SeriesName};

use super::harness::{Run, on_paused_time, pace};

/// How often written configurations read.
const EVERY: Duration = Duration::from_secs(10);

const MINUTE: Duration = Duration::from_secs(60);

/// The minutes of a metric of the route at `place` that CloudWatch has told at `as_of`, by the world's own account.
fn truth(run: &Run, place: usize, metric: Metric, as_of: Moment) -> Vec<Datapoint> {
    let route = run.config.routes[place].route.clone();
    let rule = run.leg(place).cloudwatch.rule_id().expect("the rule of a shipped world").to_string();
    let name = SeriesName {
        source: route.source.bucket.to_string(),
        destination: route.destinations[0].bucket.to_string(),
        rule,
    };
    let region = match metric.place() {
        Place::Source => &route.source.region,
        Place::Destination => &route.destinations[0].region,
    };
    let account = route.source.account.clone().expect("an account of the world's own");
    let end = as_of.floor(MINUTE).plus(MINUTE);
    let window = MetricWindow { start: end.minus(WINDOW), end, period: MINUTE, as_of };
    let metric = sim::Metric::parse(metric.aws_name()).expect("a metric of S3's");
    let place = (account.as_str(), region.as_str());
    run.simulator.with_world(|world, now| world.datapoints(now, place, metric, &name, &window))
}

/// What is shown must be what the world had told when the metrics were read last.
fn assert_true(run: &Run, place: usize, read_at: Moment, context: &str) {
    let shown = run.leg(place).cloudwatch;
    if shown.rule == RuleSeen::Absent {
        assert_eq!(shown.metrics, [Reading::nothing(Status::NoRule); 4], "{context}");
        return;
    }
    let now = run.simulator.clock().now();
    for metric in Metric::ALL {
        let points = truth(run, place, metric, read_at);
        let reading = shown.of(metric);
        let expected = match metric {
            Metric::OperationsFailed => (!points.is_empty()).then(|| points.iter().map(|point| point.sum).sum::<f64>()),
            Metric::ReplicationLatency | Metric::BytesPending | Metric::OperationsPending => {
                points.last().filter(|point| now.since(point.at) <= STALE).map(|point| point.maximum)
            }
        };
        assert_eq!(reading.value, expected, "{context}: {metric:?}: {reading:?}");
        if let Some(newest) = points.last() {
            assert_eq!(reading.at.map(|at| at.0), Some(newest.at.micros() / 1_000), "{context}: {metric:?}");
        }
        if metric == Metric::OperationsFailed {
            let samples = expected.map(|_| points.iter().map(|point| point.samples).sum::<f64>());
            assert_eq!(reading.samples, samples, "{context}");
        }
        assert_eq!(value(run, place, metric), expected, "{context}: the metrics page: {metric:?}");
    }
}

/// The value of a metric on the metrics page.
fn value(run: &Run, place: usize, metric: Metric) -> Option<f64> {
    let route = &run.config.routes[place].route;
    let name = match metric {
        Metric::ReplicationLatency => "replication_latency_seconds",
        Metric::BytesPending => "bytes_pending",
        Metric::OperationsPending => "operations_pending",
        Metric::OperationsFailed => "operations_failed",
    };
    let (route, destination) = (&route.name, &route.destinations[0].bucket);
    let series = format!("replicanary_cloudwatch_{name}{{route=\"{route}\",destination=\"{destination}\"}} ");
    let page = run.daemon.metrics().render();
    page.lines().find_map(|line| line.strip_prefix(&series)?.parse().ok())
}

/// Sleeps until some seconds after the next read, and answers when that read was.
async fn after_a_read(run: &Run, began: Moment, every: Duration) -> Moment {
    let passed = run.simulator.clock().now().since(began);
    let rounds = u32::try_from(passed.as_millis() / every.as_millis()).expect("a short run") + 1;
    let read_at = began.plus(every * rounds);
    let rest = read_at.plus(Duration::from_secs(3)).since(run.simulator.clock().now());
    tokio::time::sleep(rest).await;
    read_at
}

#[test]
fn what_is_shown_is_what_happened_whatever_is_broken() {
    let faults = [
        None,
        Some(Fault::RoleDenied),
        Some(Fault::Outage),
        Some(Fault::Slow),
        Some(Fault::VersioningSuspended),
        Some(Fault::DestinationKeyDisabled),
        Some(Fault::DestinationBucketDeleted),
        Some(Fault::RuleDisabled),
    ];
    for seed in 0..24 {
        let fault = faults[usize::try_from(seed).expect("small") % faults.len()];
        on_paused_time(async {
            let context = format!("seed {seed}, {fault:?}");
            let run = Run::start(seed, 2, None, &pace()).await;
            let began = run.simulator.clock().now();
            tokio::time::sleep(Duration::from_secs(20)).await;
            let name = run.config.routes[0].route.name.clone();
            if let Some(fault) = fault {
                run.simulator.set_fault(name.as_str(), None, fault, true, None).expect("a fault of the world's own");
            }
            for round in 0..8 {
                let read_at = after_a_read(&run, began, EVERY).await;
                for place in 0..2 {
                    assert_true(&run, place, read_at, &format!("{context}, round {round}, route {place}"));
                }
                tokio::time::sleep(Duration::from_secs(seed * 5 % 35)).await;
            }
            assert_eq!(run.leg(1).cloudwatch.cross_check, CrossCheck::AgreeHealthy, "{context}: the bystander");
            let shown = run.leg(0).cloudwatch;
            match fault {
                None => assert_eq!(shown.cross_check, CrossCheck::AgreeHealthy, "{context}: {shown:?}"),
                Some(Fault::RoleDenied | Fault::VersioningSuspended | Fault::DestinationKeyDisabled) => {
                    assert_eq!(shown.cross_check, CrossCheck::AgreeFailing, "{context}: {shown:?}");
                    let failed = shown.of(Metric::OperationsFailed);
                    assert!(failed.value > Some(0.0) && failed.less_canaries == Some(0.0), "{context}: {failed:?}");
                }
                Some(_) => {}
            }
        });
    }
}

#[test]
fn a_destination_that_is_gone_falls_silent_and_its_timestamps_stay() {
    on_paused_time(async {
        let run = Run::start(5, 1, None, &pace()).await;
        let began = run.simulator.clock().now();
        tokio::time::sleep(Duration::from_secs(65)).await;
        let name = run.config.routes[0].route.name.clone();
        run.simulator.set_fault(name.as_str(), None, Fault::DestinationBucketDeleted, true, None).expect("a fault");
        tokio::time::sleep(Duration::from_secs(25 * 60)).await;
        let read_at = after_a_read(&run, began, EVERY).await;
        assert_true(&run, 0, read_at, "gone");
        let shown = run.leg(0).cloudwatch;
        for metric in Place::Destination.metrics() {
            let reading = shown.of(*metric);
            assert_eq!((reading.status, reading.value), (Status::Stale, None), "{reading:?}");
            assert!(reading.at.is_some());
            let label = format!("metric=\"{}\"", metric.as_str());
            let page = run.daemon.metrics().render();
            let stays = |line: &str| line.starts_with("replicanary_cloudwatch_datapoint_t") && line.contains(&label);
            assert!(page.lines().any(stays), "{label}");
        }
        assert_eq!(shown.cross_check, CrossCheck::AgreeFailing, "failures are still counted: {shown:?}");
    });
}

#[test]
fn late_batches_that_are_revised_are_shown_as_they_were_told() {
    for seed in 0..6 {
        on_paused_time(async {
            let options = Options { seed, latency: LatencyProfile::Realistic, ..Options::default() };
            let canary = replicanary::config::shape::CanaryShape {
                interval: Some("30s".into()),
                objective: Some("15m".into()),
                deadline: Some("60m".into()),
                ..Default::default()
            };
            let slower = |shape: &mut FileShape| each_route(shape, |route| route.cloudwatch = None);
            let run = Run::start_in(options, 1, None, &canary, slower).await;
            let began = run.simulator.clock().now();
            let every = run.config.routes[0].route.cloudwatch.expect("on by default");
            assert_eq!(every, Duration::from_secs(300));
            for round in 0..9 {
                let read_at = after_a_read(&run, began, every).await;
                for _ in 0..4 {
                    assert_true(&run, 0, read_at, &format!("seed {seed}, round {round}"));
                    tokio::time::sleep(MINUTE).await;
                }
                if round == 3 {
                    let name = run.config.routes[0].route.name.clone();
                    run.simulator.set_fault(name.as_str(), None, Fault::RoleDenied, true, None).expect("a fault");
                }
            }
            assert!(run.leg(0).cloudwatch.of(Metric::OperationsFailed).value > Some(0.0), "seed {seed}");
            assert_eq!(run.leg(0).cloudwatch.of(Metric::OperationsFailed).less_canaries, Some(0.0), "seed {seed}");
        });
    }
}

#[test]
fn a_rule_without_metrics_is_told_and_read_as_soon_as_it_has_them() {
    on_paused_time(async {
        let run = Run::start(2, 1, None, &pace()).await;
        let statuses = |shown: &Readings| shown.metrics.map(|reading| reading.status);
        tokio::time::sleep(Duration::from_secs(15)).await;
        assert_eq!(statuses(&run.leg(0).cloudwatch), [Status::Ok; 4]);
        publish_metrics(&run, false);
        tokio::time::sleep(Duration::from_secs(65)).await;
        assert_eq!(statuses(&run.leg(0).cloudwatch), [Status::NotEnabled; 4]);
        assert!(!run.daemon.metrics().render().contains("\nreplicanary_cloudwatch_"));
        publish_metrics(&run, true);
        tokio::time::sleep(Duration::from_secs(75)).await;
        assert_eq!(statuses(&run.leg(0).cloudwatch), [Status::Ok; 4]);
    });
}

/// Switches the metrics of all rules of the first route's source on or off.
fn publish_metrics(run: &Run, on: bool) {
    let source = &run.config.routes[0].route.source;
    let account = source.account.as_ref().expect("an account of the world's own");
    run.simulator
        .with_world(|world, now| {
            let access = Access::of_root(world, account.as_str(), source.region.as_str());
            let mut configuration = world.replication(now, &access, source.bucket.as_str())?;
            for rule in &mut configuration.rules {
                rule.destination.time = None;
                rule.destination.metrics = Some(sim::ReplicationMetrics { enabled: on, event_threshold_minutes: None });
            }
            world.put_replication(now, &access, source.bucket.as_str(), configuration)
        })
        .expect("a legal configuration");
}

#[test]
fn a_configuration_that_may_not_be_read_is_told_and_tried_again() {
    on_paused_time(async {
        let run = Run::start(3, 1, Some(Fault::AccessDenied), &pace()).await;
        tokio::time::sleep(Duration::from_secs(25)).await;
        let (route, shown) = (run.config.routes[0].route.clone(), run.leg(0).cloudwatch);
        for metric in Metric::ALL {
            let reading = shown.of(metric);
            assert_eq!((reading.status, reading.value), (Status::Unreadable, None), "{reading:?}");
            let message = words::message(metric, reading, &shown.rule, &route, &route.destinations[0]);
            assert!(message.is_some_and(|text| text.contains("s3:GetReplicationConfiguration")));
        }
        assert!(!run.daemon.metrics().render().contains("GetMetricData"), "nothing can be asked for");
        run.clear(Fault::AccessDenied);
        assert_eq!(run.until(0, &[State::Healthy], Duration::from_secs(90)).await, State::Healthy);
        tokio::time::sleep(Duration::from_secs(70)).await;
        assert_eq!(run.leg(0).cloudwatch.metrics.map(|reading| reading.status), [Status::Ok; 4]);
    });
}

#[test]
fn off_costs_nothing() {
    on_paused_time(async {
        let off = |shape: &mut FileShape| each_route(shape, |route| route.cloudwatch = Some("off".into()));
        let run = Run::start_in(Options::default(), 2, None, &pace(), off).await;
        tokio::time::sleep(Duration::from_secs(120)).await;
        let page = run.daemon.metrics().render();
        assert!(!page.contains("GetMetricData") && !page.contains("\nreplicanary_cloudwatch_"));
        assert_eq!(run.leg(0).cloudwatch, Readings::off());
    });
}

#[test]
fn written_configurations_read_every_ten_seconds_and_realistic_ones_as_by_default() {
    let simulator =
        sim::Simulator::new(&Options::default(), sim::Clock::starting_at(Duration::ZERO)).expect("the default world");
    for (pace, every) in [(Pace::QUICK, 10), (Pace::DEMO, 10), (Pace::REALISTIC, 300)] {
        let shape = replicanary::cli::written::configuration(&simulator.routes(), "http://simulated", pace);
        let text = replicanary::config::render(&shape).expect("a configuration that can be written");
        let config =
            replicanary::config::parse(&text, "written", &|_| None).unwrap_or_else(|faults| panic!("{faults}"));
        for entry in &config.routes {
            assert_eq!(entry.route.cloudwatch, Some(Duration::from_secs(every)), "{pace:?}");
        }
    }
}

fn each_route(shape: &mut FileShape, change: impl Fn(&mut replicanary::config::shape::RouteShape)) {
    shape.routes.iter_mut().flatten().for_each(change);
}
