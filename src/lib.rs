//! Replicanary: a daemon that proves S3 replication works.
//!
//! # Bird's eye
//!
//! Companies replicate S3 buckets to another account and Region under KMS encryption. S3 does that silently, and it
//! breaks silently. Replicanary writes small objects, *canaries*, to the source bucket on a schedule, waits for each
//! to arrive in every destination, checks that it arrived intact and under the right key, removes it on every side,
//! and says what it found as metrics, health, API and page.
//!
//! ```text
//! file -> Config -> app -> prober(schedule) -> drive(Probe) -> CanaryStore -> answer back into Probe
//!                    |           '-> Report --.
//!                    |-> keys -> KMS ---------|
//!                    |-> reader -> CloudWatch |-> Observation -> telemetry (one owner) -> metrics, log line
//!                    |-> events <- SQS -------|                         '-> watch<Arc<Snapshot>> -> http
//!                    '-> auditor -> facts ----'
//! ```
//!
//! A canary says that something is wrong; the four loops beside it say what. [`domain::cause`] joins what they tell
//! with verdicts and states into one cause with evidence and a remedy.
//!
//! # Vocabulary
//!
//! A **route** is one source bucket and its **destinations**. A **probe** is one canary's life, a **leg** its progress
//! at one destination. A leg ends with a **verdict** and a **report**; the **lag** in it is an interval that contains
//! the truth, never a bare point. A **reading** is a datapoint of CloudWatch with its age, an **event** what S3 tells
//! of one object through a queue. An **audit** reads the **facts** of a set-up and checks them; each check answers with
//! a **finding**, and **drift** is what became another between two audits. A **cause** is the diagnosis. Everything
//! that happens is an **observation**; the health of all routes now is a **snapshot**.
//!
//! # Map
//!
//! | room | what lives there | knows |
//! |---|---|---|
//! | [`domain`] | probes, verdicts, readings, events, audit, policies, causes, health: pure | nothing |
//! | [`cloud`] | the port: what is asked of a cloud, and errors by what the caller must do | domain |
//! | [`aws`] | the port on the AWS SDK | cloud, domain |
//! | [`config`] | YAML to a checked [`config::Config`], every fault at once | domain |
//! | [`runtime`] | loops that perform what the domain decides | cloud, domain |
//! | [`telemetry`] | the single writer: observations to health, metrics, log | domain |
//! | [`http`] | metrics, health, API and page over a snapshot | telemetry, domain |
//! | [`sim`] | a simulated AWS for demo and tests | nothing |
//! | [`app`] | the composition root: builds, spawns, waits, drains | all of these |
//! | [`cli`] | one file a command | app and what it composes |
//!
//! # Invariants
//!
//! Each is a test in `tests/tidy.rs` or a lint; what is deliberately absent is part of the design.
//!
//! - The domain has no clock, no I/O, no async, no logging, no randomness: time and nonces are parameters, answers are
//!   values. That is why hours of replication can be tested in milliseconds, in any order of events.
//! - The simulator and the code that it judges share nothing. If it shared our mistakes, tests would pass on them.
//! - Only `aws` speaks to the SDK and only `telemetry` to the metrics library.
//! - Time is read in one place, `runtime::clock`. There is no global state and no task without an owner.
//! - One task turns observations into health, metrics and log, so that the three cannot disagree. A scrape or an API
//!   call reads a snapshot and never causes an AWS call.
//! - A setting read right after a change can be stale: a finding or a change is told once two reads in a row show it
//!   ([`domain::audit::steady`]). What could not be read is `unknown`, with the permission to grant, and ends nothing.
//! - What policies allow is read twice: by [`domain::policy`] from facts, where what is not known to be sent makes the
//!   answer depend on it, and by the simulator on its own. Tests let the two contradict each other.
//! - Silence of CloudWatch is a value. A reading that is too old is removed, and its age stays.
//! - Whatever is slow has its own bound: audits, looks at keys and readings run so many at once, and none of them is
//!   waited for by a canary, by `/livez` or by `/readyz`.
//! - No trouble of the monitor itself becomes a verdict about replication: it is `unknown`, and never health.
//! - Nothing is retried beneath the domain: a canary's call is one attempt, because a repeated PUT would be a second
//!   canary. The schedule is the retry.
//! - Nothing is stored. S3 itself is the journal: a canary's key and metadata carry all that a restarted monitor needs
//!   to judge or remove it.
//!
//! # A walk: one canary
//!
//! 1. `runtime::prober` sees that a route's [`domain::schedule::Schedule`] says `Write`, makes a
//!    [`domain::canary::Canary`] of the time and a nonce, and spawns `runtime::drive` with a fresh
//!    [`domain::probe::Probe`].
//! 2. `drive` asks the probe for its next step: `Run(Put)`. The adapter in `aws` sends a conditional PUT without
//!    encryption headers, so that the bucket's own default encryption is what gets tested.
//! 3. The answer goes back into the probe. From now on its source lane looks at `ReplicationStatus`, and one lane a
//!    destination looks for the replica **by version id**, at the times that [`domain::poll`] gives.
//! 4. Every 404 raises the lower bound of the lag, the first 200 fixes the upper one. The replica's version, size,
//!    metadata, key and, if asked for, bytes are compared with what was expected.
//! 5. The leg is judged: `Noted(Judged(report))`. `drive` hands it on as an [`domain::observation::Observation`].
//! 6. `telemetry` counts it, folds it into [`domain::health::Health`], logs a line if a state changed, and publishes
//!    a new [`domain::snapshot::Snapshot`] for `http`.
//! 7. Where S3's replication events are read from a queue, [`runtime::events`] hands them on too: they make the reason
//!    of a failed leg exact, whichever comes first.
//! 8. [`runtime::keys`], [`runtime::reader`] and [`runtime::auditor`] look at keys, metrics and the whole set-up at
//!    their own pace. With what they tell, [`domain::health`] names the cause of what is wrong.
//! 9. Once the source is terminal, the probe deletes the version on every side, and is finished. What could not be
//!    removed is counted as leaked, what had to stay at a stop is named.
//!
//! # A walk: one check
//!
//! 1. [`runtime::auditor`] gathers a route's [`domain::audit::facts::RouteFacts`] through [`cloud::AuditSource`]: each
//!    fact is a value, or why it could not be read.
//! 2. [`domain::audit`] runs every check of its table on them, and lets consequences name the fault that they follow
//!    from. The daemon tells what two reads agree on; `replicanary check` reads once and prints all of it, with the
//!    cause that the findings make likely; `--offline` does the same with facts that were saved.
//! 3. `replicanary policies` turns the same knowledge round: from the configuration to the documents that it needs,
//!    which the checks accept.

pub mod app;
pub mod aws;
pub mod cli;
pub mod cloud;
pub mod config;
pub mod domain;
pub mod http;
pub mod runtime;
pub mod sim;
pub mod telemetry;
