//! `replicanary schema`: the JSON Schema of the configuration file.

use std::process::ExitCode;

use super::exit;

pub(super) fn execute() -> ExitCode {
    match serde_json::to_string_pretty(&crate::config::schema()) {
        Ok(text) => {
            exit::say(&text);
            ExitCode::SUCCESS
        }
        Err(error) => exit::fault(exit::SOFTWARE, &error),
    }
}
