//! Whether one side answers the monitor, and since when it does not.

use std::time::Duration;

use crate::domain::object::Trouble;
use crate::domain::time::{Moment, Monotonic};

/// Fewer calls than this prove nothing about a side: one call can meet a hiccup.
const TRIES_MIN: u32 = 2;

/// What is known of the monitor's calls to one side.
#[derive(Debug, Default)]
pub(super) struct Contact {
    silence: Option<Silence>,
}

/// Calls in a row that were not answered.
#[derive(Debug)]
struct Silence {
    since: Monotonic,
    tries: u32,
    trouble: Trouble,
}

impl Contact {
    /// A call was answered: with a result, or with a refusal that tells something about the object or the bucket.
    pub(super) fn answered(&mut self) {
        self.silence = None;
    }

    /// A call was not answered.
    pub(super) fn unanswered(&mut self, trouble: Trouble, at: Moment) {
        match &mut self.silence {
            None => self.silence = Some(Silence { since: at.mono, tries: 1, trouble }),
            Some(silence) => {
                silence.tries = silence.tries.saturating_add(1);
                silence.trouble = trouble;
            }
        }
    }

    /// What the last call met, if it was not answered.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.silence.as_ref().map(|silence| silence.trouble)
    }

    /// What the calls meet, if calls were tried and none was answered for `limit`.
    pub(super) fn silent_for(&self, limit: Duration, now: Moment) -> Option<Trouble> {
        let silence = self.silence.as_ref()?;
        (silence.tries >= TRIES_MIN && now.mono.since(silence.since) >= limit).then_some(silence.trouble)
    }

    /// When [`Contact::silent_for`] comes true unless a call is answered before.
    pub(super) fn silent_at(&self, limit: Duration) -> Option<Monotonic> {
        self.silence.as_ref().map(|silence| silence.since.plus(limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::UnixMillis;

    fn at(seconds: u64) -> Moment {
        Moment { mono: Monotonic(Duration::from_secs(seconds)), wall: UnixMillis(seconds * 1000) }
    }

    #[test]
    fn silence_counts_from_the_first_unanswered_call_after_an_answer() {
        let limit = Duration::from_secs(60);
        let mut contact = Contact::default();
        contact.unanswered(Trouble::TimedOut, at(0));
        contact.answered();
        contact.unanswered(Trouble::TimedOut, at(50));
        contact.unanswered(Trouble::Throttled, at(70));
        assert_eq!(contact.silent_for(limit, at(109)), None);
        assert_eq!(contact.silent_for(limit, at(110)), Some(Trouble::Throttled));
        assert_eq!(contact.silent_at(limit), Some(at(110).mono));
        contact.answered();
        assert_eq!(contact.silent_for(limit, at(1000)), None);
        assert_eq!(contact.trouble(), None);
    }

    #[test]
    fn one_call_is_not_a_silence() {
        let mut contact = Contact::default();
        contact.unanswered(Trouble::TimedOut, at(0));
        assert_eq!(contact.silent_for(Duration::from_secs(60), at(3600)), None);
        contact.unanswered(Trouble::TimedOut, at(3600));
        assert_eq!(contact.silent_for(Duration::from_secs(60), at(3600)), Some(Trouble::TimedOut));
    }
}
