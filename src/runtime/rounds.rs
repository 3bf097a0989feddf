//! Slow work for every route, in rounds: bounded in width, and again sooner where it failed.
//!
//! One loop for all routes, not a task a route: a sleeping task would hold the memory of the calls that it may make.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};

use super::side::Channel;

/// How many routes are worked on at once.
const WIDTH: usize = 64;

/// How often a round comes.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// From the end of one round over all routes to the next.
    pub every: Duration,
    /// How soon routes come again for which the work failed.
    pub retry: Duration,
}

/// Does `work` for every route, for ever; `work` answers whether it succeeded. `first` is told when the first round is
/// over.
pub async fn keep<S, W>(
    channels: Vec<Arc<Channel<S>>>,
    pace: Pace,
    first: impl FnOnce(),
    work: impl Fn(Arc<Channel<S>>) -> W,
) where
    W: Future<Output = bool>,
{
    let mut failed = round(&channels, &work).await;
    first();
    let mut left = pace.every;
    loop {
        let pause = if failed.is_empty() { left } else { pace.retry.min(left) };
        tokio::time::sleep(pause).await;
        left = left.saturating_sub(pause);
        if left.is_zero() {
            left = pace.every;
            failed = round(&channels, &work).await;
        } else {
            failed = round(&failed, &work).await;
        }
    }
}

/// Answers the routes for which the work failed.
async fn round<S, W>(channels: &[Arc<Channel<S>>], work: &impl Fn(Arc<Channel<S>>) -> W) -> Vec<Arc<Channel<S>>>
where
    W: Future<Output = bool>,
{
    stream::iter(channels.to_vec())
        .map(|channel| async {
            let done = work(Arc::clone(&channel)).await;
            (channel, done)
        })
        .buffer_unordered(WIDTH)
        .filter_map(|(channel, done)| std::future::ready((!done).then_some(channel)))
        .collect()
        .await
}
