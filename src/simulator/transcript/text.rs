//! A transcript for people: timed, aligned, wrapped.

use super::{Actor, Kind, Report, RequestLine, Step};
use std::fmt::Write as _;

/// How a transcript is set.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Escape sequences for colour.
    pub coloured: bool,
    /// Columns of the terminal.
    pub width: usize,
}

impl Style {
    /// No colours, a hundred columns: for files and tests.
    pub const PLAIN: Self = Self { coloured: false, width: 100 };
}

/// Columns before the text: time, two spaces, the actor, two spaces.
const MARGIN: usize = 19;
/// A URL is cut here; its state can be long and says little to a reader.
const LONGEST_PATH: usize = 44;

/// One step as one or more lines, each with its line feed.
#[must_use]
pub fn write_step(step: &Step, style: Style) -> String {
    let time = clock(step.at_ms);
    let (who, text) = match (&step.request, step.kind) {
        (Some(request), _) => ("\u{2192}", describe(request)),
        (None, Kind::Said) => (step.actor.as_str(), format!("\u{201c}{}\u{201d}", step.text)),
        (None, Kind::Did | Kind::Request) => (step.actor.as_str(), step.text.clone()),
        (None, Kind::Warning | Kind::Error) => {
            let word = if step.kind == Kind::Error { "error" } else { "warning" };
            let code = step.code.map_or_else(String::new, |code| format!("{code} "));
            (word, format!("{code}{}", step.text))
        }
    };
    let colour = if style.coloured { colour(step) } else { "" };
    let reset = if colour.is_empty() { "" } else { "\u{1b}[0m" };
    let mut out = String::new();
    for (row, line) in wrap(&text, style.width.saturating_sub(MARGIN).max(30)).enumerate() {
        let _ = match row {
            0 => writeln!(out, "{time:>8}  {colour}{who:<7}  {line}{reset}"),
            _ => writeln!(out, "{:MARGIN$}{colour}{line}{reset}", ""),
        };
    }
    out
}

/// The last line of a call.
#[must_use]
pub fn summary(report: &Report) -> String {
    let verdict = if report.went_through { "went through" } else { "did NOT go through" };
    let mut text = format!("{:8}  {verdict}: {}, {} after {} s", "", report.ended, report.status, report.duration_s);
    for dialled in &report.dialled {
        let _ = write!(text, "; {} {}", dialled.to, dialled.status);
    }
    for recorded in report.recordings.iter().filter(|recorded| !recorded.absent) {
        let _ = write!(text, "; recorded {} s", recorded.seconds);
    }
    text.push('\n');
    text
}

/// `1:03.2`
fn clock(ms: u64) -> String {
    format!("{}:{:02}.{}", ms / 60_000, ms / 1000 % 60, ms / 100 % 10)
}

fn describe(request: &RequestLine) -> String {
    let path = request.url.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
    let path = path.unwrap_or(&request.url);
    let mut short: String = path.chars().take(LONGEST_PATH).collect();
    if path.chars().count() > LONGEST_PATH {
        short.push('\u{2026}');
    }
    let status = request.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    let mut text =
        format!("{:<4} {short:<LONGEST_PATH$}  {status} {:>3.0} ms  {}", request.method, request.ms, request.purpose);
    if request.attempts > 1 {
        let _ = write!(text, ", tried {} times", request.attempts);
    }
    text
}

const fn colour(step: &Step) -> &'static str {
    match (step.kind, step.actor) {
        (Kind::Error, _) => "\u{1b}[31m",
        (Kind::Warning, _) => "\u{1b}[33m",
        (Kind::Request, _) => "\u{1b}[2m",
        (_, Actor::Caller) => "\u{1b}[36m",
        (_, Actor::Line) => "\u{1b}[32m",
        (_, Actor::Callee) => "\u{1b}[35m",
        (_, Actor::Carrier) => "",
    }
}

/// Lines of at most `width` characters, broken at spaces; a longer word has a line of its own.
fn wrap(text: &str, width: usize) -> impl Iterator<Item = String> {
    let mut lines = vec![String::new()];
    let mut length = 0;
    for word in text.split(' ') {
        let size = word.chars().count();
        if length > 0 && length + 1 + size > width {
            lines.push(String::new());
            length = 0;
        }
        if let Some(line) = lines.last_mut() {
            if length > 0 {
                line.push(' ');
                length += 1;
            }
            line.push_str(word);
            length += size;
        }
    }
    lines.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn step(kind: Kind, actor: Actor, text: &str) -> Step {
        Step::new(Duration::from_millis(63_250), actor, kind, text)
    }

    #[test]
    fn steps_are_aligned_and_long_ones_wrapped() {
        let said = step(Kind::Said, Actor::Line, "Thank you for calling. This call may be recorded.");
        let narrow = Style { coloured: false, width: 50 };
        let expected = "  1:03.2  line     \u{201c}Thank you for calling. This\n                   call may be recorded.\u{201d}\n";
        assert_eq!(write_step(&said, narrow), expected);
        let did = step(Kind::Did, Actor::Caller, "presses 1");
        assert_eq!(write_step(&did, Style::PLAIN), "  1:03.2  caller   presses 1\n");
    }

    #[test]
    fn requests_show_path_status_and_time() {
        let request = RequestLine {
            purpose: "gather action",
            method: "POST",
            url: format!("https://voice.example.net/twilio/dtmf?v=1&n={}", "2".repeat(60)),
            status: Some(200),
            ms: 4.2,
            attempts: 1,
            twiml: None,
        };
        let step = Step { request: Some(request), ..step(Kind::Request, Actor::Carrier, "") };
        let path = format!("/twilio/dtmf?v=1&n={}\u{2026}", "2".repeat(25));
        let expected = format!("  1:03.2  \u{2192}        POST {path}  200   4 ms  gather action\n");
        assert_eq!(write_step(&step, Style::PLAIN), expected);
    }

    #[test]
    fn colour_surrounds_the_words_only_when_asked_for() {
        let error = Step { code: Some(11200), ..step(Kind::Error, Actor::Carrier, "no answer") };
        assert_eq!(write_step(&error, Style::PLAIN), "  1:03.2  error    11200 no answer\n");
        let coloured = write_step(&error, Style { coloured: true, width: 80 });
        assert_eq!(coloured, "  1:03.2  \u{1b}[31merror    11200 no answer\u{1b}[0m\n");
    }
}
