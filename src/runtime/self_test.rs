//! Finds out whether a side shows that an object is absent: HEAD of a key that was never written.
//!
//! Without `s3:ListBucket` S3 answers 403 instead of 404 for an object that is not there (HeadObject, S3 API
//! reference), and a replica that has not arrived yet looks like a missing permission. HEAD has no body, so wrong
//! credentials look the same; a listing of the key has one, and tells them apart.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::watch;

use crate::cloud::CanaryStore;
use crate::domain::name::ObjectKey;
use crate::domain::object::Trouble;
use crate::domain::observation::{Observation, SelfTest, Side};
use crate::domain::route::Route;

use super::clock::Clock;
use super::reporter::Reporter;
use super::rounds::{self, Pace};
use super::side::{Channel, Gate};

/// How often a side that answered is tested again.
pub const REPEAT: Duration = Duration::from_secs(60 * 60);

/// How soon a side that gave no answer is tested again.
pub const RETRY: Duration = Duration::from_secs(60);

/// How long the first tests may take before the daemon goes on without them.
pub const FIRST: Duration = Duration::from_secs(5);

/// Tests every side of a route once, and reports; answers whether all of them answered.
pub async fn test_route<S: CanaryStore>(channel: &Channel<S>, clock: &Clock, reporter: &Reporter) -> bool {
    let tests = channel.sides().map(|(side, gate)| test_side(channel, side, gate, clock, reporter));
    join_all(tests).await.into_iter().all(|answered| answered)
}

/// Tests every route for as long as it is polled: at the start, then each hour, and each minute where a side gave no
/// answer. `attempted` turns true when every route was tested once, whatever the outcome, or [`FIRST`] is over.
pub async fn keep_testing<S: CanaryStore>(
    channels: Vec<Arc<Channel<S>>>,
    clock: Clock,
    reporter: Reporter,
    attempted: watch::Sender<bool>,
) {
    let pace = Pace { every: REPEAT, retry: RETRY };
    let tests = rounds::keep(
        channels,
        pace,
        || _ = attempted.send_replace(true),
        |channel| {
            let (clock, reporter) = (&clock, &reporter);
            async move { test_route(&channel, clock, reporter).await }
        },
    );
    let late = async {
        tokio::time::sleep(FIRST).await;
        attempted.send_replace(true);
        std::future::pending().await
    };
    tokio::select! {
        () = tests => {}
        () = late => {}
    }
}

async fn test_side<S: CanaryStore>(
    channel: &Channel<S>,
    side: Side,
    gate: &Gate<S>,
    clock: &Clock,
    reporter: &Reporter,
) -> bool {
    let key = never_written_key(&channel.route);
    let Some(_turn) = gate.turn().await else { return false };
    let outcome = look(gate, &key).await;
    gate.learn(outcome);
    reporter.observe(Observation::SelfTest { route: channel.id, side, outcome, at: clock.now() }).await;
    !matches!(outcome, SelfTest::NoAnswer(_))
}

/// HEAD has no body: a bare 403 may also be wrong credentials or a skewed clock. A listing tells them apart.
async fn look<S: CanaryStore>(gate: &Gate<S>, key: &ObjectKey) -> SelfTest {
    let outcome = outcome(gate.store.head(key, None).await.map_err(|error| error.kind()));
    if outcome != SelfTest::RefusedWithoutListing {
        return outcome;
    }
    match gate.store.versions(key).await.map_err(|error| error.kind()) {
        Err(Trouble::AccessDenied) => SelfTest::RefusedWithoutListing,
        Err(trouble) if !trouble.is_answer() => SelfTest::NoAnswer(trouble),
        // Whoever may list is shown absence; a HEAD that is refused again is refused for another reason.
        Ok(_) | Err(_) => match gate.store.head(key, None).await.map_err(|error| error.kind()) {
            Err(Trouble::AccessDenied) => SelfTest::NoAnswer(Trouble::AccessDenied),
            again => self::outcome(again),
        },
    }
}

fn outcome<T>(head: Result<T, Trouble>) -> SelfTest {
    match head {
        Err(Trouble::AccessDenied) => SelfTest::RefusedWithoutListing,
        Err(trouble) if !trouble.is_answer() => SelfTest::NoAnswer(trouble),
        Ok(_) | Err(_) => SelfTest::SeesAbsence,
    }
}

/// A key beside the route's canaries that no canary has.
fn never_written_key(route: &Route) -> ObjectKey {
    ObjectKey::new(&format!("{}{}/{}/self-test", route.canary.prefix, route.instance, route.name))
}
