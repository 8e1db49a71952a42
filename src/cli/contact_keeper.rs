//! `switchboard contact-keeper`: the process behind a contact of paging. The service starts it; nobody else needs it.

use crate::cli::say;
use crate::paging::keep;
use std::process::ExitCode;

/// Runs until standard input ends.
#[must_use]
pub fn run() -> ExitCode {
    match keep(&mut std::io::stdin().lock(), &mut std::io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => say::failure(&format!("the service starts this, people do not: {why}")),
    }
}
