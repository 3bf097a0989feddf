//! Arguments to command to exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    replicanary::cli::main()
}
