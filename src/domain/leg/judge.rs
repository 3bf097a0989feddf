//! Where a leg that has not arrived is judged: the source's word, the deadline, and what the looks at the destination
//! prove.

use std::time::Duration;

use super::search::{Miss, Search};
use super::{Remains, World};
use crate::domain::object::Trouble;
use crate::domain::probe::standing::{End, Standing};
use crate::domain::reason::Reason;
use crate::domain::time::Moment;
use crate::domain::verdict::Verdict;

/// How long a replica may lag behind the source's COMPLETED, whatever the objective.
const BEHIND_COMPLETED: Duration = Duration::from_secs(30);
/// How many unanswered looks end a leg that was judged before its source ended.
const LAST_LOOKS: u32 = 3;

/// Which leg is judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case {
    /// Whether it has its verdict, and is only followed.
    pub(super) is_judged: bool,
    /// Whether the source stands in for the destination.
    pub(super) stands_in: bool,
}

/// What follows from what is known.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Nothing yet.
    Wait,
    /// The exact key is to be listed first.
    Examine,
    /// The source said COMPLETED for a destination that nobody may read.
    StoodIn(Moment),
    /// A verdict.
    Judge(Verdict, Reason, Then),
    /// The end of a leg that was judged before.
    End(Remains),
}

/// What happens to a leg after its verdict.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// It is followed further: the replica may still come.
    Follow,
    /// It is over.
    End(Remains),
}

/// Judges a leg whose replica was not seen.
pub(super) fn decide(search: &Search, case: Case, world: World<'_>) -> Decision {
    if let Standing::Ended(end, since) = world.held.standing {
        if end == End::Completed && case.stands_in {
            return Decision::StoodIn(since);
        }
        let decision = source_ended(search, case, world, end, since);
        if decision != Decision::Wait {
            return decision;
        }
    }
    if case.is_judged { Decision::Wait } else { at_deadline(search, case, world) }
}

/// The source has its last word: one look sent after it tells.
fn source_ended(search: &Search, case: Case, world: World<'_>, end: End, since: Moment) -> Decision {
    let Some(miss) = search.miss().filter(|miss| is_after(*miss, since, case)) else {
        let hopeless = case.is_judged && search.troubles_since_end() >= LAST_LOOKS;
        return if hopeless { Decision::End(Remains::Perhaps) } else { Decision::Wait };
    };
    let unlisted = !search.is_listed() && !case.stands_in;
    let age = |moment: Moment| world.held.write.age(moment.mono);
    let patience = BEHIND_COMPLETED.min(world.route.canary.objective).max(world.polls.gap(age(since)) * 2);
    let is_only = world.route.destinations.len() == 1;
    let ended = |verdict, reason| Decision::Judge(verdict, reason, Then::End(Remains::Nothing));
    match end {
        End::Completed | End::NoStatus if unlisted => Decision::Examine,
        _ if case.is_judged => Decision::End(Remains::Nothing),
        End::Failed if is_only || age(miss.sent) >= world.route.canary.objective => {
            ended(Verdict::Failed, Reason::SourceFailed)
        }
        End::Completed if miss.sent.mono.since(since.mono) >= patience => {
            if world.sibling_arrived {
                ended(Verdict::Uncovered, Reason::SiblingArrived)
            } else {
                ended(Verdict::Lost, Reason::CompletedButAbsent)
            }
        }
        End::NoStatus => ended(Verdict::Uncovered, Reason::NoStatus),
        End::Completed | End::Failed | End::Gone => Decision::Wait,
    }
}

/// The deadline passed, and the look that belongs to it ended.
fn at_deadline(search: &Search, case: Case, world: World<'_>) -> Decision {
    let Some(last) = search.last().filter(|last| world.is_past_deadline(last.sent)) else { return Decision::Wait };
    let end = world.held.standing.end().map(|(end, _)| end);
    let unknown = |reason| {
        let then = if end.is_some() { Then::End(Remains::Perhaps) } else { Then::Follow };
        Decision::Judge(Verdict::Unknown, reason, then)
    };
    let is_untold = case.stands_in && world.held.standing == Standing::Untold;
    if is_untold || !proves_beyond(search, world) {
        return unknown(search.trouble().map_or(Reason::Unanswered, Reason::Call));
    }
    match end {
        Some(End::Failed) => Decision::Judge(Verdict::Failed, Reason::SourceFailed, Then::End(Remains::Perhaps)),
        Some(End::Completed) if last.missed => Decision::Wait,
        Some(End::Gone) => unknown(Reason::Call(Trouble::NotFound)),
        None if !search.is_listed() && !case.stands_in && world.held.standing != Standing::Pending => Decision::Examine,
        Some(End::Completed | End::NoStatus) | None => {
            Decision::Judge(Verdict::Lost, Reason::DeadlinePassed, Then::Follow)
        }
    }
}

/// Whether the destination was looked at after the objective, and had nothing.
fn proves_beyond(search: &Search, world: World<'_>) -> bool {
    search.miss().is_some_and(|miss| world.held.write.age(miss.sent.mono) >= world.route.canary.objective)
}

/// Whether a miss came after the source's last word. Where the source stands in, that word is itself the miss.
fn is_after(miss: Miss, since: Moment, case: Case) -> bool {
    let seen = if case.stands_in { miss.answered } else { miss.sent };
    seen.mono >= since.mono
}
