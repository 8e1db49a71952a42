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
/// Columns before a remark.
const REMARK: usize = 10;
/// Columns for what a request was about; the longest is `recording status, in-progress`.
const ABOUT: usize = 30;

/// One step as one or more lines, each with its line feed.
#[must_use]
pub fn write_step(step: &Step, style: Style) -> String {
    let time = clock(step.at_ms);
    let width = style.width.saturating_sub(MARGIN).max(30);
    let (who, text) = match (&step.request, step.kind) {
        (Some(request), _) => ("\u{2192}", describe(request, width)),
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
    let lines: Vec<_> = if step.request.is_some() { vec![text] } else { wrap(&text, width).collect() };
    for (row, line) in lines.into_iter().enumerate() {
        let _ = match row {
            0 => writeln!(out, "{time:>8}  {colour}{who:<7}  {line}{reset}"),
            _ => writeln!(out, "{:MARGIN$}{colour}{line}{reset}", ""),
        };
    }
    out
}

/// The last line of a call.
#[must_use]
pub fn summary(report: &Report, style: Style) -> String {
    let verdict = if report.went_through { "went through" } else { "did NOT go through" };
    let mut text = format!("{verdict}: {}, {} after {} s", report.ended, report.status, report.duration_s);
    for dialled in &report.dialled {
        let _ = write!(text, "; {} {}", dialled.to, dialled.status);
    }
    for recorded in report.recordings.iter().filter(|recorded| !recorded.absent) {
        let _ = write!(text, "; recorded {} s", recorded.seconds);
    }
    remark(&text, style)
}

/// Something about a call that belongs to no moment of it.
#[must_use]
pub fn remark(text: &str, style: Style) -> String {
    wrap(text, style.width.saturating_sub(REMARK).max(30)).map(|line| format!("{:REMARK$}{line}\n", "")).collect()
}

/// `1:03.2`
fn clock(ms: u64) -> String {
    format!("{}:{:02}.{}", ms / 60_000, ms / 1000 % 60, ms / 100 % 10)
}

/// What it was about, the status, the time, and as much of the path as there is room for: its state can be long and
/// says little to a reader.
fn describe(request: &RequestLine, width: usize) -> String {
    let about = request.about.as_ref().map_or_else(String::new, |about| format!(", {about}"));
    let about = format!("{}{about}", request.purpose);
    let status = request.status.map_or_else(|| "---".to_owned(), |status| status.to_string());
    let tried = if request.attempts > 1 { format!("tried {} times  ", request.attempts) } else { String::new() };
    let text = format!("{about:<ABOUT$}  {status} {:>4.0} ms  {tried}", request.ms);
    let path = request.url.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
    let target = match request.copy_same {
        Some(true) => "again: the same answer".to_owned(),
        Some(false) => "again: ANOTHER answer".to_owned(),
        None => format!("{} {}", request.method, path.unwrap_or(&request.url)),
    };
    let room = width.saturating_sub(text.chars().count()).max(20);
    if target.chars().count() <= room {
        return text + &target;
    }
    text + &target.chars().take(room - 1).collect::<String>() + "\u{2026}"
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
            about: Some("2".to_owned()),
            method: "POST",
            url: format!("https://voice.example.net/twilio/dtmf?v=1&n={}", "2".repeat(60)),
            status: Some(200),
            ms: 4.2,
            attempts: 1,
            copy_same: None,
            twiml: None,
        };
        let step = Step { request: Some(request), ..step(Kind::Request, Actor::Carrier, "") };
        let about = "gather action, 2".to_owned() + &" ".repeat(16);
        let target = format!("POST /twilio/dtmf?v=1&n={}\u{2026}", "2".repeat(11));
        let expected = format!("  1:03.2  \u{2192}        {about}200    4 ms  {target}\n");
        assert_eq!(write_step(&step, Style::PLAIN), expected);
        assert_eq!(expected.trim_end().chars().count(), Style::PLAIN.width);
    }

    #[test]
    fn colour_surrounds_the_words_only_when_asked_for() {
        let error = Step { code: Some(11200), ..step(Kind::Error, Actor::Carrier, "no answer") };
        assert_eq!(write_step(&error, Style::PLAIN), "  1:03.2  error    11200 no answer\n");
        let coloured = write_step(&error, Style { coloured: true, width: 80 });
        assert_eq!(coloured, "  1:03.2  \u{1b}[31merror    11200 no answer\u{1b}[0m\n");
    }
}
