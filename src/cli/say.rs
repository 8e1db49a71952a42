//! What commands say: results to standard output, trouble to standard error, and the exit code that goes with it.

use crate::config::Mistake;
use std::io::Write;
use std::process::ExitCode;

/// One line of result. A closed pipe is the reader's choice, not our failure.
#[must_use]
pub fn line(text: &str) -> ExitCode {
    let _ = writeln!(std::io::stdout(), "{text}");
    ExitCode::SUCCESS
}

/// Why it did not work; exit code 1.
#[must_use]
pub fn failure(text: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "switchboard: {text}");
    ExitCode::FAILURE
}

/// Every mistake of the configuration; exit code 1.
#[must_use]
pub fn mistakes(mistakes: &[Mistake]) -> ExitCode {
    let mut stderr = std::io::stderr();
    for mistake in mistakes {
        let _ = writeln!(stderr, "{mistake}");
    }
    let count = mistakes.len();
    failure(&format!("{count} mistake{} in the configuration", if count == 1 { "" } else { "s" }))
}
