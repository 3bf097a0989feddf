//! The documents that `policies` prints, put in their places: enough for replication and for the monitor, and no more.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use replicanary::app::Daemon;
use replicanary::config;
use replicanary::config::FileShape;
use replicanary::domain::audit::finding::{Finding, Outcome, Severity};
use replicanary::domain::verdict::{State, Verdict};
use replicanary::sim::{Options, Simulator};
use serde_json::{Map, Value, json};

use super::faulty_worlds::{Named, audit, fate, in_parallel, is_told, only_the_route};
use super::harness::{Run, on_paused_time, pace, parsed, shape_of, simulator, world};
use super::setup::{REPLICA_ACCOUNT, ROLE, ROLE_POLICY, ROUTE, SOURCE_ACCOUNT, Setup};
use super::worlds::Fate;

/// What the monitor's roles ask of whoever assumes them.
const EXTERNAL_ID: &str = "acme:monitor/42";

/// The monitor's role, the same name in both accounts.
const MONITOR: &str = "replicanary";

/// Within this long the daemon has judged canaries, removed some, and read everything twice.
const KNOWN: Duration = Duration::from_secs(150);

#[test]
fn replication_works_with_the_printed_documents_and_nothing_is_to_be_told() {
    on_paused_time(async {
        let printed = Printed::new(&|_| {}).await;
        let documents = printed.documents("replication", Some(&printed.setup.role));
        assert_eq!(documents.len(), 5, "{documents:?}");
        replace(&printed.setup, &documents, SourceKey::Delegates).await;
        let audit = audit(&printed.setup.simulator, &parsed(&printed.shape)).await;
        let told: Vec<&Finding> = audit.findings.iter().filter(|finding| is_told(finding)).collect();
        assert!(told.is_empty() && !audit.is_uncertain(), "{told:#?}");
        assert_eq!(fate(&printed.setup, "replicanary/an-object").await, Fate::Arrives);
    });
}

/// One statement taken away; of the two that each suffice for the source key, where the other does not count.
struct Without {
    document: &'static str,
    sid: &'static str,
    source_key: SourceKey,
}

/// Who says what may be done with the source key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SourceKey {
    /// Its account's IAM policies, and the printed statement.
    Delegates,
    /// Its account's IAM policies alone.
    DelegatesAlone,
    /// The printed statement alone: its account does no more than administer it.
    Administered,
}

const fn without(document: &'static str, sid: &'static str) -> Without {
    Without { document, sid, source_key: SourceKey::Delegates }
}

const STATEMENTS: &[Without] = &[
    without("replication_role_trust", "S3AssumesRole"),
    without("replication_role_policy", "SourceBucket"),
    without("replication_role_policy", "SourceObjects"),
    Without { source_key: SourceKey::DelegatesAlone, ..without("replication_role_policy", "SourceKey") },
    without("replication_role_policy", "Replicas"),
    without("replication_role_policy", "ReplicaKey"),
    Without { source_key: SourceKey::Administered, ..without("source_key_statement", "ReplicationDecrypts") },
    without("destination_key_statement", "ReplicationEncrypts"),
    without("destination_bucket_policy", "ReplicationWrites"),
    without("destination_bucket_policy", "ReplicationLooks"),
];

#[test]
fn no_printed_statement_can_be_missed() {
    on_paused_time(async {
        let printed = Printed::new(&|_| {}).await;
        let documents = printed.documents("replication", Some(&printed.setup.role));
        let sids = |(name, document): (&String, &Value)| {
            let statements = document["Statement"].as_array().expect("statements");
            statements.iter().map(|it| format!("{name} {}", it["Sid"].as_str().expect("a Sid"))).collect::<Vec<_>>()
        };
        let mut all: Vec<String> = documents.iter().flat_map(sids).collect();
        let mut tried: Vec<String> = STATEMENTS.iter().map(Named::name).collect();
        all.sort();
        tried.sort();
        assert_eq!(tried, all);
    });
    let rows: Vec<&Without> = STATEMENTS.iter().collect();
    in_parallel(&rows, |row| on_paused_time(missed(row)));
}

/// Complains where the audit does not miss the statement, or says less than what S3 does without it.
async fn missed(row: &Without) -> Vec<String> {
    let printed = Printed::new(&|_| {}).await;
    let setup = &printed.setup;
    let config = parsed(&printed.shape);
    let mut documents = printed.documents("replication", Some(&setup.role));
    replace(setup, &documents, row.source_key).await;
    let mut complaints = Vec::new();
    let before = audit(&setup.simulator, &config).await;
    let fate_before = fate(setup, "replicanary/before").await;
    let told: Vec<&str> = before.faults().filter(|it| is_told(it)).map(|finding| finding.check.id).collect();
    if fate_before != Fate::Arrives || !told.is_empty() {
        complaints.push(format!("with the statement: {fate_before:?}, {told:?}"));
    }
    let statements = documents.get_mut(row.document).and_then(|it| it["Statement"].as_array_mut()).expect("statements");
    let count = statements.len();
    statements.retain(|statement| statement["Sid"] != row.sid);
    assert_eq!(statements.len() + 1, count, "{}", row.name());
    replace(setup, &documents, row.source_key).await;
    let after = audit(&setup.simulator, &config).await;
    let fate = fate(setup, "replicanary/after").await;
    let is_new = |finding: &&Finding| !before.findings.contains(finding);
    if !after.faults().any(|finding| is_new(&finding)) {
        complaints.push(format!("the audit misses nothing; an object's fate is {fate:?}"));
    }
    if fate != Fate::Arrives && !after.errors().any(|finding| is_new(&finding)) {
        complaints.push(format!("an object's fate is {fate:?}, and no error is told"));
    }
    complaints
}

#[test]
fn the_monitor_needs_no_more_than_the_printed_documents() {
    on_paused_time(async {
        let printed = Printed::new(&as_monitor).await;
        let setup = &printed.setup;
        let documents = printed.documents("monitor", Some(&setup.role));
        for (account, side) in [(SOURCE_ACCOUNT, "source"), (REPLICA_ACCOUNT, "destination")] {
            let document = |what: &str| documents[&format!("monitor_{side}_{what}")].to_string();
            let iam = setup.iam_in(account);
            let create = iam.create_role().role_name(MONITOR).assume_role_policy_document(document("trust"));
            create.send().await.expect("IAM creates the role");
            let put = iam.put_role_policy().role_name(MONITOR).policy_name("monitor");
            put.policy_document(document("policy")).send().await.expect("IAM takes the policy");
        }
        let config = parsed(&printed.shape);
        let daemon = Daemon::start(&config, world(&setup.simulator, 0)).await;
        let run = Run { simulator: setup.simulator.clone(), daemon, config };
        tokio::time::sleep(KNOWN).await;
        assert_sees_everything(&run);
        assert_audit_certain(&run);
        let (drained, left) = run.stop().await;
        assert!(left.is_empty(), "{drained:?}: {left:?}");
    });
}

fn assert_sees_everything(run: &Run) {
    let leg = run.leg(0);
    assert_eq!((leg.state, leg.cause.as_deref()), (State::Healthy, None), "{}", leg.message);
    assert!(leg.count(Verdict::Replicated) >= 10, "{:?}", leg.verdicts);
    let others: Vec<Verdict> =
        Verdict::ALL.into_iter().filter(|it| *it != Verdict::Replicated && leg.count(*it) > 0).collect();
    assert!(others.is_empty(), "{others:?}");
    let usable = [&leg.keys.source, &leg.keys.destination].map(|key| key.as_ref().and_then(|key| key.usable()));
    assert_eq!(usable, [Some(true); 2], "{:?}", leg.keys);
    assert!(leg.cloudwatch.rule_id().is_some(), "{:?}", leg.cloudwatch);
    let page = run.daemon.metrics().render();
    let calls = |operation: &str| {
        let of = format!("operation=\"{operation}\"");
        let mut counted = page.lines().filter(|line| line.starts_with("replicanary_aws_requests_total{"));
        counted.any(|line| line.contains(&of))
    };
    for operation in ["AssumeRole", "GetMetricData", "DescribeKey", "GetObject", "SimulatePrincipalPolicy"] {
        assert!(calls(operation), "{operation} was not called:\n{page}");
    }
    let failures: Vec<&str> =
        page.lines().filter(|line| line.starts_with("replicanary_aws_request_failures_total{")).collect();
    assert!(failures.iter().all(|line| line.ends_with(" 0")), "{failures:#?}");
}

fn assert_audit_certain(run: &Run) {
    let leg = run.leg(0);
    let summary = leg.audit.as_ref().expect("an audit");
    let is_open = |finding: &Finding| finding.outcome == Outcome::Unknown || finding.severity > Severity::Info;
    let open: Vec<_> = summary.findings.iter().filter(|finding| is_open(finding)).collect();
    assert!(open.is_empty(), "{open:#?}");
    assert!(summary.ok > 50, "{summary:?}");
}

/// Both sides are reached with roles, which the source's own keys assume.
fn as_monitor(shape: &mut FileShape) {
    for route in shape.routes.iter_mut().flatten() {
        let source = route.source.as_mut().expect("a source");
        source.role_arn = Some(format!("arn:aws:iam::{SOURCE_ACCOUNT}:role/{MONITOR}").as_str().into());
        source.external_id = Some(EXTERNAL_ID.into());
        for to in route.destinations.iter_mut().flatten() {
            to.access_key_id.clone_from(&source.access_key_id);
            to.secret_access_key.clone_from(&source.secret_access_key);
            to.role_arn = Some(format!("arn:aws:iam::{REPLICA_ACCOUNT}:role/{MONITOR}").as_str().into());
            to.external_id = Some(EXTERNAL_ID.into());
        }
    }
}

/// Puts the documents in place of the world's own.
async fn replace(setup: &Setup, documents: &Map<String, Value>, source_key: SourceKey) {
    let document = |name: &str| documents[name].clone();
    let put = setup.iam.put_role_policy().role_name(ROLE).policy_name(ROLE_POLICY);
    let put = put.policy_document(document("replication_role_policy").to_string());
    put.send().await.expect("IAM takes the policy");
    let mut trust = document("replication_role_trust");
    if trust["Statement"] == json!([]) {
        // A role trusts somebody.
        trust["Statement"] = json!([{
            "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole",
        }]);
    }
    setup.trust(|policy| *policy = trust).await;
    setup.bucket_policy(|policy| *policy = document("destination_bucket_policy")).await;
    let statements = |name: &str| documents[name]["Statement"].as_array().expect("statements").clone();
    setup.replica_key_policy(|policy| with_root(policy, &statements("destination_key_statement"))).await;
    let printed = statements("source_key_statement");
    setup
        .source_key_policy(|policy| match source_key {
            SourceKey::Delegates => with_root(policy, &printed),
            SourceKey::DelegatesAlone => with_root(policy, &[]),
            SourceKey::Administered => {
                with_root(policy, &printed);
                policy["Statement"][0]["Action"] = json!(["kms:Describe*", "kms:Get*", "kms:List*", "kms:Put*"]);
            }
        })
        .await;
}

/// Leaves of a key policy what lets the account's own policies decide, and adds statements.
fn with_root(policy: &mut Value, more: &[Value]) {
    let kept = policy["Statement"].as_array_mut().expect("statements");
    kept.retain(|statement| statement["Principal"]["AWS"].as_str().is_some_and(|who| who.ends_with(":root")));
    assert_eq!(kept.len(), 1, "{kept:?}");
    kept[0]["Action"] = json!("kms:*");
    kept.extend_from_slice(more);
}

impl Named for Without {
    fn name(&self) -> String {
        format!("{} {}", self.document, self.sid)
    }
}

/// A world whose policies are to be replaced, and the configuration that they are printed for.
struct Printed {
    setup: Setup,
    shape: FileShape,
}

impl Printed {
    async fn new(adjust: &(dyn Fn(&mut FileShape) + Sync)) -> Self {
        let simulator: Simulator = simulator(&Options { bucket_key_ttl: Duration::ZERO, ..Options::default() });
        let shape = shape_of(&simulator, 0, usize::MAX, &pace(), |shape| {
            only_the_route(shape);
            adjust(shape);
        });
        Self { setup: Setup::new(&simulator).await, shape }
    }

    /// What the command prints, by name without the route's.
    fn documents(&self, party: &str, replication_role: Option<&str>) -> Map<String, Value> {
        let thread = std::thread::current().id();
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("policies-{}-{thread:?}", std::process::id()));
        let text = config::render(&self.shape).expect("a configuration that can be written");
        std::fs::write(&file, text).expect("a file");
        let mut command = Command::new(env!("CARGO_BIN_EXE_replicanary"));
        command.args(["policies", "--for", party, "--config"]).arg(&file);
        command.args(replication_role.iter().flat_map(|role| ["--replication-role", role]));
        let output = command.output().expect("the binary starts");
        std::fs::remove_file(&file).expect("the file is ours");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let all: Map<String, Value> = serde_json::from_slice(&output.stdout).expect("JSON");
        let named = |(name, document): (String, Value)| {
            let name = name.strip_prefix(&format!("{ROUTE}.")).expect("the route's name").to_owned();
            (name, document)
        };
        all.into_iter().map(named).collect()
    }
}
