//! Whatever the order of events: counts, pending, recovery point and gaps equal a naive account of everything, and
//! states begin and end by their rules alone.

use proptest::prelude::*;

use super::*;
use crate::domain::snapshot::Gap;

/// The life of one canary, as times in seconds.
#[derive(Debug, Clone)]
struct Life {
    /// From the write before.
    gap: u64,
    fate: Fate,
    /// From the write to the fate.
    decided_after: u64,
    /// From a loss to what follows it.
    followed_for: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Judged(Verdict),
    LostThenArrived,
    NotWritten,
    Silent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Write,
    Beyond,
    Decide,
    Follow,
}

/// Everything that ever happened to a canary.
#[derive(Debug, Clone, Copy)]
struct Account {
    written: UnixMillis,
    verdict: Option<Verdict>,
    good: bool,
    undecided: bool,
    pending: bool,
    beyond: bool,
}

fn lives() -> impl Strategy<Value = Vec<Life>> {
    let fate = prop_oneof![
        6 => prop::sample::select(vec![Verdict::Replicated, Verdict::Late]).prop_map(Fate::Judged),
        4 => prop::sample::select(Verdict::ALL.to_vec()).prop_map(Fate::Judged),
        1 => Just(Fate::LostThenArrived),
        1 => Just(Fate::NotWritten),
        1 => Just(Fate::Silent),
    ];
    let decided_after = prop_oneof![3 => 1..60_u64, 1 => 60..2000_u64];
    let life = (1..120_u64, fate, decided_after, 1..2000_u64)
        .prop_map(|(gap, fate, decided_after, followed_for)| Life { gap, fate, decided_after, followed_for });
    prop::collection::vec(life, 1..40)
}

/// The events of all lives in order of time.
fn events(lives: &[Life]) -> Vec<(u64, usize, Event)> {
    let mut events = Vec::new();
    let mut written = 0;
    for (canary, life) in lives.iter().enumerate() {
        written += life.gap;
        let decided = written + life.decided_after;
        events.push((written, canary, Event::Write));
        if life.decided_after > 300 {
            events.push((written + 300, canary, Event::Beyond));
        }
        events.push((decided, canary, Event::Decide));
        events.push((decided + life.followed_for, canary, Event::Follow));
    }
    events.sort_by_key(|(time, _, event)| (*time, *event));
    events
}

fn number(canary: usize) -> u32 {
    u32::try_from(canary).unwrap()
}

fn happen(bench: &mut Bench, accounts: &mut BTreeMap<usize, Account>, canary: usize, life: &Life, event: Event) {
    let id = number(canary);
    match event {
        Event::Write => {
            bench.send(id);
            let written = bench.wall();
            let account =
                Account { written, verdict: None, good: false, undecided: true, pending: true, beyond: false };
            accounts.insert(canary, account);
            return;
        }
        Event::Beyond => bench.note(id, Note::BeyondObjective { destination: 0 }),
        Event::Decide => match life.fate {
            Fate::Judged(verdict) => bench.judge(id, verdict),
            Fate::LostThenArrived => bench.judge(id, Verdict::Lost),
            Fate::NotWritten => bench.note(id, Note::WriteFailed { reason: Reason::Call(Trouble::AccessDenied) }),
            Fate::Silent => bench.note(id, Note::Ended),
        },
        Event::Follow => {
            if life.fate == Fate::LostThenArrived {
                let report = bench.report(id, 0, Verdict::Lost);
                bench.note(id, Note::ArrivedLate(report));
            }
            bench.note(id, Note::LegClosed { destination: 0 });
            bench.note(id, Note::Ended);
        }
    }
    let account = accounts.get_mut(&canary).unwrap();
    match event {
        Event::Write => {}
        Event::Beyond => account.beyond = true,
        Event::Decide => {
            account.undecided = false;
            account.verdict = match life.fate {
                Fate::Judged(verdict) => Some(verdict),
                Fate::LostThenArrived => Some(Verdict::Lost),
                Fate::NotWritten | Fate::Silent => None,
            };
            account.good = account.verdict.is_some_and(Verdict::is_arrival);
            account.pending = account.verdict == Some(Verdict::Lost);
        }
        Event::Follow => {
            account.good |= life.fate == Fate::LostThenArrived;
            account.pending = false;
        }
    }
}

fn naive_recovery_point(accounts: &BTreeMap<usize, Account>) -> Option<UnixMillis> {
    let undecided_before = |at| accounts.values().any(|other| other.undecided && other.written < at);
    let good = accounts.values().filter(|account| account.good && !undecided_before(account.written));
    good.map(|account| account.written).max()
}

fn naive_gaps(accounts: &BTreeMap<usize, Account>) -> Vec<Gap> {
    let arrived = |account: &&Account| account.verdict.is_some_and(Verdict::is_arrival);
    let good: Vec<UnixMillis> = accounts.values().filter(arrived).map(|account| account.written).collect();
    let mut gaps: Vec<Gap> = Vec::new();
    for account in accounts.values() {
        let Some(verdict) = account.verdict.filter(|verdict| verdict.is_fault()) else { continue };
        let from = good.iter().copied().rfind(|at| *at < account.written);
        let to = good.iter().copied().find(|at| *at > account.written);
        if gaps.last().is_none_or(|last| (last.from, last.to) != (from, to)) {
            gaps.push(Gap { from, to, verdict });
        }
    }
    gaps
}

proptest! {
    #[test]
    fn everything_equals_a_naive_account(lives in lives()) {
        let mut bench = Bench::new(1);
        let mut accounts = BTreeMap::new();
        let mut now = 0;
        for (time, canary, event) in events(&lives) {
            bench.sleep(time - now);
            now = time;
            happen(&mut bench, &mut accounts, canary, &lives[canary], event);
            let shown = bench.destination(0);
            for verdict in Verdict::ALL {
                let naive = accounts.values().filter(|account| account.verdict == Some(verdict)).count();
                prop_assert_eq!(shown.count(verdict), naive as u64);
            }
            let pending: Vec<UnixMillis> =
                accounts.values().filter(|account| account.pending).map(|account| account.written).collect();
            prop_assert_eq!(shown.pending, pending.len() as u64);
            prop_assert_eq!(shown.oldest_pending, pending.first().copied());
            prop_assert_eq!(shown.recovery_point, naive_recovery_point(&accounts));
            prop_assert_eq!(shown.gaps, naive_gaps(&accounts));
        }
        prop_assert_eq!(bench.destination(0).pending, 0);
    }

    #[test]
    fn states_begin_and_end_by_their_rules_alone(lives in lives()) {
        let mut bench = Bench::new(1);
        let mut accounts = BTreeMap::new();
        let mut judged: Vec<(Verdict, UnixMillis)> = Vec::new();
        let mut now = 0;
        for (time, canary, event) in events(&lives) {
            bench.sleep(time - now);
            now = time;
            let before = bench.destination(0);
            happen(&mut bench, &mut accounts, canary, &lives[canary], event);
            let after = bench.destination(0);
            let account = accounts[&canary];
            if let (Event::Decide, Some(verdict)) = (event, account.verdict) {
                // What could not be told of a canary older than an arrival says nothing of now.
                let newer_arrived = accounts.values().any(|other| other.good && other.written > account.written);
                if verdict != Verdict::Unknown || !newer_arrived {
                    judged.push((verdict, account.written));
                }
                let at_least = match verdict {
                    Verdict::Lost | Verdict::Failed | Verdict::Mismatched => State::Failing,
                    Verdict::Uncovered => State::Misconfigured,
                    Verdict::Replicated | Verdict::Late | Verdict::Unknown => State::Healthy,
                };
                prop_assert!(after.state >= at_least);
            }
            let row = judged.iter().rev().take_while(|(verdict, _)| verdict.is_arrival());
            let row = row.filter(|(_, at)| *at > before.since).count();
            let told = judged.iter().any(|(verdict, _)| *verdict != Verdict::Unknown);
            if matches!(before.state, State::Failing | State::Misconfigured) && after.state < before.state {
                prop_assert!(row >= 2, "{:?} -> {:?}", before.state, after.state);
            }
            if before.state == State::Failing && after.state == State::Failing {
                prop_assert!(row < 2);
            }
            prop_assert!(told || after.state >= State::Unknown);
            prop_assert!(!told || after.reason != Reason::Starting);
            let beyond = accounts.values().any(|account| account.beyond && account.undecided);
            prop_assert!(!(beyond && after.state == State::Healthy));
            if !beyond {
                prop_assert_ne!(after.state, State::Stalled);
            }
            if before.state == after.state {
                prop_assert_eq!(before.since, after.since);
            }
            prop_assert!(after.since <= bench.wall());
        }
        // Two more arrivals heal whatever was left.
        for canary in lives.len()..lives.len() + 2 {
            bench.sleep(60);
            bench.arrive(number(canary));
        }
        prop_assert_eq!(bench.state(), State::Healthy);
    }
}
