//! The command line: one file a command, each read from top to bottom.

mod check;
mod completions;
mod configured;
mod demo;
mod exit;
mod healthcheck;
mod journey;
mod policies;
mod probe;
mod run;
mod schema;
mod signals;
mod sim;
pub mod written;

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use crate::telemetry::log::{self, Format};

/// A canary for S3 replication: proves that objects written to a source bucket arrive in the destination bucket of
/// another account and Region, under the right KMS key, intact, in time.
#[derive(Debug, Parser)]
#[command(name = "replicanary", version, max_term_width = 110, after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// What is logged: error, warn, info, debug, trace, or a filter such as `replicanary=debug`
    #[arg(long, alias = "log.level", global = true, default_value = "info", env = "REPLICANARY_LOG_LEVEL")]
    log_level: String,
    /// How it is logged; auto is pretty on a terminal and logfmt elsewhere
    #[arg(long, alias = "log.format", global = true, value_enum, default_value_t, env = "REPLICANARY_LOG_FORMAT")]
    log_format: LogFormat,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 a fault was found, 2 it could not be told, 64 wrong usage or \
configuration, 69 an address could not be bound, \
130 a second signal ended the drain.";

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum LogFormat {
    #[default]
    Auto,
    Logfmt,
    Json,
    Pretty,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the daemon: write canaries on schedule, follow, judge and remove them, and serve metrics, health and API
    Run(run::Run),
    /// Show the whole product on a simulated AWS, in one command, without an account
    Demo(demo::Demo),
    /// Write one canary now and show its journey; exit 0 replicated, 1 replication fault, 2 could not tell
    Probe(probe::Probe),
    /// Judge the whole set-up once; exit 1 when something is broken, 2 when something grave could not be told
    Check(check::Check),
    /// Print the least-privilege IAM, key and bucket policies that a configuration needs
    Policies(policies::Policies),
    /// Serve the simulated AWS alone, for any S3 client or SDK
    Sim(sim::Sim),
    /// Ask the local daemon whether it lives; for containers without a shell
    Healthcheck(healthcheck::Healthcheck),
    /// Print the JSON Schema of the configuration file
    Schema,
    /// Print shell completions
    Completions(completions::Completions),
}

/// Runs the command that the arguments name.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return exit::usage(&error),
    };
    let format = match arguments.log_format {
        LogFormat::Auto => Format::Auto,
        LogFormat::Logfmt => Format::Logfmt,
        LogFormat::Json => Format::Json,
        LogFormat::Pretty => Format::Pretty,
    };
    if let Err(error) = log::init(format, &arguments.log_level) {
        return exit::fault(exit::USAGE, &format!("--log-level: {error}"));
    }
    match arguments.command {
        Command::Run(command) => command.execute(),
        Command::Demo(command) => command.execute(),
        Command::Probe(command) => command.execute(),
        Command::Check(command) => command.execute(),
        Command::Policies(command) => command.execute(),
        Command::Sim(command) => command.execute(),
        Command::Healthcheck(command) => command.execute(),
        Command::Schema => schema::execute(),
        Command::Completions(command) => command.execute(),
    }
}
