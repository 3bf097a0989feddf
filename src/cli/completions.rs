//! `replicanary completions`: completion scripts for shells.

use std::io;
use std::process::ExitCode;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(super) fn execute(&self) -> ExitCode {
        clap_complete::generate(self.shell, &mut super::Arguments::command(), "replicanary", &mut io::stdout().lock());
        ExitCode::SUCCESS
    }
}
