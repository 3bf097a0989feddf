//! Keys that S3 cannot use: whatever the canaries say.

use super::*;
use crate::domain::key::{KeyFacts, KeyFound, KeyLook, KeyManager, KeyState};
use crate::domain::name::KmsKey;

const ARN: &str = "arn:aws:kms:us-east-1:222222222222:key/a";
const THERE: Side = Side::Destination(0);

fn facts(state: KeyState) -> KeyFound {
    KeyFound::Facts(Arc::new(KeyFacts {
        arn: KmsKey::new(ARN),
        account: None,
        region: None,
        state,
        deletion: None,
        manager: KeyManager::Customer,
        spec: None,
        usage: None,
        multi_region: false,
    }))
}

impl Bench {
    fn look(&mut self, side: Side, found: KeyFound) {
        let look = Some(KeyLook { named: KmsKey::new("alias/a"), found });
        self.observe(&Observation::Key { route: ROUTE, side, look, at: self.now });
    }
}

#[test]
fn a_broken_key_is_misconfigured_while_canaries_stay_green() {
    for (found, reason) in [
        (facts(KeyState::Disabled), Trouble::KmsDisabled),
        (facts(KeyState::PendingDeletion), Trouble::KmsInvalidState),
        (facts(KeyState::PendingImport), Trouble::KmsInvalidState),
        (facts(KeyState::Unavailable), Trouble::KmsInvalidState),
        (KeyFound::Missing, Trouble::KmsNotFound),
    ] {
        let mut bench = Bench::healthy();
        bench.look(THERE, found.clone());
        assert_eq!((bench.state(), bench.shown().reason), (State::Misconfigured, Reason::Call(reason)), "{found:?}");
        let message = bench.shown().message.clone();
        assert!(message.contains("the destination destination-0") && message.contains("key"), "{message}");
        for canary in 1..6 {
            bench.arrive(canary);
            bench.look(THERE, found.clone());
            assert_eq!(bench.state(), State::Misconfigured, "{found:?}");
        }
        bench.look(THERE, facts(KeyState::Enabled));
        assert_eq!(bench.state(), State::Healthy, "arrivals were not wanting");
    }
}

#[test]
fn it_ends_only_after_two_arrivals() {
    let mut bench = Bench::healthy();
    bench.look(THERE, facts(KeyState::Disabled));
    bench.sleep(60);
    bench.look(THERE, facts(KeyState::Enabled));
    assert_eq!(bench.state(), State::Misconfigured);
    assert!(bench.shown().message.contains("can be used again"), "{}", bench.shown().message);
    bench.arrive(1);
    assert_eq!(bench.state(), State::Misconfigured);
    bench.arrive(2);
    assert_eq!(bench.state(), State::Healthy);
}

#[test]
fn what_cannot_be_seen_begins_and_ends_nothing() {
    for unseen in [KeyFound::Denied, KeyFound::NoAnswer(Trouble::TimedOut), facts(KeyState::Other)] {
        let mut bench = Bench::healthy();
        bench.look(THERE, unseen.clone());
        assert_eq!(bench.state(), State::Healthy, "{unseen:?}");
        assert_eq!(bench.destination(0).keys.destination.unwrap().usable(), None);
        bench.look(THERE, facts(KeyState::Disabled));
        bench.look(THERE, unseen.clone());
        bench.arrive(1);
        bench.arrive(2);
        assert_eq!(bench.state(), State::Misconfigured, "{unseen:?}");
        assert!(bench.shown().message.contains("Disabled"), "{}", bench.shown().message);
    }
}

#[test]
fn a_failure_outranks_it_and_a_key_that_is_needed_no_more_ends_it() {
    let mut bench = Bench::healthy();
    bench.look(THERE, facts(KeyState::Disabled));
    bench.send(1);
    bench.judge(1, Verdict::Failed);
    assert_eq!(bench.state(), State::Failing);
    bench.observe(&Observation::Key { route: ROUTE, side: THERE, look: None, at: bench.now });
    assert_eq!(bench.destination(0).keys.destination, None);
    bench.sleep(60);
    bench.arrive(2);
    bench.arrive(3);
    assert_eq!(bench.state(), State::Healthy);
}

#[test]
fn the_sources_key_concerns_every_destination_and_the_other_one_its_own() {
    let mut bench = Bench::new(2);
    for canary in 0..2 {
        bench.send(canary);
        bench.judge_at(canary, 0, Verdict::Replicated);
        bench.judge_at(canary, 1, Verdict::Replicated);
    }
    let states = |bench: &mut Bench| (bench.destination(0).state, bench.destination(1).state);
    bench.look(Side::Destination(1), facts(KeyState::Disabled));
    assert_eq!(states(&mut bench), (State::Healthy, State::Misconfigured));
    bench.look(Side::Source, facts(KeyState::PendingDeletion));
    assert_eq!(states(&mut bench), (State::Misconfigured, State::Misconfigured));
    bench.look(Side::Source, facts(KeyState::Enabled));
    assert!(bench.destination(1).message.contains("the destination destination-1"), "{}", bench.destination(1).message);
    assert!(bench.destination(0).message.contains("can be used again"), "{}", bench.destination(0).message);
}
