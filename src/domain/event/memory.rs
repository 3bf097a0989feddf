//! What came before: S3 and SQS deliver an event once or more often, and it is counted once.

use std::collections::{HashSet, VecDeque};

use super::Identity;

/// How many events are remembered.
pub const REMEMBERED_MAX: usize = 10_000;

/// The newest events, by identity.
#[derive(Debug, Default)]
pub struct Memory {
    known: HashSet<Identity>,
    oldest_first: VecDeque<Identity>,
}

impl Memory {
    /// Whether an event is new; it is remembered from now on, and the oldest is forgotten in its place.
    pub fn is_news(&mut self, identity: Identity) -> bool {
        if !self.known.insert(identity) {
            return false;
        }
        self.oldest_first.push_back(identity);
        if self.oldest_first.len() > REMEMBERED_MAX
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}
