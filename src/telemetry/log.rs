//! The log: logfmt, JSON or pretty lines on standard error, filtered by target and level.

use std::io::{self, IsTerminal};

use thiserror::Error;
use tracing::Dispatch;
use tracing::dispatcher::{SetGlobalDefaultError, set_global_default};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, Registry, fmt};

/// What libraries beneath us may say unless the operator's filter says otherwise: their INFO is not news of S3.
const QUIET_LIBRARIES: &str = "aws_config=warn,aws_credential_types=warn,aws_sdk_s3=warn,aws_sdk_sqs=warn,\
    aws_sdk_sts=warn,aws_smithy_runtime=warn,aws_smithy_runtime_api=warn,hyper=warn,hyper_util=warn,rustls=warn,\
    s3s=warn";

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Pretty on a terminal, else logfmt.
    #[default]
    Auto,
    /// `key=value` pairs, one line an event.
    Logfmt,
    /// One JSON object an event.
    Json,
    /// For people: aligned, coloured on a terminal.
    Pretty,
}

/// Why the log could not be set up.
#[derive(Debug, Error)]
pub enum LogError {
    /// The filter is not one.
    #[error("the log filter {filter:?} cannot be understood: write a level such as info, or target=level pairs")]
    Filter {
        /// The filter as given.
        filter: String,
        /// What is wrong with it.
        #[source]
        source: tracing_subscriber::filter::ParseError,
    },
    /// The process has a log already.
    #[error("the log is already set up")]
    AlreadySet(#[source] SetGlobalDefaultError),
}

/// Sends the process's log to standard error.
///
/// `filter` is a level (`info`) or a list of `target=level`, as `tracing_subscriber::filter::Targets` reads it; it
/// prevails over the quiet default for libraries where it names them.
///
/// # Errors
/// A filter that cannot be parsed, or a log that was set up before.
pub fn init(format: Format, filter: &str) -> Result<(), LogError> {
    let terminal = io::stderr().is_terminal();
    let format = match (format, terminal) {
        (Format::Auto, true) => Format::Pretty,
        (Format::Auto, false) => Format::Logfmt,
        (Format::Logfmt | Format::Json | Format::Pretty, _) => format,
    };
    set_global_default(dispatch(format, filter, terminal, io::stderr)?).map_err(LogError::AlreadySet)
}

/// A log into any writer.
pub(super) fn dispatch<W>(format: Format, filter: &str, colour: bool, writer: W) -> Result<Dispatch, LogError>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let parsed: Targets = format!("{QUIET_LIBRARIES},{filter}")
        .parse()
        .map_err(|source| LogError::Filter { filter: filter.to_owned(), source })?;
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match format {
        Format::Auto | Format::Logfmt => {
            Box::new(tracing_logfmt::builder().with_span_path(false).layer().with_writer(writer))
        }
        Format::Json => Box::new(fmt::layer().json().flatten_event(true).with_writer(writer)),
        Format::Pretty => Box::new(fmt::layer().with_target(false).with_ansi(colour).with_writer(writer)),
    };
    Ok(Dispatch::new(tracing_subscriber::registry().with(lines.with_filter(parsed))))
}
