//! The loop: batches, ticks, snapshots, pulse and drain, on paused time.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{Instant, advance, sleep, timeout};

use super::script::{NOON, canary, report};
use crate::domain::observation::{Note, Observation};
use crate::domain::route::{Pause, RouteId};
use crate::domain::time::{Moment, Monotonic, UnixMillis};
use crate::domain::verdict::{State, Verdict};
use crate::telemetry::{BuildInfo, Handles, QUEUE_MAX, SNAPSHOT_GAP, Telemetry, sample};

fn clock() -> impl Fn() -> Moment + Send + Sync + 'static {
    let start = Instant::now();
    move || {
        let elapsed = start.elapsed();
        Moment { mono: Monotonic(elapsed), wall: NOON.plus(elapsed) }
    }
}

fn added() -> Observation {
    Observation::RouteAdded(RouteId(0), Arc::new(sample::route("orders", 1)))
}

fn judged(number: u64) -> Observation {
    canary(0, number, Note::Judged(report(number, 0, Verdict::Replicated)), Moment::default())
}

fn counted(handles: &Handles) -> u64 {
    let snapshot = Arc::clone(&handles.snapshots.borrow());
    snapshot.route("orders").map_or(0, |route| route.destinations[0].count(Verdict::Replicated))
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_follows_within_a_tenth_of_a_second() {
    let (telemetry, mut handles) = Telemetry::new(clock(), BuildInfo::default());
    let mut tasks = JoinSet::new();
    tasks.spawn(telemetry.run(pending()));
    handles.observations.send(added()).await.unwrap();
    for number in 1..50 {
        handles.observations.send(judged(number)).await.unwrap();
        sleep(SNAPSHOT_GAP + Duration::from_millis(1)).await;
        assert_eq!(counted(&handles), number);
    }
    handles.snapshots.mark_unchanged();
    let mut published = 0;
    let end = Instant::now() + Duration::from_secs(1);
    for number in 50..1000 {
        handles.observations.send(judged(number)).await.unwrap();
        advance(Duration::from_millis(1)).await;
        published += u32::from(handles.snapshots.has_changed().unwrap());
        handles.snapshots.mark_unchanged();
    }
    assert!(Instant::now() <= end);
    assert!((9..=12).contains(&published), "{published} snapshots in a second");
}

#[tokio::test(start_paused = true)]
async fn time_alone_changes_states_and_the_pulse_beats() {
    let (telemetry, handles) = Telemetry::new(clock(), BuildInfo::default());
    let now = clock();
    let mut tasks = JoinSet::new();
    tasks.spawn(telemetry.run(pending()));
    let mut route = sample::route("orders", 1);
    route.pause = Some(Pause::Until(UnixMillis(NOON.0 + 30_000)));
    handles.observations.send(Observation::RouteAdded(RouteId(0), Arc::new(route))).await.unwrap();
    sleep(Duration::from_secs(29)).await;
    let state = |handles: &Handles| handles.snapshots.borrow().route("orders").unwrap().state;
    assert_eq!(state(&handles), State::Paused);
    sleep(Duration::from_secs(3)).await;
    assert_eq!(state(&handles), State::Unknown);
    assert!(handles.pulse.silence(now().mono) <= Duration::from_secs(1));
    tasks.abort_all();
    while tasks.join_next().await.is_some() {}
    sleep(Duration::from_secs(40)).await;
    assert!(handles.pulse.silence(now().mono) >= Duration::from_secs(40));
}

#[tokio::test(start_paused = true)]
async fn the_end_counts_what_is_queued() {
    let (telemetry, handles) = Telemetry::new(clock(), BuildInfo::default());
    handles.observations.send(added()).await.unwrap();
    let queued = u64::try_from(QUEUE_MAX).unwrap() - 1;
    for number in 1..=queued {
        handles.observations.try_send(judged(number)).unwrap();
    }
    assert!(handles.observations.try_send(judged(0)).is_err(), "the queue is bounded");
    telemetry.run(async {}).await;
    assert_eq!(counted(&handles), queued);
    assert!(handles.observations.is_closed());
    let page = handles.metrics.render();
    assert!(page.contains(&format!("verdict=\"replicated\"}} {queued}\n")), "{page}");
}

#[tokio::test(start_paused = true)]
async fn it_ends_when_it_is_asked_to_or_when_everybody_is_gone() {
    let (telemetry, handles) = Telemetry::new(clock(), BuildInfo::default());
    let (stop, stopped) = oneshot::channel::<()>();
    let mut tasks = JoinSet::new();
    tasks.spawn(telemetry.run(async { drop(stopped.await) }));
    sleep(Duration::from_secs(5)).await;
    assert!(tasks.try_join_next().is_none());
    stop.send(()).unwrap();
    timeout(Duration::from_secs(1), tasks.join_next()).await.expect("it was asked to end");
    drop(handles);

    let (telemetry, handles) = Telemetry::new(clock(), BuildInfo::default());
    drop(handles);
    timeout(Duration::from_secs(1), telemetry.run(pending())).await.expect("nobody is left to tell it anything");
}
