//! Rows of TOML.

use crate::config::file::literal;
use crate::config::text::{Part, Text, is_marked};
use std::fmt::Write;
use toml::Value;

/// A text under construction.
#[derive(Default)]
pub(super) struct Rows(pub(super) String);

impl Rows {
    /// `[name]` or `[[name]]`, with an empty row before it.
    pub(super) fn header(&mut self, header: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.put(header, "");
    }

    /// `key = value`; the value is TOML already.
    pub(super) fn row(&mut self, key: &str, value: impl std::fmt::Display) {
        self.put(key, &format!(" = {value}"));
    }

    pub(super) fn text(&mut self, key: &str, text: &str) {
        self.row(key, quoted(text));
    }

    pub(super) fn spoken(&mut self, key: &str, text: &Text) {
        self.row(key, spoken(text));
    }

    fn put(&mut self, start: &str, end: &str) {
        // Writing to a String cannot fail.
        _ = writeln!(self.0, "{start}{end}");
    }
}

/// A text as TOML writes it, on one row, with `${` protected from expansion.
pub(super) fn quoted(text: &str) -> String {
    let escaped = literal(text).chars().fold(String::new(), |mut out, c| {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => _ = write!(out, "\\u{:04X}", u32::from(c)),
            c => out.push(c),
        }
        out
    });
    format!("\"{escaped}\"")
}

/// What a caller hears, as the file writes it.
pub(super) fn spoken(text: &Text) -> String {
    match text.languages() {
        None => parts(text.parts()),
        Some(languages) => {
            let each = languages.iter().map(|(tag, written)| format!("{tag} = {}", parts(written)));
            format!("{{ {} }}", each.collect::<Vec<_>>().join(", "))
        }
    }
}

fn parts(written: &[Part]) -> String {
    match written {
        [] => quoted(""),
        [one] => part(one),
        several => list(several.iter().map(part)),
    }
}

fn part(part: &Part) -> String {
    match part {
        Part::Words(words) if is_marked(words) => format!("{{ words = {} }}", quoted(words)),
        Part::Words(words) => quoted(words),
        Part::Marked { source, .. } => quoted(source),
        Part::Sound { sound, words } => format!("{{ file = {}, text = {} }}", quoted(&sound.file), quoted(words)),
    }
}

/// A list of values that are TOML already.
pub(super) fn list(values: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", values.into_iter().collect::<Vec<_>>().join(", "))
}

/// A key: bare where TOML allows it.
pub(super) fn key(text: &str) -> String {
    let bare = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if bare { text.to_owned() } else { Value::from(text).to_string() }
}
