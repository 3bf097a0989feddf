//! Tests of the law itself: the world is a function of journal and time, however often it is asked.

use proptest::prelude::*;

use super::*;

/// Something done to a world, or asked of it.
#[derive(Clone, Debug)]
enum Step {
    Pass(u32),
    Put(u8),
    Delete(u8),
    Mark(u8),
    Fault(usize, bool, Option<u8>),
    Configure(bool),
    DisableKey(bool),
}

fn step() -> impl Strategy<Value = Step> {
    let replication_faults: Vec<usize> = (0..Fault::ALL.len()).filter(|n| !Fault::ALL[*n].is_edge()).collect();
    prop_oneof![
        4 => (1_u32..3_000_000).prop_map(Step::Pass),
        5 => (0_u8..4).prop_map(Step::Put),
        1 => any::<u8>().prop_map(Step::Delete),
        1 => (0_u8..4).prop_map(Step::Mark),
        3 => (prop::sample::select(replication_faults), any::<bool>(), prop::option::of(1_u8..8))
            .prop_map(|(fault, on, seconds)| Step::Fault(fault, on, seconds)),
        1 => any::<bool>().prop_map(Step::Configure),
        1 => any::<bool>().prop_map(Step::DisableKey),
    ]
}

/// Performs the steps; `nosy` looks at everything all the time.
fn run(steps: &[Step], nosy: bool) -> (Lab, Vec<(String, String)>) {
    let mut lab = Lab::bare(11);
    lab.build(BucketEncryption { algorithm: Algorithm::Kms, key_id: None, bucket_key: true });
    let rule = lab.rule("all", 1, TARGET);
    let mut written = Vec::new();
    for step in steps {
        perform(&mut lab, step, &rule, &mut written, nosy);
        if nosy {
            look(&mut lab, &written);
        }
    }
    lab.pass(60.0);
    Fault::ALL.iter().for_each(|fault| lab.fault(*fault, false));
    lab.pass(60.0);
    (lab, written)
}

fn perform(lab: &mut Lab, step: &Step, rule: &ReplicationRule, written: &mut Vec<(String, String)>, nosy: bool) {
    match *step {
        Step::Pass(micros) => {
            let parts = if nosy { 7 } else { 1 };
            for part in 1..=parts {
                lab.now = lab.now.plus(Duration::from_micros((micros / parts).into()));
                if part == parts {
                    lab.now = lab.now.plus(Duration::from_micros((micros % parts).into()));
                }
                if nosy {
                    look(lab, written);
                }
            }
        }
        Step::Put(n) => {
            let request = PutObject { key: format!("key-{n}"), ..canary() };
            if let Ok(outcome) = lab.put_with(request) {
                written.push((format!("key-{n}"), outcome.version_id.unwrap()));
            }
        }
        Step::Delete(n) => {
            if let Some((key, version)) = written.get(usize::from(n) % written.len().max(1)).cloned() {
                lab.delete(SOURCE, &key, Some(&version));
            }
        }
        Step::Mark(n) => {
            lab.delete(SOURCE, &format!("key-{n}"), None);
        }
        Step::Fault(index, on, seconds) => {
            let seconds = seconds.filter(|_| on).map(f64::from);
            lab.world.set_fault(lab.now, SOURCE, None, Fault::ALL[index], on, seconds).unwrap();
        }
        Step::Configure(enabled) => {
            // A destination that a fault hides cannot be named.
            let _refused = lab.try_rules(vec![ReplicationRule { enabled, ..rule.clone() }]);
        }
        Step::DisableKey(enabled) => {
            let key = lab.default_key(TARGET).unwrap();
            let caller = lab.owner_of(TARGET).caller;
            lab.world.set_key_enabled(lab.now, &caller, THERE, &key, enabled).unwrap();
        }
    }
}

fn look(lab: &mut Lab, written: &[(String, String)]) {
    for (key, version) in written {
        lab.truth(key, version);
        let access = lab.owner_of(TARGET);
        let _any = lab.world.get_object(lab.now, &access, TARGET, key, Some(version));
    }
    lab.world.contents(lab.now, TARGET);
    lab.world.faults(lab.now);
    lab.world.description(lab.now);
}

fn fates(lab: &mut Lab, written: &[(String, String)]) -> Vec<Truth> {
    written.iter().map(|(key, version)| lab.truth(key, version)).collect()
}

/// Everything in a bucket, bytes and all.
fn bytes_of(lab: &mut Lab, bucket: &str) -> String {
    format!("{:?}", lab.world.contents(lab.now, bucket))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn asking_changes_nothing_and_replaying_the_journal_gives_the_same_world(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let (mut calm, written) = run(&steps, false);
        let (mut nosy, same) = run(&steps, true);
        prop_assert_eq!(&written, &same);
        let truth = fates(&mut calm, &written);
        prop_assert_eq!(&truth, &fates(&mut nosy, &written));
        for bucket in [SOURCE, TARGET] {
            prop_assert_eq!(bytes_of(&mut calm, bucket), bytes_of(&mut nosy, bucket));
        }
        for row in truth.iter().flat_map(|truth| &truth.destinations) {
            prop_assert!(row.arrives_at.is_some() != row.fails_at.is_some(), "undecided: {:?}", row);
            prop_assert_eq!(row.fails_at.is_some(), row.reason.is_some());
        }
        let mut replayed = Lab::bare(11);
        replayed.world = World::new(physics(11));
        for (stamp, change) in calm.world.journal.clone() {
            replayed.world.state.apply(stamp, change);
        }
        replayed.now = calm.now;
        prop_assert_eq!(&truth, &fates(&mut replayed, &written));
        prop_assert_eq!(bytes_of(&mut calm, TARGET), bytes_of(&mut replayed, TARGET));
    }

    #[test]
    fn what_is_decided_never_changes(steps in prop::collection::vec(step(), 1..60)) {
        let mut lab = Lab::replicating(4);
        let rule = lab.rule("all", 1, TARGET);
        let mut written = Vec::new();
        let mut before: Vec<Truth> = Vec::new();
        for step in &steps {
            perform(&mut lab, step, &rule, &mut written, false);
            let now = fates(&mut lab, &written);
            let rows = now.iter().flat_map(|truth| &truth.destinations);
            for (old, new) in before.iter().flat_map(|truth| &truth.destinations).zip(rows) {
                prop_assert!(old.arrives_at.is_none() || old == new, "{:?} became {:?}", old, new);
                prop_assert!(old.fails_at.is_none() || old == new, "{:?} became {:?}", old, new);
            }
            before = now;
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let world = |seed| {
        let mut lab = Lab::replicating(seed);
        let version = lab.put(KEY);
        lab.pass(7.0);
        let described = lab.world.description(lab.now);
        (version.clone(), lab.truth(KEY, &version), bytes_of(&mut lab, TARGET), described)
    };
    assert_eq!(world(1), world(1));
    let (one, two) = (world(1), world(2));
    assert_ne!(one.0, two.0);
    assert_ne!(one.1, two.1);
    assert_ne!(one.3.keys, two.3.keys);
    assert_eq!(one.3.accounts, two.3.accounts, "access keys depend on the account alone");
}

#[test]
fn a_change_at_the_instant_of_an_attempt_comes_before_it() {
    let mut lab = Lab::replicating(1);
    let version = lab.put(KEY);
    let (due, _) = lab.world.state.clone().agenda.take_before(lab.now.plus(Duration::from_secs(60))).unwrap();
    lab.now = due;
    assert_eq!(lab.status(KEY, &version), Some(ReplicationStatus::Pending), "what is due now is still open");
    lab.fault(Fault::RoleDenied, true);
    lab.pass(1.0);
    assert_eq!(lab.reason(KEY, &version), Some("DstPutObjectNotPermitted"));
}

#[test]
fn a_hundred_thousand_versions_all_arrive_and_can_be_read() {
    let mut lab = Lab::replicating(1);
    let versions: Vec<(String, String)> = (0..100_000)
        .map(|n| {
            let key = format!("replicanary/{n}");
            let version = lab.put(&key);
            lab.pass(0.001);
            (key, version)
        })
        .collect();
    lab.pass(7.0);
    for (key, version) in &versions {
        assert_eq!(lab.status(key, version), Some(ReplicationStatus::Completed));
        assert!(lab.head(TARGET, key, version).is_ok());
    }
}
