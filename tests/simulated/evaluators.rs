//! The evaluator of policies against the simulated AWS, which reads them by code of its own: they agree.
//!
//! Both know the whole context, so the evaluator has no reason to say that it depends. `EVALUATORS_SEED` takes another
//! seed than the usual one, `EVALUATORS_CASES` another number of cases.

#![expect(clippy::print_stdout, reason = "whoever repeats a run needs its seed")]

mod words;

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use replicanary::domain::policy::{
    Answer, Caller, Context, Denial, Document, Guard, Kind, Policies, Request, Set, Value, evaluate,
};
use replicanary::sim::{
    Access, AssumeRole, CreatePolicy, CreateRole, LatencyProfile, Moment, Physics, PutObject, Simulation, World,
};

use words::{ACTIONS, OTHER, PRINCIPALS, RESOURCES, ROLE, SESSION, SOURCE, Sent, document, sent};

const REGION: &str = "us-east-1";
const TRUST: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}}"#;

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().map_or(usual, |text| text.parse().expect("a number"))
}

/// Draws cases by the seed, and hands each to `check`, which says what kind of answer it was.
fn for_all<T: std::fmt::Debug>(cases: u64, strategy: impl Strategy<Value = T>, check: impl Fn(&T) -> &'static str) {
    let (seed, cases) = (number("EVALUATORS_SEED", 7), number("EVALUATORS_CASES", cases));
    println!("EVALUATORS_SEED={seed} EVALUATORS_CASES={cases}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let mut tally = std::collections::BTreeMap::new();
    for _ in 0..cases {
        let case = strategy.new_tree(&mut runner).expect("no strategy here rejects").current();
        *tally.entry(check(&case)).or_insert(0_u64) += 1;
    }
    println!("{tally:?}");
    for kind in ["allowed", "explicitDeny", "implicitDeny"] {
        let share = tally.get(kind).copied().unwrap_or(0);
        assert!(share * 100 >= cases * 15, "{kind} is too rare to test anything: {tally:?} of {cases}");
    }
}

fn word(answer: &Answer) -> &'static str {
    match answer {
        Answer::Allowed { .. } => "allowed",
        Answer::Denied(Denial::Explicit(_)) => "explicitDeny",
        Answer::Denied(Denial::Implicit { .. }) => "implicitDeny",
        Answer::Depends { .. } => "depends",
    }
}

fn read(text: &str, kind: Kind) -> Arc<Document> {
    Arc::new(Document::read(text, kind).unwrap_or_else(|flaw| panic!("{flaw}: {text}")))
}

fn closed(sent: &Sent) -> Context {
    sent.iter().fold(Context::closed(), |context, (key, values)| context.with(key, Value::Known(values.clone())))
}

/// A world with two accounts in which everything acts at once.
fn world() -> (World, Moment) {
    let physics = Physics {
        seed: 1,
        latency: LatencyProfile::Quick,
        propagation: Duration::ZERO,
        bucket_key_ttl: Duration::ZERO,
    };
    let (mut world, now) = (World::new(physics), Moment::from_unix(Duration::from_secs(1_800_000_000)));
    world.open_account(now, SOURCE);
    world.open_account(now, OTHER);
    (world, now)
}

#[test]
fn identity_policies_and_boundaries_are_read_alike() {
    let asked = (prop::sample::select(ACTIONS), prop::sample::select(RESOURCES), sent());
    let policies = (prop::collection::vec(document(&[]), 1..=2), prop::option::weighted(0.3, document(&[])));
    let (mut world, now) = world();
    let root = world.root(SOURCE).expect("an account of this world");
    let world = std::cell::RefCell::new(&mut world);
    for_all(6000, (policies, asked), |((identity, boundary), (action, resource, sent))| {
        let simulation = Simulation {
            principal: None,
            documents: identity.clone(),
            boundaries: boundary.iter().cloned().collect(),
            actions: vec![(*action).to_owned()],
            resources: vec![(*resource).to_owned()],
            context: sent.iter().flat_map(|(key, values)| values.iter().map(|v| (key.clone(), v.clone()))).collect(),
        };
        let told = world
            .borrow_mut()
            .simulate(now, &root, &simulation)
            .unwrap_or_else(|error| panic!("{error:?}: {simulation:?}"));
        let set = |texts: &[String]| {
            texts.iter().fold(Set::none(), |set, text| set.and("policy", read(text, Kind::Identity)))
        };
        let policies = Policies {
            identity: set(identity),
            boundary: boundary.as_ref().map(|text| set(std::slice::from_ref(text))),
            resource: Set::none(),
            owner: SOURCE.to_owned(),
            guard: Guard::Bucket,
        };
        let answer = evaluate(&policies, &Request::new(Caller::role(ROLE, None), action, resource, closed(sent)));
        assert_eq!(word(&answer), told[0].decision, "{answer}\n{simulation:#?}");
        told[0].decision
    });
}

/// A role's session that reads an object, the bucket in its own account or in another one.
fn reading(identity: &str, boundary: Option<&String>, bucket: &str, owner: &str) -> (Answer, Result<(), String>) {
    let (mut world, now) = world();
    let root = world.root(SOURCE).expect("an account of this world");
    let request = CreateRole { name: "crr".to_owned(), trust_policy: TRUST.to_owned(), ..CreateRole::default() };
    let role = world.create_role(now, &root, request).expect("a role");
    world.put_role_policy(now, &root, "crr", "own", identity).expect("a policy");
    if let Some(boundary) = boundary {
        let request = CreatePolicy { name: "limit".to_owned(), document: boundary.clone(), ..CreatePolicy::default() };
        let limit = world.create_policy(now, &root, request).expect("a managed policy");
        world.set_boundary(now, &root, "crr", Some(&limit.arn)).expect("a boundary");
    }
    let access = Access::of_root(&world, owner, REGION);
    world.create_bucket(now, &access, "orders", None, None).expect("a bucket");
    let object = PutObject { key: "a".to_owned(), ..PutObject::default() };
    world.put_object(now, &access, "orders", object).expect("an object");
    world.delete_public_access(now, &access, "orders").expect("a bucket open to policies");
    world.put_bucket_policy(now, &access, "orders", bucket).expect("a bucket policy");
    let request = AssumeRole { role_arn: ROLE.to_owned(), session_name: "s3".to_owned(), ..AssumeRole::default() };
    let session = world.assume_role(now, &root, &request).expect("a session").credential.caller;
    let access = Access::of(session, REGION.to_owned());
    let seen = world.head_object(now, &access, "orders", "a", None).map(drop).map_err(|error| format!("{error:?}"));
    let policies = Policies {
        identity: Set::of("own", read(identity, Kind::Identity)),
        boundary: boundary.map(|text| Set::of("limit", read(text, Kind::Identity))),
        resource: Set::of("bucket", read(bucket, Kind::Bucket)),
        owner: owner.to_owned(),
        guard: Guard::Bucket,
    };
    let caller = Caller::Role {
        arn: ROLE.to_owned(),
        account: SOURCE.to_owned(),
        unique_id: Some(role.unique_id),
        session: SESSION.rsplit('/').next().map(str::to_owned),
    };
    let request = Request::new(caller, "s3:GetObject", "arn:aws:s3:::orders/a", Context::closed());
    (evaluate(&policies, &request), seen)
}

#[test]
fn bucket_policies_decide_alike() {
    let owner = prop::sample::select(&[SOURCE, OTHER][..]);
    let policies = (document(&[]), prop::option::weighted(0.3, document(&[])), document(PRINCIPALS));
    for_all(3000, (policies, owner), |((identity, boundary, bucket), owner)| {
        let (answer, seen) = reading(identity, boundary.as_ref(), bucket, owner);
        assert_ne!(word(&answer), "depends", "{answer}\n{identity}\n{boundary:?}\n{bucket}\n{owner}");
        assert_eq!(
            answer.is_allowed(),
            seen.is_ok(),
            "{answer}\n{seen:?}\n{identity}\n{boundary:?}\n{bucket}\n{owner}"
        );
        word(&answer)
    });
}
