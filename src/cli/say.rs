//! What commands say: results to standard output, trouble to standard error, and the exit code that goes with it.

use crate::config::Mistake;
use crate::simulator::Style;
use std::io::{IsTerminal, Write};
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

/// The command was used wrongly; exit code 2.
#[must_use]
pub fn usage(text: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "switchboard: {text}");
    ExitCode::from(2)
}

/// Something to know that is not the result.
pub fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Text as it is, seen at once.
pub fn text(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

/// One JSON document.
pub fn json(value: &impl serde::Serialize) {
    let mut stdout = std::io::stdout().lock();
    let _ = serde_json::to_writer_pretty(&mut stdout, value);
    let _ = writeln!(stdout);
}

/// What the service answered: as it came, or in words.
#[must_use]
pub fn answer(value: &serde_json::Value, as_json: bool, words: impl FnOnce(&serde_json::Value) -> String) -> ExitCode {
    if as_json {
        json(value);
    } else {
        text(&words(value));
    }
    ExitCode::SUCCESS
}

/// How transcripts look here: coloured on a terminal, unless NO_COLOR is set; as wide as COLUMNS says.
#[must_use]
pub fn style() -> Style {
    let columns = std::env::var_os("COLUMNS").and_then(|columns| columns.to_str()?.parse().ok());
    let coloured = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
    Style { coloured, width: columns.unwrap_or(Style::PLAIN.width).clamp(60, 160) }
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
