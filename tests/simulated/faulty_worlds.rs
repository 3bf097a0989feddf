//! Every world with one fault: what S3 does there, what one audit finds, and which cause it comes to.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use replicanary::app::{World, build_channels};
use replicanary::aws::{CallMeter, ClientPool};
use replicanary::config::Config;
use replicanary::config::shape::FileShape;
use replicanary::domain::audit::Audit;
use replicanary::domain::audit::finding::{Finding, Outcome, Severity};
use replicanary::domain::cause::{self, Cause};
use replicanary::runtime::auditor::audit_once;
use replicanary::sim::{Options, Simulator};

use super::harness::{config_of, on_paused_time, pace, simulator, world};
use super::setup::{ROLE, ROUTE, SOURCE, Setup};
use super::worlds::{self, Fate, Fault};

/// Within this long S3 has decided about an object.
const DECIDED: Duration = Duration::from_secs(30);

/// The most errors that one fault may be told as.
const ERRORS_MAX: usize = 3;

#[test]
fn each_fault_is_found_and_its_cause_named() {
    let faults: Vec<&Fault> = worlds::all().collect();
    assert!(faults.len() >= 70, "{} worlds", faults.len());
    let names: BTreeSet<_> = faults.iter().map(|fault| fault.name).collect();
    assert_eq!(names.len(), faults.len(), "two worlds have the same name");
    in_parallel(&faults, |fault| {
        let seen = on_paused_time(Seen::of(&[fault]));
        let mut complaints = seen.against(fault.fate, fault.findings);
        let named = seen.cause.as_ref().map_or("", |cause| cause.id.as_str());
        if named != fault.cause {
            complaints.push(format!("the cause is {named:?} instead of {:?}", fault.cause));
        }
        complaints
    });
}

#[test]
fn the_untouched_world_has_no_finding_above_info_and_no_cause() {
    let seen = on_paused_time(Seen::of(&[]));
    assert_eq!(seen.fate, Fate::Arrives);
    let told: Vec<_> = seen.audit.findings.iter().filter(|it| is_told(it)).collect();
    assert!(told.is_empty(), "{told:#?}");
    assert!(!seen.audit.is_uncertain(), "{:#?}", seen.audit);
    assert_eq!(seen.cause, None);
}

#[test]
fn iam_takes_no_document_as_the_tutorial_prints_it() {
    on_paused_time(async {
        let setup = Setup::new(&simulator(&Options::default())).await;
        for (what, document) in worlds::tutorial::refused() {
            let put = setup.iam.put_role_policy().role_name(ROLE).policy_name("as-printed");
            let refusal = put.policy_document(document.to_string()).send().await.expect_err(what);
            assert!(refusal.into_service_error().is_malformed_policy_document_exception(), "{what}");
        }
    });
}

/// Two faults at once, and the cause that must come first.
struct Pair(&'static str, &'static str, &'static str);

const PAIRS: &[Pair] = &[
    Pair("the role is gone", "the destination key is disabled", "role_missing"),
    Pair("the rule is disabled", "the destination bucket has no policy", "rule_disabled"),
    Pair("the configuration is gone", "the destination key is disabled", "replication_configuration_missing"),
    Pair("the role trusts another service", "the destination key's policy does not name the role", "role_trust_broken"),
    Pair("versioning is suspended at the destination", "the role may not encrypt", "destination_versioning_off"),
    Pair("the role may not decrypt", "the requester pays at the destination", "destination_requester_pays"),
    Pair("the role may not read ACLs", "a Deny on s3:Replicate* for the role", "role_source_permission_missing"),
    Pair("the source key is disabled", "the rule is for another prefix", "source_key_disabled"),
    Pair("the destination bucket has no policy", "the destination key is disabled", "destination_policy_missing"),
    Pair("the rule leaves out SSE-KMS objects", "the role was deleted and created again", "kms_opt_in_missing"),
    Pair("the rule names its key by alias", "the role may not write replicas", "role_destination_permission_missing"),
];

#[test]
fn of_two_faults_the_one_that_s3_meets_first_is_the_cause() {
    let pairs: Vec<&Pair> = PAIRS.iter().collect();
    in_parallel(&pairs, |Pair(first, second, expected)| {
        let faults = [first, second].map(|name| named(name));
        let seen = on_paused_time(Seen::of(&faults));
        let cause = seen.cause.as_ref().map_or("", |cause| cause.id.as_str());
        let mut complaints = Vec::new();
        if cause != *expected {
            complaints.push(format!("the cause is {cause:?} instead of {expected:?}"));
        }
        for fault in faults {
            let is_found = |id: &&&str| seen.audit.faults().any(|found| found.check.id == **id);
            let stands = fault.findings.iter().any(|id| is_found(&id));
            if !stands {
                complaints.push(format!("nothing is told of: {}", fault.name));
            }
        }
        complaints
    });
}

/// The world of that name.
pub(crate) fn named(name: &str) -> &'static Fault {
    worlds::all().find(|fault| fault.name == name).unwrap_or_else(|| panic!("no world {name}"))
}

/// What one reading tells of a world.
struct Seen {
    fate: Fate,
    audit: Audit,
    cause: Option<Cause>,
}

impl Seen {
    /// Breaks the default world, writes an object, lets time pass, and looks.
    async fn of(faults: &[&Fault]) -> Self {
        // S3 keeps no bucket-level key here: what it holds would hide for a while that KMS refuses.
        let simulator = simulator(&Options { bucket_key_ttl: Duration::ZERO, ..Options::default() });
        let config = config_of(&simulator, 0, usize::MAX, &pace(), only_the_route);
        let setup = Setup::new(&simulator).await;
        for fault in faults {
            (fault.break_it)(&setup).await;
        }
        let audit = audit(&simulator, &config).await;
        let fate = fate(&setup, "replicanary/an-object").await;
        let cause = cause::of_audit(&audit.findings, 0);
        Self { fate, audit, cause }
    }

    /// What differs from what is expected.
    fn against(&self, fate: Fate, findings: &[&str]) -> Vec<String> {
        let mut complaints = Vec::new();
        if self.fate != fate {
            complaints.push(format!("the object's fate is {:?} instead of {fate:?}", self.fate));
        }
        for id in findings {
            if !self.audit.faults().any(|fault| fault.check.id == *id) {
                complaints.push(format!("{id} is not found"));
            }
        }
        for told in self.audit.findings.iter().filter(|it| is_told(it) && !findings.contains(&it.check.id)) {
            let Finding { severity, title, evidence, .. } = told;
            complaints.push(format!("{} is found: {severity}: {title}: {evidence}", told.check.id));
        }
        let errors = self.audit.errors().count();
        if errors > ERRORS_MAX {
            complaints.push(format!("{errors} errors"));
        }
        for fault in self.audit.faults() {
            if fault.evidence.is_empty() || fault.remedy.is_empty() {
                complaints.push(format!("{} lacks evidence or a remedy: {fault:?}", fault.check.id));
            }
        }
        complaints
    }
}

/// Leaves the route that is broken, alone.
pub(crate) fn only_the_route(shape: &mut FileShape) {
    let routes = shape.routes.as_mut().expect("routes");
    routes.retain(|route| route.name == Some(ROUTE.into()));
}

/// Whether a finding says that something is wrong, and not only worth knowing.
pub(crate) fn is_told(finding: &Finding) -> bool {
    finding.outcome == Outcome::Fault && finding.severity > Severity::Info
}

/// What becomes of an object that is written now.
pub(crate) async fn fate(setup: &Setup, key: &str) -> Fate {
    let version = match setup.write(key).await {
        Ok(version) => version,
        Err(code) => return Fate::Refused(known(&code)),
    };
    tokio::time::sleep(DECIDED).await;
    let truth = setup.simulator.truth(SOURCE, key, &version);
    match truth.as_ref().map(|truth| truth.destinations.as_slice()) {
        None | Some([]) => Fate::Untaken,
        Some([row]) => match row.reason {
            Some(reason) => Fate::Fails(reason),
            None if row.arrives_at.is_some() => Fate::Arrives,
            None => panic!("undecided after {DECIDED:?}: {row:?}"),
        },
        Some(rows) => panic!("one destination takes it once: {rows:?}"),
    }
}

/// The code as the tables write it.
fn known(code: &str) -> &'static str {
    let codes = worlds::all().filter_map(|fault| match fault.fate {
        Fate::Refused(code) => Some(code),
        Fate::Arrives | Fate::Fails(_) | Fate::Untaken => None,
    });
    codes.into_iter().find(|each| *each == code).unwrap_or_else(|| panic!("refused with {code}"))
}

/// One reading with the real adapter, judged.
pub(crate) async fn audit(simulator: &Simulator, config: &Config) -> Audit {
    let World { clock, environment, .. } = world(simulator, 0);
    let pool = ClientPool::new(environment, CallMeter::silent());
    let channels = build_channels(config, &pool).await;
    let (_, audit) = Box::pin(audit_once(&channels[0], &clock)).await;
    audit
}

/// Judges every row on all cores, and fails with all complaints at once.
pub(crate) fn in_parallel<T: Named + Sync>(rows: &[&T], judge: impl Fn(&T) -> Vec<String> + Sync) {
    let next = AtomicUsize::new(0);
    let all = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let judged = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| judge(row)));
                    let complaints = judged.unwrap_or_else(|_| vec!["a panic, see above".to_owned()]);
                    if !complaints.is_empty() {
                        let text = format!("{}:\n  {}", row.name(), complaints.join("\n  "));
                        all.lock().expect("no judge holds it while it panics").push(text);
                    }
                }
            });
        }
    });
    let all = all.into_inner().expect("no judge holds it while it panics");
    assert!(all.is_empty(), "{} of {} worlds:\n{}", all.len(), rows.len(), all.join("\n"));
}

/// A row of a table.
pub(crate) trait Named {
    fn name(&self) -> String;
}

impl Named for Fault {
    fn name(&self) -> String {
        self.name.to_owned()
    }
}

impl Named for Pair {
    fn name(&self) -> String {
        format!("{} and {}", self.0, self.1)
    }
}
