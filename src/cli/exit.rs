//! Exit codes, and the only place that writes to standard output and standard error.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

/// Wrong usage or configuration (`EX_USAGE` of sysexits.h).
pub(super) const USAGE: u8 = 64;

/// Something that is needed cannot be had, such as an address to listen on (`EX_UNAVAILABLE`).
pub(super) const UNAVAILABLE: u8 = 69;

/// The program itself could not go on (`EX_SOFTWARE`).
pub(super) const SOFTWARE: u8 = 70;

/// A second signal ended the drain (128 + SIGINT).
pub(super) const INTERRUPTED: u8 = 130;

/// Says what is wrong, and ends with `code`.
pub(super) fn fault(code: u8, text: &dyn Display) -> ExitCode {
    say_aside(&format!("replicanary: {text}"));
    ExitCode::from(code)
}

/// Shows what clap has to say: help and version are no faults.
pub(super) fn usage(error: &clap::Error) -> ExitCode {
    let _closed = error.print();
    if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS }
}

/// Writes a line to standard output; a closed pipe is nobody's fault.
pub(super) fn say(line: &str) {
    let _closed = writeln!(io::stdout().lock(), "{line}");
}

/// Writes a line to standard error.
pub(super) fn say_aside(line: &str) {
    let _closed = writeln!(io::stderr().lock(), "{line}");
}
